"""Two films, or two pictures, side by side and in step."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Mapping
from os import PathLike
from typing import Any

import traitlets

from autovis.language import say, table
from autovis.tape import Tape
from autovis.viz import show as viz
from autovis.viz.fold import Fold, Folding
from autovis.viz.pair import GAP, Pair
from autovis.viz.scene import Film
from autovis.widgets.export import html, saved
from autovis.widgets.layers import Start, start, without
from autovis.widgets.page import Shared
from autovis.widgets.player import Bundle, payload

__all__ = ["Comparison", "compare"]


class Comparison(Bundle):
    """Two films under one playhead, or two pictures; see `compare`.

    Attributes:
        frame: number of the step that is shown, from 0.
        pair: what is compared.
        shown: the same without the layers that are hidden at first.
    """

    frame = traitlets.Int(0).tag(sync=True)

    def __init__(self, pair: Pair, start: Start) -> None:
        super().__init__(film=together(pair, start), player=Shared.get("comparison.js"))
        self.pair = pair
        self.shown = bared(pair, start.hide) if start.hide else pair

    def __repr__(self) -> str:
        return f"<Comparison {self.film['title']!r}: {max(1, len(self.pair.steps))} steps>"

    def to_html(self, path: str | PathLike[str] | None = None) -> str:
        """Return a page of its own that shows both: one file, no network, no kernel.

        Args:
            path: file to write it to as well.

        Raises:
            OSError: if the file cannot be written.
        """
        return saved(html(self.film, self.shown.end(), self.shown.outline, "compared.js"), path)

    def outline(self) -> str:
        """Return as plain text where the two differ."""
        return self.shown.outline


def compare(
    first: Any,
    second: Any,
    *,
    names: tuple[str, str] = ("", ""),
    hide: str | Iterable[str] = (),
    detail: str = "chain",
    fold: Fold = False,
) -> Comparison:
    """Show two films, or two pictures, in step, with what differs marked.

    Frames that tell the same stand beside each other; where one film has no counterpart, the other waits.

    Args:
        first: a tape or a tensor.
        second: another of the same kind.
        names: what the two are called; the names of the variables, else A and B.
        hide: layers to leave out at first; see `play`.
        detail: how many steps to show at first; see `play`.
        fold: how many boxes stand for operations, and stay closed; see `show`.

    Returns:
        A widget; the last expression of a cell shows it.

    Raises:
        TypeError: if one is a tape and the other is none, or something is neither tape nor tensor.
        ValueError: if a layer, a level or a way to fold of that name does not exist.
    """
    frame = sys._getframe(1)
    chosen = start(hide, detail)
    if isinstance(first, Tape) is not isinstance(second, Tape):
        raise TypeError("two tapes can be compared, or two tensors, but not a tape with a tensor")
    if isinstance(first, Tape):
        films = viz.film(first), viz.film(second)
    else:
        films = Film(viz.graph(first, frame=frame), ()), Film(viz.graph(second, frame=frame), ())
    here = frame.f_globals | frame.f_locals
    found = [given or called(thing, here) for given, thing in zip(names, (first, second), strict=True)]
    plain = (found[0] or "A", found[1] or "B")
    drawn = folded(films[0], fold), folded(films[1], fold)
    return Comparison(Pair.of(drawn, plain if plain[0] != plain[1] else ("A", "B")), chosen)


def folded(film: Film, fold: Fold) -> Film:
    """Draw a film with boxes for what is folded."""
    folding = Folding(film)
    return folding.folded(folding.chosen(fold)).film


def called(thing: Any, space: Mapping[str, Any]) -> str:
    """Return the variable that holds something; empty if none does."""
    return next((name for name, value in space.items() if value is thing and not name.startswith("_")), "")


def bared(pair: Pair, hide: Collection[str]) -> Pair:
    """Leave layers out of both films."""
    first, second = (without(reel.film, hide) for reel in pair.reels)
    return Pair.of((first, second), pair.names)


def together(pair: Pair, start: Start) -> dict[str, object]:
    """Return what goes to the browser: both films, and how they belong together."""
    sides = [payload(reel, start) | {"words": {}, "beliefs": {}} for reel in pair.reels]
    return {
        "title": say("compare", "pair", a=pair.names[0], b=pair.names[1]),
        "pair": sides,
        "gap": GAP,
        "steps": [list(step) for step in pair.steps],
        "same": [list(ids) for ids in pair.same],
        "start": sides[0]["start"],
        "words": table("player") | table("compare"),
    }
