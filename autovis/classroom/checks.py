"""Check, hint, solution: an exercise compares what an answer gives with what the solution gives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autovis.classroom.bank import Exercise, find
from autovis.classroom.bank import exercises as all_exercises
from autovis.classroom.judge import Verdict, judge
from autovis.classroom.mode import mode
from autovis.classroom.plain import wording
from autovis.classroom.session import SESSION
from autovis.classroom.store import STORE
from autovis.classroom.translation import translated
from autovis.classroom.views import View
from autovis.language import say

__all__ = ["check", "hint", "solution"]

SHOWN = 3  # wrong numbers named in one go
LONG = 60  # characters of what a number is, beyond which it is not said twice


def check(id: str, answer: object) -> View:
    """Check an answer to an exercise; says which number is wrong, and what it assumed if the mistake is a known one.

    Args:
        id: the exercise, `02-e1`.
        answer: the function, set or list that the exercise asks for.

    Returns:
        The verdict; what the answer raises is told in it, never raised.

    Raises:
        LookupError: if there is no such exercise.
    """
    exercise = find(id, all_exercises())
    SESSION.visit(id)
    verdict = judge(exercise, answer)
    if verdict.started and not verdict.untouched:
        belief = verdict.known.misconception if verdict.known else ""
        SESSION.attempt(id, (belief,) if belief else (), passed=verdict.passed)
    return View([*told(exercise, verdict), *STORE.notices()])


def hint(id: str) -> View:
    """Show the next hint of an exercise; after the last one, the last one again.

    Raises:
        LookupError: if there is no such exercise.
    """
    exercise = find(id, all_exercises())
    SESSION.visit(id)
    count = len(exercise.hints)
    number = min(SESSION.hints[id] + 1, count)
    SESSION.hints[id] = number
    lines = [say("quiz", "hint", id=id, number=number, count=count), translated(exercise.hints[number - 1])]
    return View([*lines, say("quiz", "last_hint", id=id)] if number == count else lines)


def solution(id: str, *, anyway: bool = False) -> View:
    """Show one way to solve an exercise, once it was tried.

    Args:
        id: the exercise.
        anyway: show it without an attempt.

    Raises:
        LookupError: if there is no such exercise.
    """
    exercise = find(id, all_exercises())
    SESSION.visit(id)
    if anyway:
        SESSION.skip(id)

    def answer() -> list[str]:
        return [say("quiz", "one_way", id=id), exercise.solution.rstrip()]

    if mode() != "learner" or SESSION.opened(id):
        return View(answer())
    invitation = say("quiz", "untried", id=id)
    return View([invitation], lambda: locked_panel(id, invitation, answer), [say("quiz", "how_to_give_up", id=id)])


def told(exercise: Exercise, verdict: Verdict) -> Iterator[str]:
    """Yield a verdict in words."""
    one = "_one" if verdict.count == 1 else ""
    if not verdict.started:
        yield say("quiz", "empty", id=exercise.id)
        return
    if verdict.passed:
        yield say("quiz", f"passed{one}", id=exercise.id, count=verdict.count)
        if exercise.done:
            yield translated(exercise.done)
        return
    yield say("quiz", f"not_yet{one}", id=exercise.id, wrong=len(verdict.wrong), count=verdict.count)
    said: set[str] = set()  # an error is said in full once
    for name, given, expected in verdict.wrong[:SHOWN]:
        key = "is_not" if exercise.secret else "differs"
        found = translated(wording(given))
        values = {
            "given": say("quiz", "as_above") if found in said else found,
            "expected": translated(wording(expected)),
        }
        said.update([found] if len(found) > LONG else [])
        yield "- " + say("quiz", key, name=translated(name), **values)
    if len(verdict.wrong) > SHOWN:
        yield "- " + say("quiz", "more_wrong", count=len(verdict.wrong) - SHOWN)
    if verdict.known:
        yield translated(verdict.known.feedback)


def locked_panel(id: str, invitation: str, answer: Any) -> Any:
    """Make the widget that waits for an attempt or a press of its button."""
    from autovis.classroom import panel

    return panel.locked(id, invitation, answer, code=True)
