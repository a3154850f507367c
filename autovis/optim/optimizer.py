"""What all optimizers share: groups of parameters with settings, a memory for each parameter, a step.

An optimizer is a rule for one parameter: `update(p, g, memory, s)`. It works on arrays, in place, so a parameter stays
the same leaf over the same memory; only its version counts up.
"""

from __future__ import annotations

import warnings
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import wraps
from itertools import chain
from typing import Any

import numpy as np

from autovis import errors, events
from autovis.hooks import HookList, RemovableHandle, register
from autovis.modes import enable_grad
from autovis.parameters import clear_grad, typename
from autovis.tensor import Tensor

__all__ = ["Optimizer"]

Group = dict[str, Any]
Memory = dict[str, Any]


def told(step: Callable[..., Any]) -> Callable[..., Any]:
    """Let hooks know of a step, and schedulers that there was one; of steps that learners write, too."""

    @wraps(step)
    def run(self: Optimizer, *given: Any, **named: Any) -> Any:
        for hook in tuple(self._before_step.values()):
            (_, *given), named = hook(self, (self, *given), named) or ((self, *given), named)  # type: ignore[assignment]
        result = step(self, *given, **named)
        self.steps_taken += 1
        for hook in tuple(self._after_step.values()):
            hook(self, (self, *given), named)
        return result

    return run


class Optimizer:
    """Changes parameters so that a loss becomes smaller; a subclass says by which rule.

    Args:
        params: tensors, pairs of a name and a tensor, or groups: dictionaries with `params` and their own settings.
        defaults: the settings, for groups that do not say otherwise.

    Attributes:
        param_groups: the groups, each with its parameters and settings.
        state: for each parameter what the rule remembers.
        steps_taken: how many steps there were.
        scheduled_from: how many of them before the first scheduler came.

    Raises:
        TypeError: if `params` is a single tensor, or holds something else than tensors.
        ValueError: if there are none, if one is no leaf, if one is in two groups.
    """

    scheduled_from: int | None = None

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "step" in vars(cls):
            cls.step = told(cls.step)  # type: ignore[method-assign]

    def __init__(self, params: Any, defaults: Mapping[str, Any]) -> None:
        if isinstance(params, Tensor):
            raise errors.explain(
                TypeError(
                    "params argument given to the optimizer should be an iterable of Tensors or dicts, but got"
                    f" {typename(params)}"
                ),
                "Put the tensor into a list: [w].",
            )
        self.defaults = dict(defaults)
        self.state: defaultdict[Tensor, Memory] = defaultdict(dict)
        self.param_groups: list[Group] = []
        self.steps_taken = 0
        self._before_step: HookList = OrderedDict()
        self._after_step: HookList = OrderedDict()
        groups = list(params)
        if not groups:
            raise errors.explain(
                ValueError("optimizer got an empty parameter list"),
                "A module without parameters, or a generator such as model.parameters() that was used up before.",
            )
        for group in groups if isinstance(groups[0], dict) else [{"params": groups}]:
            self.add_param_group(group)

    def add_param_group(self, param_group: Group) -> None:
        """Add parameters with settings of their own, as for layers that are thawed later.

        Raises:
            TypeError, ValueError: as for the class.
        """
        if not isinstance(param_group, dict):
            raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
        given = param_group["params"]
        if isinstance(given, set):
            raise TypeError(
                "optimizer parameters need to be organized in ordered collections, but the ordering of tensors in sets"
                " will change between runs. Please use a list instead."
            )
        listed = [given] if isinstance(given, Tensor) else list(given)
        names = [pair[0] for pair in listed if isinstance(pair, tuple)]
        parameters = [pair[1] if isinstance(pair, tuple) else pair for pair in listed]
        self._check_parameters(parameters)
        group = {**param_group, "params": parameters, **({"param_names": names} if names else {})}
        self.param_groups.append({**group, **{name: group.get(name, value) for name, value in self.defaults.items()}})

    def _check_parameters(self, parameters: list[Any]) -> None:
        for parameter in parameters:
            if not isinstance(parameter, Tensor):
                raise TypeError(f"optimizer can only optimize Tensors, but one of the params is {typename(parameter)}")
            if not parameter.is_leaf and not parameter.retains_grad:
                raise errors.explain(
                    ValueError("can't optimize a non-leaf Tensor"),
                    "Its value is computed from others and would be computed anew. Optimise the leaves it comes from.",
                )
        if len(set(parameters)) != len(parameters):
            warnings.warn(
                "optimizer contains a parameter group with duplicate parameters; in future, this will cause an error;"
                " see github.com/pytorch/pytorch/issues/40967 for more information",
                UserWarning,
                stacklevel=5,
            )
        if not set(self._numbered()).isdisjoint(parameters):
            raise ValueError("some parameters appear in more than one parameter group")

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Clear the gradient of every parameter: to None, or to zeros."""
        for parameter in self._numbered():
            clear_grad(parameter, set_to_none)

    # --------------------------------------------------------------------------------------------------------- a step

    def update(self, p: Any, g: Any, memory: Memory, s: Group) -> None:
        """Change one parameter in place; every optimizer has its own rule.

        Args:
            p: the array of the parameter.
            g: its gradient, an array of the same shape, not to be changed; weight decay is in it already.
            memory: what the rule remembers of this parameter, empty at first.
            s: the settings of its group.
        """
        raise NotImplementedError

    @told
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Change every parameter that has a gradient; those whose `.grad` is None are left alone.

        Args:
            closure: computes the loss anew, with its gradients.

        Returns:
            What the closure returns.
        """
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        changed = []
        if events.listener is not None:
            events.listener.stepping()
        with np.errstate(all="ignore"):  # a step that overflows does so in silence, as in PyTorch
            for group in self.param_groups:
                settings = {**group, "lr": float(group["lr"])}
                for parameter in group["params"]:
                    if parameter.grad is not None:
                        self._change(parameter, parameter.grad.numbers, settings)
                        changed.append(parameter)
        if events.listener is not None:
            events.listener.stepped(type(self).__name__, *changed)
        return loss

    def _change(self, parameter: Tensor, g: Any, s: Group) -> None:
        """Pull one parameter towards 0 as weight decay wants it, then update it."""
        p = parameter._array()
        g = -g if s["maximize"] else g
        if s["weight_decay"] and s.get("decoupled_weight_decay"):
            p *= 1 - s["lr"] * s["weight_decay"]
            parameter._counter[0] += 1
        elif s["weight_decay"]:
            g = g + s["weight_decay"] * p
        memory = self.state.get(parameter, {})
        self.update(p, g, memory, s)
        parameter._counter[0] += 1
        if memory:
            self.state[parameter] = memory

    def register_step_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(optimizer, args, kwargs)` before every step; new arguments that it returns replace them."""
        return register(self._before_step, hook)

    def register_step_post_hook(self, hook: Callable[..., None]) -> RemovableHandle:
        """Call `hook(optimizer, args, kwargs)` after every step."""
        return register(self._after_step, hook)

    # ------------------------------------------------------------------------------------------------------- storing

    def _numbered(self) -> list[Tensor]:
        return [parameter for group in self.param_groups for parameter in group["params"]]

    def state_dict(self) -> dict[str, Any]:
        """Return memory and settings, with parameters as numbers in order."""
        number = {parameter: i for i, parameter in enumerate(self._numbered())}
        groups = [
            {name: value for name, value in group.items() if name != "params"}
            | {"params": [number[parameter] for parameter in group["params"]]}
            for group in self.param_groups
        ]
        return {"state": {number[p]: memory for p, memory in self.state.items() if p in number}, "param_groups": groups}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from memory and settings stored by `state_dict`, also from those of an optimizer of PyTorch's.

        Raises:
            ValueError: if groups or their sizes differ.
        """
        groups = deepcopy(state_dict["param_groups"])
        if len(groups) != len(self.param_groups):
            raise ValueError("loaded state dict has a different number of parameter groups")
        if any(len(a["params"]) != len(b["params"]) for a, b in zip(groups, self.param_groups, strict=True)):
            raise ValueError(
                "loaded state dict contains a parameter group that doesn't match the size of optimizer's group"
            )
        order = dict(zip(chain.from_iterable(group["params"] for group in groups), self._numbered(), strict=True))
        self.state = defaultdict(dict)
        for number, memory in state_dict["state"].items():
            self.state[order[number]] = {name: own(name, value, order[number]) for name, value in memory.items()}
        for group, new in zip(self.param_groups, groups, strict=True):
            group.update({name: value for name, value in new.items() if name != "params"})

    def __repr__(self) -> str:
        groups = []
        for number, group in enumerate(self.param_groups):
            lines = [f"    {name}: {group[name]}" for name in sorted(group) if name != "params"]
            groups.append("\n".join([f"Parameter Group {number}", *lines]))
        return f"{type(self).__name__} (\n" + "\n\n".join(groups) + "\n)"


def own(name: str, value: Any, parameter: Tensor) -> Any:
    """Copy what was remembered; arrays, PyTorch's tensors too, become tensors of the kind of the parameter."""
    if isinstance(value, Tensor):
        tensor = value.detach().clone()
    elif hasattr(value, "__array__"):
        tensor = Tensor.from_numbers(np.array(value.numpy() if hasattr(value, "numpy") else value))
    else:
        return deepcopy(value)
    return tensor if name == "step" else tensor.to(parameter.dtype).to(parameter.device)


def remembered(memory: Memory, name: str, like: Any, start: float = 0.0) -> Any:
    """Return an array that the rule remembers, made when first asked for."""
    if name not in memory:
        memory[name] = Tensor.from_numbers(np.full_like(like, start))
    return memory[name]._array()


def counted(memory: Memory) -> int:
    """Count up and return how many steps a parameter has made."""
    count = remembered(memory, "step", np.zeros((), np.float32))
    count += 1
    return int(count)
