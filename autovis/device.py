"""Where memory is: the host's `cpu`, a GPU `cuda:n`, or `sim:n`, which behaves like a GPU and needs none.

>>> Device("sim:1")
device(type='sim', index=1)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any, Self

from autovis import errors

__all__ = [
    "CPU", "Device", "cupy", "get_default_device", "gpus", "landed", "landing", "resolve", "set_default_device",
]  # fmt: skip

TYPES = ["cpu", "cuda", "ipu", "xpu", "mkldnn", "opengl", "opencl", "ideep", "hip", "ve", "fpga", "maia", "xla", "lazy"]
TYPES += ["vulkan", "mps", "meta", "hpu", "mtia", "privateuseone"]


class Device:
    """The name of a place for memory; used in a `with` block, new tensors are made there.

    Args:
        type: `cpu`, `cuda`, `sim`, with a number behind a colon, `cuda:1`; another device; the number of a GPU.
        index: the number, where the name has none.

    Raises:
        RuntimeError: if there is no such sort of device.
        TypeError: for an argument that names none.
    """

    __slots__ = ("index", "type")

    type: str
    index: int | None

    def __init__(self, type: Any = None, index: int | None = None) -> None:
        if isinstance(type, Device):
            type, index = type.type, type.index
        elif isinstance(type, int) and not isinstance(type, bool) and index is None:
            type, index = _accelerator(type), type
        elif isinstance(type, str):
            type, index = _parsed(type, index)
        else:
            given = "" if type is None else f"{type.__class__.__name__}"
            raise TypeError(
                f"device() received an invalid combination of arguments - got ({given}), but expected one of:\n"
                " * (torch.device device)\n * (str type, int index = -1)\n"
            )
        object.__setattr__(self, "type", type)
        object.__setattr__(self, "index", index)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"attribute '{name}' of 'torch.device' objects is not writable")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Device) and (self.type, self.index) == (other.type, other.index)

    def __hash__(self) -> int:
        return hash((self.type, self.index))

    def __reduce__(self) -> Any:
        return Device, (self.type, self.index)

    def __repr__(self) -> str:
        number = "" if self.index is None else f", index={self.index}"
        return f"device(type='{self.type}'{number})"

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __lt__(self, other: object) -> bool:
        raise TypeError("comparison not implemented")

    __le__ = __gt__ = __ge__ = __lt__

    def __enter__(self) -> Self:
        _before.append(_chosen.get())
        _chosen.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        _chosen.set(_before.pop())


def _parsed(name: str, index: Any) -> tuple[str, int | None]:
    if not name:
        raise RuntimeError("Device string must not be empty")
    kind, colon, number = name.partition(":")
    counted = not colon or (number.isdecimal() and str(int(number)) == number)
    if not (kind.isascii() and kind.replace("_", "a").isalpha() and counted):
        raise RuntimeError(f"Invalid device string: '{name}'")
    if kind not in TYPES and kind != "sim":
        raise errors.explain(
            RuntimeError(f"Expected one of {', '.join(TYPES)} device type at start of device string: {kind}"),
            "autovis knows cpu, cuda and sim.",
        )
    if index is None:
        return kind, int(number) if colon else None
    if not isinstance(index, int):
        raise TypeError(f"device(): argument 'index' (position 2) must be int, not {type(index).__name__}")
    if colon:
        raise RuntimeError(f"type (string) must not include an index because index was passed explicitly: {name}")
    if index < 0:
        raise RuntimeError("Device index must not be negative")
    return kind, index


def _accelerator(index: int) -> str:
    """Return the sort of device that a number alone means."""
    if index < 0:
        raise RuntimeError("Device index must not be negative")
    if not gpus():
        raise errors.no_cuda(RuntimeError("Cannot access accelerator device when none is available."))
    return "cuda"


CPU = Device("cpu")
_chosen: ContextVar[Device | None] = ContextVar("device", default=None)  # None: the cpu
_before: list[Device | None] = []


# ------------------------------------------------------------------------------------------------------ CuPy, if there


@cache
def gpus() -> int:
    """Return how many GPUs CuPy can use; 0 without CuPy."""
    try:
        import cupy as library
    except ImportError:
        return 0
    try:
        return int(library.cuda.runtime.getDeviceCount())
    except library.cuda.runtime.CUDARuntimeError:  # no GPU, or no driver
        return 0


def cupy() -> Any:
    """Return CuPy.

    Raises:
        AssertionError: if it is not installed.
        RuntimeError: if it finds no GPU.
    """
    try:
        import cupy as library
    except ImportError:
        raise errors.no_cuda(AssertionError("Torch not compiled with CUDA enabled")) from None
    if not gpus():
        raise errors.no_cuda(RuntimeError("No CUDA GPUs are available"))
    return library


# --------------------------------------------------------------------------------------------------- which one is meant


def resolve(device: Any, otherwise: Device = CPU) -> Device:
    """Return the very device that an argument names, `sim:0` for `sim`.

    Args:
        device: a device or its name; None means the default, if one was chosen.
        otherwise: what None means if none was chosen.

    Raises:
        AssertionError, RuntimeError: if it is not there.
        NotImplementedError: if autovis has no such device.
    """
    if device is None:
        device = _chosen.get()
        if device is None:
            return otherwise
    elif not isinstance(device, Device):
        device = Device(device)
    if device.type == "cpu":
        return CPU
    if device.type == "sim":
        return device if device.index is not None else Device("sim", 0)
    if device.type == "cuda":
        library = cupy()
        current = library.cuda.runtime.getDevice() if device.index is None else device.index
        if current >= gpus():
            raise RuntimeError("CUDA error: invalid device ordinal")
        return device if device.index is not None else Device("cuda", current)
    if device.type == "xpu":
        raise AssertionError("Torch not compiled with XPU enabled")
    raise errors.not_supported(f"device {str(device)!r}", "tensors live on cpu, cuda or sim.")


def get_default_device() -> Device:
    """Return where new tensors are made."""
    return resolve(None)


def set_default_device(device: Any) -> None:
    """Choose where new tensors are made; None chooses the cpu."""
    _chosen.set(None if device is None else Device(device))


# ----------------------------------------------------------------------------------------------------- stored tensors

_moved: ContextVar[Any] = ContextVar("map_location", default=None)


@contextmanager
def landed(map_location: Any) -> Iterator[None]:
    """Let what is read from a file in a `with` block land where `map_location` says."""
    token = _moved.set(map_location)
    try:
        yield
    finally:
        _moved.reset(token)


def landing(saved: str) -> Device:
    """Return where a tensor that was stored on a device is to be.

    Raises:
        RuntimeError: if that is a GPU, and there is none.
    """
    wanted = _moved.get()
    if callable(wanted):  # PyTorch hands it what is on the cpu by then
        return CPU
    if isinstance(wanted, Mapping):
        wanted = wanted.get(saved)
    device = Device(saved if wanted is None else wanted)
    if device.type == "cuda" and not gpus():
        raise errors.no_cuda(
            RuntimeError(
                "Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is False. If you are"
                " running on a CPU-only machine, please use torch.load with map_location=torch.device('cpu') to map"
                " your storages to the CPU."
            )
        )
    return resolve(device)
