"""Products of vectors, matrices and stacks of matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from autovis import dtypes, errors
from autovis.operators.arguments import Operand
from autovis.rules import linear, shape


class Products(Operand):
    """The part of a tensor that multiplies matrices."""

    __slots__ = ()

    def matmul(self, other: Any) -> Any:
        """Return the product of vectors, matrices or stacks of matrices.

        Raises:
            RuntimeError: if the shapes or kinds do not fit.
        """
        return matmul(self, other)

    def __matmul__(self, other: Any) -> Any:
        return matmul(self, other) if isinstance(other, Operand) else NotImplemented

    def mm(self, other: Any) -> Any:
        """Return the product of two matrices."""
        if other.ndim != 2:
            raise RuntimeError("mat2 must be a matrix")
        if self.ndim != 2:
            raise RuntimeError("self must be a matrix")
        check_matrices(self, other)
        return linear.mm(self, other)

    def mv(self, vector: Any) -> Any:
        """Return the product of a matrix and a vector."""
        check_vector(self, vector)
        return linear.mv(self, vector)

    def dot(self, other: Any) -> Any:
        """Return the inner product of two vectors."""
        if self.ndim != 1 or other.ndim != 1:
            raise RuntimeError(f"1D tensors expected, but got {self.ndim}D and {other.ndim}D tensors")
        check_inner(self, other)
        return linear.dot(self, other)

    def addmm(self, mat1: Any, mat2: Any) -> Any:
        """Return `self + mat1 @ mat2`."""
        return linear.addmm(self, mat1, mat2)

    def inner(self, other: Any) -> Any:
        """Return the sums of products along the last dimensions of both."""
        return self.matmul(other.mT) if other.ndim > 1 else self.matmul(other)

    def bmm(self, other: Any) -> Any:
        """Return the products of two stacks of matrices."""
        if self.ndim == other.ndim == 3 and (self.shape[0], self.shape[2]) != tuple(other.shape[:2]):
            raise RuntimeError(
                "Expected size for first two dimensions of batch2 tensor to be:"
                f" [{self.shape[0]}, {self.shape[2]}] but got: [{other.shape[0]}, {other.shape[1]}]."
            )
        return linear.bmm(self, other)


def matmul(x: Any, y: Any) -> Any:
    """Choose the product by the number of dimensions, as PyTorch does."""
    if not x.ndim or not y.ndim:
        raise RuntimeError(f"both arguments to matmul need to be at least 1D, but they are {x.ndim}D and {y.ndim}D")
    if x.ndim == y.ndim == 1:
        return x.dot(y)
    if x.ndim == 2 and y.ndim == 1:
        return x.mv(y)
    if x.ndim == 1 and y.ndim == 2:
        return shape.squeeze_dim_in_place(shape.unsqueeze(x, dim=0).mm(y), dims=(0,))
    if x.ndim == y.ndim == 2:
        return x.mm(y)
    if y.ndim <= 2:  # many matrices times one: one tall matrix
        tall = x.reshape(-1, x.shape[-1])
        product = tall.mm(y) if y.ndim == 2 else tall.mv(y)
        return shape.unsafe_view(product, to=(*x.shape[:-1], *y.shape[1:]))
    left = x if x.ndim > 1 else shape.unsqueeze(x, dim=0)
    stack = np.broadcast_shapes(left.shape[:-2], y.shape[:-2])
    a = left.expand(*stack, *left.shape[-2:]).reshape(-1, *left.shape[-2:])
    b = y.expand(*stack, *y.shape[-2:]).reshape(-1, *y.shape[-2:])
    product = shape.unsafe_view(a.bmm(b), to=(*stack, left.shape[-2], y.shape[-1]))
    return product if x.ndim > 1 else shape.squeeze_dim(product, dims=(product.ndim - 2,))


def check_kinds(x: Any, y: Any) -> None:
    """Refuse a product of different kinds."""
    if x.dtype is not y.dtype:
        raise errors.explain(
            RuntimeError(f"expected m1 and m2 to have the same dtype, but got: {c_name(x.dtype)} != {c_name(y.dtype)}"),
            "Matrix products do not convert. Convert one of the two, for example y.to(x.dtype).",
        )


def c_name(kind: dtypes.dtype) -> str:
    """Return what C++ calls a kind, as some of PyTorch's sentences do."""
    return {"float32": "float", "float64": "double", "int64": "long long", "int32": "int"}.get(kind.name, kind.name)


def check_matrices(x: Any, y: Any) -> None:
    """Refuse matrices whose inner sizes differ."""
    if x.shape[1] != y.shape[0]:
        raise errors.explain(
            RuntimeError(
                f"mat1 and mat2 shapes cannot be multiplied ({x.shape[0]}x{x.shape[1]} and {y.shape[0]}x{y.shape[1]})"
            ),
            "The number of columns of the first must be the number of rows of the second.",
        )
    check_kinds(x, y)


def check_vector(matrix: Any, vector: Any) -> None:
    """Refuse a vector that does not fit a matrix."""
    if matrix.shape[1] != vector.shape[0]:
        raise errors.explain(
            RuntimeError(
                f"size mismatch, got input ({matrix.shape[0]}), mat ({matrix.shape[0]}x{matrix.shape[1]}), vec"
                f" ({vector.shape[0]})"
            ),
            "The vector needs one number for each column of the matrix.",
        )
    check_kinds(matrix, vector)


def check_inner(x: Any, y: Any) -> None:
    """Refuse vectors of different lengths."""
    if x.shape != y.shape:
        raise RuntimeError(
            f"inconsistent tensor size, expected tensor [{x.shape[0]}] and src [{y.shape[0]}] to have the same number"
            f" of elements, but got {x.shape[0]} and {y.shape[0]} elements respectively"
        )
    if x.dtype is not y.dtype:
        raise RuntimeError(
            f"dot : expected both vectors to have same dtype, but found {x.dtype.word} and {y.dtype.word}"
        )
