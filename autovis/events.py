"""Everything that can happen, named in the past tense, and the one place that is told of it.

The core reports with a single test of `listener`; with nobody listening an event costs nothing else, and the records
themselves (`records`) are not even loaded. `tape` holds the listener that `autovis.record` installs.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autovis.records import *  # noqa: F403, everything is found here, too; see below
    from autovis.tape import Pair, Tape

listener: Tape | Pair | None = None


def __getattr__(name: str) -> Any:
    """Find a record: `events.Recorded`."""
    records = import_module("autovis.records")
    if name not in records.__all__:
        raise AttributeError(f"module 'autovis.events' has no attribute {name!r}")
    return getattr(records, name)
