"""Write a placed graph as SVG: the one drawing that widget, page, PNG and film strip share.

With `theme="css"` the text holds classes and no colour, and the page's style sheet (`theme.stylesheet`) paints it; with
`light` or `dark` the same rules stand inside, with their colours, on opaque paper. The player changes classes and the
text of slots, nothing else; `METRICS` tells it how wide its texts are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from math import hypot

from autovis.viz import theme as looks
from autovis.viz.anatomy import (
    LINE,
    Anatomy,
    Box,
    anatomy,
    collect,
    mark_text,
    note_text,
    perches,
    shown,
    stamp_text,
    version_text,
)
from autovis.viz.curves import Curve, Inside, Point, along, length, trim_end, trim_start
from autovis.viz.layout import Placement, Size
from autovis.viz.measure import LONGEST, METRICS, PILL, clean, escape, shorten, width
from autovis.viz.scene import Change, Element, Graph, Link, Region
from autovis.viz.shapes import SCISSORS, SHAPES, note, number

__all__ = ["METRICS", "sizes", "svg"]

ARROW = 10
"""Length of an arrow head, in pixels."""

State = Mapping[str, Change]
"""What differs from the graph, by id; one item of `Film.states()`."""


def sizes(graph: Graph, states: Iterable[State] = ()) -> dict[str, Size]:
    """Measure every element over all states, and the token of every link that ever carries one.

    Args:
        graph: what will be drawn.
        states: of a film; whole ones or the frames' deltas.

    Returns:
        By id, sizes in pixels, for `layout.place`.
    """
    texts, hooks = collect(states), perches(graph)
    found = {
        element.id: anatomy(element, texts.get(element.id, {}), hooks.get(element.id, ())).size
        for element in graph.elements
    }
    for link in graph.links:
        tokens = [text for text in texts.get(link.id, {}).get("token", ()) if text]
        perch = hooks.get(link.id, ())
        if tokens or perch:
            wide = max(map(pill, tokens), default=0) + sum(hook_room(hook, "LR") for hook in perch)
            high = PILL["height"] * bool(tokens) + sum(hook_room(hook, "TB") for hook in perch)
            found[link.id] = Size(wide, high, high / 2)
    return found


def svg(
    graph: Graph,
    placement: Placement,
    state: State | None = None,
    *,
    states: Iterable[State] = (),
    active: tuple[str, Collection[str]] = ("", ()),
    theme: str = "light",
    title: str = "",
    description: str = "",
) -> str:
    """Draw a graph.

    Args:
        graph: what is drawn.
        placement: where; made from the sizes of the same graph and states.
        state: what differs from the graph now; None for a still picture.
        states: all states of the film, as given to `sizes`.
        active: id of the element and ids of the links in which something happens now.
        theme: `light` or `dark`, with colours inside; `css` for classes only.
        title: what a screen reader calls the picture; by default the graph's title.
        description: what a screen reader says about it.

    Returns:
        A well-formed `<svg>` element as text.

    Raises:
        ValueError: if there is no such theme.
    """
    if theme not in ("light", "dark", "css"):
        raise ValueError(f"unknown theme {theme!r}: choose light, dark or css")
    now, texts, hooks = state or {}, collect(states), perches(graph)
    bodies = {
        element.id: anatomy(element, texts.get(element.id, {}), hooks.get(element.id, ())) for element in graph.elements
    }
    # A line must not cross out the number on another one: what carries a gradient is painted last.
    links = sorted(graph.links, key=lambda link: (bool(now.get(link.id, {}).get("token")), link.id in active[1]))
    style = "" if theme == "css" else f"<style>{looks.rules(theme)}</style>"
    wide, high = number(placement.width), number(placement.height)
    frame = f'viewBox="0 0 {wide} {high}" width="{wide}" height="{high}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="autovis-picture" role="img" {frame}>',
            f"<title>{escape(title or graph.title)}</title><desc>{escape(description)}</desc>{style}",
            f'<rect class="card" width="{wide}" height="{high}"/>',
            *regions_svg(graph.regions, placement, now),
            *(
                element_svg(
                    element,
                    bodies[element.id],
                    placement.elements[element.id],
                    now,
                    active[0],
                    hooks.get(element.id, ()),
                    live=state is not None,
                )
                for element in graph.elements
            ),
            '<g class="links">',
            *(
                link_svg(
                    link, placement, bodies, now.get(link.id, {}), hooks.get(link.id, ()), active=link.id in active[1]
                )
                for link in links
            ),
            "</g>",
            "</svg>",
        ]
    )


def text(
    slot: str, x: float, y: float, content: str, anchor: str = "start", *, classes: str = "", longest: int = LONGEST
) -> str:
    """Write one text; it is escaped and cut short here."""
    named = f' data-slot="{slot}"' if slot else ""
    styled = f' class="{classes}"' if classes else ""
    aligned = "" if anchor == "start" else f' text-anchor="{anchor}"'
    shown = escape(shorten(clean(content), longest))
    return f'<text{named}{styled} x="{number(x)}" y="{number(y)}"{aligned}>{shown}</text>'


def path(classes: str, data: str) -> str:
    """Write one path."""
    return f'<path class="{classes}" d="{data}"/>'


def pill(content: str) -> float:
    """Return the width of a token."""
    return max(width(content, "token") + 2 * PILL["pad"], PILL["height"])


# Elements


def element_svg(
    element: Element, body: Anatomy, at: Point, now: State, active: str, hooks: Sequence[str], *, live: bool
) -> str:
    """Draw one element in its present state, with the hooks that hang below it."""
    change = now.get(element.id, {})
    element = shown(element, change)
    states = {
        element.role: True,
        "hidden": change.get("visible") is False,
        "ghost": element.ghost,
        "active": element.id == active or "why" in element.marks,
        f"saved-{element.saved}": bool(element.notes and element.saved),
    }
    classes = " ".join(["element", *(escape(name) for name, holds in states.items() if holds)])
    tray = str(change.get("tray") or (f"0 of {element.senders}" if live else f"of {element.senders}"))
    place = f'transform="translate({number(at[0])} {number(at[1])})"'
    return "".join(
        [
            f'<g class="{classes}" data-id="{escape(element.id)}" {place}>',
            tooltip(element),
            path("halo", SHAPES[looks.ROLES[body.roles[0]].shape].paths(body.width, body.height)[0][1]),
            *(body_svg(role, body) for role in body.roles),
            *slots_svg(element, body),
            tray_svg(body, body.tray, tray) if body.tray else "",
            notes_svg(element, body, body.notes) if body.notes else "",
            *(marks_svg(element.marks, hooks, body.marks) if body.marks else ()),
            problem_svg(element.problem, body.problem) if body.problem else "",
            "</g>",
        ]
    )


def tooltip(element: Element) -> str:
    """Write what pointing at an element shows: the sentence about it, and texts that are cut short on the picture."""
    lines = [element.about, *(word for word in (element.label, element.value) if shorten(clean(word)) != clean(word))]
    lines = [line for line in lines if line]
    return f"<title>{escape(' · '.join(lines))}</title>" if lines else ""


def body_svg(role: str, body: Anatomy) -> str:
    """Draw the border of one role, and its tag; the other roles of the film are not displayed."""
    look = looks.ROLES[role]
    shapes = [path(name, data) for name, data in SHAPES[look.shape].paths(body.width, body.height)]
    if look.shape == "diamond":
        shapes.append(path("scissors", SCISSORS))
    tag = body.slots.get("tag")
    if tag and look.tag:
        shapes.append(text("tag", tag.x, tag.y, look.tag, tag.anchor))
    return f'<g class="body {role}">{"".join(shapes)}</g>'


def slots_svg(element: Element, body: Anatomy) -> Iterator[str]:
    """Write the texts of an element."""
    if body.rule is not None:
        half = body.width / 2 - 5
        yield path("slot-rule", f"M {number(-half)} {number(body.rule)} h {number(2 * half)}")
    contents = {
        "label": element.label,
        "shape": element.shape,
        "value": element.value,
        "version": version_text(element.version),
        "grad-word": ".grad",
        "grad": element.grad,
    }
    for name, content in contents.items():
        if name in body.slots:
            slot = body.slots[name]
            yield text(name, slot.x, slot.y, content, slot.anchor, classes=f"size-{slot.size}" if slot.size else "")


def tray_svg(body: Anatomy, box: Box, content: str) -> str:
    """Draw the fan-in tray."""
    word, total = body.slots["tray-word"], body.slots["tray-text"]
    split = 2 * word.x - box.x
    cells = (
        f"M {number(box.x)} {number(box.y)} h {number(box.width)} v {number(box.height)} h {number(-box.width)} z"
        f" M {number(split)} {number(box.y)} v {number(box.height)}"
    )
    texts = text("", word.x, word.y, looks.PARTS["tray"].word, "middle", classes="word")
    texts += text("tray-text", total.x, total.y, content, "middle")
    return f'<g data-slot="tray">{path("tray", cells)}{texts}</g>'


def notes_svg(element: Element, body: Anatomy, box: Box) -> str:
    """Draw the note of what is saved."""
    names, word = body.slots["notes"], body.slots["saved"]
    sheet = (
        f'<path class="note" transform="translate({number(box.x)} {number(box.y)})" d="{note(box.width, box.height)}"/>'
    )
    state = looks.SAVED[element.saved].word if element.saved in looks.SAVED else element.saved
    return (
        f'<g data-slot="notes">{sheet}{text("", names.x, names.y, note_text(element), classes="word")}'
        f"{text('saved', word.x, word.y, state)}"
        f"{text('stamp', body.slots['stamp'].x, body.slots['stamp'].y, stamp_text(element), 'end')}</g>"
    )


def marks_svg(marks: Sequence[str], hooks: Sequence[str], box: Box) -> Iterator[str]:
    """Write further words, then hooks: those have the only triangle of the picture."""
    for at, mark in enumerate(marks):
        yield text("", 0, box.y + LINE * at + 13, mark_text(mark), "middle", classes="word")
    for at, hook in enumerate(hooks, len(marks)):
        word = looks.HOOKS[hook]
        left = -(width(word, "small") + 18) / 2
        yield triangle(left + 6, box.y + LINE * at + 9)
        yield text("", left + 18, box.y + LINE * at + 13, word, classes="word")


def triangle(x: float, y: float) -> str:
    """Draw the mark of a hook around a point."""
    return path("hook", f"M {number(x - 6)} {number(y - 6)} h 12 l -6 11 z")


def problem_svg(lines: Sequence[str], box: Box) -> str:
    """Draw the card that says what went wrong."""
    texts = "".join(
        text("", box.x + 10, box.y + LINE * (at + 1), line, longest=len(line)) for at, line in enumerate(lines)
    )
    frame = f'x="{number(box.x)}" y="{number(box.y)}" width="{number(box.width)}" height="{number(box.height)}"'
    return f'<g data-slot="problem"><rect class="problem" {frame} rx="4"/>{texts}</g>'


def regions_svg(regions: Sequence[Region], placement: Placement, now: State) -> Iterator[str]:
    """Draw the frames, larger ones first; every device has a hatch of its own."""
    devices = list(dict.fromkeys(region.label for region in regions if region.role == "device"))
    drawn = [region for region in regions if region.id in placement.regions]
    for region in sorted(drawn, key=lambda region: -len(region.members)):
        slope = 0 if region.role != "device" else 1 - 2 * (devices.index(region.label) % 2)
        yield region_svg(
            region, placement.regions[region.id], slope, hidden=now.get(region.id, {}).get("visible") is False
        )


def region_svg(region: Region, place: tuple[float, float, float, float], slope: int, *, hidden: bool) -> str:
    """Draw the frame around a region, with its word on the border; with a slope, hatch it."""
    x, y, wide, high = place
    word = width(region.label, "small")
    lines = path("hatch", hatch(x, y, wide, high, slope)) if slope else ""
    return (
        f'<g class="region {escape(region.role)}{" hidden" if hidden else ""}" data-id="{escape(region.id)}">{lines}'
        f'<rect class="frame" x="{number(x)}" y="{number(y)}" width="{number(wide)}" height="{number(high)}" rx="12"/>'
        f'<rect class="plate" x="{number(x + 14)}" y="{number(y - 9)}" width="{number(word + 12)}" height="18"/>'
        f"{text('', x + 20, y + 4, region.label, classes='word')}</g>"
    )


def hatch(x: float, y: float, wide: float, high: float, slope: int, step: float = 9) -> str:
    """Draw slanting lines through a rectangle: `slope` 1 rises to the right, -1 falls."""
    lines = []
    for at in range(1, int((wide + high) / step) + 1):
        along = at * step
        left, right = max(along - high, 0), min(along, wide)
        top, bottom = along - left, along - right
        if slope < 0:
            left, right = wide - left, wide - right
        lines.append(f"M {number(x + left)} {number(y + top)} L {number(x + right)} {number(y + bottom)}")
    return " ".join(lines)


# Links


def link_svg(
    link: Link,
    placement: Placement,
    bodies: Mapping[str, Anatomy],
    change: Change,
    hooks: Sequence[str],
    *,
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
    clear = along(curve[3:-3] if len(curve) > 9 else curve)  # where links to the same element have parted
    spot = along(line, max(0.5 - taken / 2 / (length(line) or 1), 0)) if hooks else clear
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
