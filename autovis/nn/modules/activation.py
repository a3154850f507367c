"""Activations as modules: each number becomes another one, or a share."""

from __future__ import annotations

from typing import Any

from autovis.creation import full
from autovis.nn import functional as F
from autovis.nn.modules.applied import Applied
from autovis.nn.modules.module import Module
from autovis.tensor import Parameter, Tensor

__all__ = [
    "ELU", "GELU", "Hardtanh", "LeakyReLU", "LogSigmoid", "LogSoftmax", "PReLU", "ReLU", "ReLU6", "SELU", "SiLU",
    "Sigmoid", "Softmax", "Softplus", "Tanh",
]  # fmt: skip


class ReLU(Applied, of=F.relu):
    """Keeps what is above 0; the rest becomes 0."""


class ReLU6(Applied, of=F.relu6):
    """Keeps what is between 0 and 6; the rest becomes the nearer bound."""


class Hardtanh(Applied, of=F.hardtanh):
    """Keeps what is between two bounds; the rest becomes the nearer one."""


class LeakyReLU(Applied, of=F.leaky_relu):
    """Keeps what is above 0, and a small part of the rest."""


class ELU(Applied, of=F.elu):
    """Keeps what is above 0; the rest becomes `alpha * (exp(x) - 1)`."""


class SELU(Applied, of=F.selu):
    """The scaled `ELU` that keeps mean 0 and variance 1."""


class GELU(Applied, of=F.gelu):
    """Multiplies by the share of the normal distribution below the number."""


class SiLU(Applied, of=F.silu):
    """Returns `x * sigmoid(x)`."""


class Softplus(Applied, of=F.softplus):
    """Returns `log(1 + exp(beta * x)) / beta`."""


class Sigmoid(Applied, of=F.sigmoid):
    """Returns `1 / (1 + exp(-x))`."""


class LogSigmoid(Applied, of=F.logsigmoid):
    """Returns the logarithm of the sigmoid."""


class Tanh(Applied, of=F.tanh):
    """Returns the hyperbolic tangent."""


class Softmax(Applied, of=F.softmax, takes="dim"):
    """Returns shares that sum to 1 along a dimension."""


class LogSoftmax(Applied, of=F.log_softmax, takes="dim"):
    """Returns the logarithms of such shares."""


class PReLU(Module):
    """Keeps what is above 0, and a learned part of the rest, one for all channels or one for each."""

    def __init__(self, num_parameters: int = 1, init: float = 0.25, device: Any = None, dtype: Any = None) -> None:
        super().__init__()
        self.num_parameters = num_parameters
        self.weight = Parameter(full((num_parameters,), float(init), device=device, dtype=dtype))

    def forward(self, input: Tensor) -> Any:
        """Apply the function."""
        return F.prelu(input, self.weight)

    def extra_repr(self) -> str:
        """Return how many parts are learned."""
        return f"num_parameters={self.num_parameters}"
