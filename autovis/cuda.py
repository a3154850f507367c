"""What programs ask about a GPU before they use one: there is none here, and they go on without."""

from __future__ import annotations

from typing import Any

__all__ = ["device_count", "empty_cache", "is_available", "manual_seed", "manual_seed_all", "synchronize"]


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
