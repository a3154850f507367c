"""Sums of products that an equation names: `ij,jk->ik`. The steps are PyTorch's, so the last digit agrees."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from autovis.operators.arguments import Operand

__all__ = ["einsum", "tensordot"]


def einsum(equation: str, *operands: Any) -> Any:
    """Return the sums of products that an equation names: `ij,jk->ik` is the product of matrices.

    Args:
        equation: a letter for each dimension, `...` for those without a name; what is not in the result is summed over.
        *operands: the factors, also as one list.

    Raises:
        RuntimeError: if the equation and the factors do not fit together.
    """
    parts = list(operands[0]) if len(operands) == 1 and not isinstance(operands[0], Operand) else list(operands)
    given, arrow, result = equation.replace(" ", "").partition("->")
    words = given.split(",")
    if len(words) != len(parts):
        many = "more operands were provided than specified in the equation"
        few = "fewer operands were provided than specified in the equation"
        raise RuntimeError(f"einsum(): {many if len(words) < len(parts) else few}")
    for at, letter in enumerate(equation.partition("->")[0]):
        if not (letter.isalpha() or letter in ".,  "):
            raise RuntimeError(
                f"einsum(): invalid subscript given at index {at} in the equation string, subscripts must be in"
                " [a-zA-Z]"
            )
    named = [_named(word, part, at) for at, (word, part) in enumerate(zip(words, parts, strict=True))]
    _check_sizes(parts, named)
    hidden = max(
        (len(names) - len(word.replace("...", "")) for word, names in zip(words, named, strict=True)), default=0
    )
    dots = [-i for i in range(hidden, 0, -1)]
    letters = Counter(name for names in named for name in names if isinstance(name, str))
    if arrow:
        out = [*_letters(result.partition("...")[0])]
        out += (dots if "..." in result else []) + [*_letters(result.partition("...")[2])]
    else:
        out = dots + sorted(letter for letter, count in letters.items() if count == 1)
    for letter in out:
        if isinstance(letter, str) and letter not in letters:
            raise RuntimeError(
                f"einsum(): output subscript {letter} does not appear in the equation for any input operand"
            )
        if isinstance(letter, str) and out.count(letter) > 1:
            raise RuntimeError(f"einsum(): output subscript {letter} appears more than once in the output")
    inner = [*(dots if out and arrow and "..." not in result else []), *sorted(set(letters) - set(out))]
    everything = [*out, *(name for name in inner if name not in out)]
    factors = [_arranged(part, names, everything) for part, names in zip(parts, named, strict=True)]
    return _contracted(factors, len(out), len(everything))


def _letters(word: str) -> str:
    for letter in word:
        if letter == ".":
            raise RuntimeError("einsum(): found '.' for operand 0 that is not part of any ellipsis")
    return word


def _named(word: str, x: Any, at: int) -> list[Any]:
    """Return a name for each dimension: its letter, or a negative number, counted from the last, under `...`."""
    before, dots, after = word.partition("...")
    hidden = x.ndim - len(_letters(before)) - len(_letters(after))
    if hidden < 0 or (hidden and not dots):
        raise RuntimeError(
            f"einsum(): the number of subscripts in the equation ({len(before + after)}) "
            + ("is more than" if hidden < 0 and dots else "does not match")
            + f" the number of dimensions ({x.ndim}) for operand {at}"
            + (" and no ellipsis was given" if not dots else "")
        )
    return [*before, *range(-hidden, 0), *after]


def _arranged(x: Any, names: list[Any], everything: list[Any]) -> Any:
    """Take diagonals where a letter stands twice, and give a tensor all dimensions, in one order."""
    names = list(names)
    for name in dict.fromkeys(names):
        while names.count(name) > 1:
            first = names.index(name)
            second = names.index(name, first + 1)
            if x.shape[first] != x.shape[second]:
                raise RuntimeError(
                    f"einsum(): subscript {name} is repeated for operand 0 but the sizes don't match,"
                    f" {x.shape[second]} != {x.shape[first]}"
                )
            x = x.diagonal(0, first, second).movedim(-1, first)
            del names[second]
    missing = [name for name in everything if name not in names]
    for _ in missing:
        x = x.unsqueeze(-1)
    names += missing
    return x.permute(*map(names.index, everything))


def _check_sizes(parts: list[Any], named: list[list[Any]]) -> None:
    """Refuse a letter that stands for several sizes."""
    seen: dict[Any, int] = {}
    for at, (x, names) in enumerate(zip(parts, named, strict=True)):
        for letter, size in zip(names, x.shape, strict=True):
            first = seen.get(letter, 1)
            if 1 not in (first, size) and first != size and names.count(letter) == 1:
                what = f"subscript {letter} has size {size} for operand {at}"
                raise RuntimeError(f"einsum(): {what} which does not broadcast with previously seen size {first}")
            seen[letter] = max(first, size)


def _contracted(factors: list[Any], kept: int, total: int) -> Any:
    """Multiply from left to right, and sum over a dimension as soon as no later factor has it."""
    x, *others = factors
    inner = range(kept, total)
    if not others:
        return x.sum(tuple(inner)) if inner else x
    left = {d: sum(f.shape[d] != 1 for f in factors) for d in inner}
    for other in others:
        y = other
        alone_x: list[int] = []
        alone_y: list[int] = []
        together: list[int] = []
        for d in inner:
            if x.shape[d] != 1 and y.shape[d] != 1:
                left[d] -= 1
                if left[d] == 1:
                    together.append(d)
                    left[d] = 0
            elif left[d] == 1 and (x.shape[d] != 1 or y.shape[d] != 1):
                (alone_x if x.shape[d] != 1 else alone_y).append(d)
                left[d] = 0
        x = x.sum(tuple(alone_x), keepdim=True) if alone_x else x
        y = y.sum(tuple(alone_y), keepdim=True) if alone_y else y
        x = _product(x, y, together)
    return x.reshape(x.shape[:kept]) if inner else x


def _product(x: Any, y: Any, summed: list[int]) -> Any:
    """Multiply two tensors with the same dimensions, and sum over some, as one stack of products of matrices."""
    if not summed:
        return x * y
    both: list[int] = []
    left: list[int] = []
    right: list[int] = []
    for d in range(x.ndim):
        if d not in summed:
            (both if 1 not in (x.shape[d], y.shape[d]) else left if x.shape[d] != 1 else right).append(d)
    b, n, k, m = (math.prod(z.shape[d] for d in dims) for z, dims in ((x, both), (x, left), (x, summed), (y, right)))
    first = x.permute(*both, *left, *summed, *right).reshape(b, n, k)
    second = y.permute(*both, *summed, *right, *left).reshape(b, k, m)
    order = [*both, *left, *summed, *right]
    sizes = [*(x.shape[d] for d in both + left), *(1 for _ in summed), *(y.shape[d] for d in right)]
    return first.bmm(second).view(*sizes).permute(*(order.index(d) for d in range(x.ndim)))


def tensordot(a: Any, b: Any, dims: Any = 2) -> Any:
    """Return the sums of products over the last `dims` dimensions of one tensor and the first of another."""
    if isinstance(dims, int):
        if dims < 0:
            raise RuntimeError(f"tensordot expects dims >= 0, but got dims={dims}")
        if dims > min(a.ndim, b.ndim):
            raise RuntimeError(f"tensordot expects dims < ndim_a or ndim_b, but got dims={dims}")
        left, right = list(range(-dims, 0)), list(range(dims))
    else:
        left, right = ([d % x.ndim for d in each] for x, each in zip((a, b), dims, strict=True))
    for i, j in zip(left, right, strict=True):
        if a.shape[i] != b.shape[j]:
            raise RuntimeError(
                f"contracted dimensions need to match, but first has size {a.shape[i]} in dim {i} and second has size"
                f" {b.shape[j]} in dim {j}"
            )
    left = [d % a.ndim for d in left]
    rows, columns = ([d for d in range(x.ndim) if d not in each] for x, each in ((a, left), (b, right)))
    inner = math.prod(a.shape[d] for d in left)
    first = a.permute(*rows, *left).reshape(math.prod(a.shape[d] for d in rows), inner)
    second = b.permute(*right, *columns).reshape(inner, math.prod(b.shape[d] for d in columns))
    return first.mm(second).reshape([*(a.shape[d] for d in rows), *(b.shape[d] for d in columns)])
