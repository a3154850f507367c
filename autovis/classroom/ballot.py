"""A show of hands: the rows of a poll, what is behind each, and how many hands there were."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from autovis.classroom import judge
from autovis.classroom.bank import Question, misconceptions
from autovis.classroom.plain import plain, same, wording
from autovis.classroom.translation import translated
from autovis.language import listed, say

__all__ = ["Row", "counted", "lines", "rows"]

WIDEST: Final = 30
"""Signs of the longest bar in text."""


@dataclass(frozen=True, slots=True)
class Row:
    """One answer that hands may be raised for.

    Attributes:
        letter: that stands before it.
        label: the answer.
        right: whether it is right.
        belief: the misconception behind a wrong one, `M6: ...`; empty if none is known.
        feedback: what it assumes, or why it is right.
    """

    letter: str
    label: str
    right: bool
    belief: str
    feedback: str


def rows(question: Question) -> list[Row]:
    """Return the answers to a question; of a number those that are worth a word, and whatever else is said."""
    found = [
        (translated(option.label), judge.is_right(option, question), option.misconception, translated(option.feedback))
        for option in question.options
    ]
    if question.kind == "number":
        answer = judge.answer_to(question)
        if not any(same(option.value, answer) for option in question.options):
            found.insert(len(found) // 2, (wording(answer), True, "", translated(question.right)))
        found.append((say("poll", "other"), False, "", ""))
    return [Row(letter, *row[:2], thought(row[2]), row[3]) for letter, row in zip(judge.LETTERS, found, strict=False)]


def thought(id: str) -> str:
    """Name a misconception in full."""
    return f"{id}: {translated(misconceptions()[id].thought)}" if id else ""


def counted(given: Mapping[object, int] | None, rows: Sequence[Row]) -> list[int]:
    """Return the hands for each row.

    Args:
        given: how many, by the letter or the label of the answer; what is left out has none.
        rows: the answers.

    Raises:
        ValueError: if there is no such answer, or something is no number of hands.
    """
    hands = [0] * len(rows)
    for key, count in (given or {}).items():
        label = wording(plain(key))
        places = [at for at, row in enumerate(rows) if key == row.letter or row.label in (label, translated(label))]
        if not places:
            raise ValueError(
                say("quiz", "not_an_option", given=key, options=listed((row.letter for row in rows), "or"))
            )
        if type(count) is not int or count < 0:
            raise ValueError(say("poll", "no_hands", given=count))
        hands[places[0]] = count
    return hands


def lines(rows: Sequence[Row], rounds: Sequence[Sequence[int]]) -> Iterator[str]:
    """Yield a poll as text: its bars, and under each what is behind it."""
    most = max(1, *map(max, rounds))
    names = [say("poll", "before"), say("poll", "after")]
    yield "  ".join(
        say("poll", "hands", round=name, count=sum(hands)) for name, hands in zip(names, rounds, strict=False)
    )
    for at, row in enumerate(rows):
        yield f" {row.letter}  {row.label}"
        for hands in rounds:
            yield f"    {hands[at]:3d}  {'#' * round(WIDEST * hands[at] / most)}".rstrip()
        yield from (f"- {line}" for line in behind(row))


def behind(row: Row) -> list[str]:
    """Say what is behind an answer."""
    first = say("poll", "right") if row.right else row.belief or say("poll", "no_belief")
    return [line for line in (first, row.feedback) if line]
