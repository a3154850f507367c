"""Functions beyond the usual ones, element by element: areas, gamma, angles, bits."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Number
from typing import Any

import numpy as np

from autovis import dtypes
from autovis.operators.arguments import Operand, shape_cast
from autovis.primitive import Primitive
from autovis.rules import elementwise as el
from autovis.rules import special as sp


def _one(rule: Primitive) -> Callable[[Any], Any]:
    def run(self: Any) -> Any:
        return rule(self)

    run.__name__, run.__doc__ = rule.name, f"Return `{rule.name}` of each element."
    return run


def _two(rule: Primitive, number: Primitive | None = None) -> Callable[[Any, Any], Any]:
    def run(self: Any, other: Any) -> Any:
        return (number if number is not None and isinstance(other, Number) else rule)(self, other)

    run.__name__, run.__doc__ = rule.name, f"Return `{rule.name}` of the two, element by element."
    return run


class Special(Operand):
    """The part of a tensor that knows the rarer functions."""

    __slots__ = ()

    acosh = arccosh = _one(sp.acosh)
    asinh = arcsinh = _one(sp.asinh)
    atanh = arctanh = _one(sp.atanh)
    erfc, erfinv, lgamma, digamma, sinc = (_one(r) for r in (sp.erfc, sp.erfinv, sp.lgamma, sp.digamma, sp.sinc))
    deg2rad, rad2deg, frac, sgn = (_one(rule) for rule in (sp.deg2rad, sp.rad2deg, sp.frac, sp.sgn))
    signbit, isposinf, isneginf = (_one(rule) for rule in (sp.signbit, sp.isposinf, sp.isneginf))
    bitwise_not, fix = _one(el.bitwise_not), _one(el.trunc)
    fmod, copysign = _two(sp.fmod, sp.fmod_number), _two(sp.copysign, sp.copysign_number)
    fmax, fmin, hypot, xlogy = (_two(rule) for rule in (sp.fmax, sp.fmin, sp.hypot, sp.xlogy))
    logaddexp2, ldexp, heaviside, nextafter = (_two(r) for r in (sp.logaddexp2, sp.ldexp, sp.heaviside, sp.nextafter))
    gcd, lcm = _two(sp.gcd), _two(sp.lcm)
    bitwise_and, bitwise_or, bitwise_xor = (_two(r) for r in (el.bitwise_and, el.bitwise_or, el.bitwise_xor))
    bitwise_left_shift = __lshift__ = _two(sp.left_shift)
    bitwise_right_shift = __rshift__ = _two(sp.right_shift)
    greater, greater_equal, less, less_equal, not_equal = (_two(r) for r in (el.gt, el.ge, el.lt, el.le, el.ne))

    def logit(self, eps: float | None = None) -> Any:
        """Return the inverse of the sigmoid; `eps` keeps its argument away from 0 and 1."""
        return sp.logit(self, eps=eps)

    def nan_to_num(self, nan: float | None = None, posinf: float | None = None, neginf: float | None = None) -> Any:
        """Return numbers in place of nan (0), inf (the largest) and -inf (the smallest)."""
        return el.nan_to_num(self, nan=nan or 0.0, posinf=posinf, neginf=neginf)

    def polygamma(self, n: int) -> Any:
        """Return the n-th derivative of digamma."""
        return sp.polygamma(self, n=n)

    def positive(self) -> Any:
        """Return the tensor itself."""
        return self

    def float_power(self, exponent: Any) -> Any:
        """Return each element to a power, in double precision."""
        wide = shape_cast(exponent, dtypes.float64) if isinstance(exponent, Operand) else float(exponent)
        return shape_cast(self, dtypes.float64).pow(wide)

    def isreal(self) -> Any:
        """Whether each element is a real number: all are."""
        return self.like(np.ones(self.shape, bool))

    def conj(self) -> Any:
        """Return the tensor itself: real numbers are their own conjugates."""
        return self

    @property
    def real(self) -> Any:
        """The tensor itself: its numbers are real."""
        return self
