"""Ways to make a tensor.

Integers become int64, numbers with a point float32; NumPy arrays keep their kind.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from autovis import dtypes, errors, random
from autovis.tensor import Tensor

__all__ = ["arange", "eye", "leaf", "ones", "ones_like", "rand", "tensor", "zeros", "zeros_like"]

Dtype = dtypes.dtype | None


def finished(array: Any, requires_grad: bool) -> Tensor:
    """Wrap a new array, and set the flag if its kind allows it."""
    if requires_grad and array.dtype.kind != "f":
        raise errors.integers_cannot_require_grad(
            "Only Tensors of floating point and complex dtype can require gradients"
        )
    return Tensor.from_numbers(array, requires_grad=requires_grad)


def kind(dtype: Dtype) -> Any:
    """Return a NumPy dtype; the default float for None."""
    return dtypes.default_float().numpy if dtype is None else dtype.numpy


def sizes(size: tuple[Any, ...]) -> tuple[int, ...]:
    """Read a shape given as numbers or as one sequence."""
    given = size[0] if len(size) == 1 and not isinstance(size[0], (int, np.integer)) else size
    return tuple(int(n) for n in given)


def array_of(data: Any, dtype: Dtype) -> Any:
    """Turn nested lists, numbers, arrays or tensors into a fresh array of PyTorch's kind."""
    if isinstance(data, Tensor):
        return np.array(data.numbers, kind(dtype) if dtype else None, copy=True)
    if isinstance(data, (np.ndarray, np.generic)):
        dtypes.of_numpy(data.dtype)
        return np.array(data, kind(dtype) if dtype else None, copy=True)
    array = np.array(_unwrapped(data))
    if dtype is not None:
        return array.astype(dtype.numpy)
    return array.astype(dtypes.default_float().numpy) if array.dtype == np.float64 else array


def _unwrapped(data: Any) -> Any:
    if isinstance(data, Tensor):
        return data.numbers
    return [_unwrapped(part) for part in data] if isinstance(data, (list, tuple, range)) else data


def tensor(data: Any, *, dtype: Dtype = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Return a new leaf with a copy of the data."""
    if isinstance(data, Tensor):
        warnings.warn(
            "To copy construct from a tensor, it is recommended to use sourceTensor.detach().clone() or"
            " sourceTensor.detach().clone().requires_grad_(True), rather than torch.tensor(sourceTensor).",
            UserWarning,
            stacklevel=2,
        )
    return finished(array_of(data, dtype), requires_grad)


def leaf(data: Any, *, dtype: Dtype = None) -> Tensor:
    """Return `tensor(data, requires_grad=True)`; autovis's own shorthand for small examples."""
    return tensor(data, dtype=dtype, requires_grad=True)


def zeros(*size: Any, dtype: Dtype = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Return zeros."""
    return finished(np.zeros(sizes(size), kind(dtype)), requires_grad)


def ones(*size: Any, dtype: Dtype = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Return ones."""
    return finished(np.ones(sizes(size), kind(dtype)), requires_grad)


def eye(n: int, m: int | None = None, *, dtype: Dtype = None, requires_grad: bool = False) -> Tensor:
    """Return a matrix with ones on its diagonal."""
    return finished(np.eye(n, m, dtype=kind(dtype)), requires_grad)


def ones_like(input: Tensor, *, dtype: Dtype = None, requires_grad: bool = False) -> Tensor:  # noqa: A002
    """Return ones of the same shape and kind."""
    return finished(np.ones(input.shape, dtype.numpy if dtype else input.dtype.numpy), requires_grad)


def zeros_like(input: Tensor, *, dtype: Dtype = None, requires_grad: bool = False) -> Tensor:  # noqa: A002
    """Return zeros of the same shape and kind."""
    return finished(np.zeros(input.shape, dtype.numpy if dtype else input.dtype.numpy), requires_grad)


def arange(*bounds: float, dtype: Dtype = None, requires_grad: bool = False) -> Tensor:
    """Return numbers from a start (0) to before an end, by a step (1)."""
    array = np.arange(*bounds)
    floats = any(isinstance(bound, float) for bound in bounds)
    return finished(array.astype(dtype.numpy if dtype else kind(None) if floats else np.int64), requires_grad)


def rand(*size: Any, dtype: Dtype = None, requires_grad: bool = False, generator: Any = None) -> Tensor:
    """Return numbers drawn evenly from 0 to 1."""
    return finished(random.uniform(generator or random.default_generator, sizes(size), kind(dtype)), requires_grad)
