"""Products with weights: matrices, tables, kernels that slide."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autovis import dtypes, errors
from autovis.arrays import peek
from autovis.rules import linear as products
from autovis.rules import neural, shape, windows
from autovis.rules.windows import Slide
from autovis.tensor import Tensor

__all__ = ["conv1d", "conv2d", "conv_transpose2d", "embedding", "linear"]

Sizes = int | Sequence[int]


def as_tuple(value: Any, dims: int) -> tuple[int, ...]:
    """Repeat a number for each spatial dimension."""
    return (value,) * dims if isinstance(value, int) else tuple(value)


def for_each_dim(value: Any, dims: int, name: str = "stride") -> tuple[int, ...]:
    """Read one number for all dimensions, or one for each."""
    sizes = as_tuple(value, dims)
    if len(sizes) != dims:
        raise RuntimeError(
            f"expected {name} to be a single integer value or a list of {dims} values to match the convolution"
            f" dimensions, but got {name}={list(sizes)}"
        )
    return sizes


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Any:
    """Return `input @ weight.T + bias`, of shape `(..., out)`, for weights `(out, in)`."""
    if not isinstance(input, Tensor):
        kind = "numpy.ndarray" if isinstance(input, np.ndarray) else type(input).__name__
        raise TypeError(f"linear(): argument 'input' (position 1) must be Tensor, not {kind}")
    if bias is not None and input.dtype is not weight.dtype:
        raise errors.explain(
            RuntimeError(f"mat1 and mat2 must have the same dtype, but got {input.dtype.word} and {weight.dtype.word}"),
            "Convert the input to the kind of the weights, for example with .float().",
        )
    out, into = weight.shape
    rows, last = math.prod(input.shape[:-1]), input.shape[-1] if input.ndim else 1
    if last != into or not input.ndim:
        raise errors.explain(
            RuntimeError(f"mat1 and mat2 shapes cannot be multiplied ({rows}x{last} and {into}x{out})"),
            f"The layer takes {into} features: the last dimension of the input must have that size.",
        )
    if bias is None:
        return input.matmul(shape.t(weight))
    if input.ndim == 2:
        return products.addmm_turned(bias, input, shape.t(weight))
    return products.addmm_turned(bias, input.reshape(rows, into), shape.t(weight)).view(*input.shape[:-1], out)


def embedding(input: Tensor, weight: Tensor, padding_idx: int | None = None) -> Any:
    """Return the rows of a table `(rows, features)` that the input lists; `padding_idx` receives no gradient."""
    if input.dtype not in (dtypes.int64, dtypes.int32):
        raise RuntimeError(
            "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got"
            f" {input.type()} instead (while checking arguments for embedding)"
        )
    rows = input.numbers[...]
    given = peek(rows)
    if given.size and not (given.min() >= 0 and given.max() < len(weight)):
        raise errors.explain(
            IndexError("index out of range in self"),
            f"The table has {len(weight)} rows, counted from 0.",
        )
    return neural.embedding(weight, index=rows, skip=padding_idx)


# ------------------------------------------------------------------------------------------------------- convolution

# what C++ calls the kinds of numbers, where the sentence comes from there
IN_C = {"Double": "double", "Float": "float", "Half": "c10::Half", "Int": "int", "Long": "long int"}


def _batched(name: str, input: Any, dims: int) -> Any:
    """Return images with a batch; one alone gets a batch of its own."""
    if input.ndim not in (dims + 1, dims + 2):
        raise errors.explain(
            RuntimeError(
                f"Expected {dims + 1}D (unbatched) or {dims + 2}D (batched) input to {name}, but got input of"
                f" size: {list(input.shape)}"
            ),
            "Images are (batch, channels, height, width); add missing dimensions with unsqueeze.",
        )
    return input if input.ndim == dims + 2 else shape.unsqueeze(input, dim=0)


def _alone(result: Any, input: Any) -> Any:
    return result if result.ndim == input.ndim else shape.squeeze_dim(result, dims=(0,))


def _conv(name: str, input: Any, weight: Any, bias: Any, stride: Any, padding: Any, dilation: Any, groups: int) -> Any:
    dims = int(name[4])
    x = _batched(name, input, dims)
    kernel = tuple(weight.shape[2:])
    steps, reach = for_each_dim(as_tuple(stride, dims), len(kernel)), for_each_dim(dilation, len(kernel), "dilation")
    frame = _same(padding, kernel, reach, steps) if isinstance(padding, str) else padding
    slide = Slide(steps, for_each_dim(frame, len(kernel), "padding"), reach, groups)
    _check_conv(x, weight, bias, slide)
    padded = [n + 2 * p for n, p in zip(x.shape[2:], slide.padding, strict=True)]
    width = [d * (k - 1) + 1 for k, d in zip(kernel, reach, strict=True)]
    if any(n < k for n, k in zip(padded, width, strict=True)):
        raise errors.explain(
            RuntimeError(
                f"Calculated padded input size per channel: ({' x '.join(map(str, padded))}). Kernel size:"
                f" ({' x '.join(map(str, width))}). Kernel size can't be greater than actual input size"
            ),
            "The image has become too small: take a smaller kernel, padding, or less pooling before.",
        )
    return _alone(windows.conv(x, weight, bias, slide=slide, note=[]), input)


def _same(padding: str, kernel: tuple[int, ...], dilation: tuple[int, ...], stride: tuple[int, ...]) -> tuple[int, ...]:
    """Work out the padding that a word means."""
    if padding not in ("same", "valid"):
        raise RuntimeError(f"Invalid padding string: '{padding}'")
    if padding == "same" and set(stride) != {1}:
        raise RuntimeError("padding='same' is not supported for strided convolutions")
    frames = tuple(reach * (k - 1) * (padding == "same") for k, reach in zip(kernel, dilation, strict=True))
    if any(frame % 2 for frame in frames):
        raise errors.not_supported(
            "padding='same' with a kernel of even size", "pad the input yourself, or use an odd size."
        )
    return tuple(frame // 2 for frame in frames)


def _check_conv(x: Tensor, weight: Tensor, bias: Any, slide: Slide, *, transposed: bool = False) -> None:
    """Refuse what PyTorch refuses, in its words."""
    if min(slide.stride) <= 0:
        raise RuntimeError("non-positive stride is not supported")
    if min(slide.padding) < 0:
        raise RuntimeError("negative padding is not supported")
    channels, kernels = weight.shape[1] * slide.groups, weight.shape[0]
    if transposed:
        channels, kernels = kernels, channels
    if x.shape[1] != channels:
        which = "transposed=1" if transposed else f"groups={slide.groups}"
        raise errors.explain(
            RuntimeError(
                f"Given {which}, weight of size {list(weight.shape)}, expected input{list(x.shape)} to have"
                f" {channels} channels, but got {x.shape[1]} channels instead"
            ),
            "The second dimension of (batch, channels, height, width) is the number of channels.",
        )
    if bias is not None and tuple(bias.shape) != (kernels,):
        raise RuntimeError(
            f"Given weight of size {list(weight.shape)}, expected bias to be 1-dimensional with {kernels}"
            f" elements, but got bias of size {list(bias.shape)} instead"
        )
    if x.dtype is not weight.dtype:
        mine, other = x.dtype.word, weight.dtype.word
        if bias is None or transposed:
            raise RuntimeError(f"expected scalar type {mine} but found {other}")
        sentence = f"Input type ({IN_C.get(mine, mine)}) and bias type ({IN_C.get(other, other)}) should be the same"
        raise errors.explain(RuntimeError(sentence), "Convert the input, for example with .float().")


def conv1d(
    input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: Sizes = 1, padding: Sizes | str = 0,
    dilation: Sizes = 1, groups: int = 1,
) -> Any:  # fmt: skip
    """Slide kernels `(out, in, width)` over rows `(batch, in, length)`."""
    return _conv("conv1d", input, weight, bias, stride, padding, dilation, groups)


def conv2d(
    input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: Sizes = 1, padding: Sizes | str = 0,
    dilation: Sizes = 1, groups: int = 1,
) -> Any:  # fmt: skip
    """Slide kernels over images `(batch, in, height, width)`, or over one image without the batch.

    Kernels are `(out, in / groups, height, width)`: channels in different groups do not see each other. `stride` is the
    step from one place to the next, `dilation` that within a kernel; `padding` is the width of the frame of zeros, or
    `same`, which keeps the size.
    """
    return _conv("conv2d", input, weight, bias, stride, padding, dilation, groups)


def conv_transpose2d(
    input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: Sizes = 1, padding: Sizes = 0,
    output_padding: Sizes = 0, groups: int = 1, dilation: Sizes = 1,
) -> Any:  # fmt: skip
    """Spread each number of an image over a kernel `(in, out / groups, ...)`: the derivative of `conv2d`, forwards.

    `output_padding` is added to the size on one side; all else is of the convolution that would lead back.
    """
    x = _batched("conv_transpose2d", input, 2)
    slide = Slide(for_each_dim(stride, 2), for_each_dim(padding, 2), for_each_dim(dilation, 2), groups)
    _check_conv(x, weight, bias, slide, transposed=True)
    extra = for_each_dim(output_padding, 2, "output_padding")
    sizes = zip(x.shape[2:], weight.shape[2:], *slide[:3], extra, strict=True)
    size = tuple((n - 1) * step - 2 * p + reach * (k - 1) + more + 1 for n, k, step, p, reach, more in sizes)
    return _alone(windows.conv_transpose(x, weight, bias, size=size, slide=slide), input)
