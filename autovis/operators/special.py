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


def _refuse_integers(x: Any, kernel: str) -> None:
    if kernel and not x.dtype.is_floating_point:
        raise NotImplementedError(f"\"{kernel}\" not implemented for '{x.dtype.word}'")


def _one(rule: Primitive, kernel: str = "") -> Callable[[Any], Any]:
    def run(self: Any) -> Any:
        _refuse_integers(self, kernel)
        return rule(self)

    run.__name__, run.__doc__ = rule.name, f"Return `{rule.name}` of each element."
    return run


def _two(rule: Primitive, number: Primitive | None = None, kernel: str = "") -> Callable[[Any, Any], Any]:
    def run(self: Any, other: Any) -> Any:
        _refuse_integers(self, kernel)
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
    deg2rad, rad2deg, sgn, fix = (_one(rule) for rule in (sp.deg2rad, sp.rad2deg, sp.sgn, el.trunc))
    signbit, isposinf, isneginf = (_one(rule) for rule in (sp.signbit, sp.isposinf, sp.isneginf))
    bitwise_not, frac = _one(el.bitwise_not), _one(sp.frac, "frac_cpu")
    fmod, copysign = _two(sp.fmod, sp.fmod_number), _two(sp.copysign, sp.copysign_number)
    fmax, fmin, xlogy, ldexp, heaviside = (_two(r) for r in (sp.fmax, sp.fmin, sp.xlogy, sp.ldexp, sp.heaviside))
    hypot, nextafter = _two(sp.hypot, None, "hypot_cpu"), _two(sp.nextafter, None, "nextafter_cpu")
    logaddexp2 = _two(sp.logaddexp2, None, "logaddexp2_cpu")
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
