"""What changes a tensor in place: `add_`, `zero_`, `copy_`, `+=`, `x[i] = v`.

An edit writes into the tensor's memory, counts up its version, and, while operations are recorded, gives the tensor a
new history. `Tensor._edit` does all three; a row here says which rule computes the new values.
"""

from __future__ import annotations

from collections.abc import Callable
from numbers import Number
from typing import Any

import numpy as np

from autovis.operators import Operators, is_advanced, numpy_index
from autovis.primitive import Elementwise, Primitive
from autovis.rules import elementwise as el
from autovis.rules import index as ix

__all__ = ["Edits"]

Rule = Primitive


def _edit(rule: Rule, doc: str) -> Callable[..., Any]:
    def run(self: Any, *others: Any, alpha: float = 1) -> Any:
        scaled = tuple(other if alpha == 1 else other * alpha for other in others)
        return self._edit(rule, scaled)

    run.__name__, run.__doc__ = f"{rule.name}_", doc
    return run


def _assign(rule: Rule) -> Callable[[Any, Any], Any]:
    def run(self: Any, other: Any) -> Any:
        return self._edit(rule, (other,)) if isinstance(other, (Operators, Number, np.generic)) else NotImplemented

    return run


copy = Elementwise(
    "copy_",
    lambda x, source: np.broadcast_to(source, np.shape(x)).astype(x.dtype),
    node="CopyBackwards",
    source=lambda g: g,
)
fill = Elementwise(
    "fill_", lambda x, *, value: np.full_like(x, value), node="FillBackward0", x=lambda g: el.zeros_like(g)
)
zero = Elementwise("zero_", lambda x: np.zeros_like(x), node="ZeroBackward0", x=lambda g: el.zeros_like(g))


class Edits:
    """The part of a tensor that changes it."""

    __slots__ = ()

    add_ = _edit(el.add, "Add another tensor or number, in place.")
    sub_ = _edit(el.sub, "Subtract another tensor or number, in place.")
    mul_ = _edit(el.mul, "Multiply by another tensor or number, in place.")
    div_ = _edit(el.div, "Divide by another tensor or number, in place.")
    neg_ = _edit(el.neg, "Change the sign, in place.")
    exp_ = _edit(el.exp, "Apply exp, in place.")
    log_ = _edit(el.log, "Apply log, in place.")
    sqrt_ = _edit(el.sqrt, "Apply sqrt, in place.")
    tanh_ = _edit(el.tanh, "Apply tanh, in place.")
    sigmoid_ = _edit(el.sigmoid, "Apply sigmoid, in place.")
    relu_ = _edit(el.relu, "Apply relu, in place.")
    abs_ = _edit(el.absolute, "Take absolute values, in place.")
    round_ = _edit(el.round_, "Round, in place.")
    floor_ = _edit(el.floor, "Round down, in place.")
    zero_ = _edit(zero, "Fill with zeros.")
    __iadd__ = _assign(el.add)
    __isub__ = _assign(el.sub)
    __imul__ = _assign(el.mul)
    __itruediv__ = _assign(el.div)

    def __ipow__(self, exponent: Any) -> Any:
        return self.pow_(exponent)

    def pow_(self: Any, exponent: Any) -> Any:
        """Raise to a power, in place."""
        if isinstance(exponent, Operators):
            return self._edit(el.pow_tensor, (exponent,))
        return self._edit(el.pow_number, (), exponent=exponent)

    def fill_(self: Any, value: Any) -> Any:
        """Fill with one number."""
        return self._edit(fill, (), value=value.item() if isinstance(value, Operators) else value)

    def copy_(self: Any, source: Any) -> Any:
        """Take over the values of another tensor, which may be smaller and of another kind."""
        return self._edit(copy, (source,))

    def clamp_(self: Any, min: Any = None, max: Any = None) -> Any:  # noqa: A002, PyTorch's names
        """Move to the nearer bound, in place."""
        return self._edit(el.clamp, (), low=min, high=max)

    def masked_fill_(self: Any, mask: Any, value: Any) -> Any:
        """Fill with one number where the mask holds."""
        return self._edit(el.masked_fill, (mask,), value=value.item() if isinstance(value, Operators) else value)

    def __setitem__(self: Any, index: Any, value: Any) -> None:
        steps = index if isinstance(index, tuple) else (index,)
        if any(is_advanced(step) for step in steps):
            self._edit(ix.put_at, (value,), index=numpy_index(self, steps))
            return
        part = self[index]
        if isinstance(value, Operators):
            part.copy_(value)
        elif isinstance(value, Number):
            part.fill_(value)
        else:
            part.copy_(type(self).from_numbers(np.asarray(value, self.dtype.numpy)))
