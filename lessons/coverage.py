"""Write what the course covers, and the course at a glance: `python lessons/coverage.py [--check]`.

Both come from what the lessons say about themselves. COVERAGE.md tells where each statement of `statements.toml` is met
by an experiment, and where each misconception of the bank is offered as an answer; the part of README.md between two
marks lists the lessons with their links, which all lead to the one reference that pyproject.toml names.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autovis.classroom.bank import exercises, misconceptions, questions
from autovis.language import LANGUAGES

FOLDER = Path(__file__).resolve().parent
COVERAGE, GLANCE = FOLDER / "COVERAGE.md", FOLDER / "README.md"
BEGIN, END = "<!-- written by coverage.py -->\n", "<!-- end -->\n"
TABLES = tomllib.loads((FOLDER / "statements.toml").read_text("utf-8"))
STATEMENTS: dict[str, dict[str, str]] = TABLES["statements"]
PROJECT = tomllib.loads((FOLDER.parent / "pyproject.toml").read_text("utf-8"))["project"]
SOURCE = re.compile(r"https://github\.com/(?P<owner>[^/]+)/(?P<name>[^/]+)/tree/(?P<reference>[^/]+)")
HOSTS = {
    "Binder": "https://mybinder.org/v2/gh/{owner}/{name}/{reference}?urlpath=lab/tree/lessons/en/{file}",
    "Colab": "https://colab.research.google.com/github/{owner}/{name}/blob/{reference}/lessons/en/{file}",
    "JupyterLite": "https://{owner}.github.io/{name}/lite/lab/index.html?path={file}",
}
NOWHERE = "**nowhere yet**"


@dataclass(frozen=True)
class Lesson:
    """A lesson as its notebook describes it.

    Attributes:
        file: name of the notebook, the same in every language.
        about: the metadata `autovis.lesson`.
        seeds: for each experiment cell's id the statements that it meets.
    """

    file: str
    about: dict[str, Any]
    seeds: dict[str, list[str]]

    @property
    def number(self) -> str:
        """`01` to `16`, or `clinic`."""
        return str(self.about["id"])

    @property
    def name(self) -> str:
        """Number and title."""
        return f"{self.number.capitalize()} {self.about['title']}"

    @property
    def link(self) -> str:
        """The number, leading to the notebook."""
        return f"[{self.number}](en/{self.file})"


def main() -> int:
    """Write the documents.

    Returns:
        1 if `--check` found one that would change, else 0.
    """
    parser = argparse.ArgumentParser(description="Write what the course covers, and the course at a glance.")
    parser.add_argument("--check", action="store_true", help="change nothing, say whether anything would change")
    asked = parser.parse_args()
    stale = [path for path, text in documents().items() if path.read_text("utf-8") != text]
    for path in stale:
        if not asked.check:
            path.write_text(documents()[path], "utf-8", newline="\n")
        print(f"{path.name}: {'not up to date' if asked.check else 'written'}")
    return int(asked.check and bool(stale))


def documents() -> dict[Path, str]:
    """Return the text of both documents."""
    found = lessons()
    before, _, rest = GLANCE.read_text("utf-8").partition(BEGIN)
    return {COVERAGE: coverage(found), GLANCE: before + BEGIN + glance(found) + END + rest.partition(END)[2]}


def lessons() -> list[Lesson]:
    """Read the English lessons, in order, and the clinic."""
    return [read(path) for path in sorted(FOLDER.glob("en/*.ipynb"))]


def read(path: Path) -> Lesson:
    """Read what a lesson says about itself."""
    notebook = json.loads(path.read_text("utf-8"))
    named = {cell["id"]: cell["metadata"].get("autovis", {}).get("seeds", []) for cell in notebook["cells"]}
    return Lesson(
        path.name, notebook["metadata"]["autovis"]["lesson"], {id: seeds for id, seeds in named.items() if seeds}
    )


def met(id: str, found: Iterable[Lesson]) -> Iterator[str]:
    """Say where a statement is met: a link to each lesson, and the ids of its cells."""
    for lesson in found:
        if cells := [cell for cell, seeds in lesson.seeds.items() if id in seeds]:
            yield f"{lesson.link} {', '.join(f'`{cell}`' for cell in cells)}"
    if place := STATEMENTS[id].get("place"):
        yield f"[{Path(place).name}](../{place})"


def offered(id: str) -> list[str]:
    """Name the questions and exercises that have an answer which betrays a misconception."""
    asked = [(name, question.options) for name, question in questions().items()]
    asked += [(name, exercise.wrong) for name, exercise in exercises().items()]  # type: ignore[misc]  # both betray
    return sorted(name for name, answers in asked if any(answer.misconception == id for answer in answers))


def coverage(found: list[Lesson]) -> str:
    """Return the text of COVERAGE.md."""
    counted = Counter(statement["verdict"] for statement in STATEMENTS.values())
    return f"""\
# What the course covers

`python lessons/coverage.py` writes this page from the lessons' metadata, `statements.toml` and the question bank.

## What five articles say

The course grew out of five articles on PyTorch's autograd. Each of their statements is met by an experiment, which
confirms it or says what is so instead; S3-6 is the sixth of article 3. Of {len(STATEMENTS)} statements:
{", ".join(f"{counted[verdict]} {verdict}" for verdict in TABLES["verdicts"])}.
{"".join(article_table(number, found) for number in TABLES["articles"])}
## What learners believe

Each belief is an answer that can be chosen, or a mistake that a check recognises, and has feedback of its own.

| | belief | lessons | where it is offered |
|---|---|---|---|
{"".join(belief_row(id, found) for id in misconceptions())}"""


def article_table(number: str, found: list[Lesson]) -> str:
    """Return the statements of one article."""
    rows = "".join(statement_row(id, found) for id in STATEMENTS if id.startswith(f"S{number}-"))
    return f"""
### Article {number}, {TABLES["articles"][number]}

| | it says | verdict | met in lesson, by cell |
|---|---|---|---|
{rows}"""


def statement_row(id: str, found: list[Lesson]) -> str:
    """Return the line of one statement."""
    statement = STATEMENTS[id]
    verdict = ": ".join(filter(None, [f"**{statement['verdict']}**", statement.get("holds")]))
    return f"| {id} | {statement['says']} | {verdict} | {'; '.join(met(id, found)) or NOWHERE} |\n"


def belief_row(id: str, found: list[Lesson]) -> str:
    """Return the line of one misconception."""
    where = " ".join(lesson.link for lesson in found if id in lesson.about["misconceptions"])
    return f"| {id} | {misconceptions()[id].thought} | {where or NOWHERE} | {', '.join(offered(id)) or NOWHERE} |\n"


def glance(found: list[Lesson]) -> str:
    """Return the table of lessons, and which lesson needs which."""
    rows = "".join(glance_row(lesson) for lesson in found)
    minutes = sum(sum(lesson.about["minutes"].values()) for lesson in found)
    install = "%pip install git+https://github.com/{owner}/{name}@{reference}".format(**source())
    return f"""\
| lesson | minutes | afterwards you can | needs | open in |
|---|---|---|---|---|
{rows}
In all {minutes // 60} h {minutes % 60:02} min. On Colab, put a cell above the first one and run
`{install}` there.

What needs what:

```mermaid
graph LR
{graph(found)}```
"""


def glance_row(lesson: Lesson) -> str:
    """Return the line of one lesson."""
    about = lesson.about
    title = f"[{lesson.name}](en/{lesson.file})"
    others = [f"[{name}]({code}/{lesson.file})" for code, name in LANGUAGES.items() if code != "en"]
    there = [link for link in others if (FOLDER / link.partition("(")[2][:-1]).is_file()]
    needs = ", ".join(about["requires"]) or "–"
    hosts = " · ".join(f"[{host}]({address})" for host, address in addresses(lesson.file).items())
    can = "; ".join(about["objectives"])
    return f"| {' · '.join([title, *there])} | {sum(about['minutes'].values())} | {can} | {needs} | {hosts} |\n"


def addresses(file: str) -> dict[str, str]:
    """Return where a lesson opens without an installation."""
    return {host: address.format(file=file, **source()) for host, address in HOSTS.items()}


def source() -> dict[str, str]:
    """Read owner, name and reference of the repository from pyproject.toml."""
    found = SOURCE.fullmatch(PROJECT["urls"]["Source"])
    assert found, "Source is https://github.com/OWNER/NAME/tree/REFERENCE"
    return found.groupdict()


def graph(found: list[Lesson]) -> str:
    """Return lessons and what they need directly, in Mermaid's words; what follows from other lines is left out."""
    needs = {lesson.number: set(lesson.about["requires"]) for lesson in found}

    def all_before(number: str) -> set[str]:
        return needs.get(number, set()).union(*map(all_before, needs.get(number, ())))

    lines = [f'    L{lesson.number}["{lesson.name}"]\n' for lesson in found]
    for number, before in needs.items():
        direct = before - set().union(*map(all_before, before))
        lines += [f"    L{other} --> L{number}\n" for other in sorted(direct)]
    return "".join(lines)


if __name__ == "__main__":
    sys.exit(main())
