"""The building block: a module holds parameters, buffers and other modules, and computes with them.

>>> class Scale(Module):
...     def __init__(self):
...         super().__init__()
...         self.factor = Parameter(tensor([2.0]))
...
...     def forward(self, x):
...         return self.factor * x
>>> [name for name, _ in Scale().named_parameters()]
['factor']
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any, Self

from autovis.creation import tensor  # noqa: F401  for the example above
from autovis.nn.modules import hooks, state
from autovis.parameters import clear_grad
from autovis.tensor import Parameter  # noqa: F401  for the example above

__all__ = ["Module"]


class Module(hooks.Module, state.Module):
    """A part of a network: subclass it, assign parameters and modules in `__init__`, compute in `forward`.

    Attributes:
        training: True in training, False in evaluation; dropout and batch normalisation look at it.
    """

    training: bool

    def __init__(self) -> None:
        for place in ("_parameters", "_buffers", "_modules"):
            object.__setattr__(self, place, {})
        for place in ("_forward_pre_hooks", "_forward_hooks", "_backward_pre_hooks", "_backward_hooks"):
            object.__setattr__(self, place, OrderedDict())
        object.__setattr__(self, "_non_persistent_buffers_set", set())
        self.training = True

    def apply(self, fn: Callable[[Any], Any]) -> Self:
        """Call a function on every module inside and then on this one; return self."""
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    def train(self, mode: bool = True) -> Self:
        """Set `training` here and in all that is held; return self. Grad mode is not touched."""
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        self.training = mode
        for module in self.children():
            module.train(mode)
        return self

    def eval(self) -> Self:
        """Return `train(False)`."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Set the flag of all parameters, so False freezes them; return self."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Clear the gradient of every parameter: to None, or to zeros."""
        for parameter in self.parameters():
            clear_grad(parameter, set_to_none)

    def extra_repr(self) -> str:
        """Return what stands between the brackets: the arguments worth knowing."""
        return ""

    def _shown_children(self) -> Iterable[tuple[str, str]]:
        return [(name, repr(module)) for name, module in self._modules.items()]

    def __repr__(self) -> str:
        name, extra = type(self).__name__, self.extra_repr()
        children = [f"({key}): " + text.replace("\n", "\n  ") for key, text in self._shown_children()]
        if not children and "\n" not in extra:
            return f"{name}({extra})"
        lines = [line for line in extra.split("\n") if line] + children
        return f"{name}(\n  " + "\n  ".join(lines) + "\n)"
