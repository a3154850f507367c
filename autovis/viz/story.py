"""From events to a picture: which values and operations there are, what they are called, and how they hang together.

A `Story` is told event by event, by a tape or by `snapshot` about live tensors, and then drawn up as a `Graph`. It also
answers, for the frames, which element an event is about.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from autovis import events
from autovis.events import Event, Value
from autovis.primitive import Primitive
from autovis.viz.numerals import brief, number, shape_text
from autovis.viz.reading import applied, word
from autovis.viz.scene import Element, Graph, Link, Note, Region

__all__ = ["Deed", "Ref", "Story", "Thing"]

Ref = tuple[str, int, int]  # ("made", number of the node, port) | ("tensor", key, 0) | ("number", deed, slot)

LONG = 18  # characters; a longer expression is not a name any more


@dataclass(slots=True)
class Thing:
    """A value in the story.

    Attributes:
        ref: what identifies it.
        value: how it was last described.
        name: what the user calls it; empty if nothing.
        id: of its element, once drawn up.
        kept: whether its gradient was retained.
        users: (deed, slot) of every use.
        grad: text of `.grad` when the story begins.
    """

    ref: Ref
    value: Value
    name: str = ""
    id: str = ""
    kept: bool = False
    users: list[tuple[int, int]] = field(default_factory=list)
    grad: str = ""


@dataclass(slots=True)
class Deed:
    """An operation in the story, recorded or not, or a cut.

    Attributes:
        index: its place in the story.
        rule: what was done; None for a cut.
        inputs, outputs: the values.
        node: its number if it was recorded, else 0.
        how: `graph`, `cut`, `no_grad`, `plain` or `no derivative`.
        settings: of the operation.
        notes: what it saved: (name in the rule, slot of the input or -1, version).
        saved: `held`, `freed`, `stale`, or empty.
        at: where in the program.
        id: of its element.
    """

    index: int
    rule: Primitive | None
    inputs: tuple[Ref, ...]
    outputs: tuple[Ref, ...]
    node: int
    how: str
    settings: dict[str, Any]
    notes: tuple[tuple[str, int, int], ...] = ()
    saved: str = ""
    at: int | None = None
    id: str = ""


class Story:
    """Values and operations, in the order in which they came up.

    Args:
        names: key of a tensor -> name.
        makers: (node, port) -> name.
    """

    def __init__(
        self, names: Mapping[int, str] | None = None, makers: Mapping[tuple[int, int], str] | None = None
    ) -> None:
        self.names = dict(names or {})
        self.makers = dict(makers or {})
        self.things: dict[Ref, Thing] = {}
        self.deeds: list[Deed] = []
        self.by_node: dict[int, Deed] = {}
        self.roots: list[Ref] = []
        self.link_ids: dict[tuple[str, str, int], str] = {}
        self._synonyms: dict[Ref, Ref] = {}

    # ---------------------------------------------------------------------------------------------------- telling

    def tell(self, event: Event) -> Deed | None:
        """Take in one event; return the operation it adds, if any."""
        match event:
            case events.Recorded():
                return self._deed(
                    event.op, event.inputs, event.outputs, "graph", event.at, event.node, dict(event.settings)
                )
            case events.NotRecorded():
                return self._deed(event.op, event.inputs, event.outputs, event.reason, event.at)
            case events.Detached() if not event.in_place:
                return self._deed(None, (event.source,), (event.result,), "cut", event.at)
            case events.Saved():
                deed = self.by_node.get(event.node)
                if deed is not None:
                    deed.notes = tuple(zip(event.names, event.slots, event.versions, strict=True))
                    deed.saved = "held"
            case events.Seeded():
                self.roots.append(self.thing(event.root).ref)
            case events.Retained():
                self.things[self.made(event.node)].kept = True
            case events.Accumulated():
                self.thing(event.leaf)
        return None

    def _deed(
        self,
        rule: Primitive | None,
        inputs: Iterable[Value],
        outputs: Iterable[Value],
        how: str,
        at: int | None,
        node: int = 0,
        settings: dict[str, Any] | None = None,
    ) -> Deed:
        index = len(self.deeds)
        refs = []
        for slot, value in enumerate(inputs):
            thing = self.thing(value, ("number", index, slot))
            thing.users.append((index, slot))
            refs.append(thing.ref)
        made = []
        for value in outputs:
            ref = self.ref(value, ("made", node, value.port)) if not node else ("made", node, value.port)
            thing = self.things.setdefault(ref, Thing(ref, value))
            made.append(ref)
        deed = Deed(index, rule, tuple(refs), tuple(made), node, how, settings or {}, at=at)
        self.deeds.append(deed)
        if node:
            self.by_node[node] = deed
        return deed

    def ref(self, value: Value, otherwise: Ref) -> Ref:
        """Return what identifies a value."""
        if value.made_by is not None:
            return ("made", value.made_by, value.port)
        if value.number is not None or not value.key:
            return otherwise
        return ("tensor", value.key, 0)

    def thing(self, value: Value, otherwise: Ref = ("number", -1, 0)) -> Thing:
        """Return the value that a description is about, and remember what the description adds."""
        ref = self.ref(value, otherwise)
        thing = self.things.get(ref)
        if thing is None:
            thing = self.things[ref] = Thing(ref, value)
        elif thing.value.data is None and value.data is not None:
            thing.value = value
        return thing

    def made(self, node: int, port: int = 0) -> Ref:
        """Return the value that a node made."""
        return ("made", node, port)

    # ---------------------------------------------------------------------------------------------------- naming

    def name(self, ref: Ref) -> str:
        """Return what a value is called: the user's name, else a short expression, else its number."""
        thing = self.things[ref]
        known = thing.name or self._given(ref, thing)
        if known:
            return known
        if thing.value.number is not None:
            return number(thing.value.number)
        return self.expression(ref) or brief(thing.value.data) or shape_text(thing.value.shape) or "?"

    def _given(self, ref: Ref, thing: Thing) -> str:
        if ref[0] == "made":
            return self.makers.get((ref[1], ref[2]), "") or self.names.get(thing.value.key, "")
        return self.names.get(ref[1], "") if ref[0] == "tensor" else ""

    def expression(self, ref: Ref) -> str:
        """Write how a value was computed, from the names of its inputs; empty if that is long."""
        maker = self.maker(ref)
        if maker is None:
            return ""
        if maker.rule is None:
            text = f"{word(self.name(maker.inputs[0])).within(6)}.detach()"
            return text if len(text) <= LONG else "detached"
        text = self.formula(maker)
        return text if len(text) <= LONG else f"{maker.rule.name}(…)"

    def formula(self, deed: Deed) -> str:
        """Write an operation on the names of its inputs, `s·t`."""
        assert deed.rule is not None
        words = [word(self.name(ref)) for ref in deed.inputs]
        return str(applied(deed.rule, words, deed.settings))

    def maker(self, ref: Ref) -> Deed | None:
        """Return the operation that made a value; None for a leaf."""
        if ref[0] == "made":
            return self.by_node.get(ref[1])
        return next((deed for deed in self.deeds if ref in deed.outputs), None)

    # ------------------------------------------------------------------------------------------------- drawing up

    def graph(self, title: str = "") -> Graph:
        """Draw the story up as a graph: elements in order of appearance, links, regions."""
        deeds = [deed for deed in self.deeds if self._matters(deed)]
        alive = self._alive()
        elements: list[Element] = []
        links: list[Link] = []
        for deed in deeds:
            for ref in deed.inputs:
                self._add_value(ref, elements, links, alive)
            self._add_deed(deed, elements, alive)
            for ref in deed.outputs:
                self._add_value(ref, elements, links, alive)
            self._add_links(deed, links, alive)
        for ref in [*self.roots, *([] if deeds else self.things)]:
            self._add_value(ref, elements, links, alive)
        return Graph(tuple(elements), tuple(links), tuple(self._regions(deeds)), title)

    def _matters(self, deed: Deed) -> bool:
        """Whether an operation belongs in the picture: arithmetic on plain numbers only where something uses it."""
        if deed.how != "plain" or not self.by_node:
            return True
        return any(self._matters(self.deeds[user]) for ref in deed.outputs for user, _ in self.things[ref].users)

    def _alive(self) -> set[Ref]:
        """Find the values that a gradient can reach, and those that stand beside them as constants."""
        roots = self.roots or [ref for ref, thing in self.things.items() if not thing.users]
        alive: set[Ref] = set()
        pending = list(roots)
        while pending:
            ref = pending.pop()
            if ref in alive:
                continue
            alive.add(ref)
            maker = self.maker(ref)
            if maker is not None and maker.how == "graph":
                pending.extend(maker.inputs)
        return alive

    def role(self, thing: Thing) -> str:
        """Return the role of a value in the picture."""
        value = thing.value
        if value.made_by is not None:
            return "kept" if thing.kept else "mid"
        if value.requires_grad:
            return "param" if value.is_parameter else "leaf"
        return "frozen" if value.is_parameter else "const"

    def _add_value(self, ref: Ref, elements: list[Element], links: list[Link], alive: set[Ref]) -> None:
        thing = self.things[ref]
        if thing.id:
            return
        index = len(elements) + 1
        thing.id = f"t{index}"
        role = self.role(thing)
        label = self.name(ref)
        text = brief(thing.value.data)
        stores = role in ("leaf", "param")
        senders = self._senders(thing, alive) if role in ("leaf", "param", "mid", "kept") else 0
        ghost = ref not in alive
        elements.append(
            Element(
                thing.id,
                role,
                label,
                value="" if text == label else text,
                shape=shape_text(thing.value.shape),
                grad=(thing.grad or "None") if stores or role == "kept" else "",
                senders=senders,
                ghost=ghost,
                version=thing.value.version,
                about=self.about(ref),
            )
        )
        if stores and not ghost:
            elements.append(Element(f"g{index}", "acc", "+= .grad", about=f"adds what arrives to {label}.grad"))
            links.append(self._link(links, f"g{index}", thing.id, "store", 0, ghost=False))

    def _senders(self, thing: Thing, alive: set[Ref]) -> int:
        """Count how many gradients a backward pass brings to a value."""
        uses = (self.deeds[user] for user, _ in thing.users)
        return sum(deed.how == "graph" and any(ref in alive for ref in deed.outputs) for deed in uses)

    def about(self, ref: Ref) -> str:
        """Write how a value was computed, `s = p + q`; only the right side where it has no name of its own."""
        maker = self.maker(ref)
        if maker is None:
            return ""
        made = (
            self.formula(maker) if maker.rule is not None else f"{word(self.name(maker.inputs[0])).within(6)}.detach()"
        )
        name = self.name(ref)
        return made if name in (made, brief(self.things[ref].value.data)) else f"{name} = {made}"

    def _add_deed(self, deed: Deed, elements: list[Element], alive: set[Ref]) -> None:
        index = len(elements) + 1
        if deed.rule is None:
            deed.id = f"c{index}"
            elements.append(Element(deed.id, "cut", "cut", about="history is cut here: no gradient passes"))
            return
        deed.id = f"o{index}"
        ghost = not any(ref in alive for ref in deed.outputs) if deed.how == "graph" else deed.how != "no_grad"
        elements.append(
            Element(
                deed.id,
                "op",
                operation_label(deed),
                notes=tuple(Note(self._note_name(deed, name, slot), version) for name, slot, version in deed.notes),
                saved=deed.saved,
                ghost=ghost and deed.how != "plain",
                about=self._deed_about(deed),
            )
        )

    def _note_name(self, deed: Deed, name: str, slot: int) -> str:
        return self.name(deed.outputs[0] if slot < 0 else deed.inputs[slot])

    def _deed_about(self, deed: Deed) -> str:
        assert deed.rule is not None
        if deed.how == "graph":
            return deed.rule.node
        return {"no_grad": "not recorded: inside no_grad", "plain": "not recorded: no input asks for a gradient"}.get(
            deed.how, "not recorded: it has no derivative"
        )

    def _add_links(self, deed: Deed, links: list[Link], alive: set[Ref]) -> None:
        ghost = deed.how == "graph" and not any(ref in alive for ref in deed.outputs)
        for slot, ref in enumerate(deed.inputs):
            thing = self.things[ref]
            wants = deed.how == "graph" and thing.value.requires_grad
            links.append(self._link(links, thing.id, deed.id, "data" if wants else "plain", slot, ghost=ghost))
        for slot, ref in enumerate(deed.outputs):
            role = {"graph": "data", "cut": "cut"}.get(deed.how, "plain")
            links.append(self._link(links, deed.id, self.things[ref].id, role, slot, ghost=ghost))

    def _link(self, links: list[Link], source: str, target: str, role: str, slot: int, *, ghost: bool) -> Link:
        id = f"e{len(links) + 1}"
        self.link_ids[source, target, slot] = id
        return Link(id, source, target, role, slot, ghost)

    def _regions(self, deeds: list[Deed]) -> Iterable[Region]:
        """Put a frame round each run of operations under `no_grad`."""
        run: list[str] = []
        count = 0
        for deed in [*deeds, None]:
            if deed is not None and deed.how == "no_grad":
                run += [deed.id, *(self.things[ref].id for ref in deed.outputs)]
            elif run:
                count += 1
                yield Region(f"r{count}", "no_grad", "no_grad", tuple(run))
                run = []

    def link(self, source: str, target: str, slot: int = 0) -> str:
        """Return the id of a link; empty if there is none."""
        return self.link_ids.get((source, target, slot), "")


def operation_label(deed: Deed) -> str:
    """Return what stands on an operation."""
    assert deed.rule is not None
    if deed.rule.name == "pow":
        return f"^{number(deed.settings['exponent'])}" if "exponent" in deed.settings else "^"
    return deed.rule.symbol
