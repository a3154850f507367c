"""What one learner has done: since the kernel started, and before, as the logbook remembers it; never sent anywhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from autovis.classroom.logbook import Check, Level, Logbook, Prediction, lesson_of
from autovis.classroom.plain import Plain
from autovis.classroom.store import STORE, is_kept, minute

__all__ = ["SESSION", "Session"]


@dataclass(slots=True)
class Session:
    """The predictions, attempts and hints of one kernel.

    Attributes:
        predictions: by question id, what was committed; the first one stays.
        sure: by question id, how sure the learner was, where that was said.
        skipped: ids whose answer was shown without a prediction or an attempt.
        attempted: ids of exercises that were checked with something of the learner's own.
        hints: by exercise id, how many were shown.
    """

    predictions: dict[str, Plain] = field(default_factory=dict)
    sure: dict[str, Level] = field(default_factory=dict)
    skipped: set[str] = field(default_factory=set)
    attempted: set[str] = field(default_factory=set)
    hints: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _listeners: dict[str, list[Callable[[], None]]] = field(default_factory=lambda: defaultdict(list))

    def visit(self, id: str) -> None:
        """Come to a question or an exercise: what was done on another day is known again, and the clock runs."""
        if is_kept():
            self._note(id)
            self.restore(STORE.look())

    def restore(self, book: Logbook) -> None:
        """Take over what a logbook remembers."""
        self.attempted |= book.checks.keys()
        for id, entry in book.predictions.items():
            self._keep(id, entry.value, entry.sure)

    def commit(self, id: str, prediction: Plain, sure: Level = "") -> None:
        """Keep a prediction and unlock what waits for it."""
        if id not in self.predictions:
            self._keep(id, prediction, sure)
            self._note(id, predictions={id: Prediction(prediction, sure, minute())})
            STORE.look()
        self._tell(id)

    def attempt(self, id: str, beliefs: tuple[str, ...] = (), *, passed: bool = False) -> None:
        """Note that an exercise was tried, what the answer betrayed, and unlock what waits for it."""
        self.attempted.add(id)
        self._note(id, checks={id: Check(passed, beliefs, minute())})
        STORE.look()
        self._tell(id)

    def forget(self, lesson: str) -> None:
        """Be as if a lesson had never been opened."""
        for record in (self.predictions, self.sure, self.hints):
            for id in [id for id in record if lesson_of(id) == lesson]:
                del record[id]
        for ids in (self.skipped, self.attempted):
            ids.difference_update([id for id in ids if lesson_of(id) == lesson])
        STORE.forget(lesson)

    def skip(self, id: str) -> None:
        """Note that the answer was shown on request."""
        self.skipped.add(id)
        self._tell(id)

    def opened(self, id: str) -> bool:
        """Say whether the answer may be shown."""
        return id in self.predictions or id in self.skipped or id in self.attempted

    def when_opened(self, id: str, call: Callable[[], None]) -> None:
        """Call once, as soon as the answer may be shown."""
        self._listeners[id].append(call)

    def _keep(self, id: str, prediction: Plain, sure: Level) -> None:
        if id not in self.predictions:
            self.predictions[id] = prediction
            self.sure[id] = sure

    def _note(self, id: str, **new: Any) -> None:
        now = minute()
        STORE.note(Logbook(sittings={lesson_of(id): ((now, now),)}, **new))

    def _tell(self, id: str) -> None:
        for call in self._listeners.pop(id, []):
            call()


SESSION = Session()
