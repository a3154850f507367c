"""Sorting, counting, finding places."""

from __future__ import annotations

from typing import Any

import numpy as np

from autovis import dtypes
from autovis.operators.arguments import Median, Operand, Sort, Topk, dim_of, shape_cast
from autovis.rules import index as ix
from autovis.rules import reduce, shape


def order(array: Any, dim: int, *, descending: bool) -> Any:
    """Return the places of the elements in order; equal ones stay in order, and nan counts as the largest."""
    if not np.ndim(array):
        return np.zeros((), np.int64)
    if not descending:
        return np.argsort(array, axis=dim, kind="stable")
    backwards = np.argsort(np.flip(array, dim), axis=dim, kind="stable")
    return array.shape[dim] - 1 - np.flip(backwards, dim)


class Ordering(Operand):
    """The part of a tensor that sorts and counts."""

    __slots__ = ()

    def _picked(self, rule: Any, dim: int, places: Any) -> Any:
        return rule(self, dim=dim, index=places) if self.ndim else self.clone()

    def sort(self, dim: int = -1, descending: bool = False, stable: bool = False) -> Any:
        """Return the elements in order along a dimension, and where each was."""
        at = dim_of(dim, self.ndim)
        places = order(self.numbers, at, descending=descending)
        return Sort(self._picked(ix.sort, at, places), self.like(places))

    def argsort(self, dim: int = -1, descending: bool = False, stable: bool = False) -> Any:
        """Return where the elements are in order along a dimension."""
        return self.like(order(self.numbers, dim_of(dim, self.ndim), descending=descending))

    def topk(self, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Any:
        """Return the largest elements along a dimension, and where they are.

        Raises:
            RuntimeError: if there are not so many.
        """
        at = dim_of(dim, self.ndim)
        if not 0 <= k <= (self.shape[at] if self.ndim else 1):
            raise RuntimeError("selected index k out of range")
        places = order(self.numbers, at, descending=largest)
        places = places[(slice(None),) * at + (slice(k),)] if self.ndim else places
        return Topk(self._picked(ix.topk, at, places), self.like(places))

    def median(self, dim: int | None = None, keepdim: bool = False) -> Any:
        """Return the middle element, the lower one of two; along a dimension also its place."""
        if dim is None:
            return reduce.median(self)
        at = dim_of(dim, self.ndim)
        middle = order(self.numbers, at, descending=False)[
            (slice(None),) * at + (slice((self.shape[at] - 1) // 2, None),)
        ]
        places = middle[(slice(None),) * at + (slice(1),)]
        values, index = self.gather(at, self.like(places)), self.like(places)
        return Median(values, index) if keepdim else Median(values.squeeze(at), index.squeeze(at))

    def unique(
        self, sorted: bool = True, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None
    ) -> Any:
        """Return each value once, in order; if asked for, also which of them each element is, and how often it is."""
        values, inverse, counts = np.unique(self.numbers, return_inverse=True, return_counts=True, axis=dim)
        found = [
            values,
            *[inverse.reshape(self.shape if dim is None else -1)] * return_inverse,
            *[counts] * return_counts,
        ]
        tensors = tuple(self.like(array) for array in found)
        return tensors if len(tensors) > 1 else tensors[0]

    def bincount(self, weights: Any = None, minlength: int = 0) -> Any:
        """Return how often each whole number from 0 on occurs."""
        return self.like(np.bincount(self.numbers, None if weights is None else weights.numbers, minlength))

    def histc(self, bins: int = 100, min: float = 0, max: float = 0) -> Any:
        """Return how many elements lie in each of several intervals of equal width."""
        low, high = (min, max) if min != max else (self.numbers.min(), self.numbers.max())
        return self.like(np.histogram(self.numbers, bins, (float(low), float(high)))[0].astype(self.numbers.dtype))

    def nonzero(self, as_tuple: bool = False) -> Any:
        """Return the places of the elements that are not 0: a row for each, or a tensor for each dimension."""
        places = np.nonzero(np.atleast_1d(self.numbers))
        if as_tuple:
            return tuple(self.like(place) for place in places)
        return self.like(np.stack(places, 1)[:, : self.ndim])

    def count_nonzero(self, dim: Any = None) -> Any:
        """Return how many elements are not 0."""
        return self.ne(0).sum(dim)

    def masked_select(self, mask: Any) -> Any:
        """Return the elements where the mask holds."""
        sizes = np.broadcast_shapes(self.shape, mask.shape)
        x = self if self.shape == sizes else self.expand(*sizes)
        return ix.masked_select(x, index=(np.broadcast_to(mask.numbers, sizes),))

    def equal(self, other: Any) -> bool:
        """Whether two tensors have the same shape and the same elements."""
        return self.shape == other.shape and bool(np.all(self.numbers == other.numbers))

    def isclose(self, other: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Any:
        """Whether elements differ by at most `atol + rtol * |other|`."""
        same_kind(self, other)
        return self.like(np.asarray(np.isclose(self.numbers, other.numbers, rtol, atol, equal_nan)))

    def allclose(self, other: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> bool:
        """Whether all elements differ by at most `atol + rtol * |other|`."""
        same_kind(self, other)
        return bool(np.allclose(self.numbers, other.numbers, rtol, atol, equal_nan))

    def scatter(self, dim: int, index: Any, src: Any = None, *, value: Any = None) -> Any:
        """Return a copy into which numbers are written at the places that an index names along a dimension."""
        source, places = value if src is None else src, np.asarray(index.numbers)
        if isinstance(source, Operand):
            return ix.scatter(self, source, dim=dim_of(dim, self.ndim), index=places)
        return ix.scatter_value(self, dim=dim_of(dim, self.ndim), index=places, value=source)

    def scatter_add(self, dim: int, index: Any, src: Any) -> Any:
        """Return a copy to which numbers are added at the places that an index names along a dimension."""
        return ix.scatter_sum(self, src, dim=dim_of(dim, self.ndim), index=np.asarray(index.numbers))

    def index_add(self, dim: int, index: Any, source: Any) -> Any:
        """Return a copy to whose places along a dimension, listed by an index, numbers are added."""
        return ix.index_add(self, source, path=(slice(None),) * dim_of(dim, self.ndim) + (np.asarray(index.numbers),))

    def diff(self, n: int = 1, dim: int = -1) -> Any:
        """Return the differences of neighbours."""
        size = self.shape[dim]
        return self if not n else (self.narrow(dim, 1, size - 1) - self.narrow(dim, 0, size - 1)).diff(n - 1, dim)

    def cumprod(self, dim: int) -> Any:
        """Return running products along a dimension."""
        rows = list((self if self.is_floating_point() else shape_cast(self, dtypes.int64)).unbind(dim))
        for i in range(1, len(rows)):
            rows[i] = rows[i - 1] * rows[i]
        return shape.stack(*rows, dim=dim_of(dim, self.ndim))


def same_kind(x: Any, y: Any) -> None:
    """Refuse to compare numbers of different kinds."""
    if x.dtype is not y.dtype:
        raise RuntimeError(f"{x.dtype.word} did not match {y.dtype.word}")
