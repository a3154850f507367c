"""What programs ask about a GPU before they use one: there is none here, and they go on without."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

__all__ = ["backends", "device_count", "empty_cache", "is_available", "manual_seed", "manual_seed_all", "synchronize"]


def is_available() -> bool:
    """Whether there is a GPU."""
    return False


def device_count() -> int:
    """Return how many GPUs there are."""
    return 0


def manual_seed(seed: int) -> None:
    """Seed the GPU's random numbers; nothing to do."""


def empty_cache() -> None:
    """Give unused memory back; nothing to do."""


def synchronize(device: Any = None) -> None:
    """Wait for the GPU; nothing to do."""


manual_seed_all = manual_seed
# `torch.backends`: switches of libraries that are not used, and questions to which the answer is no
backends = SimpleNamespace(
    cudnn=SimpleNamespace(deterministic=False, benchmark=False, enabled=False, is_available=is_available),
    cuda=SimpleNamespace(is_built=is_available),
    mps=SimpleNamespace(is_available=is_available, is_built=is_available),
)
