"""A program's transcript: all that it prints, warns and raises, to be compared between autovis and PyTorch.

`both(text)` runs the same text twice, each time with `torch` meaning one of the two libraries. A *session* is run line
by line, as one types it into a console: values are shown, and an error ends its statement only. A *program* ends with
its first error. Beside `torch` both may use `facts` and `edges`.
"""

import ast
import contextlib
import gc
import io
import math
import re
import textwrap
import warnings
from collections.abc import Iterator

import pytest
import torch

import autovis
from autovis.alias import as_torch

# addresses, where in C++ a warning was raised, and the module of a class
MASKED = re.compile(r" object at 0x[0-9a-f]+| \(Triggered internally at [^)]*\)|(?<=<)(torch|autovis)[\w.]*\.(?=\w+)")

FRACTION = re.compile(r"-?\d+\.\d+(?:e[-+]\d+)?")


def facts(*tensors):
    """Print value, kind, flags, node, version and gradient of tensors; of anything else what Python prints."""
    for x in tensors:
        if not hasattr(x, "grad_fn"):
            print(x)
            continue
        node = type(x.grad_fn).__name__
        print(x.detach(), x.dtype, x.shape, f"flag={x.requires_grad} leaf={x.is_leaf} node={node} version={x._version}")
        if x.is_leaf or x.retains_grad:
            print("  grad", x.grad)


def edges(x):
    """Print the graph above a tensor, node by node, with multiplicity and ports."""
    pending, known = [(x.grad_fn, 0)], []
    while pending:
        node, depth = pending.pop()
        below = [(None if n is None else type(n).__name__, port) for n, port in node.next_functions]
        print("  " * depth + type(node).__name__, below)
        known.append(node)
        pending += [(n, depth + 1) for n, _ in reversed(node.next_functions) if n is not None and n not in known]


def run_program(text, names):
    """Run a text; say what ended it."""
    try:
        exec(compile(text, "program", "exec"), names)
    except Exception as error:  # noqa: BLE001, what a program raises is part of its transcript
        print(f"{type(error).__name__}: {error}")


def run_session(text, names):
    """Run a text statement by statement, showing values; say what ended each."""
    for statement in ast.parse(text).body:
        try:
            if isinstance(statement, ast.Expr):
                value = eval(compile(ast.Expression(statement.value), "session", "eval"), names)
                if value is not None:
                    print(repr(value))
            else:
                exec(compile(ast.Module([statement], []), "session", "exec"), names)
        except Exception as error:  # noqa: BLE001, what a statement raises is part of its transcript
            print(f"{type(error).__name__}: {error}")


def transcript(run, text):
    """Return what running a text prints, with its warnings and errors as lines among the others."""
    out = io.StringIO()

    def say(message, category, *_):
        print(f"{category.__name__}: {message}")

    with contextlib.redirect_stdout(out), warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.filterwarnings("ignore", category=RuntimeWarning, module="autovis")
        warnings.showwarning = say
        exec("import torch; torch.set_grad_enabled(True)")
        run(text, {"facts": facts, "edges": edges, "gc": gc, "__name__": "program"})
    return MASKED.sub("", out.getvalue()).splitlines()


@contextlib.contextmanager
def always() -> Iterator[None]:
    """Give every warning each time in both libraries."""
    torch.set_warn_always(True)
    autovis.set_warn_always(True)
    try:
        yield
    finally:
        torch.set_warn_always(False)
        autovis.set_warn_always(False)


def each(texts, *, run=run_session):
    """Run texts on autovis and on PyTorch.

    Returns:
        For each text the two transcripts, autovis' first.
    """
    texts = ["import torch\n" + textwrap.dedent(text) for text in texts]
    with always():
        theirs = [transcript(run, text) for text in texts]
        with as_torch():
            ours = [transcript(run, text) for text in texts]
    return list(zip(ours, theirs, strict=True))


def same(ours, theirs):
    """Whether two transcripts read the same; the last digit of a printed fraction is left open."""
    ours, theirs = "\n".join(ours), "\n".join(theirs)
    if ours == theirs:
        return True
    if [*map(str.split, FRACTION.split(ours))] != [*map(str.split, FRACTION.split(theirs))]:
        return False
    pairs = zip(FRACTION.findall(ours), FRACTION.findall(theirs), strict=True)
    return all(a.startswith("-") == b.startswith("-") and isclose(float(a), float(b)) for a, b in pairs)


def isclose(a, b):
    """Whether two printed numbers are equal up to the last of four digits."""
    return math.isclose(a, b, rel_tol=2e-5, abs_tol=1.01e-4 if max(abs(a), abs(b)) > 1e-3 else 1e-7)


def both(text, *, run=run_session):
    """Run one text on autovis and on PyTorch."""
    return each([text], run=run)[0]


def sessions(**texts):
    """Parametrize a test with sessions by name."""
    return pytest.mark.parametrize("session", [pytest.param(text, id=name) for name, text in texts.items()])
