"""Reading the arguments of PyTorch's functions: dimensions, sizes, places, kinds."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import wraps
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from autovis import dtypes, errors
from autovis.rules import shape

Dims = int | Sequence[int] | None


class Size(tuple[int, ...]):
    """A shape; a tuple that prints as PyTorch's does."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"torch.Size([{', '.join(map(str, self))}])"

    def __getitem__(self, index: Any) -> Any:
        found = tuple.__getitem__(self, index)
        return Size(found) if isinstance(index, slice) else found

    def __add__(self, other: Any) -> Any:
        return Size(tuple.__add__(self, other))

    def numel(self) -> int:
        """Return how many elements a tensor of this shape has."""
        return math.prod(self)


class Operand:
    """What every part of a tensor can rely on, and the mark by which operands know each other.

    Nothing here knows what a tensor is, for rules dispatch on their arguments.
    """

    __slots__ = ()

    ndim: int
    shape: Size
    dtype: dtypes.dtype
    numbers: Any

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Whatever one part of a tensor needs of another."""

    def item(self) -> Any:
        """Return a single element as a Python number; the tensor class knows how."""
        raise NotImplementedError


def structure(name: str, fields: str) -> Any:
    """Return the class of a result of several tensors with names; it prints as PyTorch's does."""
    words = fields.split()
    text = f"torch.return_types.{name}(\n" + ",\n".join(f"{word}=%s" for word in words) + ")"
    members: dict[str, Any] = {word: property(itemgetter(place)) for place, word in enumerate(words)}
    members["__slots__"] = ()
    members["__new__"] = lambda kind, *parts: tuple.__new__(kind, parts)
    members["__repr__"] = lambda found: text % tuple(map(repr, found))
    return type(name, (tuple,), members)  # a named tuple takes ten times as long to make


Max, Min, Aminmax = (
    structure("max", "values indices"),
    structure("min", "values indices"),
    structure("aminmax", "min max"),
)
NUMPY_NAMES = {"axis": "dim", "keepdims": "keepdim", "x": "input"}


def numpy_named(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a function take its arguments by NumPy's names, too: `axis`, `keepdims`."""

    @wraps(function)
    def run(*given: Any, **named: Any) -> Any:
        if named:
            named = {NUMPY_NAMES.get(name, name): value for name, value in named.items()}
        return function(*given, **named)

    return run


def dim_of(dim: int, ndim: int) -> int:
    """Count a dimension from the front.

    Raises:
        IndexError: if there is no such dimension.
    """
    reach = max(ndim, 1)
    if not -reach <= dim < reach:
        raise errors.explain(
            IndexError(f"Dimension out of range (expected to be in range of [{-reach}, {reach - 1}], but got {dim})"),
            f"The tensor has {ndim} dimensions; they are counted from 0, or from -1 backwards.",
        )
    return dim % reach


def dim_in(dim: int, ndim: int) -> int:
    """Count a dimension from the front, of a tensor that must have one.

    Raises:
        IndexError: if there is no such dimension.
    """
    if not ndim:
        raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
    return dim_of(dim, ndim)


def dims_of(dim: Dims, ndim: int) -> tuple[int, ...]:
    """Count several dimensions from the front; None or nothing means all."""
    if dim is None or dim == ():
        return tuple(range(ndim))
    if isinstance(dim, (int, np.integer)):
        dim = (int(dim),)
    found = tuple(dim_of(d, ndim) for d in dim)
    if len(set(found)) < len(found):
        twice = next(d for d in found if found.count(d) > 1)
        raise RuntimeError(f"dim {twice} appears multiple times in the list of dims")
    return found if ndim else ()


def sizes_of(sizes: tuple[Any, ...]) -> tuple[int, ...]:
    """Read a shape given as several numbers or as one sequence."""
    if len(sizes) == 1 and not isinstance(sizes[0], (int, np.integer)):
        sizes = tuple(sizes[0])
    return tuple(int(n) for n in sizes)


def filled_shape(sizes: tuple[int, ...], count: int) -> tuple[int, ...]:
    """Work out the size written as -1.

    Raises:
        RuntimeError: if the elements do not fit.
    """
    for at, n in enumerate(sizes):
        if n < -1:
            raise RuntimeError(f"invalid shape dimension {n} at index {at} of shape {list(sizes)}")
    if sizes.count(-1) > 1:
        raise RuntimeError("only one dimension can be inferred")
    known = math.prod(n for n in sizes if n != -1)
    if -1 in sizes and not known and not count:
        raise RuntimeError(
            f"cannot reshape tensor of 0 elements into shape {list(sizes)} because the unspecified dimension size -1"
            " can be any value and is ambiguous"
        )
    if -1 in sizes and known and count % known == 0:
        return tuple(count // known if n == -1 else n for n in sizes)
    if -1 not in sizes and known == count:
        return sizes
    raise errors.explain(
        RuntimeError(f"shape '{list(sizes)}' is invalid for input of size {count}"),
        "Reshaping keeps the number of elements.",
    )


def place_of(index: Any, size: int, dim: int, *, at: int | None = None) -> int:
    """Count a place from the front.

    Args:
        index: a whole number.
        size: how many places there are.
        dim: along which dimension.
        at: which index of several it is, for the error.

    Raises:
        IndexError: if it is out of range, or no whole number.
    """
    try:
        place = index.__index__()
    except AttributeError:
        kind = type(index).__name__
        raise IndexError(
            "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices"
            f" (got {kind})"
        ) from None
    if not -size <= place < size:
        raise errors.explain(
            IndexError(f"index {place} is out of bounds for dimension {dim if at is None else at} with size {size}"),
            "Places are counted from 0, or from -1 backwards.",
        )
    return int(place % size)


def shape_cast(x: Any, to: dtypes.dtype) -> Any:
    """Convert to another kind; the same tensor if it is of that kind. Whole numbers have no gradient."""
    if x.dtype is to:
        return x
    return shape.cast(x, to=to.numpy, back=x.dtype.numpy) if to.is_floating_point else shape.cut(x, to=to.numpy)
