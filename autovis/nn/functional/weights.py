"""Products with weights: matrices, tables, kernels that slide."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autovis import dtypes, errors
from autovis.rules import linear as products
from autovis.rules import neural, shape, windows
from autovis.rules.windows import Slide
from autovis.tensor import Tensor

__all__ = ["conv1d", "conv2d", "conv_transpose2d", "embedding", "linear"]

Sizes = int | Sequence[int]


def for_each_dim(value: Any, dims: int, name: str = "stride") -> tuple[int, ...]:
    """Read one number for all dimensions, or one for each."""
    if isinstance(value, int):
        return (value,) * dims
    if len(value) != dims:
        raise RuntimeError(
            f"expected {name} to be a single integer value or a list of {dims} values to match the convolution"
            f" dimensions, but got {name}={list(value)}"
        )
    return tuple(value)


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Any:
    """Return `input @ weight.T + bias`.

    Args:
        input: of shape `(..., in)`.
        weight: of shape `(out, in)`.
        bias: of shape `(out,)`.

    Raises:
        RuntimeError: if shapes or kinds do not fit.
    """
    if bias is not None and input.dtype is not weight.dtype:
        raise errors.explain(
            RuntimeError(f"mat1 and mat2 must have the same dtype, but got {input.dtype.word} and {weight.dtype.word}"),
            "Convert the input to the kind of the weights, for example with .float().",
        )
    rows = math.prod(input.shape[:-1])
    if input.ndim == 0 or input.shape[-1] != weight.shape[1]:
        raise errors.explain(
            RuntimeError(
                f"mat1 and mat2 shapes cannot be multiplied ({rows}x{input.shape[-1] if input.ndim else 1} and"
                f" {weight.shape[1]}x{weight.shape[0]})"
            ),
            f"The layer takes {weight.shape[1]} features: the last dimension of the input must have that size.",
        )
    if bias is None:
        return input.matmul(shape.t(weight))
    if input.ndim == 2:
        return products.addmm(bias, input, shape.t(weight))
    flat = products.addmm(bias, input.reshape(rows, input.shape[-1]), shape.t(weight))
    return flat.view(*input.shape[:-1], weight.shape[0])


def embedding(input: Tensor, weight: Tensor, padding_idx: int | None = None) -> Any:
    """Return the rows of a table that the input lists.

    Args:
        input: integers of any shape.
        weight: of shape `(rows, features)`.
        padding_idx: a row that receives no gradient.

    Raises:
        RuntimeError: if the indices are no integers.
        IndexError: if a row is not there.
    """
    if input.dtype not in (dtypes.int64, dtypes.int32):
        raise RuntimeError(
            "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got"
            f" {input.type()} instead (while checking arguments for embedding)"
        )
    rows = np.asarray(input.numbers)
    if rows.size and not (rows.min() >= 0 and rows.max() < len(weight)):
        raise errors.explain(
            IndexError("index out of range in self"),
            f"The table has {len(weight)} rows, counted from 0.",
        )
    return neural.embedding(weight, index=rows, skip=padding_idx)


def _conv(
    function: str, input: Any, weight: Any, bias: Any, stride: Any, padding: Any, dilation: Any, groups: int
) -> Any:
    dims = weight.ndim - 2
    name, wanted = {"conv1d": ("1d", 1), "conv2d": ("2d", 2)}[function]
    if input.ndim not in (wanted + 1, wanted + 2):
        raise errors.explain(
            RuntimeError(
                f"Expected {wanted + 1}D (unbatched) or {wanted + 2}D (batched) input to conv{name}, but got input of"
                f" size: {list(input.shape)}"
            ),
            "Images are (batch, channels, height, width); add missing dimensions with unsqueeze.",
        )
    kernel = tuple(weight.shape[2:])
    stride = for_each_dim((stride,) * wanted if isinstance(stride, int) else stride, dims)
    dilation = for_each_dim(dilation, dims, "dilation")
    padding = (
        _same(padding, kernel, dilation, stride) if isinstance(padding, str) else for_each_dim(padding, dims, "padding")
    )
    slide = Slide(stride, padding, dilation, groups)
    batched = input if input.ndim == wanted + 2 else shape.unsqueeze(input, dim=0)
    _check_conv(batched, weight, bias, slide, input)
    result = windows.conv(batched, weight, bias, slide=slide, note=[])
    return result if batched is input else shape.squeeze_dim(result, dims=(0,))


def _same(padding: str, kernel: tuple[int, ...], dilation: tuple[int, ...], stride: tuple[int, ...]) -> tuple[int, ...]:
    """Work out the padding that a word means."""
    if padding == "valid":
        return (0,) * len(kernel)
    if padding != "same":
        raise RuntimeError(f"Invalid padding string: '{padding}'")
    if set(stride) != {1}:
        raise RuntimeError("padding='same' is not supported for strided convolutions")
    frames = tuple(reach * (k - 1) for k, reach in zip(kernel, dilation, strict=True))
    if any(frame % 2 for frame in frames):
        raise errors.not_supported(
            "padding='same' with a kernel of even size", "pad the input yourself, or use an odd size."
        )
    return tuple(frame // 2 for frame in frames)


def _check_conv(x: Tensor, weight: Tensor, bias: Tensor | None, slide: Slide, given: Tensor) -> None:
    """Refuse what PyTorch refuses, in its words."""
    if min(slide.stride) <= 0:
        raise RuntimeError("non-positive stride is not supported")
    if min(slide.padding) < 0:
        raise RuntimeError("negative padding is not supported")
    if x.shape[1] != weight.shape[1] * slide.groups:
        raise errors.explain(
            RuntimeError(
                f"Given groups={slide.groups}, weight of size {list(weight.shape)}, expected input{list(given.shape)}"
                f" to have {weight.shape[1] * slide.groups} channels, but got {x.shape[1]} channels instead"
            ),
            "The second dimension of (batch, channels, height, width) is the number of channels.",
        )
    if bias is not None and tuple(bias.shape) != (weight.shape[0],):
        raise RuntimeError(
            f"Given weight of size {list(weight.shape)}, expected bias to be 1-dimensional with {weight.shape[0]}"
            f" elements, but got bias of size {list(bias.shape)} instead"
        )
    padded = [n + 2 * p for n, p in zip(x.shape[2:], slide.padding, strict=True)]
    kernel = [reach * (k - 1) + 1 for k, reach in zip(weight.shape[2:], slide.dilation, strict=True)]
    if any(n < k for n, k in zip(padded, kernel, strict=True)):
        raise errors.explain(
            RuntimeError(
                f"Calculated padded input size per channel: ({' x '.join(map(str, padded))}). Kernel size:"
                f" ({' x '.join(map(str, kernel))}). Kernel size can't be greater than actual input size"
            ),
            "The image has become too small: take a smaller kernel, padding, or less pooling before.",
        )
    if x.dtype is not weight.dtype:
        raise RuntimeError(f"expected scalar type {x.dtype.word} but found {weight.dtype.word}")


def conv1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Any:
    """Slide kernels `(out, in, width)` over rows `(batch, in, length)`."""
    return _conv("conv1d", input, weight, bias, stride, padding, dilation, groups)


def conv2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Any:
    """Slide kernels over images.

    Args:
        input: of shape `(batch, in, height, width)`, or one image without the batch.
        weight: of shape `(out, in / groups, kernel height, kernel width)`.
        bias: of shape `(out,)`.
        stride: step from one place to the next.
        padding: width of the frame of zeros; `same` keeps the size.
        dilation: step from one element of the kernel to the next.
        groups: the channels are parted into so many groups that do not see each other.

    Returns:
        Tensor of shape `(batch, out, places down, places across)`.

    Raises:
        RuntimeError: if shapes or kinds do not fit.
    """
    return _conv("conv2d", input, weight, bias, stride, padding, dilation, groups)


def conv_transpose2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    groups: int = 1,
    dilation: Sizes = 1,
) -> Any:
    """Spread each number of an image over a kernel: the derivative of `conv2d`, used forwards.

    Args:
        input: of shape `(batch, in, height, width)`.
        weight: of shape `(in, out / groups, kernel height, kernel width)`.
        bias: of shape `(out,)`.
        stride: of the convolution that would lead back.
        padding: of that convolution.
        output_padding: added to the size on one side.
        groups: of that convolution.
        dilation: of that convolution.
    """
    slide = Slide(for_each_dim(stride, 2), for_each_dim(padding, 2), for_each_dim(dilation, 2), groups)
    extra = for_each_dim(output_padding, 2, "output_padding")
    sizes = zip(input.shape[2:], weight.shape[2:], slide.stride, slide.padding, slide.dilation, extra, strict=True)
    size = tuple((n - 1) * step - 2 * p + reach * (k - 1) + more + 1 for n, k, step, p, reach, more in sizes)
    return windows.conv_transpose(input, weight, bias, size=size, slide=slide)
