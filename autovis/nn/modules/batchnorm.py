"""Layers that standardise each channel over the batch."""

from __future__ import annotations

from typing import Any, ClassVar

from autovis.creation import ones, tensor, zeros
from autovis.nn import functional as F
from autovis.nn.modules.linear import hold
from autovis.nn.modules.normalization import Norm
from autovis.tensor import Tensor

__all__ = ["BatchNorm1d", "BatchNorm2d"]


class _BatchNorm(Norm):
    """Gives each channel mean 0 and variance 1 over the batch, then scales and shifts.

    Args:
        num_features: channels.
        eps: added to the variance.
        momentum: how far the running mean and variance go to those of each batch; None takes the mean of all batches.
        affine, bias: whether it scales and shifts; whether it shifts.
        track_running_stats: whether it keeps a running mean and variance, to use in evaluation.
    """

    dims: ClassVar[tuple[int, ...]]
    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None

    def __init__(
        self, num_features: int, eps: float = 1e-5, momentum: float | None = 0.1, affine: bool = True,
        track_running_stats: bool = True, device: Any = None, dtype: Any = None, *, bias: bool = True,
    ) -> None:  # fmt: skip
        super().__init__()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        size = (num_features,) if affine else None
        hold(self, device, dtype, weight=size, bias=size if bias else None)
        start = {
            "running_mean": zeros(num_features, device=device, dtype=dtype),
            "running_var": ones(num_features, device=device, dtype=dtype),
            "num_batches_tracked": tensor(0),
        }
        for name, value in start.items():
            self.register_buffer(name, value if track_running_stats else None)
        self.reset_parameters()

    def reset_running_stats(self) -> None:
        """Forget the batches seen."""
        for name, buffer in self.named_buffers():
            buffer.fill_(1 if name == "running_var" else 0)

    def reset_parameters(self) -> None:
        """Start from ones and zeros, and forget the batches seen."""
        super().reset_parameters()
        self.reset_running_stats()

    def forward(self, input: Tensor) -> Any:
        """Return the standardised input."""
        if input.ndim not in self.dims:
            wanted = " or ".join(f"{n}D" for n in self.dims)
            raise ValueError(f"expected {wanted} input (got {input.ndim}D input)")
        share = self.momentum
        if self.training and self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)
            share = 1 / self.num_batches_tracked.item() if share is None else share
        running = (self.running_mean, self.running_var)
        training = self.training or self.running_mean is None
        return F.batch_norm(input, *running, self.weight, self.bias, training, share or 0.0, self.eps)

    def extra_repr(self) -> str:
        """Return the size and what was chosen."""
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine},"
            f" bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )


class BatchNorm1d(_BatchNorm):
    """Standardises rows `(batch, channels)` or `(batch, channels, length)`."""

    dims = (2, 3)


class BatchNorm2d(_BatchNorm):
    """Standardises images `(batch, channels, height, width)`."""

    dims = (4,)
