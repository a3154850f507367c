"""The film of an order: a walk through a graph, with every sum where it is and every mistake where it is made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from autovis.language import say
from autovis.viz.captions import LIMIT
from autovis.viz.numerals import text_of
from autovis.viz.orders import RULES, Arrival, Firing, Walk, paths_to_each, walk
from autovis.viz.scene import Change, Element, Film, Frame, Graph
from autovis.viz.snapshot import Sketch

__all__ = ["Outcome", "lab"]

SHOWN: Final = ("leaf", "param", "mid", "kept")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one order came to.

    Attributes:
        rule: its name, key of `RULES`.
        film: of its steps.
        visits: how many nodes it visits, also where the film was stopped.
        whole: whether the film goes to the end.
        grads: by name of the variable, what is there in the end, as text.
    """

    rule: str
    film: Film
    visits: int
    whole: bool
    grads: Mapping[str, str]


def lab(y: Any, drawn: Sketch) -> dict[str, Outcome]:
    """Film every order on the graph of a result.

    Args:
        y: the result.
        drawn: its picture, and where its nodes are in it.

    Returns:
        By name of the rule; the right order comes first.
    """
    graph = replace(drawn.graph, elements=tuple(map(opened, drawn.graph.elements)))
    truth = walk(y, RULES["topological"], most=len(graph.elements) + 1)
    paths = sum(paths_to_each(y).values())
    outcomes = {}
    for name, rule in RULES.items():
        told = truth if name == "topological" else walk(y, rule)
        visits = paths if rule.fires == "each" else truth.visits
        camera = Camera(graph, drawn.find, truth, name)
        grads = {camera.name(node): text(held) for node, held in told.sums.items()}
        outcomes[name] = Outcome(name, camera.film(told), visits, told.whole, grads)
    return outcomes


def opened(element: Element) -> Element:
    """Let a value show its gradient: in the lab every one is kept, and none is there yet."""
    role = "kept" if element.role == "mid" else element.role
    return replace(element, role=role, grad="None") if element.role in SHOWN else element


class Camera:
    """Makes the frames of one walk.

    Args:
        graph: what is drawn.
        find: returns the id of a node's element.
        truth: the walk in the right order.
        rule: name of the order.
    """

    def __init__(self, graph: Graph, find: Callable[[Any], str], truth: Walk, rule: str) -> None:
        self.graph = graph
        self.find = find
        self.truth = truth
        self.rule = rule
        self.labels = {element.id: element.label for element in graph.elements}
        self.made = {link.source: link.target for link in graph.links if link.role == "data"}
        self.links = {(link.target, link.slot): link.id for link in graph.links if link.role == "data"}
        self.out = {link.source: link.id for link in graph.links if link.source[:1] == "o"}
        self.tokens: dict[str, Change] = {}

    def value(self, node: Any) -> str:
        """Return the id of the value whose gradient a node holds."""
        place = self.find(node)
        return f"t{place[1:]}" if place[:1] == "g" else self.made.get(place, place)

    def name(self, node: Any) -> str:
        """Return what that value is called."""
        return self.labels.get(self.value(node), "")

    def film(self, told: Walk) -> Film:
        """Make the film of a walk."""
        frames = [Frame("start", text=self._say("start", order=say("order", self.rule)))]
        frames += (self._arrival(step) if isinstance(step, Arrival) else self._firing(step) for step in told.steps)
        return Film(self.graph, (*frames, self._end(told)))

    def _say(self, key: str, **args: object) -> str:
        sentence = say("order", key, **args)
        return sentence if len(sentence) <= LIMIT else sentence[: LIMIT - 1].rstrip() + "…"

    def _arrival(self, step: Arrival) -> Frame:
        place, name = self.value(step.node), self.name(step.node)
        rule, part, after = RULES[self.rule], text(step.part), text(step.after)
        numbers: dict[str, object] = {"name": name, "part": part, "after": after}
        total = part if step.before is None else f"{text(step.before)} + {part} = {after}"
        numbers |= {"sum": total, "before": text(step.before), "due": step.of - step.came}
        key = "arrive"
        if step.sender is None:
            key = "seed"
        elif step.late:
            key = "late"
        elif step.before is not None and not rule.adds:
            key = "lost"
        elif rule.fires == "complete" and step.of > 1:
            key = "waits" if step.came < step.of else "complete"
        elif step.before is not None:
            key = "adds"
        wrong = key in ("late", "lost")
        changes: dict[str, Change] = {place: {"grad": after} | ({"tray": total} if step.of > 1 else {})}
        links = () if step.sender is None else (self.links.get((self.find(step.sender), step.slot), ""),)
        return self._frame("error" if wrong else "fan_in", key, numbers, place, links, changes)

    def _firing(self, step: Firing) -> Frame:
        place = self.find(step.node)
        changes: dict[str, Change] = {id: {"token": ""} for id in self.tokens}
        sends = []
        for slot, (sent, source) in enumerate(zip(step.sent, sources_of(step.node), strict=False)):
            link = self.links.get((place, slot))
            if sent is not None and source is not None and link:
                changes[link] = {"token": text(sent)}
                sends.append(say("order", "to", part=text(sent), name=self.name(source)))
        if place in self.out:
            changes[self.out[place]] = {"token": text(step.arrives)}
        self.tokens = {id: change for id, change in changes.items() if change["token"]}
        twice = step.again and RULES[self.rule] == RULES["again"]
        key = "early_missing" if step.missing and RULES[self.rule].sends == "sum" else "twice" if twice else "fire"
        numbers = {
            "visit": step.visit,
            "name": self.name(step.node),
            "arrives": text(step.arrives),
            "sends": say("order", "join").join(sends) or say("order", "nobody"),
            "missing": step.missing,
        }
        return self._frame("error" if key != "fire" else "send", key, numbers, place, tuple(self.tokens), changes)

    def _end(self, told: Walk) -> Frame:
        wrong = dict(self._wrong(told)) if told.whole else {}
        listed = say("order", "join").join(f"{name} {is_text}" for name, is_text in wrong.values())
        key = "stopped" if not told.whole else "end_wrong" if wrong else "end_right"
        changes: dict[str, Change] = {id: {"grad": is_text} for id, (_, is_text) in wrong.items()}
        numbers = {"visits": told.visits, "wrong": listed}
        return self._frame("error" if wrong else "end", key, numbers, "", (), changes)

    def _wrong(self, told: Walk) -> Iterator[tuple[str, tuple[str, str]]]:
        """Go through the values whose gradient is not what it should be: id, name, what it is and should be."""
        for node, true in self.truth.sums.items():
            found, wanted = text(told.sums.get(node)), text(true)
            if found != wanted:
                yield self.value(node), (self.name(node), say("order", "instead", found=found, wanted=wanted))

    def _frame(
        self,
        kind: str,
        key: str,
        numbers: Mapping[str, object],
        node: str,
        links: tuple[str, ...],
        changes: Mapping[str, Change],
    ) -> Frame:
        args = {name: str(number) for name, number in numbers.items()}
        shown = tuple(link for link in links if link)
        return Frame(kind, 1, key, args, self._say(key, **args), node, shown, changes=changes)


def sources_of(node: Any) -> list[Any]:
    """List the nodes that a node sends gradients to, slot by slot; None where none goes."""
    return [source for source, _ in node.next_functions]


def text(gradient: Any) -> str:
    """Write a gradient of ours or of PyTorch's."""
    if gradient is None:
        return "None"
    return text_of(gradient.numbers if hasattr(gradient, "numbers") else np.asarray(gradient.detach().cpu()))
