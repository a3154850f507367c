"""Values as plain data: what the classroom compares with, and how it writes a number down."""

from __future__ import annotations

import math
from typing import TypeAlias

__all__ = ["Plain", "plain", "same", "wording"]

Plain: TypeAlias = "bool | int | float | str | list[Plain]"


def plain(value: object) -> Plain:
    """Turn a result into numbers, words and lists.

    Args:
        value: a number, a word, `None`, a tensor or array of any shape, or a collection of these.

    Returns:
        The same as plain data; `None` becomes the word `None`, a set is sorted, anything else becomes its `repr`.

    >>> plain((1, None, {"b", "a"}))
    [1, 'None', ['a', 'b']]
    """
    if isinstance(value, (bool, int, float, str)):
        return value
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, (set, frozenset)):
        return sorted((plain(item) for item in value), key=str)
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return repr(value)


def same(left: Plain, right: Plain, tolerance: float = 1e-6) -> bool:
    """Say whether two plain values agree.

    Args:
        left: a value from `plain`.
        right: another.
        tolerance: largest difference between two numbers, absolute or relative to the larger one.

    >>> same([1.0, 2], [1, 2.0000001]), same(True, 1)
    (True, False)
    """
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(lambda a, b: same(a, b, tolerance), left, right))
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return math.isclose(left, right, rel_tol=tolerance, abs_tol=tolerance)
    return left == right


def wording(value: Plain) -> str:
    """Write a plain value with at most six significant digits.

    >>> wording([4.0, -0.34657359, "None"])
    '[4, -0.346574, None]'
    """
    if isinstance(value, list):
        return "[" + ", ".join(map(wording, value)) + "]"
    if isinstance(value, float) and not isinstance(value, bool):
        return f"{value:.6g}"
    return str(value)
