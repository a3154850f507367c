"""Batches: samples put together, in the order that a sampler gives."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from autovis.creation import as_tensor, tensor
from autovis.dtypes import float64
from autovis.functions import stack
from autovis.random import Generator
from autovis.tensor import Tensor
from autovis.utils.data.dataset import IterableDataset
from autovis.utils.data.sampler import BatchSampler, RandomSampler, SequentialSampler, batches, long_seed

__all__ = ["DataLoader", "default_collate", "default_convert", "get_worker_info"]

NEGATIVE, EXCLUSIVE = "option should be non-negative", "mutually exclusive with"
STREAMED = "DataLoader with IterableDataset: expected unspecified"


def default_collate(batch: Sequence[Any]) -> Any:
    """Put samples together: tensors are stacked, numbers become a tensor, tuples and dictionaries are gone through."""
    first = batch[0]
    if isinstance(first, Tensor):
        return stack(batch)
    if isinstance(first, (np.ndarray, np.generic)) and first.dtype.kind not in "SUO":
        return stack([as_tensor(each) for each in batch])
    if isinstance(first, (int, float)):
        return tensor(batch, dtype=float64) if isinstance(first, float) else tensor(batch)
    if isinstance(first, (str, bytes)):
        return batch
    if isinstance(first, Mapping):
        return {key: default_collate([sample[key] for sample in batch]) for key in first}
    if isinstance(first, (tuple, list)):
        if any(len(sample) != len(first) for sample in batch):
            raise RuntimeError("each element in list of batch should be of equal size")
        parts = [default_collate(part) for part in zip(*batch, strict=True)]
        return type(first)(*parts) if hasattr(first, "_fields") else parts
    found = first.dtype if isinstance(first, np.ndarray) else type(first)
    raise TypeError(
        f"default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found {found}"
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
        shuffle: a new random order each time, from `generator`.
        sampler, batch_sampler: an order, or batches, of one's own.
        collate_fn: puts samples together; `default_collate` where None.
        drop_last: leave out a last batch that is not full.

    What concerns processes (`num_workers` and the like) has no effect: samples are fetched in this one.
    """

    sampler: Iterable[int]
    batch_sampler: Iterable[Sequence[int]] | None

    def __init__(
        self, dataset: Any, batch_size: int | None = 1, shuffle: bool | None = None,
        sampler: Iterable[int] | None = None, batch_sampler: Iterable[Sequence[int]] | None = None,
        num_workers: int = 0, collate_fn: Callable[[Sequence[Any]], Any] | None = None, pin_memory: bool = False,
        drop_last: bool = False, timeout: float = 0, worker_init_fn: Any = None, multiprocessing_context: Any = None,
        generator: Generator | None = None, *, prefetch_factor: int | None = None, persistent_workers: bool = False,
        pin_memory_device: str = "", in_order: bool = True,
    ) -> None:  # fmt: skip
        unbatched, streamed = batch_size is None and batch_sampler is None, isinstance(dataset, IterableDataset)
        ours = batch_sampler is not None and (batch_size != 1 or shuffle or sampler is not None or drop_last)
        for wrong, complaint in (
            (num_workers < 0, f"num_workers {NEGATIVE}; use num_workers=0 to disable multiprocessing."),
            (timeout < 0, f"timeout {NEGATIVE}"),
            (sampler is not None and shuffle, f"sampler option is {EXCLUSIVE} shuffle"),
            (ours, f"batch_sampler option is {EXCLUSIVE} batch_size, shuffle, sampler, and drop_last"),
            (unbatched and drop_last, f"batch_size=None option disables auto-batching and is {EXCLUSIVE} drop_last"),
            (streamed and shuffle, f"{STREAMED} shuffle option, but got shuffle={shuffle}"),
            (streamed and sampler, f"{STREAMED} sampler option, but got sampler={sampler}"),
        ):
            if wrong:
                raise ValueError(complaint)
        self.dataset, self.drop_last, self.generator = dataset, drop_last, generator
        self.num_workers, self.pin_memory, self.timeout = num_workers, pin_memory, timeout
        self.batch_size = batch_size if batch_sampler is None else None
        self.collate_fn = collate_fn or (default_convert if unbatched else default_collate)
        self.sampler, self.batch_sampler = () if sampler is None else sampler, batch_sampler
        if streamed:
            return
        if sampler is None:
            self.sampler = RandomSampler(dataset, generator=generator) if shuffle else SequentialSampler(dataset)
        if self.batch_size is not None:
            self.batch_sampler = BatchSampler(self.sampler, self.batch_size, drop_last)

    def __iter__(self) -> Iterator[Any]:
        long_seed(self.generator)  # PyTorch draws a seed for its workers here, with or without workers
        if isinstance(self.dataset, IterableDataset):
            alone = self.batch_size is None
            samples = self.dataset if alone else batches(self.dataset, self.batch_size or 1, self.drop_last)
            return map(self.collate_fn, samples)
        if self.batch_sampler is None:
            return (self.collate_fn(self.dataset[number]) for number in self.sampler)
        return (self.collate_fn([self.dataset[number] for number in batch]) for batch in self.batch_sampler)

    def __len__(self) -> int:
        if isinstance(self.dataset, IterableDataset):
            return math.ceil(len(self.dataset) / (self.batch_size or 1))  # type: ignore[arg-type]
        return len(self.sampler if self.batch_sampler is None else self.batch_sampler)  # type: ignore[arg-type]


def get_worker_info() -> None:
    """Return None: no process fetches samples beside this one."""
