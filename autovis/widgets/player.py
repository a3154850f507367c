"""The player: a film, or a still picture, as a widget that asks the kernel for nothing after it is shown.

Everything is drawn and laid out once, here; stepping happens in `static/player.js`, and only the number of the frame
comes back. A viewer without widgets shows the PNG; a screen reader, a terminal and nbval read the text.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from textwrap import dedent
from typing import Any, Final

import anywidget
import ipywidgets
import traitlets

from autovis.viz import draw, theme
from autovis.viz.anatomy import shown
from autovis.viz.reel import Reel
from autovis.viz.scene import Change, Element, Film, Graph
from autovis.widgets.export import Exports
from autovis.widgets.page import LOADER, Shared, deflated

__all__ = ["LAYERS", "Player", "Still", "View", "player", "still"]

LAYERS: Final = ("saved",)
"""What a film can be shown without: the values that operations save, and the frames that are only about them."""

UNSENT: Final = frozenset({"caption", "args", "layer"})
"""Fields of a frame that the browser has no use for."""


class View(Exports, anywidget.AnyWidget):  # type: ignore[misc]  # anywidget publishes no types
    """A picture in the notebook, with a PNG and a text for viewers that run no widgets.

    Attributes:
        film: all that the browser needs; see `payload`.
        player: what draws it.
        reel: what is drawn, and where.
    """

    _esm = LOADER
    film = traitlets.Dict().tag(sync=True, to_json=lambda film, _: deflated(json.dumps(film)))
    player = traitlets.Instance(Shared).tag(sync=True, **ipywidgets.widget_serialization)

    def __init__(self, reel: Reel) -> None:
        super().__init__(film=payload(reel), player=Shared.get())
        self.reel = reel

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.film['title']!r}: {len(self.film['items'])} elements>"

    def _repr_mimebundle_(self, **options: object) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the widget, a PNG if one can be drawn, and the text."""
        data, metadata = super()._repr_mimebundle_(**options)
        data["text/plain"] = self.outline()
        with suppress(ImportError, OSError, ValueError):  # a PNG less is no reason to show nothing
            data["image/png"] = b64encode(self.to_png(scale=1.25)).decode("ascii")
        return data, metadata


class Still(View):
    """One picture of a graph; see `still`."""


class Player(View):
    """A film that can be stepped in both directions; see `player`.

    Attributes:
        frame: number of the frame that is shown, from 0. Set it to move the playhead; it follows the learner's steps.
    """

    frame = traitlets.Int(0).tag(sync=True)

    def __repr__(self) -> str:
        return f"<Player {self.film['title']!r}: frame {self.frame} of {len(self.film['frames']) - 1}>"

    @traitlets.validate("frame")
    def _frame_exists(self, proposal: Mapping[str, int]) -> int:
        frame, last = proposal["value"], len(self.film["frames"]) - 1
        if not 0 <= frame <= last:
            raise traitlets.TraitError(f"There is no frame {frame}: this film has the frames 0 to {last}.")
        return frame


def player(film: Film, title: str = "", hide: Iterable[str] = ()) -> Player:
    """Make the player of a film.

    Args:
        film: what `frames` made of a tape.
        title: its name, read out by screen readers; the graph's title if empty.
        hide: layers to leave out, of `LAYERS`.

    Returns:
        A widget; the last expression of a cell shows it.

    Raises:
        ValueError: if a layer of that name does not exist.
    """
    return Player(Reel.of(without(film, {hide} if isinstance(hide, str) else set(hide)), title))


def still(graph: Graph, title: str = "") -> Still:
    """Make a picture of a graph, with its legend.

    Args:
        graph: what `snapshot` made of live tensors.
        title: its name, read out by screen readers; the graph's title if empty.

    Returns:
        A widget; the last expression of a cell shows it.
    """
    return Still(Reel.of(Film(graph, ()), title))


def payload(reel: Reel) -> dict[str, object]:
    """Return what goes to the browser, once: the picture, what each frame changes in it, and the words around it."""
    film = reel.film
    frames: Any = film.to_json()["frames"]
    return {
        "title": film.graph.title,
        "svg": reel.draw(),
        "metrics": draw.METRICS,
        "legend": [list(row) for row in legend(film)],
        "items": list(items(film.graph)),
        "frames": [{key: part for key, part in frame.items() if key not in UNSENT} for frame in frames],
        "source": dedent("\n".join(film.source)).splitlines(),
    }


def items(graph: Graph) -> Iterable[dict[str, object]]:
    """Yield every element as its word, its name and its values, for the list that is read aloud."""
    owners = {link.source: graph.element(link.target).label for link in graph.links if link.role == "store"}
    for element in graph.elements:
        words = {
            "id": element.id,
            "word": theme.ROLES[element.role].word,
            "label": owners.get(element.id, element.label),
        }
        state = {key: getattr(element, key) for key in ("value", "grad", "saved", "version", "ghost")}
        yield words | {key: value for key, value in state.items() if value}


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


def without(film: Film, hide: set[str]) -> Film:
    """Leave out layers: their frames, whose changes the next frame takes over, and the notes under the operations."""
    if unknown := hide - set(LAYERS):
        raise ValueError(f"There is no layer {min(unknown)!r} to hide; the layers are {', '.join(LAYERS)}.")
    if not hide:
        return film
    frames, waiting = [], dict[str, Change]()
    for frame in film.frames:
        changes = merged(waiting, frame.changes)
        waiting = changes if frame.layer in hide else {}
        if frame.layer not in hide:
            frames.append(replace(frame, changes=changes))
    return replace(
        film, graph=replace(film.graph, elements=tuple(map(bare, film.graph.elements))), frames=tuple(frames)
    )


def merged(first: Mapping[str, Change], second: Mapping[str, Change]) -> dict[str, Change]:
    """Return two deltas as one, without what happens to saved values."""
    both = {id: {**first.get(id, {}), **second.get(id, {})} for id in {**first, **second}}
    return {id: {key: value for key, value in change.items() if key != "saved"} for id, change in both.items()}


def bare(element: Element) -> Element:
    """Return an element without the notes of what it saved."""
    return replace(element, notes=(), saved="")
