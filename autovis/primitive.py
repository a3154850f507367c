"""What an operation is: how to compute it, and how to pull a gradient back through it.

A primitive asks its arguments what to do. Given arrays it computes. Given tensors it lets them compute and record (that
is `create_graph=True`, to any order). Given names it lets them write the formula that the picture shows. One formula,
three readings; this file knows none of the three.

>>> import numpy as np
>>> cube = Primitive("cube", lambda x: x * x * x, x=lambda g, x: g * 3 * x * x)
>>> cube(np.array([1.0, 2.0]))
array([1., 8.])
>>> cube.plan(1).saves
('x',)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

__all__ = ["Elementwise", "Plan", "Primitive", "Pull"]

Values = Sequence[Any]

CO_VARARGS = 4  # as in `inspect`, which is dear to import


class Pull(NamedTuple):
    """How the gradient of one input is worked out.

    Attributes:
        slot: position of the input.
        formula: the pullback as it was written: `lambda g, y: g * y`.
        reads: what it reads besides `g`, as positions in the node's saved values.
        only: that position where it is one; -1 where it reads nothing, -2 where it reads several.
        run: the same, as a function of `g` and all saved values.
    """

    slot: int
    formula: Callable[..., Any]
    reads: tuple[int, ...]
    only: int
    run: Callable[[Any, Values], Any]


class Plan:
    """What a node of this operation keeps, once it is known which inputs want a gradient.

    Attributes:
        saves: the names that the wanted pullbacks read.
        pulls: one for each input that wants a gradient.
        pick: from (inputs, output, settings in order, shapes of the inputs) to the saved values.
        tensors: positions in `saves` of inputs and of the output: what is freed after backward, and checked for edits.
        inputs: for each of `tensors`, the position of the input, or -1 for the output.
        plain: whether nothing but inputs and output is read: no settings, no shapes.
        frees: whether something is dropped after backward: a tensor, or an array among the settings.
        size: how many values that are.
        partial: whether some input that wants a gradient has no pullback.
        node_type: the class of its nodes, made by `graph` when first needed.
    """

    __slots__ = ("frees", "inputs", "node_type", "partial", "pick", "plain", "pulls", "saves", "size", "tensors")

    def __init__(
        self,
        saves: tuple[str, ...] = (),
        pulls: tuple[Pull, ...] = (),
        pick: Callable[[Values], tuple[Any, ...]] = lambda values: (),
        tensors: tuple[int, ...] = (),
        inputs: tuple[int, ...] = (),
        *,
        plain: bool = True,
        frees: bool = False,
        partial: bool = False,
    ) -> None:
        self.saves = saves
        self.size = len(saves)
        self.pulls = pulls
        self.pick = pick
        self.tensors = tensors
        self.inputs = inputs
        self.plain = plain
        self.frees = frees
        self.partial = partial
        self.node_type: Any = None


class Primitive:
    """An operation: a forward on arrays, and a pullback for each input that can be differentiated.

    A pullback is written against operators and other primitives. Its first parameter is the arriving gradient `g`; the
    others name what it reads: an input, `out` (the result), a setting, or `shape` (the shape of the input in
    question). That list is what a node saves, and only for inputs that want a gradient.

    Args:
        name: PyTorch's name of the operation, `mul`.
        forward: on arrays; positional parameters are inputs, keyword-only ones are settings.
        node: name of the graph node; `MulBackward0` unless given.
        symbol: what stands on the operation in a picture; the name unless given.
        inputs: names of the inputs, for a NumPy function whose own signature does not say them.
        outputs: how many tensors the forward returns; above 1 as a tuple, 0 if that depends on the settings.
        view: whether the result shares memory with the first input.
        arrays: names of settings that hold arrays, such as an index.
        **pullbacks: input name -> pullback.

    Raises:
        TypeError: when a pullback belongs to no input, or reads what does not exist.
    """

    broadcasts = False
    swift: Callable[..., Any] | None = None  # the same for usual tensors, made by `recording`

    def __init__(
        self,
        name: str,
        forward: Callable[..., Any],
        *,
        node: str | None = None,
        symbol: str | None = None,
        inputs: str = "",
        outputs: int = 1,
        view: bool = False,
        arrays: str = "",
        **pullbacks: Callable[..., Any],
    ) -> None:
        self.name = self.__name__ = name
        self.node = node or name.title().replace("_", "") + "Backward0"
        self.symbol = symbol or name
        self.outputs = outputs
        self.view = view
        self.arrays = frozenset(arrays.split())
        self.forward = forward
        self.pullbacks = pullbacks
        self.inputs, self.settings, self.many = (tuple(inputs.split()), (), False) if inputs else parameters(forward)
        self.defaults: dict[str, Any] = getattr(forward, "__kwdefaults__", None) or {}
        self._plans: dict[int, Plan] = {}
        for wanted in pullbacks:
            if wanted not in self.inputs:
                raise TypeError(f"{name}: a pullback is given for {wanted!r}, which is no input of it")

    def __repr__(self) -> str:
        return f"<primitive {self.name}>"

    def __call__(self, *inputs: Any, **settings: Any) -> Any:
        """Let the first argument that knows how run this operation; plain arrays compute."""
        for value in inputs:
            apply = getattr(type(value), "__apply__", None)
            if apply is not None:
                return apply(self, inputs, settings)
        return self.forward(*inputs, **settings)

    def plan(self, wants: int, count: int = 0) -> Plan:
        """Return what to keep when the inputs of this bit mask want a gradient; worked out once for each mask.

        Args:
            wants: bit i is set when input i wants a gradient.
            count: how many inputs there are, for an operation that takes any number.
        """
        key = wants if not self.many else wants << 16 | count
        found = self._plans.get(key)
        if found is None:
            found = self._plans[key] = self._make_plan(wants, count or len(self.inputs))
        return found

    def _make_plan(self, wants: int, count: int) -> Plan:
        names = list(self.inputs) if not self.many else [f"{self.inputs[0]}{i}" for i in range(count)]
        everything = [*names, "out", *self.settings, *(f"shape of {name}" for name in names)]
        chosen = [(slot, self._formula(slot)) for slot in range(count) if wants >> slot & 1]
        reads = [self._reads(slot, formula, names) for slot, formula in chosen if formula is not None]
        saves = tuple(dict.fromkeys(name for words in reads for name in words))
        pulls = []
        for (slot, formula), words in zip(((s, f) for s, f in chosen if f is not None), reads, strict=True):
            where = tuple(saves.index(word) for word in words)
            only = -1 if not where else where[0] if len(where) == 1 else -2
            pulls.append(Pull(slot, formula, where, only, bind(formula, where)))
        tensors = tuple(i for i, name in enumerate(saves) if name in names or name == "out")
        return Plan(
            saves=saves,
            pulls=tuple(pulls),
            pick=picker(tuple(everything.index(name) for name in saves)),
            tensors=tensors,
            inputs=tuple(-1 if saves[i] == "out" else names.index(saves[i]) for i in tensors),
            plain=all(everything.index(name) <= len(names) for name in saves),
            frees=bool(tensors or self.arrays.intersection(saves)),
            partial=len(pulls) < len(chosen),
        )

    def _formula(self, slot: int) -> Callable[..., Any] | None:
        if not self.many:
            return self.pullbacks.get(self.inputs[slot])
        shared = self.pullbacks[self.inputs[0]]
        return lambda g, *settings: shared(g, slot, *settings)

    def _reads(self, slot: int, formula: Callable[..., Any], names: list[str]) -> Sequence[str]:
        if self.many:
            return self.settings
        words = parameters(formula)[0][1:]
        for word in words:
            if word not in names and word not in self.settings and word not in ("out", "shape"):
                raise TypeError(f"{self.name}: a pullback reads {word!r}, which the operation does not have")
        return [f"shape of {names[slot]}" if word == "shape" else word for word in words]


class Elementwise(Primitive):
    """A primitive that broadcasts its inputs and works element by element.

    Inputs of different kinds are converted to one kind before the forward, and each gradient is summed back to the
    shape of its input afterwards, so the formulas say nothing of either.

    Args:
        floats: whether integers are converted to the default float first (`exp`, `div`).
        result: kind of the result where it is not the inputs' kind: `bool` for comparisons.

    Attributes:
        converts: positions of the inputs that are brought to one kind; conditions stay what they are.
        first, rest: the same, apart.
    """

    broadcasts = True

    def __init__(
        self, name: str, forward: Callable[..., Any], *, floats: bool = False, result: str | None = None, **more: Any
    ) -> None:
        super().__init__(name, forward, **more)
        self.floats = floats
        self.result = result
        self.converts = tuple(i for i, word in enumerate(self.inputs) if word not in ("condition", "mask"))
        self.first, self.rest = self.converts[0], self.converts[1:]


def parameters(function: Any) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
    """Return the positional parameters, the keyword-only ones, and whether there may be any number of the former.

    Read from the code object: `inspect.signature` would cost more than all the rest of defining the rules.
    """
    code = function.__code__
    first, last = code.co_argcount, code.co_argcount + code.co_kwonlyargcount
    many = bool(code.co_flags & CO_VARARGS)
    names = code.co_varnames
    return names[:first] + names[last : last + many], names[first:last], many


def picker(where: tuple[int, ...]) -> Callable[[Values], tuple[Any, ...]]:
    """Return a function that picks these positions as a tuple, at the speed of C; one by a slice, which is a tuple."""
    if not where:
        return lambda values: ()
    return itemgetter(slice(where[0], where[0] + 1) if len(where) == 1 else where[0], *where[1:])


def bind(formula: Callable[..., Any], where: tuple[int, ...]) -> Callable[[Any, Values], Any]:
    """Fix once and for all which saved values a pullback reads."""
    if not where:
        return lambda g, saved: formula(g)
    if len(where) == 1:
        (only,) = where
        return lambda g, saved: formula(g, saved[only])
    pick = itemgetter(*where)
    return lambda g, saved: formula(g, *pick(saved))
