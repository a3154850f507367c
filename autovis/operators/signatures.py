"""What PyTorch says when the arguments of a function are of the wrong sort, from the table of what each one takes.

Nothing is checked beforehand. When a function has failed, its arguments are held against its signatures; if they fit
none, the error is PyTorch's, word for word.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, NamedTuple

import numpy as np

from autovis import dtypes
from autovis.operators.arguments import Operand

__all__ = ["complain", "guard"]

SHORT = {
    "input": "Tensor input",
    "other": "Tensor other",
    "out": "Tensor out = None",
    "outs": "tuple of Tensors out = None",
    "dim": "int dim",
    "dims": "tuple of ints dim",
    "keepdim": "bool keepdim = False",
    "dtype": "torch.dtype dtype = None",
}
SIGNATURES = """
abs absolute acos acosh asin asinh atan atanh ceil cos cosh deg2rad det diagflat digamma erf erfc erfinv exp exp2
    expm1 floor frac inverse isfinite isinf isnan lgamma log log10 log1p log2 logical_not neg rad2deg reciprocal relu
    round rsqrt sgn sigmoid sign signbit sin sinh sqrt square t tan tanh trace trunc ravel numel: input
add sub: input, other, *, Number alpha = 1, out
mul: input, other, *, out
div: input, other, *, out | input, other, *, str rounding_mode, out | input, Number other, *, str rounding_mode
eq ne lt le gt ge: input, other, *, out | input, Number other, *, out
maximum minimum fmax fmin atan2 logaddexp hypot logical_and logical_or logical_xor matmul: input, other, *, out
mm: input, Tensor mat2
bmm: input, Tensor mat2
mv: input, Tensor vec, *, out
dot: input, Tensor tensor, *, out
outer: input, Tensor vec2, *, out
sum mean: input, *, dtype | input, dims, keepdim, *, dtype, out
prod: input, *, dtype | input, dim, keepdim, *, dtype, out
max min: input, *, out | input, other, *, out | input, dim, keepdim, *, outs
median: input | input, dim, keepdim, *, outs
all any: input, *, out | input, dims = None, keepdim, *, out | input, dim, keepdim, *, out
argmax argmin: input, dim = None, keepdim, *, out
amax amin: input, dims = None, keepdim, *, out
std var: input, dims, bool unbiased = True, keepdim, *, out
    | input, dims = None, *, Number correction = None, keepdim, out | input, bool unbiased = True
cumsum cumprod: input, dim, *, dtype, out
softmax log_softmax: input, dim, dtype
logsumexp: input, dims, keepdim, *, out
sort: input, *, bool stable, dim = -1, bool descending = False, outs | input, dim = -1, bool descending = False, *, outs
argsort: input, *, bool stable, dim = -1, bool descending = False, out | input, dim = -1, bool descending = False
topk: input, int k, dim = -1, bool largest = True, bool sorted = True, *, outs
gather: input, dim, Tensor index, *, bool sparse_grad = False, out
index_select: input, dim, Tensor index, *, out
masked_select: input, Tensor mask, *, out
masked_fill: input, Tensor mask, Tensor value | input, Tensor mask, Number value
where: Tensor condition | Tensor condition, input, other, *, out | Tensor condition, Number self, other
    | Tensor condition, input, Number other | Tensor condition, Number self, Number other
clamp: input, Tensor min = None, Tensor max = None, *, out | input, Number min = None, Number max = None, *, out
pow: input, Tensor exponent, *, out | Number self, Tensor exponent, *, out | input, Number exponent, *, out
lerp: input, Tensor end, Tensor weight, *, out | input, Tensor end, Number weight, *, out
view: input, torch.dtype dtype | input, tuple of ints size
reshape: input, tuple of ints shape
expand: input, tuple of ints size, *, bool implicit = False
permute: input, tuple of ints dims
repeat: input, tuple of ints repeats
tile: input, tuple of ints dims
flip: input, tuple of ints dims
roll: input, tuple of ints shifts, tuple of ints dims = None
transpose: input, int dim0, int dim1
unsqueeze: input, dim
squeeze: input | input, dim | input, dims
flatten: input, int start_dim = 0, int end_dim = -1
chunk: input, int chunks, dim = 0
narrow: input, dim, Tensor start, int length | input, dim, int start, int length
select: input, dim, int index
unbind: input, dim = 0
diag: input, int diagonal = 0, *, out
tril triu: input, int diagonal = 0, *, out
cat: tuple of Tensors tensors, dim = 0, *, out
stack: tuple of Tensors tensors, dim = 0, *, out
equal: input, other
allclose isclose: input, other, float rtol = 1e-05, float atol = 1e-08, bool equal_nan = False
fill_: input, Tensor value | input, Number value
copy_: input, other, bool non_blocking = False
"""
FLAT = frozenset(["view", "reshape", "expand", "permute", "repeat", "tile", "flip"])  # sizes may be given one by one
NUMBERS = frozenset(["add", "sub", "mul", "div"])  # a number counts as a tensor


class Parameter(NamedTuple):
    """One parameter: what it takes, its name, whether it may be left out, whether it has a place."""

    sort: str
    name: str
    optional: bool
    placed: bool


@lru_cache(1)
def table() -> dict[str, list[str]]:
    """Return the signatures of each function, written out."""
    found = {}
    for line in SIGNATURES.replace("\n    ", " ").strip().splitlines():
        names, _, options = line.partition(":")
        written = [", ".join(_long(word) for word in option.split(",")) for option in options.split("|")]
        found.update(dict.fromkeys(names.split(), written))
    return found


def _long(word: str) -> str:
    name, _, default = word.strip().partition(" = ")
    return SHORT.get(name, name) + (f" = {default}" if default else "")


def _read(signature: str) -> list[Parameter]:
    before, _, after = signature.partition("*")
    words = [(w, True) for w in before.split(", ")] + [(w, False) for w in after.split(", ")]
    read = []
    for word, placed in words:
        declared, _, default = word.strip().partition(" = ")
        sort, _, name = declared.rpartition(" ")
        if name:
            read.append(Parameter(sort, name, bool(default), placed))
    return read


def _as_method(signature: str) -> str:
    """Return a signature without what a method has not: the tensor itself, and `out`."""
    words = [w for w in signature.split(", ") if w != "Tensor input" and " out = None" not in w]
    return ", ".join(words[:-1] if words and words[-1] == "*" else words)


def fits(sort: str, value: Any, name: str) -> bool:
    """Whether an argument is of a sort."""
    whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if isinstance(value, Operand):
        return sort == "Tensor" or (sort in ("Number", "int", "float") and value.ndim == 0)
    if sort == "Tensor":
        return name in NUMBERS and isinstance(value, (int, float))
    if sort == "tuple of ints":
        return whole or (isinstance(value, (list, tuple)) and all(fits("int", n, name) for n in value))
    if sort == "tuple of Tensors":
        return isinstance(value, (list, tuple))
    plain: dict[str, Any] = {"bool": bool, "str": str, "torch.dtype": dtypes.dtype}
    if sort in plain:
        return isinstance(value, plain[sort])
    return whole if sort == "int" else isinstance(value, (int, float)) if sort in ("Number", "float") else True


def _complaint(name: str, signature: str, given: tuple[Any, ...], named: dict[str, Any]) -> str:
    """Return what is wrong with the arguments by one signature; nothing if they fit."""
    parameters = _read(signature)
    placed = [p for p in parameters if p.placed]
    if name in FLAT and len(given) > len(placed):
        alone = given[len(placed) - 1 :]
        for place, n in enumerate(alone, 1):
            if not fits("int", n, name) and place > 1:
                return (
                    f"{name}(): argument '{placed[-1].name}' failed to unpack the object at pos {place} with error"
                    f' "type must be tuple of ints,but got {type(n).__name__}"'
                )
        given = (*given[: len(placed) - 1], alone)
    if len(given) > len(placed):
        least = sum(not p.optional for p in placed)
        some = f"{least}" if least == len(placed) else f"from {least} to {len(placed)}"
        plural = "" if len(placed) == 1 else "s"
        return f"{name}() takes {some} positional argument{plural} but {len(given)} were given"
    missing = [p.name for p in parameters[len(given) :] if not p.optional and p.name not in named]
    values = [(p, value, place) for place, (p, value) in enumerate(zip(placed, given, strict=False), 1)]
    values += [(p, named[p.name], 0) for p in parameters[len(given) :] if p.name in named]
    for p, value, place in values:
        if not (fits(p.sort, value, name) or (value is None and p.optional)):
            where = f" (position {place})" if place else ""
            return f"{name}(): argument '{p.name}'{where} must be {p.sort}, not {type(value).__name__}"
    if missing:
        listed = ", ".join(f'"{word}"' for word in missing)
        plural = "s" if len(missing) == 1 else ""  # so it is written in PyTorch
        return f"{name}() missing {len(missing)} required positional argument{plural}: {listed}"
    for word in named:
        if word not in {p.name for p in parameters}:
            return f"{name}() got an unexpected keyword argument '{word}'"
    return ""


def misfit(name: str, given: tuple[Any, ...], named: dict[str, Any], *, method: bool) -> str:
    """Return PyTorch's sentence about arguments that fit no signature; nothing if they fit one, or none is known."""
    options = table().get(name)
    if options is None:
        return ""
    options = [_as_method(option) for option in options] if method else options
    complaints = [_complaint(name, option, given, named) for option in options]
    if not all(complaints):
        return ""
    if len(options) == 1:
        return complaints[0]
    count = len(given) + len(named)
    plausible = []
    for option, complaint in zip(options, complaints, strict=True):
        parameters = _read(option)
        if sum(not p.optional for p in parameters) <= count <= len(parameters):
            plausible.append(complaint)
    if len(plausible) == 1:
        return plausible[0]
    got = [type(value).__name__ for value in given]
    got += [f"{word}={type(value).__name__}" for word, value in reversed(named.items())]
    text = ", ".join(got) + (", " if named and not given else "")
    lines = [f"{name}() received an invalid combination of arguments - got ({text}), but expected one of:"]
    for option in options:
        lines.append(f" * ({option})")
        if len(option.split(", ")) == count:
            lines.append("      didn't match because " + _mismatch(option, given, named))
    return "\n".join(lines) + "\n"


def _mismatch(option: str, given: tuple[Any, ...], named: dict[str, Any]) -> str:
    parameters = _read(option)
    unknown = [word for word in reversed(named) if word not in {p.name for p in parameters[len(given) :]}]
    if unknown:
        return f"some of the keywords were incorrect: {', '.join(unknown)}"
    sorts = [p.sort for p in parameters] + [""] * len(given)
    marked = [_marked(value, sort) for value, sort in zip(given, sorts, strict=False)]
    by_name = {p.name: p.sort for p in parameters}
    marked += [_marked(value, by_name[word], f"{word}=") for word, value in reversed(named.items())]
    return f"some of the arguments have invalid types: ({', '.join(marked)})"


def _marked(value: Any, sort: str, name: str = "") -> str:
    kind = type(value).__name__
    if isinstance(value, (list, tuple)):
        kind = f"{kind} of [{', '.join(type(part).__name__ for part in value)}]"
    right = kind == sort or (sort == "float" and kind == "int")
    return f"{name}{kind}" if right else f"!{name}{kind}!"


def complain(
    name: str, given: tuple[Any, ...], named: dict[str, Any], error: Exception | None = None, *, method: bool = False
) -> None:
    """Raise PyTorch's error about the sort of the arguments, if that is what is wrong.

    Raises:
        TypeError: if they fit no signature.
    """
    sentence = misfit(name, given, named, method=method)
    if sentence:
        raise TypeError(sentence) from error


def guarded(run: Callable[..., Any]) -> Callable[..., Any]:
    """Let a function that fails because of the sort of its arguments say so as PyTorch does."""
    name = run.__name__

    @wraps(run)
    def call(*given: Any, **named: Any) -> Any:
        try:
            return run(*given, **named)
        except Exception as error:
            complain(name, given[1:], named, error, method=True)
            raise

    call.bare = run  # type: ignore[attr-defined]
    return call


def guard(part: type) -> None:
    """Guard the methods of a class that take arguments."""
    for name, options in table().items():
        if name in vars(part) and options != ["Tensor input"]:
            setattr(part, name, guarded(vars(part)[name]))
