"""What the three layout programs take and give: sizes, points, curves."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from autovis.viz.scene import Graph, Region

__all__ = [
    "FRAME",
    "GAP",
    "MARGIN",
    "Curve",
    "Placement",
    "Point",
    "Size",
    "Sketch",
    "Spacing",
    "UnavailableError",
    "around",
    "hop",
    "levels",
    "nesting",
    "ports",
    "rooms",
    "spacing",
    "straight",
    "turned",
    "twins",
]

Point = tuple[float, float]
Curve = tuple[Point, ...]
"""Cubic Bézier pieces joined end to end: 3n + 1 points."""

MARGIN: Final = 16
"""Empty border of the picture, in pixels."""

GAP: Final = 26
"""Least distance between neighbours of one rank, in pixels."""

RANK_GAP: Final = 44
"""Least distance between two ranks when no gradient travels between them, in pixels."""


FRAME: Final = 18
"""Distance of a region's frame from its members, and from the frames inside, in pixels."""

TOKEN_ROOM: Final = 28
"""Line that stays visible beside a gradient on its way, arrow head included, in pixels."""

WIDE: Final = 44
"""Width of a token that has no room beside another one where lines part, in pixels."""

ROWS: Final = 4
"""Rows of tokens that there is room for where lines part."""

PARALLEL: Final = 26
"""Distance between two lines that join the same two elements, in pixels."""


class UnavailableError(RuntimeError):
    """A layout program that is missing, hangs, fails or answers nonsense."""


class Size(NamedTuple):
    """The room that an element takes, in pixels.

    Attributes:
        width: of everything, attached parts included; what is drawn is centred in it.
        height: of everything.
        rise: from the top down to the level at which links arrive: the middle of the body.
    """

    width: float
    height: float
    rise: float


@dataclass(frozen=True, slots=True)
class Sketch:
    """What a layout program answers, before margins.

    Attributes:
        elements: by id, the point that links aim at; x grows to the right, y grows downwards.
        links: by id, curves from the source's point to the target's.
    """

    elements: Mapping[str, Point]
    links: Mapping[str, Curve]


@dataclass(frozen=True, slots=True)
class Placement:
    """Where everything goes, in pixels from the top left corner.

    Attributes:
        width, height: of the picture.
        elements: by id, the middle of the element's body. Attached parts hang below it (see `Size.rise`).
        links: by id, cubic Bézier points from middle to middle; `draw` cuts them off at the borders.
        regions: by id, left, top, width and height of the frame.
        backend: `dot`, `wasi` or `layered`.
        direction: `LR` or `TB`.
        sizes: what the layout was made for.
    """

    width: float
    height: float
    elements: Mapping[str, Point]
    links: Mapping[str, Curve]
    regions: Mapping[str, tuple[float, float, float, float]]
    backend: str
    direction: str
    sizes: Mapping[str, Size]


class Spacing(NamedTuple):
    """Distances for one picture: `gap` inside a rank, `rank` between ranks, in pixels."""

    gap: float
    rank: float


def nesting(regions: Sequence[Region]) -> list[int]:
    """Say in which other region each one lies, by number: the smallest one around it; -1 for none.

    >>> nesting([Region("r1", "module", "net", ("a", "b", "c")), Region("r2", "module", "net.0", ("a", "b"))])
    [-1, 0]
    """
    members = [frozenset(region.members) for region in regions]
    order = {at: (len(held), -at) for at, held in enumerate(members)}  # of equal ones the first lies outside
    return [
        min(
            (other for other in order if order[other] > order[at] and held <= members[other]),
            key=order.__getitem__,
            default=-1,
        )
        for at, held in enumerate(members)
    ]


def around(regions: Sequence[Region]) -> dict[str, tuple[int, ...]]:
    """Say which regions lie around each element, by number, the outermost first; elements outside are left out."""
    inner = nesting(regions)
    depth = [0] * len(regions)
    for at in range(len(regions)):
        outer = inner[at]
        while outer >= 0:
            depth[at] += 1
            outer = inner[outer]
    found: dict[str, list[int]] = defaultdict(list)
    for at in sorted(range(len(regions)), key=depth.__getitem__):
        for id in regions[at].members:
            found[id].append(at)
    return {id: tuple(path) for id, path in found.items()}


def levels(regions: Sequence[Region]) -> list[int]:
    """Say of each region how many frames lie inside of it, one in the other."""
    outer, found = nesting(regions), [0] * len(regions)
    for at in sorted(range(len(regions)), key=lambda at: (len(frozenset(regions[at].members)), -at)):
        if outer[at] >= 0:
            found[outer[at]] = max(found[outer[at]], found[at] + 1)
    return found


def spacing(graph: Graph) -> Spacing:
    """Choose the distances: links that fan out or in need longer slopes."""
    starts, ends = Counter(link.source for link in graph.links), Counter(link.target for link in graph.links)
    fan = max((*starts.values(), *ends.values()), default=1)
    return Spacing(GAP, RANK_GAP + 10 * min(fan - 1, 2))


def rooms(graph: Graph, rank: Mapping[str, int], sizes: Mapping[str, Size], direction: str) -> dict[int, float]:
    """Say how wide the gap behind a rank must be for the gradients that travel there (links have sizes, too).

    In pictures that run down, wide ones that meet at one element stand in rows.
    """
    side = 0 if direction == "LR" else 1
    found: dict[int, float] = {}
    meet = Counter(end for link in graph.links if link.id in sizes for end in (link.source, link.target))
    for link in graph.links:
        start = rank[link.source]
        if link.id in sizes and rank[link.target] == start + 1:
            size = sizes[link.id]
            crowd = max(meet[link.source], meet[link.target]) if direction == "TB" and size.width > WIDE else 1
            rows = min(crowd, ROWS)
            found[start] = max(found.get(start, 0), rows * size[side] + TOKEN_ROOM)
    return found


def ports(graph: Graph, levels: Mapping[str, float], sizes: Mapping[str, Size], direction: str) -> dict[str, float]:
    """Say for every link how far beside its target's point it arrives, across the direction of the picture.

    Links into one element arrive beside each other in the order in which they come: no arrow head hides another.

    Args:
        graph: what is laid out.
        levels: by link, where it comes from, across.
        sizes: of the elements.
        direction: `LR` or `TB`.
    """
    arriving = defaultdict(list)
    for link in graph.links:
        arriving[link.target].append(link)
    found: dict[str, float] = {}
    for target, links in arriving.items():
        links.sort(key=lambda link: (levels[link.id], link.slot))
        size = sizes[target]
        reach = 0.6 * (size.rise if direction == "LR" else min(size.rise, size.width / 2))
        step = min(14.0, 2 * reach / max(len(links) - 1, 1))
        found |= {link.id: step * (at - (len(links) - 1) / 2) for at, link in enumerate(links)}
    return found


def twins(graph: Graph) -> dict[str, float]:
    """Say for every link how far it bends aside; links that join the same two elements part in the middle."""
    same = defaultdict(list)
    for link in graph.links:
        same[link.source, link.target].append(link.id)
    return {id: PARALLEL * (at - (len(ids) - 1) / 2) for ids in same.values() for at, id in enumerate(ids)}


def hop(start: Point, end: Point, leave: float, reach: float, aside: float = 0) -> Curve:
    """Run level from a start to `leave`, curve over to `reach`, and run level to the end; points are (along, across).

    Elements stand before `leave` and behind `reach` only, so the curve between meets none.
    """
    (_, level), (_, target) = start, end
    half, bulge = (leave + reach) / 2, aside * 4 / 3
    bend = ((half, level + bulge), (half, target + bulge))
    return (*straight(start, (leave, level)), *bend, *straight((reach, target), end))


def turn(point: Point) -> Point:
    """Swap along and across: (x, y) when the picture runs left to right, (y, x) when it runs top to bottom."""
    return point[1], point[0]


def turned(sketch: Sketch) -> Sketch:
    """Swap along and across everywhere."""
    return Sketch(
        {id: turn(point) for id, point in sketch.elements.items()},
        {id: tuple(map(turn, curve)) for id, curve in sketch.links.items()},
    )


def straight(start: Point, end: Point) -> Curve:
    """Write a straight line as a Bézier curve."""
    (x0, y0), (x1, y1) = start, end
    return start, ((2 * x0 + x1) / 3, (2 * y0 + y1) / 3), ((x0 + 2 * x1) / 3, (y0 + 2 * y1) / 3), end
