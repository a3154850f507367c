"""Products of vectors and matrices.

For `out = x @ y` the gradient of `x` is `g @ yᵀ` and of `y` is `xᵀ @ g`: the shapes leave no other choice.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autovis.primitive import Primitive
from autovis.rules.shape import sum_to, t, transpose, unsqueeze


def _outer(x: Any, y: Any) -> Any:
    return unsqueeze(x, dim=1) * unsqueeze(y, dim=0)


def _swap(x: Any) -> Any:
    return transpose(x, dim0=-2, dim1=-1)


mm = Primitive("mm", np.matmul, inputs="x y", symbol="@", x=lambda g, y: mm(g, t(y)), y=lambda g, x: mm(t(x), g))
mv = Primitive("mv", np.matmul, inputs="x y", symbol="@", x=lambda g, y: _outer(g, y), y=lambda g, x: mv(t(x), g))
dot = Primitive("dot", np.dot, inputs="x y", symbol="·", x=lambda g, y: g * y, y=lambda g, x: g * x)
bmm = Primitive(
    "bmm", np.matmul, inputs="x y", symbol="@", x=lambda g, y: bmm(g, _swap(y)), y=lambda g, x: bmm(_swap(x), g)
)


addmm = Primitive(
    "addmm",
    lambda bias, x, y: np.matmul(x, y) + bias,
    symbol="@+",
    bias=lambda g, shape: g if tuple(g.shape) == shape else sum_to(g, to=shape),
    x=lambda g, y: mm(g, t(y)),
    y=lambda g, x: mm(t(x), g),
)


def _einsum(x: Any, y: Any, *, spec: str) -> Any:
    return np.einsum(spec, x, y, optimize=True)


def _turned(spec: str, wanted: int) -> str:
    """Return the sum that is the derivative by one of two factors: `ij,jk->ik` becomes `ik,jk->ij`."""
    x, y, out = spec.replace("->", ",").split(",")
    return f"{out},{y}->{x}" if wanted == 0 else f"{x},{out}->{y}"


einsum = Primitive(
    "einsum",
    _einsum,
    node="BmmBackward0",
    symbol="Σ×",
    x=lambda g, y, spec: einsum(g, y, spec=_turned(spec, 0)),
    y=lambda g, x, spec: einsum(x, g, spec=_turned(spec, 1)),
)
inv = Primitive(
    "inv",
    np.linalg.inv,
    inputs="x",
    node="LinalgInvExBackward0",
    symbol="⁻¹",
    x=lambda g, out: -_swap(out) @ g @ _swap(out),
)
det = Primitive(
    "det",
    lambda x: np.linalg.det(x).astype(x.dtype),
    node="LinalgDetBackward0",
    x=lambda g, x, out: unsqueeze(unsqueeze(g * out, dim=len(g.shape)), dim=len(g.shape) + 1) * _swap(inv(x)),
)
solve = Primitive(  # the y with x @ y = b, columns side by side
    "solve",
    lambda x, b: np.linalg.solve(x, b),
    node="LinalgSolveExBackward0",
    x=lambda g, x, out: -solve(_swap(x), g) @ _swap(out),
    b=lambda g, x: solve(_swap(x), g),
)
