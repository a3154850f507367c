"""Compares: a prediction with what the engine gives, an answer to an exercise with what the solution gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from types import EllipsisType
from typing import Any

from autovis.classroom.bank import Exercise, Option, Question, WrongAnswer
from autovis.classroom.plain import Plain, plain, same
from autovis.classroom.probes import PROBES
from autovis.classroom.translation import translated

__all__ = ["Report", "Verdict", "answer_to", "judge", "options_chosen", "report"]

LETTERS = "abcdefghijklmnopqrstuvwxyz"
NEAR = 0.05  # two wrong numbers that differ by less than this share of themselves come from the same mistake


@cache
def answer_to(question: Question) -> Plain:
    """Let the engine answer a question."""
    names = {"av": library()}
    exec(question.setup, names)  # noqa: S102, the bank is ours
    return plain(eval(question.answer, names))  # noqa: S307


def library() -> Any:
    """Return what the bank's code calls `av`."""
    import autovis

    return autovis


def is_right(option: Option, question: Question) -> bool:
    """Say whether this option belongs to the answer."""
    answer = answer_to(question)
    if question.kind == "several":
        assert isinstance(answer, list)
        return any(same(option.value, value) for value in answer)
    return same(option.value, answer)


def letters(question: Question) -> dict[str, Option]:
    """Return the options by the letter that stands before them."""
    return dict(zip(LETTERS, question.options, strict=False))


def options_chosen(question: Question, given: object) -> Plain | None:
    """Read a prediction as it was typed: a letter, a label or a value; for `several` a list of them.

    Returns:
        The chosen value (for `several` the list of values); None if it is not among the options.
    """
    if question.kind == "number":
        number = plain(given)
        return number if isinstance(number, (int, float)) and not isinstance(number, bool) else None
    if question.kind == "choice":
        return chosen(question, given)
    many = list(given) if isinstance(given, (list, tuple, set, frozenset)) else [given]
    values = [chosen(question, each) for each in many]
    return None if any(value is None for value in values) else plain(values)


def chosen(question: Question, given: object) -> Plain | None:
    """Return the value of the option that a letter, a label (in English or in the language set) or a value names."""
    for letter, option in letters(question).items():
        names = (letter, option.label, translated(option.label))
        if (isinstance(given, str) and given in names) or same(plain(given), option.value):
            return option.value
    return None


# ------------------------------------------------------------------------------------------------- exercises


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found.

    Attributes:
        started: False if the answer still holds the starter's `...`.
        untouched: whether it gives what the starter gives: not an attempt.
        wrong: name, the learner's value and the expected one, for each number that differs.
        count: how many numbers were compared.
        known: the listed wrong answer that gives the same wrong numbers.
    """

    started: bool
    untouched: bool
    wrong: tuple[tuple[str, Plain, Plain], ...]
    count: int
    known: WrongAnswer | None = None

    @property
    def passed(self) -> bool:
        """Whether everything agrees."""
        return self.started and not self.wrong


@dataclass(frozen=True, slots=True)
class Report:
    """What an answer to an exercise gives: the numbers by name, or that it is not written yet."""

    numbers: dict[str, Plain]
    started: bool = True


class Raised(str):
    """What a learner's code raised, as a word among the numbers."""

    __slots__ = ()


def judge(exercise: Exercise, answer: object) -> Verdict:
    """Compare an answer with the solution, and its mistake with the mistakes that are known."""
    given, wanted = report(exercise, answer), expected(exercise)
    if not given.started:
        return Verdict(started=False, untouched=True, wrong=(), count=len(wanted))
    wrong = differences(given.numbers, wanted, exercise.tolerance)
    return Verdict(
        started=True,
        untouched=bool(wrong) and alike(wrong, mistakes(exercise, exercise.starter)),
        wrong=tuple((name, value, wanted[name]) for name, value in wrong.items()),
        count=len(wanted),
        known=next((each for each in exercise.wrong if wrong and alike(wrong, mistakes(exercise, each.source))), None),
    )


def report(exercise: Exercise, answer: object) -> Report:
    """Run the probe; what the learner's code raises is part of the result, never an exception here."""
    numbers: dict[str, Plain] = {}
    for name, value in results(exercise, answer):
        if isinstance(value, EllipsisType):
            return Report({}, started=False)
        numbers[name] = value if isinstance(value, Raised) else plain(value)
    return Report(numbers)


def results(exercise: Exercise, answer: object) -> Iterator[tuple[str, object]]:
    """Yield what the probe asks for, by name."""
    if isinstance(answer, EllipsisType):
        yield "answer", ...
        return
    for name, ask in PROBES[exercise.probe](answer, library()):
        try:
            yield name, ask()
        except Exception as error:  # noqa: BLE001, whatever a learner's code does
            sentence = str(error).partition("\n")[0]
            yield name, Raised(f"{type(error).__name__}: {sentence}" if sentence else type(error).__name__)


@cache
def expected(exercise: Exercise) -> dict[str, Plain]:
    """Return what the solution gives."""
    return report(exercise, made_by(exercise, exercise.solution)).numbers


@cache
def mistakes(exercise: Exercise, source: str) -> dict[str, Plain]:
    """Return the numbers that a wrong answer or the starter gets wrong."""
    given = report(exercise, made_by(exercise, source)).numbers
    return differences(given, expected(exercise), exercise.tolerance)


def made_by(exercise: Exercise, source: str) -> object:
    """Run code and return what it binds to the exercise's name."""
    names: dict[str, Any] = {"av": library()}
    exec(source, names)  # noqa: S102, the bank is ours
    return names[exercise.name]


def differences(given: dict[str, Plain], wanted: dict[str, Plain], tolerance: float) -> dict[str, Plain]:
    """Return what differs from what is wanted, by name."""
    given = {name: given.get(name, "nothing") for name in wanted}
    return {name: given[name] for name in wanted if not same(given[name], wanted[name], tolerance)}


def alike(mine: dict[str, Plain], known: dict[str, Plain]) -> bool:
    """Say whether two sets of wrong numbers come from the same mistake."""
    return mine.keys() == known.keys() and all(same(mine[name], known[name], NEAR) for name in known)
