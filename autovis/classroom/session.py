"""What one learner has done since the kernel started; kept in memory, never sent anywhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from autovis.classroom.plain import Plain

__all__ = ["SESSION", "Session"]


@dataclass(slots=True)
class Session:
    """The predictions, attempts and hints of one kernel.

    Attributes:
        predictions: by question id, what was committed; the first one stays.
        skipped: ids whose answer was shown without a prediction or an attempt.
        attempted: ids of exercises that were checked with something of the learner's own.
        hints: by exercise id, how many were shown.
    """

    predictions: dict[str, Plain] = field(default_factory=dict)
    skipped: set[str] = field(default_factory=set)
    attempted: set[str] = field(default_factory=set)
    hints: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _listeners: dict[str, list[Callable[[], None]]] = field(default_factory=lambda: defaultdict(list))

    def commit(self, id: str, prediction: Plain) -> None:
        """Keep a prediction and unlock what waits for it."""
        self.predictions.setdefault(id, prediction)
        self._tell(id)

    def attempt(self, id: str) -> None:
        """Note that an exercise was tried and unlock what waits for it."""
        self.attempted.add(id)
        self._tell(id)

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

    def _tell(self, id: str) -> None:
        for call in self._listeners.pop(id, []):
            call()


SESSION = Session()
