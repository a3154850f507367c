"""Who plays in the story of a picture: values and operations, as far as they are known."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from autovis.primitive import Primitive
from autovis.records import Value

__all__ = ["SWITCHES", "Deed", "Ref", "Thing"]

SWITCHES = ("no_grad", "inference_mode")  # what keeps operations from being recorded

Ref = tuple[str, int, int]  # ("made", number of the node, port) | ("tensor", key, 0) | ("number", deed, slot)


@dataclass(slots=True)
class Thing:
    """A value in the story.

    Attributes:
        ref: what identifies it.
        value: how it was described, as far as it is known.
        name: what the user calls it; empty if nothing.
        id: of its element, once drawn up.
        kept: whether its gradient was retained.
        users: (deed, slot) of every use.
        roles: what it has been, in order: a constant that is asked for gradients becomes a leaf.
        senders: how many gradients meet here in one pass, where a pass has told.
        hooks: see `Element`; `post` belongs to the accumulator.
        device: where its numbers lie; empty on the host.
    """

    ref: Ref
    value: Value
    name: str = ""
    id: str = ""
    kept: bool = False
    users: list[tuple[int, int]] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    senders: int = 0
    hooks: tuple[str, ...] = ()
    device: str = ""


@dataclass(slots=True)
class Deed:
    """An operation in the story, recorded or not, or a cut.

    Attributes:
        index: its place in the story.
        rule: what was done; None for a cut.
        inputs, outputs: the values.
        node: its number if it was recorded, else 0.
        how: `graph`, `cut`, `plain`, `no derivative`, or the switch that was off: see `SWITCHES`.
        settings: of the operation.
        roles: of the inputs, when it ran.
        notes: what it saved: (slot of the input, -1 for the result, -2 for neither; version).
        saved: `held`, `freed`, `stale`, or empty.
        at: where in the program.
        call: the backward call in which it ran itself, or 0.
        in_place: whether it wrote into its first input, or cut off that tensor itself.
        hooks: see `Element`.
        id: of its element.
    """

    index: int
    rule: Primitive | None
    inputs: tuple[Ref, ...]
    outputs: tuple[Ref, ...]
    node: int
    how: str
    settings: dict[str, Any]
    roles: tuple[str, ...]
    notes: tuple[tuple[int, int], ...] = ()
    saved: str = ""
    at: int | None = None
    call: int = 0
    in_place: bool = False
    hooks: tuple[str, ...] = ()
    id: str = ""

    @property
    def shares(self) -> bool:
        """Whether what it made shows the memory of its first input."""
        return not self.in_place and (self.rule is None or self.rule.view or self.rule.name == "as_strided")

    def saved_at(self, slot: int) -> Ref | None:
        """Return what was saved, as `notes` tells; None for what is no value of the story."""
        return None if slot < -1 else self.outputs[0] if slot < 0 else self.inputs[slot]
