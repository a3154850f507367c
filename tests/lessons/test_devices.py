"""Lesson 16 on other devices: on PyTorch with a second one, and on that of a GPU, with NumPy in CuPy's place."""

import os
import subprocess
import sys
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest

import autovis
from autovis.classroom.bank import exercises, questions

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "parity")]

from stand_in import stand_in  # noqa: E402, in another folder of tests
from test_parity import RUN_ON_BOTH, data_of, facts, run  # noqa: E402, beside this file

ENTRIES = [id for id in (*questions(), *exercises()) if id.startswith("16")]


@pytest.mark.torch
def test_lesson_16_agrees_with_pytorch_on_a_second_device():
    pytest.importorskip("torch")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(HERE / "test_parity.py")]
    surroundings = os.environ | {"AUTOVIS_TESTS_ON_SIM": "1"}
    told = subprocess.run(command, env=surroundings, check=False, capture_output=True, text=True)
    assert told.returncode == 0, told.stdout
    assert f"{1 + len(ENTRIES)} passed" in told.stdout


def found_on(device, library, lesson):
    """Return what the experiments give, told as if it had been on `sim`."""
    names = {"av": autovis}
    with library():
        values = [run(cell.source, names) for cell in lesson.code(*RUN_ON_BOTH)]
        assert names["device"] == device
        told = [str(value) if isinstance(value, Exception) else facts(value) for value in values]
        return repr((told, data_of(names))).replace("cuda", "sim")


@contextmanager
def no_gpu():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("autovis.cuda.gpus", lambda: 0)
        yield


@pytest.mark.parametrize("lesson", ["16"], indirect=True)
@pytest.mark.parametrize("library", [stand_in, pytest.param(nullcontext, marks=pytest.mark.gpu)])
def test_lesson_16_says_the_same_on_a_gpu(lesson, library):
    assert found_on("cuda", library, lesson) == found_on("sim", no_gpu, lesson)
