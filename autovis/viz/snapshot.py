"""A picture of tensors that are alive: the graph behind them, told as the events that must have made it.

What autograd keeps is read from the nodes; what it forgets (the operations above a cut, those under `no_grad`) from the
origins that tensors carry for this purpose.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import Any

from autovis import events
from autovis.graph import AccumulateGrad, Node, ancestors
from autovis.origins import Origin, Past
from autovis.tape import copied, known, other_of, value_of
from autovis.viz.chain import gradient_text
from autovis.viz.scene import Graph
from autovis.viz.story import Story, role_of

__all__ = ["snapshot"]


DEEP = 12  # cuts, one above the other, up to which the past of a result is told


class Teller:
    """Tells the past of live tensors, oldest first, each operation once."""

    def __init__(self) -> None:
        self.told: set[int] = set()
        self.values: dict[int, events.Value] = {}
        self.anonymous = 0
        self.cuts = 0

    def tensors(self, tensors: Iterable[Any]) -> Iterator[events.Event]:
        """Tell how tensors came about: what is recorded first, then what is only remembered."""
        nodes = [node for node in (tensor._history() for tensor in tensors) if node is not None]
        for each in sorted(ancestors(nodes), key=lambda node: node.number):
            yield from self.node(each)
        for tensor in tensors:
            if tensor._history() is None and tensor._extras is not None and tensor._extras.origin is not None:
                yield from self.origin(tensor._extras.origin, value_of(tensor))

    def node(self, node: Node) -> Iterator[events.Event]:
        """Tell one recorded operation, after the past of its constants."""
        if node.number in self.told or isinstance(node, AccumulateGrad):
            return
        self.told.add(node.number)
        for slot in range(len(node.others)):
            tensor = other_of(node, slot)
            if hasattr(tensor, "_extras") and tensor._node is None:
                yield from self.tensors([tensor])
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
            yield events.Detached(inputs[0], result, in_place=False)
        elif origin.how == "graph":
            yield events.Recorded(origin.number, origin.op, tuple(inputs), (result,), origin.settings)
        else:
            yield events.NotRecorded(origin.op, tuple(inputs), (result,), origin.how)

    def past(self, past: Past) -> tuple[events.Value, list[events.Event]]:
        """Describe an input of a past operation, and tell how it came about."""
        if past.number is not None:
            return value_of(past.number), []
        tensor = past.tensor() if past.tensor is not None else None
        origin = past.origin
        if tensor is not None and origin is not None and origin.how == "graph":
            now = tensor._history()
            tensor = tensor if now is not None and now.number == origin.number else None  # it was edited since
        if tensor is not None:
            value = value_of(tensor)
        elif origin is not None and origin.how == "graph":
            value = events.Value(0, origin.number, 0, (), "", True, False, 0, None)
        else:
            self.anonymous -= 1
            value = events.Value(self.anonymous, None, 0, (), "", False, False, 0, None)
        if self.cuts >= DEEP:
            return value, []
        self.cuts += 1
        told = list(self.history(tensor, origin, value))
        self.cuts -= 1
        return value, told

    def history(self, tensor: Any, origin: Origin | None, value: events.Value) -> Iterator[events.Event]:
        """Tell how an input of a past operation came about: from its node while it lives, else from its origin."""
        if tensor is not None and tensor._history() is not None:
            yield from self.tensors([tensor])
        elif origin is not None and not (origin.how == "graph" and origin.number in self.told):
            self.told |= {origin.number} if origin.how == "graph" else set()
            yield from self.origin(origin, value)


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
        title: of the picture; the names of the results unless given.
    """
    story = Story(names, makers)
    teller = Teller()
    roots = list(tensors)
    for event in teller.tensors(roots):
        story.tell(event)
    story.roots += [story.thing(value_of(root)).ref for root in roots]
    nodes = list(ancestors([node for node in (root._history() for root in roots) if node is not None]))
    for tensor in chain(roots, live, found_alive(nodes)):
        bring_up_to_date(story, tensor)
    mark_states(story, nodes)
    drawn = story.graph(title)
    return drawn if title else replace(drawn, title=", ".join(map(story.name, story.roots)))


def found_alive(nodes: Iterable[Node]) -> Iterator[Any]:
    """Go through the tensors that nodes know: leaves, and intermediates that keep their gradient."""
    for node in nodes:
        if isinstance(node, AccumulateGrad):
            yield node.variable
        elif node.watch is not None:
            kept = (reference() for reference in node.watch.retains.values())
            yield from (tensor for tensor in kept if tensor is not None)


def bring_up_to_date(story: Story, tensor: Any) -> None:
    """Take over what a tensor is now: numbers, role, gradient, hooks."""
    value = value_of(tensor)
    thing = story.things.get(story.ref(value, ("number", -1, 0)))
    if thing is None:
        return
    thing.value, thing.roles = value, [role_of(value)]
    thing.kept = tensor.retains_grad or (value.made_by is not None and tensor._grad is not None)
    thing.grad = gradient_text(None if tensor._grad is None else copied(tensor._grad))
    if any(tensor.gradient_hooks()) or (tensor._extras is not None and tensor._extras.after):
        thing.marks = ("hook",)


def mark_states(story: Story, nodes: Iterable[Node]) -> None:
    """Say of each operation whether what it saved is held, freed, or was edited since, and where hooks sit."""
    for node in nodes:
        deed = story.by_node.get(node.number)
        if deed is None:
            continue
        if node.keeps_tensors:
            deed.saved = "freed" if node.saved is None else "stale" if node.is_stale() else "held"
        if node.watch is not None and (node.watch.tensor_hooks or node.watch.before or node.watch.after):
            story.things[deed.outputs[0]].marks = ("hook",)
