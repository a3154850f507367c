"""The third reading of a rule: given names instead of numbers, it writes its own formula.

The pullback of `mul`, `lambda g, y: g * y`, called with `Symbol("g")` and `Symbol("t")` returns the symbol `g·t`.
Nothing is parsed and nothing is written twice: the label on an edge is the rule itself.

>>> from autovis.rules.elementwise import mul, pow_number
>>> local(mul, 0, ["s", "t"], "y")
't'
>>> local(pow_number, 0, ["x"], "y", exponent=3)
'3·x²'
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autovis.primitive import Primitive
from autovis.viz.numerals import brief, number

__all__ = ["Symbol", "applied", "local", "pulled", "times", "word", "written"]

RAISED = str.maketrans("0123456789−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")

ATOM, POWER, UNARY, PRODUCT, SUM, COMPARISON = 6, 5, 4, 3, 2, 1


class Symbol:
    """A formula: text, and how tightly its outermost operator binds."""

    __slots__ = ("binds", "text")

    ndim = 0
    shape: tuple[int, ...] = ()

    def __init__(self, text: str, binds: int = ATOM) -> None:
        self.text = text
        self.binds = binds

    def __repr__(self) -> str:
        return self.text

    @property
    def is_number(self) -> bool:
        """Whether it is nothing but a number."""
        return self.text.removeprefix("−").replace(".", "", 1).isdecimal()

    def within(self, binds: int) -> str:
        """Return the text, in brackets where it stands inside something that binds tighter."""
        return self.text if self.binds >= binds else f"({self.text})"

    @staticmethod
    def __apply__(rule: Primitive, inputs: tuple[Any, ...], settings: dict[str, Any]) -> Any:
        return applied(rule, [symbol(x) for x in inputs], settings)

    def __add__(self, other: Any) -> Symbol:
        return infix(self, " + ", other, SUM)

    def __radd__(self, other: Any) -> Symbol:
        return infix(other, " + ", self, SUM)

    def __sub__(self, other: Any) -> Symbol:
        return infix(self, " − ", other, SUM, tight=True)

    def __rsub__(self, other: Any) -> Symbol:
        return infix(other, " − ", self, SUM, tight=True)

    def __mul__(self, other: Any) -> Symbol:
        return product(self, symbol(other))

    def __rmul__(self, other: Any) -> Symbol:
        return product(symbol(other), self)

    def __truediv__(self, other: Any) -> Symbol:
        return infix(self, "/", other, PRODUCT, tight=True)

    def __rtruediv__(self, other: Any) -> Symbol:
        return infix(other, "/", self, PRODUCT, tight=True)

    def __pow__(self, exponent: Any) -> Symbol:
        power = symbol(exponent)
        if power.text == "1":
            return self
        whole = power.text.removeprefix("−").isdecimal()
        return Symbol(self.within(ATOM) + (power.text.translate(RAISED) if whole else f"^{power.within(ATOM)}"), POWER)

    def __matmul__(self, other: Any) -> Symbol:
        return infix(self, " @ ", other, PRODUCT)

    def __neg__(self) -> Symbol:
        return Symbol(f"−{self.within(UNARY)}", UNARY)

    def __invert__(self) -> Symbol:
        return Symbol(f"not {self.within(UNARY)}", UNARY)

    def __gt__(self, other: Any) -> Symbol:
        return infix(self, " > ", other, COMPARISON)

    def __ge__(self, other: Any) -> Symbol:
        return infix(self, " ≥ ", other, COMPARISON)

    def __lt__(self, other: Any) -> Symbol:
        return infix(self, " < ", other, COMPARISON)

    def __le__(self, other: Any) -> Symbol:
        return infix(self, " ≤ ", other, COMPARISON)

    def __ne__(self, other: object) -> Symbol:  # type: ignore[override]
        return infix(self, " ≠ ", other, COMPARISON)

    def __eq__(self, other: object) -> Symbol:  # type: ignore[override]
        return infix(self, " = ", other, COMPARISON)

    def __and__(self, other: Any) -> Symbol:
        return infix(self, " and ", other, COMPARISON)

    def __or__(self, other: Any) -> Symbol:
        return infix(self, " or ", other, COMPARISON)

    __hash__ = None  # type: ignore[assignment]


def symbol(x: Any) -> Symbol:
    """Return a name or number as a formula."""
    if isinstance(x, Symbol):
        return x
    if isinstance(x, (bool, int, float, np.number)):
        text = number(x)
        return Symbol(text, UNARY if text.startswith("−") else ATOM)
    return Symbol(brief(x) or "…" if isinstance(x, np.ndarray) else str(x))


def word(text: str) -> Symbol:
    """Return a name as a formula; one that could be read as an expression itself goes into brackets.

    >>> word("e + 1") * word("x"), word("layers['a']") * word("w[0]")
    ((e + 1)·x, layers['a']·w[0])
    """
    bare = re.sub(r"\([^()]*\)|\[[^\[\]]*\]", "", text)
    return Symbol(text, ATOM if re.fullmatch(r"[\w.…]*", bare) else 0)


def infix(left: Any, sign: str, right: Any, binds: int, *, tight: bool = False) -> Symbol:
    """Write an operator between two formulas; `tight` ones want brackets round an equal on their right."""
    return Symbol(symbol(left).within(binds) + sign + symbol(right).within(binds + tight), binds)


def product(left: Symbol, right: Symbol) -> Symbol:
    """Write a product, leaving out ones."""
    if left.text == "1":
        return right
    if right.text == "1":
        return left
    if right.text == "−1":
        return -left
    if left.text == "−1":
        return -right
    return times(left, right)


def times(left: Symbol, right: Symbol) -> Symbol:
    """Write a product as it was written, ones too.

    >>> times(Symbol("1"), Symbol("x"))
    1·x
    """
    binds = PRODUCT + (right.binds == PRODUCT and "/" in right.text)
    return Symbol(f"{left.within(PRODUCT)}·{right.within(binds)}", PRODUCT)


Forms = dict[str, Callable[..., Symbol]]

# Each takes the inputs by position and the settings by name, `None` where a setting is not known any more.
FORMS: Forms = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "rsub": lambda x, y: y - x,
    "mul": lambda x, y: x * y,
    "div": lambda x, y: x / y,
    "mm": lambda x, y: x @ y,
    "mv": lambda x, y: x @ y,
    "bmm": lambda x, y: x @ y,
    "dot": lambda x, y: x @ y,
    "addmm": lambda bias, x, y: x @ y + bias,
    "pow": lambda x, exponent=None: x ** ("…" if exponent is None else exponent),
    "pow_tensor": lambda x, y: x**y,
    "pow_of_number": lambda y, base=None: symbol("…" if base is None else base) ** y,
    "gt": lambda x, y: x > y,
    "ge": lambda x, y: x >= y,
    "lt": lambda x, y: x < y,
    "le": lambda x, y: x <= y,
    "eq": lambda x, y: x == y,
    "ne": lambda x, y: x != y,
    "neg": lambda x: -x,
    "t": lambda x: turned(x),
    "transpose": lambda x, **_: turned(x),
    "abs": lambda x: Symbol(f"|{x.text}|"),
    "sqrt": lambda x: Symbol(f"√{x.within(ATOM)}", POWER),
    "reciprocal": lambda x: 1 / x,
    "sum_dim": lambda x, dims=(), **_: Symbol(f"sum({x.text}{dim_text(dims)})"),
    "mean_dim": lambda x, dims=(), **_: Symbol(f"mean({x.text}{dim_text(dims)})"),
    "keep": lambda x, condition: Symbol(f"{x.within(PRODUCT)} where {condition.text}", COMPARISON),
    "relu_back": lambda x, y: Symbol(f"{x.within(PRODUCT)} where {y.text} > 0", COMPARISON),
    "zeros_like": lambda x: Symbol("0"),
}

# What only moves numbers about is left out of a derivative...
SILENT: Forms = dict.fromkeys(("spread", "sum_to", "reshape", "view", "unsqueeze", "cast", "clone"), lambda x, **_: x)

# ...but it is told as an operation of the user's, a number before what it multiplies.
SPOKEN: Forms = {
    "mul": lambda x, y: y * x if y.is_number and not x.is_number else x * y,
    "reshape": lambda x, to=("…",): method(x, "reshape", *to),
    "view": lambda x, to=("…",): method(x, "view", *to),
    "unsqueeze": lambda x, dim="": method(x, "unsqueeze", dim),
    "squeeze": lambda x: method(x, "squeeze"),
    "squeeze_dim": lambda x, **_: method(x, "squeeze"),
    "expand": lambda x, to=("…",): method(x, "expand", *to),
    "clone": lambda x: method(x, "clone"),
    "cast": lambda x, to="", **_: method(x, "to", to),
    "select": lambda x, dim=0, index="…": Symbol(f"{x.within(ATOM)}[{':, ' * dim}{index}]"),
    "narrow": lambda x, dim=0, start="…", length=None, step=1: Symbol(
        f"{x.within(ATOM)}[{':, ' * dim}{slice_text(start, length, step)}]"
    ),
    "index": lambda x, **_: Symbol(f"{x.within(ATOM)}[…]"),
    "winner": lambda x, **_: Symbol(f"max({x.text})"),
    "loser": lambda x, **_: Symbol(f"min({x.text})"),
    "copy_slices": lambda base, part, **_: Symbol(f"{base.text} with {part.text} in it", 0),
    "as_strided": lambda x, **_: Symbol(f"part of {x.text}", 0),
    "fill_": lambda x, value="…": symbol(value),
    "zero_": lambda x: Symbol("0"),
    "copy_": lambda x, source: source,
    "index_put_": lambda x, value, **_: Symbol(f"{x.text} with {value.text} in it", 0),
}


def turned(x: Symbol) -> Symbol:
    """Write a transposed matrix; turned twice it is the matrix again."""
    return Symbol(x.text.removesuffix("ᵀ") if x.text.endswith("ᵀ") else f"{x.within(ATOM)}ᵀ")


def method(x: Symbol, name: str, *arguments: Any) -> Symbol:
    """Write the call of a method."""
    return Symbol(f"{x.within(ATOM)}.{name}({', '.join(map(str, arguments))})")


def dim_text(dims: Sequence[int]) -> str:
    """Write the dimensions of a reduction as its second argument."""
    return f", dim={dims[0] if len(dims) == 1 else tuple(dims)}" if dims else ""


def slice_text(start: Any, length: int | None, step: int) -> str:
    """Write a slice as the user did, more or less."""
    stop = "" if length is None else start + length * step
    return f"{start or ''}:{stop}" + (f":{step}" if step != 1 else "")


def applied(rule: Primitive, inputs: Sequence[Symbol], settings: dict[str, Any], *tables: Forms) -> Symbol:
    """Write an operation on formulas, as the first table says that knows it."""
    for table in tables or (FORMS, SILENT):
        if rule.name in table:
            return table[rule.name](*inputs, **settings)
    return Symbol(f"{rule.name}({', '.join(x.text for x in inputs)})")


def written(rule: Primitive, inputs: Sequence[Symbol], settings: dict[str, Any]) -> Symbol:
    """Write an operation of the user's: `s·t`, `x.reshape(4)`."""
    try:
        return applied(rule, inputs, settings, SPOKEN, FORMS)
    except TypeError:  # a setting that nobody remembers
        return applied(rule, inputs, {}, {})


def pulled(
    rule: Primitive,
    slot: int,
    inputs: Sequence[Symbol | str],
    out: Symbol | str,
    arriving: str = "g",
    *,
    shape: tuple[int, ...] = (),
    **settings: Any,
) -> str:
    """Return what a rule sends to one input, as a formula of the arriving gradient; empty if it cannot be written."""
    if rule.many:
        return arriving
    formula = rule.pullbacks.get(rule.inputs[slot])
    if formula is None:
        return ""
    words: dict[str, Any] = {name: named(text) for name, text in zip(rule.inputs, inputs, strict=False)}
    words |= {"out": named(out), "shape": shape, **settings}
    reads = ["shape" if name.startswith("shape of") else name for name in rule.plan(1 << slot).saves]
    try:
        return str(formula(Symbol(arriving), *(words[name] for name in reads)))
    except Exception:  # noqa: BLE001, a rule that peeks at numbers has no formula to show; the numbers are shown instead
        return ""


def named(x: Symbol | str) -> Symbol:
    """Return a name as a formula, a formula as it is."""
    return x if isinstance(x, Symbol) else word(x)


def local(rule: Primitive, slot: int, inputs: Sequence[Symbol | str], out: Symbol | str, **settings: Any) -> str:
    """Return the local derivative with respect to one input: what a gradient of 1 becomes."""
    return pulled(rule, slot, inputs, out, "1", **settings)
