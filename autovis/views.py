"""Views: tensors that show the memory of another one, and what an edit of either does to their histories.

A view remembers its base and the steps that lead to it. When the base was edited since, the history of the view is made
anew from the base's; when the view is edited, the base gets a history in which the edited part is replaced.
"""

from __future__ import annotations

import copy
import weakref
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from autovis import errors, events
from autovis.graph import Node, begin, node_class, short
from autovis.modes import recording
from autovis.primitive import Plan, Primitive
from autovis.recording import record, share
from autovis.rules import index as ix
from autovis.slots import Bare

__all__ = ["CopySlices", "Path", "Views"]

Settings = dict[str, Any]


class Views(Bare):
    """The part of a tensor that shares memory."""

    __slots__ = ()

    wrap: ClassVar[Any]  # makes a tensor of an array; the tensor class has it

    @property
    def _base(self) -> Any:
        """The tensor whose memory this view shows."""
        return self._extras.base if self._extras else None

    def _is_view(self) -> bool:
        return self._base is not None

    def is_inference(self) -> bool:
        """Whether it was made in inference mode."""
        return self._extras is not None and self._extras.inference

    def _check_inference(self, refusal: Callable[[], RuntimeError], forbidden: bool = True) -> None:
        """Refuse what inference mode alone may do with what it made."""
        if forbidden and self.is_inference() and not recording.get().inference:
            raise refusal()

    def _root(self) -> Any:
        base = self._base
        return self if base is None else base

    def _views(self, rule: Primitive, steps: Sequence[tuple[Primitive, Settings]], **settings: Any) -> tuple[Any, ...]:
        """Return several views that one operation makes, as outputs of one node; each is what its own step shows."""
        array = self._array()
        results = tuple(type(self).wrap(step.forward(array, **how), None, 0) for step, how in steps)
        node = record(rule, (self,), [array], self, settings) if recording.get() else None
        if node is not None:
            node.rarities().outputs = tuple((result._data.shape, result._data.dtype) for result in results)
        for port, (result, (step, how)) in enumerate(zip(results, steps, strict=True)):
            result._node, result._port = node, port if node is not None else 0
            share(result, self, step, how)
            result.extras().several = True
            if node is not None and events.listener is not None:
                events.listener.recorded(node, (self,), result, settings)
        return results

    def _history(self) -> Node | None:
        """Return the node that made this tensor; that of a view whose base was edited is made anew.

        Raises:
            RuntimeError: if it cannot be, because the view was made while recording was off, or together with others.
        """
        extras = self._extras
        if extras is not None and extras.steps and extras.version != self._counter[0]:
            base = extras.base
            if self._node is not None or base.requires_grad:
                self._check_view(indirect=True)
                edge = base.gradient_edge() if base.requires_grad else None
                self._become(seen(edge, base._port, Path(extras.steps), base._data.shape))
                extras.version = self._counter[0]
        return self._node

    def _become(self, node: Node) -> None:
        """Take on another history; a gradient that is to be retained is retained there."""
        before, port = self._node, self._port
        self._node, self._port, self._flag = node, 0, False
        if self._extras is not None and self._extras.retains:
            if before is not None:
                before.watched().retains.pop(port, None)
            node.watched().retains[0] = weakref.ref(self)

    def _check_view(self, *, indirect: bool = False) -> None:
        """Refuse an edit after which the history of this view could not be told."""
        extras = self._extras
        if extras is None or not (extras.unrecorded or extras.several or extras.inside):
            return
        maker = "" if self._node is None else f"Output {self._port} of {short(self._node)} is a view"
        if maker and extras.unrecorded:
            maker += " of a view which was created in no_grad mode"
        several = extras.several and not extras.unrecorded
        raise errors.view_in_place(maker, several=several, inside=extras.inside, indirect=indirect)

    def _rebase(self, node: Node) -> None:
        """Make the node of an edit the history of this tensor; if it is a view, move it to the base."""
        extras = self._extras
        if extras is not None and extras.steps:
            base = extras.base
            base._become(CopySlices(node, base, Path(extras.steps)))
            self._counter[1:] = [base._node.name()]
            extras.version = -1
        else:
            self._become(node)
            self._counter[1:] = [short(node)]


class CopySlices(Node):
    """The edit of a view, moved to its base: pulls the edited part back as the edit does, and lets the rest through.

    Args:
        edit: the node of the edit; its first input is the view as it was before.
        base: the tensor whose memory the view shows.
        path: leads from the base's array to the view's.

    Attributes:
        edit: what an error calls the edit.
        custom: its node, if that pulls in a way of its own.
        path: the same.
        whole: shape of the base.
    """

    op = ix.copy_slices
    pulls_by_plan = False

    __slots__ = ("custom", "edit", "path", "plan", "whole")

    plan: Plan  # type: ignore[misc]  # its own, where other nodes share that of their class

    def __init__(self, edit: Node, base: Any, path: Path) -> None:
        before = base._history()
        self.custom = None if edit.pulls_by_plan else edit
        begin(self, (before, *edit.edges[1:]), edit.saved)
        self.plan = copy.copy(edit.plan)
        self.plan.frees = True  # PyTorch lets go of the edit itself, whatever it saved
        self.edit = short(edit)
        self.path = path
        self.whole = base._data.shape
        self.fit, self.constants = edit.fit, edit.constants
        ports = (base._port if before is not None else 0, *(edit.ports or (0,) * len(edit.edges))[1:])
        if any(ports):
            self.rarities().ports = ports

    def title(self) -> str:
        """Return what an error calls the edit."""
        return self.edit

    def pull(self, g: Any, wrap: Any = None) -> list[Any]:
        """Turn the gradient of the edited base into one for the base before, and for what was written."""
        seen_of_it = ix.look(g, path=self.path)
        sent = super().pull(seen_of_it, wrap) if self.custom is None else self.custom.pull(seen_of_it, wrap)
        if self.edges[0] is not None:
            rest = ix.erase(g, path=self.path)
            part = sent[0]
            sent[0] = rest if part is None else rest + ix.insert(part, path=self.path, whole=self.whole)
        return sent

    def free(self) -> None:
        """Drop the saved values, those of the edit, too."""
        super().free()
        if self.custom is not None:
            self.custom.free()

    def _maker(self, slot: int) -> tuple[Node | None, int]:
        """The edit's own input and output are views of what the base was before and is now."""
        node, port = super()._maker(slot)
        return (node, port) if slot > 0 or node is None else (seen(node, port, self.path, self.whole), 0)


def seen(node: Node | None, port: int, path: Path, whole: tuple[int, ...]) -> Node:
    """Return the history of a view, told from the history of its base."""
    plan = ix.look.plan(1)
    view: Node = begin(node_class(ix.look, plan)(), (node,), plan.pick((None, None, path, whole)))
    if port:
        view.rarities().ports = (port,)
    return view


class Path:
    """Leads from the array of a base to the array of a view of it."""

    __slots__ = ("steps",)

    def __init__(self, steps: tuple[tuple[Primitive, Settings], ...]) -> None:
        self.steps = steps

    def __call__(self, array: Any) -> Any:
        """Return the view of this array."""
        for rule, settings in self.steps:
            array = rule.forward(array, **settings)
        return array
