"""The console command: `autovis lab [LESSON]` opens JupyterLab on a lesson, `autovis run SCRIPT` runs a program.

`autovis handout LESSON FILE` writes what can be handed out on paper.

Inside a checkout the lessons are opened where they are. An installed autovis carries a copy of them; it is laid out in
the folder `autovis-lessons` first, and what the learner has changed there is never overwritten.

A program that says `import torch` runs unchanged, on autovis.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import importlib.util
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from autovis import alias
from autovis.language import LANGUAGES, set_language, understood

__all__ = ["main"]

FIRST = "en"
"""The language of the lessons if none is named."""

LAID_OUT = "autovis-lessons"
RECORD = ".laid-out.json"
PACKAGE = Path(__file__).resolve().parent


class UnknownLessonError(LookupError):
    """No lesson of that name; the message lists those that exist."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: what was typed after `autovis`; `None` reads it from the command line. What follows `--` is passed on
            to JupyterLab, what follows a script to the script.

    Returns:
        The exit status: that of JupyterLab or of the program, 1 if JupyterLab is not installed, 2 if there is no such
        lesson or script.
    """
    typed = list(sys.argv[1:] if arguments is None else arguments)
    if typed[:1] == ["run"]:
        asked = parser().parse_args(typed)
        return run(asked.script, asked.arguments)
    if typed[:1] == ["handout"]:
        asked = parser().parse_args(typed)
        return hand_out(asked.lesson, asked.file, asked.language, answers=asked.answers)
    cut = typed.index("--") if "--" in typed else len(typed)
    asked = parser().parse_args(typed[:cut])
    try:
        lesson = find(asked.lesson, lessons_folder(Path.cwd(), asked.language))
    except UnknownLessonError as unknown:
        print(unknown, file=sys.stderr)
        if asked.language != FIRST:
            print(f"\nWhat nobody has translated yet is there in English: autovis lab {asked.lesson}", file=sys.stderr)
        return 2
    command = [sys.executable, "-m", "jupyterlab", *opening(lesson), *typed[cut + 1 :]]
    if asked.print:
        print(shlex.join(command))
        return 0
    if importlib.util.find_spec("jupyterlab") is None:
        cure = shlex.join([sys.executable, "-m", "pip", "install", "autovis[lab]"])
        print(f"JupyterLab is not installed in this environment. Install it with\n\n    {cure}", file=sys.stderr)
        return 1
    return attend(command)


def run(script: str, arguments: Sequence[str]) -> int:
    """Run a program; say so if it cannot be read."""
    if not os.access(script, os.R_OK) or Path(script).is_dir():
        print(f"autovis: can't open file {script!r}", file=sys.stderr)
        return 2
    return alias.run(script, arguments)


def hand_out(lesson: str, file: str, code: str, *, answers: bool) -> int:
    """Write the handout of a lesson; say so if there is no such lesson, or the file cannot be written."""
    handouts = importlib.import_module("autovis.widgets.handout")
    set_language(code)
    try:
        handouts.handout(lesson, file, answers=answers)
    except (LookupError, OSError, ValueError) as error:
        print(f"autovis: {error}", file=sys.stderr)
        return 2
    print(file)
    return 0


def opening(lesson: Path) -> list[str]:
    """Return the options that open JupyterLab on a lesson, in a browser here as well as by the address it prints."""
    options = [f"--ServerApp.root_dir={lesson.parent}", f"--LabApp.default_url=/lab/tree/{quote(lesson.name)}"]
    # In a container everybody is root; JupyterLab still listens on this machine only, and asks for its token.
    return [*options, "--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else options


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    top = argparse.ArgumentParser(prog="autovis", description="See automatic differentiation happen.")
    top.add_argument("--version", action="version", version=f"autovis {importlib.metadata.version('autovis')}")
    spoken = ", ".join(LANGUAGES)
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    lab = commands.add_parser(
        "lab",
        help="open JupyterLab on a lesson",
        description="Open JupyterLab on a lesson.",
        epilog="What follows -- is passed on to JupyterLab: autovis lab 02 -- --no-browser",
    )
    lab.add_argument("lesson", nargs="?", default="", metavar="LESSON", help="number, name or path; else the first")
    lab.add_argument("--language", type=language, default=FIRST, metavar="CODE", help=f"{spoken}; else {FIRST}")
    lab.add_argument("--print", action="store_true", help="print the command instead of running it")
    paper = commands.add_parser(
        "handout",
        help="write the handout of a lesson",
        description="Write the questions, exercises and frozen frames of a lesson as a page that prints well.",
    )
    paper.add_argument("lesson", metavar="LESSON", help="number of the lesson")
    paper.add_argument("file", metavar="FILE", help="where to write it, such as 05.html")
    paper.add_argument("--answers", action="store_true", help="the teacher's copy")
    paper.add_argument("--language", type=language, default=FIRST, metavar="CODE", help=f"{spoken}; else {FIRST}")
    script = commands.add_parser(
        "run",
        help="run a program that says `import torch`",
        description="Run a program that says `import torch`, unchanged, on autovis.",
    )
    script.add_argument("script", metavar="SCRIPT", help="path of the program")
    script.add_argument("arguments", nargs=argparse.REMAINDER, metavar="...", help="what the program finds in sys.argv")
    return top


def language(code: str) -> str:
    """Read the code of a language as it was typed; argparse shows the reason of this error only."""
    try:
        return understood(code)
    except ValueError as unknown:
        raise argparse.ArgumentTypeError(str(unknown)) from None


def lessons_folder(here: Path, language: str = FIRST) -> Path:
    """Return the folder of the lessons in a language, after laying them out if they only exist inside the package."""
    for checkout in (here, PACKAGE.parent):
        if (checkout / "pyproject.toml").is_file() and (checkout / "autovis").is_dir():
            return checkout / "lessons" / language
    folder = here / (LAID_OUT if language == FIRST else f"{LAID_OUT}-{language}")
    lay_out(PACKAGE / "_lessons" / language, folder)
    return folder


def lay_out(shipped: Path, folder: Path) -> None:
    """Copy the shipped lessons into a folder where they can be changed.

    A file that the learner has changed stays as it is; one that is still as it was laid out follows a newer autovis.

    Args:
        shipped: where the installed package keeps its lessons.
        folder: where they are wanted; made if it does not exist.
    """
    folder.mkdir(exist_ok=True)
    record = folder / RECORD
    known: dict[str, str] = json.loads(record.read_text("utf-8")) if record.is_file() else {}
    for source in sorted(shipped.glob("*.ipynb")):
        target, digest = folder / source.name, fingerprint(source)
        if not target.exists() or fingerprint(target) == known.get(source.name):
            shutil.copyfile(source, target)
        elif known.get(source.name) != digest:
            print(f"{target} keeps your changes; delete it to get the version of this autovis.")
        known[source.name] = digest
    record.write_text(json.dumps(known, indent=1), "utf-8")


def fingerprint(file: Path) -> str:
    """Return what two files share exactly when their contents are the same."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def find(asked: str, folder: Path) -> Path:
    """Return the notebook that a learner means.

    Args:
        asked: a path, a number (`2`, `02`), a name (`02-graph`, `graph`) or how it begins; empty means the first.
        folder: where the lessons are.

    Raises:
        UnknownLessonError: if it names none of them, or several.
    """
    if asked.endswith(".ipynb") and Path(asked).is_file():
        return Path(asked).resolve()
    lessons = sorted(folder.glob("*.ipynb"))
    if not asked:
        found = lessons[:1]
    elif asked.isdigit():
        found = [lesson for lesson in lessons if lesson.stem.partition("-")[0] == f"{int(asked):02d}"]
    else:
        wanted = asked.removesuffix(".ipynb")
        exact = [lesson for lesson in lessons if wanted in names(lesson)]
        found = exact or [lesson for lesson in lessons if any(name.startswith(wanted) for name in names(lesson))]
    if len(found) != 1:
        listed = "\n".join(f"    {lesson.stem}" for lesson in lessons) or "    (none)"
        raise UnknownLessonError(f"No lesson is called {asked!r}. The lessons in {folder}:\n\n{listed}")
    return found[0]


def names(lesson: Path) -> list[str]:
    """Return what a lesson may be called: with its number and without, if it has one.

    >>> names(Path("02-graph.ipynb")), names(Path("clinic.ipynb"))
    (['02-graph', 'graph'], ['clinic'])
    """
    return [name for name in (lesson.stem, lesson.stem.partition("-")[2]) if name]


def surroundings() -> dict[str, str]:
    """Return the environment in which JupyterLab saves notebooks with their widgets, so that films play the next day.

    Without, a notebook that is opened again says "Error displaying widget" where a film was. A setting of the learner's
    own goes before ours.
    """
    paths = [os.environ.get("JUPYTER_CONFIG_PATH", ""), str(PACKAGE / "jupyter")]
    return os.environ | {"JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, paths))}


def attend(command: Sequence[str]) -> int:
    """Run a command until it ends; Ctrl-C is left to it."""
    with subprocess.Popen(command, env=surroundings()) as process:  # noqa: S603 - our own interpreter, arguments never seen by a shell
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue
