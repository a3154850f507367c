"""The lessons as they came with autovis, cell by cell: their notes, their questions, their minutes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from autovis.language import get_language, say

__all__ = ["Cell", "Lesson", "all_lessons", "lesson"]

PACKAGE: Final = Path(__file__).resolve().parents[1]
ENGLISH: Final = "en"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a notebook.

    Attributes:
        kind: `markdown` or `code`.
        tags: what it is there for, such as `predict`.
        source: its text.
        told: what it printed and returned, as text; empty where that is a picture.
    """

    kind: str
    tags: frozenset[str]
    source: str
    told: str = ""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One notebook.

    Attributes:
        id: its number, `05`, or its name where it has none.
        title: as its heading says it.
        about: what stands in its metadata: `minutes`, `objectives`, `misconceptions` and others.
        cells: all of them.
    """

    id: str
    title: str
    about: Mapping[str, Any]
    cells: tuple[Cell, ...]

    @property
    def heading(self) -> str:
        """Its number and its title; the clinic has no number."""
        return say("desk", "lesson", id=self.id, title=self.title) if self.id.isdigit() else self.title

    def tagged(self, tag: str) -> list[Cell]:
        """Return the cells that carry a tag."""
        return [cell for cell in self.cells if tag in cell.tags]


def folders(language: str) -> list[Path]:
    """Return where lessons may lie: in a checkout, else in the installed package; English where nobody translated."""
    roots = [root for root in (PACKAGE.parent / "lessons", PACKAGE / "_lessons") if (root / ENGLISH).is_dir()]
    return [root / code for root in roots[:1] for code in dict.fromkeys((language, ENGLISH))]


def all_lessons() -> list[Lesson]:
    """Return the lessons, in order, each in the language that is set if it is there in it."""
    files: dict[str, Path] = {}
    for folder in reversed(folders(get_language())):
        files |= {path.name: path for path in folder.glob("*.ipynb")}
    return [read(files[name]) for name in sorted(files)]


def lesson(asked: str | int) -> Lesson:
    """Return one lesson, named by its number or by the beginning of its name.

    Raises:
        LookupError: if there is none; names those that there are.
    """
    wanted = f"{int(asked):02d}" if str(asked).isdigit() else str(asked)
    for one in all_lessons():
        if one.id == wanted:
            return one
    there = ", ".join(one.id for one in all_lessons())
    raise LookupError(f"there is no lesson {asked!r}; the lessons are {there}")


@cache
def read(path: Path) -> Lesson:
    """Read a notebook."""
    notebook = json.loads(path.read_text("utf-8"))
    about = notebook["metadata"].get("autovis", {}).get("lesson", {})
    cells = tuple(
        Cell(
            cell["cell_type"],
            frozenset(cell["metadata"].get("tags", ())),
            "".join(cell["source"]),
            "\n".join(filter(None, map(printed, cell.get("outputs", ())))),
        )
        for cell in notebook["cells"]
    )
    return Lesson(str(about.get("id", path.stem)), str(about.get("title", path.stem)), about, cells)


def printed(output: Mapping[str, Any]) -> str:
    """Return an output of a cell as text; of a picture nothing."""
    data = output.get("data", {})
    return "" if "image/png" in data else "".join(output.get("text", data.get("text/plain", ""))).rstrip()
