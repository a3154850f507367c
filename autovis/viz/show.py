"""`show`, `play` and `outline`: from tensors and tapes to pictures, films and text."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from itertools import chain
from types import FrameType
from typing import Any

from autovis.bridge.mirror import Mirror
from autovis.names import is_tensor, named, variables
from autovis.past import key_of, node_of
from autovis.tape import Tape
from autovis.viz import frames
from autovis.viz import outline as text
from autovis.viz.scene import Film, Graph
from autovis.viz.snapshot import Sketch, sketch

__all__ = ["film", "graph", "outline", "sketched"]


def graph(*tensors: Any, title: str = "", frame: FrameType | None = None) -> Graph:
    """Return the graph behind tensors, as plain data; arguments as in `sketched`."""
    return sketched(*tensors, title=title, frame=frame or sys._getframe(1)).graph


def sketched(*tensors: Any, title: str = "", frame: FrameType | None = None) -> Sketch:
    """Return the graph behind tensors, and where in it they are.

    Args:
        *tensors: the results to start from, of ours or of PyTorch's.
        title: of the picture.
        frame: where variables are looked up; the caller's unless given.

    Raises:
        TypeError: if something is no tensor.
    """
    mirror = Mirror()
    roots = mirror.adopt(tensors)
    for root in roots:
        if not is_tensor(root):
            raise no_tensor(root)
    names: dict[int, str] = {}
    makers: dict[tuple[int, int], str] = {}
    live = []
    spaces = variables(frame or sys._getframe(1))
    for name, tensor in chain(named(*spaces), mirror.named(*spaces)):
        live.append(tensor)
        node = node_of(tensor)
        if node is not None:
            makers.setdefault((node.number, tensor._port), name)
        else:
            names.setdefault(key_of(tensor), name)
    drawn = sketch(roots, names, makers, live, title)
    return drawn._replace(find=lambda thing: drawn.find(mirror.ours(thing)))


def no_tensor(thing: Any) -> TypeError:
    """Say that a picture cannot start from something, and from what it can."""
    cure = "pass the result, as in show(loss)"
    if callable(getattr(type(thing), "named_parameters", None)):
        cure = "a module has no graph until it is called: show(model(x))"
    elif isinstance(thing, Tape):
        cure = "a tape has a film: play(tape)"
    elif isinstance(thing, Iterable) and not isinstance(thing, str):
        cure = "pass its tensors one by one: show(*losses)"
    return TypeError(f"a picture starts from tensors, not from {type(thing).__name__}; {cure}")


def film(tape: Tape, title: str = "") -> Film:
    """Return the film of a tape, as plain data.

    Raises:
        TypeError: if it is no tape.
    """
    if not isinstance(tape, Tape):
        raise TypeError(
            f"a film is made of a tape, not of {type(tape).__name__}; record one: with av.record() as tape: ..."
        )
    return frames.film(tape, title)


def outline(what: Any, *more: Any) -> str:
    """Return a picture or a film as plain text: what a screen reader should hear.

    Args:
        what: a tensor, a tape, a `Graph` or a `Film`.
        *more: further tensors.
    """
    if isinstance(what, Graph):
        return text.outline(what)
    if isinstance(what, Film):
        return text.film(what)
    if isinstance(what, Tape):
        return text.film(film(what))
    return text.outline(graph(what, *more, frame=sys._getframe(1)))
