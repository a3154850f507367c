"""Making fewer numbers: sums, means, extremes, norms."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from autovis import dtypes, errors
from autovis.operators.arguments import Aminmax, Dims, Max, Min, Operand, dim_of, dims_of, numpy_named, shape_cast
from autovis.primitive import Primitive
from autovis.rules import elementwise as el
from autovis.rules import neural, reduce


def _arg(x: Any, dim: int | None, keepdim: bool, largest: bool) -> Any:
    find: Any = np.argmax if largest else np.argmin
    return find(x, axis=dim, keepdims=keepdim)[...].astype(np.int64)


arg = Primitive(
    "argmax",
    lambda x, *, dim, keepdim, largest: _arg(x, dim, keepdim, largest),
)
truth = Primitive(
    "all", lambda x, *, dims, keepdim, every: (np.all if every else np.any)(x, axis=dims, keepdims=keepdim)
)


def check_elements(x: Any, name: str, dim: Dims = None) -> None:
    """Refuse the extreme of no elements at all."""
    if dim is None and not x.shape.numel():
        raise RuntimeError(
            f"{name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with"
            " the 'dim' argument."
        )


def check_not_empty(x: Any, name: str, dim: int) -> None:
    """Refuse the extreme of nothing."""
    if x.ndim and not x.shape[dim]:
        raise IndexError(f"{name}(): Expected reduction dim {dim} to have non-zero size.")


class Reductions(Operand):
    """The part of a tensor that sums up."""

    __slots__ = ()

    @numpy_named
    def sum(self, dim: Dims = None, keepdim: bool = False, *, dtype: dtypes.dtype | None = None) -> Any:
        """Return the sum of all elements, or along dimensions; integers and booleans give int64."""
        x = counting(self, dtype)
        if dim is None and not keepdim:
            return reduce.sum_all(x)
        return reduce.sum_dim(x, dims=dims_of(dim, self.ndim), keepdim=keepdim)

    @numpy_named
    def mean(self, dim: Dims = None, keepdim: bool = False, *, dtype: dtypes.dtype | None = None) -> Any:
        """Return the mean of all elements, or along dimensions.

        Raises:
            RuntimeError: for integers, whose mean is no integer.
        """
        x = shape_cast(self, dtype) if dtype else self
        if not x.dtype.is_floating_point:
            raise errors.explain(
                RuntimeError(
                    "mean(): could not infer output dtype. Input dtype must be either a floating point or complex"
                    f" dtype. Got: {x.dtype.word}"
                ),
                "Convert first: x.float().mean().",
            )
        if dim is None and not keepdim:
            return reduce.mean_all(x)
        return reduce.mean_dim(x, dims=dims_of(dim, self.ndim), keepdim=keepdim)

    @numpy_named
    def prod(self, dim: int | None = None, keepdim: bool = False, *, dtype: dtypes.dtype | None = None) -> Any:
        """Return the product of all elements, or along one dimension."""
        x = counting(self, dtype)
        if dim is None:
            return reduce.prod_all(x)
        return reduce.prod_dim(x, dims=dims_of(dim, self.ndim), keepdim=keepdim)

    def _extreme(self, dim: Any, keepdim: bool, largest: bool) -> Any:
        if isinstance(dim, Operand):
            return el.maximum(self, dim) if largest else el.minimum(self, dim)
        if dim is None:
            check_elements(self, "max" if largest else "min")
            return reduce.max_all(self) if largest else reduce.min_all(self)
        at = dim_of(dim, self.ndim)
        check_not_empty(self, "max" if largest else "min", at)
        index = arg(self, dim=at, keepdim=True, largest=largest)
        rule = reduce.winner if largest else reduce.loser
        values = rule(self, dim=at, index=index.numbers[...], keepdim=keepdim)
        places = index if keepdim or not self.ndim else self.like(index.numbers.squeeze(at))
        return (Max if largest else Min)(values, places)

    @numpy_named
    def max(self, dim: Any = None, keepdim: bool = False) -> Any:
        """Return the largest element; along a dimension also its index; of two tensors the larger of each pair."""
        return self._extreme(dim, keepdim, largest=True)

    @numpy_named
    def min(self, dim: Any = None, keepdim: bool = False) -> Any:
        """Return the smallest element; along a dimension also its index; of two tensors the smaller of each pair."""
        return self._extreme(dim, keepdim, largest=False)

    @numpy_named
    def amax(self, dim: Dims = None, keepdim: bool = False) -> Any:
        """Return the largest element along dimensions; ties share the gradient."""
        check_elements(self, "amax", dim)
        for d in () if dim is None else (dim,) if isinstance(dim, int) else dim:
            check_not_empty(self, "amax", dim_of(d, self.ndim))
        return reduce.amax(self, dims=dims_of(dim, self.ndim), keepdim=keepdim)

    @numpy_named
    def amin(self, dim: Dims = None, keepdim: bool = False) -> Any:
        """Return the smallest element along dimensions; ties share the gradient."""
        check_elements(self, "amin", dim)
        for d in () if dim is None else (dim,) if isinstance(dim, int) else dim:
            check_not_empty(self, "amin", dim_of(d, self.ndim))
        return reduce.amin(self, dims=dims_of(dim, self.ndim), keepdim=keepdim)

    @numpy_named
    def argmax(self, dim: int | None = None, keepdim: bool = False) -> Any:
        """Return the index of the largest element."""
        return self._place("argmax", dim, keepdim, largest=True)

    @numpy_named
    def argmin(self, dim: int | None = None, keepdim: bool = False) -> Any:
        """Return the index of the smallest element."""
        return self._place("argmin", dim, keepdim, largest=False)

    def _place(self, name: str, dim: int | None, keepdim: bool, *, largest: bool) -> Any:
        if dim is None:
            if not self.shape.numel():
                raise IndexError(f"{name}(): Expected reduction dim to be specified for input.numel() == 0.")
            return arg(self, dim=None, keepdim=keepdim, largest=largest)
        at = dim_of(dim, self.ndim)
        check_not_empty(self, name, at)
        return arg(self, dim=at, keepdim=keepdim, largest=largest)

    @numpy_named
    def all(self, dim: Dims = None, keepdim: bool = False) -> Any:
        """Whether all elements are true."""
        return self._truth(dim, keepdim, every=True)

    @numpy_named
    def any(self, dim: Dims = None, keepdim: bool = False) -> Any:
        """Whether some element is true."""
        return self._truth(dim, keepdim, every=False)

    def _truth(self, dim: Dims, keepdim: bool, *, every: bool) -> Any:
        found = truth(self, dims=dims_of(dim, self.ndim), keepdim=keepdim, every=every)
        return shape_cast(found, dtypes.uint8) if self.dtype is dtypes.uint8 else found

    @numpy_named
    def var(self, dim: Any = None, unbiased: bool = True, keepdim: bool = False, *, correction: float = 1) -> Any:
        """Return the variance, divided by n - 1 unless said otherwise."""
        dim, unbiased = (None, dim) if isinstance(dim, bool) else (dim, unbiased)
        return self._spread(reduce.variance, dim, correction if unbiased else 0, keepdim)

    @numpy_named
    def std(self, dim: Any = None, unbiased: bool = True, keepdim: bool = False, *, correction: float = 1) -> Any:
        """Return the standard deviation, divided by n - 1 unless said otherwise."""
        dim, unbiased = (None, dim) if isinstance(dim, bool) else (dim, unbiased)
        return self._spread(reduce.deviation, dim, correction if unbiased else 0, keepdim)

    def _spread(self, rule: Primitive, dim: Dims, correction: float, keepdim: bool) -> Any:
        if not self.dtype.is_floating_point:
            raise RuntimeError("std and var only support floating point and complex dtypes")
        dims = dims_of(dim, self.ndim)
        if math.prod(self.shape[d] for d in dims) <= correction:
            warnings.warn(
                f"{rule.name}(): degrees of freedom is <= 0. Correction should be strictly less than the reduction"
                " factor (input numel divided by output numel).",
                UserWarning,
                stacklevel=3,
            )
        return rule(self, dims=dims, correction=correction, keepdim=keepdim)

    @numpy_named
    def norm(self, p: Any = "fro", dim: Dims = None, keepdim: bool = False, dtype: Any = None) -> Any:
        """Return the Euclidean norm, or another: `p=1` adds up sizes, `p=inf` takes the largest, `p=0` counts."""
        x, dims = (self if dtype is None else shape_cast(self, dtype)), dims_of(dim, self.ndim)
        if isinstance(p, str) and p != "fro":
            return self.matrix_norm_of(p, dim, keepdim)
        if not x.dtype.is_floating_point:
            raise RuntimeError(
                f"linalg.vector_norm: Expected a floating point or complex tensor as input. Got {x.dtype.word}"
            )
        if p in ("fro", None, 2):
            return reduce.norm(x, dims=dims, keepdim=keepdim)
        if abs(float(p)) == math.inf and not x.numel():
            raise RuntimeError(
                f"linalg.vector_norm cannot compute the {float(p):g} norm on an empty tensor because the operation"
                " does not have an identity"
            )
        return reduce.norm_p(x, p=float(p), dims=dims, keepdim=keepdim)

    @numpy_named
    def nansum(self, dim: Dims = None, keepdim: bool = False, *, dtype: dtypes.dtype | None = None) -> Any:
        """Return the sum of the elements that are numbers."""
        x = counting(self, dtype)
        if not x.dtype.is_floating_point:
            return x.sum(dim, keepdim)
        return reduce.nansum(x, dims=dims_of(dim, self.ndim), keepdim=keepdim)

    @numpy_named
    def nanmean(self, dim: Dims = None, keepdim: bool = False, *, dtype: dtypes.dtype | None = None) -> Any:
        """Return the mean of the elements that are numbers."""
        if not self.dtype.is_floating_point:
            raise RuntimeError(
                f"nanmean(): expected input to have floating point or complex dtype but got {self.dtype.word}"
            )
        numbers = (~self.detach().isnan()).sum(dims_of(dim, self.ndim), keepdim)
        return self.nansum(dim, keepdim, dtype=dtype) / numbers

    @numpy_named
    def aminmax(self, *, dim: int | None = None, keepdim: bool = False) -> Any:
        """Return the smallest and the largest element, of all or along a dimension."""
        if dim is None and not self.numel():
            raise RuntimeError(
                "aminmax(): cannot compute aminmax over an empty dimension as the operation has no identity."
            )
        dims = dims_of(dim, self.ndim)
        return Aminmax(*(rule(self, dims=dims, keepdim=keepdim) for rule in reduce.both_ends))

    def std_mean(self, dim: Any = None, unbiased: bool = True, keepdim: bool = False, *, correction: Any = 1) -> Any:
        """Return the standard deviation and the mean."""
        return self._spread_and_mean("std", dim, unbiased, keepdim, correction)

    def var_mean(self, dim: Any = None, unbiased: bool = True, keepdim: bool = False, *, correction: Any = 1) -> Any:
        """Return the variance and the mean."""
        return self._spread_and_mean("var", dim, unbiased, keepdim, correction)

    def _spread_and_mean(self, name: str, dim: Any, unbiased: bool, keepdim: bool, correction: Any) -> Any:
        dim, unbiased = (None, dim) if isinstance(dim, bool) else (dim, unbiased)
        if not self.dtype.is_floating_point:
            raise RuntimeError(f"{name}_mean only support floating point and complex dtypes")
        away, middle = reduce.spread_and_mean[name]
        width = self._spread(away, dim, correction if unbiased else 0, keepdim)
        return width, middle(self, dims=dims_of(dim, self.ndim), keepdim=keepdim)

    def dist(self, other: Any, p: float = 2) -> Any:
        """Return the norm of the difference of two tensors."""
        return reduce.dist(self, other, p=float(p))

    @numpy_named
    def logsumexp(self, dim: Dims, keepdim: bool = False) -> Any:
        """Return the logarithm of the sum of exponentials, without overflow."""
        x = self if self.dtype.is_floating_point else shape_cast(self, dtypes.default_float())
        return reduce.logsumexp(x, dims=dims_of(dim, self.ndim), keepdim=keepdim)

    @numpy_named
    def cumsum(self, dim: int, *, dtype: dtypes.dtype | None = None) -> Any:
        """Return running sums along a dimension."""
        return reduce.cumsum(counting(self, dtype), dim=dim_of(dim, self.ndim))

    @numpy_named
    def cumprod(self, dim: int, *, dtype: dtypes.dtype | None = None) -> Any:
        """Return running products along a dimension."""
        return reduce.cumprod(counting(self, dtype), dim=dim_of(dim, self.ndim))

    def logcumsumexp(self, dim: int) -> Any:
        """Return the logarithms of running sums of exponentials, without overflow."""
        return reduce.logcumsumexp(self, dim=dim_of(dim, self.ndim))

    def softmax(self, dim: int, dtype: dtypes.dtype | None = None) -> Any:
        """Return exp(x) / sum(exp(x)) along a dimension."""
        return neural.softmax(_weighed(self, dim, dtype, "softmax"), dim=dim_of(dim, self.ndim))

    def log_softmax(self, dim: int, dtype: dtypes.dtype | None = None) -> Any:
        """Return the logarithm of the softmax, without overflow."""
        return neural.log_softmax(_weighed(self, dim, dtype, "log_softmax"), dim=dim_of(dim, self.ndim))


def _weighed(x: Any, dim: int, dtype: dtypes.dtype | None, name: str) -> Any:
    """Return what a softmax is taken of; whole numbers are refused."""
    x = shape_cast(x, dtype or x.dtype)
    if not x.dtype.is_floating_point:
        last = "_lastdim" if dim_of(dim, x.ndim) == max(x.ndim, 1) - 1 else ""
        raise NotImplementedError(f"\"{name}{last}_kernel_impl\" not implemented for '{x.dtype.word}'")
    return x


def counting(x: Any, dtype: dtypes.dtype | None) -> Any:
    """Return what is added up or multiplied: the kind that was asked for; integers and booleans as int64."""
    return shape_cast(x, dtype or (x.dtype if x.dtype.is_floating_point else dtypes.int64))
