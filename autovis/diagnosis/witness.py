"""What the last recording can testify: which backward passes ran, and what happened to the `.grad` of a tensor."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from autovis import records
from autovis.tape import Tape
from autovis.viz import evidence
from autovis.viz.reasons import say

__all__ = ["Witness", "some"]


class Witness:
    """A tape, asked about one tensor.

    Args:
        tape: the last recording; None if there is none.
        tensor: what is asked about.
        results: the results whose backward passes matter.

    Attributes:
        passes: where each backward pass from one of the results began.
        mine: what happened to the tensor's `.grad`, in order.
        numbers: what the tape calls the nodes behind the results.
    """

    def __init__(self, tape: Tape | None, tensor: Any, results: Iterable[Any] = ()) -> None:
        self.tape = tape
        self.events = [] if tape is None else tape.events
        self.key, self.maker = identity(tensor if tape is None else tape.stands_for(tensor))
        self.numbers: dict[Any, int] = {}
        for result in results if tape is not None else ():
            self.numbers.update(numbered(tape, result))
        known = set(self.numbers.values())
        self.passes = [event for event in self.events if isinstance(event, records.Seeded) and event.node in known]
        self.mine = [event for event in self.events if self._is(about(event))]

    def _is(self, value: records.Value | None) -> bool:
        """Whether a description is one of the tensor."""
        if value is None:
            return False
        return bool(self.key and value.key == self.key) or self.maker == (value.made_by, value.port)

    def failure(self) -> str:
        """Return the beginning of the error that ended the last backward pass; empty if none did."""
        call = self.passes[-1].call if self.passes else 0
        failed = [event for event in self.events if isinstance(event, records.Failed) and event.call == call]
        return re.split(r"\n|[.:] |, which ", failed[-1].sentence)[0] if failed and call else ""

    def saw(self, node: Any) -> bool:
        """Whether the recording saw an operation run, so that it knows of every pass through it."""
        return self._ran(node) is not None

    def _ran(self, node: Any) -> int | None:
        number = self.numbers.get(node, -1)
        made = [event.at for event in self.events if isinstance(event, records.Recorded) and event.node == number]
        return made[-1] if made else None

    def silenced(self) -> list[Any]:
        """Return the operations of the last pass at which a gradient became 0."""
        call = self.passes[-1].call if self.passes else 0
        pulls = [event for event in self.events if isinstance(event, records.Pulled) and event.call == call]
        guilty = {event.node for event in pulls if quenched(event)}
        return [node for node, number in self.numbers.items() if number in guilty]

    def edited(self, version: int) -> str:
        """Write where the tensor reached a version by an edit in place; empty if the recording did not see it."""
        edits = (event for event in self.events if isinstance(event, records.Bumped) and event.value.version == version)
        found = [event for event in edits if any(self._is(value) for value in (event.value, *event.sharing))]
        return self.place(found[-1].at) if found else ""

    def recorded(self, node: Any) -> str:
        """Write where an operation ran; empty if the recording did not see it."""
        return self.place(self._ran(node))

    def place(self, at: int | None) -> str:
        """Write where something happened; empty if that is not known."""
        if self.tape is None or at is None:
            return ""
        return line_of(self.tape.positions[at].code.co_filename, self.tape.positions[at].line)


def line_of(file: str, line: int) -> str:
    """Write a place, ` in line 3`; of a script with its name."""
    script = Path(file).name if file.endswith(".py") and "ipykernel" not in file else ""
    return say("in_line_of", line=line, file=script) if script else say("in_line", line=line)


def numbered(tape: Tape | None, result: Any) -> dict[Any, int]:
    """Pair the nodes behind a result with the numbers that a tape gave them; nothing if it does not know them."""
    ours = result if tape is None else tape.stands_for(result)
    nodes, twins = evidence.behind(result), evidence.behind(ours)
    if len(nodes) != len(twins):
        return {}
    return {node: twin.number for node, twin in zip(nodes, twins, strict=True) if hasattr(twin, "number")}


def identity(tensor: Any) -> tuple[int, tuple[int, int] | None]:
    """Return what a tape calls a tensor: its key, and for a computed one the number and output of its node."""
    extras = getattr(tensor, "_extras", None)
    node = tensor.grad_fn
    maker = (node.number, tensor.output_nr) if node is not None and hasattr(node, "number") else None
    return (0 if extras is None else extras.key), maker


def about(event: records.Event) -> records.Value | None:
    """Return the tensor whose `.grad` an event is about."""
    match event:
        case records.Accumulated(leaf=value) | records.Cleared(leaf=value) | records.Returned(value=value):
            return value
    return None


def quenched(event: records.Pulled) -> bool:
    """Whether something arrived that was not 0, and all that was sent on is 0."""
    sent = [part for part in event.sent if part is not None]
    return bool(sent) and not any(map(some, sent)) and some(event.arriving)


def some(data: Any) -> bool:
    """Whether an array, or one of several, holds anything but zeros."""
    parts = data if isinstance(data, tuple) else (data,)
    return any(part is not None and bool(np.any(np.asarray(part))) for part in parts)
