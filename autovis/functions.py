"""PyTorch's functions: most are the methods of a tensor under the same name, the others take several tensors.

>>> import autovis as av
>>> av.add(av.tensor([1.0, 2.0]), 1)
tensor([2., 3.])
"""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np

from autovis import dtypes, errors
from autovis.operators import dim_of, matmul, shape_cast
from autovis.operators.arguments import numpy_named
from autovis.operators.einsum import einsum, tensordot
from autovis.rules import elementwise, linear, shape
from autovis.tensor import Tensor

METHODS = [
    "abs", "absolute", "acos", "add", "addcdiv", "addcmul", "all", "allclose", "amax", "amin", "any", "arccos",
    "arcsin", "arctan", "arctan2", "argmax", "argmin", "argsort", "asin", "atan", "atan2", "bincount", "bmm",
    "broadcast_to", "ceil", "chunk", "clamp", "clamp_max", "clamp_min", "clip", "clone", "cos", "cosh",
    "count_nonzero", "cumprod", "cumsum", "diag", "diagonal", "diff", "div", "divide", "dot", "eq", "equal", "erf",
    "exp", "exp2", "expm1", "flatten", "flip", "fliplr", "flipud", "floor", "floor_divide", "gather", "ge", "gt",
    "histc", "index_add", "index_select", "inner", "is_floating_point", "isclose", "isfinite", "isinf", "isnan", "le",
    "lerp", "log", "log10", "log1p", "log2", "log_softmax", "logaddexp", "logical_and", "logical_not", "logical_or",
    "logical_xor", "logsumexp", "lt", "masked_fill", "masked_select", "max", "maximum", "mean", "median", "min",
    "minimum", "mm", "moveaxis", "movedim", "mul", "multiply", "mv", "nan_to_num", "narrow", "ne", "neg", "negative",
    "nonzero", "norm", "permute", "pow", "prod", "ravel", "reciprocal", "relu", "remainder", "repeat_interleave",
    "reshape", "roll", "round", "rsqrt", "scatter", "scatter_add", "select", "sigmoid", "sign", "sin", "sinh",
    "softmax", "sort", "split", "sqrt", "square", "squeeze", "std", "sub", "subtract", "sum", "swapaxes", "swapdims",
    "t", "tan", "tanh", "tile", "topk", "trace", "transpose", "tril", "triu", "true_divide", "trunc", "unbind",
    "unflatten", "unique", "unsqueeze", "var",
]  # fmt: skip

globals().update({name: getattr(Tensor, name) for name in METHODS})

__all__ = [
    *METHODS, "addmm", "cat", "cdist", "column_stack", "concat", "concatenate", "cosine_similarity", "einsum",
    "hstack", "is_tensor", "load", "matmul", "meshgrid", "numel", "outer", "save", "stack", "std_mean", "tensordot",
    "var_mean", "vstack", "where",
]  # fmt: skip


def is_tensor(thing: object) -> bool:
    """Whether it is a tensor."""
    return isinstance(thing, Tensor)


def numel(input: Tensor) -> int:
    """Return how many elements a tensor has."""
    return input.numel()


@numpy_named
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


concat = concatenate = cat


def of_one_kind(parts: list[Any]) -> list[Any]:
    """Convert tensors to the kind that an operation on all of them computes in."""
    if len({part.dtype for part in parts}) == 1:
        return parts
    kind = dtypes.of_numpy(dtypes.promote([np.asarray(part.numbers) for part in parts]))
    return [shape_cast(part, kind) for part in parts]


@numpy_named
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


def vstack(tensors: Sequence[Any]) -> Any:
    """Return tensors below each other; vectors count as rows."""
    return cat([x if x.ndim > 1 else x.reshape(1, -1) for x in tensors])


def column_stack(tensors: Sequence[Any]) -> Any:
    """Return tensors side by side; vectors count as columns."""
    return cat([x if x.ndim > 1 else x.reshape(-1, 1) for x in tensors], 1)


def cdist(x1: Any, x2: Any, p: float = 2.0) -> Any:
    """Return the distance of every row of one matrix from every row of another."""
    return (x1.unsqueeze(-2) - x2.unsqueeze(-3)).norm(p, -1)


def hstack(tensors: Sequence[Any]) -> Any:
    """Return tensors side by side."""
    parts = [x if x.ndim else x.reshape(1) for x in tensors]
    return cat(parts, 0 if parts[0].ndim == 1 else 1)


def meshgrid(*tensors: Any, indexing: str = "ij") -> tuple[Any, ...]:
    """Return for every place of a grid its coordinates, a tensor for each direction.

    Args:
        *tensors: the coordinates along each direction, as vectors or as one list of them.
        indexing: `ij` lays the first direction along the rows' numbers, `xy` along the columns'.
    """
    vectors = list(tensors[0]) if len(tensors) == 1 and not isinstance(tensors[0], Tensor) else list(tensors)
    order = [1, 0, *range(2, len(vectors))] if indexing == "xy" and len(vectors) > 1 else list(range(len(vectors)))
    sizes = [vectors[i].numel() for i in order]
    grids = []
    for i, x in enumerate(vectors):
        at = order.index(i)
        grids.append(x.view(*(sizes[at] if d == at else 1 for d in range(len(sizes)))).expand(*sizes))
    return tuple(grids)


def cosine_similarity(x1: Any, x2: Any, dim: int = 1, eps: float = 1e-08) -> Any:
    """Return the cosine of the angle between vectors that lie along a dimension."""
    first, second = (x / x.norm(2, dim, keepdim=True).clamp_min(eps) for x in (x1, x2))
    return (first * second).sum(dim)


def std_mean(input: Any, dim: Any = None, **more: Any) -> tuple[Any, Any]:
    """Return the standard deviation and the mean."""
    return input.std(dim, **more), input.mean(dim, keepdim=more.get("keepdim", False))


def var_mean(input: Any, dim: Any = None, **more: Any) -> tuple[Any, Any]:
    """Return the variance and the mean."""
    return input.var(dim, **more), input.mean(dim, keepdim=more.get("keepdim", False))


def save(obj: object, f: Any) -> None:
    """Write tensors, and lists and dicts of them, to a file given by its path or opened for writing bytes."""
    with nullcontext(f) if hasattr(f, "write") else Path(f).open("wb") as file:
        pickle.dump(obj, file)


def load(f: Any, map_location: Any = None, *, weights_only: bool = True) -> Any:
    """Read what `save` wrote; like any pickle, a file from a stranger can run a program of theirs."""
    with nullcontext(f) if hasattr(f, "read") else Path(f).open("rb") as file:
        return pickle.load(file)  # noqa: S301, said above
