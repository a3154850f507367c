"""Indexing: integers, slices, `...` and None give views; lists, masks and tensors give copies."""

from __future__ import annotations

from typing import Any

import numpy as np

from autovis import dtypes, errors
from autovis.operators.arguments import Operand, dim_of, place_of
from autovis.rules import index as ix
from autovis.rules import shape


class Indexing(Operand):
    """The part of a tensor that picks."""

    __slots__ = ()

    def __getitem__(self, index: Any) -> Any:
        steps = index if isinstance(index, tuple) else (index,)
        if any(is_advanced(step) for step in steps):
            return ix.pick(self, index=numpy_index(self, steps))
        result, dim = self, 0
        for at, step in enumerate(expand_ellipsis(self, steps)):
            if step is None:
                result = shape.unsqueeze(result, dim=dim)
                dim += 1
            elif isinstance(step, slice):
                result = sliced(result, step, dim)
                dim += 1
            else:
                result = shape.select(result, dim=dim, index=place_of(step, result.shape[dim], dim, at=at))
        return result if result is not self else shape.alias(self) if all_of(steps) else whole(self)

    def gather(self, dim: int, index: Any) -> Any:
        """Return for each place the element that the index names along a dimension."""
        return ix.gather(self, dim=dim_of(dim, self.ndim), index=np.asarray(index.numbers))

    def index_select(self, dim: int, index: Any) -> Any:
        """Return the places along a dimension that the index lists."""
        return ix.index_select(self, index=(slice(None),) * dim_of(dim, self.ndim) + (np.asarray(index.numbers),))


def all_of(steps: tuple[Any, ...]) -> bool:
    """Whether an index is `...` or nothing at all."""
    return all(step is Ellipsis for step in steps)


def whole(x: Any) -> Any:
    """Return `x[:]`, a view of everything."""
    return shape.narrow(x, dim=0, start=0, length=x.shape[0], step=1)


def is_advanced(step: Any) -> bool:
    """Whether an index picks by a list, a mask or a tensor, and so makes a copy."""
    if isinstance(step, Operand):
        return step.ndim > 0 or step.dtype is dtypes.bool_
    return isinstance(step, (list, bool, np.ndarray, range))


def dims_used(step: Any) -> int:
    """Count the dimensions that one index takes; a mask takes as many as it has."""
    if step is None or step is Ellipsis or isinstance(step, bool):
        return 0
    return int(step.ndim) if getattr(step, "dtype", None) in (dtypes.bool_, np.bool_) else 1


def expand_ellipsis(tensor: Any, steps: tuple[Any, ...]) -> tuple[Any, ...]:
    """Write `...` as the slices it stands for, and refuse too many indices."""
    used = sum(dims_used(step) for step in steps)
    if used > tensor.ndim:
        if not tensor.ndim and isinstance(steps[0], slice):
            raise IndexError("slice() cannot be applied to a 0-dim tensor.")
        if not tensor.ndim:
            raise errors.explain(
                IndexError(
                    "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to"
                    " convert a 0-dim tensor to a number"
                ),
                "The tensor is a single number and has no places.",
            )
        raise IndexError(f"too many indices for tensor of dimension {tensor.ndim}")
    if not any(step is Ellipsis for step in steps):
        return steps
    at = next(i for i, step in enumerate(steps) if step is Ellipsis)
    return (*steps[:at], *(slice(None),) * (tensor.ndim - used), *steps[at + 1 :])


def sliced(x: Any, part: slice, dim: int) -> Any:
    """Return a view of a slice; the tensor itself if the slice is everything."""
    if part.step == 0:
        raise ValueError("slice step cannot be zero")
    if part.step is not None and part.step < 0:
        raise ValueError("step must be greater than zero")
    size = x.shape[dim]
    start, stop, step = slice(
        *(None if n is None else n.__index__() for n in (part.start, part.stop, part.step))
    ).indices(size)
    length = max(0, -(-(stop - start) // step))
    if (start, length, step) == (0, size, 1):
        return x
    return shape.narrow(x, dim=dim, start=start, length=length, step=step)


def numpy_index(tensor: Any, steps: tuple[Any, ...]) -> tuple[Any, ...]:
    """Turn an index with lists, masks or tensors into NumPy's.

    Raises:
        IndexError: if a mask does not fit, an index is out of range, or of a kind that cannot be one.
    """
    result: list[Any] = []
    dim = 0
    for step in expand_ellipsis(tensor, steps) if not any(isinstance(s, bool) for s in steps) else steps:
        if isinstance(step, (Operand, list, np.ndarray, range)):
            array = np.asarray(step.numbers if isinstance(step, Operand) else step)
            array = array.astype(np.int64) if not isinstance(step, Operand) and array.dtype.kind == "f" else array
            if array.dtype.kind not in "bui":
                raise IndexError("tensors used as indices must be long, int, byte or bool tensors")
            if array.dtype.kind == "b":
                for i, n in enumerate(array.shape):
                    if dim + i >= tensor.ndim or n != tensor.shape[dim + i]:
                        raise IndexError(
                            f"The shape of the mask {list(array.shape)} at index {i} does not match the shape of the"
                            f" indexed tensor {list(tensor.shape)} at index {dim + i}"
                        )
                dim += array.ndim
            else:
                size = tensor.shape[dim]
                if array.size and not (-size <= array.min() and array.max() < size):
                    wrong = int(array[(array < -size) | (array >= size)].flat[0])
                    raise IndexError(f"index {wrong} is out of bounds for dimension {dim} with size {size}")
                dim += 1
            result.append(array)
        else:
            result.append(step.__index__() if hasattr(step, "__index__") and not isinstance(step, bool) else step)
            dim += step is not None and not isinstance(step, bool)
    check_together([place for place in result if isinstance(place, np.ndarray)])
    return tuple(result)


def check_together(places: list[np.ndarray]) -> None:
    """Refuse index tensors that do not broadcast against each other."""
    try:
        np.broadcast_shapes(
            *(np.flatnonzero(place).shape if place.dtype.kind == "b" else place.shape for place in places)
        )
    except ValueError:
        shapes = ", ".join(str(list(place.shape)) for place in places)
        raise IndexError(
            f"shape mismatch: indexing tensors could not be broadcast together with shapes {shapes}"
        ) from None
