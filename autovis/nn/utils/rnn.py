"""Sequences of different lengths in one tensor, under the names of `torch.nn.utils.rnn`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autovis.functions import cat, stack
from autovis.nn.left_out import SEQUENCES, missing

__all__ = ["pad_sequence"]


def pad_sequence(sequences: Sequence[Any], batch_first: bool = False, padding_value: float = 0.0) -> Any:
    """Return sequences `(steps, ...)` as one tensor `(longest, batch, ...)`, the short ones filled up."""
    longest = max(len(each) for each in sequences)
    filled = [cat([each, each.new_full((longest - len(each), *each.shape[1:]), padding_value)]) for each in sequences]
    return stack(filled, 0 if batch_first else 1)


def __getattr__(name: str) -> Any:
    raise missing("nn.utils.rnn", name, SEQUENCES)
