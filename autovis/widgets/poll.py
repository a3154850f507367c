"""A poll: hands are counted before and after the class has talked, and what is behind each bar opens on a click."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

import traitlets

from autovis.classroom.ballot import behind, counted, lines, rows
from autovis.classroom.bank import find, questions
from autovis.classroom.views import wrap
from autovis.language import say, table
from autovis.widgets.page import Shared
from autovis.widgets.player import Packed

__all__ = ["Poll", "poll"]

MOST: Final = 9999
"""Hands."""


class Poll(Packed):
    """A show of hands; see `poll`.

    Attributes:
        counts: hands for each answer, in the order of the options: of the first round, and of the second.
    """

    counts = traitlets.List(traitlets.List(traitlets.Int(min=0, max=MOST))).tag(sync=True)

    def __init__(self, id: str, first: Mapping[object, int] | None, second: Mapping[object, int] | None) -> None:
        self.id, self.rows = id, rows(find(id, questions()))
        title = say("poll", "title", id=id)
        shown = [asdict(row) | {"behind": behind(row)} for row in self.rows]
        super().__init__(
            film={"title": title, "rows": shown, "words": table("poll"), "most": MOST},
            player=Shared.get("poll.js"),
            counts=[counted(first, self.rows), counted(second, self.rows)],
        )

    def outline(self) -> str:
        """Return the poll as text; without any hands only what is asked, and how to say how many there were."""
        rounds = [hands for at, hands in enumerate(self.counts) if any(hands) or not at]
        if any(map(any, rounds)):
            return wrap([str(self.film["title"]), *lines(self.rows, rounds)])
        asked = [f" {row.letter}  {row.label}" for row in self.rows]
        return wrap([str(self.film["title"]), *asked, say("poll", "how", id=self.id)])

    def __repr__(self) -> str:
        return self.outline()

    def _repr_mimebundle_(self, **options: object) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the widget, and the text."""
        data, metadata = super()._repr_mimebundle_(**options)
        return data | {"text/plain": self.outline()}, metadata


def poll(id: str, counts: Mapping[object, int] | None = None, *, after: Mapping[object, int] | None = None) -> Poll:
    """Count a show of hands for a prediction, before and after the class has talked.

    A click on a bar shows which belief is behind it; nothing is shown of that before.

    Args:
        id: the question, `05-p1`.
        counts: hands of the first round by letter or by answer, `{"a": 12, "b": 7}`; can be typed on the widget too.
        after: hands of the second round.

    Returns:
        A widget; where none can be shown, its bars as text.

    Raises:
        LookupError: if there is no such question.
        ValueError: if there is no such answer, or something is no number of hands.
    """
    return Poll(id, counts, after)
