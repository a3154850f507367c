"""Losses: how far an output is from its target."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from autovis import dtypes, errors
from autovis.rules import activations, elementwise, neural
from autovis.tensor import Tensor

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "huber_loss",
    "kl_div",
    "l1_loss",
    "mse_loss",
    "nll_loss",
    "one_hot",
    "smooth_l1_loss",
]


def _reduction(reduction: str, size_average: bool | None = None, reduce: bool | None = None) -> str:
    """Check a reduction, or read the two flags that it has replaced."""
    if size_average is not None or reduce is not None:
        whole = "sum" if size_average is False else "mean"
        reduction = "none" if reduce is False else whole
        warnings.warn(
            f"size_average and reduce args will be deprecated, please use reduction='{reduction}' instead.",
            UserWarning,
            stacklevel=3,
        )
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"{reduction} is not a valid value for reduction")
    return reduction


def _reduced(losses: Tensor, reduction: str) -> Any:
    return {"none": lambda: losses, "mean": losses.mean, "sum": losses.sum}[reduction]()


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
    """Return the mean of the squared differences; with `reduction="sum"` their sum, with `"none"` each."""
    reduction = _reduction(reduction, size_average, reduce)
    return neural.mse_loss(*_paired(input, target), reduction=reduction)


def l1_loss(
    input: Tensor, target: Tensor, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
) -> Any:
    """Return the mean of the absolute differences."""
    reduction = _reduction(reduction, size_average, reduce)
    a, b = _paired(input, target)
    return _reduced((a - b).abs(), reduction)


def smooth_l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    beta: float = 1.0,
) -> Any:
    """Return the mean of differences that are squared (halved, over `beta`) where they are smaller than `beta`."""
    reduction = _reduction(reduction, size_average, reduce)
    pair = _paired(input, target)
    if beta == 0:
        return l1_loss(*pair, reduction=reduction)
    return activations.smooth_l1(*pair, beta=beta, reduction=reduction)


def huber_loss(input: Tensor, target: Tensor, reduction: str = "mean", delta: float = 1.0) -> Any:
    """Return the mean of differences that are squared (halved) where they are smaller than `delta`."""
    return activations.huber(*_paired(input, target), delta=delta, reduction=_reduction(reduction))


def kl_div(
    input: Tensor,
    target: Tensor,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    log_target: bool = False,
) -> Any:
    """Return how far the distribution `exp(input)` is from the target: `target * (log target - input)`."""
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
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Any:
    """Return the mean of `-(y log p + (1 - y) log(1 - p))` for probabilities p; logarithms are at least -100.

    Raises:
        ValueError: if the sizes differ.
        RuntimeError: if an input is no probability.
    """
    reduction = _reduction(reduction, size_average, reduce)
    if input.shape != target.shape:
        raise ValueError(
            f"Using a target size ({target.shape}) that is different to the input size ({input.shape}) is deprecated."
            " Please ensure they have the same size."
        )
    if not ((input.numbers >= 0) & (input.numbers <= 1)).all():
        raise errors.explain(
            RuntimeError("all elements of input should be between 0 and 1"),
            "Put a sigmoid before this loss, or use binary_cross_entropy_with_logits.",
        )
    weights = None if weight is None else weight.numbers
    return activations.bce(input, target, weights=weights, reduction=reduction)


def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    pos_weight: Tensor | None = None,
) -> Any:
    """Return `binary_cross_entropy` of `sigmoid(input)`, without overflow.

    Raises:
        ValueError: if the sizes differ.
    """
    reduction = _reduction(reduction, size_average, reduce)
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
    weights, positive = (None if each is None else each.numbers for each in (weight, pos_weight))
    return activations.bce_weighted(input, target, weights=weights, positive=positive, reduction=reduction)


def nll_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: Any = None,
    ignore_index: int = -100,
    reduce: Any = None,
    reduction: str = "mean",
) -> Any:
    """Return the mean of `-input[target]`: of the log-probabilities that the right classes were given.

    Args:
        input: log-probabilities of shape `(batch, classes)`, `(batch, classes, ...)`, or `(classes,)`.
        target: classes of shape `(batch)`, `(batch, ...)`, or `()`.
        weight: importance of each class; the mean is a weighted one.
        size_average: old, see `reduce`.
        ignore_index: a class that is left out.
        reduce: old; use `reduction`.
        reduction: `mean`, `sum` or `none`.

    Raises:
        ValueError: if the batches differ.
        RuntimeError: if targets are no integers.
        IndexError: if a class is not there.
    """
    reduction = _reduction(reduction, size_average, reduce)
    _check_classes(input, target, weight, ignore_index)
    where = np.asarray(target.numbers)
    counted = (where != ignore_index).ravel()
    places = list(np.nonzero(where != ignore_index)) if where.ndim else []
    places.insert(min(1, input.ndim - 1), where.ravel()[counted].astype(np.int64))
    kind = input.dtype.numpy
    shares = np.ones(len(places[0]), kind) if weight is None else weight.numbers[places[min(1, input.ndim - 1)]]
    if reduction == "none":
        return _nll_each(input, where, counted, places, shares)
    rule = neural.nll_loss2d if input.ndim > 2 else neural.nll_loss
    total = shares.sum() if reduction == "mean" else kind.type(1)
    return rule(input, index=tuple(places), weights=shares, total=total)


def _nll_each(input: Tensor, where: Any, counted: Any, places: list[Any], shares: Any) -> Any:
    """One loss for each sample; those left out get 0."""
    everywhere = [axis.ravel() for axis in np.indices(where.shape)]
    everywhere.insert(min(1, input.ndim - 1), np.where(counted, where.ravel(), 0).astype(np.int64))
    weights = np.zeros(where.size, shares.dtype)
    weights[counted] = shares
    return neural.nll_loss_each(input, index=tuple(everywhere), weights=weights, to=where.shape)


def _check_classes(input: Tensor, target: Tensor, weight: Tensor | None, ignore_index: int) -> None:
    classes = input.shape[min(1, input.ndim - 1)]
    if input.ndim > 1 and (not target.ndim or input.shape[0] != target.shape[0]):
        batch = target.shape[0] if target.ndim else 1
        raise ValueError(f"Expected input batch_size ({input.shape[0]}) to match target batch_size ({batch}).")
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
    given = np.asarray(target.numbers)
    wrong = given[((given < 0) | (given >= classes)) & (given != ignore_index)]
    if wrong.size:
        raise errors.explain(
            IndexError(f"Target {wrong[0]} is out of bounds."),
            f"There are {classes} classes, counted from 0.",
        )


def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: Any = None,
    ignore_index: int = -100,
    reduce: Any = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    """Return `nll_loss(log_softmax(input), target)`: how surprised the scores are by the right classes.

    Args:
        input: scores of any size, of shape `(batch, classes, ...)` or `(classes,)`.
        target: classes, or probabilities of the shape of the input.
        weight: importance of each class.
        size_average: old, see `reduce`.
        ignore_index: a class that is left out.
        reduce: old; use `reduction`.
        reduction: `mean`, `sum` or `none`.
        label_smoothing: share of each target that is spread evenly over all classes.

    Raises:
        ValueError, RuntimeError, IndexError: as for `nll_loss`.
    """
    reduction = _reduction(reduction, size_average, reduce)
    classes_at = min(1, input.ndim - 1)
    logs = neural.log_softmax(input, dim=classes_at)
    if target.is_floating_point() and target.shape == input.shape:
        return _cross_entropy_of_shares(logs, target, weight, reduction, label_smoothing, classes_at)
    hard = nll_loss(logs, target, weight, ignore_index=ignore_index, reduction=reduction)
    if not label_smoothing:
        return hard
    counted = Tensor.from_numbers(np.asarray(target.numbers != ignore_index))
    spread = (
        -(logs if weight is None else logs * _along(weight, logs, classes_at))
        .sum(classes_at)
        .masked_fill(~counted, 0.0)
    )
    if reduction == "mean":
        classes = np.asarray(target.numbers)[counted.numbers]
        spread = spread.sum() / float(len(classes) if weight is None else weight.numbers[classes].sum())
    smooth = spread.sum() if reduction == "sum" else spread
    return (1 - label_smoothing) * hard + label_smoothing / input.shape[classes_at] * smooth


def _along(weight: Tensor, like: Tensor, dim: int) -> Any:
    return weight.reshape(*(-1 if i == dim else 1 for i in range(like.ndim)))


def _cross_entropy_of_shares(
    logs: Tensor, target: Tensor, weight: Tensor | None, reduction: str, smoothing: float, dim: int
) -> Any:
    if smoothing:
        target = target * (1 - smoothing) + smoothing / logs.shape[dim]
    weighed = logs * target if weight is None else logs * target * _along(weight, logs, dim)
    if reduction == "none":
        return -weighed.sum(dim)
    total = -weighed.sum()
    return total / (logs.numel() // logs.shape[dim]) if reduction == "mean" else total


def one_hot(tensor: Tensor, num_classes: int = -1) -> Any:
    """Return for each class a row of zeros with a single one, as int64.

    Raises:
        RuntimeError: if a class is not below `num_classes`.
    """
    classes = np.asarray(tensor.numbers)
    count = int(classes.max()) + 1 if num_classes < 0 else num_classes
    if classes.size and classes.max() >= count:
        raise RuntimeError("Class values must be smaller than num_classes.")
    return Tensor.from_numbers(np.eye(count, dtype=np.int64)[classes])
