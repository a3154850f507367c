"""A program of PyTorch's runs on, whatever happens here."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import wraps
from typing import Any

__all__ = ["LOST", "careful"]

LOST = "autovis cannot follow PyTorch any further on this tape: {}: {}. The program itself is not affected."


def careful(step: Callable[..., Any]) -> Callable[..., Any]:
    """Let a step of ours give up quietly: if it fails once, the rest of the tape goes without PyTorch.

    Args:
        step: a method of something that has `twins`.
    """

    @wraps(step)
    def run(self: Any, *given: Any, **named: Any) -> Any:
        if self.twins.lost:
            return None
        try:
            return step(self, *given, **named)
        except Exception as error:  # noqa: BLE001, no mistake of ours may stop the user's program
            self.twins.lost = True
            warnings.warn(LOST.format(type(error).__name__, error), UserWarning, stacklevel=3)
            return None

    return run
