"""What a class believes: the strings that learners have handed in, read, and counted belief by belief."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from autovis.classroom.bank import AGAIN, misconceptions, questions
from autovis.classroom.carry import BEGIN, unpack
from autovis.classroom.judge import is_right
from autovis.classroom.logbook import Logbook, merged
from autovis.classroom.questions import correct, mistaken

__all__ = ["Belief", "Unread", "class_of", "held", "tally"]

Strings = Iterable[str] | str | PathLike[str]


@dataclass(frozen=True, slots=True)
class Unread:
    """A string that could not be read.

    Attributes:
        place: which: its number in the list, or the file it is in.
        why: what is the matter with it.
    """

    place: str
    why: str


@dataclass(frozen=True, slots=True)
class Belief:
    """How many of a class hold a misconception.

    Attributes:
        id: of the misconception.
        sure: learners who hold it and were sure.
        wrong: learners who hold it and were not sure, or did not say.
        right: learners who were asked and do not hold it.
    """

    id: str
    sure: int
    wrong: int
    right: int

    @property
    def met(self) -> int:
        """How many were asked."""
        return self.sure + self.wrong + self.right


def class_of(strings: Strings) -> tuple[list[Logbook], list[Unread]]:
    """Read what was handed in: a logbook for each learner, however often it was handed in.

    Args:
        strings: the strings; or a file with them, or a folder of such files.

    Returns:
        The logbooks, and what could not be read.

    Raises:
        OSError: if there is no such file or folder.
    """
    learners: list[Logbook] = []
    unread: list[Unread] = []
    for place, text in texts(strings):
        for piece in pieces(text):
            try:
                learners = joined(learners, read(piece))
            except ValueError as error:
                unread.append(Unread(place, str(error)))
    return learners, unread


def texts(strings: Strings) -> Iterator[tuple[str, str]]:
    """Yield what was handed in, with the place where it stands."""
    if isinstance(strings, PathLike) or (isinstance(strings, str) and BEGIN not in strings):
        path = Path(strings)
        files = sorted(file for file in path.iterdir() if file.is_file()) if path.is_dir() else [path]
        yield from ((file.name, file.read_bytes().decode("utf-8", "replace")) for file in files)
    else:
        many = [strings] if isinstance(strings, str) else strings
        yield from ((str(number), str(text)) for number, text in enumerate(many, start=1))


def pieces(text: str) -> list[str]:
    """Cut a text at the beginnings of strings; what stands before the first is not looked at, if there is one."""
    _, *found = text.split(BEGIN)
    return [BEGIN + piece for piece in found] or [text]


def read(piece: str) -> Logbook:
    """Read a string that words may follow, or that a mail has broken into lines."""
    try:
        return unpack(piece.split(maxsplit=1)[0] if piece.split() else "")
    except ValueError:
        return unpack(piece)


def joined(learners: Sequence[Logbook], new: Logbook) -> list[Logbook]:
    """Add a logbook to those of the same learner, or as another learner."""
    same = [book for book in learners if book == new or book.marks & new.marks]
    for book in same:
        new = merged(book, new)
    return [*(book for book in learners if book not in same), new]


# ------------------------------------------------------------------------------------------------------- counting


def tally(learners: Iterable[Logbook]) -> list[Belief]:
    """Count who holds what: first what most were sure of and wrong about, never what nobody was asked of."""
    verdicts = [held(book) for book in learners]
    found = []
    for id in misconceptions():
        answers = [verdict[id] for verdict in verdicts if id in verdict]
        if answers:
            found.append(Belief(id, answers.count("sure"), answers.count("wrong"), answers.count("right")))
    return sorted(found, key=lambda belief: (-belief.sure, -belief.wrong, -belief.right))


def held(book: Logbook) -> dict[str, str]:
    """Say of each belief that a learner was asked about whether it is held: `sure`, `wrong` or `right`.

    What was answered at the end of a lesson counts instead of what was answered at its beginning; an exercise that was
    solved in the end betrays nothing.
    """
    verdicts: dict[str, set[str]] = {}
    for id, entry in book.predictions.items():
        question = questions().get(id.removesuffix(AGAIN))
        if question is None or id + AGAIN in book.predictions:
            continue
        wrong = (
            []
            if correct(question, entry.value)
            else [option.misconception for option in mistaken(question, entry.value)]
        )
        for option in question.options:
            if option.misconception and not is_right(option, question):
                verdict = ("sure" if entry.sure == "sure" else "wrong") if option.misconception in wrong else "right"
                verdicts.setdefault(option.misconception, set()).add(verdict)
    for check in book.checks.values():
        for belief in check.beliefs:
            verdicts.setdefault(belief, set()).add("right" if check.passed else "wrong")
    return {id: next(word for word in ("sure", "wrong", "right") if word in found) for id, found in verdicts.items()}
