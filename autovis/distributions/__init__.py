"""Distributions under the names of `torch.distributions`: draw from them, and ask how likely something is.

>>> import autovis as av
>>> Categorical(av.tensor([0.25, 0.75])).log_prob(av.tensor(1)).exp()
tensor(0.7500)
"""

from __future__ import annotations

from typing import Any

from autovis import errors
from autovis.distributions.bernoulli import Bernoulli
from autovis.distributions.categorical import Categorical
from autovis.distributions.distribution import Distribution
from autovis.distributions.exponential import Exponential
from autovis.distributions.kl import kl_divergence
from autovis.distributions.multinomial import Multinomial
from autovis.distributions.normal import Normal
from autovis.distributions.uniform import Uniform

__all__ = [
    "Bernoulli", "Categorical", "Distribution", "Exponential", "Multinomial", "Normal", "Uniform", "kl_divergence",
]  # fmt: skip

LEFT_OUT = dict.fromkeys(
    """
    Beta Binomial Cauchy Chi2 ContinuousBernoulli Dirichlet Gamma Geometric Gumbel Independent Laplace LogNormal
    MixtureSameFamily MultivariateNormal NegativeBinomial OneHotCategorical Pareto Poisson RelaxedBernoulli StudentT
    TransformedDistribution VonMises Weibull constraints transforms
    """.split(),  # noqa: SIM905
    "write its log_prob out.",
)


def __getattr__(name: str) -> Any:
    if name in LEFT_OUT:
        raise AttributeError(f"autovis does not do torch.distributions.{name}: {LEFT_OUT[name]}")
    raise errors.unknown("torch.distributions", name)
