"""What programs ask about GPUs before they use one; without CuPy or without a GPU there is none, and they go on.

Numbers drawn at random are the same on every device and come from the common stream, which `manual_seed` starts; the
streams of GPUs that are seeded here do not exist.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from autovis import errors
from autovis.device import Device, cupy, gpus

__all__ = [
    "accelerator", "backends", "current_device", "device", "device_count", "empty_cache", "get_device_name",
    "is_available", "is_initialized", "manual_seed", "manual_seed_all", "max_memory_allocated", "memory_allocated",
    "mps", "set_device", "synchronize", "version", "xpu",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    raise errors.left_out(name, "torch.cuda") or errors.unknown("torch.cuda", name)


def is_available() -> bool:
    """Whether there is a GPU that CuPy can use."""
    return gpus() > 0


def device_count() -> int:
    """Return how many GPUs there are."""
    return gpus()


is_initialized = is_available


def _number(device: Any) -> int:
    """Return the number of a GPU that is given as a number, a name or a device; None means the current one."""
    number = device if device is None or isinstance(device, int) else Device(device).index
    return current_device() if number is None else number


def current_device() -> int:
    """Return the number of the GPU that `cuda` means.

    Raises:
        AssertionError: without CuPy.
    """
    return int(cupy().cuda.runtime.getDevice())


def set_device(device: Any) -> None:
    """Choose the GPU that `cuda` means."""
    cupy().cuda.Device(_number(device)).use()


def device(device: Any) -> Any:
    """Let `cuda` mean another GPU in a `with` block."""
    return cupy().cuda.Device(_number(device))


def get_device_name(device: Any = None) -> str:
    """Return what the maker calls a GPU."""
    return str(cupy().cuda.runtime.getDeviceProperties(_number(device))["name"].decode())


def manual_seed(seed: int) -> None:
    """Seed the stream of a GPU; nothing to do."""


def synchronize(device: Any = None) -> None:
    """Wait until a GPU has done what it was told; for measuring times."""
    cupy().cuda.Device(_number(device)).synchronize()


def empty_cache() -> None:
    """Give unused memory back."""
    if gpus():
        cupy().get_default_memory_pool().free_all_blocks()


def memory_allocated(device: Any = None) -> int:
    """Return how many bytes are in use on GPUs."""
    return int(cupy().get_default_memory_pool().used_bytes()) if gpus() else 0


def max_memory_allocated(device: Any = None) -> int:
    """Return how many bytes are held on GPUs, in use or not."""
    return int(cupy().get_default_memory_pool().total_bytes()) if gpus() else 0


def current_accelerator(check_available: bool = False) -> Device | None:
    """Return the kind of device that is faster than the CPU; None without one."""
    return Device("cuda") if is_available() else None


manual_seed_all = manual_seed
# what programs ask `torch` before they choose a device
accelerator = SimpleNamespace(
    is_available=is_available,
    current_accelerator=current_accelerator,
    device_count=device_count,
    synchronize=synchronize,
    empty_cache=empty_cache,
)
mps = xpu = SimpleNamespace(is_available=lambda: False, device_count=lambda: 0)
version = SimpleNamespace(cuda=None, hip=None)
# `torch.backends`: switches of libraries that are not used, and questions to which the answer is no
backends = SimpleNamespace(
    cudnn=SimpleNamespace(deterministic=False, benchmark=False, enabled=False, is_available=lambda: False),
    cuda=SimpleNamespace(is_built=is_available),
    mps=SimpleNamespace(is_available=lambda: False, is_built=lambda: False),
)
