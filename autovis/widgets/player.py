"""The player: a film, or a still picture, as a widget that asks the kernel for nothing after it is shown.

Everything is drawn and laid out once, here; stepping happens in `static/player.js`, and only the number of the frame
comes back. A viewer without widgets shows the PNG; a screen reader, a terminal and nbval read the text.
"""

from __future__ import annotations

import json
import sys
from base64 import b64encode
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from os import PathLike
from typing import Any, Final

import anywidget
import ipywidgets
import traitlets

from autovis.classroom.bank import misconceptions
from autovis.classroom.translation import translated
from autovis.language import say, table
from autovis.viz import archive, draw, render, theme
from autovis.viz.anatomy import shown
from autovis.viz.fold import Fold, Folding
from autovis.viz.pair import Pair
from autovis.viz.reel import Reel
from autovis.viz.scene import Film, Graph, plain
from autovis.viz.vast import Vast
from autovis.widgets import export
from autovis.widgets.export import Exports
from autovis.widgets.layers import Start, without
from autovis.widgets.page import LOADER, Shared, deflated

__all__ = ["Bundle", "Foldable", "Packed", "Player", "Still", "View", "from_json", "payload", "player", "still"]

OPEN: Final = Start()
"""All layers, all steps."""

BETRAYED: Final = ("M1", "M6", "M27", "M28", "M30")
"""The misconceptions that an answer to a film can betray; see `static/predict.js`."""

UNSENT: Final = frozenset({"caption", "args"})
"""Fields of a frame that the browser has no use for."""


def elsewhere() -> str:
    """Say how to see it where there is no notebook: in Python's own prompt or a script."""
    ipython = sys.modules.get("IPython")
    here = ipython is not None and ipython.get_ipython() is not None
    return "" if here else say("export", "elsewhere")


class Packed(anywidget.AnyWidget):  # type: ignore[misc]  # anywidget publishes no types
    """A widget whose module reaches a page once, however many of its kind there are, and whose data travel packed.

    Attributes:
        film: all that the browser needs; see `payload`.
        player: what draws it.
    """

    _esm = LOADER
    film = traitlets.Dict().tag(sync=True, to_json=lambda film, _: deflated(json.dumps(film)))
    player = traitlets.Instance(Shared).tag(sync=True, **ipywidgets.widget_serialization)


class Bundle(Packed):
    """A picture in the notebook, with a PNG and a text for viewers that run no widgets.

    Attributes:
        shown: what the PNG and the text show.
    """

    shown: Reel | Pair

    def _repr_mimebundle_(self, **options: object) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the widget, a PNG if one can be drawn, and the text."""
        data, metadata = super()._repr_mimebundle_(**options)
        data["text/plain"] = self.shown.outline
        with suppress(ImportError, OSError, ValueError):  # a PNG less is no reason to show nothing
            data["image/png"] = b64encode(render.on_page(self.shown.end("light"))).decode("ascii")
        return data, metadata


class View(Exports, Bundle):  # type: ignore[misc]  # a trait is read as the mapping that it holds
    """A film or a picture.

    Attributes:
        reel: what is drawn, and where.
        shown: the same without the layers that are hidden at first.
    """

    def __init__(self, reel: Reel, start: Start = OPEN) -> None:
        super().__init__(film=payload(reel, start), player=Shared.get())
        self.reel = reel
        self.shown = Reel.of(without(reel.film, start.hide)) if start.hide else reel

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.film['title']!r}: {len(self.film['items'])} elements{elsewhere()}>"


class Foldable(View):
    """A picture with boxes that can be opened and closed.

    Attributes:
        folding: the whole of it.
        folded: what is shown of it.
    """

    def __init__(self, folding: Folding | Vast, start: Start = OPEN, fold: Fold = None) -> None:
        self.folding, self.start = folding, start
        self.folded = folding.folded(folding.chosen(fold))
        super().__init__(Reel.of(self.folded.film), start)
        self.on_msg(self._clicked)

    def whole(self) -> Film:
        """Return the film with nothing folded."""
        return self.folding.film

    def _clicked(self, _: object, message: object, __: object) -> None:
        """Open or close the box that somebody clicked on."""
        id = message.get("fold") if isinstance(message, dict) else None
        if isinstance(id, str) and self.folding.runs.find(id) is not None:
            self.fold(id)

    def fold(self, id: str) -> None:
        """Open a closed box, or close an open one with all that is open in it; the film stays where it is."""
        opened = self.folded.opened
        inner = {open for open in opened if open == id or open.startswith(f"{id}.")}
        self.folded = self.folding.folded(opened - inner if id in opened else opened | {id})
        self.reel = Reel.of(self.folded.film)
        self.shown = Reel.of(without(self.reel.film, self.start.hide)) if self.start.hide else self.reel
        self.film = payload(self.reel, self.start)


class Still(Foldable):
    """One picture of a graph; see `still`."""


class Player(Foldable):
    """A film that can be stepped in both directions; see `player`.

    Attributes:
        frame: number of the frame that is shown, from 0. Set it to move the playhead; it follows the learner's steps.
        answers: what the learner predicted, in order. Each is a dictionary: `question`; `answer`, the number or the
            word that was typed, the names that were picked, or None where the answer was shown; `right`;
            `misconception`, the id of the belief that a wrong answer betrays, or empty.
    """

    frame = traitlets.Int(0).tag(sync=True)
    answers = traitlets.List(traitlets.Dict()).tag(sync=True)

    def __repr__(self) -> str:
        last = len(self.film["frames"]) - 1
        return f"<Player {self.film['title']!r}: frame {self.frame} of {last}{elsewhere()}>"

    def fold(self, id: str) -> None:
        """Open or close a box; the playhead goes to the frame that tells of the same moment."""
        moment = self.folded.ends[self.frame]
        with self.hold_sync():
            super().fold(id)
            self.frame = min(bisect_left(self.folded.ends, moment), len(self.folded.ends) - 1)

    @traitlets.validate("frame")
    def _frame_exists(self, proposal: Mapping[str, int]) -> int:
        frame, last = proposal["value"], len(self.film["frames"]) - 1
        if not 0 <= frame <= last:
            raise traitlets.TraitError(f"There is no frame {frame}: this film has the frames 0 to {last}.")
        return frame


def player(film: Film, title: str = "", start: Start = OPEN, fold: Fold = None) -> Player:
    """Make the player of a film.

    Args:
        film: what `frames` made of a tape.
        title: its name, read out by screen readers; the graph's title if empty.
        start: how much of it is shown at first; the text and the PNG leave out the same layers.
        fold: what is folded at first; see `fold.Fold`.

    Returns:
        A widget; the last expression of a cell shows it.
    """
    return Player(Folding(titled(film, title)), start, fold)


def still(graph: Graph, title: str = "", fold: Fold = None) -> Still:
    """Make a picture of a graph, with its legend.

    Args:
        graph: what `snapshot` made of live tensors.
        title: its name, read out by screen readers; the graph's title if empty.
        fold: what is folded at first; see `fold.Fold`.

    Returns:
        A widget; the last expression of a cell shows it.
    """
    return Still(Folding(titled(Film(graph, ()), title)), fold=fold)


def titled(film: Film, title: str) -> Film:
    """Return a film with a title, unless that is empty."""
    return replace(film, graph=replace(film.graph, title=title)) if title else film


def from_json(text: str | bytes | PathLike[str]) -> Player | Still:
    """Return the film or the picture that `to_json` or `share` saved; nothing in it is run.

    Args:
        text: the JSON, the string of `share`, or the path of a file that holds one of them (a `Path`, or a text that
            ends in `.json`).

    Raises:
        OSError: if there is no such file.
        ValueError: if it is no film, or a damaged one; the message says where, and what to do.
    """
    film = archive.read(export.read(text))
    return player(film) if film.frames else still(film.graph)


def payload(reel: Reel, start: Start = OPEN) -> dict[str, object]:
    """Return what goes to the browser, once: the picture, what each frame changes in it, and the words around it."""
    film = reel.film
    frames: Any = film.to_json()["frames"]
    return {
        "title": film.graph.title,
        "svg": reel.draw(),
        "metrics": draw.METRICS,
        "legend": [list(row) for row in legend(film)],
        "items": list(items(film.graph)),
        "links": [[link.id, link.source, link.target, link.role] for link in film.graph.links],
        "frames": [{key: part for key, part in frame.items() if key not in UNSENT} for frame in frames],
        "source": list(film.source),
        "sections": [[section.at, section.first, section.name] for section in film.sections],
        "start": {"hide": list(start.hide), "detail": start.detail, "predict": start.predict},
        "words": table("player"),
        "beliefs": {id: translated(misconceptions()[id].thought) for id in BETRAYED} if film.frames else {},
    }


def items(graph: Graph) -> Iterable[dict[str, object]]:
    """Yield every element with the word for its role and all that is known of it, for the inspector and for the ear."""
    owners = {link.source: graph.element(link.target).label for link in graph.links if link.role == "store"}
    for element in graph.elements:
        yield plain(element) | {
            "word": theme.ROLES[element.role].word,
            "label": owners.get(element.id, element.label),
        }


def legend(film: Film) -> list[tuple[str, str, str]]:
    """Explain what is painted in some frame of a film, and nothing else."""
    elements = {element.id: element for element in film.graph.elements}
    looks = {
        shown(elements[id], change)
        for frame in film.frames
        for id, change in frame.changes.items()
        if id in elements and not change.keys().isdisjoint({"role", "saved"})
    }
    graph = replace(film.graph, elements=(*film.graph.elements, *looks))
    travels = any("token" in change for frame in film.frames for change in frame.changes.values())
    return [*theme.legend(graph), *([("token", *theme.explained("token"))] if travels else [])]
