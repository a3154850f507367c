"""Programs as tutorials write them print on autovis what they print on PyTorch.

Text and whole numbers are the same; a number with a point may differ by 2 in its last printed digit, or by 2e-4 of its
size: single precision, after some tens of training steps.
"""

import contextlib
import io
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
import torch

from autovis.alias import as_torch

PROGRAMS = sorted(
    path for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("test_") and path.stem != "conftest"
)
NUMBER = re.compile(r"(-?\d+\.\d*(?:e[-+]?\d+)?|-?\d+e[-+]?\d+)")

pytestmark = [pytest.mark.torch, pytest.mark.filterwarnings("ignore")]


def printed(program):
    out = io.StringIO()
    here = ModuleType("__main__")
    with contextlib.redirect_stdout(out):
        exec(compile(program.read_text("utf-8"), str(program), "exec"), vars(here))
    return out.getvalue().splitlines()


def last_digit(text):
    """Return what one step in the last printed digit of a number is worth."""
    digits, _, power = text.partition("e")
    return 10.0 ** (int(power or 0) - len(digits.partition(".")[2]))


def assert_same(mine, other):
    ours, theirs = NUMBER.split(mine), NUMBER.split(other)
    assert [" ".join(text.split()) for text in ours[::2]] == [" ".join(text.split()) for text in theirs[::2]]
    for a, b in zip(ours[1::2], theirs[1::2], strict=True):
        slack = 2.01 * max(last_digit(a), last_digit(b))
        assert abs(float(a) - float(b)) <= max(slack if slack > 1e-12 else 0, 2e-4 * abs(float(b))), (mine, other)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_it_prints_what_it_prints_on_pytorch(program):
    theirs = printed(program)
    with as_torch():
        ours = printed(program)
    assert "torch" in sys.modules
    assert sys.modules["torch"] is torch
    assert len(ours) == len(theirs)
    for mine, other in zip(ours, theirs, strict=True):
        assert_same(mine, other)


def test_the_command_prints_the_same():
    program = Path(__file__).parent / "linear_with_nn.py"
    command = [sys.executable, "-m", "autovis", "run", str(program)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    for mine, other in zip(done.stdout.splitlines(), printed(program), strict=True):
        assert_same(mine, other)


def test_a_difference_is_noticed():
    for mine, other in (
        ("loss 0.1234", "loss 0.1238"),
        ("loss 3", "loss 4"),
        ("a 1.0", "b 1.0"),
        ("[1.0]", "[1.0, 2.0]"),
    ):
        with pytest.raises(AssertionError):
            assert_same(mine, other)
    assert_same("loss 0.1234", "loss 0.1235")
