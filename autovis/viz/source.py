"""Where in the user's program something happened: the running statement, and the name it gives its result.

A line is read by its syntax tree (the `executing` library finds the very call that ran), so in `y = torch.mul(a, b)`
the product is `y`, whatever the name meant before.
"""

from __future__ import annotations

import ast
import linecache
from collections import Counter
from collections.abc import Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autovis.tape import Position

__all__ = ["Program"]

SHOWN = 40  # lines; of a longer file the part around what ran is shown

SHORT = 28  # columns of a line that is quoted in a picture

BLOCKS = (ast.With, ast.AsyncWith, ast.For, ast.While, ast.If, ast.Try, ast.FunctionDef, ast.ClassDef, ast.Match)


class Program:
    """The part of the user's program in which most of a recording happened.

    Args:
        positions: places in the program.
        uses: for each thing that happened, the index of its place, or None.

    Attributes:
        file: its name; empty if nothing of the program is known.
        first: number of the first line shown, from 1.
        lines: what is shown.
    """

    def __init__(self, positions: Sequence[Position], uses: Sequence[int | None]) -> None:
        self.positions = positions
        count = Counter(positions[at].code.co_filename for at in uses if at is not None)
        self.file = count.most_common(1)[0][0] if count else ""
        everything = linecache.getlines(self.file) if count else []
        self._nodes: dict[int, Any] = {}
        long = len(everything) > SHOWN
        places = [at for at, place in enumerate(positions) if place.code.co_filename == self.file] if long else []
        here = [line for at in places for line in statement_lines(self._node(at), positions[at].line)]
        self.first = max(1, min(here) - 1) if long else 1
        last = min(len(everything), max(here) + 1, self.first + SHOWN) if long else len(everything)
        self.lines = tuple(line.rstrip("\n") for line in everything[self.first - 1 : last])

    def lines_of(self, at: int | None) -> tuple[int, int] | None:
        """Return the first and last line of the statement at a place, as lines of what is shown, from 1."""
        if at is None or self.positions[at].code.co_filename != self.file:
            return None
        low, high = (line - self.first + 1 for line in statement_lines(self._node(at), self.positions[at].line))
        return (low, min(high, len(self.lines))) if 1 <= low <= len(self.lines) else None

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

    def _node(self, at: int) -> Any:
        if at not in self._nodes:
            self._nodes[at] = running(self.positions[at])
        return self._nodes[at]


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
