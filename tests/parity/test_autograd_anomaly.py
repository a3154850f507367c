"""Anomaly mode says the same on both; of a traceback, the lines of the program are compared."""

import re
from pathlib import Path

import pytest
from transcripts import both

PARTS = (Path(__file__).parent / "anomaly.txt").read_text(encoding="utf-8").split("=== ")[1:]


def of_the_program(lines):
    """Leave out the frames of this test and of the libraries, each with the line of its source."""
    text = re.sub(r'  File "(?!session").*\n(    .*\n)?', "", "\n".join(lines))
    return re.sub(r"<\w*set_detect_anomaly>", "<switch>", text).splitlines()


@pytest.mark.parametrize("part", [pytest.param(part.partition("\n")[2], id=part.partition("\n")[0]) for part in PARTS])
def test_an_anomaly_reads_the_same_on_both(part):
    ours, theirs = both(part)
    assert of_the_program(ours) == of_the_program(theirs)
