"""Losses as modules: how far an output is from its target, as one number to be made small."""

from __future__ import annotations

from typing import Any

from autovis.nn import functional as F
from autovis.nn.functional.losses import reduction_of
from autovis.nn.modules.applied import Applied
from autovis.tensor import Tensor

__all__ = [
    "BCELoss", "BCEWithLogitsLoss", "CrossEntropyLoss", "HuberLoss", "KLDivLoss", "L1Loss", "MSELoss", "NLLLoss",
    "SmoothL1Loss",
]  # fmt: skip

WEIGHTS = ("weight", "pos_weight")
OLD = ("size_average", "reduce")  # what `reduction` has replaced


class _Loss(Applied, of=F.mse_loss, shows=""):
    """Applies one function to outputs and targets; `reduction` is `mean`, `sum` or `none`; weights are buffers."""

    def __init_subclass__(cls, **row: Any) -> None:
        """Print nothing, and hand on nothing that `reduction` has replaced."""
        super().__init_subclass__(**row, shows="")
        if "of" in row:
            cls.hands = tuple(name for name in cls.hands if name not in OLD)

    def __init__(self, *given: Any, **named: Any) -> None:
        super(Applied, self).__init__()
        bound = self._bound(given, named)
        old = [bound.pop(name, None) for name in OLD]
        self.reduction = bound.pop("reduction")
        if old != [None, None]:
            self.reduction = reduction_of(self.reduction, *old)
        for name, value in bound.items():
            self.register_buffer(name, value) if name in WEIGHTS else setattr(self, name, value)

    def forward(self, input: Tensor, target: Tensor) -> Any:  # type: ignore[override]  # a loss has two inputs
        """Return the loss."""
        return self._apply(input, target)


class MSELoss(_Loss, of=F.mse_loss):
    """Mean of the squared differences."""


class L1Loss(_Loss, of=F.l1_loss):
    """Mean of the absolute differences."""


class SmoothL1Loss(_Loss, of=F.smooth_l1_loss):
    """Squared differences where they are small, absolute ones elsewhere."""


class HuberLoss(_Loss, of=F.huber_loss):
    """Squared differences where they are smaller than `delta`, absolute ones elsewhere."""


class BCELoss(_Loss, of=F.binary_cross_entropy):
    """How surprised probabilities are by what happened or did not."""


class BCEWithLogitsLoss(_Loss, of=F.binary_cross_entropy_with_logits):
    """`BCELoss` of the sigmoid of the input, without overflow."""


class NLLLoss(_Loss, of=F.nll_loss):
    """Mean of the negative log-probabilities of the right classes."""


class CrossEntropyLoss(_Loss, of=F.cross_entropy):
    """`NLLLoss` of the log-softmax of the input: from scores and class numbers to one number."""


class KLDivLoss(_Loss, of=F.kl_div):
    """How far one distribution is from another."""
