"""The optimizers: each is its rule for one parameter, in the order of operations of PyTorch.

`foreach`, `fused`, `differentiable` and `capturable` choose between ways to compute the same in PyTorch; here they are
only shown.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autovis.optim.optimizer import Group, Optimizer, check, counted, decayed, remembered
from autovis.tensor import Tensor

__all__ = ["SGD", "Adagrad", "Adam", "AdamW", "RMSprop"]


class SGD(Optimizer):
    """Goes downhill: `p -= lr * g`; with momentum like a ball that gathers speed.

    Args:
        params: what to optimise.
        lr: learning rate, the length of a step for a slope of 1.
        momentum: share of its speed that the ball keeps from step to step.
        dampening: share of the slope that does not add to the speed.
        weight_decay: pull towards 0.
        nesterov: look ahead by one step of the momentum.
        maximize: go uphill.
        foreach, differentiable, fused: without effect.

    Raises:
        ValueError: for a negative setting; for `nesterov` without momentum or with dampening.

    The first step makes the speed the gradient itself, undampened. Source: Sutskever and others, 2013.
    """

    def __init__(
        self,
        params: Any,
        lr: float = 0.001,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check("learning rate", lr, lr >= 0)
        check("momentum value", momentum, momentum >= 0)
        check("weight_decay value", weight_decay, weight_decay >= 0)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        settings = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
            "foreach": foreach,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, settings)

    def update(self, parameter: Any, gradient: Any, memory: dict[str, Any], settings: Group) -> None:
        """Move against the speed, which the gradient changes."""
        gradient = decayed(gradient, parameter, settings)
        momentum = settings["momentum"]
        if momentum:
            if memory.get("momentum_buffer") is None:
                memory["momentum_buffer"] = Tensor.from_numbers(np.array(gradient, copy=True))
                speed = memory["momentum_buffer"]._array()
            else:
                speed = memory["momentum_buffer"]._array()
                speed *= momentum
                speed += gradient if not settings["dampening"] else (1 - settings["dampening"]) * gradient
            gradient = gradient + momentum * speed if settings["nesterov"] else speed
        parameter -= settings["lr"] * gradient


class Adam(Optimizer):
    """Moves each number by about `lr` a step, whatever the size of its gradients (Kingma and Ba, 2015).

    Args:
        params: what to optimise.
        lr: learning rate.
        betas: share of the mean of gradients, and of their squares, that is kept from step to step.
        eps: keeps the division from 0.
        weight_decay: pull towards 0, through the gradient.
        amsgrad: divide by the largest mean of squares so far.
        maximize: go uphill.
        foreach, capturable, differentiable, fused: without effect.
        decoupled_weight_decay: pull towards 0 directly, as `AdamW`.

    Raises:
        ValueError: for a setting out of range.
    """

    def __init__(
        self,
        params: Any,
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:
        check("learning rate", lr, lr >= 0)
        check("epsilon value", eps, eps >= 0)
        for index, beta in enumerate(betas):
            check(f"beta parameter at index {index}", beta, 0 <= beta < 1)
        check("weight_decay value", weight_decay, weight_decay >= 0)
        settings = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "differentiable": differentiable,
            "fused": fused,
            "decoupled_weight_decay": decoupled_weight_decay,
        }
        super().__init__(params, settings)

    def update(self, parameter: Any, gradient: Any, memory: dict[str, Any], settings: Group) -> None:
        """Move by the mean of the gradients over the root of the mean of their squares."""
        beta1, beta2 = settings["betas"]
        step = counted(memory)
        if settings["decoupled_weight_decay"]:
            parameter *= 1 - settings["lr"] * settings["weight_decay"]
        else:
            gradient = decayed(gradient, parameter, settings)
        mean = remembered(memory, "exp_avg", parameter)
        square = remembered(memory, "exp_avg_sq", parameter)
        mean += (1 - beta1) * (gradient - mean)
        square *= beta2
        square += (1 - beta2) * (gradient * gradient)
        if settings["amsgrad"]:
            square = np.maximum(square, most := remembered(memory, "max_exp_avg_sq", parameter), out=most)
        # both means start at 0; the corrections make up for that
        root = np.sqrt(square)
        root /= (1 - beta2**step) ** 0.5
        root += settings["eps"]
        parameter -= settings["lr"] / (1 - beta1**step) * (mean / root)


class AdamW(Adam):
    """`Adam` whose weight decay pulls directly, not through the gradient (Loshchilov and Hutter, 2019)."""

    def __init__(
        self,
        params: Any,
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
        amsgrad: bool = False,
        **more: Any,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, **more, decoupled_weight_decay=True)


class RMSprop(Optimizer):
    """Divides the gradient by the root of the mean of its squares (Hinton, 2012).

    Args:
        params: what to optimise.
        lr: learning rate.
        alpha: share of the mean of squares that is kept from step to step.
        eps: keeps the division from 0.
        weight_decay: pull towards 0.
        momentum: share of its speed that is kept from step to step.
        centered: subtract the square of the mean: divide by the standard deviation.
        capturable, foreach, differentiable: without effect.
        maximize: go uphill.

    Raises:
        ValueError: for a negative setting.
    """

    def __init__(
        self,
        params: Any,
        lr: float = 0.01,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check("learning rate", lr, lr >= 0)
        check("epsilon value", eps, eps >= 0)
        check("momentum value", momentum, momentum >= 0)
        check("weight_decay value", weight_decay, weight_decay >= 0)
        check("alpha value", alpha, alpha >= 0)
        settings = {
            "lr": lr,
            "momentum": momentum,
            "alpha": alpha,
            "eps": eps,
            "centered": centered,
            "weight_decay": weight_decay,
            "capturable": capturable,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
        }
        super().__init__(params, settings)

    def update(self, parameter: Any, gradient: Any, memory: dict[str, Any], settings: Group) -> None:
        """Move by the gradient over its usual size."""
        gradient, alpha = decayed(gradient, parameter, settings), settings["alpha"]
        counted(memory)
        square = remembered(memory, "square_avg", parameter)
        speed = remembered(memory, "momentum_buffer", parameter) if settings["momentum"] else None
        square *= alpha
        square += (1 - alpha) * (gradient * gradient)
        if settings["centered"]:
            mean = remembered(memory, "grad_avg", parameter)
            mean += (1 - alpha) * (gradient - mean)
            root = np.sqrt(square - mean * mean)
        else:
            root = np.sqrt(square)
        change = gradient / (root + settings["eps"])
        if speed is not None:
            speed *= settings["momentum"]
            speed += change
            change = speed
        parameter -= settings["lr"] * change


class Adagrad(Optimizer):
    """Divides the gradient by the root of the sum of all its squares so far (Duchi and others, 2011).

    Args:
        params: what to optimise.
        lr: learning rate.
        lr_decay: how fast the learning rate falls with the number of steps.
        weight_decay: pull towards 0.
        initial_accumulator_value: what the sum of squares starts with.
        eps: keeps the division from 0.
        foreach, differentiable, fused: without effect.
        maximize: go uphill.

    Raises:
        ValueError: for a negative setting.
    """

    def __init__(
        self,
        params: Any,
        lr: float = 0.01,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check("learning rate", lr, lr >= 0)
        check("lr_decay value", lr_decay, lr_decay >= 0)
        check("weight_decay value", weight_decay, weight_decay >= 0)
        check("initial_accumulator_value value", initial_accumulator_value, initial_accumulator_value >= 0)
        check("epsilon value", eps, eps >= 0)
        settings = {
            "lr": lr,
            "lr_decay": lr_decay,
            "eps": eps,
            "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, settings)
        for group in self.param_groups:
            for parameter in group["params"]:
                memory = self.state[parameter]
                remembered(memory, "step", np.zeros((), np.float32))
                remembered(memory, "sum", parameter._array(), group["initial_accumulator_value"])

    def update(self, parameter: Any, gradient: Any, memory: dict[str, Any], settings: Group) -> None:
        """Move by the gradient over all it has been."""
        gradient = decayed(gradient, parameter, settings)
        rate = settings["lr"] / (1 + (counted(memory) - 1) * settings["lr_decay"])
        total = remembered(memory, "sum", parameter)
        total += gradient * gradient
        parameter -= rate * (gradient / (np.sqrt(total) + settings["eps"]))
