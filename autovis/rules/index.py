"""Picking and putting: indices given as lists, masks or tensors.

Picking copies; its adjoint puts every number back where it came from and adds up what meets in one place.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autovis.primitive import Primitive
from autovis.rules.shape import sum_to

Shape = tuple[int, ...]


def _put(x: Any, *, index: Any, whole: Shape) -> Any:
    result = np.zeros(whole, x.dtype)
    np.add.at(result, index, x)
    return result


def _scatter_add(x: Any, *, dim: int, index: Any, whole: Shape) -> Any:
    result = np.zeros(whole, x.dtype)
    places = list(np.indices(index.shape, sparse=True))
    places[dim] = index
    np.add.at(result, tuple(places), x[tuple(slice(n) for n in index.shape)])
    return result


def _erase(x: Any, *, path: Any) -> Any:
    result = np.array(x, copy=True)
    path(result)[...] = 0
    return result


def _insert(x: Any, *, path: Any, whole: Shape) -> Any:
    result = np.zeros(whole, x.dtype)
    part = path(result)
    if part.flags.writeable:
        part[...] = x
    else:  # an expanded view shows one place several times: add up
        np.add.at(result.reshape(-1), path(np.arange(result.size).reshape(whole)), x)
    return result


pick = Primitive(
    "index",
    lambda x, *, index: np.asarray(x)[index],
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
gather = Primitive(
    "gather",
    lambda x, *, dim, index: np.take_along_axis(
        x[tuple(slice(None) if i == dim else slice(n) for i, n in enumerate(index.shape))], index, dim
    ),
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
sort = Primitive("sort", gather.forward, arrays="index", x=_put_back)
topk = Primitive("topk", gather.forward, arrays="index", x=_put_back)


def _places(dim: int, index: Any) -> tuple[Any, ...]:
    """Return NumPy's index for `index` along one dimension."""
    places = list(np.indices(index.shape, sparse=True))
    places[dim] = index
    return tuple(places)


def _scatter(x: Any, source: Any, *, dim: int, index: Any, add: bool) -> Any:
    result = np.array(x, copy=True)
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
    source=lambda g, dim, index: gather(g, dim=dim, index=index),
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
    source=lambda g, dim, index: gather(g, dim=dim, index=index),
)


def _index_add(x: Any, source: Any, *, path: Any) -> Any:
    result = np.array(x, copy=True)
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
    result = np.array(x, copy=True)
    result[index] = value
    return result


put_at = Primitive(  # x[index] = value
    "index_put_",
    lambda x, value, *, index: _put_at(x, value, index=index),
    node="IndexPutBackward0",
    x=lambda g, index: put_at(g, zero_of(g), index=index),
    value=lambda g, shape, index: fit_to(pick(g, index=index), shape),
)


def zero_of(g: Any) -> Any:
    """Return a single zero of the same kind."""
    return g.dtype.type(0) if isinstance(g, (np.ndarray, np.generic)) else g.new_zeros(())


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
