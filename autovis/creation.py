"""Ways to make a tensor: from data, filled with one number, counted, drawn at random.

Integers become int64, numbers with a point float32; NumPy arrays keep their kind. Every function here takes `dtype`,
`device` and `requires_grad`; each below only says which array it makes.

>>> zeros(2, 3, requires_grad=True)
tensor([[0., 0., 0.],
        [0., 0., 0.]], requires_grad=True)
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from autovis import dtypes, errors, random
from autovis.arrays import move, namespace, peek, place
from autovis.device import CPU, Device, resolve
from autovis.literals import array_of, checked_array, legacy_array
from autovis.tensor import Tensor

__all__ = [
    "BoolTensor", "ByteTensor", "CharTensor", "DoubleTensor", "FloatTensor", "HalfTensor", "IntTensor", "LongTensor",
    "ShortTensor", "arange", "as_tensor", "asarray", "bernoulli", "default_generator", "empty", "empty_like", "eye",
    "from_numpy", "full", "full_like", "get_default_dtype", "get_rng_state", "leaf", "linspace", "logspace",
    "multinomial", "normal", "ones", "ones_like", "rand", "rand_like", "randint", "randint_like", "randn", "randn_like",
    "randperm", "range", "scalar_tensor", "set_default_dtype", "set_rng_state", "tensor", "tril_indices",
    "triu_indices", "zeros", "zeros_like",
]  # fmt: skip

Kind = np.dtype[Any]
Source = random.Generator | None
default_generator = random.default_generator
counted = range  # Python's own, before PyTorch's `range` takes the name

PYTHON_KINDS = {float: dtypes.float64, int: dtypes.int64, bool: dtypes.bool_}


def finished(array: Any, *, requires_grad: bool = False) -> Tensor:
    """Wrap a new array, and set the flag if its kind allows it.

    Raises:
        RuntimeError: if integers are to require grad.
    """
    if requires_grad and array.dtype.kind != "f":
        raise errors.integers_cannot_require_grad(
            "Only Tensors of floating point and complex dtype can require gradients"
        )
    return Tensor.from_numbers(array, requires_grad=requires_grad)


def kind_named(dtype: Any, function: str) -> Kind | None:
    """Read a `dtype` argument: PyTorch's name, or Python's `float`, `int`, `bool`; None stays None."""
    found = PYTHON_KINDS.get(dtype, dtype) if isinstance(dtype, type) else dtype
    if found is None or isinstance(found, dtypes.dtype):
        return dtypes.to_numpy(found)
    raise TypeError(f"{function}(): argument 'dtype' must be torch.dtype, not {type(dtype).__name__}")


def check_device(device: Any, function: str) -> None:
    """Refuse what cannot name a device."""
    if device is not None and not isinstance(device, (str, int, Device)):
        raise TypeError(f"{function}(): argument 'device' must be torch.device, not {type(device).__name__}")


def check_generator(generator: Source, device: Device) -> None:
    """Refuse a stream of random numbers of another sort of device."""
    if generator is not None and generator.device.type != device.type:
        raise RuntimeError(f"Expected a '{device.type}' device type for generator but found '{generator.device.type}'")


def fills(make: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a function that makes its array where it is to be, in the namespace `on`; others are placed afterwards."""
    make.fills = True  # type: ignore[attr-defined]
    return make


def creator(make: Callable[..., Any], *, near: bool = False) -> Callable[..., Tensor]:
    """Give a function that makes an array what all creators share: `dtype`, `device`, `requires_grad`.

    The function is handed `kind`, a NumPy dtype or None.

    Args:
        make: returns an array.
        near: whether its first argument is a tensor, on whose device the new one is made.
    """
    name, filling = make.__name__, hasattr(make, "fills")

    @wraps(make)
    def create(
        *args: Any,
        dtype: Any = None,
        device: Any = None,
        requires_grad: bool = False,
        layout: Any = None,
        pin_memory: bool = False,
        **more: Any,
    ) -> Tensor:
        check_device(device, name)
        like = (args[0] if args else more.get("input")) if near else None
        there = like.device if device is None and isinstance(like, Tensor) else resolve(device)
        check_generator(more.get("generator"), there)
        if filling:
            more["on"] = namespace(there)
        array = make(*args, kind=kind_named(dtype, name), **more)
        return finished(place(array, there), requires_grad=requires_grad)

    return create


def shaped(make: Callable[..., Any]) -> Callable[..., Tensor]:
    """A creator whose arguments are a shape, as several numbers, as one sequence, or as `size=`."""
    name = make.__name__

    def with_shape(*size: Any, kind: Kind | None, **more: Any) -> Any:
        size = (more.pop("size"),) if "size" in more else size
        shape = read_shape(name, size)
        return make(shape, kind=kind or dtypes.default_float().numpy, **more)

    return creator(wraps(make)(with_shape))


def read_shape(function: str, size: tuple[Any, ...]) -> tuple[int, ...]:
    """Read a shape given as several numbers or as one sequence.

    Raises:
        TypeError: if it is none.
        RuntimeError: if a size is negative.
    """
    if not size:
        raise TypeError(f'{function}() missing 1 required positional arguments: "size"')
    given = size[0] if len(size) == 1 and isinstance(size[0], Sequence) and not isinstance(size[0], str) else size
    for at, n in enumerate(given):
        if hasattr(n, "__index__") and not (isinstance(n, Tensor) and n.numel() != 1):
            continue
        sort = type(n).__name__
        if given is size and at == 0:
            raise TypeError(f"{function}(): argument 'size' (position 1) must be tuple of ints, not {sort}")
        raise TypeError(
            f"{function}(): argument 'size' failed to unpack the object at pos {at + 1} with error"
            f' "type must be tuple of ints,but got {sort}"'
        )
    shape = tuple(n.__index__() for n in given)
    if any(n < 0 for n in shape):
        raise _negative(function, shape)
    return shape


def _negative(function: str, shape: tuple[int, ...]) -> RuntimeError:
    if function == "zeros":
        return RuntimeError("zeros: Dimension size must be non-negative.")
    wrong = next(n for n in shape if n < 0)
    return RuntimeError(f"Trying to create tensor with negative dimension {wrong}: {list(shape)}")


def get_default_dtype() -> dtypes.dtype:
    """Return the kind that numbers with a point become."""
    return dtypes.default_float()


def set_default_dtype(d: dtypes.dtype) -> None:
    """Choose the kind that numbers with a point become.

    Raises:
        TypeError: if it is not a floating kind.
    """
    dtypes.set_default_float(d)


# ---------------------------------------------------------------------------------------------------------- from data


def tensor(data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Return a new leaf with a copy of the data.

    Args:
        data: a number, nested lists, an array; a tensor is copied, with a warning.
        dtype: kind of number; found out from the data where None.
        device: where its memory is.
        requires_grad: whether gradients shall reach it.
    """
    if isinstance(data, Tensor):
        warnings.warn(
            "To copy construct from a tensor, it is recommended to use sourceTensor.detach().clone() or"
            " sourceTensor.detach().clone().requires_grad_(True), rather than torch.tensor(sourceTensor).",
            UserWarning,
            stacklevel=2,
        )
    check_device(device, "tensor")
    there = resolve(device, data.device if isinstance(data, Tensor) else CPU)
    return finished(move(array_of(data, kind_named(dtype, "tensor")), there), requires_grad=requires_grad)


def leaf(data: Any, *, dtype: Any = None) -> Tensor:
    """Return `tensor(data, requires_grad=True)`; autovis's own shorthand for small examples."""
    return tensor(data, dtype=dtype, requires_grad=True)


def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """Return the tensor itself, a tensor over the memory of an array, or a new one: a copy only where needed."""
    check_device(device, "as_tensor")
    if isinstance(data, Tensor):
        return data.to(resolve(device, data.device), dtype)  # type: ignore[no-any-return]
    kind, there = kind_named(dtype, "as_tensor"), resolve(device)
    if isinstance(data, np.ndarray) and kind in (None, data.dtype):
        return finished(move(checked_array(data), there))
    return finished(move(array_of(data, kind), there))


asarray = as_tensor


def from_numpy(array: np.ndarray) -> Tensor:
    """Return a tensor over the memory of an array: an edit of one shows in the other.

    Raises:
        TypeError: if it is no array, or of a kind that tensors do not have.
        ValueError: if the array runs backwards.
    """
    if not isinstance(array, np.ndarray):
        raise TypeError(f"expected np.ndarray (got {type(array).__name__})")
    return finished(checked_array(array))


class TypedConstructor:
    """An old constructor such as `FloatTensor`: data when called with a list, a shape when called with numbers."""

    def __init__(self, dtype: dtypes.dtype) -> None:
        self.dtype = dtype
        self.__name__ = f"{dtype.word}Tensor"

    def __call__(self, *arguments: Any) -> Tensor:
        """Make a tensor of this kind.

        Raises:
            TypeError: if the argument is a tensor of another kind, or neither data nor a shape.
        """
        if arguments and isinstance(arguments[0], Tensor) and arguments[0].ndim:
            if arguments[0].dtype is not self.dtype:
                raise TypeError(f"expected {_options(self.dtype)} (got {_options(arguments[0].dtype)})")
            return arguments[0].detach()
        return finished(legacy_array(arguments, self.dtype.numpy))

    def __instancecheck__(self, thing: object) -> bool:
        return isinstance(thing, Tensor) and thing.dtype is self.dtype

    def __repr__(self) -> str:
        return f"<class 'torch.{self.__name__}'>"


C_NAMES = {"int64": "long int", "float64": "double", "float32": "float", "int32": "int"}


def _options(dtype: dtypes.dtype) -> str:
    return (
        f"TensorOptions(dtype={C_NAMES.get(dtype.name, dtype.name)}, device=cpu, layout=Strided, requires_grad=false"
        " (default), pinned_memory=false (default), memory_format=(nullopt))"
    )


FloatTensor, DoubleTensor, HalfTensor, CharTensor, ShortTensor, IntTensor, LongTensor, ByteTensor, BoolTensor = map(
    TypedConstructor, dtypes.ALL
)


# --------------------------------------------------------------------------------------------- filled with one number


@shaped
@fills
def zeros(shape: tuple[int, ...], *, kind: Kind, on: Any) -> Any:
    """Return zeros."""
    return on.zeros(shape, kind)


@shaped
@fills
def ones(shape: tuple[int, ...], *, kind: Kind, on: Any) -> Any:
    """Return ones."""
    return on.ones(shape, kind)


@shaped
@fills
def empty(shape: tuple[int, ...], *, kind: Kind, on: Any) -> Any:
    """Return a tensor to be filled; here it holds zeros, in PyTorch whatever was in that memory."""
    return on.zeros(shape, kind)


@creator
@fills
def full(size: Any, fill_value: Any, *, kind: Kind | None, on: Any) -> Any:
    """Return a tensor filled with one number, of that number's kind."""
    if not isinstance(size, Sequence):
        raise TypeError(f"full(): argument 'size' (position 1) must be tuple of ints, not {type(size).__name__}")
    value = peek(array_of(fill_value))
    return on.full(read_shape("full", (size,)), value, kind or value.dtype)


@creator
def eye(n: int, m: int | None = None, *, kind: Kind | None) -> Any:
    """Return a matrix with ones on its diagonal."""
    for name, count in (("n", n), ("m", m)):
        if count is not None and count < 0:
            raise RuntimeError(f"{name} must be greater or equal to 0, got {count}")
    return np.eye(n, m, dtype=kind or dtypes.default_float().numpy)


@creator
def scalar_tensor(s: float, *, kind: Kind | None) -> Any:
    """Return a tensor of no dimensions, of the default float."""
    return np.array(s, kind or dtypes.default_float().numpy)


def alike(make: Callable[..., Any]) -> Callable[..., Tensor]:
    """A creator whose first argument is a tensor to copy shape and kind from."""
    name = make.__name__

    def like(input: Any, *args: Any, kind: Kind | None, memory_format: Any = None, **more: Any) -> Any:
        if not isinstance(input, Tensor):
            raise TypeError(f"{name}(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}")
        return make(tuple(input.shape), *args, kind=kind or input.dtype.numpy, **more)

    return creator(wraps(make)(like), near=True)


@alike
@fills
def zeros_like(shape: tuple[int, ...], *, kind: Kind, on: Any) -> Any:
    """Return zeros of the same shape and kind."""
    return on.zeros(shape, kind)


@alike
@fills
def ones_like(shape: tuple[int, ...], *, kind: Kind, on: Any) -> Any:
    """Return ones of the same shape and kind."""
    return on.ones(shape, kind)


@alike
@fills
def empty_like(shape: tuple[int, ...], *, kind: Kind, on: Any) -> Any:
    """Return a tensor of the same shape and kind to be filled."""
    return on.zeros(shape, kind)


@alike
@fills
def full_like(shape: tuple[int, ...], fill_value: Any, *, kind: Kind, on: Any) -> Any:
    """Return a tensor of the same shape and kind filled with one number."""
    return on.full(shape, peek(array_of(fill_value)).astype(kind), kind)


# ------------------------------------------------------------------------------------------------------------- counted


def _bounds(start: Any, end: Any, step: Any) -> tuple[Any, Any, Any]:
    """Read the bounds of a sequence, numbers or tensors of one.

    Raises:
        RuntimeError: if the step is 0, or leads away from the end.
    """
    start, end, step = (n.item() if isinstance(n, Tensor) else n for n in (start, end, step))
    if step == 0:
        raise RuntimeError("step must be nonzero")
    if (end - start) * step < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")
    return start, end, step


@creator
def arange(start: Any = None, end: Any = None, step: Any = 1, *, kind: Kind | None) -> Any:
    """Return numbers from a start (0) to before an end; int64 unless a bound has a point."""
    if start is None and end is None:
        raise TypeError("arange() received an invalid combination of arguments - got (), but expected one of:")
    first, last, step = _bounds(
        *(start, end, step) if start is not None and end is not None else (0, start or end or 0, step)
    )
    floats = any(isinstance(n, float) for n in (first, last, step))
    kind = kind or (dtypes.default_float() if floats else dtypes.int64).numpy
    if kind.kind in "iu":
        first, last, step = int(first), int(last), int(step)
    count = math.ceil((last - first) / step)
    return (first + step * np.arange(count)).astype(kind)


@creator
def _range(start: Any, end: Any, step: Any = 1, *, kind: Kind | None) -> Any:
    first, last, step = _bounds(start, end, step)
    count = math.floor((last - first) / step) + 1
    return (first + step * np.arange(count)).astype(kind or dtypes.default_float().numpy)


def range(start: Any, end: Any = None, step: Any = 1, **more: Any) -> Tensor:
    """Return floats from a start up to and including an end; `arange` has replaced it."""
    if end is None:
        raise TypeError('range() missing 1 required positional arguments: "end"')
    warnings.warn(
        "torch.range is deprecated and will be removed in a future release because its behavior is inconsistent with"
        " Python's range builtin. Instead, use torch.arange, which produces values in [start, end).",
        UserWarning,
        stacklevel=2,
    )
    return _range(start, end, step, **more)


@creator
def linspace(start: Any, end: Any, steps: int, *, kind: Kind | None) -> Any:
    """Return numbers at equal distances from a start to an end; the second half is counted from the end."""
    if steps < 0:
        raise RuntimeError("number of steps must be non-negative")
    start, end = (n.item() if isinstance(n, Tensor) else n for n in (start, end))
    kind = kind or dtypes.default_float().numpy
    step = (kind.type if kind.kind == "f" else np.float32)((end - start) / max(steps - 1, 1))
    place = np.arange(steps, dtype=np.float64)
    halfway = max(steps // 2, 1)
    return np.where(place < halfway, start + step * place, end - step * (steps - 1 - place)).astype(kind)


@creator
def logspace(start: Any, end: Any, steps: int, base: float = 10.0, *, kind: Kind | None) -> Any:
    """Return powers of a base whose exponents lie at equal distances."""
    exponents = linspace(start, end, steps, dtype=float).numbers
    return np.power(float(base), exponents).astype(kind or dtypes.default_float().numpy)


@creator
def tril_indices(row: int, col: int, offset: int = 0, *, kind: Kind | None) -> Any:
    """Return the places of the lower triangle of a matrix, as a row of rows and a row of columns."""
    return np.stack(np.tril_indices(row, offset, col)).astype(kind or np.int64)


@creator
def triu_indices(row: int, col: int, offset: int = 0, *, kind: Kind | None) -> Any:
    """Return the places of the upper triangle of a matrix, as a row of rows and a row of columns."""
    return np.stack(np.triu_indices(row, offset, col)).astype(kind or np.int64)


# ------------------------------------------------------------------------------------------------------------ at random


def _floating(kind: Kind, routine: str) -> None:
    if kind.kind != "f":
        raise NotImplementedError(f"\"{routine}\" not implemented for '{dtypes.of_numpy(kind).word}'")


@shaped
def rand(shape: tuple[int, ...], *, kind: Kind, generator: Source = None) -> Any:
    """Return numbers drawn evenly from 0 to 1."""
    _floating(kind, "check_uniform_bounds")
    return random.uniform(generator or default_generator, shape, kind)


@shaped
def randn(shape: tuple[int, ...], *, kind: Kind, generator: Source = None) -> Any:
    """Return numbers drawn from the normal distribution around 0 with standard deviation 1."""
    _floating(kind, "normal_kernel_cpu")
    return random.normal(generator or default_generator, shape, kind)


@alike
def rand_like(shape: tuple[int, ...], *, kind: Kind, generator: Source = None) -> Any:
    """Return numbers drawn evenly from 0 to 1, of the same shape and kind."""
    _floating(kind, "check_uniform_bounds")
    return random.uniform(generator or default_generator, shape, kind)


@alike
def randn_like(shape: tuple[int, ...], *, kind: Kind, generator: Source = None) -> Any:
    """Return numbers drawn from the normal distribution, of the same shape and kind."""
    _floating(kind, "normal_kernel_cpu")
    return random.normal(generator or default_generator, shape, kind)


def _integers(low: int, high: int, shape: tuple[int, ...], kind: Any, generator: Source) -> Any:
    if low >= high:
        raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
    return random.integers(generator or default_generator, shape, low, high, kind)


@creator
def randint(*bounds: Any, kind: Kind | None, generator: Source = None, **named: Any) -> Any:
    """Return integers drawn evenly from `low` (0) to before `high`: `randint(low, high, size)`."""
    order = ("low", "high", "size") if len(bounds) + len(named) == 3 else ("high", "size")
    given = {"low": 0, **dict(zip([name for name in order if name not in named], bounds, strict=False)), **named}
    if given.keys() != {"low", "high", "size"} or not isinstance(given["size"], Sequence):
        raise _wrong_combination("randint", (*bounds, *named.values()))
    return _integers(given["low"], given["high"], read_shape("randint", (given["size"],)), kind or np.int64, generator)


@alike
def randint_like(shape: tuple[int, ...], *bounds: int, kind: Kind, generator: Source = None) -> Any:
    """Return integers drawn evenly from `low` (0) to before `high`, of the same shape and kind."""
    low, high = bounds if len(bounds) == 2 else (0, *bounds)
    return _integers(low, high, shape, kind, generator)


def _wrong_combination(function: str, arguments: tuple[Any, ...]) -> TypeError:
    sorts = ", ".join(type(argument).__name__ for argument in arguments)
    return TypeError(f"{function}() received an invalid combination of arguments - got ({sorts}), but expected one of:")


@creator
def randperm(n: int, *, kind: Kind | None, generator: Source = None) -> Any:
    """Return the integers below `n` in random order."""
    if n < 0:
        raise _negative("randperm", (n,))
    return random.permutation(generator or default_generator, n).astype(kind or np.int64)


@creator
def normal(mean: Any, std: Any = 1.0, size: Any = None, *, kind: Kind | None, generator: Source = None) -> Any:
    """Return numbers drawn around `mean` with standard deviation `std`, each a number or a tensor.

    Raises:
        RuntimeError: if a standard deviation is negative.
        TypeError: if the shape cannot be known.
    """
    source = generator or default_generator
    if size is not None:
        if std < 0:
            raise RuntimeError(f"normal expects std >= 0.0, but found std {std}")
        return random.normal(source, read_shape("normal", (size,)), kind or dtypes.default_float().numpy, mean, std)
    given = [x for x in (mean, std) if isinstance(x, Tensor)]
    if not given:
        raise _wrong_combination("normal", (mean, std))
    kind, shape, there = given[0].dtype.numpy, np.broadcast_shapes(*(x.shape for x in given)), given[0].device
    if not isinstance(std, Tensor):
        return place(random.normal(source, shape, kind, 0.0, std), there) + mean.numbers
    if (std.numbers < 0).any():
        raise RuntimeError("normal expects all elements of std >= 0.0")
    shift = mean.numbers if isinstance(mean, Tensor) else kind.type(mean)
    return place(random.normal(source, shape, kind), there) * std.numbers + shift


def bernoulli(input: Tensor, *, generator: Source = None) -> Tensor:
    """Return ones with the chance that each element of the input says, zeros otherwise."""
    chance = peek(input.numbers)
    _floating(chance.dtype, "bernoulli_tensor_cpu_p_")
    if not ((chance >= 0) & (chance <= 1)).all():
        raise RuntimeError(
            "Expected p_in >= 0 && p_in <= 1 to be true, but got false.  (Could this error message be improved?  If so,"
            " please report an enhancement request to PyTorch.)"
        )
    drawn = random.bernoulli(generator or default_generator, np.asarray(chance), chance.shape)
    return finished(place(drawn.astype(chance.dtype), input.device))


def multinomial(input: Tensor, num_samples: int, replacement: bool = False, *, generator: Source = None) -> Tensor:
    """Return positions drawn as often as their weights in the input say.

    Raises:
        RuntimeError: for weights that are no distribution; for more draws than positions, without replacement.
    """
    weights = peek(input.numbers)
    if weights.dtype.kind != "f":
        raise RuntimeError(f"multinomial only supports floating-point dtypes for input, got: {input.dtype.word}")
    if num_samples > weights.shape[-1] and not replacement:
        raise RuntimeError("cannot sample n_sample > prob_dist.size(-1) samples without replacement")
    if not (np.isfinite(weights) & (weights >= 0)).all():
        raise RuntimeError("probability tensor contains either `inf`, `nan` or element < 0")
    if not (weights.sum(-1) > 0).all():
        raise RuntimeError("invalid multinomial distribution (sum of probabilities <= 0)")
    source = generator or default_generator
    drawn = random.multinomial(source, weights, num_samples, replacement=replacement)
    return finished(place(drawn, input.device))


def get_rng_state() -> Tensor:
    """Return where the common stream of random numbers is, as bytes."""
    return finished(default_generator.get_state())


def set_rng_state(new_state: Tensor) -> None:
    """Go back to where the common stream was.

    Raises:
        RuntimeError: if the bytes are no state.
    """
    default_generator.set_state(peek(new_state.numbers))
