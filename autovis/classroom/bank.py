"""The bank: questions, exercises and misconceptions, read from the TOML files beside this module.

The wording of a question stands in its lesson; here stand its options, what each wrong one assumes, and the answer as
an expression that the engine evaluates, so that no question can contradict the engine.
"""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Literal, TypeVar

from autovis.classroom.plain import Plain

__all__ = ["Exercise", "Misconception", "Option", "Question", "WrongAnswer", "exercises", "misconceptions", "questions"]

Kind = Literal["choice", "several", "number"]
AGAIN = "-again"  # `01-w-again` asks question `01-w` a second time
Entry = TypeVar("Entry")


@dataclass(frozen=True, slots=True)
class Misconception:
    """Something learners believe that is not so.

    Attributes:
        id: `M1` to `M30`.
        thought: the belief, in one sentence.
        lesson: number of the lesson that takes it apart, `05`.
    """

    id: str
    thought: str
    lesson: str


@dataclass(frozen=True, slots=True, eq=False)
class Option:
    """One possible prediction.

    Attributes:
        label: what the learner picks; code or a few words.
        value: what the answer expression gives if this option is right.
        feedback: for the right option why it is right; for a wrong one what it assumes.
        misconception: id of the belief that a wrong option betrays; empty for the right one.
    """

    label: str
    value: Plain
    feedback: str
    misconception: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """A prediction to commit to.

    Attributes:
        id: `02-p1`, or `02-w` for the warm-up.
        kind: `choice` of one option, `several` options, or a `number` (options are then the numbers worth a word).
        answer: an expression, evaluated with `av` after `setup`; for `several` a list of the right options' values.
        options: in the order in which they are shown.
        setup: statements to run before.
        right: a sentence for everybody who got there; only for `several` and `number`.
    """

    id: str
    kind: Kind
    answer: str
    options: tuple[Option, ...]
    setup: str = ""
    right: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class WrongAnswer:
    """A wrong solution that learners write, recognised by the numbers it gives.

    Attributes:
        source: the code.
        feedback: what it assumes, in a sentence or two.
        misconception: id of the belief behind it; empty for a slip.
    """

    source: str
    feedback: str
    misconception: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Exercise:
    """A task whose result is checked.

    Attributes:
        id: `02-e1`.
        name: the name that the starter, the solution and the wrong answers bind.
        probe: key of `probes.PROBES`: which numbers are compared.
        starter: what the lesson's cell holds.
        solution: one right answer; what it gives is what is expected.
        hints: from a nudge to nearly the answer.
        wrong: see `WrongAnswer`.
        done: a sentence for everybody who solved it.
        tolerance: largest difference between numbers, absolute or relative.
        secret: a verdict does not say what was expected, because that would be the solution.
    """

    id: str
    name: str
    probe: str
    starter: str
    solution: str
    hints: tuple[str, ...]
    wrong: tuple[WrongAnswer, ...]
    done: str = ""
    tolerance: float = 1e-6
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Bank:
    """Everything in the files, by id."""

    questions: dict[str, Question] = field(default_factory=dict)
    exercises: dict[str, Exercise] = field(default_factory=dict)
    misconceptions: dict[str, Misconception] = field(default_factory=dict)


@cache
def load() -> Bank:
    """Read all files of the bank, once."""
    bank = Bank()
    folder = resources.files(__package__) / "bank"
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if not file.name.endswith(".toml"):
            continue  # a catalogue of translations
        tables = tomllib.loads(file.read_text("utf-8"))
        for table in tables.get("misconception", []):
            add(bank.misconceptions, Misconception(**table))
        for table in tables.get("question", []):
            options = tuple(Option(**row) for row in table.pop("option"))
            add(bank.questions, Question(options=options, **table))
        for table in tables.get("exercise", []):
            add(bank.exercises, exercise(table))
    return bank


def exercise(table: dict[str, Any]) -> Exercise:
    """Turn one table of a file into an exercise."""
    wrong = tuple(WrongAnswer(**row) for row in table["wrong"])
    return Exercise(**table | {"hints": tuple(table["hints"]), "wrong": wrong})


def add(entries: dict[str, Any], entry: Question | Exercise | Misconception) -> None:
    """File an entry under its id; two of the same id would hide each other."""
    assert entry.id not in entries, f"{entry.id} stands in the bank twice"
    entries[entry.id] = entry


def questions() -> dict[str, Question]:
    """Return all questions by id."""
    return load().questions


def exercises() -> dict[str, Exercise]:
    """Return all exercises by id."""
    return load().exercises


def misconceptions() -> dict[str, Misconception]:
    """Return all misconceptions by id."""
    return load().misconceptions


def find(id: str, entries: dict[str, Entry]) -> Entry:
    """Return the entry that an id names; `-again` at its end is left aside.

    Raises:
        LookupError: if there is none; names the nearest ids.
    """
    known = str(id).removesuffix(AGAIN)
    if known in entries:
        return entries[known]
    near = difflib.get_close_matches(known, entries, n=3, cutoff=0.5)
    raise LookupError(f"there is no {id!r} in the bank" + (f"; did you mean {' or '.join(near)}?" if near else ""))
