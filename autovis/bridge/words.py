"""What PyTorch calls its nodes and what they keep, in our words."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from autovis import rules
from autovis.primitive import Primitive

__all__ = ["operation", "setting", "slots", "spelled"]

# Where several of our rules have nodes of one name: the one that a program calls.
CHOSEN = {
    "BinaryCrossEntropyWithLogitsBackward0": "bce_with_logits",
    "ExpandBackward0": "expand",
    "GatherBackward0": "gather",
    "IndexAddBackward0": "index_add",
    "IndexPutBackward0": "index_put_",
    "IndexSelectBackward0": "index_select",
    "NllLossBackward0": "nll_loss",
    "SumBackward1": "sum_dim",
    "ToCopyBackward0": "cast",
    "ViewBackward0": "view",
    "WhereBackward0": "where",
}

# Our names of what a node keeps -> PyTorch's, in the order in which they are tried.
SPELLINGS = {
    "x": ("self", "input", "mat1"),
    "y": ("other", "mat2", "target", "tensor", "exponent", "vec"),
    "out": ("result", "output"),
    "base": ("self",),
    "dims": ("dim",),
    "high": ("max", "max_val"),
    "index": ("indices", "index", "target"),
    "low": ("min", "min_val"),
    "p": ("ord", "p"),
    "slope": ("negative_slope",),
    "times": ("repeats",),
    "weights": ("weight",),
}

REDUCTIONS = ("none", "mean", "sum")

WRAPPED = 1 << 63  # PyTorch shows a negative size as one that wrapped round


def refuse(g: Any) -> Any:
    """Stand for the pullback of an operation that we have no rule for."""
    raise NotImplementedError("how PyTorch pulls this gradient back is not known here")


@cache
def known() -> dict[str, list[Primitive]]:
    """Return our operations by the name of their nodes."""
    found: dict[str, list[Primitive]] = {}
    names = [f"autovis.rules.{module.name}" for module in iter_modules(rules.__path__)]
    for name in [*names, "autovis.edits"]:
        for thing in vars(import_module(name)).values():
            if isinstance(thing, Primitive) and thing.pullbacks:
                found.setdefault(thing.node, []).append(thing)
    return found


def operation(function: Any) -> Primitive:
    """Return the operation that a node of PyTorch's stands for; one that we have no rule for has a name only."""
    name, count = title(function), len(function.next_functions)
    scaled = getattr(function, "_saved_alpha", 1) != 1 or getattr(function, "_saved_beta", 1) != 1
    fits = [op for op in known().get(name, ()) if op.many or len(slots(op)) == count]
    chosen = [op for op in fits if op.name == CHOSEN.get(name, op.name)]
    ranked = sorted(chosen, key=lambda op: ("alpha" in op.settings) != scaled)
    return ranked[0] if ranked else unknown(name, count)


def title(function: Any) -> str:
    """Return the name of a node without its namespace."""
    return str(function.name()).rpartition("::")[2]


@cache
def unknown(name: str, count: int) -> Primitive:
    """Make an operation of which nothing but the name is known, and how many inputs it sends gradients to."""
    inputs = [f"x{slot}" for slot in range(count)]
    pullbacks: dict[str, Any] = dict.fromkeys(inputs, refuse)
    short = name.removesuffix("0").removesuffix("Backward")
    return Primitive(short, refuse, node=name, inputs=" ".join(inputs), **pullbacks)


def slots(op: Primitive) -> list[int]:
    """Return which inputs PyTorch lists in `next_functions`: those that can have a gradient at all."""
    return [slot for slot, name in enumerate(op.inputs) if name in op.pullbacks]


def spelled(function: Any, name: str) -> Any:
    """Return what a node keeps under one of our names; None if nothing.

    Raises:
        RuntimeError: if it was freed, or edited in place since.
    """
    for word in (name, *SPELLINGS.get(name, ())):
        if hasattr(type(function), f"_saved_{word}"):
            return getattr(function, f"_saved_{word}")
    return None


def setting(function: Any, name: str) -> Any:
    """Return a setting of an operation, as far as its node remembers it."""
    if name == "length":
        start, end, step = (spelled(function, word) for word in ("start", "end", "step"))
        size = spelled(function, "self_sym_sizes")[spelled(function, "dim")]
        return len(range(signed(start) % size if size else 0, min(signed(end), size), step))
    value = signed(spelled(function, name))
    return REDUCTIONS[value] if name == "reduction" else value


def signed(value: Any) -> Any:
    """Undo the wrapping of negative sizes."""
    if isinstance(value, (tuple, list)):
        return tuple(map(signed, value))
    wrapped = isinstance(value, int) and value >= WRAPPED
    return value - 2 * WRAPPED if wrapped else value
