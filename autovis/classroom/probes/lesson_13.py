"""What the exercises of lesson 13 are judged by."""

from __future__ import annotations

from typing import Any

from autovis.classroom.probes.findings import Findings

__all__ = ["own_operation", "gradient_penalty"]


def own_operation(answer: Any, av: Any) -> Findings:
    """Values and gradients of a `Function`, and what the two checks say."""

    def point() -> Any:
        return av.tensor([-1.5, 0.0, 2.0], dtype=av.float64, requires_grad=True)

    def gradient() -> object:
        x = point()
        (answer.apply(x) * av.tensor([1.0, 2.0, -1.0])).sum().backward()
        return x.grad

    yield "the values", lambda: answer.apply(point()).tolist()
    yield "the gradient where [1, 2, -1] arrives", gradient
    yield "gradcheck", lambda: av.autograd.gradcheck(answer.apply, point(), raise_exception=False)
    yield "gradgradcheck", lambda: av.autograd.gradgradcheck(answer.apply, point(), raise_exception=False)


def gradient_penalty(answer: Any, av: Any) -> Findings:
    """A penalty on the slopes of a small net, and what the net learns from it."""

    def ran() -> tuple[Any, Any, Any]:
        w = av.tensor([0.5, -1.0, 2.0], requires_grad=True)
        x = av.tensor([[-1.0], [0.5], [2.0], [3.0]])
        return answer(lambda x: (x * w).tanh().sum(1), x), w, x

    def learned() -> object:
        term, w, _ = ran()
        return (term.backward(), w.grad)[1] if term.requires_grad else None

    yield "the value", lambda: ran()[0].item()
    yield "has a history", lambda: ran()[0].requires_grad
    yield "w.grad", learned
    yield "x asks for a gradient", lambda: ran()[2].requires_grad
