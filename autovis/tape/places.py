"""Where the user's program is while the core works for it."""

from __future__ import annotations

import sys
from types import CodeType, FrameType
from typing import Final

__all__ = ["LIBRARIES", "Place", "Places"]

LIBRARIES: Final = frozenset({"autovis", "torch"})
SILENT: Final = (  # what they compute is no step of the user's program
    *("autovis.optim", "autovis.nn.init", "autovis.random"),
    *("torch.optim", "torch.nn.init", "torch.random"),
)
USER, OURS, QUIET = range(3)  # whose code it is

Place = tuple[CodeType | None, int, int]  # code, instruction, visit


class Places:
    """Finds the line of the user's program that a call of the core comes from."""

    def __init__(self) -> None:
        self._codes: dict[int, int] = {}  # id of a code object -> whose it is
        self._users: dict[int, CodeType] = {}
        self._ours: list[CodeType] = []
        self._visits = 0
        self._entry: FrameType | None = None

    def _where(self, frame: FrameType | None) -> tuple[Place, bool]:
        """Return where the user's program is, and whether a part of autovis computes for itself."""
        entry, silent = frame, False
        while frame is not None:
            code = frame.f_code
            whose = self._codes.get(id(code))
            if whose is None:
                whose = self._classify(frame)
            if whose == USER:
                self._visits += entry is not self._entry
                self._entry = entry
                return (code, frame.f_lasti, self._visits), silent
            silent = silent or whose == QUIET
            entry, frame = frame, frame.f_back
        return (None, 0, self._visits), silent

    def _classify(self, frame: FrameType) -> int:
        code, module = frame.f_code, frame.f_globals.get("__name__", "")
        if module.partition(".")[0] not in LIBRARIES:
            self._users[id(code)] = code
            whose = USER
        else:
            self._ours.append(code)
            whose = QUIET if module.startswith(SILENT) else OURS
        self._codes[id(code)] = whose
        return whose

    def where(self) -> tuple[Place, bool]:
        """Return where the user's program is, and whether a library computes for itself."""
        return self._where(sys._getframe(1))
