"""What the exercises of lesson 05 are judged by."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from autovis.classroom.probes.findings import Findings

__all__ = ["accumulate", "ledger_labels"]


def accumulate(answer: Any, av: Any) -> Findings:
    """The gradient after several small batches, of equal and of unequal length, into an empty and a used place."""
    data = av.arange(8.0, dtype=av.float64)

    def gradient(*cuts: int, old: bool = False) -> object:
        w = av.tensor(0.5, dtype=av.float64, requires_grad=True)
        if old:
            (7 * w).backward()
        edges = [0, *cuts, 8]
        answer(w, [data[start:stop] for start, stop in pairwise(edges)])
        return w.grad

    yield "w.grad after parts of 4 and 4", lambda: gradient(4)
    yield "w.grad after parts of 3, 1 and 4", lambda: gradient(3, 4)
    yield "w.grad, with an old gradient in it before", lambda: gradient(4, old=True)


def ledger_labels(answer: Any, av: Any) -> Findings:
    """Ten labels, line by line."""
    for position in range(10):
        yield f"line {position + 1}", lambda position=position: answer[position]  # type: ignore[misc]
