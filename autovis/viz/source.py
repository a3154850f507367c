"""Where in the user's program something happened: the running statement, and the name it gives its result.

A line is read by its syntax tree (the `executing` library finds the very call that ran), so in `y = torch.mul(a, b)` the
product is `y`, whatever the name meant before.
"""

from __future__ import annotations

import ast
import linecache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autovis.tape import Position

__all__ = ["assigned", "source_lines", "statement_lines"]


def assigned(position: Position) -> str:
    """Return the name that the call at a position is assigned to; empty if its result is used in a larger expression."""
    node = running(position)
    if node is None:
        return ""
    parent = getattr(node, "parent", None)
    if isinstance(parent, ast.Assign) and len(parent.targets) == 1 and isinstance(parent.targets[0], ast.Name):
        return parent.targets[0].id
    if isinstance(parent, (ast.AnnAssign, ast.NamedExpr)) and isinstance(parent.target, ast.Name):
        return parent.target.id
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        return node.target.id
    return ""


def running(position: Position) -> Any:
    """Return the syntax node that was running at a position; None if the source is not to be had."""
    try:
        from executing import Source
    except ImportError:
        return None
    frame = SimpleNamespace(f_code=position.code, f_lasti=position.instruction, f_lineno=position.line, f_globals={})
    try:
        return Source.executing(frame).node  # type: ignore[arg-type]
    except Exception:  # noqa: BLE001, a name is a courtesy: whatever the source looks like, a picture must not fail
        return None


def source_lines(position: Position) -> tuple[str, ...]:
    """Return the lines of the file or notebook cell that a position lies in."""
    return tuple(line.rstrip("\n") for line in linecache.getlines(position.code.co_filename))


def statement_lines(position: Position) -> tuple[int, int]:
    """Return the first and last line of the statement that ran at a position."""
    node = running(position)
    while node is not None and not isinstance(node, ast.stmt):
        node = getattr(node, "parent", None)
    if node is None or isinstance(node, (ast.With, ast.For, ast.While, ast.If, ast.FunctionDef, ast.ClassDef)):
        return position.line, position.line
    return node.lineno, node.end_lineno or node.lineno
