"""The tape: everything that happened while it ran, in order.

`record()` makes a tape the listener of the core. What the core reports becomes one of the records of `events` at once,
with copies of small values, so a tape keeps no tensor and no graph alive, and later changes do not alter it.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import CodeType, FrameType, TracebackType
from typing import Any, Self, TypeVar

from autovis import engine, events, graph, records
from autovis.graph import AccumulateGrad, Node
from autovis.modes import recording
from autovis.names import named, variables
from autovis.past import Teller, copied, key_of, node_of, saved_event, stop_reason, value_of
from autovis.primitive import Plan

__all__ = ["Position", "Tape", "record"]

SILENT = ("autovis.optim", "autovis.nn.init", "autovis.random")  # what they compute is no step of the user's program

EventKind = TypeVar("EventKind", bound=records.Event)


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the user's program.

    Attributes:
        code: the code object that ran.
        instruction: offset of the instruction in it, in bytes.
        line: line of the file, from 1.
    """

    code: CodeType = field(repr=False)
    instruction: int
    line: int


class Tape:
    """What happened while recording, in order.

    Attributes:
        events: the records.
        positions: places in the user's program, as `Event.at` numbers them.
        names: what the user calls tensors without history: key of the tensor -> name, at the end of the recording.
        makers: the same for computed tensors: (number of the node, port) -> name.
        aliases: every name that a computed tensor has then.
        leaves: for each accumulator that was met, by number, the key of its leaf.
        plans: for each node that was met, by number, how it pulls gradients back.
    """

    def __init__(self) -> None:
        self.events: list[records.Event] = []
        self.positions: list[Position] = []
        self.names: dict[int, str] = {}
        self.makers: dict[tuple[int, int], str] = {}
        self.aliases: dict[tuple[int, int], set[str]] = {}
        self.leaves: dict[int, int] = {}
        self.plans: dict[int, Plan] = {}
        self._places: dict[tuple[CodeType, int], int] = {}
        self._calls = 0
        self._visits = 0
        self._entry: FrameType | None = None
        self._first = 0
        self._teller = Teller()
        self._seeding = False
        self._sums: dict[tuple[int, int], Any] = {}
        self._held: dict[int, Any] = {}
        self._gradients: dict[int, records.Value] = {}
        self._shared: dict[int, tuple[list[int], dict[int, Any]]] = {}
        self._outer: Tape | None = None

    def __repr__(self) -> str:
        return f"<tape of {len(self.events)} events, {self._calls} backward calls>"

    def __len__(self) -> int:
        return len(self.events)

    def of(self, kind: type[EventKind]) -> list[EventKind]:
        """Return the records of one kind, in order."""
        return [event for event in self.events if isinstance(event, kind)]

    # -------------------------------------------------------------------------------------------------- recording

    def __enter__(self) -> Self:
        """Begin to listen; an outer tape goes on listening.

        Raises:
            RuntimeError: if this tape is running already.
        """
        listening: Tape | None = events.listener
        while listening is not None:
            if listening is self:
                raise RuntimeError("This tape is running already: it can be used again when its block has ended.")
            listening = listening._outer
        self._first = next(graph.numbers)
        self.look_around(*spaces())
        self._outer, events.listener = events.listener, self
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop listening, and note what the user calls things."""
        events.listener, self._outer, self._entry = self._outer, None, None
        self.note_names(*spaces())
        if isinstance(error, Exception):
            self.note_error(error)

    def saw(self, kind: type[records.Event], *live: Any) -> None:
        """Turn one report of the core into records."""
        if self._outer is not None:
            self._outer.saw(kind, *live)
        at, silent = self._position()
        if silent and kind in (records.Recorded, records.NotRecorded, records.Bumped):
            return
        self._seeding = self._seeding and kind is records.Seeded
        told = list(DIGEST[kind](self, *live))
        call = self._calls if engine.running or kind in (records.Seeded, records.Returned) else 0
        self.events += [replace(event, at=at, call=call, visit=self._visits) for event in told]

    def _position(self) -> tuple[int | None, bool]:
        """Return where the user's program is, and whether a part of autovis computes for itself."""
        frame: FrameType | None = sys._getframe(2)
        entry, silent = frame, False
        while frame is not None:
            module = frame.f_globals.get("__name__", "")
            if module.partition(".")[0] != "autovis":
                self._visits += entry is not self._entry
                self._entry = entry
                return self._place(frame.f_code, frame.f_lasti, frame.f_lineno), silent
            silent = silent or module.startswith(SILENT)
            entry, frame = frame, frame.f_back
        return None, silent

    def _place(self, code: CodeType, instruction: int, line: int) -> int:
        found = self._places.get((code, instruction))
        if found is None:
            found = self._places[code, instruction] = len(self.positions)
            self.positions.append(Position(code, instruction, line))
        return found

    def note_names(self, *spaces: Mapping[str, Any]) -> None:
        """Read from namespaces, nearest first, what the user calls the tensors that are alive."""
        for name, tensor in named(*spaces):
            node = node_of(tensor)
            if node is not None:
                maker = node.number, tensor._port
                self.makers.setdefault(maker, name)
                self.aliases.setdefault(maker, set()).add(name)
            else:
                self.names.setdefault(key_of(tensor), name)
        for key, leaf in self._gradients.items():
            if leaf.key in self.names:
                self.names.setdefault(key, f"{self.names[leaf.key]}.grad")

    def look_around(self, *spaces: Mapping[str, Any]) -> None:
        """Remember whose `.grad` a tensor is, and which tensors share memory."""
        for _, tensor in named(*spaces):
            self._own(tensor)
            self._join(tensor, tensor)

    def _own(self, leaf: Any) -> None:
        if leaf._grad is not None:
            key = key_of(leaf._grad)
            self._gradients[key], self._held[key] = value_of(leaf), copied(leaf._grad.numbers)

    def note_error(self, error: BaseException) -> None:
        """Add the error that ended the recorded block, unless a backward call has told it already."""
        last = self.events[-1] if self.events else None
        kind, sentence = type(error).__name__, str(error)
        if isinstance(last, records.Failed) and (last.kind, last.sentence) == (kind, sentence):
            return
        trace, at = error.__traceback__, None
        while trace is not None:
            if trace.tb_frame.f_globals.get("__name__", "").partition(".")[0] != "autovis":
                at = self._place(trace.tb_frame.f_code, trace.tb_lasti, trace.tb_lineno)
            trace = trace.tb_next
        self.events.append(records.Failed(None, kind, sentence, at=at))

    # ------------------------------------------------------------------------------------------- what ran forwards

    def _recorded(
        self, node: Node, inputs: tuple[Any, ...], result: Any, settings: dict[str, Any]
    ) -> Iterator[records.Event]:
        yield from self._discover(edge for edge in node.edges if edge is not None)
        self._remember(inputs)
        self.plans[node.number] = node.plan
        self._teller.told.add(node.number)
        self._share(node.op, inputs, result)
        outputs = tuple(value_of(part) for part in (result if isinstance(result, tuple) else (result,)))
        described = tuple(described_input(node, slot, x) for slot, x in enumerate(inputs))
        yield records.Recorded(node.number, node.op, described, outputs, tuple(settings.items()))
        yield from saved_event(node)

    def _not_recorded(
        self, rule: Any, inputs: tuple[Any, ...], result: Any, settings: Mapping[str, Any]
    ) -> Iterator[records.Event]:
        tensors = [x for x in inputs if hasattr(x, "_extras")]
        asks = any(x._flag or node_of(x) is not None for x in tensors)
        reason = "no_grad" if not recording.get() else "no derivative" if asks else "plain"
        self._share(rule, inputs, result)
        yield from self._discover(node for node in map(node_of, tensors) if node is not None)
        self._remember(inputs)
        made = value_of(result)
        self._teller.results.add(made.key)
        yield records.NotRecorded(rule, tuple(map(value_of, inputs)), (made,), reason, tuple(settings.items()))

    def _detached(self, source: Any, result: Any, in_place: bool) -> Iterator[records.Event]:
        node = node_of(source)
        if node is not None:
            yield from self._discover([node])
        self._remember((source,))
        before, after = value_of(source), value_of(result)
        self._teller.results.add(after.key)
        if in_place:
            after = replace(after, made_by=None, port=0, requires_grad=False)
        self._join(source, result)
        yield records.Detached(before, after, in_place)

    def _bumped(self, tensor: Any, rule: Any, operands: tuple[Any, ...]) -> Iterator[records.Event]:
        whole = tensor._root() if tensor._extras is not None and tensor._extras.steps else tensor
        node = node_of(whole)
        if node is not None:
            for event in self._discover([node], whole):
                yield replace(event, in_place=True) if isinstance(event, records.Recorded) else event
        value = value_of(whole)
        owner, before = self._gradients.get(value.key), self._held.get(value.key)
        if owner is not None:
            self._held[value.key] = value.data
        if owner is not None and rule.name == "zero_":
            yield records.Cleared(owner, before, "zero")
        else:
            yield records.Bumped(value, rule.name.rstrip("_"), self._sharing(whole), owner, before)

    def _discover(self, found: Iterable[Node], result: Any = None) -> Iterator[records.Event]:
        """Take down nodes that were not reported: made before the tape ran, or by an edit of a view."""
        for node in self._teller.untold(found):
            self.plans[node.number] = node.plan
            if isinstance(node, AccumulateGrad):
                self.leaves[node.number] = key_of(node.variable)
                self._own(node.variable)
            told = self._teller.node(node, value_of(result) if result is not None and node_of(result) is node else None)
            if node.number < self._first:
                self.events += told
            else:
                yield from told

    def _remember(self, inputs: tuple[Any, ...]) -> None:
        """Take down what is remembered of constants that were made before the tape ran."""
        for x in inputs:
            if getattr(x, "_extras", None) is not None and x._extras.origin is not None and node_of(x) is None:
                self.events += self._teller.tensors([x])

    # ----------------------------------------------------------------------------------------------- shared memory

    def _share(self, rule: Any, inputs: tuple[Any, ...], result: Any) -> None:
        if rule.view:
            self._join(inputs[0], result)

    def _join(self, one: Any, other: Any) -> None:
        """Note that two tensors lie over the same memory; the version counter that they share identifies it."""
        _, members = self._shared.setdefault(id(one._counter), (one._counter, {}))
        for tensor in (one, other):
            members[key_of(tensor)] = weakref.ref(tensor)

    def _sharing(self, tensor: Any) -> tuple[records.Value, ...]:
        """Describe the other tensors over the same memory."""
        members = self._shared.get(id(tensor._counter), (None, {}))[1].values()
        alive = [other for other in (member() for member in members) if other is not None and other is not tensor]
        return tuple(map(value_of, alive))

    # -------------------------------------------------------------------------------------------- what ran backwards

    def _seeded(self, root: Any, node: Node, gradient: Any) -> Iterator[records.Event]:
        self._calls += not self._seeding
        self._seeding = True
        self._sums.clear()
        yield from self._discover([node])
        yield records.Seeded(value_of(root), node.number, copied(gradient))

    def _pulled(self, node: Node, g: Any, sent: Any) -> Iterator[records.Event]:
        saved = None if node.saved is None else tuple(map(snapshot, node.saved[: len(node.plan.saves)]))
        arriving = tuple(copied(part) for part in g) if isinstance(g, tuple) else copied(g)
        wanted = [edge is None or engine.running[-1].targets is None or edge.needed for edge in node.edges]
        given = tuple(copied(part) if wants else None for part, wants in zip(sent, wanted, strict=True))
        yield records.Pulled(node.number, arriving, given, saved)
        for slot, (edge, wants) in enumerate(zip(node.edges, wanted, strict=True)):
            if edge is None or not wants:
                yield records.Stopped(node.number, slot, stop_reason(node, slot) if edge is None else "unwanted")

    def _arrived(self, node: Node, sender: Node, slot: int, before: Any, g: Any) -> Iterator[records.Event]:
        if isinstance(node, AccumulateGrad):
            self.leaves[node.number] = key_of(node.variable)
        came, of = node.came, node.came + node.waiting
        port = sender.ports[slot] if sender.ports else 0
        before = None if before is None else self._sums.get((node.number, port))  # the engine may have added in place
        several = node.outputs is not None
        after = self._sums[node.number, port] = copied(node.gradient[port] if several else node.gradient)
        yield records.Arrived(node.number, sender.number, slot, before, copied(g), after, came, of)
        if came == of > 1 and not several:
            yield records.FannedIn(node.number, after)

    def _hook_ran(self, node: Node, before: Any, after: Any) -> Iterator[records.Event]:
        yield records.HookRan(node.number, copied(before), copied(after))

    def _retained(self, node: Node, gradient: Any) -> Iterator[records.Event]:
        kept = next(iter(node.watched().retains.values()))()
        arriving = getattr(gradient, "numbers", gradient)
        after = arriving if kept is None or kept._grad is None else kept._grad.numbers + arriving
        yield records.Retained(node.number, copied(gradient), copied(after))

    def _accumulated(self, leaf: Any, before: Any, arriving: Any, after: Any) -> Iterator[records.Event]:
        node = leaf.gradient_edge()
        self.leaves[node.number] = key_of(leaf)
        self._own(leaf)
        yield records.Accumulated(value_of(leaf), node.number, copied(before), copied(arriving), copied(after))

    def _returned(self, tensor: Any, gradient: Any, stored: bool) -> Iterator[records.Event]:
        yield records.Returned(value_of(tensor), copied(tensor._grad if stored else gradient), stored)

    def _freed(self, node: Node) -> Iterator[records.Event]:
        yield records.Freed(node.number)

    def _failed(self, node: Node | None, error: BaseException) -> Iterator[records.Event]:
        yield records.Failed(None if node is None else node.number, type(error).__name__, str(error))

    # -------------------------------------------------------------------------------------------------- around it

    def _cleared(self, leaf: Any, before: Any, how: str) -> Iterator[records.Event]:
        yield records.Cleared(value_of(leaf), copied(before), how)

    def _stepped(self, optimizer: str, *parameters: Any) -> Iterator[records.Event]:
        yield records.Stepped(optimizer, tuple(map(value_of, parameters)))


def snapshot(value: Any) -> Any:
    """Copy a saved value if it is an array."""
    return copied(value) if hasattr(value, "dtype") else value


DIGEST: dict[type[records.Event], Callable[..., Iterator[records.Event]]] = {
    records.Recorded: Tape._recorded,
    records.NotRecorded: Tape._not_recorded,
    records.Detached: Tape._detached,
    records.Bumped: Tape._bumped,
    records.Seeded: Tape._seeded,
    records.Pulled: Tape._pulled,
    records.Arrived: Tape._arrived,
    records.HookRan: Tape._hook_ran,
    records.Retained: Tape._retained,
    records.Accumulated: Tape._accumulated,
    records.Returned: Tape._returned,
    records.Freed: Tape._freed,
    records.Cleared: Tape._cleared,
    records.Stepped: Tape._stepped,
    records.Failed: Tape._failed,
}


def spaces() -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return the variables of the code that entered or left the block, local and global ones."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_back and frame.f_globals.get("__name__") in (__name__, "contextlib"):
        frame = frame.f_back
    assert frame is not None
    return variables(frame)


def described_input(node: Node, slot: int, x: Any) -> records.Value:
    """Describe an input of an operation as the graph knows it: a computed one by the node that made it."""
    value = value_of(x)
    edge = node.edges[slot]
    if edge is None or isinstance(edge, AccumulateGrad):
        return value
    return replace(value, made_by=edge.number, port=node.ports[slot] if node.ports else 0)


def record() -> Tape:
    """Record everything that happens in the block.

    Returns:
        The tape; `play` shows it as a film, `tape.events` lists it.

    >>> import autovis as av
    >>> x = av.leaf(3.0)
    >>> with av.record() as tape:
    ...     (x * x).backward()
    >>> [type(event).__name__ for event in tape.events][:3]
    ['Recorded', 'Saved', 'Seeded']
    """
    return Tape()
