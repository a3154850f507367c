"""PyTorch's functions: most are the methods of a tensor under the same name, the others take several tensors.

>>> import autovis as av
>>> av.add(av.tensor([1.0, 2.0]), 1)
tensor([2., 3.])
"""

from __future__ import annotations

import operator
import pickle
import warnings
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import wraps
from itertools import combinations as chosen
from itertools import combinations_with_replacement
from typing import Any

import numpy as np

from autovis import dtypes, errors
from autovis.device import landed
from autovis.errors import warn_once
from autovis.modes import is_grad_enabled
from autovis.operators import Size, dim_of, factors, ordering, products, shaping
from autovis.operators import einsum as sums
from autovis.operators.signatures import complain
from autovis.rules import elementwise, linear, special
from autovis.rules import shape as shapes
from autovis.tensor import Tensor

# the functions that are methods, too
METHODS = """
abs absolute acos acosh add addbmm addcdiv addcmul addmm addmv addr all allclose amax amin aminmax any arccos arccosh
arcsin arcsinh arctan arctan2 arctanh argmax argmin argsort argwhere asin asinh atan atan2 atanh baddbmm bincount
bitwise_and bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor bmm broadcast_to bucketize ceil
cholesky chunk clamp clamp_max clamp_min clip clone conj copysign cos cosh count_nonzero cross cummax cummin cumprod
cumsum deg2rad det detach detach_ diag diag_embed diagflat diagonal diagonal_scatter diff digamma dist div divide dot
dsplit eq equal erf erfc erfinv exp exp2 expm1 fix flatten flip fliplr flipud float_power floor floor_divide fmax fmin
fmod frac gather gcd ge ger greater greater_equal gt heaviside histc hsplit hypot index_add index_copy index_fill
index_put index_select inner inverse is_complex is_floating_point is_nonzero is_same_size is_signed isclose isfinite
isin isinf isnan isneginf isposinf isreal kron kthvalue lcm ldexp le lerp less less_equal lgamma log log10 log1p log2
log_softmax logaddexp logaddexp2 logcumsumexp logdet logical_and logical_not logical_or logical_xor logit logsumexp lt
masked_fill masked_scatter masked_select matrix_exp matrix_power max maximum mean median min minimum mm mode moveaxis
movedim msort mul multiply mv nan_to_num nanmean nanmedian nanquantile nansum narrow ne neg negative nextafter nonzero
norm not_equal outer permute pinverse positive pow prod qr quantile rad2deg ravel reciprocal relu remainder
repeat_interleave reshape roll rot90 round rsqrt scatter scatter_add scatter_reduce select select_scatter sgn sigmoid
sign signbit sin sinc sinh slice_scatter slogdet softmax sort split sqrt square squeeze std std_mean sub subtract sum
svd swapaxes swapdims t take take_along_dim tan tanh tensor_split tile topk trace transpose tril triu true_divide trunc
unbind unflatten unique unique_consecutive unsafe_chunk unsqueeze var var_mean vdot vsplit xlogy
""".split()  # noqa: SIM905, a list of two hundred words

OTHERS = """
atleast_1d atleast_2d atleast_3d block_diag broadcast_shapes broadcast_tensors cartesian_prod cat cdist chain_matmul
column_stack combinations concat concatenate corrcoef cosine_similarity cov cumulative_trapezoid dstack einsum gradient
hstack is_tensor load matmul meshgrid numel polygamma result_type row_stack rsub save searchsorted stack tensordot
trapezoid trapz unravel_index vander vstack where
""".split()  # noqa: SIM905

__all__ = [*METHODS, *OTHERS]


def function(run: Callable[..., Any]) -> Callable[..., Any]:
    """Let what works on tensors be called as PyTorch's functions are: with `input=` by name, and with `out=`."""
    run = getattr(run, "bare", run)

    @wraps(run)
    def call(*given: Any, **named: Any) -> Any:
        try:
            if named:
                return call_named(given, named)
            if given and not isinstance(given[0], Tensor):
                complain(run.__name__, given, named)
            return run(*given)
        except Exception as error:
            complain(run.__name__, given, named, error)
            raise

    def call_named(given: tuple[Any, ...], named: dict[str, Any]) -> Any:
        if "input" in named and not given:
            given, named = (named["input"],), {name: value for name, value in named.items() if name != "input"}
        out = named.get("out")
        if out is None:
            return run(*given, **named)
        named = {name: value for name, value in named.items() if name != "out"}
        return put_into(out, run(*given, **named), (*given, *named.values()), run.__name__)

    return call


def put_into(out: Any, result: Any, inputs: tuple[Any, ...], name: str) -> Any:
    """Write a result into a given tensor, or several into several.

    Raises:
        RuntimeError: if one of the tensors requires grad, or the result is of a higher kind.
    """
    if isinstance(out, tuple):
        return tuple(put_into(one, other, inputs, name) for one, other in zip(out, result, strict=True))
    if is_grad_enabled() and any(isinstance(x, Tensor) and x.requires_grad for x in (*inputs, out)):
        raise errors.explain(
            RuntimeError(
                f"{name}(): functions with out=... arguments don't support automatic differentiation, but one of the"
                " arguments requires grad."
            ),
            "Take the returned tensor, or compute under no_grad.",
        )
    if dtypes.RANK[result.dtype.numpy.kind] > dtypes.RANK[out.dtype.numpy.kind]:
        raise errors.result_type(result.dtype.word, out.dtype.word)
    if out.shape != result.shape:
        if out.numel():
            warnings.warn(
                f"An output with one or more elements was resized since it had shape {list(out.shape)}, which does not"
                f" match the required output shape {list(result.shape)}. This behavior is deprecated, and in a future"
                " PyTorch release outputs will not be resized unless they have zero elements. You can explicitly reuse"
                " an out tensor t by resizing it, inplace, to zero elements with t.resize_(0).",
                UserWarning,
                stacklevel=4,
            )
        out.data = result.to(out.dtype).clone()
        return out
    return out.copy_(result)


def _reflected(run: Callable[..., Any], backwards: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """Let a function take a number first."""

    def call(self: Any, other: Any, **named: Any) -> Any:
        result = run(self, other, **named) if isinstance(self, Tensor) else backwards(self, other)
        if result is NotImplemented:
            raise TypeError(f"{run.__name__}() has no such arguments")
        return result

    call.__name__, call.__doc__ = run.__name__, run.__doc__
    return call


FUNCTIONS = {name: function(getattr(Tensor, name)) for name in METHODS}
BACKWARDS: dict[str, Callable[[Any, Any], Any]] = {
    "pow": operator.pow,
    "remainder": operator.mod,
    "xlogy": special.xlogy,
}
for _name, _backwards in BACKWARDS.items():
    FUNCTIONS[_name] = function(_reflected(getattr(Tensor, _name), _backwards))
cat, stack, matmul, searchsorted = (
    function(run) for run in (shaping.cat, shaping.stack, products.matmul, ordering.searchsorted)
)
einsum, tensordot = sums.einsum, function(sums.tensordot)
concat = concatenate = cat


def __getattr__(name: str) -> Any:
    try:
        return FUNCTIONS[name]
    except KeyError:
        raise AttributeError(f"module 'torch' has no attribute '{name}'") from None


def is_tensor(thing: object) -> bool:
    """Whether it is a tensor."""
    return isinstance(thing, Tensor)


@function
def numel(input: Tensor) -> int:
    """Return how many elements a tensor has."""
    return input.numel()


@function
def where(condition: Any, input: Any = None, other: Any = None) -> Any:
    """Return elements of the first where the condition holds, else of the second; alone, where it holds."""
    if input is None and other is None:
        return tuple(Tensor.from_numbers(places) for places in np.nonzero(condition.numbers))
    if condition.dtype not in (dtypes.bool_, dtypes.uint8):
        raise RuntimeError(
            f"where expected condition to be a boolean tensor, but got a tensor with dtype {condition.dtype.word}"
        )
    return elementwise.choose(condition, input, other)


@function
def vstack(tensors: Sequence[Any]) -> Any:
    """Return tensors below each other; vectors count as rows."""
    return cat([x if x.ndim > 1 else x.reshape(1, -1) for x in tensors])


@function
def column_stack(tensors: Sequence[Any]) -> Any:
    """Return tensors side by side; vectors count as columns."""
    return cat([x if x.ndim > 1 else x.reshape(-1, 1) for x in tensors], 1)


@function
def hstack(tensors: Sequence[Any]) -> Any:
    """Return tensors side by side."""
    parts = [x if x.ndim else x.reshape(1) for x in tensors]
    return cat(parts, 0 if parts[0].ndim == 1 else 1)


row_stack = vstack


@function
def dstack(tensors: Sequence[Any]) -> Any:
    """Return tensors behind each other; matrices count as layers."""
    return cat([atleast_3d(x) for x in tensors], 2)


def _each(raised: Callable[[Any], Any]) -> Callable[..., Any]:
    """Let a function take one tensor, several, or a list of them."""

    @wraps(raised)
    def run(*tensors: Any) -> Any:
        if len(tensors) == 1 and isinstance(tensors[0], Tensor):
            return raised(tensors[0])
        return tuple(map(raised, tensors[0] if len(tensors) == 1 else tensors))

    return run


@_each
def atleast_1d(x: Any) -> Any:
    """Return a single number as a vector."""
    return x if x.ndim else x.reshape(1)


@_each
def atleast_2d(x: Any) -> Any:
    """Return a vector as a matrix of one row."""
    return x if x.ndim > 1 else x.unsqueeze(0) if x.ndim else x.reshape(1, 1)


@_each
def atleast_3d(x: Any) -> Any:
    """Return a matrix as a block of one layer."""
    return x if x.ndim > 2 else atleast_2d(x).unsqueeze(-1)


def block_diag(*tensors: Any) -> Any:
    """Return a matrix with the given ones along its diagonal."""
    parts = [atleast_2d(x) for x in tensors]
    return shapes.block_diag(*parts, sizes=tuple(tuple(x.shape) for x in parts))


def broadcast_shapes(*sizes: Any) -> Any:
    """Return the shape to which shapes broadcast.

    Raises:
        RuntimeError: if they do not.
    """
    common: list[int] = []
    for at, given in enumerate(sizes):
        shape = (given,) if isinstance(given, int) else tuple(given)
        common = [1] * (len(shape) - len(common)) + common
        for i in range(-1, -len(shape) - 1, -1):
            if 1 not in (shape[i], common[i]) and shape[i] != common[i]:
                raise RuntimeError(
                    f"Attempting to broadcast a dimension of length {shape[i]} at {i}! Mismatching argument at index"
                    f" {at} had {shape}; but expected shape should be broadcastable to {common}"
                )
            common[i] = shape[i] if common[i] == 1 else common[i]
    return Size(common)


def broadcast_tensors(*tensors: Any) -> tuple[Any, ...]:
    """Return views of one shape, to which all broadcast."""
    sizes = broadcast_shapes(*(x.shape for x in tensors))
    return tuple(x if x.shape == sizes else x.expand(*sizes) for x in tensors)


def cartesian_prod(*tensors: Any) -> Any:
    """Return every choice of one element of each vector, as rows."""
    if len(tensors) == 1:
        return tensors[0]
    return stack([grid.flatten() for grid in meshgrid(*tensors, indexing="ij")], 1)


def combinations(input: Any, r: int = 2, with_replacement: bool = False) -> Any:
    """Return every choice of r elements of a vector, in order, as rows."""
    choose = combinations_with_replacement if with_replacement else chosen
    places = np.array(list(choose(range(len(input)), r)), np.int64).reshape(-1, r)
    columns = [input.masked_select(input.like(np.ones(len(input), bool)))] if r == 0 else []
    return stack([*columns, *(input[input.like(places[:, i])] for i in range(r))], 1)


def cdist(x1: Any, x2: Any, p: float = 2.0, compute_mode: Any = None) -> Any:
    """Return the distance of every row of one matrix from every row of another."""
    if x1.shape[-1] != x2.shape[-1]:
        raise RuntimeError(f"X1 and X2 must have the same number of columns. X1: {x1.shape[-1]} X2: {x2.shape[-1]}")
    return linear.cdist(x1, x2, p=float(p))


def cov(input: Any, *, correction: int = 1, fweights: Any = None, aweights: Any = None) -> Any:
    """Return how the rows of a matrix vary together."""
    if input.dtype is dtypes.bool_:
        raise RuntimeError("cov(): bool dtype is not supported for input")
    x = atleast_2d(input if input.is_floating_point() else input.to(dtypes.default_float()))
    weight = None
    for each in (fweights, aweights):
        weight = each if weight is None else weight if each is None else weight * each
    if weight is None:
        away, count = x - x.mean(1, keepdim=True), x.shape[1] - correction
        return (away @ away.t() / (max(0, count))).squeeze()
    total = weight.sum()
    away = x - ((x * weight).sum(1) / total).unsqueeze(1)
    spare = 0 if not correction else correction * ((weight * aweights).sum() / total if aweights is not None else 1)
    return ((away * weight) @ away.t() / (total - spare)).squeeze()


def corrcoef(input: Any) -> Any:
    """Return the correlations of the rows of a matrix."""
    c = cov(input)
    if not c.ndim:
        return c / c
    width = c.diag().sqrt()
    return ((c / width.view(-1, 1)) / width.view(1, -1)).clip(-1, 1)


def trapezoid(y: Any, x: Any = None, *, dx: float = 1.0, dim: int = -1) -> Any:
    """Return the area below points joined by lines."""
    at = dim_of(dim, y.ndim)
    if x is None:
        inner = y.sum(at) - (y.select(at, 0) + y.select(at, -1)) * 0.5
        return special.mul_number(inner, dx)
    return special.div_number(_strips(y, x, at).sum(at), 2.0)


trapz = trapezoid


def cumulative_trapezoid(y: Any, x: Any = None, *, dx: float = 1.0, dim: int = -1) -> Any:
    """Return the areas so far below points joined by lines."""
    at = dim_of(dim, y.ndim)
    strips = _strips(y, x, at)
    return (strips * (dx / 2.0)).cumsum(at) if x is None else special.div_number(strips.cumsum(at), 2.0)


def _strips(y: Any, x: Any, at: int) -> Any:
    """Return twice the areas between neighbours, the width of each being 1 where no places are given."""
    size = y.shape[at]
    strips = y.narrow(at, 0, size - 1) + y.narrow(at, 1, size - 1)
    if x is None:
        return strips
    steps = x.diff(dim=at if x.ndim > 1 else 0)
    return strips * (steps if x.ndim > 1 else steps.view(*(-1 if d == at else 1 for d in range(y.ndim))))


def gradient(input: Any, *, spacing: Any = 1, dim: Any = None, edge_order: int = 1) -> tuple[Any, ...]:
    """Return slopes estimated from the neighbours on both sides, a tensor for each dimension."""
    dims = list(range(input.ndim)) if dim is None else [dim] if isinstance(dim, int) else list(dim)
    steps = list(spacing) if isinstance(spacing, (list, tuple)) else [spacing] * len(dims)
    return tuple(_slope(input, dim_of(d, input.ndim), h, edge_order) for d, h in zip(dims, steps, strict=True))


def _slope(x: Any, at: int, h: Any, edge_order: int) -> Any:
    n = x.shape[at]
    if n < edge_order + 1:
        raise RuntimeError("torch.gradient expected each dimension size to be at least edge_order+1")
    if isinstance(h, Tensor):
        raise errors.not_supported("gradient(spacing=tensor)", "give the distance as a number.")

    def piece(start: int, length: int) -> Any:
        return x.narrow(at, start, length)

    middle = (piece(2, n - 2) - piece(0, n - 2)) / (2 * h)
    if edge_order == 1:
        first, last = (piece(1, 1) - piece(0, 1)) / h, (piece(n - 1, 1) - piece(n - 2, 1)) / h
    else:
        first = (piece(1, 1) * 4 - piece(0, 1) * 3 - piece(2, 1)) / (2 * h)
        last = (piece(n - 1, 1) * 3 - piece(n - 2, 1) * 4 + piece(n - 3, 1)) / (2 * h)
    return cat([first, middle, last], at)


def unravel_index(indices: Any, shape: Any) -> tuple[Any, ...]:
    """Return the places along each dimension that places counted through mean."""
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    return tuple(indices.like(np.asarray(place)) for place in np.unravel_index(indices.numbers, sizes))


def result_type(tensor1: Any, tensor2: Any) -> dtypes.dtype:
    """Return the kind that an operation on two tensors or numbers computes in."""
    return dtypes.of_numpy(dtypes.promote([getattr(x, "numbers", x) for x in (tensor1, tensor2)]))


def chain_matmul(*matrices: Any) -> Any:
    """Return the product of several matrices."""
    warnings.warn(
        "torch.chain_matmul is deprecated and will be removed in a future PyTorch release. Use torch.linalg.multi_dot"
        " instead, which accepts a list of two or more tensors rather than multiple parameters.",
        UserWarning,
        stacklevel=2,
    )
    return factors.multi_dot(matrices)


def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    """Return the powers of each element of a vector as a row, the highest first."""
    n = len(x) if N is None else N
    powers = [x.new_ones(len(x), 1), x.unsqueeze(-1).expand(len(x), n - 1).cumprod(-1)]
    rows = cat([part.to(powers[1].dtype) for part in powers], -1)
    return rows if increasing else rows.flip(-1)


def polygamma(n: int, input: Any) -> Any:
    """Return the n-th derivative of digamma."""
    return input.polygamma(n)


def rsub(input: Any, other: Any, *, alpha: float = 1) -> Any:
    """Return `other - alpha * input`."""
    x = input if alpha == 1 else input * alpha
    return special.rsub(x, other) if isinstance(other, Tensor) else elementwise.rsub(x, other)


def meshgrid(*tensors: Any, indexing: str | None = None) -> tuple[Any, ...]:
    """Return for every place of a grid its coordinates, a tensor for each direction.

    Args:
        *tensors: the coordinates along each direction, as vectors or as one list of them.
        indexing: `ij` lays the first direction along the rows' numbers, `xy` along the columns'.
    """
    if indexing is None:
        warn_once("torch.meshgrid: in an upcoming release, it will be required to pass the indexing argument.", 3)
    vectors = list(tensors[0]) if len(tensors) == 1 and not isinstance(tensors[0], Tensor) else list(tensors)
    order = [1, 0, *range(2, len(vectors))] if indexing == "xy" and len(vectors) > 1 else list(range(len(vectors)))
    sizes = [vectors[i].numel() for i in order]
    grids = []
    for i, x in enumerate(vectors):
        at = order.index(i)
        grids.append(x.view(*(sizes[at] if d == at else 1 for d in range(len(sizes)))).expand(*sizes))
    return tuple(grids)


def cosine_similarity(x1: Any, x2: Any, dim: int = 1, eps: float = 1e-08) -> Any:
    """Return the cosine of the angle between vectors that lie along a dimension."""
    first, second = (x / x.norm(2, dim, keepdim=True).clamp_min(eps) for x in (x1, x2))
    return (first * second).sum(dim)


def save(obj: object, f: Any) -> None:
    """Write tensors, and lists and dicts of them, to a file given by its path or opened for writing bytes."""
    with nullcontext(f) if hasattr(f, "write") else open(f, "wb") as file:  # noqa: PTH123, pathlib is dear to import
        pickle.dump(obj, file)


def load(f: Any, map_location: Any = None, *, weights_only: bool = True) -> Any:
    """Read what `save` wrote; like any pickle, a file from a stranger can run a program of theirs.

    Args:
        f: a path, or a file opened for reading bytes.
        map_location: the device where tensors shall be, or a dictionary from their devices to others.
        weights_only: without effect.
    """
    with landed(map_location), nullcontext(f) if hasattr(f, "read") else open(f, "rb") as file:  # noqa: PTH123
        return pickle.load(file)  # noqa: S301, said above
