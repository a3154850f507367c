"""Cells that read a sequence step by step and remember."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from autovis.creation import empty
from autovis.nn import functional as F
from autovis.nn import init
from autovis.nn.module import Module
from autovis.tensor import Parameter, Tensor

__all__ = ["GRUCell", "LSTMCell", "RNNCell"]


class Cell(Module):
    """What all cells share: weights for the input and for what is remembered, `gates` times.

    Args:
        input_size: numbers in each step of the input.
        hidden_size: numbers that are remembered.
        bias: whether to add biases.
    """

    gates: ClassVar[int] = 1

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True, **place: Any) -> None:
        super().__init__()
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        rows = self.gates * hidden_size
        self.weight_ih = Parameter(empty(rows, input_size, **place))
        self.weight_hh = Parameter(empty(rows, hidden_size, **place))
        self.register_parameter("bias_ih", Parameter(empty(rows, **place)) if bias else None)
        self.register_parameter("bias_hh", Parameter(empty(rows, **place)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all weights evenly within `±1 / sqrt(hidden_size)`."""
        bound = 1 / math.sqrt(self.hidden_size) if self.hidden_size else 0
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    def _sums(self, input: Tensor, hidden: Tensor) -> tuple[Any, Any]:
        return F.linear(input, self.weight_ih, self.bias_ih), F.linear(hidden, self.weight_hh, self.bias_hh)

    def _nothing(self, input: Tensor) -> Any:
        return input.new_zeros(*input.shape[:-1], self.hidden_size)

    def extra_repr(self) -> str:
        """Return the sizes."""
        return f"{self.input_size}, {self.hidden_size}" + ("" if self.bias else ", bias=False")


class RNNCell(Cell):
    """Remembers `tanh(W x + b + U h + c)`, or `relu` of it."""

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, nonlinearity: str = "tanh", **place: Any
    ) -> None:
        super().__init__(input_size, hidden_size, bias, **place)
        self.nonlinearity = nonlinearity

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Any:
        """Return what is remembered after one step."""
        x, h = self._sums(input, self._nothing(input) if hx is None else hx)
        return {"tanh": F.tanh, "relu": F.relu}[self.nonlinearity](x + h)

    def extra_repr(self) -> str:
        """Return the sizes, and the function if it is not `tanh`."""
        return super().extra_repr() + ("" if self.nonlinearity == "tanh" else f", nonlinearity={self.nonlinearity}")


class LSTMCell(Cell):
    """Remembers a state that gates protect (Hochreiter and Schmidhuber, 1997): input, forget, new, output."""

    gates = 4

    def forward(self, input: Tensor, hx: tuple[Tensor, Tensor] | None = None) -> Any:
        """Return the output and the state after one step."""
        hidden, state = (self._nothing(input), self._nothing(input)) if hx is None else hx
        x, h = self._sums(input, hidden)
        enter, forget, new, out = (x + h).chunk(4, -1)
        state = forget.sigmoid() * state + enter.sigmoid() * new.tanh()
        return out.sigmoid() * state.tanh(), state


class GRUCell(Cell):
    """Remembers a mixture of old and new (Cho and others, 2014): reset, update, new."""

    gates = 3

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Any:
        """Return what is remembered after one step."""
        hidden = self._nothing(input) if hx is None else hx
        x, h = (sums.chunk(3, -1) for sums in self._sums(input, hidden))
        reset, update = (a + b for a, b in zip(x[:2], h[:2], strict=True))
        new = (x[2] + reset.sigmoid() * h[2]).tanh()
        return new + update.sigmoid() * (hidden - new)
