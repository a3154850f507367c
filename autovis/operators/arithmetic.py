"""Arithmetic: operators, and functions that work number by number."""

from __future__ import annotations

import math
from collections.abc import Callable
from numbers import Number
from typing import Any

import numpy as np

from autovis import dtypes
from autovis.operators.arguments import Operand, shape_cast
from autovis.primitive import Elementwise, Primitive
from autovis.recording import binary, unary
from autovis.rules import elementwise as el
from autovis.rules import special as sp

PLAIN = frozenset({int, float, bool})


def is_operand(other: Any) -> bool:
    """Whether arithmetic with a tensor makes sense; the usual cases first."""
    return isinstance(other, Operand) or type(other) in PLAIN or isinstance(other, (Number, np.ndarray, np.generic))


def _reflected(rule: Elementwise) -> Callable[[Any, Any], Any]:
    def run(self: Any, other: Any) -> Any:
        return rule(other, self) if is_operand(other) else NotImplemented

    return run


def _unary(rule: Elementwise) -> Callable[[Any], Any]:
    run = unary(rule)
    run.__name__, run.__doc__ = rule.name, f"Return `{rule.name}` of each element."
    run.rule = rule  # type: ignore[attr-defined]
    return run


def _binary(rule: Elementwise) -> Callable[[Any, Any], Any]:
    compute = binary(rule)

    def run(self: Any, other: Any) -> Any:
        found = compute(self, other)
        return rule(self, other) if found is NotImplemented else found  # which says why

    run.__name__, run.__doc__ = rule.name, f"Return `{rule.name}` of the two, element by element."
    run.rule = rule  # type: ignore[attr-defined]
    return run


def _scaled(rule: Elementwise, scaled: Primitive, sign: str) -> Callable[..., Any]:
    compute = binary(rule)

    def run(self: Any, other: Any, *, alpha: float = 1) -> Any:
        if not is_operand(other):
            sort = type(other).__name__
            raise TypeError(f"{rule.name}(): argument 'other' (position 2) must be Tensor, not {sort}")
        return compute(self, other) if alpha == 1 else scaled(self, other, alpha=alpha)

    run.__name__, run.__doc__ = rule.name, f"Return `self {sign} alpha * other`."
    return run


def c_word(kind: dtypes.dtype) -> str:
    """Return what one of PyTorch's sentences calls a kind."""
    words = {"float32": "float", "float64": "double", "int64": "long int", "int32": "int"}
    return words.get(kind.name, kind.name)


def widened(x: Any, *bounds: float | None) -> Any:
    """Return whole numbers as floats where a bound has a point."""
    given = [bound for bound in bounds if bound is not None]
    return shape_cast(x, dtypes.of_numpy(dtypes.promote([x.numbers, *given])))


def edge(x: Any, side: int) -> Any:
    """Return the bound that bounds nothing: infinity, or the last whole number of a kind."""
    if x.dtype.is_floating_point:
        return side * math.inf
    limits = np.iinfo(x.dtype.numpy) if x.dtype is not dtypes.bool_ else np.iinfo(np.uint8)
    return int(limits.max if side > 0 else limits.min)


class Arithmetic(Operand):
    """The part of a tensor that calculates."""

    __slots__ = ()

    __add__ = binary(el.add)
    __radd__ = binary(el.add)
    __sub__ = binary(el.sub)
    __rsub__ = binary(el.rsub)
    __neg__ = unary(el.neg)
    __mul__ = binary(el.mul)
    __rmul__ = binary(el.mul)
    __truediv__ = binary(el.div)
    __floordiv__ = binary(el.floor_divide)
    __eq__ = binary(el.eq)
    __ne__ = binary(el.ne)
    __lt__ = binary(el.lt)
    __le__ = binary(el.le)
    __gt__ = binary(el.gt)
    __ge__ = binary(el.ge)
    __and__ = __rand__ = binary(el.bitwise_and)
    __or__ = __ror__ = binary(el.bitwise_or)
    __xor__ = __rxor__ = binary(el.bitwise_xor)
    __rfloordiv__ = _reflected(el.floor_divide)
    __rmod__ = _reflected(el.remainder)
    __hash__ = object.__hash__
    add = _scaled(el.add, el.add_scaled, "+")
    sub = subtract = _scaled(el.sub, el.sub_scaled, "-")
    mul = multiply = _binary(el.mul)
    eq, ne, lt, le, gt, ge = (_binary(rule) for rule in (el.eq, el.ne, el.lt, el.le, el.gt, el.ge))
    maximum = _binary(el.maximum)
    minimum = _binary(el.minimum)
    atan2 = arctan2 = _binary(el.atan2)
    logaddexp = _binary(el.logaddexp)
    floor_divide = _binary(el.floor_divide)
    logical_and = _binary(el.logical_and)
    logical_or = _binary(el.logical_or)
    logical_xor = _binary(el.logical_xor)
    neg = negative = _unary(el.neg)
    abs = absolute = _unary(el.absolute)
    reciprocal = _unary(el.reciprocal)
    sqrt, rsqrt, exp, exp2, expm1 = (_unary(rule) for rule in (el.sqrt, el.rsqrt, el.exp, el.exp2, el.expm1))
    log, log2, log10, log1p = (_unary(rule) for rule in (el.log, el.log2, el.log10, el.log1p))
    sin, cos, tan, asin, acos, atan = (_unary(r) for r in (el.sin, el.cos, el.tan, el.asin, el.acos, el.atan))
    arcsin, arccos, arctan = asin, acos, atan
    sinh, cosh, tanh, erf = (_unary(rule) for rule in (el.sinh, el.cosh, el.tanh, el.erf))
    relu, sigmoid = _unary(el.relu), _unary(el.sigmoid)
    floor, ceil, trunc, sign = (_unary(rule) for rule in (el.floor, el.ceil, el.trunc, el.sign))
    isnan, isinf, isfinite = (_unary(rule) for rule in (el.isnan, el.isinf, el.isfinite))
    logical_not = _unary(el.logical_not)

    def __mod__(self, other: Any) -> Any:
        if isinstance(other, Operand):
            return el.remainder(self, other)
        return el.remainder_number(self, other) if is_operand(other) else NotImplemented

    def remainder(self, other: Any) -> Any:
        """Return the remainder of a division, with the sign of the divisor."""
        return self.__mod__(other)

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return el.absolute(self)

    def __invert__(self) -> Any:
        if self.dtype.is_floating_point:
            raise TypeError("~ (operator.invert) is only implemented on integer and Boolean-type tensors")
        return el.logical_not(self) if self.dtype is dtypes.bool_ else el.bitwise_not(self)

    def __rtruediv__(self, other: Any) -> Any:
        return el.reciprocal(self) * other if isinstance(other, Number) else NotImplemented

    def __pow__(self, exponent: Any) -> Any:
        if isinstance(exponent, Operand):
            return el.pow_tensor(self, exponent)
        if not isinstance(exponent, Number):
            return NotImplemented
        if not self.dtype.is_floating_point:
            if isinstance(exponent, float):
                return el.pow_number(shape_cast(self, dtypes.default_float()), exponent=exponent)
            if self.dtype is dtypes.bool_ and not isinstance(exponent, bool):
                return shape_cast(self, dtypes.int64) ** exponent
            if exponent < 0:  # type: ignore[operator]
                raise RuntimeError("Integers to negative integer powers are not allowed.")
        return el.pow_number(self, exponent=exponent)

    def __rpow__(self, base: float) -> Any:
        if not isinstance(base, Number):
            return NotImplemented
        kind = dtypes.of_numpy(dtypes.promote([self.numbers, base]))
        return el.pow_of_number(shape_cast(self, kind), base=base)

    def pow(self, exponent: Any) -> Any:
        """Return each element to a power."""
        return self.__pow__(exponent)

    def square(self) -> Any:
        """Return the square of each element."""
        return self.__pow__(2)

    def div(self, other: Any, *, rounding_mode: str | None = None) -> Any:
        """Return the quotient; `floor` or `trunc` rounds it."""
        if rounding_mode is None:
            return el.div(self, other)
        if rounding_mode not in ("floor", "trunc"):
            raise RuntimeError(
                f"div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '{rounding_mode}'"
            )
        return sp.div_rounded(self, other, rounding=rounding_mode)

    divide = true_divide = div

    def round(self, *, decimals: int = 0) -> Any:
        """Return the nearest whole number, halves to the even one."""
        return el.round_(self) if not decimals else el.round_(self * 10**decimals) / 10**decimals

    def clamp(self, min: Any = None, max: Any = None) -> Any:
        """Return each element, moved to the nearer bound where it lies outside; a bound may be a tensor."""
        if min is None and max is None:
            raise RuntimeError("torch.clamp: At least one of 'min' or 'max' must not be None")
        if isinstance(min, Operand) or isinstance(max, Operand):
            low, high = (edge(self, -1) if min is None else min), (edge(self, 1) if max is None else max)
            return el.clamp_between(self, low, high)
        return el.clamp(widened(self, min, max), low=min, high=max)

    clip = clamp

    def clamp_min(self, min: Any) -> Any:
        """Return each element, or the bound where that is larger."""
        if isinstance(min, Operand):
            return self.clamp(min)
        return el.clamp_min(widened(self, min), low=min, high=None)

    def clamp_max(self, max: Any) -> Any:
        """Return each element, or the bound where that is smaller."""
        if isinstance(max, Operand):
            return self.clamp(None, max)
        return el.clamp_max(widened(self, max), low=None, high=max)

    def lerp(self, end: Any, weight: Any) -> Any:
        """Return what lies between two tensors, the share `weight` of the way."""
        if not self.dtype.is_floating_point:
            kernel = "lerp_kernel_tensor" if isinstance(weight, Operand) else "lerp_kernel_scalar"
            raise NotImplementedError(f"\"{kernel}\" not implemented for '{self.dtype.word}'")
        return el.lerp(self, end, weight) if isinstance(weight, Operand) else el.lerp_number(self, end, weight=weight)

    def addcmul(self, tensor1: Any, tensor2: Any, *, value: float = 1) -> Any:
        """Return `self + value * tensor1 * tensor2`."""
        return el.addcmul(self, tensor1, tensor2, value=value)

    def addcdiv(self, tensor1: Any, tensor2: Any, *, value: float = 1) -> Any:
        """Return `self + value * tensor1 / tensor2`."""
        return el.addcdiv(self, tensor1, tensor2, value=value)

    def where(self, condition: Any, other: Any) -> Any:
        """Return self where the condition holds, else other."""
        return el.choose(condition, self, other)

    def masked_fill(self, mask: Any, value: Any) -> Any:
        """Return self with `value` where the mask holds."""
        if isinstance(mask, Operand) and mask.dtype is not dtypes.bool_:
            raise RuntimeError(
                f"masked_fill_ only supports boolean masks, but got mask with dtype {c_word(mask.dtype)}"
            )
        if not isinstance(value, Operand):
            return el.masked_fill(self, mask, value=value)
        if value.ndim:
            raise RuntimeError(
                "masked_fill_ only supports a 0-dimensional value tensor, but got tensor with"
                f" {value.ndim} dimension(s)."
            )
        return sp.masked_fill_tensor(self, mask, value)
