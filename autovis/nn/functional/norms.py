"""Standardising, distances between directions, and frames around images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autovis import errors
from autovis.functions import cosine_similarity
from autovis.rules import norms, shape
from autovis.tensor import Tensor

__all__ = ["batch_norm", "cosine_similarity", "layer_norm", "normalize", "pad", "pairwise_distance"]


def layer_norm(
    input: Tensor, normalized_shape: Sequence[int], weight: Tensor | None = None, bias: Tensor | None = None,
    eps: float = 1e-05,
) -> Any:  # fmt: skip
    """Return the input with mean 0 and variance 1 over its last dimensions, scaled and shifted.

    Those dimensions, the weight and the bias have `normalized_shape`; `eps` is added to the variance.
    """
    sizes = tuple(normalized_shape)
    if tuple(input.shape[-len(sizes) :]) != sizes:
        raise RuntimeError(
            f"Given normalized_shape={list(sizes)}, expected input with shape [*, {', '.join(map(str, sizes))}], but"
            f" got input of size{list(input.shape)}"
        )
    dims = tuple(range(input.ndim - len(sizes), input.ndim))
    weight = input.new_ones(*sizes) if weight is None else weight
    return norms.layer_norm(input, weight, bias, dims=dims, eps=eps, to=sizes, note=[])


def batch_norm(
    input: Tensor, running_mean: Tensor | None, running_var: Tensor | None, weight: Tensor | None = None,
    bias: Tensor | None = None, training: bool = False, momentum: float = 0.1, eps: float = 1e-05,
) -> Any:  # fmt: skip
    """Return the input `(batch, channels, ...)` with mean 0 and variance 1 in each channel, scaled and shifted.

    In training, mean and variance are the batch's own, and the running ones go the share `momentum` of the way there;
    otherwise they are used in their place.
    """
    channels, dims = input.shape[1], (0, *range(2, input.ndim))
    sizes = {"running_mean": running_mean, "running_var": running_var, "weight": weight, "bias": bias}
    for name, given in sizes.items():
        if given is not None and given.numel() != channels:
            raise RuntimeError(f"{name} should contain {channels} elements not {given.numel()}")
    to = (1, channels, *(1,) * (input.ndim - 2))
    weight = input.new_ones(channels) if weight is None else weight
    if not training and running_mean is not None and running_var is not None:
        mean = np.reshape(running_mean.numbers, to)
        scale = (1 / np.sqrt(np.reshape(running_var.numbers, to) + eps)).astype(mean.dtype)
        return norms.batch_norm_fixed(input, weight, bias, mean=mean, scale=scale, to=to)
    if input.numel() == channels:
        raise ValueError(f"Expected more than 1 value per channel when training, got input size {input.shape}")
    note: list[Any] = []
    out = norms.batch_norm(input, weight, bias, dims=dims, eps=eps, to=to, note=note)
    if running_mean is not None and running_var is not None:
        mean, variance, _ = note
        count = input.numel() // channels
        for running, now in ((running_mean, mean), (running_var, variance * (count / (count - 1)))):
            running.data.mul_(1 - momentum).add_(input.like(now.reshape(channels)), alpha=momentum)
    return out


def normalize(input: Tensor, p: float = 2.0, dim: Any = 1, eps: float = 1e-12) -> Any:
    """Return the input divided by its norm along a dimension."""
    return input / input.norm(p, dim, keepdim=True).clamp_min(eps).expand_as(input)


def pairwise_distance(x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-06, keepdim: bool = False) -> Any:
    """Return the distances of vectors that lie along the last dimension; `eps` is added to every difference."""
    return (x1 - x2 + eps).norm(p, -1, keepdim)


def pad(input: Tensor, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Any:
    """Return the input with a frame of one number, 0 if None.

    `pad` lists its widths before and after, for the last dimension first; negative widths cut off.
    """
    if mode != "constant":
        raise errors.not_supported(f"pad(mode={mode!r})", "frames hold one number.")
    widths = [(0, 0)] * (input.ndim - len(pad) // 2) + list(zip(pad[::2], pad[1::2], strict=True))[::-1]
    return shape.constant_pad(input, widths=tuple(widths), value=value or 0)
