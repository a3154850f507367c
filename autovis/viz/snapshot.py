"""A picture of tensors that are alive: the graph behind them, told as the events that must have made it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import Any, NamedTuple

from autovis.graph import AccumulateGrad, Node, ancestors
from autovis.past import Teller, key_of, node_of, value_of
from autovis.viz.blame import explained
from autovis.viz.cast import Deed
from autovis.viz.runs import calls_of
from autovis.viz.scene import Graph
from autovis.viz.story import Story, role_of

__all__ = ["Sketch", "sketch", "snapshot"]


class Sketch(NamedTuple):
    """A picture of live objects, and where in it they are.

    Attributes:
        graph: the picture.
        find: returns the id of the element that a tensor or a node is; empty if it is not in the picture.
    """

    graph: Graph
    find: Callable[[Any], str]


def snapshot(
    tensors: Iterable[Any],
    names: Mapping[int, str],
    makers: Mapping[tuple[int, int], str],
    live: Iterable[Any] = (),
    title: str = "",
) -> Graph:
    """Draw the graph behind live tensors; arguments as in `sketch`."""
    return sketch(tensors, names, makers, live, title).graph


def sketch(
    tensors: Iterable[Any],
    names: Mapping[int, str],
    makers: Mapping[tuple[int, int], str],
    live: Iterable[Any] = (),
    title: str = "",
    owners: tuple[Mapping[int, str], Mapping[str, str]] = ({}, {}),
) -> Sketch:
    """Draw the graph behind live tensors, and say where they are in it.

    Args:
        tensors: the results to start from.
        names: what the user calls tensors without history; see `Story`.
        makers: what the user calls computed tensors; see `Story`.
        live: tensors whose values are known because they are alive.
        title: of the picture; the names of the results unless given.
        owners: the path of the module by key of its parameter, and the class of modules by path.
    """
    story = Story(names, makers)
    teller = Teller()
    roots = list(tensors)
    for event in teller.tensors(roots):
        story.tell(event)
    story.roots += [story.thing(value_of(root)).ref for root in roots]
    nodes = list(ancestors([node for node in (node_of(root) for root in roots) if node is not None]))
    for tensor in chain(roots, live, found_alive(nodes)):
        bring_up_to_date(story, tensor)
    mark_states(story, nodes)
    story.entrances.found(calls_of((list(parameters_read(deed, owners[0])) for deed in story.deeds), owners[1]))
    drawn = explained(story.graph(title))
    drawn = drawn if title else replace(drawn, title=", ".join(map(story.name, story.roots)))
    return Sketch(drawn, lambda thing: place_of(story, thing))


def parameters_read(deed: Deed, owners: Mapping[int, str]) -> Iterator[tuple[int, str]]:
    """List the parameters that an operation read: their keys, and the paths of the modules that own them."""
    for kind, key, _ in deed.inputs:
        if kind == "tensor" and key in owners:  # what an operation made is numbered by its node
            yield key, owners[key]


def place_of(story: Story, thing: Any) -> str:
    """Return the id of the element that a tensor or a node is; empty if it is not in the picture."""
    if not isinstance(thing, Node):
        found = story.find(value_of(thing)) if hasattr(thing, "_extras") else None
        return found.id if found is not None else ""
    if isinstance(thing, AccumulateGrad):
        leaf = place_of(story, thing.variable)
        return f"g{leaf[1:]}" if leaf else ""
    deed = story.by_node.get(thing.number)
    return deed.id if deed is not None else ""


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
    node = node_of(tensor)
    thing = story.things.get(("tensor", key_of(tensor), 0) if node is None else ("made", node.number, tensor._port))
    if thing is None:
        return
    value = value_of(tensor)
    thing.value, thing.roles = value, [role_of(value)]
    thing.kept = tensor.retains_grad or (value.made_by is not None and tensor._grad is not None)
    thing.device = value.device
    extras = tensor._extras
    if extras is not None and value.made_by is None:
        accumulator = extras.accumulator()
        thing.hooks = (*node_hooks(accumulator), *present(tensor=extras.hooks, post=extras.after))


def mark_states(story: Story, nodes: Iterable[Node]) -> None:
    """Say of each operation whether what it saved is held, freed, or was edited since, and where hooks sit."""
    for node in nodes:
        deed = story.by_node.get(node.number)
        if deed is None:
            continue
        if deed.notes:
            deed.saved = saved_state(node)
        deed.hooks = node_hooks(node)
        for port, hooks in node.watch.tensor_hooks.items() if node.watch is not None else ():
            story.things[deed.outputs[port]].hooks = present(tensor=hooks)


def node_hooks(node: Node | None) -> tuple[str, ...]:
    """Say which kinds of hooks sit on a node."""
    watch = None if node is None else node.watch
    return () if watch is None else present(pre=watch.before, node=watch.after)


def present(**hooks: Any) -> tuple[str, ...]:
    """Name the lists that are not empty.

    >>> present(pre={}, node={1: print})
    ('node',)
    """
    return tuple(kind for kind, found in hooks.items() if found)


def saved_state(node: Node) -> str:
    """Say what became of the values that a node saved."""
    if node.is_freed():
        return "freed"
    return "stale" if node.is_stale() else "kept" if node.mark < 0 else "held"
