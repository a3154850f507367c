"""Convolution and pooling: what looks at images through a small window that slides.

Images are `(batch, channels, *size)`, with any number of spatial dimensions. `windows` shows every place where the
window can stand without copying anything: the memory is the image's, only the strides are new. `elements` goes through
the window instead, and shows for each of its elements what stands there at all places.

    row          windows of 3, stride 1      as columns
    a b c d      a b c                       a b
                   b c d                     b c
                                             c d

Written out as columns, a convolution is one matrix product for each image, and its derivatives are products of the same
three matrices; each is the derivative of the other two, so they go to any order.

    y = w @ columns(x)        forward
    w = y @ columns(x).T      what reaches the kernel
    x = add up (w.T @ y)      what reaches the image: each number was copied into several columns

A maximum is a choice; its derivative sends the gradient back to the place chosen. Where several are equal that is the
first one, row by row.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from autovis.arrays import as_strided
from autovis.primitive import Primitive
from autovis.rules.reduce import sum_dim

__all__ = [
    "Slide",
    "avg_pool",
    "conv",
    "conv_input",
    "conv_weight",
    "max_pool",
    "pool_indices",
    "pool_put",
    "pool_take",
]

Array = Any  # NumPy's or CuPy's
Shape = tuple[int, ...]
Note = list[Array] | None  # where a forward leaves its columns for one backward: writing them out is half of the work


class Slide(NamedTuple):
    """How a window moves over images: one number for each spatial dimension.

    Attributes:
        stride: step from one place to the next.
        padding: width of the frame put around the images.
        dilation: step from one element of the window to the next.
        groups: the channels are parted into so many groups that do not see each other.
    """

    stride: Shape
    padding: Shape
    dilation: Shape
    groups: int = 1

    def places(self, size: Shape, kernel: Shape) -> Shape:
        """Count where a window can stand.

        >>> Slide((1, 1), (0, 0), (1, 1)).places((32, 32), (5, 5))
        (28, 28)
        """
        spare = zip(size, kernel, self.stride, self.padding, self.dilation, strict=True)
        return tuple((n + 2 * pad - reach * (k - 1) - 1) // step + 1 for n, k, step, pad, reach in spare)


def framed(shape: Shape, padding: Shape) -> Shape:
    """Return the shape of images with a frame."""
    return (*shape[: -len(padding)], *(n + 2 * p for n, p in zip(shape[-len(padding) :], padding, strict=True)))


def pad(x: Array, padding: Shape, fill: float = 0.0) -> Array:
    """Put a frame around images; where none is asked for, return the same array."""
    if not any(padding):
        return x
    whole = np.full_like(x, fill, shape=framed(x.shape, padding))
    unpad(whole, padding)[...] = x
    return whole


def unpad(x: Array, padding: Shape) -> Array:
    """Look at images without the frame that `pad` put around them."""
    size = x.shape[-len(padding) :]
    return x[(..., *(slice(p, n - p) for n, p in zip(size, padding, strict=True)))] if any(padding) else x


def windows(x: Array, slide: Slide, *, kernel: Shape, places: Shape) -> Array:
    """View images `(..., *size)`, padded already, as `(..., *kernel, *places)`.

    >>> row = np.arange(4).reshape(1, 1, 4)
    >>> windows(row, Slide((1,), (0,), (1,)), kernel=(3,), places=(2,))[0, 0]
    array([[0, 1],
           [1, 2],
           [2, 3]])
    """
    lead = x.ndim - len(kernel)
    step = x.strides[lead:]
    within = tuple(s * n for s, n in zip(step, slide.dilation, strict=True))
    between = tuple(s * n for s, n in zip(step, slide.stride, strict=True))
    return as_strided(x, (*x.shape[:lead], *kernel, *places), (*x.strides[:lead], *within, *between))


def elements(x: Array, slide: Slide, *, kernel: Shape, places: Shape) -> Iterator[Array]:
    """Go through the window, row by row: for each element of it, view what stands there at all places.

    >>> row = np.arange(4).reshape(1, 1, 4)
    >>> [part.tolist() for part in elements(row, Slide((1,), (0,), (1,)), kernel=(3,), places=(2,))]
    [[[[0, 1]]], [[[1, 2]]], [[[2, 3]]]]
    """
    spans = [
        [slice(i * reach, i * reach + (count - 1) * step + 1, step) for i in range(k)]
        for k, count, step, reach in zip(kernel, places, slide.stride, slide.dilation, strict=True)
    ]
    return (x[(..., *at)] for at in product(*spans))


# -------------------------------------------------------------------------------------------------------- convolution


def _columns(x: Array, slide: Slide, *, kernel: Shape, places: Shape) -> Array:
    """Write the windows out: `(batch, groups, channels in a group * kernel, places)`."""
    view = windows(pad(x, slide.padding), slide, kernel=kernel, places=places)
    columns = np.empty_like(x, shape=view.shape)
    np.copyto(columns, view)
    return columns.reshape(len(x), slide.groups, -1, math.prod(places))


def _grouped(x: Array, groups: int, *, axis: int) -> Array:
    """Part one axis into groups and lay the axes behind it end to end."""
    return x.reshape(*x.shape[:axis], groups, x.shape[axis] // groups, -1)


def _conv(x: Array, w: Array, bias: Array = None, *, slide: Slide, note: Note = None) -> Array:
    places = slide.places(x.shape[2:], w.shape[2:])
    columns = _columns(x, slide, kernel=w.shape[2:], places=places)
    if note is not None:
        note.append(columns)
    y = np.matmul(_grouped(w, slide.groups, axis=0), columns).reshape(len(x), len(w), *places)
    if bias is not None:
        y += bias.reshape(-1, *(1,) * len(places))
    return y


def _conv_weight(g: Array, x: Array, *, kernel: Shape, slide: Slide, note: Note = None) -> Array:
    columns = note.pop() if note else _columns(x, slide, kernel=kernel, places=g.shape[2:])
    products = np.matmul(_grouped(g, slide.groups, axis=1), columns.swapaxes(-1, -2))
    return products.sum(0).reshape(g.shape[1], x.shape[1] // slide.groups, *kernel)


def _conv_input(g: Array, w: Array, *, size: Shape, slide: Slide) -> Array:
    """Add up what the elements of the window have given to each number of the image."""
    whole = framed(size, slide.padding)
    fold = _fold_close if set(slide.stride) == {1} else _fold_apart
    return unpad(fold(g, _grouped(w, slide.groups, axis=0).swapaxes(-1, -2), w.shape[1:], whole, slide), slide.padding)


def _fold_apart(g: Array, w: Array, channels: Shape, whole: Shape, slide: Slide) -> Array:
    """Add up one element of the window after the other."""
    count, *kernel = channels
    places = g.shape[2:]
    given = np.matmul(w, _grouped(g, slide.groups, axis=1))
    given = given.reshape(len(g), slide.groups * count, -1, *places)
    image = np.zeros_like(g, shape=(len(g), slide.groups * count, *whole))
    for number, part in enumerate(elements(image, slide, kernel=tuple(kernel), places=places)):
        np.add(part, given[:, :, number], out=part)
    return image


def _fold_close(g: Array, w: Array, channels: Shape, whole: Shape, slide: Slide) -> Array:
    """Add up all elements of the window in one sum, over a slanted view: twice as fast, for windows at every place.

    What an element gives is an image of its own, moved by the element's place. With numbers of an image end to end, to
    move is to start earlier in memory. The zeros that fill up the gradient to the size of the image are what a row then
    reads of the row before; the first row of all has spare zeros in front.
    """
    count, *kernel = channels
    numbers = math.prod(whole)
    wide: Array = np.zeros_like(g, shape=(*g.shape[:2], *whole))
    wide[(..., *map(slice, g.shape[2:]))] = g
    moves = [reach * math.prod(whole[d + 1 :]) for d, reach in enumerate(slide.dilation)]
    spare = sum(move * (k - 1) for move, k in zip(moves, kernel, strict=True))
    rows = (len(g), slide.groups * count, *kernel, numbers)
    memory = np.empty_like(g, shape=(spare + math.prod(rows),))
    memory[:spare] = 0
    given = memory[spare:]
    np.matmul(w, _grouped(wide, slide.groups, axis=1), out=given.reshape(len(g), slide.groups, -1, numbers))
    steps = [math.prod(rows[d + 1 :]) for d in range(len(rows))]
    slant = [step - move for step, move in zip(steps[2:-1], moves, strict=True)]
    view = as_strided(given, rows, [g.itemsize * step for step in (*steps[:2], *slant, 1)])
    return np.add.reduce(view, tuple(range(2, len(rows) - 1))).reshape(*rows[:2], *whole)


conv = Primitive(
    "convolution",
    _conv,
    symbol="∗",
    x=lambda g, w, shape, slide: conv_input(g, w, size=shape[2:], slide=slide),
    w=lambda g, x, shape, slide, note: conv_weight(g, x, kernel=shape[2:], slide=slide, note=note),
    bias=lambda g, slide: sum_dim(g, dims=(0, *range(2, 2 + len(slide.stride))), keepdim=False),
)
conv_input: Primitive = Primitive(
    "conv_input",
    _conv_input,
    node="ConvolutionBackwardBackward0",
    g=lambda h, w, slide: conv(h, w, None, slide=slide),
    w=lambda h, g, shape, slide: conv_weight(g, h, kernel=shape[2:], slide=slide),
)
conv_weight: Primitive = Primitive(
    "conv_weight",
    _conv_weight,
    node="ConvolutionBackwardBackward0",
    g=lambda h, x, slide: conv(x, h, None, slide=slide),
    x=lambda h, g, shape, slide: conv_input(g, h, size=shape[2:], slide=slide),
)


def _conv_transpose(x: Array, w: Array, bias: Array = None, *, size: Shape, slide: Slide) -> Array:
    y = _conv_input(x, w, size=size, slide=slide)
    return y if bias is None else y + bias.reshape(-1, *(1,) * len(size))


conv_transpose = Primitive(  # the gradient of an image, used forwards
    "conv_transpose",
    _conv_transpose,
    node="ConvolutionBackward0",
    symbol="∗ᵀ",
    x=conv_input.pullbacks["g"],
    w=lambda g, x, shape, slide: conv_weight(x, g, kernel=shape[2:], slide=slide),
    bias=conv.pullbacks["bias"],
)


# ------------------------------------------------------------------------------------------------------------ pooling


def _max_pool(x: Array, *, kernel: Shape, slide: Slide) -> Array:
    """One dimension after the other: the maximum of maxima is the maximum."""
    lead = x.ndim - len(kernel)
    places = slide.places(x.shape[lead:], kernel)
    x = pad(x, slide.padding, -np.inf)
    for axis, (k, count, step, reach) in enumerate(
        zip(kernel, places, slide.stride, slide.dilation, strict=True), lead
    ):
        before, last = (slice(None),) * axis, (count - 1) * step + 1
        first, *rest = (x[(*before, slice(start, start + last, step))] for start in range(0, k * reach, reach))
        x = np.maximum(first, rest[0]) if rest else first.copy()
        for part in rest[1:]:
            np.maximum(x, part, out=x)
    return x


def _choices(x: Array, out: Array, *, kernel: Shape, slide: Slide) -> Iterator[Array]:
    """For each element of the window, the places whose maximum was found there first."""
    *parts, _ = elements(pad(x, slide.padding, -np.inf), slide, kernel=kernel, places=out.shape[-len(kernel) :])
    undecided = None
    for part in parts:
        smaller = part < out  # nothing is larger, so what is not smaller is the maximum
        yield ~smaller if undecided is None else undecided > smaller
        undecided = smaller if undecided is None else undecided & smaller
    yield np.ones_like(out, dtype=bool) if undecided is None else undecided


def bits(x: Array) -> Array:
    """Look at numbers as whole numbers of the same size: 0 times them is 0, while 0 * inf is not a number."""
    return x.view(f"i{x.itemsize}")


def _pool_put(g: Array, x: Array, out: Array, *, kernel: Shape, slide: Slide) -> Array:
    """Send each number of `g` back to the place where the maximum was found."""
    image = np.zeros_like(g, shape=framed(x.shape, slide.padding))
    apart = all(step >= k for step, k in zip(slide.stride, kernel, strict=True)) and set(slide.dilation) == {1}
    numbers = bits(g)
    parts = elements(bits(image) if apart else image, slide, kernel=kernel, places=out.shape[-len(kernel) :])
    for part, chosen in zip(parts, _choices(x, out, kernel=kernel, slide=slide), strict=True):
        if apart:  # each number of the image lies in one window at most
            np.multiply(numbers, chosen, out=part)
        else:
            np.add(part, (numbers * chosen).view(g.dtype), out=part)
    return unpad(image, slide.padding)


def _pool_take(y: Array, x: Array, out: Array, *, kernel: Shape, slide: Slide) -> Array:
    """Take from `y`, of the shape of `x`, what stands where the maximum of `x` was found."""
    parts = elements(pad(y, slide.padding), slide, kernel=kernel, places=out.shape[-len(kernel) :])
    taken = np.zeros_like(out, dtype=y.dtype)
    for part, chosen in zip(parts, _choices(x, out, kernel=kernel, slide=slide), strict=True):
        np.add(bits(taken), bits(part) * chosen, out=bits(taken))
    return taken


def pool_indices(x: Array, out: Array, *, kernel: Shape, slide: Slide) -> Array:
    """Return where each maximum was found, counted through the image row by row, as int64."""
    size = x.shape[-len(kernel) :]
    position = np.broadcast_to(np.arange(math.prod(size), like=x).reshape(size), x.shape)
    return _pool_take(position, x, out, kernel=kernel, slide=slide)


max_pool = Primitive(
    "max_pool2d",
    _max_pool,
    node="MaxPool2DWithIndicesBackward0",
    symbol="max",
    x=lambda g, x, out, kernel, slide: pool_put(g, x, out, kernel=kernel, slide=slide),
)
pool_put: Primitive = Primitive(
    "pool_put",
    _pool_put,
    node="MaxPool2DWithIndicesBackwardBackward0",
    g=lambda h, x, out, kernel, slide: pool_take(h, x, out, kernel=kernel, slide=slide),
)
pool_take: Primitive = Primitive(
    "pool_take",
    _pool_take,
    node="GatherBackward0",
    y=lambda h, x, out, kernel, slide: pool_put(h, x, out, kernel=kernel, slide=slide),
)


def _avg_pool(x: Array, *, kernel: Shape, slide: Slide, divisor: float) -> Array:
    places = slide.places(x.shape[-len(kernel) :], kernel)
    first, *rest = elements(pad(x, slide.padding), slide, kernel=kernel, places=places)
    total = first.copy()
    for part in rest:
        total += part
    total /= x.dtype.type(divisor)
    return total


def _avg_pool_back(g: Array, *, size: Shape, kernel: Shape, slide: Slide, divisor: float) -> Array:
    lead = len(g.shape) - len(kernel)
    image = np.zeros_like(g, shape=framed((*g.shape[:lead], *size), slide.padding))
    share = g / g.dtype.type(divisor)
    for part in elements(image, slide, kernel=kernel, places=g.shape[lead:]):
        np.add(part, share, out=part)
    return unpad(image, slide.padding)


avg_pool = Primitive(
    "avg_pool2d",
    _avg_pool,
    node="AvgPool2DBackward0",
    symbol="mean",
    x=lambda g, shape, kernel, slide, divisor: avg_pool_back(
        g, size=shape[-len(kernel) :], kernel=kernel, slide=slide, divisor=divisor
    ),
)
avg_pool_back: Primitive = Primitive(
    "avg_pool_back",
    _avg_pool_back,
    node="AvgPool2DBackwardBackward0",
    g=lambda h, kernel, slide, divisor: avg_pool(h, kernel=kernel, slide=slide, divisor=divisor),
)


def _share_matrix(n: int, places: int, like: Array) -> Array:
    """Which part of each of `n` numbers belongs to each place: the rows of a matrix, each summing to 1."""
    matrix = np.zeros((places, n), like.dtype, like=like)
    for i in range(places):
        start, stop = i * n // places, -(-(i + 1) * n // places)
        matrix[i, start:stop] = 1 / (stop - start)
    return matrix


def _shares(x: Array, *, size: Shape) -> Array:
    down, across = (_share_matrix(n, m, x) for n, m in zip(x.shape[-2:], size, strict=True))
    return down @ x @ across.T


def _shares_back(g: Array, *, size: Shape) -> Array:
    down, across = (_share_matrix(n, m, g) for n, m in zip(size, g.shape[-2:], strict=True))
    return down.T @ g @ across


shares = Primitive(
    "adaptive_avg_pool2d",
    _shares,
    node="AdaptiveAvgPool2DBackward0",
    symbol="mean",
    x=lambda g, shape: shares_back(g, size=shape[-2:]),
)
shares_back: Primitive = Primitive(
    "adaptive_avg_pool2d_back",
    _shares_back,
    node="AdaptiveAvgPool2DBackwardBackward0",
    g=lambda h, shape: shares(h, size=shape[-2:]),
)
