"""Layers with weights, pooling, and what changes shapes or drops numbers."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from autovis.creation import empty
from autovis.nn import functional as F
from autovis.nn import init
from autovis.nn.functional.pooling import check_chance
from autovis.nn.module import Module
from autovis.tensor import Parameter, Tensor

__all__ = [
    "AdaptiveAvgPool2d", "AvgPool1d", "AvgPool2d", "Conv1d", "Conv2d", "ConvTranspose2d", "Dropout", "Dropout2d",
    "Embedding", "Flatten", "Identity", "Linear", "MaxPool1d", "MaxPool2d", "Unflatten",
]  # fmt: skip


def start(weight: Tensor, bias: Tensor | None) -> None:
    """Draw weights and biases evenly within `±1 / sqrt(fan in)`, as PyTorch does, in its order."""
    init.kaiming_uniform_(weight, a=math.sqrt(5))
    if bias is not None:
        fan_in, _ = init.fans(weight)
        bound = 1 / math.sqrt(fan_in) if fan_in else 0
        init.uniform_(bias, -bound, bound)


class Linear(Module):
    """Multiplies by a matrix of weights and adds a bias: `x @ weight.T + bias`.

    Args:
        in_features: size of the last dimension of the input.
        out_features: size of the last dimension of the output.
        bias: whether to add one.
        device: where the parameters are.
        dtype: their kind.

    Attributes:
        weight: of shape `(out, in)`.
        bias: of shape `(out,)`, or None.
    """

    def __init__(
        self, in_features: int, out_features: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        self.in_features, self.out_features = in_features, out_features
        self.weight = Parameter(empty(out_features, in_features, device=device, dtype=dtype))
        self.register_parameter("bias", Parameter(empty(out_features, device=device, dtype=dtype)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new weights."""
        start(self.weight, self.bias)

    def forward(self, input: Tensor) -> Any:
        """Return `input @ weight.T + bias`."""
        return F.linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        """Return the sizes."""
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


def as_tuple(value: Any, dims: int) -> tuple[int, ...]:
    """Repeat a number for each spatial dimension."""
    return (value,) * dims if isinstance(value, int) else tuple(value)


class Convolution(Module):
    """What all convolutions share: their arguments, their weights, how they print."""

    dims: ClassVar[int]
    transposed: ClassVar[bool] = False

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self._check(in_channels, out_channels, groups, padding_mode)
        self.in_channels, self.out_channels, self.groups, self.padding_mode = (
            in_channels,
            out_channels,
            groups,
            padding_mode,
        )
        self.kernel_size, self.stride, self.dilation = (as_tuple(n, self.dims) for n in (kernel_size, stride, dilation))
        self.padding = padding if isinstance(padding, str) else as_tuple(padding, self.dims)
        channels = (in_channels, out_channels // groups) if self.transposed else (out_channels, in_channels // groups)
        self.weight = Parameter(empty(*channels, *self.kernel_size, device=device, dtype=dtype))
        self.register_parameter("bias", Parameter(empty(out_channels, device=device, dtype=dtype)) if bias else None)
        self.reset_parameters()

    def _check(self, in_channels: int, out_channels: int, groups: int, padding_mode: str) -> None:
        if groups <= 0:
            raise ValueError("groups must be a positive integer")
        if in_channels % groups:
            raise ValueError("in_channels must be divisible by groups")
        if out_channels % groups:
            raise ValueError("out_channels must be divisible by groups")
        if padding_mode != "zeros":
            raise NotImplementedError(f"autovis does not do padding_mode={padding_mode!r}: pad the input yourself.")

    def reset_parameters(self) -> None:
        """Draw new weights."""
        start(self.weight, self.bias)

    def extra_repr(self) -> str:
        """Return the sizes, and whatever is not as usual."""
        usual = {"padding": (0,) * self.dims, "dilation": (1,) * self.dims, "groups": 1}
        more = [f"{name}={getattr(self, name)}" for name, value in usual.items() if getattr(self, name) != value]
        without = [] if self.bias is not None else ["bias=False"]
        sizes = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        return ", ".join([sizes, *more, *without])


class Conv1d(Convolution):
    """Slides kernels over rows `(batch, in, length)`; the arguments are those of `Conv2d`."""

    dims = 1

    def forward(self, input: Tensor) -> Any:
        """Return the products of every kernel with every window."""
        return F.conv1d(input, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups)


class Conv2d(Convolution):
    """Slides kernels over images `(batch, in, height, width)`.

    Args:
        in_channels: channels of the input.
        out_channels: kernels, and channels of the output.
        kernel_size: size of the window, one number or two.
        stride, padding, dilation, groups: see `functional.conv2d`.
        bias: whether to add one.
        padding_mode: only `zeros`.
        device, dtype: of the parameters.
    """

    dims = 2

    def forward(self, input: Tensor) -> Any:
        """Return the products of every kernel with every window."""
        return F.conv2d(input, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups)


class ConvTranspose2d(Convolution):
    """Spreads every number of an image over a kernel; see `functional.conv_transpose2d`."""

    dims = 2
    transposed = True

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Any = 1,
        **more: Any,
    ) -> None:
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, **more)
        self.output_padding = as_tuple(output_padding, 2)

    def forward(self, input: Tensor) -> Any:
        """Return the sum of the kernels, each times the number it stands at."""
        frame: Any = self.padding
        return F.conv_transpose2d(
            input, self.weight, self.bias, self.stride, frame, self.output_padding, self.groups, self.dilation
        )

    def extra_repr(self) -> str:
        """Return the sizes, and whatever is not as usual."""
        return super().extra_repr() + (f", output_padding={self.output_padding}" if any(self.output_padding) else "")


class Embedding(Module):
    """A table with a row of numbers for each word, looked up by number.

    Args:
        num_embeddings: rows.
        embedding_dim: numbers in a row.
        padding_idx: a row of zeros that is not learned.
    """

    def __init__(self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None, **place: Any) -> None:
        super().__init__()
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.padding_idx = padding_idx if padding_idx is None else padding_idx % num_embeddings
        self.weight = Parameter(empty(num_embeddings, embedding_dim, **place))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new rows."""
        init.normal_(self.weight)
        if self.padding_idx is not None:
            init.zeros_(self.weight.detach()[self.padding_idx])

    def forward(self, input: Tensor) -> Any:
        """Return the rows that the input lists."""
        return F.embedding(input, self.weight, self.padding_idx)

    def extra_repr(self) -> str:
        """Return the sizes."""
        padding = "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        return f"{self.num_embeddings}, {self.embedding_dim}{padding}"


class Identity(Module):
    """Returns its input; takes any arguments and ignores them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, input: Any) -> Any:
        """Return the input."""
        return input


class Flatten(Module):
    """Lays dimensions end to end: all but the batch, unless told otherwise."""

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, input: Tensor) -> Any:
        """Return the input with those dimensions as one."""
        return input.flatten(self.start_dim, self.end_dim)

    def extra_repr(self) -> str:
        """Return the dimensions."""
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    """Folds one dimension into several."""

    def __init__(self, dim: int, unflattened_size: Any) -> None:
        super().__init__()
        self.dim, self.unflattened_size = dim, unflattened_size

    def forward(self, input: Tensor) -> Any:
        """Return the input with that dimension folded."""
        return input.unflatten(self.dim, self.unflattened_size)

    def extra_repr(self) -> str:
        """Return the dimension and its new sizes."""
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"


class Pooling(Module):
    """What all pooling layers share."""

    shown: ClassVar[tuple[str, ...]] = ("kernel_size", "stride", "padding")

    def extra_repr(self) -> str:
        """Return the window and how it moves."""
        return ", ".join(f"{name}={getattr(self, name)}" for name in self.shown)


class MaxPool2d(Pooling):
    """Keeps the maximum in each window; see `functional.max_pool2d`."""

    shown = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding, self.dilation, self.return_indices, self.ceil_mode = padding, dilation, return_indices, ceil_mode

    def forward(self, input: Tensor) -> Any:
        """Return the maxima."""
        return F.max_pool2d(
            input, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode, self.return_indices
        )


class MaxPool1d(MaxPool2d):
    """Keeps the maximum in each window of rows `(batch, channels, length)`."""

    def forward(self, input: Tensor) -> Any:
        """Return the maxima."""
        return F.max_pool1d(input, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode)


class AvgPool2d(Pooling):
    """Keeps the mean of each window; see `functional.avg_pool2d`."""

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__()
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding = padding
        self.more = (ceil_mode, count_include_pad, divisor_override)

    def forward(self, input: Tensor) -> Any:
        """Return the means."""
        return F.avg_pool2d(input, self.kernel_size, self.stride, self.padding, *self.more)


class AvgPool1d(Pooling):
    """Keeps the mean of each window of rows `(batch, channels, length)`."""

    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False) -> None:
        super().__init__()
        self.kernel_size, self.padding, self.ceil_mode = as_tuple(kernel_size, 1), as_tuple(padding, 1), ceil_mode
        self.stride = self.kernel_size if stride is None else as_tuple(stride, 1)

    def forward(self, input: Tensor) -> Any:
        """Return the means."""
        return F.avg_pool1d(input, self.kernel_size, self.stride, self.padding, self.ceil_mode)


class AdaptiveAvgPool2d(Pooling):
    """Keeps the means of as many windows as asked for, whatever the size of the image."""

    shown = ("output_size",)

    def __init__(self, output_size: Any) -> None:
        super().__init__()
        self.output_size = output_size

    def forward(self, input: Tensor) -> Any:
        """Return the means."""
        return F.adaptive_avg_pool2d(input, self.output_size)


class Dropout(Module):
    """Replaces numbers by 0 with the chance `p` while training; passes everything in evaluation.

    Raises:
        ValueError: if `p` is no chance.
    """

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        check_chance(p)
        self.p, self.inplace = p, inplace

    def forward(self, input: Tensor) -> Any:
        """Return what is left."""
        return F.dropout(input, self.p, self.training, self.inplace)

    def extra_repr(self) -> str:
        """Return the chance."""
        return f"p={self.p}, inplace={self.inplace}"


class Dropout2d(Dropout):
    """Drops whole channels."""

    def forward(self, input: Tensor) -> Any:
        """Return what is left."""
        return F.dropout2d(input, self.p, self.training, self.inplace)
