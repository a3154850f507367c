"""Operations that move, copy or drop numbers without changing them; each is the other's adjoint.

The derivative of a copy is a sum, of a sum a copy, of a permutation its inverse.
Those marked `view` share memory with their input.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autovis.arrays import as_strided, in_order, move, where
from autovis.primitive import Primitive

Shape = tuple[int, ...]

SMALL = 4096  # elements; below it a filled copy is cheaper than NumPy's broadcast view


def _sum_to(x: Any, *, to: Shape) -> Any:
    lead = x.ndim - len(to)
    axes = tuple(range(lead)) + tuple(lead + i for i, n in enumerate(to) if n == 1 and x.shape[lead + i] != 1)
    return np.add.reduce(x, axis=axes, keepdims=True).reshape(to) if axes else x.reshape(to)


def _spread(x: Any, *, to: Shape) -> Any:
    if math.prod(to) > SMALL:
        return np.broadcast_to(x, to)
    copies = np.empty(to, x.dtype)
    try:
        copies[...] = x
    except TypeError:  # on a device, where a view is as cheap
        return np.broadcast_to(x, to)
    return copies


def _expand(x: Any, to: Shape) -> Any:
    """Show elements several times; only then the result cannot be written to."""
    return x.reshape(to) if math.prod(to) == x.size else np.broadcast_to(x, to)


def _inverse(dims: Shape) -> Shape:
    return tuple(np.argsort(dims).tolist())


def _embed(g: Any, *, shape: Shape, dim: int, start: int, step: int = 1) -> Any:
    whole = np.zeros(shape, g.dtype, like=g[...])
    stop = start + step * g.shape[dim]
    whole[(slice(None),) * dim + (slice(start, stop, step),)] = g
    return whole


def _narrow(x: Any, *, dim: int, start: int, length: int, step: int = 1) -> Any:
    return x[(slice(None),) * dim + (slice(start, start + step * length, step),)]


sum_to = Primitive(
    "sum_to",
    lambda x, *, to: _sum_to(x, to=to),
    node="SumBackward1",
    symbol="sum",
    x=lambda g, shape: spread(g, to=shape),
)
sum_to.__doc__ = """Add up the copies that broadcasting made.

Source: the transpose of a copy is a sum (Griewank and Walther, *Evaluating Derivatives*).

>>> sum_to(np.ones((2, 3)), to=(1, 3))
array([[2., 2., 2.]])
"""
spread = Primitive(
    "spread",
    lambda x, *, to: _spread(x, to=to),
    node="ExpandBackward0",
    symbol="expand",
    x=lambda g, shape: sum_to(g, to=shape),
)
expand = Primitive("expand", lambda x, *, to: _expand(x, to), view=True, x=lambda g, shape: sum_to(g, to=shape))
view = Primitive("view", lambda x, *, to: x.reshape(to), view=True, x=lambda g, shape: reshape(g, to=shape))
alias = Primitive("alias", lambda x: x[...], symbol="[...]", view=True, x=lambda g: g)
reshape_alias = Primitive("reshape_alias", view.forward, view=True, x=view.pullbacks["x"])
reshape = Primitive(
    "reshape", lambda x, *, to: x.reshape(to), node="ViewBackward0", view=True, x=lambda g, shape: reshape(g, to=shape)
)
unsafe_view = Primitive(
    "unsafe_view", lambda x, *, to: x.reshape(to), node="UnsafeViewBackward0", x=lambda g, shape: reshape(g, to=shape)
)
t = Primitive("t", lambda x: x.T, symbol="ᵀ", view=True, x=lambda g: t(g))
transpose = Primitive(
    "transpose",
    lambda x, *, dim0, dim1: np.swapaxes(x, dim0, dim1) if x.ndim else x[...],
    symbol="ᵀ",
    view=True,
    x=lambda g, dim0, dim1: transpose(g, dim0=dim0, dim1=dim1),
)
permute = Primitive(
    "permute", lambda x, *, dims: np.transpose(x, dims), view=True, x=lambda g, dims: permute(g, dims=_inverse(dims))
)
unsqueeze = Primitive(
    "unsqueeze", lambda x, *, dim: np.expand_dims(x, dim), view=True, x=lambda g, shape: reshape(g, to=shape)
)
squeeze = Primitive("squeeze", lambda x: np.squeeze(x), view=True, x=lambda g, shape: reshape(g, to=shape))
squeeze_dim = Primitive(
    "squeeze_dim",
    lambda x, *, dims: np.squeeze(x, dims),
    node="SqueezeBackward1",
    symbol="squeeze",
    view=True,
    x=lambda g, shape: reshape(g, to=shape),
)
squeeze_dim_in_place = Primitive(  # what PyTorch's matmul ends with for a vector times a matrix
    "squeeze_",
    lambda x, *, dims: np.squeeze(x, dims),
    node="SqueezeBackward4",
    symbol="squeeze",
    x=lambda g, shape: reshape(g, to=shape),
)
select = Primitive(
    "select",
    lambda x, *, dim, index: x[(slice(None),) * dim + (index, ...)],
    symbol="[ ]",
    view=True,
    x=lambda g, shape, dim, index: embed(unsqueeze(g, dim=dim), whole=shape, dim=dim, start=index, step=1),
)
narrow = Primitive(
    "narrow",
    lambda x, *, dim, start, length, step: _narrow(x, dim=dim, start=start, length=length, step=step),
    node="SliceBackward0",
    symbol="[:]",
    view=True,
    x=lambda g, shape, dim, start, step: embed(g, whole=shape, dim=dim, start=start, step=step),
)
embed = Primitive(
    "embed",
    lambda x, *, whole, dim, start, step: _embed(x, shape=whole, dim=dim, start=start, step=step),
    node="SliceScatterBackward0",
    x=lambda g, shape, dim, start, step: narrow(g, dim=dim, start=start, length=shape[dim], step=step),
)
diagonal = Primitive(
    "diagonal",
    lambda x, *, offset, dim1, dim2: _diagonal(x, offset, dim1, dim2),
    view=True,
    x=lambda g, shape, offset, dim1, dim2: undiagonal(g, whole=shape, offset=offset, dim1=dim1, dim2=dim2),
)


def _diagonal(x: Any, offset: int, dim1: int, dim2: int) -> Any:
    """Return a view that can be written to; NumPy's own cannot, and must not be made so."""
    first, second = dim1 % x.ndim, dim2 % x.ndim
    rest = [d for d in range(x.ndim) if d not in (first, second)]
    x = np.transpose(x, (*rest, first, second))
    x = x[..., offset:] if offset >= 0 else x[..., -offset:, :]
    steps = (*x.strides[:-2], x.strides[-2] + x.strides[-1])
    return as_strided(x, (*x.shape[:-2], min(x.shape[-2:])), steps)


def _undiagonal(x: Any, *, whole: Shape, offset: int, dim1: int, dim2: int) -> Any:
    matrix = np.zeros(whole, x.dtype, like=x[...])
    _diagonal(matrix, offset, dim1, dim2)[...] = x
    return matrix


undiagonal = Primitive(
    "undiagonal",
    lambda x, *, whole, offset, dim1, dim2: _undiagonal(x, whole=whole, offset=offset, dim1=dim1, dim2=dim2),
    node="DiagonalScatterBackward0",
    x=lambda g, offset, dim1, dim2: diagonal(g, offset=offset, dim1=dim1, dim2=dim2),
)
diag_embed = Primitive(
    "diag_embed",
    undiagonal.forward,
    x=lambda g, offset, dim1, dim2: diagonal(g, offset=offset, dim1=dim1, dim2=dim2),
)
diagonal_copy = Primitive(
    "diagonal",
    lambda x, *, offset: np.diagonal(x, offset).copy(),
    node="DiagonalBackward0_copy",
    x=lambda g, shape, offset: undiagonal(g, whole=shape, offset=offset, dim1=0, dim2=1),
)
trace = Primitive(
    "trace",
    lambda x: np.trace(x).astype(x.dtype),
    x=lambda g, shape: diag_embed(spread(g, to=(min(shape),)), whole=shape, offset=0, dim1=0, dim2=1),
)


def _windows(x: Any, dim: int, size: int, step: int) -> Any:
    """Return a view with one more dimension, along which lies what a window of some size sees."""
    if not x.ndim:
        return x.reshape(1)[:size]
    count = (x.shape[dim] - size) // step + 1
    sizes, steps = list(x.shape), list(x.strides)
    sizes[dim], steps[dim] = count, steps[dim] * step
    return as_strided(x, (*sizes, size), (*steps, x.strides[dim]))


def _unwindows(g: Any, *, whole: Shape, dim: int, size: int, step: int) -> Any:
    result = np.zeros(whole, g.dtype, like=g[...])
    if not whole:
        return result + g.sum()
    for i in range(size):
        stop = i + step * (g.shape[dim] - 1) + 1
        result[(slice(None),) * dim + (slice(i, stop, step),)] += g[..., i]
    return result


unfold = Primitive(
    "unfold",
    lambda x, *, dim, size, step: _windows(x, dim, size, step),
    view=True,
    x=lambda g, shape, dim, size, step: add_windows(g, whole=shape, dim=dim, size=size, step=step),
)
add_windows = Primitive(
    "unfold_backward",
    lambda x, *, whole, dim, size, step: _unwindows(x, whole=whole, dim=dim, size=size, step=step),
    node="UnfoldBackwardBackward0",
    x=lambda g, dim, size, step: unfold(g, dim=dim, size=size, step=step),
)
cat = Primitive(
    "cat",
    lambda *tensors, dim, sizes: in_order(np.concatenate(tensors, dim)),
    tensors=lambda g, slot, dim, sizes: narrow(g, dim=dim, start=sum(sizes[:slot]), length=sizes[slot], step=1),
)
stack = Primitive(
    "stack",
    lambda *tensors, dim: in_order(np.stack(tensors, dim)),
    tensors=lambda g, slot, dim: select(g, dim=dim, index=slot),
)


def _blocks(*parts: Any, sizes: tuple[Shape, ...]) -> Any:
    corners = np.cumsum([(0, 0), *sizes], axis=0).tolist()
    whole = np.zeros(corners[-1], np.result_type(*parts), like=parts[0])
    for (row, column), part in zip(corners, parts, strict=False):
        whole[row : row + part.shape[0], column : column + part.shape[1]] = part
    return whole


def _block(g: Any, slot: int, sizes: tuple[Shape, ...]) -> Any:
    for dim in (0, 1):
        start = sum(size[dim] for size in sizes[:slot])
        g = narrow(g, dim=dim, start=start, length=sizes[slot][dim], step=1)
    return g


block_diag = Primitive("block_diag", _blocks, parts=lambda g, slot, sizes: _block(g, slot, sizes))
# several views at once; the forward is that of `narrow` and `select`, and the gradients of all arrive together
split = Primitive("split", lambda x, *, dim, sizes: x, outputs=0, x=lambda g, dim, sizes: cat(*g, dim=dim, sizes=sizes))
split_with_sizes = Primitive(
    "split_with_sizes", lambda x, *, dim, sizes: x, outputs=0, x=lambda g, dim, sizes: cat(*g, dim=dim, sizes=sizes)
)
unbind = Primitive("unbind", lambda x, *, dim: x, outputs=0, x=lambda g, dim: stack(*g, dim=dim))
clone = Primitive("clone", lambda x: x.copy("K"), x=lambda g: g)
cast = Primitive(
    "cast",
    lambda x, *, to, back: x.astype(to),
    node="ToCopyBackward0",
    symbol="to",
    x=lambda g, back, to: cast(g, to=back, back=to),
)
carry = Primitive(  # to another device, perhaps in another kind
    "to",
    lambda x, *, device, kind, source, was: move(x, device).astype(kind, copy=where(x) == device),
    node="ToCopyBackward0",
    x=lambda g, device, kind, source, was: carry(g, device=source, kind=was, source=device, was=kind),
)
cut = Primitive("to", lambda x, *, to: x.astype(to))  # to whole numbers
contiguous = Primitive("contiguous", lambda x: np.copy(x, order="C"), node="CloneBackward0", x=lambda g: g)
flip = Primitive("flip", lambda x, *, dims: np.flip(x, dims).copy(), x=lambda g, dims: flip(g, dims=dims))
roll = Primitive(
    "roll",
    lambda x, *, shifts, dims: np.roll(x, shifts, dims),
    x=lambda g, shifts, dims: roll(
        g, shifts=tuple(-n for n in shifts) if isinstance(shifts, tuple) else -shifts, dims=dims
    ),
)
rot90 = Primitive(
    "rot90", lambda x, *, k, dims: _turned(x, k % 4, *dims), x=lambda g, k, dims: rot90(g, k=-k, dims=dims)
)


def _turned(x: Any, k: int, first: int, second: int) -> Any:
    if k % 2 == 0:
        return np.flip(x, (first, second)).copy() if k else x.copy()
    return np.swapaxes(np.flip(x, second if k == 1 else first).copy(), first, second)


repeat = Primitive(
    "repeat",
    lambda x, *, times: np.tile(x, times),
    x=lambda g, shape, times: unrepeat(g, times=times, to=shape),
)


def _unrepeat(x: Any, *, times: Shape, to: Shape) -> Any:
    inner = (1,) * (len(times) - len(to)) + to
    blocks = x.reshape([n for pair in zip(times, inner, strict=True) for n in pair])
    return blocks.sum(tuple(range(0, 2 * len(times), 2))).reshape(to)


unrepeat = Primitive(
    "unrepeat",
    lambda x, *, times, to: _unrepeat(x, times=times, to=to),
    node="SumBackward1",
    x=lambda g, times: repeat(g, times=times),
)


def _placed(x: Any, part: Any, *, where: Any) -> Any:
    result = np.copy(x)
    where(result)[...] = part
    return result


def _scattered(name: str, node: str) -> Primitive:
    """Return the row of a copy in which a part, found by a function, is replaced."""
    return Primitive(
        name,
        lambda x, part, *, where: _placed(x, part, where=where),
        node=node,
        x=lambda g, where: blank(g, where=where),
        part=lambda g, where: part_of(g, where=where),
    )


blank = Primitive("blank", lambda x, *, where: _placed(x, 0, where=where), x=lambda g, where: blank(g, where=where))
part_of = Primitive(
    "part_of",
    lambda x, *, where: where(x).copy(),
    x=lambda g, shape, where: blank_with(g, where=where, whole=shape),
)
blank_with = Primitive(
    "blank_with",
    lambda x, *, where, whole: _placed(np.zeros(whole, x.dtype, like=x[...]), x, where=where),
    x=lambda g, where: part_of(g, where=where),
)
select_scatter = _scattered("select_scatter", "SelectScatterBackward0")
slice_scatter = _scattered("slice_scatter", "SliceScatterBackward0")
diagonal_scatter = _scattered("diagonal_scatter", "DiagonalScatterBackward0")


def _pad(x: Any, *, widths: tuple[tuple[int, int], ...], value: float) -> Any:
    """Add a frame; where a width is negative, cut off."""
    part = tuple(slice(max(-a, 0), n - max(-b, 0)) for (a, b), n in zip(widths, x.shape, strict=True))
    return np.pad(x[part], [(max(a, 0), max(b, 0)) for a, b in widths], constant_values=value)


constant_pad = Primitive(
    "constant_pad_nd",
    _pad,
    x=lambda g, widths: constant_pad(g, widths=tuple((-a, -b) for a, b in widths), value=0),
)
tril = Primitive("tril", lambda x, *, diagonal: np.tril(x, diagonal), x=lambda g, diagonal: tril(g, diagonal=diagonal))
triu = Primitive("triu", lambda x, *, diagonal: np.triu(x, diagonal), x=lambda g, diagonal: triu(g, diagonal=diagonal))
