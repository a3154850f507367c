"""Operations that work number by number: the table that a student of calculus knows by heart.

`g` is the gradient that arrives; multiply it by the local derivative and send it on. Broadcasting and mixed kinds are
looked after elsewhere (`Elementwise`), so every row is the formula and nothing else. The formulas are PyTorch's, in its
order of operations, so that the last digit agrees; at a kink the choice is PyTorch's, too, and said on that line.
"""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from autovis import errors
from autovis.arrays import by_element
from autovis.dtypes import constant
from autovis.primitive import Elementwise
from autovis.rules import bell


def _relu(x: Any) -> Any:
    if type(x) in NUMBERS:
        return type(x)(0) if x <= 0 else x
    return np.maximum(x, constant(0, x.dtype))


def _keep(x: Any, condition: Any) -> Any:
    """Return x where the condition holds and 0 elsewhere, whatever x is there; on many numbers as an AND of bits."""
    if isinstance(x, np.generic) and isinstance(condition, np.generic):
        return x if condition else x.dtype.type(0)
    bits = BITS.get(x.dtype)
    if bits is None or x.size < MANY or condition.dtype != bool:
        return np.where(condition, x, constant(0, x.dtype))[()]
    return (x.view(bits) & np.negative(condition.view(np.int8), dtype=bits)).view(x.dtype)


NUMBERS = frozenset({np.float32, np.float64})
BITS: dict[Any, Any] = {np.dtype("float32"): np.dtype("int32"), np.dtype("float64"): np.dtype("int64")}
MANY = 256


def _sigmoid(x: Any) -> Any:
    """Return exp(x) / (1 + exp(x)) below 0 and 1 / (1 + exp(-x)) above: nothing overflows."""
    return np.exp(np.minimum(x, constant(0, x.dtype))) / (1 + np.exp(-np.abs(x)))


def _leaky(x: Any, small: Any, slope: float) -> Any:
    """Return `x` above 0 and `small` below; the larger of both, as long as it is smaller: ten times as quick."""
    return np.maximum(x, small) if 0 < slope <= 1 else np.where(x > 0, x, small)


def _softplus(x: Any, *, beta: float, threshold: float) -> Any:
    return np.where(x * beta > threshold, x, np.log1p(np.exp(np.minimum(x * beta, threshold))) / beta).astype(x.dtype)


def _sign(x: Any) -> Any:
    return np.where(np.isnan(x), constant(0, x.dtype), np.sign(x))[()]


_erf = by_element(bell.erf, "erf")


def _not_zero(y: Any) -> Any:
    """Refuse to divide whole numbers by 0."""
    if y.dtype.kind in "iub" and not np.all(y):
        raise ZeroDivisionError
    return y


def _remainder(x: Any, y: Any) -> Any:
    """Return the remainder with the sign of `y`, as PyTorch does also where it is 0."""
    if x.dtype.kind != "f":
        return np.remainder(x, y)
    rest = np.fmod(x, y)
    return np.where((rest != 0) & ((rest < 0) != (y < 0)), rest + y, rest)[()]


def refuse(name: str) -> Any:
    """Stop a backward pass: PyTorch has no derivative here either."""
    raise errors.no_derivative(name)


# arithmetic ----------------------------------------------------------------------------------------------------------
add = Elementwise("add", operator.add, symbol="+", inputs="x y", x=lambda g: g, y=lambda g: g)
sub = Elementwise("sub", operator.sub, symbol="−", inputs="x y", x=lambda g: g, y=lambda g: -g)
add_scaled = Elementwise(
    "add",
    lambda x, y, *, alpha: x + y * constant(alpha, y.dtype),
    symbol="+",
    x=lambda g: g,
    y=lambda g, alpha: g * alpha,
)
sub_scaled = Elementwise(
    "sub",
    lambda x, y, *, alpha: x - y * constant(alpha, y.dtype),
    symbol="−",
    x=lambda g: g,
    y=lambda g, alpha: -g * alpha,
)
rsub = Elementwise("rsub", lambda x, y: y - x, node="RsubBackward1", symbol="−", x=lambda g: -g)  # y: a number
mul = Elementwise("mul", operator.mul, symbol="×", inputs="x y", x=lambda g, y: g * y, y=lambda g, x: g * x)
div = Elementwise(
    "div",
    operator.truediv,
    inputs="x y",
    symbol="÷",
    floats=True,
    x=lambda g, y: g / y,
    y=lambda g, x, y: -g * ((x / y) / y),
)
neg = Elementwise("neg", operator.neg, symbol="−", inputs="x", x=lambda g: -g)
reciprocal = Elementwise("reciprocal", lambda x: 1 / x, symbol="1/x", floats=True, x=lambda g, out: -g * (out * out))
absolute = Elementwise("abs", np.abs, symbol="| |", inputs="x", x=lambda g, x: g * sign(x))  # at 0: 0
floor_divide = Elementwise(
    "floor_divide",
    lambda x, y: np.floor_divide(x, _not_zero(y)),
    node="NotImplemented",
    symbol="//",
    x=lambda g: refuse("floor_divide"),
    y=lambda g: refuse("floor_divide"),
)
remainder = Elementwise(
    "remainder",
    lambda x, y: _remainder(x, _not_zero(y)),
    node="RemainderBackward1",
    symbol="%",
    x=lambda g: g,
    y=lambda g, x, y: -g * floor(x / y),
)
remainder_number = Elementwise(
    "remainder_number", remainder.forward, node="RemainderBackward0", symbol="%", x=lambda g: g
)

lerp = Elementwise(
    "lerp",
    lambda x, y, weight: np.where(np.abs(weight) < 0.5, x + weight * (y - x), y - (y - x) * (1 - weight)).astype(
        x.dtype
    ),
    node="LerpBackward1",
    x=lambda g, weight: g * (1 - weight),
    y=lambda g, weight: g * weight,
    weight=lambda g, x, y: g * (y - x),
)
lerp_number = Elementwise(
    "lerp",
    lambda x, y, *, weight: lerp.forward(x, y, constant(weight, x.dtype)),
    x=lambda g, weight: g * (1 - weight),
    y=lambda g, weight: g * weight,
)
addcmul = Elementwise(
    "addcmul",
    lambda x, y, z, *, value: x + constant(value, x.dtype) * y * z,
    x=lambda g: g,
    y=lambda g, z, value: g * (z * value),
    z=lambda g, y, value: g * (y * value),
)
addcdiv = Elementwise(
    "addcdiv",
    lambda x, y, z, *, value: x + constant(value, x.dtype) * (y / z),
    floats=True,
    x=lambda g: g,
    y=lambda g, z, value: g * (value / z),
    z=lambda g, y, z, value: -g * (value * y / (z * z)),
)
nan_to_num = Elementwise(
    "nan_to_num",
    lambda x, *, nan=0.0, posinf=None, neginf=None: np.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf),
    x=lambda g, x: keep(g, isfinite(x)),
)
atan2 = Elementwise(
    "atan2",
    np.arctan2,
    inputs="x y",
    floats=True,
    x=lambda g, x, y: g * y * reciprocal(x * x + y * y),
    y=lambda g, x, y: g * -x * reciprocal(x * x + y * y),
)
logaddexp = Elementwise(
    "logaddexp",
    np.logaddexp,
    inputs="x y",
    x=lambda g, x, y: g / (1 + exp(y - x)),
    y=lambda g, x, y: g / (1 + exp(x - y)),
)

# powers --------------------------------------------------------------------------------------------------------------
pow_number = Elementwise(
    "pow",
    lambda x, *, exponent: x * x if exponent == 2 else np.power(x, constant(exponent, x.dtype)),
    symbol="^",
    x=lambda g, x, exponent: g * (exponent * x ** (exponent - 1)) if exponent else zeros_like(g),  # x**0: 0 everywhere
)


def _power(x: Any, y: Any) -> Any:
    """Return a power; of whole numbers, a negative one is 0 except for 1 and -1."""
    if x.dtype.kind != "i" or not np.less(y, 0).any():
        return np.power(x, y)
    whole = np.power(x, np.maximum(y, 0))
    tiny = np.where(x == 1, 1, np.where(x == -1, np.where(y % 2, -1, 1), 0))
    return np.where(y < 0, tiny, whole).astype(x.dtype)


pow_tensor = Elementwise(
    "pow_tensor",
    _power,
    node="PowBackward1",
    symbol="^",
    x=lambda g, x, y: keep(g * (y * x ** (y - 1)), y != 0),  # x**0: 0 everywhere
    y=lambda g, x, y, out: keep(g * (out * log(x)), (x != 0) | (y < 0)),  # 0**y: 0
)
pow_of_number = Elementwise(
    "pow_of_number",
    lambda y, *, base: _power(constant(base, y.dtype), y),
    node="PowBackward2",
    symbol="^",
    y=lambda g, y, out, base: g * (out * math.log(base)) if base > 0 else keep(g * (out * float("-inf")), y < 0),
)
sqrt = Elementwise("sqrt", np.sqrt, inputs="x", symbol="√", floats=True, x=lambda g, out: g / (2 * out))
rsqrt = Elementwise("rsqrt", lambda x: 1 / np.sqrt(x), symbol="1/√", floats=True, x=lambda g, out: -0.5 * g * out**3)

# exponentials and logarithms -----------------------------------------------------------------------------------------
exp = Elementwise("exp", np.exp, inputs="x", floats=True, x=lambda g, out: g * out)
exp2 = Elementwise("exp2", np.exp2, inputs="x", floats=True, x=lambda g, out: g * out * math.log(2))
expm1 = Elementwise("expm1", np.expm1, inputs="x", floats=True, x=lambda g, out: g * (out + 1))
log = Elementwise("log", np.log, inputs="x", floats=True, x=lambda g, x: g / x)
log2 = Elementwise("log2", np.log2, inputs="x", floats=True, x=lambda g, x: g / (x * math.log(2)))
log10 = Elementwise("log10", np.log10, inputs="x", floats=True, x=lambda g, x: g / (x * math.log(10)))
log1p = Elementwise("log1p", np.log1p, inputs="x", node="Log1PBackward0", floats=True, x=lambda g, x: g / (x + 1))

# circles and hyperbolas ----------------------------------------------------------------------------------------------
sin = Elementwise("sin", np.sin, inputs="x", floats=True, x=lambda g, x: g * cos(x))
cos = Elementwise("cos", np.cos, inputs="x", floats=True, x=lambda g, x: g * -sin(x))
tan = Elementwise("tan", np.tan, inputs="x", floats=True, x=lambda g, out: g * (1 + out**2))
asin = Elementwise("asin", np.arcsin, inputs="x", floats=True, x=lambda g, x: g * rsqrt(1 - x * x))
acos = Elementwise("acos", np.arccos, inputs="x", floats=True, x=lambda g, x: g * -rsqrt(1 - x * x))
atan = Elementwise("atan", np.arctan, inputs="x", floats=True, x=lambda g, x: g / (x * x + 1))
sinh = Elementwise("sinh", np.sinh, inputs="x", floats=True, x=lambda g, x: g * cosh(x))
cosh = Elementwise("cosh", np.cosh, inputs="x", floats=True, x=lambda g, x: g * sinh(x))
tanh = Elementwise("tanh", np.tanh, inputs="x", floats=True, x=lambda g, out: g * (1 - out * out))
erf = Elementwise("erf", _erf, floats=True, x=lambda g, x: g * (2 / math.sqrt(math.pi)) * exp(-(x**2)))

# activations ---------------------------------------------------------------------------------------------------------
relu = Elementwise("relu", _relu, x=lambda g, out: relu_back(g, out))  # at 0: 0
relu_back = Elementwise(  # depends on the result, in a way that is zero everywhere
    "relu_back",
    lambda x, y: _keep(x, y > 0),
    node="ThresholdBackwardBackward0",
    symbol="where",
    x=lambda g, y: relu_back(g, y),
    y=lambda g: zeros_like(g),
)
sigmoid = Elementwise("sigmoid", _sigmoid, symbol="σ", floats=True, x=lambda g, out: g * (1 - out) * out)
softplus = Elementwise(
    "softplus", _softplus, x=lambda g, x, beta, threshold: choose(x * beta > threshold, g, g * sigmoid(x * beta))
)
silu = Elementwise("silu", lambda x: x * _sigmoid(x), x=lambda g, x: g * sigmoid(x) * (1 + x * (1 - sigmoid(x))))
leaky_relu = Elementwise(
    "leaky_relu",
    lambda x, *, slope: _leaky(x, x * constant(slope, x.dtype), slope),
    x=lambda g, x, slope: choose(x > 0, g, g * slope),  # at 0: the slope
)

# choices -------------------------------------------------------------------------------------------------------------
clamp = Elementwise(
    "clamp",
    lambda x, *, low, high: np.clip(x, low, high),
    node="ClampBackward1",
    x=lambda g, x, low, high: keep(g, inside(x, low=low, high=high)),  # at a bound: 1
)
clamp_min = Elementwise(
    "clamp_min",
    lambda x, *, low, high: np.maximum(x, constant(low, x.dtype)),
    x=lambda g, x, low, high: keep(g, inside(x, low=low, high=high)),  # at the bound: 1
)
clamp_max = Elementwise(
    "clamp_max",
    lambda x, *, low, high: np.minimum(x, constant(high, x.dtype)),
    x=lambda g, x, low, high: keep(g, inside(x, low=low, high=high)),  # at the bound: 1
)
clamp_between = Elementwise(  # bounds that are tensors
    "clamp_between",
    lambda x, low, high: np.minimum(np.maximum(x, low), high),
    node="ClampBackward0",
    symbol="clamp",
    x=lambda g, x, low, high: keep(g, (x >= low) & (x <= high)),
    low=lambda g, x, low, high: keep(g, (x < low) & (low < high)),
    high=lambda g, x, low, high: keep(g, (x > high) | (high < low)),
)
maximum = Elementwise(
    "maximum",
    np.maximum,
    inputs="x y",
    symbol="max",
    x=lambda g, x, y: g * larger_share(x, y),  # ties: half each
    y=lambda g, x, y: g * larger_share(y, x),
)
minimum = Elementwise(
    "minimum",
    np.minimum,
    inputs="x y",
    symbol="min",
    x=lambda g, x, y: g * larger_share(y, x),
    y=lambda g, x, y: g * larger_share(x, y),
)
choose = Elementwise(
    "where",
    np.where,
    inputs="condition x y",
    x=lambda g, condition: keep(g, condition),
    y=lambda g, condition: keep(g, ~condition),
)
keep = Elementwise(
    "keep",
    _keep,
    node="WhereBackward0",
    symbol="where",
    x=lambda g, condition: keep(g, condition),
)
masked_fill = Elementwise(
    "masked_fill",
    lambda x, mask, *, value: np.where(mask, constant(value, x.dtype), x)[()],
    x=lambda g, mask: keep(g, ~mask),
)

# steps: the derivative is 0 wherever there is one --------------------------------------------------------------------
floor = Elementwise("floor", np.floor, inputs="x", x=lambda g: zeros_like(g))
ceil = Elementwise("ceil", np.ceil, inputs="x", x=lambda g: zeros_like(g))
trunc = Elementwise("trunc", np.trunc, inputs="x", x=lambda g: zeros_like(g))
round_ = Elementwise("round", np.round, inputs="x", x=lambda g: zeros_like(g))  # halves go to the even neighbour
sign = Elementwise("sign", lambda x: np.sign(x) if x.dtype.kind != "f" else _sign(x), x=lambda g: zeros_like(g))

# questions: no derivative at all -------------------------------------------------------------------------------------
eq = Elementwise("eq", operator.eq, inputs="x y", symbol="=", result="bool")
ne = Elementwise("ne", operator.ne, inputs="x y", symbol="≠", result="bool")
lt = Elementwise("lt", operator.lt, inputs="x y", symbol="<", result="bool")
le = Elementwise("le", operator.le, inputs="x y", symbol="≤", result="bool")
gt = Elementwise("gt", operator.gt, inputs="x y", symbol=">", result="bool")
ge = Elementwise("ge", operator.ge, inputs="x y", symbol="≥", result="bool")
logical_not = Elementwise("logical_not", np.logical_not, inputs="x", symbol="not", result="bool")
logical_and = Elementwise("logical_and", np.logical_and, inputs="x y", symbol="and", result="bool")
logical_or = Elementwise("logical_or", np.logical_or, inputs="x y", symbol="or", result="bool")
logical_xor = Elementwise("logical_xor", np.logical_xor, inputs="x y", symbol="xor", result="bool")
bitwise_not = Elementwise("bitwise_not", np.invert, inputs="x", symbol="~")
bitwise_and = Elementwise("bitwise_and", np.bitwise_and, inputs="x y", symbol="&")
bitwise_or = Elementwise("bitwise_or", np.bitwise_or, inputs="x y", symbol="|")
bitwise_xor = Elementwise("bitwise_xor", np.bitwise_xor, inputs="x y", symbol="^")
isnan = Elementwise("isnan", np.isnan, inputs="x", result="bool")
isinf = Elementwise("isinf", np.isinf, inputs="x", result="bool")
isfinite = Elementwise("isfinite", np.isfinite, inputs="x", result="bool")
zeros_like = Elementwise("zeros_like", np.zeros_like, inputs="x", symbol="0")
inside = Elementwise(
    "inside",
    lambda x, *, low, high: (x >= (-np.inf if low is None else low)) & (x <= (np.inf if high is None else high)),
    result="bool",
)
hits = Elementwise("hits", lambda x, y: np.equal(x, y).astype(x.dtype), symbol="=")  # 1 where equal, else 0
larger_share = Elementwise(
    "larger_share", lambda x, y: (~(x < y)).astype(x.dtype) - constant(0.5, x.dtype) * (x == y), symbol="share"
)
