"""Pictures of live graphs with thousands of operations: what is folded is counted, and never told.

To describe an operation (its value, its name, what it saved) takes a hundred times as long as to walk past it. So the
nodes are numbered by their kind first, divided into runs (see `runs`), and only those outside of the closed runs are
told to a `Story`; boxes and their links are then added to its picture.
"""

from __future__ import annotations

import weakref
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, Final, NamedTuple

import numpy as np

from autovis.graph import AccumulateGrad, Node, ancestors
from autovis.past import Teller, key_of, node_of, value_of
from autovis.viz.fold import LARGE, Fold, Folded, fitting, gradients, holding, ways
from autovis.viz.runs import Run, Runs, calls_of
from autovis.viz.scene import Element, Film, Graph, Link
from autovis.viz.snapshot import bring_up_to_date, found_alive, mark_states
from autovis.viz.story import Story

__all__ = ["VAST", "Naming", "Vast"]

VAST: Final = 1500
"""Operations beyond which a picture is made without telling those that are folded."""


class Naming(NamedTuple):
    """What the user calls tensors and modules: the arguments of `snapshot.sketch`.

    Attributes:
        names, makers: see `Story`.
        live: returns the tensors that variables lead to.
        owners: the path of the module by key of its parameter, and the class of modules by path.
    """

    names: Mapping[int, str]
    makers: Mapping[tuple[int, int], str]
    live: Callable[[], Iterable[Any]]
    owners: tuple[Mapping[int, str], Mapping[str, str]]


@dataclass(slots=True)
class Ends:
    """What joins the boxes of one picture to each other and to the rest.

    Attributes:
        crossing: (operation or leaf, box) -> how many links lead from the one into the other.
        leaves: leaf -> the boxes that read it; -1 stands for operations that are seen.
        uses: how many times an operation's or a leaf's value is read.
    """

    crossing: Counter[tuple[Node, int]]
    leaves: dict[Node, set[int]]
    uses: Counter[Node]


class Vast:
    """A live graph whose operations are divided into runs; it has what `Folding` has.

    It keeps no tensor alive: when the results are gone, boxes stay as they are.

    Args:
        roots: the results.
        naming: what things are called.
        title: of the picture; the names of the results unless given.
        kept: what has to live as long as this: what stands for tensors of PyTorch's.
    """

    def __init__(self, roots: Collection[Any], naming: Naming, title: str = "", kept: object = None) -> None:
        self.kept = kept
        self.roots = [weakref.ref(root) for root in roots]
        self.naming, self.title = naming, title
        nodes = self.operations(roots)
        known: dict[tuple[type, int], int] = {}
        kinds = [known.setdefault((type(node), len(node.edges)), len(known)) for node in nodes]
        self.runs = Runs(np.array(kinds, np.int32), calls_of(self._uses(nodes), naming.owners[1]))
        self._last: Folded | None = None

    def operations(self, roots: Iterable[Any]) -> list[Node]:
        """List the operations behind results, oldest first."""
        behind = ancestors([node for node in map(node_of, roots) if node is not None])
        return sorted((node for node in behind if not isinstance(node, AccumulateGrad)), key=lambda node: node.number)

    def _uses(self, nodes: Iterable[Node]) -> Iterator[list[tuple[int, str]]]:
        """List for each operation the parameters that it uses, and whose they are."""
        paths = self.naming.owners[0]
        for node in nodes if paths else ():
            keys = (key_of(edge.variable) for edge in node.edges if isinstance(edge, AccumulateGrad))
            yield [(key, paths[key]) for key in keys if key in paths]

    @property
    def film(self) -> Film:
        """The picture as it was drawn last; one of everything would take minutes, and nobody could read it."""
        return (self._last or self.folded(self.chosen())).film

    def chosen(self, fold: Fold = None) -> frozenset[str]:
        """Return the runs that are open at first; see `Folding.chosen`."""
        if fold is None:
            return fitting(self.runs, self._seen)
        return ways(self.runs, fold)

    def _seen(self, opened: frozenset[str]) -> int:
        """Say about how many elements are seen when some runs are open."""
        count = 0
        for part in self.runs.shown(opened):
            count += 1 if isinstance(part, Run) else 3
            if count > LARGE:
                break
        return count

    def folded(self, opened: Collection[str]) -> Folded:
        """Draw the graph with some runs open."""
        roots = [root for reference in self.roots if (root := reference()) is not None]
        if len(roots) < len(self.roots) and self._last is not None:
            return self._last
        nodes = self.operations(roots)
        graph = Picture(self, nodes, roots, frozenset(opened)).graph()
        self._last = Folded(Film(graph, ()), frozenset(opened), ())
        return self._last


class Picture:
    """One picture of a vast graph, while it is made."""

    def __init__(self, vast: Vast, nodes: list[Node], roots: list[Any], opened: frozenset[str]) -> None:
        self.vast, self.nodes, self.roots, self.opened = vast, nodes, roots, opened
        self.parts = list(vast.runs.shown(opened))
        self.boxes = {at: part for at, part in enumerate(self.parts) if isinstance(part, Run)}
        lengths = [part.stop - part.start if isinstance(part, Run) else 1 for part in self.parts]
        shown = np.array([isinstance(part, Run) for part in self.parts])
        self.place = np.repeat(np.where(shown, np.arange(len(lengths)), -1), lengths).tolist()  # -1: it is seen
        self.index = {node: at for at, node in enumerate(nodes)}
        self.story = Story(vast.naming.names, vast.naming.makers)

    def graph(self) -> Graph:
        """Tell what is seen, then add the boxes."""
        ends = self._ends()
        seen = [node for node, place in zip(self.nodes, self.place, strict=True) if place < 0]
        teller, story = Teller(), self.story
        teller.told.update((node.number, 0) for node in self.nodes)
        for node in seen:
            del teller.told[node.number]
            for event in teller.node(node):
                story.tell(event)
        for event in teller.tensors(root for root in self.roots if node_of(root) is None):
            story.tell(event)
        shared = [leaf for leaf, users in ends.leaves.items() if len(users) > 1 and isinstance(leaf, AccumulateGrad)]
        if len(shared) <= LARGE // 2:  # a network that is called a thousand times is read by all boxes
            story.read += [story.thing(value_of(leaf.variable)).ref for leaf in shared]
        read = (story.made(node.number) for node, _ in ends.crossing if not self._box(node))
        story.read += [ref for ref in dict.fromkeys(read) if ref in story.things]  # gradients come to them from a box
        story.roots += [story.thing(value_of(root)).ref for root in self.roots]
        for tensor in chain(self.roots, self.vast.naming.live(), found_alive((*seen, *ends.leaves))):
            bring_up_to_date(story, tensor)
        mark_states(story, seen)
        drawn = story.graph(self.vast.title)
        counted = (replace(element, senders=self._senders(element, ends)) for element in drawn.elements)
        title = self.vast.title or ", ".join(map(story.name, story.roots))
        links = (*drawn.links, *self._links(ends, len(drawn.links)))
        return Graph((*counted, *self._boxes(ends)), links, drawn.regions, title)

    def _ends(self) -> Ends:
        """Walk past all operations, and count what leads into boxes and out of them."""
        crossing: Counter[tuple[Node, int]] = Counter()
        leaves: dict[Node, set[int]] = {}
        uses: Counter[Node] = Counter()
        index, place = self.index, self.place
        for node, mine in zip(self.nodes, place, strict=True):
            for edge in node.edges:
                if edge is None:
                    continue
                uses[edge] += 1
                at = index.get(edge)
                if at is None:
                    leaves.setdefault(edge, set()).add(mine)
                if mine >= 0 and (at is None or place[at] != mine):
                    crossing[edge, mine] += 1
        return Ends(crossing, leaves, uses)

    def _id(self, node: Node) -> str:
        """Return the id of the value that a node made, or of its leaf; empty if it is not seen."""
        leaf = node.variable if isinstance(node, AccumulateGrad) else None
        ref = self.story.made(node.number) if leaf is None else ("tensor", key_of(leaf), 0)
        thing = self.story.things.get(ref)
        return thing.id if thing is not None else ""

    def _senders(self, element: Element, ends: Ends) -> int:
        """Count how many gradients arrive at a value, those of folded operations included."""
        if not element.senders:
            return 0
        if not hasattr(self, "_counts"):
            self._counts = {self._id(node): count for node, count in ends.uses.items() if self._id(node)}
        return max(element.senders, self._counts.get(element.id, 0))

    def _boxes(self, ends: Ends) -> Iterator[Element]:
        inside: dict[int, list[Any]] = {}
        for leaf, users in ends.leaves.items():
            if not self._id(leaf) and isinstance(leaf, AccumulateGrad):
                inside.setdefault(min(users), []).append(leaf.variable)
        for at, run in self.boxes.items():
            leaves = inside.get(at, [])
            grads = gradients(["None" if leaf._grad is None else "…" for leaf in leaves])
            yield holding(run, run.stop - run.start, len(leaves), grads)

    def _links(self, ends: Ends, number: int) -> Iterator[Link]:
        """Join boxes to each other, and to the values that are seen."""
        found: Counter[tuple[str, str]] = Counter()
        for (node, box), count in ends.crossing.items():
            source = self._id(node) or self._box(node)
            if source:
                found[source, self.boxes[box].id] += count
        for ref, thing in self.story.things.items():
            maker = self._maker(ref[1]) if ref[0] == "made" and thing.id else None
            if maker is not None:
                found[self._box(maker), thing.id] += 1
        for at, ((source, target), count) in enumerate(found.items(), number + 1):
            yield Link(f"e{at}", source, target, count=count)

    def _box(self, node: Node) -> str:
        """Return the id of the box that an operation is in; empty for a leaf, and for one that is seen."""
        at = self.index.get(node)
        return "" if at is None or self.place[at] < 0 else self.boxes[self.place[at]].id

    def _maker(self, number: int) -> Node | None:
        """Return the folded operation of that number, if it is one."""
        if not hasattr(self, "_numbers"):
            self._numbers = {
                node.number: node for node, place in zip(self.nodes, self.place, strict=True) if place >= 0
            }
        return self._numbers.get(number)
