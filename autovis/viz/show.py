"""`show`, `play` and `outline`: from tensors and tapes to pictures, films and text."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

from autovis.names import named, variables
from autovis.past import key_of, node_of
from autovis.tape import Tape
from autovis.viz import frames
from autovis.viz import outline as text
from autovis.viz.scene import Film, Graph
from autovis.viz.snapshot import snapshot

__all__ = ["film", "graph", "outline"]


def graph(*tensors: Any, title: str = "", frame: FrameType | None = None) -> Graph:
    """Return the graph behind tensors, as plain data.

    Args:
        *tensors: the results to start from.
        title: of the picture.
        frame: where variables are looked up; the caller's unless given.

    Raises:
        TypeError: if something is no tensor.
    """
    for tensor in tensors:
        if not hasattr(type(tensor), "__apply__"):
            raise TypeError(
                f"a picture starts from tensors, not from {type(tensor).__name__}; pass the result, as in show(loss)"
            )
    names: dict[int, str] = {}
    makers: dict[tuple[int, int], str] = {}
    live = []
    for name, tensor in named(*variables(frame or sys._getframe(1))):
        live.append(tensor)
        node = node_of(tensor)
        if node is not None:
            makers.setdefault((node.number, tensor._port), name)
        else:
            names.setdefault(key_of(tensor), name)
    return snapshot(tensors, names, makers, live, title)


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
