"""Standardising: numbers brought to mean 0 and variance 1 over some dimensions, then scaled and shifted by weights.

With x̂ = (x - mean) / √(var + eps), the mean and the variance depend on x, too, so the gradient of x is what is left of
`g` after its mean, and its part along x̂, have been taken away (Ioffe and Szegedy, 2015).
"""

from __future__ import annotations

from typing import Any

from autovis.primitive import Primitive
from autovis.rules.elementwise import rsqrt
from autovis.rules.reduce import mean_dim, variance
from autovis.rules.shape import reshape, sum_to

Dims = tuple[int, ...]


def scale_of(x: Any, dims: Dims, eps: float) -> Any:
    """Return 1 / √(var + eps)."""
    return rsqrt(variance(x, dims=dims, correction=0, keepdim=True) + eps)


def standard(x: Any, dims: Dims, eps: float) -> Any:
    """Return x̂."""
    return (x - mean_dim(x, dims=dims, keepdim=True)) * scale_of(x, dims, eps)


def affine(x: Any, weight: Any, bias: Any, to: Dims) -> Any:
    """Scale and shift, with weights laid out to broadcast."""
    x = x * reshape(weight, to=to)
    return x if bias is None else x + reshape(bias, to=to)


def total(g: Any, to: Dims, shape: Dims) -> Any:
    """Add up a gradient over everything that shared a weight."""
    return reshape(sum_to(g, to=to), to=shape)


def _standardise(g: Any, x: Any, weight: Any, dims: Dims, eps: float, to: Dims) -> Any:
    g = affine(g, weight, None, to)
    hat = standard(x, dims, eps)
    along = mean_dim(g * hat, dims=dims, keepdim=True)
    return scale_of(x, dims, eps) * (g - mean_dim(g, dims=dims, keepdim=True) - hat * along)


def _row(name: str, node: str) -> Primitive:
    return Primitive(
        name,
        lambda x, weight, bias, *, dims, eps, to: affine(standard(x, dims, eps), weight, bias, to).astype(x.dtype),
        node=node,
        x=lambda g, x, weight, dims, eps, to: _standardise(g, x, weight, dims, eps, to),
        weight=lambda g, x, shape, dims, eps, to: total(g * standard(x, dims, eps), to, shape),
        bias=lambda g, shape, to: total(g, to, shape),
    )


layer_norm = _row("layer_norm", "NativeLayerNormBackward0")
batch_norm = _row("batch_norm", "NativeBatchNormBackward0")
# in evaluation: with the mean and the variance that were collected while training
batch_norm_fixed = Primitive(
    "batch_norm",
    lambda x, weight, bias, *, mean, scale, to: affine((x - mean) * scale, weight, bias, to).astype(x.dtype),
    node="NativeBatchNormBackward0",
    arrays="mean scale",
    x=lambda g, weight, scale, to: affine(g, weight, None, to) * _constant(g, scale),
    weight=lambda g, x, shape, mean, scale, to: total(g * (x - _constant(g, mean)) * _constant(g, scale), to, shape),
    bias=lambda g, shape, to: total(g, to, shape),
)


def _constant(g: Any, array: Any) -> Any:
    """Return an array as what `g` is."""
    return g.like(array) if hasattr(g, "like") else array
