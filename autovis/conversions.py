"""From a tensor to other kinds, to Python numbers and to NumPy, and back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autovis import dtypes, errors
from autovis.backward import warn_once
from autovis.device import Device
from autovis.gradients import Gradients
from autovis.modes import recording
from autovis.operators import shape_cast

__all__ = ["Conversions"]


def _to(kind: dtypes.dtype) -> Callable[[Any], Any]:
    def convert(self: Any) -> Any:
        return shape_cast(self, kind)

    convert.__doc__ = f"Return the tensor as {kind.name}; itself if it is."
    return convert


class Kinds:
    """The conversions that are named after a kind."""

    __slots__ = ()

    float, double, half = _to(dtypes.float32), _to(dtypes.float64), _to(dtypes.float16)
    long, int, short = _to(dtypes.int64), _to(dtypes.int32), _to(dtypes.int16)
    char, byte, bool = _to(dtypes.int8), _to(dtypes.uint8), _to(dtypes.bool_)


class Conversions(Gradients, Kinds):
    """The part of a tensor that turns into something else."""

    __slots__ = ()

    def to(self, *wanted: Any, dtype: dtypes.dtype | None = None, device: Any = None, copy: bool = False) -> Any:
        """Return the tensor in another kind or on another device; itself if nothing changes."""
        for each in wanted:
            if isinstance(each, dtypes.dtype):
                dtype = each
            elif hasattr(each, "numbers"):
                dtype = each.dtype
            elif not isinstance(each, bool):
                device = each
        if device is not None and str(device) != "cpu":
            raise errors.not_supported(f"device {str(device)!r} yet", "tensors live on the cpu.")
        result = self if dtype is None else shape_cast(self, dtype)
        return result.clone() if copy and result is self else result

    def cuda(self, device: Any = None) -> Any:
        """Move to a GPU.

        Raises:
            AssertionError: there is none here.
        """
        raise AssertionError("Torch not compiled with CUDA enabled")

    def type(self, dtype: Any = None) -> Any:
        """Return the name of the old typed class, `torch.FloatTensor`; with a kind, convert."""
        if dtype is None:
            return f"torch.{self.dtype.word}Tensor"
        if isinstance(dtype, str):
            word = dtype.removeprefix("torch.").removesuffix("Tensor")
            dtype = next((kind for kind in dtypes.ALL if kind.word == word), None)
            if dtype is None:
                raise ValueError(f"invalid type: '{word}'")
        return shape_cast(self, dtype)

    def type_as(self, other: Any) -> Any:
        """Return the tensor in the kind of another."""
        return shape_cast(self, other.dtype)

    def cpu(self) -> Any:
        """Return the tensor on the cpu; itself if it is there."""
        return self

    @property
    def device(self) -> Any:
        """Where its memory is."""
        return Device("cpu")

    @property
    def is_cuda(self) -> bool:
        """Whether it lives on a GPU."""
        return False

    def item(self) -> Any:
        """Return a single element as a Python number.

        Raises:
            RuntimeError: if there are several elements, or none.
        """
        if self._data.size != 1:
            raise errors.many_elements(self._data.size)
        return self._data.item()

    def tolist(self) -> Any:
        """Return nested lists of Python numbers."""
        return self._data.tolist()

    def numpy(self, *, force: bool = False) -> np.ndarray:
        """Return an array over the same memory.

        Raises:
            RuntimeError: if the tensor requires grad and operations are recorded.
        """
        if self.requires_grad and recording.get() and not force:
            raise errors.numpy_of_tracked()
        array: np.ndarray = self._array()
        return array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        array = self.numpy()
        if dtype is not None and array.dtype != dtype:
            return array.astype(dtype)
        return array.copy() if copy else array

    def _number(self, kind: Callable[[Any], Any]) -> Any:
        if self._data.size != 1:
            raise errors.explain(
                ValueError("only one element tensors can be converted to Python scalars"),
                "Reduce first (.sum(), .mean()), or use .tolist().",
            )
        return kind(self._data.item())

    def __float__(self) -> float:
        if self.requires_grad and self._data.size == 1:
            warn_once(
                "Converting a tensor with requires_grad=True to a scalar may lead to unexpected behavior.\nConsider"
                " using tensor.detach() first.",
                3,
            )
        return float(self._number(float))

    def __int__(self) -> int:
        return int(self._number(int))

    def __index__(self) -> int:
        if self._data.size != 1 or self.dtype.numpy.kind not in "iu":
            raise TypeError("only integer tensors of a single element can be converted to an index")
        return int(self._data.item())

    def __bool__(self) -> bool:
        if self._data.size != 1:
            raise errors.ambiguous_truth(empty=not self._data.size)
        return bool(self._data.item())

    def __len__(self) -> int:
        if not self._data.ndim:
            raise TypeError("len() of a 0-d tensor")
        return int(self._data.shape[0])

    def __iter__(self) -> Iterator[Any]:
        if not self._data.ndim:
            raise TypeError("iteration over a 0-d tensor")
        return iter(self.unbind(0))

    def __contains__(self, element: Any) -> bool:
        return bool((self == element).any().item())

    def new_zeros(self, *sizes: Any) -> Any:
        """Return zeros of the same kind."""
        from_sizes = sizes[0] if len(sizes) == 1 and not isinstance(sizes[0], int) else sizes
        return self.like(np.zeros(tuple(from_sizes), self._data.dtype))

    def new_ones(self, *sizes: Any) -> Any:
        """Return ones of the same kind."""
        from_sizes = sizes[0] if len(sizes) == 1 and not isinstance(sizes[0], int) else sizes
        return self.like(np.ones(tuple(from_sizes), self._data.dtype))

    def new_full(self, size: Any, fill_value: Any) -> Any:
        """Return a tensor of the same kind filled with one number."""
        return self.like(np.full(tuple(size), fill_value, self._data.dtype))

    def new_empty(self, *sizes: Any) -> Any:
        """Return a tensor of the same kind to be filled."""
        return self.new_zeros(*sizes)

    def new_tensor(self, data: Any, *, requires_grad: bool = False) -> Any:
        """Return data as a tensor of the same kind."""
        result = self.like(np.array(data, self._data.dtype))
        return result.requires_grad_() if requires_grad else result
