"""What modules and optimizers both do with parameters."""

from __future__ import annotations

from autovis.tensor import Tensor

__all__ = ["clear_grad", "typename"]


def typename(thing: object) -> str:
    """Return what PyTorch calls the type of a thing in error sentences."""
    if isinstance(thing, Tensor):
        return str(thing.type())
    name: str = getattr(thing, "__qualname__", type(thing).__name__)
    place = getattr(thing, "__module__", "builtins")
    return name if place == "builtins" else f"{place}.{name}".replace("autovis.", "torch.", 1)


def clear_grad(parameter: Tensor, set_to_none: bool) -> None:
    """Forget a gradient, or fill it with zeros in place."""
    if parameter.grad is None:
        return
    if set_to_none:
        parameter.grad = None
        return
    if parameter.grad.grad_fn is not None:
        parameter.grad.detach_()
    else:
        parameter.grad.requires_grad_(False)
    parameter.grad.zero_()
