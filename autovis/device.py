"""Where an array lives."""

from __future__ import annotations

__all__ = ["Device"]


class Device(str):
    """Where memory is; prints as PyTorch's does."""

    __slots__ = ()

    @property
    def type(self) -> str:
        """`cpu`, `cuda` or `sim`."""
        return str(self).partition(":")[0]

    @property
    def index(self) -> int | None:  # type: ignore[override]  # PyTorch's name; nobody searches in a device
        """Which of several."""
        number = self.partition(":")[2]
        return int(number) if number else None

    def __repr__(self) -> str:
        number = "" if self.index is None else f", index={self.index}"
        return f"device(type='{self.type}'{number})"
