"""Modules that hold others: one after the other, in a list, under names; and the same for parameters."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from itertools import groupby
from typing import Any, ClassVar, Self

from autovis.nn.modules.members import STORES, Store
from autovis.nn.modules.module import Module
from autovis.tensor import Parameter, Tensor

__all__ = ["ModuleDict", "ModuleList", "ParameterDict", "ParameterList", "Sequential"]


class Container(Module):
    """What all containers share: a store of modules, or of parameters."""

    store: ClassVar[Store] = STORES[1]

    @property
    def _held(self) -> dict[str, Any]:
        return self.__dict__[self.store.place]  # type: ignore[no-any-return]

    def _put(self, name: str, member: Any) -> None:
        self._hold(self.store, name, member)

    def __len__(self) -> int:
        return len(self._held)


class Numbered(Container):
    """Members under the names 0, 1, 2, ..."""

    def _renumber(self, members: Iterable[Any]) -> None:
        members = list(members)
        self._held.clear()
        for number, member in enumerate(members):
            self._put(str(number), member)

    def _name(self, index: int) -> str:
        if not -len(self) <= operator.index(index) < len(self):
            raise IndexError(f"index {index} is out of range")
        return list(self._held)[index]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._held.values())

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return type(self)(list(self)[index])  # type: ignore[call-arg]  # every container but Sequential takes a list
        return self._held[self._name(index)]

    def __setitem__(self, index: int, member: Any) -> None:
        self._put(self._name(index), member)

    def __delitem__(self, index: int | slice) -> None:
        names = list(self._held)[index] if isinstance(index, slice) else [self._name(index)]
        self._renumber(member for name, member in self._held.items() if name not in names)

    def pop(self, index: int) -> Any:
        """Take a member out and return it."""
        member = self[index]
        del self[index]
        return member

    def insert(self, index: int, module: Any) -> Any:
        """Put a member before the one of that number."""
        members = list(self)
        members.insert(index, module)
        self._renumber(members)

    def append(self, module: Any) -> Self:
        """Add a member at the end; return self."""
        self._put(str(len(self)), module)
        return self

    def extend(self, modules: Iterable[Any]) -> Self:
        """Add several members at the end; return self."""
        if not isinstance(modules, Iterable):
            name = type(self).__name__
            raise TypeError(f"{name}.extend should be called with an iterable, but got {type(modules).__name__}")
        for module in modules:
            self.append(module)
        return self

    def __iadd__(self, more: Iterable[Any]) -> Self:
        return self.extend(more)

    def __add__(self, more: Iterable[Any]) -> Self:
        return type(self)().extend([*self, *more])


class Sequential(Numbered):
    """Modules one after the other: the output of each is the input of the next.

    Args:
        *modules: in order; or one ordered dictionary from names to modules.
    """

    def __init__(self, *modules: Any) -> None:
        super().__init__()
        named = modules[0].items() if len(modules) == 1 and isinstance(modules[0], dict) else enumerate(modules)
        for name, module in named:
            self.add_module(str(name), module)

    def forward(self, input: Any) -> Any:
        """Pass the input through all modules."""
        for module in self:
            input = module(input)
        return input

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return type(self)(dict(list(self._modules.items())[index]))
        return super().__getitem__(index)

    def insert(self, index: int, module: Module) -> Self:
        """Put a module before the one of that number; return self."""
        if not -len(self) <= index <= len(self):
            raise IndexError(f"Index out of range: {index}")
        super().insert(index, module)
        return self


class ModuleList(Numbered):
    """A list whose modules are registered; has no forward of its own."""

    def __init__(self, modules: Iterable[Module] | None = None) -> None:
        super().__init__()
        self.extend(() if modules is None else modules)

    def _shown_children(self) -> list[tuple[str, str]]:
        """Write equal neighbours once: `(0-2): 3 x Linear(...)`."""
        shown, start = [], 0
        for text, group in groupby(map(repr, self)):
            count = len(list(group))
            many = (f"{start}-{start + count - 1}", f"{count} x {text}")
            shown.append((str(start), text) if count == 1 else many)
            start += count
        return shown


class Named(Container, MutableMapping[str, Any]):
    """Members under the names of a dictionary."""

    __eq__, __hash__ = object.__eq__, object.__hash__

    def __init__(self, members: Mapping[str, Any] | Iterable[tuple[str, Any]] | None = None) -> None:
        super().__init__()
        self.update({} if members is None else members)

    def __getitem__(self, key: str) -> Any:
        return self._held[key]

    def __setitem__(self, key: str, member: Any) -> None:
        self._put(key, member)

    def __delitem__(self, key: str) -> None:
        del self._held[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._held)

    def keys(self) -> Any:
        """Return the names."""
        return self._held.keys()

    def values(self) -> Any:
        """Return the members."""
        return self._held.values()

    def items(self) -> Any:
        """Return names and members."""
        return self._held.items()


class ModuleDict(Named):
    """A dictionary whose modules are registered."""


class Parameters(Container):
    """What holds parameters; a plain tensor becomes one."""

    store = STORES[0]

    def _word(self, parameter: Parameter) -> str:
        """Name the kind of a parameter, as PyTorch does here."""
        return str(parameter.type())

    def _put(self, name: str, member: Any) -> None:
        plain = isinstance(member, Tensor) and not isinstance(member, Parameter)
        super()._put(name, Parameter(member) if plain else member)

    def extra_repr(self) -> str:
        """Return one line for each parameter."""
        return "\n".join(
            f"  ({name}): Parameter containing: [{self._word(p)} of size {'x'.join(map(str, p.shape))}]"
            for name, p in self._held.items()
        )


class ParameterList(Parameters, Numbered):
    """A list whose tensors are registered as parameters."""

    def __init__(self, values: Iterable[Any] | None = None) -> None:
        super().__init__()
        self.extend(() if values is None else values)

    def _word(self, parameter: Parameter) -> str:
        return str(parameter.dtype)


class ParameterDict(Parameters, Named):
    """A dictionary whose tensors are registered as parameters."""
