"""PyTorch's functions: most are the methods of a tensor under the same name, the others take several tensors.

>>> import autovis as av
>>> av.add(av.tensor([1.0, 2.0]), 1)
tensor([2., 3.])
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autovis import dtypes, errors
from autovis.operators import dim_of, matmul, shape_cast
from autovis.rules import elementwise, linear, shape
from autovis.tensor import Tensor

METHODS = [
    "abs",
    "absolute",
    "acos",
    "add",
    "all",
    "amax",
    "amin",
    "any",
    "argmax",
    "argmin",
    "asin",
    "atan",
    "bmm",
    "ceil",
    "chunk",
    "clamp",
    "clip",
    "clone",
    "cos",
    "cosh",
    "cumsum",
    "diagonal",
    "div",
    "divide",
    "dot",
    "eq",
    "erf",
    "exp",
    "exp2",
    "expm1",
    "flatten",
    "flip",
    "floor",
    "floor_divide",
    "gather",
    "ge",
    "gt",
    "index_select",
    "isfinite",
    "isinf",
    "isnan",
    "le",
    "log",
    "log10",
    "log1p",
    "log2",
    "log_softmax",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "logsumexp",
    "lt",
    "masked_fill",
    "max",
    "maximum",
    "mean",
    "min",
    "minimum",
    "mm",
    "mul",
    "multiply",
    "mv",
    "narrow",
    "ne",
    "neg",
    "negative",
    "norm",
    "permute",
    "pow",
    "prod",
    "reciprocal",
    "relu",
    "remainder",
    "reshape",
    "roll",
    "round",
    "rsqrt",
    "select",
    "sigmoid",
    "sign",
    "sin",
    "sinh",
    "softmax",
    "split",
    "sqrt",
    "square",
    "squeeze",
    "std",
    "sub",
    "subtract",
    "sum",
    "t",
    "tan",
    "tanh",
    "transpose",
    "tril",
    "triu",
    "true_divide",
    "trunc",
    "unbind",
    "unflatten",
    "unsqueeze",
    "var",
]

globals().update({name: getattr(Tensor, name) for name in METHODS})

__all__ = [*METHODS, "addmm", "cat", "concat", "is_tensor", "matmul", "numel", "outer", "stack", "where"]


def is_tensor(thing: object) -> bool:
    """Whether it is a tensor."""
    return isinstance(thing, Tensor)


def numel(input: Tensor) -> int:
    """Return how many elements a tensor has."""
    return input.numel()


def cat(tensors: Sequence[Any], dim: int = 0) -> Any:
    """Return tensors joined along a dimension that they have.

    Raises:
        ValueError: for an empty list.
        RuntimeError: if other dimensions differ.
    """
    parts = list(tensors)
    if not parts:
        raise ValueError("torch.cat(): expected a non-empty list of Tensors")
    for number, part in enumerate(parts):
        if not part.ndim:
            raise RuntimeError(f"zero-dimensional tensor (at position {number}) cannot be concatenated")
    parts = [part for part in parts if part.shape != (0,)] or parts[:1]  # PyTorch has always let these pass
    at = dim_of(dim, parts[0].ndim)
    for number, part in enumerate(parts):
        if part.ndim != parts[0].ndim:
            raise RuntimeError(f"Tensors must have same number of dimensions: got {parts[0].ndim} and {part.ndim}")
        for i, (a, b) in enumerate(zip(parts[0].shape, part.shape, strict=True)):
            if i != at and a != b:
                raise errors.explain(
                    RuntimeError(
                        f"Sizes of tensors must match except in dimension {at}. Expected size {a} but got size {b} for"
                        f" tensor number {number} in the list."
                    ),
                    "Only the dimension along which tensors are joined may differ.",
                )
    parts = of_one_kind(parts)
    return shape.cat(*parts, dim=at, sizes=tuple(part.shape[at] for part in parts))


concat = cat


def of_one_kind(parts: list[Any]) -> list[Any]:
    """Convert tensors to the kind that an operation on all of them computes in."""
    if len({part.dtype for part in parts}) == 1:
        return parts
    kind = dtypes.of_numpy(dtypes.promote([np.asarray(part.numbers) for part in parts]))
    return [shape_cast(part, kind) for part in parts]


def stack(tensors: Sequence[Any], dim: int = 0) -> Any:
    """Return tensors of one shape joined along a new dimension.

    Raises:
        RuntimeError: for an empty list, or if the shapes differ.
    """
    parts = list(tensors)
    if not parts:
        raise RuntimeError("stack expects a non-empty TensorList")
    for number, part in enumerate(parts):
        if part.shape != parts[0].shape:
            raise RuntimeError(
                f"stack expects each tensor to be equal size, but got {list(parts[0].shape)} at entry 0 and"
                f" {list(part.shape)} at entry {number}"
            )
    return shape.stack(*of_one_kind(parts), dim=dim_of(dim, parts[0].ndim + 1))


def where(condition: Any, input: Any = None, other: Any = None) -> Any:
    """Return elements of the first where the condition holds, else of the second; alone, where it holds."""
    if input is None and other is None:
        return tuple(Tensor.from_numbers(places) for places in np.nonzero(condition.numbers))
    return elementwise.choose(condition, input, other)


def addmm(input: Any, mat1: Any, mat2: Any) -> Any:
    """Return `input + mat1 @ mat2`."""
    return linear.addmm(input, mat1, mat2)


def outer(input: Any, vec2: Any) -> Any:
    """Return the products of every element of one vector with every element of another."""
    return input.reshape(-1, 1) * vec2
