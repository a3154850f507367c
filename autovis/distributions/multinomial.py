"""The distribution of how often each of several things is chosen."""

from __future__ import annotations

from typing import Any

from autovis.distributions.categorical import Categorical
from autovis.distributions.distribution import Check, Distribution
from autovis.functions import broadcast_tensors
from autovis.operators import Size

__all__ = ["Multinomial"]


class Multinomial(Distribution):
    """Counts of `total_count` choices, each made as by `Categorical`."""

    def __init__(
        self, total_count: int = 1, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        self.total_count = total_count
        self.choice = Categorical(probs, logits, validate_args)
        super().__init__(self.choice.batch_shape, (self.choice.choices,), validate_args)

    probs = property(lambda self: self.choice.probs)
    logits = property(lambda self: self.choice.logits)
    mean = property(lambda self: self.probs * self.total_count)
    variance = property(lambda self: self.total_count * self.probs * (1 - self.probs))

    def support(self) -> Check:
        """Return what a draw fulfils."""
        n = self.total_count
        return f"Multinomial(upper_bound={n})", lambda x: (x >= 0).all(-1) & (x.sum(-1) == n)

    def sample(self, sample_shape: Any = ()) -> Any:
        """Return draws."""
        chosen = self.choice.sample(Size((self.total_count, *sample_shape))).movedim(0, -1)
        counts = chosen.new_zeros(self.shape_of(sample_shape))
        return counts.scatter_add_(-1, chosen, chosen.new_ones(chosen.shape)).type_as(self.probs)

    def log_prob(self, value: Any) -> Any:
        """Return the logarithm of the chance."""
        logits, counts = broadcast_tensors(self.logits, self.checked(value))
        ways = (counts.sum(-1) + 1).lgamma() - (counts + 1).lgamma().sum(-1)
        return ways + (logits * counts).sum(-1)
