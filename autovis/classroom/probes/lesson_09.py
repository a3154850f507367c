"""What the exercises of lesson 09 are judged by."""

from __future__ import annotations

from typing import Any

from autovis.classroom.probes.findings import Findings

__all__ = ["straight_through", "who_learns", "two_stages"]


def straight_through(answer: Any, av: Any) -> Findings:
    """Value and gradient of a rounding that gradients pass."""

    def gradient() -> object:
        x = av.tensor([0.4, 1.6, -2.3], requires_grad=True)
        y = answer(x).sum()
        return (y.backward(), x.grad)[1] if y.requires_grad else None

    yield "value at [0.4, 1.6, -2.3]", lambda: answer(av.tensor([0.4, 1.6, -2.3])).tolist()
    yield "gradient there", gradient


def who_learns(answer: Any, av: Any) -> Findings:
    """The result, and which of three weights receive a gradient."""
    weights = {name: av.leaf(value) for name, value in [("w1", 1.0), ("w2", 2.0), ("w3", 3.0)]}

    def result() -> object:
        y = answer(*weights.values())
        if y.requires_grad:
            y.backward()
        return y.item()

    yield "the result", result
    for name, weight in weights.items():
        yield f"{name} learns", lambda weight=weight: "no" if weight.grad is None else "yes"  # type: ignore[misc]


def two_stages(answer: Any, av: Any) -> Findings:
    """The gradient at the beginning of a chain that is run backwards in two halves."""
    for value in (2.0, -1.0):
        yield f"a.grad for a = {value:g}", lambda value=value: handed_over(answer, av.leaf(value))  # type: ignore[misc]


def handed_over(answer: Any, a: Any) -> object:
    """Return what arrived at `a`."""
    return ... if answer(a) is ... else a.grad
