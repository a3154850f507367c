"""Films for the tests of the player."""

import runpy
from pathlib import Path

import pytest


@pytest.fixture
def reference():
    return runpy.run_path(str(Path(__file__).parent / "films.py"))["REFERENCE"]
