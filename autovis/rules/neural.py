"""Operations of neural networks that overflow or crawl when they are put together from smaller ones.

Each says beside its formula what the naive form would be.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autovis.primitive import Elementwise, Primitive
from autovis.rules.elementwise import exp, sigmoid
from autovis.rules.index import pick
from autovis.rules.reduce import sum_dim
from autovis.rules.shape import reshape, spread


def _softmax(x: Any, *, dim: int) -> Any:
    e = np.exp(x - np.maximum.reduce(x, axis=dim, keepdims=True))
    e /= np.add.reduce(e, axis=dim, keepdims=True)
    return e


def _log_softmax(x: Any, *, dim: int) -> Any:
    shifted = x - np.maximum.reduce(x, axis=dim, keepdims=True)
    shifted -= np.log(np.add.reduce(np.exp(shifted), axis=dim, keepdims=True))
    return shifted


def reduced(losses: Any, reduction: str) -> Any:
    """Apply `mean`, `sum` or `none` to a loss for each element."""
    if reduction == "none":
        return losses
    total = np.add.reduce(losses, axis=None)
    return total / losses.dtype.type(losses.size) if reduction == "mean" else total


def unreduced(g: Any, shape: tuple[int, ...], reduction: str) -> Any:
    """Give every element its part of a loss's gradient."""
    if reduction == "none":
        return g
    share = g / max(math.prod(shape), 1) if reduction == "mean" else g
    return spread(share, to=shape)


# softmax: exp(x) / sum(exp(x)), which overflows from x = 89 on in float32
softmax = Primitive(
    "softmax",
    lambda x, *, dim: _softmax(x, dim=dim),
    x=lambda g, out, dim: g * out - out * sum_dim(g * out, dims=(dim,) if out.ndim else (), keepdim=True),
)
log_softmax = Primitive(
    "log_softmax",
    lambda x, *, dim: _log_softmax(x, dim=dim),
    x=lambda g, out, dim: g - exp(out) * sum_dim(g, dims=(dim,) if out.ndim else (), keepdim=True),
)
# -log(softmax(x)[target]); `index` holds the places of the counted targets, `weights` what each counts
nll_loss = Primitive(
    "nll_loss",
    lambda x, *, index, weights, total: _nll(x, index, weights, total),
    x=lambda g, shape, index, weights, total: put_apart(-(g / total) * weights, index=index, whole=shape),
)
nll_loss2d = Primitive(
    "nll_loss2d", nll_loss.forward, node="NllLoss2DBackward0", symbol="nll_loss", x=nll_loss.pullbacks["x"]
)
nll_loss_each = Primitive(
    "nll_loss_each",
    lambda x, *, index, weights, to: _spread_losses(x, index, weights, to),
    node="NllLossBackward0",
    symbol="nll_loss",
    x=lambda g, shape, index, weights, to: put_apart(-reshape(g, to=(-1,)) * weights, index=index, whole=shape),
)
put_apart = Primitive(  # each number to a place of its own
    "index_put",
    lambda x, *, index, whole: _put_apart(x, index, whole),
    x=lambda g, index: pick(g, index=index),
)


def _nll(x: Any, index: Any, weights: Any, total: Any) -> Any:
    with np.errstate(invalid="ignore"):  # nothing counted: nan
        return -np.sum(x[...][index] * weights) / total


def _put_apart(x: Any, index: Any, whole: tuple[int, ...]) -> Any:
    result = np.zeros(whole, x.dtype, like=x)
    result[index] += x  # and not `=`: 0 instead of -0
    return result


def _spread_losses(x: Any, index: Any, weights: Any, to: tuple[int, ...]) -> Any:
    return (-x[...][index] * weights).reshape(to)


# -(y log s(x) + (1 - y) log(1 - s(x))) with s = sigmoid, which is -inf or nan from |x| = 17 on in float32
bce_with_logits = Elementwise(
    "bce_with_logits",
    lambda x, y, *, reduction: reduced(np.maximum(x, 0) - x * y + np.log1p(np.exp(-np.abs(x))), reduction),
    node="BinaryCrossEntropyWithLogitsBackward0",
    x=lambda g, x, y, shape, reduction: (sigmoid(x) - y) * unreduced(g, shape, reduction),
    y=lambda g, x, shape, reduction: -x * unreduced(g, shape, reduction),
)
mse_loss = Elementwise(
    "mse_loss",
    lambda x, y, *, reduction: reduced((x - y) * (x - y), reduction),
    x=lambda g, x, y, shape, reduction: 2 * (x - y) * unreduced(g, shape, reduction),
    y=lambda g, x, y, shape, reduction: -2 * (x - y) * unreduced(g, shape, reduction),
)


def _put_rows(x: Any, *, index: Any, skip: int | None, rows: int) -> Any:
    width = x.shape[-1]
    table = np.zeros((rows, width), x.dtype, like=x)
    places = index[..., None] * width + np.arange(width, like=x)  # one by one: NumPy is quicker than with rows
    np.add.at(table.reshape(-1), places.ravel(), x.ravel())
    if skip is not None:
        table[skip] = 0
    return table


def _pick_rows(x: Any, *, index: Any, skip: int | None) -> Any:
    picked = x[index]
    if skip is not None:
        picked[index == skip % len(x)] = 0
    return picked


# rows of a table by number; the row `skip` receives no gradient
embedding = Primitive(
    "embedding",
    lambda x, *, index, skip: x[index],
    x=lambda g, shape, index, skip: put_rows(g, index=index, skip=skip, rows=shape[0]),
)
put_rows: Primitive = Primitive(
    "put_rows",
    _put_rows,
    node="EmbeddingBackwardBackward0",
    x=lambda g, index, skip: pick_rows(g, index=index, skip=skip),
)
pick_rows: Primitive = Primitive(
    "pick_rows",
    _pick_rows,
    node="IndexSelectBackward0",
    x=lambda g, shape, index, skip: put_rows(g, index=index, skip=skip, rows=shape[0]),
)
