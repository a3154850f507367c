"""What a call of PyTorch's consists of: it is made once more here, because PyTorch's names are ours.

The call runs on the twins of its arguments. If it gives the numbers, flags and nodes that PyTorch gave, we know which
operations it is made of, with which settings, and tell the tape so; if it does not, nothing is told of the attempt.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from inspect import signature
from typing import Any

from autovis import events, modes
from autovis.bridge.foreign import SMALL, is_foreign, torch
from autovis.bridge.mirror import history
from autovis.bridge.twins import Twins
from autovis.past import node_of
from autovis.random import default_generator, fork_rng

__all__ = ["Overheard", "Trusted", "counterpart", "replay", "tensors_in"]

Call = Callable[..., Any]
Arguments = tuple[tuple[Any, ...], dict[str, Any]]

LONG = SMALL  # elements; a call on larger tensors is not made twice


class Overheard:
    """Listens to a replay: what cannot wait is passed on, the rest is kept until it is known to be true.

    Args:
        tape: whom to tell.
    """

    AT_ONCE = frozenset({"writing", "stale", "stepping", "exposed", "noted", "detached", "cleared"})

    def __init__(self, tape: Any) -> None:
        self._tape = tape
        self._kept: list[tuple[str, tuple[Any, ...]]] = []

    def __getattr__(self, name: str) -> Any:
        if name in self.AT_ONCE:
            return getattr(self._tape, name)
        return lambda *told: self._kept.append((name, told))

    def computed(self, node: Any, x: Any, edge: Any, y: Any, other: Any, result: Any) -> None:
        """Keep the report of a usual operation, in the form that all others have."""
        inputs = (x,) if len(node.op.inputs) == 1 else (x, y)
        self._kept.append(("recorded", (node, inputs, result, {})))

    def tell(self) -> None:
        """Tell the tape."""
        with as_pytorch():
            for name, told in self._kept:
                getattr(self._tape, name)(*told)

    def drop(self) -> None:
        """Tell nothing."""


class Trusted:
    """The same for a call that edits: numbers are told as they were before, and taken back if it was not so."""

    def __init__(self, tape: Any) -> None:
        self._tape = tape
        self._mark = tape.mark()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tape, name)

    def tell(self) -> None:
        """Leave what was told."""

    def drop(self) -> None:
        """Take back what was told."""
        self._tape.take_back(self._mark)


def replay(
    call: Call,
    given: Arguments,
    result: Any,
    edited: list[Any],
    twins: Twins,
    listener: Overheard | Trusted,
    dice: Any = None,
) -> bool:
    """Make a call once more on twins; return whether it gave what PyTorch gave, in which case the tape knows of it.

    Args:
        call: our function of that name.
        given: its arguments, with twins for tensors.
        result: what PyTorch gave.
        edited: the tensors that PyTorch changed.
        twins: who stands for whom.
        listener: hears what happens.
        dice: the state of PyTorch's random numbers before, which is one of ours, too.
    """
    before, events.listener = events.listener, listener  # type: ignore[assignment]
    try:
        with as_pytorch(dice):
            outcome = call(*given[0], **accepted(call, given[1]))
        pairs = [*paired(result, outcome), *((x, twins.known(x)) for x in edited)]
        agreed = all(twins.agrees(theirs, ours) for theirs, ours in pairs) and twins.match(
            (function, node_of(ours)) for theirs, ours in pairs if (function := history(theirs)) is not None
        )
    except Exception:  # noqa: BLE001, whatever we cannot do as PyTorch does is read from its graph instead
        agreed = False
    finally:
        events.listener = before
    if agreed:
        for theirs, ours in pairs:
            if twins.known(theirs) is None:
                twins.keep(theirs, ours)
            twins.take_numbers(theirs, ours)
        listener.tell()
    else:
        listener.drop()
    return agreed


@contextmanager
def as_pytorch(dice: Any = None) -> Iterator[None]:
    """Record where PyTorch records, and draw no number from our own stream but those that PyTorch drew."""
    library = torch()
    with ExitStack() as stack:
        stack.enter_context(fork_rng())
        if dice is not None:
            default_generator.set_state(dice)
        stack.enter_context(warnings.catch_warnings(action="ignore"))  # PyTorch has said it already
        stack.enter_context(modes.set_grad_enabled(library.is_grad_enabled()))
        if library.is_inference_mode_enabled():
            stack.enter_context(modes.inference_mode())
        yield


def accepted(call: Call, named: dict[str, Any]) -> dict[str, Any]:
    """Leave out arguments that a function of ours does not have, where they were not given."""
    return {name: value for name, value in named.items() if value is not None or name in parameters(call)}


@cache
def parameters(call: Call) -> frozenset[str]:
    """Return the names of the parameters of a function."""
    return frozenset(signature(call).parameters)


def paired(result: Any, outcome: Any) -> Iterator[tuple[Any, Any]]:
    """Pair the tensors of two results.

    Raises:
        ValueError: if one has more parts than the other.
    """
    if is_foreign(result):
        yield result, outcome
    elif isinstance(result, (tuple, list)):
        for theirs, ours in zip(result, outcome, strict=True):
            yield from paired(theirs, ours)


def tensors_in(thing: Any) -> Iterator[Any]:
    """Go through PyTorch's tensors in arguments or results."""
    if is_foreign(thing):
        yield thing
    elif isinstance(thing, (tuple, list)):
        for part in thing:
            yield from tensors_in(part)
    elif isinstance(thing, dict):
        yield from tensors_in(list(thing.values()))


def translated(thing: Any, twins: Twins) -> Any:
    """Return an argument of a call in our terms.

    Raises:
        TypeError: if it is nothing that we have.
    """
    library = torch()
    if is_foreign(thing):
        return twins.tensor(thing)
    if isinstance(thing, (tuple, list)):
        return type(thing)(translated(part, twins) for part in thing) if type(thing) in (tuple, list) else tuple(thing)
    if isinstance(thing, dict):
        return {name: translated(part, twins) for name, part in thing.items()}
    if isinstance(thing, library.dtype):
        return getattr(sys.modules["autovis"], str(thing).removeprefix("torch."))
    if isinstance(thing, library.device):
        return str(thing)
    if isinstance(thing, (library.Generator, library.layout, library.memory_format)):
        raise TypeError(f"nothing of ours is a {type(thing).__name__}")
    return thing


@cache
def counterpart(function: Call) -> Call | None:
    """Return our function of the same name; None if we have none."""
    name = sys.modules["torch.overrides"].resolve_name(function) or ""
    if function.__name__ == "_foreach_zero_":
        return lambda tensors: [tensor.zero_() for tensor in tensors]
    *path, last = name.removeprefix("torch.").split(".")
    if last in ("__get__", "__set__"):
        attribute = path[-1]
        return (lambda x: getattr(x, attribute)) if last == "__get__" else lambda x, value: setattr(x, attribute, value)
    found: Any = sys.modules["autovis"]
    for step in (*path, last):
        found = getattr(found, step, None)
    return found if callable(found) else None
