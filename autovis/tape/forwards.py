"""What a tape notes of operations, edits and cuts, and of the modules that they ran in."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import CodeType
from typing import Any

import numpy as np

from autovis import engine, records
from autovis.digest import MADE, Digest
from autovis.graph import Node
from autovis.modes import recording
from autovis.past import SMALL, described, node_of, noted, saved_event, value_of
from autovis.slots import Bare
from autovis.tape.notes import Notes

__all__ = ["Forwards"]

NUMBERS = frozenset({int, float, bool})
UNKNOWN: tuple[int, Callable[[], Any]] = (0, lambda: None)  # a module that was not met yet


class Forwards(Notes):
    """Listens to what runs forwards."""

    def __init__(self) -> None:
        super().__init__()
        self._code: CodeType | None = None
        self._called: dict[int, tuple[int, Callable[[], Any]]] = {}  # id of a module -> its number
        self._parts: dict[int, dict[int, str]] = {}  # number of a module -> what it calls those in it, by their id
        self._calling: list[tuple[Any, int]] = []  # modules whose forward runs, and their numbers, innermost last

    def entered(self, module: Any) -> None:
        """Note that the forward of a module begins; this is all that a recording pays for the names of modules."""
        number, known = self._called.get(id(module), UNKNOWN)
        if known() is not module:
            number = self._meet_module(module)
        calling = self._calling
        part = self._parts[calling[-1][1]].get(id(module), "") if calling else ""
        calling.append((module, number))
        self._notes.append((Digest.entered, None, 0, 0, bool(engine.running), number, type(module).__name__, part))

    def left(self, module: Any) -> None:
        """Note that the forward of a module ended, unless it had begun before the tape did."""
        if self._calling and self._calling[-1][0] is module:
            _, number = self._calling.pop()
            self._notes.append((Digest.left, None, 0, 0, bool(engine.running), number))

    def _meet_module(self, module: Any) -> int:
        """Give a module its number, and look through what is in it."""
        number = len(self._parts) + 1
        self._called[id(module)] = number, weakref.ref(module)
        self._parts[number] = {id(inner): path for path, inner in module.named_modules()}
        return number

    def computed(self, node: Node, x: Any, edge: Node | None, y: Any, other: Node | None, result: Any) -> None:
        """Note an operation of the usual kind as briefly as possible: of one or two inputs, and no settings.

        `edge` and `other` are where the gradients of `x` and `y` go; an operation of one input has no `y`.
        """
        frame = sys._getframe(2)
        code = frame.f_code
        if code is not self._code:
            if id(code) not in self._users:
                self.recorded(node, (x,) if len(node.op.inputs) == 1 else (x, y), result, {})
                return
            self._code = code
        out = result._data
        if out.size > SMALL:
            out = noted(out)
        if edge is not None:
            x = edge.number if x._extras is None and edge.number > self._fresh else self._number(edge, x)
        elif type(x) not in NUMBERS:
            x = self._seen(x)
        if other is not None:
            y = other.number if y._extras is None and other.number > self._fresh else self._number(other, y)
        elif y is None:
            self._notes.append((code, frame.f_lasti, node.number, type(node), x, out))
            return
        elif type(y) not in NUMBERS:
            y = self._seen(y)
        self._notes.append((code, frame.f_lasti, node.number, type(node), x, y, out))

    def _number(self, edge: Node, x: Any) -> int:
        """Return the number of the node that made an input, after there is a note of what that is."""
        number, extras, data = edge.number, x._extras, x._data
        if extras is not None and number in self.leaves and type(data) is np.ndarray and data.size <= SMALL:
            if self._known.get(-extras.key) != data.tobytes():
                self._know(-extras.key, x)
        else:
            self._know(number if self._met(edge) else -x._extras.key, x)
        return number

    def _fetched(self, edge: Node, x: Any) -> Any:
        """Return what to note of an input that is no fresh result."""
        if self._met(edge):
            return described(x)
        self._know(-x._extras.key, x)
        return MADE

    def recorded(self, node: Node, inputs: tuple[Any, ...], result: Any, settings: dict[str, Any]) -> None:
        """Note an operation that was recorded."""
        frame = sys._getframe(2)
        code: CodeType | None = frame.f_code
        if id(code) in self._users:
            instruction, visit = frame.f_lasti, 0
        else:
            (code, instruction, visit), silent = self._where(sys._getframe(1))
            if silent:
                self.stale()
                return
        edges: list[int | None] = []
        seen: list[Any] = []
        for x, edge in zip(inputs, node.edges, strict=True):
            if edge is None:
                edges.append(None)
                seen.append(x if type(x) in NUMBERS else self._seen(x))
            else:
                edges.append(edge.number)
                made = x._extras is None and edge.number > self._fresh
                seen.append(MADE if made else self._fetched(edge, x))
        ports, several, plan, made = None, False, node.plan, result
        if type(result) is tuple:
            made = [described(part) for part in result]
        elif result._extras is not None:
            made = [described(result)]
        else:
            made = result._data
            made = noted(made) if type(made) is not np.ndarray or made.size > SMALL else made.copy()
        if node.rare is not None:
            ports, several = node.ports, node.outputs is not None
        op, number = node.op, node.number
        self._told[number] = 0
        if op.view:
            self._join(inputs[0], result)
        versions = node.saved[plan.size + 1 :: 2] if plan.tensors and node.saved is not None else ()
        during = bool(engine.running)
        note = Digest.recorded, code, instruction, visit, during, number, op, plan, edges, ports, seen, made, settings
        self._notes.append((*note, versions, several))
        if not node.pulls_by_plan:
            self._tell((code, instruction, visit), *saved_event(node))

    def _seen(self, x: Any) -> Any:
        """Describe an input to which no gradient goes, after its past, if it was made before the tape ran."""
        if not isinstance(x, Bare):
            return value_of(x)
        self._remember(x)
        return described(x)

    def not_recorded(self, rule: Any, inputs: tuple[Any, ...], result: Any, settings: Mapping[str, Any]) -> None:
        """Note an operation that left no trace."""
        place, silent = self._where(sys._getframe(1))
        if silent:
            return
        tensors = [x for x in inputs if isinstance(x, Bare)]
        makers = [node_of(x) for x in tensors]
        asks = any(node is not None or x._flag for x, node in zip(tensors, makers, strict=True))
        reason = recording.get().off or ("no derivative" if asks else "plain")
        if rule.view:
            self._join(inputs[0], result)
        self._discover((node for node in makers if node is not None and node.number not in self._told), place=place)
        seen = [self._seen(x) if isinstance(x, Bare) else value_of(x) for x in inputs]
        made = described(result)
        self._teller.results.add(made[0])
        self._notes.append((Digest.not_recorded, *place, bool(engine.running), rule, seen, made, reason, settings))

    def detached(self, source: Any, result: Any, in_place: bool) -> None:
        """Note that a tensor without history was made from another."""
        place, _ = self._where(sys._getframe(1))
        node = node_of(source)
        if node is not None:
            self._discover([node], place=place)
        self._remember(source)
        before, after = value_of(source), value_of(result)
        self._teller.results.add(after.key)
        if in_place:
            after = replace(after, made_by=None, port=0, requires_grad=False)
        self._join(source, result)
        self._tell(place, records.Detached(before, after, in_place))

    def bumped(self, tensor: Any, rule: Any, operands: tuple[Any, ...]) -> None:
        """Note an edit."""
        place, silent = self._where(sys._getframe(1))
        self.stale()
        if silent and rule.name != "zero_":
            return
        whole = tensor._root() if tensor._extras is not None and tensor._extras.steps else tensor
        node = node_of(whole)
        if node is not None:
            self._discover([node], whole, place=place)
        value = value_of(whole)
        owner, leaf = self._gradients.get(value.key, (0, None))
        before, alive = self._held.get(value.key), None if leaf is None else leaf()
        if alive is not None:
            self._held[value.key] = value.data
        if alive is not None and rule.name == "zero_":
            self._notes.append((Digest.cleared, *place, bool(engine.running), owner, before, "zero"))
        elif not silent:
            shared = self._sharing(whole)
            told = Digest.bumped, *place, bool(engine.running), value, rule.name.rstrip("_"), shared, owner, before
            self._notes.append(told)
