"""One backward pass of PyTorch's: what was asked for, and how far it has got."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from inspect import signature
from typing import Any

from autovis import engine
from autovis.bridge.foreign import is_foreign
from autovis.graph import AccumulateGrad, Node
from autovis.tensor import Tensor

__all__ = ["Asked", "Goal", "Run"]

Goal = tuple[Node, int]


class Asked:
    """What a call of `backward` or `grad` asks for.

    Attributes:
        roots, gradients: where the pass starts, and from which gradients.
        targets: whose gradients are wanted; None: those of all leaves.
        everything: roots and targets.
        keep, store: whether the graph is kept, and whether `.grad` is written.
        plain: whether it is a call that can be followed.
    """

    def __init__(self, function: Callable[..., Any], args: Any, kwargs: Any) -> None:
        bound = signature(function).bind(*args, **kwargs)
        bound.apply_defaults()
        given = bound.arguments
        self.store = "outputs" not in given
        self.roots = listed(given.get("self", given.get("tensors", given.get("outputs"))))
        gradients = listed(given.get("gradient", given.get("grad_tensors", given.get("grad_outputs"))))
        self.gradients = gradients or [None] * len(self.roots)
        self.targets = None if given["inputs"] is None else listed(given["inputs"])
        create, keep = given["create_graph"], given["retain_graph"]
        self.keep = bool(create if keep is None else keep)
        self.everything = [*self.roots, *(self.targets or ())]
        self.plain = not given.get("is_grads_batched") and all(map(is_foreign, self.everything))
        self.plain = self.plain and all(g is None or is_foreign(g) for g in self.gradients)


class Run:
    """One pass.

    Attributes:
        mark, keep, place, sheet, at, note: as in `engine.Pass`; what a tape asks for.
        asked: what was asked for.
        alive: the nodes at its ends, which live only as long as somebody holds them.
        seeds: roots, and the gradients they start from.
        targets: whose gradients are wanted; None: those of all leaves.
        store: whether they go into `.grad`.
        waiting: for each node how many gradients are still to come.
        sums: what has come, by output.
        begun: whether anything ran yet.
    """

    def __init__(
        self, asked: Asked, seeds: list[tuple[Tensor, Goal, Any]], targets: list[Goal] | None, alive: list[Any]
    ) -> None:
        self.mark = next(engine.marks)
        self.keep = asked.keep
        self.place: Any = None
        self.sheet: Any = None
        self.at: Node | None = None
        self.note: Any = None
        self.asked = asked
        self.alive = alive
        self.seeds = seeds
        self.targets = targets
        self.store = asked.store
        self.needed: set[Node] | None = None
        self.waiting = self._count()
        self.sums: dict[Goal, Any] = {}
        self.visited: set[Node] = set()
        self.begun = False

    def _count(self) -> dict[Node, int]:
        """Count how many gradients each node will get; along the way to a target only, where there are targets."""
        order: dict[Node, None] = {}
        pending = [node for _, (node, _), _ in self.seeds]
        while pending:
            node = pending.pop()
            if node not in order:
                order[node] = None
                pending += [edge for edge in node.edges if edge is not None]
        if self.targets is not None:
            wanted = {node for node, _ in self.targets}
            self.needed = set()
            for node in sorted(order, key=lambda node: (not isinstance(node, AccumulateGrad), node.number)):
                if node in wanted or any(edge in self.needed for edge in node.edges if edge is not None):
                    self.needed.add(node)
        waiting = dict.fromkeys(order, 0)
        for node in order:
            for edge in node.edges:
                if edge is not None and self.passes(node) and self.passes(edge):
                    waiting[edge] += 1
        return waiting

    def passes(self, node: Node) -> bool:
        """Whether a gradient is sent to a node."""
        return self.needed is None or node in self.needed

    def ends_at(self, node: Node) -> bool:
        """Whether a gradient is handed back as soon as it arrives at a node, which does not run."""
        ahead = any(edge is not None and self.passes(edge) for edge in node.edges)
        return not self.store and not ahead

    def add(self, goal: Goal, part: Any) -> None:
        """Add to what has come."""
        have = self.sums.get(goal)
        self.sums[goal] = part if have is None else have + part

    def next_node(self) -> Node | None:
        """Return the node that runs next: the newest that waits for nothing, leaves first."""
        ready = [
            node
            for node, _ in self.sums
            if not self.waiting.get(node) and node not in self.visited and not self.ends_at(node)
        ]
        return max(ready, key=lambda node: (isinstance(node, AccumulateGrad), node.number), default=None)


def listed(thing: Any) -> list[Any]:
    """Return one tensor or several as a list."""
    return [] if thing is None else [thing] if is_foreign(thing) or not isinstance(thing, Iterable) else list(thing)
