"""The classroom's widgets; the only module that loads ipywidgets, and only when a panel is made.

Everything works by keyboard: the options are radio buttons, boxes or a field, then comes one button. What a learner
typed is escaped before it is shown.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import ipywidgets as widgets

from autovis.classroom.phrases import PHRASES
from autovis.classroom.session import SESSION
from autovis.classroom.views import wrap

__all__ = ["locked", "question"]

WIDE = {"width": "auto"}


def question(id: str, kind: str, labels: Sequence[str], commit: Callable[[Any], str], standing: str) -> Any:
    """Make the widget of a question.

    Args:
        id: written beside the options.
        kind: `choice`, `several` or `number`.
        labels: of the options, in order.
        commit: takes what was chosen, keeps it, and returns the sentence to show.
        standing: that sentence, if something was committed before; else empty.
    """
    field, read = FIELDS[kind](id, labels)
    button = widgets.Button(description=PHRASES["commit"], tooltip=f"{PHRASES['commit']} {id}")
    said = widgets.HTML(paragraph(standing))

    def press(_: Any) -> None:
        given = read()
        if given is None:
            return
        said.value = paragraph(commit(given))
        freeze(field, id in SESSION.predictions)

    button.on_click(press)
    freeze(field, id in SESSION.predictions)
    return widgets.VBox([field, widgets.HBox([button, said])])


def choice(id: str, labels: Sequence[str]) -> tuple[Any, Callable[[], Any]]:
    """Make radio buttons, none of them pressed."""
    field = widgets.RadioButtons(
        options=[(label, label) for label in labels],
        value=None,
        description=id,
        layout=WIDE,
        style={"description_width": "initial"},
    )
    return field, lambda: field.value


def several(id: str, labels: Sequence[str]) -> tuple[Any, Callable[[], Any]]:
    """Make a box to tick for each option."""
    boxes = [widgets.Checkbox(value=False, description=label, indent=False, layout=WIDE) for label in labels]
    return (
        widgets.VBox([widgets.Label(id), *boxes]),
        lambda: [label for label, box in zip(labels, boxes, strict=True) if box.value],
    )


def number(id: str, labels: Sequence[str]) -> tuple[Any, Callable[[], Any]]:  # noqa: ARG001, as its siblings
    """Make a field for a number; what cannot be read as one is passed on as it was typed."""
    field = widgets.Text(description=id, placeholder=PHRASES["number"], style={"description_width": "initial"})
    return field, lambda: as_number(field.value) if field.value.strip() else None


FIELDS = {"choice": choice, "several": several, "number": number}


def as_number(typed: str) -> float | str:
    """Read a number as people type it, `-52.5` or `-52,5`."""
    try:
        return float(typed.replace(",", "."))
    except ValueError:
        return typed


def freeze(field: Any, frozen: bool) -> None:
    """Disable a field and all it is made of; the button stays, so that the focus is not lost."""
    for part in getattr(field, "children", (field,)):
        if hasattr(part, "disabled"):
            part.disabled = frozen


def locked(id: str, invitation: str, answer: Callable[[], Iterable[str]]) -> Any:
    """Make the widget that shows an answer as soon as it may: after a commitment, or on request.

    Args:
        id: of the question or exercise.
        invitation: what to do first.
        answer: gives the lines to show, once they may be shown.
    """
    said = widgets.HTML(paragraph(invitation), layout=WIDE)
    button = widgets.Button(description=PHRASES["show anyway"], tooltip=f"{PHRASES['show anyway']} {id}")
    box = widgets.VBox([said, button])

    def open_up() -> None:
        said.value = preformatted(wrap(answer()))
        box.children = (said,)

    SESSION.when_opened(id, open_up)
    button.on_click(lambda _: SESSION.skip(id))
    return box


def paragraph(text: str) -> str:
    """Return a text as HTML that shows exactly that text."""
    return f"<p>{html.escape(text)}</p>" if text else ""


def preformatted(text: str) -> str:
    """Return lines as HTML that shows exactly those lines."""
    return f'<pre style="white-space: pre-wrap">{html.escape(text)}</pre>'
