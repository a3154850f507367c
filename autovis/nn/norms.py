"""Layers that standardise their input."""

from __future__ import annotations

from typing import Any, ClassVar

from autovis.creation import empty, ones, tensor, zeros
from autovis.nn import functional as F
from autovis.nn import init
from autovis.nn.module import Module
from autovis.tensor import Parameter, Tensor

__all__ = ["BatchNorm1d", "BatchNorm2d", "LayerNorm"]


class LayerNorm(Module):
    """Gives each example mean 0 and variance 1 over its last dimensions, then scales and shifts.

    Args:
        normalized_shape: the size of the last dimension, or the sizes of the last ones.
        eps: added to the variance.
        elementwise_affine: whether it has weights.
        bias: whether it also shifts.

    Attributes:
        weight: of shape `normalized_shape`, ones at first; None without weights.
        bias: of the same shape, zeros at first; None without.
    """

    def __init__(
        self, normalized_shape: Any, eps: float = 1e-5, elementwise_affine: bool = True, bias: bool = True, **place: Any
    ) -> None:
        super().__init__()
        self.normalized_shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        for name, wanted in (("weight", elementwise_affine), ("bias", elementwise_affine and bias)):
            self.register_parameter(name, Parameter(empty(self.normalized_shape, **place)) if wanted else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Start from ones and zeros."""
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def forward(self, input: Tensor) -> Any:
        """Return the standardised input."""
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """Return the sizes and what was chosen."""
        chosen = f"elementwise_affine={self.elementwise_affine}, bias={self.bias is not None}"
        return f"{self.normalized_shape}, eps={self.eps}, {chosen}"


class BatchNorm1d(Module):
    """Gives each channel mean 0 and variance 1 over the batch, then scales and shifts.

    Args:
        num_features: channels.
        eps: added to the variance.
        momentum: how far the running mean and variance go to those of each batch; None takes the mean of all batches.
        affine: whether it has weights.
        track_running_stats: whether it keeps a running mean and variance, to use in evaluation.
        bias: whether it also shifts.
    """

    dims: ClassVar[tuple[int, ...]] = (2, 3)

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        *,
        bias: bool = True,
        **place: Any,
    ) -> None:
        super().__init__()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        self.register_parameter("weight", Parameter(ones(num_features, **place)) if affine else None)
        self.register_parameter("bias", Parameter(zeros(num_features, **place)) if affine and bias else None)
        self.register_buffer("running_mean", zeros(num_features, **place) if track_running_stats else None)
        self.register_buffer("running_var", ones(num_features, **place) if track_running_stats else None)
        self.register_buffer("num_batches_tracked", tensor(0) if track_running_stats else None)

    def forward(self, input: Tensor) -> Any:
        """Return the standardised input.

        Raises:
            ValueError: for an input of other dimensions.
        """
        if input.ndim not in self.dims:
            wanted = " or ".join(f"{n}D" for n in self.dims)
            raise ValueError(f"expected {wanted} input (got {input.ndim}D input)")
        training = self.training or self.running_mean is None
        share = self.momentum
        if self.training and self.track_running_stats:
            self.num_batches_tracked.add_(1)
            share = 1 / self.num_batches_tracked.item() if share is None else share
        running = (self.running_mean, self.running_var)
        return F.batch_norm(input, *running, self.weight, self.bias, training, share or 0.0, self.eps)

    def extra_repr(self) -> str:
        """Return the size and what was chosen."""
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine},"
            f" bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )


class BatchNorm2d(BatchNorm1d):
    """Gives each channel of images `(batch, channels, height, width)` mean 0 and variance 1; see `BatchNorm1d`."""

    dims = (4,)
