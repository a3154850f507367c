"""Who is looking: a learner, an instructor, or a machine that checks the lessons."""

from __future__ import annotations

import os
import warnings
from typing import Literal, cast, get_args

__all__ = ["Mode", "mode"]

Mode = Literal["learner", "instructor", "ci"]
VARIABLE = "AUTOVIS_MODE"


def mode() -> Mode:
    """Return what the environment variable `AUTOVIS_MODE` says: `learner` unless `instructor` or `ci`.

    A learner is asked for a prediction before anything is revealed; the other two see everything at once.
    """
    asked = os.environ.get(VARIABLE, "").strip().lower() or "learner"
    if asked in get_args(Mode):
        return cast("Mode", asked)
    warnings.warn(f"{VARIABLE}={asked} is not known; use learner, instructor or ci", stacklevel=2)
    return "learner"
