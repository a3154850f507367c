"""Large pictures and long films, folded: a box stands for a run of operations and for what only they use.

`Folding` divides the operations of a film into nested runs (see `runs`) once; `folded` then draws the film with some of
them open. Everything outside of the boxes keeps its id, its links and its frames, so opening all boxes gives the film
back. Links into and out of a box are counted; the frames inside become one; the ledger loses no line.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np

from autovis.language import say
from autovis.viz.reels import Cut
from autovis.viz.runs import Call, Run, Runs
from autovis.viz.scene import Element, Film, Graph, Link, Region

__all__ = ["LARGE", "Fold", "Folded", "Folding"]

LARGE: Final = 60
"""Elements beyond which a picture opens folded."""

Fold = bool | int | str | None
"""What can be asked for: False for nothing folded, True or 0 for everything, a number of levels to open, `modules` for
modules only; None folds what is larger than `LARGE`."""


class Folded(NamedTuple):
    """A film with some runs open.

    Attributes:
        film: what is drawn.
        opened: ids of the runs that are open.
        ends: for each frame, the number of the last frame of the whole film that it stands for.
    """

    film: Film
    opened: frozenset[str]
    ends: tuple[int, ...]


class Folding:
    """A film, or a picture (a film without frames), whose operations are divided into runs.

    Args:
        film: unfolded.
    """

    def __init__(self, film: Film) -> None:
        self.film = film
        graph = film.graph
        self.elements = {element.id: element for element in graph.elements}
        self.operations = [element.id for element in graph.elements if element.id[0] in "oc"]
        self.order = {id: at for at, id in enumerate(self.operations)}
        self.touching: dict[str, list[int]] = defaultdict(list)
        self.makers: dict[str, int] = {}
        self.owners: dict[str, str] = {}  # of accumulators
        for link in graph.links:
            if link.role == "store":
                self.owners[link.source] = link.target
            if link.source in self.order:
                self.makers[link.target] = self.order[link.source]
                self.touching[link.target].append(self.order[link.source])
            elif link.target in self.order:
                self.touching[link.source].append(self.order[link.target])
        self.drums = {leaf: drum for drum, leaf in self.owners.items()}
        self.touched: list[list[str]] = [[] for _ in self.operations]
        for id, users in self.touching.items():
            for place in users:
                self.touched[place].append(id)
        self.runs = Runs(self._signs(), tuple(self._calls()), self._crossing())

    def _signs(self) -> np.ndarray:
        """Number the operations by what they are: label, inputs and outputs."""
        inputs = Counter(link.target for link in self.film.graph.links)
        outputs = Counter(link.source for link in self.film.graph.links)
        known: dict[tuple[str, int, int], int] = {}
        keys = ((self.elements[id].label, inputs[id], outputs[id]) for id in self.operations)
        return np.array([known.setdefault(key, len(known)) for key in keys], np.int64)

    def _calls(self) -> Iterator[Call]:
        for region in self.film.graph.calls:
            places = [self.order[id] for id in region.members if id in self.order]
            if places:
                yield Call(region.label, region.about, min(places), max(places) + 1)

    def _crossing(self) -> np.ndarray:
        """Count the values that are made before each operation and used from there on."""
        crossing = np.zeros(len(self.operations) + 1, np.int64)
        for id, made in self.makers.items():
            last = max(self.touching[id])
            crossing[made + 1] += 1
            crossing[last + 1 if last + 1 < len(crossing) else last] -= 1
        return crossing.cumsum()

    # ------------------------------------------------------------------------------------------------ what is open

    def chosen(self, fold: Fold = None) -> frozenset[str]:
        """Return the runs that are open at first.

        Raises:
            ValueError: if it is no way to fold.
        """
        if fold is None and len(self.elements) > LARGE:
            fits = fitting(self.runs, lambda opened: len(set(self.places(opened).values())))
            return fits.union(self._failing())
        return ways(self.runs, False if fold is None else fold)

    def _failing(self) -> Iterable[str]:
        """List the runs around what failed: an error is never folded away."""
        failed = {element.id for element in self.film.graph.elements if element.role == "error"}
        for frame in self.film.frames:
            failed |= {id for id, change in frame.changes.items() if change.get("role") == "error"}
        for place in (self.order[id] for id in failed if id in self.order):
            yield from (run.id for run in self.runs.around(place))

    # ------------------------------------------------------------------------------------------------- what is where

    def places(self, opened: Collection[str]) -> dict[str, str]:
        """Say for each element what stands for it: itself, or the box of a closed run."""
        closed: list[Run | None] = [None] * len(self.operations)
        for part in self.runs.shown(frozenset(opened)):
            if isinstance(part, Run):
                closed[part.start : part.stop] = [part] * (part.stop - part.start)
        found = {id: run.id if (run := closed[at]) is not None else id for id, at in self.order.items()}
        for id, element in self.elements.items():
            if id not in self.order:
                users = self.touching.get(id, ())
                run = closed[users[0]] if users else None
                found[id] = run.id if run is not None and self.belongs(element, run) else id
        return found | {drum: drum if found[leaf] == leaf else found[leaf] for drum, leaf in self.owners.items()}

    def belongs(self, element: Element, run: Run) -> bool:
        """Whether a value is inside of a run: nothing else touches it, and the user would not look for it outside."""
        users = self.touching.get(element.id, ())
        if not users or min(users) < run.start or max(users) >= run.stop:
            return False
        made = self.makers.get(element.id)
        if made is None and element.role in ("leaf", "const") and run.kind == "module" and is_name(element.label):
            return False
        is_result = made is not None and len(users) == 1
        return not (is_result and made + 1 in (len(self.operations), run.stop if run.kind == "module" else -1))  # type: ignore[operator]

    # ---------------------------------------------------------------------------------------------------- folding

    def folded(self, opened: Collection[str]) -> Folded:
        """Draw the film with some runs open."""
        opened = frozenset(opened)
        places = self.places(opened)
        boxes = {part.id: part for part in self.runs.shown(opened) if isinstance(part, Run)}
        merged = self._merged(places, boxes)
        graph = Graph(
            tuple(self._shown(places, boxes)),
            tuple(merged[0]),
            tuple(self._frames(places, boxes, opened)),
            self.film.graph.title,
            self.film.graph.calls,
        )
        if not self.film.frames:
            return Folded(replace(self.film, graph=graph), opened, ())
        frames, ends = Cut(self.film, places, merged[1], boxes).frames()
        return Folded(replace(self.film, graph=graph, frames=frames), opened, ends)

    def _shown(self, places: dict[str, str], boxes: dict[str, Run]) -> Iterator[Element]:
        """List the elements, a box where the first of its elements stood."""
        members: dict[str, list[Element]] = defaultdict(list)
        for id, place in places.items():
            if place in boxes:
                members[place].append(self.elements[id])
        told: set[str] = set()
        for id, element in self.elements.items():
            place = places[id]
            if place not in boxes:
                yield element
            elif place not in told:
                told.add(place)
                yield box(boxes[place], members[place])

    def _merged(self, places: dict[str, str], boxes: dict[str, Run]) -> tuple[list[Link], dict[str, str]]:
        """Lead links to the boxes; parallel ones become one with a count. Return them, and by id what each became."""
        links: dict[str, Link] = {}
        firsts: dict[tuple[str, str, str], str] = {}
        became: dict[str, str] = {}
        for link in self.film.graph.links:
            source, target = places[link.source], places[link.target]
            made = self.makers.get(link.source)
            if source == target or (made is not None and places[self.operations[made]] == target):  # inside of a box
                became[link.id] = ""
                continue
            key = (source, target, link.role)
            first = firsts.setdefault(key, link.id) if boxes.keys() & {source, target} else link.id
            became[link.id] = first
            if first in links:
                before = links[first]
                links[first] = replace(before, count=before.count + 1, ghost=before.ghost and link.ghost)
            else:
                links[first] = replace(link, source=source, target=target)
        return list(links.values()), became

    def _frames(self, places: dict[str, str], boxes: dict[str, Run], opened: Collection[str]) -> Iterator[Region]:
        """Put frames round open runs; those that were there stay, as far as their members do."""
        kept = []
        for region in self.film.graph.regions:
            members = tuple(dict.fromkeys(id for id in region.members if places[id] == id))
            if members:
                kept.append(replace(region, members=members))
        yield from kept
        others = [frozenset(region.members) for region in kept]
        for run in self._open(opened):
            inside = frozenset(self._inside(run, places))
            if len(inside) > 1 and all(inside <= other or other <= inside or not inside & other for other in others):
                order = [id for id in (*self.elements, *boxes) if id in inside]
                yield Region(run.id, "module", title(run), tuple(order), run.about)

    def _open(self, opened: Collection[str]) -> list[Run]:
        """List the runs that are seen open; where they are very many, only the modules have frames."""
        pending, found = [self.runs.root], []
        for run in pending:  # grows while it is read
            inner = [part for part in self.runs.parts(run) if isinstance(part, Run) and part.id in opened]
            pending += inner
            found += inner
        return found if len(found) <= LARGE else [run for run in found if run.kind == "module"]

    def _inside(self, run: Run, places: dict[str, str]) -> Iterator[str]:
        """List what is shown of a run that is open."""
        yield from (places[id] for id in self.operations[run.start : run.stop])
        touched = dict.fromkeys(id for place in range(run.start, run.stop) for id in self.touched[place])
        inside = [id for id in touched if self.belongs(self.elements[id], run)]
        yield from (places[id] for id in inside)
        yield from (places[self.drums[id]] for id in inside if id in self.drums)


def is_name(label: str) -> bool:
    """Whether the user named a value; numbers and shapes stand for those without a name.

    >>> is_name("x"), is_name("0.5"), is_name("all 1"), is_name("(4, 2)")
    (True, False, False, False)
    """
    return label[:1].isidentifier() and not label.startswith("all ")


def title(run: Run) -> str:
    """Return what stands on a box: the path of the module, or how many steps there are."""
    return {"module": run.label, "repeat": f"× {run.count}"}.get(run.kind) or say("fold", run.kind, number=run.label)


def box(run: Run, members: Collection[Element]) -> Element:
    """Make the box that stands for a run and for some elements."""
    operations = sum(element.id[0] in "oc" for element in members)
    roles = Counter(element.role for element in members)
    grads = gradients([element.grad for element in members if element.grad])
    drawn = holding(run, operations, roles["param"] + roles["leaf"], grads, frozen=roles["frozen"])
    return replace(drawn, ghost=all(element.ghost for element in members))


def holding(run: Run, operations: int, learning: int, grad: str, frozen: int = 0) -> Element:
    """Make a box that says what it holds; one whose parameters are all frozen looks frozen."""
    parameters = f" · {learning + frozen} param" if learning + frozen else ""
    holds = f"{operations} op{parameters}" + (f" · {frozen} frozen" if frozen and learning else "")
    return Element(
        run.id,
        "fold" if learning or not frozen else "frozen-fold",
        title(run),
        value=holds,
        shape={"module": run.about, "repeat": run.label}.get(run.kind, ""),
        grad=grad,
        about=say("fold", "about", name=title(run), holds=holds),
        module=run.label if run.kind == "module" else "",
    )


def fitting(runs: Runs, count: Callable[[frozenset[str]], int]) -> frozenset[str]:
    """Open level after level of runs while a picture stays small; equal steps stay together.

    Args:
        runs: of the picture.
        count: how many elements are seen when some runs are open.
    """
    opened: frozenset[str] = frozenset()
    for depth in range(1, 20):
        more = frozenset(runs.level(depth, but="repeat"))
        if more == opened or len(more) > LARGE or count(more) > LARGE:
            break
        opened = more
    return opened


def ways(runs: Runs, fold: Fold) -> frozenset[str]:
    """Return the runs that are open when somebody asks for a way to fold.

    Raises:
        ValueError: if there is none of that name.
    """
    if fold is False:
        return frozenset(run.id for run in runs.everything())
    if fold == "modules":
        return frozenset(run.id for run in runs.everything() if run.kind != "module")
    if isinstance(fold, int) and fold >= 0:
        return frozenset(runs.level(0 if fold is True else fold))
    raise ValueError(f'There is no way to fold called {fold!r}: choose False, True, "modules" or a number of levels.')


def gradients(texts: Collection[str]) -> str:
    """Say how many of the leaves in a box hold a gradient.

    >>> gradients(["None", "None"]), gradients(["None", "2"]), gradients(["1", "2"]), gradients([])
    ('None', '1 of 2', '2 of 2', '')
    """
    held = sum(text != "None" for text in texts)
    return "" if not texts else f"{held} of {len(texts)}" if held else "None"
