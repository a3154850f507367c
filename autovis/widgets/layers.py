"""How much of a film is shown: its layers and its levels of detail, as they are chosen at the start.

The browser shows and hides them (`static/film.js` holds the same names); the text and the PNG are made without what is
hidden.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from autovis.viz.scene import Change, Film, Graph

__all__ = ["DETAILS", "LAYERS", "Start", "options", "start", "without"]

LAYERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "values": {"value": ""},
    "shapes": {"shape": ""},
    "formulas": {},
    "saved": {"notes": (), "saved": ""},
    "versions": {"version": 0},
}
"""What a film can be shown without, and what an element is then left without."""

DETAILS: Final = ("operation", "chain", "ledger")
"""One frame an operation, all steps of the chain rule, or the ledger of `.grad` only."""


@dataclass(frozen=True, slots=True)
class Start:
    """What is chosen when a film opens.

    Attributes:
        hide: names of hidden layers, in the order of `LAYERS`.
        detail: one of `DETAILS`.
        predict: whether the film asks before it shows.
    """

    hide: tuple[str, ...] = ()
    detail: str = "chain"
    predict: bool = False


def start(hide: str | Iterable[str] = (), detail: str = "chain", *, predict: bool = False) -> Start:
    """Check what somebody chose.

    Raises:
        ValueError: if a layer or a level of that name does not exist; names those that do.

    >>> start(hide="saved").hide
    ('saved',)
    """
    named = {hide} if isinstance(hide, str) else set(hide)
    if unknown := named - LAYERS.keys():
        raise ValueError(f"There is no layer {min(unknown)!r} to hide; the layers are {', '.join(LAYERS)}.")
    if detail not in DETAILS:
        raise ValueError(f"There is no level of detail {detail!r}; the levels are {', '.join(DETAILS)}.")
    return Start(tuple(layer for layer in LAYERS if layer in named), detail, predict)


def options(line: str) -> dict[str, Any]:
    """Read the options of the cell magic: `hide=saved,shapes`, `detail=operation`, `predict`.

    Raises:
        ValueError: for anything else.

    >>> options("hide=saved detail=ledger predict")
    {'hide': ('saved',), 'detail': 'ledger', 'predict': True}
    """
    given: dict[str, Any] = {}
    for word in line.split():
        option, equals, value = word.partition("=")
        if option == "hide" and value:
            given["hide"] = (*given.get("hide", ()), *value.split(","))
        elif option == "detail" and value:
            given["detail"] = value
        elif option == "predict" and not equals:
            given["predict"] = True
        else:
            raise ValueError(f"%%autovis does not know {word!r}; it takes hide=..., detail=... and predict.")
    start(**given)
    return given


def without(film: Film, hide: Collection[str]) -> Film:
    """Leave out layers: their frames, whose changes the next frame takes over, and what they write on elements."""
    if not hide:
        return film
    emptied = {name: nothing for layer in hide for name, nothing in LAYERS[layer].items()}
    frames, waiting = [], dict[str, Change]()
    for frame in film.frames:
        changes = merged(waiting, frame.changes, emptied)
        waiting = changes if frame.layer in hide else {}
        if frame.layer not in hide:
            frames.append(replace(frame, changes=changes, rows=() if "formulas" in hide else frame.rows))
    return replace(film, graph=bare(film.graph, emptied), frames=tuple(frames))


def merged(first: Mapping[str, Change], second: Mapping[str, Change], emptied: Collection[str]) -> dict[str, Change]:
    """Return two deltas as one, without what is hidden."""
    both = {id: {**first.get(id, {}), **second.get(id, {})} for id in {**first, **second}}
    return {id: {key: value for key, value in change.items() if key not in emptied} for id, change in both.items()}


def bare(graph: Graph, emptied: Mapping[str, Any]) -> Graph:
    """Return a graph whose elements are left without something."""
    return replace(graph, elements=tuple(replace(element, **emptied) for element in graph.elements))
