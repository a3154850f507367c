"""Calls as programs write them: values, kinds, layouts, flags, nodes, derivatives, warnings, errors as in PyTorch.

`calls.txt` has one call a line, over the names that `names` makes; one with `!` is a statement that sets `r`.
`# 1` says that PyTorch has no second derivative, `# 0` that the derivative is not compared.
"""

import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from transcripts import always

import autovis

GROUPS = (Path(__file__).parent / "calls.txt").read_text("utf-8").split("=== ")[1:]
CALLS = [pytest.param(call, id=call) for group in GROUPS for call in group.splitlines()[1:]]
LEAVES = "xyvwbcsp"


def names(library):
    """Return matrices x, y, p (positive), vectors v, w, blocks b, c, a number s, and some without gradient."""
    random = np.random.default_rng(0)

    def drawn(*shape):
        return np.round(random.uniform(-2, 2, shape) * 4) / 4

    def leaf(array):
        return library.tensor(array.tolist(), dtype=library.float64).reshape(array.shape).requires_grad_()

    x, y, v, w, b, c = map(leaf, [drawn(3, 3), drawn(3, 3), drawn(3), drawn(3), drawn(2, 3, 3), drawn(2, 3, 4)])
    p, s = leaf(np.abs(drawn(3, 3)) + 0.25), library.tensor(2.5, requires_grad=True, dtype=library.float64)
    return {
        "torch": library,
        "F": library.nn.functional,
        "np": np,
        "nan": np.nan,
        "inf": np.inf,
        "x": x,
        "y": y,
        "v": v,
        "w": w,
        "b": b,
        "c": c,
        "p": p,
        "s": s,
        "i": library.tensor([2, 0, 1]),
        "j": library.tensor([[0, 1, 2], [2, 1, 0]]),
        "k": library.tensor([1, 2, 3, 3, 2]),
        "m": library.tensor([[True, False, True], [False, False, True], [True, True, True]]),
        "e": library.zeros(0, 3, requires_grad=True),
        "f": library.tensor([1.5, np.nan, np.inf, -2.0]),
        "h": library.tensor([0.5, 1.5, -2.5], dtype=library.float16),
        "u": library.tensor([3, 250], dtype=library.uint8),
    }


def numbers(tensor):
    """Return the numbers of a tensor; PyTorch's zeros may have no memory."""
    unreal = getattr(tensor, "_is_zerotensor", bool)()
    return np.zeros(tuple(tensor.shape)) if unreal else np.array(tensor.detach().tolist(), dtype=float)


def told(result):
    """Return what can be compared about a result."""
    if isinstance(result, (tuple, list)):
        return [told(part) for part in result]
    if not hasattr(result, "grad_fn"):
        return repr(result)
    node = type(result.grad_fn).__name__
    return [str(result.dtype), result.stride(), result.requires_grad, node, result._is_view(), numbers(result)]


def derivatives(library, results, leaves, most):
    """Yield the gradients of all results together, and the gradients of those."""
    total = sum(
        (t.double() * (library.arange(t.numel(), dtype=library.float64).reshape(t.shape) / 8 + 0.5)).sum()
        for t in results
    )
    for _ in range(most):
        found = library.autograd.grad(total, leaves, allow_unused=True, create_graph=True)
        yield [np.zeros(tuple(x.shape)) if g is None else numbers(g) for g, x in zip(found, leaves, strict=True)]
        moving = [(g * g.detach().cos()).sum() for g in found if g is not None and g.requires_grad]
        if not moving:
            return
        total = sum(moving)


def story(library, call):
    """Return the result of a call, its derivatives, the error, and the warnings."""
    known, found = names(library), []
    code, _, most = call.partition(" #")
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        warnings.filterwarnings("ignore", category=RuntimeWarning)
        try:
            if code.startswith("!"):
                exec(code[1:], known)
            result = known["r"] if code.startswith("!") else eval(code, known)
            found.append(told(result))
            parts = result if isinstance(result, (tuple, list)) else [result]
            asking = [t for t in parts if getattr(t, "requires_grad", False) and t.numel()]
            if asking:
                found += derivatives(library, asking, [known[name] for name in LEAVES], int(most or 2))
        except Exception as error:  # noqa: BLE001, errors are compared
            found.append(f"{type(error).__name__}: {error}")
    return found, sorted({str(each.message).partition(" (Triggered")[0] for each in said})


def assert_same(mine, other):
    if isinstance(mine, np.ndarray):
        np.testing.assert_allclose(mine, other, rtol=1e-6, atol=1e-7)
    elif isinstance(mine, list) and isinstance(other, list):
        assert len(mine) == len(other)
        for a, b in zip(mine, other, strict=True):
            assert_same(a, b)
    else:
        assert mine == other


@pytest.mark.parametrize("call", CALLS)
def test_a_call_does_what_it_does_in_pytorch(call):
    with always():
        (ours, our_warnings), (theirs, their_warnings) = (story(library, call) for library in (autovis, torch))
    assert our_warnings == their_warnings
    shared = min(len(ours), len(theirs)) if not any(isinstance(part, str) for part in (*ours, *theirs)) else None
    assert_same(ours[:shared], theirs[:shared])
