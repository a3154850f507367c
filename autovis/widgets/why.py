"""`why`: the answer as text in a terminal, as text and picture in a notebook."""

from __future__ import annotations

import sys
from dataclasses import dataclass, fields
from typing import Any

from autovis.diagnosis.gradients import why_no_gradient
from autovis.diagnosis.mishaps import last_error, why_raised
from autovis.viz.evidence import is_tensor
from autovis.viz.reasons import Reason, say

__all__ = ["Answer", "why"]


@dataclass(frozen=True, slots=True, repr=False)
class Answer(Reason):
    """A reason that a notebook shows in words, and in its picture."""

    def _ipython_display_(self) -> None:
        """Show the words as text, and the picture below."""
        from IPython.display import display

        from autovis.widgets.player import still

        print(self)  # noqa: T201, what a notebook shows of text
        if self.graph is not None:
            display(still(self.graph, say("title")))


def why(thing: Any = None, result: Any = None) -> Answer:
    """Say why `.grad` of a tensor is None or 0, or why something raised: the first reason that holds.

    Args:
        thing: a tensor of autovis or of PyTorch; or an error; the last error unless given.
        result: of which result's backward pass; unless given, all that the caller's variables hold are looked at.

    Returns:
        The answer: its `sentence`, the `fix`, what is of `no_help`, and the `graph` with the guilty element marked.

    Raises:
        TypeError: if `thing` is neither a tensor nor an error.
        ValueError: if nothing is asked about, and nothing has raised.

    >>> import autovis as av
    >>> x = av.leaf(3.0)
    >>> y = x * x
    >>> y.backward()
    >>> av.why(y)
    y.grad is None because y is no leaf: × computed it from x. Gradients pass through and are not kept.
      cure       y.retain_grad() before y.backward(); or read x.grad; or autograd.grad(y, y).
      no help    y.requires_grad_() changes nothing on a computed tensor; retain_grad() after backward() comes too late.
    """
    if thing is None or isinstance(thing, BaseException):
        return Answer(*data(why_raised(last_error() if thing is None else thing)))
    for each in (thing, *([] if result is None else [result])):
        if not is_tensor(each):
            raise TypeError(
                f"why is asked about a tensor or an error, not about {type(each).__name__}; as in why(w), why(w, loss)"
                " or why(error)"
            )
    return Answer(*data(why_no_gradient(thing, result, sys._getframe(1))))


def data(found: Reason) -> tuple[Any, ...]:
    """Return the fields of a reason."""
    return tuple(getattr(found, field.name) for field in fields(found))
