"""The classroom's widget; the only module here that loads anywidget, and only when a panel is made.

Options are radio buttons, boxes or a field in a group that has a name; one button commits; the reply is a live region.
All of it is text: nothing that a learner or a notebook says becomes markup.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import anywidget
import traitlets

from autovis.classroom.logbook import LEVELS, Level
from autovis.classroom.session import SESSION
from autovis.language import say

__all__ = ["Panel", "locked", "question"]

STATIC: Final = Path(__file__).parent / "static"


class Panel(anywidget.AnyWidget):  # type: ignore[misc]  # anywidget publishes no types
    """A question with its options, or an answer that waits to be opened; see `static/question.js` for the fields."""

    _esm = (STATIC / "question.js").read_text("utf-8")
    _css = (STATIC / "question.css").read_text("utf-8")

    kind = traitlets.Unicode().tag(sync=True)
    legend = traitlets.Unicode().tag(sync=True)
    labels = traitlets.List(traitlets.Unicode()).tag(sync=True)
    button = traitlets.Unicode().tag(sync=True)
    answer = traitlets.List(traitlets.Unicode()).tag(sync=True)
    levels = traitlets.List(traitlets.List(traitlets.Unicode())).tag(sync=True)
    how_sure = traitlets.Unicode().tag(sync=True)
    sure = traitlets.Enum(("", *LEVELS), default_value="").tag(sync=True)
    said = traitlets.Unicode().tag(sync=True)
    settled = traitlets.Bool(default_value=False).tag(sync=True)
    code = traitlets.Bool(default_value=False).tag(sync=True)


def question(
    id: str,
    kind: str,
    labels: Sequence[str],
    commit: Callable[[Any, Level], str],
    standing: str,
    picked: Sequence[str] = (),
) -> Panel:
    """Make the widget of a question.

    Args:
        id: named in the legend.
        kind: `choice`, `several` or `number`.
        labels: of the options, in order.
        commit: takes what was chosen and how sure the learner is, keeps it, and returns the sentence to show.
        standing: that sentence, if something was committed before; else empty.
        picked: what was chosen then: labels of options, or the number.
    """
    panel = Panel(
        answer=list(picked),
        kind=kind,
        legend=f"{id}: {say('quiz', kind)}",
        labels=[] if kind == "number" else list(labels),
        button=say("quiz", "commit"),
        how_sure=say("quiz", "how_sure"),
        levels=[[level, say("quiz", level)] for level in LEVELS],
        sure=SESSION.sure.get(id, ""),
        said=standing,
        settled=id in SESSION.predictions,
    )

    def press(change: Any) -> None:
        panel.said = commit(READ[kind](change["new"]), panel.sure)
        panel.settled = id in SESSION.predictions

    panel.observe(press, "answer")
    return panel


def number(typed: Sequence[str]) -> float | str:
    """Read a number as people type it, `-52.5` or `-52,5`; what is none comes back as it was typed.

    >>> number(["-52,5"])
    -52.5
    """
    try:
        return float(typed[0].replace(",", "."))
    except ValueError:
        return typed[0]


READ: Final[dict[str, Callable[[Sequence[str]], Any]]] = {
    "choice": lambda labels: labels[0],
    "several": list,
    "number": number,
}


def locked(id: str, invitation: str, answer: Callable[[], Iterable[str]], *, code: bool = False) -> Panel:
    """Make the widget that shows an answer as soon as it may: after a commitment, or on request.

    Args:
        id: of the question or exercise.
        invitation: what to do first.
        answer: gives the lines to show, once they may be shown.
        code: these lines are a program.
    """
    panel = Panel(kind="locked", legend=invitation, button=say("quiz", "show_anyway"))

    def open_up() -> None:
        panel.code = code
        panel.said = "\n".join(answer())
        panel.settled = True

    SESSION.when_opened(id, open_up)
    panel.observe(lambda _: SESSION.skip(id), "answer")
    return panel
