"""Activations of networks beyond the few of the elementwise table, and the scores that losses are made of.

Where a formula has a kink, its derivative there is PyTorch's, and said on that line.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autovis.dtypes import constant
from autovis.primitive import Elementwise
from autovis.rules.elementwise import absolute, choose, erf, exp, keep, log, log1p, maximum, sigmoid, sign, tanh
from autovis.rules.neural import reduced, unreduced

__all__ = ["bce", "bce_weighted", "elu", "gelu", "gelu_tanh", "hardtanh", "huber", "logsigmoid", "prelu", "smooth_l1"]

HALF_ROOT, ROOT = math.sqrt(0.5), math.sqrt(2 / math.pi)
CUBIC = 0.044715  # Hendrycks and Gimpel, *Gaussian Error Linear Units*


def _hardtanh(x: Any, *, low: float, high: float) -> Any:
    return np.minimum(np.maximum(x, constant(low, x.dtype)), constant(high, x.dtype))


def _gelu_slope(x: Any) -> Any:
    """Distribution and density of the normal law: d(x Φ(x)) = Φ + x φ."""
    return 0.5 * (1 + erf(x * HALF_ROOT)) + x * exp(-0.5 * x * x) / math.sqrt(2 * math.pi)


def _gelu_tanh_slope(x: Any) -> Any:
    inner = tanh(ROOT * (x + CUBIC * x * x * x))
    return 0.5 * (1 + inner) + 0.5 * x * (1 - inner * inner) * ROOT * (1 + 3 * CUBIC * x * x)


hardtanh = Elementwise(
    "hardtanh",
    _hardtanh,
    x=lambda g, x, low, high: keep(g, (x > low) & (x < high)),  # at an edge: 0
)
logsigmoid = Elementwise(
    "logsigmoid",
    lambda x: np.minimum(x, constant(0, x.dtype)) - np.log1p(np.exp(-np.abs(x))),
    node="LogSigmoidBackward0",
    x=lambda g, x: g * sigmoid(-x),
)
gelu = Elementwise("gelu", lambda x: x * _normal_share(x), x=lambda g, x: g * _gelu_slope(x))
gelu_tanh = Elementwise(
    "gelu_tanh",
    lambda x: (0.5 * x * (1 + np.tanh(ROOT * (x + CUBIC * x * x * x)))).astype(x.dtype),
    node="GeluBackward0",
    x=lambda g, x: g * _gelu_tanh_slope(x),
)
elu = Elementwise(  # scale * (x, or alpha * (exp(x) - 1) below 0); with special numbers it is selu
    "elu",
    lambda x, *, alpha, scale: (
        scale * np.where(x > 0, x, alpha * np.expm1(np.minimum(x, constant(0, x.dtype))))
    ).astype(x.dtype),
    x=lambda g, x, alpha, scale: choose(x > 0, g * scale, g * (scale * alpha) * exp(x)),  # at 0: scale * alpha
)
prelu = Elementwise(
    "prelu",
    lambda x, weight: np.where(x > 0, x, x * weight),
    node="PreluKernelBackward0",
    x=lambda g, x, weight: choose(x > 0, g, g * weight),  # at 0: the weight
    weight=lambda g, x: keep(g * x, x <= 0),
)


def _normal_share(x: Any) -> Any:
    return (0.5 * (1 + erf(x * constant(HALF_ROOT, x.dtype)))).astype(x.dtype)


# losses: one score for each pair, then the mean or the sum ------------------------------------------------------------


def _weighed(losses: Any, weights: Any, reduction: str) -> Any:
    return reduced(losses if weights is None else losses * weights, reduction)


def _shared(g: Any, shape: tuple[int, ...], weights: Any, reduction: str) -> Any:
    share = unreduced(g, shape, reduction)
    return share if weights is None else share * weights


def _bce(x: Any, y: Any, *, weights: Any, reduction: str) -> Any:
    floor = constant(-100, x.dtype)  # log 0 is taken as -100
    losses = (y - 1) * np.maximum(np.log1p(-x), floor) - y * np.maximum(np.log(x), floor)
    return _weighed(losses, weights, reduction)


def _bce_weighted(x: Any, y: Any, *, weights: Any, positive: Any, reduction: str) -> Any:
    surprise = np.log1p(np.exp(-np.abs(x))) + np.maximum(-x, constant(0, x.dtype))  # -log(sigmoid(x))
    return _weighed((1 - y) * x + _importance(y, positive) * surprise, weights, reduction)


def _importance(y: Any, positive: Any) -> Any:
    """How much a target counts: `positive` where it is 1."""
    return 1 if positive is None else 1 + (positive - 1) * y


def _smooth_l1(x: Any, y: Any, *, beta: float, reduction: str) -> Any:
    distance = np.abs(x - y)
    near = 0.5 * distance * distance / beta if beta else distance
    return reduced(np.where(distance < beta, near, distance - 0.5 * beta).astype(x.dtype), reduction)


def _huber(x: Any, y: Any, *, delta: float, reduction: str) -> Any:
    distance = np.abs(x - y)
    losses = np.where(distance < delta, 0.5 * distance * distance, delta * (distance - 0.5 * delta))
    return reduced(losses.astype(x.dtype), reduction)


def _log_odds_against(x: Any) -> Any:
    return maximum(log1p(-x), -100.0) - maximum(log(x), -100.0)


def _clipped(difference: Any, width: float) -> Any:
    """The difference, at most `width` in size."""
    return choose(absolute(difference) < width, difference, sign(difference) * width)


bce = Elementwise(
    "bce",
    _bce,
    node="BinaryCrossEntropyBackward0",
    x=lambda g, x, y, shape, weights, reduction: (
        _shared(g, shape, weights, reduction) * (x - y) / maximum((1 - x) * x, 1e-12)
    ),
    y=lambda g, x, shape, weights, reduction: _shared(g, shape, weights, reduction) * _log_odds_against(x),
)
bce_weighted = Elementwise(  # binary cross entropy of sigmoid(x)
    "bce_weighted",
    _bce_weighted,
    node="BinaryCrossEntropyWithLogitsBackward0",
    x=lambda g, x, y, shape, weights, positive, reduction: (
        _shared(g, shape, weights, reduction) * ((1 - y) - _importance(y, positive) * sigmoid(-x))
    ),
    y=lambda g, x, shape, weights, positive, reduction: (
        _shared(g, shape, weights, reduction) * (-x - (0 if positive is None else (positive - 1) * logsigmoid(x)))
    ),
)
smooth_l1 = Elementwise(
    "smooth_l1",
    _smooth_l1,
    node="SmoothL1LossBackward0",
    x=lambda g, x, y, shape, beta, reduction: unreduced(g, shape, reduction) * _clipped(x - y, beta) / (beta or 1.0),
    y=lambda g, x, y, shape, beta, reduction: unreduced(g, shape, reduction) * _clipped(y - x, beta) / (beta or 1.0),
)
huber = Elementwise(
    "huber",
    _huber,
    node="HuberLossBackward0",
    x=lambda g, x, y, shape, delta, reduction: unreduced(g, shape, reduction) * _clipped(x - y, delta),
    y=lambda g, x, y, shape, delta, reduction: unreduced(g, shape, reduction) * _clipped(y - x, delta),
)
