"""Where in a picture the way back ends: the operation at which a gradient stops that should have come to a value.

It reads the graph only, so it serves pictures of autovis and of PyTorch alike.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from itertools import chain

from autovis.viz.reasons import say
from autovis.viz.scene import Element, Graph, Link

__all__ = ["Stop", "Ways", "explained", "marked"]

Stop = tuple[str, str]  # ids: the operation or cut at which history ends, and the value behind it

VALUES = frozenset({"leaf", "param", "frozen", "const", "mid", "kept"})
FLOW = frozenset({"data", "plain", "cut"})  # roles of links along which values go on
SILENT = {"frozen": "frozen", "const": "flag_off"}  # what asks for nothing, and why it has no gradient
ITSELF = {"cut": "cut_itself", "no_grad": "no_grad_itself", "no_derivative": "no_derivative_itself"}


class Ways:
    """The ways through a picture.

    Args:
        graph: the picture.

    Attributes:
        elements: by id.
        users: by id, the links that lead on from there.
        makers: by id of a value, what made it.
        switches: by id of what was not recorded, the switch: `no_grad` or `inference_mode`.
    """

    def __init__(self, graph: Graph) -> None:
        self.elements = {element.id: element for element in graph.elements}
        self.users: dict[str, list[Link]] = defaultdict(list)
        self.inputs: dict[str, list[Link]] = defaultdict(list)
        self.makers: dict[str, str] = {}
        for link in graph.links:
            if link.role in FLOW:
                self.users[link.source].append(link)
                self.inputs[link.target].append(link)
                self.makers[link.target] = link.source
        off = [region for region in graph.regions if region.role == "no_grad"]
        self.switches = {id: region.label for region in off for id in region.members}

    def stops(self, end: str = "") -> dict[str, Stop]:
        """Find for each element from which history leads nowhere the place where it ends.

        Args:
            end: id of the result to which history should lead; any result of the picture unless given.

        Returns:
            By id; what a recorded way leads out of is missing, and so is what nobody used.
        """
        found: dict[str, Stop] = {}
        free = {end} if end else {id for id, element in self.elements.items() if not (element.ghost or self.users[id])}
        for id in reversed(self._ordered()):
            ways = self.users[id]
            if any(link.role == "data" and link.target in free for link in ways):
                free.add(id)
                continue
            blocked = ((link.target, self._after(link.target)) for link in ways if link.role != "data")
            beyond = (found[link.target] for link in ways if link.role == "data" and link.target in found)
            stop = next(chain(blocked, beyond), None)
            if stop is not None:
                found[id] = stop
        return found

    def _after(self, id: str) -> str:
        """Return what an operation makes."""
        return next((link.target for link in self.users[id]), "")

    def _ordered(self) -> list[str]:
        """List ids so that inputs come before what uses them; accumulators are left out."""
        waiting = {id: len(self.inputs[id]) for id, element in self.elements.items() if element.role != "acc"}
        ready = [id for id, count in waiting.items() if not count]
        for id in ready:  # grows while it is read
            for link in self.users[id]:
                waiting[link.target] -= 1
                if not waiting[link.target]:
                    ready.append(link.target)
        return ready

    def kind(self, operation: str) -> str:
        """Say how an operation ends a history: `cut`, `no_grad`, `no_derivative`, or `flag_late` if it was recorded."""
        if self.elements[operation].role == "cut":
            return "cut"
        if operation in self.switches:
            return "no_grad"
        return "flag_late" if any(link.role == "data" for link in self.users[operation]) else "no_derivative"

    def made(self, value: str) -> tuple[str, str]:
        """Say how a value without history was made, as `kind` says it, and by what; empty if that is not known.

        What was computed from nothing that asks is `plain`.
        """
        maker = self.makers.get(value, "")
        if not maker:
            return "", ""
        kind = self.kind(maker)
        asks = any(self.elements[link.source].role not in SILENT for link in self.inputs[maker])
        return "plain" if kind == "no_derivative" and not asks else kind, maker


def explained(graph: Graph) -> Graph:
    """Say of each value without a gradient, in a sentence, why `.grad` is None."""
    ways = Ways(graph)
    ends = ways.stops()
    loss = graph.title or final(graph.elements)
    reached = "passed" if any(element.saved == "freed" for element in graph.elements) else "no_backward"

    def sentence(element: Element) -> str:
        if element.role not in VALUES or element.grad not in ("", "None"):
            return ""
        key, op, after = reached, "", ""
        if element.role in ("mid", *SILENT):
            kind, op = ways.made(element.id)
            key = "not_a_leaf" if element.role == "mid" else ITSELF.get(kind, SILENT[element.role])
        elif element.id in ends:
            op, after = ends[element.id]
            key = ways.kind(op)
        elif element.ghost:
            key = "ghost"
        labels = {"op": ways.elements[op].label if op else "…", "after": ways.elements[after].label if after else ""}
        return say(key, name=element.label, loss=loss, origin="", mode=ways.switches.get(op, ""), **labels)

    return replace(graph, elements=tuple(replace(element, why=sentence(element)) for element in graph.elements))


def final(elements: Iterable[Element]) -> str:
    """Name the last value of a picture."""
    return next((element.label for element in reversed(tuple(elements)) if element.role in VALUES), "")


def marked(graph: Graph, id: str) -> Graph:
    """Return the picture with the guilty element marked."""
    elements = (
        replace(element, marks=(*element.marks, "why")) if element.id == id else element for element in graph.elements
    )
    return replace(graph, elements=tuple(elements)) if id else graph
