"""The normal distribution."""

from __future__ import annotations

import math
from typing import Any

from autovis import creation
from autovis.distributions.distribution import POSITIVE, REAL, Distribution, as_tensors
from autovis.modes import no_grad

__all__ = ["Normal"]


class Normal(Distribution):
    """Numbers that crowd around `loc`, two thirds of them nearer than `scale`."""

    checks = {"loc": REAL, "scale": POSITIVE}  # noqa: RUF012, as the base class declares it

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        self.loc, self.scale = as_tensors(loc, scale)
        super().__init__(self.loc.shape, (), validate_args)

    mean = mode = property(lambda self: self.loc)
    stddev = property(lambda self: self.scale)
    variance = property(lambda self: self.scale.pow(2))

    def sample(self, sample_shape: Any = ()) -> Any:
        """Return draws, through which no gradient passes."""
        shape = self.shape_of(sample_shape)
        with no_grad():
            return creation.normal(self.loc.expand(shape), self.scale.expand(shape))

    def rsample(self, sample_shape: Any = ()) -> Any:
        """Return draws as a function of the parameters."""
        return self.loc + creation.randn(self.shape_of(sample_shape), dtype=self.loc.dtype) * self.scale

    def log_prob(self, value: Any) -> Any:
        """Return the logarithm of the density."""
        away = (self.checked(value) - self.loc) ** 2
        return -away / (2 * self.scale**2) - self.scale.log() - math.log(math.sqrt(2 * math.pi))

    def cdf(self, value: Any) -> Any:
        """Return the chance of a smaller number."""
        return 0.5 * (1 + ((self.checked(value) - self.loc) * self.scale.reciprocal() / math.sqrt(2)).erf())

    def icdf(self, value: Any) -> Any:
        """Return the number below which this share lies."""
        return self.loc + self.scale * (2 * value - 1).erfinv() * math.sqrt(2)

    def entropy(self) -> Any:
        """Return how uncertain a draw is."""
        return 0.5 + 0.5 * math.log(2 * math.pi) + self.scale.log()
