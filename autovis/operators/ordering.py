"""Sorting, counting, finding places."""

from __future__ import annotations

from typing import Any

import numpy as np

from autovis import dtypes
from autovis.arrays import peek, place
from autovis.operators.arguments import Operand, dim_of, dims_of, structure
from autovis.operators.shaping import cat
from autovis.rules import index as ix
from autovis.rules import reduce, shape

Sort, Topk, Median, Nanmedian, Mode, Kthvalue, Cummax, Cummin = (
    structure(name, "values indices")
    for name in ("sort", "topk", "median", "nanmedian", "mode", "kthvalue", "cummax", "cummin")
)


ROUNDED: dict[str, Any] = {"lower": np.floor, "higher": np.ceil, "nearest": np.round}


def order(array: Any, dim: int, *, descending: bool) -> Any:
    """Return the places of the elements in order; equal ones stay in order, and nan counts as the largest."""
    if not np.ndim(array):
        return np.zeros((), np.int64, like=array[...])
    if not descending:
        return np.argsort(array, axis=dim, kind="stable")
    backwards = np.argsort(np.flip(array, dim), axis=dim, kind="stable")
    return array.shape[dim] - 1 - np.flip(backwards, dim)


class Ordering(Operand):
    """The part of a tensor that sorts and counts."""

    __slots__ = ()

    def sort(self, dim: int = -1, descending: bool = False, stable: bool = False) -> Any:
        """Return the elements in order along a dimension, and where each was."""
        at = dim_of(dim, self.ndim)
        places = order(self.numbers, at, descending=descending)
        return Sort(ix.sort(self, dim=at, index=places), self.like(places))

    def msort(self) -> Any:
        """Return the elements in order along the first dimension."""
        return self.sort(0)[0]

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
        if self.dtype is dtypes.bool_:
            raise RuntimeError("topk does not support bool dtypes on CPU")
        places = order(self.numbers, at, descending=largest)
        places = places[(slice(None),) * at + (slice(k),)].copy() if self.ndim else places
        return Topk(ix.topk(self, dim=at, index=places), self.like(places))

    def _chosen(self, kind: Any, rule: Any, dim: int, places: Any, keepdim: bool) -> Any:
        """Return the elements at one place along a dimension, and the places."""
        places = place(places, self.device)
        found = np.expand_dims(places, dim) if self.ndim else places
        values = rule(self, dim=dim, index=found, keepdim=keepdim)
        return kind(values, self.like((found if keepdim else places)[...]))

    def _middle(self, kind: Any, rule: Any, dim: int, keepdim: bool) -> Any:
        at, array = dim_of(dim, self.ndim), self.numbers[...]
        if not self.ndim:
            return self._chosen(kind, rule, 0, np.zeros((), np.int64), keepdim)
        if not self.shape[at]:
            raise IndexError(f"{rule.name}(): Expected reduction dim {at} to have non-zero size.")
        unknown = np.isnan(array) if array.dtype.kind == "f" else np.zeros(array.shape, bool, like=array)
        sorted_places = order(array, at, descending=False)
        count = (~unknown).sum(at, keepdims=True)
        middle = np.take_along_axis(sorted_places, np.maximum(count - 1, 0) // 2, at).squeeze(at)
        if kind is Median and unknown.any():
            middle = np.where(unknown.any(at), unknown.argmax(at), middle)
        return self._chosen(kind, rule, at, middle, keepdim)

    def median(self, dim: int | None = None, keepdim: bool = False) -> Any:
        """Return the middle element, the lower one of two; along a dimension also its place."""
        if self.dtype is dtypes.bool_:
            raise NotImplementedError("\"median_cpu\" not implemented for 'Bool'")
        return reduce.median(self) if dim is None else self._middle(Median, reduce.median_dim, dim, keepdim)

    def nanmedian(self, dim: int | None = None, keepdim: bool = False) -> Any:
        """Return the middle one of the elements that are numbers."""
        return reduce.nanmedian(self) if dim is None else self._middle(Nanmedian, reduce.nanmedian_dim, dim, keepdim)

    def kthvalue(self, k: int, dim: int = -1, keepdim: bool = False) -> Any:
        """Return the k-th smallest element along a dimension, counted from 1, and its place."""
        at = dim_of(dim, self.ndim)
        if not 1 <= k <= (self.shape[at] if self.ndim else 1):
            raise RuntimeError(f"kthvalue(): selected number k out of range for dimension {at}")
        if self.dtype is dtypes.bool_:
            raise NotImplementedError("\"kthvalue_cpu\" not implemented for 'Bool'")
        places = order(self.numbers, at, descending=False)
        return self._chosen(Kthvalue, reduce.kthvalue, at, places.take(k - 1, at) if self.ndim else places, keepdim)

    def mode(self, dim: int = -1, keepdim: bool = False) -> Any:
        """Return the most frequent element along a dimension, the smallest of several, and its last place."""
        at, array = dim_of(dim, self.ndim), peek(self.numbers)[...]
        if not self.ndim:
            return self._chosen(Mode, reduce.mode, 0, np.zeros((), np.int64), keepdim)

        def last_place(row: Any) -> Any:
            values, counts = np.unique(row, return_counts=True)
            return np.flatnonzero(row == values[counts.argmax()])[-1]

        return self._chosen(Mode, reduce.mode, at, np.apply_along_axis(last_place, at, array), keepdim)

    def _running(self, kind: Any, rule: Any, extreme: Any, dim: int) -> Any:
        at, array = dim_of(dim, self.ndim), self.numbers[...]
        if not self.ndim:
            return kind(rule(self, dim=0, index=(places := np.zeros((), np.int64, like=array))), self.like(places))
        best = extreme.accumulate(array, axis=at)
        here = np.arange(array.shape[at], like=array).reshape([-1 if d == at else 1 for d in range(array.ndim)])
        new = (array == best) | (np.isnan(array) & np.isnan(best))
        places = np.maximum.accumulate(np.where(new, here, 0), axis=at)
        return kind(rule(self, dim=at, index=places), self.like(places))

    def cummax(self, dim: int) -> Any:
        """Return the largest element so far along a dimension, and its last place."""
        return self._running(Cummax, ix.cummax, np.maximum, dim)

    def cummin(self, dim: int) -> Any:
        """Return the smallest element so far along a dimension, and its last place."""
        return self._running(Cummin, ix.cummin, np.minimum, dim)

    def quantile(self, q: Any, dim: int | None = None, keepdim: bool = False, *, interpolation: str = "linear") -> Any:
        """Return the element below which the share `q` lies, or what lies between two elements.

        Raises:
            RuntimeError: for integers, no elements, a share outside [0, 1].
        """
        return self._quantile("quantile", q, dim, keepdim, interpolation)

    def nanquantile(
        self, q: Any, dim: int | None = None, keepdim: bool = False, *, interpolation: str = "linear"
    ) -> Any:
        """Return quantiles of the elements that are numbers."""
        return self._quantile("nanquantile", q, dim, keepdim, interpolation)

    def _quantile(self, name: str, q: Any, dim: int | None, keepdim: bool, interpolation: str) -> Any:
        share = self._checked_share(name, q, interpolation)
        at = dim_of(dim, self.ndim) if dim is not None else 0
        x = self.reshape(-1) if dim is None else self.movedim(at, -1) if self.ndim else self.reshape(1)
        ordered = x.sort().values
        known = (~np.isnan(ordered.numbers)).sum(-1, keepdims=True)
        ranks = np.maximum(share * (known - 1).astype(share.dtype), 0).astype(share.dtype)
        if name == "quantile":
            ranks = np.where(known < x.shape[-1], share.dtype.type(x.shape[-1] - 1), ranks)
        ranks = ROUNDED.get(interpolation, lambda same: same)(ranks)
        below = np.floor(ranks)
        result = ordered.gather(-1, self.like(below.astype(np.int64)))
        if interpolation in ("linear", "midpoint"):
            weight = np.full_like(ranks, 0.5) if interpolation == "midpoint" else ranks - below
            above = ordered.gather(-1, self.like(np.ceil(ranks).astype(np.int64)))
            result = result.lerp(above, self.like(weight.astype(share.dtype)))
        if keepdim:
            sizes = [1] * self.ndim if dim is None else [1 if d == at else n for d, n in enumerate(self.shape)]
            result = result.reshape(*([*sizes, -1] if dim is None else [*x.shape[:-1], 1, -1]))
            result = result if dim is None else result.movedim(-2, at)
        if getattr(q, "ndim", 0):
            result = result.unsqueeze(0).transpose(0, -1)
        return shape.squeeze_dim_in_place(result, dims=(result.ndim - 1,))

    def _checked_share(self, name: str, q: Any, interpolation: str) -> Any:
        if not isinstance(q, Operand) and not 0 <= q <= 1:
            raise RuntimeError(f"{name}() q must be in the range [0, 1] but got {q:g}")
        if not self.numel():
            raise RuntimeError(f"{name}() input tensor must be non-empty")
        if self.dtype not in (dtypes.float32, dtypes.float64):
            raise RuntimeError(f"{name}() input tensor must be either float or double dtype")
        if interpolation not in ("linear", "lower", "higher", "midpoint", "nearest"):
            raise RuntimeError(
                f"{name}() interpolation must be one of linear, lower, higher, midpoint or nearest, but got"
                f" {interpolation}"
            )
        if not isinstance(q, Operand):
            return place(np.array([q], self.dtype.numpy), self.device)
        if q.ndim > 1:
            raise RuntimeError(f"{name}() q must be a scalar or 1D tensor")
        if q.dtype is not self.dtype:
            raise RuntimeError(f"{name}() q tensor must be same dtype as the input tensor")
        if not np.all((q.numbers >= 0) & (q.numbers <= 1)):
            raise RuntimeError(f"{name}() q values must be in the range [0, 1]")
        return np.atleast_1d(q.numbers)

    def unique(
        self, sorted: bool = True, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None
    ) -> Any:
        """Return each value once, in order; if asked for, also which of them each element is, and how often it is."""
        values, inverse, counts = np.unique(self.numbers, return_inverse=True, return_counts=True, axis=dim)
        return self._told(values, inverse if return_inverse else None, counts if return_counts else None, dim)

    def unique_consecutive(
        self, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None
    ) -> Any:
        """Return the elements without repetitions of neighbours."""
        rows = self.numbers[...].ravel() if dim is None else np.moveaxis(self.numbers[...], dim, 0)
        new = np.ones(len(rows), bool, like=rows)
        new[1:] = (rows[1:] != rows[:-1]).reshape(len(rows) - 1 if len(rows) else 0, -1).any(1)
        starts = np.flatnonzero(new)
        values = rows[starts] if dim is None else np.moveaxis(rows[starts], 0, dim)
        counts = np.diff(np.append(starts, len(rows)))
        return self._told(
            values, np.cumsum(new) - 1 if return_inverse else None, counts if return_counts else None, dim
        )

    def _told(self, values: Any, inverse: Any, counts: Any, dim: int | None) -> Any:
        """Return what was found, as far as it was asked for."""
        inverse = inverse if inverse is None else inverse.reshape(self.shape if dim is None else -1)
        told = ix.unique(self, values=values[...])
        found = (told, *(self.like(array) for array in (inverse, counts) if array is not None))
        return found if len(found) > 1 else found[0]

    def bincount(self, weights: Any = None, minlength: int = 0) -> Any:
        """Return how often each whole number from 0 on occurs.

        Raises:
            RuntimeError: for other numbers.
        """
        if self.dtype.is_floating_point or self.dtype is dtypes.bool_:
            raise NotImplementedError(f"\"bincount_cpu\" not implemented for '{self.dtype.word}'")
        if self.ndim != 1 or (self.numel() and self.numbers.min() < 0):
            raise RuntimeError("bincount only supports 1-d non-negative integral inputs.")
        if weights is not None and weights.shape != self.shape:
            raise RuntimeError("weights should be 1-d and have the same length as input")
        counts = np.bincount(self.numbers, None if weights is None else weights.numbers, minlength)
        single = weights is not None and weights.dtype is dtypes.float32
        return self.like(counts.astype(np.float32) if single else counts)

    def histc(self, bins: int = 100, min: float = 0, max: float = 0) -> Any:
        """Return how many elements lie in each of several intervals of equal width.

        Raises:
            RuntimeError: for integers, for no intervals at all, and for bounds in the wrong order.
        """
        if bins <= 0:
            raise RuntimeError("bins must be > 0")
        if not self.dtype.is_floating_point:
            raise NotImplementedError(f"\"histogram_cpu\" not implemented for '{self.dtype.word}'")
        if max < min:
            raise RuntimeError("max must be larger than min")
        low, high = (min, max) if min != max else (self.numbers.min(), self.numbers.max())
        return self.like(np.histogram(self.numbers, bins, (float(low), float(high)))[0].astype(self.numbers.dtype))

    def nonzero(self, *, as_tuple: bool = False) -> Any:
        """Return the places of the elements that are not 0: a row for each, or a tensor for each dimension."""
        places = np.nonzero(np.atleast_1d(self.numbers))
        if as_tuple:
            return tuple(self.like(place.copy()) for place in places)
        return self.like(np.stack(places, 0)[: self.ndim].T)

    def argwhere(self) -> Any:
        """Return the places of the elements that are not 0, a row for each."""
        return self.nonzero()

    def count_nonzero(self, dim: Any = None) -> Any:
        """Return how many elements are not 0."""
        return self.detach().ne(0).sum(dims_of(dim, self.ndim))

    def is_nonzero(self) -> bool:
        """Whether the single element is not 0."""
        return bool(self)

    def isin(self, test_elements: Any, *, assume_unique: bool = False, invert: bool = False) -> Any:
        """Whether each element is among others."""
        others = test_elements.numbers if isinstance(test_elements, Operand) else test_elements
        return self.like(np.isin(self.numbers, others, invert=invert))

    def bucketize(self, boundaries: Any, *, out_int32: bool = False, right: bool = False) -> Any:
        """Return the number of the interval between boundaries that each element lies in."""
        if boundaries.ndim != 1:
            raise RuntimeError(f"bucketize(): boundaries tensor must be 1 dimension, but got dim({boundaries.ndim})")
        found = np.searchsorted(boundaries.numbers, self.numbers, "right" if right else "left")
        return self.like(found.astype(np.int32 if out_int32 else np.int64)[...])

    def equal(self, other: Any) -> bool:
        """Whether two tensors have the same shape and the same elements."""
        return self.shape == other.shape and bool(np.all(self.numbers == other.numbers))

    def isclose(self, other: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Any:
        """Whether elements differ by at most `atol + rtol * |other|`."""
        same_kind(self, other)
        return self.like(np.isclose(self.numbers, other.numbers, rtol, atol, equal_nan)[...])

    def allclose(self, other: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> bool:
        """Whether all elements differ by at most `atol + rtol * |other|`."""
        return bool(self.isclose(other, rtol, atol, equal_nan).all())

    def diff(self, n: int = 1, dim: int = -1, prepend: Any = None, append: Any = None) -> Any:
        """Return the differences of neighbours."""
        if not self.ndim:
            raise RuntimeError("diff expects input to be at least one-dimensional")
        at, x = dim_of(dim, self.ndim), self
        for part, first in ((prepend, True), (append, False)):
            x = x if part is None else cat([part, x] if first else [x, part], at)
        for _ in range(min(n, x.shape[at])):
            later, earlier = x.narrow(at, 1, x.shape[at] - 1), x.narrow(at, 0, x.shape[at] - 1)
            x = later.logical_xor(earlier) if x.dtype is dtypes.bool_ else later - earlier
        return x


def searchsorted(
    sorted_sequence: Any,
    input: Any,
    *,
    out_int32: bool = False,
    right: bool = False,
    side: str | None = None,
    sorter: Any = None,
) -> Any:
    """Return where elements would have to be put in for a sorted sequence to stay sorted; row by row."""
    where: Any = side or ("right" if right else "left")
    rows, wanted = (np.asarray(peek(getattr(x, "numbers", x))) for x in (sorted_sequence, input))
    if sorter is not None:
        rows = np.take_along_axis(rows, peek(sorter.numbers), -1)
    if rows.ndim == 1:
        found = np.searchsorted(rows, wanted, where)
    else:
        if rows.shape[:-1] != wanted.shape[:-1]:
            raise RuntimeError(
                "torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions of"
                f" boundaries tensor and input value tensor must match, but we got boundaries tensor {list(rows.shape)}"
                f" and input value tensor {list(wanted.shape)}"
            )
        pairs = zip(rows.reshape(-1, rows.shape[-1]), wanted.reshape(-1, wanted.shape[-1]), strict=True)
        found = np.array([np.searchsorted(row, each, where) for row, each in pairs]).reshape(wanted.shape)
    return sorted_sequence.like(np.asarray(found, np.int32 if out_int32 else np.int64))


def same_kind(x: Any, y: Any) -> None:
    """Refuse to compare numbers of different kinds."""
    if x.dtype is not y.dtype:
        raise RuntimeError(f"{x.dtype.word} did not match {y.dtype.word}")
