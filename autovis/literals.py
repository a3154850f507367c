"""Reading data as a program writes it: numbers, nested lists, arrays; what `tensor([[1, 2], [3, 4]])` means.

Integers are int64, numbers with a point the default float, a mixture is the wider of the two. Arrays keep their kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from itertools import chain
from types import MappingProxyType
from typing import Any

import numpy as np

from autovis import dtypes, errors

__all__ = ["array_of", "checked_array", "legacy_array"]

Kind = np.dtype[Any]


def array_of(data: Any, kind: Kind | None = None) -> np.ndarray:
    """Return a fresh array with the data.

    Args:
        data: a number, nested sequences of numbers, an array, or a tensor.
        kind: of the result; found out from the data where None.

    Raises:
        ValueError: for sequences of different lengths; for an integer that is too large.
        TypeError: for a number among sequences, a sequence among numbers, and text.
        RuntimeError: for what is no number.

    >>> array_of([[1, 2.5]])
    array([[1. , 2.5]], dtype=float32)
    """
    if type(data) in PLAIN:
        return _converted([data], kind or PLAIN[type(data)]()).reshape(())
    if hasattr(data, "numbers"):
        return data.numbers.astype(kind or data.dtype.numpy)[...]  # type: ignore[no-any-return]
    if isinstance(data, (np.ndarray, np.generic)):
        return np.array(checked_array(data), kind, copy=True)
    if hasattr(data, "__array__"):
        return np.array(checked_array(np.asarray(data)), kind, copy=True)
    shape, leaves = _flattened(data)
    if leaves and isinstance(leaves[0], np.ndarray):
        return np.array(leaves, kind).reshape(*shape, *leaves[0].shape)
    if leaves and isinstance(leaves[0], str):
        raise ValueError("too many dimensions 'str'")
    found = kind or _kind_of(leaves)
    if not set(map(type, leaves)) <= PLAIN.keys():
        leaves = [leaf.item() if hasattr(leaf, "item") else leaf for leaf in leaves]
    return _converted(leaves, found).reshape(shape)


PLAIN = {bool: lambda: dtypes.bool_.numpy, int: lambda: dtypes.int64.numpy, float: lambda: dtypes.default_float().numpy}


def checked_array(array: Any) -> Any:
    """Return an array that a tensor can wrap.

    Raises:
        TypeError: if PyTorch has no tensor of that kind.
        ValueError: if it runs backwards.
    """
    dtypes.of_numpy(array.dtype)
    if any(step < 0 for step in array.strides):
        raise errors.explain(
            ValueError(
                "At least one stride in the given numpy array is negative, and tensors with negative strides are not"
                " currently supported. (You can probably work around this by making a copy of your array  with"
                " array.copy().) "
            ),
            "A reversed array such as a[::-1] is a view that runs backwards.",
        )
    return array


def legacy_array(arguments: Sequence[Any], kind: Kind, named: Mapping[str, Any] = MappingProxyType({})) -> np.ndarray:
    """Return the array that an old constructor means: `FloatTensor([1, 2])` is data, `FloatTensor(2, 3)` a shape.

    Raises:
        TypeError: for a number with a point, text, or arguments of another sort.
    """
    if named or (len(arguments) > 1 and not all(map(_is_size, arguments))):
        sorts = [type(argument).__name__ for argument in arguments]
        sorts += [f"{name}={type(argument).__name__}" for name, argument in named.items()]
        raise TypeError(
            f"new() received an invalid combination of arguments - got ({', '.join(sorts)}), but expected one of:"
        )
    if all(map(_is_size, arguments)):
        return np.zeros(tuple(arguments) or (0,), kind)
    (data,) = arguments
    if isinstance(data, (str, bytes)):
        raise TypeError(f"new(): invalid data type '{type(data).__name__}'")
    if type(data).__name__ == "Size":
        return np.zeros(data, kind)
    if not isinstance(data, Iterable):
        raise TypeError(f"new(): data must be a sequence (got {type(data).__name__})")
    return array_of(data, kind)


def _is_size(data: Any) -> bool:
    return isinstance(data, (int, np.integer)) and not isinstance(data, bool)


def _is_sequence(data: Any) -> bool:
    return isinstance(data, (list, tuple, range)) or (isinstance(data, Sequence) and not isinstance(data, (str, bytes)))


def _flattened(data: Any) -> tuple[tuple[int, ...], list[Any]]:
    """Take nested sequences apart, level by level; return the shape and what is at the bottom, in order."""
    if not _is_sequence(data):
        raise _not_a_number(data)
    shape, first = [len(data)], data
    while first and _is_sequence(first[0]):
        first = first[0]
        shape.append(len(first))
    if 0 in shape:
        return tuple(shape), []
    level = list(data)
    for dim, length in enumerate(shape[1:], 1):
        for part in level:
            if not _is_sequence(part):
                raise TypeError("not a sequence")
            if len(part) != length:
                raise errors.explain(
                    ValueError(f"expected sequence of length {length} at dim {dim} (got {len(part)})"),
                    "All rows of a tensor have the same length.",
                )
        level = list(chain.from_iterable(level))
    return tuple(shape), level


def _not_a_number(data: Any) -> Exception:
    sort = type(data).__name__
    if isinstance(data, (str, bytes)):
        return TypeError(f"new(): invalid data type '{sort}'")
    return RuntimeError(f"Could not infer dtype of {sort}")


def _kind_of(leaves: list[Any]) -> Kind:
    """Return the narrowest kind that holds all of them."""
    sorts = {type(leaf): leaf for leaf in leaves}
    if not sorts:
        return dtypes.default_float().numpy
    if any(map(_is_sequence, sorts.values())):  # a sequence among numbers
        sort = next(type(leaf).__name__ for leaf in leaves if _is_sequence(leaf))
        floats = any(_holds_a_float(leaf) for leaf in leaves)
        raise TypeError(
            "must be real number, not list" if floats else f"'{sort}' object cannot be interpreted as an integer"
        )
    return reduce(dtypes.wider, (_kind_of_one(leaf) for leaf in _one_for_each_kind(leaves, sorts)))


def _holds_a_float(data: Any) -> bool:
    """An empty sequence would become floats."""
    return (not data or any(map(_holds_a_float, data))) if _is_sequence(data) else isinstance(data, float)


def _one_for_each_kind(leaves: list[Any], sorts: dict[type, Any]) -> Iterable[Any]:
    """Tensors of one class can be of different kinds: look at all of them; else one of each class is enough."""
    return leaves if any(hasattr(leaf, "numbers") for leaf in sorts.values()) else sorts.values()


def _kind_of_one(leaf: Any) -> Kind:
    if isinstance(leaf, np.generic):
        return dtypes.of_numpy(leaf.dtype).numpy
    if type(leaf) in PLAIN:
        return PLAIN[type(leaf)]()
    if hasattr(leaf, "numbers"):
        if leaf.numbers.size != 1:
            raise ValueError("only one element tensors can be converted to Python scalars")
        return leaf.dtype.numpy  # type: ignore[no-any-return]
    if isinstance(leaf, complex):
        raise errors.explain(RuntimeError("Could not infer dtype of complex"), "autovis has no complex numbers.")
    if isinstance(leaf, (bool, int, float)):  # a class of the user's
        return dtypes.kind_of(leaf)
    raise _not_a_number(leaf)


def _converted(values: list[Any], kind: Kind) -> np.ndarray:
    """Make an array of Python numbers, and refuse integers that do not fit.

    Raises:
        ValueError: beyond 64 bits.
        RuntimeError: beyond the range of a narrower kind.
    """
    if kind.kind in "fb":
        with np.errstate(over="ignore"):
            return np.array(values, kind)
    if any(isinstance(value, int) and not -(2**63) <= value < 2**63 for value in values):
        raise ValueError("Overflow when unpacking long long")
    limits = np.iinfo(kind)
    if not all(limits.min <= value < limits.max + 1 for value in values):  # not a number is nowhere between
        raise RuntimeError(f"value cannot be converted to type {kind.name} without overflow")
    return np.array([int(value) for value in values], kind)
