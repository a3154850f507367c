"""Where in the user's program something happened: the running expression, and the name it gives its result.

A line is read by its syntax tree (the `executing` library finds the very call that ran), so in `y = torch.mul(a, b)`
the product is `y`, whatever the name meant before.
"""

from __future__ import annotations

import ast
import linecache
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from autovis.viz.scene import Section

if TYPE_CHECKING:
    from autovis.tape import Position

__all__ = ["Program"]

SHOWN = 40  # lines; of a longer file the part around what ran is shown
FILES = 4  # files and cells that are shown, those in which most happened

SHORT = 28  # columns of a line that is quoted in a picture

BLOCKS = (ast.With, ast.AsyncWith, ast.For, ast.While, ast.If, ast.Try, ast.FunctionDef, ast.ClassDef, ast.Match)


@dataclass(frozen=True, slots=True)
class Part:
    """What is shown of one file or cell.

    Attributes:
        file: its name.
        first: number of the first line shown, from 1.
        lines: what is shown, moved to the left as far as all lines allow.
        margin: by how many characters.
        at: position of the first line among all that is shown, from 0.
    """

    file: str
    first: int
    lines: tuple[str, ...]
    margin: int
    at: int

    def line(self, number: int) -> int:
        """Return where a line of the file stands in what is shown, from 1; 0 if it is not shown."""
        place = number - self.first
        return self.at + place + 1 if 0 <= place < len(self.lines) else 0


class Program:
    """The parts of the user's program in which a recording happened: a cell, the cells and files that it calls.

    Args:
        positions: places in the program.
        uses: for each thing that happened, the index of its place, or None.

    Attributes:
        file: name of the one in which most happened; empty if nothing of the program is known.
        parts: by file, in the order in which they came up.
        lines: all that is shown.
    """

    def __init__(self, positions: Sequence[Position], uses: Sequence[int | None]) -> None:
        self.positions = positions
        self._nodes: dict[int, Any] = {}
        self._spans: dict[int, tuple[int, int, int, int] | None] = {}
        self.parts: dict[str, Part] = {}
        self.lines: tuple[str, ...] = ()
        places: dict[str, list[int]] = {}
        for at in uses:
            if at is not None:
                places.setdefault(positions[at].code.co_filename, []).append(at)
        busiest = sorted(places, key=lambda file: -len(places[file]))[:FILES]
        self.file = next(iter(busiest), "")
        for file in (file for file in places if file in busiest):
            self._show(file, list(dict.fromkeys(places[file])))

    def _show(self, file: str, used: Sequence[int]) -> None:
        """Show a file; of a long one the part around what ran."""
        everything = [line.rstrip("\n") for line in linecache.getlines(file)]
        if not everything:
            return
        first, last = 1, len(everything)
        if last > SHOWN:
            here = [line for at in used for line in statement_lines(self._node(at), self.positions[at].line)]
            first = max(1, min(here) - 1)
            last = min(last, max(here) + 1, first + SHOWN)
        told = everything[first - 1 : last]
        margin = min((len(line) - len(line.lstrip()) for line in told if line.strip()), default=0)
        lines = tuple(line[margin:] for line in told)
        self.parts[file] = Part(file, first, lines, margin, len(self.lines))
        self.lines += lines

    @property
    def sections(self) -> tuple[Section, ...]:
        """The files and cells that are shown; none for a single cell from its first line on."""
        parts = self.parts.values()
        if len(parts) == 1 and all(part.first == 1 for part in parts):
            return ()
        return tuple(Section(part.at, part.first, heading(part.file) if len(parts) > 1 else "") for part in parts)

    def lines_of(self, at: int | None) -> tuple[int, int] | None:
        """Return the first and last line of the statement at a place, as lines of what is shown, from 1."""
        part = self._part(at)
        if part is None or at is None:
            return None
        low, high = statement_lines(self._node(at), self.positions[at].line)
        first = part.line(low)
        return (first, part.line(high) or part.at + len(part.lines)) if first else None

    def span_of(self, at: int | None) -> tuple[int, int, int, int] | None:
        """Return where the running expression begins and ends: line and column, twice, in what is shown.

        Lines count from 1, columns from 0.
        """
        if at is not None and at not in self._spans:
            self._spans[at] = self._span(self.positions[at])
        return None if at is None else self._spans[at]

    def _span(self, place: Position) -> tuple[int, int, int, int] | None:
        part = self.parts.get(place.code.co_filename)
        low, high, begin, end = next(islice(place.code.co_positions(), place.instruction // 2, None), (None,) * 4)
        if part is None or low is None or high is None or begin is None or end is None:
            return None
        first, last = part.line(low), part.line(high)
        return (first, letters(part, low, begin), last, letters(part, high, end)) if first and last else None

    def name_of(self, at: int | None) -> str:
        """Return the name that the call at a place is assigned to; empty if its result is used in an expression."""
        return "" if at is None else assigned(self._node(at))

    def line_of(self, at: int | None) -> tuple[int, str]:
        """Return the line of the file at a place, from 1, and what stands there if it is short; 0 for no place."""
        if at is None:
            return 0, ""
        line = self.positions[at].line
        text = linecache.getline(self.positions[at].code.co_filename, line).strip()
        return line, text if len(text) <= SHORT else ""

    def _part(self, at: int | None) -> Part | None:
        return None if at is None else self.parts.get(self.positions[at].code.co_filename)

    def _node(self, at: int) -> Any:
        if at not in self._nodes:
            self._nodes[at] = running(self.positions[at])
        return self._nodes[at]


def letters(part: Part, line: int, offset: int) -> int:
    """Turn an offset in bytes, as syntax trees count, into a column of what is shown."""
    text = linecache.getline(part.file, line)
    return max(0, len(text.encode()[:offset].decode(errors="ignore")) - part.margin)


def heading(file: str) -> str:
    """Call a cell as the notebook does, `In[3]`, and a file by its name."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    named = getattr(getattr(shell, "compile", None), "format_code_name", None)
    told = named(file) if named else None
    return str(told[1]) if told else Path(file).name


def assigned(node: Any) -> str:
    """Return the name that an expression is assigned to; empty if it is a part of a larger one."""
    parent = getattr(node, "parent", None)
    target: Any = None
    if isinstance(parent, ast.Assign) and len(parent.targets) == 1:
        target = parent.targets[0]
    elif isinstance(parent, (ast.AnnAssign, ast.NamedExpr)):
        target = parent.target
    elif isinstance(node, ast.AugAssign):
        target = node.target
    return target.id if isinstance(target, ast.Name) and not target.id.startswith("_") else ""


def running(position: Position) -> Any:
    """Return the syntax node that was running at a position; None if the source is not to be had."""
    try:
        from executing import Source
    except ImportError:
        return None
    frame: Any = SimpleNamespace(
        f_code=position.code, f_lasti=position.instruction, f_lineno=position.line, f_globals={}
    )
    try:
        return Source.executing(frame).node
    except Exception:  # noqa: BLE001, a name is a courtesy: whatever the source looks like, a picture must not fail
        return None


def statement_lines(node: Any, line: int) -> tuple[int, int]:
    """Return the first and last line of the statement around a node; of a block, the running line alone."""
    while node is not None and not isinstance(node, ast.stmt):
        node = getattr(node, "parent", None)
    if node is None or isinstance(node, BLOCKS):
        return line, line
    return node.lineno, node.end_lineno or node.lineno
