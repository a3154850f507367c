"""The distribution of one choice among several."""

from __future__ import annotations

from typing import Any

from autovis import creation
from autovis.distributions.distribution import REAL, SIMPLEX, Check, Distribution
from autovis.dtypes import finfo
from autovis.functions import broadcast_tensors
from autovis.modes import no_grad
from autovis.operators import Size

__all__ = ["Categorical"]


class Categorical(Distribution):
    """Whole numbers from 0 on, each with its chance: `probs` need not sum to 1, `logits` are their logarithms."""

    checks = {"probs": SIMPLEX, "logits": REAL}  # noqa: RUF012, as the base class declares it

    def __init__(self, probs: Any = None, logits: Any = None, validate_args: bool | None = None) -> None:
        if (probs is None) == (logits is None):
            raise ValueError("Either `probs` or `logits` must be specified, but not both.")
        word, given = ("logits", logits) if probs is None else ("probs", probs)
        if given.ndim < 1:
            raise ValueError(f"`{word}` parameter must be at least one-dimensional.")
        if probs is None:
            self.logits = logits - logits.logsumexp(-1, keepdim=True)
        else:
            self.probs = probs / probs.sum(-1, keepdim=True)
        self.choices = given.shape[-1]
        super().__init__(given.shape[:-1], (), validate_args)

    mode = property(lambda self: self.probs.argmax(-1))

    def _other(self, name: str) -> Any:
        if name == "probs":
            return self.logits.softmax(-1)
        eps = finfo(self.probs.dtype).eps
        return self.probs.clamp(eps, 1 - eps).log()

    def support(self) -> Check:
        """Return what a draw fulfils."""
        last = self.choices - 1
        return f"IntegerInterval(lower_bound=0, upper_bound={last})", lambda x: (x >= 0) & (x <= last)

    def enumerate_support(self) -> Any:
        """Return all choices."""
        return creation.arange(self.choices)

    def sample(self, sample_shape: Any = ()) -> Any:
        """Return draws."""
        shape = self.shape_of(sample_shape)
        with no_grad():
            rows = self.probs.reshape(-1, self.choices)
            return creation.multinomial(rows, Size(sample_shape).numel(), replacement=True).T.reshape(shape)

    def log_prob(self, value: Any) -> Any:
        """Return the logarithm of the chance."""
        places, logits = broadcast_tensors(self.checked(value).long().unsqueeze(-1), self.logits)
        return logits.gather(-1, places[..., :1]).squeeze(-1)

    def entropy(self) -> Any:
        """Return how uncertain a draw is."""
        logits = self.logits.clamp(min=finfo(self.logits.dtype).min)
        return -(logits * self.probs).sum(-1)
