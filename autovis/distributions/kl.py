"""How far one distribution is from another."""

from __future__ import annotations

import math
from typing import Any

from autovis.distributions.bernoulli import Bernoulli
from autovis.distributions.categorical import Categorical
from autovis.distributions.distribution import Distribution
from autovis.distributions.normal import Normal

__all__ = ["kl_divergence"]


def _normal(p: Any, q: Any) -> Any:
    ratio = (p.scale / q.scale).pow(2)
    return 0.5 * (ratio + ((p.loc - q.loc) / q.scale).pow(2) - 1 - ratio.log())


def _categorical(p: Any, q: Any) -> Any:
    terms = p.probs * (p.logits - q.logits)
    terms = terms.masked_fill((q.probs == 0).expand_as(terms), math.inf)
    return terms.masked_fill((p.probs == 0).expand_as(terms), 0).sum(-1)


def _bernoulli(p: Any, q: Any) -> Any:
    return p.probs * (p.logits - q.logits) + ((1 - p.probs) / (1 - q.probs)).log() * (1 - p.probs)


KNOWN: dict[type, Any] = {Normal: _normal, Categorical: _categorical, Bernoulli: _bernoulli}


def kl_divergence(p: Distribution, q: Distribution) -> Any:
    """Return the mean of `log p - log q` under `p`.

    Raises:
        NotImplementedError: for two distributions of different kinds.
    """
    if type(p) is not type(q) or type(p) not in KNOWN:
        raise NotImplementedError(
            f"No KL(p || q) is implemented for p type {type(p).__name__} and q type {type(q).__name__}"
        )
    return KNOWN[type(p)](p, q)
