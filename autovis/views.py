"""Views: tensors that show the memory of another one, and what an edit of either does to their histories.

A view remembers its base and the steps that lead to it. When the base was edited since, the history of the view is made
anew from the base's; when the view is edited, the base gets a history in which the edited part is replaced.
"""

from __future__ import annotations

from typing import Any

from autovis.graph import Node, node_class
from autovis.primitive import Primitive
from autovis.rules import index as ix
from autovis.slots import Bare

__all__ = ["Path", "Views"]


class Views(Bare):
    """The part of a tensor that shares memory."""

    __slots__ = ()

    @property
    def _base(self) -> Any:
        """The tensor whose memory this view shows."""
        return self._extras.base if self._extras else None

    def _is_view(self) -> bool:
        return self._base is not None

    def _root(self) -> Any:
        base = self._base
        return self if base is None else base

    def _history(self) -> Node | None:
        """Return the node that made this tensor; that of a view whose base was edited is made anew."""
        extras = self._extras
        if extras is not None and extras.steps and extras.version != self._counter[0]:
            extras.version = self._counter[0]
            assert extras.base is not None
            base = extras.base._history()
            if base is not None and not extras.unrecorded:
                path = Path(extras.steps)
                plan = ix.look.plan(1)
                saved = plan.pick((None, None, path, extras.base._data.shape))
                self._node = node_class(ix.look)(ix.look, plan, (base,), saved)
                self._port = 0
        return self._node

    def _rebase(self, node: Node) -> None:
        """Make a node the history of this tensor; if it is a view, of the base too."""
        extras = self._extras
        if extras is not None and extras.base is not None and extras.steps:
            base = extras.base
            path = Path(extras.steps)
            old = base._node
            wants = 2 if old is None else 3
            plan = ix.copy_slices.plan(wants)
            saved = plan.pick((None, None, None, path, None, None))
            base._node = node_class(ix.copy_slices)(ix.copy_slices, plan, (old, node), saved)
            base._port, base._flag = 0, False
            extras.version = -1
            self._history()
        else:
            self._node, self._port, self._flag = node, 0, False


class Path:
    """Leads from the array of a base to the array of a view of it."""

    __slots__ = ("steps",)

    def __init__(self, steps: tuple[tuple[Primitive, dict[str, Any]], ...]) -> None:
        self.steps = steps

    def __call__(self, array: Any) -> Any:
        """Return the view of this array."""
        for rule, settings in self.steps:
            array = rule.forward(array, **settings)
        return array
