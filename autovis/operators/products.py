"""Products of vectors, matrices and stacks of matrices."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autovis import dtypes, errors
from autovis.operators.arguments import Operand
from autovis.operators.einsum import tensordot
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
        for name, x in (("self", self), ("mat2", other)):
            if x.ndim != 2:
                raise RuntimeError(f"{name} must be a matrix")
        check_matrices(self, other)
        return (linear.mm_turned if other.numbers.flags.f_contiguous else linear.mm)(self, other)

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

    def addmm(self, mat1: Any, mat2: Any, *, beta: float = 1, alpha: float = 1) -> Any:
        """Return `beta * self + alpha * mat1 @ mat2`."""
        for name, x in (("mat1", mat1), ("mat2", mat2)):
            if x.ndim != 2:
                raise RuntimeError(f"{name} must be a matrix, got {x.ndim}-D tensor")
        check_matrices(mat1, mat2)
        if self.shape != (mat1.shape[0], mat2.shape[1]):
            self.expand(mat1.shape[0], mat2.shape[1])  # which says why, if it does not fit
        if beta == alpha == 1:
            return linear.addmm(self, mat1, mat2)
        return linear.addmm_scaled(self, mat1, mat2, beta=beta, alpha=alpha)

    def addbmm(self, batch1: Any, batch2: Any, *, beta: float = 1, alpha: float = 1) -> Any:
        """Return `beta * self + alpha *` the sum of `batch1 @ batch2` over both stacks."""
        check_stacks(batch1, batch2)
        return linear.addbmm(self, batch1, batch2, beta=beta, alpha=alpha)

    def addmv(self, mat: Any, vec: Any, *, beta: float = 1, alpha: float = 1) -> Any:
        """Return `beta * self + alpha * mat @ vec`."""
        if mat.ndim != 2 or vec.ndim != 1 or self.ndim > 1:
            raise RuntimeError(f"vector + matrix @ vector expected, got {self.ndim}, {mat.ndim}, {vec.ndim}")
        check_vector(mat, vec)
        return linear.addmv(self, mat, vec, beta=beta, alpha=alpha)

    def addr(self, vec1: Any, vec2: Any, *, beta: float = 1, alpha: float = 1) -> Any:
        """Return `beta * self + alpha * outer(vec1, vec2)`."""
        return linear.addr(self, vec1, vec2, beta=beta, alpha=alpha)

    def baddbmm(self, batch1: Any, batch2: Any, *, beta: float = 1, alpha: float = 1) -> Any:
        """Return `beta * self + alpha * batch1 @ batch2`, matrix by matrix."""
        check_stacks(batch1, batch2)
        return linear.baddbmm(self, batch1, batch2, beta=beta, alpha=alpha)

    def outer(self, vec2: Any) -> Any:
        """Return the products of every element of one vector with every element of another."""
        for name, x in (("self", self), ("vec2", vec2)):
            if x.ndim != 1:
                raise RuntimeError(f"outer: Expected 1-D argument {name}, but got {x.ndim}-D")
        return self.reshape(-1, 1) * vec2

    ger = outer

    def vdot(self, other: Any) -> Any:
        """Return the inner product of two vectors."""
        return linear.vdot(self, other)

    def kron(self, other: Any) -> Any:
        """Return every element of one tensor times the whole other, block by block."""
        n = max(self.ndim, other.ndim)
        a, b = ((1,) * (n - x.ndim) + tuple(x.shape) for x in (self, other))
        left = self.reshape([size for pair in zip(a, (1,) * n, strict=True) for size in pair])
        right = other.reshape([size for pair in zip((1,) * n, b, strict=True) for size in pair])
        return shape.unsafe_view(left * right, to=tuple(i * j for i, j in zip(a, b, strict=True)))

    def inner(self, other: Any) -> Any:
        """Return the sums of products along the last dimensions of both."""
        if not self.ndim or not other.ndim:
            return self * other
        if self.shape[-1] != other.shape[-1]:
            raise RuntimeError(
                "inner() the last dimension must match on both input tensors but got shapes"
                f" {list(self.shape)} and {list(other.shape)}"
            )
        return tensordot(self, other, ([-1], [-1]))

    def bmm(self, other: Any) -> Any:
        """Return the products of two stacks of matrices."""
        check_stacks(self, other)
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
    if foldable(x, y):  # many matrices times one: one tall matrix
        turned = y.ndim > x.ndim
        many, one = (y.mT, x if x.ndim == 1 else shape.t(x)) if turned else (x, y)
        tall = many.reshape(math.prod(many.shape[:-1]), many.shape[-1])
        product = shape.unsafe_view(
            tall.mm(one) if one.ndim == 2 else tall.mv(one), to=(*many.shape[:-1], *one.shape[1:])
        )
        return product.mT.contiguous() if turned and one.ndim == 2 else product
    left = x if x.ndim > 1 else shape.unsqueeze(x, dim=0)
    y, vector = (y, False) if y.ndim > 1 else (shape.unsqueeze(y, dim=1), True)
    stack = np.broadcast_shapes(left.shape[:-2], y.shape[:-2])
    a = left.expand(*stack, *left.shape[-2:]).reshape(math.prod(stack), *left.shape[-2:])
    b = y.expand(*stack, *y.shape[-2:]).reshape(math.prod(stack), *y.shape[-2:])
    sizes = (*stack, *(() if x.ndim == 1 else (left.shape[-2],)), *(() if vector else (y.shape[-1],)))
    return shape.unsafe_view(a.bmm(b), to=sizes)


def foldable(x: Any, y: Any) -> bool:
    """Whether a stack of matrices times one can be had as one product without copying more than PyTorch does."""
    many, one = (x, y) if x.ndim >= y.ndim else (y.mT, x)
    if many.ndim < 3 or one.ndim > 2:
        return False
    if one.requires_grad:
        return True
    steps, sizes = many.stride(), many.shape
    return x.ndim != 2 and (
        not many.numel() or all(steps[i] == steps[i + 1] * sizes[i + 1] for i in range(many.ndim - 2))
    )


def check_stacks(x: Any, y: Any) -> None:
    """Refuse stacks of matrices that do not fit."""
    for name, stack in (("batch1", x), ("batch2", y)):
        if stack.ndim != 3:
            raise RuntimeError(f"{name} must be a 3D tensor")
    if (x.shape[0], x.shape[2]) != tuple(y.shape[:2]):
        raise RuntimeError(
            f"Expected size for first two dimensions of batch2 tensor to be: [{x.shape[0]}, {x.shape[2]}] but got:"
            f" [{y.shape[0]}, {y.shape[1]}]."
        )
    if x.dtype is not y.dtype:
        raise RuntimeError(f"expected scalar type {x.dtype.word} but found {y.dtype.word}")


def check_kinds(x: Any, y: Any) -> None:
    """Refuse a product of different kinds."""
    if x.dtype is not y.dtype:
        raise errors.explain(
            RuntimeError(f"expected m1 and m2 to have the same dtype, but got: {c_name(x.dtype)} != {c_name(y.dtype)}"),
            "Matrix products do not convert. Convert one of the two, for example y.to(x.dtype).",
        )


def c_name(kind: dtypes.dtype) -> str:
    """Return what C++ calls a kind, as some of PyTorch's sentences do."""
    return {"float32": "float", "float64": "double", "int64": "long int", "int32": "int"}.get(kind.name, kind.name)


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
    if not matrix.ndim:
        raise IndexError("Dimension specified as 0 but tensor has no dimensions")
    if matrix.ndim != 2 or vector.ndim != 1:
        raise RuntimeError(f"vector + matrix @ vector expected, got 1, {matrix.ndim}, {vector.ndim}")
    if matrix.shape[1] != vector.shape[0]:
        raise errors.explain(
            RuntimeError(
                f"size mismatch, got input ({matrix.shape[0]}), mat ({matrix.shape[0]}x{matrix.shape[1]}), vec"
                f" ({vector.shape[0]})"
            ),
            "The vector needs one number for each column of the matrix.",
        )
    if matrix.dtype is not vector.dtype:
        v, m = vector.dtype.word, matrix.dtype.word
        raise RuntimeError(f"addmv input tensors must have the same dtype, but got {v}, {m}, and {v}")


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
