"""How numbers are written in pictures and captions: short, and the same everywhere.

>>> import numpy as np
>>> brief(np.float32(2.0)), brief(np.array([1.0, 0.5])), brief(np.ones((5, 5)))
('2', '[1, 0.5]', 'all 1')
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autovis.tape import is_summary

__all__ = ["brief", "number", "shape_text"]

INLINE = 4  # elements; a vector of so many is written out


def number(x: Any) -> str:
    """Write one number with at most four significant digits.

    >>> number(2.0), number(-0.34657), number(1048576.0), number(True)
    ('2', '-0.3466', '1048576', 'True')
    """
    if isinstance(x, (bool, np.bool_)):
        return str(bool(x))
    value = float(x)
    if value == 0:
        return "0"
    if np.isfinite(value) and value == round(value) and abs(value) < 1e8:
        return str(round(value))
    return f"{value:.4g}"


def brief(data: Any) -> str:
    """Write an array in at most about twenty characters; empty if its numbers are not known."""
    if data is None or is_summary(data):
        return ""
    array = np.asarray(data)
    if not array.ndim:
        return number(array)
    if not array.size:
        return "[]"
    if array.size > INLINE and (array == array.flat[0]).all():
        return f"all {number(array.flat[0])}"
    if array.ndim == 1:
        words = [number(x) for x in array[:INLINE]]
        return f"[{', '.join(words)}{', …' if array.size > INLINE else ''}]"
    rows = [brief(row) for row in array[:2]]
    if array.size <= INLINE:
        return f"[{', '.join(rows)}]"
    return f"[{brief(array[0])}, …]" if len(array) > 1 else f"[{brief(array[0])}]"


def shape_text(shape: tuple[int, ...]) -> str:
    """Write a shape; empty for a single number.

    >>> shape_text((2, 3)), shape_text((4,)), shape_text(())
    ('(2, 3)', '(4,)', '')
    """
    return str(tuple(shape)) if shape else ""
