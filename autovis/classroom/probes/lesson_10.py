"""What the exercises of lesson 10 are judged by."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from typing import Any

from autovis.classroom.probes.findings import Findings, marking

__all__ = ["carried_state", "slim_log"]


def carried_state(answer: Any, av: Any) -> Findings:
    """The losses of a loop with a state, and the gradient that it leaves."""

    def ran() -> tuple[Any, Any]:
        w = av.leaf(2.0)
        return w, answer(w, [1.0, 3.0, -2.0])

    yield "the losses", lambda: ran()[1]
    yield "w.grad", lambda: ran()[0].grad


def slim_log(answer: Any, av: Any) -> Findings:
    """What a training loop returns, learns, and holds on to while it runs."""
    passed = marking(av)

    def most_alive() -> int:
        steps: list[weakref.ref[Any]] = []
        counts: list[int] = []

        class Targets(list[float]):
            def __iter__(self) -> Iterator[Any]:
                for value in super().__iter__():
                    target = passed(av.leaf(value))
                    steps.append(weakref.ref(target.grad_fn))
                    yield target
                    del target
                    counts.append(sum(step() is not None for step in steps))

        answer(av.leaf(0.5), Targets([1.0, 2.0, 3.0, 4.0]))
        return max(counts)

    def gradient() -> object:
        w = av.leaf(0.5)
        answer(w, [1.0, 2.0])
        return w.grad

    yield "what it returns", lambda: answer(av.leaf(0.5), [1.0, 2.0])
    yield "w.grad", gradient
    yield "is a plain number", lambda: isinstance(answer(av.leaf(0.5), [1.0, 2.0]), float)
    yield "steps alive at once", most_alive
