"""Predict before you look, check what you wrote: what the lessons ask and how they answer.

A lesson's Markdown asks the question; `predict` takes the learner's guess; `reveal` compares it with what the engine
computes; `check`, `hint` and `solution` belong to an exercise.
"""

from __future__ import annotations

from autovis.classroom.checks import check, hint, solution
from autovis.classroom.desk import instructor, notes
from autovis.classroom.ledger import sums
from autovis.classroom.numeric import count_visits, numeric_grad
from autovis.classroom.progress import progress
from autovis.classroom.questions import predict, reveal

__all__ = [
    "check",
    "count_visits",
    "hint",
    "instructor",
    "notes",
    "numeric_grad",
    "predict",
    "progress",
    "reveal",
    "solution",
    "sums",
]
