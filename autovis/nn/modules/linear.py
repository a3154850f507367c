"""Layers around a matrix of weights: products, tables; and what only passes on or folds."""

from __future__ import annotations

import math
from typing import Any, Self

from autovis import errors
from autovis.creation import empty
from autovis.nn import functional as F
from autovis.nn import init
from autovis.nn.modules.applied import Applied
from autovis.nn.modules.module import Module
from autovis.tensor import Parameter, Tensor

__all__ = ["Embedding", "Flatten", "Identity", "Linear", "Unflatten"]


class Identity(Module):
    """Returns its input; takes any arguments and ignores them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, input: Any) -> Any:
        """Return the input."""
        return input


def _flatten(input: Tensor, start_dim: int = 1, end_dim: int = -1) -> Any:
    return input.flatten(start_dim, end_dim)


class Flatten(Applied, of=_flatten):
    """Lays dimensions end to end: all but the batch, unless told otherwise."""


class Unflatten(Module):
    """Folds one dimension into several."""

    def __init__(self, dim: int, unflattened_size: Any) -> None:
        super().__init__()
        self.dim, self.unflattened_size = dim, unflattened_size

    def forward(self, input: Tensor) -> Any:
        """Return the input with that dimension folded."""
        return input.unflatten(self.dim, self.unflattened_size)

    def extra_repr(self) -> str:
        """Return the dimension and its new sizes."""
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"


def hold(module: Module, device: Any, dtype: Any, **sizes: tuple[int, ...] | None) -> None:
    """Register parameters, not filled yet, by name and shape; None keeps the place free."""
    for name, size in sizes.items():
        weights = None if size is None else Parameter(empty(*size, device=device, dtype=dtype))
        module.register_parameter(name, weights)


class Weighted(Module):
    """What layers with a weight and a bias share: how they start."""

    weight: Parameter
    bias: Parameter | None

    def reset_parameters(self) -> None:
        """Draw weights and biases evenly within `±1 / sqrt(fan in)`, as PyTorch does, in its order."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            fan_in, _ = init.fans(self.weight)
            bound = 1 / math.sqrt(fan_in) if fan_in else 0
            init.uniform_(self.bias, -bound, bound)


class Linear(Weighted):
    """Multiplies by a matrix of weights and adds a bias: `x @ weight.T + bias`.

    Args:
        in_features, out_features: sizes of the last dimension of input and output.
        bias: whether to add one.
        device, dtype: of the parameters `weight`, `(out, in)`, and `bias`, `(out,)`.
    """

    def __init__(
        self, in_features: int, out_features: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        self.in_features, self.out_features = in_features, out_features
        hold(self, device, dtype, weight=(out_features, in_features), bias=(out_features,) if bias else None)
        self.reset_parameters()

    def forward(self, input: Tensor) -> Any:
        """Return `input @ weight.T + bias`."""
        return F.linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        """Return the sizes."""
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class Embedding(Module):
    """A table with a row of numbers for each word, looked up by number.

    Args:
        num_embeddings, embedding_dim: rows, and numbers in a row.
        padding_idx: a row of zeros that is not learned.
        device, dtype: of the table.
        **more: not offered.
    """

    weight: Parameter

    def __init__(
        self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None, device: Any = None,
        dtype: Any = None, **more: Any,
    ) -> None:  # fmt: skip
        super().__init__()
        for name in (name for name, value in more.items() if value):
            raise errors.not_supported(f"Embedding({name}=...)", "a row is as long, and learns as fast, as it does.")
        assert padding_idx is None or -num_embeddings <= padding_idx < num_embeddings, (
            "Padding_idx must be within num_embeddings"
        )
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.padding_idx = padding_idx if padding_idx is None else padding_idx % num_embeddings
        hold(self, device, dtype, weight=(num_embeddings, embedding_dim))
        self.reset_parameters()

    @classmethod
    def from_pretrained(cls, embeddings: Tensor, freeze: bool = True, padding_idx: int | None = None) -> Self:
        """Return a layer over a table that is there; frozen unless told otherwise."""
        assert embeddings.ndim == 2, "Embeddings parameter is expected to be 2-dimensional"
        layer = cls.__new__(cls)
        Module.__init__(layer)
        layer.num_embeddings, layer.embedding_dim = embeddings.shape
        layer.padding_idx = padding_idx
        layer.weight = Parameter(embeddings, requires_grad=not freeze)
        return layer

    def reset_parameters(self) -> None:
        """Draw new rows."""
        init.normal_(self.weight)
        if self.padding_idx is not None:
            init.zeros_(self.weight.detach()[self.padding_idx])

    def forward(self, input: Tensor) -> Any:
        """Return the rows that the input lists."""
        return F.embedding(input, self.weight, self.padding_idx)

    def extra_repr(self) -> str:
        """Return the sizes."""
        padding = "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        return f"{self.num_embeddings}, {self.embedding_dim}{padding}"
