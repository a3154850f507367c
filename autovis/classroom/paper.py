"""A lesson on paper: its questions and exercises as HTML, with room to write, or with the answers for the teacher."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from autovis.classroom.ballot import behind, rows
from autovis.classroom.bank import AGAIN, Exercise, Question, exercises, find, questions
from autovis.classroom.lessons import Cell, Lesson
from autovis.classroom.logbook import LEVELS
from autovis.classroom.translation import translated
from autovis.language import say

__all__ = ["asked", "markdown", "tasks"]

CALLED: Final = re.compile(r"""\w+\.(predict|check)\(\s*["']([^"']+)["']""")
ROOM: Final = {"question": 2, "exercise": 6}
"""Ruled lines to write on."""

INLINE: Final = (
    (re.compile(r"\*\*(.+?)\*\*"), r"<b>\1</b>"),
    (re.compile(r"(?<![\w*])\*(?!\s)(.+?)(?<!\s)\*(?![\w*])", re.ASCII), r"<i>\1</i>"),
    (re.compile(r"\[([^\]]+)\]\([^)]+\)"), r"\1"),  # a link leads nowhere on paper
)


def asked(lesson: Lesson, *, answers: bool) -> str:
    """Return the questions of a lesson, each with the program that it is about."""
    pieces: list[str] = []
    program: list[str] = []
    for above, cell in zip(lesson.cells, lesson.cells[1:], strict=False):
        if above.kind == "code" and above.tags & {"experiment", "exercise"} and "raises-exception" not in above.tags:
            program.append(above.source)
        if above.kind == "markdown" and above.source.startswith("## "):
            program.clear()
        called = CALLED.search(cell.source)
        if "predict" in cell.tags and called and not called[2].endswith(AGAIN):
            code = "".join(listing(source) for source in program)
            pieces.append(block("question", code + markdown(above.source) + answered(called[2], answers=answers)))
            program.clear()
    return "".join(pieces)


def answered(id: str, *, answers: bool) -> str:
    """Return the options of a question and room to write, or what is behind each of them."""
    question: Question = find(id, questions())
    shown = rows(question) if question.kind != "number" or answers else []
    lines = []
    for row in shown:
        box = f'<i class="box{" right" if answers and row.right else ""}"></i>'
        reasons = "".join(f"<p>{escape(line)}</p>" for line in behind(row)) if answers else ""
        lines.append(f"<li>{box}<span>{escape(row.label)}{reasons}</span></li>")
    sure = "".join(f'<span><i class="ring"></i> {escape(say("quiz", level))}</span>' for level in LEVELS)
    room = "" if answers else f'<p class="sure">{escape(say("quiz", "how_sure"))} {sure}</p>{lined("question")}'
    return f'<p class="id">{escape(id)} · {escape(say("quiz", question.kind))}</p><ul>{"".join(lines)}</ul>{room}'


def tasks(lesson: Lesson, *, answers: bool) -> str:
    """Return the exercises of a lesson, each with its starter and room to write, or with a solution."""
    pieces: list[str] = []
    told: list[str] = []
    for cell in lesson.cells:
        if "exercise" in cell.tags and cell.kind == "markdown" and not cell.source.startswith("## "):
            told.append(markdown(cell.source))
        elif told and cell.tags & {"experiment", "picture"}:
            told.append(listing(f"{cell.source}\n\n{cell.told}"))
        called = CALLED.search(cell.source)
        if "check" in cell.tags and called:
            exercise: Exercise = find(called[2], exercises())
            pieces.append(
                block("exercise", "".join(told) + listing(exercise.starter) + worked(exercise, answers=answers))
            )
            told.clear()
    return "".join(pieces + [block("exercise", one + ("" if answers else lined("exercise"))) for one in told])


def worked(exercise: Exercise, *, answers: bool) -> str:
    """Return room to write, or hints, a solution, and what is to be said to whom."""
    if not answers:
        return lined("exercise")
    hints = "".join(f"<li>{escape(translated(hint))}</li>" for hint in exercise.hints)
    wrong = "".join(
        f"<li>{escape(translated(one.feedback))}{f' ({one.misconception})' if one.misconception else ''}</li>"
        for one in exercise.wrong
    )
    way = f"<p>{escape(say('quiz', 'one_way', id=exercise.id))}</p>{listing(exercise.solution)}"
    return f"<ol>{hints}</ol>{way}<ul>{wrong}</ul>"


def block(kind: str, inner: str) -> str:
    """Keep together what belongs on one page."""
    return f'<section class="{kind}">{inner}</section>'


def lined(kind: str) -> str:
    """Return ruled lines."""
    return f'<div class="lines" aria-hidden="true">{"<div></div>" * ROOM[kind]}</div>'


def listing(source: str) -> str:
    """Return a program."""
    return f"<pre>{escape(source.strip())}</pre>"


# ------------------------------------------------------------------------------------------------------- Markdown


def text(words: str) -> str:
    """Return words that may hold code and stresses, as the lessons write them.

    >>> text("`x < 1` is *not* **right**")
    '<code>x &lt; 1</code> is <i>not</i> <b>right</b>'
    """
    parts = re.split(r"(`[^`]+`)", words)
    return "".join(f"<code>{escape(part[1:-1])}</code>" if part[:1] == "`" else stressed(part) for part in parts)


def stressed(words: str) -> str:
    """Return words without code."""
    words = escape(words, quote=False)
    for pattern, html in INLINE:
        words = pattern.sub(html, words)
    return words


def markdown(source: str) -> str:
    r"""Return what the lessons' cells hold of Markdown: headings, lists, tables, programs, paragraphs.

    >>> markdown("# One\n\nTwo\nthree\n\n- four")
    '<h3>One</h3><p>Two three</p><ul><li>four</li></ul>'
    """
    blocks = re.split(r"(?ms)^(```.*?^```)$|\n\s*\n", source.strip())
    return "".join(paragraph(piece.splitlines()) for piece in blocks if piece and piece.strip())


def paragraph(lines: Sequence[str]) -> str:
    """Return one block of Markdown."""
    first = lines[0].lstrip()
    if first.startswith("```"):
        return listing("\n".join(lines[1:-1]))
    if first.startswith("#"):
        return f"<h3>{text(first.lstrip('# '))}</h3>"
    if first.startswith("|"):
        return table(lines)
    kind = "ol" if re.match(r"\d+\. ", first) else "ul" if first.startswith("- ") else ""
    if kind:
        return f"<{kind}>{''.join(f'<li>{text(item)}</li>' for item in items(lines))}</{kind}>"
    return f"<p>{text(' '.join(map(str.strip, lines)).strip())}</p>"


def items(lines: Sequence[str]) -> Iterator[str]:
    """Yield the items of a list; a line without a mark goes on with the one above."""
    marked = re.sub(r"(?m)^\s*(?:- |\d+\. )", "\0", "\n".join(lines))
    yield from (" ".join(item.split()) for item in marked.split("\0") if item.strip())


def table(lines: Sequence[str]) -> str:
    """Return a table whose first row is its head."""
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
    body = [row for row in rows if not all(set(cell) <= set("-: ") for cell in row)]
    return (
        "<table>"
        + "".join(f"<tr>{''.join(f'<td>{text(cell)}</td>' for cell in row)}</tr>" for row in body)
        + "</table>"
    )


def notes(cells: Sequence[Cell]) -> str:
    """Return what an instructor is told, for the teacher's copy."""
    return "".join(markdown(re.sub(r"</?details>|<summary>.*?</summary>", "", cell.source)) for cell in cells)
