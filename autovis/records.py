"""The records of what can happen, named in the past tense; plain data with copies of small values.

They are reached through `events`, which loads this file when somebody first records.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

__all__ = [
    "Accumulated",
    "Arrived",
    "Bumped",
    "Cleared",
    "Detached",
    "Entered",
    "Event",
    "Failed",
    "FannedIn",
    "Freed",
    "HookRan",
    "Left",
    "NotRecorded",
    "Pulled",
    "Recorded",
    "Retained",
    "Returned",
    "Saved",
    "Seeded",
    "Stepped",
    "Stopped",
    "Value",
]


@dataclass(frozen=True, slots=True)
class Value:
    """A tensor as it was when something happened to it.

    Attributes:
        key: number of the tensor object, counted from 1 as tapes meet them; often 0 for what an operation made, which
            `made_by` and `port` identify.
        made_by: number of the operation that made it; None for a leaf and for a tensor without history.
        port: which of that operation's outputs it is.
        shape: its shape.
        dtype: its kind, `float32`.
        requires_grad, is_parameter: the flag; whether it is an `nn.Parameter`.
        version: how often its storage had been edited in place.
        data: a copy of its numbers; None for large tensors.
        number: the Python number, when it is one and no tensor.
        grad: a copy of its `.grad`; None if it has none.
        device: where its numbers lie, `sim:0`; empty on the host, and where it is not known.
    """

    key: int
    made_by: int | None
    port: int
    shape: tuple[int, ...]
    dtype: str
    requires_grad: bool
    is_parameter: bool
    version: int
    data: np.ndarray | np.generic | None
    number: float | None = None
    grad: np.ndarray | np.generic | None = None
    device: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened.

    Attributes:
        at: index of the source position in `Tape.positions`; None for what happened before the tape ran.
        call: number of the backward call that was running, from 1; 0 outside one.
        visit: what happened in one call of the user's has the same number, such as all steps of `softmax(x)`.
    """

    at: int | None = field(default=None, kw_only=True)
    call: int = field(default=0, kw_only=True)
    visit: int = field(default=0, kw_only=True)


@dataclass(frozen=True, slots=True)
class Recorded(Event):
    """An operation was computed and recorded: `node` is its number, `op` its primitive, one value for each output.

    Attributes:
        in_place: whether the result was written into the memory of the first input.
    """

    node: int
    op: Any
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    settings: tuple[tuple[str, Any], ...] = ()
    in_place: bool = False


@dataclass(frozen=True, slots=True)
class NotRecorded(Event):
    """An operation left no trace: for `no_grad`, `inference_mode`, `plain` (no input asks) or `no derivative`."""

    op: Any
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    reason: str
    settings: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Saved(Event):
    """A node kept values for its backward; `slots` tells which input each is, -1 for the result."""

    node: int
    names: tuple[str, ...]
    slots: tuple[int, ...]
    versions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Detached(Event):
    """A tensor without history was made from another (`in_place`: the tensor itself lost its history)."""

    source: Value
    result: Value
    in_place: bool


@dataclass(frozen=True, slots=True)
class Bumped(Event):
    """A tensor was edited in place.

    Attributes:
        value: the tensor afterwards.
        op: the edit, `add`.
        sharing: other tensors over the same memory, as they are now.
        owner: the leaf whose `.grad` it is, if it is one.
        before: its numbers, if it is a `.grad`.
    """

    value: Value
    op: str
    sharing: tuple[Value, ...] = ()
    owner: Value | None = None
    before: Any = None


@dataclass(frozen=True, slots=True)
class Seeded(Event):
    """A backward call began: the gradient of `root`, which arrives at `node`, is set to `gradient`."""

    root: Value
    node: int
    gradient: np.ndarray | np.generic


@dataclass(frozen=True, slots=True)
class Pulled(Event):
    """A node turned the arriving gradient into one gradient for each input; None where none is wanted."""

    node: int
    arriving: Any
    sent: tuple[Any, ...]
    saved: tuple[Any, ...] | None


@dataclass(frozen=True, slots=True)
class Arrived(Event):
    """A gradient reached a node from `sender`: `before + gradient = after`, the `came`-th of `of`."""

    node: int
    sender: int
    slot: int
    before: Any
    gradient: Any
    after: Any
    came: int
    of: int


@dataclass(frozen=True, slots=True)
class FannedIn(Event):
    """The last of several gradients reached a node; `total` is their sum."""

    node: int
    total: Any


@dataclass(frozen=True, slots=True)
class HookRan(Event):
    """A hook saw a gradient and left `after`, perhaps the same.

    Attributes:
        node: where: what made the tensor that is watched, its accumulator, or the node that is watched itself.
        before, after: a gradient; for the hooks of a node a tuple of them.
        kind: `tensor` for a gradient on its way into the node, `pre` for one that the node is about to pull back,
            `node` for what it is about to send, `post` for a leaf whose `.grad` has grown (`after` is its `.grad`).
        port: of the tensor that is watched: which of the node's outputs it is.
    """

    node: int
    before: Any
    after: Any
    kind: str = "tensor"
    port: int = 0


@dataclass(frozen=True, slots=True)
class Retained(Event):
    """The gradient of an intermediate was kept because `retain_grad()` had been called; `after` is its `.grad` then."""

    node: int
    gradient: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Accumulated(Event):
    """A leaf's `.grad` grew: `before + arriving = after`; before is None when there was none."""

    leaf: Value
    node: int
    before: Any
    arriving: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Returned(Event):
    """A gradient was handed back by `grad`, or put into `.grad` of an intermediate that `inputs` named (`stored`)."""

    value: Value
    gradient: Any
    stored: bool


@dataclass(frozen=True, slots=True)
class Freed(Event):
    """A node dropped what it had saved."""

    node: int


@dataclass(frozen=True, slots=True)
class Stopped(Event):
    """No gradient goes to the input in this slot: a `number`, a `constant`, `frozen`, or `unwanted`."""

    node: int
    slot: int
    reason: str


@dataclass(frozen=True, slots=True)
class Cleared(Event):
    """A leaf's `.grad` was emptied; `how` is `zero` (filled with zeros) or `none` (removed)."""

    leaf: Value
    before: Any
    how: str


@dataclass(frozen=True, slots=True)
class Stepped(Event):
    """An optimizer changed its parameters; `parameters` are those it changed, afterwards."""

    optimizer: str
    parameters: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Failed(Event):
    """An error ended a backward call at a node, or the recorded block (None).

    Attributes:
        node: number of the node, or of the accumulator.
        kind: name of the error, `RuntimeError`.
        sentence: all that it says.
        read: the tensors that the failing line of the program names, with their names, where the block ended.
    """

    node: int | None
    kind: str
    sentence: str
    read: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class Entered(Event):
    """The forward of a module begins: until it is left, what is recorded belongs to it.

    Attributes:
        module: number of the module; `Tape.modules` has its path if a variable leads to it.
        kind: name of its class, `Linear`.
        part: what the module that called it calls it, `0`; empty if it was not called by the one that holds it.
    """

    module: int
    kind: str
    part: str = ""


@dataclass(frozen=True, slots=True)
class Left(Event):
    """The forward of a module ended, with a result or with an error."""

    module: int
