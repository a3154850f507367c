"""Data sets: numbered samples, or samples that come one after the other."""

from __future__ import annotations

import math
import warnings
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from types import GenericAlias
from typing import Any

from autovis.creation import randperm
from autovis.random import Generator, default_generator
from autovis.tensor import Tensor

__all__ = ["ConcatDataset", "Dataset", "IterableDataset", "Subset", "TensorDataset", "random_split"]


class Dataset:
    """Numbered samples: a subclass defines `__getitem__(number)` and, for most uses, `__len__`."""

    __class_getitem__: Any = classmethod(GenericAlias)  # allows `Dataset[int]`

    def __getitem__(self, index: Any) -> Any:
        raise NotImplementedError("Subclasses of Dataset should implement __getitem__.")

    def __add__(self, other: Dataset) -> ConcatDataset:
        return ConcatDataset([self, other])


class IterableDataset(Dataset):
    """Samples that come one after the other: a subclass defines `__iter__`."""

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError("Subclasses of IterableDataset should implement __iter__.")


class TensorDataset(Dataset):
    """Samples along the first dimension of several tensors, all with the same first size."""

    def __init__(self, *tensors: Tensor) -> None:
        assert all(tensors[0].size(0) == each.size(0) for each in tensors), "Size mismatch between tensors"
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
        several = isinstance(index, list)
        return self.dataset[[self.indices[i] for i in index] if several else self.indices[index]]

    def __len__(self) -> int:
        return len(self.indices)


class ConcatDataset(Dataset):
    """Data sets one after the other."""

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = list(datasets)
        assert self.datasets, "datasets should not be an empty iterable"
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
    """
    shares = math.isclose(sum(lengths), 1) and sum(lengths) <= 1
    counts = _counts(len(dataset), lengths) if shares else [int(n) for n in lengths]
    if sum(counts) != len(dataset):
        raise ValueError("Sum of input lengths does not equal the length of the input dataset!")
    order = randperm(sum(counts), generator=generator).tolist()
    return [Subset(dataset, order[stop - count : stop]) for count, stop in zip(counts, accumulate(counts), strict=True)]


def _counts(samples: int, shares: Sequence[float]) -> list[int]:
    """Turn shares into counts; what is left by rounding goes to the first ones, one each."""
    for i, share in enumerate(shares):
        if not 0 <= share <= 1:
            raise ValueError(f"Fraction at index {i} is not between 0 and 1")
    counts = [math.floor(samples * share) for share in shares]
    for i in range(samples - sum(counts)):
        counts[i % len(counts)] += 1
    if 0 in counts:
        sentence = f"Length of split at index {counts.index(0)} is 0. This might result in an empty dataset."
        warnings.warn(sentence, UserWarning, stacklevel=3)
    return counts
