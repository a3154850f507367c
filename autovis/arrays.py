"""Arrays whose memory is not the host's: on a GPU, held by CuPy, or on `sim`, held by NumPy and kept apart.

A `DeviceArray` answers NumPy's functions through NumPy's own protocols, so rules are written once: `np.exp(x)` runs
where `x` is. It mixes with numbers and with arrays of its own device, and with nothing else; what crosses to or from
the host is counted. `sim` and `cuda` differ only in the library below, so what runs on one runs on the other.

>>> transfers.reset()
>>> x = move(np.array([1.0, 2.0]), Device("sim", 0))
>>> float(np.add.reduce(x * 2))
6.0
>>> transfers
1 to a device, 1 to the host, 0 between devices, 24 bytes
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cache, partial
from types import SimpleNamespace
from typing import Any

import numpy as np

from autovis import errors
from autovis.device import CPU, Device, cupy

__all__ = [
    "DeviceArray",
    "as_strided",
    "by_element",
    "in_order",
    "move",
    "namespace",
    "peek",
    "place",
    "transfers",
    "where",
]

Shape = Sequence[int]


class Transfers:
    """How often and how much was copied between memories since the last `reset`.

    Attributes:
        to_device: copies from the host to a device.
        to_host: copies from a device to the host, single numbers (`item`, `if`) too.
        between: copies from one device to another.
        bytes: of all of them.
    """

    __slots__ = ("between", "bytes", "to_device", "to_host")

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Count from zero again."""
        self.to_device = self.to_host = self.between = self.bytes = 0

    def __repr__(self) -> str:
        counts = f"{self.to_device} to a device, {self.to_host} to the host, {self.between} between devices"
        return f"{counts}, {self.bytes} bytes"


transfers = Transfers()


# ------------------------------------------------------------------------------------------------------- the libraries


class Simulated:
    """NumPy, standing in for the library of a device."""

    sorts: tuple[type, ...] = (np.ndarray, np.generic)

    def at(self, index: int | None) -> AbstractContextManager[Any]:
        """Make a device the current one in a `with` block."""
        return nullcontext()

    def own(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return what this library has for a function of NumPy's."""
        return function

    def method(self, ufunc: Callable[..., Any], name: str) -> Callable[..., Any]:
        """Return `reduce`, `at` or another method of a ufunc."""
        return getattr(ufunc, name)  # type: ignore[no-any-return]

    def whole(self, found: Any) -> Any:
        """Return an array where a library returns a bare number."""
        return np.asarray(found)

    def upload(self, array: Any) -> Any:
        """Copy an array of the host, or one of this library's, to the current device."""
        return np.array(array)

    def download(self, held: Any) -> np.ndarray:
        """Copy to the host."""
        return np.array(held)

    def address(self, held: Any) -> int:
        """Return where the memory begins."""
        return int(held.ctypes.data)

    def strided(self, held: Any, shape: Shape, strides: Shape) -> Any:
        """Look at the same memory with other strides."""
        return np.lib.stride_tricks.as_strided(held, shape, strides)

    def by_element(self, name: str, function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """Return a function of one Python number as one of arrays."""
        return function


class CuPy(Simulated):
    """The library of GPUs; it has most of NumPy's functions, under the same names."""

    def __init__(self) -> None:
        self.library = cupy()
        self.sorts = (self.library.ndarray,)

    def at(self, index: int | None) -> AbstractContextManager[Any]:
        """Make a GPU the current one in a `with` block."""
        return self.library.cuda.Device(index)  # type: ignore[no-any-return]

    def own(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return CuPy's function of the same name; NumPy's ufuncs do not say where they are from."""
        found = self.library
        try:
            for part in (*(getattr(function, "__module__", None) or "numpy").split(".")[1:], function.__name__):
                found = getattr(found, part)
        except AttributeError:
            return self._on_host(function)
        return found  # type: ignore[no-any-return]

    def method(self, ufunc: Callable[..., Any], name: str) -> Callable[..., Any]:
        """Return CuPy's method of a ufunc; it has those of sums and products, and `add.at`."""
        if name == "__call__":
            return self.own(ufunc)
        if name == "at":
            return partial(self._at, ufunc)
        if name in ("reduce", "accumulate") and ufunc.__name__ in ("add", "multiply"):
            return getattr(self.own(ufunc), name)  # type: ignore[no-any-return]
        return self._on_host(getattr(ufunc, name))

    def _at(self, ufunc: Any, held: Any, index: Any, value: Any) -> None:
        """Combine what meets in one place; int64 is added without its sign, which CuPy cannot, to the same end."""
        if ufunc is np.add and held.dtype.str[1:] in ("i4", "i8", "f2", "f4", "f8"):
            self.library.add.at(_unsigned(held), index, _unsigned(value))
        else:
            copy = held.get()
            self._on_host(lambda *given: ufunc.at(copy, *given))(index, value)
            held[...] = self.library.array(copy)

    def whole(self, found: Any) -> Any:
        """Return the array; CuPy has no bare numbers."""
        return found

    def upload(self, array: Any) -> Any:
        """Copy to the current GPU."""
        return self.library.array(array)

    def download(self, held: Any) -> np.ndarray:
        """Copy to the host."""
        return held.get()  # type: ignore[no-any-return]

    def address(self, held: Any) -> int:
        """Return where the memory begins."""
        return int(held.data.ptr)

    def strided(self, held: Any, shape: Shape, strides: Shape) -> Any:
        """Look at the same memory with other strides."""
        return self.library.lib.stride_tricks.as_strided(held, shape, strides)

    def by_element(self, name: str, function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """Return the function of that name from SciPy's part of CuPy."""
        from cupyx.scipy import special

        return getattr(special, name, None) or self._on_host(function)

    def _on_host(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Let NumPy do what CuPy cannot: the arguments are copied to the host, the result back."""

        def there(x: Any) -> Any:
            if isinstance(x, self.library.ndarray):
                _count("to_host", x)
                return x.get()
            if isinstance(x, (tuple, list)):
                return type(x)([there(each) for each in x])
            return {name: there(each) for name, each in x.items()} if isinstance(x, dict) else x

        def back(x: Any) -> Any:
            if isinstance(x, (np.ndarray, np.generic)):
                _count("to_device", x)
                return self.library.array(x)
            return tuple(map(back, x)) if isinstance(x, tuple) else x

        return lambda *given, **named: back(function(*there(given), **there(named)))


def _unsigned(x: Any) -> Any:
    return x.view(np.uint64) if getattr(x, "dtype", None) == np.int64 and not isinstance(x, np.generic) else x


@cache
def library(sort: str) -> Simulated:
    """Return what computes on a sort of device."""
    return Simulated() if sort == "sim" else CuPy()


# ---------------------------------------------------------------------------------------------------------- the arrays


def _operator(ufunc: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    """An operator that lets a tensor on its right side decide."""

    def run(self: Any, other: Any) -> Any:
        return NotImplemented if hasattr(type(other), "__apply__") else ufunc(self, other)

    return run


class DeviceArray(np.lib.mixins.NDArrayOperatorsMixin):
    """An array on a device, with NumPy's methods, functions and operators.

    Args:
        held: the array in the library of the device.
        device: where it is.
    """

    __slots__ = ("device", "held")
    __array_priority__ = 100

    def __init__(self, held: Any, device: Device) -> None:
        self.held = held
        self.device = device

    __add__, __sub__ = _operator(np.add), _operator(np.subtract)
    __mul__, __truediv__ = _operator(np.multiply), _operator(np.true_divide)

    shape = property(lambda self: self.held.shape)
    dtype = property(lambda self: self.held.dtype)
    ndim = property(lambda self: self.held.ndim)
    size = property(lambda self: self.held.size)

    @property
    def flags(self) -> SimpleNamespace:
        """How it lies in memory; it can be written to unless elements share a place."""
        flags = self.held.flags
        apart = not self.size or all(step or n < 2 for step, n in zip(self.held.strides, self.shape, strict=True))
        c, f = flags.c_contiguous, flags.f_contiguous
        return SimpleNamespace(c_contiguous=c, f_contiguous=f, forc=c or f, writeable=apart)

    def unlocked(self, unlock: Callable[[np.ndarray], Any]) -> DeviceArray:
        """Return the same memory for writing; CuPy never locks it."""
        return DeviceArray(unlock(self.held), self.device) if isinstance(self.held, np.ndarray) else self

    @property
    def ctypes(self) -> SimpleNamespace:
        """Where its memory begins, under the name that NumPy has for it."""
        return SimpleNamespace(data=library(self.device.type).address(self.held))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # among them NumPy's ways to look into the memory
            raise AttributeError(name)
        found = getattr(self.held, name)
        if callable(found):
            return lambda *given, **named: self._answer(run(self.device, found, given, named))
        return outer(found, self.device)

    def _answer(self, result: Any) -> Any:
        """Some methods return the array itself."""
        return self if isinstance(result, DeviceArray) and result.held is self.held else result

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **named: Any) -> Any:
        out = named.get("out")
        if out is not None:
            (named["out"],) = out
        result = run(self.device, library(self.device.type).method(ufunc, method), inputs, named)
        return result if out is None else out[0]

    def __array_function__(self, function: Any, types: Any, given: Any, named: Any) -> Any:
        named.pop("device", None)  # None; `like` has said where
        return self._answer(run(self.device, library(self.device.type).own(function), given, named))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        raise TypeError(
            "Implicit conversion to a NumPy array is not allowed. Please use `.get()` to construct a NumPy array"
            " explicitly."
        )

    def __getitem__(self, index: Any) -> Any:
        index = self._index(index)
        with library(self.device.type).at(self.device.index):
            found = self.held[index]
            if isinstance(found, np.generic):  # NumPy copies single numbers; this is a view as all others
                found = self.held[(*index, ...) if isinstance(index, tuple) else (index, ...)]
        return DeviceArray(found, self.device)

    def __setitem__(self, index: Any, value: Any) -> None:
        with library(self.device.type).at(self.device.index):
            self.held[self._index(index)] = inner(value, self.device)

    def _index(self, index: Any) -> Any:
        """Read an index; arrays of the host may be part of it, and are copied here."""
        if isinstance(index, tuple):
            return tuple(map(self._index, index))
        return inner(move(index, self.device) if isinstance(index, np.ndarray) and index.ndim else index, self.device)

    def __len__(self) -> int:
        return len(self.held)

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    # -------------------------------------------------------------------------------------------- back to the host

    def get(self) -> np.ndarray:
        """Return a copy on the host."""
        _count("to_host", self.held)
        return library(self.device.type).download(self.held)

    def item(self) -> Any:
        """Return a single element as a Python number."""
        return self.get().item()

    def tolist(self) -> Any:
        """Return nested lists of Python numbers."""
        return self.get().tolist()

    def __bool__(self) -> bool:
        return bool(self.get())

    def __int__(self) -> int:
        return int(self.get())

    def __float__(self) -> float:
        return float(self.get())

    def __index__(self) -> int:
        return self.get().__index__()

    def __repr__(self) -> str:
        return f"{peek(self)!r} on {self.device}"

    def __reduce__(self) -> Any:
        return place, (peek(self), self.device)


def inner(x: Any, device: Device) -> Any:
    """Return what a library takes for an argument: its own arrays for ours.

    Raises:
        RuntimeError: if the argument is an array somewhere else.
    """
    if isinstance(x, DeviceArray):
        if x.device != device:
            raise errors.two_devices(device, x.device)
        return x.held
    if isinstance(x, np.ndarray):
        if x.ndim:
            raise errors.two_devices(device, CPU)
        return x[()]
    if isinstance(x, (tuple, list)):
        return type(x)([inner(each, device) for each in x])
    if isinstance(x, dict):
        return {name: inner(each, device) for name, each in x.items()}
    return x


def outer(result: Any, device: Device) -> Any:
    """Return what a library returned, with our arrays for its own."""
    used = library(device.type)
    if isinstance(result, used.sorts):
        return DeviceArray(used.whole(result), device)
    if isinstance(result, (tuple, list)) and any(isinstance(each, used.sorts) for each in result):
        return tuple(outer(each, device) for each in result)
    return result


def run(device: Device, function: Callable[..., Any], given: Any, named: dict[str, Any]) -> Any:
    """Call a function of a device's library."""
    with library(device.type).at(device.index):
        return outer(function(*inner(tuple(given), device), **inner(named, device)), device)


# ------------------------------------------------------------------------------------------------- from place to place


def _count(way: str, array: Any) -> None:
    setattr(transfers, way, getattr(transfers, way) + 1)
    transfers.bytes += array.size * array.dtype.itemsize


def place(array: Any, device: Device) -> Any:
    """Return an array that was just made as one of a device; no transfer, unless it is on another device."""
    if isinstance(array, DeviceArray):
        return move(array, device)
    if device is CPU:
        return array
    used = library(device.type)
    with used.at(device.index):
        return DeviceArray(used.upload(array), device)


def where(array: Any) -> Device:
    """Return the device of an array."""
    return array.device if isinstance(array, DeviceArray) else CPU


def move(array: Any, device: Device) -> Any:
    """Return an array on a device: itself if it is there, else a copy, which is counted."""
    there = isinstance(array, DeviceArray)
    if where(array) == device:
        return array
    if device is CPU:
        return array.get()
    _count("between" if there else "to_device", array)
    used = library(device.type)
    if there:
        array = array.held if array.device.type == device.type else library(array.device.type).download(array.held)
    with used.at(device.index):
        return DeviceArray(used.upload(array), device)


def peek(array: Any) -> Any:
    """Return the numbers on the host for a picture or a text; a look is not counted."""
    return library(array.device.type).download(array.held) if isinstance(array, DeviceArray) else array


class Namespace:
    """NumPy's functions that make arrays, for a device: `namespace(device).zeros((2, 3))`."""

    def __init__(self, device: Device) -> None:
        self.device = device

    def __getattr__(self, name: str) -> Any:
        function = library(self.device.type).own(getattr(np, name))
        return lambda *given, **named: run(self.device, function, given, named)


@cache
def namespace(device: Device) -> Any:
    """Return what makes arrays on a device; NumPy itself for the cpu."""
    return np if device is CPU else Namespace(device)


# ------------------------------------------------------------------------------- what NumPy's protocols do not reach


def as_strided(x: Any, shape: Shape, strides: Shape) -> Any:
    """Look at the memory of an array with other strides."""
    if isinstance(x, DeviceArray):
        return DeviceArray(library(x.device.type).strided(x.held, shape, strides), x.device)
    return np.lib.stride_tricks.as_strided(x, shape, strides)


def in_order(x: Any) -> Any:
    """Return an array whose elements lie in order in memory: itself if they do."""
    if isinstance(x, DeviceArray):
        return run(x.device, library(x.device.type).own(np.ascontiguousarray), (x,), {})
    return np.ascontiguousarray(x)


def by_element(function: Callable[[Any], Any], name: str) -> Callable[[Any], Any]:
    """Let a function that NumPy does not have run on any device.

    Args:
        function: from an array of the host.
        name: what CuPy's part of SciPy calls it.
    """

    def each(x: Any) -> Any:
        if isinstance(x, DeviceArray):
            return run(x.device, library(x.device.type).by_element(name, function), (x,), {})
        return function(x)

    return each
