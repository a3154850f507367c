"""Sums of products that an equation names: `ij,jk->ik`."""

from __future__ import annotations

from typing import Any

from autovis import errors
from autovis.operators.arguments import Operand
from autovis.rules import linear

__all__ = ["einsum", "tensordot"]


def einsum(equation: str, *operands: Any) -> Any:
    """Return the sums of products that an equation names: `ij,jk->ik` is the product of matrices.

    Args:
        equation: a letter for each dimension; what is not in the result is summed over.
        *operands: the factors, also as one list.

    Raises:
        NotImplementedError: for `...`, and for a letter that one factor has twice beside others.
    """
    parts = list(operands[0]) if len(operands) == 1 and not isinstance(operands[0], Operand) else list(operands)
    given, arrow, result = equation.replace(" ", "").partition("->")
    if not arrow:
        result = "".join(sorted(letter for letter in set(given) - {","} if given.count(letter) == 1))
    words = given.split(",")
    if "." in equation or any(len(set(word)) < len(word) and len(set(word)) > 1 for word in words):
        raise errors.not_supported(f"einsum({equation!r})", "name every dimension, each with a letter of its own.")
    word, x = _distinct(words[0], parts[0])
    for at, (named, part) in enumerate(zip(words[1:], parts[1:], strict=True), start=1):
        later = {*result, *"".join(words[at + 1 :])}
        other, y = _distinct(named, part)
        word, x = _summed(word, x, later | set(other))
        other, y = _summed(other, y, later | set(word))
        kept = "".join(letter for letter in dict.fromkeys(word + other) if letter in later)
        x = linear.einsum(x, y, spec=f"{word},{other}->{kept}")
        word = kept
    word, x = _summed(word, x, set(result))
    return x.permute(*map(word.index, result)) if len(word) > 1 else x


def _distinct(word: str, x: Any) -> tuple[str, Any]:
    """Take the diagonal where one letter stands for all dimensions."""
    for _ in word[1:] if len(set(word)) == 1 else "":
        x = x.diagonal()
    return (word[0], x) if word and len(set(word)) == 1 else (word, x)


def _summed(word: str, x: Any, wanted: set[str]) -> tuple[str, Any]:
    """Sum over the dimensions whose letters nobody wants."""
    dims = tuple(i for i, letter in enumerate(word) if letter not in wanted)
    return ("".join(letter for letter in word if letter in wanted), x.sum(dims)) if dims else (word, x)


def tensordot(a: Any, b: Any, dims: Any = 2) -> Any:
    """Return the sums of products over the last `dims` dimensions of one tensor and the first of another."""
    left, right = (list(range(a.ndim - dims, a.ndim)), list(range(dims))) if isinstance(dims, int) else map(list, dims)
    letters = "abcdefghijklmnopqrstuvwxyz"
    x, y = list(letters[: a.ndim]), list(letters[a.ndim : a.ndim + b.ndim])
    for i, j in zip(left, right, strict=True):
        y[j] = x[i]
    out = [letter for letter in x + y if (letter in x) != (letter in y)]
    return einsum(f"{''.join(x)},{''.join(y)}->{''.join(out)}", a, b)
