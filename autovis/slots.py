"""What a tensor consists of: four slots, and the place for what only leaves, views and a few others have."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

from autovis.hooks import HookList
from autovis.primitive import Primitive

if TYPE_CHECKING:
    from autovis.graph import AccumulateGrad, Node
    from autovis.origins import Origin

__all__ = ["Bare", "Extras"]

new = object.__new__


def nothing() -> None:
    """The accumulator of what has none."""


class Extras:
    """What results of operations do not have: a flag, a gradient, hooks, a base they are a view of, a past.

    Attributes:
        flag: whether a leaf requires grad.
        grad: the gradient that is stored here.
        edge: weak reference to the accumulator, as long as gradients end here.
        accumulator: weak reference to the accumulator, also while the flag is off.
        port: which output of its node the tensor is.
        base: the tensor whose memory this one shows.
        steps: the operations that lead from the base to this view.
        version: the version at which `_node` was last right, for a view.
        hooks: hooks on the gradient, for a leaf.
        after: hooks that run once `.grad` is updated, for a leaf.
        retains: whether the gradient of this intermediate is kept.
        origin: where a tensor without history came from, for the picture; see `origins`.
        key: number given by a tape.
        unrecorded: whether a view was made while recording was off.
        several: whether a view was made together with others, by `split` or `unbind`.
        inside: whether a view came out of a custom function.
        inference: whether it was made in inference mode.
    """

    flag = False
    grad: Any = None
    edge: Callable[[], AccumulateGrad | None] = staticmethod(nothing)
    accumulator: Callable[[], AccumulateGrad | None] = staticmethod(nothing)
    port = 0
    base: Any = None
    steps: tuple[tuple[Primitive, dict[str, Any]], ...] = ()
    version = 0
    hooks: HookList | None = None
    after: HookList | None = None
    retains = False
    origin: Origin | None = None
    key = 0
    unrecorded = False
    several = False
    inside = False
    inference = False

    def hook_list(self, name: str) -> HookList:
        """Return `hooks` or `after`, made when first needed."""
        if getattr(self, name) is None:
            setattr(self, name, OrderedDict())
        found: HookList = getattr(self, name)
        return found


class Bare:
    """The slots of a tensor.

    Attributes:
        _data: the array; a NumPy scalar for a computed number.
        _node: the node of the graph that made it; None for a leaf.
        _edits: the version, in a list that nodes and views share; None until somebody has to watch it. Once an edit was
            recorded, also the name of that edit.
        _extras: the rest, which most tensors do not have.
    """

    __slots__ = ("__weakref__", "_data", "_edits", "_extras", "_node")

    _data: Any
    _node: Node | None
    _edits: list[Any] | None
    _extras: Extras | None

    @classmethod
    def of(cls, data: Any, node: Node | None = None) -> Self:
        """Wrap an array, without copying it."""
        result = new(cls)
        result._data, result._node, result._edits, result._extras = data, node, None, None
        return result

    def extras(self) -> Extras:
        """Return the place for what few tensors have, made when first needed."""
        if self._extras is None:
            self._extras = Extras()
        return self._extras

    @property
    def _counter(self) -> list[Any]:
        if self._edits is None:
            self._edits = [0]
        return self._edits

    @_counter.setter
    def _counter(self, shared: list[Any]) -> None:
        self._edits = shared

    @property
    def _flag(self) -> bool:
        return self._extras is not None and self._extras.flag

    @_flag.setter
    def _flag(self, flag: bool) -> None:
        if flag or self._extras is not None:
            extras = self.extras()
            extras.flag = flag
            extras.edge = extras.accumulator if flag else nothing

    @property
    def _port(self) -> int:
        return 0 if self._extras is None else self._extras.port

    @_port.setter
    def _port(self, port: int) -> None:
        if port or self._extras is not None:
            self.extras().port = port

    @property
    def _grad(self) -> Any:
        return None if self._extras is None else self._extras.grad

    @_grad.setter
    def _grad(self, gradient: Any) -> None:
        self.extras().grad = gradient

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Whatever one part of a tensor needs of another."""
