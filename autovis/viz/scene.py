"""What a picture and a film are, as plain data: no arrays, no live objects, nothing that knows how it is drawn.

`snapshot` makes a `Graph` from live tensors, `frames` makes a `Film` from a tape; `layout`, `draw`, `outline` and the
widgets only read them. Everything here turns into JSON and is compared in tests.

Ids are numbered inside one picture, in creation order: `t3` a value, `o5` an operation, `g3` the accumulator of value
`t3`, `c2` a cut, `s4` memory that values share, `x6` a failure, `e7` a link, `r1` a region. Links point forwards, from
an input to what uses it; a gradient travels along a link from `target` to `source`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from typing import Any, Final

__all__ = ["Change", "Element", "Entry", "Film", "Frame", "Graph", "Link", "Note", "Region", "Row", "Section", "Tray"]

FORMAT: Final = "autovis film"
VERSION: Final = 1
"""Of the JSON. It grows when a field changes its meaning or goes; a new field that has a default needs no new one."""

Change = Mapping[str, bool | int | str]


@dataclass(frozen=True, slots=True)
class Note:
    """A value that an operation keeps for its backward: the dog-eared tab under the operation.

    Attributes:
        name: what was saved, as the learner calls it (`s`), or the engine's word (`result`).
        version: version of the tensor when it was saved.
    """

    name: str
    version: int = 0


@dataclass(frozen=True, slots=True)
class Element:
    """One thing in the picture: a value, an operation, an accumulator or a cut.

    Attributes:
        id: see the module's docstring.
        role: key of `theme.ROLES`: `leaf`, `param`, `frozen`, `const`, `mid`, `view`, `kept`, `op`, `acc`, `cut`,
            `storage`, `error`, `fold` and `frozen-fold` (boxes that stand for a run of operations; see `fold`).
        label: what is written on it: the variable's name, the operation's symbol, a number.
        value: the value as text; empty where it is not kept or not known.
        shape: the shape as text, `(2, 3)`; empty for a single number.
        grad: text of `.grad` (`None` is a value); empty where nothing can be stored.
        notes: what an operation saved.
        saved: state of those notes: `held`, `freed`, `stale`, `kept`, or empty when there are none.
        senders: how many gradients arrive here in one backward pass; above 1 the element has a fan-in tray.
        ghost: not part of what can be differentiated: it lies above a cut, or was never recorded.
        version: how often the value was edited in place.
        marks: further words that belong on it.
        about: one sentence for the inspector and the screen reader.
        hooks: the functions that see its gradient, keys of `theme.HOOKS`: `hook` on the gradient of a value, `prehook`
            and `node hook` on an operation, `post hook` on an accumulator.
        device: where its numbers lie, `sim:0`; empty on the host.
        storage: id of the memory that it shares with others (an element of the role `storage`); empty if none.
        problem: what went wrong here, line by line, shown while the role is `error`: PyTorch's sentence first.
        why: why `.grad` is None, in a sentence; empty where it is not, where the question makes no sense, and in films.
        module: path of the module that the operation belongs to, or the parameter: `net.0`; empty outside of modules.
    """

    id: str
    role: str
    label: str
    value: str = ""
    shape: str = ""
    grad: str = ""
    notes: tuple[Note, ...] = ()
    saved: str = ""
    senders: int = 0
    ghost: bool = False
    version: int = 0
    marks: tuple[str, ...] = ()
    about: str = ""
    hooks: tuple[str, ...] = ()
    device: str = ""
    storage: str = ""
    problem: tuple[str, ...] = ()
    why: str = ""
    module: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A line from an input to what uses it.

    Attributes:
        id: `e1`, `e2`, ...
        source: id of the input.
        target: id of what uses it.
        role: `data` (recorded: a gradient can come back), `plain` (no gradient comes back), `cut` (behind a cut),
            `store` (from an accumulator to its leaf), `shares` (to and from memory that values share; neither
            numbers nor gradients go along it).
        slot: position among the target's inputs, from 0.
        ghost: as in `Element`.
        count: how many links it stands for, where boxes stand for several operations.
    """

    id: str
    source: str
    target: str
    role: str = "data"
    slot: int = 0
    ghost: bool = False
    count: int = 1


@dataclass(frozen=True, slots=True)
class Region:
    """A frame around elements that share a circumstance, such as `no_grad`; frames never overlap by halves.

    Attributes:
        id: `r1`, `r2`, ...; of something that can be folded, the id that its box has.
        role: key of `theme.REGIONS`: `no_grad`, `device`, `module`.
        label: the word on the frame.
        members: ids of the elements inside.
        about: what it is: the class of a module.
    """

    id: str
    role: str
    label: str
    members: tuple[str, ...]
    about: str = ""


@dataclass(frozen=True, slots=True)
class Graph:
    """A still picture, before anybody decided where things go.

    Attributes:
        elements, links, regions, title: what is in it.
        calls: of modules, the outer ones first: a region each, whose members are the operations that it ran. They are
            no frames; `fold` makes boxes or frames of them.
    """

    elements: tuple[Element, ...]
    links: tuple[Link, ...]
    regions: tuple[Region, ...] = ()
    title: str = ""
    calls: tuple[Region, ...] = ()

    def element(self, id: str) -> Element:
        """Return the element of that id.

        Raises:
            KeyError: if there is none.
        """
        for element in self.elements:
            if element.id == id:
                return element
        raise KeyError(id)


@dataclass(frozen=True, slots=True)
class Row:
    """The four parts of the chain rule on one link, written out.

    Attributes:
        link: id of the link along which the product is sent; empty if nobody receives it.
        to: name of the receiver.
        arrives: the arriving gradient, `1`.
        local: rule and value, `d(s·t)/ds = t = 2`.
        product: written out, `1 × 2 = 2`.
        sent: what is sent on, `2`.
    """

    link: str
    to: str
    arrives: str
    local: str
    product: str
    sent: str


@dataclass(frozen=True, slots=True)
class Tray:
    """The sum inside one backward pass.

    Attributes:
        node: id of the receiving element.
        before, arriving, after: the three numbers of `before + arriving = after`, as text.
        came: how many have arrived, this one included.
        of: how many will arrive.
    """

    node: str
    before: str
    arriving: str
    after: str
    came: int
    of: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a leaf's ledger: what happened to `.grad` across calls.

    Attributes:
        leaf: id of the leaf.
        name: its name.
        event: `add` (old + arriving = new), `zero` (filled with zeros), `none` (set to None).
        old, arriving, new: as text; `None` is a value.
        call: number of the backward call, from 1; 0 outside one.
    """

    leaf: str
    name: str
    event: str
    old: str
    arriving: str
    new: str
    call: int = 0


@dataclass(frozen=True, slots=True)
class Frame:
    """One step of a film.

    Attributes:
        kind: `start`, `forward`, `cut`, `skip`, `edit`, `seed`, `local`, `send`, `free`, `fan_in`, `hook`, `retain`,
            `accumulate`, `clear`, `step`, `error`.
        call: number of the backward call this frame belongs to, from 1; 0 outside one.
        caption: key into `captions`; what a translation looks up.
        args: the caption's numbers and names.
        text: the caption in the current language, at most 140 characters.
        node: id of the active element.
        links: ids of the active links.
        rows: chain-rule rows to show.
        tray, ledger: see there.
        entries: further lines of the ledger, of a frame that stands for several; before `ledger`.
        layer: the film can be shown without this frame when this layer is hidden (`saved`); empty: always shown.
        line: first and last line of the user's source that caused it, from 1.
        changes: id of an element or link, then what becomes different from the frame before. Elements: `visible`,
            `value`, `grad`, `saved`, `tray`, `role`, `version`. Links: `visible`, `token` (the gradient on the line).
        span: the running expression: first line from 1, column from 0, last line, column after its end.
    """

    kind: str
    call: int = 0
    caption: str = ""
    args: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    node: str = ""
    links: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    tray: Tray | None = None
    ledger: Entry | None = None
    layer: str = ""
    line: tuple[int, int] | None = None
    changes: Mapping[str, Change] = field(default_factory=dict)
    span: tuple[int, int, int, int] | None = None
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the source of a film.

    Attributes:
        at: where it begins among all lines, from 0.
        first: the number of that line in its file or cell, from 1.
        name: of the file or the cell; empty if there is only one.
    """

    at: int
    first: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Film:
    """A graph that holds everything that ever appears, and the steps; `frames[0]` is the state before anything moves.

    Attributes:
        graph: all elements, in the state that `frames[0].changes` is applied to.
        frames: at least one.
        source: the user's code that was recorded, one string a line; empty when not known.
        sections: the files and cells that it consists of; empty for one cell that is shown from its first line.
    """

    graph: Graph
    frames: tuple[Frame, ...]
    source: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()

    def states(self) -> list[dict[str, dict[str, bool | int | str]]]:
        """Add up the deltas: for each frame, what differs from `graph`, by id; for short films."""
        states: list[dict[str, dict[str, bool | int | str]]] = []
        now: dict[str, dict[str, bool | int | str]] = {}
        for frame in self.frames:
            now = {**now, **{id: {**now.get(id, {}), **change} for id, change in frame.changes.items()}}
            states.append(now)
        return states

    def last(self) -> dict[str, dict[str, bool | int | str]]:
        """Return the last of the states, in time that grows with the length of the film only."""
        now: dict[str, dict[str, bool | int | str]] = {}
        for frame in self.frames:
            for id, change in frame.changes.items():
                now.setdefault(id, {}).update(change)
        return now

    def to_json(self) -> dict[str, object]:
        """Return what `json.dumps` accepts; fields that have their default values are left out."""
        return {"format": FORMAT, "version": VERSION, **plain(self)}


def plain(record: Any) -> Any:
    """Return a record as tables, lists, texts and numbers, without the fields that have their default values."""
    if is_dataclass(record):
        told = ((field, getattr(record, field.name)) for field in fields(record))
        return {field.name: plain(value) for field, value in told if value != default(field)}
    if isinstance(record, (list, tuple)):
        return [plain(value) for value in record]
    return {key: plain(value) for key, value in record.items()} if isinstance(record, Mapping) else record


def default(field: Field[Any]) -> Any:
    """Return the default value of a field; `MISSING` if it has none."""
    return field.default_factory() if field.default_factory is not MISSING else field.default
