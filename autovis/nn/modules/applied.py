"""Modules that are one function of `nn.functional`: one line makes one.

>>> from autovis.nn import functional as F
>>> class LeakyReLU(Applied, of=F.leaky_relu):
...     "Keeps what is above 0, and a small part of the rest."
>>> LeakyReLU(0.2)
LeakyReLU(negative_slope=0.2)
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, ClassVar

from autovis.nn.modules.module import Module
from autovis.tensor import Tensor

__all__ = ["Applied"]

HANDED = ("input", "target", "training")  # what comes with every call, or is known from elsewhere


class Applied(Module):
    """Takes the arguments of a function, keeps them as attributes, and hands them to it with every input.

    Args of the class:
        of: the function.
        takes: which arguments, in order; all but the inputs where None.
        shows: which arguments it prints.
    """

    __signature__: ClassVar[inspect.Signature] = inspect.Signature()
    function: ClassVar[Callable[..., Any]]
    hands: ClassVar[tuple[str, ...]]
    shows: ClassVar[tuple[str, ...]]

    def __init_subclass__(
        cls, of: Callable[..., Any] | None = None, takes: str | None = None, shows: str | None = None
    ) -> None:
        """Read from the signature of the function what the module takes."""
        if of is None:  # a learner's own subclass
            return
        known = inspect.signature(of).parameters
        names = [name for name in known if name not in HANDED] if takes is None else takes.split()
        cls.function = staticmethod(of)
        cls.hands = (*names, *(["training"] if "training" in known else []))
        cls.shows = tuple(names if shows is None else shows.split())
        cls.__signature__ = inspect.Signature([known[name] for name in names])

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__()
        for name, value in self._bound(given, named).items():
            setattr(self, name, value)

    def _bound(self, given: tuple[Any, ...], named: dict[str, Any]) -> dict[str, Any]:
        """Match arguments to names; what does not fit is said in Python's words."""
        signature = type(self).__signature__
        try:
            bound = signature.bind(*given, **named)
        except TypeError as error:
            most = len(signature.parameters) + 1
            least = most - sum(each.default is not each.empty for each in signature.parameters.values())
            takes = f"{'' if most == least else f'from {least} to '}{most} positional argument{'s' * (most > 1)}"
            many = f"takes {takes} but {len(given) + 1} were given"
            complaint = str(error).replace("too many positional arguments", many)
            complaint = complaint.replace("missing a required", "missing 1 required positional")
            raise TypeError(f"{type(self).__name__}.__init__() {complaint}") from None
        bound.apply_defaults()
        return bound.arguments

    def _apply(self, *inputs: Tensor) -> Any:
        return type(self).function(*inputs, **{name: getattr(self, name) for name in self.hands})

    def forward(self, input: Tensor) -> Any:
        """Apply the function."""
        return self._apply(input)

    def extra_repr(self) -> str:
        """Return the arguments; `inplace` only where it is True."""
        shown = {name: getattr(self, name) for name in self.shows}
        return ", ".join(f"{name}={value!r}" for name, value in shown.items() if name != "inplace" or value)
