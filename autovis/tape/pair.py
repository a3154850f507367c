"""Two tapes that run at once, one in the block of the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autovis.tape.whole import Tape

__all__ = ["Pair"]


class Pair:
    """A tape and the listener around it, both of which are told everything."""

    def __init__(self, tape: Tape, outer: Tape | Pair) -> None:
        self._tape = tape
        self._outer = outer

    def pulling(self, *told: Any, **named: Any) -> list[Any]:
        """Let both have the same note."""
        return self._shared(self._tape.pulling(*told, **named))

    def walking(self, *told: Any) -> list[Any]:
        """Let both have the same note."""
        return self._shared(self._tape.walking(*told))

    def _shared(self, note: list[Any]) -> list[Any]:
        listening: Any = self._outer
        while listening is not None:
            getattr(listening, "_tape", listening)._notes.append(note)
            listening = listening._outer
        return note

    def __getattr__(self, name: str) -> Callable[..., None]:
        """Return a method of both."""

        def both(*told: Any, **named: Any) -> None:
            getattr(self._outer, name)(*told, **named)
            getattr(self._tape, name)(*told, **named)

        return both
