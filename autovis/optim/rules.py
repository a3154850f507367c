"""The optimizers: each is its rule for one parameter, in the order of operations of PyTorch.

In a rule, `p` is the parameter, `g` its gradient and `s` the settings; what `remembered` returns is kept from step to
step. `lr` is the length of a step, `weight_decay` a pull towards 0, `maximize` goes uphill. `foreach`, `fused` and
`capturable` choose in PyTorch between ways to compute the same; here they are only shown.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autovis import errors
from autovis.optim.optimizer import Group, Memory, Optimizer, counted, remembered
from autovis.tensor import Tensor

__all__ = ["SGD", "Adadelta", "Adagrad", "Adam", "AdamW", "RMSprop"]

WORDS = {"lr": "learning rate", "eps": "epsilon value"}  # what errors call a setting, where it is not "... value"
NOT_NEGATIVE = ("lr", "lr_decay", "eps", "momentum", "alpha", "rho", "weight_decay", "initial_accumulator_value")


def checked(given: dict[str, Any], first: str = "") -> Group:
    """Return the settings among the local names of an `__init__`.

    Args:
        given: the local names.
        first: settings that PyTorch lists first.

    Raises:
        ValueError: if one is out of range.
        RuntimeError: if two ways to compute contradict each other.
    """
    names = [name for name in dict.fromkeys([*first.split(), *given]) if name not in ("self", "params", "__class__")]
    for name in NOT_NEGATIVE:
        if name in given and not 0 <= given[name] <= (1 if name == "rho" else np.inf):
            raise ValueError(f"Invalid {WORDS.get(name, f'{name} value')}: {given[name]}")
    for index, beta in enumerate(given.get("betas", ())):
        if not 0 <= beta < 1:
            raise ValueError(f"Invalid beta parameter at index {index}: {beta}")
    if given["differentiable"]:
        raise errors.not_supported("differentiable=True", "write the step with operations on tensors.")
    if given.get("fused") and given["foreach"]:
        raise RuntimeError("`fused` and `foreach` cannot be `True` together.")
    return {name: given[name] for name in names}


class SGD(Optimizer):
    """Goes downhill: `p -= lr * g`; with momentum like a ball that gathers speed (Sutskever and others, 2013).

    `momentum` is the share of its speed that the ball keeps, `dampening` the share of the slope that does not add to
    it, `nesterov` looks one step ahead. The first step makes the speed the gradient itself, undampened.
    """

    def __init__(
        self, params: Any, lr: float = 0.001, momentum: float = 0, dampening: float = 0, weight_decay: float = 0,
        nesterov: bool = False, *, maximize: bool = False, foreach: bool | None = None, differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:  # fmt: skip
        super().__init__(params, checked(locals()))
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")

    def update(self, p: Any, g: Any, memory: Memory, s: Group) -> None:
        """Move against the speed, which the gradient changes."""
        if momentum := s["momentum"]:
            if memory.get("momentum_buffer") is None:
                memory["momentum_buffer"] = Tensor.from_numbers(np.copy(g))
                speed = memory["momentum_buffer"]._array()
            else:
                speed = memory["momentum_buffer"]._array()
                speed *= momentum
                speed += (1 - s["dampening"]) * g if s["dampening"] else g
            g = g + momentum * speed if s["nesterov"] else speed
        p -= s["lr"] * g


class Adam(Optimizer):
    """Moves each number by about `lr` a step, whatever the size of its gradients (Kingma and Ba, 2015).

    `betas` are the shares of the mean of the gradients, and of their squares, that are kept from step to step. Both
    start at 0; the corrections make up for that. `amsgrad` divides by the largest mean of squares so far.
    """

    def __init__(
        self, params: Any, lr: float = 0.001, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
        weight_decay: float = 0, amsgrad: bool = False, *, maximize: bool = False, foreach: bool | None = None,
        capturable: bool = False, differentiable: bool = False, fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(params, checked(locals()))

    def update(self, p: Any, g: Any, memory: Memory, s: Group) -> None:
        """Move by the mean of the gradients over the root of the mean of their squares."""
        beta1, beta2 = s["betas"]
        step = counted(memory)
        mean, square = remembered(memory, "exp_avg", p), remembered(memory, "exp_avg_sq", p)
        mean += (1 - beta1) * (g - mean)
        square *= beta2
        square += (1 - beta2) * (g * g)
        if s["amsgrad"]:
            square = np.maximum(square, most := remembered(memory, "max_exp_avg_sq", p), out=most)
        root = np.sqrt(square)
        root /= (1 - beta2**step) ** 0.5
        root += s["eps"]
        p -= s["lr"] / (1 - beta1**step) * (mean / root)


class AdamW(Adam):
    """`Adam` whose weight decay pulls directly, not through the gradient (Loshchilov and Hutter, 2019)."""

    def __init__(
        self, params: Any, lr: float = 0.001, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
        weight_decay: float = 0.01, amsgrad: bool = False, **ways: Any,
    ) -> None:  # fmt: skip
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, **ways, decoupled_weight_decay=True)


class RMSprop(Optimizer):
    """Divides the gradient by the root of the mean of its squares (Hinton, 2012).

    `alpha` is the share of that mean that is kept from step to step; `centered` subtracts the square of the mean, which
    makes the root a standard deviation; `momentum` is as for `SGD`.
    """

    def __init__(
        self, params: Any, lr: float = 0.01, alpha: float = 0.99, eps: float = 1e-8, weight_decay: float = 0,
        momentum: float = 0, centered: bool = False, capturable: bool = False, foreach: bool | None = None,
        maximize: bool = False, differentiable: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(params, checked(locals(), "lr momentum alpha eps centered"))

    def update(self, p: Any, g: Any, memory: Memory, s: Group) -> None:
        """Move by the gradient over its usual size."""
        alpha = s["alpha"]
        counted(memory)
        root = square = remembered(memory, "square_avg", p)
        speed = remembered(memory, "momentum_buffer", p) if s["momentum"] else None
        square *= alpha
        square += (1 - alpha) * (g * g)
        if s["centered"]:
            mean = remembered(memory, "grad_avg", p)
            mean += (1 - alpha) * (g - mean)
            root = square - mean * mean
        g = g / (np.sqrt(root) + s["eps"])
        if speed is not None:
            speed *= s["momentum"]
            speed += g
            g = speed
        p -= s["lr"] * g


class Adagrad(Optimizer):
    """Divides the gradient by the root of the sum of all its squares so far (Duchi and others, 2011).

    `lr_decay` lets the learning rate fall with the number of steps; `initial_accumulator_value` starts the sum.
    """

    def __init__(
        self, params: Any, lr: float = 0.01, lr_decay: float = 0, weight_decay: float = 0,
        initial_accumulator_value: float = 0, eps: float = 1e-10, foreach: bool | None = None, *,
        maximize: bool = False, differentiable: bool = False, fused: bool | None = None,
    ) -> None:  # fmt: skip
        super().__init__(params, checked(locals(), "lr lr_decay eps"))
        for group in self.param_groups:
            for parameter in group["params"]:
                memory = self.state[parameter]
                remembered(memory, "step", np.zeros((), np.float32))
                remembered(memory, "sum", parameter._array(), group["initial_accumulator_value"])

    def update(self, p: Any, g: Any, memory: Memory, s: Group) -> None:
        """Move by the gradient over all it has been."""
        rate = s["lr"] / (1 + (counted(memory) - 1) * s["lr_decay"])
        total = remembered(memory, "sum", p)
        total += g * g
        p -= rate * (g / (np.sqrt(total) + s["eps"]))


class Adadelta(Optimizer):
    """Moves by as much as it usually moves, for a gradient of the usual size (Zeiler, 2012); needs no learning rate.

    `rho` is the share of both means of squares that is kept from step to step.
    """

    def __init__(
        self, params: Any, lr: float = 1.0, rho: float = 0.9, eps: float = 1e-6, weight_decay: float = 0,
        foreach: bool | None = None, *, maximize: bool = False, capturable: bool = False, differentiable: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(params, checked(locals(), "lr rho eps weight_decay maximize capturable"))

    def update(self, p: Any, g: Any, memory: Memory, s: Group) -> None:
        """Move by the gradient, times the usual move over the usual gradient."""
        rho = s["rho"]
        counted(memory)
        square, moved = remembered(memory, "square_avg", p), remembered(memory, "acc_delta", p)
        square *= rho
        square += (1 - rho) * (g * g)
        move = np.sqrt(moved + s["eps"]) / np.sqrt(square + s["eps"]) * g
        moved *= rho
        moved += (1 - rho) * (move * move)
        p -= s["lr"] * move
