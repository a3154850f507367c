"""The two sums of a backward pass, written out line by line from a tape."""

from __future__ import annotations

from typing import Any

from autovis.classroom.plain import plain, wording
from autovis.classroom.views import View
from autovis.events import Accumulated, Arrived

__all__ = ["lines_of", "sums"]


def sums(tape: Any) -> View:
    """List every addition on a tape without saying which kind it is: that is the reader's task.

    Args:
        tape: from `with av.record() as tape:`.
    """
    return View(f" {number:3d}  {line}" for number, (line, _) in enumerate(lines_of(tape), start=1))


def lines_of(tape: Any) -> list[tuple[str, str]]:
    """Return each addition as it is written, with its kind: `fan-in` or `accumulate`."""
    return [(written(event), kind_of(event)) for event in tape.events if kind_of(event)]


def kind_of(event: Any) -> str:
    """Name the kind of sum that an event is; empty for all others. One sender alone is no fan-in."""
    if isinstance(event, Arrived):
        return "fan-in" if event.of > 1 else ""
    return "accumulate" if isinstance(event, Accumulated) else ""


def written(event: Arrived | Accumulated) -> str:
    """Write an addition; a fan-in begins at 0, a `.grad` at None."""
    arriving = event.gradient if isinstance(event, Arrived) else event.arriving
    start = 0 if isinstance(event, Arrived) and event.before is None else event.before
    return f"{wording(plain(start))} + {wording(plain(arriving))} = {wording(plain(event.after))}"
