"""What can be found out about live tensors by looking: autovis's and PyTorch's alike, by the names that both share.

Nothing here runs an operation, changes a tensor or imports PyTorch.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from autovis.names import NOTEBOOK, parts

__all__ = [
    "behind",
    "first",
    "gradient",
    "is_dead",
    "is_tensor",
    "leads_to",
    "leaf_of",
    "name_of",
    "named_tensors",
    "operation",
    "results_of",
    "saved_state",
    "states",
    "twin",
]

SIGNS = ("grad_fn", "is_leaf", "requires_grad", "retains_grad", "register_hook")

# What changes a tensor's form or kind, or scales it: `leaf.reshape(2, 3)` is no leaf any more.
FORMS = frozenset(
    """View UnsafeView Reshape ReshapeAlias T Transpose Permute Squeeze Unsqueeze Expand Clone ToCopy Select Slice Index
    Alias Cast Copy CopyBackwards AsStrided Flatten Mul Div Neg Detach""".split()  # noqa: SIM905, one name beside the other
)
UPDATES = frozenset({"Sub", "Add"})  # what `w = w - lr * w.grad` is made by

FREED, STALE = "they have already been freed", "modified by an inplace operation"


def is_tensor(thing: Any) -> bool:
    """Whether it is a tensor, of autovis or of PyTorch; a class is none."""
    return not isinstance(thing, type) and all(hasattr(type(thing), sign) for sign in SIGNS)


def gradient(tensor: Any) -> Any:
    """Return `.grad` without the warning that intermediates give."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return tensor.grad


def behind(tensor: Any) -> list[Any]:
    """Return the nodes of the graph behind a tensor, its own first, accumulators included; without recursion."""
    found: dict[Any, None] = {}
    pending = [tensor.grad_fn]
    while pending:
        node = pending.pop()
        if node is not None and node not in found:
            found[node] = None
            pending.extend(edge for edge, _ in reversed(node.next_functions))
    return list(found)


def leads_to(nodes: Iterable[Any], tensor: Any) -> bool:
    """Whether a gradient that walks these nodes comes to a tensor."""
    if tensor.is_leaf:
        return any(getattr(node, "variable", None) is tensor for node in nodes)
    return any(node is tensor.grad_fn for node in nodes)


def operation(node: Any) -> str:
    """Return the name of an operation without what every node's name ends in: `Mul`.

    >>> import autovis as av
    >>> operation((av.leaf(2.0) * 3).grad_fn)
    'Mul'
    """
    return type(node).__name__.rstrip("0123456789").removesuffix("Backward")


def is_dead(tensor: Any) -> bool:
    """Whether it is a result of `relu` that is 0 everywhere, so that no gradient passes."""
    return tensor.grad_fn is not None and operation(tensor.grad_fn) == "Relu" and not bool((tensor != 0).any())


def leaf_of(tensor: Any) -> tuple[Any, bool]:
    """Follow changes of form and updates back to the leaf that a tensor was made of.

    Returns:
        The leaf, None where something else was computed; whether it was an update, as in `w = w - lr * w.grad`.
    """
    node, updated = tensor.grad_fn, False
    while node is not None and not hasattr(node, "variable"):
        word = operation(node)
        edges = [edge for edge, _ in node.next_functions if edge is not None]
        updated = updated or word in UPDATES
        if word not in FORMS | UPDATES or not edges or (word in FORMS and len(edges) > 1):
            return None, False
        node = edges[0]
    return (None, False) if node is None else (node.variable, updated)


def saved_state(node: Any) -> str:
    """Say what became of what a node saved: `held`, `freed`, `stale`, or empty where it saved nothing."""
    found = ""
    for name in saved_names(type(node)):
        try:
            value = getattr(node, name)
        except RuntimeError as error:
            return "stale" if STALE in str(error) else "freed"
        except Exception:  # noqa: BLE001, S112, what cannot be read says nothing
            continue
        if is_tensor(value) or (isinstance(value, tuple) and any(map(is_tensor, value))):
            found = "held"
    return found


def saved_names(kind: type) -> list[str]:
    """List the attributes under which nodes of a kind show what they saved."""
    return [name for name in dir(kind) if name.startswith("_saved_") or name == "saved_tensors"]


def states(nodes: Iterable[Any]) -> dict[Any, str]:
    """Say of each node that saved something what became of it."""
    found = ((node, saved_state(node)) for node in nodes if not hasattr(node, "variable"))
    return {node: state for node, state in found if state}


def named_tensors(spaces: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what namespaces call tensors, nearest first; also what lists, dictionaries and modules hold."""
    found: dict[str, Any] = {}
    for space in spaces:
        things = [(name, thing) for name, thing in list(space.items()) if name[:1].isalpha() and name not in NOTEBOOK]
        for name, thing in things:
            if is_tensor(thing):
                found.setdefault(name, thing)
        for name, thing in things:
            for inner, part in parts(name, thing):
                if is_tensor(part):
                    found.setdefault(inner, part)
    return found


def results_of(tensor: Any, tensors: Iterable[Any]) -> list[Any]:
    """Return the tensors that lead back to one, without those that others of them were computed from."""
    candidates = list({id(each): each for each in tensors if each is not tensor and each.grad_fn is not None}.values())
    users: dict[Any, list[Any]] = {}
    known = list(dict.fromkeys(each.grad_fn for each in candidates))
    for node in known:  # grows while it is read
        for edge, _ in node.next_functions:
            if edge is not None:
                if edge not in users:
                    users[edge] = []
                    known.append(edge)
                users[edge].append(node)
    goal = tensor.grad_fn or next((node for node in users if getattr(node, "variable", None) is tensor), None)
    leading = dict.fromkeys([] if goal is None else [goal])
    for node in (order := list(leading)):  # grows while it is read
        fresh = [user for user in users.get(node, ()) if user not in leading]
        leading.update(dict.fromkeys(fresh))
        order.extend(fresh)
    return [each for each in candidates if each.grad_fn in leading and not leading.keys() & users.get(each.grad_fn, ())]


def twin(tensor: Any, tensors: Iterable[Any]) -> Any:
    """Return a computed tensor over the same memory as one without history: what it was cut from; else None."""
    place = memory(tensor)
    return first(lambda each: each is not tensor and not each.is_leaf and memory(each) == place, tensors)


def memory(tensor: Any) -> Any:
    """Return what identifies the memory of a tensor, whatever part of it the tensor shows."""
    storage = getattr(tensor, "untyped_storage", None)
    try:
        return storage().data_ptr() if storage is not None else id(tensor._counter)
    except Exception:  # noqa: BLE001, a tensor without memory of its own shares it with none
        return id(tensor)


def first(test: Callable[[Any], bool], things: Iterable[Any]) -> Any:
    """Return the first thing that passes a test, else None."""
    return next((thing for thing in things if test(thing)), None)


def name_of(tensor: Any, tensors: Mapping[str, Any]) -> str:
    """Return the first name of a tensor; empty if it has none."""
    return next((name for name, each in tensors.items() if each is tensor), "")
