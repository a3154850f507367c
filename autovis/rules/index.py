"""Picking and putting: indices given as lists, masks or tensors.

Picking copies; its adjoint puts every number back where it came from and adds up what meets in one place.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autovis import errors
from autovis.primitive import Primitive
from autovis.rules.elementwise import hits, keep, refuse
from autovis.rules.shape import reshape, sum_to

Shape = tuple[int, ...]


def _put(x: Any, *, index: Any, whole: Shape) -> Any:
    result = np.zeros(whole, x.dtype, like=x[...])
    np.add.at(result, index, x)
    return result


def _scatter_add(x: Any, *, dim: int, index: Any, whole: Shape) -> Any:
    if not whole:
        return x.sum()
    result = np.zeros(whole, x.dtype, like=x[...])
    np.add.at(result, _places(dim, index), x[tuple(slice(n) for n in index.shape)])
    return result


def _erase(x: Any, *, path: Any) -> Any:
    result = np.copy(x, order="C")
    path(result)[...] = 0
    return result


def _insert(x: Any, *, path: Any, whole: Shape) -> Any:
    result = np.zeros(whole, x.dtype, like=x[...])
    part = path(result)
    if part.flags.writeable:
        part[...] = x
    else:  # an expanded view shows one place several times: add up
        np.add.at(result.reshape(-1), path(np.arange(result.size, like=result).reshape(whole)), x)
    return result


pick = Primitive(
    "index",
    lambda x, *, index: x[...][index].copy(order="C"),
    symbol="[ ]",
    arrays="index",
    x=lambda g, shape, index: put(g, index=index, whole=shape),
)
masked_select = Primitive(
    "masked_select",
    pick.forward,
    symbol="[ ]",
    arrays="index",
    x=lambda g, x, shape, index: put(g, index=index, whole=shape),
)
index_select = Primitive("index_select", pick.forward, symbol="[ ]", arrays="index", x=pick.pullbacks["x"])
put = Primitive(
    "index_put",
    lambda x, *, index, whole: _put(x, index=index, whole=whole),
    x=lambda g, index: pick(g, index=index),
)


def _gather(x: Any, *, dim: int, index: Any) -> Any:
    if not x.ndim:
        return np.broadcast_to(x, index.shape).copy()
    part = x[tuple(slice(None) if i == dim else slice(n) for i, n in enumerate(index.shape))]
    return np.take_along_axis(part, index, dim)


gather = Primitive(
    "gather",
    _gather,
    arrays="index",
    x=lambda g, x, shape, dim, index: scatter_add(g, dim=dim, index=index, whole=shape),
)
scatter_add = Primitive(
    "scatter_add",
    lambda x, *, dim, index, whole: _scatter_add(x, dim=dim, index=index, whole=whole),
    x=lambda g, dim, index: gather(g, dim=dim, index=index),
)


def _put_back(g: Any, shape: Shape, dim: int, index: Any) -> Any:
    return scatter_add(g, dim=dim, index=index, whole=shape)


# the same picking, where the index was found by comparing
sort, topk, cummax, cummin = (
    Primitive(name, gather.forward, arrays="index", x=_put_back) for name in ("sort", "topk", "cummax", "cummin")
)
unique = Primitive(
    "unique", lambda x, *, values: values, node="Unique2Backward0", arrays="values", x=lambda g: _no_unique()
)


def _no_unique() -> None:
    raise RuntimeError("the derivative for '_unique2' is not implemented.")


take = Primitive(
    "take",
    lambda x, *, index: x.reshape(-1)[index],
    symbol="[ ]",
    arrays="index",
    x=lambda g, shape, index: reshape(
        put(reshape(g, to=(index.size,)), index=(index.reshape(-1),), whole=(math.prod(shape),)), to=shape
    ),
)


def _places(dim: int, index: Any) -> tuple[Any, ...]:
    """Return NumPy's index for `index` along one dimension."""
    sizes = index.shape
    along = (np.arange(n, like=index).reshape(-1, *(1,) * (index.ndim - i - 1)) for i, n in enumerate(sizes))
    return tuple(index if i == dim else place for i, place in enumerate(along))


def _scatter(x: Any, source: Any, *, dim: int, index: Any, add: bool) -> Any:
    result = np.copy(x, order="C")
    part = source[tuple(slice(n) for n in index.shape)] if np.ndim(source) else source
    if add:
        np.add.at(result, _places(dim, index), part)
    else:
        result[_places(dim, index)] = part
    return result


scatter = Primitive(  # out[index] = source, along a dimension
    "scatter",
    lambda x, source, *, dim, index: _scatter(x, source, dim=dim, index=index, add=False),
    arrays="index",
    x=lambda g, dim, index: scatter_value(g, dim=dim, index=index, value=0),
    source=lambda g, shape, dim, index: _read("ScatterBackward0", g, shape, dim, index),
)
scatter_value = Primitive(
    "scatter",
    lambda x, *, dim, index, value: _scatter(x, x.dtype.type(value), dim=dim, index=index, add=False),
    node="ScatterBackward1",
    arrays="index",
    x=lambda g, dim, index: scatter_value(g, dim=dim, index=index, value=0),
)
scatter_sum = Primitive(
    "scatter_add",
    lambda x, source, *, dim, index: _scatter(x, source, dim=dim, index=index, add=True),
    arrays="index",
    x=lambda g: g,
    source=lambda g, shape, dim, index: _read("ScatterAddBackward0", g, shape, dim, index),
)


def _read(node: str, g: Any, shape: Shape, dim: int, index: Any) -> Any:
    """Return what reached each element of the source; as PyTorch does, refuse one that is larger than the index."""
    if index.shape != shape:
        raise errors.invalid_gradient(node, 1, index.shape, shape)
    return gather(g, dim=dim, index=index)


COMBINED = {"sum": np.add, "prod": np.multiply, "mean": np.add, "amax": np.maximum, "amin": np.minimum}


def _first(reduce: str, kind: Any) -> Any:
    """Return what a combination begins with where the place's own number does not count."""
    if reduce in ("amax", "amin"):
        limits = np.finfo(kind) if kind.kind == "f" else np.iinfo(kind)
        return limits.min if reduce == "amax" else limits.max
    return int(reduce == "prod")


def _meeting(shape: Shape, dim: int, index: Any, include_self: bool) -> Any:
    """Count how many numbers meet in each place."""
    counts = np.full(shape, int(include_self), np.float32, like=index)
    np.add.at(counts, _places(dim, index), 1)
    return np.maximum(counts, 1)


def _scatter_reduce(x: Any, source: Any, *, dim: int, index: Any, reduce: str, include_self: bool) -> Any:
    result, places = np.copy(x, order="C"), _places(dim, index)
    if not include_self:
        result[places] = _first(reduce, x.dtype)
    COMBINED[reduce].at(result, places, source[tuple(slice(n) for n in index.shape)])
    if reduce == "mean":
        divide = np.true_divide if x.dtype.kind == "f" else np.floor_divide
        result = divide(result, _meeting(x.shape, dim, index, include_self)).astype(x.dtype)
    return result


def _combined_back(g: Any, x: Any, source: Any, out: Any, shape: Shape, *how: Any, to_source: bool) -> Any:
    """Divide the gradient of a combination among what was combined; ties share."""
    dim, index, reduce, include_self = how
    if reduce == "prod":
        refuse("scatter_reduce(prod)")
    if reduce in ("amax", "amin"):
        mine, theirs = hits(x, out), hits(source, gather(out, dim=dim, index=index))
        g = g / scatter_sum(mine, theirs, dim=dim, index=index)
        return gather(g, dim=dim, index=index) * theirs if to_source else g * mine
    if reduce == "mean":
        g = g / _meeting(tuple(g.shape), dim, index, include_self)
    if to_source:
        return _read("ScatterReduceBackward0", g, shape, dim, index)
    return g if include_self else scatter_value(g, dim=dim, index=index, value=0)


scatter_reduce = Primitive(
    "scatter_reduce",
    _scatter_reduce,
    arrays="index",
    x=lambda g, x, source, out, shape, dim, index, reduce, include_self: _combined_back(
        g, x, source, out, shape, dim, index, reduce, include_self, to_source=False
    ),
    source=lambda g, x, source, out, shape, dim, index, reduce, include_self: _combined_back(
        g, x, source, out, shape, dim, index, reduce, include_self, to_source=True
    ),
)


def _masked_scatter(x: Any, source: Any, *, mask: Any) -> Any:
    result = np.broadcast_to(x, np.broadcast_shapes(x.shape, mask.shape)).copy()
    mask = np.broadcast_to(mask, result.shape)
    result[mask] = np.ravel(source)[: mask.sum()]
    return result


masked_scatter = Primitive(
    "masked_scatter",
    _masked_scatter,
    arrays="mask",
    x=lambda g, mask: keep(g, ~mask),
    source=lambda g, shape, mask: reshape(
        put(pick(g, index=(mask,)), index=(slice(int(mask.sum())),), whole=(math.prod(shape),)), to=shape
    ),
)
index_fill = Primitive(
    "index_fill",
    lambda x, *, path, value: _put_at(x, x.dtype.type(value), index=path),
    arrays="path",
    x=lambda g, path: index_fill(g, path=path, value=0),
)


def _index_add(x: Any, source: Any, *, path: Any) -> Any:
    result = np.copy(x, order="C")
    np.add.at(result, path, source)
    return result


index_add = Primitive(
    "index_add",
    lambda x, source, *, path: _index_add(x, source, path=path),
    arrays="path",
    x=lambda g: g,
    source=lambda g, path: pick(g, index=path),
)


def _put_at(x: Any, value: Any, *, index: Any) -> Any:
    result = np.copy(x, order="C")
    result[index] = value
    return result


put_at = Primitive(  # x[index] = value
    "index_put_",
    lambda x, value, *, index: _put_at(x, value, index=index),
    node="IndexPutBackward0",
    arrays="index",
    x=lambda g, index: put_at(g, zero_of(g), index=index),
    value=lambda g, shape, index: fit_to(pick(g, index=index), shape),
)


index_copy = Primitive("index_copy", put_at.forward, x=put_at.pullbacks["x"], value=put_at.pullbacks["value"])
put_sum = Primitive(
    "index_put",
    lambda x, value, *, index: _index_add(x, value, path=index),
    x=lambda g: g,
    value=lambda g, shape, index: fit_to(pick(g, index=index), shape),
)


def zero_of(g: Any) -> Any:
    """Return a single zero of the same kind."""
    return g.new_zeros(()) if hasattr(g, "new_zeros") else g.dtype.type(0)


def fit_to(g: Any, shape: Shape) -> Any:
    """Sum back what was broadcast."""
    return g if tuple(g.shape) == shape else sum_to(g, to=shape)


# what an edit of a view does to its base: `path` leads from the base's array to the view of it ------------------------
copy_slices = Primitive(
    "copy_slices",
    lambda *parts: parts[0],
    node="CopySlices",
    symbol="[ ]=",
)
erase = Primitive("erase", lambda x, *, path: _erase(x, path=path), x=lambda g, path: erase(g, path=path))
look = Primitive(
    "as_strided",
    lambda x, *, path: path(x).copy(),
    symbol="view",
    x=lambda g, shape, path: insert(g, path=path, whole=shape),
)
insert = Primitive(
    "insert",
    lambda x, *, path, whole: _insert(x, path=path, whole=whole),
    node="AsStridedScatterBackward0",
    x=lambda g, path: look(g, path=path),
)
