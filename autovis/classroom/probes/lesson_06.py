"""What the exercises of lesson 06 are judged by."""

from __future__ import annotations

from typing import Any, Final

from autovis.classroom.probes.findings import Findings

__all__ = ["line_fit", "loop_order"]


def line_fit(answer: Any, av: Any) -> Findings:
    """Whether two leaves were moved onto a line, and in which state they are left."""
    x = av.tensor([0.0, 1.0, 2.0, 3.0])

    def fitted(slope: float, height: float) -> tuple[Any, Any]:
        a, b = av.leaf(0.0), av.leaf(0.0)
        answer(a, b, x, slope * x + height)
        return a, b

    def loss(slope: float, height: float) -> str:
        a, b = fitted(slope, height)
        left = ((a * x + b - (slope * x + height)) ** 2).mean().item()
        return "below 0.001" if left < 0.001 else "still too large"

    for slope, height in [(2.0, 1.0), (-1.0, 3.0)]:
        yield f"the loss, line {slope:g}x + {height:g}", lambda line=(slope, height): loss(*line)  # type: ignore[misc]
    yield "your two leaves moved", lambda: [t.item() != 0 for t in fitted(2.0, 1.0)]
    yield "gradients at the end", lambda: ["left" if t.grad is not None else "cleared" for t in fitted(2.0, 1.0)]
    yield "still leaves that ask", lambda: all(t.is_leaf and t.requires_grad for t in fitted(2.0, 1.0))


LOOP: Final = {
    "a": "optimizer.step()",
    "b": "loss = ((w - 1) ** 2)",
    "c": "optimizer.zero_grad()",
    "d": "optimizer = av.optim.SGD([w], lr=0.1)",
    "e": "loss.backward()",
    "f": "w = av.leaf(0.0)",
}


def loop_order(answer: Any, av: Any) -> Findings:
    """What a training step does whose lines are run in the order that was given."""

    def ran() -> object:
        if ... in answer:
            return ...
        names = {"av": av}
        exec("\n".join(LOOP[letter] for letter in answer), names)  # noqa: S102, our lines in the learner's order
        return names["w"].item()

    yield "each line once", lambda: ... if ... in answer else sorted(answer) == sorted(LOOP)
    yield "measured before the step", lambda: answer.index("e") < answer.index("a")
    yield "w after the step", ran
