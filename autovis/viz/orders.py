"""Orders in which gradients can be sent back through a graph: the one that waits, and four naive ones.

A walk is the same for all; a `Rule` says what becomes of what arrives, when a node fires, and what it sends. Nothing of
the live graph is changed: no `.grad`, no saved value.

>>> import autovis as av
>>> a = av.tensor(3.0, requires_grad=True)
>>> b = a + a
>>> {name: walk(b + b, rule).of(a) for name, rule in RULES.items()}
{'topological': 4.0, 'assign': 1.0, 'early': 2.0, 'again': 6.0, 'paths': 4.0}
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from autovis import modes

__all__ = ["RULES", "Arrival", "Firing", "Rule", "Walk", "nodes_below", "paths_to_each", "walk"]

MOST: Final = 60
"""Visits of one walk that are filmed; a recursion over every path can take a million."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How one order treats gradients.

    Attributes:
        adds: whether what arrives is added to what is there; else it is written over it.
        fires: a node sends on what it has when all is there (`complete`), when the first comes (`first`), or each time
            something comes (`each`).
        sends: the sum that is there (`sum`), or only what has just come (`part`).
    """

    adds: bool
    fires: str
    sends: str


RULES: Final = {
    "topological": Rule(adds=True, fires="complete", sends="sum"),
    "assign": Rule(adds=False, fires="each", sends="sum"),
    "early": Rule(adds=True, fires="first", sends="sum"),
    "again": Rule(adds=True, fires="each", sends="sum"),
    "paths": Rule(adds=True, fires="each", sends="part"),
}
"""The orders, the right one first."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A gradient reached a node: `before` became `after`.

    Attributes:
        node: where it arrived; sender, slot: from which input of which node; None for the start.
        before, part, after: the numbers; `before` is None when nothing was there.
        came, of: how many have come, of how many.
        late: whether the node has fired and will not fire again.
    """

    node: Any
    sender: Any
    slot: int
    before: Any
    part: Any
    after: Any
    came: int
    of: int
    late: bool


@dataclass(frozen=True, slots=True)
class Firing:
    """A node sent gradients on.

    Attributes:
        node: which.
        visit: the how-manieth firing of the walk.
        arrives: what it pulled back.
        sent: a gradient for each input; None where none goes.
        missing: how many more were still to come.
        again: whether it has fired before.
    """

    node: Any
    visit: int
    arrives: Any
    sent: tuple[Any, ...]
    missing: int
    again: bool


@dataclass(slots=True)
class Walk:
    """What one order did.

    Attributes:
        steps: arrivals and firings, in order.
        sums: what each node has in the end.
        visits: how many nodes were visited, leaves included.
        whole: whether it came to its end; else it was stopped.
    """

    steps: list[Arrival | Firing] = field(default_factory=list)
    sums: dict[Any, Any] = field(default_factory=dict)
    visits: int = 0
    whole: bool = True

    def of(self, leaf: Any) -> Any:
        """Return the gradient that a leaf has in the end, as Python numbers; None if nothing came."""
        found = [held for node, held in self.sums.items() if getattr(node, "variable", None) is leaf]
        return found[0].tolist() if found else None


def walk(y: Any, rule: Rule, most: int = MOST) -> Walk:
    """Send a gradient of 1 back from a result.

    Args:
        y: a tensor with a history.
        rule: the order.
        most: visits after which it is stopped.

    Raises:
        ValueError: if it has no history, or an operation with several results.
        RuntimeError: if the graph has been freed.
    """
    if y.grad_fn is None:
        raise ValueError("no history")
    told, due = Walk(), edges_into_each(y)
    due[y.grad_fn] += 1
    came: Counter[Any] = Counter()
    waiting: list[tuple[Any, int, Any, Any]] = [(None, 0, y.grad_fn, y.detach() * 0 + 1)]
    ready: list[tuple[int, int, Any]] = []
    while waiting or ready:
        if told.visits >= most:
            told.whole = False
            break
        if not waiting:
            waiting = fire(told, heapq.heappop(ready)[2], 0, None)
            continue
        sender, slot, node, part = waiting.pop()
        before = told.sums.get(node)
        told.sums[node] = after = part if before is None or not rule.adds else before + part
        came[node] += 1
        missing = max(due[node] - came[node], 0)
        late = rule.fires == "first" and came[node] > 1 and not is_leaf(node)
        told.steps.append(Arrival(node, sender, slot, before, part, after, came[node], due[node], late))
        if rule.fires == "complete" and not missing:
            heapq.heappush(ready, (-number(node), len(ready), node))
        elif rule.fires == "each" or (rule.fires == "first" and came[node] == 1):
            waiting += fire(told, node, missing, part if rule.sends == "part" else None, again=came[node] > 1)
    return told


def fire(told: Walk, node: Any, missing: int, part: Any, *, again: bool = False) -> list[tuple[Any, int, Any, Any]]:
    """Let a node pull back what it has, or a part of it; return what is on its way then, the first one last."""
    told.visits += 1
    g = told.sums[node] if part is None else part
    if is_leaf(node):
        return []
    with modes.no_grad():
        pulled = node(g)
    sent = pulled if isinstance(pulled, tuple) else (pulled,)
    told.steps.append(Firing(node, told.visits, g, sent, missing, again))
    ways = zip(node.next_functions, sent, strict=False)
    on = [(node, slot, source, g) for slot, ((source, _), g) in enumerate(ways) if source is not None and g is not None]
    return on[::-1]


def number(node: Any) -> int:
    """Return when a node was made; accumulators come first, as in the engine."""
    return 1 << 60 if is_leaf(node) else int(getattr(node, "number", 0))


def is_leaf(node: Any) -> bool:
    """Whether a node is where a gradient is stored, of ours or of PyTorch's."""
    return hasattr(node, "variable")


def nodes_below(y: Any) -> list[Any]:
    """Return every node that a backward pass from `y` reaches, each once, in no particular order."""
    return list(edges_into_each(y))


def paths_to_each(y: Any) -> dict[Any, int]:
    """Return how many paths lead from `y` to each node, multiplied out instead of walked."""
    waiting = edges_into_each(y)
    paths = dict.fromkeys(waiting, 0)
    ready = [node for node in waiting if not waiting[node]]
    paths.update(dict.fromkeys(ready, 1))
    while ready:
        node = ready.pop()
        for source in sources(node):
            paths[source] += paths[node]
            waiting[source] -= 1
            if not waiting[source]:
                ready.append(source)
    return paths


def edges_into_each(y: Any) -> dict[Any, int]:
    """Count the edges into each node of a graph."""
    edges = {} if y.grad_fn is None else {y.grad_fn: 0}
    found = list(edges)
    while found:
        for source in sources(found.pop()):
            if source not in edges:
                edges[source] = 0
                found.append(source)
            edges[source] += 1
    return edges


def sources(node: Any) -> Iterator[Any]:
    """Go through the nodes that a node sends gradients to, once for each edge."""
    return (source for source, _ in node.next_functions if source is not None)
