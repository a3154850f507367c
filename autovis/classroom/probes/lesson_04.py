"""What the exercises of lesson 04 are judged by."""

from __future__ import annotations

from typing import Any

from autovis.classroom.probes.findings import Findings

__all__ = ["doubled_leaf", "roles"]


def doubled_leaf(answer: Any, av: Any) -> Findings:
    """What a tensor in double precision is, and the gradient that it holds."""
    for values in ([1.0, -2.0], [0.5, 4.0]):
        yield f"a leaf, for {values}", lambda values=values: answer(values).is_leaf  # type: ignore[misc]
        yield f"its kind, for {values}", lambda values=values: str(answer(values).dtype)  # type: ignore[misc]
        yield f"its gradient, for {values}", lambda values=values: kept_gradient(answer(values))  # type: ignore[misc]


def kept_gradient(t: Any) -> object:
    """Return the gradient that a tensor holds; an intermediate that keeps none is not asked, because it would warn."""
    return t.grad if t.is_leaf or t.retains_grad else None


def roles(answer: Any, av: Any) -> Findings:
    """The roles of ten tensors."""
    leaf, plain = av.leaf(2.0), av.tensor(3.0)
    kept = leaf * plain
    kept.retain_grad()
    tensors = {
        "leaf": leaf,
        "av.tensor(3.0)": plain,
        "leaf * 3, retained": kept,
        "leaf * 3": leaf * plain,
        "plain + 1": plain + 1,
        "leaf.detach()": leaf.detach(),
        "leaf.double()": leaf.double(),
        "Parameter": av.nn.Parameter(av.ones(2)),
        "frozen Parameter": av.nn.Parameter(av.ones(2), requires_grad=False),
        "leaf.detach().requires_grad_()": leaf.detach().requires_grad_(),
    }
    for name, tensor in tensors.items():
        yield name, lambda tensor=tensor: answer(tensor)  # type: ignore[misc]
