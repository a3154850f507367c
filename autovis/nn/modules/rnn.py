"""Networks with memory: cells that read one step, and layers that read whole sequences."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from autovis.functions import cat, stack
from autovis.nn import functional as F
from autovis.nn import init
from autovis.nn.modules.linear import hold
from autovis.nn.modules.module import Module
from autovis.tensor import Tensor

__all__ = ["GRU", "GRUCell", "LSTM", "LSTMCell", "RNN", "RNNCell"]

States = Sequence[Any]  # what is remembered: one tensor, two in an LSTM


class Kind(NamedTuple):
    """A sort of memory.

    Attributes:
        gates: how many times `hidden_size` sums are made of the input, and of what is remembered.
        step: from `W x + b`, `U h + c` and what was remembered to what is remembered then.
        states: how many tensors that is.
    """

    gates: int
    step: Callable[[Any, Any, States], tuple[Any, ...]]
    states: int = 1


def long_short(x: Any, h: Any, old: States) -> tuple[Any, ...]:
    """Protect a state by gates (Hochreiter and Schmidhuber, 1997): input, forget, new, output."""
    enter, forget, new, out = (x + h).chunk(4, -1)
    state = forget.sigmoid() * old[1] + enter.sigmoid() * new.tanh()
    return out.sigmoid() * state.tanh(), state


def gated(x: Any, h: Any, old: States) -> tuple[Any, ...]:
    """Mix old and new (Cho and others, 2014): reset, update, new."""
    (x_reset, x_update, x_new), (h_reset, h_update, h_new) = x.chunk(3, -1), h.chunk(3, -1)
    new = (x_new + (x_reset + h_reset).sigmoid() * h_new).tanh()
    return (new + (x_update + h_update).sigmoid() * (old[0] - new),)


PLAIN = {
    "tanh": Kind(1, lambda x, h, old: ((x + h).tanh(),)),
    "relu": Kind(1, lambda x, h, old: ((x + h).relu(),)),
}
LONG_SHORT, GATED = Kind(4, long_short, states=2), Kind(3, gated)
NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


class Memory(Module):
    """What cells and layers share: their sizes, their weights, how they start."""

    kind: Kind

    def _begin(self, suffix: str, size: int, *place: Any) -> None:
        """Make the weights of one layer that reads `size` numbers in each step."""
        rows = self.kind.gates * self.hidden_size
        bias = (rows,) if self.bias else None
        sizes = ((rows, size), (rows, self.hidden_size), bias, bias)
        hold(self, *place, **{name + suffix: size for name, size in zip(NAMES, sizes, strict=True)})

    def reset_parameters(self) -> None:
        """Draw all weights evenly within `±1 / sqrt(hidden_size)`."""
        bound = 1 / math.sqrt(self.hidden_size) if self.hidden_size else 0
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    def _states(self, hx: Any, like: Tensor, *sizes: int) -> States:
        """Return what is remembered at first: what is given, or zeros."""
        if hx is None:
            return [like.new_zeros(*sizes, self.hidden_size)] * self.kind.states
        return hx if self.kind.states > 1 else (hx,)

    def _given(self, states: States) -> Any:
        return tuple(states) if self.kind.states > 1 else states[0]

    def extra_repr(self) -> str:
        """Return the sizes, and whatever is not as usual."""
        more = [f"{name}={getattr(self, name)}" for name, usual in USUAL if getattr(self, name, usual) != usual]
        return ", ".join([f"{self.input_size}, {self.hidden_size}", *more])


USUAL = (("num_layers", 1), ("bias", True), ("batch_first", False), ("dropout", 0), ("bidirectional", False))


class Cell(Memory):
    """Reads one step.

    Args:
        input_size: numbers in each step of the input.
        hidden_size: numbers that are remembered.
        bias: whether to add biases.
        device, dtype: of the parameters.
    """

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        self._begin("", input_size, device, dtype)
        self.reset_parameters()

    def forward(self, input: Tensor, hx: Any = None) -> Any:
        """Return what is remembered after one step."""
        if input.ndim not in (1, 2):
            raise ValueError(f"{type(self).__name__}: Expected input to be 1D or 2D, got {input.ndim}D instead")
        old = self._states(hx, input, *input.shape[:-1])
        self._check(input, old)
        x, h = F.linear(input, self.weight_ih, self.bias_ih), F.linear(old[0], self.weight_hh, self.bias_hh)
        return self._given(self.kind.step(x, h, old))

    def _check(self, input: Tensor, old: States) -> None:
        if input.shape[-1] != self.input_size:
            raise RuntimeError(f"input has inconsistent input_size: got {input.shape[-1]} expected {self.input_size}")
        for number, state in enumerate(old):
            if state.shape[:-1] != input.shape[:-1]:
                batch = f"hidden{number} batch size {state.shape[0]}"
                raise RuntimeError(f"Input batch size {input.shape[0]} doesn't match {batch}")
            if state.shape[-1] != self.hidden_size:
                raise RuntimeError(
                    f"hidden{number} has inconsistent hidden_size: got {state.shape[-1]}, expected {self.hidden_size}"
                )


class RNNCell(Cell):
    """Remembers `tanh(W x + b + U h + c)`, or `relu` of it."""

    kind = PLAIN["tanh"]

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, nonlinearity: str = "tanh", **place: Any
    ) -> None:
        super().__init__(input_size, hidden_size, bias, **place)
        self.nonlinearity = nonlinearity

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Any:
        """Return what is remembered after one step."""
        if self.nonlinearity not in PLAIN:
            raise RuntimeError(f"Unknown nonlinearity: {self.nonlinearity}")
        self.kind = PLAIN[self.nonlinearity]
        return super().forward(input, hx)

    def extra_repr(self) -> str:
        """Return the sizes, and the function if it is not `tanh`."""
        return super().extra_repr() + ("" if self.nonlinearity == "tanh" else f", nonlinearity={self.nonlinearity}")


class LSTMCell(Cell):
    """Remembers an output and a state that gates protect."""

    kind = LONG_SHORT


class GRUCell(Cell):
    """Remembers a mixture of old and new."""

    kind = GATED


class Layers(Memory):
    """Reads sequences `(steps, batch, input_size)`, in one layer or several, forwards or both ways.

    Args:
        input_size: numbers in each step of the input.
        hidden_size: numbers that are remembered.
        num_layers: each reads what the one before it has remembered.
        bias: whether to add biases.
        batch_first: whether input and output are `(batch, steps, ...)`.
        dropout: the chance with which numbers are left out between layers.
        bidirectional: whether each layer reads backwards, too.
        device, dtype: of the parameters.
    """

    def __init__(
        self, input_size: int, hidden_size: int, num_layers: int = 1, bias: bool = True, batch_first: bool = False,
        dropout: float = 0.0, bidirectional: bool = False, device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.input_size, self.hidden_size, self.num_layers, self.bias = input_size, hidden_size, num_layers, bias
        self.batch_first, self.dropout, self.bidirectional = batch_first, float(dropout), bidirectional
        if dropout and num_layers == 1:
            warnings.warn(
                "dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects num_layers"
                f" greater than 1, but got dropout={dropout} and num_layers={num_layers}",
                UserWarning,
                stacklevel=2,
            )
        for layer in range(num_layers):
            for suffix in self._suffixes(layer):
                self._begin(suffix, hidden_size * (1 + bidirectional) if layer else input_size, device, dtype)
        self.reset_parameters()

    def _suffixes(self, layer: int) -> list[str]:
        """Return what the names of the weights of a layer end in, one for each direction."""
        return [f"_l{layer}", f"_l{layer}_reverse"][: 1 + self.bidirectional]

    def forward(self, input: Tensor, hx: Any = None) -> tuple[Any, Any]:
        """Return what was remembered after every step, of the last layer, and after the last, of every layer."""
        if input.ndim not in (2, 3):
            raise ValueError(f"{type(self).__name__}: Expected input to be 2D or 3D, got {input.ndim}D instead")
        batched, across = input.ndim == 3, self.batch_first and input.ndim == 3
        x: Any = input if batched else input.unsqueeze(1)
        x = x.transpose(0, 1) if across else x
        directions = 1 + self.bidirectional
        first = self._states(hx, input, self.num_layers * directions, x.shape[1])
        if hx is not None and not batched:
            first = [state.unsqueeze(1) for state in first]
        self._check(x, first)
        last = []
        for layer in range(self.num_layers):
            ways = enumerate(self._suffixes(layer), layer * directions)
            read = [self._read(x, suffix, [state[number] for state in first]) for number, suffix in ways]
            x = cat([steps for steps, _ in read], -1) if self.bidirectional else read[0][0]
            last += [states for _, states in read]
            if self.dropout and layer < self.num_layers - 1:
                x = F.dropout(x, self.dropout, self.training)
        hidden = [stack(states) for states in zip(*last, strict=True)]
        if not batched:
            x, hidden = x.squeeze(1), [state.squeeze(1) for state in hidden]
        return x.transpose(0, 1) if across else x, self._given(hidden)

    def _read(self, x: Any, suffix: str, states: States) -> tuple[Any, States]:
        """Go through the sequence once, in one direction."""
        w, u, b, c = (getattr(self, name + suffix) for name in NAMES)
        backwards = suffix.endswith("_reverse")
        sums, read = F.linear(x, w, b).unbind(0), []
        for each in reversed(sums) if backwards else sums:
            states = self.kind.step(each, F.linear(states[0], u, c), states)
            read.append(states[0])
        return stack(read[::-1] if backwards else read), states

    def _check(self, x: Any, first: States) -> None:
        if x.shape[-1] != self.input_size:
            raise RuntimeError(
                f"input.size(-1) must be equal to input_size. Expected {self.input_size}, got {x.shape[-1]}"
            )
        wanted = (self.num_layers * (1 + self.bidirectional), x.shape[1], self.hidden_size)
        for number, state in enumerate(first):
            if tuple(state.shape) != wanted:
                which = f"hidden[{number}]" if len(first) > 1 else "hidden"
                raise RuntimeError(f"Expected {which} size {wanted}, got {list(state.shape)}")


class RNN(Layers):
    """Remembers `tanh(W x + b + U h + c)`, or `relu` of it."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        *more: Any,
        **named: Any,
    ) -> None:
        if nonlinearity not in PLAIN:
            raise ValueError(f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'.")
        object.__setattr__(self, "kind", PLAIN[nonlinearity])
        super().__init__(input_size, hidden_size, num_layers, *more, **named)
        self.nonlinearity = nonlinearity


class LSTM(Layers):
    """Remembers an output and a state that gates protect."""

    kind = LONG_SHORT


class GRU(Layers):
    """Remembers a mixture of old and new."""

    kind = GATED
