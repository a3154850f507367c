"""What a tape notes of backward passes, and of what happens to gradients around them."""

from __future__ import annotations

import sys
import weakref
from typing import Any

from autovis import engine, records
from autovis.digest import Digest, Sheet
from autovis.graph import Node
from autovis.past import copied, described, key_of, noted, value_of
from autovis.tape.notes import Notes

__all__ = ["Backwards"]


class Backwards(Notes):
    """Listens to what runs backwards."""

    def seeded(self, run: engine.Pass, root: Any, node: Node, g: Any) -> None:
        """Note where a pass begins."""
        place, _ = self._where(sys._getframe(1))
        run.place, run.sheet = place, Sheet(*place, run.mark, run.keep)
        self._discover([node] if node.number not in self._told else [], place=place)
        self._notes.append((Digest.seeded, *place, True, run.mark, described(root), node.number, noted(g)))

    def walking(self, run: engine.Pass, node: Node) -> list[Any]:
        """Note that a node of the usual kind pulls a gradient back, as briefly as possible.

        Returns:
            The note, to which is added for each part that is sent: for how many more the receiver waits, and the part.
        """
        saved: Any = None
        number = node.number
        if number <= self._fresh or node.fit is not None or not node.plan.plain:
            saved = tuple([noted(value) for value in (node.saved or ())[: node.plan.size]])
        note = [run.sheet, number, saved]
        self._notes.append(note)
        return note

    def ended(self) -> None:
        """Note that a pass is over, and let go of the frame that began it."""
        self._entry = None
        self._notes.append((Digest.ended, None, 0, 0, False))

    def pulling(self, run: engine.Pass, node: Node, g: Any, *, frees: bool) -> list[Any]:
        """Note that a node pulls a gradient back.

        Returns:
            The note, to which is added for each part that is sent: the slot, the number of the receiver, its port, for
            how many more that waits, and the part, noted.
        """
        saved = node.saved
        if saved:
            saved = tuple([noted(value) for value in saved[: node.plan.size]])
        g = [noted(part) for part in g] if type(g) is tuple else noted(g)
        note = [Digest.pulled, *run.place, True, run.mark, node.number, g, saved, frees]
        self._notes.append(note)
        return note

    def hook_ran(self, node: Node, before: Any, after: Any, kind: str = "tensor", port: int = 0) -> None:
        """Note that a hook saw a gradient, and what it left."""
        saw, left = (tuple(map(copied, x)) if type(x) is tuple else copied(x) for x in (before, after))
        self._tell(self._within(), records.HookRan(node.number, saw, left, kind, port))

    def retained(self, node: Node, gradient: Any) -> None:
        """Note that the gradient of an intermediate is kept."""
        kept = next(iter(node.watched().retains.values()))()
        arriving = getattr(gradient, "numbers", gradient)
        after = arriving if kept is None or kept._grad is None else kept._grad.numbers + arriving
        self._known.clear()
        self._tell(self._within(), records.Retained(node.number, copied(gradient), copied(after)))

    def accumulated(self, leaf: Any, before: Any, arriving: Any) -> None:
        """Note that the `.grad` of a leaf grew; `before` is noted already."""
        place, grad = self._within(), leaf._grad
        number, arriving = leaf.gradient_edge().number, noted(arriving)
        after = arriving if before is None else noted(grad._data)
        owner, key = key_of(leaf), key_of(grad)
        self.leaves[number] = owner
        self._know(-owner, leaf)
        self._gradients[key], self._held[key] = (owner, weakref.ref(leaf)), after
        self._notes.append((Digest.accumulated, *place, True, owner, number, before, arriving, after))

    def returned(self, tensor: Any, gradient: Any, stored: bool) -> None:
        """Note that a gradient was handed back."""
        place, _ = self._where(sys._getframe(1))
        told = records.Returned(value_of(tensor), copied(tensor._grad if stored else gradient), stored)
        self._notes.append((Digest.told, *place, True, told))

    def failed(self, node: Node | None, error: BaseException) -> None:
        """Note that an error ended a pass; what the node that failed had begun is no deed."""
        if node is not None:
            begun = next((note for note in reversed(self._notes) if type(note) is list), None)
            if begun is not None and begun[:2] == [engine.running[-1].sheet, node.number]:
                begun[:] = [Digest.before, None, 0, 0, False]
        number = None if node is None else node.number
        self._tell(self._within(), records.Failed(number, type(error).__name__, str(error)))

    def cleared(self, leaf: Any, before: Any, how: str) -> None:
        """Note that a `.grad` was emptied."""
        place, _ = self._where(sys._getframe(1))
        self._know(-key_of(leaf), leaf)
        self._notes.append((Digest.cleared, *place, bool(engine.running), leaf._extras.key, noted(before), how))

    def stepped(self, optimizer: str, *parameters: Any) -> None:
        """Note that an optimizer changed its parameters."""
        place, _ = self._where(sys._getframe(1))
        self.stale()
        for parameter in parameters:
            self._know(-key_of(parameter), parameter)
        keys = [parameter._extras.key for parameter in parameters]
        self._notes.append((Digest.stepped, *place, bool(engine.running), optimizer, keys))
