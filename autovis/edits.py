"""What changes a tensor in place: `add_`, `zero_`, `copy_`, `+=`, `x[i] = v`.

An edit writes into the tensor's memory, counts up its version, and, while operations are recorded, gives the tensor a
new history. `Tensor._edit` does all three; a row here says which rule computes the new values.
"""

from __future__ import annotations

from collections.abc import Callable
from numbers import Number
from types import SimpleNamespace
from typing import Any, Self

import numpy as np

from autovis import dtypes, errors, events
from autovis.arrays import DeviceArray
from autovis.modes import recording
from autovis.operators import Operand, is_advanced, numpy_index
from autovis.primitive import Elementwise, Primitive
from autovis.recording import compute, record
from autovis.rules import elementwise as el
from autovis.rules import index as ix
from autovis.rules import special as sp
from autovis.slots import Bare
from autovis.views import Views

__all__ = ["Edits"]

Rule = Primitive


def _row(rule: Rule, doc: str, scaled: Rule | None = None) -> Callable[..., Any]:
    def run(self: Any, *others: Any, alpha: float = 1) -> Any:
        return self._edit(rule, others) if scaled is None or alpha == 1 else self._edit(scaled, others, alpha=alpha)

    run.__name__, run.__doc__ = f"{rule.name}_", doc
    return run


def _assign(rule: Rule) -> Callable[[Any, Any], Any]:
    def run(self: Any, other: Any) -> Any:
        return self._edit(rule, (other,)) if isinstance(other, (Operand, Number, np.generic)) else NotImplemented

    return run


copy = Elementwise(
    "copy_",
    lambda x, source: np.broadcast_to(source, np.broadcast_shapes(np.shape(x), np.shape(source))).astype(x.dtype),
    node="CopyBackwards",
    x=lambda g: el.zeros_like(g),
    source=lambda g: g,
)
fill = Elementwise(
    "fill_", lambda x, *, value: np.full_like(x, value), node="FillBackward2", x=lambda g: el.zeros_like(g)
)
fill_from = Elementwise(
    "fill_",
    lambda x, value: np.full_like(x, value),
    node="FillBackward3",
    x=lambda g: el.zeros_like(g),
    value=lambda g: g,
)
zero = Elementwise("zero_", lambda x: np.zeros_like(x), node="ZeroBackward0", x=lambda g: el.zeros_like(g))


KEEPS_KIND = frozenset({"copy_", "fill_", "zero_"})  # rules whose operands are not brought to one kind


FILLS = frozenset({"fill_", "zero_"})  # rules that may write to one number twice


def overlapping(array: Any) -> bool:
    """Whether several elements are one number in memory."""
    return array.size > 0 and any(n > 1 and not step for n, step in zip(array.shape, array.strides, strict=True))


def unlocked(array: Any) -> Any:
    """Return the array for writing, also where `expand` shows memory that others write to."""
    if array.flags.writeable:
        return array
    if isinstance(array, DeviceArray):
        return array.unlocked(unlocked)
    memory = array.__array_interface__ | {"data": (array.__array_interface__["data"][0], False)}
    return np.asarray(SimpleNamespace(__array_interface__=memory, kept=array))


def reads_first(rule: Rule, others: tuple[Any, ...]) -> bool:
    """Whether some pullback may read what the edited tensor held before, so that a copy has to be kept."""
    tracked = any(getattr(other, "requires_grad", False) for other in others)
    return rule.inputs[0] in rule.plan(3 if tracked else 1, 1 + len(others)).saves


def overlaps(target: Any, source: Any) -> bool:
    """Whether two tensors lie without gaps in memory that they share."""
    if target._counter is not source._counter and source._data.base is None:
        return False
    a, b = target._array(), source._array()
    return bool(a.flags.forc and b.flags.forc and np.may_share_memory(a, b))


def same_place(target: Any, source: Any) -> bool:
    """Whether each element of one is the same element of the other."""
    a, b = target._array(), source._array()
    return bool(a.ctypes.data == b.ctypes.data and a.shape == b.shape and a.strides == b.strides)


class Edits(Views):
    """The part of a tensor that changes it."""

    __slots__ = ()

    def _edit(self, rule: Primitive, others: tuple[Any, ...], **settings: Any) -> Self:
        """Write `rule(self, *others)` into this tensor's memory and give it the history that belongs to it.

        Raises:
            RuntimeError: for a leaf that requires grad while operations are recorded, or a view of one; if the result
                does not fit in shape or kind.
        """
        grows = recording.get()
        self._check_history(others)
        for other in others:
            if isinstance(other, Bare) and overlaps(self, other) and (rule is ix.put_at or not same_place(self, other)):
                raise errors.shared_memory()
        others = tuple(self._before(other) if grows else other for other in others)
        before = self.wrap(self._data, self._history() if grows else self._node, self._port)
        before._counter = self._counter
        operands = (before, *others)
        arrays = [x._data if isinstance(x, Bare) else x for x in operands]
        values = compute(rule, arrays, settings, keeps=rule.name in KEEPS_KIND)
        self._check_result(rule, values)
        if grows and reads_first(rule, others):
            before._data = self._data.copy("K")
            before._counter = [0]
        if events.listener is not None:
            events.listener.writing()
        self._write(values)
        self._check_inference(errors.inference_in_place)  # as late as in PyTorch
        self._counter[0] += 1
        node = record(rule, operands, [before._data, *arrays[1:]], self, settings) if grows else None
        if node is not None:
            noted: list[Any] = []
            for slot, (counter, version) in zip(node.plan.inputs, node.versions(), strict=True):
                noted += (counter, version - 1 if slot >= 0 and counter is self._counter else version)
            assert node.saved is not None
            node.saved = (*node.saved[: len(node.plan.saves)], *noted)
            self._rebase(node)
        if events.listener is not None:
            events.listener.bumped(self, rule, operands)
        return self

    def _before(self, other: Any) -> Any:
        """Return an operand with the history that it has before anything is written, if that touches it."""
        if not isinstance(other, Bare) or other._counter is not self._counter:
            return other
        node = other._history()
        if node is None:
            return other
        shown = self.wrap(other._data, node, other._port)
        shown._counter = other._counter
        return shown

    def _check_history(self, others: tuple[Any, ...]) -> None:
        """Refuse an edit that the graph could not tell."""
        asks = self.requires_grad or any(getattr(other, "requires_grad", False) for other in others)
        if not (asks and recording.get()):
            return
        self._check_view()
        base = self._base
        if base is not None and self.requires_grad and base._history() is None:
            raise errors.leaf_in_place(view=True)
        if self._flag and self._history() is None:
            raise errors.leaf_in_place()

    def _check_result(self, rule: Rule, values: Any) -> None:
        if values.shape != self._data.shape:
            raise errors.in_place_shape(self._data.shape, values.shape)
        if overlapping(self._data) and rule.name not in FILLS:
            raise errors.overlapping()
        if dtypes.RANK[values.dtype.kind] > dtypes.RANK[self._data.dtype.kind]:
            raise errors.result_type(dtypes.of_numpy(values.dtype).word, self.dtype.word)

    def _write(self, values: Any) -> None:
        if isinstance(self._data, np.generic):
            self._data = self._data.dtype.type(values)
        else:
            unlocked(self._data)[...] = values

    def _array(self) -> Any:
        """Return memory that others can share: a number computed by NumPy becomes an array of no dimensions."""
        if isinstance(self._data, np.generic):
            self._data = np.asarray(self._data)
        return self._data

    add_ = _row(el.add, "Add another tensor or number, in place.", el.add_scaled)
    sub_ = _row(el.sub, "Subtract another tensor or number, in place.", el.sub_scaled)
    mul_ = _row(el.mul, "Multiply by another tensor or number, in place.")
    div_ = _row(el.div, "Divide by another tensor or number, in place.")
    neg_ = _row(el.neg, "Change the sign, in place.")
    exp_ = _row(el.exp, "Apply exp, in place.")
    log_ = _row(el.log, "Apply log, in place.")
    sqrt_ = _row(el.sqrt, "Apply sqrt, in place.")
    tanh_ = _row(el.tanh, "Apply tanh, in place.")
    sigmoid_ = _row(el.sigmoid, "Apply sigmoid, in place.")
    relu_ = _row(el.relu, "Apply relu, in place.")
    abs_ = _row(el.absolute, "Take absolute values, in place.")
    round_ = _row(el.round_, "Round, in place.")
    floor_ = _row(el.floor, "Round down, in place.")
    ceil_ = _row(el.ceil, "Round up, in place.")
    sign_ = _row(el.sign, "Keep only the sign, in place.")
    sin_ = _row(el.sin, "Apply sin, in place.")
    reciprocal_ = _row(el.reciprocal, "Apply 1/x, in place.")
    zero_ = _row(zero, "Fill with zeros.")
    __iadd__ = _assign(el.add)
    __isub__ = _assign(el.sub)
    __imul__ = _assign(el.mul)
    __itruediv__ = _assign(el.div)

    def __ipow__(self, exponent: Any) -> Any:
        return self.pow_(exponent)

    def pow_(self: Any, exponent: Any) -> Any:
        """Raise to a power, in place."""
        if isinstance(exponent, Operand):
            return self._edit(el.pow_tensor, (exponent,))
        return self._edit(el.pow_number, (), exponent=exponent)

    def fill_(self: Any, value: Any) -> Any:
        """Fill with one number."""
        if not isinstance(value, Operand):
            return self._edit(fill, (), value=value)
        if value.ndim:
            raise RuntimeError(
                f"fill_ only supports 0-dimension value tensor but got tensor with {value.ndim} dimensions."
            )
        return self._edit(fill_from, (value,))

    def copy_(self: Any, source: Any) -> Any:
        """Take over the values of another tensor, which may be smaller and of another kind."""
        if isinstance(source, Operand):
            source = source.to(self.device)
        elif self.device.type != "cpu":
            source = self.new_full((), source)
        return self._edit(copy, (source,))

    def clamp_(self: Any, min: Any = None, max: Any = None) -> Any:
        """Move to the nearer bound, in place."""
        return self._edit(el.clamp, (), low=min, high=max)

    clip_ = clamp_

    def clamp_min_(self: Any, min: float) -> Any:
        """Move up to a bound, in place."""
        return self._edit(el.clamp_min, (), low=min, high=None)

    def square_(self: Any) -> Any:
        """Square, in place."""
        return self.pow_(2)

    def masked_fill_(self: Any, mask: Any, value: Any) -> Any:
        """Fill with one number where the mask holds."""
        if not isinstance(value, Operand):
            return self._edit(el.masked_fill, (mask,), value=value)
        if value.ndim:
            raise RuntimeError(
                "masked_fill_ only supports a 0-dimensional value tensor, but got tensor with"
                f" {value.ndim} dimension(s)."
            )
        return self._edit(sp.masked_fill_tensor, (mask, value))

    def lerp_(self: Any, end: Any, weight: float) -> Any:
        """Go the share `weight` of the way to another tensor, in place."""
        return self._edit(el.lerp_number, (end,), weight=weight)

    def addcmul_(self: Any, tensor1: Any, tensor2: Any, *, value: float = 1) -> Any:
        """Add `value * tensor1 * tensor2`, in place."""
        return self._edit(el.addcmul, (tensor1, tensor2), value=value)

    def addcdiv_(self: Any, tensor1: Any, tensor2: Any, *, value: float = 1) -> Any:
        """Add `value * tensor1 / tensor2`, in place."""
        return self._edit(el.addcdiv, (tensor1, tensor2), value=value)

    def fill_diagonal_(self: Any, fill_value: float) -> Any:
        """Fill the diagonal with one number."""
        self.diagonal().fill_(fill_value)
        return self

    def scatter_(self: Any, dim: int, index: Any, src: Any = None, *, value: Any = None) -> Any:
        """Write numbers to the places that an index names along a dimension."""
        source, places = value if src is None else src, index.numbers[...]
        if isinstance(source, Operand):
            return self._edit(ix.scatter, (source,), dim=dim % self.ndim, index=places)
        return self._edit(ix.scatter_value, (), dim=dim % self.ndim, index=places, value=source)

    def scatter_add_(self: Any, dim: int, index: Any, src: Any) -> Any:
        """Add numbers at the places that an index names along a dimension."""
        return self._edit(ix.scatter_sum, (src,), dim=dim % self.ndim, index=index.numbers[...])

    def index_add_(self: Any, dim: int, index: Any, source: Any) -> Any:
        """Add numbers to the places along a dimension that an index lists."""
        path = (slice(None),) * (dim % self.ndim) + (index.numbers[...],)
        return self._edit(ix.index_add, (source,), path=path)

    def _put(self: Any, index: Any, value: Any) -> None:
        self._check_history((value,))
        got, wanted = list(np.shape(getattr(value, "numbers", value))), list(self.numbers[index].shape)
        while len(got) > len(wanted) and got[0] == 1:
            value, got = value.squeeze(0), got[1:]
        if len(got) > len(wanted) or any(n not in (1, m) for n, m in zip(got[::-1], wanted[::-1], strict=False)):
            raise errors.explain(
                RuntimeError(
                    f"shape mismatch: value tensor of shape {got} cannot be broadcast to indexing result of shape"
                    f" {wanted}"
                ),
                "As many numbers are written as the index picks, or one for all.",
            )
        one_by_mask = np.prod(got) == 1 and any(getattr(step, "dtype", None) == np.bool_ for step in index)
        if isinstance(value, Operand) and value.dtype != self.dtype and not one_by_mask:
            raise RuntimeError(
                f"Index put requires the source and destination dtypes match, got {self.dtype.word} for the destination"
                f" and {value.dtype.word} for the source."
            )
        self._edit(ix.put_at, (value,), index=index)

    def __setitem__(self: Any, index: Any, value: Any) -> None:
        if not isinstance(value, (Operand, Number, np.generic)):
            raise TypeError(f"can't assign a {type(value).__name__} to a torch.{self.dtype.word}Tensor")
        steps = index if isinstance(index, tuple) else (index,)
        if any(is_advanced(step) for step in steps):
            self._put(numpy_index(self, steps), value)
            return
        part = self if index is Ellipsis else self[index]
        if not isinstance(value, Operand):
            part.copy_(value)
        elif part.ndim and not value.ndim:
            part.fill_(value)
        else:
            part.copy_(fitting(value, part))


def fitting(value: Any, part: Any) -> Any:
    """Return what is to be written expanded to the part it is written to.

    Raises:
        RuntimeError: if it does not fit.
    """
    while value.ndim > part.ndim and value.shape[0] == 1:
        value = value.squeeze(0)
    return value if value.shape == part.shape else value.expand(part.shape)
