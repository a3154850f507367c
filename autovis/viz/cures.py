"""What is said to somebody who asks for a picture or a film of the wrong thing: what to write instead.

One table from the kind of thing to the cure, the first row that fits; the last row fits everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from autovis.tape import Tape, record
from autovis.viz.evidence import is_tensor
from autovis.viz.scene import Film, Graph

__all__ = ["no_result", "no_tape", "no_tensor"]

RECORD = "record the lines to be seen: `with av.record() as tape:`, the lines indented below it, then av.play(tape)"

Row = tuple[Callable[[Any], bool], str]


def is_picture(thing: Any) -> bool:
    """Whether it is what `show` or `play` returned, or its data."""
    return isinstance(thing, (Film, Graph)) or hasattr(thing, "reel")


def is_module(thing: Any) -> bool:
    """Whether it is a module, of autovis or of PyTorch."""
    return callable(getattr(type(thing), "named_parameters", None))


def holds(kind: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """Return the test whether something is a list or the like with such things in it."""
    return lambda thing: isinstance(thing, (list, tuple, set, dict)) and any(map(kind, thing))


def is_nothing(thing: Any) -> bool:
    """Whether it is None, which `backward()` returns."""
    return thing is None


def is_numbers(thing: Any) -> bool:
    """Whether it is a number, or an array or a list of numbers."""
    return isinstance(thing, (bool, int, float)) or hasattr(thing, "__array__") or holds(is_numbers)(thing)


def is_event(thing: Any) -> bool:
    """Whether it is part of what a tape holds."""
    return hasattr(thing, "visit")


NO_TENSOR: tuple[Row, ...] = (
    (is_nothing, "backward() returns nothing: call it first, then show(loss)"),
    (is_module, "a module has no graph until it is called: show(model(x))"),
    (lambda thing: isinstance(thing, Tape), "a tape has a film: play(tape)"),
    (is_picture, "it is a picture already: put it on the last line of a cell"),
    (lambda thing: isinstance(thing, str), "pass the tensor itself, without quotation marks"),
    (holds(is_tensor), "pass its tensors one by one: show(*losses)"),
    (is_numbers, "numbers have no graph: x = av.tensor(2., requires_grad=True), compute with x, and show the result"),
    (callable, "call it first: show(f(x))"),
    (lambda thing: isinstance(thing, Iterable), "pass its tensors one by one: show(*losses)"),
    (lambda _: True, "pass the result, as in show(loss)"),
)

NO_TAPE: tuple[Row, ...] = (
    (is_nothing, f"backward() returns nothing; {RECORD}"),
    (is_tensor, f"a tensor has a graph, which show(loss) draws; for a film, {RECORD}"),
    (is_picture, "it is made already: put it on the last line of a cell"),
    (lambda thing: thing is record, f"record is to be called; {RECORD}"),
    (holds(lambda thing: isinstance(thing, Tape)), "play one tape at a time: play(tape)"),
    (holds(is_event), "pass the whole tape: play(tape)"),
    (lambda _: True, RECORD),
)


def cure(rows: tuple[Row, ...], thing: Any) -> str:
    """Return what the first row that fits says."""
    return next(text for fits, text in rows if fits(thing))


def no_tensor(thing: Any) -> TypeError:
    """Something that is no tensor was to be drawn."""
    return TypeError(f"a picture starts from tensors, not from {type(thing).__name__}; {cure(NO_TENSOR, thing)}")


def no_result() -> TypeError:
    """Nothing was to be drawn."""
    return TypeError("a picture starts from tensors, and none was given; pass the result, as in show(loss)")


def no_tape(thing: Any) -> TypeError:
    """Something that is no tape was to be played."""
    return TypeError(f"a film is made of a tape, not of {type(thing).__name__}; {cure(NO_TAPE, thing)}")
