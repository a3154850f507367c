"""The kinds of numbers, under PyTorch's names, and the kind that a mixed operation gives.

PyTorch ranks kinds (bool < integer < floating) and then looks at dimensions: inside one kind, a tensor with dimensions
beats a single number. `promote` is that rule; NumPy's own rule differs (int64 and float32 give float64 there).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import numpy as np

from autovis import errors

__all__ = ["constant", "default_float", "dtype", "kind_of", "of_numpy", "promote", "to_numpy"]


class dtype:  # noqa: N801, the name PyTorch gives it
    """A kind of number; prints as PyTorch's does.

    Attributes:
        name: PyTorch's name, `float32`.
        numpy: the same as a NumPy dtype.
        word: the word in `torch.FloatTensor` and in error sentences, `Float`.
    """

    __slots__ = ("name", "numpy", "word")

    def __init__(self, name: str, word: str) -> None:
        self.name = name
        self.numpy = np.dtype(name)
        self.word = word

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> str:
        return self.name

    @property
    def is_floating_point(self) -> bool:
        """Whether gradients are defined for it."""
        return self.numpy.kind == "f"

    @property
    def is_complex(self) -> bool:
        """Always False: autovis has no complex numbers."""
        return False

    @property
    def is_signed(self) -> bool:
        """Whether it holds negative numbers."""
        return self.numpy.kind in "if"

    @property
    def itemsize(self) -> int:
        """Bytes for each element."""
        return self.numpy.itemsize


float32 = dtype("float32", "Float")
float64 = dtype("float64", "Double")
float16 = dtype("float16", "Half")
int8 = dtype("int8", "Char")
int16 = dtype("int16", "Short")
int32 = dtype("int32", "Int")
int64 = dtype("int64", "Long")
uint8 = dtype("uint8", "Byte")
bool_ = dtype("bool", "Bool")

ALL: Final = (float32, float64, float16, int8, int16, int32, int64, uint8, bool_)
ALIASES: Final = {"float": float32, "double": float64, "half": float16, "short": int16, "int": int32, "long": int64}
OF_NUMPY: Final = {each.numpy: each for each in ALL}
RANK: Final = {"b": 0, "i": 1, "u": 1, "f": 2}

_default = [float32]


def default_float() -> dtype:
    """Return the kind that Python floats become; float32 unless changed."""
    return _default[0]


def set_default_float(kind: dtype) -> None:
    """Change the kind that Python floats become.

    Raises:
        TypeError: if it is not a floating kind.
    """
    if not kind.is_floating_point:
        raise TypeError("only floating-point types are supported as the default type")
    _default[0] = kind


def of_numpy(kind: np.dtype[Any]) -> dtype:
    """Return our name of a NumPy dtype.

    Raises:
        TypeError: if PyTorch has no tensor of that kind.
    """
    try:
        return OF_NUMPY[kind]
    except KeyError:
        raise errors.explain(
            TypeError(
                f"can't convert np.ndarray of type numpy.{kind.type.__name__}. The only supported types are: float64,"
                " float32, float16, complex64, complex128, int64, int32, int16, int8, uint64, uint32, uint16, uint8,"
                " and bool."
            ),
            "Convert the array first: array.astype('float32').",
        ) from None


def to_numpy(kind: dtype | None) -> np.dtype[Any] | None:
    """Return the NumPy dtype of ours; None stays None."""
    return None if kind is None else kind.numpy


def kind_of(number: Any) -> np.dtype[Any]:
    """Return the kind of an array, or the kind that a Python number becomes when it stands alone."""
    if hasattr(number, "dtype"):
        return number.dtype  # type: ignore[no-any-return]
    if isinstance(number, bool):
        return bool_.numpy
    return int64.numpy if isinstance(number, int) else default_float().numpy


_constants: dict[np.dtype[Any], dict[float, np.ndarray]] = {}
MANY = 1024


def constants(kind: np.dtype[Any]) -> dict[float, np.ndarray]:
    """Return the numbers of a kind that `constant` has made so far."""
    return _constants.setdefault(kind, {})


def promote_types(type1: dtype, type2: dtype) -> dtype:
    """Return the kind that holds the numbers of both."""
    return of_numpy(wider(type1.numpy, type2.numpy))


def can_cast(from_: dtype, to: dtype) -> bool:
    """Whether an in-place operation may turn one kind into the other."""
    return RANK[from_.numpy.kind] <= RANK[to.numpy.kind]


class iinfo:  # noqa: N801, PyTorch's name
    """The limits of a kind of integers."""

    def __init__(self, kind: dtype) -> None:
        limits = np.iinfo(kind.numpy)
        self.bits, self.max, self.min, self.dtype = limits.bits, int(limits.max), int(limits.min), kind.name

    def __repr__(self) -> str:
        return f"iinfo(min={self.min:g}, max={self.max:g}, dtype={self.dtype})"


class finfo:  # noqa: N801, PyTorch's name
    """The limits of a kind of floats, the default one unless told otherwise."""

    def __init__(self, kind: dtype | None = None) -> None:
        kind = kind or default_float()
        limits = np.finfo(kind.numpy)
        self.bits, self.dtype = limits.bits, kind.name
        self.eps, self.max, self.min = float(limits.eps), float(limits.max), float(limits.min)
        self.tiny = self.smallest_normal = float(limits.tiny)
        self.resolution = 10.0**-limits.precision

    def __repr__(self) -> str:
        names = ("resolution", "min", "max", "eps", "smallest_normal", "tiny")
        return f"finfo({', '.join(f'{name}={getattr(self, name):.6g}' for name in names)}, dtype={self.dtype})"


class Word(str):
    """A word for how memory is laid out; prints as it is."""

    __slots__ = ()
    __repr__ = str.__str__


strided, contiguous_format, preserve_format = map(
    Word, ("torch.strided", "torch.contiguous_format", "torch.preserve_format")
)


def constant(number: float, kind: np.dtype[Any]) -> np.ndarray:
    """Return a Python number as an array of no dimensions, made once: half as dear as NumPy's own conversion."""
    known = constants(kind)
    unique = number or type(number) is int  # 0.0 and -0.0 are the same key
    array = known.get(number) if unique else None
    if array is None:
        array = np.array(number, kind)
        array.flags.writeable = False
        if unique and len(known) < MANY:
            known[number] = array
    return array


def wider(a: np.dtype[Any], b: np.dtype[Any]) -> np.dtype[Any]:
    """Return the kind that holds both, where a float and an integer give the float."""
    if a.kind == "f" and b.kind != "f":
        return a
    if b.kind == "f" and a.kind != "f":
        return b
    return np.promote_types(a, b)


def promote(values: Iterable[Any]) -> np.dtype[Any]:
    """Return the kind that an operation on these arrays and Python numbers computes in.

    Args:
        values: arrays of any shape, NumPy scalars (tensors of no dimensions), Python numbers.

    Source: PyTorch, *Tensor Attributes*, type promotion.

    >>> promote([np.zeros(2, "int64"), np.float32(1)])
    dtype('float32')
    >>> promote([np.zeros(2, "float32"), np.float64(1)])
    dtype('float32')
    """
    best: list[np.dtype[Any] | None] = [None, None, None]  # with dimensions, without, Python numbers
    for value in values:
        if hasattr(value, "dtype"):
            place, kind = (0 if value.ndim else 1), value.dtype
        else:
            place, kind = 2, kind_of(value)
        known = best[place]
        best[place] = kind if known is None else wider(known, kind)
    result = best[2]
    for higher in (best[1], best[0]):
        if higher is None:
            continue
        stays = result is None or (higher.kind != "b" and RANK[result.kind] <= RANK[higher.kind])
        result = higher if stays else wider(higher, result)  # type: ignore[arg-type]
    assert result is not None
    return result
