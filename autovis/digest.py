"""How the notes of a tape become records.

While a block runs, a tape writes down as little as it can: one tuple for each report of the core. What follows from
several notes (how much had come in before a gradient arrived, which call it belongs to) is worked out here, later.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from types import CodeType
from typing import Any, NamedTuple

import numpy as np

from autovis import records
from autovis.dtypes import OF_NUMPY
from autovis.graph import Node
from autovis.past import Large, noted, stop_reason, value_of, whole
from autovis.primitive import Plan, Primitive

__all__ = ["MADE", "Digest", "Position", "Sheet"]

MADE = None  # stands for an input that is the result of an operation of which there is a note


class Sheet(NamedTuple):
    """What the notes of one pass have in common.

    Attributes:
        code, instruction, visit: where it was called.
        mark: of the pass.
        keep: whether it leaves the saved values in place.
    """

    code: CodeType | None
    instruction: int
    visit: int
    mark: int
    keep: bool


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


class Digest:
    """Makes records of notes, in order.

    A note is (method of this class, code, instruction, visit, whether a pass was running, what the method is told); two
    kinds are so frequent that they are shorter. An operation of the usual kind begins with the code that ran it, what
    one node did in a pass with the sheet of the pass.

    Args:
        leaves: for each accumulator, by number, the key of its leaf.

    Attributes:
        events: the records.
        positions: places in the user's program, as `Event.at` numbers them.
        calls: how many backward calls there were.
        plans: for each node that was met, by number, how it pulls gradients back.
        ends: for each node, why no gradient goes to an input; None where one does.
        several: the nodes that have several outputs.
    """

    def __init__(self, leaves: dict[int, int]) -> None:
        self.leaves = leaves
        self.events: list[records.Event] = []
        self.positions: list[Position] = []
        self.calls = 0
        self.plans: dict[int, Plan] = {}
        self.ends: dict[int, tuple[str | None, ...]] = {}
        self.several: set[int] = set()
        self._here: dict[str, Any] = {}
        self._visit = self._latest = 0
        self._edges: dict[int, tuple[int | None, ...]] = {}
        self._made: dict[int, tuple[tuple[records.Value, ...], tuple[records.Value, ...]]] = {}
        self._open = 0
        self._places: dict[tuple[int, int], int] = {}
        self._values: dict[tuple[int, int], records.Value] = {}
        self._came: dict[tuple[int, int], int] = {}
        self._sums: dict[tuple[int, int, int], Any] = {}
        self._mark = 0

    def take(self, notes: Iterable[Sequence[Any]]) -> None:
        """Make records of some notes."""
        for note in notes:
            kind = note[0]
            if type(kind) is CodeType:
                self._stand(kind, note[1], 0, inside=self._open > 0)
                self.events += self._computed(*note[2:])
            elif type(kind) is Sheet:
                self._stand(*kind[:3], inside=True)
                self.events += self._walked(*kind[3:], *note[1:])
            else:
                _, code, instruction, visit, inside, *told = note
                self._stand(code, instruction, visit, inside=inside)
                self.events += kind(self, *told)

    def _stand(self, code: CodeType | None, instruction: int, visit: int, *, inside: bool) -> None:
        """Note where the next records belong; 0 is a visit of its own."""
        if code is None:
            self._here = {"call": self.calls if inside else 0}
            return
        if not visit or visit != self._latest:
            self._visit += 1
        self._latest = visit
        self._here = {
            "at": self._place(code, instruction),
            "call": self.calls if inside else 0,
            "visit": self._visit,
        }

    def forget(self) -> None:
        """Let go of what no later note can refer to."""
        self._values = {key: value for key, value in self._values.items() if key[0] < 0}
        for known in (self._came, self._sums, self._made):
            known.clear()

    def meet(self, node: Node) -> None:
        """Take down what has to be known of a node of which there is no note."""
        self.plans[node.number] = node.plan
        self._edges[node.number] = tuple(None if edge is None else edge.number for edge in node.edges)
        self.ends[node.number] = tuple(
            None if edge is not None else stop_reason(node, slot) for slot, edge in enumerate(node.edges)
        )
        if node.outputs is not None:
            self.several.add(node.number)

    def _place(self, code: CodeType, instruction: int) -> int:
        found = self._places.get((id(code), instruction))
        if found is None:
            found = self._places[id(code), instruction] = len(self.positions)
            lines = (line for start, end, line in code.co_lines() if start <= instruction < end)
            self.positions.append(Position(code, instruction, next(lines, None) or code.co_firstlineno))
        return found

    def _value(self, seen: Any) -> records.Value:
        """Describe a tensor as it was seen, or a Python number."""
        if not isinstance(seen, tuple):
            return seen if isinstance(seen, records.Value) else value_of(seen)
        key, made_by, port, requires_grad, is_parameter, version, data, grad, device = seen
        shape, kind = data if type(data) is Large else (data.shape, data.dtype)
        return records.Value(
            *(key, made_by, port, shape, OF_NUMPY[kind].name, requires_grad, is_parameter, version, whole(data)),
            grad=whole(grad),
            device=device,
        )

    # ------------------------------------------------------------------------------------------------- what happened

    def told(self, *told: records.Event) -> Iterator[records.Event]:
        """Take over records that were made at once."""
        return (replace(event, **self._here) for event in told)

    def entered(self, module: int, kind: str, part: str) -> Iterable[records.Event]:
        """Tell that the forward of a module begins."""
        return (records.Entered(module, kind, part, **self._here),)

    def left(self, module: int) -> Iterable[records.Event]:
        """Tell that the forward of a module ended."""
        return (records.Left(module, **self._here),)

    def before(self, *told: records.Event) -> Iterable[records.Event]:
        """Take over records of what happened before the tape ran."""
        return told

    def known(self, number: int, seen: Any) -> Iterable[records.Event]:
        """Take down what a value is of which there is no other note, by number; that of a leaf by its key, below 0."""
        self._values[number, 0] = self._value(seen)
        return ()

    def _computed(self, node: int, kind: type[Node], *given: Any) -> Iterator[records.Event]:
        """Tell of an operation of the usual kind: inputs, of which a number stands for a known one, and the result."""
        op, plan, *read, made = kind.op, kind.plan, *given
        sent = {pull.slot for pull in plan.pulls}
        edges = tuple(x if slot in sent else None for slot, x in enumerate(read))
        seen = [MADE if slot in sent else x for slot, x in enumerate(read)]
        return self.recorded(node, op, plan, edges, None, seen, noted(made), {}, None, False)

    def recorded(
        self,
        node: int,
        op: Primitive,
        plan: Plan,
        edges: Sequence[int | None],
        ports: Sequence[int] | None,
        seen: Sequence[Any],
        made: Any,
        settings: dict[str, Any],
        versions: tuple[int, ...] | None,
        several: bool,
    ) -> Iterator[records.Event]:
        """Tell of an operation that was recorded."""
        inputs = tuple(
            self._value(x) if x is not MADE or edge is None else self._result(edge, ports[slot] if ports else 0)
            for slot, (edge, x) in enumerate(zip(edges, seen, strict=True))
        )
        outputs = self._outputs(node, made)
        self.plans[node], self._edges[node], self._made[node] = plan, tuple(edges), (inputs, outputs)
        self.ends[node] = tuple(None if edge is not None else reason(x) for edge, x in zip(edges, inputs, strict=True))
        if several:
            self.several.add(node)
        yield records.Recorded(node, op, inputs, outputs, tuple(settings.items()), **self._here)
        if plan.tensors:
            names = tuple(plan.saves[place] for place in plan.tensors)
            if versions is None:
                versions = tuple((inputs[slot] if slot >= 0 else outputs[0]).version for slot in plan.inputs)
            yield records.Saved(node, names, plan.inputs, versions or (0,) * len(names), **self._here)

    def _result(self, node: int, port: int) -> records.Value:
        leaf = self.leaves.get(node)
        return self._values[node, port] if leaf is None else self._values[-leaf, 0]

    def _outputs(self, node: int, made: Any) -> tuple[records.Value, ...]:
        if not isinstance(made, list):
            made = [(0, node, 0, True, False, 0, made, None, "")]
        outputs = tuple(map(self._value, made))
        for value in outputs:
            self._values[node, value.port] = value
        return outputs

    def not_recorded(
        self, op: Primitive, seen: list[Any], made: Any, reason: str, settings: dict[str, Any]
    ) -> Iterator[records.Event]:
        """Tell of an operation that left no trace."""
        inputs, result = tuple(map(self._value, seen)), self._value(made)
        yield records.NotRecorded(op, inputs, (result,), reason, tuple(settings.items()), **self._here)

    def bumped(self, value: Any, op: str, sharing: Any, owner: int, before: Any) -> Iterator[records.Event]:
        """Tell of an edit."""
        yield records.Bumped(value, op, sharing, self._values.get((-owner, 0)), whole(before), **self._here)

    def seeded(self, mark: int, root: Any, node: int, g: Any) -> Iterator[records.Event]:
        """Tell where a pass begins; the seeds of one pass are one call."""
        self.calls += mark != self._mark
        self._open += mark != self._mark
        self._mark = mark
        self._here["call"] = self.calls
        value = self._value(root)
        have = self._sums.get((mark, node, value.port))
        self._sums[mark, node, value.port] = g if have is None else added(have, g)
        yield records.Seeded(value, node, whole(g), **self._here)

    def ended(self) -> Iterable[records.Event]:
        """Take down that a pass is over."""
        self._open -= 1
        return ()

    def _walked(self, mark: int, keep: bool, node: int, saved: Any, *sent: Any) -> Iterator[records.Event]:
        """Tell what a node of the usual kind did; of each part: for how many more the receiver waits, the gradient."""
        plan, edges = self.plans[node], self._edges[node]
        parts: list[Any] = []
        slots = (pull.slot for pull in plan.pulls if edges[pull.slot] is not None)
        for slot, waiting, part in zip(slots, sent[::2], sent[1::2], strict=False):
            parts += slot, edges[slot], 0, waiting, noted(part)
        kept = self._kept(node, plan) if saved is None else saved
        return self.pulled(mark, node, self._sums.get((mark, node, 0)), kept, not keep and plan.frees, *parts)

    def _kept(self, node: int, plan: Plan) -> tuple[Any, ...]:
        """Return what a node saved, if nothing was edited since."""
        inputs, outputs = self._made[node]
        values = [inputs[slot] if slot >= 0 else outputs[0] for slot in plan.inputs]
        kind = outputs[0].dtype
        return tuple(np.array(value.number, kind) if value.data is None else value.data for value in values)

    def pulled(
        self, mark: int, node: int, g: Any, saved: tuple[Any, ...] | None, frees: bool, *parts: Any
    ) -> Iterator[records.Event]:
        """Tell what one node did; of each part: slot, receiver, its port, how many it still waits for, the gradient."""
        ends, parted = self.ends.get(node, ()), list(zip(*[iter(parts)] * 5, strict=True))
        sent: dict[int, Any] = {slot: whole(part) for slot, _, _, _, part in parted}
        given = tuple(sent.get(slot) for slot in range(len(ends)))
        arriving = tuple(map(whole, g)) if isinstance(g, list) else whole(g)
        kept = None if saved is None else tuple(map(whole, saved))
        yield records.Pulled(node, arriving, given, kept, **self._here)
        for slot, end in enumerate(ends):
            if end is not None or slot not in sent:
                yield records.Stopped(node, slot, end or "unwanted", **self._here)
        if frees:
            yield records.Freed(node, **self._here)
        for slot, receiver, port, waiting, part in parted:
            if part is not None:
                yield from self._arrived(mark, (receiver, port), (node, slot), waiting, part)

    def _arrived(
        self, mark: int, goal: tuple[int, int], sender: tuple[int, int], waiting: int, part: Any
    ) -> Iterator[records.Event]:
        receiver, port = goal
        came = self._came[mark, receiver] = self._came.get((mark, receiver), 0) + 1
        before = self._sums.get((mark, receiver, port))
        after = self._sums[mark, receiver, port] = part if before is None else added(before, part)
        shown = whole(before), whole(part), whole(after)
        yield records.Arrived(receiver, *sender, *shown, came, came + waiting, **self._here)
        if not waiting and came > 1 and receiver not in self.several:
            yield records.FannedIn(receiver, whole(after), **self._here)

    def accumulated(self, leaf: int, node: int, before: Any, arriving: Any, after: Any) -> Iterator[records.Event]:
        """Tell that the `.grad` of a leaf grew."""
        shown = whole(before), whole(arriving), whole(after)
        self._values[-leaf, 0] = value = replace(self._values[-leaf, 0], grad=shown[2])
        yield records.Accumulated(value, node, *shown, **self._here)

    def cleared(self, leaf: int, before: Any, how: str) -> Iterator[records.Event]:
        """Tell that a `.grad` was emptied."""
        value = self._values[-leaf, 0]
        yield records.Cleared(value, whole(before), how, **self._here)
        if how == "none":
            self._values[-leaf, 0] = replace(value, grad=None)

    def stepped(self, optimizer: str, parameters: list[int]) -> Iterator[records.Event]:
        """Tell what an optimizer changed."""
        yield records.Stepped(optimizer, tuple(self._values[-key, 0] for key in parameters), **self._here)


def reason(value: records.Value) -> str:
    """Say why no gradient is computed for an input."""
    return "number" if not value.made_by and not value.key else "frozen" if value.is_parameter else "constant"


def added(before: Any, part: Any) -> Any:
    """Add as the engine does; of what is large only the shape is known."""
    return before if type(before) is Large else part if type(part) is Large else np.add(before, part)
