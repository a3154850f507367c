"""`show`, `play` and `outline`: from tensors and tapes to pictures, films and text."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from types import FrameType
from typing import Any

from autovis.bridge.mirror import Mirror
from autovis.graph import ancestors
from autovis.names import homes, is_tensor, named, variables
from autovis.past import key_of, node_of
from autovis.tape import Tape
from autovis.viz import frames
from autovis.viz import outline as text
from autovis.viz.cures import no_result, no_tape, no_tensor
from autovis.viz.fold import Fold, Folding
from autovis.viz.scene import Film, Graph
from autovis.viz.snapshot import Sketch, sketch
from autovis.viz.vast import VAST, Naming, Vast

__all__ = ["film", "folding", "graph", "outline", "sketched"]


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
    roots, mirror, naming = looked_up(tensors, frame or sys._getframe(1))
    drawn = sketch(roots, naming.names, naming.makers, naming.live(), title, naming.owners)
    return drawn._replace(find=lambda thing: drawn.find(mirror.ours(thing)))


def folding(*tensors: Any, title: str = "", fold: Fold = None, frame: FrameType | None = None) -> Folding | Vast:
    """Return the graph behind tensors, ready to be folded; arguments as in `sketched`.

    What is large and asked for folded is described only as far as it is seen.
    """
    roots, mirror, naming = looked_up(tensors, frame or sys._getframe(1))
    count = sum(1 for _ in islice(ancestors([node for node in map(node_of, roots) if node is not None]), VAST + 1))
    if count > VAST and fold is not False:
        return Vast(roots, naming, title, mirror)
    drawn = sketch(roots, naming.names, naming.makers, naming.live(), title, naming.owners)
    return Folding(Film(drawn.graph, ()))


def looked_up(tensors: Iterable[Any], frame: FrameType) -> tuple[list[Any], Mirror, Naming]:
    """Return tensors of ours for some, what stands for whom, and what the variables of running code call things."""
    mirror = Mirror()
    roots = mirror.adopt(tensors)
    if not roots:
        raise no_result()
    for root in roots:
        if not is_tensor(root):
            raise no_tensor(root)
    names: dict[int, str] = {}
    makers: dict[tuple[int, int], str] = {}
    live = []
    spaces = variables(frame)
    for name, tensor in chain(named(*spaces), mirror.named(*spaces)):
        live.append(weakref.ref(tensor))
        node = node_of(tensor)
        if node is not None:
            makers.setdefault((node.number, tensor._port), name)
        else:
            names.setdefault(key_of(tensor), name)
    paths, kinds = homes(*spaces)

    def alive() -> Iterator[Any]:
        return (tensor for reference in live if (tensor := reference()) is not None)

    owners = {key_of(tensor): paths[id(tensor)] for tensor in alive() if id(tensor) in paths} | mirror.owners(paths)
    return roots, mirror, Naming(names, makers, alive, (owners, kinds))


def film(tape: Tape | None = None, title: str = "") -> Film:
    """Return the film of a tape, as plain data.

    Raises:
        TypeError: if it is no tape.
    """
    if not isinstance(tape, Tape):
        raise no_tape(tape)
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
