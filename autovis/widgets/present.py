"""The presenter's view: the player for a lecture hall."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from autovis.tape import Tape
from autovis.viz import show as viz
from autovis.viz.fold import Fold, Folding
from autovis.viz.scene import Film
from autovis.viz.vast import Vast
from autovis.widgets.layers import Start, start
from autovis.widgets.page import Shared
from autovis.widgets.player import Player, Still, titled
from autovis.widgets.show import no_frames

__all__ = ["Presentation", "Slide", "present"]


class Presentation(Player):
    """A film, one frame to a screen; see `present`."""

    entry = "presented.js"

    def __init__(self, folding: Folding | Vast, start: Start, fold: Fold) -> None:
        super().__init__(folding, start, fold)
        self.player = Shared.get("present.js")


class Slide(Still):
    """A picture that fills the screen; see `present`."""

    entry = "presented.js"

    def __init__(self, folding: Folding | Vast, start: Start, fold: Fold) -> None:
        super().__init__(folding, start, fold)
        self.player = Shared.get("present.js")


def present(
    shown: Tape | Film | Any,
    title: str = "",
    *,
    hide: str | Iterable[str] = (),
    detail: str = "chain",
    fold: Fold = None,
) -> Presentation | Slide:
    """Show a film or a picture to many: large letters, one frame to a screen.

    A remote control steps (Page Up, Page Down). `B` hides all numbers that were computed, so that the class can say
    them first; `N` shows the chain rule and the ledger; `F` fills the screen where the browser allows it. `to_html`
    saves it as a page.

    Args:
        shown: a tape, the film of one, or a tensor.
        title: of it.
        hide: as in `play`.
        detail: as in `play`.
        fold: as in `show`.

    Returns:
        A widget; the last expression of a cell shows it.

    Raises:
        TypeError: if it is none of these.
        ValueError: if nothing was recorded, or a layer, a level or a way to fold of that name does not exist.
    """
    chosen = start(hide, detail)
    if isinstance(shown, (Tape, Film)):
        film = shown if isinstance(shown, Film) else viz.film(shown, title or "film")
        if isinstance(shown, Tape) and len(film.frames) < 2:
            raise no_frames(shown)
        return Presentation(Folding(titled(film, title)), chosen, fold)
    return Slide(viz.folding(shown, title=title, fold=fold, frame=sys._getframe(1)), chosen, fold)
