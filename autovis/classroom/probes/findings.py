"""What a probe yields."""

from collections.abc import Callable, Iterator
from typing import TypeAlias

__all__ = ["Findings"]

Findings: TypeAlias = Iterator[tuple[str, Callable[[], object]]]
