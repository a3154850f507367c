"""Activations as modules: each applies one function, and keeps the arguments that it was made with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from autovis.creation import full
from autovis.nn import functional as F
from autovis.nn.module import Module
from autovis.tensor import Parameter, Tensor

__all__ = [
    "ELU", "GELU", "LeakyReLU", "LogSigmoid", "LogSoftmax", "Hardtanh", "PReLU", "ReLU", "ReLU6", "SELU", "SiLU",
    "Sigmoid", "Softmax", "Softplus", "Tanh",
]  # fmt: skip


class Activation(Module):
    """A module for one function.

    Attributes:
        function: what it applies.
        arguments: its arguments in order, with what they are when left out.
    """

    function: ClassVar[Callable[..., Any]]
    arguments: ClassVar[dict[str, Any]] = {}

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__()
        if len(given) > len(self.arguments) or not named.keys() <= self.arguments.keys():
            raise TypeError(f"{type(self).__name__} takes {', '.join(self.arguments) or 'no arguments'}")
        self.settings = {**self.arguments, **dict(zip(self.arguments, given, strict=False)), **named}
        for name, value in self.settings.items():
            setattr(self, name, value)

    def forward(self, input: Tensor) -> Any:
        """Apply the function."""
        return type(self).function(input, **{name: getattr(self, name) for name in self.settings})

    def extra_repr(self) -> str:
        """Return the arguments; `inplace` only where it is True."""
        shown = {name: getattr(self, name) for name in self.settings}
        return ", ".join(f"{k}={v!r}" for k, v in shown.items() if k != "inplace" or v)


class ReLU(Activation):
    """Keeps what is above 0; the rest becomes 0."""

    function = F.relu
    arguments: ClassVar[dict[str, Any]] = {"inplace": False}


class ReLU6(Activation):
    """Keeps what is between 0 and 6; the rest becomes the nearer bound."""

    function = F.relu6
    arguments: ClassVar[dict[str, Any]] = {"inplace": False}


class Hardtanh(Activation):
    """Keeps what is between two bounds; the rest becomes the nearer one."""

    function = F.hardtanh
    arguments: ClassVar[dict[str, Any]] = {"min_val": -1.0, "max_val": 1.0, "inplace": False}


class LeakyReLU(Activation):
    """Keeps what is above 0, and a small part of the rest."""

    function = F.leaky_relu
    arguments: ClassVar[dict[str, Any]] = {"negative_slope": 0.01, "inplace": False}


class ELU(Activation):
    """Keeps what is above 0; the rest becomes `alpha * (exp(x) - 1)`."""

    function = F.elu
    arguments: ClassVar[dict[str, Any]] = {"alpha": 1.0, "inplace": False}


class SELU(Activation):
    """The scaled `ELU` that keeps mean 0 and variance 1."""

    function = F.selu
    arguments: ClassVar[dict[str, Any]] = {"inplace": False}


class GELU(Activation):
    """Multiplies by the share of the normal distribution below the number."""

    function = F.gelu
    arguments: ClassVar[dict[str, Any]] = {"approximate": "none"}


class SiLU(Activation):
    """Returns `x * sigmoid(x)`."""

    function = F.silu
    arguments: ClassVar[dict[str, Any]] = {"inplace": False}


class Softplus(Activation):
    """Returns `log(1 + exp(beta * x)) / beta`."""

    function = F.softplus
    arguments: ClassVar[dict[str, Any]] = {"beta": 1.0, "threshold": 20.0}


class Sigmoid(Activation):
    """Returns `1 / (1 + exp(-x))`."""

    function = F.sigmoid


class LogSigmoid(Activation):
    """Returns the logarithm of the sigmoid."""

    function = F.logsigmoid


class Tanh(Activation):
    """Returns the hyperbolic tangent."""

    function = F.tanh


class Softmax(Activation):
    """Returns shares that sum to 1 along a dimension."""

    function = F.softmax
    arguments: ClassVar[dict[str, Any]] = {"dim": None}


class LogSoftmax(Activation):
    """Returns the logarithms of such shares."""

    function = F.log_softmax
    arguments: ClassVar[dict[str, Any]] = {"dim": None}


class PReLU(Module):
    """Keeps what is above 0, and a learned part of the rest, one for all channels or one for each."""

    def __init__(self, num_parameters: int = 1, init: float = 0.25, **place: Any) -> None:
        super().__init__()
        self.num_parameters = num_parameters
        self.weight = Parameter(full((num_parameters,), float(init), **place))

    def forward(self, input: Tensor) -> Any:
        """Apply the function."""
        return F.prelu(input, self.weight)

    def extra_repr(self) -> str:
        """Return how many parts are learned."""
        return f"num_parameters={self.num_parameters}"
