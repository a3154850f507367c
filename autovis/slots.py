"""What a tensor consists of: its slots, and the place for what few tensors have."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from autovis.graph import Node
from autovis.hooks import HookList
from autovis.primitive import Primitive

__all__ = ["Bare", "Extras"]


class Extras:
    """What few tensors have: hooks, a base they are a view of, a past that is not part of the graph.

    Attributes:
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
    """

    __slots__ = ("after", "base", "hooks", "key", "origin", "retains", "several", "steps", "unrecorded", "version")

    def __init__(self) -> None:
        self.base: Any = None
        self.steps: tuple[tuple[Primitive, dict[str, Any]], ...] = ()
        self.version = 0
        self.hooks: HookList = OrderedDict()
        self.after: HookList = OrderedDict()
        self.retains = False
        self.origin: Any = None
        self.key = 0
        self.unrecorded = False
        self.several = False


class Bare:
    """The slots of a tensor, filled in before it becomes one.

    `Tensor` answers unknown names with a suggestion, which makes setting its attributes slow; results of operations
    are therefore filled in while they are bare.
    """

    __slots__ = ("__weakref__", "_accumulator", "_counter", "_data", "_extras", "_flag", "_grad", "_node", "_port")

    def __init__(self, data: Any, node: Node | None = None) -> None:
        self._data = data
        self._node = node
        self._port = 0
        self._flag = False
        self._counter: list[Any] = [0]  # the version; once an edit was recorded, also its name
        self._grad: Any = None
        self._accumulator: Any = None
        self._extras: Extras | None = None

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Whatever one part of a tensor needs of another."""
