"""Filling a tensor at random, in place: `uniform_`, `normal_` and their like, as initialisations use them.

Drawing is an edit: it counts up the version, and what the tensor was before no longer matters to any gradient.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autovis import errors, random
from autovis.arrays import peek, place
from autovis.primitive import Elementwise
from autovis.rules.elementwise import zeros_like

__all__ = ["Draws"]

Source = random.Generator | None

drawn = Elementwise(
    "drawn",
    lambda x, *, values: values.astype(x.dtype, copy=False),
    node="UniformBackward0",
    symbol="random",
    x=lambda g: zeros_like(g),
)

# from how far integers are drawn that fill a float: it holds all integers up to there
WHOLE = {"f2": 2**11, "f4": 2**24, "f8": 2**53}


def floating(tensor: Any, routine: str) -> Any:
    """Return the NumPy dtype of a tensor of floats.

    Raises:
        NotImplementedError: for integers and booleans.
    """
    if not tensor.dtype.is_floating_point:
        raise errors.explain(
            NotImplementedError(f"\"{routine}\" not implemented for '{tensor.dtype.word}'"),
            "Numbers with a point are drawn; convert the tensor first: x.float().",
        )
    return tensor.dtype.numpy


class Draws:
    """The part of a tensor that fills it at random."""

    __slots__ = ()

    def _draw(self: Any, values: Any) -> Any:
        return self._edit(drawn, (), values=place(values, self.device))

    def uniform_(self: Any, from_: float = 0.0, to: float = 1.0, *, generator: Source = None, **named: float) -> Any:
        """Fill with numbers drawn evenly from `from` (0) to `to` (1)."""
        low = named.get("from", from_)
        kind = floating(self, "check_uniform_bounds")
        if low > to:
            raise RuntimeError(f"uniform_ expects to return a [from, to) range, but found from={low:g} > to={to:g}")
        return self._draw(random.uniform(generator or random.default_generator, tuple(self.shape), kind, low, to))

    def normal_(self: Any, mean: float = 0.0, std: float = 1.0, *, generator: Source = None) -> Any:
        """Fill with numbers drawn from the normal distribution."""
        if std < 0:
            raise RuntimeError(f"normal expects std >= 0.0, but found std {std:g}")
        kind = floating(self, "normal_kernel_cpu")
        return self._draw(random.normal(generator or random.default_generator, tuple(self.shape), kind, mean, std))

    def exponential_(self: Any, lambd: float = 1.0, *, generator: Source = None) -> Any:
        """Fill with waiting times of something that happens `lambd` times in a unit of time."""
        if lambd <= 0:
            raise RuntimeError(f"exponential_ expects lambda > 0.0, but found lambda={lambd:g}")
        kind = floating(self, "exponential_kernel_cpu")
        return self._draw(random.exponential(generator or random.default_generator, tuple(self.shape), kind, lambd))

    def bernoulli_(self: Any, p: Any = 0.5, *, generator: Source = None) -> Any:
        """Fill with ones with the chance `p`, a number or a tensor of chances; zeros otherwise."""
        chance = peek(p.numbers) if hasattr(p, "numbers") else p
        if not hasattr(p, "numbers") and not 0 <= p <= 1:
            raise RuntimeError(f"bernoulli_ expects p to be in [0, 1], but got p={p:g}")
        return self._draw(random.bernoulli(generator or random.default_generator, chance, tuple(self.shape)))

    def random_(self: Any, *bounds: int, generator: Source = None) -> Any:
        """Fill with integers drawn evenly: below a bound, between two, or all that the kind holds."""
        kind = self.dtype.numpy
        most = WHOLE[kind.str[1:]] + 1 if kind.kind == "f" else int(np.iinfo(kind).max) + 1 if kind.kind in "iu" else 2
        low, high = {0: (0, most), 1: (0, *bounds), 2: bounds}[len(bounds)]
        if low >= high:
            raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
        return self._draw(random.integers(generator or random.default_generator, tuple(self.shape), low, high, kind))
