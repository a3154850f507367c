"""The functions that layers are made of, under the names of `torch.nn.functional`."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from autovis import dtypes, errors, random
from autovis.operators import dim_of
from autovis.rules import activations, elementwise, neural, shape, windows
from autovis.rules import linear as products
from autovis.rules.windows import Slide
from autovis.tensor import Tensor

__all__ = [
    "adaptive_avg_pool2d", "avg_pool1d", "avg_pool2d", "binary_cross_entropy", "binary_cross_entropy_with_logits",
    "conv1d", "conv2d", "conv_transpose2d", "cross_entropy", "dropout", "dropout2d", "elu", "embedding", "gelu",
    "hardtanh", "huber_loss", "kl_div", "l1_loss", "leaky_relu", "linear", "log_softmax", "logsigmoid", "max_pool1d",
    "max_pool2d", "mse_loss", "nll_loss", "one_hot", "prelu", "relu", "relu6", "selu", "sigmoid", "silu",
    "smooth_l1_loss", "softmax", "softplus", "tanh",
]  # fmt: skip

Sizes = int | Sequence[int]

# -------------------------------------------------------------------------------------------------------- activations


def relu(input: Tensor, inplace: bool = False) -> Any:
    """Return the elements above 0, and 0 for the others."""
    return input.relu_() if inplace else elementwise.relu(input)


def relu6(input: Tensor, inplace: bool = False) -> Any:
    """Return the elements between 0 and 6, and the nearer bound for the others."""
    return hardtanh(input, 0.0, 6.0, inplace)


def hardtanh(input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Any:
    """Return the elements between two bounds, and the nearer bound for the others."""
    return _maybe_in_place(input, activations.hardtanh, inplace, low=min_val, high=max_val)


def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Any:
    """Return the elements above 0, and a small part of the others."""
    return _maybe_in_place(input, elementwise.leaky_relu, inplace, slope=negative_slope)


def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Any:
    """Return the elements above 0, and `alpha * (exp(x) - 1)` for the others."""
    return _maybe_in_place(input, activations.elu, inplace, alpha=alpha, scale=1.0)


def selu(input: Tensor, inplace: bool = False) -> Any:
    """Return the scaled `elu` that keeps mean 0 and variance 1 (Klambauer and others, 2017)."""
    return _maybe_in_place(
        input,
        activations.elu,
        inplace,
        alpha=1.6732632423543772848170429916717,
        scale=1.0507009873554804934193349852946,
    )


def _maybe_in_place(input: Any, rule: Any, inplace: bool, **settings: float) -> Any:
    return input._edit(rule, (), **settings) if inplace else rule(input, **settings)


def gelu(input: Tensor, approximate: str = "none") -> Any:
    """Return `x` times the share of the normal distribution below `x`; `approximate="tanh"` approximates that share."""
    return {"none": activations.gelu, "tanh": activations.gelu_tanh}[approximate](input)


def silu(input: Tensor, inplace: bool = False) -> Any:
    """Return `x * sigmoid(x)`."""
    return _maybe_in_place(input, elementwise.silu, inplace)


def softplus(input: Tensor, beta: float = 1.0, threshold: float = 20.0) -> Any:
    """Return `log(1 + exp(beta * x)) / beta`, a smooth `relu`."""
    return elementwise.softplus(input, beta=beta, threshold=threshold)


def logsigmoid(input: Tensor) -> Any:
    """Return `log(sigmoid(x))` without overflow."""
    return activations.logsigmoid(input)


def prelu(input: Tensor, weight: Tensor) -> Any:
    """Return the elements above 0, and `weight * x` for the others, with a weight for each channel or one for all."""
    wide = weight.reshape(1, -1, *(1,) * (input.ndim - 2)) if weight.numel() > 1 else weight
    return activations.prelu(input, wide)


def sigmoid(input: Tensor) -> Any:
    """Return `1 / (1 + exp(-x))`."""
    return elementwise.sigmoid(input)


def tanh(input: Tensor) -> Any:
    """Return the hyperbolic tangent."""
    return elementwise.tanh(input)


def softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Any:
    """Return shares that are positive and sum to 1 along a dimension."""
    x = input if dtype is None else input.to(dtype)
    return neural.softmax(x, dim=_implicit_dim("softmax", x, dim))


def log_softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Any:
    """Return the logarithms of `softmax`, without overflow."""
    x = input if dtype is None else input.to(dtype)
    return neural.log_softmax(x, dim=_implicit_dim("log_softmax", x, dim))


def _implicit_dim(name: str, x: Tensor, dim: int | None) -> int:
    if dim is None:
        warnings.warn(
            f"Implicit dimension choice for {name} has been deprecated. Change the call to include dim=X as an"
            " argument.",
            UserWarning,
            stacklevel=3,
        )
        dim = 0 if x.ndim in (0, 1, 3) else 1
    return dim_of(dim, x.ndim)


# ---------------------------------------------------------------------------------------------------- layers of weights


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


def _for_each_dim(value: Any, dims: int, name: str = "stride") -> tuple[int, ...]:
    """Read one number for all dimensions, or one for each."""
    if isinstance(value, int):
        return (value,) * dims
    if len(value) != dims:
        raise RuntimeError(
            f"expected {name} to be a single integer value or a list of {dims} values to match the convolution"
            f" dimensions, but got {name}={list(value)}"
        )
    return tuple(value)


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
    stride = _for_each_dim((stride,) * wanted if isinstance(stride, int) else stride, dims)
    dilation = _for_each_dim(dilation, dims, "dilation")
    padding = (
        _same(padding, kernel, dilation, stride)
        if isinstance(padding, str)
        else _for_each_dim(padding, dims, "padding")
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
    slide = Slide(_for_each_dim(stride, 2), _for_each_dim(padding, 2), _for_each_dim(dilation, 2), groups)
    extra = _for_each_dim(output_padding, 2, "output_padding")
    sizes = zip(input.shape[2:], weight.shape[2:], slide.stride, slide.padding, slide.dilation, extra, strict=True)
    size = tuple((n - 1) * step - 2 * p + reach * (k - 1) + more + 1 for n, k, step, p, reach, more in sizes)
    return windows.conv_transpose(input, weight, bias, size=size, slide=slide)


# ------------------------------------------------------------------------------------------------------------ pooling


def _pool_slide(dims: int, kernel: Any, stride: Any, padding: Any, dilation: Any) -> tuple[tuple[int, ...], Slide]:
    sizes = _for_each_dim(kernel, dims, "kernel_size")
    steps = sizes if stride is None or stride == () else _for_each_dim(stride, dims)
    frame, reach = _for_each_dim(padding, dims, "padding"), _for_each_dim(dilation, dims, "dilation")
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


# ----------------------------------------------------------------------------------------------------------- by chance


def _check_chance(p: float) -> None:
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")


def _dropped(input: Tensor, p: float, training: bool, inplace: bool, mask_shape: tuple[int, ...]) -> Any:
    _check_chance(p)
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


# -------------------------------------------------------------------------------------------------------------- losses


def _reduction(reduction: str, size_average: bool | None = None, reduce: bool | None = None) -> str:
    """Check a reduction, or read the two flags that it has replaced."""
    if size_average is not None or reduce is not None:
        whole = "sum" if size_average is False else "mean"
        reduction = "none" if reduce is False else whole
        warnings.warn(
            f"size_average and reduce args will be deprecated, please use reduction='{reduction}' instead.",
            UserWarning,
            stacklevel=3,
        )
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"{reduction} is not a valid value for reduction")
    return reduction


def _reduced(losses: Tensor, reduction: str) -> Any:
    return {"none": lambda: losses, "mean": losses.mean, "sum": losses.sum}[reduction]()


def _paired(input: Tensor, target: Tensor) -> tuple[Any, Any]:
    """Warn if the two have different sizes, and broadcast them."""
    if input.shape == target.shape:
        return input, target
    warnings.warn(
        f"Using a target size ({target.shape}) that is different to the input size ({input.shape}). This will likely"
        " lead to incorrect results due to broadcasting. Please ensure they have the same size.",
        UserWarning,
        stacklevel=3,
    )
    try:
        size = np.broadcast_shapes(input.shape, target.shape)
    except ValueError:
        input + target  # says which sizes do not fit
        raise
    return input.expand(*size), target.expand(*size)


def mse_loss(
    input: Tensor, target: Tensor, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
) -> Any:
    """Return the mean of the squared differences; with `reduction="sum"` their sum, with `"none"` each."""
    reduction = _reduction(reduction, size_average, reduce)
    return neural.mse_loss(*_paired(input, target), reduction=reduction)


def l1_loss(
    input: Tensor, target: Tensor, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
) -> Any:
    """Return the mean of the absolute differences."""
    reduction = _reduction(reduction, size_average, reduce)
    a, b = _paired(input, target)
    return _reduced((a - b).abs(), reduction)


def smooth_l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    beta: float = 1.0,
) -> Any:
    """Return the mean of differences that are squared (halved, over `beta`) where they are smaller than `beta`."""
    reduction = _reduction(reduction, size_average, reduce)
    pair = _paired(input, target)
    if beta == 0:
        return l1_loss(*pair, reduction=reduction)
    return activations.smooth_l1(*pair, beta=beta, reduction=reduction)


def huber_loss(input: Tensor, target: Tensor, reduction: str = "mean", delta: float = 1.0) -> Any:
    """Return the mean of differences that are squared (halved) where they are smaller than `delta`."""
    return activations.huber(*_paired(input, target), delta=delta, reduction=_reduction(reduction))


def kl_div(
    input: Tensor,
    target: Tensor,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    log_target: bool = False,
) -> Any:
    """Return how far the distribution `exp(input)` is from the target: `target * (log target - input)`."""
    if reduction == "mean":
        warnings.warn(
            "reduction: 'mean' divides the total loss by both the batch size and the support size.'batchmean' divides"
            " only by the batch size, and aligns with the KL div math definition.'mean' will be changed to behave the"
            " same as 'batchmean' in the next major release.",
            UserWarning,
            stacklevel=2,
        )
    logs = target if log_target else elementwise.choose(target > 0, target, 1.0).log()
    losses = (target.exp() if log_target else target) * (logs - input)
    return losses.sum() / input.shape[0] if reduction == "batchmean" else _reduced(losses, reduction)


def binary_cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Any:
    """Return the mean of `-(y log p + (1 - y) log(1 - p))` for probabilities p; logarithms are at least -100.

    Raises:
        ValueError: if the sizes differ.
        RuntimeError: if an input is no probability.
    """
    reduction = _reduction(reduction, size_average, reduce)
    if input.shape != target.shape:
        raise ValueError(
            f"Using a target size ({target.shape}) that is different to the input size ({input.shape}) is deprecated."
            " Please ensure they have the same size."
        )
    if not ((input.numbers >= 0) & (input.numbers <= 1)).all():
        raise errors.explain(
            RuntimeError("all elements of input should be between 0 and 1"),
            "Put a sigmoid before this loss, or use binary_cross_entropy_with_logits.",
        )
    weights = None if weight is None else weight.numbers
    return activations.bce(input, target, weights=weights, reduction=reduction)


def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    pos_weight: Tensor | None = None,
) -> Any:
    """Return `binary_cross_entropy` of `sigmoid(input)`, without overflow.

    Raises:
        ValueError: if the sizes differ.
    """
    reduction = _reduction(reduction, size_average, reduce)
    if input.shape != target.shape:
        raise ValueError(f"Target size ({target.shape}) must be the same as input size ({input.shape})")
    if not target.is_floating_point():
        raise errors.explain(
            RuntimeError(
                f"result type {input.dtype.word} can't be cast to the desired output type {target.dtype.word}"
            ),
            "Targets are probabilities here: convert them with .float().",
        )
    if weight is None and pos_weight is None:
        return neural.bce_with_logits(input, target, reduction=reduction)
    weights, positive = (None if each is None else each.numbers for each in (weight, pos_weight))
    return activations.bce_weighted(input, target, weights=weights, positive=positive, reduction=reduction)


def nll_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: Any = None,
    ignore_index: int = -100,
    reduce: Any = None,
    reduction: str = "mean",
) -> Any:
    """Return the mean of `-input[target]`: of the log-probabilities that the right classes were given.

    Args:
        input: log-probabilities of shape `(batch, classes)`, `(batch, classes, ...)`, or `(classes,)`.
        target: classes of shape `(batch)`, `(batch, ...)`, or `()`.
        weight: importance of each class; the mean is a weighted one.
        size_average: old, see `reduce`.
        ignore_index: a class that is left out.
        reduce: old; use `reduction`.
        reduction: `mean`, `sum` or `none`.

    Raises:
        ValueError: if the batches differ.
        RuntimeError: if targets are no integers.
        IndexError: if a class is not there.
    """
    reduction = _reduction(reduction, size_average, reduce)
    _check_classes(input, target, weight, ignore_index)
    where = np.asarray(target.numbers)
    counted = (where != ignore_index).ravel()
    places = list(np.nonzero(where != ignore_index)) if where.ndim else []
    places.insert(min(1, input.ndim - 1), where.ravel()[counted].astype(np.int64))
    kind = input.dtype.numpy
    shares = np.ones(len(places[0]), kind) if weight is None else weight.numbers[places[min(1, input.ndim - 1)]]
    if reduction == "none":
        return _nll_each(input, where, counted, places, shares)
    rule = neural.nll_loss2d if input.ndim > 2 else neural.nll_loss
    total = shares.sum() if reduction == "mean" else kind.type(1)
    return rule(input, index=tuple(places), weights=shares, total=total)


def _nll_each(input: Tensor, where: Any, counted: Any, places: list[Any], shares: Any) -> Any:
    """One loss for each sample; those left out get 0."""
    everywhere = [axis.ravel() for axis in np.indices(where.shape)]
    everywhere.insert(min(1, input.ndim - 1), np.where(counted, where.ravel(), 0).astype(np.int64))
    weights = np.zeros(where.size, shares.dtype)
    weights[counted] = shares
    return neural.nll_loss_each(input, index=tuple(everywhere), weights=weights, to=where.shape)


def _check_classes(input: Tensor, target: Tensor, weight: Tensor | None, ignore_index: int) -> None:
    classes = input.shape[min(1, input.ndim - 1)]
    if input.ndim > 1 and (not target.ndim or input.shape[0] != target.shape[0]):
        batch = target.shape[0] if target.ndim else 1
        raise ValueError(f"Expected input batch_size ({input.shape[0]}) to match target batch_size ({batch}).")
    if target.dtype not in (dtypes.int64, dtypes.uint8):
        raise errors.explain(
            RuntimeError(f"expected target dtype to be Long or Byte, but got {target.dtype.word}"),
            "Targets are class numbers: convert them with .long().",
        )
    if weight is not None and tuple(weight.shape) != (classes,):
        raise RuntimeError(
            f"weight tensor should be defined either for all {classes} classes or no classes but got weight tensor of"
            f" shape: {list(weight.shape)}"
        )
    given = np.asarray(target.numbers)
    wrong = given[((given < 0) | (given >= classes)) & (given != ignore_index)]
    if wrong.size:
        raise errors.explain(
            IndexError(f"Target {wrong[0]} is out of bounds."),
            f"There are {classes} classes, counted from 0.",
        )


def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: Any = None,
    ignore_index: int = -100,
    reduce: Any = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    """Return `nll_loss(log_softmax(input), target)`: how surprised the scores are by the right classes.

    Args:
        input: scores of any size, of shape `(batch, classes, ...)` or `(classes,)`.
        target: classes, or probabilities of the shape of the input.
        weight: importance of each class.
        size_average: old, see `reduce`.
        ignore_index: a class that is left out.
        reduce: old; use `reduction`.
        reduction: `mean`, `sum` or `none`.
        label_smoothing: share of each target that is spread evenly over all classes.

    Raises:
        ValueError, RuntimeError, IndexError: as for `nll_loss`.
    """
    reduction = _reduction(reduction, size_average, reduce)
    classes_at = min(1, input.ndim - 1)
    logs = neural.log_softmax(input, dim=classes_at)
    if target.is_floating_point() and target.shape == input.shape:
        return _cross_entropy_of_shares(logs, target, weight, reduction, label_smoothing, classes_at)
    hard = nll_loss(logs, target, weight, ignore_index=ignore_index, reduction=reduction)
    if not label_smoothing:
        return hard
    counted = Tensor.from_numbers(np.asarray(target.numbers != ignore_index))
    spread = (
        -(logs if weight is None else logs * _along(weight, logs, classes_at))
        .sum(classes_at)
        .masked_fill(~counted, 0.0)
    )
    if reduction == "mean":
        classes = np.asarray(target.numbers)[counted.numbers]
        spread = spread.sum() / float(len(classes) if weight is None else weight.numbers[classes].sum())
    smooth = spread.sum() if reduction == "sum" else spread
    return (1 - label_smoothing) * hard + label_smoothing / input.shape[classes_at] * smooth


def _along(weight: Tensor, like: Tensor, dim: int) -> Any:
    return weight.reshape(*(-1 if i == dim else 1 for i in range(like.ndim)))


def _cross_entropy_of_shares(
    logs: Tensor, target: Tensor, weight: Tensor | None, reduction: str, smoothing: float, dim: int
) -> Any:
    if smoothing:
        target = target * (1 - smoothing) + smoothing / logs.shape[dim]
    weighed = logs * target if weight is None else logs * target * _along(weight, logs, dim)
    if reduction == "none":
        return -weighed.sum(dim)
    total = -weighed.sum()
    return total / (logs.numel() // logs.shape[dim]) if reduction == "mean" else total


# ------------------------------------------------------------------------------------------------------ small helpers


def one_hot(tensor: Tensor, num_classes: int = -1) -> Any:
    """Return for each class a row of zeros with a single one, as int64.

    Raises:
        RuntimeError: if a class is not below `num_classes`.
    """
    classes = np.asarray(tensor.numbers)
    count = int(classes.max()) + 1 if num_classes < 0 else num_classes
    if classes.size and classes.max() >= count:
        raise RuntimeError("Class values must be smaller than num_classes.")
    return Tensor.from_numbers(np.eye(count, dtype=np.int64)[classes])
