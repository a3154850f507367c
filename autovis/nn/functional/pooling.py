"""Windows of which one number remains, and dropout, which leaves numbers out by chance."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autovis import errors, random
from autovis.arrays import place
from autovis.nn.functional.weights import Sizes, as_tuple, for_each_dim
from autovis.rules import shape, windows
from autovis.rules.windows import Slide
from autovis.tensor import Tensor

__all__ = [
    "adaptive_avg_pool1d", "adaptive_avg_pool2d", "avg_pool1d", "avg_pool2d", "dropout", "dropout1d", "dropout2d",
    "max_pool1d", "max_pool2d",
]  # fmt: skip


def _window(
    input: Tensor, kernel: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool
) -> tuple[tuple[int, ...], Slide]:
    """Return the size of the window and how it moves; refuse what PyTorch refuses, in its words."""
    sizes = for_each_dim(kernel, 2, "kernel_size")
    steps = sizes if stride is None or stride == () else for_each_dim(stride, 2)
    slide = Slide(steps, for_each_dim(padding, 2, "padding"), for_each_dim(dilation, 2, "dilation"))
    if 0 in steps:
        raise RuntimeError("stride should not be zero")
    for k, p, d in zip(sizes, slide.padding, slide.dilation, strict=True):
        if p > ((k - 1) * d + 1) // 2:
            raise RuntimeError(
                f"pad should be at most half of effective kernel size, but got pad={p}, kernel_size={k} and"
                f" dilation={d}"
            )
    if ceil_mode:
        raise errors.not_supported("ceil_mode in pooling", "choose padding so that the windows fit.")
    if input.ndim not in (3, 4):
        raise RuntimeError("non-empty 3D or 4D (batch mode) tensor expected for input")
    places = slide.places(tuple(input.shape[-2:]), sizes)
    if min(places) < 1:
        given, out = ("x".join(map(str, (input.shape[-3], *size))) for size in (input.shape[-2:], places))
        raise errors.explain(
            RuntimeError(f"Given input size: ({given}). Calculated output size: ({out}). Output size is too small"),
            "The image has become smaller than the window: take a smaller window, or less pooling before.",
        )
    return sizes, slide


def max_pool2d(
    input: Tensor, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0, dilation: Sizes = 1,
    ceil_mode: bool = False, return_indices: bool = False,
) -> Any:  # fmt: skip
    """Return the maximum in each window.

    Images are `(batch, channels, height, width)`, or one without the batch. Windows step by their size unless `stride`
    says otherwise; the frame of width `padding` never holds a maximum; `dilation` is the step within a window. With
    `return_indices`, return also where each maximum was, counted row by row.
    """
    kernel, slide = _window(input, kernel_size, stride, padding, dilation, ceil_mode)
    out = windows.max_pool(input, kernel=kernel, slide=slide)
    if not return_indices:
        return out
    return out, Tensor.from_numbers(windows.pool_indices(input.numbers, out.numbers, kernel=kernel, slide=slide))


def avg_pool2d(
    input: Tensor, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0, ceil_mode: bool = False,
    count_include_pad: bool = True, divisor_override: int | None = None,
) -> Any:  # fmt: skip
    """Return the mean of each window; the frame counts as zeros."""
    kernel, slide = _window(input, kernel_size, stride, padding, 1, ceil_mode)
    if not count_include_pad and any(slide.padding):
        raise errors.not_supported("count_include_pad=False", "pad the input yourself.")
    return windows.avg_pool(input, kernel=kernel, slide=slide, divisor=divisor_override or math.prod(kernel))


def adaptive_avg_pool2d(input: Tensor, output_size: Any) -> Any:
    """Return the means of as many windows as the output has places; each place takes its share of the image."""
    wanted = zip(input.shape[-2:], as_tuple(output_size, 2), strict=True)
    size = tuple(n if m is None else m for n, m in wanted)
    return input.mean((-1, -2), keepdim=True) if size == (1, 1) else windows.shares(input, size=size)


def _row(pool: Any, input: Tensor, usual: tuple[int, ...], *sizes: Any, **more: Any) -> Any:
    """Pool rows as images of height 1; across that height, the window is `usual`."""
    wide = [None if n is None else (one, *as_tuple(n, 1)) for one, n in zip(usual, sizes, strict=True)]
    out = pool(shape.unsqueeze(input, dim=input.ndim - 1), *wide, **more)
    if isinstance(out, tuple):
        return tuple(each.squeeze(-2) for each in out)
    return shape.squeeze_dim(out, dims=(out.ndim - 2,))


def max_pool1d(
    input: Tensor, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0, dilation: Sizes = 1,
    ceil_mode: bool = False, return_indices: bool = False,
) -> Any:  # fmt: skip
    """Return the maximum in each window of rows `(batch, channels, length)`."""
    more = {"ceil_mode": ceil_mode, "return_indices": return_indices}
    return _row(max_pool2d, input, (1, 1, 0, 1), kernel_size, stride, padding, dilation, **more)


def avg_pool1d(
    input: Tensor, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0, ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Any:  # fmt: skip
    """Return the mean in each window of rows `(batch, channels, length)`."""
    more = {"ceil_mode": ceil_mode, "count_include_pad": count_include_pad}
    return _row(avg_pool2d, input, (1, 1, 0), kernel_size, stride, padding, **more)


def adaptive_avg_pool1d(input: Tensor, output_size: Any) -> Any:
    """Return the means of as many windows of a row as the output has places."""
    return _row(adaptive_avg_pool2d, input, (1,), output_size)


# ----------------------------------------------------------------------------------------------------------- dropout


def check_chance(p: float) -> None:
    """Refuse what is no chance."""
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")


def _dropped(input: Tensor, p: float, training: bool, inplace: bool, mask_shape: tuple[int, ...]) -> Any:
    check_chance(p)
    if not training or p == 0 or not input.numel():
        return input
    kind = input.dtype.numpy
    if p == 1:
        mask = np.zeros(mask_shape, kind)
    else:
        mask = random.bernoulli(random.default_generator, 1 - p, mask_shape).astype(kind) / kind.type(1 - p)
    noise = Tensor.from_numbers(place(mask, input.device))
    return input.mul_(noise) if inplace else input * noise


def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Replace elements by 0 with the chance `p` and enlarge the others, so that the mean stays; in training only."""
    return _dropped(input, p, training, inplace, tuple(input.shape))


def dropout1d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Drop whole channels of rows, or of images, with the chance `p`; in training only."""
    return _dropped(input, p, training, inplace, (*input.shape[:2], *(1,) * (input.ndim - 2)))


dropout2d = dropout1d
