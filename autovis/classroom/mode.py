"""Who is looking: a learner, an instructor, or a machine that checks the lessons."""

from __future__ import annotations

import os
import warnings
from typing import Final, Literal, cast, get_args

__all__ = ["Mode", "choose", "mode"]

Mode = Literal["learner", "instructor", "ci"]
VARIABLE = "AUTOVIS_MODE"

chosen: Final[list[Mode]] = []
"""What `choose` was told, if it was."""


def mode() -> Mode:
    """Return who is looking: what `choose` was told, else what the environment variable `AUTOVIS_MODE` says.

    A learner is asked for a prediction before anything is revealed; the other two see everything at once. Where the
    variable says `ci`, nothing else counts.
    """
    asked = os.environ.get(VARIABLE, "").strip().lower() or "learner"
    if asked in get_args(Mode):
        return chosen[-1] if chosen and asked != "ci" else cast("Mode", asked)
    warnings.warn(f"{VARIABLE}={asked} is not known; use learner, instructor or ci", stacklevel=2)
    return "learner"


def choose(wanted: Mode) -> None:
    """Say who is looking, for the rest of this kernel's life."""
    chosen[:] = [wanted]
