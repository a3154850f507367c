"""What the user calls tensors that are alive: the names of variables, and of the parameters of modules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from types import FrameType
from typing import Any

__all__ = ["homes", "is_tensor", "modules", "named", "variables"]

PARTS = 64  # parts of one list or dictionary that are looked at

FUNCTION = 0x1  # flag of code whose local variables are no dictionary (CO_OPTIMIZED)

INNER = frozenset({"<listcomp>", "<dictcomp>", "<setcomp>", "<genexpr>"})  # code that sees the variables around it

NOTEBOOK = frozenset({"In", "Out"})  # IPython's own lists of everything


def is_tensor(thing: Any) -> bool:
    """Whether operations on it can be recorded."""
    return hasattr(type(thing), "__apply__")


def stored(tensor: Any) -> Any:
    """Return the `.grad` of a tensor."""
    return tensor._grad


def named(
    *spaces: Mapping[str, Any], wanted: Callable[[Any], bool] = is_tensor, gradient: Callable[[Any], Any] = stored
) -> Iterator[tuple[str, Any]]:
    """Go through the tensors that namespaces can name; names that begin with an underscore are left out.

    Variables come first, then what is inside of others: `ws[0]` in a list, `layers['first']` in a dictionary,
    `net.weight` in a module; last the `.grad` of each.

    Args:
        *spaces: the nearest first, local variables before global ones.
        wanted: whether something is a tensor of the kind that is looked for.
        gradient: returns the `.grad` of one.
    """
    for number, space in enumerate(spaces):
        if any(space is earlier for earlier in spaces[:number]):
            continue
        things = [(name, thing) for name, thing in list(space.items()) if name[:1] != "_" and name not in NOTEBOOK]
        found = [(name, thing) for name, thing in things if wanted(thing)]
        found += [(inner, part) for name, thing in things for inner, part in parts(name, thing) if wanted(part)]
        yield from found
        yield from ((f"{name}.grad", grad) for name, tensor in found if (grad := gradient(tensor)) is not None)


def modules(*spaces: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Go through the modules that namespaces can name, outer ones before what they hold: `net`, `net.0`.

    PyTorch's modules are asked in the same way.

    Args:
        *spaces: as for `named`.
    """
    seen: set[int] = set()
    for space in spaces:
        for name, thing in list(space.items()):
            for path, root in ((name, thing), *(parts(name, thing) if isinstance(thing, (list, tuple, dict)) else ())):
                if name[:1] == "_" or name in NOTEBOOK or not has_modules(root) or id(root) in seen:
                    continue
                for inner, module in root.named_modules():
                    seen.add(id(module))
                    yield f"{path}.{inner}" if inner else path, module


def homes(*spaces: Mapping[str, Any]) -> tuple[dict[int, str], dict[str, str]]:
    """Say to which module each parameter belongs that namespaces can name.

    Returns:
        The path of the owner by the parameter's `id`, the longest where there are several, and the name of the class
        by path. The first is for use while the parameters live.
    """
    owners: dict[int, str] = {}
    kinds: dict[str, str] = {}
    for path, module in modules(*spaces):
        kinds.setdefault(path, type(module).__name__)
        for _, parameter in module.named_parameters(recurse=False):
            if path.count(".") >= owners.get(id(parameter), "").count("."):
                owners[id(parameter)] = path
    return owners, kinds


def has_modules(thing: Any) -> bool:
    """Whether it is a module."""
    return callable(getattr(type(thing), "named_modules", None))


def variables(frame: FrameType) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what running code calls things, local and global variables, without keeping any of them alive.

    Up to Python 3.12 a frame that is asked for its variables remembers them, although they are deleted later.
    """
    while frame.f_code.co_name in INNER and frame.f_back is not None:
        frame = frame.f_back
    seen = frame.f_locals
    local = dict(seen)
    if frame.f_code.co_flags & FUNCTION and type(seen) is dict:
        seen.clear()
    return local, frame.f_globals


def parts(name: str, thing: Any) -> Iterator[tuple[str, Any]]:
    """Name what a list, a dictionary or a module consists of."""
    if isinstance(thing, (list, tuple)):
        yield from ((f"{name}[{i}]", part) for i, part in enumerate(thing[:PARTS]))
    elif isinstance(thing, dict):
        yield from ((f"{name}[{key!r}]", part) for key, part in islice(thing.items(), PARTS) if isinstance(key, str))
    elif callable(getattr(type(thing), "named_parameters", None)):
        try:
            yield from ((f"{name}.{inner}", parameter) for inner, parameter in list(thing.named_parameters()))
        except Exception:  # noqa: BLE001, a name is a courtesy: a half-made module must not stop a recording
            return
