"""What a classroom call shows: text everywhere, and a panel where a notebook can hold one."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Any

from autovis.viz.measure import columns

__all__ = ["Table", "View", "wrap"]

WIDTH = 80  # columns a line; a notebook's page breaks longer ones inside a word
WIDE = "\u2e80-\ua4cf\uf900-\ufaff\uff00-\uff60"  # Chinese letters and signs: two columns each, no space between words
# What stays together: a Chinese letter with the signs that close it; else what stands between two spaces.
PIECES = re.compile(rf"[（「“]*[{WIDE}][，。；：、？！）」”…]*|(?:(?![{WIDE}（「“])\S)+[，。；：、？！）」”…]*|\s+|\S")


class View:
    """A few lines of text that a notebook may show as a panel to answer on.

    `text/plain` is the same on every machine and in every run: it is what a screen reader hears and what tests compare.

    Args:
        lines: the text, one paragraph each; a line that starts with a space is left as it is.
        make_panel: makes the widget; called only where a notebook runs.
        without_panel: lines to add where no panel is shown, such as how to answer by typing.
    """

    def __init__(
        self,
        lines: Iterable[str],
        make_panel: Callable[[], Any] | None = None,
        without_panel: Iterable[str] = (),
    ) -> None:
        self.text = wrap(lines)
        self._typed = wrap([self.text, *without_panel])
        self._make_panel = make_panel

    def __repr__(self) -> str:
        return self._typed

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Return the text and, in a notebook, the panel."""
        panel = self._make_panel() if self._make_panel and in_notebook() else None
        if panel is None:
            return {"text/plain": self._typed}
        data, _ = panel._repr_mimebundle_()
        return {**data, "text/plain": self.text}


class Table(View):
    """A table: columns of text in a terminal, a table of HTML where a notebook is read.

    Args:
        head: names of the columns.
        rows: the cells, a list for each row.
        below: lines of text that stand under it.
    """

    def __init__(self, head: Sequence[str], rows: Sequence[Sequence[str]], below: Iterable[str] = ()) -> None:
        self.head, self.rows, self.below = head, rows, list(below)
        super().__init__([*aligned([head, *rows]), *self.below])

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        """Return the text, and the table as HTML."""
        head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in self.head)
        rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in self.rows)
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        below = "".join(f"<p>{escape(line)}</p>" for line in self.below)
        return {**super()._repr_mimebundle_(**options), "text/html": table + below}


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Write rows as columns of text.

    >>> aligned([["lesson", "right"], ["05", "3"]])
    [' lesson  right', ' 05      3']
    """
    widths = [max(map(columns, column)) for column in zip(*rows, strict=True)]
    padded = [[cell + " " * (width - columns(cell)) for cell, width in zip(row, widths, strict=True)] for row in rows]
    return [(" " + "  ".join(row)).rstrip() for row in padded]


def in_notebook() -> bool:
    """Say whether a notebook's kernel runs this, without loading anything."""
    shell = sys.modules.get("IPython")
    running = shell.get_ipython() if shell else None
    return getattr(running, "kernel", None) is not None


def wrap(lines: Iterable[str]) -> str:
    """Break long lines between words; indented ones are tables or code and stay whole."""
    return "\n".join(broken for line in lines for broken in wrapped(line))


def wrapped(line: str) -> list[str]:
    """Break one line; a line of a text that was wrapped before stays as it is."""
    if "\n" in line or line.startswith(" ") or columns(line) <= WIDTH:
        return [line]
    indent = "  " if line.startswith("- ") else ""
    broken = [""]
    for piece in PIECES.findall(line):
        if columns(broken[-1] + piece.rstrip()) > WIDTH and broken[-1].strip():
            broken.append(indent)
        if piece.strip() or broken[-1].strip():
            broken[-1] += piece
    return [each.rstrip() for each in broken]
