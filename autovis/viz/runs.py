"""Which operations belong together: nested runs of operations, in the order in which they ran.

A run can stand in a picture as one box. Because every box is a run, and inputs come before their users, boxes never
make a cycle: what leaves a run does not come back into it. Modules are the runs that a call of each recorded; identical
steps of a loop are found by their structure; what is still long is divided at the narrowest places, so that opening
any box shows a few dozen parts, however many operations there are.

Nothing here knows what an operation is: it is a number, and equal numbers mean equal operations.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np

__all__ = ["Call", "Entrances", "Run", "Runs", "calls_of", "repeats"]

MOST: Final = 40
"""Parts of one run that are shown side by side; what has more is divided."""

COPIES: Final = 4
"""Identical steps from which on those in the middle become one box: the first and the last stay open."""

PERIODS: Final = 512
"""Operations in a step up to which every length is tried; longer steps are looked for where rare operations recur."""

FOUND: Final = 64
"""Repeats that are looked for side by side."""


class Call(NamedTuple):
    """One call of a module.

    Attributes:
        path: what it is called, `net.0`.
        kind: name of its class.
        start, stop: the operations that it ran, `stop` excluded.
    """

    path: str
    kind: str
    start: int
    stop: int


class Entrances:
    """Follows a program into modules and out of them.

    Args:
        paths: what the user calls modules: number -> path, `net.0`.
    """

    def __init__(self, paths: Mapping[int, str]) -> None:
        self.paths = paths
        self._inside: list[tuple[str, str, int]] = []  # path, class, first operation
        self._done: list[Call] = []

    def enter(self, module: int, kind: str, part: str, at: int) -> None:
        """Begin a call before operation `at`; without a path it is called as its caller calls it, or by its class."""
        outer = self._inside[-1][0] if self._inside else ""
        inner = f"{outer}.{part}" if outer and part else kind
        self._inside.append((self.paths.get(module, inner), kind, at))

    def leave(self, at: int) -> None:
        """End the innermost call, if any, before operation `at`."""
        if self._inside:
            self._done.append(Call(*self._inside.pop(), at))

    def found(self, calls: Iterable[Call]) -> None:
        """Take in calls that were worked out afterwards."""
        self._done += calls

    def calls(self, end: int) -> list[Call]:
        """Return all calls, outer ones first; those that are not over end before operation `end`."""
        begun = [Call(*call, end) for call in self._inside]
        return in_order((*self._done, *begun))


def in_order(calls: Iterable[Call]) -> list[Call]:
    """Sort calls so that outer ones come first, also where one does nothing but call another."""
    return sorted(calls, key=lambda call: (call.start, -call.stop, call.path.count(".")))


@dataclass(frozen=True, slots=True)
class Run:
    """Operations that ran one after the other, and that one box can stand for.

    Attributes:
        id: place in the tree of runs, `f2.1`: the same in every picture of the same operations.
        kind: `module`, `repeat` (equal steps), `step` (one of them) or `run`.
        label: path of the module, or the numbers of the steps.
        about: class of the module.
        start, stop: the operations, `stop` excluded.
        count: how many steps a `repeat` has.
    """

    id: str
    kind: str
    label: str
    start: int
    stop: int
    about: str = ""
    count: int = 0


class Item(NamedTuple):
    """Something that stands beside others in a run: a call, or (None) a single operation."""

    start: int
    stop: int
    call: Call | None


@dataclass(slots=True)
class Runs:
    """The tree of runs; it grows only where somebody looks.

    Args:
        signs: a number for each operation; equal operations have equal ones.
        calls: of modules, outer ones first where several begin together.
        crossing: how many links pass between operation i - 1 and i, if known: where few do, long runs are divided.
    """

    signs: np.ndarray
    calls: Sequence[Call] = ()
    crossing: np.ndarray | None = None
    _parts: dict[str, tuple[Run | int, ...]] = field(default_factory=dict)
    _starts: list[int] | None = None

    @property
    def root(self) -> Run:
        """All operations."""
        return Run("f", "run", "", 0, len(self.signs))

    def parts(self, run: Run) -> tuple[Run | int, ...]:
        """Return what one sees when a run is open: smaller runs, and single operations by number."""
        found = self._parts.get(run.id)
        if found is None:
            found = self._parts[run.id] = tuple(self._numbered(run, self._divided(run)))
        return found

    def shown(self, opened: Mapping[str, object] | set[str] | frozenset[str]) -> Iterator[Run | int]:
        """Go through the closed runs and the single operations that are seen when some runs are open."""
        pending: list[Run | int] = list(reversed(self.parts(self.root)))
        while pending:
            part = pending.pop()
            if isinstance(part, Run) and part.id in opened:
                pending.extend(reversed(self.parts(part)))
            else:
                yield part

    def level(self, depth: int, but: str = "") -> set[str]:
        """Return the runs that are open when that many levels are, 0 for none; those of the kind `but` stay closed."""
        opened: set[str] = set()
        here = [self.root]
        for _ in range(depth):
            here = [part for run in here for part in self.parts(run) if isinstance(part, Run) and part.kind != but]
            if not here:
                break
            opened.update(run.id for run in here)
        return opened

    def find(self, id: str) -> Run | None:
        """Return the run of that id, if there is one."""
        here = self.root
        parts = id.split(".")
        for count in range(1, len(parts) + 1):
            inner = ".".join(parts[:count])
            found = [part for part in self.parts(here) if isinstance(part, Run) and part.id == inner]
            if not found:
                return None
            here = found[0]
        return here

    def around(self, place: int) -> Iterator[Run]:
        """Go through the runs around an operation, the outermost first."""
        here: Run | None = self.root
        while here is not None:
            parts = (part for part in self.parts(here) if isinstance(part, Run))
            here = next((part for part in parts if part.start <= place < part.stop), None)
            if here is not None:
                yield here

    def everything(self) -> Iterator[Run]:
        """Go through all runs, outer ones first."""
        pending = [self.root]
        for run in pending:  # grows while it is read
            inner = [part for part in self.parts(run) if isinstance(part, Run)]
            yield from inner
            pending += inner

    # ------------------------------------------------------------------------------------------------- dividing

    def _numbered(self, run: Run, parts: Iterable[Run | Item]) -> Iterator[Run | int]:
        number = 0
        for part in parts:
            if isinstance(part, Item) and part.call is None:
                yield part.start
                continue
            number += 1
            id = f"f{number}" if run.id == "f" else f"{run.id}.{number}"
            if isinstance(part, Item):
                assert part.call is not None
                yield Run(id, "module", part.call.path, part.start, part.stop, part.call.kind)
            else:
                yield Run(id, part.kind, part.label, part.start, part.stop, part.about, part.count)

    def _divided(self, run: Run) -> list[Run | Item]:
        if run.kind == "repeat":
            return self._few(run, list(self._steps(run)))
        items = self._items(run)
        return self._few(run, self._folded(items) if len(items) >= COPIES else list(items))

    def _steps(self, run: Run) -> Iterable[Run | Item]:
        """List the equal steps of a run; a step that is one operation or one call needs no box around it."""
        items = self._items(run)
        if len(items) == run.count:
            return items
        size, first = (run.stop - run.start) // run.count, int(run.label.partition("–")[0])
        starts = range(run.start, run.stop, size)
        return [Run("", "step", str(first + at), start, start + size) for at, start in enumerate(starts)]

    def _items(self, run: Run) -> list[Item]:
        """List the outermost calls inside a run, and the operations between them."""
        inside = self._calls_in(run)
        items: list[Item] = []
        at = run.start
        for call in inside:
            if call.start < at:  # inside of the one before
                continue
            items += [Item(place, place + 1, None) for place in range(at, call.start)]
            items.append(Item(call.start, call.stop, call))
            at = call.stop
        return items + [Item(place, place + 1, None) for place in range(at, run.stop)]

    def _calls_in(self, run: Run) -> Sequence[Call]:
        """Return the calls that lie inside a run, apart from that which the run is."""
        if self._starts is None:
            self.calls = in_order(self.calls)
            self._starts = [call.start for call in self.calls]
        first, last = (bisect_left(self._starts, end) for end in (run.start, run.stop))
        if run.kind == "module":
            first = next(at for at in range(first, last) if self.calls[at][2:] == (run.start, run.stop))
            while self.calls[first].path != run.label:
                first += 1
            first += 1
        return [call for call in self.calls[first:last] if call.start < call.stop <= run.stop]

    def _folded(self, items: list[Item]) -> list[Run | Item]:
        """Put a box in the place of steps that repeat."""
        folded: list[Run | Item] = []
        at = 0
        for start, period, count in repeats(self._symbols(items)):
            inner, last = start + period, start + period * (count - 1)
            folded += items[at:inner]
            numbers = f"2–{count - 1}"
            folded.append(Run("", "repeat", numbers, items[inner].start, items[last - 1].stop, count=count - 2))
            at = last
        return folded + list(items[at:])

    def _symbols(self, items: Sequence[Item]) -> np.ndarray:
        """Return a number for each item: the same where the same was called, and ran the same operations."""
        if all(item.call is None for item in items):
            return self.signs[items[0].start : items[-1].stop]
        known: dict[Any, int] = {}
        found = np.empty(len(items), np.int64)
        for at, (start, stop, call) in enumerate(items):
            key = (call.kind if call is not None else "", self.signs[start:stop].tobytes())
            found[at] = known.setdefault(key, len(known))
        return found

    def _few(self, run: Run, parts: list[Run | Item]) -> list[Run | Item]:
        """Divide what has too many parts into runs of about the same length, at narrow places; repeats stay whole."""
        if len(parts) <= MOST:
            return parts
        size = max(-(-len(parts) // (MOST // 2)), MOST // 2)
        fixed = {at + side for at, part in enumerate(parts) if isinstance(part, Run) and part.count for side in (0, 1)}
        bounds = [0]
        for end in sorted({*(fixed if run.kind != "repeat" else ()), len(parts)} - {0}):
            while end - bounds[-1] > size:
                bounds.append(self._narrow(parts, bounds[-1], size, end))
            if end < len(parts):
                bounds.append(end)
        found: list[Run | Item] = []
        for first, last in zip(bounds, [*bounds[1:], len(parts)], strict=True):
            start, stop = parts[first].start, parts[last - 1].stop
            if last - first == 1:
                found.append(parts[first])
            elif run.kind == "repeat":
                each = parts[first].stop - parts[first].start
                number = int(run.label.partition("–")[0]) + (start - run.start) // each
                label = f"{number}–{number + last - first - 1}"
                found.append(Run("", "repeat", label, start, stop, count=last - first))
            else:
                found.append(Run("", "run", f"{start + 1}–{stop}", start, stop))
        return found

    def _narrow(self, parts: Sequence[Run | Item], begin: int, size: int, end: int) -> int:
        """Return where to end a run that begins at a part: near `size` parts later, where few links pass."""
        if self.crossing is None:
            return begin + size
        around = range(begin + size - size // 3, min(begin + size + size // 3, end - 1) + 1)
        return min(around, key=lambda at: (self.crossing[parts[at].start], abs(at - begin - size)))  # type: ignore[index]


def repeats(symbols: np.ndarray) -> list[tuple[int, int, int]]:
    """Find steps that repeat: where they start, how long one is, how many there are; in order, without overlap.

    The repeat that saves most is taken first, then what lies before it and behind it is searched.

    >>> repeats(np.array([7, 1, 2, 1, 2, 1, 2, 1, 2, 9]))
    [(1, 2, 4)]
    """
    found: list[tuple[int, int, int]] = []
    pending = [(0, len(symbols))]
    while pending and len(found) < FOUND:
        start, stop = pending.pop()
        best = longest_repeat(symbols[start:stop])
        if best is not None:
            at, period, count = best
            found.append((start + at, period, count))
            pending += [(start, start + at), (start + at + period * count, stop)]
    return sorted(found)


def longest_repeat(symbols: np.ndarray) -> tuple[int, int, int] | None:
    """Find the repeat that saves most operations; None if none saves any worth it."""
    size = len(symbols)
    best, least = None, max(COPIES - 1, size // 50)
    for period in periods(symbols):
        if period * (COPIES - 1) > size:
            continue
        equal = symbols[period:] == symbols[:-period]
        if np.count_nonzero(equal) <= least:
            continue
        breaks = np.concatenate(([-1], np.flatnonzero(~equal), [len(equal)]))
        lengths = np.diff(breaks) - 1
        at = int(lengths.argmax())
        count = int(lengths[at]) // period + 1
        saved = (count - 1) * period
        if count >= COPIES and saved > least:
            best, least = (int(breaks[at]) + 1, period, count), saved
    return best


def periods(symbols: np.ndarray) -> Iterable[int]:
    """Propose lengths of a step: all short ones, then the distances at which rare operations recur."""
    size = len(symbols)
    short = range(1, min(size // (COPIES - 1), PERIODS) + 1)
    if size <= PERIODS * (COPIES - 1):
        return short
    values, counts = np.unique(symbols, return_counts=True)
    rare = values[np.argsort(counts)][:16]
    distances = Counter(int(d) for value in rare for d in np.diff(np.flatnonzero(symbols == value)))
    return [*short, *(distance for distance, _ in distances.most_common(16) if distance > PERIODS)]


def calls_of(uses: Iterable[Sequence[tuple[int, str]]], kinds: Mapping[str, str]) -> list[Call]:
    """Work out which calls of modules there were from the parameters that each operation used.

    This serves pictures of live tensors: nobody noted when a module was entered, and operations carry nothing on their
    account. What lies between two operations of a module belongs to it; where a parameter is used once more, a new call
    begins. A tape, which notes every call, knows better: a module without parameters is found by it alone.

    Args:
        uses: for each operation in order, the parameters that it used: a number and the path of the owner.
        kinds: path -> name of the class, of all modules.

    >>> calls_of([[(1, "net.0")], [], [(2, "net.2")], []], {"net": "Sequential", "net.0": "Linear", "net.2": "Linear"})
    [Call(path='net', kind='Sequential', start=0, stop=3), Call(path='net.0', kind='Linear', start=0, stop=1), \
Call(path='net.2', kind='Linear', start=2, stop=3)]
    """
    done: list[Call] = []
    stack: list[tuple[str, int, set[int]]] = []  # path, start, parameters that were used
    last = 0

    def close(depth: int) -> None:
        while len(stack) > depth:
            path, start, _ = stack.pop()
            done.append(Call(path, kinds[path], start, last))

    for at, used in enumerate(uses):
        if not used:
            continue
        path = max((owner for _, owner in used), key=lambda owner: (owner.count("."), owner))
        chain = [outer for outer in prefixes(path) if outer in kinds]
        again = {number for number, _ in used}
        if stack and stack[-1][0] == path:
            if not again.isdisjoint(stack[-1][2]):
                close(len(stack) - 1)
        else:
            seen = next((depth for depth, (_, _, before) in enumerate(stack) if not again.isdisjoint(before)), None)
            same = sum(1 for (open_path, _, _), outer in zip(stack, chain, strict=False) if open_path == outer)
            close(same if seen is None else min(same, seen))
        stack += [(outer, at, set()) for outer in chain[len(stack) :]]
        for _, _, before in stack:
            before.update(again)
        last = at + 1
    close(0)
    return in_order(done)


def prefixes(path: str) -> Iterator[str]:
    """Yield a path and those around it, the outermost first.

    >>> list(prefixes("net.0.weight"))
    ['net', 'net.0', 'net.0.weight']
    """
    parts = path.split(".")
    yield from (".".join(parts[:count]) for count in range(1, len(parts) + 1))
