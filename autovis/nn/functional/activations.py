"""Activations as functions: each number becomes another one, or a share."""

from __future__ import annotations

import warnings
from typing import Any

from autovis.operators import dim_of
from autovis.rules import activations, elementwise
from autovis.tensor import Tensor

__all__ = [
    "elu", "gelu", "hardtanh", "leaky_relu", "log_softmax", "logsigmoid", "prelu", "relu", "relu6", "selu", "sigmoid",
    "silu", "softmax", "softplus", "tanh",
]  # fmt: skip


def relu(input: Tensor, inplace: bool = False) -> Any:
    """Return the elements above 0, and 0 for the others."""
    return input.relu_() if inplace else elementwise.relu(input)


def _maybe_in_place(input: Any, rule: Any, inplace: bool, **settings: float) -> Any:
    return input._edit(rule, (), **settings) if inplace else rule(input, **settings)


def hardtanh(input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Any:
    """Return the elements between two bounds, and the nearer bound for the others."""
    return _maybe_in_place(input, activations.hardtanh, inplace, low=min_val, high=max_val)


def relu6(input: Tensor, inplace: bool = False) -> Any:
    """Return the elements between 0 and 6, and the nearer bound for the others."""
    return hardtanh(input, 0.0, 6.0, inplace)


def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Any:
    """Return the elements above 0, and a small part of the others."""
    return _maybe_in_place(input, elementwise.leaky_relu, inplace, slope=negative_slope)


def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Any:
    """Return the elements above 0, and `alpha * (exp(x) - 1)` for the others."""
    return _maybe_in_place(input, activations.elu, inplace, alpha=alpha, scale=1.0)


def selu(input: Tensor, inplace: bool = False) -> Any:
    """Return the scaled `elu` that keeps mean 0 and variance 1 (Klambauer and others, 2017)."""
    alpha, scale = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946
    return _maybe_in_place(input, activations.elu, inplace, alpha=alpha, scale=scale)


def gelu(input: Tensor, approximate: str = "none") -> Any:
    """Return `x` times the share of the normal distribution below `x`; `approximate="tanh"` approximates that share."""
    if approximate not in ("none", "tanh"):
        raise RuntimeError("approximate argument must be either none or tanh.")
    return activations.gelu_tanh(input) if approximate == "tanh" else activations.gelu(input)


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
    return input.softmax(_implicit_dim("softmax", input, dim), dtype)


def log_softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Any:
    """Return the logarithms of `softmax`, without overflow."""
    return input.log_softmax(_implicit_dim("log_softmax", input, dim), dtype)


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
