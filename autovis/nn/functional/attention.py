"""Attention: each place takes a mixture of the values, by how well its query fits their keys."""

from __future__ import annotations

import math
from typing import Any

from autovis import dtypes
from autovis.creation import ones
from autovis.nn.functional.pooling import dropout
from autovis.rules import neural
from autovis.tensor import Tensor

__all__ = ["scaled_dot_product_attention"]


def scaled_dot_product_attention(
    query: Tensor, key: Tensor, value: Tensor, attn_mask: Tensor | None = None, dropout_p: float = 0.0,
    is_causal: bool = False, scale: float | None = None,
) -> Any:  # fmt: skip
    """Return `softmax(query @ keyᵀ * scale) @ value` (Vaswani and others, 2017), all `(..., places, features)`.

    `attn_mask` is True where a place may look, or is added to the scores; `is_causal` lets it see only itself and those
    before it. The scale is one over the root of the features where None.
    """
    factor = 1 / math.sqrt(query.shape[-1]) if scale is None else scale
    scores = query @ key.transpose(-2, -1) * factor
    if is_causal:
        attn_mask = ones(*scores.shape[-2:], dtype=dtypes.bool_, device=query.device).tril()
    if attn_mask is not None:
        truth = attn_mask.dtype is dtypes.bool_
        scores = scores.masked_fill(attn_mask.logical_not(), -math.inf) if truth else scores + attn_mask
    return dropout(neural.softmax(scores, dim=scores.ndim - 1), dropout_p) @ value
