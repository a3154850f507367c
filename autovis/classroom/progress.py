"""`progress`: what one has done so far, as a table; a string that carries it elsewhere; a lesson begun anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from autovis.classroom import carry
from autovis.classroom.bank import AGAIN, exercises, find, questions
from autovis.classroom.logbook import Logbook, Prediction, lesson_of
from autovis.classroom.questions import correct
from autovis.classroom.session import SESSION
from autovis.classroom.store import FILE, STORE, is_kept
from autovis.classroom.views import Table, View
from autovis.language import listed, say

__all__ = ["Progress", "progress"]

COLUMNS: Final = ("lesson", "predicted", "right", "sure", "checks", "minutes")
WARM_UP: Final = "-w"


@dataclass(frozen=True, slots=True)
class Tally:
    """What the predictions of a logbook came to.

    Attributes:
        made: ids of all predictions.
        right: ids of those that were right.
        sure: ids of those that the learner was sure of.
    """

    made: tuple[str, ...]
    right: frozenset[str]
    sure: frozenset[str]

    @classmethod
    def of(cls, predictions: dict[str, Prediction]) -> Tally:
        """Judge predictions; questions that the bank does not know are left out."""
        known = {id: entry for id, entry in predictions.items() if id.removesuffix(AGAIN) in questions()}
        right = {id for id, entry in known.items() if correct(find(id, questions()), entry.value)}
        return cls(tuple(known), frozenset(right), frozenset(id for id, entry in known.items() if entry.sure == "sure"))


class Progress:
    """What a learner has done; called, it shows a table."""

    def __call__(self) -> View:
        """Show a table, a line for each lesson: predictions, how many were right, checks that passed, minutes.

        A break of more than 20 minutes is not counted. Below it stands what you were sure of and was wrong: the
        questions that are worth a second look.
        """
        book = STORE.look()
        end = [say("progress", "kept" if is_kept() else "not_kept", file=FILE), *STORE.notices()]
        if not book.lessons():
            return View([say("progress", "nothing"), *end])
        rows = [row(book, lesson) for lesson in book.lessons()]
        tally = Tally.of(dict(book.predictions))
        wrong = [id for id in tally.made if id in tally.sure - tally.right]
        looked = [say("progress", "sure_and_wrong", ids=listed(wrong))] if wrong else []
        return Table([say("progress", column) for column in COLUMNS], rows, [*looked, *end])

    def export(self) -> str:
        """Return all of it as one word, to carry over to another machine or to hand in; no name is in it."""
        return carry.pack(STORE.look())

    def load(self, text: str) -> View:
        """Take in what `export` gave, here or elsewhere; what is here already stays.

        Raises:
            ValueError: if the string is none of these, or damaged; the message says what to do.
        """
        new, before = carry.unpack(text), STORE.look()
        STORE.note(new)
        after = STORE.look()
        SESSION.restore(after)
        counts = [len(after.predictions) - len(before.predictions), len(after.checks) - len(before.checks)]
        return View([say("progress", "loaded", predictions=counts[0], checks=counts[1]), *STORE.notices()])

    def reset(self, lesson: str | int, *, sure: bool = False) -> View:
        """Forget what was done in a lesson, so that it can be done anew.

        Args:
            lesson: its number, `"05"`.
            sure: must be True; without, nothing is changed, and what would be lost is said.
        """
        id = f"{int(lesson):02d}" if str(lesson).isdigit() else str(lesson)
        book = STORE.look()
        lost = Logbook(predictions=book.predictions, checks=book.checks, sittings=book.sittings)
        kept = lost.without(id)
        counts = {
            "predictions": len(lost.predictions) - len(kept.predictions),
            "checks": len(lost.checks) - len(kept.checks),
        }
        if kept == lost:
            return View([say("progress", "nothing_of", lesson=id), *STORE.notices()])
        if sure is not True:
            return View([say("progress", "about_to", lesson=id, **counts), say("progress", "how_to_reset", lesson=id)])
        SESSION.forget(id)
        return View([say("progress", "forgotten", lesson=id, **counts), *STORE.notices()])

    def __repr__(self) -> str:
        return say("progress", "how_to_ask")


def row(book: Logbook, lesson: str) -> list[str]:
    """Return the line of one lesson."""
    tally = Tally.of({id: entry for id, entry in book.predictions.items() if lesson_of(id) == lesson})
    passed = [id for id, entry in book.checks.items() if lesson_of(id) == lesson and entry.passed]
    return [
        lesson,
        of(len(tally.made), len(list(asked(lesson)))),
        str(len(tally.right)),
        of(len(tally.sure & tally.right), len(tally.sure)) if tally.sure else "",
        of(len(passed), sum(lesson_of(id) == lesson for id in exercises())),
        str(book.minutes(lesson)),
    ]


def asked(lesson: str) -> Iterator[str]:
    """Yield the questions of a lesson; its warm-up is asked again at the end."""
    for id in questions():
        if lesson_of(id) == lesson:
            yield from (id, id + AGAIN) if id.endswith(WARM_UP) else (id,)


def of(count: int, all: int) -> str:
    """Write a share."""
    return say("progress", "share", count=count, all=all)


progress: Final = Progress()
