"""The logbook: what a learner has predicted and checked, and when, as plain data that can be merged.

Two logbooks are merged without a loss, in any order and any number of times: the earlier of two predictions stays, a
check that was passed stays passed. There is no name in it, only a random mark by which two copies of the same learner's
logbook are known as such.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, TypeVar, cast

from autovis.classroom.bank import AGAIN
from autovis.classroom.plain import Plain

__all__ = ["LEVELS", "Check", "Level", "Logbook", "Prediction", "Sitting", "lesson_of", "merged", "read", "write"]

Level = Literal["", "sure", "unsure", "guess"]
LEVELS: Final[tuple[Level, ...]] = ("sure", "unsure", "guess")
PAUSE: Final = 20
"""Minutes without a prediction or a check after which the clock of a lesson stops until the next one."""

VERSION: Final = 1
LARGEST: Final = 2_000_000
"""Characters of a logbook; a course fills a few thousand."""

Sitting = tuple[int, int]
Entry = TypeVar("Entry", "Prediction", "Check")


class NewerError(ValueError):
    """The logbook was written by a later version of autovis."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """What was predicted.

    Attributes:
        value: as the bank has it: of an option, or a number.
        sure: how sure the learner was; empty if that was not said.
        at: when, in minutes since 1970.
    """

    value: Plain
    sure: Level
    at: int


@dataclass(frozen=True, slots=True)
class Check:
    """How far an exercise got.

    Attributes:
        passed: whether an answer was right.
        beliefs: misconceptions that wrong answers betrayed.
        at: when it was first checked, in minutes since 1970.
    """

    passed: bool
    beliefs: tuple[str, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Logbook:
    """All that is kept.

    Attributes:
        marks: random words; two logbooks that share one are of the same learner.
        predictions: by id of the question.
        checks: by id of the exercise.
        sittings: by lesson, from when to when it was worked on, in minutes since 1970.
    """

    marks: frozenset[str] = frozenset()
    predictions: Mapping[str, Prediction] = field(default_factory=dict)
    checks: Mapping[str, Check] = field(default_factory=dict)
    sittings: Mapping[str, tuple[Sitting, ...]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.predictions or self.checks or self.sittings)

    def minutes(self, lesson: str) -> int:
        """Return how long a lesson was worked on."""
        return sum(end - start for start, end in self.sittings.get(lesson, ()))

    def lessons(self) -> list[str]:
        """Return the lessons that anything is known of, in order."""
        return sorted({*map(lesson_of, self.predictions), *map(lesson_of, self.checks), *self.sittings})

    def without(self, lesson: str) -> Logbook:
        """Return the logbook as it were if a lesson had never been opened."""
        return replace(
            self,
            predictions={id: entry for id, entry in self.predictions.items() if lesson_of(id) != lesson},
            checks={id: entry for id, entry in self.checks.items() if lesson_of(id) != lesson},
            sittings={name: entry for name, entry in self.sittings.items() if name != lesson},
        )


def lesson_of(id: str) -> str:
    """Return the lesson that a question or an exercise belongs to.

    >>> lesson_of("05-p1"), lesson_of("05-w-again")
    ('05', '05')
    """
    return id.removesuffix(AGAIN).rpartition("-")[0]


# ----------------------------------------------------------------------------------------------------- merging


def merged(one: Logbook, other: Logbook) -> Logbook:
    """Return what two logbooks hold together."""
    return Logbook(
        one.marks | other.marks,
        together(one.predictions, other.predictions, earlier),
        together(one.checks, other.checks, further),
        together(one.sittings, other.sittings, lambda mine, yours: joined((*mine, *yours))),
    )


def together(one: Mapping[str, Any], other: Mapping[str, Any], join: Any) -> dict[str, Any]:
    """Return the entries of both, joined where both have one."""
    both = {id: join(one[id], other[id]) for id in one.keys() & other.keys()}
    return dict(sorted({**one, **other, **both}.items()))


def earlier(one: Prediction, other: Prediction) -> Prediction:
    """Return the prediction that was made first; of two of the same minute always the same one."""
    return min(one, other, key=lambda entry: (entry.at, json.dumps(entry.value), entry.sure))


def further(one: Check, other: Check) -> Check:
    """Return what two entries say about the same exercise."""
    beliefs = tuple(sorted({*one.beliefs, *other.beliefs}))
    return Check(one.passed or other.passed, beliefs, min(one.at, other.at))


def joined(sittings: Iterable[Sitting]) -> tuple[Sitting, ...]:
    """Join what overlaps, or is parted by no more than a short pause.

    >>> joined([(100, 110), (125, 130), (300, 301)])
    ((100, 130), (300, 301))
    """
    found: list[Sitting] = []
    for start, end in sorted(sittings):
        if found and start - found[-1][1] <= PAUSE:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return tuple(found)


# --------------------------------------------------------------------------------------------- writing and reading


def write(book: Logbook) -> str:
    """Return a logbook as JSON, one line an entry, always in the same order."""
    data = {
        "autovis-progress": VERSION,
        "marks": sorted(book.marks),
        "predictions": {id: [entry.value, entry.sure, entry.at] for id, entry in book.predictions.items()},
        "checks": {id: [entry.passed, list(entry.beliefs), entry.at] for id, entry in book.checks.items()},
        "sittings": book.sittings,
    }
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def read(text: str) -> tuple[Logbook, bool]:
    """Return the logbook in a JSON text, as far as it can be read, and whether all of it could.

    Raises:
        NewerError: if a later version has written it.
    """
    try:
        data = json.loads(text) if len(text) <= LARGEST else None
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict) or not is_minute(version := data.get("autovis-progress")) or not version:
        return Logbook(), False
    if version > VERSION:
        raise NewerError(version)
    marks, whole = data.get("marks"), True
    known = frozenset(mark for mark in marks if isinstance(mark, str)) if isinstance(marks, list) else frozenset()
    parts: dict[str, dict[str, Any]] = {}
    for name, understand in READ.items():
        rows = data.get(name)
        found = {id: understand(row) for id, row in rows.items()} if isinstance(rows, dict) else {"": None}
        parts[name] = {id: entry for id, entry in sorted(found.items()) if entry is not None}
        whole = whole and len(parts[name]) == len(found)
    return Logbook(known, **parts), whole and isinstance(marks, list) and len(known) == len(marks)


def prediction(row: Any) -> Prediction | None:
    """Read one prediction; None if it is none."""
    match row:
        case [value, ("" | "sure" | "unsure" | "guess") as sure, at] if is_plain(value) and is_minute(at):
            return Prediction(value, cast("Level", sure), at)
    return None


def check(row: Any) -> Check | None:
    """Read one check; None if it is none."""
    match row:
        case [bool(passed), [*beliefs], at] if all(isinstance(each, str) for each in beliefs) and is_minute(at):
            return Check(passed, tuple(sorted(set(beliefs))), at)
    return None


def sittings(row: Any) -> tuple[Sitting, ...] | None:
    """Read the sittings of one lesson; None if they are none."""
    if not isinstance(row, list):
        return None
    for each in row:
        if not (isinstance(each, list) and len(each) == 2 and all(map(is_minute, each)) and each[0] <= each[1]):
            return None
    return joined((start, end) for start, end in row)


READ: Final = {"predictions": prediction, "checks": check, "sittings": sittings}


def is_plain(value: Any) -> bool:
    """Say whether a value can be a prediction: a number, a word, or a list of these."""
    return all(isinstance(each, (bool, int, float, str)) for each in (value if isinstance(value, list) else [value]))


def is_minute(value: Any) -> bool:
    """Say whether a value is a whole number, not negative and not beyond all reason."""
    return type(value) is int and 0 <= value < 2**40
