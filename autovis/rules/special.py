"""Functions beyond the table that one knows by heart: areas, gamma, corners of arithmetic.

Each row reads as in `elementwise`; the formulas are PyTorch's.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autovis.arrays import by_element
from autovis.primitive import Elementwise
from autovis.rules import elementwise as el
from autovis.rules.elementwise import cos, exp, inside, isnan, keep, log, refuse, rsqrt, sin, trunc, zeros_like

ROOT_PI = math.sqrt(math.pi)


def _each(function: Any, name: str = "") -> Any:
    """Return a function of one Python number as one of arrays; where it is not defined, nan.

    Args:
        function: of one number.
        name: what CuPy's part of SciPy calls it.
    """

    def safe(x: float) -> float:
        try:
            return float(function(x))
        except (ValueError, OverflowError):
            return math.nan

    return by_element(lambda x: np.asarray(np.vectorize(safe, otypes=[x.dtype])(x))[()], name)


def _erfinv(x: float) -> float:
    from statistics import NormalDist  # dear to import

    return math.copysign(math.inf, x) if abs(x) == 1 else float(NormalDist().inv_cdf((x + 1) / 2) / math.sqrt(2))


def _lgamma(x: float) -> float:
    return math.inf if x == -math.inf or (x <= 0 and x == math.floor(x)) else math.lgamma(x)


BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6)  # B2, B4, ...


def _digamma(x: float) -> float:
    """Return the slope of the logarithm of gamma: reflected, moved beyond 10, and there by its asymptotic series."""
    if x == 0:
        return math.copysign(math.inf, -x)
    if x < 0:
        return math.nan if x == math.floor(x) else _digamma(1 - x) - math.pi / math.tan(math.pi * x)
    moved = 0.0
    while x < 10:
        moved, x = moved - 1 / x, x + 1
    series = sum(b / (2 * k * x ** (2 * k)) for k, b in enumerate(BERNOULLI, 1))
    return moved + math.log(x) - 0.5 / x - series


def _polygamma(n: int, x: float) -> float:
    """Return the n-th derivative of digamma, in the same way."""
    if x <= 0 and x == math.floor(x):
        return math.inf if n % 2 else math.nan
    moved = 0.0
    while x < 15:
        moved, x = moved + x ** -(n + 1), x + 1
    series = 1 / (n * x**n) + 0.5 / x ** (n + 1)
    series += sum(
        b * math.factorial(2 * k + n - 1) / (math.factorial(2 * k) * math.factorial(n) * x ** (2 * k + n))
        for k, b in enumerate(BERNOULLI, 1)
    )
    return float((-1) ** (n + 1)) * math.factorial(n) * (moved + series)


def _one(name: str, forward: Any, derivative: Any = None, **more: Any) -> Elementwise:
    return Elementwise(name, forward, inputs="x", floats=True, **more, **({"x": derivative} if derivative else {}))


# areas and gamma -----------------------------------------------------------------------------------------------------
acosh = _one("acosh", np.arccosh, lambda g, x: g * rsqrt(x * x - 1))
asinh = _one("asinh", np.arcsinh, lambda g, x: g * rsqrt(x * x + 1))
atanh = _one("atanh", np.arctanh, lambda g, x: g * (1 / (1 - x * x)))
erfc = _one("erfc", _each(math.erfc, "erfc"), lambda g, x: g * (-2 / ROOT_PI) * exp(-(x * x)))
erfinv = _one("erfinv", _each(_erfinv, "erfinv"), lambda g, out: g * (ROOT_PI / 2) * exp(out * out))
lgamma = _one("lgamma", _each(_lgamma, "gammaln"), lambda g, x: g * digamma(x))
digamma = _one("digamma", _each(_digamma, "digamma"), lambda g, x: g * polygamma(x, n=1))
polygamma = Elementwise(
    "polygamma",
    lambda x, *, n: _each(_digamma if n == 0 else lambda number: _polygamma(n, number))(x),
    floats=True,
    x=lambda g, x, n: g * polygamma(x, n=n + 1),
)
sinc = _one(
    "sinc",
    np.sinc,
    lambda g, x: keep(g * ((cos(x * math.pi) * (x * math.pi) - sin(x * math.pi)) / (x * x * math.pi)), x != 0),
)


def _logit(x: Any, *, eps: float | None) -> Any:
    x = x if eps is None else np.clip(x, eps, 1 - eps)
    return np.log(x / (1 - x))


logit = Elementwise(
    "logit",
    _logit,
    floats=True,
    x=lambda g, x, eps: g / (x * (1 - x)) if eps is None else keep(g / (x * (1 - x)), inside(x, low=eps, high=1 - eps)),
)


def _times(name: str, node: str, factor: float) -> Elementwise:
    return _one(name, lambda x: x * x.dtype.type(factor), lambda g: g * factor, node=node)


deg2rad = _times("deg2rad", "Deg2RadBackward0", math.pi / 180)
rad2deg = _times("rad2deg", "Rad2DegBackward0", 180 / math.pi)
frac = Elementwise("frac", lambda x: x - np.trunc(x), x=lambda g: g)
sgn = Elementwise("sgn", np.sign, inputs="x", x=lambda g: zeros_like(g))
signbit = Elementwise("signbit", lambda x: np.signbit(x) if x.dtype.kind == "f" else x < 0, result="bool")
isposinf = Elementwise("isposinf", lambda x: x == np.inf, result="bool")
isneginf = Elementwise("isneginf", lambda x: x == -np.inf, result="bool")

# two arguments -------------------------------------------------------------------------------------------------------
fmod = Elementwise(
    "fmod",
    lambda x, y: np.fmod(x, el._not_zero(y)),
    node="FmodBackward1",
    symbol="%",
    x=lambda g: g,
    y=lambda g, x, y: -g * trunc(x / y),
)
fmod_number = Elementwise("fmod", fmod.forward, symbol="%", x=lambda g: g)
fmax = Elementwise(
    "fmax",
    np.fmax,
    inputs="x y",
    x=lambda g, x, y: keep(g, (x >= y) | isnan(y)),
    y=lambda g, x, y: keep(g, ~((x >= y) | isnan(y))),
)
fmin = Elementwise(
    "fmin",
    np.fmin,
    inputs="x y",
    x=lambda g, x, y: keep(g, (x <= y) | isnan(y)),
    y=lambda g, x, y: keep(g, ~((x <= y) | isnan(y))),
)
hypot = Elementwise(
    "hypot", np.hypot, inputs="x y", x=lambda g, x, out: g * (x / out), y=lambda g, y, out: g * (y / out)
)
copysign = Elementwise(
    "copysign",
    np.copysign,
    inputs="x y",
    floats=True,
    x=lambda g, x, out: g * keep(out / x, x != 0),
    y=lambda g: zeros_like(g),
)
copysign_number = Elementwise(
    "copysign", np.copysign, inputs="x y", floats=True, node="CopysignBackward1", x=copysign.pullbacks["x"]
)
xlogy = Elementwise(
    "xlogy",
    lambda x, y: np.where(np.isnan(y), y, np.where(x == 0, x.dtype.type(0), x * np.log(y)))[()],
    floats=True,
    x=lambda g, x, y: keep(g * log(y), (x != 0) | (y > 0)),
    y=lambda g, x, y: g * x / y,
)
logaddexp2 = Elementwise(
    "logaddexp2",
    np.logaddexp2,
    inputs="x y",
    x=lambda g, x, y: g / (1 + 2 ** (y - x)),
    y=lambda g, x, y: g / (1 + 2 ** (x - y)),
)
ldexp = Elementwise(
    "ldexp",
    lambda x, y: x * np.exp2(y),
    floats=True,
    x=lambda g, y: g * 2**y,
    y=lambda g, out: g * out * math.log(2),
)
heaviside = Elementwise(
    "heaviside",
    lambda x, y: np.heaviside(x, y).astype(x.dtype),
    node="NotImplemented",
    x=lambda g: refuse("heaviside"),
    y=lambda g: refuse("heaviside"),
)
rsub = Elementwise("rsub", lambda x, y: y - x, symbol="−", x=lambda g: -g, y=lambda g: g)
div_rounded = Elementwise(
    "div",
    lambda x, y, *, rounding: _rounded(x, y, rounding),
    node="DivBackward2",
    symbol="÷",
    x=lambda g: zeros_like(g),
    y=lambda g: zeros_like(g),
)
mul_number, div_number = (  # as PyTorch's own functions multiply by a number
    Elementwise(rule.name, rule.forward, node=node, symbol=rule.symbol, inputs="x y", x=rule.pullbacks["x"])
    for rule, node in ((el.mul, "MulBackward1"), (el.div, "DivBackward1"))
)
masked_fill_tensor = Elementwise(
    "masked_fill",
    lambda x, mask, value: np.where(mask, value.astype(x.dtype), x)[()],
    node="MaskedFillBackward1",
    x=lambda g, mask: keep(g, ~mask),
    value=lambda g, mask: keep(g, mask),
)


def _rounded(x: Any, y: Any, rounding: str) -> Any:
    if x.dtype.kind != "f":
        whole = np.floor_divide(x, el._not_zero(y))
        return whole if rounding == "floor" else whole + ((whole < 0) & (whole * y != x))
    return np.floor_divide(x, y) if rounding == "floor" else np.trunc(x / y)


gcd = Elementwise("gcd", np.gcd, inputs="x y")
lcm = Elementwise("lcm", np.lcm, inputs="x y")
nextafter = Elementwise("nextafter", np.nextafter, inputs="x y")
left_shift = Elementwise("bitwise_left_shift", np.left_shift, inputs="x y", symbol="<<")
right_shift = Elementwise("bitwise_right_shift", np.right_shift, inputs="x y", symbol=">>")
