"""The building block: a module holds parameters, buffers and other modules, and finds them by name.

Assigning is registering: `self.weight = Parameter(...)` in `__init__` is all it takes for `parameters()` to find the
weight, for an optimizer to move it and for `state_dict()` to store it.

>>> class Scale(Module):
...     def __init__(self):
...         super().__init__()
...         self.factor = Parameter(tensor([2.0]))
...
...     def forward(self, x):
...         return self.factor * x
>>> [name for name, _ in Scale().named_parameters()]
['factor']
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, Self

from autovis import errors
from autovis.creation import tensor  # noqa: F401  for the example above
from autovis.hooks import HookList, RemovableHandle, register
from autovis.modes import no_grad
from autovis.nn.watch import BackwardWatch
from autovis.parameters import clear_grad, typename
from autovis.tensor import Parameter, Tensor

__all__ = ["Module"]


class Store(NamedTuple):
    """One of the three things that a module holds, and the words for it in error sentences."""

    place: str
    kind: type
    noun: str
    accepts: str


class IncompatibleKeys(NamedTuple):
    """What `load_state_dict` found on one side only."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return f"_IncompatibleKeys(missing_keys={self.missing_keys}, unexpected_keys={self.unexpected_keys})"


class Module:
    """A part of a network: subclass it, assign parameters and modules in `__init__`, compute in `forward`.

    Attributes:
        training: True in training, False in evaluation; dropout and batch normalisation look at it.
    """

    training: bool
    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, Tensor | None]
    _modules: dict[str, Module | None]

    def __init__(self) -> None:
        for name in ("_parameters", "_buffers", "_modules"):
            object.__setattr__(self, name, {})
        object.__setattr__(self, "_unsaved", set())  # buffers that state_dict leaves out
        for name in ("_before_hooks", "_after_hooks", "_backward_hooks"):
            object.__setattr__(self, name, OrderedDict())
        self.training = True

    # ------------------------------------------------------------------------------------------- computing with it

    def forward(self, *inputs: Any) -> Any:
        """Compute the output; every subclass defines its own.

        Raises:
            NotImplementedError: if it did not.
        """
        raise errors.explain(
            NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function'),
            "Define `def forward(self, x):` in the class, with exactly this name and not indented into __init__.",
        )

    def __call__(self, *inputs: Any, **named: Any) -> Any:
        """Run `forward`, with the hooks before and after it."""
        if self._after_hooks or self._before_hooks or self._backward_hooks:
            return self._with_hooks(inputs, named)
        return self.forward(*inputs, **named)

    def _with_hooks(self, inputs: tuple[Any, ...], named: dict[str, Any]) -> Any:
        for hook in tuple(self._before_hooks.values()):
            answer = hook(self, inputs)
            if answer is not None:
                inputs = answer if isinstance(answer, tuple) else (answer,)
        watch = BackwardWatch(self, tuple(self._backward_hooks.values())) if self._backward_hooks else None
        if watch is not None:
            inputs = watch.inputs(inputs)
        output = self.forward(*inputs, **named)
        for hook in tuple(self._after_hooks.values()):
            answer = hook(self, inputs, output)
            output = output if answer is None else answer
        return output if watch is None else watch.output(output)

    def register_forward_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(module, inputs)` before `forward`; what it returns replaces the inputs."""
        return register(self._before_hooks, hook)

    def register_forward_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(module, inputs, output)` after `forward`; what it returns replaces the output."""
        return register(self._after_hooks, hook)

    def register_full_backward_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(module, grad_input, grad_output)` when the gradients of the inputs are known."""
        return register(self._backward_hooks, hook)

    _before_hooks: HookList
    _after_hooks: HookList
    _backward_hooks: HookList
    _unsaved: set[str]

    # ------------------------------------------------------------------------------------------------- registering

    def __setattr__(self, name: str, value: Any) -> None:
        for store in STORES:
            held = self.__dict__.get(store.place)
            if isinstance(value, store.kind) and store.kind is not Tensor:
                if held is None:
                    raise _too_early(store)
                self._forget(name, but=store)
                held[name] = value
                return
            if held is not None and name in held:
                if value is not None and not isinstance(value, store.kind):
                    raise TypeError(
                        f"cannot assign '{typename(value)}' as {store.noun} '{name}' ({store.accepts} or None expected)"
                    )
                held[name] = value
                return
        object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        for store in STORES:
            held = self.__dict__.get(store.place)
            if held is not None and name in held:
                return held[name]
        error = AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")
        raise errors.explain(error, errors.did_you_mean("module", name, dir(self)))

    def __delattr__(self, name: str) -> None:
        if not self._forget(name):
            object.__delattr__(self, name)

    def _forget(self, name: str, but: Store | None = None) -> bool:
        """Take a name out of all stores but one; return whether it was in one of them."""
        found = [self.__dict__[store.place].pop(name, self) is not self for store in STORES if store is not but]
        self.__dict__.pop(name, None)
        self._unsaved.discard(name)
        return any(found)

    def __dir__(self) -> list[str]:
        held = (name for store in STORES for name in self.__dict__.get(store.place, ()))
        return sorted({*super().__dir__(), *held})

    def _check_name(self, store: Store, name: Any) -> None:
        word = "module" if store.kind is Module else store.noun
        if store.place not in self.__dict__:
            raise _too_early(store)
        if not isinstance(name, str):
            raise TypeError(f"{word} name should be a string. Got {typename(name)}")
        if "." in name:
            raise KeyError(f'{word} name can\'t contain "."' + (f", got: {name}" if word == "module" else ""))
        if not name:
            raise KeyError(f'{word} name can\'t be empty string ""')
        if hasattr(self, name) and name not in self.__dict__[store.place]:
            raise KeyError(f"attribute '{name}' already exists")

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Hold a parameter under a name, as an assignment does; None keeps the place free.

        Raises:
            KeyError: if the name cannot be one, or is taken.
            TypeError: if it is no parameter.
        """
        self._check_name(STORES[0], name)
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(
                f"cannot assign '{typename(param)}' object to parameter '{name}' (torch.nn.Parameter or None required)"
            )
        self._parameters[name] = param

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:  # noqa: F811
        """Hold a tensor that belongs to the state but is not learned.

        Args:
            name: as an attribute.
            tensor: its value.
            persistent: whether `state_dict` contains it.

        Raises:
            KeyError, TypeError: as for `register_parameter`.
        """
        self._check_name(STORES[2], name)
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(
                f"cannot assign '{typename(tensor)}' object to buffer '{name}' (torch Tensor or None required)"
            )
        self._buffers[name] = tensor
        (self._unsaved.discard if persistent else self._unsaved.add)(name)

    def add_module(self, name: str, module: Module | None) -> None:
        """Hold another module under a name, as an assignment does.

        Raises:
            TypeError: if it is no module.
            KeyError: as for `register_parameter`.
        """
        if module is not None and not isinstance(module, Module):
            raise TypeError(f"{typename(module)} is not a Module subclass")
        self._check_name(STORES[1], name)
        self._modules[name] = module

    register_module = add_module

    # ----------------------------------------------------------------------------------------------------- finding

    def named_modules(
        self, memo: set[Module] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Module]]:
        """Walk through this module and all that it holds, each with its dotted name; shared ones come once."""
        seen = set() if memo is None else memo
        if self in seen:
            return
        if remove_duplicate:
            seen.add(self)
        yield prefix, self
        for name, module in self._modules.items():
            if module is not None:
                yield from module.named_modules(seen, f"{prefix}.{name}" if prefix else name, remove_duplicate)

    def modules(self) -> Iterator[Module]:
        """Walk through this module and all that it holds."""
        return (module for _, module in self.named_modules())

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """Walk through the modules held directly, with their names; shared ones come once."""
        seen = set()
        for name, module in self._modules.items():
            if module is not None and module not in seen:
                seen.add(module)
                yield name, module

    def children(self) -> Iterator[Module]:
        """Walk through the modules held directly."""
        return (module for _, module in self.named_children())

    def _named(self, place: str, prefix: str, recurse: bool, remove_duplicate: bool) -> Iterator[tuple[str, Any]]:
        seen: set[int] = set()
        modules = self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate) if recurse else [(prefix, self)]
        for path, module in modules:
            for name, member in getattr(module, place).items():
                if member is None or id(member) in seen:
                    continue
                if remove_duplicate:
                    seen.add(id(member))
                yield f"{path}.{name}" if path else name, member

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """Walk through all parameters with their dotted names, in order of assignment; shared ones come once."""
        return self._named("_parameters", prefix, recurse, remove_duplicate)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """Walk through all parameters: what an optimizer is given."""
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """Walk through all buffers with their dotted names."""
        return self._named("_buffers", prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """Walk through all buffers."""
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def get_submodule(self, target: str) -> Module:
        """Return the module of a dotted name; the empty name is the module itself.

        Raises:
            AttributeError: if there is none.
        """
        found = self
        for name in target.split(".") if target else ():
            held = found._modules.get(name) if isinstance(found, Module) else None
            if held is None:
                raise AttributeError(f"{type(found).__name__} has no attribute `{name}`")
            found = held
        return found

    def get_parameter(self, target: str) -> Parameter:
        """Return the parameter of a dotted name.

        Raises:
            AttributeError: if there is none.
        """
        path, _, name = target.rpartition(".")
        module = self.get_submodule(path)
        found = module._parameters.get(name)
        if found is None:
            raise AttributeError(f"{type(module).__name__} has no attribute `{name}`")
        return found

    # ---------------------------------------------------------------------------------------------------- changing

    def apply(self, fn: Callable[[Module], None]) -> Self:
        """Call a function on every module inside and then on this one; return self."""
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    def train(self, mode: bool = True) -> Self:
        """Set `training` here and in all that is held; return self. Grad mode is not touched.

        Raises:
            ValueError: if the mode is no bool.
        """
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        self.training = mode
        for module in self.children():
            module.train(mode)
        return self

    def eval(self) -> Self:
        """Return `train(False)`."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Set the flag of all parameters, so False freezes them; return self."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Clear the gradient of every parameter: to None, or to zeros."""
        for parameter in self.parameters():
            clear_grad(parameter, set_to_none)

    def _convert(self, convert: Callable[[Tensor], Tensor]) -> Self:
        """Convert parameters (the same objects with other values) and buffers."""
        for module in self.modules():
            for parameter in module._parameters.values():
                if parameter is not None:
                    parameter.data = convert(parameter.data)
                    if parameter.grad is not None:
                        parameter.grad = convert(parameter.grad)
            for name, buffer in module._buffers.items():
                module._buffers[name] = None if buffer is None else convert(buffer)
        return self

    def to(self, *target: Any, dtype: Any = None, **more: Any) -> Self:
        """Convert floating parameters and buffers to another kind, or move them to another device; return self."""
        kinds = [kind for kind in (*target, dtype) if hasattr(kind, "is_floating_point")]
        places = [place for place in target if place not in kinds]

        def convert(x: Tensor) -> Tensor:
            moved = x.to(*places, **more) if places or more else x
            return moved.to(kinds[0]) if kinds and x.is_floating_point() else moved

        return self._convert(convert)

    def float(self) -> Self:
        """Convert floating parameters and buffers to float32; return self."""
        return self._convert(lambda x: x.float() if x.is_floating_point() else x)

    def double(self) -> Self:
        """Convert floating parameters and buffers to float64; return self."""
        return self._convert(lambda x: x.double() if x.is_floating_point() else x)

    def half(self) -> Self:
        """Convert floating parameters and buffers to float16; return self."""
        return self._convert(lambda x: x.half() if x.is_floating_point() else x)

    def cpu(self) -> Self:
        """Move to the CPU; return self."""
        return self.to("cpu")

    def cuda(self, device: Any = None) -> Self:
        """Move to a GPU; return self."""
        return self.to("cuda" if device is None else f"cuda:{device}" if isinstance(device, int) else device)

    # ------------------------------------------------------------------------------------------------------ storing

    def _named_state(self, prefix: str = "") -> Iterator[tuple[str, Tensor]]:
        """Walk through what is stored: parameters, then buffers, module by module; shared ones under each name."""
        for path, module in self.named_modules(prefix=prefix, remove_duplicate=False):
            held = {**module._parameters, **{k: v for k, v in module._buffers.items() if k not in module._unsaved}}
            for name, member in held.items():
                if member is not None:
                    yield f"{path}.{name}" if path else name, member

    def state_dict(self, *, prefix: str = "", keep_vars: bool = False) -> OrderedDict[str, Tensor]:
        """Return all parameters and buffers by dotted name, as detached tensors over the same memory.

        Args:
            prefix: put before every name.
            keep_vars: return the parameters themselves.
        """
        state = self._named_state(prefix.removesuffix("."))
        return OrderedDict((name, member if keep_vars else member.detach()) for name, member in state)

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> IncompatibleKeys:
        """Copy values stored by `state_dict` into the parameters and buffers.

        Args:
            state_dict: name -> tensor.
            strict: whether the names must be the same on both sides.
            assign: take over the tensors themselves instead of copying their values.

        Returns:
            The names found on one side only.

        Raises:
            TypeError: if it is no mapping.
            RuntimeError: if shapes differ; if names differ and `strict`.
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(f"Expected state_dict to be dict-like, got {type(state_dict)}.")
        own = dict(self._named_state())
        missing = [name for name in own if name not in state_dict]
        unexpected = [name for name in state_dict if name not in own]
        complaints = []
        if strict and missing:
            complaints.append(f"Missing key(s) in state_dict: {_quoted(missing)}. ")
        if strict and unexpected:
            complaints.append(f"Unexpected key(s) in state_dict: {_quoted(unexpected)}. ")
        for name, member in own.items():
            if name in state_dict:
                complaints += self._load(name, member, state_dict[name], assign=assign)
        if complaints:
            lines = "\n\t".join(complaints)
            raise RuntimeError(f"Error(s) in loading state_dict for {type(self).__name__}:\n\t{lines}")
        return IncompatibleKeys(missing, unexpected)

    def _load(self, name: str, member: Tensor, given: Any, *, assign: bool) -> list[str]:
        """Copy one value; return what is wrong with it."""
        if not isinstance(given, Tensor):
            return [
                f'While copying the parameter named "{name}", expected torch.Tensor or Tensor-like object from'
                f" checkpoint but received {type(given)}"
            ]
        if given.shape != member.shape:
            return [
                f"size mismatch for {name}: copying a param with shape {given.shape} from checkpoint, the shape in"
                f" current model is {member.shape}."
            ]
        if assign:
            path, _, attribute = name.rpartition(".")
            flag = member.requires_grad
            new = Parameter(given, requires_grad=flag) if isinstance(member, Parameter) else given
            setattr(self.get_submodule(path), attribute, new)
        else:
            with no_grad():
                member.copy_(given)
        return []

    # ----------------------------------------------------------------------------------------------------- printing

    def extra_repr(self) -> str:
        """Return what stands between the brackets: the arguments worth knowing."""
        return ""

    def _shown_children(self) -> Iterable[tuple[str, str]]:
        return [(name, repr(module)) for name, module in self._modules.items()]

    def __repr__(self) -> str:
        name, extra = type(self).__name__, self.extra_repr()
        children = [f"({key}): " + text.replace("\n", "\n  ") for key, text in self._shown_children()]
        if not children and "\n" not in extra:
            return f"{name}({extra})"
        lines = [line for line in extra.split("\n") if line] + children
        return f"{name}(\n  " + "\n  ".join(lines) + "\n)"


STORES = (
    Store("_parameters", Parameter, "parameter", "torch.nn.Parameter"),
    Store("_modules", Module, "child module", "torch.nn.Module"),
    Store("_buffers", Tensor, "buffer", "torch.nn.Buffer, torch.Tensor"),
)


def _too_early(store: Store) -> AttributeError:
    noun = "module" if store.kind is Module else "parameters"
    return errors.explain(
        AttributeError(f"cannot assign {noun} before Module.__init__() call"),
        "Call super().__init__() first in __init__: it makes the places where parameters and modules are held.",
    )


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
