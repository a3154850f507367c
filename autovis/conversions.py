"""From a tensor to other kinds, to Python numbers and to NumPy, and back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autovis import dtypes, errors, events
from autovis.arrays import DeviceArray, move, namespace, where
from autovis.device import CPU, Device, gpus, resolve
from autovis.errors import warn_once
from autovis.gradients import Gradients
from autovis.literals import array_of
from autovis.modes import recording
from autovis.operators import shape_cast, sizes_of
from autovis.rules import shape

__all__ = ["Conversions"]


PYTHON_KINDS: dict[Any, dtypes.dtype] = {float: dtypes.float64, int: dtypes.int64, bool: dtypes.bool_}


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

    def to(
        self,
        *wanted: Any,
        dtype: Any = None,
        device: Any = None,
        tensor: Any = None,
        non_blocking: bool = False,
        copy: bool = False,
        memory_format: Any = None,
    ) -> Any:
        """Return the tensor in another kind or on another device, or in those of a tensor; itself if nothing changes.

        A copy made for that is a computed tensor: gradients that reach it go back to where it came from.

        Raises:
            TypeError: for arguments that say neither.
            AssertionError, RuntimeError: for a device that is not there.
        """
        place, kind, copies = _wanted(wanted)
        like = tensor if tensor is not None else place if hasattr(place, "numbers") else None
        if like is not None:
            place, kind = like.device, like.dtype
        kind = PYTHON_KINDS.get(dtype or kind, dtype or kind)
        if not isinstance(kind, dtypes.dtype | None):
            raise _no_such_form(wanted, {} if dtype is None else {"dtype": dtype})
        place = device if place is None else place
        there = self.device if place is None else resolve(place)
        return self._carried(there, kind or self.dtype, copy or copies)

    def _carried(self, there: Device, kind: dtypes.dtype, copy: bool = False) -> Any:
        here = self.device
        if here == there and not copy:
            return shape_cast(self, kind)
        if not kind.is_floating_point:
            self = self.detach() if self.dtype is kind else shape_cast(self, kind)  # noqa: PLW0642, the same numbers
        was, now = self.dtype.numpy, kind.numpy
        return shape.carry(self, device=there, kind=now, source=here, was=was)

    def cuda(self, device: Any = None, non_blocking: bool = False) -> Any:
        """Return the tensor on a GPU; itself if it is there.

        Raises:
            AssertionError: if CuPy is not installed.
            RuntimeError: if it finds no GPU.
        """
        wanted = Device("cuda") if device is None else Device(device)
        if wanted.type != "cuda":
            raise RuntimeError("Invalid device, must be cuda device")
        return self._carried(resolve(wanted), self.dtype)

    def cpu(self) -> Any:
        """Return the tensor on the cpu; itself if it is there."""
        return self._carried(CPU, self.dtype)

    @property
    def device(self) -> Device:
        """Where its memory is."""
        return where(self._data)

    def get_device(self) -> int:
        """Return the number of its device, -1 for the cpu."""
        index = self.device.index
        return -1 if index is None else index

    @property
    def is_cuda(self) -> bool:
        """Whether it lives on a GPU."""
        return self.device.type == "cuda"

    @property
    def is_cpu(self) -> bool:
        """Whether it lives on the host."""
        return self.device is CPU

    def is_pinned(self) -> bool:
        """Whether its memory is laid out for fast transfers; it never is."""
        return False

    def pin_memory(self) -> Any:
        """Return the tensor itself: transfers are as fast without.

        Raises:
            RuntimeError: where there is no GPU.
        """
        if not gpus():
            raise errors.no_cuda(RuntimeError("Cannot access accelerator device when none is available."))
        return self

    def type(self, dtype: Any = None) -> Any:
        """Return the name of the old typed class, `torch.FloatTensor`; with a kind, convert."""
        if dtype is None:
            place = self.device.type
            return f"torch.{'' if place == 'cpu' else place + '.'}{self.dtype.word}Tensor"
        if not isinstance(dtype, str):
            return shape_cast(self, getattr(dtype, "dtype", dtype))
        *_, place, word = "cpu", *dtype.removeprefix("torch.").removesuffix("Tensor").split(".")
        kind = next((kind for kind in dtypes.ALL if kind.word == word), None)
        if kind is None:
            raise ValueError(f"invalid type: '{dtype}'")
        return self._carried(resolve(place), kind)

    def type_as(self, other: Any) -> Any:
        """Return the tensor in the kind of another."""
        return shape_cast(self, other.dtype)

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
            TypeError: if its memory is not the host's.
            RuntimeError: if the tensor requires grad and operations are recorded.
        """
        if not force and isinstance(self._data, DeviceArray):
            raise errors.not_on_host(self.device)
        if self.requires_grad and recording.get() and not force:
            raise errors.numpy_of_tracked()
        array: np.ndarray = move(self._array(), CPU)
        if events.listener is not None:
            events.listener.exposed()
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

    def _new(self, make: str, size: Any, *value: Any, dtype: Any, device: Any, requires_grad: bool) -> Any:
        kind = self.dtype if dtype is None else PYTHON_KINDS.get(dtype, dtype)
        there = self.device if device is None else resolve(device)
        result = self.wrap(getattr(namespace(there), make)(size, *value, dtype=kind.numpy), None, 0)
        return result.requires_grad_() if requires_grad else result

    def new_zeros(self, *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Any:
        """Return zeros of the same kind on the same device."""
        return self._new("zeros", sizes_of(size), dtype=dtype, device=device, requires_grad=requires_grad)

    def new_ones(self, *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Any:
        """Return ones of the same kind on the same device."""
        return self._new("ones", sizes_of(size), dtype=dtype, device=device, requires_grad=requires_grad)

    def new_full(
        self, size: Any, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
    ) -> Any:
        """Return a tensor of the same kind on the same device, filled with one number."""
        return self._new("full", tuple(size), fill_value, dtype=dtype, device=device, requires_grad=requires_grad)

    def new_empty(self, *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Any:
        """Return a tensor of the same kind on the same device, to be filled."""
        return self.new_zeros(*size, dtype=dtype, device=device, requires_grad=requires_grad)

    def new_tensor(self, data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Any:
        """Return data as a tensor of the same kind on the same device."""
        kind = self.dtype if dtype is None else PYTHON_KINDS.get(dtype, dtype)
        there = self.device if device is None else resolve(device)
        result = self.wrap(move(array_of(data, kind.numpy), there), None, 0)
        return result.requires_grad_() if requires_grad else result


FORMS = """
 * (torch.device device = None, torch.dtype dtype = None, bool non_blocking = False, bool copy = False, *, \
torch.memory_format memory_format = None)
 * (torch.dtype dtype, bool non_blocking = False, bool copy = False, *, torch.memory_format memory_format = None)
 * (Tensor tensor, bool non_blocking = False, bool copy = False, *, torch.memory_format memory_format = None)
"""


def _wanted(given: tuple[Any, ...]) -> tuple[Any, Any, bool]:
    """Read what stands before the names in `x.to(...)`: a device or tensor, a kind, and whether to copy.

    Raises:
        TypeError: if it is in none of PyTorch's three forms.
    """
    first, rest = (given[0], given[1:]) if given else (None, ())
    place, kind = None, None
    if isinstance(first, (dtypes.dtype, type)):
        kind = first
    elif first is None or isinstance(first, (str, Device, int)):
        place, kind, rest = first, rest[0] if rest else None, rest[1:]
    elif hasattr(first, "numbers"):
        place = first
    else:
        raise _no_such_form(given, {})
    if len(rest) > 2 or not all(isinstance(each, bool) for each in rest):
        raise _no_such_form(given, {})
    return place, kind, rest[1:] == (True,)


def _no_such_form(given: tuple[Any, ...], named: dict[str, Any]) -> TypeError:
    sorts = [_sort(each) for each in given] + [f"{name}={_sort(each)}, " for name, each in named.items()]
    return TypeError(
        f"to() received an invalid combination of arguments - got ({', '.join(sorts)}), but expected one of:{FORMS}"
    )


def _sort(thing: Any) -> str:
    return {dtypes.dtype: "torch.dtype", Device: "torch.device"}.get(type(thing), type(thing).__name__)
