"""`Variable`: what one had to wrap tensors in before PyTorch 0.4; the name lives on in programs."""

from __future__ import annotations

from typing import Any

from autovis import errors
from autovis.tensor import Tensor, warn_volatile

__all__ = ["Variable"]


class _AnyTensor(type):
    """Makes `isinstance(x, Variable)` true of every tensor, as it has been since tensors and variables are one."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, Tensor)


class Variable(metaclass=_AnyTensor):
    """What one had to wrap tensors in before PyTorch 0.4; now a tensor does everything itself.

    Args:
        data: the tensor whose values it takes, over the same memory.
        requires_grad: the flag.
        volatile: has had no effect since 0.4; warns.

    Returns:
        A new leaf, also when `data` was computed.

    Raises:
        TypeError: if `data` is no tensor.
        RuntimeError: if integers are to require grad.
    """

    def __new__(cls, data: Any = None, requires_grad: bool = False, volatile: bool | None = None) -> Any:  # noqa: D102
        if volatile:
            warn_volatile()
        if data is None:
            data = Tensor()
        if not isinstance(data, Tensor):
            raise errors.explain(
                TypeError(f"Variable data has to be a tensor, but got {type(data).__name__}"),
                "Make a tensor first: torch.tensor(list(...)). A Variable is no longer needed at all.",
            )
        if requires_grad and not data.dtype.is_floating_point:
            raise errors.integers_cannot_require_grad(
                "Only Tensors of floating point and complex dtype can require gradients"
            )
        result = Tensor.from_numbers(data._array(), requires_grad=requires_grad)
        result._counter = data._counter
        return result
