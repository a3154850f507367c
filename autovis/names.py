"""What the user calls tensors that are alive: the names of variables, and of the parameters of modules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["named"]

LIMIT = 400  # variables looked at in one namespace


def named(*spaces: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Go through the tensors that namespaces can name; names that begin with an underscore are left out.

    Args:
        *spaces: the nearest first, local variables before global ones.
    """
    for number, space in enumerate(spaces):
        if any(space is earlier for earlier in spaces[:number]):
            continue
        for name, thing in list(space.items())[:LIMIT]:
            if not name.startswith("_"):
                yield from _within(name, thing)


def _within(name: str, thing: Any) -> Iterator[tuple[str, Any]]:
    if hasattr(type(thing), "__apply__"):
        yield name, thing
    elif isinstance(thing, (list, tuple)) and 0 < len(thing) <= 16:
        for i, part in enumerate(thing):
            if hasattr(type(part), "__apply__"):
                yield f"{name}[{i}]", part
    elif not isinstance(thing, type) and callable(getattr(thing, "named_parameters", None)):
        for inner, parameter in thing.named_parameters():
            yield f"{name}.{inner}", parameter
