"""Translate the lessons: `python lessons/translate.py extract|lint|build [--language CODE] [NN ...]`.

There is one source: the English notebooks and the bank. `lessons/po/<language>/NN.po` holds every text of a lesson that
a learner reads, with its translation; `extract` brings it up to date. `build` compiles what the bank says, writes
`lessons/<language>/NN-slug.ipynb` and runs it: its code is the English one byte for byte, except that the setup cell
names the language. A text that has changed since it was translated appears in English, under a line that says so.
"""

from __future__ import annotations

import argparse
import copy
import os
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import execute
import polib
import proofread

from autovis.classroom import judge
from autovis.classroom.bank import Exercise, Question, exercises, misconceptions, questions

LESSONS = Path(__file__).resolve().parent
PO = LESSONS / "po"
BANK = LESSONS.parent / "autovis" / "classroom" / "bank"
THOUGHTS = "misconceptions"
NEEDED = ("01", "02", "03", "04", "05", "06", "09", THOUGHTS)
"""What a language has before it is published."""

Catalogue = Any


@dataclass(frozen=True, slots=True)
class Text:
    """Something a learner reads.

    Attributes:
        place: where it stands: a cell's id, or the id of a question or exercise and a word or two.
        english: the text.
        note: for the translator.
    """

    place: str
    english: str
    note: str = ""


def main() -> int:
    """Run one of the commands.

    Returns:
        1 if `lint` found something, else 0.
    """
    parser = argparse.ArgumentParser(description="Translate the lessons.")
    parser.add_argument("command", choices=["extract", "lint", "build"])
    parser.add_argument("lessons", nargs="*", help="numbers; all if none is named")
    parser.add_argument("--language", choices=languages(), action="append", help="all if none is named")
    asked = parser.parse_intermixed_args()
    found = [
        line
        for language in asked.language or languages()
        for line in COMMANDS[asked.command](language, asked.lessons or numbers())
    ]
    print(*found, sep="\n")
    return int(bool(found) and asked.command == "lint")


# --------------------------------------------------------------------------------------------------- texts


def languages() -> list[str]:
    """Return the languages that have a folder."""
    return sorted(path.parent.name for path in PO.glob("*/language.toml"))


def settings(language: str) -> Mapping[str, Any]:
    """Return the few words that belong to a language, not to a lesson."""
    return tomllib.loads((PO / language / "language.toml").read_text("utf-8"))


def numbers() -> list[str]:
    """Return the lessons that can be translated by number (the clinic by name), and the list of misconceptions."""
    return [*(path.stem.partition("-")[0] for path in sorted((LESSONS / "en").glob("*.ipynb"))), THOUGHTS]


def source(number: str) -> Path:
    """Return the English notebook of a lesson."""
    (path,) = (path for path in (LESSONS / "en").glob("*.ipynb") if path.stem.partition("-")[0] == number)
    return path


def texts(number: str) -> list[Text]:
    """Return all texts of a lesson in the order in which they are met."""
    if number == THOUGHTS:
        return [Text(each.id, each.thought) for each in misconceptions().values()]
    notebook = execute.read(source(number))
    asked = notebook.metadata["autovis"]["lesson"]["questions"]
    cells = [Text(cell.id, cell.source, " ".join(cell.metadata.get("tags", []))) for cell in prose(notebook)]
    return [*(Text(f"question {n}", each) for n, each in enumerate(asked, start=1)), *cells, *of_bank(number)]


def prose(notebook: Any) -> list[Any]:
    """Return the cells that are not code."""
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def of_bank(number: str) -> Iterator[Text]:
    """Yield what the bank says in a lesson: labels and names that are words, feedback, hints."""
    for question in (each for id, each in questions().items() if id.startswith(f"{number}-")):
        yield from of_question(question)
    for exercise in (each for id, each in exercises().items() if id.startswith(f"{number}-")):
        yield from of_exercise(exercise)


def of_question(question: Question) -> Iterator[Text]:
    """Yield labels and feedback; a label that is code is the same in every language."""
    for letter, option in judge.letters(question).items():
        if proofread.is_worded(option.label):
            yield Text(f"{question.id} {letter}", option.label, "label; names from the code stay as they are")
        yield Text(f"{question.id} {letter} feedback", option.feedback, f"on {option.label!r}")
    if question.right:
        yield Text(f"{question.id} right", question.right)


def of_exercise(exercise: Exercise) -> Iterator[Text]:
    """Yield the names of what is checked, what it can be, the hints, and what is said of an answer."""
    names = filter(proofread.is_worded, judge.expected(exercise))
    yield from (Text(f"{exercise.id} name {n}", name, "what is checked") for n, name in enumerate(names, start=1))
    yield from (Text(f"{exercise.id} value {n}", value, "found") for n, value in enumerate(values(exercise), start=1))
    yield from (Text(f"{exercise.id} hint {n}", hint) for n, hint in enumerate(exercise.hints, start=1))
    for n, wrong in enumerate(exercise.wrong, start=1):
        yield Text(f"{exercise.id} wrong {n}", wrong.feedback, wrong.source.strip())
    if exercise.done:
        yield Text(f"{exercise.id} done", exercise.done)


def values(exercise: Exercise) -> list[str]:
    """Return the words that a check finds in the answers that are known; a secret exercise finds the learner's own."""
    sources = () if exercise.secret else (exercise.solution, *(wrong.source for wrong in exercise.wrong))
    reports = [judge.report(exercise, judge.made_by(exercise, source)).numbers for source in sources]
    found = dict.fromkeys(value for report in reports for value in report.values() if type(value) is str)
    return [value for value in found if proofread.is_worded(value)]


# ----------------------------------------------------------------------------------------------- catalogues


def catalogue(language: str, number: str) -> Catalogue:
    """Read the translations of a lesson; none if there are none yet."""
    path = PO / language / f"{number}.po"
    return polib.pofile(str(path)) if path.is_file() else polib.POFile()


def extract(language: str, chosen: list[str]) -> Iterator[str]:
    """Bring the catalogues up to date with the English texts."""
    for number in chosen:
        renewed = merged(catalogue(language, number), texts(number))
        renewed.metadata = {"Language": language, "Content-Type": "text/plain; charset=UTF-8"}
        renewed.wrapwidth = 100
        path = PO / language / f"{number}.po"
        path.write_text(f"{renewed}", "utf-8", newline="\n")
        open_ = [entry for entry in renewed if not is_done(entry)]
        yield f"{language}/{path.name}: {len(renewed)} texts, {len(open_)} to do"


def merged(old: Catalogue, wanted: list[Text]) -> Catalogue:
    """Return a catalogue of today's texts; what was translated from an older text is kept, marked `fuzzy`."""
    known = {(entry.msgctxt, entry.msgid): entry for entry in old}
    there = {entry.msgctxt: entry for entry in old}
    renewed = polib.POFile()
    for text in wanted:
        before = known.get((text.place, text.english)) or there.get(text.place) or polib.POEntry()
        stale = bool(before.msgstr) and before.msgid != text.english
        renewed.append(
            polib.POEntry(
                msgctxt=text.place,
                msgid=text.english,
                msgstr=before.msgstr,
                comment=text.note,
                tcomment=before.tcomment,
                flags=["fuzzy"] if stale or before.fuzzy else [],
                previous_msgid=before.msgid if stale else before.previous_msgid,
            )
        )
    return renewed


def is_done(entry: Any) -> bool:
    """Say whether an entry is translated, from the text as it is in the catalogue."""
    return bool(entry.msgstr) and not entry.fuzzy


def translations(language: str, number: str) -> dict[tuple[str, str], str]:
    """Return what is translated in a lesson, by place and English text."""
    return {(entry.msgctxt, entry.msgid): entry.msgstr for entry in catalogue(language, number) if is_done(entry)}


def is_begun(language: str, number: str) -> bool:
    """Say whether every place of a lesson has a translation, if perhaps of an older text."""
    there = {entry.msgctxt for entry in catalogue(language, number) if entry.msgstr}
    return all(text.place in there for text in texts(number))


def lint(language: str, chosen: list[str]) -> Iterator[str]:
    """Compare the translations with the English texts."""
    for number in chosen:
        for entry in filter(is_done, catalogue(language, number)):
            for defect in proofread.defects(entry.msgid, entry.msgstr, language, settings(language)["never"]):
                yield f"{language}/{number}.po, {entry.msgctxt}: {defect}"


# --------------------------------------------------------------------------------------------------- output


def build(language: str, chosen: list[str]) -> Iterator[str]:
    """Compile what the bank says, write the notebooks of all lessons that are translated, and run them."""
    os.environ["AUTOVIS_MODE"] = "ci"
    (BANK / f"{language}.mo").write_bytes(compiled(language))
    lessons = [number for number in chosen if number != THOUGHTS]
    begun = [number for number in lessons if is_begun(language, number)]
    for number in begun:
        path = LESSONS / language / source(number).name
        path.parent.mkdir(exist_ok=True)
        notebook = execute.clean(execute.execute(translated(language, number), path.parent))
        path.write_text(execute.written(notebook), "utf-8", newline="\n")
        yield f"{language}/{path.name}"
    if begun != lessons:
        yield f"{language}: not translated yet: {', '.join(number for number in lessons if number not in begun)}"


def translated(language: str, number: str) -> Any:
    """Return a lesson's notebook in another language, not run yet."""
    notebook = copy.deepcopy(execute.read(source(number)))
    words = translations(language, number)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = words.get((cell.id, cell.source)) or f"{settings(language)['stale']}\n\n{cell.source}"
        else:
            cell.outputs, cell.execution_count = [], None
            if "setup" in cell.metadata.get("tags", []):
                cell.source += f'\n\nav.set_language("{language}")'
    lesson = notebook.metadata["autovis"]["lesson"]
    sources = {cell.id: cell.source for cell in notebook.cells}
    asked = lesson["questions"]
    lesson["title"] = next(line for line in sources["objectives"].splitlines() if line.startswith("# ")).split(" · ")[1]
    lesson["questions"] = [words.get((f"question {n}", each), each) for n, each in enumerate(asked, start=1)]
    lesson |= {block: items(sources[block]) for block in ("objectives", "keypoints")}
    return notebook


def items(markdown: str) -> list[str]:
    """Return the items of a cell's list."""
    return [line.removeprefix("- ") for line in markdown.splitlines() if line.startswith("- ")]


def compiled(language: str) -> bytes:
    """Return what the bank says in a language, as the package reads it: by the English text alone.

    Raises:
        ValueError: if two places translate one English text differently.
    """
    told: dict[str, str] = {}
    for number in numbers():
        words = translations(language, number)
        for text in texts(number) if number == THOUGHTS else of_bank(number):
            word = words.get((text.place, text.english))
            if word and told.setdefault(text.english, word) != word:
                raise ValueError(f"{language}/{number}.po, {text.place}: elsewhere this is {told[text.english]!r}")
    book = polib.POFile()
    book.metadata = {"Content-Type": "text/plain; charset=UTF-8"}
    book.extend(polib.POEntry(msgid=english, msgstr=word) for english, word in sorted(told.items()))
    return bytes(book.to_binary())


COMMANDS = {"extract": extract, "lint": lint, "build": build}

if __name__ == "__main__":
    sys.exit(main())
