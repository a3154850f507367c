"""A function written out as a program of lines: its defaults are the leaves, what it returns is where backward starts.

>>> def f(p=1.0, q=2.0):
...     return p * q
>>> written(f)[0].splitlines()[-1]
'y.backward()'
"""

from __future__ import annotations

import ast
import copy
import inspect
import sys
from collections.abc import Callable, Iterator
from textwrap import dedent
from types import ModuleType
from typing import Any, Final

from autovis.alias import is_alias, real
from autovis.language import say
from autovis.widgets.program import MOST, Program, is_pass

__all__ = ["fresh", "written"]

RESULTS: Final = ("y", "out", "result", "y_1")


def written(function: Callable[[], Any]) -> tuple[str, dict[str, Any]]:
    """Write a function out as lines.

    Args:
        function: every argument has a default. A number or a list of numbers becomes a leaf, and so does a tensor that
            the function finds outside.

    Returns:
        The text, and what else its names mean.

    Raises:
        ValueError: if its source is not to be had, an argument has no default, or it returns in the middle.
    """
    source, definition = defined(function)
    around = surroundings(function)
    alias = next((name for name, thing in around.items() if thing is sys.modules["autovis"]), "")
    head = [] if alias else ["import autovis as av"]
    alias = alias or "av"
    given = inspect.signature(function).parameters
    missing = [name for name, each in given.items() if each.default is each.empty]
    if missing:
        raise ValueError(say("explorer", "no_default", name=missing[0]))
    body, result = unrolled(definition, source)
    head += [line_of(name, each.default, alias) or f"{name} = {each.default!r}" for name, each in given.items()]
    outside = {name: around[name] for name in read_in(definition) if name in around and name not in given}
    lines = {name: line_of(name, thing, alias) for name, thing in outside.items() if is_tensor(thing)}
    text = "\n".join([*head, *filter(None, lines.values()), *body, ""])
    runs = any(isinstance(node, ast.Call) and is_pass(node) for node in ast.walk(definition))
    if result and not runs:
        text += f"{result}.backward()\n"
    return text, {name: thing for name, thing in around.items() if name not in lines or not lines[name]}


def defined(function: Callable[..., Any]) -> tuple[str, ast.FunctionDef]:
    """Return the source of a function, and its syntax tree."""
    try:
        source = dedent(inspect.getsource(function))
        tree = ast.parse(source)
    except (OSError, TypeError, SyntaxError):
        raise ValueError(say("explorer", "no_source")) from None
    found = tree.body[0]
    if not isinstance(found, ast.FunctionDef):
        raise ValueError(say("explorer", "no_source"))
    return source, found


def surroundings(function: Callable[..., Any]) -> dict[str, Any]:
    """Return what the names in a function mean; what means PyTorch means autovis."""
    found = inspect.getclosurevars(function)
    names = {**function.__globals__, **found.nonlocals}
    return {name: ours(thing) for name, thing in names.items()}


def ours(thing: Any) -> Any:
    """Return our module for one of PyTorch's."""
    if isinstance(thing, ModuleType) and is_alias(thing.__name__):
        return sys.modules.get(real(thing.__name__), thing)
    return thing


def unrolled(definition: ast.FunctionDef, source: str) -> tuple[list[str], str]:
    """Return the lines of a function, without its head, and the name of what it returns."""
    body = definition.body[1:] if ast.get_docstring(definition) is not None else definition.body
    returns = [node for node in ast.walk(definition) if isinstance(node, ast.Return)]
    last = body[-1] if body else None
    if any(each is not last for each in returns):
        raise ValueError(say("explorer", "returns", name=definition.name))
    if not isinstance(last, ast.Return) or last.value is None:
        return texts(definition, body, source), ""
    if isinstance(last.value, ast.Name):
        return texts(definition, body[:-1], source), last.value.id
    used = {node.id for node in ast.walk(definition) if isinstance(node, ast.Name)}
    used |= {each.arg for each in definition.args.args + definition.args.kwonlyargs}
    name = next(name for name in RESULTS if name not in used)
    return [*texts(definition, body[:-1], source), f"{name} = {ast.unparse(last.value)}"], name


def texts(definition: ast.FunctionDef, body: list[ast.stmt], source: str) -> list[str]:
    """Return the lines of statements as they were written, with the comments between them."""
    if not body or body[0].lineno == definition.lineno:
        return [line for statement in body for line in ast.unparse(statement).splitlines()]
    lines = source.splitlines()[body[0].lineno - 1 : body[-1].end_lineno]
    return dedent("\n".join(lines)).splitlines()


def read_in(definition: ast.FunctionDef) -> Iterator[str]:
    """Go through the names that a function reads, each once."""
    nodes = (node for node in ast.walk(definition) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))
    yield from dict.fromkeys(node.id for node in nodes)


def line_of(name: str, value: Any, alias: str) -> str:
    """Write the line that makes a leaf, or a constant tensor; empty for what is too large or no number."""
    if is_tensor(value):
        plain = value.dtype is sys.modules["autovis"].float32 and type(value).__name__ == "Tensor" and value.is_leaf
        if not plain or value.numel() > MOST:
            return ""
        asks = ", requires_grad=True" if value.requires_grad else ""
        return f"{name} = {alias}.tensor({value.tolist()!r}{asks})"
    try:
        numbers = Program(f"{name} = tensor({value!r})").leaves[0].value
    except SyntaxError:
        numbers = ""
    if not numbers or isinstance(value, (bool, str)):
        return ""
    return Program(f"{name} = {alias}.tensor({numbers})").with_flag(name, on=True).text


def is_tensor(thing: Any) -> bool:
    """Whether operations on it can be recorded."""
    return hasattr(type(thing), "__apply__")


def fresh(thing: Any) -> Any:
    """Return a copy of what a run could change for the next one: tensors and modules."""
    if is_tensor(thing):
        made = thing.detach().clone()
        return made.requires_grad_(thing.requires_grad)
    return copy.deepcopy(thing) if callable(getattr(type(thing), "named_parameters", None)) else thing
