"""The same numbers in another shape or order."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autovis import dtypes, errors
from autovis.arrays import peek
from autovis.operators.arguments import (
    Dims,
    Operand,
    dim_in,
    dim_of,
    filled_shape,
    numpy_named,
    place_of,
    shape_cast,
    sizes_of,
)
from autovis.rules import shape

REVERSED = (
    "The use of `x.T` on tensors of dimension other than 2 to reverse their shape is deprecated and it will throw an"
    " error in a future release. Consider `x.mT` to transpose batches of matrices or"
    " `x.permute(*torch.arange(x.ndim - 1, -1, -1))` to reverse the dimensions of a tensor."
)
IDENTITY = "Tensor.{} is deprecated on 0-D tensors. This function is the identity in these cases."


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
            in_order = self.numbers[...].flags.c_contiguous
            return (shape.view if in_order else shape.reshape_alias)(self, to=to)
        return shape.unsafe_view(shape.contiguous(self), to=to)

    def view_as(self, other: Any) -> Any:
        """Return the same memory in the shape of another tensor."""
        return self.view(*other.shape)

    def flatten(self, start_dim: int = 0, end_dim: int = -1) -> Any:
        """Return neighbouring dimensions merged into one."""
        first, last = dim_of(start_dim, self.ndim), dim_of(end_dim, self.ndim)
        if first > last:
            raise RuntimeError("flatten() has invalid args: start_dim cannot come after end_dim")
        if self.ndim and first == last:
            return self
        sizes = self.shape
        return self.reshape(*sizes[:first], math.prod(sizes[first : last + 1]), *sizes[last + 1 :])

    def unflatten(self, dim: int, sizes: Sequence[int]) -> Any:
        """Return one dimension divided into several."""
        at, size = dim_of(dim, self.ndim), self.shape[dim]
        known = math.prod(n for n in sizes if n != -1)
        if known != size if -1 not in sizes else not known or size % known:
            raise RuntimeError(
                f"unflatten: Provided sizes {list(sizes)} don't multiply up to the size of dim {at} ({size}) in the"
                " input tensor"
            )
        return self.view(*self.shape[:at], *filled_shape(tuple(sizes), size), *self.shape[at + 1 :])

    def t(self) -> Any:
        """Return the transpose of a matrix; a vector stays as it is."""
        if self.ndim > 2:
            raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {self.ndim}D")
        return shape.t(self)

    @property
    def T(self) -> Any:
        """The tensor with its dimensions in reverse order."""
        if self.ndim != 2:
            errors.warn_once(REVERSED if self.ndim else IDENTITY.format("T"))
        return shape.permute(self, dims=tuple(reversed(range(self.ndim))))

    @property
    def mT(self) -> Any:
        """The tensor with its last two dimensions exchanged."""
        if self.ndim == 1:
            raise RuntimeError("tensor.mT is only supported on matrices or batches of matrices. Got 1-D tensor.")
        if not self.ndim:
            errors.warn_once(IDENTITY.format("mT"))
            return self
        return self.transpose(-2, -1)

    mH = mT  # noqa: N815, PyTorch's name

    @property
    def H(self) -> Any:
        """The transpose of a matrix."""
        return self.transpose(0, 1)

    def adjoint(self) -> Any:
        """Return the tensor with its last two dimensions exchanged."""
        return self.transpose(-2, -1)

    def transpose(self, dim0: int, dim1: int) -> Any:
        """Return the tensor with two dimensions exchanged."""
        first, second = dim_of(dim0, self.ndim), dim_of(dim1, self.ndim)
        return shape.transpose(self, dim0=first, dim1=second)

    swapaxes = swapdims = transpose

    def permute(self, *dims: Any) -> Any:
        """Return the tensor with its dimensions in another order."""
        wanted = sizes_of(dims)
        if len(wanted) != self.ndim:
            raise RuntimeError(
                "permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired"
                f" ordering of dimensions i.e. input.dim() = {self.ndim} is not equal to len(dims) = {len(wanted)}"
            )
        order = tuple(dim_of(d, self.ndim) for d in wanted)
        if len(set(order)) != len(order):
            raise RuntimeError("permute(): duplicate dims are not allowed.")
        return shape.permute(self, dims=order)

    def squeeze(self, dim: Dims = None) -> Any:
        """Return the tensor without its dimensions of size 1, or without the named ones among them."""
        if dim is None:
            return shape.squeeze(self)
        named = (dim,) if isinstance(dim, int) else tuple(dim)
        ones = tuple(d for d in (dim_of(d, self.ndim) for d in named) if self.ndim and self.shape[d] == 1)
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
        if -1 in to:
            if not self.ndim:
                raise RuntimeError("numel: integer multiplication overflow")
            at = max(i for i in range(lead) if to[i] == -1)
            raise RuntimeError(
                f"The expanded size of the tensor (-1) isn't allowed in a leading, non-existing dimension {at}"
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
        order = tuple(dim_of(d, self.ndim) for d in sizes_of(dims))
        for d in order:
            if order.count(d) > 1:
                raise RuntimeError(f"dim {d} appears multiple times in the list of dims")
        return shape.flip(self, dims=order if self.ndim else ())

    def roll(self, shifts: Any, dims: Any = None) -> Any:
        """Return the tensor with its elements shifted round."""
        steps = tuple(shifts) if isinstance(shifts, (list, tuple)) else (shifts,)
        named = () if dims is None else tuple(dims) if isinstance(dims, (list, tuple)) else (dims,)
        if len(named) != len(steps) and (named or len(steps) > 1):
            raise RuntimeError(f"shifts and dimensions must align. shifts: {len(steps)}, dims:{len(named)}")
        if not self.numel():
            return shape.roll(self, shifts=0, dims=None)
        at = tuple(dim_in(d, self.ndim) for d in named)
        return shape.roll(self, shifts=steps if named else steps[0], dims=at or None)

    def tril(self, diagonal: int = 0) -> Any:
        """Return the lower triangle, zeros above."""
        check_matrix(self, "tril")
        return shape.tril(self, diagonal=diagonal)

    def triu(self, diagonal: int = 0) -> Any:
        """Return the upper triangle, zeros below."""
        check_matrix(self, "triu")
        return shape.triu(self, diagonal=diagonal)

    def diagonal(self, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Any:
        """Return a view of the diagonal."""
        return shape.diagonal(self, offset=offset, dim1=dim_of(dim1, self.ndim), dim2=dim_of(dim2, self.ndim))

    def diag(self, diagonal: int = 0) -> Any:
        """Return the diagonal of a matrix as a vector, or a vector as the diagonal of a matrix."""
        if self.ndim not in (1, 2):
            raise RuntimeError(f"diag(): Supports 1D or 2D tensors. Got {self.ndim}D")
        return shape.diagonal_copy(self, offset=diagonal) if self.ndim == 2 else self.diag_embed(diagonal)

    def diag_embed(self, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Any:
        """Return matrices whose diagonals are the vectors along the last dimension."""
        first, second = dim_of(dim1, self.ndim + 1), dim_of(dim2, self.ndim + 1)
        size, whole = self.shape[-1] + abs(offset), list(self.shape[:-1])
        for at in sorted((first, second)):
            whole.insert(at, size)
        return shape.diag_embed(self, whole=tuple(whole), offset=offset, dim1=first, dim2=second)

    def diagflat(self, offset: int = 0) -> Any:
        """Return a matrix whose diagonal holds all elements."""
        return self.reshape(-1).diag_embed(offset)

    def trace(self) -> Any:
        """Return the sum of the diagonal of a matrix."""
        if self.ndim != 2:
            raise RuntimeError("trace: expected a matrix, but got tensor with dim " + str(self.ndim))
        return shape.trace(self if self.dtype.is_floating_point else shape_cast(self, dtypes.int64))

    def unfold(self, dimension: int, size: int, step: int) -> Any:
        """Return a view of the windows of some size along a dimension, what each sees along a new last one."""
        at = dim_of(dimension, self.ndim)
        most = self.shape[at] if self.ndim else 1
        if size > most:
            raise RuntimeError(f"maximum size for tensor at dimension {at} is {most} but size is {size}")
        if step <= 0:
            raise RuntimeError(f"step is {step} but must be > 0")
        return shape.unfold(self, dim=at, size=size, step=step)

    def rot90(self, k: int = 1, dims: Any = (0, 1)) -> Any:
        """Return the tensor turned by right angles, from the first of two dimensions to the second."""
        if self.ndim < 2:
            raise RuntimeError(f"expected total dims >= 2, but got total dims = {self.ndim}")
        return shape.rot90(self, k=k, dims=tuple(dim_of(d, self.ndim) for d in dims))

    def select_scatter(self, src: Any, dim: int, index: int) -> Any:
        """Return a copy in which one place along a dimension is replaced."""
        at = dim_of(dim, self.ndim)
        place = (slice(None),) * at + (place_of(index, self.shape[at], at),)
        return shape.select_scatter(self, src, where=lambda array: array[place])

    def slice_scatter(self, src: Any, dim: int = 0, start: Any = None, end: Any = None, step: int = 1) -> Any:
        """Return a copy in which a slice along a dimension is replaced."""
        place = (slice(None),) * dim_of(dim, self.ndim) + (slice(start, end, step),)
        return shape.slice_scatter(self, src, where=lambda array: array[place])

    def diagonal_scatter(self, src: Any, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Any:
        """Return a copy whose diagonal is replaced."""
        how = {"offset": offset, "dim1": dim_of(dim1, self.ndim), "dim2": dim_of(dim2, self.ndim)}
        return shape.diagonal_scatter(self, src, where=lambda array: shape.diagonal.forward(array, **how))

    def sum_to_size(self, *size: Any) -> Any:
        """Return the sums that lead back to a shape from which this one was broadcast."""
        return shape.sum_to(self, to=sizes_of(size))

    def ravel(self) -> Any:
        """Return all dimensions merged into one."""
        return self.contiguous().view(-1)

    def reshape_as(self, other: Any) -> Any:
        """Return the shape of another tensor."""
        return self.reshape(*other.shape)

    def broadcast_to(self, *sizes: Any) -> Any:
        """Return a view in which dimensions of size 1 are repeated."""
        return self.expand(*sizes)

    def fliplr(self) -> Any:
        """Return a matrix with its columns in reverse order."""
        if self.ndim < 2:
            raise RuntimeError("Input must be >= 2-d.")
        return self.flip(1)

    def flipud(self) -> Any:
        """Return a matrix with its rows in reverse order."""
        return self.flip(0)

    def movedim(self, source: Any, destination: Any) -> Any:
        """Return the tensor with dimensions moved to other places."""
        here, there = (
            [dim_of(d, self.ndim) for d in ((dims,) if isinstance(dims, int) else dims)]
            for dims in (source, destination)
        )
        rest = iter([d for d in range(self.ndim) if d not in here])
        return self.permute(*(here[there.index(d)] if d in there else next(rest) for d in range(self.ndim)))

    moveaxis = movedim

    def tile(self, *times: Any) -> Any:
        """Return copies side by side; dimensions that are not named are not copied."""
        counts = sizes_of(times)
        return self.repeat(*(1,) * (self.ndim - len(counts)), *counts)

    def repeat_interleave(self, repeats: Any = None, dim: int | None = None, *, output_size: Any = None) -> Any:
        """Return each element several times in a row: all as often, or each as often as `repeats` says."""
        if repeats is None:
            return self.like(np.repeat(np.arange(len(self.numbers)), peek(self.numbers)))
        x, at = (self.reshape(-1), 0) if dim is None else (self, dim_of(dim, self.ndim))
        often = peek(repeats.numbers) if isinstance(repeats, Operand) else np.asarray(repeats)
        if (often < 0).any():
            raise RuntimeError(f"Repeats must be non-negative, but found {often}")
        if isinstance(repeats, int):
            size = x.shape
            copies = x.unsqueeze(at + 1).expand(*size[: at + 1], repeats, *size[at + 1 :]).contiguous()
            return copies.reshape(*size[:at], size[at] * repeats, *size[at + 1 :])
        if often.size not in (1, x.shape[at]):
            raise RuntimeError(
                f"repeats must have the same size as input along dim, but got repeats.size(0) = {often.size} and"
                f" input.size({at}) = {x.shape[at]}"
            )
        return x.index_select(at, self.like(np.repeat(np.arange(x.shape[at]), often)))

    def narrow(self, dim: int, start: int, length: int) -> Any:
        """Return a view of a piece of one dimension."""
        if not self.ndim:
            raise RuntimeError("narrow() cannot be applied to a 0-dim tensor.")
        at, first = dim_of(dim, self.ndim), int(start)
        size = self.shape[at]
        if not -size <= first <= size:
            raise IndexError(f"start out of range (expected to be in range of [{-size}, {size}], but got {first})")
        first += size * (first < 0)
        if length < 0 or first + length > size:
            raise RuntimeError(
                "narrow(): length must be non-negative."
                if length < 0
                else f"start ({first}) + length ({length}) exceeds dimension size ({size})."
            )
        return shape.narrow(self, dim=at, start=first, length=length, step=1)

    def select(self, dim: int, index: int) -> Any:
        """Return a view of one place along a dimension."""
        if not self.ndim:
            raise IndexError("select() cannot be applied to a 0-dim tensor.")
        at = dim_of(dim, self.ndim)
        place, size = int(index), self.shape[at]
        if not -size <= place < size:
            raise IndexError(
                f"select(): index {place} out of range for tensor of size {list(self.shape)} at dimension {dim}"
            )
        return shape.select(self, dim=at, index=place % size)

    def unbind(self, dim: int = 0) -> Any:
        """Return all places along a dimension."""
        at = dim_of(dim, self.ndim)
        if not self.ndim:
            raise IndexError("Dimension specified as 0 but tensor has no dimensions")
        steps = [(shape.select, {"dim": at, "index": i}) for i in range(self.shape[at])]
        return self._views(shape.unbind, steps, dim=at)

    def split(self, split_size: Any, dim: int = 0) -> Any:
        """Return pieces of the given size, or sizes."""
        if not self.ndim:
            raise RuntimeError("split expects at least a 1-dimensional tensor")
        at = dim_of(dim, self.ndim)
        total = self.shape[at]
        if isinstance(split_size, int):
            if split_size < 0 or (not split_size and total):
                raise RuntimeError(
                    f"split expects split_size be non-negative, but got split_size={split_size}"
                    if split_size < 0
                    else f"split_size can only be 0 if dimension size is 0, but got dimension size of {total}"
                )
            rule = shape.split
            sizes = [min(split_size, total - i) for i in range(0, total, split_size or 1)] or [0]
        else:
            rule = shape.split_with_sizes
            sizes = list(split_size)
            if sum(sizes) != total:
                raise RuntimeError(
                    f"split_with_sizes expects split_sizes to sum exactly to {total} (input tensor's size at dimension"
                    f" {at}), but got split_sizes={sizes}"
                )
        if any(n < 0 for n in sizes):
            raise RuntimeError(
                f"split_with_sizes expects split_sizes have only non-negative entries, but got split_sizes={sizes}"
            )
        starts = np.cumsum([0, *sizes]).tolist()
        steps = [
            (shape.narrow, {"dim": at, "start": start, "length": length, "step": 1})
            for start, length in zip(starts, sizes, strict=False)
        ]
        return self._views(rule, steps, dim=at, sizes=tuple(sizes))

    def split_with_sizes(self, split_sizes: Sequence[int], dim: int = 0) -> Any:
        """Return pieces of the given sizes."""
        return self.split(list(split_sizes), dim)

    def chunk(self, chunks: int, dim: int = 0) -> Any:
        """Return about `chunks` pieces of equal size."""
        if not self.ndim:
            raise RuntimeError("chunk expects at least a 1-dimensional tensor")
        if chunks <= 0:
            raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
        size = self.shape[dim_of(dim, self.ndim)]
        return self.split(-(-size // chunks), dim) if size else self.split([0] * chunks, dim)

    def tensor_split(self, indices_or_sections: Any, dim: int = 0) -> tuple[Any, ...]:
        """Return pieces of nearly equal size, or those between the given places."""
        at, cut = dim_of(dim, self.ndim), indices_or_sections
        cut = cut.tolist() if isinstance(cut, Operand) else cut
        total = self.shape[at]
        if isinstance(cut, int):
            if cut <= 0:
                raise RuntimeError(f"number of sections must be larger than 0, got {cut}")
            sizes = [total // cut + (i < total % cut) for i in range(cut)]
            cut = np.cumsum(sizes)[:-1].tolist()
        whole = (slice(None),) * at
        return tuple(self.__getitem__((*whole, slice(*ends))) for ends in zip((0, *cut), (*cut, total), strict=True))

    def unsafe_chunk(self, chunks: int, dim: int = 0) -> Any:
        """Return about `chunks` pieces of equal size."""
        return self.chunk(chunks, dim)

    def hsplit(self, indices_or_sections: Any) -> Any:
        """Return pieces side by side."""
        return self._split_at("hsplit", 1, indices_or_sections, 0 if self.ndim == 1 else 1)

    def vsplit(self, indices_or_sections: Any) -> Any:
        """Return pieces below each other."""
        return self._split_at("vsplit", 2, indices_or_sections, 0)

    def dsplit(self, indices_or_sections: Any) -> Any:
        """Return pieces behind each other."""
        return self._split_at("dsplit", 3, indices_or_sections, 2)

    def _split_at(self, name: str, least: int, cut: Any, dim: int) -> Any:
        if self.ndim < least:
            raise RuntimeError(
                f"torch.{name} requires a tensor with at least {least} dimension, but got a tensor"
                f" with {self.ndim} dimensions!"
            )
        if isinstance(cut, int) and (cut <= 0 or self.shape[dim] % cut):
            raise RuntimeError(
                f"torch.{name} attempted to split along dimension {dim}, but the size of the dimension"
                f" {self.shape[dim]} is not divisible by the split_size {cut}!"
            )
        return self.tensor_split(cut, dim)

    def clone(self, *, memory_format: Any = None) -> Any:
        """Return a copy that is part of the graph."""
        return shape.clone(self)

    def contiguous(self, memory_format: Any = None) -> Any:
        """Return the tensor with its elements in order in memory; itself if they are."""
        return self if self.numbers[...].flags.c_contiguous else shape.contiguous(self)


def check_matrix(x: Any, name: str) -> None:
    """Refuse to take a triangle of a vector."""
    if x.ndim < 2:
        raise RuntimeError(f"{name}: input tensor must have at least 2 dimensions")


def viewable(array: Any, to: tuple[int, ...]) -> bool:
    """Whether a shape can be had without a copy."""
    if isinstance(array, np.generic) or array.flags.c_contiguous or not array.size:
        return True
    return np.shares_memory(array.reshape(to), array)


@numpy_named
def cat(tensors: Sequence[Any], dim: int = 0) -> Any:
    """Return tensors joined along a dimension that they have.

    Raises:
        ValueError: for an empty list.
        RuntimeError: if other dimensions differ.
    """
    parts = listed_tensors(tensors, "cat")
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


def listed_tensors(tensors: Any, name: str) -> list[Any]:
    """Return tensors as a list.

    Raises:
        TypeError: if it is none, or something in it is no tensor.
    """
    if not isinstance(tensors, (list, tuple)):
        raise TypeError(
            f"{name}(): argument 'tensors' (position 1) must be tuple of Tensors, not {type(tensors).__name__}"
        )
    for number, part in enumerate(tensors):
        if not isinstance(part, Operand):
            raise TypeError(f"expected Tensor as element {number} in argument 0, but got {type(part).__name__}")
    return list(tensors)


def of_one_kind(parts: list[Any]) -> list[Any]:
    """Convert tensors to the kind that an operation on all of them computes in."""
    if len({part.dtype for part in parts}) == 1:
        return parts
    kind = dtypes.of_numpy(dtypes.promote([part.numbers[...] for part in parts]))
    return [shape_cast(part, kind) for part in parts]


@numpy_named
def stack(tensors: Sequence[Any], dim: int = 0) -> Any:
    """Return tensors of one shape joined along a new dimension.

    Raises:
        RuntimeError: for an empty list, or if the shapes differ.
    """
    parts = listed_tensors(tensors, "stack")
    if not parts:
        raise RuntimeError("stack expects a non-empty TensorList")
    for number, part in enumerate(parts):
        if part.shape != parts[0].shape:
            raise RuntimeError(
                f"stack expects each tensor to be equal size, but got {list(parts[0].shape)} at entry 0 and"
                f" {list(part.shape)} at entry {number}"
            )
    return shape.stack(*of_one_kind(parts), dim=dim_of(dim, parts[0].ndim + 1))
