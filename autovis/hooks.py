"""An ordered list of callables, each removable by the handle that its registration returned."""

from __future__ import annotations

import weakref
from collections import OrderedDict
from collections.abc import Callable
from itertools import count
from types import TracebackType
from typing import Any, Self

__all__ = ["HookList", "RemovableHandle"]

Hook = Callable[..., Any]
HookList = OrderedDict[int, Hook]

numbers = count()


class RemovableHandle:
    """What a registration returns: `remove()` takes the hook away, as often as one likes; also a context manager.

    The handle does not keep the tensor or module alive.
    """

    __slots__ = ("__weakref__", "_hooks", "id")

    def __init__(self, hooks: HookList) -> None:
        self.id = next(numbers)
        self._hooks = weakref.ref(hooks)

    def remove(self) -> None:
        """Take the hook away."""
        hooks = self._hooks()
        if hooks is not None:
            hooks.pop(self.id, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.remove()


def register(hooks: HookList, hook: Hook) -> RemovableHandle:
    """Append a hook and return its handle."""
    handle = RemovableHandle(hooks)
    hooks[handle.id] = hook
    return handle
