"""Orders of samples: a sampler gives their numbers, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from types import GenericAlias
from typing import Any

from autovis.creation import as_tensor, empty, multinomial, randint, randperm
from autovis.dtypes import float64, int64
from autovis.random import Generator

__all__ = [
    "BatchSampler", "RandomSampler", "Sampler", "SequentialSampler", "SubsetRandomSampler", "WeightedRandomSampler",
]  # fmt: skip


def check_count(name: str, value: Any) -> None:
    """Refuse what counts nothing."""
    if not isinstance(value, int) or value <= 0:
        raise ValueError(f"{name} should be a positive integer value, but got {name}={value}")


def long_seed(generator: Generator | None = None) -> int:
    """Draw a seed, as PyTorch does where it starts a stream of its own."""
    return int(empty((), dtype=int64).random_(generator=generator).item())


def batches(things: Iterable[Any], size: int, drop_last: bool) -> Iterator[list[Any]]:
    """Go through things in lists of a size; the last one may be shorter, or is dropped."""
    rest = iter(things)
    while batch := list(islice(rest, size)):
        if len(batch) == size or not drop_last:
            yield batch


class Sampler:
    """An order of samples: a subclass defines `__iter__`, which gives their numbers."""

    __class_getitem__: Any = classmethod(GenericAlias)  # allows `Sampler[int]`
    num_samples: int

    def __init__(self, data_source: Any = None) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError


class Counted(Sampler):
    """An order that knows how many samples it gives."""

    def __len__(self) -> int:
        return self.num_samples


class SequentialSampler(Counted):
    """The samples in order."""

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self)))

    def __len__(self) -> int:
        return len(self.data_source)


class RandomSampler(Counted):
    """The samples in random order.

    Args:
        data_source: the data set.
        replacement: whether a sample can be drawn again.
        num_samples: how many are drawn; all where None.
        generator: where the order comes from; a new one, seeded from the common stream, where None.
    """

    def __init__(
        self, data_source: Any, replacement: bool = False, num_samples: int | None = None,
        generator: Generator | None = None,
    ) -> None:  # fmt: skip
        super().__init__(data_source)
        self.replacement, self.generator = replacement, generator
        self.num_samples = len(data_source) if num_samples is None else num_samples
        if not isinstance(replacement, bool):
            raise TypeError(f"replacement should be a boolean value, but got replacement={replacement}")
        check_count("num_samples", self.num_samples)

    def __iter__(self) -> Iterator[int]:
        count = len(self.data_source)
        source = Generator().manual_seed(long_seed()) if self.generator is None else self.generator
        if self.replacement:
            for start in range(0, self.num_samples, 32):
                yield from randint(high=count, size=(min(32, self.num_samples - start),), generator=source).tolist()
            return
        for start in range(0, self.num_samples + 1, count):
            yield from randperm(count, generator=source).tolist()[: self.num_samples - start]


class SubsetRandomSampler(Counted):
    """Some samples in random order."""

    def __init__(self, indices: Sequence[int], generator: Generator | None = None) -> None:
        self.indices, self.generator, self.num_samples = indices, generator, len(indices)

    def __iter__(self) -> Iterator[int]:
        return (self.indices[place] for place in randperm(len(self), generator=self.generator).tolist())


class WeightedRandomSampler(Counted):
    """Samples drawn as often as their weights say."""

    def __init__(
        self, weights: Sequence[float], num_samples: int, replacement: bool = True, generator: Generator | None = None
    ) -> None:
        self.weights = as_tensor(weights, dtype=float64)
        self.num_samples, self.replacement, self.generator = num_samples, replacement, generator
        check_count("num_samples", num_samples)
        if self.weights.ndim != 1:
            given = tuple(self.weights.shape)
            raise ValueError(f"weights should be a 1d sequence but given weights have shape {given}")

    def __iter__(self) -> Iterator[int]:
        drawn = multinomial(self.weights, self.num_samples, self.replacement, generator=self.generator)
        return iter(drawn.tolist())


class BatchSampler(Sampler):
    """The numbers of another sampler, in batches."""

    def __init__(self, sampler: Iterable[int], batch_size: int, drop_last: bool) -> None:
        check_count("batch_size", batch_size)
        if not isinstance(drop_last, bool):
            raise ValueError(f"drop_last should be a boolean value, but got drop_last={drop_last}")
        self.sampler, self.batch_size, self.drop_last = sampler, batch_size, drop_last

    def __iter__(self) -> Iterator[list[int]]:
        return batches(self.sampler, self.batch_size, self.drop_last)

    def __len__(self) -> int:
        count = len(self.sampler)  # type: ignore[arg-type]
        return count // self.batch_size if self.drop_last else -(-count // self.batch_size)
