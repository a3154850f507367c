"""What one can do with a tensor: PyTorch's methods and functions, each of which reads its arguments and calls a rule.

Each file holds one part of `Tensor`. A method is also the function of that name: `autovis.sum` is `Tensor.sum`.
"""

from __future__ import annotations

from autovis.operators.arguments import Operand, Size, dim_of, dims_of, filled_shape, shape_cast, sizes_of
from autovis.operators.arithmetic import Arithmetic
from autovis.operators.factors import Factors
from autovis.operators.facts import Facts
from autovis.operators.in_place import InPlace
from autovis.operators.indexing import Indexing, is_advanced, numpy_index
from autovis.operators.ordering import Ordering
from autovis.operators.products import Products, matmul
from autovis.operators.reductions import Reductions
from autovis.operators.shaping import Shaping
from autovis.operators.signatures import guard
from autovis.operators.special import Special

__all__ = [
    "Arithmetic",
    "Factors",
    "Facts",
    "InPlace",
    "Indexing",
    "Operand",
    "Ordering",
    "Products",
    "Reductions",
    "Shaping",
    "Size",
    "Special",
    "dim_of",
    "dims_of",
    "filled_shape",
    "is_advanced",
    "matmul",
    "numpy_index",
    "shape_cast",
    "sizes_of",
]

for part in (Arithmetic, Indexing, Ordering, Products, Reductions, Shaping):
    guard(part)
