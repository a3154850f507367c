"""How links are drawn: a line from border to border, its end marks, its hooks, and the token that travels on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from math import hypot
from typing import Final

from autovis.viz import theme as looks
from autovis.viz.anatomy import LINE, Anatomy
from autovis.viz.curves import Curve, Inside, Point, along, flat, length, trim_end, trim_start
from autovis.viz.layout import Placement
from autovis.viz.layout.geometry import ROWS
from autovis.viz.markup import path, text, triangle
from autovis.viz.measure import PILL, clean, escape, width
from autovis.viz.scene import Change, Link
from autovis.viz.shapes import SHAPES, number

__all__ = ["hook_room", "link_svg", "pill", "shares"]

ARROW = 10
"""Length of an arrow head, in pixels."""

MIDDLE: Final = 0.5
"""Where on the bend of its line a token stands."""

FIRST, LAST = 0.14, 0.86
"""Where the rows begin and end in which tokens stand that would overlap side by side."""


def pill(content: str) -> float:
    """Return the width of a token."""
    return max(width(content, "token") + 2 * PILL["pad"], PILL["height"])


def shares(links: Sequence[Link], placement: Placement) -> dict[str, float]:
    """Say where on its line each token stands; in pictures that run down, neighbours make way for each other."""
    found = {link.id: MIDDLE for link in links}
    beside = defaultdict(list)
    for link in links if placement.direction == "TB" else ():
        if link.id in placement.sizes:
            beside[link.source].append(link.id)
            beside[link.target].append(link.id)
    spots = {id: along(bend(placement.links[id])) for ids in beside.values() for id in ids}
    for ids in beside.values():
        ids.sort(key=spots.__getitem__)
        room = {id: placement.sizes[id].width for id in ids}
        if any(spots[b][0] - spots[a][0] < (room[a] + room[b]) / 2 + 4 for a, b in pairwise(ids)):
            rows = min(len(ids), ROWS)
            steps = {id: (at % rows) / (rows - 1) for at, id in enumerate(ids) if found[id] == MIDDLE}
            found |= {id: FIRST + step * (LAST - FIRST) for id, step in steps.items()}
    return found


def standing(curve: Curve, share: float) -> Point:
    """Return where a token stands: in the middle of a line, or in its row, so far down."""
    if share == MIDDLE:
        return along(curve)
    points = flat(curve)
    level = points[0][1] + share * (points[-1][1] - points[0][1])
    return min(points, key=lambda point: abs(point[1] - level))


def bend(curve: Curve) -> Curve:
    """Return the part of a curve where links to the same element have parted."""
    return curve[3:-3] if len(curve) > 9 else curve


def link_svg(
    link: Link,
    placement: Placement,
    bodies: Mapping[str, Anatomy],
    change: Change,
    hooks: Sequence[str],
    *,
    share: float,
    active: bool,
) -> str:
    """Draw one link: its line, its end marks, its hooks, and the token of the gradient that travels on it."""
    curve = placement.links[link.id]
    line = trim_start(curve, outline(link.source, placement, bodies))
    line = trim_end(line, outline(link.target, placement, bodies))
    token = clean(str(change.get("token") or ""))
    states = {
        link.role: True,
        "hidden": change.get("visible") is False,
        "ghost": link.ghost,
        "active": active,
        "carrying": bool(token),
    }
    classes = " ".join(["link", *(escape(name) for name, holds in states.items() if holds)])
    taken = sum(hook_room(hook, placement.direction) for hook in hooks)
    spot = along(line, max(0.5 - taken / 2 / (length(line) or 1), 0)) if hooks else standing(bend(curve), share)
    parts = "".join(link_parts(link, line, spot, token, placement.direction))
    parts += "".join(hooks_svg(hooks, line, placement.direction))
    return f'<g class="{classes}" data-id="{escape(link.id)}">{parts}</g>'


def link_parts(link: Link, line: Curve, spot: Point, token: str, direction: str) -> Iterator[str]:
    """Draw the parts of a link along a line that runs from border to border."""
    ends = looks.LINKS[link.role].head
    if ends == "bar":
        yield path("bar", bar(line[-1], direction))
        line = trim_end(line, near(line[-1], 3))
    if ends == "":
        yield path("line", curve_path(line))
        return
    if ends != "back":
        yield arrow("forth", line)
    if ends != "bar":
        yield arrow("back", line[::-1])
    x, y = spot
    wide, high = pill(token), PILL["height"]
    yield (
        f'<g data-slot="token" transform="translate({number(x)} {number(y)})">'
        f'<rect class="pill" x="{number(-wide / 2)}" y="{number(-high / 2)}" width="{number(wide)}" height="{high}"'
        f' rx="{number(high / 2)}"/>{text("", 0, 5, token, "middle")}</g>'
    )


def hook_room(hook: str, direction: str) -> float:
    """Return how much of a link a hook takes: its word stands above it, or beside it on a link that runs down."""
    return width(looks.HOOKS[hook], "small") + 6 if direction == "LR" else LINE


def hooks_svg(hooks: Sequence[str], line: Curve, direction: str) -> Iterator[str]:
    """Draw the hooks of a link from its target on, each with its word."""
    whole = length(line) or 1
    left = whole - ARROW
    for hook in hooks:
        room, word = hook_room(hook, direction), looks.HOOKS[hook]
        x, y = along(line, max(left - room / 2, 0) / whole)
        left -= room
        wide = width(word, "small")
        at, level = (x - wide / 2, y - 11) if direction == "LR" else (x + 11, y + 4)
        plate = f'x="{number(at - 2)}" y="{number(level - 11)}" width="{number(wide + 4)}" height="14"'
        yield f'<rect class="plate" {plate}/>'
        yield triangle(x, y) + text("", at, level, word, classes="word")


def outline(id: str, placement: Placement, bodies: Mapping[str, Anatomy]) -> Inside:
    """Return the test whether a point lies on an element or on what hangs below it."""
    x, y = placement.elements[id]
    body = bodies[id]
    holds = SHAPES[looks.ROLES[body.roles[0]].shape].holds
    parts = body.parts

    def inside(point: Point) -> bool:
        dx, dy = point[0] - x, point[1] - y
        return holds(dx, dy, body.width + 2, body.height + 2) or any(
            box.x <= dx <= box.x + box.width and box.y - 4 <= dy <= box.y + box.height for box in parts
        )

    return inside


def near(tip: Point, reach: float = ARROW) -> Inside:
    """Return the test whether a point is where the arrow head goes."""
    return lambda point: hypot(point[0] - tip[0], point[1] - tip[1]) < reach


def arrow(way: str, line: Curve) -> str:
    """Draw a line with a head at its end; `way` is `forth` for values, `back` for gradients."""
    tip, shaft = line[-1], trim_end(line, near(line[-1]))
    base = shaft[-1]
    dx, dy = tip[0] - base[0], tip[1] - base[1]
    scale = ARROW * 0.45 / (hypot(dx, dy) or 1)
    corners = ((base[0] - dy * scale, base[1] + dx * scale), tip, (base[0] + dy * scale, base[1] - dx * scale))
    head = "M" + " L".join(f"{number(x)} {number(y)}" for x, y in corners) + " z"
    return path(f"line {way}", curve_path(shaft)) + path(f"head {way}", head)


def bar(tip: Point, direction: str) -> str:
    """Draw the bar behind an arrow, as on a diode: forwards only."""
    x, y = tip
    if direction == "LR":
        return f"M {number(x - 1.5)} {number(y - 6)} v 12"
    return f"M {number(x - 6)} {number(y - 1.5)} h 12"


def curve_path(curve: Curve) -> str:
    """Write a Bézier curve as path data."""
    points = [f"{number(x)} {number(y)}" for x, y in curve]
    return f"M{points[0]} C{' '.join(points[1:])}"
