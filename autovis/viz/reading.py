"""The third reading of a rule: given names instead of numbers, it writes its own formula.

The pullback of `mul`, `lambda g, y: g * y`, called with `Symbol("g")` and `Symbol("t")` returns the symbol `g·t`. Nothing
is parsed and nothing is written twice: the label on an edge is the rule itself.

>>> from autovis.rules.elementwise import mul, pow_number
>>> local(mul, 0, ["s", "t"], "y")
't'
>>> local(pow_number, 0, ["x"], "y", exponent=2)
'2·x'
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from autovis.primitive import Primitive

__all__ = ["Symbol", "applied", "local", "pulled", "word"]

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
        return self if power.text == "1" else Symbol(f"{self.within(ATOM)}^{power.within(ATOM)}", POWER)

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


class Sized(Symbol):
    """A symbol of known shape, for pullbacks that ask for one."""

    __slots__ = ("shape",)

    def __init__(self, text: str, shape: tuple[int, ...]) -> None:
        super().__init__(text)
        self.shape = shape  # type: ignore[misc]


def symbol(x: Any) -> Symbol:
    """Return a name or number as a formula."""
    if isinstance(x, Symbol):
        return x
    if isinstance(x, float):
        return Symbol(f"{x:.4g}".replace("-", "−"), ATOM if x >= 0 else UNARY)
    return Symbol(str(x).replace("-", "−"), UNARY if isinstance(x, int) and x < 0 else ATOM)


def word(text: str) -> Symbol:
    """Return a name as a formula; one that is an expression itself goes into brackets.

    >>> word("e + 1") * word("x"), word("f(x)") * word("w[0]")
    ((e + 1)·x, f(x)·w[0])
    """
    bare = re.sub(r"\([^()]*\)|\[[^\[\]]*\]", "", text)
    return Symbol(text, ATOM if re.fullmatch(r"[\w.…ᵀ]*", bare) else 0)


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
    return Symbol(
        f"{left.within(PRODUCT)}·{right.within(PRODUCT + (right.binds == PRODUCT and '/' in right.text))}", PRODUCT
    )


INFIX: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "rsub": lambda x, y: y - x,
    "mul": lambda x, y: x * y,
    "div": lambda x, y: x / y,
    "pow_tensor": lambda x, y: x**y,
    "mm": lambda x, y: x @ y,
    "mv": lambda x, y: x @ y,
    "bmm": lambda x, y: x @ y,
    "dot": lambda x, y: x @ y,
    "gt": lambda x, y: x > y,
    "ge": lambda x, y: x >= y,
    "lt": lambda x, y: x < y,
    "le": lambda x, y: x <= y,
    "eq": lambda x, y: x == y,
    "ne": lambda x, y: x != y,
}

UNARY_FORMS: dict[str, Callable[[Symbol], Symbol]] = {
    "neg": lambda x: -x,
    "t": lambda x: Symbol(f"{x.within(ATOM)}ᵀ"),
    "transpose": lambda x: Symbol(f"{x.within(ATOM)}ᵀ"),
    "abs": lambda x: Symbol(f"|{x.text}|"),
    "sqrt": lambda x: Symbol(f"√{x.within(ATOM)}", POWER),
    "reciprocal": lambda x: 1 / x,
    "spread": lambda x: x,
    "sum_to": lambda x: x,
    "reshape": lambda x: x,
    "view": lambda x: x,
    "unsqueeze": lambda x: x,
    "cast": lambda x: x,
    "clone": lambda x: x,
    "zeros_like": lambda x: Symbol("0"),
}


def applied(rule: Primitive, inputs: Sequence[Symbol], settings: dict[str, Any]) -> Symbol:
    """Write an operation on formulas."""
    if rule.name in INFIX and len(inputs) == 2:
        return INFIX[rule.name](*inputs)  # type: ignore[no-any-return]
    if rule.name in UNARY_FORMS:
        return UNARY_FORMS[rule.name](inputs[0])
    if rule.name == "pow":
        return inputs[0] ** settings["exponent"]
    if rule.name == "pow_of_number":
        return symbol(settings["base"]) ** inputs[0]
    if rule.name == "keep":
        return product(inputs[0], Symbol(f"[{inputs[1].text}]"))
    return Symbol(f"{rule.name}({', '.join(x.text for x in inputs)})")


def pulled(rule: Primitive, slot: int, inputs: Sequence[str], out: str, arriving: str = "g", **settings: Any) -> str:
    """Return what a rule sends to one input, as a formula of the arriving gradient; empty if it cannot be written."""
    shapes = settings.pop("shapes", None)
    if rule.many:
        return arriving
    formula = rule.pullbacks.get(rule.inputs[slot])
    if formula is None:
        return ""
    words: dict[str, Any] = {name: word(text) for name, text in zip(rule.inputs, inputs, strict=False)}
    words["out"] = word(out)
    words["shape"] = shapes[slot] if shapes else ()
    words.update(settings)
    plan = rule.plan(1 << slot)
    names = ["shape" if name.startswith("shape of") else name for name in plan.saves]
    try:
        return str(formula(Symbol(arriving), *(words[name] for name in names)))
    except Exception:  # noqa: BLE001, a rule that peeks at numbers has no formula to show; the numbers are shown instead
        return ""


def local(rule: Primitive, slot: int, inputs: Sequence[str], out: str, **settings: Any) -> str:
    """Return the local derivative with respect to one input: what a gradient of 1 becomes."""
    return pulled(rule, slot, inputs, out, "1", **settings)
