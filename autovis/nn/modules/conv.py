"""Convolutions: kernels that slide over rows and images."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from autovis import errors
from autovis.nn import functional as F
from autovis.nn.functional.weights import as_tuple
from autovis.nn.modules.linear import Weighted, hold
from autovis.tensor import Tensor

__all__ = ["Conv1d", "Conv2d", "ConvTranspose2d"]


class _ConvNd(Weighted):
    """What all convolutions share: their arguments, their weights, how they print.

    Args:
        in_channels, out_channels: of input and output; there is a kernel for each channel of the output.
        kernel_size: size of the window, one number or one for each dimension.
        stride, padding, dilation, groups: see `functional.conv2d`.
        padding_mode: only `zeros`.
    """

    dims: ClassVar[int]
    function: ClassVar[Callable[..., Any]]
    transposed: ClassVar[bool] = False
    output_padding: tuple[int, ...]

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: Any, stride: Any = 1, padding: Any = 0,
        dilation: Any = 1, groups: int = 1, bias: bool = True, padding_mode: str = "zeros", device: Any = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size, self.stride, self.dilation = (as_tuple(n, self.dims) for n in (kernel_size, stride, dilation))
        self.padding: Any = padding if isinstance(padding, str) else as_tuple(padding, self.dims)
        self.padding_mode, self.output_padding = padding_mode, (0,) * self.dims
        self._check()
        channels = (in_channels, out_channels // groups) if self.transposed else (out_channels, in_channels // groups)
        hold(self, device, dtype, weight=(*channels, *self.kernel_size), bias=(out_channels,) if bias else None)
        self.reset_parameters()

    def _check(self) -> None:
        if self.groups <= 0:
            raise ValueError("groups must be a positive integer")
        for name in ("in_channels", "out_channels"):
            if getattr(self, name) % self.groups:
                raise ValueError(f"{name} must be divisible by groups")
        if isinstance(self.padding, str) and self.padding not in ("same", "valid"):
            raise ValueError(f"Invalid padding string {self.padding!r}, should be one of {{'same', 'valid'}}")
        if self.padding == "same" and set(self.stride) != {1}:
            raise ValueError("padding='same' is not supported for strided convolutions")
        if self.padding_mode != "zeros":
            raise errors.not_supported(f"padding_mode='{self.padding_mode}'", "pad the input yourself.")

    def forward(self, input: Tensor) -> Any:
        """Return the products of every kernel with every window."""
        slide = (self.stride, self.padding, self.dilation, self.groups)
        return type(self).function(input, self.weight, self.bias, *slide)

    def extra_repr(self) -> str:
        """Return the sizes, and whatever is not as usual."""
        none, one = (0,) * self.dims, (1,) * self.dims
        usual = {"padding": none, "dilation": one, "output_padding": none, "groups": 1}
        more = [f"{name}={getattr(self, name)}" for name, value in usual.items() if getattr(self, name) != value]
        without = [] if self.bias is not None else ["bias=False"]
        sizes = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        return ", ".join([sizes, *more, *without])


class Conv1d(_ConvNd):
    """Slides kernels over rows `(batch, in, length)`."""

    dims, function = 1, staticmethod(F.conv1d)


class Conv2d(_ConvNd):
    """Slides kernels over images `(batch, in, height, width)`."""

    dims, function = 2, staticmethod(F.conv2d)


class ConvTranspose2d(_ConvNd):
    """Spreads every number of an image over a kernel; see `functional.conv_transpose2d`."""

    dims, transposed = 2, True

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: Any, stride: Any = 1, padding: Any = 0,
        output_padding: Any = 0, groups: int = 1, bias: bool = True, dilation: Any = 1, padding_mode: str = "zeros",
        device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        shared = (stride, padding, dilation, groups, bias, padding_mode, device, dtype)
        super().__init__(in_channels, out_channels, kernel_size, *shared)
        self.output_padding = as_tuple(output_padding, 2)

    def forward(self, input: Tensor) -> Any:
        """Return the sum of the kernels, each times the number it stands at."""
        slide = (self.stride, self.padding, self.output_padding, self.groups, self.dilation)
        return F.conv_transpose2d(input, self.weight, self.bias, *slide)
