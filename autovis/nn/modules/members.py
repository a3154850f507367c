"""What a module holds, and how it is found again by name: assigning is registering.

`self.weight = Parameter(...)` in `__init__` is all it takes for `parameters()` to find the weight, for an optimizer to
move it and for `state_dict()` to store it. The classes of this file, of `hooks` and of `state` are parts of one class;
all are called `Module`, because Python names a method by its class where it complains about arguments.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from autovis import errors
from autovis.nn import left_out
from autovis.parameters import typename
from autovis.tensor import Parameter, Tensor

__all__ = ["Module"]


class Store(NamedTuple):
    """One of the three things that a module holds, and the words for it in error sentences."""

    place: str
    kind: type
    noun: str
    accepts: str
    one: str
    refusal: str


class Module:
    """The part that registers and finds."""

    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, Tensor | None]
    _modules: dict[str, Any]
    _non_persistent_buffers_set: set[str]  # those that state_dict leaves out

    def __setattr__(self, name: str, value: Any) -> None:
        for store in STORES:
            held = self.__dict__.get(store.place)
            if isinstance(value, store.kind) and store.kind is not Tensor:
                if held is None:
                    raise too_early("parameters" if store.kind is Parameter else "module")
                self._forget(name, but=store)
                held[name] = value
                return
            if held is not None and name in held:
                if value is not None and not isinstance(value, store.kind):
                    noun = "child module" if store.kind is Module else store.noun
                    raise TypeError(
                        f"cannot assign '{typename(value)}' as {noun} '{name}' ({store.accepts} or None expected)"
                    )
                held[name] = value
                return
        object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        for store in STORES:
            held = self.__dict__.get(store.place)
            if held is not None and name in held:
                return held[name]
        if name in left_out.METHODS:
            raise left_out.missing("nn.Module", name, left_out.METHODS)
        error = AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")
        raise errors.explain(error, errors.did_you_mean("module", name, dir(self)))

    def __delattr__(self, name: str) -> None:
        if not self._forget(name):
            object.__delattr__(self, name)

    def _forget(self, name: str, but: Store | None = None) -> bool:
        """Take a name out of all stores but one; return whether it was in one of them."""
        found = [self.__dict__[store.place].pop(name, self) is not self for store in STORES if store is not but]
        self.__dict__.pop(name, None)
        self._non_persistent_buffers_set.discard(name)
        return any(found)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *(name for store in STORES for name in self.__dict__.get(store.place, ()))})

    def _hold(self, store: Store, name: Any, value: Any) -> None:
        """Register under a name that is checked, as an assignment does.

        Raises:
            TypeError: if the value is of another sort.
            KeyError: if the name cannot be one, or is taken.
        """
        if store.place not in self.__dict__:
            raise too_early(store.noun)
        if not isinstance(name, str):
            raise TypeError(f"{store.noun} name should be a string. Got {typename(name)}")
        if "." in name:
            got = f", got: {name}" if store.kind is Module else ""
            raise KeyError(f'{store.noun} name can\'t contain "."{got}')
        if not name:
            raise KeyError(f'{store.noun} name can\'t be empty string ""')
        if hasattr(self, name) and name not in self.__dict__[store.place]:
            raise KeyError(f"attribute '{name}' already exists")
        if value is not None and not isinstance(value, store.kind):
            raise TypeError(store.refusal.format(typename(value), name))
        self.__dict__[store.place][name] = value

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Hold a parameter under a name, as an assignment does; None keeps the place free."""
        self._hold(STORES[0], name, param)

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Hold a tensor that belongs to the state but is not learned; one not persistent is left out of state_dict."""
        self._hold(STORES[2], name, tensor)
        (self._non_persistent_buffers_set.discard if persistent else self._non_persistent_buffers_set.add)(name)

    def add_module(self, name: str, module: Module | None) -> None:
        """Hold another module under a name, as an assignment does."""
        self._hold(STORES[1], name, module)

    register_module = add_module

    def named_modules(
        self, memo: set[Any] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Any]]:
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

    def modules(self) -> Iterator[Any]:
        """Walk through this module and all that it holds."""
        yield from (module for _, module in self.named_modules())

    def named_children(self) -> Iterator[tuple[str, Any]]:
        """Walk through the modules held directly, with their names; shared ones come once."""
        seen = set()
        for name, module in self._modules.items():
            if module is not None and module not in seen:
                seen.add(module)
                yield name, module

    def children(self) -> Iterator[Any]:
        """Walk through the modules held directly."""
        yield from (module for _, module in self.named_children())

    def _named(self, place: str, prefix: str, recurse: bool, remove_duplicate: bool) -> Iterator[tuple[str, Any]]:
        seen: set[int] = set()
        modules = self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate) if recurse else [(prefix, self)]
        for path, module in modules:
            for name, member in getattr(module, place).items():
                if member is not None and id(member) not in seen:
                    if remove_duplicate:
                        seen.add(id(member))
                    yield f"{path}.{name}" if path else name, member

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """Walk through all parameters with their dotted names, in order of assignment; shared ones come once."""
        yield from self._named("_parameters", prefix, recurse, remove_duplicate)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """Walk through all parameters: what an optimizer is given."""
        yield from (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """Walk through all buffers with their dotted names."""
        yield from self._named("_buffers", prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """Walk through all buffers."""
        yield from (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def _find(self, target: str, store: Store) -> Any:
        """Return what a store holds under a dotted name; the modules on the way are found the same way."""
        path, _, name = target.rpartition(".")
        module = self._find(path, STORES[1]) if path else self
        if not hasattr(module, name):
            raise AttributeError(f"{type(module).__name__} has no attribute `{name}`")
        if getattr(module, store.place).get(name) is None:
            raise AttributeError(f"`{name}` is not {store.one}")
        return getattr(module, name)

    def get_submodule(self, target: str) -> Any:
        """Return the module of a dotted name; the empty name is the module itself."""
        return self._find(target, STORES[1]) if target else self

    def get_parameter(self, target: str) -> Parameter:
        """Return the parameter of a dotted name."""
        return self._find(target, STORES[0])  # type: ignore[no-any-return]

    def get_buffer(self, target: str) -> Tensor:
        """Return the buffer of a dotted name."""
        return self._find(target, STORES[2])  # type: ignore[no-any-return]


STORES = (
    Store(
        *("_parameters", Parameter, "parameter", "torch.nn.Parameter", "an nn.Parameter"),
        "cannot assign '{}' object to parameter '{}' (torch.nn.Parameter or None required)",
    ),
    Store("_modules", Module, "module", "torch.nn.Module", "an nn.Module", "{} is not a Module subclass"),
    Store(
        *("_buffers", Tensor, "buffer", "torch.nn.Buffer, torch.Tensor", "a buffer"),
        "cannot assign '{}' object to buffer '{}' (torch Tensor or None required)",
    ),
)


def too_early(noun: str) -> AttributeError:
    """Something was assigned before there is a place for it."""
    return errors.explain(
        AttributeError(f"cannot assign {noun} before Module.__init__() call"),
        "Call super().__init__() first in __init__: it makes the places where parameters and modules are held.",
    )
