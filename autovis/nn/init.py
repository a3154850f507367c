"""How parameters start: filled in place, outside of the graph, from the common stream of random numbers."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from autovis.creation import empty_like, eye
from autovis.functions import where
from autovis.modes import no_grad
from autovis.nn import left_out
from autovis.random import Generator
from autovis.tensor import Tensor

__all__ = [
    "calculate_gain", "constant_", "eye_", "kaiming_normal_", "kaiming_uniform_", "normal_", "ones_", "orthogonal_",
    "trunc_normal_", "uniform_", "xavier_normal_", "xavier_uniform_", "zeros_",
]  # fmt: skip

GAINS = {"linear": 1, "conv1d": 1, "conv2d": 1, "sigmoid": 1, "tanh": 5 / 3, "relu": math.sqrt(2), "selu": 3 / 4}


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """Return by how much weights must be larger to make up for what an activation takes away."""
    if nonlinearity == "leaky_relu":
        if isinstance(param, str):
            raise ValueError(f"negative_slope {param} not a valid number")
        return math.sqrt(2 / (1 + (0.01 if param is None else param) ** 2))
    if nonlinearity not in GAINS:
        raise ValueError(f"Unsupported nonlinearity {nonlinearity}")
    return GAINS[nonlinearity]


def fans(tensor: Tensor) -> tuple[int, int]:
    """Count how many numbers lead to one output, and from one input."""
    if tensor.ndim < 2:
        raise ValueError("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions")
    window = math.prod(tensor.shape[2:])
    return tensor.shape[1] * window, tensor.shape[0] * window


_calculate_fan_in_and_fan_out = fans  # PyTorch's name; tutorials start a bias with it


@no_grad()
def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Generator | None = None) -> Any:
    """Fill with numbers drawn evenly from `a` to `b`."""
    return tensor.uniform_(a, b, generator=generator)


@no_grad()
def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Generator | None = None) -> Any:
    """Fill with numbers drawn from the normal distribution."""
    return tensor.normal_(mean, std, generator=generator)


@no_grad()
def trunc_normal_(
    tensor: Tensor, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0,
    generator: Generator | None = None,
) -> Any:  # fmt: skip
    """Fill from the normal distribution; what falls outside of `a` to `b` is drawn again."""
    tensor.normal_(mean, std, generator=generator)
    while bool((outside := (tensor < a) | (tensor > b)).any()):
        tensor.copy_(where(outside, empty_like(tensor).normal_(mean, std, generator=generator), tensor))
    return tensor


@no_grad()
def constant_(tensor: Tensor, val: float) -> Any:
    """Fill with one number."""
    return tensor.fill_(val)


def ones_(tensor: Tensor) -> Any:
    """Fill with ones."""
    return constant_(tensor, 1.0)


def zeros_(tensor: Tensor) -> Any:
    """Fill with zeros."""
    return constant_(tensor, 0.0)


@no_grad()
def eye_(tensor: Tensor) -> Any:
    """Fill a matrix with ones on its diagonal, zeros elsewhere."""
    if tensor.ndim != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    return tensor.copy_(eye(*tensor.shape))


@no_grad()
def orthogonal_(tensor: Tensor, gain: float = 1, generator: Generator | None = None) -> Any:
    """Fill with rows, or columns where there are fewer, of length `gain` that stand upright on each other."""
    if tensor.ndim < 2:
        raise ValueError("Only tensors with 2 or more dimensions are supported")
    drawn = tensor.new_empty(len(tensor), tensor.numel() // len(tensor)).normal_(generator=generator)
    wide = len(drawn) < drawn.shape[1]
    q, r = np.linalg.qr(drawn.numbers.T if wide else drawn.numbers)
    q = q * np.sign(np.diag(r))  # otherwise some directions were likelier than others (Mezzadri, 2006)
    return tensor.copy_(Tensor.from_numbers(q.T if wide else q).reshape(tensor.shape)).mul_(gain)


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Any:
    """Fill evenly so that variance stays the same on the way forwards and backwards (Glorot and Bengio, 2010)."""
    bound = math.sqrt(3.0) * gain * math.sqrt(2.0 / sum(fans(tensor)))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Any:
    """Fill from the normal distribution as `xavier_uniform_` does evenly."""
    return normal_(tensor, 0.0, gain * math.sqrt(2.0 / sum(fans(tensor))), generator)


def _kaiming(tensor: Tensor, a: float, mode: str, nonlinearity: str, fill: Callable[[float], Any]) -> Any:
    """Fill so that variance stays the same through rectifiers (He and others, 2015)."""
    if 0 in tensor.shape:
        warnings.warn("Initializing zero-element tensors is a no-op", UserWarning, stacklevel=3)
        return tensor
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"Mode {mode} not supported, please use one of ['fan_in', 'fan_out']")
    return fill(calculate_gain(nonlinearity, a) / math.sqrt(fans(tensor)[mode == "fan_out"]))


def kaiming_uniform_(
    tensor: Tensor, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Any:  # fmt: skip
    """Fill evenly so that variance stays the same through rectifiers (He and others, 2015).

    It stays on the way forwards (mode `fan_in`) or backwards (`fan_out`); `a` is the slope of the rectifier below 0.
    """
    bound = math.sqrt(3.0)
    return _kaiming(tensor, a, mode, nonlinearity, lambda std: uniform_(tensor, -bound * std, bound * std, generator))


def kaiming_normal_(
    tensor: Tensor, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Any:  # fmt: skip
    """Fill from the normal distribution as `kaiming_uniform_` does evenly."""
    return _kaiming(tensor, a, mode, nonlinearity, lambda std: normal_(tensor, 0.0, std, generator))


def __getattr__(name: str) -> Any:
    if f"{name}_" in __all__:
        return left_out.renamed("nn.init", name, globals()[f"{name}_"])
    raise left_out.missing("nn.init", name, left_out.INIT)
