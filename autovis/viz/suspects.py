"""Where a program leaves the graph in plain sight: calls that hand out plain numbers, found in its source.

Values are followed by name from assignment to assignment, in the order of the lines. What happens inside of called
functions is not followed, so a suspect is what the line says, and never more.
"""

from __future__ import annotations

import ast
import linecache
from collections.abc import Iterator
from types import FrameType
from typing import NamedTuple

__all__ = ["Suspect", "suspect"]

METHODS = frozenset({"item", "numpy", "tolist", "__float__", "__array__"})
FUNCTIONS = frozenset({"float", "int", "bool"})
COPIES = frozenset({"tensor", "as_tensor", "from_numpy", "array", "asarray", "Tensor", "FloatTensor"})


class Suspect(NamedTuple):
    """A call through which a value leaves the graph.

    Attributes:
        line: its number in the file or the cell, from 1.
        code: the statement, on one line.
        op: the call, `item()`.
    """

    line: int
    code: str
    op: str


def suspect(frame: FrameType, start: str, end: str) -> Suspect | None:
    """Follow a value from the variable `start` towards `end`; return the first call that hands out plain numbers.

    Args:
        frame: of the program.
        start: name of a tensor, `w`, or a part of one, `net.weight`.
        end: name of a result.
    """
    found: dict[str, Suspect | None] = {root(start): None}
    for statement, code in statements(frame):
        names = targets(statement)
        reached = [name for name in used(statement) if name in found]
        if not names or not reached:
            continue
        call = ([*calls(statement, reached)] or [""])[-1]  # the innermost
        here = Suspect(statement.lineno, code, call) if call else None
        earlier = next((found[name] for name in reached if found[name] is not None), None)
        for name in names:
            found[name] = earlier or here
    return found.get(root(end))


def statements(frame: FrameType) -> Iterator[tuple[ast.stmt, str]]:
    """Go through the assignments of the running function, or of all cells of a notebook, in order."""
    for source in sources(frame):
        try:
            tree = ast.parse(source)
        except SyntaxError:  # a cell with magic commands
            continue
        for node in sorted(
            (each for each in ast.walk(tree) if isinstance(each, ast.stmt)), key=lambda each: each.lineno
        ):
            if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)):
                yield node, " ".join((ast.get_source_segment(source, node) or "").split())


def sources(frame: FrameType) -> list[str]:
    """Return the text of the running function's file, or of a notebook's cells."""
    cells = frame.f_globals.get("In")
    if isinstance(cells, list) and "get_ipython" in frame.f_globals:
        return [cell for cell in cells if isinstance(cell, str)]
    lines = linecache.getlines(frame.f_code.co_filename)
    first = frame.f_code.co_firstlineno
    if frame.f_code.co_name == "<module>":
        return ["".join(lines[: frame.f_lineno])]
    return ["\n" * (first - 1) + body(lines[first - 1 : frame.f_lineno])]


def body(lines: list[str]) -> str:
    """Return the lines of a function that ran so far, as a program of their own."""
    margin = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "".join(line[margin:] if line.strip() else "\n" for line in lines)


def root(name: str) -> str:
    """Return the variable in a longer name, `net` in `net.weight`."""
    return name.partition(".")[0].partition("[")[0]


def targets(statement: ast.stmt) -> list[str]:
    """Return the variables that an assignment sets."""
    places = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    names = (node for place in places if place is not None for node in ast.walk(place))
    return [node.id for node in names if isinstance(node, ast.Name)]


def used(statement: ast.AST) -> list[str]:
    """Return the variables that a piece of code reads."""
    value = getattr(statement, "value", None) or statement
    return [node.id for node in ast.walk(value) if isinstance(node, ast.Name)]


def calls(statement: ast.stmt, names: list[str]) -> Iterator[str]:
    """Go through the calls in a statement that make plain numbers of one of these variables."""
    for node in ast.walk(getattr(statement, "value", None) or statement):
        if isinstance(node, ast.Call) and set(used(node)) & set(names):
            word = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            inside = [name for argument in node.args for name in used(argument) if name in names]
            if isinstance(node.func, ast.Attribute) and word in METHODS:
                yield f"{word}()"
            elif word in FUNCTIONS | COPIES and inside:
                yield f"{word}({inside[0]})" if word in FUNCTIONS else f"{word}(...)"
