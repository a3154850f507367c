"""Losses: how far an output is from its target.

All take `reduction`: the `mean` over everything, the `sum`, or `none`; `size_average` and `reduce` are what it has
replaced.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from autovis import dtypes, errors
from autovis.arrays import peek, place
from autovis.rules import activations, elementwise, neural
from autovis.tensor import Tensor

__all__ = [
    "binary_cross_entropy", "binary_cross_entropy_with_logits", "cross_entropy", "huber_loss", "kl_div", "l1_loss",
    "mse_loss", "nll_loss", "one_hot", "smooth_l1_loss",
]  # fmt: skip


def reduction_of(reduction: str, size_average: bool | None = None, reduce: bool | None = None) -> str:
    """Check a reduction, or read the two flags that it has replaced."""
    if size_average is not None or reduce is not None:
        whole = "mean" if size_average is None or size_average else "sum"
        reduction = whole if reduce is None or reduce else "none"
        sentence = "size_average and reduce args will be deprecated, please use reduction="
        warnings.warn(f"{sentence}'{reduction}' instead.", UserWarning, stacklevel=3)
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"{reduction} is not a valid value for reduction")
    return reduction


def _reduced(losses: Any, reduction: str) -> Any:
    return losses if reduction == "none" else losses.mean() if reduction == "mean" else losses.sum()


def _paired(input: Tensor, target: Tensor) -> tuple[Any, Any]:
    """Warn if the two have different sizes, and broadcast them."""
    if input.shape == target.shape:
        return input, target
    warnings.warn(
        f"Using a target size ({target.shape}) that is different to the input size ({input.shape}). This will likely"
        " lead to incorrect results due to broadcasting. Please ensure they have the same size.",
        UserWarning,
        stacklevel=3,
    )
    try:
        size = np.broadcast_shapes(input.shape, target.shape)
    except ValueError:
        input + target  # says which sizes do not fit
        raise
    return input.expand(*size), target.expand(*size)


def mse_loss(
    input: Tensor, target: Tensor, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
) -> Any:
    """Return the mean of the squared differences."""
    reduction = reduction_of(reduction, size_average, reduce)
    return neural.mse_loss(*_paired(input, target), reduction=reduction)


def l1_loss(
    input: Tensor, target: Tensor, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
) -> Any:
    """Return the mean of the absolute differences."""
    reduction = reduction_of(reduction, size_average, reduce)
    a, b = _paired(input, target)
    return _reduced((a - b).abs(), reduction)


def smooth_l1_loss(
    input: Tensor, target: Tensor, size_average: Any = None, reduce: Any = None, reduction: str = "mean",
    beta: float = 1.0,
) -> Any:  # fmt: skip
    """Return the mean of differences that are squared (halved, over `beta`) where they are smaller than `beta`."""
    reduction = reduction_of(reduction, size_average, reduce)
    if beta < 0:
        raise RuntimeError("smooth_l1_loss does not support negative values for beta.")
    pair = _paired(input, target)
    return activations.smooth_l1(*pair, beta=beta, reduction=reduction) if beta else l1_loss(*pair, reduction=reduction)


def huber_loss(input: Tensor, target: Tensor, reduction: str = "mean", delta: float = 1.0) -> Any:
    """Return the mean of differences that are squared (halved) where they are smaller than `delta`."""
    reduction = reduction_of(reduction)
    if delta <= 0:
        raise RuntimeError("huber_loss does not support non-positive values for delta.")
    return activations.huber(*_paired(input, target), delta=delta, reduction=reduction)


def kl_div(
    input: Tensor, target: Tensor, size_average: Any = None, reduce: Any = None, reduction: str = "mean",
    log_target: bool = False,
) -> Any:  # fmt: skip
    """Return how far the distribution `exp(input)` is from the target: `target * (log target - input)`."""
    if reduction != "batchmean":
        reduction = reduction_of(reduction, size_average, reduce)
    if reduction == "mean":
        warnings.warn(
            "reduction: 'mean' divides the total loss by both the batch size and the support size.'batchmean' divides"
            " only by the batch size, and aligns with the KL div math definition.'mean' will be changed to behave the"
            " same as 'batchmean' in the next major release.",
            UserWarning,
            stacklevel=2,
        )
    logs = target if log_target else elementwise.choose(target > 0, target, 1.0).log()
    losses = (target.exp() if log_target else target) * (logs - input)
    return losses.sum() / input.shape[0] if reduction == "batchmean" else _reduced(losses, reduction)


def binary_cross_entropy(
    input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: Any = None, reduce: Any = None,
    reduction: str = "mean",
) -> Any:  # fmt: skip
    """Return the mean of `-(y log p + (1 - y) log(1 - p))` for probabilities p; logarithms are at least -100."""
    reduction = reduction_of(reduction, size_average, reduce)
    if input.shape != target.shape:
        raise ValueError(
            f"Using a target size ({target.shape}) that is different to the input size ({input.shape}) is deprecated."
            " Please ensure they have the same size."
        )
    if input.dtype is not target.dtype:
        raise errors.explain(
            RuntimeError(f"Found dtype {target.dtype.word} but expected {input.dtype.word}"),
            "Targets are probabilities here: convert them with .float().",
        )
    given = peek(input.numbers)
    if not ((given >= 0) & (given <= 1)).all():
        raise errors.explain(
            RuntimeError("all elements of input should be between 0 and 1"),
            "Put a sigmoid before this loss, or use binary_cross_entropy_with_logits.",
        )
    return activations.bce(input, target, weights=_numbers(weight), reduction=reduction)


def binary_cross_entropy_with_logits(
    input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: Any = None, reduce: Any = None,
    reduction: str = "mean", pos_weight: Tensor | None = None,
) -> Any:  # fmt: skip
    """Return `binary_cross_entropy` of `sigmoid(input)`, without overflow."""
    reduction = reduction_of(reduction, size_average, reduce)
    if input.shape != target.shape:
        raise ValueError(f"Target size ({target.shape}) must be the same as input size ({input.shape})")
    if not target.is_floating_point():
        raise errors.explain(
            RuntimeError(
                f"result type {input.dtype.word} can't be cast to the desired output type {target.dtype.word}"
            ),
            "Targets are probabilities here: convert them with .float().",
        )
    if weight is None and pos_weight is None:
        return neural.bce_with_logits(input, target, reduction=reduction)
    weights, positive = _numbers(weight), _numbers(pos_weight)
    return activations.bce_weighted(input, target, weights=weights, positive=positive, reduction=reduction)


def _numbers(weight: Tensor | None) -> Any:
    return None if weight is None else weight.numbers


def nll_loss(
    input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: Any = None, ignore_index: int = -100,
    reduce: Any = None, reduction: str = "mean",
) -> Any:  # fmt: skip
    """Return the mean of `-input[target]`: of the log-probabilities that the right classes were given.

    The input has shape `(batch, classes)`, `(batch, classes, ...)`, or `(classes,)`; the target, of class numbers, has
    it without the classes. With `weight`, the importance of each class, the mean is a weighted one.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    _check_classes(input, target, weight, ignore_index)
    where = target.numbers[...].reshape(() if input.ndim == 1 else target.shape)
    counted = where.ravel() != ignore_index
    kind = input.dtype.numpy
    shares = counted.astype(kind) if weight is None else counted * weight.numbers[np.where(counted, where.ravel(), 0)]
    total = shares.sum() if reduction == "mean" else kind.type(1)
    if where.ndim == 1 and reduction != "none" and peek(counted).all():
        return neural.nll_loss(input, index=(np.arange(len(where), like=where), where), weights=shares, total=total)
    # every target, also one that is left out, has a place; those left out weigh nothing
    places = [place(axis.ravel(), input.device) for axis in np.indices(where.shape)]
    places.insert(min(1, input.ndim - 1), np.where(counted, where.ravel(), 0).astype(np.int64))
    if reduction == "none":
        return neural.nll_loss_each(input, index=tuple(places), weights=shares, to=where.shape)
    rule = neural.nll_loss2d if input.ndim > 2 else neural.nll_loss
    return rule(input, index=tuple(axis[counted] for axis in places), weights=shares[counted], total=total)


def _check_classes(input: Tensor, target: Tensor, weight: Tensor | None, ignore_index: int) -> None:
    """Refuse what PyTorch refuses, in its words."""
    if not input.ndim:
        raise ValueError("Expected 1 or more dimensions (got 0)")
    classes = input.shape[min(1, input.ndim - 1)]
    if input.ndim > 1 and (not target.ndim or input.shape[0] != target.shape[0]):
        batch = target.shape[0] if target.ndim else 1
        raise ValueError(f"Expected input batch_size ({input.shape[0]}) to match target batch_size ({batch}).")
    if input.ndim <= 2 and target.ndim > 1:
        raise errors.explain(
            RuntimeError("0D or 1D target tensor expected, multi-target not supported"),
            "Targets are one class number for each sample: take away what is too much with .squeeze().",
        )
    if target.dtype not in (dtypes.int64, dtypes.uint8):
        raise errors.explain(
            RuntimeError(f"expected target dtype to be Long or Byte, but got {target.dtype.word}"),
            "Targets are class numbers: convert them with .long().",
        )
    if weight is not None and tuple(weight.shape) != (classes,):
        raise RuntimeError(
            f"weight tensor should be defined either for all {classes} classes or no classes but got weight tensor of"
            f" shape: {list(weight.shape)}"
        )
    given = peek(target.numbers)[...]
    within = (given >= 0) & (given < classes)
    if not within.all() and (wrong := given[~within & (given != ignore_index)]).size:
        raise errors.explain(
            IndexError(f"Target {wrong[0]} is out of bounds."), f"There are {classes} classes, counted from 0."
        )


def cross_entropy(
    input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: Any = None, ignore_index: int = -100,
    reduce: Any = None, reduction: str = "mean", label_smoothing: float = 0.0,
) -> Any:  # fmt: skip
    """Return `nll_loss(log_softmax(input), target)`: how surprised the scores are by the right classes.

    The target holds class numbers, or probabilities in the shape of the input; `label_smoothing` is the share of each
    target that is spread evenly over all classes.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    if not 0 <= label_smoothing <= 1:
        raise RuntimeError(f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing:g}")
    shares, dim = input.shape == target.shape, min(1, input.ndim - 1)
    if shares and not target.is_floating_point():
        raise RuntimeError(f"Expected floating point type for target with class probabilities, got {target.dtype.word}")
    logs = neural.log_softmax(input, dim=dim)
    along = None if weight is None else weight.reshape(*(-1 if i == dim else 1 for i in range(input.ndim)))
    if shares:
        return _of_shares(logs, target, along, reduction, label_smoothing, dim)
    hard = nll_loss(logs, target, weight, ignore_index=ignore_index, reduction=reduction)
    if not label_smoothing:
        return hard
    left_out = target.numbers[...] == ignore_index
    spread = -(logs if along is None else logs * along).sum(dim).masked_fill(Tensor.from_numbers(left_out), 0.0)
    if reduction == "mean":
        classes = target.numbers[...][~left_out]
        spread = spread.sum() / float(len(classes) if weight is None else weight.numbers[classes].sum())
    smooth = spread.sum() if reduction == "sum" else spread
    return (1 - label_smoothing) * hard + label_smoothing / input.shape[dim] * smooth


def _of_shares(logs: Any, target: Tensor, along: Any, reduction: str, smoothing: float, dim: int) -> Any:
    """Cross entropy where the targets are probabilities."""
    classes = logs.shape[dim]
    if smoothing:
        target = target * (1 - smoothing) + smoothing / classes
    surprise = -(logs * target if along is None else logs * target * along).sum(dim if reduction == "none" else None)
    return surprise / (logs.numel() // classes) if reduction == "mean" else surprise


def one_hot(tensor: Tensor, num_classes: int = -1) -> Any:
    """Return for each class a row of zeros with a single one, as int64."""
    classes, given = tensor.numbers[...], peek(tensor.numbers)
    if classes.dtype != np.int64:
        raise RuntimeError("one_hot is only applicable to index tensor of type LongTensor.")
    if classes.size and given.min() < 0:
        raise RuntimeError("Class values must be non-negative.")
    count = int(given.max()) + 1 if num_classes < 0 else num_classes
    if classes.size and given.max() >= count:
        raise RuntimeError("Class values must be smaller than num_classes.")
    return Tensor.from_numbers(np.eye(count, dtype=np.int64, like=classes)[classes])
