"""What the exercises of lesson 07 are judged by."""

from __future__ import annotations

from typing import Any

from autovis.classroom.probes.findings import Findings

__all__ = ["whole_jacobian", "chosen_weights"]


def whole_jacobian(answer: Any, av: Any) -> Findings:
    """The Jacobians of three functions of vectors."""
    functions = {
        "product and sum": (lambda x: av.stack([x[0] * x[1], x[0] + x[1]]), [2.0, 3.0]),
        "squares": (lambda x: x**2, [1.0, -2.0, 0.5]),
        "three from two": (lambda x: av.stack([x[0], x[0] * x[1], x[1] ** 3]), [2.0, 1.0]),
    }
    for name, (function, at) in functions.items():
        yield name, lambda f=function, at=at: answer(f, av.tensor(at, requires_grad=True))  # type: ignore[misc]


def chosen_weights(answer: Any, av: Any) -> Findings:
    """What three vectors of weights make of the losses of three samples."""

    def gradient(place: int) -> object:
        if answer[place] is ...:
            return ...
        w = av.leaf(1.0)
        (w * av.tensor([1.0, 2.0, 6.0])).square().backward(answer[place])
        return w.grad

    for place, name in enumerate(("the first sample", "the mean", "last minus first")):
        yield name, lambda place=place: gradient(place)  # type: ignore[misc]
