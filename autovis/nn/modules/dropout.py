"""Dropout as modules: numbers are left out by chance, while training."""

from __future__ import annotations

from typing import Any

from autovis.nn import functional as F
from autovis.nn.functional.pooling import check_chance
from autovis.nn.modules.applied import Applied

__all__ = ["Dropout", "Dropout1d", "Dropout2d"]


class Dropping(Applied):
    """Drops with the chance `p` while training; passes everything in evaluation."""

    p: float
    inplace: bool

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        check_chance(self.p)

    def extra_repr(self) -> str:
        """Return the chance."""
        return f"p={self.p}, inplace={self.inplace}"


class Dropout(Dropping, of=F.dropout):
    """Replaces numbers by 0."""


class Dropout1d(Dropping, of=F.dropout1d):
    """Replaces whole channels of rows by 0."""


class Dropout2d(Dropping, of=F.dropout2d):
    """Replaces whole channels of images by 0."""
