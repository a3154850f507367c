"""Optimizers, under the names of `torch.optim`.

>>> from autovis import optim, tensor
>>> w = tensor([1.0], requires_grad=True)
>>> (w * w).sum().backward()
>>> optim.SGD([w], lr=0.1).step()
>>> w
tensor([0.8000], requires_grad=True)
"""

from __future__ import annotations

from typing import Any

from autovis import errors
from autovis.optim import lr_scheduler
from autovis.optim.optimizer import Optimizer
from autovis.optim.rules import SGD, Adadelta, Adagrad, Adam, AdamW, RMSprop

__all__ = ["SGD", "Adadelta", "Adagrad", "Adam", "AdamW", "Optimizer", "RMSprop", "lr_scheduler"]


def __getattr__(name: str) -> Any:
    raise errors.unknown("torch.optim", name)
