"""Products of vectors and matrices.

For `out = x @ y` the gradient of `x` is `g @ yᵀ` and of `y` is `xᵀ @ g`: the shapes leave no other choice.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autovis.arrays import in_order, place, where
from autovis.primitive import Primitive
from autovis.rules import reduce
from autovis.rules.shape import cat, diag_embed, diagonal, narrow, spread, sum_to, t, transpose, tril, triu, unsqueeze


def _outer(x: Any, y: Any) -> Any:
    return unsqueeze(x, dim=1) * unsqueeze(y, dim=0)


def _swap(x: Any) -> Any:
    return transpose(x, dim0=-2, dim1=-1)


mm = Primitive("mm", np.matmul, inputs="x y", symbol="@", x=lambda g, y: mm(g, t(y)), y=lambda g, x: mm(t(x), g))
mv = Primitive("mv", np.matmul, inputs="x y", symbol="@", x=lambda g, y: _outer(g, y), y=lambda g, x: mv(t(x), g))
by_columns = Primitive(  # the same, laid down column by column
    "mm", lambda x, y: np.matmul(y.T, x.T).T, symbol="@", x=mm.pullbacks["x"], y=mm.pullbacks["y"]
)
dot = Primitive("dot", np.dot, inputs="x y", symbol="·", x=lambda g, y: g * y, y=lambda g, x: g * x)
bmm = Primitive(
    "bmm", np.matmul, inputs="x y", symbol="@", x=lambda g, y: bmm(g, _swap(y)), y=lambda g, x: bmm(_swap(x), g)
)


def _scaled(name: str, symbol: str, product: Any, x: Any, y: Any) -> Primitive:
    """Return the row of `beta * bias + alpha * product(x, y)`."""
    return Primitive(
        name,
        lambda bias, x, y, *, beta=1, alpha=1: _sum(bias, product(x, y), beta, alpha),
        symbol=symbol,
        bias=lambda g, shape, beta: sum_to(g if beta == 1 else g * beta, to=shape),
        x=lambda g, y, alpha: x(g if alpha == 1 else g * alpha, y),
        y=lambda g, x, alpha: y(g if alpha == 1 else g * alpha, x),
    )


def _stacked(g: Any, like: Any) -> Any:
    """Return a matrix as many times as a stack has places."""
    return spread(unsqueeze(g, dim=0), to=(like.shape[0], *g.shape))


def _sum(bias: Any, product: Any, beta: float, alpha: float) -> Any:
    product = product if alpha == 1 else product * product.dtype.type(alpha)
    return product + (bias if beta == 1 else bias * bias.dtype.type(beta))


def _addmm(bias: Any, x: Any, y: Any) -> Any:
    product = np.matmul(x, y)
    product += bias
    return product


addmm = Primitive(
    "addmm",
    _addmm,
    symbol="@+",
    bias=lambda g, shape: g if tuple(g.shape) == shape else sum_to(g, to=shape),
    x=lambda g, y: mm(g, t(y)),
    y=lambda g, x: mm(t(x), g),
)
# the same for a `y` that lies in memory column by column, as transposed weights do: so does its gradient
addmm_turned = Primitive(
    "addmm",
    _addmm,
    symbol="@+",
    bias=addmm.pullbacks["bias"],
    x=addmm.pullbacks["x"],
    y=lambda g, x: by_columns(t(x), g),
)
mm_turned = Primitive("mm", np.matmul, inputs="x y", symbol="@", x=mm.pullbacks["x"], y=addmm_turned.pullbacks["y"])
addmm_scaled = _scaled("addmm", "@+", np.matmul, addmm.pullbacks["x"], addmm.pullbacks["y"])
addmv = _scaled("addmv", "@+", np.matmul, lambda g, y: _outer(g, y), lambda g, x: mv(t(x), g))
addr = _scaled("addr", "+", np.outer, lambda g, y: mv(g, y), lambda g, x: mv(t(g), x))
baddbmm = _scaled("baddbmm", "@+", np.matmul, lambda g, y: bmm(g, _swap(y)), lambda g, x: bmm(_swap(x), g))
addbmm = _scaled(
    "addbmm",
    "@+",
    lambda x, y: np.matmul(x, y).sum(0),
    lambda g, y: bmm(_stacked(g, y), _swap(y)),
    lambda g, x: bmm(_swap(x), _stacked(g, x)),
)
vdot = Primitive("vdot", np.dot, inputs="x y", symbol="·", x=dot.pullbacks["x"], y=dot.pullbacks["y"])


def _cross(x: Any, y: Any, *, dim: int) -> Any:
    a, b = (np.moveaxis(each, dim, 0) for each in (x, y))
    return np.stack([a[i - 2] * b[i - 1] - a[i - 1] * b[i - 2] for i in range(3)], dim)


cross = Primitive(
    "cross",
    _cross,
    node="LinalgCrossBackward0",
    symbol="×",
    x=lambda g, y, dim: cross(y, g, dim=dim),
    y=lambda g, x, dim: cross(g, x, dim=dim),
)

# factors of a matrix; of those with several results each result is a row, and their gradients add up


def _columns(x: Any) -> Any:
    """Return matrices with their columns in order in memory, as the library that PyTorch calls leaves them."""
    return np.swapaxes(in_order(np.swapaxes(x, -1, -2)), -1, -2)


inv = Primitive(
    "inv",
    lambda x: _columns(np.linalg.inv(x)),
    node="LinalgInvExBackward0",
    symbol="⁻¹",
    x=lambda g, out: -_swap(out) @ g @ _swap(out),
)
det = Primitive(
    "det",
    lambda x: np.linalg.det(x).astype(x.dtype),
    node="LinalgDetBackward0",
    x=lambda g, x, out: _column(g * out) * _swap(inv(x)),
)
logabsdet = Primitive(
    "slogdet",
    lambda x: np.linalg.slogdet(x)[1].astype(x.dtype),
    node="LinalgSlogdetBackward0",
    x=lambda g, x: _column(g) * _swap(inv(x)),
)
sign_of_det = Primitive(
    "slogdet",
    lambda x: np.linalg.slogdet(x)[0].astype(x.dtype)[...],
    node="LinalgSlogdetBackward0",
    x=lambda g, x: x * 0,
)
solve = Primitive(  # the y with x @ y = b, columns side by side
    "solve",
    lambda x, b: _columns(np.linalg.solve(x, b)),
    node="LinalgSolveExBackward0",
    x=lambda g, x, out: sum_to(-solve(_swap(x), g) @ _swap(out), to=tuple(x.shape)),
    b=lambda g, x, shape: sum_to(solve(_swap(x), g), to=shape),
)
solve_vector = Primitive(
    "solve",
    lambda x, b: np.linalg.solve(x, b[..., None])[..., 0],
    node="LinalgSolveExBackward0",
    x=lambda g, x, out: -_upright(solve_vector(_swap(x), g)) @ _rows(out),
    b=lambda g, x: solve_vector(_swap(x), g),
)
solve_triangular = Primitive(
    "solve_triangular",
    lambda x, b, *, upper: _columns(np.linalg.solve((np.triu if upper else np.tril)(x), b)),
    node="LinalgSolveTriangularBackward0",
    x=lambda g, x, out, upper: (triu if upper else tril)(
        -solve_triangular(_swap(x), g, upper=not upper) @ _swap(out), diagonal=0
    ),
    b=lambda g, x, upper: solve_triangular(_swap(x), g, upper=not upper),
)
cholesky = Primitive(
    "cholesky",
    lambda x: _columns(np.linalg.cholesky(x)),
    node="LinalgCholeskyExBackward0",
    x=lambda g, out: _even(_swap(inv(out)) @ _half(tril(_swap(out) @ g, diagonal=0)) @ inv(out)),
)


def _upright(x: Any) -> Any:
    return unsqueeze(x, dim=len(x.shape))


def _column(g: Any) -> Any:
    return unsqueeze(unsqueeze(g, dim=len(g.shape)), dim=len(g.shape) + 1)


def _even(x: Any) -> Any:
    """Return the symmetric part."""
    return (x + _swap(x)) / 2


def _half(x: Any) -> Any:
    """Return a lower triangle with half of its diagonal."""
    return x - _on_diagonal(diagonal(x, offset=0, dim1=-2, dim2=-1)) / 2


def _on_diagonal(x: Any) -> Any:
    n, lead = x.shape[-1], tuple(x.shape[:-1])
    return diag_embed(x, whole=(*lead, n, n), offset=0, dim1=len(lead), dim2=len(lead) + 1)


def _gaps(w: Any) -> Any:
    """Return by how much each number is larger than each other; 1 on the diagonal, to divide by."""
    return unsqueeze(w, dim=len(w.shape) - 1) - unsqueeze(w, dim=len(w.shape)) + _one(w, w.shape[-1])


def _kind(x: Any) -> Any:
    return getattr(x.dtype, "numpy", x.dtype)


def _one(x: Any, n: int) -> Any:
    """Return the matrix that changes nothing, as what `x` is."""
    eye = np.eye(n, dtype=_kind(x))
    return x.like(eye) if hasattr(x, "like") else place(eye, where(x))


def _off(x: Any) -> Any:
    """Return a matrix with an empty diagonal."""
    return x * (1 - _one(x, x.shape[-1]))


def _rows(w: Any) -> Any:
    return unsqueeze(w, dim=len(w.shape) - 1)


eigenvalues = Primitive(
    "eigh",
    lambda x, *, lower: np.linalg.eigh(x, "L" if lower else "U")[0],
    node="LinalgEighBackward0",
    x=lambda g, x, lower: (v := eigenvectors(x, lower=lower)) * _rows(g) @ _swap(v),
)
eigenvectors = Primitive(
    "eigh",
    lambda x, *, lower: np.linalg.eigh(x, "L" if lower else "U")[1],
    node="LinalgEighBackward0",
    x=lambda g, x, out, lower: out @ _off(_swap(out) @ g / _gaps(eigenvalues(x, lower=lower))) @ _swap(out),
)


def _svd(part: int) -> Any:
    return lambda x: np.linalg.svd(x, full_matrices=False)[part]


def _turned(factor: Any, g: Any, squares: Any) -> Any:
    """Return how a gradient would turn the singular vectors among themselves."""
    turn = _swap(factor) @ g
    return _off((turn - _swap(turn)) / _gaps(squares))


def _beyond(factor: Any, g: Any, s: Any) -> Any:
    """Return the part of a gradient that leads out of the space of the singular vectors."""
    return (g - factor @ (_swap(factor) @ g)) / _rows(s)


singular_values = Primitive(
    "svd", _svd(1), node="LinalgSvdBackward0", x=lambda g, x: left_vectors(x) * _rows(g) @ right_vectors(x)
)
left_vectors = Primitive(
    "svd",
    _svd(0),
    node="LinalgSvdBackward0",
    x=lambda g, x, out: (
        (out @ _turned(out, g, (s := singular_values(x)) * s) * _rows(s) + _beyond(out, g, s)) @ right_vectors(x)
    ),
)
right_vectors = Primitive(  # as rows
    "svd",
    _svd(2),
    node="LinalgSvdBackward0",
    x=lambda g, x, out: (
        left_vectors(x)
        @ _swap(
            _swap(out) @ _turned(_swap(out), _swap(g), (s := singular_values(x)) * s) * _rows(s)
            + _beyond(_swap(out), _swap(g), s)
        )
    ),
)


def _qr(part: int) -> Any:
    return lambda x: _columns(np.linalg.qr(x)[part])


def _qr_back(g: Any, q: Any, r: Any, inner: Any) -> Any:
    """Let both factors share an upper triangle; `g` is what goes to Q besides."""
    upper = triu(inner, diagonal=0)
    even = upper + _swap(upper) - _on_diagonal(diagonal(upper, offset=0, dim1=-2, dim2=-1))
    whole = q @ even if g is None else g + q @ even
    return _swap(solve_triangular(r, _swap(whole), upper=True))


orthogonal = Primitive(
    "qr", _qr(0), node="LinalgQrBackward0", x=lambda g, x, out: _qr_back(g, out, triangle(x), -_swap(out) @ g)
)
triangle = Primitive(
    "qr", _qr(1), node="LinalgQrBackward0", x=lambda g, x, out: _qr_back(None, orthogonal(x), out, g @ _swap(out))
)


def _pinv_back(g: Any, x: Any, out: Any) -> Any:
    flipped = _swap(out)
    rows, columns = (_one(x, n) for n in x.shape[-2:])
    inside = -(flipped @ g @ flipped)
    inside = inside + (_less(x @ out, rows) @ _swap(g)) @ (out @ flipped)
    return inside + (flipped @ out) @ (_swap(g) @ _less(out @ x, columns))


def _less(x: Any, one: Any) -> Any:
    return -(x - one)


pinv = Primitive("pinv", np.linalg.pinv, inputs="x", node="LinalgPinvBackward0", x=_pinv_back)
least_squares = Primitive(
    "lstsq",
    lambda x, b: _columns(np.linalg.lstsq(x, b, rcond=None)[0]),
    node="LinalgLstsqBackward0",
    x=lambda g, x, b: _pinv_back(g @ _swap(b), x, pinv(x)),
    b=lambda g, x: _swap(pinv(x)) @ g,
)


def _matrix_exp(x: Any) -> Any:
    """Halve until small, add up the series, and square as often as was halved (Moler and Van Loan, 1978)."""
    norm = np.abs(x).sum(-2).max() if x.size else 0.0
    halvings = max(0, math.ceil(math.log2(norm)) + 3) if norm > 0 else 0
    small = x.astype(np.float64) / 2.0**halvings
    total = term = np.broadcast_to(_one(small, x.shape[-1]), x.shape)
    for k in range(1, 16):
        term = term @ small / k
        total = total + term
    for _ in range(halvings):
        total = total @ total
    return total.astype(x.dtype)


def _matrix_exp_back(g: Any, x: Any) -> Any:
    """Read the derivative off the exponential of a matrix of twice the size (Najfeld and Havel, 1995)."""
    n, last = x.shape[-1], len(x.shape) - 1
    turned = _swap(x)
    top = cat(turned, g, dim=last, sizes=(n, n))
    bottom = cat(turned * 0, turned, dim=last, sizes=(n, n))
    both = matrix_exp(cat(top, bottom, dim=last - 1, sizes=(n, n)))
    corner = narrow(both, dim=last - 1, start=0, length=n, step=1)
    return narrow(corner, dim=last, start=n, length=n, step=1)


matrix_exp = Primitive("matrix_exp", _matrix_exp, node="LinalgMatrixExpBackward0", x=_matrix_exp_back)


def _distances(x: Any, y: Any, *, p: float) -> Any:
    return reduce.norm_p.forward(np.expand_dims(x, -2) - np.expand_dims(y, -3), p=p, dims=(-1,), keepdim=False)


def _distances_back(g: Any, x: Any, y: Any, out: Any, p: float, *, to_x: bool) -> Any:
    away = unsqueeze(x, dim=len(x.shape) - 1) - unsqueeze(y, dim=len(y.shape) - 2)
    last = len(away.shape) - 1
    pulled = reduce.norm_p.pullbacks["x"](g, away, out, tuple(away.shape), p, (last,))
    summed = reduce.sum_dim(pulled, dims=(last - 1 if to_x else last - 2,), keepdim=False)
    return sum_to(summed if to_x else -summed, to=tuple((x if to_x else y).shape))


cdist = Primitive(
    "cdist",
    _distances,
    x=lambda g, x, y, out, p: _distances_back(g, x, y, out, p, to_x=True),
    y=lambda g, x, y, out, p: _distances_back(g, x, y, out, p, to_x=False),
)
