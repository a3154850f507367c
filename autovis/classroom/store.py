"""The file in which the logbook is kept, beside the notebooks; nothing that happens to it stops a lesson.

What cannot be written now is kept in memory and written with what comes next. A file that cannot be read is put aside,
never overwritten.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from autovis.classroom import logbook
from autovis.classroom.logbook import Logbook, NewerError, merged
from autovis.classroom.mode import mode
from autovis.language import say

__all__ = ["STORE", "Store", "minute"]

FILE: Final = ".autovis-progress.json"
ASIDE: Final = ".autovis-progress.damaged-{number}.json"
SWITCH: Final = "AUTOVIS_PROGRESS"
OFF: Final = frozenset({"off", "no", "false", "0"})

PATIENCE, STALE, PAUSE = 2.0, 10.0, 0.02
"""Seconds: to wait for another kernel that writes, until its lock counts as left behind, between two looks at it."""


def minute() -> int:
    """Return the time in minutes since 1970."""
    return int(time.time() // 60)


def is_kept() -> bool:
    """Say whether anything is written to a file: a learner's work, unless it is switched off."""
    return mode() == "learner" and os.environ.get(SWITCH, "").strip().lower() not in OFF


def place() -> Path:
    """Return where the file is: in the folder of the notebook."""
    return (Path.cwd() / FILE).resolve()


@dataclass(slots=True)
class Store:
    """What is known of the learner, and what of it is not on file yet.

    Attributes:
        book: all of it.
        unsaved: what still has to be written.
        trouble: sentences that nobody has read yet.
    """

    book: Logbook = field(default_factory=Logbook)
    unsaved: Logbook = field(default_factory=Logbook)
    trouble: list[str] = field(default_factory=list)
    _told: set[str] = field(default_factory=set)

    def note(self, new: Logbook) -> None:
        """Keep something new; it is written with what comes next. What an instructor shows is nobody's progress."""
        if mode() == "instructor":
            return
        self.book = merged(self.book, new)
        if is_kept():
            self.unsaved = merged(self.unsaved, new)

    def look(self) -> Logbook:
        """Write what is not on file yet, read what another notebook has added, and return all of it."""
        if is_kept():
            new, self.unsaved = self.unsaved, Logbook()
            urgent = bool(new.predictions or new.checks)
            done = self._change(lambda found: merged(found, new) if urgent else found)
            if not (urgent and done):
                self.unsaved = merged(self.unsaved, new)
        return self.book

    def forget(self, lesson: str) -> None:
        """Take a lesson out, here and on file."""
        if is_kept():
            self._change(lambda found: found.without(lesson))
        self.book, self.unsaved = self.book.without(lesson), self.unsaved.without(lesson)

    def notices(self) -> list[str]:
        """Return what went wrong since this was asked last."""
        told, self.trouble = self.trouble, []
        return told

    def _change(self, change: Callable[[Logbook], Logbook]) -> bool:
        """Read the file, change it, write it if that makes a difference; say whether it is now as it should be."""
        try:
            file = place()
            found, whole = contents(file)
            self.book = merged(self.book, found)
            if not whole or change(found) != found:
                with locked(file.with_suffix(".lock")):
                    self._exchange(file, change)
        except NewerError:
            return self._note("newer", file=FILE)
        except (OSError, ValueError) as error:  # of a value that JSON cannot hold
            return self._note("unwritable", file=FILE, why=getattr(error, "strerror", None) or str(error))
        return True

    def _exchange(self, file: Path, change: Callable[[Logbook], Logbook]) -> None:
        """Read the file again, now that nobody else may change it, and write what it becomes."""
        found, whole = contents(file)
        if not whole:
            aside = put_aside(file)
            self.note(found)  # if the next line fails
            self._note("damaged", file=FILE, aside=aside.name)
        wanted = change(found)
        wanted = replace(wanted, marks=wanted.marks or self.book.marks or frozenset({secrets.token_urlsafe(6)}))
        write(file, logbook.write(wanted))
        self.book = merged(self.book, replace(wanted, predictions={}, checks={}, sittings={}))

    def _note(self, key: str, **about: str) -> bool:
        """Have something told once, until it changes."""
        sentence = say("progress", key, **about)
        if sentence not in self._told:
            self._told.add(sentence)
            self.trouble.append(sentence)
        return False


STORE = Store()


def contents(file: Path) -> tuple[Logbook, bool]:
    """Return the logbook on file, as far as it can be read, and whether all of it could.

    Raises:
        NewerError: if a later version has written it.
        OSError: if it is there and cannot be opened.
    """
    try:
        return logbook.read(file.read_bytes().decode("utf-8", "replace"))
    except FileNotFoundError:
        return Logbook(), True


@contextlib.contextmanager
def locked(lock: Path) -> Iterator[None]:
    """Let one kernel at a time change the file.

    Raises:
        TimeoutError: if another one does not let go.
        OSError: if nothing can be written in this folder.
    """
    end = time.monotonic() + PATIENCE
    while True:
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
            break
        except FileExistsError:
            with contextlib.suppress(OSError):
                if time.time() - lock.stat().st_mtime > STALE:  # whoever made it was stopped in the middle
                    lock.unlink()
                    continue
            if time.monotonic() > end:
                raise TimeoutError(say("progress", "busy", file=lock.name)) from None
            time.sleep(PAUSE)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            lock.unlink()


def put_aside(file: Path) -> Path:
    """Give a file another name, which no other file has."""
    number = 1
    while (aside := file.with_name(ASIDE.format(number=number))).exists():
        number += 1
    file.replace(aside)
    return aside


def write(file: Path, text: str) -> None:
    """Write a file as a whole or not at all."""
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", newline="\n") as opened:
            opened.write(text)
            opened.flush()
            with contextlib.suppress(OSError):  # not every folder can be waited for
                os.fsync(opened.fileno())
        part.replace(file)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
