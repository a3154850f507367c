"""Factors, inverses and norms of matrices: what `torch.linalg` and the methods of a tensor share."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from functools import reduce
from typing import Any

import numpy as np

from autovis import errors
from autovis.arrays import peek
from autovis.operators.arguments import Operand, dim_of, structure
from autovis.operators.shaping import cat
from autovis.rules import elementwise as el
from autovis.rules import linear

Eigh, Svd, Qr, Slogdet, Lstsq = (
    structure("linalg_eigh", "eigenvalues eigenvectors"),
    structure("linalg_svd", "U S Vh"),
    structure("linalg_qr", "Q R"),
    structure("linalg_slogdet", "sign logabsdet"),
    structure("linalg_lstsq", "solution residuals rank singular_values"),
)


class _LinAlgError(RuntimeError):
    """A matrix that has no inverse, or no factors of the kind asked for."""

    __module__ = "torch._C"


LinAlgError = _LinAlgError


def checked(x: Any, name: str, *, square: bool = True) -> Any:
    """Return a tensor of matrices of floats.

    Raises:
        RuntimeError: if it is not.
    """
    if x.ndim < 2:
        raise RuntimeError(f"{name}: The input tensor A must have at least 2 dimensions.")
    if not x.dtype.is_floating_point:
        raise RuntimeError(f"{name}: Expected a floating point or complex tensor as input. Got {x.dtype.word}")
    if square and x.shape[-1] != x.shape[-2]:
        raise RuntimeError(
            f"{name}: A must be batches of square matrices, but they are {x.shape[-2]} by {x.shape[-1]} matrices"
        )
    return x


def norm(A: Any, ord: Any = None, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """Return a norm of all elements, of vectors along a dimension, or of matrices along two."""
    if ord is not None and (isinstance(ord, str) or (A.ndim == 2 and dim is None) or np.size(dim) == 2):
        return matrix_norm(A, ord, (-2, -1) if dim is None else dim, keepdim, dtype=dtype)
    return vector_norm(A, 2 if ord is None else ord, dim, keepdim, dtype=dtype)


def vector_norm(x: Any, ord: Any = 2, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """Return the Euclidean norm, or another, of all elements or along dimensions."""
    if not x.dtype.is_floating_point and dtype is None:
        raise RuntimeError(
            f"linalg.vector_norm: Expected a floating point or complex tensor as input. Got {x.dtype.word}"
        )
    return x.norm(ord, dim, keepdim, dtype=dtype)


def matrix_norm(A: Any, ord: Any = "fro", dim: Any = (-2, -1), keepdim: bool = False, *, dtype: Any = None) -> Any:
    """Return the root of the sum of squares (`fro`), or a norm of the matrix as a map or of its singular values."""
    x = checked(A, "linalg.matrix_norm", square=False) if dtype is None else A.to(dtype)
    first, second = (dim_of(d, x.ndim) for d in dim)
    if ord == "fro":
        return x.norm(2, (first, second), keepdim)
    if ord == "nuc" or ord in (2, -2):
        values = svdvals(x.movedim((first, second), (-2, -1)))
        found = values.sum(-1) if ord == "nuc" else values.amax(-1) if ord > 0 else values.amin(-1)
        for d in sorted((first, second)) if keepdim else ():
            found = found.unsqueeze(d)
        return found
    if isinstance(ord, str) or abs(ord) not in (1, math.inf):
        raise RuntimeError(f"linalg.matrix_norm: Order {ord} not supported.")
    added, compared = (first, second) if abs(ord) == 1 else (second, first)
    sums = x.abs().sum(added, keepdim)
    at = compared - (added < compared and not keepdim)
    return sums.amax(at, keepdim) if ord > 0 else sums.amin(at, keepdim)


def inv(A: Any) -> Any:
    """Return the inverse of a matrix."""
    return _solved("linalg.inv", "inversion", A, lambda: linear.inv(checked(A, "linalg.inv")))


def _solved(name: str, what: str, matrix: Any, run: Any) -> Any:
    """Run what needs a matrix to have an inverse; say where elimination ends if it has none."""
    try:
        return run()
    except np.linalg.LinAlgError:
        place = _first_zero(peek(matrix.numbers))
        text = (
            f"The diagonal element {place} is zero, the inversion could not be completed because the input matrix is"
            " singular."
            if what == "inversion"
            else "The solver failed because the input matrix is singular."
        )
        raise errors.explain(
            LinAlgError(f"{name}: {text}"), "Its rows depend on each other, so it has no inverse; try pinv or lstsq."
        ) from None


def _first_zero(matrix: Any) -> int:
    """Return the first pivot, counted from 1, that elimination with exchanged rows finds to be 0."""
    x = np.array(matrix.reshape(-1, *matrix.shape[-2:])[0], np.float64)
    for i in range(len(x)):
        best = i + int(np.abs(x[i:, i]).argmax())
        if not x[best, i]:
            return i + 1
        x[[i, best]] = x[[best, i]]
        x[i + 1 :] -= np.outer(x[i + 1 :, i] / x[i, i], x[i])
    return len(x)


def det(A: Any) -> Any:
    """Return the determinant of a matrix."""
    return linear.det(checked(A, "linalg.det"))


def slogdet(A: Any) -> Any:
    """Return the sign of the determinant and the logarithm of its size."""
    x = checked(A, "linalg.slogdet")
    return Slogdet(linear.sign_of_det(x), linear.logabsdet(x))


def solve(A: Any, B: Any, *, left: bool = True) -> Any:
    """Return the x with `A @ x = B`, or with `x @ A = B`."""
    x = checked(A, "linalg.solve")
    if not left:
        return solve(A.mT, B.mT).mT
    vector = B.ndim == 1 or (A.ndim - 1 == B.ndim and B.shape == A.shape[:-1])
    rows, columns = (B.shape[-1], 1) if vector else B.shape[-2:]
    if rows != x.shape[-1]:
        raise RuntimeError(
            f"linalg.solve: Incompatible shapes of A and B for the equation AX = B ({x.shape[-2]}x{x.shape[-1]} and"
            f" {rows}x{columns})"
        )
    if x.dtype is not B.dtype:
        raise RuntimeError(
            f"linalg.solve: Expected A and B to have the same dtype, but found A of type {x.dtype.word} and B of type"
            f" {B.dtype.word} instead"
        )
    rule = linear.solve_vector if vector else linear.solve
    return _solved("torch.linalg.solve", "solver", A, lambda: rule(x, B))


def solve_triangular(A: Any, B: Any, *, upper: bool, left: bool = True, unitriangular: bool = False) -> Any:
    """Return the x with `A @ x = B` for a triangular matrix; what is on its other side is not read."""
    x = A.triu(1) if upper else A.tril(-1)
    x = x + x.new_ones(x.shape[-1]).diag() if unitriangular else A
    if not left:
        return solve_triangular(x.mT, B.mT, upper=not upper).mT
    return linear.solve_triangular(x, B, upper=upper)


def cholesky(A: Any, *, upper: bool = False) -> Any:
    """Return the lower triangle whose product with its transpose is the matrix."""
    x = checked(A, "linalg.cholesky")
    try:
        found = linear.cholesky(x)
    except np.linalg.LinAlgError:
        matrix = peek(x.numbers).reshape(-1, *x.shape[-2:])[0]
        order = next(n for n in range(1, len(matrix) + 1) if np.linalg.det(matrix[:n, :n]) <= 0)
        raise errors.explain(
            LinAlgError(
                "linalg.cholesky: The factorization could not be completed because the input is not positive-definite"
                f" (the leading minor of order {order} is not positive-definite)."
            ),
            "A matrix such as x @ x.T + eps * eye is.",
        ) from None
    return found.mT if upper else found


def qr(A: Any, mode: str = "reduced") -> Any:
    """Return an orthogonal and an upper triangular matrix whose product is the matrix."""
    x = checked(A, "linalg.qr", square=False)
    if mode == "reduced":
        return Qr(linear.orthogonal(x), linear.triangle(x))
    return Qr(
        *(
            x.like(part)
            for part in np.linalg.qr(_plain(f"linalg.qr(mode={mode!r})", x), "complete" if mode == "complete" else "r")
        )
    )


def _plain(name: str, x: Any) -> Any:
    """Return the array of a tensor; no gradient passes.

    Raises:
        NotImplementedError: if it requires grad.
    """
    if x.requires_grad:
        raise NotImplementedError(f"autovis has no derivative of torch.{name}: call it on x.detach().")
    return peek(x.numbers)


def eigh(A: Any, UPLO: str = "L") -> Any:
    """Return eigenvalues and eigenvectors of a symmetric matrix."""
    x, lower = checked(A, "linalg.eigh"), UPLO.upper() != "U"
    return Eigh(linear.eigenvalues(x, lower=lower), linear.eigenvectors(x, lower=lower))


def eigvalsh(A: Any, UPLO: str = "L") -> Any:
    """Return the eigenvalues of a symmetric matrix."""
    return linear.eigenvalues(checked(A, "linalg.eigvalsh"), lower=UPLO.upper() != "U")


def svd(A: Any, full_matrices: bool = True, *, driver: Any = None) -> Any:
    """Return the factors U, S, Vᵀ of a matrix."""
    x = checked(A, "linalg.svd", square=False)
    if full_matrices and x.shape[-1] != x.shape[-2]:
        return Svd(*(x.like(part) for part in np.linalg.svd(_plain("linalg.svd(full_matrices=True)", x))))
    return Svd(linear.left_vectors(x), linear.singular_values(x), linear.right_vectors(x))


def svdvals(A: Any) -> Any:
    """Return the singular values of a matrix, the largest first."""
    return linear.singular_values(checked(A, "linalg.svdvals", square=False))


def pinv(A: Any, *, rtol: Any = None, hermitian: bool = False) -> Any:
    """Return the matrix that comes nearest to an inverse."""
    return linear.pinv(checked(A, "linalg.pinv", square=False))


def lstsq(A: Any, B: Any, rcond: Any = None, *, driver: Any = None) -> Any:
    """Return the x for which `A @ x` comes nearest to B."""
    x = checked(A, "linalg.lstsq", square=False)
    if x.shape[-2] != B.shape[-2]:
        raise RuntimeError("torch.linalg.lstsq: input.size(-2) should match other.size(-2)")
    solution = linear.least_squares(x, B)
    return Lstsq(solution, x.new_zeros(0), matrix_rank(x.detach()), x.new_zeros(0))


def matrix_rank(A: Any, *, atol: Any = None, rtol: Any = None, hermitian: bool = False) -> Any:
    """Return how many singular values are not 0, up to rounding."""
    values = np.linalg.svd(peek(A.numbers), compute_uv=False)
    share = max(A.shape[-2:]) * np.finfo(values.dtype).eps if rtol is None and atol is None else rtol or 0
    least = np.maximum(atol or 0, share * values.max(-1, keepdims=True, initial=0))
    return A.like(np.asarray((values > least).sum(-1)))


def cond(A: Any, p: Any = None) -> Any:
    """Return how much larger a relative error can become: the largest singular value over the smallest."""
    if p is None or p == 2:
        values = svdvals(A)
        return (values[..., :1] / values[..., -1:]).squeeze(-1)
    return matrix_norm(A, p) * matrix_norm(inv(A), p)


def matrix_power(A: Any, n: int) -> Any:
    """Return a product of equal matrices, or of their inverses, by repeated squaring."""
    x = A if not A.dtype.is_floating_point and n >= 0 else checked(A, "linalg.matrix_power" if n >= 0 else "linalg.inv")
    if n == 0:
        return x.clone().copy_(x.like(np.eye(x.shape[-1], dtype=x.numbers.dtype)).expand(*x.shape))
    if n < 0:
        return matrix_power(inv(x), -n)
    if n in (1, 2, 3):
        return x.clone() if n == 1 else x @ x if n == 2 else (x @ x) @ x
    found, square = None, None
    while n:
        square = x if square is None else square @ square
        if n % 2:
            found = square if found is None else found @ square
        n //= 2
    return found


def matrix_exp(A: Any) -> Any:
    """Return the exponential of a matrix."""
    return linear.matrix_exp(checked(A, "linalg.matrix_exp"))


def multi_dot(tensors: Sequence[Any]) -> Any:
    """Return the product of several matrices; the first and the last may be vectors."""
    parts = list(tensors)
    if len(parts) < 2:
        raise RuntimeError(f"multi_dot(): expected at least 2 tensors but got {len(parts)}")
    sizes = (parts[0].shape[:-1] if parts[0].ndim == 2 else ()) + (parts[-1].shape[1:] if parts[-1].ndim == 2 else ())
    parts[0] = parts[0] if parts[0].ndim == 2 else parts[0].unsqueeze(0)
    parts[-1] = parts[-1] if parts[-1].ndim == 2 else parts[-1].unsqueeze(-1)
    return reduce(lambda x, y: x.mm(y), parts).view(*sizes)


def cross(input: Any, other: Any, *, dim: int = -1) -> Any:
    """Return the products of vectors in space."""
    if input.ndim != other.ndim:
        raise RuntimeError("linalg.cross: inputs must have the same number of dimensions.")
    at = dim_of(dim, input.ndim)
    if input.shape[at] != 3 or other.shape[at] != 3:
        raise RuntimeError(
            f"linalg.cross: inputs dimension {dim} must have length 3. Got {input.shape[at]} and {other.shape[at]}"
        )
    sizes = np.broadcast_shapes(input.shape, other.shape)
    x, y = (each if each.shape == sizes else each.expand(*sizes) for each in (input, other))
    return linear.cross(x, y, dim=at)


def diagonal(A: Any, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Any:
    """Return a view of the diagonals of matrices."""
    return A.diagonal(offset, dim1, dim2)


def vecdot(x: Any, y: Any, *, dim: int = -1) -> Any:
    """Return the inner products of vectors that lie along a dimension."""
    return (x * y).sum(dim)


def vander(x: Any, *, N: int | None = None) -> Any:
    """Return the powers of each element as a row, from 0 on."""
    n = x.shape[-1] if N is None else N
    ones, rest = x.new_ones(*x.shape, 1), x.unsqueeze(-1).expand(*x.shape, n - 1)
    return cat([ones, rest.cumprod(-1)], -1)


def _renamed(function: Any, kind: Any) -> Any:
    """Return a function of `torch.linalg` as the older one, whose result has another name."""

    def run(self: Any, *given: Any, **named: Any) -> Any:
        return kind(*function(self, *given, **named))

    run.__name__, run.__doc__ = kind.__name__, function.__doc__
    return run


def svd_of(self: Any, some: bool = True, compute_uv: bool = True) -> Any:
    """Return the factors U, S, V of a matrix; V is not transposed."""
    u, s, vh = svd(self, not some)
    return structure("svd", "U S V")(u, s, vh.mT)


class Factors(Operand):
    """The part of a tensor that takes matrices apart."""

    __slots__ = ()

    det, inverse, matrix_power, matrix_exp, cholesky = det, inv, matrix_power, matrix_exp, cholesky
    slogdet = _renamed(slogdet, structure("slogdet", "sign logabsdet"))
    qr = _renamed(qr, structure("qr", "Q R"))
    svd = svd_of

    def matrix_norm_of(self, ord: str, dim: Any = None, keepdim: bool = False) -> Any:
        """Return a norm of matrices that has a word for a name."""
        return matrix_norm(self, ord, (-2, -1) if dim is None else dim, keepdim)

    def pinverse(self, rcond: float = 1e-15) -> Any:
        """Return the matrix that comes nearest to an inverse."""
        return pinv(self)

    def logdet(self) -> Any:
        """Return the logarithm of the determinant; nan where that is negative."""
        sign, size = slogdet(self)
        return el.choose(sign == -1.0, math.nan, size)

    def cross(self, other: Any, dim: int | None = None) -> Any:
        """Return the products of vectors in space; they lie along the first dimension of size 3, or a named one."""
        if dim is None:
            warnings.warn(
                "Using torch.cross without specifying the dim arg is deprecated.\nPlease either pass the dim explicitly"
                " or simply use torch.linalg.cross.\nThe default value of dim will change to agree with that of"
                " linalg.cross in a future release.",
                UserWarning,
                stacklevel=3,
            )
        at = next((d for d, n in enumerate(self.shape) if n == 3), -1) if dim is None else dim
        return cross(self, other, dim=at)
