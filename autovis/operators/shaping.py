"""The same numbers in another shape or order."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autovis import dtypes, errors
from autovis.operators.arguments import Dims, Operand, dim_of, dims_of, filled_shape, place_of, sizes_of
from autovis.rules import shape


class Shaping(Operand):
    """The part of a tensor that rearranges."""

    __slots__ = ()

    def view(self, *sizes: Any) -> Any:
        """Return the same memory in another shape.

        Raises:
            RuntimeError: if the elements do not fit, or lie in memory in an order that this shape cannot follow.
        """
        if len(sizes) == 1 and isinstance(sizes[0], dtypes.dtype):
            raise errors.not_supported("view(dtype)", "a tensor keeps its kind; use .to(dtype).")
        to = filled_shape(sizes_of(sizes), self.shape.numel())
        if not viewable(self.numbers, to):
            raise errors.explain(
                RuntimeError(
                    "view size is not compatible with input tensor's size and stride (at least one dimension spans"
                    " across two contiguous subspaces). Use .reshape(...) instead."
                ),
                "The elements lie in memory in another order (after a transpose, say); reshape copies where it must.",
            )
        return shape.view(self, to=to)

    def reshape(self, *sizes: Any) -> Any:
        """Return another shape: a view where memory allows it, else a copy."""
        to = filled_shape(sizes_of(sizes), self.shape.numel())
        if viewable(self.numbers, to):
            in_order = np.asarray(self.numbers).flags.c_contiguous
            return (shape.view if in_order else shape.reshape_alias)(self, to=to)
        return shape.unsafe_view(shape.contiguous(self), to=to)

    def view_as(self, other: Any) -> Any:
        """Return the same memory in the shape of another tensor."""
        return self.view(*other.shape)

    def flatten(self, start_dim: int = 0, end_dim: int = -1) -> Any:
        """Return neighbouring dimensions merged into one."""
        first, last = dim_of(start_dim, self.ndim), dim_of(end_dim, self.ndim)
        if self.ndim and first == last:
            return self
        sizes = self.shape
        return self.reshape(*sizes[:first], math.prod(sizes[first : last + 1]), *sizes[last + 1 :])

    def unflatten(self, dim: int, sizes: Sequence[int]) -> Any:
        """Return one dimension divided into several."""
        at = dim_of(dim, self.ndim)
        return self.reshape(*self.shape[:at], *filled_shape(tuple(sizes), self.shape[at]), *self.shape[at + 1 :])

    def t(self) -> Any:
        """Return the transpose of a matrix; a vector stays as it is."""
        if self.ndim > 2:
            raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {self.ndim}D")
        return shape.t(self)

    @property
    def T(self) -> Any:
        """The tensor with its dimensions in reverse order."""
        return shape.permute(self, dims=tuple(reversed(range(self.ndim))))

    @property
    def mT(self) -> Any:
        """The tensor with its last two dimensions exchanged."""
        return self.transpose(-2, -1)

    def transpose(self, dim0: int, dim1: int) -> Any:
        """Return the tensor with two dimensions exchanged."""
        return shape.transpose(self, dim0=dim_of(dim0, self.ndim), dim1=dim_of(dim1, self.ndim))

    swapaxes = swapdims = transpose

    def permute(self, *dims: Any) -> Any:
        """Return the tensor with its dimensions in another order."""
        order = tuple(dim_of(d, self.ndim) for d in sizes_of(dims))
        if len(set(order)) != len(order):
            raise RuntimeError("permute(): duplicate dims are not allowed.")
        if len(order) != self.ndim:
            raise RuntimeError(
                "permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired"
                f" ordering of dimensions i.e. input.dim() = {self.ndim} is not equal to len(dims) = {len(order)}"
            )
        return shape.permute(self, dims=order)

    def squeeze(self, dim: Dims = None) -> Any:
        """Return the tensor without its dimensions of size 1, or without the named ones among them."""
        if dim is None:
            return shape.squeeze(self)
        ones = tuple(d for d in dims_of(dim, self.ndim) if self.ndim and self.shape[d] == 1)
        return shape.squeeze_dim(self, dims=ones)

    def unsqueeze(self, dim: int) -> Any:
        """Return the tensor with a new dimension of size 1."""
        return shape.unsqueeze(self, dim=dim_of(dim, self.ndim + 1))

    def expand(self, *sizes: Any) -> Any:
        """Return a view in which dimensions of size 1 are repeated; -1 keeps a size."""
        wanted = sizes_of(sizes)
        lead = len(wanted) - self.ndim
        if lead < 0:
            raise RuntimeError(
                f"expand(torch.{self.dtype.word}Tensor{{{list(self.shape)}}}, size={list(wanted)}): the number of sizes"
                f" provided ({len(wanted)}) must be greater or equal to the number of dimensions in the tensor"
                f" ({self.ndim})"
            )
        to = tuple(self.shape[i - lead] if n == -1 and i >= lead else n for i, n in enumerate(wanted))
        for i, (have, want) in reversed(list(enumerate(zip(self.shape, to[lead:], strict=True)))):
            if have not in (1, want):
                raise RuntimeError(
                    f"The expanded size of the tensor ({want}) must match the existing size ({have}) at non-singleton"
                    f" dimension {lead + i}.  Target sizes: {list(wanted)}.  Tensor sizes: {list(self.shape)}"
                )
        return shape.expand(self, to=to)

    def expand_as(self, other: Any) -> Any:
        """Return the tensor expanded to the shape of another."""
        return self.expand(*other.shape)

    def repeat(self, *times: Any) -> Any:
        """Return copies side by side."""
        counts = sizes_of(times)
        if len(counts) < self.ndim:
            raise RuntimeError(
                "Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor"
            )
        return shape.repeat(self, times=counts)

    def flip(self, *dims: Any) -> Any:
        """Return the tensor with dimensions reversed."""
        return shape.flip(self, dims=dims_of(sizes_of(dims), self.ndim))

    def roll(self, shifts: Any, dims: Any = None) -> Any:
        """Return the tensor with its elements shifted round."""
        at = dims if dims is None or isinstance(dims, int) else tuple(dims)
        return shape.roll(self, shifts=tuple(shifts) if isinstance(shifts, (list, tuple)) else shifts, dims=at)

    def tril(self, diagonal: int = 0) -> Any:
        """Return the lower triangle, zeros above."""
        return shape.tril(self, diagonal=diagonal)

    def triu(self, diagonal: int = 0) -> Any:
        """Return the upper triangle, zeros below."""
        return shape.triu(self, diagonal=diagonal)

    def diagonal(self, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Any:
        """Return a view of the diagonal."""
        return shape.diagonal(self, offset=offset, dim1=dim_of(dim1, self.ndim), dim2=dim_of(dim2, self.ndim))

    def diag(self, diagonal: int = 0) -> Any:
        """Return the diagonal of a matrix as a vector, or a vector as the diagonal of a matrix."""
        if self.ndim == 2:
            return self.diagonal(diagonal).clone()
        size = len(self) + abs(diagonal)
        return shape.undiagonal(self, whole=(size, size), offset=diagonal, dim1=0, dim2=1)

    def trace(self) -> Any:
        """Return the sum of the diagonal of a matrix."""
        return self.diagonal().sum()

    def ravel(self) -> Any:
        """Return all dimensions merged into one."""
        return self.reshape(-1)

    def reshape_as(self, other: Any) -> Any:
        """Return the shape of another tensor."""
        return self.reshape(*other.shape)

    def broadcast_to(self, *sizes: Any) -> Any:
        """Return a view in which dimensions of size 1 are repeated."""
        return self.expand(*sizes)

    def fliplr(self) -> Any:
        """Return a matrix with its columns in reverse order."""
        return self.flip(1)

    def flipud(self) -> Any:
        """Return a matrix with its rows in reverse order."""
        return self.flip(0)

    def movedim(self, source: int, destination: int) -> Any:
        """Return the tensor with one dimension moved to another place."""
        dims = [d for d in range(self.ndim) if d != dim_of(source, self.ndim)]
        dims.insert(dim_of(destination, self.ndim), dim_of(source, self.ndim))
        return self.permute(*dims)

    moveaxis = movedim

    def tile(self, *times: Any) -> Any:
        """Return copies side by side; dimensions that are not named are not copied."""
        counts = sizes_of(times)
        return self.repeat(*(1,) * (self.ndim - len(counts)), *counts)

    def repeat_interleave(self, repeats: Any, dim: int | None = None) -> Any:
        """Return each element several times in a row: all as often, or each as often as `repeats` says."""
        x, at = (self.reshape(-1), 0) if dim is None else (self, dim_of(dim, self.ndim))
        if isinstance(repeats, int):
            size = x.shape
            copies = x.unsqueeze(at + 1).expand(*size[: at + 1], repeats, *size[at + 1 :]).contiguous()
            return copies.reshape(*size[:at], size[at] * repeats, *size[at + 1 :])
        often = np.asarray(repeats.numbers if isinstance(repeats, Operand) else repeats)
        return x.index_select(at, self.like(np.repeat(np.arange(x.shape[at]), often)))

    def narrow(self, dim: int, start: int, length: int) -> Any:
        """Return a view of a piece of one dimension."""
        return shape.narrow(self, dim=dim_of(dim, self.ndim), start=int(start), length=length, step=1)

    def select(self, dim: int, index: int) -> Any:
        """Return a view of one place along a dimension."""
        at = dim_of(dim, self.ndim)
        return shape.select(self, dim=at, index=place_of(index, self.shape[at], at))

    def unbind(self, dim: int = 0) -> Any:
        """Return all places along a dimension."""
        at = dim_of(dim, self.ndim)
        steps = [(shape.select, {"dim": at, "index": i}) for i in range(self.shape[at])]
        return self._views(shape.unbind, steps, dim=at)

    def split(self, split_size: Any, dim: int = 0) -> Any:
        """Return pieces of the given size, or sizes."""
        at = dim_of(dim, self.ndim)
        total = self.shape[at]
        if isinstance(split_size, int):
            rule = shape.split
            sizes = [min(split_size, total - i) for i in range(0, total, split_size)] or [0]
        else:
            rule = shape.split_with_sizes
            sizes = list(split_size)
            if sum(sizes) != total:
                raise RuntimeError(
                    f"split_with_sizes expects split_sizes to sum exactly to {total} (input tensor's size at dimension"
                    f" {at}), but got split_sizes={sizes}"
                )
        starts = np.cumsum([0, *sizes]).tolist()
        steps = [
            (shape.narrow, {"dim": at, "start": start, "length": length, "step": 1})
            for start, length in zip(starts, sizes, strict=False)
        ]
        return self._views(rule, steps, dim=at, sizes=tuple(sizes))

    def chunk(self, chunks: int, dim: int = 0) -> Any:
        """Return about `chunks` pieces of equal size."""
        return self.split(max(1, -(-self.shape[dim_of(dim, self.ndim)] // chunks)), dim)

    def clone(self) -> Any:
        """Return a copy that is part of the graph."""
        return shape.clone(self)

    def contiguous(self) -> Any:
        """Return the tensor with its elements in order in memory; itself if they are."""
        return self if np.asarray(self.numbers).flags.c_contiguous else shape.contiguous(self)


def viewable(array: Any, to: tuple[int, ...]) -> bool:
    """Whether a shape can be had without a copy."""
    if not isinstance(array, np.ndarray) or array.flags.c_contiguous or not array.size:
        return True
    return np.shares_memory(array.reshape(to), array)
