"""What must have happened, told as events by the tensors and nodes that are left of it.

A picture of live tensors is told this way from beginning to end; a tape tells what was made before it ran. What
autograd keeps is read from the nodes; what it forgets (the operations above a cut, those under `no_grad`) from the
origins that tensors carry for this purpose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import count
from typing import Any

import numpy as np

from autovis import records
from autovis.arrays import DeviceArray, peek
from autovis.graph import AccumulateGrad, Faded, Node
from autovis.origins import Origin, Past, settings_of

__all__ = [
    "SMALL",
    "Large",
    "Teller",
    "copied",
    "described",
    "is_summary",
    "key_of",
    "known",
    "node_of",
    "noted",
    "saved_event",
    "stop_reason",
    "value_of",
    "whole",
]

SMALL = 64  # elements; larger tensors are told by shape only

DEEP = 12  # cuts, one above the other, up to which the past of a result is told

keys = count(1)


def key_of(tensor: Any) -> int:
    """Return the number of a tensor object, given when it is first asked for."""
    extras = tensor.extras()
    if not extras.key:
        extras.key = next(keys)
    return extras.key  # type: ignore[no-any-return]


def node_of(tensor: Any) -> Node | None:
    """Return the node that made a tensor; of a view that must not be used any more, the one that it had."""
    try:
        return tensor._history()  # type: ignore[no-any-return]
    except RuntimeError:
        return tensor._node  # type: ignore[no-any-return]


class Large(tuple[Any, ...]):
    """What is noted of a large array: its shape and its kind."""

    __slots__ = ()


def noted(data: Any) -> Any:
    """Copy small arrays, because they may be edited later; give up large ones."""
    if type(data) is np.ndarray:
        return data.copy() if data.size <= SMALL else Large((data.shape, data.dtype))
    if data is None or isinstance(data, (np.generic, float, int)):
        return data
    if hasattr(data, "_data"):
        return noted(data._data)
    if not hasattr(data, "dtype"):
        return data
    return noted(peek(data)) if data.size <= SMALL else Large((tuple(data.shape), data.dtype))


def whole(note: Any) -> Any:
    """Return what a note tells: the copy, or for a large array one of its shape that takes no room."""
    return np.broadcast_to(np.zeros((), note[1]), note[0]) if type(note) is Large else note


def copied(data: Any) -> Any:
    """Copy an array or the numbers of a tensor, if they are few; of many tell only the shape."""
    return whole(noted(data))


def is_summary(data: Any) -> bool:
    """Whether an array only tells the shape of one that was too large to copy."""
    return isinstance(data, np.ndarray) and data.size > SMALL


def value_of(tensor: Any, history: Callable[[Any], Node | None] = node_of) -> records.Value:
    """Describe a tensor, or a Python number, as it is now; a view that was edited gets a new history by `node_of`."""
    if not hasattr(tensor, "_extras"):
        single = tensor if isinstance(tensor, (int, float)) else None
        return records.Value(0, None, 0, np.shape(tensor), type(tensor).__name__, False, False, 0, None, single)
    node = history(tensor)
    return records.Value(
        key_of(tensor),
        None if node is None else node.number,
        tensor._port,
        tuple(tensor.shape),
        tensor.dtype.name,
        bool(tensor._flag or node is not None),
        type(tensor).__name__ == "Parameter",
        int(tensor._counter[0]),
        copied(tensor.numbers),
        grad=None if tensor._grad is None else copied(tensor._grad),
        device=device_of(tensor),
    )


def device_of(tensor: Any) -> str:
    """Return the name of the device that holds a tensor; empty for the host."""
    return "" if type(tensor._data) is not DeviceArray else str(tensor._data.device)


def described(tensor: Any) -> tuple[Any, ...]:
    """Note what `value_of` tells, in a fraction of the time; a result of a node needs no key."""
    extras, edits, node = tensor._extras, tensor._edits, tensor._node
    version = edits[0] if edits else 0
    is_parameter = type(tensor).__name__ == "Parameter"
    if extras is None:
        key = key_of(tensor) if node is None else 0
        return (
            key,
            None if node is None else node.number,
            0,
            node is not None,
            is_parameter,
            version,
            noted(tensor._data),
            None,
            device_of(tensor),
        )
    if extras.steps:
        node = node_of(tensor)
    return (
        (extras.key or key_of(tensor)) if node is None else 0,
        None if node is None else node.number,
        extras.port,
        extras.flag or node is not None,
        is_parameter,
        version,
        noted(tensor._data),
        None if extras.grad is None else noted(extras.grad._data),
        device_of(tensor),
    )


# ---------------------------------------------------------------------------------------------------------------- nodes


def known(node: Node, result: records.Value | None = None) -> Iterator[records.Event]:
    """Describe a node from what it knows itself, and its result where that is at hand."""
    inputs = tuple(known_input(node, slot) for slot in range(len(node.edges)))
    ports = range(len(node.outputs)) if node.outputs is not None else (0,)
    outputs = tuple(result or computed(node.number, port, saved_value(node, -1)) for port in ports)
    yield records.Recorded(node.number, node.op, inputs, outputs, settings_of(node))
    yield from saved_event(node)
    if node.is_freed() and node.keeps():
        yield records.Freed(node.number)


def known_input(node: Node, slot: int) -> records.Value:
    """Describe an input of a node: a leaf, a computed tensor of which a saved value may be left, or a constant."""
    edge = node.edges[slot]
    if isinstance(edge, AccumulateGrad):
        return value_of(edge.variable)
    if edge is not None:
        return computed(edge.number, node.ports[slot] if node.ports else 0, saved_value(node, slot))
    other, origin = other_of(node, slot)
    if other is not None:
        return replace(value_of(other), requires_grad=False)  # it may ask by now, but it did not when this ran
    value = replace(computed(0, 0, saved_value(node, slot)), made_by=None, requires_grad=False)
    if node.op.name == "copy_slices" and not slot:
        value = replace(value, shape=tuple(node.whole))  # type: ignore[attr-defined]
    return replace(value, key=lost(origin)) if origin is not None else value


def computed(node: int, port: int, data: Any) -> records.Value:
    """Describe a computed tensor of which only the node is left, and perhaps a saved value."""
    data = data if hasattr(data, "shape") else None
    shape = () if data is None else tuple(data.shape)
    kind = "" if data is None else str(data.dtype)
    return records.Value(0, node, port, shape, kind, True, False, 0, copied(data))


def lost(origin: Origin | Past) -> int:
    """Return a key for a tensor that is gone, and of which only the origin is left."""
    return -id(origin)


def saved_value(node: Node, slot: int) -> Any:
    """Return what a node saved of an input, or of its result (-1); None if nothing, or if it was edited since."""
    if node.saved is None:
        return None
    for at, (place, origin) in enumerate(zip(node.plan.tensors, node.plan.inputs, strict=True)):
        if origin == slot:
            counter, version = (node.versions() or [([0], 0)] * (at + 1))[at]
            return node.saved[place] if counter[0] == version else None
    return None


def other_of(node: Node, slot: int) -> tuple[Any, Origin | None]:
    """Return the input without gradient in this slot, None if it is gone or was given a history since; its origin."""
    other: Any = node.others[slot] if slot < len(node.others) else None
    origin = None
    if node.op.name == "copy_slices" and not slot:
        return None, None  # what an edit wrote over; the tensor is the result now
    if isinstance(other, Faded):
        other, origin = other(), other.origin
    elif hasattr(other, "_extras") and other._extras is not None:
        origin = other._extras.origin
    return (None if getattr(other, "_node", None) is not None else other), origin


def saved_event(node: Node) -> Iterator[records.Saved]:
    """Tell what a node keeps of its tensors, if anything."""
    kept = node.keeps()
    if kept:
        names, slots, versions = zip(*kept, strict=True)
        yield records.Saved(node.number, names, slots, versions)


def stop_reason(node: Node, slot: int) -> str:
    """Say why no gradient is computed for an input."""
    other = node.others[slot] if slot < len(node.others) else None
    if isinstance(other, Faded):
        return "frozen" if other.is_parameter else "constant"
    if other is None or hasattr(other, "_extras"):
        return "frozen" if type(other).__name__ == "Parameter" else "constant"
    return "number"


# ------------------------------------------------------------------------------------------------------------- the past


class Teller:
    """Tells the past of tensors, oldest first, each operation once.

    Args:
        meet: called with each node when it is told.

    Attributes:
        told: numbers of the nodes that need no telling any more; a tape notes here, too, how fresh its knowledge is.
        results: keys of the tensors whose origin needs no telling any more.
    """

    def __init__(self, meet: Callable[[Node], None] = lambda node: None) -> None:
        self.meet = meet
        self.told: dict[int, int] = {}
        self.results: set[int] = set()
        self._cuts = 0

    def tensors(self, tensors: Iterable[Any]) -> Iterator[records.Event]:
        """Tell how tensors came about: what is recorded first, then what is only remembered."""
        found = list(tensors)
        yield from self.nodes(node for node in (node_of(tensor) for tensor in found) if node is not None)
        for tensor in found:
            if node_of(tensor) is None and tensor._extras is not None:
                yield from self.origin(tensor._extras.origin, value_of(tensor))

    def nodes(self, roots: Iterable[Node]) -> Iterator[records.Event]:
        """Tell what lies behind some nodes, themselves included, and was not told yet."""
        for node in self.untold(roots):
            yield from self.node(node)

    def untold(self, roots: Iterable[Node]) -> list[Node]:
        """Return what lies behind some nodes and was not told yet, oldest first; accumulators too."""
        seen: set[Node] = set()
        pending = list(roots)
        while pending:
            node = pending.pop()
            if node not in seen and node.number not in self.told:
                seen.add(node)
                pending.extend(edge for edge in node.edges if edge is not None)
        return sorted(seen, key=lambda node: node.number)

    def node(self, node: Node, result: records.Value | None = None) -> Iterator[records.Event]:
        """Tell one recorded operation, after the past of its constants."""
        if node.number not in self.told:
            self.told[node.number] = 0
            self.meet(node)
            if isinstance(node, AccumulateGrad):
                yield from self.origin(node.variable._extras.origin, value_of(node.variable))
            else:
                yield from self.constants(node)
                yield from known(node, result)

    def constants(self, node: Node) -> Iterator[records.Event]:
        """Tell the past of what a node read without asking for its gradient."""
        for slot in range(len(node.others)):
            origin = other_of(node, slot)[1]
            if origin is not None:
                yield from self.origin(origin, known_input(node, slot))

    def origin(self, origin: Origin | None, result: records.Value) -> Iterator[records.Event]:
        """Tell a past operation, after its own past."""
        if origin is None or result.key in self.results:
            return
        self.results |= {result.key} if result.key else set()
        inputs = []
        for past in origin.inputs:
            value, before = self.past(past)
            yield from before
            inputs.append(value)
        if origin.how == "cut" and inputs[0].key == result.key and inputs[0].made_by is None:
            return  # a leaf that was detached itself
        if origin.how == "cut":
            yield records.Detached(inputs[0], result, in_place=False)
        elif origin.how == "graph":
            yield records.Recorded(origin.number, origin.op, tuple(inputs), (result,), origin.settings)
        else:
            yield records.NotRecorded(origin.op, tuple(inputs), (result,), origin.how, origin.settings)

    def past(self, past: Past) -> tuple[records.Value, list[records.Event]]:
        """Describe an input of a past operation, and tell how it came about."""
        if past.number is not None:
            return value_of(past.number), []
        tensor = past.tensor() if past.tensor is not None else None
        origin = past.origin
        if tensor is not None and origin is not None and origin.how == "graph":
            now = node_of(tensor)
            tensor = tensor if now is not None and now.number == origin.number else None  # it was edited since
        if tensor is not None:
            value = value_of(tensor)
        elif origin is not None and origin.how == "graph":
            value = computed(origin.number, 0, None)
        else:
            value = records.Value(lost(origin or past), None, 0, (), "", False, False, 0, None)
        if self._cuts >= DEEP:
            return value, []
        self._cuts += 1
        told = list(self._history(tensor, origin, value))
        self._cuts -= 1
        return value, told

    def _history(self, tensor: Any, origin: Origin | None, value: records.Value) -> Iterator[records.Event]:
        """Tell how an input of a past operation came about: from its node while it lives, else from its origin."""
        if tensor is not None and (node_of(tensor) is not None or origin is None):
            yield from self.tensors([tensor])
        elif origin is not None and origin.how != "graph":
            yield from self.origin(origin, value)
        elif origin is not None and origin.number not in self.told:
            self.told[origin.number] = 0
            yield from self.origin(origin, value)
