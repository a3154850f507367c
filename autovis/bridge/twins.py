"""What stands for PyTorch's tensors and nodes while a tape runs: nothing of theirs is kept alive.

Each tensor of theirs has a twin of ours with a copy of its numbers, each node a node. The twin of a node is noted at
the node itself, in its `metadata`; it goes when the node goes.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import zip_longest
from typing import Any

import numpy as np

from autovis.bridge.foreign import is_foreign, numbers, stored
from autovis.bridge.mirror import Mirror, history, is_lost, version
from autovis.bridge.words import title
from autovis.graph import AccumulateGrad, Node
from autovis.names import named
from autovis.past import node_of
from autovis.tensor import Tensor

__all__ = ["Link", "Twins"]

CLOSE = {"float16": 1e-2, "float32": 1e-4, "float64": 1e-9}  # relative; what two libraries may differ by


class Link:
    """What is noted at a node of theirs: the node of ours, and nothing once the tape has ended."""

    __slots__ = ("node",)

    def __init__(self, node: Node) -> None:
        self.node: Node | None = node


class Twins(Mirror):
    """Knows the twins of PyTorch's tensors and nodes, by weak references.

    Args:
        met: called with each node of theirs that gets a twin.
        writing: called before the numbers of a twin are changed.
        found: called with the node and the tensor of an operation that nobody saw, such as a custom function.

    Attributes:
        lost: whether PyTorch did something that could not be followed.
        running: whether the program runs already; before, tensors are as they are.
    """

    def __init__(
        self,
        met: Callable[[Any, Link], None],
        writing: Callable[[], None],
        found: Callable[[Node | None, Tensor], None],
    ) -> None:
        super().__init__()
        self.found = found
        self.met = met
        self.writing = writing
        self.lost = self.running = False
        self._counted: dict[int, tuple[list[Any], int]] = {}
        self._key = object()
        self._links: list[Link] = []
        self._twins: dict[int, tuple[Callable[[], Any], Tensor]] = {}
        self._theirs: dict[int, Callable[[], Any]] = {}

    # ------------------------------------------------------------------------------------------- who stands for whom

    def known(self, theirs: Any) -> Tensor | None:
        """Return the twin of a tensor, if it has one."""
        found = self._twins.get(id(theirs))
        return None if found is None or found[0]() is not theirs else found[1]

    def keep(self, theirs: Any, ours: Tensor) -> None:
        """Make one tensor the twin of another, as long as that lives."""
        place = id(theirs)

        def gone(reference: Any) -> None:
            if place in self._twins and self._twins[place][0] is reference:
                del self._twins[place]

        reference = weakref.ref(theirs, gone)
        self._twins[place] = reference, ours
        self._theirs[id(ours)] = reference
        weakref.finalize(ours, self._theirs.pop, id(ours), None).atexit = False

    def theirs(self, ours: Any) -> Any:
        """Return the tensor that one of ours is the twin of; None if it is gone."""
        reference = self._theirs.get(id(ours))
        return None if reference is None else reference()

    def known_node(self, function: Any) -> Node | None:
        """Return the twin of a node, if it has one."""
        link = function.metadata.get(self._key)
        return None if link is None else link.node

    def link(self, function: Any) -> Link:
        """Return what is noted at a node."""
        self.node(function)
        found: Link = function.metadata[self._key]
        return found

    def keep_node(self, function: Any, node: Node) -> None:
        """Make one node the twin of another."""
        link = function.metadata[self._key] = Link(node)
        self._links.append(link)
        self.met(function, link)

    def end(self) -> None:
        """Let go of the nodes, and keep of the tensors what tells them apart."""
        for link in self._links:
            link.node = None
        self._links.clear()

    # -------------------------------------------------------------------------------------------------- keeping up

    def tensor(self, theirs: Any) -> Tensor:
        """Return the twin of a tensor, brought up to date."""
        ours = self.known(theirs)
        if ours is not None:
            self.refresh(theirs, ours)
            return ours
        function = history(theirs)
        unseen = self.running and function is not None and self.known_node(function) is None
        ours = super().tensor(theirs)
        if unseen:
            self.found(node_of(ours), ours)
        return ours

    def refresh(self, theirs: Any, ours: Tensor) -> None:
        """Take over what changed since without our seeing it."""
        self.take_numbers(theirs, ours)
        if is_lost(theirs):
            return
        function = history(theirs)
        seen = None if function is None else self.known_node(function)
        if function is not None and seen is None:
            self.match([(function, node_of(ours))])
            seen = self.known_node(function)
        if self.version(theirs, ours) != ours._counter[0] or function is None or seen is not node_of(ours):
            self.bring_up_to_date(theirs, ours)
        else:
            self.take_gradient(theirs, ours)

    def version(self, theirs: Any, ours: Tensor) -> int:
        """Count the edits since PyTorch handed a result out; what it edits itself before that is its own business."""
        _, before = self._counted.get(id(ours._counter), (None, 0))
        return version(theirs) - before

    def count_from_here(self, theirs: Any, ours: Tensor) -> None:
        """Let a result be what nobody edited yet."""
        if not ours._is_view() and id(ours._counter) not in self._counted and version(theirs) != ours._counter[0]:
            self._counted[id(ours._counter)] = ours._counter, version(theirs) - ours._counter[0]

    def take_gradient(self, theirs: Any, ours: Tensor) -> None:
        """Take over the gradient that is stored."""
        gradient = stored(theirs)
        if self.running and gradient is not None and self.known(gradient) is None:
            fresh = self.tensor(gradient)
            fresh._counter[0] = 0
            self.count_from_here(gradient, fresh)
        super().take_gradient(theirs, ours)

    def take_numbers(self, theirs: Any, ours: Tensor) -> None:
        """Copy the numbers, if they are others."""
        now, have = numbers(theirs), ours._data
        if now.shape == have.shape and now.dtype == have.dtype and (now is have or same(now, have)):
            return
        self.writing()
        if (
            isinstance(have, np.ndarray)
            and have.shape == now.shape
            and have.flags.writeable
            and have.dtype == now.dtype
        ):
            have[...] = now
        else:
            ours._data = now

    # ------------------------------------------------------------------------------------------------------ matching

    def agrees(self, theirs: Any, ours: Any) -> bool:
        """Whether a tensor of ours is what one of theirs is: kind, numbers, flag, version."""
        if not isinstance(ours, Tensor) or tuple(theirs.shape) != tuple(ours.shape):
            return False
        kind = str(theirs.dtype).removeprefix("torch.")
        known = self.known(theirs)
        if (
            kind != ours.dtype.name
            or theirs.requires_grad != ours.requires_grad
            or (known is not None and known is not ours)
        ):
            return False
        if known is None:
            self.count_from_here(theirs, ours)
        if self.version(theirs, ours) != ours._counter[0]:
            return False
        tolerance = CLOSE.get(kind, 0)
        return bool(np.allclose(numbers(theirs), ours._data, tolerance, tolerance / 10, equal_nan=True))

    def match(self, pairs: Iterable[tuple[Any, Node | None]]) -> bool:
        """Compare graphs from some nodes on, up to what is known; where all agrees, nodes of ours become twins."""
        pending = list(pairs)
        found: dict[int, tuple[Any, Node]] = {}
        while pending:
            function, node = pending.pop()
            if node is None:
                return False
            known = self.known_node(function)
            if known is not None or id(function) in found:
                if node is not (known or found[id(function)][1]):
                    return False
                continue
            if not self._alike(function, node):
                return False
            found[id(function)] = function, node
            ahead = [(source, maker) for (source, _), (maker, _) in edges(function, node) if source is not None]
            pending += ahead
        for function, node in sorted(found.values(), key=lambda pair: pair[1].number):
            self.keep_node(function, node)
        return True

    def _alike(self, function: Any, node: Node) -> bool:
        """Whether a node of theirs and one of ours are the same operation on the same inputs."""
        variable = getattr(function, "variable", None)
        if isinstance(node, AccumulateGrad) or (variable is not None and is_foreign(variable)):
            return isinstance(node, AccumulateGrad) and self.known(variable) is node.variable
        if title(function) != type(node).__name__:
            return False
        ends = edges(function, node)
        return all((a is None) == (b is None) and (a is None or m == n) for (a, m), (b, n) in ends)

    # -------------------------------------------------------------------------------------------------------- names

    def everything(self, *spaces: Mapping[str, Any]) -> Iterator[tuple[str, Tensor]]:
        """Go through the twins of all that namespaces name, made where there is none yet."""
        for name, theirs in named(*spaces, wanted=is_foreign, gradient=stored):
            yield name, self.tensor(theirs)

    def called(self, *spaces: Mapping[str, Any]) -> Iterator[tuple[str, Tensor]]:
        """Go through the twins that namespaces name, as they were when they were last looked at."""
        for name, theirs in named(*spaces, wanted=is_foreign, gradient=stored):
            ours = self.known(theirs)
            if ours is not None:
                yield name, ours


def edges(function: Any, node: Node) -> list[tuple[tuple[Any, int], tuple[Node | None, int]]]:
    """Pair where two nodes send their gradients; one of them may not list its last constants."""
    together = zip_longest(function.next_functions, node.next_functions, fillvalue=(None, 0))
    return list(together)


def same(a: Any, b: Any) -> bool:
    """Whether two arrays hold the same numbers."""
    return bool(np.array_equal(a, b, equal_nan=a.dtype.kind == "f"))
