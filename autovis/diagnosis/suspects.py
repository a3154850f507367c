"""Where a program leaves the graph in plain sight: calls that cut history, found in its source.

Values are followed by name from assignment to assignment, in the order of the lines. What happens inside of called
functions is not followed, so a suspect is what the line says, and never more.
"""

from __future__ import annotations

import ast
import linecache
from collections.abc import Iterator
from types import FrameType
from typing import NamedTuple

from autovis.viz.cast import SWITCHES
from autovis.viz.reasons import say

__all__ = ["Suspect", "suspect"]

METHODS = frozenset({"item", "numpy", "tolist"})  # hand out plain numbers
FUNCTIONS = frozenset({"float", "int", "bool"})  # do so, too
COPIES = frozenset({"tensor", "as_tensor", "from_numpy", "array", "asarray", "Tensor", "FloatTensor"})  # copy numbers
CUTS = frozenset({"detach", "detach_", "argmax", "argmin", "argsort", "sign", "long", "int", "bool", "no_grad"})


class Suspect(NamedTuple):
    """A call through which a value leaves the graph.

    Attributes:
        line: its number in the file or the cell, from 1.
        code: the statement, on one line.
        op: the call, `item()`.
        numbers: whether it hands out plain numbers.
    """

    line: int
    code: str
    op: str
    numbers: bool


def suspect(frame: FrameType, start: str, end: str) -> Suspect | None:
    """Follow a value from the variable `start` towards `end`; return the first call at which history ends.

    Args:
        frame: of the program.
        start: name of a tensor, `w`, or a part of one, `net.weight`.
        end: name of a result.
    """
    found: dict[str, Suspect | None] = {root(start): None}
    for statement, code, block in statements(frame):
        reached = [name for name in used(statement) if name in found]
        if reached:
            earlier = next((found[name] for name in reached if found[name] is not None), None)
            here = earlier or cutter(statement, code, block, reached)
            found.update(dict.fromkeys(targets(statement), here))
    return found.get(root(end))


def made_by(frame: FrameType, name: str) -> Suspect | None:
    """Return the call at which history ends in the last assignment to a variable, if there is one."""
    last = [each for each in statements(frame) if name in targets(each[0])][-1:]
    return cutter(*last[0], used(last[0][0])) if last else None


def cutter(statement: ast.stmt, code: str, block: str, names: list[str]) -> Suspect | None:
    """Return the innermost call in a statement that cuts the history of one of these variables."""
    found = [*calls(statement, names)]
    if found:
        return Suspect(statement.lineno, code, *found[-1])
    return Suspect(statement.lineno, code, f"{block}()", numbers=False) if block else None


def statements(frame: FrameType) -> Iterator[tuple[ast.stmt, str, str]]:
    """Go through the assignments of the running function, or of all cells of a notebook, in order.

    Yields:
        The assignment, its text on one line, and `no_grad` or the like if it stands in such a block.
    """
    for source in sources(frame):
        try:
            tree = ast.parse(source)
        except SyntaxError:  # a cell with magic commands
            continue
        silent = {
            id(inner): switch for block in ast.walk(tree) for switch in switches(block) for inner in ast.walk(block)
        }
        found = [node for node in ast.walk(tree) if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign))]
        for node in sorted(found, key=lambda each: each.lineno):
            text = " ".join((ast.get_source_segment(source, node) or "").split())
            yield node, text, silent.get(id(node), "")


def switches(node: ast.AST) -> Iterator[str]:
    """Name the switch that a block turns off recording with, if it does."""
    for item in node.items if isinstance(node, ast.With) else ():
        if isinstance(item.context_expr, ast.Call) and word_of(item.context_expr.func) in SWITCHES:
            yield word_of(item.context_expr.func)


def word_of(function: ast.expr) -> str:
    """Return the last word of what is called."""
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


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


def used(code: ast.AST) -> list[str]:
    """Return the variables that a piece of code reads."""
    return [node.id for node in ast.walk(right(code)) if isinstance(node, ast.Name)]


def right(code: ast.AST) -> ast.AST:
    """Return the right side of an assignment; any other piece of code as it is."""
    return (code.value or code) if isinstance(code, (ast.Assign, ast.AugAssign, ast.AnnAssign)) else code


def calls(statement: ast.stmt, names: list[str]) -> Iterator[tuple[str, bool]]:
    """Go through what cuts the history of one of these variables in a statement: what, and whether it gives numbers."""
    for node in ast.walk(right(statement)):
        if not set(used(node)) & set(names):
            continue
        if isinstance(node, ast.Attribute) and node.attr == "data":
            yield ".data", False
        elif isinstance(node, ast.Compare):
            yield say("a_comparison"), False
        elif isinstance(node, ast.Call):
            word, method = word_of(node.func), isinstance(node.func, ast.Attribute)
            inside = [name for argument in node.args for name in used(argument) if name in names]
            if (method and word in METHODS) or (word in FUNCTIONS and inside and not method):
                yield f"{word}()", True
            elif word in COPIES and inside:
                yield f"{word}(...)", True
            elif word in CUTS:
                yield f"{word}()", False
