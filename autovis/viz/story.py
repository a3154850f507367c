"""From events to a picture: which values and operations there are, what they are called, and how they hang together.

A `Story` is told event by event, by a tape or by `snapshot` about live tensors, and then drawn up as a `Graph`. It also
answers, for the frames, which element an event is about.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from autovis import records
from autovis.language import say
from autovis.primitive import Primitive
from autovis.records import Event, Value
from autovis.viz.cast import SWITCHES, Deed, Ref, Thing
from autovis.viz.numerals import brief, number, shape_text, text_of
from autovis.viz.reading import ATOM, POWER, Symbol, times, word, written
from autovis.viz.runs import Entrances
from autovis.viz.scene import Element, Graph, Link, Note
from autovis.viz.surroundings import calls, regions, storages, with_storage

__all__ = ["Deed", "Ref", "Story", "Thing", "operation_label", "role_of"]

LONG = 14  # characters; a longer expression is no name any more
LONGEST = 40  # characters of a user's name that are kept
ELLIPSIS = Symbol("…", POWER)
ROOTS = 16  # results of one picture for each of which the gradients that meet are counted
LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
STORES = ("leaf", "param")
MADE = ("mid", "view", "kept")
UNRECORDED = dict.fromkeys(SWITCHES, "no_grad") | {"plain": "plain", "no derivative": "no_derivative"}  # how -> key


class Story:
    """Values and operations, in the order in which they came up.

    Args:
        names: key of a tensor -> name.
        makers: (node, port) -> name.
        modules: number of a module -> its path, `net.0`.
    """

    def __init__(
        self,
        names: Mapping[int, str] | None = None,
        makers: Mapping[tuple[int, int], str] | None = None,
        modules: Mapping[int, str] | None = None,
    ) -> None:
        self.names = dict(names or {})
        self.makers = dict(makers or {})
        self.entrances = Entrances(modules or {})  # into modules; they count the deeds
        self.things: dict[Ref, Thing] = {}
        self.deeds: list[Deed] = []
        self.by_node: dict[int, Deed] = {}
        self.made_by: dict[Ref, Deed] = {}
        self.roots: list[Ref] = []
        self.read: list[Ref] = []
        self.link_ids: dict[tuple[str, str, int], str] = {}
        self.symbols: dict[Ref, Symbol] = {}

    # ---------------------------------------------------------------------------------------------------- telling

    def tell(self, event: Event) -> Deed | None:  # noqa: C901 (a table of kinds)
        """Take in one event; return the operation it adds, if any."""
        match event:
            case records.Recorded() if event.node in self.by_node:
                self._another_output(self.by_node[event.node], event)
            case records.Recorded():
                deed = self._deed(event, event.op, event.inputs, event.outputs, "graph", event.node)
                deed.in_place = event.in_place
                return deed
            case records.NotRecorded() if not event.call or event.reason not in SWITCHES:
                return self._deed(event, event.op, event.inputs, event.outputs, event.reason)
            case records.Detached() if event.source.made_by is not None or not event.in_place:
                deed = self._deed(event, None, (event.source,), (event.result,), "cut")
                deed.in_place = event.in_place
                return deed
            case records.Saved() | records.Freed() | records.Retained() if event.node in self.by_node:
                self._note(self.by_node[event.node], event)
            case records.Seeded(root=value):
                self.roots.append(self.thing(value).ref)
            case records.Accumulated(leaf=value) | records.Cleared(leaf=value) | records.Bumped(owner=value) if value:
                self.thing(value)
            case records.Returned(value=value):
                self.thing(value).kept |= event.stored
            case records.Failed(read=read):
                self._read(read)
            case records.Entered():
                self.entrances.enter(event.module, event.kind, event.part, len(self.deeds))
            case records.Left():
                self.entrances.leave(len(self.deeds))
        return None

    def _read(self, read: Iterable[tuple[str, Value]]) -> None:
        """Take in what a line read that failed, though nothing came of it."""
        for name, value in read:
            thing = self.thing(value)
            thing.name = thing.name or name
            self.read.append(thing.ref)

    def _note(self, deed: Deed, event: records.Saved | records.Freed | records.Retained) -> None:
        """Take in what an operation keeps, or what was freed before the story began."""
        match event:
            case records.Saved():
                notes = dict(zip(event.slots, event.versions, strict=True))
                deed.notes = tuple(sorted(notes.items(), key=lambda note: (note[0] < 0, note[0])))
                deed.saved = "held"
            case records.Freed() if not event.call:
                deed.saved = "freed"
            case records.Retained():
                self.things[deed.outputs[0]].kept = True

    def _deed(
        self,
        event: Event,
        rule: Primitive | None,
        inputs: Iterable[Value],
        outputs: Iterable[Value],
        how: str,
        node: int = 0,
    ) -> Deed:
        index, inputs = len(self.deeds), tuple(inputs)
        read = [self.thing(value, ("number", index, slot)) for slot, value in enumerate(inputs)]
        for slot, thing in enumerate(read):
            thing.users.append((index, slot))
        roles = tuple(map(self._role, read, inputs))
        made = tuple(
            ("made", node, value.port) if node else self.ref(value, ("number", index, -1 - port))
            for port, value in enumerate(outputs)
        )
        settings = dict(getattr(event, "settings", ()))
        deed = Deed(
            index, rule, tuple(t.ref for t in read), made, node, how, settings, roles, at=event.at, call=event.call
        )
        for ref, value in zip(made, outputs, strict=True):
            thing = self.things.setdefault(ref, Thing(ref, value))
            thing.roles = thing.roles or [role_of(value)]
            thing.device = self._device(deed)
            self.made_by.setdefault(ref, deed)
        self.deeds.append(deed)
        if node:
            self.by_node[node] = deed
        return deed

    def _device(self, deed: Deed) -> str:
        """Say where an operation computes: where its inputs are, unless it carries them somewhere else."""
        there = deed.settings.get("device") if deed.rule is not None and deed.rule.name == "to" else None
        if there is not None:
            return "" if str(there) == "cpu" else str(there)
        return next((device for device in (self.things[ref].device for ref in deed.inputs) if device), "")

    def _another_output(self, deed: Deed, event: records.Recorded) -> None:
        """Take in a further output of an operation that has several."""
        for value in event.outputs:
            ref = self.made(event.node, value.port)
            if ref not in deed.outputs:
                deed.outputs = (*deed.outputs, ref)
                self.things.setdefault(ref, Thing(ref, value, roles=[role_of(value)]))
                self.made_by.setdefault(ref, deed)

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
        thing = self.things.setdefault(ref, Thing(ref, value))
        if thing.value.data is None and value.data is not None:
            thing.value = replace(value, grad=thing.value.grad)
        role = self._role(thing, value)
        if role not in thing.roles:
            thing.roles.append(role)
        thing.device = thing.device or value.device
        return thing

    def _role(self, thing: Thing, value: Value) -> str:
        """Return the role of a value; a leaf that asks no longer is frozen."""
        role = role_of(value)
        return "frozen" if role == "const" and "leaf" in thing.roles else role

    def made(self, node: int, port: int = 0) -> Ref:
        """Return the value that a node made."""
        return ("made", node, port)

    def find(self, value: Value) -> Thing | None:
        """Return the value that a description is about, if it is in the picture."""
        thing = self.things.get(self.ref(value, ("number", -1, 0)))
        return thing if thing is not None and thing.id else None

    # ---------------------------------------------------------------------------------------------------- naming

    def name(self, ref: Ref) -> str:
        """Return what a value is called: the user's name, else a short expression, else its numbers."""
        return self.symbol(ref).text

    def symbol(self, ref: Ref) -> Symbol:
        """Return the name of a value as a formula."""
        found = self.symbols.get(ref)
        if found is None:
            found = self.symbols[ref] = self._symbol(self.things[ref])
        return found

    def _symbol(self, thing: Thing) -> Symbol:
        given = self._given(thing)
        if given:
            return word(given)
        value, maker = thing.value, self.made_by.get(thing.ref)
        if value.number is not None:
            return word(number(value.number))
        if maker is not None and len(maker.outputs) > 1:
            return Symbol(f"{self._short(maker)}[{maker.outputs.index(thing.ref)}]")
        if maker is not None:
            return self._short(maker)
        return word(brief(value.data) or shape_text(value.shape) or "…")

    def _given(self, thing: Thing) -> str:
        """Return the user's name, on one line and not too long."""
        kind, first, second = thing.ref
        known = self.makers.get((first, second)) if kind == "made" else None
        known = self.names.get(first) if kind == "tensor" else known
        name = " ".join((thing.name or known or "").split())
        return name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"

    def _short(self, deed: Deed) -> Symbol:
        """Write how an unnamed value was computed; an ellipsis for what is unnamed itself, if that is too long."""
        whole = self.formula(deed)
        if len(whole.text) <= LONG:
            return whole
        inputs = [self.symbol(ref) if self._given(self.things[ref]) else ELLIPSIS for ref in deed.inputs]
        shorter: tuple[list[Symbol], ...] = (inputs, [ELLIPSIS] * len(inputs), [])
        found = (self._written(deed, words) for words in shorter)
        return next((less for less in found if len(less.text) <= LONG), ELLIPSIS)

    def formula(self, deed: Deed) -> Symbol:
        """Write an operation on the names of its inputs, `s·t`."""
        return self._written(deed, [self.symbol(ref) for ref in deed.inputs])

    def _written(self, deed: Deed, inputs: list[Symbol]) -> Symbol:
        if not inputs:
            return Symbol(f"{deed.rule.name if deed.rule is not None else 'detach'}(…)")
        if deed.rule is None:
            return Symbol(f"{inputs[0].within(ATOM)}.detach()")
        if deed.rule.name == "mul" and "1" in (inputs[0].text, inputs[1].text):
            return times(*sorted(inputs, key=lambda factor: factor.text != "1"))  # or `x * 1` would be called as `x` is
        return written(deed.rule, inputs, deed.settings)

    def _number_names(self, deeds: Iterable[Deed]) -> None:
        """Tell apart what carries the same name: `r₁`, `r₂`, in the order in which they came up.

        A prime would be shorter, but in a course on derivatives it means a derivative.
        """
        refs = dict.fromkeys(ref for deed in deeds for ref in (*deed.inputs, *deed.outputs))
        names = {ref: self._given(self.things[ref]) for ref in refs}
        count = Counter(names.values())
        seen: Counter[str] = Counter()
        for ref, name in names.items():
            if name and count[name] > 1:
                seen[name] += 1
                self.symbols[ref] = word(name + str(seen[name]).translate(LOWERED))
        for deed in self.deeds:  # oldest first, so that no name waits for another one
            for ref in (*deed.inputs, *deed.outputs):
                self.symbol(ref)

    def about(self, ref: Ref) -> str:
        """Write how a value was computed, `s = p + q`; only the right side where it has no name of its own."""
        maker = self.made_by.get(ref)
        if maker is None:
            return ""
        made, name = self.formula(maker).text, self.name(ref)
        if len(maker.outputs) > 1:
            made += f"[{maker.outputs.index(ref)}]"
        return f"{name} = {made}" if self._given(self.things[ref]) else made

    def sentence(self, deed: Deed) -> str:
        """Write what an operation made: `s = p + q`, `a, b = split(x)`."""
        if len(deed.outputs) == 1:
            return self.about(deed.outputs[0])
        return f"{', '.join(map(self.name, deed.outputs))} = {self.formula(deed)}"

    # ------------------------------------------------------------------------------------------------- drawing up

    def graph(self, title: str = "") -> Graph:
        """Draw the story up as a graph: elements in order of appearance, links, regions."""
        deeds = self._that_matter()
        alive = self._alive()
        self._number_names(deeds)
        senders = self._senders(alive)
        elements: list[Element] = []
        links: list[Link] = []
        for deed in deeds:
            for ref in deed.inputs:
                self._add_value(ref, elements, links, alive, senders)
            self._add_deed(deed, elements, alive)
            for ref in deed.outputs:
                self._add_value(ref, elements, links, alive, senders)
            self._add_links(deed, links, alive)
        for ref in [*self.roots, *self.read, *([] if deeds else self.things)]:
            self._add_value(ref, elements, links, alive, senders)
        for id, members in storages(deeds, self.things, self._is_named):
            elements = with_storage(elements, id, members)
            self._link(links, members[0], id, "shares", 0, ghost=False)
            for member in members[1:]:
                self._link(links, id, member, "shares", 0, ghost=False)
        framed = tuple(regions(deeds, self.things, elements))
        called = tuple(calls(deeds, self.entrances.calls(len(self.deeds))))
        return Graph(tuple(elements), tuple(links), framed, title, called)

    def _is_named(self, ref: Ref) -> bool:
        return bool(self._given(self.things[ref]))

    def _that_matter(self) -> list[Deed]:
        """Leave out arithmetic on plain numbers that nobody asks about and no recorded operation uses."""
        if not self.by_node:
            return self.deeds
        matters = [False] * len(self.deeds)
        asked = {*self.roots, *self.read}
        for deed in reversed(self.deeds):
            users = (user for ref in deed.outputs for user, _ in self.things[ref].users)
            matters[deed.index] = (
                deed.how not in ("plain", "no derivative")
                or not asked.isdisjoint(deed.outputs)
                or any(matters[user] for user in users)
            )
        return [deed for deed in self.deeds if matters[deed.index]]

    def _ends(self) -> list[Ref]:
        """List where passes began, and what they recorded themselves; every result where there was none."""
        if not self.roots:
            return [ref for ref, thing in self.things.items() if not thing.users]
        recorded = (ref for deed in self.deeds if deed.call and deed.how == "graph" for ref in deed.outputs)
        return list(dict.fromkeys([*self.roots, *(ref for ref in recorded if not self.things[ref].users)]))

    def _alive(self) -> set[Ref]:
        """Find the values that a gradient can reach, and those that stand beside them as constants."""
        return self._behind([*self._ends(), *self.read])

    def _behind(self, ends: Iterable[Ref]) -> set[Ref]:
        behind: set[Ref] = set()
        pending = list(ends)
        while pending:
            ref = pending.pop()
            if ref not in behind:
                behind.add(ref)
                maker = self.made_by.get(ref)
                pending.extend(maker.inputs if maker is not None and maker.how == "graph" else ())
        return behind

    def _senders(self, alive: set[Ref]) -> dict[Ref, int]:
        """Count how many gradients one backward pass brings to each value: what passes told, else what could come."""
        told = {ref: thing.senders for ref, thing in self.things.items()}
        could = self._could_meet(alive)
        if not any(told.values()):
            return could
        several = {ref for deed in self.deeds if len(deed.outputs) > 1 for ref in deed.outputs}
        return told | {ref: could[ref] for ref in several}

    def _could_meet(self, alive: set[Ref]) -> dict[Ref, int]:
        """Count how many gradients could come to each value in a backward pass from one of the results."""
        most = dict.fromkeys(self.things, 0)
        ends = self._ends()
        for behind in [self._behind([end]) for end in ends] if len(ends) <= ROOTS else [alive]:
            count: Counter[Ref] = Counter()
            makers = {id(maker): maker for maker in map(self.made_by.get, behind) if maker is not None}
            for maker in makers.values():
                count.update(maker.inputs if maker.how == "graph" else ())
            most.update((ref, max(most[ref], n)) for ref, n in count.items())
        return most

    def _add_value(
        self, ref: Ref, elements: list[Element], links: list[Link], alive: set[Ref], senders: dict[Ref, int]
    ) -> None:
        thing = self.things[ref]
        if thing.id:
            return
        index = len(elements) + 1
        thing.id = f"t{index}"
        role = self._first_role(thing)
        stores = not {role, *thing.roles}.isdisjoint(STORES)
        label, text, shape = self.name(ref), brief(thing.value.data), shape_text(thing.value.shape)
        element = Element(
            thing.id,
            role,
            label,
            value="" if text == label else text,
            shape="" if shape == label else shape,
            grad=text_of(thing.value.grad) if stores or role == "kept" or thing.value.grad is not None else "",
            senders=senders[ref] if stores or role in MADE else 0,
            ghost=ref not in alive,
            version=thing.value.version,
            about=self.about(ref),
            hooks=tuple(hook for hook in thing.hooks if hook == "tensor"),
            device=thing.device,
        )
        elements.append(element)
        if stores and not element.ghost:
            about, hooks = say("about", "accumulator", name=label), tuple(h for h in thing.hooks if h != "tensor")
            elements.append(Element(f"g{index}", "acc", "+= .grad", about=about, hooks=hooks, device=thing.device))
            self._link(links, f"g{index}", thing.id, "store", 0, ghost=False)

    def _first_role(self, thing: Thing) -> str:
        """Return the role that a value has in the beginning."""
        role, maker = thing.roles[0] if thing.roles else "const", self.made_by.get(thing.ref)
        if thing.kept and thing.value.made_by is not None:
            return "kept"
        return "view" if role == "mid" and maker is not None and maker.rule is not None and maker.shares else role

    def _add_deed(self, deed: Deed, elements: list[Element], alive: set[Ref]) -> None:
        index = len(elements) + 1
        if deed.rule is None:
            deed.id = f"c{index}"
            elements.append(Element(deed.id, "cut", "detach", about=say("about", "cut")))
            return
        deed.id = f"o{index}"
        saved = ((deed.saved_at(slot), version) for slot, version in deed.notes)
        notes = tuple(dict.fromkeys(Note("…" if ref is None else self.name(ref), version) for ref, version in saved))
        elements.append(
            Element(
                deed.id,
                "op",
                operation_label(deed),
                notes=notes,
                saved=deed.saved,
                ghost=self._is_ghost(deed, alive),
                about=say("about", UNRECORDED[deed.how], mode=deed.how) if deed.how in UNRECORDED else deed.rule.node,
                hooks=deed.hooks,
            )
        )

    def _is_ghost(self, deed: Deed, alive: set[Ref]) -> bool:
        return deed.how not in ("graph", "cut") or (deed.how == "graph" and alive.isdisjoint(deed.outputs))

    def _add_links(self, deed: Deed, links: list[Link], alive: set[Ref]) -> None:
        ghost = deed.how == "graph" and self._is_ghost(deed, alive)
        for slot, (ref, role) in enumerate(zip(deed.inputs, deed.roles, strict=True)):
            wants = deed.how == "graph" and role not in ("const", "frozen")
            self._link(links, self.things[ref].id, deed.id, "data" if wants else "plain", slot, ghost=ghost)
        for slot, ref in enumerate(deed.outputs):
            role = {"graph": "data", "cut": "cut"}.get(deed.how, "plain")
            self._link(links, deed.id, self.things[ref].id, role, slot, ghost=ghost)

    def _link(self, links: list[Link], source: str, target: str, role: str, slot: int, *, ghost: bool) -> None:
        id = f"e{len(links) + 1}"
        self.link_ids[source, target, slot] = id
        links.append(Link(id, source, target, role, slot, ghost))

    def link(self, source: str, target: str, slot: int = 0) -> str:
        """Return the id of a link; empty if there is none."""
        return self.link_ids.get((source, target, slot), "")


def role_of(value: Value) -> str:
    """Return the role of a value in the picture."""
    if value.made_by is not None:
        return "mid"
    if value.requires_grad:
        return "param" if value.is_parameter else "leaf"
    return "frozen" if value.is_parameter else "const"


def operation_label(deed: Deed) -> str:
    """Return what stands on an operation."""
    assert deed.rule is not None
    if deed.rule.name == "pow" and "exponent" in deed.settings:
        return f"^{number(deed.settings['exponent'])}"
    return deed.rule.symbol
