"""A small layered layout that is always there.

Five steps, after Sugiyama: give every element a rank; put a way point on every rank that a long link passes; order the
ranks so that few links cross; choose positions that keep links straight; bend curves through the way points. *Along* is
the direction of the ranks (x when the picture runs left to right), *across* the other one.

All steps take time in proportion to the elements and links, apart from sorting.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from autovis.viz.layout.geometry import (
    FRAME,
    Curve,
    Size,
    Sketch,
    around,
    hop,
    levels,
    ports,
    rooms,
    spacing,
    straight,
    turned,
    twins,
)
from autovis.viz.scene import Graph, Region

__all__ = ["passed", "sketch"]

SWEEPS: Final = 8
"""Passes over the ranks, there and back, when ordering and when straightening."""

SWAPPED: Final = 1500
"""Places (elements and way points) beyond which neighbours are not swapped one by one."""

WAYPOINTS: Final = 4
"""Way points per element that are affordable; the longest links beyond that fly straight."""


@dataclass(slots=True)
class Place:
    """An element, or a way point of a long link, while its place is being found.

    Attributes:
        rank: number of its rank.
        before, after: extent along, on both sides of its point.
        above, below: extent across, on both sides of its point.
        regions: numbers of the regions around it, the outermost first.
        back, forth: places on the rank before and the rank after that it is joined to.
        order: its index within its rank.
        across: its position.
    """

    rank: int
    before: float = 0
    after: float = 0
    above: float = 3
    below: float = 3
    regions: tuple[int, ...] = ()
    waypoint: bool = True
    back: list[Place] = field(default_factory=list, repr=False)
    forth: list[Place] = field(default_factory=list, repr=False)
    order: int = 0
    across: float = 0


Ranks = list[list[Place]]


def sketch(graph: Graph, sizes: Mapping[str, Size], direction: str) -> Sketch:
    """Lay out without any other program; never fails."""
    places = elements(graph, sizes, direction)
    chains = waypoints(graph, places)
    ranks = rows(places, chains)
    gap, rank_gap = spacing(graph)
    arrange(ranks)
    straighten(ranks, gap)
    part_regions(ranks, graph.regions)
    rank = {id: place.rank for id, place in places.items()}
    columns = stations(ranks, rank_gap, rooms(graph, rank, sizes, direction))
    middles = {id: (columns[place.rank].middle, place.across) for id, place in places.items()}
    arrivals = ports(graph, {id: chain[-2].across for id, chain in chains.items()}, sizes, direction)
    aside = twins(graph)
    curves = {id: route(chain, columns, arrivals[id], aside[id]) for id, chain in chains.items()}
    found = Sketch(middles, curves)
    return found if direction == "LR" else turned(found)


# Ranks


def elements(graph: Graph, sizes: Mapping[str, Size], direction: str) -> dict[str, Place]:
    """Make a place for every element, on the rank where it belongs."""
    inside = around(graph.regions)
    places = {}
    for id, rank in rank_of(graph).items():
        half, (_, height, rise) = sizes[id].width / 2, sizes[id]
        along, across = ((half, half), (rise, height - rise))
        if direction == "TB":
            along, across = across, along
        places[id] = Place(rank, *along, *across, regions=inside.get(id, ()), waypoint=False)
    return places


def rank_of(graph: Graph) -> dict[str, int]:
    """Rank by the longest way from a start, then pull everything that is used up to its first user.

    Without the second step all leaves would stand in the first column, far from the operations that read them.
    """
    users: dict[str, list[str]] = {element.id: [] for element in graph.elements}
    for link in graph.links:
        users[link.source].append(link.target)
    rank = dict.fromkeys(users, 0)
    order = topological(users)
    for id in order:
        for user in users[id]:
            rank[user] = max(rank[user], rank[id] + 1)
    for id in reversed(order):
        rank[id] = min((rank[user] - 1 for user in users[id] if rank[user] > rank[id]), default=rank[id])
    return rank


def passed(graph: Graph) -> int:
    """Count the ranks that links pass on their way: every layered layout, Graphviz's too, pays for each of them."""
    rank = rank_of(graph)
    return sum(max(rank[link.target] - rank[link.source] - 1, 0) for link in graph.links)


def topological(users: Mapping[str, Sequence[str]]) -> list[str]:
    """List inputs before users. A cycle cannot happen in a recorded graph; its members would be left out."""
    waiting: dict[str, int] = defaultdict(int)
    for id in users:
        for user in users[id]:
            waiting[user] += 1
    order = [id for id in users if not waiting[id]]
    for id in order:  # grows while it is read
        for user in users[id]:
            waiting[user] -= 1
            if not waiting[user]:
                order.append(user)
    return order


def waypoints(graph: Graph, places: Mapping[str, Place]) -> dict[str, list[Place]]:
    """Give every link its chain of places, with way points on the ranks between, as long as they are affordable."""
    budget = WAYPOINTS * len(places) + 40
    chains: dict[str, list[Place]] = {}
    for link in sorted(graph.links, key=lambda link: places[link.target].rank - places[link.source].rank):
        start, end = places[link.source], places[link.target]
        between = range(start.rank + 1, end.rank)
        shared = tuple(at for at in start.regions if at in end.regions)
        budget -= len(between)
        chain = [start, *(Place(rank, regions=shared) for rank in between), end] if budget >= 0 else [start, end]
        if start.rank < end.rank and (budget >= 0 or not between):
            for here, there in pairwise(chain):
                here.forth.append(there)
                there.back.append(here)
        chains[link.id] = chain
    return {link.id: chains[link.id] for link in graph.links}


def rows(places: Mapping[str, Place], chains: Mapping[str, list[Place]]) -> Ranks:
    """Collect the places rank by rank, in the order in which a walk along the links meets them.

    Walking keeps what belongs together near each other from the start, which the sweeps then only refine.
    """
    ranks: Ranks = [[] for _ in range(1 + max((place.rank for place in places.values()), default=0))]
    seen: set[int] = set()
    for first in [place for place in places.values() if not place.back]:
        waiting = [first]
        while waiting:
            place = waiting.pop()
            if id(place) not in seen:
                seen.add(id(place))
                ranks[place.rank].append(place)
                waiting.extend(reversed(place.forth))
    missed = [place for chain in chains.values() for place in chain if id(place) not in seen]
    for place in (*missed, *places.values()):
        if id(place) not in seen:
            seen.add(id(place))
            ranks[place.rank].append(place)
    return ranks


# Order within ranks


def arrange(ranks: Ranks) -> None:
    """Order every rank so that few links cross; keep the best order that was seen."""
    for row in ranks:
        number(row)
    if any(place.regions for row in ranks for place in row):
        sweep(ranks, forwards=True)  # also where nothing crosses, the members of a region stand together
    best, fewest = [list(row) for row in ranks], crossings(ranks)
    for turn in range(SWEEPS):
        if not fewest:
            break
        sweep(ranks, forwards=turn % 2 == 0)
        found = crossings(ranks)
        if found < fewest:
            best, fewest = [list(row) for row in ranks], found
    for row, order in zip(ranks, best, strict=True):
        row[:] = order
        number(row)


def sweep(ranks: Ranks, *, forwards: bool) -> None:
    """Order every rank by the one before it or after it; in small graphs, then try every swap of neighbours."""
    for row in ranks if forwards else reversed(ranks):
        gather(row, forwards)
    if sum(map(len, ranks)) <= SWAPPED:
        for row in ranks:
            swap(row)


def number(row: list[Place]) -> None:
    """Tell the places of a rank their index."""
    for at, place in enumerate(row):
        place.order = at


def gather(row: list[Place], forwards: bool) -> None:
    """Sort a rank by the mean position of its neighbours on one side; members of a region stay together."""
    wish = {}
    for place in row:
        near = place.back if forwards else place.forth
        wish[id(place)] = sum(other.order for other in near) / len(near) if near else float(place.order)
    groups: dict[int, list[float]] = defaultdict(list)
    for place in row:
        for region in place.regions:
            groups[region].append(wish[id(place)])
    middle = {region: sum(wishes) / len(wishes) for region, wishes in groups.items()}
    row.sort(key=lambda place: (*((middle[region], region) for region in place.regions), (wish[id(place)], -1)))
    number(row)


def swap(row: list[Place]) -> None:
    """Swap neighbours where that saves crossings."""
    for at in range(len(row) - 1):
        first, second = row[at], row[at + 1]
        if first.regions != second.regions:
            continue
        now, then = (tangled(*pair, "back") + tangled(*pair, "forth") for pair in ((first, second), (second, first)))
        if then < now:
            row[at], row[at + 1] = second, first
            first.order, second.order = at + 1, at


def tangled(first: Place, second: Place, side: str) -> int:
    """Count the crossings of two places' links on one side, if `first` stands before `second`."""
    ends: list[Place] = getattr(first, side)
    others: list[Place] = getattr(second, side)
    return sum(1 for end in ends for other in others if end.order > other.order)


def crossings(ranks: Ranks) -> int:
    """Count all crossings: inversions among the ends of links that are sorted by their starts."""
    total = 0
    for row in ranks:
        ends = [end for place in row for end in sorted(other.order for other in place.forth)]
        total += inversions(ends)
    return total


def inversions(numbers: Sequence[int]) -> int:
    """Count the pairs that stand in the wrong order, with a binary indexed tree.

    >>> inversions([2, 0, 1])
    2
    """
    tree = [0] * (max(numbers, default=0) + 2)
    total = 0
    for seen, value in enumerate(numbers):
        at, smaller = value + 1, 0
        while at:
            smaller += tree[at]
            at -= at & -at
        total += seen - smaller
        at = value + 1
        while at < len(tree):
            tree[at] += 1
            at += at & -at
    return total


# Positions


def straighten(ranks: Ranks, gap: float) -> None:
    """Choose positions across: every place wants to be level with its neighbours, nobody may overlap."""
    for row in ranks:
        settle(row, gap, [0.0] * len(row), [1.0] * len(row))
    for turn in range(2 * SWEEPS):
        last = turn >= 2 * SWEEPS - 4
        for row in ranks if turn % 2 == 0 else reversed(ranks):
            wishes, weights = zip(*(wish(place, turn % 2 == 0, last) for place in row), strict=True)
            settle(row, gap, wishes, weights)


def wish(place: Place, forwards: bool, both: bool) -> tuple[float, float]:
    """Return where a place would like to be, and how much."""
    near = [*place.back, *place.forth] if both else place.back if forwards else place.forth
    if not near:
        return place.across, 0.1
    weights = [insistence(place, other) for other in near]
    total = sum(weights)
    return sum(weight * other.across for weight, other in zip(weights, near, strict=True)) / total, total


def insistence(place: Place, other: Place) -> float:
    """Say how much two joined places want to be level: way points most, then what has nobody else on that side."""
    if place.waypoint and other.waypoint:
        return 20
    first, second = (place, other) if place.rank < other.rank else (other, place)
    return 4 if len(first.forth) == len(second.back) == 1 else 1


def settle(row: list[Place], gap: float, wishes: Sequence[float], weights: Sequence[float]) -> None:
    """Put a rank's places nearest to their wishes without overlap: a regression that merges blocks.

    Source: pool adjacent violators (Barlow and others, *Statistical Inference under Order Restrictions*).
    """
    offsets = [0.0]
    for first, second in pairwise(row):
        offsets.append(offsets[-1] + first.below + distance(first, second, gap) + second.above)
    blocks: list[tuple[float, float, int]] = []  # mean, weight, members
    for wanted, insistence, offset in zip(wishes, weights, offsets, strict=True):
        mean, weight, members = wanted - offset, insistence, 1
        while blocks and blocks[-1][0] > mean:
            other, mass, count = blocks.pop()
            mean = (mean * weight + other * mass) / (weight + mass)
            weight, members = weight + mass, members + count
        blocks.append((mean, weight, members))
    means = [mean for mean, _, members in blocks for _ in range(members)]
    for place, mean, offset in zip(row, means, offsets, strict=True):
        place.across = mean + offset


def distance(first: Place, second: Place, gap: float) -> float:
    """Return the least distance of two neighbours; lines may pass closer than elements, frames need more room."""
    room = gap if not (first.waypoint and second.waypoint) else gap / 2
    return room if first.regions == second.regions else room + gap


def part_regions(ranks: Ranks, regions: Sequence[Region]) -> None:
    """Push strangers out of the rectangle that a region's frame will take, the innermost frames first."""
    held = levels(regions)
    for region in sorted(range(len(regions)), key=held.__getitem__):
        members = [place for row in ranks for place in row if region in place.regions]
        if not members:
            continue
        room = 12 + FRAME * (1 + held[region])
        top = min(place.across - place.above for place in members) - room
        bottom = max(place.across + place.below for place in members) + room
        middle = (top + bottom) / 2
        for row in ranks[min(place.rank for place in members) : max(place.rank for place in members) + 1]:
            inside = [place.order for place in row if region in place.regions]
            split = inside[0] if inside else sum(place.across < middle for place in row)
            above, below = row[:split], row[inside[-1] + 1 if inside else split :]
            rise = max((place.across + place.below - top for place in above), default=0)
            sink = max((bottom - place.across + place.above for place in below), default=0)
            for place in above:
                place.across -= max(rise, 0)
            for place in below:
                place.across += max(sink, 0)


# Curves


@dataclass(frozen=True, slots=True)
class Station:
    """The strip of one rank: where it starts, where its points lie, where it ends, all along."""

    start: float
    middle: float
    end: float


def stations(ranks: Ranks, gap: float, room: Mapping[int, float]) -> list[Station]:
    """Put the ranks one after the other; crowded gaps are wider, so that their curves are not too steep."""
    found: list[Station] = []
    end = -gap
    for at, row in enumerate(ranks):
        spread = max((abs(place.across - other.across) for place in row for other in place.back), default=0)
        start = end + max(gap + min(spread / 8, gap), room.get(at - 1, 0))
        middle = start + max((place.before for place in row), default=0)
        end = middle + max((place.after for place in row), default=0)
        found.append(Station(start, middle, end))
    return found


def route(chain: Sequence[Place], columns: Sequence[Station], arrival: float, aside: float) -> Curve:
    """Bend a link through its chain: level inside the strips, where elements stand, and curved between them."""
    first, last = chain[0], chain[-1]
    start, end = ((columns[place.rank].middle, place.across) for place in (first, last))
    end = end[0], end[1] + arrival
    if first.rank >= last.rank or (len(chain) == 2 and last.rank > first.rank + 1):
        return straight(start, end)
    curve: Curve = (start,)
    for here, there in pairwise(chain):
        target = end if there is last else (columns[there.rank].middle, there.across)
        curve += hop(curve[-1], target, columns[here.rank].end, columns[there.rank].start, aside)[1:]
    return curve
