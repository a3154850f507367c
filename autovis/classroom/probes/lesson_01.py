"""What the exercises of lesson 01 are judged by."""

from __future__ import annotations

from typing import Any

from autovis.classroom.probes.findings import Findings

__all__ = ["slope", "flat"]


def slope(answer: Any, av: Any) -> Findings:
    """Slopes of three curves, and where the answer looked for them."""
    asked: list[float] = []

    def bend(t: float) -> float:
        asked.append(t)
        return t**3

    yield "slope of t**2 at 3", lambda: answer(lambda t: t**2, 3.0)
    yield "slope of t**3 at 2", lambda: answer(bend, 2.0)
    yield "slope of 1/t at 0.5", lambda: answer(lambda t: 1 / t, 0.5)
    yield "places asked, seen from at", lambda: " and ".join(sorted({side(place, 2.0) for place in asked})) or "none"


def side(place: float, at: float) -> str:
    """Say where one number lies, seen from another."""
    return "here" if place == at else "left" if place < at else "right"


def flat(answer: Any, av: Any) -> Findings:
    """The flat place of a parabola, looked for in three intervals."""
    for low, high in [(0.0, 4.0), (-1.0, 5.0), (1.0, 7.0)]:
        yield f"flat({low}, {high})", lambda low=low, high=high: answer(low, high)  # type: ignore[misc]
