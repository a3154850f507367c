"""Which numbers an exercise is judged by: each probe asks an answer for them, one by one and by name.

A probe gets the answer and the library (`av`), so that the same probe runs on PyTorch in the tests. It yields a name
and a callable that gives the number; what the callable raises is reported under that name. One module a lesson.
"""

from typing import Final

from autovis.classroom.probes import (
    clinic,
    lesson_01,
    lesson_02,
    lesson_03,
    lesson_04,
    lesson_05,
    lesson_06,
    lesson_07,
    lesson_08,
    lesson_09,
    lesson_10,
    lesson_11,
    lesson_12,
    lesson_13,
    lesson_14,
    lesson_15,
    lesson_16,
)

__all__ = ["PROBES"]

LESSONS = (
    lesson_01,
    lesson_02,
    lesson_03,
    lesson_04,
    lesson_05,
    lesson_06,
    lesson_07,
    lesson_08,
    lesson_09,
    lesson_10,
    lesson_11,
    lesson_12,
    lesson_13,
    lesson_14,
    lesson_15,
    lesson_16,
    clinic,
)
PROBES: Final = {name: getattr(lesson, name) for lesson in LESSONS for name in lesson.__all__}
