"""What the exercises of lesson 12 are judged by."""

from __future__ import annotations

import weakref
from typing import Any

from autovis.classroom.probes.findings import Findings, marking

__all__ = ["clipped", "reversal", "clean_logger"]


def clipped(answer: Any, av: Any) -> Findings:
    """Gradients of several lengths, after one pass and after two."""

    def arrived(*gradient: float, passes: int = 1) -> Any:
        weights = [av.tensor([1.0, 2.0], requires_grad=True) for _ in range(2)]
        answer(weights)
        for _ in range(passes):
            (weights[1] * av.tensor(gradient)).sum().backward()
        return weights[1].grad

    yield "w.grad where [3, 4] arrives", lambda: arrived(3.0, 4.0)
    yield "w.grad where [0.3, -0.4] arrives", lambda: arrived(0.3, -0.4)
    yield "w.grad where [0, 0] arrives", lambda: str(arrived(0.0, 0.0).tolist())  # nan is not equal to itself
    yield "w.grad where [3, 4] arrives twice", lambda: arrived(3.0, 4.0, passes=2)


def reversal(answer: Any, av: Any) -> Findings:
    """Numbers and gradients of a value that was handed through, and of the one that it came from."""

    def gradient(formula: Any) -> object:
        x = av.tensor([2.0, -3.0], requires_grad=True)
        formula(x).sum().backward()
        return x.grad

    yield "the numbers", lambda: answer(av.tensor([2.0, -3.0], requires_grad=True)).tolist()
    yield "x.grad of reverse(x)²", lambda: gradient(lambda x: answer(x) ** 2)
    yield "x.grad of 3·reverse(x) + 5·x", lambda: gradient(lambda x: 3 * answer(x) + 5 * x)
    yield "x.grad of reverse(x) + reverse(x)", lambda: gradient(lambda x: answer(x) + answer(x))


def clean_logger(answer: Any, av: Any) -> Findings:
    """What a logger wrote, and what is left of it."""
    passed = marking(av)

    def ran() -> tuple[Any, Any, list[weakref.ref[Any]]]:
        w, inputs = av.leaf(0.5), [passed(av.leaf(value)) for value in (1.0, 2.0, 3.0)]
        return w, answer(w, inputs), [weakref.ref(x.grad_fn) for x in inputs]

    def entries_later() -> int:
        w, log, _ = ran()
        w.backward()
        return len(log)

    def graphs() -> int:
        _, log, steps = ran()
        return sum(step() is not None for step in steps) if log else 0

    yield "the log", lambda: ran()[1]
    yield "w.grad", lambda: ran()[0].grad
    yield "plain numbers", lambda: all(isinstance(entry, float) for entry in ran()[1])
    yield "entries after one more pass", entries_later
    yield "graphs alive afterwards", graphs
