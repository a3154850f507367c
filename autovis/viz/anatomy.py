"""What is written where on one element: the rows inside its body, and the parts that hang below.

Everything is measured over all states of a film, so that a box never grows while the film plays.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final, NamedTuple

from autovis.viz.layout.geometry import Size
from autovis.viz.measure import columns, width
from autovis.viz.scene import Change, Element, Graph
from autovis.viz.shapes import SHAPES
from autovis.viz.theme import HOOKS, PARTS, ROLES, SAVED

__all__ = [
    "LINE",
    "Anatomy",
    "Box",
    "Slot",
    "Texts",
    "anatomy",
    "collect",
    "mark_text",
    "note_text",
    "perches",
    "shown",
    "stamp_text",
    "version_text",
]

Texts = Mapping[str, Mapping[str, list[str]]]
"""By id, then by property: every text that is ever shown there."""

SYMBOLS: Final = frozenset({"op", "acc", "cut", "storage", "error"})
"""Roles that carry one centred word instead of rows."""

LINE: Final = 17
"""Distance between the lines of a text in several, in pixels."""

SHORT: Final = 3
"""Columns up to which an operation's symbol stands in a circle."""

SPACE: Final = 8
"""Least distance between two texts in a row, in pixels."""


class Slot(NamedTuple):
    """A place for a text: where its baseline lies, relative to the middle of the body, how it is aligned, how large.

    `size` is a key of `measure.SIZES` where it is not the usual one for that slot.
    """

    x: float
    y: float
    anchor: str = "middle"
    size: str = ""


class Box(NamedTuple):
    """A rectangle: left, top, width and height, relative to the middle of the body."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Anatomy:
    """One element, measured.

    Attributes:
        roles: every role that it has in the film, the first one first.
        width, height: of the body.
        slots: by name, where texts go.
        rule: height of the line above the ledger slot; None without one.
        caption, tray, notes, marks, problem: parts below the body; None where there are none.
        size: of everything.
    """

    roles: tuple[str, ...]
    width: float
    height: float
    slots: Mapping[str, Slot]
    rule: float | None
    caption: Box | None
    tray: Box | None
    notes: Box | None
    marks: Box | None
    problem: Box | None
    size: Size

    @property
    def parts(self) -> list[Box]:
        """What hangs below the body."""
        return [box for box in (self.caption, self.tray, self.notes, self.marks, self.problem) if box]


def collect(states: Iterable[Mapping[str, Change]]) -> Texts:
    """List by id and property what a film writes; states may be whole or deltas."""
    texts: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for state in states:
        for id, change in state.items():
            for name, value in change.items():
                texts[id][name].append(str(value))
    return texts


def shown(element: Element, change: Change) -> Element:
    """Return the element as it is in one state of a film.

    >>> shown(Element("t1", "leaf", "x", grad="None"), {"grad": "6", "tray": "2 + 4 = 6"}).grad
    '6'
    """
    fields = {name: getattr(element, name) for name in Element.__slots__}
    return Element(**fields | {name: value for name, value in change.items() if name in fields})


def perches(graph: Graph) -> dict[str, tuple[str, ...]]:
    """Say by id on which link each hook sits; one that finds no link there sits below its own element.

    A gradient passes the hooks of a value, then the prehooks of what made it, on its way there or to the accumulator.
    """
    arrive, leave = defaultdict(list), defaultdict(list)
    for link in graph.links:
        arrive[link.target].append(link)
        leave[link.source].append(link)
    found: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for element in graph.elements:
        for hook in element.hooks:
            near = arrive[element.id] if hook == "tensor" else leave[element.id] if hook == "pre" else []
            ways = sorted(
                (link for link in near if link.role in ("data", "store")), key=lambda link: link.role != "store"
            )
            found[ways[0].id if ways else element.id] += (hook,)
    return found


def anatomy(element: Element, texts: Mapping[str, list[str]], hooks: Iterable[str] = ()) -> Anatomy:
    """Measure an element over everything that is ever written on it.

    Args:
        element: what is measured.
        texts: by property, everything that a film writes there.
        hooks: the triangles that hang below it.
    """
    roles = tuple(dict.fromkeys((element.role, *texts.get("role", ()))))
    shapes = [SHAPES[ROLES[role].shape] for role in roles]
    pad = max(shape.pad[0] for shape in shapes), max(shape.pad[1] for shape in shapes)
    body = symbol(element, pad) if element.role in SYMBOLS else rows(element, texts, roles, pad)
    width, height, slots, rule = 2 * ceil(body[0] / 2), 2 * ceil(body[1] / 2), dict(body[2]), body[3]
    margin = max(shape.margin for shape in shapes)
    caption, bottom = caption_box(element, height / 2, slots)
    tray, bottom = tray_box(element, texts, bottom, slots)
    notes, bottom = notes_box(element, bottom, slots)
    marks, bottom = marks_box((*map(mark_text, element.marks), *(HOOKS[hook] for hook in hooks)), bottom)
    problem, bottom = problem_box(element, bottom)
    hanging = [box.width for box in (caption, tray, notes, marks, problem) if box]
    whole = Size(max(width + 2 * margin, *hanging, 0), height / 2 + bottom + 2 * margin, height / 2 + margin)
    return Anatomy(roles, width, height, slots, rule, caption, tray, notes, marks, problem, whole)


Body = tuple[float, float, Mapping[str, Slot], float | None]


def symbol(element: Element, pad: tuple[float, float]) -> Body:
    """Measure what carries one centred word: a circle, a drum, a stop sign; a cut carries scissors instead."""
    if element.role == "cut":
        return 54, 54, {}, None
    if element.role == "storage":
        return width(element.label, "small") + 2 * pad[0], 24, {"label": Slot(0, 4, size="small")}, None
    if element.role == "error":
        tag = width(ROLES["error"].tag, "small")
        wide = max(width(element.label, "label"), tag) + 2 * pad[0]
        return wide, 52, {"label": Slot(0, -1), "tag": Slot(0, 15)}, None
    short = columns(element.label) <= SHORT
    kind = "symbol" if element.role == "op" and short else "label" if element.role == "op" else "grad"
    wide = max(width(element.label, kind) + 2 * pad[0], 40)
    if element.problem:  # becomes a stop sign, with its word
        wide = max(wide, width(ROLES["error"].tag, "small") + 2 * pad[0])
        return wide, wide if short else 52, {"label": Slot(0, 2, size=kind), "tag": Slot(0, 18)}, None
    if element.role == "acc":
        return wide, 40, {"label": Slot(0, 8, size=kind)}, None
    return (
        wide + (0 if short else 14),
        max(wide, 40) if short else 40,
        {"label": Slot(0, 6 if short else 5, size=kind)},
        None,
    )


def rows(element: Element, texts: Mapping[str, list[str]], roles: Iterable[str], pad: tuple[float, float]) -> Body:
    """Measure a value: name, shape and tag in the first row, the value in the second, the ledger slot in the third."""
    label, shape = width(element.label, "label"), width(element.shape, "small")
    tag = max(width(ROLES[role].tag, "small") for role in roles)
    values = [element.value, *texts.get("value", ())]
    grads = [element.grad, *texts.get("grad", ())]
    version = max(element.version, *map(int, texts.get("version", ())), 0)
    value = max(width(text, "value") for text in values) + (2 * (width(f"v{version}", "small") + 5) if version else 0)
    ledger = width(".grad ", "grad") + max(width(text, "grad") for text in grads) if any(grads) else 0
    head = sum(part + SPACE for part in (label, shape, tag) if part) - SPACE
    inner = max(head, value, ledger, 30)
    height = 20 + (20 if value else 0) + (22 if ledger else 0)
    left, right, top = -inner / 2, inner / 2, -height / 2
    slots = {"label": Slot(left, top + 15, "start"), "tag": Slot(right, top + 15, "end")}
    if shape:
        slots["shape"] = Slot(left + (label + SPACE if label else 0), top + 15, "start")
    if not label and not shape:
        slots["tag"] = Slot(0, top + 15)
    if value:
        slots["value"] = Slot(0, top + 35)
        slots["version"] = Slot(right, top + 35, "end")
    if ledger:
        slots["grad-word"] = Slot(left, height / 2 - 4, "start")
        slots["grad"] = Slot(left + width(".grad ", "grad"), height / 2 - 4, "start")
    return inner + 2 * pad[0], height + 2 * pad[1], slots, height / 2 - 20 if ledger else None


def caption_box(element: Element, bottom: float, slots: dict[str, Slot]) -> tuple[Box | None, float]:
    """Put the words of a cut below its diamond: its tag, and its label if that says more."""
    if element.role != "cut":
        return None, bottom
    tag = width(ROLES["cut"].tag, "small")
    label = width(element.label, "label") + SPACE if element.label not in ("", ROLES["cut"].tag) else 0
    left = -(tag + label) / 2
    slots["tag"] = Slot(left, bottom + 14, "start")
    if label:
        slots["label"] = Slot(left + tag + SPACE, bottom + 14, "start")
    return Box(left, bottom, tag + label, 20), bottom + 20


def tray_box(
    element: Element, texts: Mapping[str, list[str]], bottom: float, slots: dict[str, Slot]
) -> tuple[Box | None, float]:
    """Put the fan-in tray below: a cell with its word, a cell with its sum."""
    if element.senders < 2:
        return None, bottom
    word = width(PARTS["tray"].word, "small") + 12
    longest = max(width(text, "tray") for text in (f"0 of {element.senders}", *texts.get("tray", ())))
    box = Box(-(word + longest + 14) / 2, bottom + 3, word + longest + 14, 23)
    slots["tray-word"] = Slot(box.x + word / 2, box.y + 16)
    slots["tray-text"] = Slot(box.x + word + (longest + 14) / 2, box.y + 16)
    return box, box.y + box.height


def notes_box(element: Element, bottom: float, slots: dict[str, Slot]) -> tuple[Box | None, float]:
    """Put the note below: what is saved, in which state, and of which version."""
    if not element.notes:
        return None, bottom
    stamp = stamp_text(element)
    state = max(width(line.word, "small") for line in SAVED.values()) + (width(stamp, "small") + SPACE if stamp else 0)
    longest = max(width(note_text(element), "small"), state)
    box = Box(-(longest + 22) / 2, bottom + 5, longest + 22, 35)
    slots["notes"] = Slot(box.x + 7, box.y + 14, "start")
    slots["saved"] = Slot(box.x + 7, box.y + 29, "start")
    slots["stamp"] = Slot(box.x + box.width - 7, box.y + 29, "end")
    return box, box.y + box.height


def marks_box(words: Sequence[str], bottom: float) -> tuple[Box | None, float]:
    """Put further words below, one a line, with room for a triangle beside each."""
    if not words:
        return None, bottom
    wide = max(width(word, "small") + 18 for word in words)
    box = Box(-wide / 2, bottom + 3, wide, LINE * len(words))
    return box, box.y + box.height


def problem_box(element: Element, bottom: float) -> tuple[Box | None, float]:
    """Put the card below on which it says what went wrong."""
    if not element.problem:
        return None, bottom
    wide = max(width(line, "small", longest=columns(line)) for line in element.problem) + 20
    box = Box(-wide / 2, bottom + 6, wide, LINE * len(element.problem) + 9)
    return box, box.y + box.height


def note_text(element: Element) -> str:
    """Write what an operation saved; the versions too, where they differ.

    >>> from autovis.viz.scene import Note
    >>> note_text(Element("o1", "op", "×", notes=(Note("s"), Note("t", 1))))
    'saved s v0, t v1'
    >>> note_text(Element("o1", "op", "×", notes=(Note("s"), Note("t"))))
    'saved s, t'
    """
    several = len({note.version for note in element.notes}) > 1
    return "saved " + ", ".join(f"{note.name} v{note.version}" if several else note.name for note in element.notes)


def stamp_text(element: Element) -> str:
    """Write the version at which everything was saved; nothing where versions differ."""
    versions = {note.version for note in element.notes}
    return f"v{versions.pop()}" if len(versions) == 1 else ""


def mark_text(mark: str) -> str:
    """Write a mark with the table's word for it, if it has one."""
    return PARTS[mark].word if mark in PARTS else mark


def version_text(version: int) -> str:
    """Write how often a value was edited; nothing for never."""
    return f"v{version}" if version else ""
