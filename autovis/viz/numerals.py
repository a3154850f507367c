"""How numbers are written in pictures and captions: short, and the same everywhere.

>>> import numpy as np
>>> brief(np.float32(2.0)), brief(np.array([1.0, 0.5])), brief(np.ones((5, 5))), brief(np.eye(5))
('2', '[1, 0.5]', 'all 1', '[[1, 0, …], …]')
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autovis.past import is_summary

__all__ = ["brief", "number", "shape_text", "text_of"]

INLINE = 4  # elements; an array of so many is written out

CORNER = 3, 2  # elements shown of a longer vector, and of a row of a larger matrix

COUNTED = 10**8  # whole numbers below it are written with all their digits


def number(x: Any) -> str:
    """Write one number with at most four significant digits.

    >>> number(2.0), number(-0.34657), number(1048576.0), number(True), number(float("nan"))
    ('2', '−0.3466', '1048576', 'True', 'nan')
    """
    if isinstance(x, (bool, np.bool_)):
        return str(bool(x))
    value = float(x) + 0.0  # turns −0 into 0
    whole = np.isfinite(value) and value == round(value) and abs(value) < COUNTED
    return (f"{value:.0f}" if whole else f"{value:.4g}").replace("-", "−").replace("e−", "e-")


def brief(data: Any) -> str:
    """Write an array in at most about twenty characters; empty if its numbers are not known.

    Large arrays show a corner: three elements of a vector, two of a matrix's first row.
    """
    if data is None or is_summary(data):
        return ""
    array = np.asarray(data)
    if not array.ndim:
        return number(array)
    if not array.size:
        return "[]"
    if array.size > INLINE and (array == array.flat[0]).all():
        return f"all {number(array.flat[0])}"
    return nested(array, len(array) if array.size <= INLINE else CORNER[array.ndim > 1])


def nested(array: np.ndarray[Any, Any], shown: int) -> str:
    """Write an array in brackets: so many elements of a row, of more rows the first only."""
    if array.ndim == 1:
        words = [number(x) for x in array[:shown]]
        return f"[{', '.join([*words, '…'] if len(array) > shown else words)}]"
    rows = list(array) if array.size <= INLINE else [array[0]]
    words = [nested(row, len(row) if array.size <= INLINE else shown) for row in rows]
    return f"[{', '.join([*words, '…'] if len(array) > len(rows) else words)}]"


def shape_text(shape: tuple[int, ...]) -> str:
    """Write a shape; empty for a single number.

    >>> shape_text((2, 3)), shape_text((4,)), shape_text(())
    ('(2, 3)', '(4,)', '')
    """
    return str(tuple(shape)) if shape else ""


def text_of(data: Any) -> str:
    """Write a gradient: its numbers, or its shape where they are too many; `None` is a value.

    >>> text_of(None), text_of(np.float32(2)), text_of(np.zeros((8, 10)))
    ('None', '2', '(8, 10)')
    """
    if data is None:
        return "None"
    if isinstance(data, tuple):
        return ", ".join("0" if part is None else text_of(part) for part in data)
    return brief(data) or shape_text(np.shape(data))
