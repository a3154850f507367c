"""From a tape to a film: one frame for each step that a learner can follow.

First the whole tape is told as a story, so that every element has its place before anything moves; then the events are
gone through once more, and each becomes a frame: who is active, what is written where, one caption.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import prod
from typing import Any

import numpy as np

from autovis import records
from autovis.language import listed, say
from autovis.past import SMALL, is_summary
from autovis.tape import Tape
from autovis.viz.captions import caption
from autovis.viz.chain import steps
from autovis.viz.failures import Failures, sentence_of
from autovis.viz.numerals import brief, text_of
from autovis.viz.scene import Change, Entry, Film, Frame, Graph, Row, Tray
from autovis.viz.source import Program
from autovis.viz.story import UNRECORDED, Deed, Ref, Story, Thing, operation_label

__all__ = ["film"]

Changes = dict[str, dict[str, bool | int | str]]

WIDE = 32  # characters of a formula in a caption

KINDS = {"graph": "forward", "cut": "cut"}

MAKING = records.Recorded | records.NotRecorded | records.Detached


class Director:
    """Makes the frames of a film from the events of a tape.

    Args:
        tape: what happened.
        title: of the film.
    """

    def __init__(self, tape: Tape, title: str = "") -> None:
        self.tape = tape
        self.story = Story(tape.names, tape.makers, tape.modules)
        self.program = Program(tape.positions, [event.at for event in tape.events])
        self.frames: list[Frame] = []
        self.reached: list[int] = []  # for each frame, how many events lie before its end
        self.told: dict[int, Deed] = {}
        self.stopped: dict[int, dict[int, str]] = {}
        self.freed: set[tuple[int, int]] = set()
        self._tell()
        self.failures = Failures.of(self.story.graph(title), tape, self.story, self.program)
        self.graph = self.failures.graph
        self.roles = {element.id: element.role for element in self.graph.elements}
        self.senders = {element.id: element.senders for element in self.graph.elements}
        self.saved = {element.id: element.saved for element in self.graph.elements}
        self.ledger = {element.id: element.grad for element in self.graph.elements if element.grad}
        self.links: dict[str, list[str]] = {}
        for link in self.graph.links:
            for end in (link.source, link.target):
                self.links.setdefault(end, []).append(link.id)
        self.written: Changes = {}  # tokens and trays to wipe before the next pass
        self.waiting: Changes = {}  # what the next frame shows along with its own
        self.came: dict[tuple[int, Ref], int] = {}
        self.call = self.seeded = 0
        self.hidden: set[str] = set()
        self.pending = list(company(self.graph))

    # -------------------------------------------------------------------------------------------------- the story

    def _tell(self) -> None:
        results = {event.visit: index for index, event in enumerate(self.tape.events) if isinstance(event, MAKING)}
        for index, event in enumerate(self.tape.events):
            deed = self.story.tell(event)
            if deed is not None:
                self.told[index] = deed
                if results[event.visit] == index:
                    self._christen(deed)
            match event:
                case records.Stopped():
                    self.stopped.setdefault(event.node, {})[event.slot] = event.reason
                case records.Freed():
                    self.freed.add((event.call, event.node))
                case records.Arrived() if (ref := self._goal(event)) in self.story.things:
                    thing = self.story.things[ref]
                    thing.senders = max(thing.senders, event.of)
                case records.HookRan():
                    self._hooked(event)

    def _hooked(self, event: records.HookRan) -> None:
        """Note where a hook sits."""
        sits: Thing | Deed | None = self.story.things.get(self._watched(event))
        if event.kind in ("pre", "node"):
            sits = self.story.by_node.get(event.node, sits)
        if sits is not None and event.kind not in sits.hooks:
            sits.hooks += (event.kind,)

    def _christen(self, deed: Deed) -> None:
        """Give a result the name that the running line gives it, unless a variable names it otherwise at the end."""
        if len(deed.outputs) != 1 or deed.call:
            return
        thing = self.story.things[deed.outputs[0]]
        name = self.program.name_of(deed.at)
        alive = self.tape.aliases.get((thing.ref[1], thing.ref[2]), {name}) if thing.ref[0] == "made" else {name}
        thing.name = thing.name or (name if name in alive else "")

    # -------------------------------------------------------------------------------------------------- the frames

    def shoot(self) -> Film:
        """Go through the events and return the film."""
        forward = any(deed.at is not None and not deed.call for deed in self.told.values())
        self._frame("start", "start_forward" if forward else "start_backward", {}, self._curtain())
        for index, event in enumerate(self.tape.events):
            self.reached += [index] * (len(self.frames) - len(self.reached))
            handler = SCENES.get(type(event))
            if handler is not None:
                self.call = event.call
                handler(self, event, index)
        self.reached += [len(self.tape.events)] * (len(self.frames) - len(self.reached))
        return Film(self.graph, tuple(self.frames), self.program.lines, self.program.sections)

    def _curtain(self) -> Changes:
        """Hide what appears only when its line runs; leaves and what was there before stay."""
        late = [deed for deed in self.told.values() if deed.at is not None]
        there = {id for deed in self.told.values() if deed.at is None for id in self._around(deed)}
        there |= {
            thing.id for ref, thing in self.story.things.items() if ref[0] == "tensor" and not self._is_of_a_pass(thing)
        }
        made = {self.story.things[ref].id for deed in late for ref in deed.outputs}
        gone = {id for deed in late for id in self._around(deed) if id} - (there - made)
        gone |= {"g" + id[1:] for id in gone} & self.roles.keys()
        gone |= {element.id for element in self.graph.elements if element.id[0] in "sx"}
        hidden: Changes = {element.id: {"visible": False} for element in self.graph.elements if element.id in gone}
        hidden |= {region.id: {"visible": False} for region in self.graph.regions}
        for link in self.graph.links:
            if link.source in gone or link.target in gone:
                hidden[link.id] = {"visible": False}
        self.hidden = set(hidden)
        self._appear(hidden)
        return {id: change for id, change in hidden.items() if not change["visible"]}

    def _is_of_a_pass(self, thing: Thing) -> bool:
        """Whether a constant, such as the gradient that it starts with, came up in a recorded pass."""
        calls = [self.story.deeds[user].call for user, _ in thing.users]
        return thing.roles == ["const"] and bool(calls) and all(calls)

    def _appear(self, changes: Changes) -> None:
        """Show what only has to wait for the company of others."""
        self.hidden -= {id for id, change in changes.items() if change.get("visible")}
        for id, members, quorum in tuple(self.pending):
            if len(members - self.hidden) >= quorum:
                self.pending.remove((id, members, quorum))
                self.hidden.discard(id)
                changes.setdefault(id, {})["visible"] = True

    def _around(self, deed: Deed) -> Iterable[str]:
        """List the ids of an operation, of what it reads and of what it makes."""
        return deed.id, *(self.story.things[ref].id for ref in (*deed.inputs, *deed.outputs))

    def _frame(
        self,
        kind: str,
        key: str,
        args: Mapping[str, str],
        changes: Mapping[str, Change] | None = None,
        *,
        node: str = "",
        links: Iterable[str] = (),
        rows: tuple[Row, ...] = (),
        tray: Tray | None = None,
        ledger: Entry | None = None,
        layer: str = "",
        at: int | None = None,
    ) -> None:
        merged: Changes = self.waiting
        for id, change in (changes or {}).items():
            merged.setdefault(id, {}).update(change)
        self._appear(merged)
        self.waiting = {}
        told, lines, span = dict(args), self.program.lines_of(at), self.program.span_of(at)
        shown = tuple(link for link in links if link)
        self.frames.append(
            Frame(
                *(kind, self.call, key, told, caption(key, args), node, shown),
                *(rows, tray, ledger, layer, lines, merged, span),
            )
        )

    # ------------------------------------------------------------------------------------------------------ forward

    def _forward(self, event: records.Recorded | records.NotRecorded | records.Detached, index: int) -> None:
        deed = self.told.get(index)
        if event.at is None or deed is None or not deed.id:
            return
        changes = self._reveal(deed)
        if event.call or deed.in_place:  # a recorded pass shows with its own steps, an edit when it is complete
            self._later(changes)
            return
        self._made(deed, "", changes, event.at)

    def _made(self, deed: Deed, key: str, changes: Changes, at: int | None) -> None:
        """Tell that a value was made."""
        output = self.story.things[deed.outputs[0]]
        value = brief(output.value.data) if len(deed.outputs) == 1 else ""
        keys = {"graph": "forward_value" if value else "forward", "cut": "cut"}
        args = {
            "about": self.story.sentence(deed),
            "name": self.story.name(output.ref),
            "value": value or text_of(output.value.data),
            "source": self.story.name(deed.inputs[0]) if deed.inputs else "",
            "mode": deed.how,
        }
        key = key or keys.get(deed.how) or f"skip_{UNRECORDED[deed.how]}"
        links = [id for id in changes if id.startswith("e")]
        self._frame(KINDS.get(deed.how, "skip"), key, args, changes, node=deed.id, links=links, at=at)

    def _reveal(self, deed: Deed) -> Changes:
        """Show an operation, what it reads and what it makes; a constant that became a leaf changes its role."""
        ids = {id for id in self._around(deed) if id}
        ids |= {"g" + id[1:] for id in ids} & self.roles.keys()
        changes: Changes = {id: {"visible": True} for id in sorted(ids)}
        for ref, role in zip(deed.inputs, deed.roles, strict=True):
            id = self.story.things[ref].id
            if role not in ("mid", self.roles[id]):
                changes[id]["role"] = self.roles[id] = role
        stores = (link for id in ids if id.startswith("g") for link in self.links[id])
        changes.update({id: {"visible": True} for id in (*self.links.get(deed.id, ()), *stores)})
        return changes

    def _later(self, changes: Changes) -> None:
        for id, change in changes.items():
            self.waiting.setdefault(id, {}).update(change)

    def _detached(self, event: records.Detached, index: int) -> None:
        deed = self.told.get(index)
        if deed is not None and deed.id and event.in_place:
            self._made(deed, "cut_in_place", self._reveal(deed), event.at)
        else:
            self._forward(event, index)

    def _bumped(self, event: records.Bumped, index: int) -> None:
        if event.owner is not None:
            self._edited_gradient(event, event.owner)
            return
        changes: Changes = {}
        here = [event.value, *event.sharing]
        things = [(value, self.story.find(value)) for value in here]
        for value, thing in things:
            if thing is not None:
                text = brief(value.data)
                changes[thing.id] = {"version": value.version} | ({"value": text} if text else {})
        maker = self.story.by_node.get(event.value.made_by or 0)
        edit = maker if maker is not None and maker.in_place and maker.id else None
        self._mark_stale(changes, event, edit)
        if edit is not None and event.at is not None:
            self._later(changes)
            self._made(edit, "forward_in_place", self._reveal(edit), event.at)
            return
        told = [(value, thing) for value, thing in things if thing is not None]
        if told:
            value, thing = told[0]
            others = [self.story.name(other.ref) for _, other in told[1:]]
            args = {
                "name": self.story.name(thing.ref),
                "op": event.op,
                "value": text_of(value.data),
                "version": str(value.version),
                "others": listed(others),
            }
            self._frame("edit", "edit_shared" if others else "edit", args, changes, node=thing.id, at=event.at)

    def _mark_stale(self, changes: Changes, event: records.Bumped, edit: Deed | None) -> None:
        """Mark the notes whose value is not what was saved any more."""
        refs = {self.story.ref(value, ("number", -1, 0)) for value in (event.value, *event.sharing)}
        if edit is not None:
            refs.add(edit.inputs[0])
        for ref in refs & self.story.things.keys():
            users = (self.story.deeds[user] for user, _ in self.story.things[ref].users)
            for deed in {id(deed): deed for deed in (*users, self.story.made_by.get(ref)) if deed}.values():
                noted = {deed.saved_at(slot): version for slot, version in deed.notes}
                old = ref in noted and noted[ref] < event.value.version
                if old and deed is not edit and self.saved.get(deed.id) in ("held", "kept"):
                    self._save(changes, deed, "stale")

    def _save(self, changes: Changes, deed: Deed, state: str) -> None:
        self.saved[deed.id] = state
        changes.setdefault(deed.id, {})["saved"] = state

    # ----------------------------------------------------------------------------------------------------- backward

    def _seeded(self, event: records.Seeded, index: int) -> None:
        more, self.seeded = event.call == self.seeded, event.call
        if not more:
            self._later(self.written)
            self.written = {}
        root = self.story.thing(event.root)
        text = text_of(event.gradient)
        changes: Changes = {}
        link = self._incoming(event.node)
        self._put(changes, link, text)
        args = {"name": self.story.name(root.ref), "gradient": text}
        self._frame("seed", "seed_more" if more else "seed", args, changes, node=root.id, links=(link,), at=event.at)

    def _pulled(self, event: records.Pulled, index: int) -> None:
        deed = self.story.by_node.get(event.node)
        if deed is None or not deed.id or deed.rule is None:
            return
        told = steps(self.story, deed, event, self.tape.plans.get(event.node))
        rows = tuple(step.row for step in told)
        through = all(step.through for step in told)
        arriving = text_of(event.arriving)
        changes: Changes = {}
        parts = event.arriving if isinstance(event.arriving, tuple) else (event.arriving,)
        arrivals = [self._incoming(event.node, port) for port in range(len(parts))]
        for incoming, part in zip(arrivals, parts, strict=True):
            self._put(changes, incoming, text_of(part))
        receivers = listed(row.to for row in rows)
        args = {"op": self._operation(deed), "arrives": arriving, "receivers": receivers}
        if rows and not through:
            locals_ = {"locals": say("list", "comma").join(dict.fromkeys(row.local for row in rows))}
            self._frame("local", "local", args | locals_, changes, node=deed.id, links=arrivals, rows=rows, at=event.at)
            changes = {}
        for row in rows:
            self._put(changes, row.link, row.sent)
        if deed.notes and (event.call, event.node) not in self.freed:
            self._save(changes, deed, "kept")
        stopped = self._stopped(deed)
        sends = (say("chain", "to", product=row.sent if through else row.product, name=row.to) for row in rows)
        key = ("through" if through else "send") + ("_stop" if stopped else "") if rows else "send_nothing"
        args |= {"sends": say("list", "comma").join(sends), "stopped": stopped}
        links = (*arrivals, *(row.link for row in rows))
        self._frame("send", key, args, changes, node=deed.id, links=links, rows=rows, at=event.at)

    def _stopped(self, deed: Deed) -> str:
        """Say which inputs of an operation get nothing."""
        words = []
        for slot, reason in self.stopped.get(deed.node, {}).items():
            if slot < len(deed.inputs):
                words.append(say("stopped", reason, name=self.story.name(deed.inputs[slot])))
        return listed(words)

    def _freed(self, event: records.Freed, index: int) -> None:
        deed = self.story.by_node.get(event.node)
        if deed is None or not deed.id or not event.call or not deed.notes:
            return
        saved = (deed.saved_at(slot) for slot, _ in deed.notes)
        names = dict.fromkeys("…" if ref is None else self.story.name(ref) for ref in saved)
        changes: Changes = {}
        self._save(changes, deed, "freed")
        args = {"op": self._operation(deed), "names": listed(names)}
        key = "free" if len(names) == 1 else "free_many"
        self._frame("free", key, args, changes, node=deed.id, layer="saved", at=event.at)

    def _arrived(self, event: records.Arrived, index: int) -> None:
        sender = self.story.by_node.get(event.sender)
        thing = self._thing(self._goal(event))
        if thing is None or sender is None:
            return
        came, of = self._count(event, thing)
        if of < 2:
            return
        before = "0" if event.before is None else text_of(event.before)
        arriving, after = text_of(event.gradient), text_of(event.after)
        tray = Tray(thing.id, before, arriving, after, came, of)
        text = f"{before} + {arriving} = {after}"
        name = self.story.name(thing.ref)
        counts = {"due": str(of - came), "came": str(came), "of": str(of)}
        key = "fan_in" if came < of else "fan_in_done"
        self.written[thing.id] = {"tray": ""}
        changes: Changes = {thing.id: {"tray": text}}
        links = (self.story.link(thing.id, sender.id, event.slot),)
        args = {"name": name, "sum": text, **counts}
        self._frame("fan_in", key, args, changes, node=thing.id, links=links, tray=tray, at=event.at)

    def _count(self, event: records.Arrived, thing: Thing) -> tuple[int, int]:
        """Say the how-manieth gradient of how many this is; the engine counts those of all outputs of a node."""
        maker = self.story.made_by.get(thing.ref)
        if maker is None or len(maker.outputs) == 1:
            return event.came, event.of
        came = self.came[event.call, thing.ref] = self.came.get((event.call, thing.ref), 0) + 1
        return came, self.senders[thing.id]

    def _hook(self, event: records.HookRan, index: int) -> None:
        thing, deed = self._thing(self._watched(event)), self.story.by_node.get(event.node)
        before, after = hooked_text(event.before), hooked_text(event.after)
        args = {"before": before, "after": after}
        key = f"hook_{event.kind}" + ("" if before == after or event.kind == "post" else "_turns")
        changes: Changes = {}
        if event.kind in ("pre", "node") and deed is not None and deed.id:
            self._frame("hook", key, args | {"op": self._operation(deed)}, changes, node=deed.id, at=event.at)
        elif thing is not None:
            link = self._incoming(event.node, event.port) if event.kind == "tensor" else ""
            self._put(changes, link, after)
            args["name"] = self.story.name(thing.ref)
            self._frame("hook", key, args, changes, node=thing.id, links=(link,), at=event.at)

    def _retained(self, event: records.Retained, index: int) -> None:
        thing, key = self._thing(self._receiver(event.node)), "retain"
        if thing is not None and text_of(event.gradient) != text_of(event.after):
            key = "retain_more"
        self._stored(thing, key, event.gradient, event.after, event.at)

    def _returned(self, event: records.Returned, index: int) -> None:
        key = "store" if event.stored else "return_none" if event.gradient is None else "return"
        thing = self.story.find(event.value)
        if event.stored:
            self._stored(thing, key, event.gradient, event.gradient, event.at)
        elif thing is not None:
            args = {"name": self.story.name(thing.ref), "gradient": text_of(event.gradient)}
            self._frame("return", key, args, {}, node=thing.id, at=event.at)

    def _stored(self, thing: Thing | None, key: str, gradient: Any, after: Any, at: int | None) -> None:
        """Show the `.grad` of an intermediate."""
        if thing is None or gradient is None:
            return
        text = text_of(after)
        args = {"name": self.story.name(thing.ref), "gradient": text_of(gradient), "after": text}
        self._frame("retain", key, args, {thing.id: {"grad": text}}, node=thing.id, at=at)

    def _failed(self, event: records.Failed, index: int) -> None:
        deed, id = self.story.by_node.get(event.node or 0), self.failures.places[index]
        args = {"sentence": sentence_of(event)}
        if deed is not None and deed.id == id:
            args["op"] = self._operation(deed)
            self._frame("error", "error_at", args, {id: {"role": "error"}}, node=id, at=event.at)
            self.waiting = {id: {"role": "op"}}
        else:
            links = self.links.get(id, [])
            changes: Changes = {each: {"visible": True} for each in (id, *links)}
            self._frame("error", "error", args, changes, node=id, links=links, at=event.at)
            self.waiting = {each: {"visible": False} for each in changes}

    # --------------------------------------------------------------------------------------------------- the ledger

    def _accumulated(self, event: records.Accumulated, index: int) -> None:
        thing = self.story.find(event.leaf)
        if thing is None:
            return
        name = self.story.name(thing.ref)
        before, arriving, after = self._held(thing, event.before), text_of(event.arriving), text_of(event.after)
        drum = "g" + thing.id[1:]
        changes: Changes = {thing.id: {"grad": after}}
        link = self.story.link(drum, thing.id)
        self._put(changes, link, arriving)
        key = "accumulate_first" if event.before is None else "accumulate"
        args = {"name": name, "before": before, "arriving": arriving, "after": after}
        entry = Entry(thing.id, name, "add", before, arriving, after, self.call)
        self.ledger[thing.id] = after
        node = drum if drum in self.roles else thing.id
        self._frame("accumulate", key, args, changes, node=node, links=(link,), ledger=entry, at=event.at)

    def _held(self, thing: Thing, before: Any) -> str:
        """Write what `.grad` was; of a large one only the film may know that it is all zeros."""
        return self.ledger.get(thing.id, "…") if is_summary(before) else text_of(before)

    def _cleared(self, event: records.Cleared, index: int) -> None:
        shape = event.leaf.shape
        zeros = "0" if not shape else "all 0" if prod(shape) > SMALL else ""
        after = "None" if event.how == "none" else zeros or brief(np.zeros(shape))
        self._rewritten(event.leaf, event.how, f"clear_{event.how}", event.before, after, event.at)

    def _edited_gradient(self, event: records.Bumped, owner: records.Value) -> None:
        self._rewritten(owner, "edit", "edit_grad", event.before, text_of(event.value.data), event.at, event.op)

    def _rewritten(
        self, leaf: records.Value, how: str, key: str, before: Any, after: str, at: int | None, op: str = ""
    ) -> None:
        """Tell that the user changed a `.grad`."""
        thing = self.story.find(leaf)
        if thing is None:
            return
        name = self.story.name(thing.ref)
        old = self._held(thing, before)
        self.ledger[thing.id] = after
        args = {"name": name, "before": old, "after": after, "op": op}
        entry = Entry(thing.id, name, how, old, "", after)
        kind = "edit" if how == "edit" else "clear"
        self._frame(kind, key, args, {thing.id: {"grad": after}}, node=thing.id, ledger=entry, at=at)

    def _stepped(self, event: records.Stepped, index: int) -> None:
        changes: Changes = {}
        names = []
        for value in event.parameters:
            thing = self.story.find(value)
            if thing is not None:
                names.append(self.story.name(thing.ref))
                text = brief(value.data)
                changes[thing.id] = {"version": value.version} | ({"value": text} if text else {})
        args = {"optimizer": event.optimizer, "names": listed(names)}
        self._frame("step", "step" if names else "step_short", args, changes, at=event.at)

    # -------------------------------------------------------------------------------------------------------- helpers

    def _operation(self, deed: Deed) -> str:
        """Say which operation, `y = s·t`."""
        about = self.story.sentence(deed)
        return about if len(about) <= WIDE else f"{operation_label(deed)} ({self.story.name(deed.outputs[0])})"

    def _receiver(self, node: int) -> Ref:
        """Return the value whose gradient arrives at a node."""
        key = self.tape.leaves.get(node)
        return self.story.made(node) if key is None else ("tensor", key, 0)

    def _watched(self, event: records.HookRan) -> Ref:
        """Return the value whose gradient a hook saw."""
        kind, number, _ = self._receiver(event.node)
        return kind, number, event.port if kind == "made" else 0

    def _goal(self, event: records.Arrived) -> Ref:
        """Return the value whose gradient arrives: of several outputs of a node the one that the sender read."""
        sender = self.story.by_node.get(event.sender)
        goal = self._receiver(event.node)
        read = sender.inputs[event.slot] if sender is not None and event.slot < len(sender.inputs) else goal
        return read if read[:2] == goal[:2] else goal

    def _thing(self, ref: Ref) -> Thing | None:
        thing = self.story.things.get(ref)
        return thing if thing is not None and thing.id else None

    def _incoming(self, node: int, port: int = 0) -> str:
        """Return the link along which the gradient of a node's result comes in: from the result to the operation."""
        deed = self.story.by_node.get(node)
        if deed is None or port >= len(deed.outputs):
            return ""
        return self.story.link(deed.id, self.story.things[deed.outputs[port]].id, port)

    def _put(self, changes: Changes, link: str, text: str) -> None:
        """Write a gradient on a link."""
        if link:
            changes[link] = {"token": text}
            self.written[link] = {"token": ""}


SCENES: dict[type[records.Event], Callable[[Director, Any, int], None]] = {
    records.Recorded: Director._forward,
    records.NotRecorded: Director._forward,
    records.Detached: Director._detached,
    records.Bumped: Director._bumped,
    records.Seeded: Director._seeded,
    records.Pulled: Director._pulled,
    records.Freed: Director._freed,
    records.Arrived: Director._arrived,
    records.HookRan: Director._hook,
    records.Retained: Director._retained,
    records.Returned: Director._returned,
    records.Accumulated: Director._accumulated,
    records.Cleared: Director._cleared,
    records.Stepped: Director._stepped,
    records.Failed: Director._failed,
}


def company(graph: Graph) -> Iterable[tuple[str, frozenset[str], int]]:
    """Yield what is only shown together with others: its id, theirs, and how many of them must be there."""
    ends: dict[str, set[str]] = {}
    for link in graph.links:
        if link.role == "shares":
            memory, value = sorted((link.source, link.target))
            ends.setdefault(memory, set()).add(value)
    yield from ((memory, frozenset(values), 2) for memory, values in ends.items())
    for link in graph.links:
        if link.role == "shares":
            yield link.id, frozenset((link.source, link.target)), 2
    for region in graph.regions:
        yield region.id, frozenset(region.members), 1


def hooked_text(seen: Any) -> str:
    """Write the gradient that a hook saw, or all of them."""
    return (
        say("list", "comma").join(text_of(part) for part in seen if part is not None)
        if isinstance(seen, tuple)
        else text_of(seen)
    )


def film(tape: Tape, title: str = "") -> Film:
    """Make the film of a tape."""
    return Director(tape, title).shoot()
