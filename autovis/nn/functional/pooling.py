"""Windows of which one number remains, and dropout, which leaves numbers out by chance."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autovis import errors, random
from autovis.nn.functional.weights import Sizes, for_each_dim
from autovis.rules import shape, windows
from autovis.rules.windows import Slide
from autovis.tensor import Tensor

__all__ = ["adaptive_avg_pool2d", "avg_pool1d", "avg_pool2d", "dropout", "dropout2d", "max_pool1d", "max_pool2d"]


def _pool_slide(dims: int, kernel: Any, stride: Any, padding: Any, dilation: Any) -> tuple[tuple[int, ...], Slide]:
    sizes = for_each_dim(kernel, dims, "kernel_size")
    steps = sizes if stride is None or stride == () else for_each_dim(stride, dims)
    frame, reach = for_each_dim(padding, dims, "padding"), for_each_dim(dilation, dims, "dilation")
    for p, k, d in zip(frame, sizes, reach, strict=True):
        if p > ((k - 1) * d + 1) // 2:
            raise RuntimeError(
                f"pad should be at most half of effective kernel size, but got pad={p}, kernel_size={k} and"
                f" dilation={d}"
            )
    return sizes, Slide(steps, frame, reach)


def _check_pool(input: Tensor, dims: int, kernel: tuple[int, ...], slide: Slide, ceil_mode: bool) -> None:
    """Refuse what PyTorch refuses, in its words."""
    if ceil_mode:
        raise errors.not_supported("ceil_mode in pooling", "choose padding so that the windows fit.")
    if input.ndim not in (dims + 1, dims + 2):
        raise RuntimeError(f"non-empty {dims + 1}D or {dims + 2}D (batch mode) tensor expected for input")
    places = slide.places(tuple(input.shape[-dims:]), kernel)
    if min(places) < 1:
        channels = input.shape[-dims - 1]
        sizes = ("x".join(map(str, (channels, *numbers))) for numbers in (input.shape[-dims:], places))
        raise errors.explain(
            RuntimeError(
                "Given input size: ({}). Calculated output size: ({}). Output size is too small".format(*sizes)
            ),
            "The image has become smaller than the window: take a smaller window, or less pooling before.",
        )


def max_pool2d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """Return the maximum in each window.

    Args:
        input: of shape `(batch, channels, height, width)`, or one image without the batch.
        kernel_size: size of the window.
        stride: step from one window to the next; the size of the window where None.
        padding: width of a frame that never holds a maximum.
        dilation: step from one element of the window to the next.
        ceil_mode: not offered.
        return_indices: return also where each maximum was, counted row by row.
    """
    kernel, slide = _pool_slide(2, kernel_size, stride, padding, dilation)
    _check_pool(input, 2, kernel, slide, ceil_mode)
    out = windows.max_pool(input, kernel=kernel, slide=slide)
    if not return_indices:
        return out
    indices = windows.pool_indices(input.numbers, out.numbers, kernel=kernel, slide=slide)
    return out, Tensor.from_numbers(indices)


def _as_image(pool: Any, input: Tensor, kernel: Any, stride: Any, padding: Any, *more: Any) -> Any:
    """Pool rows as images of height 1."""
    one = [None if n is None else n if isinstance(n, int) else n[0] for n in (kernel, stride, padding)]
    step = one[0] if one[1] is None else one[1]
    result = pool(shape.unsqueeze(input, dim=input.ndim - 1), (1, one[0]), (1, step), (0, one[2]), *more)
    return shape.squeeze_dim(result, dims=(result.ndim - 2,))


def max_pool1d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: int = 1,
    ceil_mode: bool = False,
) -> Any:
    """Return the maximum in each window of rows `(batch, channels, length)`."""
    return _as_image(max_pool2d, input, kernel_size, stride, padding, (1, dilation), ceil_mode)


def avg_pool2d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Any:
    """Return the mean of each window; the frame counts as zeros."""
    kernel, slide = _pool_slide(2, kernel_size, stride, padding, 1)
    if not count_include_pad and any(slide.padding):
        raise errors.not_supported("count_include_pad=False", "pad the input yourself.")
    _check_pool(input, 2, kernel, slide, ceil_mode)
    divisor = divisor_override or math.prod(kernel)
    return windows.avg_pool(input, kernel=kernel, slide=slide, divisor=divisor)


def avg_pool1d(
    input: Tensor, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0, ceil_mode: bool = False
) -> Any:
    """Return the mean in each window of rows `(batch, channels, length)`."""
    return _as_image(avg_pool2d, input, kernel_size, stride, padding, ceil_mode)


def adaptive_avg_pool2d(input: Tensor, output_size: Any) -> Any:
    """Return the means of as many windows as the output has places; each place takes its share of the image."""
    wanted = (output_size,) * 2 if isinstance(output_size, int) else tuple(output_size)
    size = tuple(n if m is None else m for n, m in zip(input.shape[-2:], wanted, strict=True))
    if size == (1, 1):
        return input.mean((-1, -2), keepdim=True)
    return windows.shares(input, size=size)


def check_chance(p: float) -> None:
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
    noise = Tensor.from_numbers(mask)
    return input.mul_(noise) if inplace else input * noise


def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Replace elements by 0 with the chance `p` and enlarge the others, so that the mean stays; in training only."""
    return _dropped(input, p, training, inplace, tuple(input.shape))


def dropout2d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Drop whole channels with the chance `p`; in training only."""
    return _dropped(input, p, training, inplace, (*input.shape[:2], *(1,) * (input.ndim - 2)))
