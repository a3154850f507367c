"""Products of vectors and matrices.

For `out = x @ y` the gradient of `x` is `g @ yᵀ` and of `y` is `xᵀ @ g`: the shapes leave no other choice.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autovis.primitive import Primitive
from autovis.rules.shape import sum_to, t, transpose, unsqueeze


def _outer(x: Any, y: Any) -> Any:
    return unsqueeze(x, dim=1) * unsqueeze(y, dim=0)


def _swap(x: Any) -> Any:
    return transpose(x, dim0=-2, dim1=-1)


mm = Primitive("mm", np.matmul, inputs="x y", symbol="@", x=lambda g, y: mm(g, t(y)), y=lambda g, x: mm(t(x), g))
mv = Primitive("mv", np.matmul, inputs="x y", symbol="@", x=lambda g, y: _outer(g, y), y=lambda g, x: mv(t(x), g))
dot = Primitive("dot", np.dot, inputs="x y", symbol="·", x=lambda g, y: g * y, y=lambda g, x: g * x)
bmm = Primitive(
    "bmm", np.matmul, inputs="x y", symbol="@", x=lambda g, y: bmm(g, _swap(y)), y=lambda g, x: bmm(_swap(x), g)
)


addmm = Primitive(
    "addmm",
    lambda bias, x, y: np.matmul(x, y) + bias,
    symbol="@+",
    bias=lambda g, shape: g if tuple(g.shape) == shape else sum_to(g, to=shape),
    x=lambda g, y: mm(g, t(y)),
    y=lambda g, x: mm(t(x), g),
)
