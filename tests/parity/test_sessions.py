"""What one sees in a console is the same on both: values, flags, nodes, warnings, error types and sentences.

A file in `sessions` holds one part of PyTorch's rules; a session begins with `=== its claim`.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from transcripts import both

FOLDER = Path(__file__).parent / "sessions"


def sessions() -> Iterator[object]:
    for file in sorted(FOLDER.glob("*.txt")):
        for part in file.read_text(encoding="utf-8").split("=== ")[1:]:
            title, _, text = part.partition("\n")
            yield pytest.param(text, id=f"{file.stem}: {title}")


@pytest.mark.parametrize("session", list(sessions()))
def test_a_session_reads_the_same_on_both(session):
    ours, theirs = both(session)
    assert ours == theirs
