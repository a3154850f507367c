"""The uniform distribution."""

from __future__ import annotations

from typing import Any

from autovis import creation
from autovis.distributions.distribution import REAL, Check, Distribution, as_tensors

__all__ = ["Uniform"]


class Uniform(Distribution):
    """Numbers that are equally likely everywhere between `low` and `high`."""

    checks = {"low": REAL, "high": REAL}  # noqa: RUF012, as the base class declares it

    def __init__(self, low: Any, high: Any, validate_args: bool | None = None) -> None:
        self.low, self.high = as_tensors(low, high)
        if validate_args is not False and not (self.low < self.high).all():
            raise ValueError("Uniform is not defined when low>= high")
        super().__init__(self.low.shape, (), validate_args)

    mean = property(lambda self: (self.high + self.low) / 2)
    variance = property(lambda self: (self.high - self.low).pow(2) / 12)

    def support(self) -> Check:
        """Return what a draw fulfils."""
        bounds = f"Interval(lower_bound={self.low}, upper_bound={self.high})"
        return bounds, lambda x: (x >= self.low) & (x <= self.high)

    def rsample(self, sample_shape: Any = ()) -> Any:
        """Return draws as a function of the bounds."""
        share = creation.rand(self.shape_of(sample_shape), dtype=self.low.dtype)
        return self.low + share * (self.high - self.low)

    def log_prob(self, value: Any) -> Any:
        """Return the logarithm of the density."""
        inside = self.low.le(self.checked(value)).type_as(self.low) * self.high.gt(value).type_as(self.low)
        return inside.log() - (self.high - self.low).log()

    def entropy(self) -> Any:
        """Return how uncertain a draw is."""
        return (self.high - self.low).log()
