"""Helpers for the gradients and values of many parameters, under the names of `torch.nn.utils`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autovis.functions import cat
from autovis.modes import no_grad
from autovis.nn import left_out
from autovis.nn.utils import rnn as rnn
from autovis.tensor import Tensor

__all__ = ["clip_grad_norm_", "clip_grad_value_", "parameters_to_vector", "rnn", "vector_to_parameters"]


def _gradients(parameters: Any) -> list[Tensor]:
    given = [parameters] if isinstance(parameters, Tensor) else list(parameters)
    return [parameter.grad for parameter in given if parameter.grad is not None]


@no_grad()
def clip_grad_norm_(
    parameters: Any, max_norm: float, norm_type: float = 2.0, error_if_nonfinite: bool = False, foreach: Any = None
) -> Any:
    """Shorten all gradients by one factor, in place, so that together they are no longer than `max_norm`.

    Returns the length before, as a tensor; `norm_type` says which length, `inf` takes the largest element.
    """
    gradients = _gradients(parameters)
    if not gradients:
        return Tensor.from_numbers(np.zeros((), np.float32))
    each = np.stack([np.linalg.norm(np.ravel(g.numbers), norm_type) for g in gradients])
    total = np.linalg.norm(each, norm_type)
    if error_if_nonfinite and not np.isfinite(total):
        raise RuntimeError(
            f"The total norm of order {norm_type} for gradients from `parameters` is non-finite, so it cannot be"
            " clipped. To disable this error and scale the gradients by the non-finite norm anyway, set"
            " `error_if_nonfinite=False`"
        )
    factor = np.minimum(max_norm / (total + each.dtype.type(1e-6)), each.dtype.type(1))
    for gradient in gradients:
        gradient.mul_(float(factor))
    return Tensor.from_numbers(total)


@no_grad()
def clip_grad_value_(parameters: Any, clip_value: float, foreach: Any = None) -> None:
    """Move every element of all gradients to between `-clip_value` and `clip_value`, in place."""
    for gradient in _gradients(parameters):
        gradient.clamp_(-clip_value, clip_value)


def parameters_to_vector(parameters: Iterable[Tensor]) -> Any:
    """Return all parameters as one long vector."""
    return cat([parameter.reshape(-1) for parameter in parameters])


@no_grad()
def vector_to_parameters(vec: Tensor, parameters: Iterable[Tensor]) -> None:
    """Cut a vector into pieces and take them over as values of the parameters."""
    if not isinstance(vec, Tensor):
        raise TypeError(f"expected torch.Tensor, but got: {type(vec).__name__}")
    start = 0
    for parameter in parameters:
        parameter.data = vec[start : start + parameter.numel()].reshape(parameter.shape).detach()
        start += parameter.numel()


def __getattr__(name: str) -> Any:
    if f"{name}_" in __all__:
        return left_out.renamed("torch.nn.utils", name, globals()[f"{name}_"])
    raise left_out.missing("nn.utils", name, left_out.UTILS)
