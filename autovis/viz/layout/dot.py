"""Layout by Graphviz: it receives boxes without text and answers coordinates.

Names in the DOT text are numbered here (`n0`, `l0`), so nothing that a user wrote can reach Graphviz, and no font is
ever measured: the same boxes give nearly the same picture on every machine.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

from graphviz import Digraph

from autovis.viz.layout.geometry import (
    FRAME,
    GAP,
    Curve,
    Point,
    Size,
    Sketch,
    UnavailableError,
    hop,
    nesting,
    ports,
    rooms,
    spacing,
    straight,
    turned,
    twins,
)
from autovis.viz.scene import Graph

__all__ = ["TIMEOUT", "joined", "sketch", "source", "understand"]

TIMEOUT: Final = 5.0
"""Seconds after which `dot` counts as hanging."""

Strip = tuple[float, float]
"""Where a rank begins and where it ends, along."""

HANG: Final = 10
"""How far what hangs below an element may reach into the gap, in pixels: the gap is wide enough."""

POINTS: Final = 72
"""Graphviz's points in an inch; one point is one pixel here."""

failed: set[str] = set()
"""Paths of `dot` programs that failed in this process: a hanging one costs its timeout once."""


def sketch(graph: Graph, sizes: Mapping[str, Size], direction: str) -> Sketch:
    """Lay out by the `dot` program.

    Raises:
        UnavailableError: if there is none, or if it hangs, fails or answers nonsense.
    """
    program = shutil.which("dot")
    if program is None or program in failed:
        raise UnavailableError("no working `dot` program on the PATH")
    try:
        drawing = understand(run(program, source(graph, sizes, direction)), graph)
    except UnavailableError:
        failed.add(program)
        raise
    return joined(drawing, graph, sizes, direction)


def source(graph: Graph, sizes: Mapping[str, Size], direction: str) -> str:
    """Write the DOT text: fixed boxes, clusters for regions, links that run from side to side.

    >>> from autovis.viz.scene import Element
    >>> text = source(Graph((Element("t1", "leaf", '"];x['),), ()), {"t1": Size(72, 36, 18)}, "LR")
    >>> print(text.expandtabs(4), end="")
    digraph {
        graph [nodesep=0.361 rankdir=LR ranksep=0.611]
        node [fixedsize=true label="" shape=box]
        edge [arrowhead=none headport=w tailport=e]
        n0 [height=0.500 width=1.000]
    }
    """
    gap, rank = spacing(graph)
    leave, arrive = ("e", "w") if direction == "LR" else ("s", "n")
    drawing = Digraph(
        graph_attr={"rankdir": direction, "nodesep": inches(gap), "ranksep": inches(rank)},
        node_attr={"shape": "box", "fixedsize": "true", "label": ""},
        edge_attr={"arrowhead": "none", "tailport": leave, "headport": arrive},
    )
    names = {element.id: f"n{at}" for at, element in enumerate(graph.elements)}
    for id, name in names.items():
        drawing.node(name, width=inches(sizes[id].width), height=inches(room(sizes[id], direction)))
    clusters(drawing, graph, names)
    for at, link in enumerate(graph.links):
        weight = {"weight": "4"} if link.role == "store" else {}
        drawing.edge(names[link.source], names[link.target], id=f"l{at}", **weight)
    text: str = drawing.source
    return text


def room(size: Size, direction: str) -> float:
    """Return the height of the box that Graphviz keeps free; it puts the middle where the body's is."""
    hangs = size.height - 2 * size.rise  # how much further down it reaches than up
    return size.height + (max(hangs - HANG, 0) if direction == "LR" else 0)


def clusters(drawing: Digraph, graph: Graph, names: Mapping[str, str]) -> None:
    """Write each region as a cluster, inside that of the region that it lies in."""
    outer = nesting(graph.regions)

    def write(into: Digraph, parent: int) -> None:
        for at, region in enumerate(graph.regions):
            if outer[at] == parent:
                with into.subgraph(name=f"cluster{at}", graph_attr={"margin": str(FRAME)}) as cluster:
                    write(cluster, at)
                    for id in region.members:
                        cluster.node(names[id])

    write(drawing, -1)


def inches(points: float) -> str:
    """Write a length as Graphviz wants it."""
    return f"{points / POINTS:.3f}"


def run(program: str, text: str) -> str:
    """Give a text to `dot` and return its answer, within `TIMEOUT` seconds."""
    try:
        process = subprocess.Popen(  # noqa: S603 (a program that `which` found; the text goes through a pipe)
            [program, "-Tjson0"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:  # Pyodide has no processes at all
        raise UnavailableError(f"`dot` cannot be started: {error}") from error
    try:
        answer, _ = process.communicate(text.encode(), timeout=TIMEOUT)
    except subprocess.TimeoutExpired as error:
        stop(process)
        raise UnavailableError(f"`dot` gave no answer within {TIMEOUT:g} seconds") from error
    except OSError as error:
        stop(process)
        raise UnavailableError(f"`dot` stopped listening: {error}") from error
    if process.returncode:
        raise UnavailableError(f"`dot` failed with status {process.returncode}")
    return answer.decode(errors="replace")


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a program and what it started; a child that survives would hold the pipe open."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    process.wait()


def understand(answer: str, graph: Graph) -> Sketch:
    """Read Graphviz's JSON.

    Raises:
        UnavailableError: if it is not JSON, or something is missing in it.
    """
    try:
        drawing = json.loads(answer)
        elements = {thing["name"]: upright(pair(thing["pos"])) for thing in drawing["objects"] if "pos" in thing}
        curves = {link["id"]: curve(link) for link in drawing.get("edges", ())}
        middles = {element.id: elements[f"n{at}"] for at, element in enumerate(graph.elements)}
        links = {link.id: curves[f"l{at}"] for at, link in enumerate(graph.links)}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnavailableError("Graphviz answered something that is not a layout") from error
    return Sketch(middles, links)


def curve(link: Mapping[str, Any]) -> Curve:
    """Read the Bézier points of a link; a curve is 3n + 1 points."""
    points = tuple(upright(pair(text)) for text in link["pos"].split())
    if len(points) < 4 or len(points) % 3 != 1:
        raise ValueError(link["pos"])
    return points


def joined(drawing: Sketch, graph: Graph, sizes: Mapping[str, Size], direction: str) -> Sketch:
    """Lead curves on from the sides of boxes to the middles, where smaller shapes may stand.

    Graphviz lets all links into an element end in one point; here they are spread (see `geometry.ports`). It winds
    links between neighbouring ranks in ways that a plain bend does better, so only the longer ones keep its curves.
    """
    level = drawing if direction == "LR" else turned(drawing)
    rank, strips = ranks(level, sizes, direction)
    level, strips = stretched(level, strips, rooms(graph, rank, sizes, direction))
    near = {link.id for link in graph.links if rank[link.target] == rank[link.source] + 1}
    levels = {
        link.id: level.elements[link.source][1] if link.id in near else level.links[link.id][-3][1]
        for link in graph.links
    }
    beside, aside = ports(graph, levels, sizes, direction), twins(graph)
    links = {}
    for link in graph.links:
        start, (along, across) = level.elements[link.source], level.elements[link.target]
        end, number = (along, across + beside[link.id]), rank[link.source]
        if link.id in near:
            links[link.id] = hop(start, end, strips[number][1], strips[number + 1][0], aside[link.id])
        else:
            links[link.id] = lead(start, level.links[link.id], end)
    found = Sketch(level.elements, links)
    return found if direction == "LR" else turned(found)


def ranks(level: Sketch, sizes: Mapping[str, Size], direction: str) -> tuple[dict[str, int], list[Strip]]:
    """Find out on which rank Graphviz put each element, and where the strips of the ranks begin and end."""
    columns: dict[int, list[str]] = defaultdict(list)
    for id, (along, _) in level.elements.items():
        columns[round(along)].append(id)
    rank: dict[str, int] = {}
    strips = []
    for number, (_, members) in enumerate(sorted(columns.items())):
        rank |= dict.fromkeys(members, number)
        starts, ends = zip(*(extent(level.elements[id][0], sizes[id], direction) for id in members), strict=True)
        strips.append((min(starts), max(ends)))
    return rank, strips


def stretched(level: Sketch, strips: list[Strip], room: Mapping[int, float]) -> tuple[Sketch, list[Strip]]:
    """Widen the gaps between ranks where gradients, or what hangs below, need more room than Graphviz left."""
    shift, shifts = 0.0, []
    for number, (start, _) in enumerate(strips):
        if number:
            shift += max(room.get(number - 1, GAP) - (start - strips[number - 1][1]), 0)
        shifts.append(shift)
    starts = [start for start, _ in strips]

    def moved(point: Point) -> Point:
        along, across = point
        at = max(bisect_right(starts, along) - 1, 0)
        over = along - strips[at][1]
        if over <= 0 or at + 1 == len(strips):
            return along + shifts[at], across
        share = over / (starts[at + 1] - strips[at][1])
        return along + shifts[at] + share * (shifts[at + 1] - shifts[at]), across

    wide = Sketch(
        {id: moved(point) for id, point in level.elements.items()},
        {id: tuple(map(moved, curve)) for id, curve in level.links.items()},
    )
    return wide, [(start + shift, end + shift) for (start, end), shift in zip(strips, shifts, strict=True)]


def extent(along: float, size: Size, direction: str) -> tuple[float, float]:
    """Return where an element begins and ends, along."""
    before, whole = (size.width / 2, size.width) if direction == "LR" else (size.rise, size.height)
    return along - before, along - before + whole


def lead(start: Point, points: Curve, end: Point) -> Curve:
    """Lengthen a curve at both ends, and shift its last bend to the level of its new end."""
    *body, bend, last = points
    shift = end[1] - last[1]
    body += [(bend[0], bend[1] + shift), (last[0], end[1])]
    return (*straight(start, points[0]), *body[1:], *straight(body[-1], end)[1:])


def pair(text: str) -> Point:
    """Read `x,y`."""
    x, y = text.split(",")
    return float(x), float(y)


def upright(point: Point) -> Point:
    """Turn Graphviz's upward y axis downwards."""
    return point[0], -point[1]
