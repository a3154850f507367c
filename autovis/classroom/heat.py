"""`heat_map`: what a class believes, as a picture for the instructor; no learner can be told from another in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle

from autovis.classroom.bank import misconceptions
from autovis.classroom.gather import Belief, Strings, Unread, class_of, tally
from autovis.classroom.translation import translated
from autovis.classroom.views import aligned, wrap
from autovis.language import listed, say, section_of
from autovis.viz.charts import LETTERS, Told, lettering
from autovis.viz.strip import wrapped
from autovis.viz.theme import HUES, INK

__all__ = ["HeatMap", "heat_map"]

COLUMNS: Final = {"sure": "vermillion", "wrong": "purple", "right": "blue"}
"""What is counted, and the hue that says how many of those who were asked it is."""

ROW, HEAD, WIDTH, CELL = 0.46, 1.5, 11.0, 1.1
"""Inches: a row, title and head, the whole figure, a cell."""

LINE: Final = 720
"""Width of a belief before it is broken, as `strip.wrapped` measures it."""

DEEPEST: Final = 0.6
"""How much of its hue a cell has when everybody is in it; a number on it can still be read."""


class HeatMap(Told):
    """Rows of beliefs, coloured by how many hold them; see `heat_map`.

    Attributes:
        learners: how many there are.
        beliefs: who holds what, what is held most firmly first.
        unread: strings that could not be read.
    """

    def __init__(self, learners: int, beliefs: Sequence[Belief], unread: Sequence[Unread], theme: str) -> None:
        self.learners, self.beliefs, self.unread = learners, list(beliefs), list(unread)
        super().__init__(outline(learners, beliefs, unread), (WIDTH, HEAD + ROW * max(1, len(beliefs))), theme)
        draw(self)


def heat_map(strings: Strings, *, theme: str = "light") -> HeatMap:
    """Show what a class believes: a row for each misconception, those that are held most firmly first.

    Args:
        strings: what `av.progress.export()` gave to each learner, in a list; or a file with one on each line, or a
            folder with such files. Who has handed in twice counts once.
        theme: `light` or `dark`.

    Returns:
        A matplotlib figure whose `repr` says the same in words. What could not be read is listed there.

    Raises:
        OSError: if there is no such file or folder.
        ValueError: if there is no such theme.
    """
    learners, unread = class_of(strings)
    return HeatMap(len(learners), tally(learners), unread, theme)


def outline(learners: int, beliefs: Sequence[Belief], unread: Sequence[Unread]) -> str:
    """Say what the picture shows."""
    head = [say("heat", name) for name in ("belief", *COLUMNS, "thought")]
    rows = [[belief.id, *map(str, counts(belief)), thought(belief.id)] for belief in beliefs]
    silent = [id for id in misconceptions() if id not in {belief.id for belief in beliefs}]
    lines = [say("heat", "title", learners=learners), *(aligned([head, *rows]) if rows else [])]
    lines += [say("heat", "not_met", ids=listed(silent))] if silent else []
    lines += [say("heat", "unread", place=one.place, why=one.why) for one in unread]
    return wrap(lines)


def counts(belief: Belief) -> list[int]:
    """Return the numbers of a row."""
    return [getattr(belief, name) for name in COLUMNS]


def thought(id: str) -> str:
    """Return a belief in words."""
    return translated(misconceptions()[id].thought)


def draw(figure: HeatMap) -> None:
    """Draw the rows: the belief, and a cell for each number, the deeper the more of those who were asked."""
    dark, rows = figure.dark, len(figure.beliefs)
    code, fonts = lettering()
    words = section_of(code, "heat")
    ink, paper, faint = INK["text"][dark], INK["page"][dark], INK["faint"][dark]
    axes = figure.add_subplot(facecolor=paper)
    look: dict[str, Any] = {"color": ink, "fontfamily": fonts, "va": "center"}
    left = WIDTH - CELL * len(COLUMNS) - 0.3
    for column, name in enumerate(COLUMNS):
        axes.text(
            left + CELL * (column + 0.5), -0.55, words[name], ha="center", fontsize=LETTERS - 3, wrap=True, **look
        )
    for row, belief in enumerate(figure.beliefs):
        axes.text(0, row + 0.5, belief.id, fontsize=LETTERS, fontweight="bold", **look)
        text = thought(belief.id) if code != "en" else misconceptions()[belief.id].thought
        axes.text(0.55, row + 0.5, "\n".join(wrapped(text, LINE)), fontsize=LETTERS - 3, **look)
        for column, (name, count) in enumerate(zip(COLUMNS, counts(belief), strict=True)):
            hue = (HUES[COLUMNS[name]].dark if dark else HUES[COLUMNS[name]].light)[0]
            place = (left + CELL * column, row)
            axes.add_patch(Rectangle(place, CELL, 1, facecolor=mixed(hue, paper, count / belief.met), edgecolor=faint))
            axes.text(
                place[0] + CELL / 2, row + 0.5, str(count) if count else "·", ha="center", fontsize=LETTERS, **look
            )
    axes.set_title(words["title"].format(learners=figure.learners), loc="left", fontsize=LETTERS + 2, pad=18, **look)
    axes.set(xlim=(0, WIDTH - 0.3), ylim=(max(1, rows) + 0.03, -1))
    axes.axis("off")


def mixed(hue: str, paper: str, share: float) -> tuple[float, ...]:
    """Return a colour between that of the page and a hue."""
    part = DEEPEST * share**0.7  # small shares are seen too
    return tuple(part * one + (1 - part) * other for one, other in zip(to_rgb(hue), to_rgb(paper), strict=True))
