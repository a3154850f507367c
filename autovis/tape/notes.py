"""The notes of a tape: what it was told, as short as possible, until `digest` makes records of it."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable, Iterable
from dataclasses import replace
from types import CodeType
from typing import Any

from autovis import engine, graph, records
from autovis.arrays import DeviceArray
from autovis.digest import Digest, Sheet
from autovis.graph import AccumulateGrad, Node
from autovis.past import SMALL, Teller, described, key_of, node_of, noted, value_of
from autovis.tape.places import Place, Places

__all__ = ["Notes"]


class Notes(Places):
    """Notes, and what has to be known to take them: which nodes were met, what is what, which memory is shared.

    Attributes:
        leaves: for each accumulator that was met, by number, the key of its leaf.
    """

    def __init__(self) -> None:
        super().__init__()
        self.leaves: dict[int, int] = {}
        self._notes: list[Any] = []
        self._digest = Digest(self.leaves)
        self._first = 0
        self._teller = Teller(self._meet)
        self._told = self._teller.told
        self._synced = self._safe = 0  # how many notes are known to the teller, and hold copies only
        self._fresh = 0
        self._known: dict[int, bytes] = {}
        self._aliased = False
        self._held: dict[int, Any] = {}
        self._gradients: dict[int, tuple[int, Callable[[], Any]]] = {}
        self._shared: dict[int, tuple[list[int], dict[int, Any]]] = {}

    noted = staticmethod(noted)

    def mark(self) -> tuple[int, int]:
        """Return what `take_back` needs."""
        return len(self._notes), next(graph.numbers)

    def take_back(self, mark: tuple[int, int]) -> None:
        """Forget what was noted since, and of which nodes."""
        count, first = mark
        del self._notes[count:]
        self._synced, self._safe = min(self._synced, count), min(self._safe, count)
        for number in [number for number in self._told if number > first]:
            del self._told[number]
        self.stale()

    def _within(self) -> Place:
        """Return the place of the running pass, or of the user's program."""
        run = engine.running[-1] if engine.running else None
        return run.place if run is not None and run.place is not None else self._where(sys._getframe(2))[0]

    def _tell(self, place: Place, *told: records.Event) -> None:
        """Take down records."""
        if told:
            self._notes.append((Digest.told, *place, bool(engine.running), *told))

    def _sync(self) -> None:
        """Let the teller know which operations there are notes of."""
        for note in self._notes[self._synced :]:
            if type(note[0]) is CodeType:
                self._told[note[2]] = 0
        self._synced = len(self._notes)

    # ------------------------------------------------------------------------------------- memory is written to

    def stale(self) -> None:
        """Forget what values are: the memory of any of them may have been written to."""
        self._fresh = next(graph.numbers)
        self._known.clear()

    def writing(self) -> None:
        """Copy what the notes refer to, before memory is written to."""
        notes = self._notes
        for place in range(self._safe, len(notes)):
            note = notes[place]
            if type(note) is list:
                if type(note[0]) is Sheet:
                    note[4::2] = map(noted, note[4::2])
            elif type(note[0]) is CodeType:
                notes[place] = (*note[:-1], noted(note[-1]))
        self._safe = len(notes)
        self.stale()

    def stepping(self) -> None:
        """The same, where only what tensors over shared memory show can change."""
        if self._aliased:
            self.writing()

    def exposed(self) -> None:
        """Note that memory can be written to without a word, by NumPy or through another tensor."""
        self.writing()
        self._aliased = True

    def _join(self, one: Any, other: Any) -> None:
        """Note that two tensors lie over the same memory; the version counter that they share identifies it."""
        self._aliased = self._aliased or one is not other
        _, members = self._shared.setdefault(id(one._counter), (one._counter, {}))
        for tensor in (one, other):
            members[key_of(tensor)] = weakref.ref(tensor)

    def _sharing(self, tensor: Any) -> tuple[records.Value, ...]:
        """Describe the other tensors over the same memory."""
        members = self._shared.get(id(tensor._counter), (None, {}))[1].values()
        alive = [other for other in (member() for member in members) if other is not None and other is not tensor]
        return tuple(value_of(other, lambda view: view._node) for other in alive)  # no history is made by looking

    # ------------------------------------------------------------------------------ what notes refer to, met first

    def _met(self, edge: Node) -> bool:
        """Take down what was not told of an input; return whether it is the result of a node."""
        if type(edge) is AccumulateGrad:
            if edge.number not in self.leaves:
                self._told[edge.number] = 0
                self._meet(edge)
                self._remember(edge.variable)
            return False
        if edge.number not in self._told:
            self._discover([edge])
        return True

    def _meet(self, node: Node) -> None:
        """Take down what later notes refer to."""
        if isinstance(node, AccumulateGrad):
            self.leaves[node.number] = key_of(node.variable)
            self._own(node.variable)
        else:
            self._digest.meet(node)

    def _discover(self, found: Iterable[Node], result: Any = None, *, place: Place = (None, 0, 0)) -> None:
        """Take down nodes that were not reported: made before the tape ran, or by an edit (of which there is a result).

        Args:
            found: nodes; what lies behind them is taken down first.
            result: the edited tensor.
            place: where the user's program is.
        """
        self._sync()
        for node in self._teller.untold(found):
            edited = result is not None and node_of(result) is node
            told = list(self._teller.node(node, value_of(result) if edited else None))
            if node.number < self._first:
                self._notes.append((Digest.before, None, 0, 0, False, *told))
                continue
            if result is not None:
                told = [
                    replace(event, in_place=True) if isinstance(event, records.Recorded) else event for event in told
                ]
            self._tell(place, *told)

    def found(self, nodes: Iterable[Node], place: Place, result: Any = None, *, in_place: bool = False) -> None:
        """Note operations that nobody reported, as far as their nodes tell; `result` is what the last one made."""
        self._sync()
        for node in self._teller.untold(nodes):
            made = value_of(result) if result is not None and node_of(result) is node else None
            told = list(self._teller.node(node, made))
            if in_place and made is not None:
                told = [
                    replace(event, in_place=True) if isinstance(event, records.Recorded) else event for event in told
                ]
            self._tell(place, *told)

    def _remember(self, x: Any) -> None:
        """Take down what is remembered of a constant that was made before the tape ran."""
        if x._extras is not None and x._extras.origin is not None and node_of(x) is None:
            self._sync()
            self._notes.append((Digest.before, None, 0, 0, False, *self._teller.tensors([x])))

    def _own(self, leaf: Any) -> None:
        if leaf._grad is not None:
            key, owner = key_of(leaf._grad), key_of(leaf)
            self._know(-owner, leaf)
            self._gradients[key], self._held[key] = (owner, weakref.ref(leaf)), noted(leaf._grad._data)

    def _know(self, number: int, x: Any) -> None:
        """Note what a value is that has no note, or may have been edited since; of a leaf by its key, below 0."""
        data = x._data
        now = data.tobytes() if data.size <= SMALL and type(data) is not DeviceArray else b""
        if self._known.get(number) != now:  # NumPy may have written to its memory
            self._known[number] = now
            self._notes.append((Digest.known, None, 0, 0, False, number, described(x)))
