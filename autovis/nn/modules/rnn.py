"""Networks with memory: cells that read one step, and layers that read whole sequences."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from autovis.functions import cat, stack
from autovis.nn import functional as F
from autovis.nn import init
from autovis.nn.modules.linear import hold
from autovis.nn.modules.module import Module
from autovis.tensor import Tensor

__all__ = ["GRU", "GRUCell", "LSTM", "LSTMCell", "RNN", "RNNCell"]

States = Any  # a sequence: what is remembered: one tensor, two in an LSTM


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
USUAL = {"num_layers": 1, "bias": True, "batch_first": False, "dropout": 0, "bidirectional": False}


class Memory(Module):
    """What cells and layers share: their weights, how they start and step."""

    kind: Kind

    def _begin(self, layers: dict[str, int], *place: Any) -> None:
        """Make the weights: for each layer the end of their names, and how many numbers it reads in a step."""
        rows = self.kind.gates * self.hidden_size
        bias = (rows,) if self.bias else None
        for suffix, size in layers.items():
            sizes = ((rows, size), (rows, self.hidden_size), bias, bias)
            hold(self, *place, **{name + suffix: size for name, size in zip(NAMES, sizes, strict=True)})
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all weights evenly within `±1 / sqrt(hidden_size)`."""
        bound = 1 / math.sqrt(self.hidden_size) if self.hidden_size else 0
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    def _read(self, sums: Iterable[Any], states: States, suffix: str = "") -> Iterator[States]:
        """Go through what the input gives to each step, and yield what is remembered then."""
        weight, bias = getattr(self, "weight_hh" + suffix), getattr(self, "bias_hh" + suffix)
        for x in sums:
            states = self.kind.step(x, F.linear(states[0], weight, bias), states)
            yield states

    def _states(self, hx: Any, like: Tensor, *sizes: int) -> States:
        """Return what is remembered at first: what is given, or zeros."""
        if hx is None:
            return [like.new_zeros(*sizes, self.hidden_size)] * self.kind.states
        return hx if self.kind.states > 1 else (hx,)

    def _check_dims(self, input: Tensor, *dims: int) -> None:
        if input.ndim not in dims:
            wanted = " or ".join(f"{n}D" for n in dims)
            raise ValueError(f"{type(self).__name__}: Expected input to be {wanted}, got {input.ndim}D instead")

    def extra_repr(self) -> str:
        """Return the sizes, and whatever is not as usual."""
        more = [f"{name}={getattr(self, name)}" for name, value in USUAL.items() if getattr(self, name, value) != value]
        return ", ".join([f"{self.input_size}, {self.hidden_size}", *more])


class Cell(Memory):
    """Reads one step of `input_size` numbers, and remembers `hidden_size`."""

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        self._begin({"": input_size}, device, dtype)

    def forward(self, input: Tensor, hx: Any = None) -> Any:
        """Return what is remembered after one step."""
        self._check_dims(input, 1, 2)
        old, got = self._states(hx, input, *input.shape[:-1]), input.shape[-1]
        if got != self.input_size:
            raise RuntimeError(f"input has inconsistent input_size: got {got} expected {self.input_size}")
        for i, state in enumerate(old):
            got = state.shape[-1]
            if state.shape[:-1] != input.shape[:-1]:
                raise RuntimeError(f"Input batch size {len(input)} doesn't match hidden{i} batch size {len(state)}")
            if got != self.hidden_size:
                raise RuntimeError(f"hidden{i} has inconsistent hidden_size: got {got}, expected {self.hidden_size}")
        new = next(self._read([F.linear(input, self.weight_ih, self.bias_ih)], old))
        return new if len(new) > 1 else new[0]


class RNNCell(Cell):
    """Remembers `tanh(W x + b + U h + c)`, or `relu` of it."""

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, nonlinearity: str = "tanh", device: Any = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        if nonlinearity not in PLAIN:
            raise RuntimeError(f"Unknown nonlinearity: {nonlinearity}")
        object.__setattr__(self, "kind", PLAIN[nonlinearity])
        super().__init__(input_size, hidden_size, bias, device, dtype)
        self.nonlinearity = nonlinearity

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
        input_size, hidden_size: numbers in each step of the input, and how many are remembered.
        num_layers: each reads what the one before it has remembered.
        batch_first: whether input and output are `(batch, steps, ...)`.
        dropout: the chance with which numbers are left out between layers.
        bidirectional: whether each layer reads backwards, too.
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
        wide = hidden_size * (1 + bidirectional)
        sizes = {suffix: wide if layer else input_size for layer in range(num_layers) for suffix in self._ways(layer)}
        self._begin(sizes, device, dtype)

    def _ways(self, layer: int) -> list[str]:
        """Return what the names of the weights of a layer end in, one for each direction."""
        return [f"_l{layer}", f"_l{layer}_reverse"][: 1 + self.bidirectional]

    def forward(self, input: Tensor, hx: Any = None) -> tuple[Any, Any]:
        """Return what was remembered after every step, of the last layer, and after the last, of every layer."""
        self._check_dims(input, 2, 3)
        alone, across = input.ndim == 2, self.batch_first and input.ndim == 3
        x: Any = input.unsqueeze(1) if alone else input.transpose(0, 1) if across else input
        first = self._states(hx, input, self.num_layers * (1 + self.bidirectional), x.shape[1])
        first = [state.unsqueeze(1) for state in first] if alone and hx is not None else first
        self._check(x, first)
        starts, last = list(zip(*first, strict=True)), list[Any]()
        for layer in range(self.num_layers):
            read = []
            for way in self._ways(layer):
                sums = F.linear(x, getattr(self, "weight_ih" + way), getattr(self, "bias_ih" + way)).unbind(0)
                turn = -1 if way.endswith("_reverse") else 1
                steps = list(self._read(sums[::turn], starts[len(last)], way))
                read.append(stack([states[0] for states in steps][::turn]))
                last.append(steps[-1])
            x = cat(read, -1) if self.bidirectional else read[0]
            if self.dropout and layer < self.num_layers - 1:
                x = F.dropout(x, self.dropout, self.training)
        hidden: Any = tuple(stack(states) for states in zip(*last, strict=True))
        if alone:
            x, hidden = x.squeeze(1), tuple(state.squeeze(1) for state in hidden)
        return x.transpose(0, 1) if across else x, hidden if len(hidden) > 1 else hidden[0]

    def _check(self, x: Any, first: States) -> None:
        got, wanted = x.shape[-1], (self.num_layers * (1 + self.bidirectional), x.shape[1], self.hidden_size)
        if got != self.input_size:
            raise RuntimeError(f"input.size(-1) must be equal to input_size. Expected {self.input_size}, got {got}")
        for number, state in enumerate(first):
            if tuple(state.shape) != wanted:
                which = f"hidden[{number}]" if len(first) > 1 else "hidden"
                raise RuntimeError(f"Expected {which} size {wanted}, got {list(state.shape)}")


class RNN(Layers):
    """Remembers `tanh(W x + b + U h + c)`, or `relu` of it."""

    def __init__(
        self, input_size: int, hidden_size: int, num_layers: int = 1, nonlinearity: str = "tanh", *more: Any,
        **named: Any,
    ) -> None:  # fmt: skip
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
