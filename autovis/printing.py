"""How a tensor prints: pure functions from arrays to text, character for character as PyTorch 2.13.

A tensor's text is `tensor(`, the numbers, the suffixes, `)`. Every number has the same style and the same width,
and both are chosen by looking at all numbers that will be shown. So one huge number changes how its neighbours look:

>>> print(format_tensor(np.float32([1, 2])))
tensor([1., 2.])
>>> print(format_tensor(np.float32([1, 2.5])))
tensor([1.0000, 2.5000])
>>> print(format_tensor(np.float32([1, 25000.5])))
tensor([1.0000e+00, 2.5000e+04])
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Options", "format_body", "format_tensor", "get_printoptions", "printoptions", "set_printoptions"]

Array = np.ndarray[Any, np.dtype[Any]]
PREFIX = "tensor("


class Options(NamedTuple):
    """What a reader may choose about printed tensors.

    Attributes:
        precision: digits after the point.
        threshold: a tensor with more elements than this is summarised.
        edgeitems: elements shown at each end of a summarised dimension.
        linewidth: characters in a line, at most.
        sci_mode: scientific notation always (True), never (False), or where it is needed (None).
    """

    precision: int = 4
    threshold: float = 1000
    edgeitems: int = 3
    linewidth: int = 80
    sci_mode: bool | None = None


PROFILES = {
    "default": Options(),
    "short": Options(precision=2, edgeitems=2),
    "full": Options(threshold=math.inf),
}

_current = Options()


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Choose how tensors print from now on.

    Args:
        precision: digits after the point.
        threshold: a tensor with more elements than this is summarised.
        edgeitems: elements shown at each end of a summarised dimension.
        linewidth: characters in a line, at most.
        profile: `default`, `short` or `full`; the other arguments change single options of it.
        sci_mode: as in `Options`; leaving it out means None, also where it was set before (as in PyTorch).
    """
    global _current  # noqa: PLW0603  one reader, one set of options
    chosen = {"precision": precision, "threshold": threshold, "edgeitems": edgeitems, "linewidth": linewidth}
    given = {name: value for name, value in chosen.items() if value is not None}
    base = PROFILES.get(profile, _current) if profile is not None else _current
    _current = base._replace(sci_mode=sci_mode, **given)  # type: ignore[arg-type]


def get_printoptions() -> dict[str, Any]:
    """Return the options in use, by name, as `set_printoptions` takes them."""
    return _current._asdict()


@contextmanager
def printoptions(**options: Any) -> Iterator[None]:
    """Print with other options inside a `with` block; the arguments are those of `set_printoptions`."""
    before = get_printoptions()
    set_printoptions(**options)
    try:
        yield
    finally:
        set_printoptions(**before)


STYLES: dict[str, Callable[[Any, int], str]] = {
    "plain": lambda value, _: str(value),
    "whole": lambda value, _: f"{value:.0f}." if math.isfinite(value) else str(value),
    "fixed": lambda value, digits: f"{value:.{digits}f}",
    "scientific": lambda value, digits: f"{value:.{digits}e}",
}


class NumberFormat(NamedTuple):
    """One style and one width for all numbers of a tensor.

    Attributes:
        style: key of `STYLES`.
        digits: digits after the point.
        width: numbers shorter than this are filled with spaces on the left.
    """

    style: str
    digits: int
    width: int = 1

    def __call__(self, value: float) -> str:
        """Write one number."""
        return STYLES[self.style](value, self.digits).rjust(self.width)

    def fitting(self, values: Iterable[float]) -> NumberFormat:
        """Return the same style, as wide as the longest of these numbers."""
        return self._replace(width=max(len(self(value)) for value in values))


def _choose_format(shown: Array, options: Options) -> NumberFormat:
    """Look at the numbers to be shown; only finite ones other than zero decide."""
    if shown.dtype.kind != "f":
        return NumberFormat("plain", options.precision).fitting(shown.ravel().tolist() or [0])
    deciding = shown[np.isfinite(shown) & (shown != 0)]
    if deciding.size == 0:
        return NumberFormat("whole", options.precision)
    scientific = _needs_exponent(deciding) if options.sci_mode is None else options.sci_mode
    whole = bool((deciding == np.ceil(deciding)).all())
    style = "scientific" if scientific else "whole" if whole else "fixed"
    return NumberFormat(style, options.precision).fitting(deciding.tolist())


def _needs_exponent(values: Array) -> bool:
    sizes = np.abs(values).astype(np.float64)
    smallest, largest = sizes.min(), sizes.max()
    with np.errstate(over="ignore"):
        return bool(largest / smallest > 1000.0 or largest > 1.0e8 or smallest < 1.0e-4)


def _edges(array: Array, count: int) -> Array:
    """Keep the elements that a summary shows: `count` at each end of every longer dimension."""
    if count == 0:  # a row has no ends then: PyTorch looks at all of it, and at nothing of a matrix
        return array if array.ndim == 1 else array.reshape(-1)[:0]
    for axis, length in enumerate(array.shape):
        if length > 2 * count:
            array = array.take([*range(count), *range(length - count, length)], axis=axis)
    return array


def format_body(array: Array, options: Options | None = None, *, indent: int = len(PREFIX)) -> str:
    """Write the numbers of an array between nested brackets.

    Args:
        array: of any shape; booleans, integers or floats.
        options: those set by `set_printoptions` where None.
        indent: characters that stand before the first bracket; following lines are aligned with it.

    Returns:
        `[]` for an array without elements, the number alone for shape `()`.

    >>> print(format_body(np.eye(2), indent=0))
    [[1., 0.],
     [0., 1.]]
    """
    options = options or _current
    if array.size == 0:
        return "[]"
    summarise = array.ndim > 0 and array.size > options.threshold
    number = _choose_format(_edges(array, options.edgeitems) if summarise else np.asarray(array), options)
    if array.ndim == 0:
        return number(array.item())
    return _brackets(array, indent, number, options, summarise=summarise)


def _brackets(array: Array, indent: int, number: NumberFormat, options: Options, *, summarise: bool) -> str:
    count = options.edgeitems
    left_out = summarise and (len(array) > 2 * count or (count == 0 and array.ndim == 1))
    ends = [array[:count], array[len(array) - count :]] if left_out else [array]
    if array.ndim == 1:
        dots = " ..." if count else "..."
        parts = [[number(value) for value in end.tolist()] for end in ends]
        return _wrap([*parts[0], dots, *parts[1]] if left_out else parts[0], indent, number.width, options)
    slices = [[_brackets(row, indent + 1, number, options, summarise=summarise) for row in end] for end in ends]
    rows = [*slices[0], "...", *slices[1]] if left_out else slices[0]
    return "[" + ("," + "\n" * (array.ndim - 1) + " " * (indent + 1)).join(rows) + "]"


def _wrap(numbers: Sequence[str], indent: int, width: int, options: Options) -> str:
    """Break a row into lines that hold as many numbers as fit."""
    per_line = max(1, (options.linewidth - indent) // (width + 2))
    lines = [", ".join(numbers[start : start + per_line]) for start in range(0, len(numbers), per_line)]
    return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"


def _own_suffixes(array: Array, default_dtype: np.dtype[Any], options: Options) -> Iterator[str]:
    """What the array itself needs said: its size where nothing shows it, its dtype where the numbers do not tell."""
    empty = array.size == 0
    if (empty and array.ndim != 1) or (not empty and options.edgeitems == 0):
        yield f"size={tuple(array.shape)}"
    told = {default_dtype} if empty else {default_dtype, np.dtype(np.int64), np.dtype(np.bool_)}
    if array.dtype not in told:
        yield f"dtype=torch.{array.dtype.name}"


def format_tensor(
    array: Array,
    suffixes: Sequence[str] = (),
    *,
    device: str = "cpu",
    default_dtype: np.dtype[Any] | type[np.generic] = np.float32,
    prefix: str = PREFIX,
    options: Options | None = None,
) -> str:
    """Write a tensor as PyTorch does: `tensor([1., 2.], grad_fn=<AddBackward0>)`.

    Args:
        array: the values, of any shape.
        suffixes: what comes last, such as `grad_fn=<AddBackward0>` or `requires_grad=True`.
        device: named in a suffix where it is not `cpu`.
        default_dtype: the floating dtype that needs no suffix.
        prefix: the name of the class and an opening bracket.
        options: those set by `set_printoptions` where None.

    Returns:
        The text; a suffix that would reach beyond the line begins a new one.

    >>> print(format_tensor(np.zeros((2, 0)), ["requires_grad=True"]))
    tensor([], size=(2, 0), dtype=torch.float64, requires_grad=True)
    """
    options = options or _current
    text = prefix + format_body(array, options, indent=len(prefix))
    where = [] if device == "cpu" else [f"device='{device}'"]
    used = len(text) - text.rfind("\n") + 1
    for suffix in [*where, *_own_suffixes(array, np.dtype(default_dtype), options), *suffixes]:
        if used + len(suffix) + 2 > options.linewidth:
            text += ",\n" + " " * len(prefix) + suffix
            used = len(prefix) + len(suffix)
        else:
            text += ", " + suffix
            used += len(suffix) + 2
    return text + ")"
