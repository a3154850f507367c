"""Learning rates that change from epoch to epoch: call `scheduler.step()` after the optimizer's steps of an epoch.

A schedule is a formula for the next rate of a group, from the rate in use (`lr`) and the rate at the start (`base`).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from autovis import errors
from autovis.optim.optimizer import Optimizer

__all__ = [
    "CosineAnnealingLR", "ExponentialLR", "LRScheduler", "LambdaLR", "LinearLR", "MultiStepLR", "ReduceLROnPlateau",
    "StepLR",
]  # fmt: skip

Factor = Callable[[int], float]


class LRScheduler:
    """Sets the learning rates of an optimizer; a subclass says to what, by `get_lr`.

    Args:
        optimizer: whose learning rates.
        last_epoch: where to go on; -1 to start.

    Attributes:
        base_lrs: the learning rates at the start, one for each group.
        last_epoch: epochs so far.

    Raises:
        TypeError: if it is no optimizer.
    """

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        self.optimizer = scheduled(optimizer)
        for group in optimizer.param_groups:
            group.setdefault("initial_lr", group["lr"])
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self._step_count = 0
        self._go()

    def _next(self, lr: float, base: float) -> float:
        raise NotImplementedError

    def get_lr(self) -> list[float]:
        """Return the learning rates of this epoch, one for each group."""
        groups = self.optimizer.param_groups
        return [self._next(group["lr"], base) for group, base in zip(groups, self.base_lrs, strict=True)]

    def get_last_lr(self) -> list[float]:
        """Return the learning rates in use."""
        return self._last_lr

    def step(self) -> None:
        """Go on to the next epoch."""
        if self._step_count == 1 and self.optimizer.steps_taken == self.optimizer.scheduled_from:
            warnings.warn(
                "Detected call of `lr_scheduler.step()` before `optimizer.step()`. In PyTorch 1.1.0 and later, you"
                " should call them in the opposite order: `optimizer.step()` before `lr_scheduler.step()`. "
                " Failure to do this will result in PyTorch skipping the first value of the learning rate schedule."
                " See more details at https://pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate",
                UserWarning,
                stacklevel=2,
            )
        self._go()

    def _go(self) -> None:
        self._step_count += 1
        self.last_epoch += 1
        self._set(self.get_lr())

    def _set(self, rates: list[float]) -> None:
        for group, rate in zip(self.optimizer.param_groups, rates, strict=True):
            group["lr"] = rate
        self._last_lr = rates

    def state_dict(self) -> dict[str, Any]:
        """Return everything but the optimizer."""
        return {name: value for name, value in self.__dict__.items() if name != "optimizer"}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from what `state_dict` returned."""
        self.__dict__.update(state_dict)


def scheduled(optimizer: Optimizer) -> Optimizer:
    """Return an optimizer, which from now on knows that it is scheduled."""
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"{type(optimizer).__name__} is not an Optimizer")
    if optimizer.scheduled_from is None:
        optimizer.scheduled_from = optimizer.steps_taken
    return optimizer


class StepLR(LRScheduler):
    """Multiplies the learning rate by `gamma` every `step_size` epochs."""

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1) -> None:
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer, last_epoch)

    def _next(self, lr: float, base: float) -> float:
        return lr * self.gamma if self.last_epoch and self.last_epoch % self.step_size == 0 else lr


class MultiStepLR(LRScheduler):
    """Multiplies the learning rate by `gamma` at certain epochs."""

    def __init__(
        self, optimizer: Optimizer, milestones: Sequence[int], gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.milestones, self.gamma = sorted(milestones), gamma
        super().__init__(optimizer, last_epoch)

    def _next(self, lr: float, base: float) -> float:
        return lr * self.gamma ** self.milestones.count(self.last_epoch)


class ExponentialLR(LRScheduler):
    """Multiplies the learning rate by `gamma` every epoch."""

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def _next(self, lr: float, base: float) -> float:
        return lr * self.gamma if self.last_epoch else lr


class LinearLR(LRScheduler):
    """Lets the factor of the learning rate go from `start_factor` to `end_factor` in equal steps: a warm-up.

    Raises:
        ValueError: for a factor out of range.
    """

    def __init__(
        self, optimizer: Optimizer, start_factor: float = 1 / 3, end_factor: float = 1.0, total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:  # fmt: skip
        if not 0 < start_factor <= 1:
            raise ValueError("Starting multiplicative factor expected to be greater than 0 and less or equal to 1.")
        if not 0 <= end_factor <= 1:
            raise ValueError("Ending multiplicative factor expected to be between 0 and 1.")
        self.start_factor, self.end_factor, self.total_iters = start_factor, end_factor, total_iters
        super().__init__(optimizer, last_epoch)

    def _next(self, lr: float, base: float) -> float:
        if self.last_epoch > self.total_iters:
            return lr
        rise = self.end_factor - self.start_factor
        before = self.total_iters * self.start_factor + (self.last_epoch - 1) * rise
        return lr * (1 + rise / before) if self.last_epoch else lr * self.start_factor


class LambdaLR(LRScheduler):
    """Multiplies the learning rate at the start by a function of the epoch, one for all groups or one for each."""

    def __init__(self, optimizer: Optimizer, lr_lambda: Factor | Sequence[Factor], last_epoch: int = -1) -> None:
        groups = len(optimizer.param_groups)
        self.lr_lambdas = list(lr_lambda) if isinstance(lr_lambda, Sequence) else [lr_lambda] * groups
        if len(self.lr_lambdas) != groups:
            raise ValueError(f"Expected {groups} lr_lambdas, but got {len(self.lr_lambdas)}")
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """Return the learning rates of this epoch."""
        return [rate * factor(self.last_epoch) for rate, factor in zip(self.base_lrs, self.lr_lambdas, strict=True)]


class CosineAnnealingLR(LRScheduler):
    """Lets the learning rate swing down to `eta_min` along a cosine, in `T_max` epochs, and up again.

    Source: Loshchilov and Hutter, 2017; from the rate of the epoch before, as PyTorch.
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1) -> None:
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer, last_epoch)

    def _next(self, lr: float, base: float) -> float:
        epoch, low = self.last_epoch, self.eta_min
        if epoch == 0:
            return lr
        if (epoch - 1 - self.T_max) % (2 * self.T_max) == 0:
            return lr + (base - low) * (1 - math.cos(math.pi / self.T_max)) / 2
        now, before = (1 + math.cos(math.pi * n / self.T_max) for n in (epoch, epoch - 1))
        return now / before * (lr - low) + low


class ReduceLROnPlateau(LRScheduler):
    """Multiplies the learning rate by `factor` when a number has not become better for more than `patience` epochs.

    Args:
        optimizer: whose learning rates.
        mode: `min` if smaller is better, else `max`.
        factor: what rates are multiplied by.
        patience: epochs without progress that are let pass.
        threshold: the part of the best number by which a better one must be better.
        threshold_mode: `rel`, or `abs` for a difference.
        cooldown: epochs after a reduction that are not counted.
        min_lr: rates do not become smaller.
        eps: changes smaller than this are not made.
    """

    def __init__(
        self, optimizer: Optimizer, mode: str = "min", factor: float = 0.1, patience: int = 10,
        threshold: float = 1e-4, threshold_mode: str = "rel", cooldown: int = 0, min_lr: float = 0, eps: float = 1e-8,
    ) -> None:  # fmt: skip
        if factor >= 1.0:
            raise ValueError("Factor should be < 1.0.")
        self.optimizer = scheduled(optimizer)
        self.mode, self.factor, self.patience, self.cooldown = mode, factor, patience, cooldown
        self.threshold, self.threshold_mode, self.min_lr, self.eps = threshold, threshold_mode, min_lr, eps
        self.best, self.num_bad_epochs, self.cooldown_counter = math.inf if mode == "min" else -math.inf, 0, 0
        self.last_epoch = 0
        self._set([group["lr"] for group in optimizer.param_groups])

    def is_better(self, now: float) -> bool:
        """Whether a number is better than the best so far by more than the threshold."""
        sign = 1 if self.mode == "max" else -1
        if self.threshold_mode == "abs":
            return sign * now > sign * self.best + self.threshold
        return sign * now > sign * self.best * (1 + sign * self.threshold)

    def step(self, metrics: Any) -> None:  # type: ignore[override]  # PyTorch's signature
        """Look at the number of this epoch."""
        now = float(metrics)
        self.last_epoch += 1
        better = self.is_better(now)
        self.best, self.num_bad_epochs = (now, 0) if better else (self.best, self.num_bad_epochs + 1)
        if self.cooldown_counter > 0:
            self.cooldown_counter, self.num_bad_epochs = self.cooldown_counter - 1, 0
        if self.num_bad_epochs > self.patience:
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
            self._set([self._next(group["lr"], 0) for group in self.optimizer.param_groups])
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]

    def _next(self, lr: float, base: float) -> float:
        rate = max(lr * self.factor, self.min_lr)
        return rate if lr - rate > self.eps else lr


def __getattr__(name: str) -> Any:
    offered = ", ".join(word for word in __all__ if word != "LRScheduler")
    raise errors.explain(
        AttributeError(f"module 'torch.optim.lr_scheduler' has no attribute {name!r}"),
        f"autovis has {offered}; LambdaLR takes any formula.",
    )
