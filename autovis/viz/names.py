"""What the user calls things: names from the variables that are alive, and from the source line that made a value.

A line is read by its syntax tree (the `executing` library finds the very call that ran), so in `y = torch.mul(a, b)` the
product is `y`, whatever the name meant before.
"""

from __future__ import annotations

import ast
import linecache
from collections.abc import Iterator
from types import FrameType, SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autovis.tape import Position

__all__ = ["assigned", "named", "source_lines"]

LIMIT = 400  # variables looked at in one namespace


def named(frame: FrameType) -> Iterator[tuple[str, Any]]:
    """Go through the tensors that a frame can name: its variables, and the parameters of its modules.

    Local variables come before global ones; names that begin with an underscore are left out.
    """
    spaces = [frame.f_locals] if frame.f_locals is frame.f_globals else [frame.f_locals, frame.f_globals]
    for space in spaces:
        for name, thing in list(space.items())[:LIMIT]:
            if not name.startswith("_"):
                yield from _within(name, thing)


def _within(name: str, thing: Any) -> Iterator[tuple[str, Any]]:
    if hasattr(type(thing), "__apply__"):
        yield name, thing
    elif isinstance(thing, (list, tuple)) and 0 < len(thing) <= 16:
        for i, part in enumerate(thing):
            if hasattr(type(part), "__apply__"):
                yield f"{name}[{i}]", part
    elif not isinstance(thing, type) and callable(getattr(thing, "named_parameters", None)):
        for inner, parameter in thing.named_parameters():
            yield f"{name}.{inner}", parameter


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
