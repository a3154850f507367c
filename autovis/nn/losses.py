"""Losses as modules: how far an output is from its target, as one number to be made small."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from autovis.nn import functional as F
from autovis.nn.module import Module
from autovis.tensor import Tensor

__all__ = [
    "BCELoss", "BCEWithLogitsLoss", "CrossEntropyLoss", "HuberLoss", "KLDivLoss", "L1Loss", "MSELoss", "NLLLoss",
    "SmoothL1Loss",
]  # fmt: skip


class Loss(Module):
    """A module for one loss function; every loss takes `reduction`: `mean`, `sum` or `none`.

    Attributes:
        function: what it applies to input and target.
        weights: arguments that are tensors, kept as buffers.
        arguments: other arguments, with what they are when left out.
    """

    function: ClassVar[Callable[..., Any]]
    weights: ClassVar[tuple[str, ...]] = ()
    arguments: ClassVar[dict[str, Any]] = {}
    order: ClassVar[tuple[str, ...]] = ("size_average", "reduce", "reduction")

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__()
        known = {"reduction": "mean", "size_average": None, "reduce": None, **self.arguments}
        values = {**known, **dict(zip(self.order, given, strict=False)), **named}
        if len(given) > len(self.order) or not named.keys() <= {*known, *self.weights}:
            raise TypeError(f"{type(self).__name__} takes {', '.join(self.order)}")
        for name in self.weights:
            self.register_buffer(name, values.pop(name, None))
        self.reduction = values["reduction"]
        for name in self.arguments:
            setattr(self, name, values[name])

    def forward(self, input: Tensor, target: Tensor) -> Any:
        """Return the loss."""
        settings = {name: getattr(self, name) for name in (*self.weights, *self.arguments, "reduction")}
        return type(self).function(input, target, **settings)


class MSELoss(Loss):
    """Mean of the squared differences."""

    function = F.mse_loss


class L1Loss(Loss):
    """Mean of the absolute differences."""

    function = F.l1_loss


class SmoothL1Loss(Loss):
    """Squared differences where they are small, absolute ones elsewhere."""

    function = F.smooth_l1_loss
    arguments: ClassVar[dict[str, Any]] = {"beta": 1.0}
    order = ("size_average", "reduce", "reduction", "beta")


class HuberLoss(Loss):
    """Squared differences where they are smaller than `delta`, absolute ones elsewhere."""

    function = F.huber_loss
    arguments: ClassVar[dict[str, Any]] = {"delta": 1.0}
    order = ("reduction", "delta")


class BCELoss(Loss):
    """How surprised probabilities are by what happened or did not."""

    function = F.binary_cross_entropy
    weights = ("weight",)
    order = ("weight", "size_average", "reduce", "reduction")


class BCEWithLogitsLoss(Loss):
    """`BCELoss` of the sigmoid of the input, without overflow."""

    function = F.binary_cross_entropy_with_logits
    weights = ("weight", "pos_weight")
    order = ("weight", "size_average", "reduce", "reduction", "pos_weight")


class NLLLoss(Loss):
    """Mean of the negative log-probabilities of the right classes."""

    function = F.nll_loss
    weights = ("weight",)
    arguments: ClassVar[dict[str, Any]] = {"ignore_index": -100}
    order = ("weight", "size_average", "ignore_index", "reduce", "reduction")


class CrossEntropyLoss(Loss):
    """`NLLLoss` of the log-softmax of the input: from scores and class numbers to one number."""

    function = F.cross_entropy
    weights = ("weight",)
    arguments: ClassVar[dict[str, Any]] = {"ignore_index": -100, "label_smoothing": 0.0}
    order = ("weight", "size_average", "ignore_index", "reduce", "reduction", "label_smoothing")


class KLDivLoss(Loss):
    """How far one distribution is from another."""

    function = F.kl_div
    arguments: ClassVar[dict[str, Any]] = {"log_target": False}
    order = ("size_average", "reduce", "reduction", "log_target")
