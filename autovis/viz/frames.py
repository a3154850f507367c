"""From a tape to a film: one frame for each step that a learner can follow.

First the whole tape is told as a story, so that every element has its place before anything moves; then the events are
gone through once more, and each becomes a frame: who is active, what is written where, one caption.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autovis import events
from autovis.graph import AccumulateGrad
from autovis.primitive import Elementwise
from autovis.tape import Position, Tape, is_summary
from autovis.viz.captions import caption
from autovis.viz.numerals import brief, number
from autovis.viz.reading import ATOM, local, pulled, word
from autovis.viz.scene import Change, Entry, Film, Frame, Row, Tray
from autovis.viz.source import assigned, source_lines, statement_lines
from autovis.viz.story import Deed, Ref, Story, operation_label

__all__ = ["film"]

Changes = dict[str, dict[str, bool | int | str]]

SHOWN_LINES = 40  # lines of a long file that are shown around what ran


class Director:
    """Makes the frames of a film from the events of a tape.

    Args:
        tape: what happened.
        title: of the film.
    """

    def __init__(self, tape: Tape, title: str = "") -> None:
        self.tape = tape
        self.events = tape.events
        self.story = Story(tape.names, tape.makers)
        self.frames: list[Frame] = []
        self.call = 0
        self.calls = 0
        self.tokens: set[str] = set()
        self.trays: set[str] = set()
        self.ledger: dict[str, str] = {}
        self.told: dict[int, Deed] = {}
        self.stopped: dict[int, list[int]] = {}
        self._tell()
        self.graph = self.story.graph(title)
        self.source, self.file, self.first = self._source()

    # -------------------------------------------------------------------------------------------------- the story

    def _tell(self) -> None:
        for index, event in enumerate(self.events):
            deed = self.story.tell(event)
            if deed is not None:
                self.told[index] = deed
                self._christen(deed)
            if isinstance(event, events.Stopped):
                self.stopped.setdefault(event.node, []).append(event.slot)
        self._starting_gradients()

    def _christen(self, deed: Deed) -> None:
        """Give a result the name that the running line gives it."""
        if deed.at is None or len(deed.outputs) != 1:
            return
        name = assigned(self.tape.positions[deed.at])
        thing = self.story.things[deed.outputs[0]]
        if name and not thing.name:
            thing.name = name

    def _starting_gradients(self) -> None:
        """Find what each leaf's `.grad` held before the film."""
        seen: set[Ref] = set()
        for event in self.events:
            if isinstance(event, (events.Accumulated, events.Cleared)):
                ref = self.story.thing(event.leaf).ref
                if ref not in seen:
                    seen.add(ref)
                    self.story.things[ref].grad = "None" if event.before is None else brief(event.before) or "…"

    def _source(self) -> tuple[tuple[str, ...], str, int]:
        """Choose the cell or file that most events come from, and the part of it that ran."""
        count: dict[str, int] = {}
        for event in self.events:
            if event.at is not None:
                file = self.tape.positions[event.at].code.co_filename
                count[file] = count.get(file, 0) + 1
        if not count:
            return (), "", 1
        file = max(count, key=lambda name: count[name])
        places = [p for p in self.tape.positions if p.code.co_filename == file]
        lines = source_lines(places[0])
        if len(lines) <= SHOWN_LINES:
            return lines, file, 1
        first = max(1, min(p.line for p in places) - 1)
        last = min(len(lines), max(p.line for p in places) + 1, first + SHOWN_LINES)
        return lines[first - 1 : last], file, first

    def _line(self, at: int | None) -> tuple[int, int] | None:
        if at is None or not self.source:
            return None
        position: Position = self.tape.positions[at]
        if position.code.co_filename != self.file:
            return None
        low, high = (n - self.first + 1 for n in statement_lines(position))
        return (low, high) if low >= 1 and high <= len(self.source) else None

    # -------------------------------------------------------------------------------------------------- the frames

    def shoot(self) -> Film:
        """Go through the events and return the film."""
        hidden: Changes = {}
        forward = any(deed.at is not None for deed in self.told.values())
        if forward:
            hidden = self._curtain()
        self._frame("start", "start_forward" if forward else "start_backward", {}, hidden)
        for index, event in enumerate(self.events):
            handler = SCENES.get(type(event))
            if handler is not None:
                handler(self, event, index)
        return Film(self.graph, tuple(self.frames), self.source)

    def _curtain(self) -> Changes:
        """Hide what appears only when its line runs."""
        late = {deed.id for deed in self.told.values() if deed.at is not None and deed.id}
        outputs = {self.story.things[ref].id for d in self.told.values() if d.at is not None for ref in d.outputs}
        early = {element.id for element in self.graph.elements} - late - outputs
        used_early = self._used_before()
        hidden: Changes = {id: {"visible": False} for id in [*late, *outputs] if id}
        for element in self.graph.elements:
            if element.id in early and element.id not in used_early:
                hidden[element.id] = {"visible": False}
        for link in self.graph.links:
            if link.source in hidden or link.target in hidden:
                hidden[link.id] = {"visible": False}
        return hidden

    def _used_before(self) -> set[str]:
        """Return the leaves that are there from the start: every one that has a name, and its accumulator."""
        kept: set[str] = set()
        for thing in self.story.things.values():
            if thing.ref[0] == "tensor" and thing.id and self.story.maker(thing.ref) is None:
                kept |= {thing.id, "g" + thing.id[1:]}
        for deed in self.told.values():
            if deed.at is None:
                kept |= {self.story.things[ref].id for ref in (*deed.inputs, *deed.outputs)}
        return kept

    def _frame(
        self,
        kind: str,
        key: str,
        args: Mapping[str, str],
        changes: Mapping[str, Change] | None = None,
        *,
        node: str = "",
        links: tuple[str, ...] = (),
        rows: tuple[Row, ...] = (),
        tray: Tray | None = None,
        ledger: Entry | None = None,
        layer: str = "",
        at: int | None = None,
    ) -> None:
        self.frames.append(
            Frame(
                kind,
                self.call,
                key,
                dict(args),
                caption(key, args),
                node,
                tuple(link for link in links if link),
                rows,
                tray,
                ledger,
                layer,
                self._line(at),
                changes or {},
            )
        )

    # ------------------------------------------------------------------------------------------------------ forward

    def _forward(self, event: Any, index: int) -> None:
        deed = self.told[index]
        if event.at is None or not deed.id:
            return
        self.call = 0
        changes = self._reveal(deed)
        thing = self.story.things[deed.outputs[0]]
        about, value = self.story.about(deed.outputs[0]), brief(thing.value.data)
        kinds = {"graph": "forward_value" if value else "forward", "cut": "cut"}
        key = kinds.get(deed.how, f"skip_{deed.how.replace(' ', '_')}")
        args = {"about": about, "name": self.story.name(deed.outputs[0]), "value": value or "…"}
        if deed.how == "cut":
            args["source"] = self.story.name(deed.inputs[0])
        kind = {"graph": "forward", "cut": "cut"}.get(deed.how, "skip")
        links = tuple(id for id in changes if id.startswith("e"))
        self._frame(kind, key, args, changes, node=deed.id, links=links, at=event.at)

    def _reveal(self, deed: Deed) -> Changes:
        """Show an operation, what it reads and what it makes."""
        ids = {deed.id, *(self.story.things[ref].id for ref in (*deed.inputs, *deed.outputs))}
        ids |= {"g" + id[1:] for id in ids if id.startswith("t")}
        here = {element.id for element in self.graph.elements} & ids
        changes: Changes = {id: {"visible": True} for id in sorted(here)}
        for link in self.graph.links:
            if deed.id in (link.source, link.target) or (link.role == "store" and link.target in here):
                changes[link.id] = {"visible": True}
        return changes

    def _detached(self, event: events.Detached, index: int) -> None:
        if not event.in_place:
            self._forward(event, index)
        elif event.at is not None:
            name = self.story.name(self.story.thing(event.source).ref)
            self._frame("cut", "cut_in_place", {"name": name}, at=event.at)

    def _bumped(self, event: events.Bumped, index: int) -> None:
        ref = self.story.ref(event.value, ("number", -1, 0))
        thing = self.story.things.get(ref)
        if thing is None or not thing.id or event.value.made_by is not None:
            return
        self.call = 0
        text = brief(event.value.data)
        changes: Changes = {thing.id: {"value": text, "version": event.value.version}}
        args = {"name": self.story.name(ref), "op": event.op, "version": str(event.value.version)}
        self._frame("edit", "edit", args, changes, node=thing.id, at=event.at)

    # ----------------------------------------------------------------------------------------------------- backward

    def _seeded(self, event: events.Seeded, index: int) -> None:
        self.calls += 1
        self.call = self.calls
        root = self.story.thing(event.root).ref
        text = self._text(event.gradient)
        changes: Changes = {link: {"token": ""} for link in sorted(self.tokens)}
        changes.update({id: {"tray": ""} for id in sorted(self.trays)})
        self.tokens.clear()
        self.trays.clear()
        link = self._incoming(event.node)
        self._put(changes, link, text)
        args = {"name": self.story.name(root), "gradient": text}
        self._frame("seed", "seed", args, changes, node=self.story.things[root].id, links=(link,), at=event.at)

    def _pulled(self, event: events.Pulled, index: int) -> None:
        deed = self.story.by_node.get(event.node)
        if deed is None or not deed.id or deed.rule is None:
            return
        rows = self._rows(deed, event)
        label = self._operation(deed)
        arriving: Changes = {}
        link = self._incoming(event.node)
        self._put(arriving, link, self._text(event.arriving))
        told = {row.to: row.local for row in rows}
        if any(not plain(text) for text in told.values()):
            args = {"op": label, "arrives": self._text(event.arriving), "locals": ", ".join(told.values())}
            self._frame("local", "local", args, arriving, node=deed.id, links=(link,), rows=rows, at=event.at)
            arriving = {}
            key = "send"
        else:
            key = "send_through"
        sent = tuple(row.link for row in rows)
        for row in rows:
            self._put(arriving, row.link, row.sent)
        stopped = [
            self.story.name(deed.inputs[slot]) for slot in self.stopped.get(event.node, ()) if slot < len(deed.inputs)
        ]
        if key == "send_through" and stopped:
            key = "send_stop"
        if key == "send":
            sends = ", ".join(
                f"{row.product} to {row.to}" if "=" in row.product else f"{row.sent} to {row.to}" for row in rows
            )
        else:
            sends = ", ".join(f"{row.sent} to {row.to}" for row in rows)
        args = {"op": label, "sends": sends, "stopped": " and ".join(dict.fromkeys(stopped))}
        self._frame(
            "send",
            key if rows else "send_nothing",
            args,
            arriving,
            node=deed.id,
            links=(link, *sent),
            rows=rows,
            at=event.at,
        )

    def _rows(self, deed: Deed, event: events.Pulled) -> tuple[Row, ...]:
        """Write the four parts of the chain rule for every input that is sent something."""
        assert deed.rule is not None
        names = [self.story.name(ref) for ref in deed.inputs]
        out = self.story.name(deed.outputs[0])
        shapes = [self.story.things[ref].value.shape for ref in deed.inputs]
        arriving = self._text(event.arriving)
        rows = []
        for slot, gradient in enumerate(event.sent):
            if gradient is None or slot >= len(deed.inputs):
                continue
            link = self.story.link(self.story.things[deed.inputs[slot]].id, deed.id, slot)
            sent = self._text(gradient)
            rule = local(deed.rule, slot, names, out, shapes=shapes, **deed.settings)
            value = self._local_value(deed, event, slot)
            derivative = f"d({self.story.formula(deed)})/d{word(names[slot]).within(ATOM)}"
            if isinstance(deed.rule, Elementwise) and value:
                told = " = ".join(dict.fromkeys([derivative, rule or value, rule if is_number(rule) else value]))
                product = f"{arriving} × {value} = {sent}"
                if self._widened(gradient, event.arriving):
                    product = f"sum of {arriving} × {value} = {sent}"
            else:
                formula = pulled(deed.rule, slot, names, out, shapes=shapes, **deed.settings)
                told = f"sends {formula}" if formula else deed.rule.node
                product = (
                    f"{formula.replace('g', arriving, 1)} = {sent}"
                    if formula and len(formula) + len(arriving) < 30
                    else sent
                )
            rows.append(Row(link, names[slot], arriving, told, product, sent))
        return tuple(rows)

    def _widened(self, gradient: Any, arriving: Any) -> bool:
        return np.shape(gradient) != np.shape(arriving)

    def _local_value(self, deed: Deed, event: events.Pulled, slot: int) -> str:
        """Compute the local derivative by asking the rule what it makes of ones."""
        node = self.tape.nodes.get(event.node)
        if node is None or event.saved is None or any(is_summary(x) for x in event.saved) or is_summary(event.arriving):
            return ""
        if not isinstance(deed.rule, Elementwise) or isinstance(event.arriving, tuple):
            return ""
        ones = np.ones_like(event.arriving)
        pull = next((pull for pull in node.plan.pulls if pull.slot == slot), None)
        if pull is None:
            return ""
        with np.errstate(all="ignore"):
            return self._text(pull.run(ones, event.saved))

    def _freed(self, event: events.Freed, index: int) -> None:
        deed = self.story.by_node.get(event.node)
        if deed is None or not deed.id:
            return
        names = list(
            dict.fromkeys(
                self.story.name(deed.outputs[0] if slot < 0 else deed.inputs[slot]) for _, slot, _ in deed.notes
            )
        )
        args = {"op": self._operation(deed), "names": " and ".join(names)}
        key = "free" if len(names) == 1 else "free_many"
        self._frame("free", key, args, {deed.id: {"saved": "freed"}}, node=deed.id, layer="saved", at=event.at)

    def _arrived(self, event: events.Arrived, index: int) -> None:
        if event.of < 2:
            return
        ref = self._receiver(event.node)
        sender = self.story.by_node.get(event.sender)
        if ref is None or sender is None:
            return
        thing = self.story.things[ref]
        before = "0" if event.before is None else self._text(event.before)
        arriving, after = self._text(event.gradient), self._text(event.after)
        tray = Tray(thing.id, before, arriving, after, event.came, event.of)
        sum_text = f"{before} + {arriving} = {after}"
        link = self.story.link(thing.id, sender.id, event.slot)
        args = {"name": self.story.name(ref), "sum": sum_text, "due": str(event.of - event.came)}
        key = "fan_in" if event.came < event.of else "fan_in_done"
        self.trays.add(thing.id)
        self._frame(
            "fan_in", key, args, {thing.id: {"tray": sum_text}}, node=thing.id, links=(link,), tray=tray, at=event.at
        )

    def _hook(self, event: events.HookRan, index: int) -> None:
        ref = self._receiver(event.node)
        if ref is None:
            return
        args = {"name": self.story.name(ref), "before": self._text(event.before), "after": self._text(event.after)}
        changes: Changes = {}
        self._put(changes, self._incoming(event.node), args["after"])
        self._frame("hook", "hook", args, changes, node=self.story.things[ref].id, at=event.at)

    def _retained(self, event: events.Retained, index: int) -> None:
        thing = self.story.things[self.story.made(event.node)]
        text = self._text(event.gradient)
        args = {"name": self.story.name(thing.ref), "gradient": text}
        self._frame("retain", "retain", args, {thing.id: {"grad": text}}, node=thing.id, at=event.at)

    def _accumulated(self, event: events.Accumulated, index: int) -> None:
        thing = self.story.thing(event.leaf)
        if not thing.id:
            return
        name = self.story.name(thing.ref)
        before = "None" if event.before is None else self._text(event.before)
        arriving, after = self._text(event.arriving), self._text(event.after)
        changes: Changes = {thing.id: {"grad": after}}
        link = self.story.link("g" + thing.id[1:], thing.id)
        self._put(changes, link, arriving)
        key = "accumulate_first" if event.before is None else "accumulate"
        args = {"name": name, "before": before, "arriving": arriving, "after": after}
        entry = Entry(thing.id, name, "add", before, arriving, after, self.call)
        self.ledger[thing.id] = after
        self._frame("accumulate", key, args, changes, node="g" + thing.id[1:], links=(link,), ledger=entry, at=event.at)

    def _cleared(self, event: events.Cleared, index: int) -> None:
        thing = self.story.thing(event.leaf)
        if not thing.id:
            return
        self.call = 0
        name = self.story.name(thing.ref)
        before = self.ledger.get(thing.id) or (brief(event.before) if event.before is not None else "…")
        after = "None" if event.how == "none" else "0"
        entry = Entry(thing.id, name, event.how, before, "", after)
        self.ledger[thing.id] = after
        args = {"name": name, "before": before, "after": after}
        self._frame(
            "clear", f"clear_{event.how}", args, {thing.id: {"grad": after}}, node=thing.id, ledger=entry, at=event.at
        )

    def _stepped(self, event: events.Stepped, index: int) -> None:
        self.call = 0
        changes: Changes = {}
        for value in event.parameters:
            ref = self.story.ref(value, ("number", -1, 0))
            thing = self.story.things.get(ref)
            if thing is not None and thing.id:
                changes[thing.id] = {"value": brief(value.data), "version": value.version}
        self._frame("step", "step", {"optimizer": event.optimizer}, changes, at=event.at)

    def _failed(self, event: events.Failed, index: int) -> None:
        deed = self.story.by_node.get(event.node or 0)
        ref = self._receiver(event.node) if deed is None and event.node else None
        node = deed.id if deed is not None else self.story.things[ref].id if ref is not None else ""
        self._frame("error", "error", {"sentence": event.sentence}, {}, node=node, at=event.at)

    # -------------------------------------------------------------------------------------------------------- helpers

    def _operation(self, deed: Deed) -> str:
        """Say which operation, `× (y)`."""
        return f"{operation_label(deed)} ({self.story.name(deed.outputs[0])})"

    def _receiver(self, node: int) -> Ref | None:
        """Return the value whose gradient arrives at a node."""
        if node in self.story.by_node:
            return self.story.made(node)
        leaf = self.tape.nodes.get(node)
        if isinstance(leaf, AccumulateGrad):
            ref = ("tensor", leaf.variable.extras().key, 0)
            return ref if ref in self.story.things else None
        return None

    def _incoming(self, node: int) -> str:
        """Return the link along which the gradient of a node's result comes in: from the result to the operation."""
        deed = self.story.by_node.get(node)
        if deed is None:
            return ""
        return self.story.link(deed.id, self.story.things[deed.outputs[0]].id)

    def _put(self, changes: Changes, link: str, text: str) -> None:
        """Write a gradient on a link."""
        if link:
            changes[link] = {"token": text}
            self.tokens.add(link)

    def _text(self, data: Any) -> str:
        """Write a gradient: its numbers, or its shape where they are too many."""
        if isinstance(data, tuple):
            return ", ".join("0" if part is None else self._text(part) for part in data)
        if isinstance(data, (int, float)):
            return number(data)
        return brief(data) or f"{tuple(np.shape(data))}"


def is_number(text: str) -> bool:
    """Whether a formula is nothing but a number."""
    return text.removeprefix("−").replace(".", "").isdigit()


def plain(told: str) -> bool:
    """Whether a local derivative is 1, so that the gradient passes unchanged."""
    return told.endswith("= 1")


SCENES: dict[type[events.Event], Callable[[Director, Any, int], None]] = {
    events.Recorded: Director._forward,
    events.NotRecorded: Director._forward,
    events.Detached: Director._detached,
    events.Bumped: Director._bumped,
    events.Seeded: Director._seeded,
    events.Pulled: Director._pulled,
    events.Freed: Director._freed,
    events.Arrived: Director._arrived,
    events.HookRan: Director._hook,
    events.Retained: Director._retained,
    events.Accumulated: Director._accumulated,
    events.Cleared: Director._cleared,
    events.Stepped: Director._stepped,
    events.Failed: Director._failed,
}


def film(tape: Tape, title: str = "") -> Film:
    """Make the film of a tape."""
    return Director(tape, title).shoot()
