"""Two films, or two pictures, in step: which frames tell the same, which elements are the same, where they differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import chain
from typing import Final

from autovis.language import say
from autovis.viz import render
from autovis.viz.measure import escape, width
from autovis.viz.reel import Reel
from autovis.viz.scene import Element, Film, Frame, Graph
from autovis.viz.theme import ROLES

__all__ = ["COMPARED", "GAP", "Pair"]

GAP: Final = -1
"""Stands for the frame that one of the two films does not have."""

COMPARED: Final[tuple[str, ...]] = ("role", "value", "grad", "saved", "version", "tray", "token")
"""What two elements, or two links, can differ in."""

LOWERED: Final = "₀₁₂₃₄₅₆₇₈₉"

MARGIN: Final = 28
"""Pixels above a picture that its name takes."""

PAGE: Final = 960
"""Pixels that a page is wide: what is narrower together stands side by side."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two films and what they share.

    Attributes:
        reels: the two, drawn.
        names: what they are called.
        steps: pairs of frame numbers that tell the same; `GAP` where one has no counterpart.
        same: pairs of ids of the same element or link.
    """

    reels: tuple[Reel, Reel]
    names: tuple[str, str]
    steps: tuple[tuple[int, int], ...]
    same: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, films: tuple[Film, Film], names: tuple[str, str]) -> Pair:
        """Lay both out, and find what they share."""
        labels = [{element.label for element in film.graph.elements} for film in films]
        first, second = identities(films[0].graph, labels[1]), identities(films[1].graph, labels[0])
        other = {key: id for id, key in second.items()}
        same = tuple((id, other[key]) for id, key in first.items() if key in other)
        told = [
            [telling(frame, identity) for frame in film.frames]
            for film, identity in zip(films, (first, second), strict=True)
        ]
        reels = (Reel.of(films[0], names[0]), Reel.of(films[1], names[1]))
        return cls(reels, names, tuple(aligned(*told)), same)

    @property
    def outline(self) -> str:
        """Say in plain text where the two differ: at the end, and step by step."""
        a, b = self.names
        gaps = [sum(step[side] == GAP for step in self.steps) for side in (1, 0)]
        lines = [say("compare", "pair", a=a, b=b)]
        if self.steps:
            counts = {"count": len(self.steps), "first": gaps[0], "second": gaps[1], "a": a, "b": b}
            lines.append(say("compare", "pair_steps", **counts))
        lines += list(self.differences()) or [say("compare", "alike")]
        return "\n".join(lines)

    def differences(self) -> Iterator[str]:
        """Yield a line for every text that differs when all is over, and for what only one of the two has."""
        states = [written(reel.film) for reel in self.reels]
        for ids in self.same:
            (what, first), (_, second) = (state[id] for state, id in zip(states, ids, strict=True))
            for part in COMPARED:
                a, b = (str(texts.get(part) or "-") for texts in (first, second))
                if a != b:
                    yield say("compare", "pair_differs", what=what, part=say("player", f"inspect_{part}"), a=a, b=b)
        for side, name in enumerate(self.names):
            paired = {ids[side] for ids in self.same}
            alone = (element for element in self.reels[side].film.graph.elements if element.id not in paired)
            yield from (say("compare", "pair_alone", name=name, what=called(element)) for element in alone)

    def png(self, *, scale: float = 2, theme: str = "light") -> bytes:
        """Paint both as they are when all is over."""
        return render.png(self.end(theme), scale)

    def end(self, theme: str = "css") -> str:
        """Draw both as they are when all is over: side by side where a page has room, else one below the other."""
        sizes = [
            (max(reel.placement.width, width(name, "label") + 20), reel.placement.height + MARGIN)
            for reel, name in zip(self.reels, self.names, strict=True)
        ]
        (first, higher), (second, lower) = sizes
        beside = first + second <= PAGE
        places = ((0.0, 0.0), (first, 0.0) if beside else (0.0, higher))
        wide, high = (first + second, max(higher, lower)) if beside else (max(first, second), higher + lower)
        parts = []
        for name, reel, (left, top) in zip(self.names, self.reels, places, strict=True):
            parts.append(f'<text x="{left + 10:g}" y="{top + 20:g}" style="font-weight: bold">{escape(name)}</text>')
            parts.append(reel.end(theme).replace("<svg ", f'<svg x="{left:g}" y="{top + MARGIN:g}" ', 1))
        frame = f'viewBox="0 0 {wide:g} {high:g}" width="{wide:g}" height="{high:g}"'
        title = escape(" / ".join(self.names))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="autovis-picture" role="img" {frame}>'
            f'<title>{title}</title><rect class="card" width="{wide:g}" height="{high:g}"/>{"".join(parts)}</svg>'
        )


def called(element: Element) -> str:
    """Name an element in a list."""
    word = ROLES[element.role].word
    return word if word == element.label else f"{word} {element.label}".strip()


def written(film: Film) -> dict[str, tuple[str, Mapping[str, object]]]:
    """Return the name of every element and link, and what is written on it when the film is over."""
    graph, now = film.graph, film.last()
    labels = {element.id: element.label for element in graph.elements}
    drawn: dict[str, tuple[str, Mapping[str, object]]] = {}
    for element in graph.elements:
        texts = {part: getattr(element, part) for part in COMPARED if part in Element.__slots__}
        drawn[element.id] = called(element), {**texts, **now.get(element.id, {})}
    for link in graph.links:
        goal = f"{labels[link.target]}.grad" if link.role == "store" else labels[link.source]
        drawn[link.id] = say("compare", "compare_link", name=goal), now.get(link.id, {})
    return drawn


def identities(graph: Graph, others: Collection[str] = ()) -> dict[str, Hashable]:
    """Say what each element and link is, whatever its id: a value by its name, an operation by what it makes.

    The second of two values of one name is another one than the first; a result whose name the other graph does not
    know is only that, a result.

    Args:
        graph: whose elements are looked at.
        others: the labels of the other graph.
    """
    keys: dict[str, Hashable] = {}
    count: Counter[Hashable] = Counter()
    used = {link.source for link in graph.links if link.role not in ("store", "shares")}

    def name(id: str, key: Hashable) -> None:
        count[key] += 1
        keys[id] = (key, count[key])

    for element in graph.elements:
        if element.id.startswith("t"):
            base = element.label.rstrip(LOWERED)  # a name that is bound again is numbered
            ends = element.id not in used and others and element.label not in others
            name(element.id, "result" if ends else ("value", base))
    made = {link.source: link.target for link in reversed(graph.links) if link.target in keys}
    for element in graph.elements:
        if element.id not in keys:
            kind = "fold" if element.id.startswith("f") else element.role  # a box may be frozen in one of the two
            name(element.id, (kind, element.label, keys.get(made.get(element.id, ""), "")))
    for link in graph.links:
        name(link.id, ("link", keys.get(link.source), keys.get(link.target), link.slot))
    return keys


def telling(frame: Frame, identity: Mapping[str, Hashable]) -> Hashable:
    """Say what a frame tells, without its numbers: its kind, whom it is about, and of a sum who sends."""
    ledger = (frame.ledger.event, frame.ledger.name) if frame.ledger else ()
    senders = tuple(identity.get(link) for link in frame.links) if frame.tray else ()
    return frame.kind, identity.get(frame.node), senders, ledger


def aligned(first: Sequence[Hashable], second: Sequence[Hashable]) -> Iterator[tuple[int, int]]:
    """Pair what two films tell, in order.

    >>> list(aligned("abcd", "acde"))
    [(0, 0), (1, -1), (2, 1), (3, 2), (-1, 3)]
    """
    for tag, a, b, c, d in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from zip(range(a, b), range(c, d), strict=True)
        else:
            yield from chain(((i, GAP) for i in range(a, b)), ((GAP, j) for j in range(c, d)))
