"""Pooling as modules: of each window, one number remains."""

from __future__ import annotations

from typing import Any

from autovis.nn import functional as F
from autovis.nn.functional.weights import as_tuple
from autovis.nn.modules.applied import Applied

__all__ = [
    "AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AvgPool1d", "AvgPool2d", "MaxPool1d", "MaxPool2d",
]  # fmt: skip

MAX = "kernel_size stride padding dilation return_indices ceil_mode"
SHOWN = "kernel_size stride padding"


class Pooling(Applied):
    """Steps by the size of the window unless told otherwise."""

    kernel_size: Any
    stride: Any
    padding: Any

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.stride = self.kernel_size if self.stride is None else self.stride


class MaxPool1d(Pooling, of=F.max_pool1d, takes=MAX, shows=SHOWN + " dilation ceil_mode"):
    """Keeps the maximum in each window of rows `(batch, channels, length)`."""


class MaxPool2d(Pooling, of=F.max_pool2d, takes=MAX, shows=SHOWN + " dilation ceil_mode"):
    """Keeps the maximum in each window of images `(batch, channels, height, width)`."""


class AvgPool2d(Pooling, of=F.avg_pool2d, shows=SHOWN):
    """Keeps the mean of each window of images."""


class AvgPool1d(Pooling, of=F.avg_pool1d, shows=SHOWN):
    """Keeps the mean of each window of rows."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.kernel_size, self.stride, self.padding = (
            as_tuple(size, 1) for size in (self.kernel_size, self.stride, self.padding)
        )


class AdaptiveAvgPool1d(Applied, of=F.adaptive_avg_pool1d):
    """Keeps the means of as many windows as asked for, whatever the length of the row."""


class AdaptiveAvgPool2d(Applied, of=F.adaptive_avg_pool2d):
    """Keeps the means of as many windows as asked for, whatever the size of the image."""
