"""What the exercises of lesson 11 are judged by."""

from __future__ import annotations

from typing import Any

from autovis.classroom.probes.findings import Findings

__all__ = ["edits_that_break", "safe_edit"]


def edits_that_break(answer: Any, av: Any) -> Findings:
    """Twelve yes or no: which edit of which operation breaks a backward pass."""
    for operation in ("exp", "square", "sqrt", "sin", "sum", "double"):
        for edited in ("input", "result"):
            yield f"{operation}, {edited}", lambda pair=(operation, edited): answer(*pair)  # type: ignore[misc]


def safe_edit(answer: Any, av: Any) -> Findings:
    """Value and gradient of a function that edited what had been saved."""

    def gradient() -> object:
        x = av.tensor([0.5, 1.0, 2.0], requires_grad=True)
        y = answer(x)
        return (y.backward(), x.grad)[1] if y.requires_grad else None

    yield "the value", lambda: answer(av.tensor([0.5, 1.0, 2.0])).item()
    yield "the gradient", gradient
