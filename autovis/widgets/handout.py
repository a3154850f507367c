"""Handouts: frozen frames of films, and the questions of a lesson, as one page that prints well; or frames as PDF."""

from __future__ import annotations

import ast
import contextlib
import io
import os
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from html import escape
from importlib.metadata import version
from pathlib import Path
from string import Template
from typing import Any, Final

from autovis.classroom.lessons import Cell, Lesson, lesson
from autovis.classroom.paper import asked, markdown, notes, tasks
from autovis.language import get_language, say
from autovis.tape import Tape
from autovis.viz import strip
from autovis.viz.pair import Pair
from autovis.viz.reel import Reel
from autovis.viz.scene import Film
from autovis.widgets.compare import Comparison
from autovis.widgets.export import saved
from autovis.widgets.page import STATIC
from autovis.widgets.player import Player
from autovis.widgets.show import play

__all__ = ["handout"]

PAGE: Final = Template((STATIC / "handout.html").read_text("utf-8"))
ASKING: Final = frozenset({"predict", "reveal", "check", "hint", "solution", "why"})
"""Cells of a lesson that need not run for its films."""

BROAD: Final = 560
"""Pixels of width from which a picture takes the whole width of the paper."""

A4: Final = (8.27, 11.69)
"""Inches."""


def handout(shown: Any, path: str | os.PathLike[str] | None = None, *, answers: bool = False) -> str:
    """Return what can be handed out on paper: at most six frozen frames of a film, or the questions of a lesson.

    Args:
        shown: a film (a player, a tape, what `av.film` gives), or a lesson by its number, `"05"`.
        path: file to write it to as well, `.html`; a film can be written as `.pdf`, too.
        answers: of a lesson: the teacher's copy.

    Returns:
        The page as HTML; it needs no network, and prints on A4 and on letter.

    Raises:
        LookupError: if there is no such lesson.
        OSError: if the file cannot be written.
        TypeError: if it is neither a film nor a lesson.
        ValueError: if a lesson is asked for as PDF: print its page.
    """
    as_pdf = path is not None and Path(path).suffix.lower() == ".pdf"
    if isinstance(shown, (str, int)):
        if as_pdf:
            raise ValueError(say("handout", "no_pdf"))
        return saved(of_lesson(lesson(shown), answers=answers), path)
    reel = reel_of(shown)
    page = written(reel.film.graph.title, frames(reel))
    if as_pdf:
        saved(pdf(reel), path)
        return page
    return saved(page, path)


def reel_of(shown: Any) -> Reel:
    """Return a film with its drawing.

    Raises:
        TypeError: if it is none.
    """
    if isinstance(shown, (Tape, Film)):
        shown = play(shown)
    if not isinstance(shown, Player):
        raise TypeError(say("handout", "no_film", kind=type(shown).__name__))
    return shown.shown


def frames(reel: Reel) -> str:
    """Freeze the frames that tell a film."""
    shots = reel.shots(strip.key_frames(reel.film.frames))
    broad = " broad" if shots[0].size[0] > BROAD else ""
    return f'<div class="frames{broad}">{"".join(figure(shot, reel.film.graph.title) for shot in shots)}</div>'


def figure(shot: strip.Shot, title: str) -> str:
    """Return one frame with its caption."""
    picture = strip.sheet([replace(shot, caption="", place="")], theme="light", title=title)
    data = b64encode(picture.encode()).decode("ascii")
    told = f"<b>{escape(shot.place)}</b> {escape(shot.caption)}"
    return f'<figure><img src="data:image/svg+xml;base64,{data}" alt=""><figcaption>{told}</figcaption></figure>'


def of_lesson(one: Lesson, *, answers: bool) -> str:
    """Return the handout of a lesson: its questions, its exercises, and on pages of their own its films."""
    minutes = sum(one.about.get("minutes", {}).values())
    goals = "".join(
        f"<li>{markdown(goal).removeprefix('<p>').removesuffix('</p>')}</li>"
        for goal in one.about.get("objectives", ())
    )
    head = f'<p class="about">{escape(say("handout", "minutes", minutes=minutes))}</p><ul class="goals">{goals}</ul>'
    films = "".join(heading + frames(reel) for heading, reel in filmed(one))
    parts = [head, asked(one, answers=answers)]
    if done := tasks(one, answers=answers):
        parts.append(f"<h2>{escape(say('handout', 'exercises'))}</h2>{done}")
    if answers:
        parts.append(f"<h2>{escape(say('handout', 'notes'))}</h2>{notes(one.tagged('instructor'))}")
    if films:
        parts.append(f'<h2 class="apart">{escape(say("handout", "frames"))}</h2>{films}')
    return written(one.heading, "".join(parts), say("handout", "answers") if answers else "")


def written(title: str, body: str, mark: str = "") -> str:
    """Put the page together."""
    return PAGE.substitute(
        language=get_language(),
        title=escape(title),
        mark=escape(mark),
        style=(STATIC / "handout.css").read_text("utf-8"),
        body=body,
        about=escape(say("handout", "licence", version=version("autovis"))),
    )


# ----------------------------------------------------------------------------------------------- films of a lesson


def filmed(one: Lesson) -> Iterator[tuple[str, Reel]]:
    """Run a lesson, in silence, and yield its films, each with the heading under which it stands."""
    names: dict[str, Any] = {"__name__": "__main__"}
    heading = ""
    for cell in one.cells:
        if cell.kind == "markdown" and cell.source.startswith("## "):
            heading = markdown(cell.source.partition("\n")[0])
        if cell.kind == "code" and not cell.tags & ASKING:
            value = run(cell, names)
            if "film" in cell.tags and isinstance(value, Player):
                yield heading, value.shown
            elif "film" in cell.tags and isinstance(value, Comparison):
                yield from ((f"<h3>{escape(name)}</h3>", reel) for name, reel in sides(value))


def sides(two: Comparison) -> Iterator[tuple[str, Reel]]:
    """Return both films of a comparison, each with its name."""
    assert isinstance(two.shown, Pair)
    return zip(two.shown.names, two.shown.reels, strict=True)


def run(cell: Cell, names: dict[str, Any]) -> Any:
    """Run a cell as a notebook does, and return the value of its last line."""
    *lines, last = ast.parse(cell.source).body
    if not isinstance(last, ast.Expr):
        lines.append(last)
    failing = (Exception,) if "raises-exception" in cell.tags else ()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(*failing):
        exec(compile(ast.Module(lines, []), cell.source, "exec"), names)  # noqa: S102, the lessons are ours
        if isinstance(last, ast.Expr):
            return eval(compile(ast.Expression(last.value), cell.source, "eval"), names)  # noqa: S307
    return None


# --------------------------------------------------------------------------------------------------------- as PDF


def pdf(reel: Reel) -> bytes:
    """Paint the frames on pages of paper, two to a page, each with its caption.

    Raises:
        ImportError: if what paints is not installed.
    """
    from matplotlib.backends.backend_pdf import PdfPages
    from matplotlib.figure import Figure
    from matplotlib.image import imread

    numbers = strip.key_frames(reel.film.frames)
    file = io.BytesIO()
    with PdfPages(file, metadata={"Title": reel.film.graph.title, "CreationDate": None}) as pages:
        for start in range(0, len(numbers), 2):
            page = Figure(figsize=A4)
            for row, number in enumerate(numbers[start : start + 2]):
                axes = page.add_axes((0.07, 0.52 - 0.46 * row, 0.86, 0.42))
                axes.imshow(imread(io.BytesIO(reel.png(number, scale=3))), interpolation="none")
                axes.axis("off")
            pages.savefig(page, dpi=200)
    return file.getvalue()
