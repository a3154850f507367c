"""Random numbers: the stream that PyTorch draws on a CPU, bit for bit.

`manual_seed(0)` and then `rand(2)` give what they give in PyTorch, so a seeded tutorial prints its own numbers. The
source is the Mersenne Twister (Matsumoto and Nishimura, 1998), which NumPy has too; what differs from NumPy is how
its 32-bit words become floats, normal numbers and permutations. The functions take a `Generator` and give arrays.

A normal number comes from two uniform ones (Box and Muller, 1958). PyTorch does it in two ways, and so do we: fewer
than 16 numbers one by one in double precision, where the second of a pair waits for the next call; more numbers in
blocks of 16 in the precision asked for.

>>> uniform(Generator().manual_seed(0), (2,))
array([0.4962566, 0.7682218], dtype=float32)
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from autovis.device import resolve

__all__ = [
    "Generator",
    "bernoulli",
    "default_generator",
    "exponential",
    "fork_rng",
    "initial_seed",
    "integers",
    "manual_seed",
    "multinomial",
    "normal",
    "permutation",
    "seed",
    "uniform",
]

Array = np.ndarray[Any, np.dtype[Any]]
Shape = tuple[int, ...]
Float = type[np.floating[Any]] | np.dtype[Any]

BLOCK = 16  # normal numbers made together: 8 radii, 8 angles
WIDE = 1 << 28  # integers from a range at least this wide take two words each

# What PyTorch's `get_state` holds.
STATE = np.dtype(
    [
        ("seed", "u8"),
        ("left", "i4"),
        ("seeded", "i4"),
        ("next", "u8"),
        ("words", "u8", 624),
        ("_unused_x", "f8"),
        ("normal", "f8"),
        ("_unused_rho", "f8"),
        ("has_normal", "i4"),
        ("_unused_float", "u4", 3),
    ]
)


class Generator:
    """A source of random 32-bit words that remembers where it is.

    Args:
        device: whose tensors it fills; the numbers are the same on all, and without a generator all devices draw
            from one common stream.

    A new generator always starts from the same seed; `manual_seed` chooses another.
    """

    __slots__ = ("_engine", "_seed", "_waiting", "device")

    def __init__(self, device: Any = "cpu") -> None:
        self.device = resolve(device)
        self.manual_seed(67280421310721)

    def manual_seed(self, seed: int) -> Generator:
        """Start the stream that belongs to a seed, and return self.

        Args:
            seed: of 64 bits; only the lower 32 matter. Negative ones count back from 2 ** 64.

        Raises:
            ValueError: if it is no number, or has more than 64 bits.
        """
        if not -(2**63) <= int(seed) < 2**64:
            raise ValueError("Overflow when unpacking long long")
        self._seed = int(seed) % 2**64
        self._engine: Any = None
        self._waiting: float | None = None
        return self

    @property
    def engine(self) -> Any:
        """NumPy's Mersenne Twister in the right place; made when first needed, for it is dear to import."""
        if self._engine is None:
            self._engine = np.random.RandomState(self._seed % 2**32)
        return self._engine

    def seed(self) -> int:
        """Start from a seed that nobody can guess, and return it."""
        self.manual_seed(int.from_bytes(os.urandom(8), "little"))
        return self._seed

    def initial_seed(self) -> int:
        """Return the seed that the stream was started from."""
        return self._seed

    def words(self, count: int) -> Array:
        """Draw words of 32 bits, as uint32."""
        words: Array = self.engine.randint(0, 1 << 32, size=count, dtype=np.uint32)
        return words

    def long_words(self, count: int) -> Array:
        """Draw words of 64 bits, as uint64; the first of two draws is the upper half."""
        pairs = self.words(2 * count).astype(np.uint64)
        return pairs[0::2] << np.uint64(32) | pairs[1::2]

    def normal_numbers(self, count: int) -> Array:
        """Draw standard normal numbers one by one, as float64; an odd one out waits for the next call."""
        numbers = [] if self._waiting is None else [self._waiting]
        pairs = _fractions(self, 2 * (max(count - len(numbers) + 1, 0) // 2), np.float64).reshape(-1, 2)
        for turn, fraction in pairs.tolist():
            radius, angle = math.sqrt(-2 * math.log1p(-fraction)), 2 * math.pi * turn
            numbers += [radius * math.cos(angle), radius * math.sin(angle)]
        self._waiting = numbers[count] if len(numbers) > count else None
        return np.array(numbers[:count])

    def get_state(self) -> Array:
        """Return all that the generator remembers, as the 5056 bytes that PyTorch keeps."""
        engine: Any = self.engine.get_state(legacy=False)["state"]
        state = np.zeros((), STATE)
        state["seed"], state["seeded"], state["words"] = self._seed, 1, engine["key"]
        state["left"], state["next"] = 625 - engine["pos"], engine["pos"]
        state["has_normal"], state["normal"] = self._waiting is not None, self._waiting or 0.0
        return np.frombuffer(state.tobytes(), np.uint8).copy()

    def set_state(self, state: Array) -> None:
        """Go back to what `get_state` returned, here or in PyTorch.

        Raises:
            RuntimeError: if the bytes are no state.
        """
        if np.size(state) != STATE.itemsize:
            raise RuntimeError(
                f"Expected a CPUGeneratorImplState of size {STATE.itemsize} but found the input RNG state size to be"
                f" {np.size(state)}"
            )
        fields = np.frombuffer(np.ascontiguousarray(state, np.uint8).tobytes(), STATE)[0]
        self._seed = int(fields["seed"])
        self.engine.set_state(("MT19937", fields["words"].astype(np.uint32), 625 - int(fields["left"]), 0, 0.0))
        self._waiting = float(fields["normal"]) if fields["has_normal"] else None

    def __repr__(self) -> str:
        return "<torch._C.Generator>"


default_generator = Generator()
default_generator.seed()


def manual_seed(seed: int) -> Generator:
    """Start the stream that all operations without a generator of their own draw from, and return its generator."""
    return default_generator.manual_seed(seed)


def seed() -> int:
    """Start the common stream from a seed that nobody can guess, and return it."""
    return default_generator.seed()


def initial_seed() -> int:
    """Return the seed that the common stream was started from."""
    return default_generator.initial_seed()


@contextmanager
def fork_rng() -> Iterator[None]:
    """Draw inside a `with` block, and leave the common stream where it was before."""
    state = default_generator.get_state()
    try:
        yield
    finally:
        default_generator.set_state(state)


# ------------------------------------------------------------------------------------------------ numbers in a range


def _size(shape: Shape) -> int:
    return int(np.prod(shape, dtype=np.int64))


def _fractions(source: Generator, count: int, dtype: Float) -> Array:
    """Draw fractions in [0, 1): as many low bits of a word as the dtype's significand holds."""
    digits = np.finfo(dtype).nmant + 1
    words = source.long_words(count) if np.dtype(dtype).itemsize == 8 else source.words(count)
    kept = (words & words.dtype.type((1 << digits) - 1)).astype(dtype)
    fractions: Array = kept * kept.dtype.type(2.0**-digits)
    return fractions


def uniform(source: Generator, shape: Shape, dtype: Float = np.float32, low: float = 0.0, high: float = 1.0) -> Array:
    """Draw numbers that are equally likely everywhere in [low, high).

    Args:
        source: where the words come from; one for each float32, two for each float64.
        shape: of the result.
        dtype: of the result, a float.
        low: smallest possible number.
        high: bound that is not reached.
    """
    kind = np.dtype(dtype).type
    first, last = kind(low), kind(high)
    numbers: Array = _fractions(source, _size(shape), dtype) * (last - first) + first
    return numbers.reshape(shape)


def integers(source: Generator, shape: Shape, low: int, high: int, dtype: type | np.dtype[Any] = np.int64) -> Array:
    """Draw integers that are equally likely in [low, high): the remainder of a word."""
    span = int(high) - int(low)
    count = _size(shape)
    words = source.long_words(count) if span >= WIDE else source.words(count).astype(np.uint64)
    return ((words % np.uint64(span)).astype(np.int64) + np.int64(low)).astype(dtype).reshape(shape)


def permutation(source: Generator, count: int) -> Array:
    """Shuffle `0 .. count - 1`: every place in turn trades with one that is not behind it (Fisher and Yates)."""
    order = list(range(count))
    for place, word in enumerate(source.words(max(count - 1, 0)).tolist()):
        other = place + word % (count - place)
        order[place], order[other] = order[other], order[place]
    return np.array(order, np.int64)


# --------------------------------------------------------------------------------------------------- choices by chance


def bernoulli(source: Generator, chance: float | Array, shape: Shape) -> Array:
    """Draw booleans that are True with the given chance.

    Args:
        source: where the words come from.
        chance: one number for all, compared in double precision, or an array, compared in its own.
        shape: of the result.
    """
    dtype = chance.dtype if isinstance(chance, np.ndarray) else np.dtype(np.float64)
    return _fractions(source, _size(shape), dtype).reshape(shape) < chance


def exponential(source: Generator, shape: Shape, dtype: Float = np.float32, rate: float = 1.0) -> Array:
    """Draw waiting times of something that happens `rate` times in a unit of time."""
    fractions = _fractions(source, _size(shape), np.float64)
    return (-1.0 / rate * np.log1p(-fractions)).astype(dtype).reshape(shape)


def multinomial(source: Generator, weights: Array, count: int, *, replacement: bool = False) -> Array:
    """Draw positions, each as likely as its weight says.

    Args:
        source: where the words come from.
        weights: of shape `(choices,)` or `(rows, choices)`; they need not sum to 1.
        count: positions drawn for each row.
        replacement: whether a position can be drawn again.

    Returns:
        int64 array of shape `(count,)` or `(rows, count)`.

    Without replacement, the position whose waiting time is shortest comes first (the exponential race).
    """
    if replacement and count > 1:
        sums = np.cumsum(weights, axis=-1)
        shares = (sums / sums[..., -1:]).reshape(-1, weights.shape[-1])
        chosen = [
            np.minimum(np.searchsorted(row, _fractions(source, count, np.float64)), len(row) - 1) for row in shares
        ]
        return np.array(chosen, np.int64).reshape(*weights.shape[:-1], count)
    speeds = weights / exponential(source, weights.shape, weights.dtype)
    return np.argsort(-speeds, axis=-1, kind="stable")[..., :count]


# ------------------------------------------------------------------------------------------------------ normal numbers


def normal(source: Generator, shape: Shape, dtype: Float = np.float32, mean: float = 0.0, std: float = 1.0) -> Array:
    """Draw numbers around `mean`, two thirds of them nearer than `std`.

    Args:
        source: where the words come from.
        shape: of the result.
        dtype: of the result, a float.
        mean: where the numbers crowd.
        std: their standard deviation.
    """
    count = _size(shape)
    if count < BLOCK:
        return (source.normal_numbers(count) * std + mean).astype(dtype).reshape(shape)
    kind = np.dtype(dtype) if np.dtype(dtype).itemsize >= 4 else np.dtype(np.float32)
    numbers = _fractions(source, count, kind)
    whole = count - count % BLOCK
    numbers[:whole] = _normal_blocks(numbers[:whole], mean, std)
    if count % BLOCK:  # the last block is drawn anew, over what was there
        numbers[-BLOCK:] = _normal_blocks(_fractions(source, BLOCK, kind), mean, std)
    return numbers.astype(dtype).reshape(shape)


def _normal_blocks(fractions: Array, mean: float, std: float) -> Array:
    """Box and Muller on blocks of 16: the first half makes radii, the second angles."""
    single = fractions.dtype == np.float32
    kind = fractions.dtype.type
    blocks = fractions.reshape(-1, BLOCK)
    log, sin_cos = (_log, _sin_cos) if single else (np.log, lambda x: (np.sin(x), np.cos(x)))
    radii = np.sqrt(kind(-2) * log(kind(1) - blocks[:, :8]))
    sines, cosines = sin_cos(kind(2 * np.pi) * blocks[:, 8:])
    numbers = np.concatenate([radii * cosines, radii * sines], axis=1)
    return _fused(numbers, kind(std), kind(mean)).ravel() if single else (numbers * std + mean).ravel()


# float32 logarithm, sine and cosine as the Cephes library (Moshier, 1989) approximates them, with a fused multiply-add
# wherever PyTorch's compiler puts one: NumPy's own functions differ in the last bit of one number in ten.


def _fused(x: Any, y: Any, z: Any) -> Array:
    """`x * y + z`, rounded once."""
    return np.asarray(np.multiply(x, y, dtype=np.float64) + z, np.float32)


def _polynomial(x: Array, *coefficients: float) -> Array:
    value = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        value = _fused(value, x, np.float32(coefficient))
    return value


def _log(x: Array) -> Array:
    fraction, exponent = np.frexp(x)
    low = fraction < np.float32(np.sqrt(0.5))
    exponent = (exponent - low).astype(np.float32)
    x = np.where(low, fraction + fraction, fraction) - np.float32(1)  # x is now near 0, and log1p of it is wanted
    square = x * x
    value = x * _polynomial(
        x,
        *(7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1),
        *(-1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1),
    )
    value = _fused(value, square, exponent * np.float32(-2.12194440e-4))
    value -= square * np.float32(0.5)
    value += x
    value += exponent * np.float32(0.693359375)  # ln 2 in two parts: 0.693359375 - 0.000212194440
    return value


def _sin_cos(x: Array) -> tuple[Array, Array]:
    octant = (x * np.float32(4 / np.pi)).astype(np.int32) + 1 & ~1
    for part in (-0.78515625, -2.4187564849853515625e-4, -3.77489497744594108e-8):  # -pi / 4 in three parts
        x = _fused(octant, np.float32(part), x)
    square = x * x
    cosine = _polynomial(square, 2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2) * square
    cosine = _fused(cosine, square, square * np.float32(-0.5)) + np.float32(1)
    sine = _polynomial(square, -1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1) * square
    sine = _fused(sine, x, x)
    swapped = octant & 2 != 0
    sines = np.where(swapped, cosine, sine) * np.where(octant & 4, np.float32(-1), np.float32(1))
    cosines = np.where(swapped, sine, cosine) * np.where(octant - 2 & 4, np.float32(1), np.float32(-1))
    return sines, cosines
