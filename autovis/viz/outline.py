"""Say in plain text what a picture or a film shows: for screen readers, for `text/plain`, and for tests of meaning.

Deterministic: no coordinates, no addresses, no times.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from autovis.language import say
from autovis.viz.measure import clean
from autovis.viz.scene import Element, Entry, Film, Frame, Graph, Link, Row, Tray
from autovis.viz.theme import HOOKS, ROLES, explained

__all__ = ["film", "outline"]

LONGEST: Final = 60
"""Frames up to which a film is told in full."""

FIRST, LAST = 40, 5
"""Frames of a longer film that are told at its beginning and at its end."""

GAP: Final = "   "
"""What separates the parts of a line."""

NO_VALUES: Final = frozenset({"op", "error", "acc", "cut", "storage"})

SILENT: Final = frozenset({"acc", "storage"})
"""Roles without a line of their own: the lines of leaves and of values speak of them."""

BARE: Final = frozenset({"const", "frozen"})
"""Roles that get no gradient anyway, so no link need say so."""


def outline(graph: Graph) -> str:
    """Describe a graph, inputs before what is made of them, one line an element.

    An operation stands on the line of the value that it makes, an accumulator on the line of its leaf (`.grad`).

    >>> x, y = Element("t1", "leaf", "x", "3", grad="None"), Element("t3", "mid", "y", "20.1")
    >>> o = Element("o2", "op", "exp")
    >>> print(outline(Graph((x, o, y), (Link("e1", "t1", "o2"), Link("e2", "o2", "t3")), title="y")))
    graph of y: 2 values, 1 operation
    1 leaf  x = 3   used by y   .grad None
    2 mid   y = exp(x) = 20.1
    """
    story = Story.of(graph)
    count = sum(element.role in ("op", "error") for element in graph.elements)
    values = sum(element.role not in NO_VALUES for element in graph.elements)
    counts = {"values": counted(values, "values"), "operations": counted(count, "operations")}
    lines = [words("graph_of" if graph.title else "graph", title=graph.title, **counts)]
    wide = max((len(ROLES[element.role].word) for element in story.told), default=0)
    digits = len(str(len(story.told)))
    for number, element in enumerate(story.told, 1):
        word = ROLES[element.role].word
        lines.append(f"{number:>{digits}} {word:<{wide}}  {GAP.join(story.line(element))}".rstrip())
    return "\n".join(map(clean, lines))


def words(key: str, **args: object) -> str:
    """Say something of the section that belongs to outlines."""
    return say("outline", key, **args)


def comma(parts: Iterable[str]) -> str:
    """Join parts by commas."""
    return say("list", "comma").join(parts)


def counted(number: int, noun: str) -> str:
    """Write a number and its noun.

    >>> counted(1, "steps"), counted(2, "steps")
    ('1 step', '2 steps')
    """
    return words(f"{noun}_one" if number == 1 else noun, count=number)


@dataclass(frozen=True, slots=True)
class Story:
    """A graph, arranged for telling.

    Attributes:
        told: the elements that get a line, inputs first.
        names: by id, what each element is called; `#4` for what has no name but line 4.
        makers: by id of a value, the operation on whose line it is not.
        inputs, outputs: by id, the links in and out, without those to and from accumulators.
        regions: by id, the words of the regions around an element.
        cuts: ids of the cuts.
        memory: by id of a stretch of memory, the values that share it.
        stores: by id of a leaf, its accumulator.
    """

    told: Sequence[Element]
    names: Mapping[str, str]
    makers: Mapping[str, Element]
    inputs: Mapping[str, list[Link]]
    outputs: Mapping[str, list[Link]]
    regions: Mapping[str, list[str]]
    cuts: frozenset[str]
    memory: Mapping[str, list[str]]
    stores: Mapping[str, Element]

    @classmethod
    def of(cls, graph: Graph) -> Story:
        """Arrange a graph."""
        elements = {element.id: element for element in graph.elements}
        inputs, outputs = defaultdict(list), defaultdict(list)
        for link in graph.links:
            if link.role not in ("store", "shares"):
                inputs[link.target].append(link)
                outputs[link.source].append(link)
        makers = {}
        for operation in graph.elements:
            made = [elements[link.target] for link in outputs[operation.id]]
            if operation.role == "op" and len(made) == 1 and made[0].role not in ("op", "error", "cut"):
                makers[made[0].id] = operation
        silent = {maker.id for maker in makers.values()}
        told = [
            elements[id]
            for id in topological(list(elements), outputs)
            if id not in silent and elements[id].role not in SILENT
        ]
        names = {element.id: name(element, f"#{number}") for number, element in enumerate(told, 1)}
        names |= {maker.id: names[id] for id, maker in makers.items()}
        regions = defaultdict(list)
        for region in graph.regions:
            for id in region.members:
                if region.role != "device":  # which every value tells by itself
                    regions[id].append(region.label)
        cuts = frozenset(element.id for element in graph.elements if element.role == "cut")
        memory = defaultdict(list)
        for element in graph.elements:
            memory[element.storage].append(element.id)
        stores = {link.target: elements[link.source] for link in graph.links if link.role == "store"}
        return cls(told, names, makers, inputs, outputs, regions, cuts, memory, stores)

    def line(self, element: Element) -> Iterator[str]:
        """Yield the parts of one element's line."""
        maker = self.makers.get(element.id, element)
        if element.role in ("op", "error"):
            yield self.formula(element)
        elif element.role == "cut":
            yield words("ends_here", label=element.label, names=self.sources(element.id))
        else:
            yield self.equation(element)
        yield from self.users(element)
        if element.senders > 1:
            yield words("sum_of", count=element.senders)
        if element.grad:
            yield f".grad {element.grad}"
        if maker.notes:
            names = comma(note.name + (f" v{note.version}" if note.version else "") for note in maker.notes)
            yield words("saved_state" if maker.saved else "saved", names=names, state=maker.saved)
        if element.version:
            yield words("version", number=element.version)
        yield from element.marks
        yield from self.circumstances(element, maker)
        yield from (map(clean, element.problem) if element.role == "error" else ())

    def circumstances(self, element: Element, maker: Element) -> Iterator[str]:
        """Say what is attached to an element, what it shares, and what lies around it."""
        store = self.stores.get(element.id)
        hooks = dict.fromkeys((*element.hooks, *maker.hooks, *(store.hooks if store else ())))
        yield from (HOOKS[hook] for hook in hooks)
        others = [id for id in self.memory[element.storage] if id != element.id] if element.storage else []
        if others:
            yield words("shares", names=comma(self.names[id] for id in others))
        if element.device:
            yield words("on_device", device=element.device)
        around = self.regions.get(element.id, self.regions.get(maker.id, []))
        yield from (words("inside", word=word) for word in around)
        if element.ghost:
            yield ": ".join(explained("ghost"))

    def equation(self, element: Element) -> str:
        """Write `s = p + q = 3`, as far as it is known."""
        parts = [self.names[element.id] + (f" {element.shape}" if element.shape else "")]
        maker = self.makers.get(element.id)
        sources = self.inputs[element.id]
        if element.about and element.id[0] != "f":  # a box says what it holds by its value
            parts.append(element.about.removeprefix(f"{element.label} = "))
        elif maker:
            parts.append(self.formula(maker))
        elif sources:
            parts.append(self.origin(sources[0].source))
        if element.value and element.value != element.label:
            parts.append(element.value)
        return " = ".join(dict.fromkeys(parts))

    def formula(self, operation: Element) -> str:
        """Write an operation with the names of its inputs: `p + q`, `-x`, `exp(x)`."""
        names = [self.names[link.source] for link in sorted(self.inputs[operation.id], key=lambda link: link.slot)]
        symbol = operation.label
        if symbol.replace("_", "").replace(".", "").isalnum() or not 1 <= len(names) <= 2:
            return f"{symbol}({', '.join(names)})"
        return symbol + names[0] if len(names) == 1 else f" {symbol} ".join(names)

    def sources(self, id: str) -> str:
        """Name the inputs of an element."""
        return comma(self.names[link.source] for link in self.inputs[id])

    def origin(self, source: str) -> str:
        """Write where a value comes from that no operation on its own line made: `detach(h)` behind a cut."""
        name = self.names[source]
        return f"{name}({self.sources(source)})" if source in self.cuts else words("from", name=name)

    def users(self, element: Element) -> Iterator[str]:
        """Name who uses an element, and say where no gradient comes back."""
        links = [(link, self.names[link.target]) for link in self.outputs[element.id]]
        silent = element.role in BARE or element.ghost
        used = [
            words("no_gradient", name=name) if link.role == "plain" and not silent else name
            for link, name in links
            if link.target not in self.cuts
        ]
        if used and element.id not in self.cuts:
            yield words("used_by", names=comma(dict.fromkeys(used)))
        yield from (words("cut_by", name=name) for link, name in links if link.target in self.cuts)


def name(element: Element, number: str) -> str:
    """Call an element by its label; an operation that nobody named, and a value without a name, by its number."""
    if element.role in ("op", "error") or not element.label:
        return number
    return element.label


def topological(ids: Sequence[str], outputs: Mapping[str, Sequence[Link]]) -> list[str]:
    """List inputs before users, otherwise in the given order."""
    place = {id: at for at, id in enumerate(ids)}
    waiting: dict[str, int] = defaultdict(int)
    for id in ids:
        for link in outputs.get(id, ()):
            waiting[link.target] += 1
    ready = [place[id] for id in ids if not waiting[id]]
    order = []
    while ready:
        id = ids[heapq.heappop(ready)]
        order.append(id)
        for link in outputs.get(id, ()):
            waiting[link.target] -= 1
            if not waiting[link.target]:
                heapq.heappush(ready, place[link.target])
    return order


def film(film: Film) -> str:
    """Tell a film: one line a frame, with the numbers of tray, ledger and chain rule.

    >>> print(film(Film(Graph((), ()), (Frame("start", text="Before."), Frame("seed", 1, text="Start at y with 1.")))))
    film of 1 step, 1 backward call
    0 start  Before.
    1 seed   Start at y with 1.
    """
    first = 0 if film.frames[0].kind == "start" else 1
    labels = {element.id: element.label for element in film.graph.elements}
    calls = max(frame.call for frame in film.frames)
    calls_text = counted(calls, "calls") if calls else words("calls_none")
    digits, wide = len(str(len(film.frames))), max(len(frame.kind) for frame in film.frames)
    told = [
        f"{number:>{digits}} {frame.kind:<{wide}}  {GAP.join(parts(frame, labels))}".rstrip()
        for number, frame in enumerate(film.frames, first)
    ]
    lines = [words("film", steps=counted(len(film.frames) - 1 + first, "steps"), calls=calls_text)]
    if len(told) > LONGEST:
        told = [*told[:FIRST], words("more", count=len(told) - FIRST - LAST), *told[-LAST:]]
    return "\n".join(map(clean, lines + told))


def parts(frame: Frame, labels: Mapping[str, str]) -> Iterator[str]:
    """Yield the parts of one frame's line."""
    if frame.text:
        yield frame.text
    yield from map(row_text, frame.rows)
    if frame.tray:
        yield tray_text(frame.tray, labels)
    if frame.ledger:
        yield ledger_text(frame.ledger)


def row_text(row: Row) -> str:
    """Write one row of the chain rule."""
    return words("to", name=row.to, local=row.local, product=row.product)


def tray_text(tray: Tray, labels: Mapping[str, str]) -> str:
    """Write the sum inside one backward pass."""
    name = labels.get(tray.node) or tray.node
    sum = f"{tray.before} + {tray.arriving} = {tray.after}"
    return words("tray", name=name, sum=sum, came=tray.came, of=tray.of)


def ledger_text(entry: Entry) -> str:
    """Write one line of a leaf's ledger."""
    change = words(f"ledger_{entry.event}", old=entry.old, arriving=entry.arriving, new=entry.new)
    return words("ledger", name=entry.name, change=change)
