"""The error function, which NumPy lacks: twice the area under a bell curve between 0 and x.

Source of the fractions: S. Moshier, *Cephes*, after Cody, *Rational Chebyshev approximations for the error function*,
1969. Near 0 the function itself is a fraction of polynomials; further out, what is missing to 1 is one, times exp(-x²).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

__all__ = ["erf"]

NEAR = (
    (9.60497373987051638749, 90.0260197203842689217, 2232.00534594684319226, 7003.32514112805075473,
     55592.3013010394962768),
    (1.0, 33.5617141647503099647, 521.357949780152679795, 4594.32382970980127987, 22629.0000613890934246,
     49267.3942608635921086),
)  # fmt: skip
FAR = (
    (2.46196981473530512524e-10, 0.564189564831068821977, 7.46321056442269912687, 48.6371970985681366614,
     196.520832956077098242, 526.445194995477358631, 934.528527171957607540, 1027.55188689515710272,
     557.535335369399327526),
    (1.0, 13.2281951154744992508, 86.7072140885989742329, 354.937778887819891062, 975.708501743205489753,
     1823.90916687909736289, 2246.33760818710981792, 1656.66309194161350182, 557.535340817727675546),
)  # fmt: skip
FEW, BLOCK = 32, 8192  # elements: below the one Python is as quick; above the other the cache overflows


def erf(x: Any) -> Any:
    """Return the error function of numbers on the host."""
    if x.size < FEW:
        return np.vectorize(math.erf, otypes=[x.dtype])(x)[()]
    flat = x.ravel()
    found = np.empty_like(flat)
    for start in range(0, flat.size, BLOCK):
        part = slice(start, start + BLOCK)
        found[part] = _erf(flat[part])
    return found.reshape(x.shape)


def _erf(x: Any) -> Any:
    size = np.minimum(np.abs(x), 6)  # from 6 on it is 1, to the last digit
    square = x * x
    inner = np.minimum(square, 1)
    near = x * _polynomial(NEAR[0], inner) / _polynomial(NEAR[1], inner)
    missing = np.exp(-size * size) * _polynomial(FAR[0], size) / _polynomial(FAR[1], size)
    return np.where(square < 1, near, np.copysign(1 - missing, x))


def _polynomial(factors: tuple[float, ...], x: Any) -> Any:
    """Return a polynomial, by Horner's rule; the factor of the highest power comes first."""
    total = factors[0] * x + factors[1]
    for factor in factors[2:]:
        total *= x
        total += factor
    return total
