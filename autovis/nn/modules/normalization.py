"""Layers that standardise each example by itself."""

from __future__ import annotations

from typing import Any

from autovis.nn import functional as F
from autovis.nn import init
from autovis.nn.modules.linear import hold
from autovis.nn.modules.module import Module
from autovis.tensor import Parameter, Tensor

__all__ = ["LayerNorm"]


class Norm(Module):
    """What such layers share: a weight that scales and a bias that shifts, each or both left out where not wanted."""

    weight: Parameter | None
    bias: Parameter | None

    def reset_parameters(self) -> None:
        """Start from ones and zeros."""
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)


class LayerNorm(Norm):
    """Gives each example mean 0 and variance 1 over its last dimensions, then scales and shifts.

    Args:
        normalized_shape: the size of the last dimension, or the sizes of the last ones.
        eps: added to the variance.
        elementwise_affine, bias: whether it scales and shifts; whether it shifts.
    """

    def __init__(
        self, normalized_shape: Any, eps: float = 1e-5, elementwise_affine: bool = True, bias: bool = True,
        device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        size = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        self.normalized_shape, self.eps, self.elementwise_affine = size, eps, elementwise_affine
        weight = size if elementwise_affine else None
        hold(self, device, dtype, weight=weight, bias=weight if bias else None)
        self.reset_parameters()

    def forward(self, input: Tensor) -> Any:
        """Return the standardised input."""
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """Return the sizes and what was chosen."""
        chosen = f"elementwise_affine={self.elementwise_affine}, bias={self.bias is not None}"
        return f"{self.normalized_shape}, eps={self.eps}, {chosen}"
