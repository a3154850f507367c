"""What one can do with a tensor: PyTorch's methods and functions, each of which reads its arguments and calls a rule.

`Operators` is the part of `Tensor` that computes. A method is also the function of that name: `autovis.sum` is
`Operators.sum`. Nothing here knows what a tensor is: rules dispatch on their arguments.
"""

from __future__ import annotations

import math
from collections import namedtuple
from collections.abc import Callable, Sequence
from numbers import Number
from typing import Any

import numpy as np

from autovis import dtypes, errors
from autovis.primitive import Primitive
from autovis.rules import elementwise as el
from autovis.rules import index as ix
from autovis.rules import linear, neural, reduce, shape

__all__ = ["Operators", "Size"]

Dims = int | Sequence[int] | None


class Size(tuple[int, ...]):
    """A shape; a tuple that prints as PyTorch's does."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"torch.Size([{', '.join(map(str, self))}])"

    def numel(self) -> int:
        """Return how many elements a tensor of this shape has."""
        return math.prod(self)


def _pair(name: str) -> type:
    kind = namedtuple(name, ["values", "indices"])  # type: ignore[misc]  # noqa: PYI024, made for each name
    kind.__repr__ = lambda self: f"torch.return_types.{name}(\nvalues={self.values},\nindices={self.indices})"  # type: ignore[assignment, method-assign]
    return kind


Max, Min, Sort, Topk, Median = (_pair(name) for name in ("max", "min", "sort", "topk", "median"))


def dim_of(dim: int, ndim: int) -> int:
    """Count a dimension from the front.

    Raises:
        IndexError: if there is no such dimension.
    """
    reach = max(ndim, 1)
    if not -reach <= dim < reach:
        raise errors.explain(
            IndexError(f"Dimension out of range (expected to be in range of [{-reach}, {reach - 1}], but got {dim})"),
            f"The tensor has {ndim} dimensions; they are counted from 0, or from -1 backwards.",
        )
    return dim % reach


def dims_of(dim: Dims, ndim: int) -> tuple[int, ...]:
    """Count several dimensions from the front; None or nothing means all."""
    if dim is None or dim == ():
        return tuple(range(ndim))
    if isinstance(dim, (int, np.integer)):
        dim = (int(dim),)
    return tuple(dim_of(d, ndim) for d in dim) if ndim else ()


def sizes_of(sizes: tuple[Any, ...]) -> tuple[int, ...]:
    """Read a shape given as several numbers or as one sequence."""
    if len(sizes) == 1 and not isinstance(sizes[0], (int, np.integer)):
        sizes = tuple(sizes[0])
    return tuple(int(n) for n in sizes)


def filled_shape(sizes: tuple[int, ...], count: int) -> tuple[int, ...]:
    """Work out the size written as -1.

    Raises:
        RuntimeError: if the elements do not fit.
    """
    if sizes.count(-1) > 1:
        raise RuntimeError("only one dimension can be inferred")
    known = math.prod(n for n in sizes if n != -1)
    if -1 in sizes and known and count % known == 0:
        return tuple(count // known if n == -1 else n for n in sizes)
    if -1 not in sizes and known == count:
        return sizes
    raise errors.explain(
        RuntimeError(f"shape '{list(sizes)}' is invalid for input of size {count}"),
        "Reshaping keeps the number of elements.",
    )


def _operator(rule: Primitive) -> Callable[[Any, Any], Any]:
    def run(self: Any, other: Any) -> Any:
        if isinstance(other, (Operators, Number, np.ndarray, np.generic)):
            return rule(self, other)
        return NotImplemented

    return run


def _reflected(rule: Primitive) -> Callable[[Any, Any], Any]:
    def run(self: Any, other: Any) -> Any:
        return rule(other, self) if isinstance(other, (Number, np.ndarray, np.generic)) else NotImplemented

    return run


def _unary(rule: Primitive) -> Callable[[Any], Any]:
    def run(self: Any) -> Any:
        return rule(self)

    run.__name__, run.__doc__ = rule.name, f"Return `{rule.name}` of each element."
    return run


def _scaled(rule: Primitive, sign: str) -> Callable[..., Any]:
    def run(self: Any, other: Any, *, alpha: float = 1) -> Any:
        return rule(self, other if alpha == 1 else other * alpha)

    run.__name__, run.__doc__ = rule.name, f"Return `self {sign} alpha * other`."
    return run


def _binary(rule: Primitive) -> Callable[[Any, Any], Any]:
    def run(self: Any, other: Any) -> Any:
        return rule(self, other)

    run.__name__, run.__doc__ = rule.name, f"Return `{rule.name}` of the two, element by element."
    return run


class Operators:
    """The part of a tensor that computes."""

    __slots__ = ()

    ndim: int
    shape: Size
    dtype: dtypes.dtype
    numbers: Any

    # ------------------------------------------------------------------------------------------------- arithmetic

    __add__ = _operator(el.add)
    __radd__ = _operator(el.add)
    __sub__ = _operator(el.sub)
    __rsub__ = _operator(el.rsub)
    __mul__ = _operator(el.mul)
    __rmul__ = _operator(el.mul)
    __truediv__ = _operator(el.div)
    __floordiv__ = _operator(el.floor_divide)
    __mod__ = _operator(el.remainder)
    __eq__ = _operator(el.eq)  # type: ignore[assignment]
    __ne__ = _operator(el.ne)  # type: ignore[assignment]
    __lt__ = _operator(el.lt)
    __le__ = _operator(el.le)
    __gt__ = _operator(el.gt)
    __ge__ = _operator(el.ge)
    __and__ = __rand__ = _operator(el.bitwise_and)
    __or__ = __ror__ = _operator(el.bitwise_or)
    __xor__ = __rxor__ = _operator(el.bitwise_xor)
    __rfloordiv__ = _reflected(el.floor_divide)
    __rmod__ = _reflected(el.remainder)
    __hash__ = object.__hash__

    add = _scaled(el.add, "+")
    sub = subtract = _scaled(el.sub, "-")
    mul = multiply = _binary(el.mul)
    eq, ne, lt, le, gt, ge = (_binary(rule) for rule in (el.eq, el.ne, el.lt, el.le, el.gt, el.ge))
    maximum = _binary(el.maximum)
    minimum = _binary(el.minimum)
    remainder = _binary(el.remainder)
    floor_divide = _binary(el.floor_divide)
    logical_and = _binary(el.logical_and)
    logical_or = _binary(el.logical_or)
    logical_xor = _binary(el.logical_xor)

    neg = negative = _unary(el.neg)
    abs = absolute = _unary(el.absolute)
    reciprocal = _unary(el.reciprocal)
    sqrt, rsqrt, exp, exp2, expm1 = (_unary(rule) for rule in (el.sqrt, el.rsqrt, el.exp, el.exp2, el.expm1))
    log, log2, log10, log1p = (_unary(rule) for rule in (el.log, el.log2, el.log10, el.log1p))
    sin, cos, tan, asin, acos, atan = (_unary(r) for r in (el.sin, el.cos, el.tan, el.asin, el.acos, el.atan))
    sinh, cosh, tanh, erf = (_unary(rule) for rule in (el.sinh, el.cosh, el.tanh, el.erf))
    relu, sigmoid = _unary(el.relu), _unary(el.sigmoid)
    floor, ceil, trunc, sign = (_unary(rule) for rule in (el.floor, el.ceil, el.trunc, el.sign))
    isnan, isinf, isfinite = (_unary(rule) for rule in (el.isnan, el.isinf, el.isfinite))
    logical_not = _unary(el.logical_not)

    def __neg__(self) -> Any:
        if self.dtype is dtypes.bool_:
            raise RuntimeError(
                "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use"
                " the `~` or `logical_not()` operator instead."
            )
        return el.neg(self)

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return el.absolute(self)

    def __invert__(self) -> Any:
        if self.dtype.is_floating_point:
            raise TypeError("~ (operator.invert) is only implemented on integer and Boolean-type tensors")
        return el.logical_not(self) if self.dtype is dtypes.bool_ else el.bitwise_not(self)

    def __rtruediv__(self, other: Any) -> Any:
        return el.reciprocal(self) * other if isinstance(other, Number) else NotImplemented

    def __pow__(self, exponent: Any) -> Any:
        if isinstance(exponent, Operators):
            return el.pow_tensor(self, exponent)
        if not isinstance(exponent, Number):
            return NotImplemented
        if not self.dtype.is_floating_point:
            if isinstance(exponent, float):
                return el.pow_number(shape_cast(self, dtypes.default_float()), exponent=exponent)
            if exponent < 0:  # type: ignore[operator]
                raise RuntimeError("Integers to negative integer powers are not allowed.")
        return el.pow_number(self, exponent=exponent)

    def __rpow__(self, base: float) -> Any:
        return el.pow_of_number(self, base=base) if isinstance(base, Number) else NotImplemented

    def pow(self, exponent: Any) -> Any:
        """Return each element to a power."""
        return self.__pow__(exponent)

    def square(self) -> Any:
        """Return the square of each element."""
        return self.__pow__(2)

    def div(self, other: Any, *, rounding_mode: str | None = None) -> Any:
        """Return the quotient; `floor` or `trunc` rounds it."""
        quotient = el.div(self, other)
        if rounding_mode is None:
            return quotient
        rounded = el.floor(quotient) if rounding_mode == "floor" else el.trunc(quotient)
        whole = not self.dtype.is_floating_point and not isinstance(other, float)
        return shape_cast(rounded, self.dtype) if whole else rounded

    divide = true_divide = div

    def round(self, *, decimals: int = 0) -> Any:
        """Return the nearest whole number, halves to the even one."""
        return el.round_(self) if not decimals else el.round_(self * 10**decimals) / 10**decimals

    def clamp(self, min: Any = None, max: Any = None) -> Any:  # noqa: A002, PyTorch's names
        """Return each element, moved to the nearer bound where it lies outside; a bound may be a tensor."""
        if min is None and max is None:
            raise RuntimeError("torch.clamp: At least one of 'min' or 'max' must not be None")
        if isinstance(min, Operators) or isinstance(max, Operators):
            low = self if min is None else el.maximum(self, min)
            return low if max is None else el.minimum(low, max)
        if max is None:
            return el.clamp_min(self, low=min, high=None)
        return el.clamp(self, low=min, high=max)

    clip = clamp

    def clamp_min(self, min: Any) -> Any:  # noqa: A002, PyTorch's name
        """Return each element, or the bound where that is larger."""
        return el.clamp_min(self, low=min, high=None)

    def where(self, condition: Any, other: Any) -> Any:
        """Return self where the condition holds, else other."""
        return el.choose(condition, self, other)

    def masked_fill(self, mask: Any, value: Any) -> Any:
        """Return self with `value` where the mask holds."""
        number = value.item() if isinstance(value, Operators) else value  # type: ignore[attr-defined]
        return el.masked_fill(self, mask, value=number)

    # --------------------------------------------------------------------------------------------------- reducing

    def sum(self, dim: Dims = None, keepdim: bool = False, *, dtype: dtypes.dtype | None = None) -> Any:
        """Return the sum of all elements, or along dimensions; integers and booleans give int64."""
        x = shape_cast(self, dtype) if dtype else self
        if x.dtype.numpy.kind != "f":
            x = shape_cast(x, dtypes.int64)
        if dim is None and not keepdim:
            return reduce.sum_all(x)
        return reduce.sum_dim(x, dims=dims_of(dim, self.ndim), keepdim=keepdim)

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

    def prod(self, dim: int | None = None, keepdim: bool = False) -> Any:
        """Return the product of all elements, or along one dimension."""
        x = self if self.dtype.is_floating_point else shape_cast(self, dtypes.int64)
        if dim is None:
            return reduce.prod_all(x)
        return reduce.prod_dim(x, dims=dims_of(dim, self.ndim), keepdim=keepdim)

    def _extreme(self, dim: Any, keepdim: bool, largest: bool) -> Any:
        if isinstance(dim, Operators):
            return el.maximum(self, dim) if largest else el.minimum(self, dim)
        if dim is None:
            if not self.shape.numel():
                name = "max" if largest else "min"
                raise RuntimeError(
                    f"{name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim"
                    " with the 'dim' argument."
                )
            return reduce.max_all(self) if largest else reduce.min_all(self)
        at = dim_of(dim, self.ndim)
        index = arg(self, dim=at, keepdim=False, largest=largest)
        rule = reduce.winner if largest else reduce.loser
        values = rule(self, dim=at, index=np.asarray(index.numbers)) if self.ndim else self.clone()
        if keepdim and self.ndim:
            values, index = shape.unsqueeze(values, dim=at), shape.unsqueeze(index, dim=at)
        return (Max if largest else Min)(values, index)

    def max(self, dim: Any = None, keepdim: bool = False) -> Any:
        """Return the largest element; along a dimension also its index; with another tensor the larger of each pair."""
        return self._extreme(dim, keepdim, largest=True)

    def min(self, dim: Any = None, keepdim: bool = False) -> Any:
        """Return the smallest element; along a dimension also its index; with another tensor the smaller of each pair."""
        return self._extreme(dim, keepdim, largest=False)

    def amax(self, dim: Dims = None, keepdim: bool = False) -> Any:
        """Return the largest element along dimensions; ties share the gradient."""
        return reduce.amax(self, dims=dims_of(dim, self.ndim), keepdim=keepdim)

    def amin(self, dim: Dims = None, keepdim: bool = False) -> Any:
        """Return the smallest element along dimensions; ties share the gradient."""
        return reduce.amin(self, dims=dims_of(dim, self.ndim), keepdim=keepdim)

    def argmax(self, dim: int | None = None, keepdim: bool = False) -> Any:
        """Return the index of the largest element."""
        return arg(self, dim=None if dim is None else dim_of(dim, self.ndim), keepdim=keepdim, largest=True)

    def argmin(self, dim: int | None = None, keepdim: bool = False) -> Any:
        """Return the index of the smallest element."""
        return arg(self, dim=None if dim is None else dim_of(dim, self.ndim), keepdim=keepdim, largest=False)

    def all(self, dim: Dims = None, keepdim: bool = False) -> Any:
        """Whether all elements are true."""
        return truth(self, dims=dims_of(dim, self.ndim), keepdim=keepdim, every=True)

    def any(self, dim: Dims = None, keepdim: bool = False) -> Any:
        """Whether some element is true."""
        return truth(self, dims=dims_of(dim, self.ndim), keepdim=keepdim, every=False)

    def var(self, dim: Dims = None, *, unbiased: bool = True, correction: float = 1, keepdim: bool = False) -> Any:
        """Return the variance, divided by n - 1 unless said otherwise."""
        by = correction if unbiased else 0
        return reduce.variance(self, dims=dims_of(dim, self.ndim), correction=by, keepdim=keepdim)

    def std(self, dim: Dims = None, *, unbiased: bool = True, correction: float = 1, keepdim: bool = False) -> Any:
        """Return the standard deviation, divided by n - 1 unless said otherwise."""
        by = correction if unbiased else 0
        return reduce.deviation(self, dims=dims_of(dim, self.ndim), correction=by, keepdim=keepdim)

    def norm(self, dim: Dims = None, keepdim: bool = False) -> Any:
        """Return the Euclidean norm."""
        return reduce.norm(self, dims=dims_of(dim, self.ndim), keepdim=keepdim)

    def logsumexp(self, dim: Dims, keepdim: bool = False) -> Any:
        """Return the logarithm of the sum of exponentials, without overflow."""
        return reduce.logsumexp(self, dims=dims_of(dim, self.ndim), keepdim=keepdim)

    def cumsum(self, dim: int) -> Any:
        """Return running sums along a dimension."""
        x = self if self.dtype.is_floating_point else shape_cast(self, dtypes.int64)
        return reduce.cumsum(x, dim=dim_of(dim, self.ndim))

    def softmax(self, dim: int) -> Any:
        """Return exp(x) / sum(exp(x)) along a dimension."""
        return neural.softmax(self, dim=dim_of(dim, self.ndim))

    def log_softmax(self, dim: int) -> Any:
        """Return the logarithm of the softmax, without overflow."""
        return neural.log_softmax(self, dim=dim_of(dim, self.ndim))

    # ---------------------------------------------------------------------------------------------------- shaping

    def view(self, *sizes: Any) -> Any:
        """Return the same memory in another shape.

        Raises:
            RuntimeError: if the elements do not fit, or lie in memory in an order that this shape cannot follow.
        """
        if len(sizes) == 1 and isinstance(sizes[0], dtypes.dtype):
            raise errors.not_supported("view(dtype)", "a tensor keeps its kind; use .to(dtype).")
        to = filled_shape(sizes_of(sizes), self.shape.numel())
        if not viewable(self.numbers, to):
            raise errors.explain(
                RuntimeError(
                    "view size is not compatible with input tensor's size and stride (at least one dimension spans"
                    " across two contiguous subspaces). Use .reshape(...) instead."
                ),
                "The elements lie in memory in another order (after a transpose, say); reshape copies them when it must.",
            )
        return shape.view(self, to=to)

    def reshape(self, *sizes: Any) -> Any:
        """Return another shape: a view where memory allows it, else a copy."""
        to = filled_shape(sizes_of(sizes), self.shape.numel())
        if viewable(self.numbers, to):
            return shape.view(self, to=to)
        return shape.unsafe_view(shape.clone(self), to=to)

    def view_as(self, other: Any) -> Any:
        """Return the same memory in the shape of another tensor."""
        return self.view(*other.shape)

    def flatten(self, start_dim: int = 0, end_dim: int = -1) -> Any:
        """Return neighbouring dimensions merged into one."""
        first, last = dim_of(start_dim, self.ndim), dim_of(end_dim, self.ndim)
        if self.ndim and first == last:
            return self
        sizes = self.shape
        return self.reshape(*sizes[:first], math.prod(sizes[first : last + 1]), *sizes[last + 1 :])

    def unflatten(self, dim: int, sizes: Sequence[int]) -> Any:
        """Return one dimension divided into several."""
        at = dim_of(dim, self.ndim)
        return self.reshape(*self.shape[:at], *filled_shape(tuple(sizes), self.shape[at]), *self.shape[at + 1 :])

    def t(self) -> Any:
        """Return the transpose of a matrix; a vector stays as it is."""
        if self.ndim > 2:
            raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {self.ndim}D")
        return shape.t(self)

    @property
    def T(self) -> Any:  # noqa: N802, PyTorch's name
        """The tensor with its dimensions in reverse order."""
        return shape.permute(self, dims=tuple(reversed(range(self.ndim))))

    @property
    def mT(self) -> Any:  # noqa: N802, PyTorch's name
        """The tensor with its last two dimensions exchanged."""
        return self.transpose(-2, -1)

    def transpose(self, dim0: int, dim1: int) -> Any:
        """Return the tensor with two dimensions exchanged."""
        return shape.transpose(self, dim0=dim_of(dim0, self.ndim), dim1=dim_of(dim1, self.ndim))

    swapaxes = transpose

    def permute(self, *dims: Any) -> Any:
        """Return the tensor with its dimensions in another order."""
        order = tuple(dim_of(d, self.ndim) for d in sizes_of(dims))
        if len(order) != self.ndim or len(set(order)) != len(order):
            raise RuntimeError(
                "permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired"
                f" ordering of dimensions i.e. input.dim() = {self.ndim} is not equal to len(dims) = {len(order)}"
            )
        return shape.permute(self, dims=order)

    def squeeze(self, dim: Dims = None) -> Any:
        """Return the tensor without its dimensions of size 1, or without the named ones among them."""
        if dim is None:
            return shape.squeeze(self)
        ones = tuple(d for d in dims_of(dim, self.ndim) if self.ndim and self.shape[d] == 1)
        return shape.squeeze_dim(self, dims=ones)

    def unsqueeze(self, dim: int) -> Any:
        """Return the tensor with a new dimension of size 1."""
        return shape.unsqueeze(self, dim=dim_of(dim, self.ndim + 1))

    def expand(self, *sizes: Any) -> Any:
        """Return a view in which dimensions of size 1 are repeated; -1 keeps a size."""
        wanted = sizes_of(sizes)
        lead = len(wanted) - self.ndim
        if lead < 0:
            raise RuntimeError(
                f"expand(torch.{self.dtype.word}Tensor{{{list(self.shape)}}}, size={list(wanted)}): the number of sizes"
                f" provided ({len(wanted)}) must be greater or equal to the number of dimensions in the tensor ({self.ndim})"
            )
        to = tuple(self.shape[i - lead] if n == -1 and i >= lead else n for i, n in enumerate(wanted))
        for i, (have, want) in enumerate(zip(self.shape, to[lead:], strict=True)):
            if have not in (1, want):
                raise RuntimeError(
                    f"The expanded size of the tensor ({want}) must match the existing size ({have}) at non-singleton"
                    f" dimension {lead + i}.  Target sizes: {list(wanted)}.  Tensor sizes: {list(self.shape)}"
                )
        return shape.expand(self, to=to)

    def expand_as(self, other: Any) -> Any:
        """Return the tensor expanded to the shape of another."""
        return self.expand(*other.shape)

    def repeat(self, *times: Any) -> Any:
        """Return copies side by side."""
        return shape.repeat(self, times=sizes_of(times))

    def flip(self, *dims: Any) -> Any:
        """Return the tensor with dimensions reversed."""
        return shape.flip(self, dims=dims_of(sizes_of(dims), self.ndim))

    def roll(self, shifts: Any, dims: Any = None) -> Any:
        """Return the tensor with its elements shifted round."""
        at = dims if dims is None or isinstance(dims, int) else tuple(dims)
        return shape.roll(self, shifts=tuple(shifts) if isinstance(shifts, (list, tuple)) else shifts, dims=at)

    def tril(self, diagonal: int = 0) -> Any:
        """Return the lower triangle, zeros above."""
        return shape.tril(self, diagonal=diagonal)

    def triu(self, diagonal: int = 0) -> Any:
        """Return the upper triangle, zeros below."""
        return shape.triu(self, diagonal=diagonal)

    def diagonal(self, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Any:
        """Return a view of the diagonal."""
        return shape.diagonal(self, offset=offset, dim1=dim_of(dim1, self.ndim), dim2=dim_of(dim2, self.ndim))

    def narrow(self, dim: int, start: int, length: int) -> Any:
        """Return a view of a piece of one dimension."""
        return shape.narrow(self, dim=dim_of(dim, self.ndim), start=int(start), length=length, step=1)

    def select(self, dim: int, index: int) -> Any:
        """Return a view of one place along a dimension."""
        at = dim_of(dim, self.ndim)
        return shape.select(self, dim=at, index=place_of(index, self.shape[at], at))

    def unbind(self, dim: int = 0) -> Any:
        """Return all places along a dimension."""
        at = dim_of(dim, self.ndim)
        return tuple(shape.select(self, dim=at, index=i) for i in range(self.shape[at]))

    def split(self, split_size: Any, dim: int = 0) -> Any:
        """Return pieces of the given size, or sizes."""
        at = dim_of(dim, self.ndim)
        total = self.shape[at]
        if isinstance(split_size, int):
            sizes = [min_of(split_size, total - i) for i in range(0, total, split_size)] or [0]
        else:
            sizes = list(split_size)
            if sum_of(sizes) != total:
                raise RuntimeError(
                    f"split_with_sizes expects split_sizes to sum exactly to {total} (input tensor's size at dimension"
                    f" {at}), but got split_sizes={sizes}"
                )
        starts = np.cumsum([0, *sizes])
        return tuple(
            shape.narrow(self, dim=at, start=int(a), length=n, step=1) for a, n in zip(starts, sizes, strict=False)
        )

    def chunk(self, chunks: int, dim: int = 0) -> Any:
        """Return about `chunks` pieces of equal size."""
        return self.split(max_of(1, -(-self.shape[dim_of(dim, self.ndim)] // chunks)), dim)

    def gather(self, dim: int, index: Any) -> Any:
        """Return for each place the element that the index names along a dimension."""
        return ix.gather(self, dim=dim_of(dim, self.ndim), index=np.asarray(index.numbers))

    def index_select(self, dim: int, index: Any) -> Any:
        """Return the places along a dimension that the index lists."""
        return ix.pick(self, index=(slice(None),) * dim_of(dim, self.ndim) + (np.asarray(index.numbers),))

    def clone(self) -> Any:
        """Return a copy that is part of the graph."""
        return shape.clone(self)

    def contiguous(self) -> Any:
        """Return the tensor with its elements in order in memory; itself if they are."""
        return self if np.asarray(self.numbers).flags.c_contiguous else shape.clone(self)

    # --------------------------------------------------------------------------------------------------- products

    def matmul(self, other: Any) -> Any:
        """Return the product of vectors, matrices or stacks of matrices.

        Raises:
            RuntimeError: if the shapes or kinds do not fit.
        """
        return matmul(self, other)

    def __matmul__(self, other: Any) -> Any:
        return matmul(self, other) if isinstance(other, Operators) else NotImplemented

    def mm(self, other: Any) -> Any:
        """Return the product of two matrices."""
        check_matrices(self, other)
        return linear.mm(self, other)

    def mv(self, vector: Any) -> Any:
        """Return the product of a matrix and a vector."""
        check_vector(self, vector)
        return linear.mv(self, vector)

    def dot(self, other: Any) -> Any:
        """Return the inner product of two vectors."""
        if self.ndim != 1 or other.ndim != 1:
            raise RuntimeError(f"1D tensors expected, but got {self.ndim}D and {other.ndim}D tensors")
        check_inner(self, other)
        return linear.dot(self, other)

    def bmm(self, other: Any) -> Any:
        """Return the products of two stacks of matrices."""
        if self.ndim == other.ndim == 3 and (self.shape[0], self.shape[2]) != tuple(other.shape[:2]):
            raise RuntimeError(
                "Expected size for first two dimensions of batch2 tensor to be:"
                f" [{self.shape[0]}, {self.shape[2]}] but got: [{other.shape[0]}, {other.shape[1]}]."
            )
        return linear.bmm(self, other)

    # --------------------------------------------------------------------------------------------------- indexing

    def __getitem__(self, index: Any) -> Any:
        steps = index if isinstance(index, tuple) else (index,)
        if any(is_advanced(step) for step in steps):
            return ix.pick(self, index=numpy_index(self, steps))
        result, dim = self, 0
        for step in expand_ellipsis(self, steps):
            if step is None:
                result = shape.unsqueeze(result, dim=dim)
                dim += 1
            elif isinstance(step, slice):
                result = sliced(result, step, dim)
                dim += 1
            else:
                result = shape.select(result, dim=dim, index=place_of(step, result.shape[dim], dim))
        return shape.view(self, to=tuple(self.shape)) if result is self else result


# ------------------------------------------------------------------------------------------------- parts of the above

min_of, max_of, sum_of = min, max, sum

arg = Primitive(
    "argmax",
    lambda x, *, dim, keepdim, largest: np.asarray(
        (np.argmax if largest else np.argmin)(x, axis=dim, keepdims=keepdim and dim is not None)
    ).astype(np.int64),
)
truth = Primitive(
    "all", lambda x, *, dims, keepdim, every: (np.all if every else np.any)(x, axis=dims, keepdims=keepdim)
)


def shape_cast(x: Any, to: dtypes.dtype) -> Any:
    """Convert to another kind; the same tensor if it is of that kind."""
    return x if x.dtype is to else shape.cast(x, to=to.numpy, back=x.dtype.numpy)


def viewable(array: Any, to: tuple[int, ...]) -> bool:
    """Whether a shape can be had without a copy."""
    if not isinstance(array, np.ndarray) or array.flags.c_contiguous or not array.size:
        return True
    return np.shares_memory(array.reshape(to), array)


def matmul(x: Any, y: Any) -> Any:
    """Choose the product by the number of dimensions, as PyTorch does."""
    if not x.ndim or not y.ndim:
        raise RuntimeError(f"both arguments to matmul need to be at least 1D, but they are {x.ndim}D and {y.ndim}D")
    if x.ndim == y.ndim == 1:
        return x.dot(y)
    if x.ndim == 2 and y.ndim == 1:
        return x.mv(y)
    if x.ndim == 1 and y.ndim == 2:
        return shape.squeeze_dim_in_place(shape.unsqueeze(x, dim=0).mm(y), dims=(0,))
    if x.ndim == y.ndim == 2:
        return x.mm(y)
    if y.ndim <= 2:  # many matrices times one: one tall matrix
        tall = x.reshape(-1, x.shape[-1])
        product = tall.mm(y) if y.ndim == 2 else tall.mv(y)
        return shape.unsafe_view(product, to=(*x.shape[:-1], *y.shape[1:]))
    left = x if x.ndim > 1 else shape.unsqueeze(x, dim=0)
    stack = np.broadcast_shapes(left.shape[:-2], y.shape[:-2])
    a = left.expand(*stack, *left.shape[-2:]).reshape(-1, *left.shape[-2:])
    b = y.expand(*stack, *y.shape[-2:]).reshape(-1, *y.shape[-2:])
    product = shape.unsafe_view(a.bmm(b), to=(*stack, left.shape[-2], y.shape[-1]))
    return product if x.ndim > 1 else shape.squeeze_dim(product, dims=(product.ndim - 2,))


def check_kinds(x: Any, y: Any) -> None:
    """Refuse a product of different kinds."""
    if x.dtype is not y.dtype:
        raise errors.explain(
            RuntimeError(f"expected m1 and m2 to have the same dtype, but got: {c_name(x.dtype)} != {c_name(y.dtype)}"),
            "Matrix products do not convert. Convert one of the two, for example y.to(x.dtype).",
        )


def c_name(kind: dtypes.dtype) -> str:
    """Return what C++ calls a kind, as some of PyTorch's sentences do."""
    return {"float32": "float", "float64": "double", "int64": "long long", "int32": "int"}.get(kind.name, kind.name)


def check_matrices(x: Any, y: Any) -> None:
    """Refuse matrices whose inner sizes differ."""
    if x.shape[1] != y.shape[0]:
        raise errors.explain(
            RuntimeError(
                f"mat1 and mat2 shapes cannot be multiplied ({x.shape[0]}x{x.shape[1]} and {y.shape[0]}x{y.shape[1]})"
            ),
            "The number of columns of the first must be the number of rows of the second.",
        )
    check_kinds(x, y)


def check_vector(matrix: Any, vector: Any) -> None:
    """Refuse a vector that does not fit a matrix."""
    if matrix.shape[1] != vector.shape[0]:
        raise errors.explain(
            RuntimeError(
                f"size mismatch, got input ({matrix.shape[0]}), mat ({matrix.shape[0]}x{matrix.shape[1]}), vec"
                f" ({vector.shape[0]})"
            ),
            "The vector needs one number for each column of the matrix.",
        )
    check_kinds(matrix, vector)


def check_inner(x: Any, y: Any) -> None:
    """Refuse vectors of different lengths."""
    if x.shape != y.shape:
        raise RuntimeError(
            f"inconsistent tensor size, expected tensor [{x.shape[0]}] and src [{y.shape[0]}] to have the same number of"
            f" elements, but got {x.shape[0]} and {y.shape[0]} elements respectively"
        )
    if x.dtype is not y.dtype:
        raise RuntimeError(
            f"dot : expected both vectors to have same dtype, but found {x.dtype.word} and {y.dtype.word}"
        )


def is_advanced(step: Any) -> bool:
    """Whether an index picks by a list, a mask or a tensor, and so makes a copy."""
    if isinstance(step, Operators):
        return step.ndim > 0 or step.dtype is dtypes.bool_
    return isinstance(step, (list, bool, np.ndarray, range))


def place_of(index: Any, size: int, dim: int) -> int:
    """Count a place from the front.

    Raises:
        IndexError: if it is out of range, or no whole number.
    """
    try:
        place = index.__index__()
    except AttributeError:
        kind = type(index).__name__
        raise IndexError(
            "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices"
            f" (got {kind})"
        ) from None
    if not -size <= place < size:
        raise errors.explain(
            IndexError(f"index {place} is out of bounds for dimension {dim} with size {size}"),
            "Places are counted from 0, or from -1 backwards.",
        )
    return int(place % size)


def expand_ellipsis(tensor: Any, steps: tuple[Any, ...]) -> tuple[Any, ...]:
    """Write `...` as the slices it stands for, and refuse too many indices."""
    used = sum_of(1 for step in steps if step is not None and step is not Ellipsis)
    if used > tensor.ndim:
        if not tensor.ndim:
            raise errors.explain(
                IndexError(
                    "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to"
                    " convert a 0-dim tensor to a number"
                ),
                "The tensor is a single number and has no places.",
            )
        raise IndexError(f"too many indices for tensor of dimension {tensor.ndim}")
    if not any(step is Ellipsis for step in steps):
        return steps
    at = next(i for i, step in enumerate(steps) if step is Ellipsis)
    return (*steps[:at], *(slice(None),) * (tensor.ndim - used), *steps[at + 1 :])


def sliced(x: Any, part: slice, dim: int) -> Any:
    """Return a view of a slice; the tensor itself if the slice is everything."""
    if part.step is not None and part.step <= 0:
        raise ValueError("step must be greater than zero")
    size = x.shape[dim]
    start, stop, step = slice(
        *(None if n is None else n.__index__() for n in (part.start, part.stop, part.step))
    ).indices(size)
    length = max_of(0, -(-(stop - start) // step))
    if (start, length, step) == (0, size, 1):
        return x
    return shape.narrow(x, dim=dim, start=start, length=length, step=step)


def numpy_index(tensor: Any, steps: tuple[Any, ...]) -> tuple[Any, ...]:
    """Turn an index with lists, masks or tensors into NumPy's.

    Raises:
        IndexError: if a mask does not fit, an index is out of range, or of a kind that cannot be one.
    """
    result: list[Any] = []
    dim = 0
    for step in expand_ellipsis(tensor, steps) if not any(isinstance(s, bool) for s in steps) else steps:
        if isinstance(step, (Operators, list, np.ndarray, range)):
            array = np.asarray(step.numbers if isinstance(step, Operators) else step)
            array = array.astype(np.int64) if not array.size and not isinstance(step, Operators) else array
            if array.dtype.kind not in "bui":
                raise IndexError("tensors used as indices must be long, int, byte or bool tensors")
            if array.dtype.kind == "b":
                for i, n in enumerate(array.shape):
                    if dim + i >= tensor.ndim or n != tensor.shape[dim + i]:
                        raise IndexError(
                            f"The shape of the mask {list(array.shape)} at index {i} does not match the shape of the"
                            f" indexed tensor {list(tensor.shape)} at index {dim + i}"
                        )
                dim += array.ndim
            else:
                size = tensor.shape[dim]
                if array.size and not (-size <= array.min() and array.max() < size):
                    wrong = int(array[(array < -size) | (array >= size)].flat[0])
                    raise IndexError(f"index {wrong} is out of bounds for dimension {dim} with size {size}")
                dim += 1
            result.append(array)
        else:
            result.append(step.__index__() if hasattr(step, "__index__") and not isinstance(step, bool) else step)
            dim += step is not None and not isinstance(step, bool)
    return tuple(result)
