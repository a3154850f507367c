"""A small program as text that can be changed: values and flags of its leaves, cuts, the arguments of `backward`.

Every change is made where the syntax tree says it belongs, and rewrites one expression; all other text, comments
included, stays as it was written. What a change cannot be made to is refused with a sentence.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from autovis.language import listed, say

__all__ = ["Leaf", "Pass", "Program", "Refused", "literal"]

VALUED: Final = frozenset({"tensor", "leaf", "scalar_tensor", "Parameter"})
"""Functions whose first argument is the value of the tensor that they make."""

MAKERS: Final = VALUED | {"Tensor", "arange", "eye", "full", "linspace", "ones", "rand", "randn", "zeros"}
"""Functions that make a tensor that may ask for a gradient."""

LOOPS: Final = (ast.For, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.AsyncFor)
FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
ATOMS: Final = (ast.Name, ast.Call, ast.Attribute, ast.Subscript, ast.List, ast.Tuple)
MOST: Final = 64  # numbers of one value that are shown and can be typed


class Refused(ValueError):  # noqa: N818, no error of the program: the sentence is an answer
    """A change that cannot be made; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A tensor that a line of the program makes.

    Attributes:
        name: of the variable.
        line: of the program, from 1.
        value: as it is written, `1.0`, `[1.0, 2.0]`; empty if it is no literal.
        flag: whether the line asks for a gradient.
        fixed: why it cannot be changed; empty if it can.
        call: the expression that makes it.
    """

    name: str
    line: int
    value: str
    flag: bool
    fixed: str
    call: ast.Call


@dataclass(frozen=True, slots=True)
class Pass:
    """A line that runs backward.

    Attributes:
        line: of the program, from 1.
        root: where it starts, as it is written.
        retain: whether it keeps the graph.
        seed: the vector that it is given, as it is written; empty for none.
        call: the expression.
    """

    line: int
    root: str
    retain: bool
    seed: str
    call: ast.Call


class Program:
    """A program text, and what in it can be changed. Changes return another program.

    Args:
        text: of the program.

    Attributes:
        leaves: in the order of the lines.
        passes: the same.
        names: every variable that is assigned outside of functions, in order of appearance.

    Raises:
        SyntaxError: if it is no Python.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        tree = ast.parse(text)
        self.tree = tree
        self.inside: dict[ast.AST, ast.AST] = {
            child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)
        }
        calls = (node for node in in_order(tree) if isinstance(node, ast.Call))
        self.passes = tuple(self._pass(call) for call in calls if is_pass(call))
        self.leaves = tuple(self._leaf(name, call) for name, call in makers(tree))
        stored = (node for node in in_order(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
        self.names = tuple(dict.fromkeys(node.id for node in stored if not self._around(node, FUNCTIONS)))

    def __repr__(self) -> str:
        return self.text

    # ------------------------------------------------------------------------------------------------------ reading

    def _leaf(self, name: str, call: ast.Call) -> Leaf:
        inner = valued(call)
        value = inner.args[0] if inner is not None else None
        fixed = ""
        if self._around(call, LOOPS):
            fixed = say("explorer", "in_loop", name=name, line=call.lineno)
        elif self._around(call, FUNCTIONS):
            fixed = say("explorer", "in_function", name=name, line=call.lineno)
        text = ast.unparse(value) if value is not None else ""
        return Leaf(name, call.lineno, text, asks(call), fixed, call)

    def _pass(self, call: ast.Call) -> Pass:
        assert isinstance(call.func, ast.Attribute)
        seed = argument(call, "gradient", 0)
        value = seed.args[0] if isinstance(seed, ast.Call) and seed.args else seed
        retain = argument(call, "retain_graph", 1)
        keeps = isinstance(retain, ast.Constant) and bool(retain.value)
        written = "" if value is None else ast.unparse(value)
        return Pass(call.lineno, ast.unparse(call.func.value), keeps, written, call)

    def _around(self, node: ast.AST, kinds: tuple[type[ast.AST], ...]) -> bool:
        """Whether a node lies in something of these kinds."""
        above = self.inside.get(node)
        while above is not None and not isinstance(above, kinds):
            above = self.inside.get(above)
        return above is not None

    def leaf(self, name: str) -> Leaf:
        """Return the leaf of that name; `p:4` is the one of line 4, where a name is used twice.

        Raises:
            Refused: if there is none.
        """
        wanted, _, line = name.partition(":")
        found = [leaf for leaf in self.leaves if leaf.name == wanted and line in ("", str(leaf.line))]
        if not found:
            there = listed(leaf.name for leaf in self.leaves) or say("explorer", "none")
            raise Refused(say("explorer", "no_leaf", name=name, there=there))
        return found[0]

    def alias(self) -> str:
        """Return what the program calls autovis: `av`, `torch`."""
        made = (leaf.call.func for leaf in self.leaves)
        roots = (root(func) for func in made if isinstance(func, ast.Attribute))
        imports = (
            each.asname or each.name
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Import)
            for each in node.names
            if each.name in ("torch", "autovis")
        )
        return next(roots, "") or next(imports, "av")

    # ----------------------------------------------------------------------------------------------------- changing

    def with_value(self, name: str, typed: str) -> Program:
        """Give a leaf another value.

        Args:
            name: of the leaf.
            typed: a number, or numbers: `3`, `1, 2`, `[[1, 0], [0, 1]]`.

        Raises:
            Refused: if there is no such leaf, its value is no literal, or this is no number.
        """
        leaf = self.leaf(name)
        inner = valued(leaf.call)
        if leaf.fixed or inner is None:
            made = ast.unparse(leaf.call)
            raise Refused(leaf.fixed or say("explorer", "no_literal", name=leaf.name, made=made, line=leaf.line))
        changed = literal(typed, floats=leaf.flag or any_float(inner.args[0]))
        call = copy.deepcopy(leaf.call)
        target = valued(call)
        assert target is not None
        target.args[0] = ast.parse(changed, mode="eval").body
        return self._rewritten(leaf.call, call)

    def with_flag(self, name: str, on: bool) -> Program:
        """Let a leaf ask for a gradient, or not.

        Raises:
            Refused: if there is no such leaf, or its line runs more than once.
        """
        leaf = self.leaf(name)
        if leaf.fixed:
            raise Refused(leaf.fixed)
        call = copy.deepcopy(leaf.call)
        if called(call) == "leaf":
            if isinstance(call.func, ast.Attribute):
                call.func.attr = "tensor"
            else:
                call.func = ast.Name("tensor")
        inner = valued(call)
        if on and inner is not None and not any_float(inner.args[0]):  # only floating point can ask for a gradient
            inner.args[0] = ast.parse(literal(ast.unparse(inner.args[0]), floats=True), mode="eval").body
        set_keyword(call, "requires_grad", ast.Constant(on))
        return self._rewritten(leaf.call, call)

    def with_retain(self, index: int, on: bool) -> Program:
        """Let a backward call keep the graph, or not.

        Raises:
            Refused: if there is no such call.
        """
        old = self._call(index)
        call = copy.deepcopy(old)
        call.args = call.args[:1]
        set_keyword(call, "retain_graph", ast.Constant(True) if on else None)
        return self._rewritten(old, call)

    def with_seed(self, index: int, typed: str) -> Program:
        """Start a backward call with another vector; with 1 if nothing is typed.

        Raises:
            Refused: if there is no such call, or this is no number.
        """
        old = self._call(index)
        call = copy.deepcopy(old)
        vector = ast.parse(f"{self.alias()}.tensor({literal(typed, floats=True)})", mode="eval").body if typed else None
        set_keyword(call, "gradient", None)
        if vector is None and len(call.args) > 1:  # what stands behind it must not take its place
            vector = ast.Constant(None)
        call.args[:1] = [] if vector is None else [vector]
        return self._rewritten(old, call)

    def _call(self, index: int) -> ast.Call:
        if not 0 <= index < len(self.passes):
            raise Refused(say("explorer", "no_pass"))
        return self.passes[index].call

    def again(self) -> str:
        """Return the line that runs the last backward call once more; empty if there is none.

        Raises:
            Refused: if that call stands in a loop or a function.
        """
        if not self.passes:
            return ""
        call = copy.deepcopy(self.passes[-1].call)
        if self._around(self.passes[-1].call, LOOPS + FUNCTIONS):
            raise Refused(say("explorer", "pass_in_loop", line=self.passes[-1].line))
        call.args = call.args[:1]
        set_keyword(call, "retain_graph", None)
        return ast.unparse(call)

    def with_lines(self, *lines: str) -> Program:
        """Add lines at the end."""
        return Program("\n".join([self.text.rstrip("\n"), *lines, ""]))

    def cut(self, node: ast.AST) -> Program:
        """Detach an expression; the positions of the node count, so it may be of another tree of the same text."""
        start, end = self._span(node)
        data = self.text.encode()
        written = data[start:end].decode()
        before, after = data[:start].decode().rstrip(), data[end:].decode().lstrip()
        above = getattr(node, "parent", None)
        if before[-1:] == "(" and after[:1] == ")" and not (isinstance(above, ast.Call) and node is not above.func):
            end = len(data) - len(after.encode()) + 1  # the parentheses that are there will do
            return self._replaced(start, end, data[start:end].decode() + ".detach()")
        atom = isinstance(node, ATOMS) and not (isinstance(node, ast.Tuple) and written[:1] != "(")
        return self._replaced(start, end, f"{written}.detach()" if atom else f"({written}).detach()")

    def healed(self, call: ast.Call) -> Program:
        """Take a `.detach()` away; only the positions of the node count."""
        assert isinstance(call.func, ast.Attribute)
        start, end = self._span(call)
        receiver = self.text.encode()[start : self._span(call.func)[1]].decode()
        receiver = receiver[: -len(call.func.attr)].rstrip().removesuffix(".").rstrip()
        if isinstance(getattr(call, "parent", None), ast.Assign) and self._span(call.func.value)[0] > start:
            receiver = receiver[1:-1]  # parentheses that only the method needed
        return self._replaced(start, end, receiver)

    def _rewritten(self, old: ast.AST, new: ast.AST) -> Program:
        return self._replaced(*self._span(old), ast.unparse(ast.fix_missing_locations(new)))

    def _replaced(self, start: int, end: int, new: str) -> Program:
        data = self.text.encode()
        return Program((data[:start] + new.encode() + data[end:]).decode())

    def _span(self, node: Any) -> tuple[int, int]:
        """Return where a node begins and ends, in bytes of the text."""
        lines = self.text.encode().splitlines(keepends=True)
        starts = [0]
        for line in lines:
            starts.append(starts[-1] + len(line))
        return starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset


def in_order(tree: ast.AST) -> Iterator[ast.AST]:
    """Go through a tree in the order of its text, as far as statements and calls go."""
    nodes: list[Any] = [node for node in ast.walk(tree) if hasattr(node, "lineno")]
    yield from sorted(nodes, key=lambda node: (node.lineno, node.col_offset))


def called(call: ast.AST) -> str:
    """Return the name of the function that is called, without the module: `tensor`."""
    func = call.func if isinstance(call, ast.Call) else None
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def root(node: ast.AST) -> str:
    """Return the name that a dotted name begins with."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def is_pass(call: ast.Call) -> bool:
    """Whether this is `y.backward(...)`; `torch.autograd.backward([...])` is another function."""
    if called(call) != "backward" or not isinstance(call.func, ast.Attribute):
        return False
    receiver = call.func.value
    return (receiver.attr if isinstance(receiver, ast.Attribute) else root(receiver)) != "autograd"


def makers(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Go through the variables that are assigned a fresh tensor, and the expressions that make it."""
    for node in in_order(tree):
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, (ast.AnnAssign, ast.NamedExpr)):
            targets = [node.target]
        for target in targets:
            yield from ((name, call) for name, call in pairs(target, getattr(node, "value", None)) if is_maker(call))


def is_maker(call: Any) -> bool:
    """Whether an expression makes a tensor anew."""
    return isinstance(call, ast.Call) and called(call) in MAKERS


def pairs(target: ast.AST, value: Any) -> Iterator[tuple[str, Any]]:
    """Match names and expressions: `p, q = tensor(1.0), tensor(2.0)`."""
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, (ast.Tuple, ast.List)) and isinstance(value, (ast.Tuple, ast.List)):
        for each, part in zip(target.elts, value.elts, strict=False):
            yield from pairs(each, part)


def valued(call: ast.Call) -> ast.Call | None:
    """Return the call whose first argument is the value, as a literal: of `Parameter(tensor(1.0))` the inner one."""
    if called(call) not in VALUED or not call.args:
        return None
    first = call.args[0]
    if isinstance(first, ast.Call) and called(call) == "Parameter":
        return valued(first)
    try:
        return call if count(ast.literal_eval(first)) <= MOST else None
    except (ValueError, TypeError, SyntaxError):
        return None


def count(value: Any) -> int:
    """Count the numbers of a nested list.

    Raises:
        TypeError: if anything else is in it.
    """
    if isinstance(value, (list, tuple)):
        return sum(map(count, value))
    if not isinstance(value, (int, float)):
        raise TypeError(value)
    return 1


def asks(call: ast.Call) -> bool:
    """Whether an expression that makes a tensor asks for a gradient."""
    told = argument(call, "requires_grad")
    usual = called(call) in ("leaf", "Parameter")
    return bool(told.value) if isinstance(told, ast.Constant) else usual


def argument(call: ast.Call, name: str, place: int = -1) -> Any:
    """Return an argument, given by name or by place; None if it is not given, or given as None."""
    given = [each.value for each in call.keywords if each.arg == name]
    given += call.args[place : place + 1] if place >= 0 else []
    return None if not given or (isinstance(given[0], ast.Constant) and given[0].value is None) else given[0]


def set_keyword(call: ast.Call, name: str, value: ast.expr | None) -> None:
    """Give an argument by name another value, in place; None takes it away."""
    for each in call.keywords:
        if each.arg == name and value is not None:
            each.value = value
            return
    call.keywords = [each for each in call.keywords if each.arg != name]
    if value is not None:
        call.keywords.append(ast.keyword(name, value))


def any_float(node: ast.AST) -> bool:
    """Whether a literal has a number with a point."""
    return any(isinstance(each, ast.Constant) and isinstance(each.value, float) for each in ast.walk(node))


def literal(typed: str, *, floats: bool) -> str:
    """Read numbers as people type them, and write them as Python does.

    Args:
        typed: a number, several with commas, or a nested list.
        floats: whether all get a point.

    Raises:
        Refused: if it is anything else.

    >>> literal("3", floats=True), literal("1, 2", floats=True), literal("[[1, 0]]", floats=False)
    ('3.0', '[1.0, 2.0]', '[[1, 0]]')
    """
    try:
        value = ast.literal_eval(typed.strip())
        if not 1 <= count(value) <= MOST:
            raise Refused(say("explorer", "many", count=count(value), most=MOST))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError) as error:
        raise error if isinstance(error, Refused) else Refused(say("explorer", "no_number", typed=typed)) from None
    return repr(nested(value, float if floats else lambda number: number))


def nested(value: Any, kind: Any) -> Any:
    """Write numbers in nested lists alike."""
    return [nested(part, kind) for part in value] if isinstance(value, (list, tuple)) else kind(value)


def lines_that_differ(old: Iterable[str], new: Iterable[str]) -> list[int]:
    """Return the lines of the new text, from 1, that the old one does not have at that place."""
    from difflib import SequenceMatcher

    blocks = SequenceMatcher(None, list(old), there := list(new), autojunk=False).get_matching_blocks()
    same = {line for block in blocks for line in range(block.b, block.b + block.size)}
    return [line + 1 for line in range(len(there)) if line not in same]
