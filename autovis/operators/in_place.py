"""The in-place form of operations: `x.fmod_(2)` computes as `x.fmod(2)` does, and writes the result into `x`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autovis.operators.arguments import Operand

__all__ = ["InPlace"]

# those that one rule computes; the tensor itself is its first input
NAMES = """
acos acosh addbmm addmm addmv addr arccos arcsin arctan arctan2 asin asinh atan atan2 atanh baddbmm bitwise_and
bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor clamp_max copysign cos cosh cumprod cumsum
deg2rad digamma divide eq erf erfc erfinv exp2 expm1 float_power floor_divide fmod frac gcd ge greater greater_equal gt
heaviside hypot index_copy index_fill index_put lcm ldexp le less less_equal lgamma log10 log1p log2 logical_and
logical_not logical_or logical_xor logit lt masked_scatter multiply nan_to_num ne negative nextafter not_equal rad2deg
remainder rsqrt scatter_reduce sgn sinc sinh subtract tan tril triu true_divide trunc xlogy
""".split()  # noqa: SIM905, a list of a hundred words


class Edited(Operand):
    """Stands for a tensor while a method runs that is to change it: what it would compute is written into it."""

    __slots__ = ("target",)

    def __init__(self, target: Any) -> None:
        self.target = target

    def __getattr__(self, name: str) -> Any:
        return getattr(self.target, name)

    @staticmethod
    def __apply__(rule: Any, inputs: tuple[Any, ...], settings: dict[str, Any]) -> Any:
        first, *others = inputs
        return first.target._edit(rule, tuple(others), **settings)


def _edit(name: str) -> Callable[..., Any]:
    def run(self: Any, *given: Any, **named: Any) -> Any:
        method = getattr(type(self), name)
        rule = getattr(method, "rule", None)
        if getattr(rule, "result", None):  # a truth value: what was there does not matter to any gradient
            return self.copy_(method(self, *given, **named))
        return method(Edited(self), *given, **named) if rule is None else self._edit(rule, given, **named)

    run.__name__ = f"{name}_"
    run.__doc__ = f"Apply `{name}`, in place."
    return run


class InPlace:
    """The part of a tensor that has both forms of an operation."""

    __slots__ = ()

    locals().update({f"{name}_": _edit(name) for name in NAMES})
    __iand__, __ior__, __ixor__ = map(_edit, ("bitwise_and", "bitwise_or", "bitwise_xor"))
    __ilshift__, __irshift__ = map(_edit, ("bitwise_left_shift", "bitwise_right_shift"))
    __ifloordiv__, __imod__ = map(_edit, ("floor_divide", "remainder"))
