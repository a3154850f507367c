"""The exponential distribution."""

from __future__ import annotations

from typing import Any

from autovis.distributions.distribution import POSITIVE, Check, Distribution, as_tensors

__all__ = ["Exponential"]


class Exponential(Distribution):
    """Waiting times of something that happens `rate` times in a unit of time."""

    checks = {"rate": POSITIVE}  # noqa: RUF012, as the base class declares it

    def __init__(self, rate: Any, validate_args: bool | None = None) -> None:
        (self.rate,) = as_tensors(rate)
        super().__init__(self.rate.shape, (), validate_args)

    mean = property(lambda self: self.rate.reciprocal())
    variance = property(lambda self: self.rate.pow(-2))

    def support(self) -> Check:
        """Return what a draw fulfils."""
        return "GreaterThanEq(lower_bound=0.0)", lambda x: x >= 0

    def rsample(self, sample_shape: Any = ()) -> Any:
        """Return draws as a function of the rate."""
        return self.rate.new_empty(self.shape_of(sample_shape)).exponential_() / self.rate

    def log_prob(self, value: Any) -> Any:
        """Return the logarithm of the density."""
        return self.rate.log() - self.rate * self.checked(value)

    def entropy(self) -> Any:
        """Return how uncertain a draw is."""
        return 1.0 - self.rate.log()
