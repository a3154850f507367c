"""Indexing: integers, slices, `...` and None give views; lists, masks and tensors give copies."""

from __future__ import annotations

from typing import Any

import numpy as np

from autovis import dtypes, errors
from autovis.arrays import move, peek, where
from autovis.device import CPU, Device
from autovis.operators.arguments import Operand, dim_of, place_of
from autovis.rules import index as ix
from autovis.rules import shape


class Indexing(Operand):
    """The part of a tensor that picks."""

    __slots__ = ()

    def __getitem__(self, index: Any) -> Any:
        steps = index if isinstance(index, tuple) else (index,)
        if isinstance(index, str):
            raise TypeError("new(): invalid data type 'str'")
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

    def gather(self, dim: int, index: Any, *, sparse_grad: bool = False) -> Any:
        """Return for each place the element that the index names along a dimension."""
        at = dim_of(dim, self.ndim)
        return ix.gather(self, dim=at, index=along(self, "gather", at, index))

    def take_along_dim(self, indices: Any, dim: int | None = None) -> Any:
        """Return for each place the element that the indices name along a dimension; the shapes broadcast."""
        if dim is None:
            return self.reshape(-1).gather(0, indices.reshape(-1))
        at = dim_of(dim, self.ndim)
        sizes = list(np.broadcast_shapes(*((*x.shape[:at], 1, *x.shape[at + 1 :]) for x in (self, indices))))
        here, there = ([*sizes[:at], x.shape[at], *sizes[at + 1 :]] for x in (self, indices))
        return self.expand(*here).gather(at, indices.expand(*there))

    def take(self, index: Any) -> Any:
        """Return the elements that the index names, counted as if there were one dimension."""
        return ix.take(self, index=checked(index, self.numel()))

    def index_select(self, dim: int, index: Any) -> Any:
        """Return the places along a dimension that the index lists."""
        return ix.index_select(self, index=listed(self, "index_select", dim, index))

    def masked_select(self, mask: Any) -> Any:
        """Return the elements where the mask holds."""
        if mask.dtype is not dtypes.bool_:
            raise RuntimeError("masked_select: expected BoolTensor for mask")
        sizes = np.broadcast_shapes(self.shape, mask.shape)
        x = self if self.shape == sizes else self.expand(*sizes)
        return ix.masked_select(x, index=(np.broadcast_to(mask.numbers, sizes),))

    def masked_scatter(self, mask: Any, source: Any) -> Any:
        """Return a copy into which numbers are written one after the other where the mask holds."""
        return ix.masked_scatter(self, source, mask=mask.numbers[...])

    def scatter(self, dim: int, index: Any, src: Any = None, *, value: Any = None, reduce: str | None = None) -> Any:
        """Return a copy into which numbers are written at the places that an index names along a dimension."""
        source, at = value if src is None else src, dim_of(dim, self.ndim)
        places = along(self, "scatter", at, index)
        if reduce is not None:
            whole = (
                source if isinstance(source, Operand) else self.like(np.full(places.shape, source, self.numbers.dtype))
            )
            how = {"add": "sum", "multiply": "prod"}[reduce]
            return ix.scatter_reduce(self, whole, dim=at, index=places, reduce=how, include_self=True)
        if isinstance(source, Operand):
            if source.dtype is not self.dtype:
                raise RuntimeError("scatter(): Expected self.dtype to be equal to src.dtype")
            return ix.scatter(self, source, dim=at, index=places)
        return ix.scatter_value(self, dim=at, index=places, value=source)

    def scatter_add(self, dim: int, index: Any, src: Any) -> Any:
        """Return a copy to which numbers are added at the places that an index names along a dimension."""
        at = dim_of(dim, self.ndim)
        if src.dtype is not self.dtype:
            raise RuntimeError("scatter(): Expected self.dtype to be equal to src.dtype")
        return ix.scatter_sum(self, src, dim=at, index=along(self, "scatter", at, index))

    def scatter_reduce(self, dim: int, index: Any, src: Any, reduce: str, *, include_self: bool = True) -> Any:
        """Return a copy in which numbers are combined at the places that an index names along a dimension."""
        if reduce not in ix.COMBINED:
            raise RuntimeError("reduce argument must be either sum, prod, mean, amax or amin, got " + reduce)
        at = dim_of(dim, self.ndim)
        places = along(self, "scatter", at, index)
        return ix.scatter_reduce(self, src, dim=at, index=places, reduce=reduce, include_self=include_self)

    def index_add(self, dim: int, index: Any, source: Any, *, alpha: float = 1) -> Any:
        """Return a copy to whose places along a dimension, listed by an index, numbers are added."""
        added = source if alpha == 1 else source * alpha
        return ix.index_add(self, added, path=listed(self, "index_add", dim, index))

    def index_copy(self, dim: int, index: Any, source: Any) -> Any:
        """Return a copy into whose places along a dimension, listed by an index, numbers are written."""
        return ix.index_copy(self, source, index=listed(self, "index_copy", dim, index))

    def index_fill(self, dim: int, index: Any, value: Any) -> Any:
        """Return a copy whose places along a dimension, listed by an index, hold one number."""
        number = value.item() if isinstance(value, Operand) else value
        return ix.index_fill(self, path=listed(self, "index_fill", dim, index), value=number)

    def index_put(self, indices: Any, values: Any, accumulate: bool = False) -> Any:
        """Return a copy into which values are written, or to which they are added, at the places of an index."""
        rule = ix.put_sum if accumulate else ix.put_at
        return rule(self, values, index=numpy_index(self, tuple(indices)))


def checked(index: Any, size: int) -> Any:
    """Return the array of an index, and refuse places that do not exist."""
    places = index.numbers[...]
    if places.dtype != np.int64:
        raise RuntimeError(f"take(): Expected a long tensor for index, but got {index.dtype.word}")
    given = peek(places)
    if places.size and not (-size <= given.min() and given.max() < size):
        raise IndexError(
            "out of range: tried to access index "
            f"{int(given[(given < -size) | (given >= size)][0])}"
            f" on a tensor of {size} elements."
        )
    return places


def along(x: Any, name: str, dim: int, index: Any) -> Any:
    """Return the array of an index that names places along a dimension.

    Raises:
        RuntimeError: if it holds no integers, has another number of dimensions, or names places that do not exist.
    """
    places = index.numbers[...]
    if places.dtype.kind != "i" or places.dtype.itemsize < 4:
        raise RuntimeError(f"{name}(): Expected dtype int32/int64 for index")
    if max(places.ndim, 1) != max(x.ndim, 1) and places.size:
        raise RuntimeError(
            "Index tensor must have the same number of dimensions as "
            + ("input tensor" if name == "gather" else "self tensor")
        )
    size = x.shape[dim] if x.ndim else 1
    if name == "gather":
        for d, (n, m) in enumerate(zip(places.shape, x.shape, strict=False)):
            if d != dim and n > m:
                raise RuntimeError(
                    f"Size does not match at dimension {d} expected index {list(places.shape)} to be no larger than"
                    f" self {list(x.shape)} apart from dimension {dim}"
                )
    if places.size and not (places.min() >= 0 and places.max() < size):
        wrong = int(places[(places < 0) | (places >= size)].flat[0])
        raise RuntimeError(f"index {wrong} is out of bounds for dimension {dim} with size {size}")
    return places


def listed(x: Any, name: str, dim: int, index: Any) -> tuple[Any, ...]:
    """Return NumPy's index for places along a dimension that a vector lists.

    Raises:
        IndexError: if it is no vector, or names places that do not exist.
        RuntimeError: if it holds no integers.
    """
    places = index.numbers[...]
    add = name == "index_add"
    if places.ndim > 1:
        told = f", but got dim: {places.ndim} with type: {index.dtype.word} and size: {list(places.shape)}"
        raise IndexError(f"{name}{'_' * add}(): Index is supposed to be a vector{told if add else ''}")
    if places.dtype.kind != "i" or places.dtype.itemsize < 4:
        told = f"int32/int64 for index but got: {index.dtype.word}" if add else "int32 or int64 for index"
        raise RuntimeError(f"{name}{'_' * add}(): Expected dtype {told}")
    at = dim_of(dim, x.ndim)
    size = x.shape[at] if x.ndim else 1
    least = 0 if name in ("index_select", "index_add") else -size
    given = peek(places)
    if places.size and not (least <= given.min() and given.max() < size):
        wrong = int(given[(given < least) | (given >= size)].flat[0])
        if add:
            raise RuntimeError(f"index {wrong} is out of bounds for dimension {at} with size {size}")
        if name == "index_select" and at == x.ndim - 1 and x.ndim > 1:
            raise RuntimeError(f"INDICES element is out of DATA bounds, id={wrong} axis_dim={size}")
        raise IndexError("index out of range in self")
    return (slice(None),) * at + (np.atleast_1d(places),) if x.ndim else (Ellipsis,)


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
        only = steps[0] if len(steps) == 1 and not tensor.ndim else None
        if isinstance(only, slice):
            check_step(only)
            raise IndexError("slice() cannot be applied to a 0-dim tensor.")
        if isinstance(only, int) and only:
            raise IndexError(f"index {only} is out of bounds for dimension 0 with size 0")
        if isinstance(only, int):
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
    steps = (*steps[: at + 1], *(step for step in steps[at + 1 :] if step is not Ellipsis))
    return (*steps[:at], *(slice(None),) * (tensor.ndim - used), *steps[at + 1 :])


def check_step(part: slice) -> None:
    """Refuse a slice that goes backwards, or nowhere."""
    if part.step == 0:
        raise ValueError("slice step cannot be zero")
    if part.step is not None and part.step < 0:
        raise ValueError("step must be greater than zero")


def sliced(x: Any, part: slice, dim: int) -> Any:
    """Return a view of a slice; the tensor itself if the slice is everything."""
    check_step(part)
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
            array = step.numbers[...] if isinstance(step, Operand) else np.asarray(step)
            array = array.astype(bool) if array.dtype == np.uint8 and isinstance(step, Operand) else array
            array = array.astype(np.int64) if not isinstance(step, Operand) and array.dtype.kind == "f" else array
            array = beside(array, tensor.device)
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
                given = peek(array)  # refused before anything is written, on a device too
                if given.size and not (-size <= given.min() and given.max() < size):
                    wrong = int(given[(given < -size) | (given >= size)].flat[0])
                    raise IndexError(f"index {wrong} is out of bounds for dimension {dim} with size {size}")
                dim += 1
            result.append(array)
        else:
            result.append(step.__index__() if hasattr(step, "__index__") and not isinstance(step, bool) else step)
            dim += step is not None and not isinstance(step, bool)
    check_together([place for place in result if hasattr(place, "dtype")])
    return tuple(result)


def beside(index: Any, device: Device) -> Any:
    """Return an index on the device of what it picks from; one of the host is copied there.

    Raises:
        RuntimeError: if it is on another device.
    """
    if where(index) not in (CPU, device):
        raise errors.explain(
            RuntimeError(f"indices should be either on cpu or on the same device as the indexed tensor ({device})"),
            "Move the index: index.to(x.device).",
        )
    return move(index, device)


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
