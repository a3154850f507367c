"""Operations that make fewer numbers: sums, means, extremes.

The derivative of a sum is a copy: every summand receives the whole gradient. Of an extreme, the winner takes it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autovis.arrays import in_order
from autovis.primitive import Primitive
from autovis.rules.elementwise import absolute, choose, exp, hits, isnan, keep, sign, zeros_like
from autovis.rules.shape import cat, flip, narrow, permute, reshape, select, spread, stack, sum_to, unsqueeze

Dims = tuple[int, ...]


def kept(shape: Dims, dims: Dims) -> Dims:
    """Return the shape with the reduced dimensions as ones, so that a result broadcasts against its input."""
    return tuple(1 if i in dims else n for i, n in enumerate(shape))


def _back(g: Any, shape: Dims, dims: Dims) -> Any:
    return spread(reshape(g, to=kept(shape, dims)), to=shape)


def _count(shape: Dims, dims: Dims) -> int:
    return math.prod(shape[d] for d in dims)


def _logsumexp(x: Any, *, dims: Dims, keepdim: bool) -> Any:
    top = np.max(x, axis=dims, keepdims=True, initial=-np.inf)
    top = np.where(np.isfinite(top), top, np.zeros((), x.dtype))
    total = np.log(np.sum(np.exp(x - top), axis=dims, keepdims=True)) + top
    return total if keepdim else total.squeeze(dims)[()]


def _mean(x: Any, *, dims: Dims | None, keepdim: bool) -> Any:
    count = x.size if dims is None else _count(x.shape, dims)
    return np.sum(x, axis=dims, keepdims=keepdim) / x.dtype.type(count)


def _variance(x: Any, *, dims: Dims, correction: float, keepdim: bool) -> Any:
    away = x - _mean(x, dims=dims, keepdim=True)
    degrees = max(_count(x.shape, dims) - correction, 0)
    return np.sum(away * away, axis=dims, keepdims=keepdim) / x.dtype.type(degrees)


def _cumsum(x: Any, dim: int) -> Any:
    return in_order(np.cumsum(x, axis=dim)) if x.ndim else x.copy()


def _winner(x: Any, *, dim: int, index: Any, keepdim: bool) -> Any:
    if not x.ndim:
        return x.copy()
    taken = np.take_along_axis(x, index, dim)
    return taken if keepdim else np.squeeze(taken, dim)[()]


def _award(x: Any, *, dim: int, index: Any, keepdim: bool, to: Dims) -> Any:
    if not to:
        return x
    whole = np.zeros(to, x.dtype, like=x[...])
    np.put_along_axis(whole, index, x if keepdim else np.expand_dims(x, dim), dim)
    return whole


def others(x: Any, *, dims: Dims) -> Any:
    """Return the product of all other elements along `dims`, right with zeros present and to any order."""
    shape = tuple(x.shape)
    order = (*(d for d in range(len(shape)) if d not in dims), *dims)
    rows = reshape(
        permute(x, dims=order), to=(*(shape[d] for d in order[: len(shape) - len(dims)]), _count(shape, dims))
    )
    if 0 in rows.shape:
        return x
    last = len(rows.shape) - 1
    before = _exclusive(rows, last)
    after = flip(_exclusive(flip(rows, dims=(last,)), last), dims=(last,))
    back = reshape(before * after, to=tuple(shape[d] for d in order))
    return permute(back, dims=tuple(np.argsort(order).tolist()))


def _exclusive(rows: Any, dim: int) -> Any:
    """Return the products of what comes before each element."""
    n = rows.shape[dim]
    first = zeros_like(narrow(rows, dim=dim, start=0, length=1, step=1)) + 1
    return cumprod(cat(first, narrow(rows, dim=dim, start=0, length=n - 1, step=1), dim=dim, sizes=(1, n - 1)), dim=dim)


sum_all = Primitive("sum", lambda x: np.add.reduce(x, axis=None), symbol="Σ", x=lambda g, shape: spread(g, to=shape))
sum_dim = Primitive(
    "sum_dim",
    lambda x, *, dims, keepdim: np.add.reduce(x, axis=dims, keepdims=keepdim),
    node="SumBackward1",
    symbol="Σ",
    x=lambda g, shape, dims: _back(g, shape, dims),
)
mean_all = Primitive(
    "mean",
    lambda x: _mean(x, dims=None, keepdim=False),
    symbol="mean",
    x=lambda g, shape: spread(g / math.prod(shape), to=shape),
)
mean_dim = Primitive(
    "mean_dim",
    lambda x, *, dims, keepdim: _mean(x, dims=dims, keepdim=keepdim),
    node="MeanBackward1",
    symbol="mean",
    x=lambda g, shape, dims: _back(g, shape, dims) / _count(shape, dims),
)
max_all = Primitive("max", lambda x: np.max(x), node="MaxBackward1", x=lambda g, x, out: share(g, x, out))
min_all = Primitive("min", lambda x: np.min(x), node="MinBackward1", x=lambda g, x, out: share(g, x, out))
amax = Primitive(
    "amax",
    lambda x, *, dims, keepdim: np.max(x, axis=dims, keepdims=keepdim),
    x=lambda g, x, out, shape, dims: share(g, x, out, dims=dims),
)
amin = Primitive(
    "amin",
    lambda x, *, dims, keepdim: np.min(x, axis=dims, keepdims=keepdim),
    x=lambda g, x, out, shape, dims: share(g, x, out, dims=dims),
)


def _selecting(name: str, node: str, symbol: str = "") -> Primitive:
    """Return the row of an operation along a dimension that reports an index: that element receives everything."""
    return Primitive(
        name,
        lambda x, *, dim, index, keepdim: _winner(x, dim=dim, index=index, keepdim=keepdim),
        node=node,
        symbol=symbol,
        arrays="index",
        x=lambda g, shape, dim, index, keepdim: award(g, dim=dim, index=index, keepdim=keepdim, to=shape),
    )


winner, loser = _selecting("winner", "MaxBackward0", "max"), _selecting("loser", "MinBackward0", "min")
median_dim, nanmedian_dim = _selecting("median", "MedianBackward1"), _selecting("nanmedian", "NanmedianBackward1")
mode, kthvalue = _selecting("mode", "ModeBackward0"), _selecting("kthvalue", "KthvalueBackward0")
award = Primitive(
    "award",
    lambda x, *, dim, index, keepdim, to: _award(x, dim=dim, index=index, keepdim=keepdim, to=to),
    node="IndexAddBackward0",
    x=lambda g, dim, index, keepdim: winner(g, dim=dim, index=index, keepdim=keepdim),
)
prod_all = Primitive(
    "prod", lambda x: np.prod(x), symbol="Π", x=lambda g, x, out, shape: g * others(x, dims=tuple(range(len(shape))))
)
prod_dim = Primitive(
    "prod_dim",
    lambda x, *, dims, keepdim: np.prod(x, axis=dims, keepdims=keepdim),
    node="ProdBackward1",
    symbol="Π",
    x=lambda g, x, out, shape, dims: _back(g, shape, dims) * others(x, dims=dims),
)
nansum = Primitive(
    "nansum",
    lambda x, *, dims, keepdim: np.nansum(x, axis=dims, keepdims=keepdim),
    symbol="Σ",
    x=lambda g, x, shape, dims: keep(_back(g, shape, dims), ~isnan(x)),
)


def _cumprod_back(g: Any, x: Any, out: Any, *, dim: int) -> Any:
    """Go from the last product to the first; right with zeros present."""
    if not len(x.shape):
        return g
    sent, rest = [], None
    for i in reversed(range(x.shape[dim])):
        here = select(g, dim=dim, index=i)
        rest = here if rest is None else here + rest * select(x, dim=dim, index=i + 1)
        sent.append(rest * select(out, dim=dim, index=i - 1) if i else rest)
    return stack(*reversed(sent), dim=dim) if sent else g


cumprod = Primitive(
    "cumprod",
    lambda x, *, dim: in_order(np.cumprod(x, axis=dim)) if x.ndim else x.copy(),
    x=lambda g, x, out, dim: _cumprod_back(g, x, out, dim=dim),
)


def _logcumsumexp(x: Any, *, dim: int) -> Any:
    return np.logaddexp.accumulate(x, axis=dim) if x.ndim and x.size else x.copy()


def _logcumsumexp_back(g: Any, x: Any, out: Any, *, dim: int) -> Any:
    """Give each element its share `exp(x - out)` of every later sum; a share is at most 1, so nothing overflows."""
    n, after = x.shape[dim], len(x.shape) - dim - 1
    later = np.triu(np.ones((n, n), bool, like=getattr(x, "numbers", x))).reshape(n, n, *(1,) * after)
    shares = exp(choose(later, unsqueeze(x, dim=dim + 1) - unsqueeze(out, dim=dim), -math.inf))
    return sum_dim(shares * unsqueeze(g, dim=dim), dims=(dim + 1,), keepdim=False)


logcumsumexp = Primitive(
    "logcumsumexp", _logcumsumexp, x=lambda g, x, out, dim: _logcumsumexp_back(g, x, out, dim=dim) if x.shape else g
)
cumsum = Primitive("cumsum", lambda x, *, dim: _cumsum(x, dim), x=lambda g, dim: reverse_cumsum(g, dim=dim))
reverse_cumsum = Primitive(
    "reverse_cumsum",
    lambda x, *, dim: np.flip(np.cumsum(np.flip(x, dim), axis=dim), dim) if x.ndim else x.copy(),
    x=lambda g, dim: cumsum(g, dim=dim),
)
logsumexp = Primitive(
    "logsumexp",
    lambda x, *, dims, keepdim: _logsumexp(x, dims=dims, keepdim=keepdim),
    x=lambda g, x, out, shape, dims: _back(g, shape, dims) * exp(x - reshape(out, to=kept(shape, dims))),
)
variance = Primitive(
    "var",
    lambda x, *, dims, correction, keepdim: _variance(x, dims=dims, correction=correction, keepdim=keepdim),
    x=lambda g, x, shape, dims, correction: (
        2 * _back(g, shape, dims) * (x - mean_dim(x, dims=dims, keepdim=True)) / (_count(shape, dims) - correction)
    ),
)
deviation = Primitive(
    "std",
    lambda x, *, dims, correction, keepdim: np.sqrt(_variance(x, dims=dims, correction=correction, keepdim=keepdim)),
    x=lambda g, x, out, shape, dims, correction: (  # of equal numbers: 0
        _back(keep(g / out, out != 0), shape, dims)
        * (x - mean_dim(x, dims=dims, keepdim=True))
        / (_count(shape, dims) - correction)
    ),
)


def _renamed(rule: Primitive, node: str) -> Primitive:
    """Return a row under the name of a function that gives it together with another."""
    return Primitive(rule.name, rule.forward, node=node, symbol=rule.symbol, x=rule.pullbacks["x"])


spread_and_mean = {
    "std": (_renamed(deviation, "StdMeanBackward0"), _renamed(mean_dim, "StdMeanBackward0")),
    "var": (_renamed(variance, "VarMeanBackward0"), _renamed(mean_dim, "VarMeanBackward0")),
}
both_ends = _renamed(amin, "AminmaxBackward0"), _renamed(amax, "AminmaxBackward0")

norm = Primitive(
    "norm",
    lambda x, *, dims, keepdim: np.sqrt(np.sum(x * x, axis=dims, keepdims=keepdim)),
    node="LinalgVectorNormBackward0",
    x=lambda g, x, out, shape, dims: unit(g, x, out, shape, dims),
)


def _norm_p(x: Any, *, p: float, dims: Dims | None, keepdim: bool) -> Any:
    if abs(p) == math.inf:
        return (np.max if p > 0 else np.min)(np.abs(x), axis=dims, keepdims=keepdim)
    if p == 0:
        return np.sum(x != 0, axis=dims, keepdims=keepdim).astype(x.dtype)
    return (np.sum(np.abs(x) ** x.dtype.type(p), axis=dims, keepdims=keepdim) ** x.dtype.type(1 / p)).astype(x.dtype)


def _norm_p_back(g: Any, x: Any, out: Any, shape: Dims, *, p: float, dims: Dims) -> Any:
    if p == 0:
        return None
    if p == 1:
        return _back(g, shape, dims) * sign(x)
    size = absolute(x)
    if abs(p) == math.inf:
        return sign(x) * share(g, size, out, dims=dims)
    length = reshape(out, to=kept(shape, dims))
    safe = length + hits(length, 0)  # at length 0: 0
    return sign(x) * (size / safe) ** (p - 1) * reshape(g, to=kept(shape, dims))


norm_p = Primitive(
    "norm",
    lambda x, *, p, dims, keepdim: _norm_p(x, p=p, dims=dims, keepdim=keepdim),
    node="LinalgVectorNormBackward0",
    x=lambda g, x, out, shape, p, dims: _norm_p_back(g, x, out, shape, p=p, dims=dims),
)
dist = Primitive(
    "dist",
    lambda x, y, *, p: _norm_p(x - y, p=p, dims=None, keepdim=False)[...],
    x=lambda g, x, y, out, shape, p: sum_to(_dist_back(g, x - y, out, p), to=shape),
    y=lambda g, x, y, out, shape, p: sum_to(-_dist_back(g, x - y, out, p), to=shape),
)


def _dist_back(g: Any, away: Any, out: Any, p: float) -> Any:
    shape = tuple(away.shape)
    every = tuple(range(len(shape)))
    return unit(g, away, out, shape, every) if p == 2 else _norm_p_back(g, away, out, shape, p=p, dims=every)


median = Primitive("median", lambda x: _median(x), x=lambda g, x, out: share(g, x, out))
nanmedian = Primitive("nanmedian", lambda x: _median(x[~np.isnan(x)]), x=median.pullbacks["x"])


def _median(x: Any) -> Any:
    """Return the lower one of two middle elements; nan if there is one, or nothing at all."""
    if not x.size or (x.dtype.kind == "f" and np.isnan(x).any()):
        return np.full((), math.nan, x.dtype, like=x[...])[()]
    return np.sort(x, axis=None)[(x.size - 1) // 2]


def unit(g: Any, x: Any, out: Any, shape: Dims, dims: Dims) -> Any:
    """Return the direction of `x` times the gradient of its length; at length 0: 0."""
    length = reshape(out, to=kept(shape, dims))
    return keep(x * (reshape(g, to=kept(shape, dims)) / length), length != 0)


def share(g: Any, x: Any, out: Any, *, dims: Dims | None = None) -> Any:
    """Divide the gradient of an extreme equally among all that reach it."""
    shape = tuple(x.shape)
    every = tuple(range(len(shape))) if dims is None else dims
    wins = hits(x, reshape(out, to=kept(shape, every)))
    return _back(g, shape, every) * wins / sum_to(wins, to=kept(shape, every))
