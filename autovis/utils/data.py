"""Data sets and loaders: numbered samples, an order to draw them in, batches, under the names of `torch.utils.data`.

The order that a seed gives is PyTorch's.

>>> from autovis import arange
>>> [batch.tolist() for (batch,) in DataLoader(TensorDataset(arange(5)), batch_size=2)]
[[0, 1], [2, 3], [4]]
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, islice
from typing import Any

import numpy as np

from autovis.creation import as_tensor, empty, multinomial, randint, randperm, tensor
from autovis.dtypes import float64, int64
from autovis.functions import stack
from autovis.random import Generator, default_generator
from autovis.tensor import Tensor

__all__ = [
    "BatchSampler", "ConcatDataset", "DataLoader", "Dataset", "IterableDataset", "RandomSampler", "Sampler",
    "SequentialSampler", "Subset", "SubsetRandomSampler", "TensorDataset", "WeightedRandomSampler", "default_collate",
    "random_split",
]  # fmt: skip


class Dataset:
    """Numbered samples: a subclass defines `__getitem__(number)` and, for most uses, `__len__`."""

    def __getitem__(self, index: Any) -> Any:
        raise NotImplementedError("Subclasses of Dataset should implement __getitem__.")

    def __add__(self, other: Dataset) -> ConcatDataset:
        return ConcatDataset([self, other])

    def __class_getitem__(cls, kind: Any) -> type:
        """Allow `Dataset[int]` in annotations."""
        return cls


class IterableDataset(Dataset):
    """Samples that come one after the other: a subclass defines `__iter__`."""

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError("Subclasses of IterableDataset should implement __iter__.")


class TensorDataset(Dataset):
    """Samples along the first dimension of several tensors.

    Args:
        *tensors: all with the same first size.
    """

    def __init__(self, *tensors: Tensor) -> None:
        assert all(len(tensors[0]) == len(each) for each in tensors), "Size mismatch between tensors"
        self.tensors = tensors

    def __getitem__(self, index: Any) -> tuple[Any, ...]:
        return tuple(each[index] for each in self.tensors)

    def __len__(self) -> int:
        return len(self.tensors[0])


class Subset(Dataset):
    """Some samples of a data set, by number."""

    def __init__(self, dataset: Any, indices: Sequence[int]) -> None:
        self.dataset, self.indices = dataset, indices

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, list):
            return self.dataset[[self.indices[i] for i in index]]
        return self.dataset[self.indices[index]]

    def __len__(self) -> int:
        return len(self.indices)


class ConcatDataset(Dataset):
    """Data sets one after the other."""

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = list(datasets)
        self.cumulative_sizes = list(accumulate(map(len, self.datasets)))

    def __getitem__(self, index: int) -> Any:
        place = index + len(self) if index < 0 else index
        which = bisect_right(self.cumulative_sizes, place)
        return self.datasets[which][place - (self.cumulative_sizes[which - 1] if which else 0)]

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]


def random_split(
    dataset: Any, lengths: Sequence[float], generator: Generator | None = default_generator
) -> list[Subset]:
    """Part a data set at random.

    Args:
        dataset: what is parted.
        lengths: how many samples each part gets, or which shares that sum to 1.
        generator: where the order comes from.

    Raises:
        ValueError: if the lengths do not sum to the length of the data set.
    """
    counts = [int(n) for n in lengths]
    if math.isclose(sum(lengths), 1) and sum(lengths) <= 1:
        counts = [math.floor(len(dataset) * share) for share in lengths]
        for i in range(len(dataset) - sum(counts)):
            counts[i % len(counts)] += 1
    if sum(counts) != len(dataset):
        raise ValueError("Sum of input lengths does not equal the length of the input dataset!")
    order = randperm(sum(counts), generator=generator).tolist()
    return [Subset(dataset, order[stop - count : stop]) for count, stop in zip(counts, accumulate(counts), strict=True)]


# -------------------------------------------------------------------------------------------------------------- orders


class Sampler:
    """An order of samples: a subclass defines `__iter__`, which gives their numbers."""

    def __init__(self, data_source: Any = None) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError

    def __class_getitem__(cls, kind: Any) -> type:
        """Allow `Sampler[int]` in annotations."""
        return cls


class SequentialSampler(Sampler):
    """The samples in order."""

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def __len__(self) -> int:
        return len(self.data_source)


def _long_seed(generator: Generator | None = None) -> int:
    return int(empty((), dtype=int64).random_(generator=generator).item())


class RandomSampler(Sampler):
    """The samples in random order.

    Args:
        data_source: the data set.
        replacement: whether a sample can be drawn again.
        num_samples: how many are drawn; all where None.
        generator: where the order comes from; a new one, seeded from the common stream, where None.
    """

    def __init__(
        self,
        data_source: Any,
        replacement: bool = False,
        num_samples: int | None = None,
        generator: Generator | None = None,
    ) -> None:
        super().__init__(data_source)
        self.replacement, self.generator = replacement, generator
        self.num_samples = len(data_source) if num_samples is None else num_samples

    def __iter__(self) -> Iterator[int]:
        count = len(self.data_source)
        source = Generator().manual_seed(_long_seed()) if self.generator is None else self.generator
        if self.replacement:
            for start in range(0, self.num_samples, 32):
                size = min(32, self.num_samples - start)
                yield from randint(high=count, size=(size,), generator=source).tolist()
            return
        for _ in range(self.num_samples // count):
            yield from randperm(count, generator=source).tolist()
        yield from randperm(count, generator=source).tolist()[: self.num_samples % count]

    def __len__(self) -> int:
        return self.num_samples


class SubsetRandomSampler(Sampler):
    """Some samples in random order."""

    def __init__(self, indices: Sequence[int], generator: Generator | None = None) -> None:
        super().__init__()
        self.indices, self.generator = indices, generator

    def __iter__(self) -> Iterator[int]:
        for place in randperm(len(self.indices), generator=self.generator).tolist():
            yield self.indices[place]

    def __len__(self) -> int:
        return len(self.indices)


class WeightedRandomSampler(Sampler):
    """Samples drawn as often as their weights say."""

    def __init__(
        self, weights: Sequence[float], num_samples: int, replacement: bool = True, generator: Generator | None = None
    ) -> None:
        super().__init__()
        self.weights = as_tensor(weights, dtype=float64)
        self.num_samples, self.replacement, self.generator = num_samples, replacement, generator

    def __iter__(self) -> Iterator[int]:
        yield from multinomial(self.weights, self.num_samples, self.replacement, generator=self.generator).tolist()

    def __len__(self) -> int:
        return self.num_samples


class BatchSampler(Sampler):
    """The numbers of another sampler, in batches."""

    def __init__(self, sampler: Iterable[int], batch_size: int, drop_last: bool) -> None:
        super().__init__()
        self.sampler, self.batch_size, self.drop_last = sampler, batch_size, drop_last

    def __iter__(self) -> Iterator[list[int]]:
        numbers = iter(self.sampler)
        while batch := list(islice(numbers, self.batch_size)):
            if len(batch) == self.batch_size or not self.drop_last:
                yield batch

    def __len__(self) -> int:
        count = len(self.sampler)  # type: ignore[arg-type]
        return count // self.batch_size if self.drop_last else -(-count // self.batch_size)


# -------------------------------------------------------------------------------------------------------------- batches


def default_collate(batch: Sequence[Any]) -> Any:
    """Put samples together: tensors are stacked, numbers become a tensor, tuples and dictionaries are gone through.

    Raises:
        TypeError: for samples of another sort.
    """
    first = batch[0]
    if isinstance(first, Tensor):
        return stack(batch)
    if isinstance(first, (np.ndarray, np.generic)):
        return stack([as_tensor(each) for each in batch])
    if isinstance(first, float):
        return tensor(batch, dtype=float64)
    if isinstance(first, int):
        return tensor(batch)
    if isinstance(first, (str, bytes)):
        return batch
    if isinstance(first, Mapping):
        return {key: default_collate([sample[key] for sample in batch]) for key in first}
    if isinstance(first, (tuple, list)):
        parts = [default_collate(part) for part in zip(*batch, strict=True)]
        return type(first)(*parts) if hasattr(first, "_fields") else parts
    raise TypeError(
        f"default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found {type(first)}"
    )


def default_convert(sample: Any) -> Any:
    """Turn the arrays in one sample into tensors; what a loader without batches gives."""
    if isinstance(sample, (np.ndarray, np.generic)):
        return as_tensor(sample)
    if isinstance(sample, Mapping):
        return {key: default_convert(part) for key, part in sample.items()}
    return [default_convert(part) for part in sample] if isinstance(sample, (tuple, list)) else sample


class DataLoader:
    """Goes through a data set in batches.

    Args:
        dataset: numbered samples, or an `IterableDataset`.
        batch_size: samples in a batch; None gives samples one by one.
        shuffle: a new random order each time.
        sampler: an order of one's own.
        batch_sampler: batches of one's own.
        num_workers: without effect: samples are fetched in this process.
        collate_fn: puts samples together; `default_collate` where None.
        pin_memory: without effect.
        drop_last: leave out a last batch that is not full.
        generator: where the order comes from.
        **more: further arguments of PyTorch's that concern its processes; without effect.

    Raises:
        ValueError: for a batch size that is not positive; for `shuffle` together with a sampler.
    """

    sampler: Iterable[int]
    batch_sampler: Iterable[Sequence[int]] | None

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Iterable[int] | None = None,
        batch_sampler: Iterable[Sequence[int]] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[Sequence[Any]], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        *,
        generator: Generator | None = None,
        **more: Any,
    ) -> None:
        if sampler is not None and shuffle:
            raise ValueError("sampler option is mutually exclusive with shuffle")
        if batch_sampler is None and batch_size is not None and batch_size <= 0:
            raise ValueError(f"batch_size should be a positive integer value, but got batch_size={batch_size}")
        self.dataset, self.batch_size, self.drop_last, self.generator = dataset, batch_size, drop_last, generator
        self.num_workers, self.pin_memory, self.options = num_workers, pin_memory, more
        self.collate_fn = collate_fn or (
            default_collate if batch_size is not None or batch_sampler else default_convert
        )
        if isinstance(dataset, IterableDataset):
            self.sampler, self.batch_sampler = (), None
            return
        self.sampler = sampler or (
            RandomSampler(dataset, generator=generator) if shuffle else SequentialSampler(dataset)
        )
        self.batch_sampler = batch_sampler
        if batch_sampler is None and batch_size is not None:
            self.batch_sampler = BatchSampler(self.sampler, batch_size, drop_last)

    def __iter__(self) -> Iterator[Any]:
        _long_seed(self.generator)  # PyTorch draws a seed for its workers here, with or without workers
        return self._batches()

    def _batches(self) -> Iterator[Any]:
        if isinstance(self.dataset, IterableDataset):
            samples = iter(self.dataset)
            while self.batch_size and (batch := list(islice(samples, self.batch_size))):
                if len(batch) == self.batch_size or not self.drop_last:
                    yield self.collate_fn(batch)
            if not self.batch_size:
                yield from map(self.collate_fn, samples)
        elif self.batch_sampler is None:
            yield from (self.collate_fn(self.dataset[number]) for number in self.sampler)
        else:
            yield from (self.collate_fn([self.dataset[n] for n in batch]) for batch in self.batch_sampler)

    def __len__(self) -> int:
        if isinstance(self.dataset, IterableDataset):
            return math.ceil(len(self.dataset) / (self.batch_size or 1))  # type: ignore[arg-type]
        return len(self.sampler if self.batch_sampler is None else self.batch_sampler)  # type: ignore[arg-type]
