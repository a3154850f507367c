"""`show` and `play`: what one types to see a graph or a film.

The cell magic `%%autovis` records a cell and plays it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from autovis.tape import BLOCK, Tape, record
from autovis.viz import show as viz
from autovis.viz.fold import Fold
from autovis.viz.scene import Film
from autovis.widgets.layers import options, start
from autovis.widgets.player import Player, Still, player

__all__ = ["magic", "play", "show"]


def show(*tensors: Any, title: str = "", hide: str | Iterable[str] = (), fold: Fold = None) -> Still:
    """Return the picture of the graph behind tensors, as it is now.

    Args:
        *tensors: the results to start from.
        title: of the picture; the names of the tensors unless given.
        hide: layers to leave out at first; see `play`.
        fold: False shows every operation, True as few boxes as there can be, a number that many levels of them,
            "modules" a box for each module; by default what has more than about 60 elements is folded.

    Returns:
        A widget; the last expression of a cell shows it. Viewers without widgets show a PNG, a terminal text.

    Raises:
        TypeError: if something is no tensor.
        ValueError: if a layer of that name, or such a way to fold, does not exist.
    """
    chosen = start(hide)
    return Still(viz.folding(*tensors, title=title, fold=fold, frame=sys._getframe(1)), chosen, fold)


def play(
    tape: Tape | Film | None = None,
    title: str = "",
    *,
    hide: str | Iterable[str] = (),
    detail: str = "chain",
    predict: bool = False,
    fold: Fold = None,
) -> Player:
    """Return the film of what a tape recorded.

    Args:
        tape: from `with av.record() as tape:`; or the film of one, from `av.film(tape)`.
        title: of the film.
        hide: layers to leave out at first, of `values`, `shapes`, `formulas`, `saved`, `versions`.
        detail: `operation` (one frame each), `chain` (all steps of the chain rule) or `ledger` (`.grad` only).
        predict: ask for the numbers before they are shown; what was answered is in `answers` of the result.
        fold: as in `show`: what happens inside a box is told by one frame.

    Returns:
        A widget with buttons, a scrubber and keys; the last expression of a cell shows it.

    Raises:
        TypeError: if it is no tape.
        ValueError: if nothing was recorded, or a layer, a level or a way to fold of that name does not exist.
    """
    film = tape if isinstance(tape, Film) else viz.film(tape, title or "film")
    if isinstance(tape, Tape) and len(film.frames) < 2:
        raise no_frames(tape)
    return player(film, title, start(hide, detail, predict=predict), fold)


def no_frames(tape: Tape) -> ValueError:
    """Say why a film has nothing to show."""
    if not tape.began:
        return ValueError(f"This tape was never started. {BLOCK}")
    return ValueError(
        "This tape is empty: nothing was computed inside the block. Put the line that you want to see, such as"
        " y.backward(), inside `with av.record() as tape:`."
    )


def magic(line: str, cell: str) -> None:
    """Run a cell, record it, and show its film with the running line marked.

    The line takes what `play` takes: `%%autovis hide=saved,shapes detail=operation predict`.
    """
    from IPython import get_ipython
    from IPython.display import display

    shell = get_ipython()
    chosen = options(line)
    tape = record()
    tape.look_around(shell.user_ns)
    with tape:
        result = shell.run_cell(cell)
    tape.note_names(shell.user_ns)
    if result.error_in_exec is not None and len(tape):
        tape.note_error(result.error_in_exec)
    if result.success or len(tape):
        display(play(tape, **chosen))
