"""Write a placed graph as SVG: the one drawing that widget, page, PNG and film strip share.

With `theme="css"` the text holds classes and no colour, and the page's style sheet (`theme.stylesheet`) paints it; with
`light` or `dark` the same rules stand inside, with their colours, on opaque paper. The player changes classes and the
text of slots, nothing else; `METRICS` tells it how wide its texts are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

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
from autovis.viz.curves import Point
from autovis.viz.layout import Placement, Size
from autovis.viz.markup import path, text, triangle
from autovis.viz.measure import METRICS, PILL, clean, columns, escape, shorten, width
from autovis.viz.scene import Change, Element, Graph, Region
from autovis.viz.shapes import SCISSORS, SHAPES, note, number
from autovis.viz.strokes import hook_room, link_svg, pill, shares

__all__ = ["METRICS", "sizes", "svg"]

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
    spots = shares(graph.links, placement)
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
                    link,
                    placement,
                    bodies,
                    now.get(link.id, {}),
                    hooks.get(link.id, ()),
                    share=spots[link.id],
                    active=link.id in active[1],
                )
                for link in links
            ),
            "</g>",
            "</svg>",
        ]
    )


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
            halo(body),
            *(body_svg(role, body) for role in body.roles),
            *slots_svg(element, body),
            tray_svg(body, body.tray, tray) if body.tray else "",
            notes_svg(element, body, body.notes) if body.notes else "",
            *(marks_svg(element.marks, hooks, body.marks) if body.marks else ()),
            problem_svg(element.problem, body.problem) if body.problem else "",
            "</g>",
        ]
    )


def halo(body: Anatomy) -> str:
    """Draw what glows around an element when something happens there: its outline, and that of the sheets behind it."""
    shapes = SHAPES[looks.ROLES[body.roles[0]].shape].paths(body.width, body.height)
    return path("halo", " ".join(data for name, data in shapes if name in ("shape", "shape sheet")))


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


def problem_svg(lines: Sequence[str], box: Box) -> str:
    """Draw the card that says what went wrong."""
    texts = "".join(
        text("", box.x + 10, box.y + LINE * (at + 1), line, longest=columns(line)) for at, line in enumerate(lines)
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
