"""Standardising: numbers brought to mean 0 and variance 1 over some dimensions, then scaled and shifted by weights.

With x̂ = (x - mean) / √(var + eps), the mean and the variance depend on x, too, so the gradient of x is what is left of
`g` after its mean, and its part along x̂, have been taken away (Ioffe and Szegedy, 2015).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autovis.primitive import Primitive
from autovis.rules.elementwise import rsqrt
from autovis.rules.reduce import mean_dim, variance
from autovis.rules.shape import reshape, sum_to

Dims = tuple[int, ...]
Note = list[Any] | None  # where a forward leaves what the backward needs, too


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


def _forward(x: Any, weight: Any, bias: Any, *, dims: Dims, eps: float, to: Dims, note: Note = None) -> Any:
    """Compute in place, and leave mean, variance and scale for the backward."""
    count = x.dtype.type(math.prod(x.shape[d] for d in dims))
    mean = np.add.reduce(x, axis=dims, keepdims=True) / count
    hat = x - mean
    spread = np.add.reduce(hat * hat, axis=dims, keepdims=True) / count
    scale = 1 / np.sqrt(spread + eps)
    if note is not None:
        note += (mean, spread, scale)
    hat *= scale
    hat *= weight.reshape(to)
    if bias is not None:
        hat += bias.reshape(to)
    return hat


def _parts(x: Any, dims: Dims, eps: float, note: Note) -> tuple[Any, Any]:
    """Return x̂ and the scale: of an array from the note, of a tensor by operations that are recorded."""
    if hasattr(type(x), "__apply__") or not note:
        return standard(x, dims, eps), scale_of(x, dims, eps)
    mean, _, scale = note
    return (x - mean) * scale, scale


def _standardise(g: Any, x: Any, weight: Any, dims: Dims, eps: float, to: Dims, note: Note) -> Any:
    g = affine(g, weight, None, to)
    hat, scale = _parts(x, dims, eps, note)
    along = mean_dim(g * hat, dims=dims, keepdim=True)
    return scale * (g - mean_dim(g, dims=dims, keepdim=True) - hat * along)


def _row(name: str, node: str) -> Primitive:
    return Primitive(
        name,
        _forward,
        node=node,
        x=lambda g, x, weight, dims, eps, to, note: _standardise(g, x, weight, dims, eps, to, note),
        weight=lambda g, x, shape, dims, eps, to, note: total(g * _parts(x, dims, eps, note)[0], to, shape),
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
