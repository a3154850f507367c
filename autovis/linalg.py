"""Linear algebra, under the names of `torch.linalg`.

>>> import autovis as av
>>> av.linalg.solve(av.tensor([[2.0, 0.0], [0.0, 4.0]]), av.tensor([2.0, 2.0]))
tensor([1.0000, 0.5000])
"""

from __future__ import annotations

from typing import Any

from autovis.operators.factors import (
    LinAlgError,
    cholesky,
    cond,
    cross,
    det,
    diagonal,
    eigh,
    eigvalsh,
    inv,
    lstsq,
    matrix_exp,
    matrix_norm,
    matrix_power,
    matrix_rank,
    multi_dot,
    norm,
    pinv,
    qr,
    slogdet,
    solve,
    solve_triangular,
    svd,
    svdvals,
    vander,
    vecdot,
    vector_norm,
)
from autovis.operators.products import matmul

__all__ = [
    "LinAlgError", "cholesky", "cond", "cross", "det", "diagonal", "eigh", "eigvalsh", "inv", "lstsq", "matmul",
    "matrix_exp", "matrix_norm", "matrix_power", "matrix_rank", "multi_dot", "norm", "pinv", "qr", "slogdet", "solve",
    "solve_triangular", "svd", "svdvals", "vander", "vecdot", "vector_norm",
]  # fmt: skip

LEFT_OUT = {
    "eig": "it has no complex numbers; eigh does symmetric matrices.",
    "eigvals": "it has no complex numbers; eigvalsh does symmetric matrices.",
    "lu": "use solve, det or inv.",
    "lu_factor": "use solve.",
    "tensorsolve": "use reshape and solve.",
    "tensorinv": "use reshape and inv.",
}


def __getattr__(name: str) -> Any:
    if name in LEFT_OUT:
        raise AttributeError(f"autovis does not do torch.linalg.{name}: {LEFT_OUT[name]}")
    raise AttributeError(f"module 'torch.linalg' has no attribute '{name}'")
