"""A picture of tensors that are alive: the graph behind them, told as the events that must have made it.

What autograd keeps is read from the nodes; what it forgets (the operations above a cut, those under `no_grad`) from the
origins that tensors carry for this purpose.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from autovis import events
from autovis.graph import AccumulateGrad, Node, ancestors
from autovis.origins import Origin, Past
from autovis.tape import known, value_of
from autovis.viz.numerals import brief
from autovis.viz.scene import Graph
from autovis.viz.story import Story

__all__ = ["snapshot"]


class Teller:
    """Tells the past of live tensors, oldest first, each operation once."""

    def __init__(self) -> None:
        self.told: set[int] = set()
        self.values: dict[int, events.Value] = {}
        self.anonymous = 0

    def tensor(self, tensor: Any) -> Iterator[events.Event]:
        """Tell how one tensor came about."""
        node = tensor._node
        if node is not None and not isinstance(node, AccumulateGrad):
            for each in sorted(ancestors([node]), key=lambda n: n.number):
                yield from self.node(each)
        elif tensor._extras is not None and tensor._extras.origin is not None:
            yield from self.origin(tensor._extras.origin, value_of(tensor))

    def node(self, node: Node) -> Iterator[events.Event]:
        """Tell one recorded operation, after the past of its constants."""
        if node.number in self.told or isinstance(node, AccumulateGrad):
            return
        self.told.add(node.number)
        for other in node.others:
            tensor = other() if callable(other) and not hasattr(other, "_extras") else other
            if hasattr(tensor, "_extras"):
                yield from self.tensor(tensor)
        yield from known(node)

    def origin(self, origin: Origin, result: events.Value) -> Iterator[events.Event]:
        """Tell a past operation, after its own past."""
        if id(origin) in self.values:
            return
        self.values[id(origin)] = result
        inputs = []
        for past in origin.inputs:
            value, before = self.past(past)
            yield from before
            inputs.append(value)
        if origin.how == "cut":
            yield events.Detached(None, inputs[0], result, in_place=False)
        elif origin.how == "graph":
            yield events.Recorded(None, origin.number, origin.op, tuple(inputs), (result,), ())
        else:
            yield events.NotRecorded(None, origin.op, tuple(inputs), (result,), origin.how)

    def past(self, past: Past) -> tuple[events.Value, list[events.Event]]:
        """Describe an input of a past operation, and tell how it came about."""
        if past.number is not None:
            return value_of(past.number), []
        tensor = past.tensor() if past.tensor is not None else None
        origin = past.origin
        if tensor is not None and tensor._node is not None:
            return value_of(tensor), list(self.tensor(tensor))
        if tensor is not None:
            value = value_of(tensor)
        elif origin is not None and origin.how == "graph":
            value = events.Value(0, origin.number, 0, (), "", True, False, 0, None)
        else:
            self.anonymous -= 1
            value = events.Value(self.anonymous, None, 0, (), "", False, False, 0, None)
        if origin is None:
            return value, []
        if origin.how == "graph" and origin.number in self.told:
            return value, []
        if origin.how == "graph":
            self.told.add(origin.number)
        value = self.values.get(id(origin), value)
        return value, list(self.origin(origin, value))


def snapshot(
    tensors: Iterable[Any],
    names: Mapping[int, str],
    makers: Mapping[tuple[int, int], str],
    live: Iterable[Any] = (),
    title: str = "",
) -> Graph:
    """Draw the graph behind live tensors.

    Args:
        tensors: the results to start from.
        names, makers: what the user calls things; see `Story`.
        live: tensors whose values are known because they are alive.
        title: of the picture.
    """
    story = Story(names, makers)
    teller = Teller()
    roots = list(tensors)
    for root in roots:
        for event in teller.tensor(root):
            story.tell(event)
        story.roots.append(story.thing(value_of(root)).ref)
    for tensor in [*roots, *live]:
        value = value_of(tensor)
        ref = story.ref(value, ("number", -1, 0))
        if ref in story.things:
            story.things[ref].value = value
            story.things[ref].kept = tensor.retains_grad
            story.things[ref].grad = gradient_text(tensor)
    for thing in story.things.values():
        thing.grad = thing.grad or leaf_gradient(thing.ref, teller, roots)
    mark_states(story, roots)
    return story.graph(title)


def gradient_text(tensor: Any) -> str:
    """Write `.grad` as the picture shows it."""
    return "None" if tensor._grad is None else brief(tensor._grad.numbers) or "…"


def leaf_gradient(ref: Any, teller: Teller, roots: list[Any]) -> str:
    """Find a leaf by its number among the accumulators, and write its `.grad`."""
    if ref[0] != "tensor":
        return ""
    for node in ancestors([root._node for root in roots if root._node is not None]):
        if isinstance(node, AccumulateGrad) and node.variable.extras().key == ref[1]:
            return gradient_text(node.variable)
    return ""


def mark_states(story: Story, roots: list[Any]) -> None:
    """Say of each operation whether what it saved is held, freed, or was edited since."""
    for node in ancestors([root._node for root in roots if root._node is not None]):
        deed = story.by_node.get(node.number)
        if deed is None or not node.keeps_tensors:
            continue
        deed.saved = "freed" if node.saved is None else "stale" if node.is_stale() else "held"
