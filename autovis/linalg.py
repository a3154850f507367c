"""Linear algebra, under the names of `torch.linalg`.

>>> import autovis as av
>>> av.linalg.solve(av.tensor([[2.0, 0.0], [0.0, 4.0]]), av.tensor([2.0, 2.0]))
tensor([1.0000, 0.5000])
"""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import numpy as np

from autovis.rules import linear
from autovis.tensor import Tensor

__all__ = ["cholesky", "det", "eigh", "eigvalsh", "inv", "lstsq", "matrix_norm", "norm", "solve", "svd", "vector_norm"]


def _kind(name: str, fields: str) -> Any:
    kind = namedtuple(name, fields)  # type: ignore[misc]  # noqa: PYI024, made for each name
    text = f"torch.return_types.{name}(\n" + ",\n".join(f"{field}=%s" for field in fields.split()) + ")"
    kind.__repr__ = lambda found: text % tuple(iter(found))  # type: ignore[method-assign, call-overload]
    return kind


Eigh, Svd, Lstsq = (
    _kind("linalg_eigh", "eigenvalues eigenvectors"),
    _kind("linalg_svd", "U S Vh"),
    _kind("linalg_lstsq", "solution residuals rank singular_values"),
)


def _array(name: str, x: Tensor) -> Any:
    """Return the array of a tensor; no gradient passes.

    Raises:
        NotImplementedError: if it requires grad.
    """
    if x.requires_grad:
        raise NotImplementedError(f"autovis has no derivative of torch.linalg.{name}: call it on x.detach().")
    return np.asarray(x.numbers)


def norm(A: Tensor, ord: Any = None, dim: Any = None, keepdim: bool = False) -> Any:
    """Return a norm of all elements, or along dimensions."""
    return A.norm(2 if ord is None else ord, dim, keepdim)


vector_norm = norm


def matrix_norm(A: Tensor, ord: Any = "fro", dim: Any = (-2, -1), keepdim: bool = False) -> Any:
    """Return the root of the sum of the squares of a matrix."""
    if ord != "fro":
        raise NotImplementedError(f"autovis does not do matrix_norm(ord={ord!r}): the Frobenius norm only.")
    return A.norm(2, dim, keepdim)


def inv(A: Tensor) -> Any:
    """Return the inverse of a matrix."""
    return linear.inv(A)


def det(A: Tensor) -> Any:
    """Return the determinant of a matrix."""
    return linear.det(A)


def solve(A: Tensor, B: Tensor) -> Any:
    """Return the x with `A @ x = B`."""
    return linear.solve(A, B.unsqueeze(-1)).squeeze(-1) if B.ndim == A.ndim - 1 else linear.solve(A, B)


def eigh(A: Tensor, UPLO: str = "L") -> Any:
    """Return eigenvalues and eigenvectors of a symmetric matrix."""
    return Eigh(*(A.like(found) for found in np.linalg.eigh(_array("eigh", A), "U" if UPLO == "U" else "L")))


def eigvalsh(A: Tensor, UPLO: str = "L") -> Any:
    """Return the eigenvalues of a symmetric matrix."""
    return eigh(A, UPLO)[0]


def svd(A: Tensor, full_matrices: bool = True) -> Any:
    """Return the factors U, S, Vᵀ of a matrix."""
    return Svd(*(A.like(found) for found in np.linalg.svd(_array("svd", A), full_matrices)))


def cholesky(L: Tensor) -> Any:
    """Return the lower triangle whose product with its transpose is the matrix."""
    return L.like(np.linalg.cholesky(_array("cholesky", L)))


def lstsq(A: Tensor, B: Tensor) -> Any:
    """Return the x for which `A @ x` comes nearest to B."""
    solution, residuals, rank, singular = np.linalg.lstsq(_array("lstsq", A), _array("lstsq", B), rcond=None)
    return Lstsq(*(A.like(np.asarray(found)) for found in (solution, residuals, np.int64(rank), singular)))
