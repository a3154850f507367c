"""Where a tensor without history came from: what a picture shows faintly above a cut, or inside a `no_grad` block.

PyTorch forgets it, and so does autograd here: an origin keeps no array and no node alive. It describes at most `LIMIT`
operations, with weak references to the tensors they read, so a loop that detaches for ever does not grow.
"""

from __future__ import annotations

import weakref
from typing import Any, NamedTuple

from autovis.graph import AccumulateGrad, Faded, Node
from autovis.modes import ROOM, room
from autovis.primitive import Primitive

__all__ = ["DETACH", "LIMIT", "Origin", "Past", "of_call", "of_detach", "settings_of"]

LIMIT = 24

DETACH = Primitive("detach", lambda x: x)


class Past(NamedTuple):
    """One input of a past operation.

    Attributes:
        tensor: weak reference to it; None where it was gone already.
        origin: how it came about itself, where that is known.
        number: the Python number, where it was one.
    """

    tensor: Any = None
    origin: Origin | None = None
    number: Any = None


class Origin(NamedTuple):
    """One past operation.

    Attributes:
        op: what it was.
        inputs: what it read.
        how: `cut` for a detach, `graph` for a recorded operation above a cut; for one that was not recorded the switch,
            `no_grad` or `inference_mode`, or else `plain`.
        size: how many operations hang on it, itself included.
        number: creation number of the node it describes, or 0.
        settings: of the operation, as far as they are known.
    """

    op: Primitive
    inputs: tuple[Past, ...]
    how: str
    size: int = 1
    number: int = 0
    settings: tuple[tuple[str, Any], ...] = ()


def of_tensor(tensor: Any, room: int) -> Past:
    """Describe an input: the tensor while it lives, and its own origin if there is room for it."""
    extras = tensor._extras
    earlier = extras.origin if extras is not None and tensor._node is None else None
    return Past(weakref.ref(tensor), earlier if earlier is not None and earlier.size < room else None)


def of_call(op: Primitive, inputs: tuple[Any, ...], settings: dict[str, Any], how: str) -> Origin:
    """Describe an operation that was not recorded; `how` as in `Origin`."""
    pasts: list[Past] = []
    size = 1
    for x in inputs:
        past = of_tensor(x, LIMIT - size) if hasattr(x, "_extras") else Past(number=x)
        size += past.origin.size if past.origin is not None else 0
        pasts.append(past)
    plain = tuple((name, value) for name, value in settings.items() if not hasattr(value, "nbytes"))
    return Origin(op, tuple(pasts), how, size, 0, plain)


def of_detach(tensor: Any) -> Origin:
    """Describe a cut and what lies above it."""
    room[0] = ROOM
    made = tensor._node
    past = of_tensor(tensor, LIMIT) if made is None else Past(weakref.ref(tensor), sketch(made))
    return Origin(DETACH, (past,), "cut", 1 + (past.origin.size if past.origin is not None else 0))


def sketch(node: Node) -> Origin | None:
    """Describe the nodes nearest to one, newest first, as far as there is room."""
    if isinstance(node, AccumulateGrad):
        return None
    near = {node}
    frontier = [node]
    while frontier and len(near) < LIMIT:
        frontier.sort(key=lambda n: n.number)
        for edge in frontier.pop().edges:
            if edge is not None and edge not in near and not isinstance(edge, AccumulateGrad) and len(near) < LIMIT:
                near.add(edge)
                frontier.append(edge)
    drawn: dict[Node, Origin] = {}
    for each in sorted(near, key=lambda n: n.number):
        inputs = tuple(_input(each, slot, drawn) for slot in range(len(each.edges)))
        drawn[each] = Origin(each.op, inputs, "graph", len(drawn) + 1, each.number, settings_of(each))
    return drawn[node]


def settings_of(node: Node) -> tuple[tuple[str, Any], ...]:
    """Return the settings that a node remembers, because its pullbacks read them."""
    left = node.rare.left if node.saved is None and node.rare is not None else node.saved
    kept = zip(node.plan.saves, left or (), strict=False)
    return tuple((name, value) for name, value in kept if name in node.op.settings)


def _input(node: Node, slot: int, drawn: dict[Node, Origin]) -> Past:
    edge = node.edges[slot]
    if isinstance(edge, AccumulateGrad):
        return Past(weakref.ref(edge.variable))
    if edge is not None:
        return Past(None, drawn.get(edge))
    other = node.others[slot] if slot < len(node.others) else None
    if isinstance(other, Faded):
        return Past(other.reference, other.origin)
    return Past(weakref.ref(other)) if hasattr(other, "_extras") else Past(number=other)
