"""What the exercises of lesson 03 are judged by."""

from __future__ import annotations

from typing import Any

from autovis.classroom.probes.findings import Findings

__all__ = ["repaired_loss", "reached_leaves"]


def repaired_loss(answer: Any, av: Any) -> Findings:
    """Value and history of a loss, and the gradient that its weights get."""
    x, target = av.tensor([1.0, 2.0, -1.0]), av.tensor([1.0, 1.0, 1.0])

    def made() -> tuple[Any, Any]:
        w = av.tensor([0.5, 2.0, 3.0], requires_grad=True)
        return w, answer(w, x, target)

    def gradient() -> object:
        w, loss = made()
        return (loss.backward(), w.grad)[1]

    yield "the loss", lambda: made()[1].item()
    yield "has a history", lambda: "no" if made()[1].grad_fn is None else "yes"
    yield "w.grad", gradient


def reached_leaves(answer: Any, av: Any) -> Findings:
    """Which leaves a walk back from a result finds, by name, on five graphs."""
    leaves = {name: av.leaf(value) for name, value in [("a", 2.0), ("b", 3.0), ("c", 5.0)]}
    a, b, c = leaves.values()
    graphs = {
        "a * b": a * b,
        "(a * b + c) ** 2": (a * b + c) ** 2,
        "a * a + b": a * a + b,
        "a.detach() * b": a.detach() * b,
        "a.detach() + 1": a.detach() + 1,
    }

    def found(y: Any) -> object:
        given = answer(y)
        names = (name for each in given for name, leaf in leaves.items() if leaf is each) if given is not ... else ()
        return given if given is ... else ", ".join(sorted(names))

    for text, y in graphs.items():
        yield text, lambda y=y: found(y)  # type: ignore[misc]
