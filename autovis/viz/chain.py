"""The chain rule at one operation, written out: what arrives, the local derivative, their product, what is sent.

Operations that work number by number show the local derivative as a formula and as a number. The others move numbers
about or mix them; what they do to a gradient is told in words, or as a product of matrices with its shapes, never as a
Jacobian.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from autovis.language import say
from autovis.past import is_summary
from autovis.primitive import Elementwise, Plan
from autovis.records import Pulled
from autovis.viz.numerals import text_of
from autovis.viz.reading import Symbol, local, pulled
from autovis.viz.scene import Row
from autovis.viz.story import Deed, Story

__all__ = ["Step", "steps"]

ORDINALS = ("first", "second", "third")

# Operations that only a backward pass performs; their names would explain nothing.
INTERNAL = re.compile(
    r"\b(avg_pool_back|award|conv_input|conv_weight|embed|erase|index_put|insert|larger_share|others|pool_put|pool_take"
    r"|reverse_cumsum|scatter_add|undiagonal|unrepeat)\("
)

WIDE = 40  # characters; a longer formula says less than a sentence


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the chain rule, and whether the gradient passes unchanged, apart from its shape."""

    row: Row
    through: bool


@dataclass(frozen=True, slots=True)
class Case:
    """What is known about the gradient of one input.

    Attributes:
        deed: the operation.
        slot: which input.
        inputs, out: names of the inputs and of the result, as formulas.
        shape: of the input.
        formula: the operation, written on its inputs.
        arriving, gradient: the numbers that arrive and that are sent.
        value: the local derivative in numbers, as text; empty if it is none, or not known.
    """

    deed: Deed
    slot: int
    inputs: tuple[Symbol, ...]
    out: Symbol
    shape: tuple[int, ...]
    formula: str
    arriving: Any
    gradient: Any
    value: str

    @property
    def derivative(self) -> str:
        """Write `d(s·t)/ds`; of an input that is used twice, which of the two."""
        name = self.inputs[self.slot]
        twins = [slot for slot, ref in enumerate(self.deed.inputs) if ref == self.deed.inputs[self.slot]]
        if len(twins) > 1:
            place = twins.index(self.slot)
            twin = say("chain", ORDINALS[place] if place < 3 else "later", place=place + 1, name=name.text)
            return f"d({self.formula})/d({twin})"
        simple = re.fullmatch(r"[\w.]+", name.text)
        return f"d({self.formula})/d{name if simple else f'({name})'}"

    @property
    def arrives(self) -> str:
        """What arrives, as text."""
        return text_of(self.arriving)

    @property
    def sent(self) -> str:
        """What is sent, as text."""
        return text_of(self.gradient)

    def rule(self, of: Callable[..., str]) -> str:
        """Write the pullback of this input (`pulled`) or the local derivative (`local`) as a formula."""
        assert self.deed.rule is not None
        return of(self.deed.rule, self.slot, self.inputs, self.out, shape=self.shape, **self.deed.settings)


Told = tuple[str, str, bool]  # local, product, through


def told_as(case: Case, key: str, *, through: bool, **args: object) -> Told:
    """Tell in words: the local derivative, and the product."""
    product = say("chain", f"{key}_product", arrives=case.arrives, sent=case.sent, **args)
    return say("chain", key, **args), product, through


def elementwise(case: Case) -> Told:
    """An operation that works number by number."""
    rule, value = case.rule(local), case.value
    if rule.removeprefix("−").replace(".", "").isdigit():
        value = rule  # the same number everywhere
    parts = [case.derivative, rule or value, value]
    told = " = ".join(part for part in dict.fromkeys(parts) if part)
    factor = value or (rule if len(rule) <= WIDE else say("chain", "local"))
    shape = np.broadcast_shapes(np.shape(case.arriving), case.shape)
    key = "product" if np.shape(case.gradient) == shape else "product_summed"
    return told, say("chain", key, arrives=case.arrives, local=factor, sent=case.sent), rule == "1"


def copied(case: Case) -> Told:
    """A sum: every summand receives the whole gradient."""
    return told_as(case, "copied", through=True)


def shared(case: Case) -> Told:
    """A mean: every element receives its share."""
    count = prod(case.shape) // max(int(np.size(case.arriving)), 1)
    return told_as(case, "shared", through=False, count=count)


def moved(case: Case) -> Told:
    """An operation that only moves numbers about."""
    return told_as(case, "moved", through=True)


def taken(case: Case) -> Told:
    """An operation that reads a part of its input."""
    return told_as(case, "taken", through=True)


def added(case: Case) -> Told:
    """An operation that copies its input: the gradients of the copies are added up."""
    return told_as(case, "added", through=True)


def parted(case: Case) -> Told:
    """An operation that puts its inputs side by side."""
    return told_as(case, "parted", through=True)


def gathered(case: Case) -> Told:
    """An operation that takes its input apart."""
    return told_as(case, "gathered", through=True)


def won(case: Case) -> Told:
    """A largest or smallest element: the winner takes the gradient."""
    return told_as(case, "won", through=False)


def plain(case: Case) -> Told:
    """A copy."""
    return f"{case.derivative} = 1", f"{case.arrives} × 1 = {case.sent}", True


def matrix(case: Case) -> Told:
    """A product of matrices: the gradient times the other factor, turned over."""
    left, right = (list(np.shape(x)) for x in (case.arriving, case.gradient))
    formula = case.rule(pulled)
    if formula.startswith("g @ ") and left and right:
        shapes = f"{brackets(left)}·{brackets([left[-1], right[-1]])} → {brackets(right)}"
    elif formula.endswith(" @ g") and left and right:
        factor = [right[-2], left[-2]] if len(left) > 1 and len(right) > 1 else [right[0], left[0]]
        shapes = f"{brackets(factor)}·{brackets(left)} → {brackets(right)}"
    elif formula == "g":
        return f"{case.derivative} = 1", say("chain", "rows_product", arrives=case.arrives, sent=case.sent), False
    else:
        return other(case)
    return f"vᵀJ = {formula}", f"{formula}: {shapes} = {case.sent}", False


def other(case: Case) -> Told:
    """Anything else: the formula of the whole pullback, if it can be read."""
    formula = case.rule(pulled)
    if not formula or len(formula) > WIDE or INTERNAL.search(formula):
        return say("chain", "whole", name=case.inputs[case.slot].text), case.sent, False
    return f"vᵀJ = {formula}", f"{formula} = {case.sent}", False


KINDS: Mapping[Callable[[Case], Told], str] = {
    copied: "sum sum_dim",
    shared: "mean mean_dim",
    moved: "reshape view unsafe_view unsqueeze squeeze squeeze_dim squeeze_ t transpose permute flip roll",
    taken: "index select narrow gather diagonal as_strided tril triu copy_slices index_put_",
    added: "expand spread repeat",
    parted: "cat stack",
    gathered: "unbind split split_with_sizes chunk",
    won: "max min amax amin winner loser",
    plain: "clone cast sum_to",
    matrix: "mm mv bmm addmm dot",
}

TELLERS: Mapping[str, Callable[[Case], Told]] = {
    name: teller for teller, names in KINDS.items() for name in names.split()
}


def steps(story: Story, deed: Deed, event: Pulled, plan: Plan | None) -> list[Step]:
    """Write a row for every input that is sent something.

    Args:
        story: names the values.
        deed: the operation.
        event: what it did to the gradient.
        plan: how it pulls; None if that is not known.
    """
    assert deed.rule is not None
    inputs = tuple(story.symbol(ref) for ref in deed.inputs)
    rows = []
    for slot, gradient in enumerate(event.sent[: len(deed.inputs)]):
        if gradient is None:
            continue
        case = Case(
            deed,
            slot,
            inputs,
            story.symbol(deed.outputs[0]),
            np.shape(gradient),
            story.formula(deed).text,
            event.arriving,
            gradient,
            local_value(deed, event, plan, slot),
        )
        teller = TELLERS.get(deed.rule.name, elementwise if isinstance(deed.rule, Elementwise) else other)
        told, product, through = teller(case)
        link = story.link(story.things[deed.inputs[slot]].id, deed.id, slot)
        rows.append(Step(Row(link, inputs[slot].text, case.arrives, told, product, case.sent), through))
    return rows


def local_value(deed: Deed, event: Pulled, plan: Plan | None, slot: int) -> str:
    """Compute the local derivative by asking the rule what it makes of ones; empty if it works on more than numbers."""
    pull = next((pull for pull in plan.pulls if pull.slot == slot), None) if plan is not None else None
    numbers = (event.arriving, *(event.saved or ()))
    if pull is None or event.saved is None or not isinstance(deed.rule, Elementwise) or any(map(is_summary, numbers)):
        return ""
    if isinstance(event.arriving, tuple):
        return ""
    with np.errstate(all="ignore"):
        return text_of(pull.run(np.ones_like(event.arriving), event.saved))


def brackets(shape: list[int]) -> str:
    """Write a shape as the sizes of a matrix, `[1,4]`."""
    return f"[{','.join(map(str, shape))}]"
