"""The distribution of a coin."""

from __future__ import annotations

from typing import Any

from autovis import creation
from autovis.distributions.distribution import REAL, TRUTH, UNIT, Check, Distribution, as_tensors
from autovis.dtypes import finfo
from autovis.modes import no_grad

__all__ = ["Bernoulli"]


class Bernoulli(Distribution):
    """1 with the chance `probs`, else 0; `logits` is the logarithm of the odds."""

    checks = {"probs": UNIT, "logits": REAL}  # noqa: RUF012, as the base class declares it

    def __init__(self, probs: Any = None, logits: Any = None, validate_args: bool | None = None) -> None:
        if (probs is None) == (logits is None):
            raise ValueError("Either `probs` or `logits` must be specified, but not both.")
        (given,) = as_tensors(logits if probs is None else probs)
        vars(self)["logits" if probs is None else "probs"] = given
        super().__init__(given.shape, (), validate_args)

    mean = property(lambda self: self.probs)
    variance = property(lambda self: self.probs * (1 - self.probs))

    def _other(self, name: str) -> Any:
        if name == "probs":
            return self.logits.sigmoid()
        eps = finfo(self.probs.dtype).eps
        chance = self.probs.clamp(eps, 1 - eps)
        return chance.log() - (-chance).log1p()

    def support(self) -> Check:
        """Return what a draw fulfils."""
        return TRUTH

    def sample(self, sample_shape: Any = ()) -> Any:
        """Return draws."""
        with no_grad():
            return creation.bernoulli(self.probs.expand(self.shape_of(sample_shape)))

    def log_prob(self, value: Any) -> Any:
        """Return the logarithm of the chance."""
        return -self._cost(self.checked(value))

    def _cost(self, value: Any) -> Any:
        z = self.logits
        return z.clamp(min=0) - z * value + (-z.abs()).exp().log1p()

    def entropy(self) -> Any:
        """Return how uncertain a draw is."""
        return self._cost(self.probs)
