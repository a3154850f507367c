"""The tape: everything that happened while it ran, in order.

`record()` makes a tape the listener of the core. The tape keeps what it is told as it comes, with copies of small values,
and turns it into the records of `events` when somebody looks; so recording stays cheap.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from types import CodeType, FrameType, TracebackType
from typing import Any, Self, TypeVar

import numpy as np

from autovis import events
from autovis.graph import AccumulateGrad, Node, ancestors
from autovis.names import named

__all__ = ["Position", "Tape", "record", "value_of"]

SMALL = 64  # elements; larger tensors are told by shape only

EventKind = TypeVar("EventKind", bound=events.Event)

keys = count(1)


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


def key_of(tensor: Any) -> int:
    """Return the number of a tensor object, given when it is first asked for."""
    extras = tensor.extras()
    if not extras.key:
        extras.key = next(keys)
    return extras.key  # type: ignore[no-any-return]


def copied(data: Any) -> Any:
    """Copy small arrays, because they may be edited later; give up large ones."""
    if data is None:
        return None
    if not hasattr(data, "dtype") or hasattr(data, "grad_fn"):
        data = data.numbers
    if not isinstance(data, np.ndarray):
        return data
    return data.copy() if data.size <= SMALL else np.broadcast_to(np.zeros((), data.dtype), data.shape)


def is_summary(data: Any) -> bool:
    """Whether an array only tells the shape of one that was too large to copy."""
    return isinstance(data, np.ndarray) and data.size > SMALL


def value_of(tensor: Any, data: Any = None, node: Node | None = None) -> events.Value:
    """Describe a tensor, or a Python number, as it is now."""
    if not hasattr(tensor, "_extras"):
        return events.Value(0, None, 0, (), type(tensor).__name__, False, False, 0, None, tensor)
    made_by = tensor._node if node is None else node
    return events.Value(
        key_of(tensor),
        None if made_by is None else made_by.number,
        tensor._port,
        tuple(tensor.shape),
        tensor.dtype.name,
        bool(tensor._flag or made_by is not None),
        type(tensor).__name__ == "Parameter",
        tensor._version,
        copied(tensor.numbers if data is None else data),
    )


class Tape:
    """What happened while recording, in order.

    Attributes:
        positions: places in the user's program, as `Event.at` numbers them.
        names: what the user calls tensors: key of the tensor -> name, at the end of the recording.
        makers: the same for computed tensors: (number of the node, port) -> name.
        nodes: the nodes that were met, by number.
    """

    def __init__(self) -> None:
        self._raw: list[tuple[Any, ...]] = []
        self._events: list[events.Event] = []
        self._places: dict[tuple[CodeType, int], int] = {}
        self._calls = 0
        self._current = 0
        self.positions: list[Position] = []
        self.names: dict[int, str] = {}
        self.makers: dict[tuple[int, int], str] = {}
        self.nodes: dict[int, Node] = {}
        self._gradients: dict[int, events.Value] = {}
        self._outer: Tape | None = None

    def __repr__(self) -> str:
        return f"<tape of {len(self.events)} events, {self._calls} backward calls>"

    def __len__(self) -> int:
        return len(self.events)

    # -------------------------------------------------------------------------------------------------- recording

    def __enter__(self) -> Self:
        """Begin to listen; an outer tape pauses meanwhile."""
        self._outer, events.listener = events.listener, self
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop listening, and note what the user calls things."""
        events.listener, self._outer = self._outer, None
        caller = sys._getframe(1)
        self.note_names(caller.f_locals, caller.f_globals)

    def saw(self, kind: type[events.Event], *live: Any) -> None:
        """Keep one report of the core: live objects, and copies of what may change."""
        prepared = PREPARE[kind](self, *live)
        self._raw.append((kind, self._position(), *prepared))

    def _position(self) -> int | None:
        frame: FrameType | None = sys._getframe(2)
        while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "autovis":
            frame = frame.f_back
        if frame is None:
            return None
        place = (frame.f_code, frame.f_lasti)
        found = self._places.get(place)
        if found is None:
            found = self._places[place] = len(self.positions)
            self.positions.append(Position(frame.f_code, frame.f_lasti, frame.f_lineno))
        return found

    def note_names(self, *spaces: Mapping[str, Any]) -> None:
        """Read from namespaces, nearest first, what the user calls the tensors that are alive."""
        for name, tensor in named(*spaces):
            if tensor._node is not None and type(tensor._node) is not AccumulateGrad:
                self.makers.setdefault((tensor._node.number, tensor._port), name)
            else:
                self.names.setdefault(key_of(tensor), name)
            self.note_gradient(tensor)

    # -------------------------------------------------------------------------------------------------- looking

    @property
    def events(self) -> list[events.Event]:
        """All records, in order."""
        pending, self._raw = self._raw, []
        for kind, at, *live in pending:
            self._events.extend(DIGEST[kind](self, at, *live))
        return self._events

    def of(self, kind: type[EventKind]) -> list[EventKind]:
        """Return the records of one kind, in order."""
        return [event for event in self.events if isinstance(event, kind)]

    # ------------------------------------------------- what is copied at once, because it may be different afterwards

    def _keep(self, *live: Any) -> tuple[Any, ...]:
        return live

    def _copy(self, *live: Any) -> tuple[Any, ...]:
        return tuple(copied(x) if isinstance(x, np.ndarray) or hasattr(x, "grad_fn") else x for x in live)

    def _operation(self, node: Any, inputs: tuple[Any, ...], result: Any, *more: Any) -> tuple[Any, ...]:
        values = tuple(copied(x._data) if hasattr(x, "_data") and x._node is None else None for x in inputs)
        return node, inputs, result, values, copied(result._data), *more

    def _values(self, *tensors: Any) -> tuple[Any, ...]:
        return tuple(value_of(x) if hasattr(x, "_extras") else x for x in tensors)

    def _edited(self, tensor: Any, rule: Any, operands: tuple[Any, ...]) -> tuple[Any, ...]:
        inputs = tuple(value_of(x, node=x._node) if hasattr(x, "_extras") else value_of(x) for x in operands)
        return tensor, tensor._node, value_of(tensor), rule, inputs

    def _seed(self, root: Any, node: Node, gradient: Any) -> tuple[Any, ...]:
        self._calls += 1
        self._current = self._calls
        self._discover(node)
        return (
            value_of(root, node=None if isinstance(node, AccumulateGrad) else node),
            node,
            copied(gradient),
            self._calls,
        )

    def _discover(self, root: Node) -> None:
        """Take down the part of the graph that was made before the tape ran."""
        found = [node for node in ancestors([root]) if node.number not in self.nodes]
        self._events = self.events
        fresh = [node for node in found if node.number not in self.nodes]
        self.nodes.update((node.number, node) for node in fresh)
        for node in sorted(fresh, key=lambda n: n.number):
            if isinstance(node, AccumulateGrad):
                self.note_gradient(node.variable)
            else:
                self._events.extend(known(node))

    def note_gradient(self, leaf: Any) -> None:
        """Remember whose `.grad` a tensor is, to recognise its zeroing."""
        if leaf._grad is not None:
            self._gradients[key_of(leaf._grad)] = value_of(leaf)

    def _pulled(self, node: Node, g: Any, sent: Any) -> tuple[Any, ...]:
        saved = None if node.saved is None else tuple(copied(x) if hasattr(x, "dtype") else x for x in node.saved)
        arriving = tuple(copied(part) for part in g) if isinstance(g, tuple) else copied(g)
        return node, arriving, tuple(copied(part) for part in sent), saved

    def _arrived(self, node: Node, sender: Node, slot: int, before: Any, g: Any) -> tuple[Any, ...]:
        came, of = node.came, node.came + node.waiting
        before = copied(before)
        if before is not None and isinstance(node.gradient, np.ndarray) and node.owned:
            before = copied(node.gradient) - copied(g)
        return node, sender, slot, before, copied(g), copied(node.gradient), came, of

    def _accumulated(self, leaf: Any, before: Any, arriving: Any, after: Any) -> tuple[Any, ...]:
        node = leaf.gradient_edge()
        self.nodes.setdefault(node.number, node)
        self._gradients[key_of(leaf._grad)] = value_of(leaf)
        return value_of(leaf), node, copied(before), copied(arriving), copied(after)

    def _failed(self, node: Node | None, error: BaseException) -> tuple[Any, ...]:
        return node, type(error).__name__, str(error)

    # ---------------------------------------------------------------------------- from reports to records, when asked

    def _recorded(
        self, at: int | None, node: Node, inputs: Any, result: Any, values: Any, data: Any, settings: dict[str, Any]
    ) -> Iterator[events.Event]:
        self.nodes[node.number] = node
        described = described_inputs(node, inputs, values)
        yield events.Recorded(
            at, node.number, node.op, described, (value_of(result, data, node),), tuple(settings.items())
        )
        yield from saved_event(at, node)

    def _not_recorded(
        self, at: int | None, rule: Any, inputs: Any, result: Any, values: Any, data: Any
    ) -> Iterator[events.Event]:
        from autovis.modes import recording

        asks = any(getattr(x, "requires_grad", False) for x in inputs if hasattr(x, "_extras"))
        origin = result._extras.origin if result._extras is not None else None
        off = (origin is not None and origin.how == "no_grad") or not recording.get()
        reason = "no_grad" if off else "no derivative" if asks else "plain"
        described = tuple(value_of(x, data) for x, data in zip(inputs, values, strict=True))
        yield events.NotRecorded(at, rule, described, (value_of(result, data),), reason)

    def _bumped(
        self, at: int | None, tensor: Any, node: Node | None, value: Any, rule: Any, inputs: Any
    ) -> Iterator[events.Event]:
        if node is not None and node.number not in self.nodes:
            self.nodes[node.number] = node
            yield events.Recorded(at, node.number, node.op, inputs, (value,), ())
            yield from saved_event(at, node)
        leaf = self._gradients.get(value.key)
        if leaf is not None and rule.name == "zero_":
            yield events.Cleared(at, leaf, None, "zero")
        else:
            yield events.Bumped(at, value, rule.name)

    def _seeded(self, at: int | None, root: Any, node: Node, gradient: Any, call: int) -> Iterator[events.Event]:
        yield events.Seeded(at, call, root, node.number, gradient)

    def _pull(self, at: int | None, node: Node, g: Any, sent: Any, saved: Any) -> Iterator[events.Event]:
        yield events.Pulled(at, node.number, g, sent, saved)
        for slot, edge in enumerate(node.edges):
            if edge is None:
                yield events.Stopped(at, node.number, slot, stop_reason(node, slot))

    def _arrival(
        self, at: int | None, node: Node, sender: Node, slot: int, before: Any, g: Any, after: Any, came: int, of: int
    ) -> Iterator[events.Event]:
        yield events.Arrived(at, node.number, sender.number, slot, before, g, after, came, of)
        if came == of > 1:
            yield events.FannedIn(at, node.number, after)

    def _grown(
        self, at: int | None, leaf: Any, node: Node, before: Any, arriving: Any, after: Any
    ) -> Iterator[events.Event]:
        yield events.Accumulated(at, leaf, node.number, before, arriving, after)

    def _hook(self, at: int | None, node: Node, before: Any, after: Any) -> Iterator[events.Event]:
        yield events.HookRan(at, node.number, before, after)

    def _retained(self, at: int | None, node: Node, gradient: Any) -> Iterator[events.Event]:
        yield events.Retained(at, node.number, gradient)

    def _freed(self, at: int | None, node: Node) -> Iterator[events.Event]:
        yield events.Freed(at, node.number)

    def _detached(self, at: int | None, source: Any, result: Any, in_place: bool) -> Iterator[events.Event]:
        yield events.Detached(at, source, result, in_place)

    def _cleared(self, at: int | None, leaf: Any, before: Any, how: str) -> Iterator[events.Event]:
        yield events.Cleared(at, leaf, before, how)

    def _stepped(self, at: int | None, optimizer: str, *parameters: Any) -> Iterator[events.Event]:
        yield events.Stepped(at, optimizer, parameters)

    def _failure(self, at: int | None, node: Node | None, kind: str, sentence: str) -> Iterator[events.Event]:
        yield events.Failed(at, None if node is None else node.number, kind, sentence)


PREPARE: dict[type[events.Event], Callable[..., tuple[Any, ...]]] = {
    events.Recorded: Tape._operation,
    events.NotRecorded: Tape._operation,
    events.Detached: Tape._values,
    events.Bumped: Tape._edited,
    events.Seeded: Tape._seed,
    events.Pulled: Tape._pulled,
    events.Arrived: Tape._arrived,
    events.HookRan: Tape._copy,
    events.Retained: Tape._copy,
    events.Accumulated: Tape._accumulated,
    events.Freed: Tape._keep,
    events.Cleared: Tape._values,
    events.Stepped: Tape._values,
    events.Failed: Tape._failed,
}

DIGEST: dict[type[events.Event], Callable[..., Iterator[events.Event]]] = {
    events.Recorded: Tape._recorded,
    events.NotRecorded: Tape._not_recorded,
    events.Detached: Tape._detached,
    events.Bumped: Tape._bumped,
    events.Seeded: Tape._seeded,
    events.Pulled: Tape._pull,
    events.Arrived: Tape._arrival,
    events.HookRan: Tape._hook,
    events.Retained: Tape._retained,
    events.Accumulated: Tape._grown,
    events.Freed: Tape._freed,
    events.Cleared: Tape._cleared,
    events.Stepped: Tape._stepped,
    events.Failed: Tape._failure,
}


def described_inputs(node: Node, inputs: tuple[Any, ...], values: tuple[Any, ...]) -> tuple[events.Value, ...]:
    """Describe the inputs of an operation as the graph knows them: computed ones by the node that made them."""
    described = []
    for slot, (x, data) in enumerate(zip(inputs, values, strict=True)):
        edge = node.edges[slot]
        made_by = edge if edge is not None and not isinstance(edge, AccumulateGrad) else None
        described.append(value_of(x, data, made_by) if hasattr(x, "_extras") else value_of(x))
    return tuple(described)


def saved_event(at: int | None, node: Node) -> Iterator[events.Saved]:
    """Tell what a node keeps of its tensors, if anything."""
    plan = node.plan
    if plan.tensors:
        names = tuple(plan.saves[place] for place in plan.tensors)
        versions = tuple(version for _, version in node.stamps)
        yield events.Saved(at, node.number, names, plan.inputs, versions)


def known(node: Node) -> Iterator[events.Event]:
    """Describe a node that was made before anybody listened, as far as it knows itself."""
    inputs = []
    for slot, edge in enumerate(node.edges):
        data = saved_input(node, slot)
        if isinstance(edge, AccumulateGrad):
            inputs.append(value_of(edge.variable))
        elif edge is not None:
            port = node.ports[slot] if node.ports else 0
            inputs.append(computed(edge.number, port, data))
        else:
            inputs.append(other_input(node, slot, data))
    out = node.saved[node.plan.saves.index("out")] if node.saved is not None and node.plan.keeps_output else None
    yield events.Recorded(None, node.number, node.op, tuple(inputs), (computed(node.number, 0, out),), ())
    yield from saved_event(None, node)


def computed(node: int, port: int, data: Any) -> events.Value:
    """Describe a computed tensor of which only the node is left, and perhaps a saved value."""
    shape = () if data is None else tuple(data.shape)
    kind = "" if data is None else str(data.dtype)
    return events.Value(0, node, port, shape, kind, True, False, 0, copied(data))


def saved_input(node: Node, slot: int) -> Any:
    """Return what a node saved of one input; None if nothing."""
    if node.saved is None:
        return None
    for place, origin in zip(node.plan.tensors, node.plan.inputs, strict=True):
        if origin == slot:
            return node.saved[place]
    return None


def other_input(node: Node, slot: int, data: Any) -> events.Value:
    """Describe an input without gradient."""
    other = node.others[slot] if slot < len(node.others) else None
    if callable(other) and not hasattr(other, "_extras"):
        other = other()
    if other is not None:
        return value_of(other)
    shape = () if data is None else tuple(data.shape)
    return events.Value(0, None, 0, shape, "" if data is None else str(data.dtype), False, False, 0, copied(data))


def stop_reason(node: Node, slot: int) -> str:
    """Say why no gradient is computed for an input."""
    other = node.others[slot] if slot < len(node.others) else None
    if callable(other) and not hasattr(other, "_extras"):
        other = other()
    if not hasattr(other, "_extras"):
        return "number"
    return "frozen" if type(other).__name__ == "Parameter" else "constant"


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
