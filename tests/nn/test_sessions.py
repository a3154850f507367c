"""Short programs print the same on both: numbers to what is printed, warnings and error sentences to the letter."""

from __future__ import annotations

import collections
import contextlib
import copy
import io
import math
import re
import warnings
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
import torch.utils.data

import autovis

pytestmark = pytest.mark.torch

NUMBER = re.compile(r"(-?\d+\.\d*(?:e[-+]?\d+)?|-?\d+e[-+]?\d+)")
PROGRAMS = [
    pytest.param(f"{start}\n{program}", id=f"{path.stem}-{number}")
    for path in sorted((Path(__file__).parent / "sessions").glob("*.txt"))
    for start, *programs in [path.read_text("utf-8").split("\n---\n")]
    for number, program in enumerate(programs)
]


def output(program: str, library: ModuleType) -> str:
    """Run a program with `torch` as the given library; return what it prints, the error and the warnings too."""
    names = {
        "torch": library, "nn": library.nn, "F": library.nn.functional, "optim": library.optim, "np": np, "math": math,
        "data": library.utils.data, "copy": copy, "OrderedDict": collections.OrderedDict, "__name__": "program",
    }  # fmt: skip
    printed = io.StringIO()
    library.manual_seed(0)
    with contextlib.redirect_stdout(printed), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            exec(program, names)
        except Exception as error:  # noqa: BLE001, which one is what the test is about
            print(type(error).__name__, error)
    told = [f"{w.category.__name__}: {str(w.message).split(' (Triggered')[0]}" for w in caught]
    return "\n".join([printed.getvalue(), *told])


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_prints_as_on_pytorch(program: str) -> None:
    ours, theirs = (NUMBER.split(output(program, library)) for library in (autovis, torch))
    assert [" ".join(text.split()) for text in ours[::2]] == [" ".join(text.split()) for text in theirs[::2]]
    np.testing.assert_allclose([float(n) for n in ours[1::2]], [float(n) for n in theirs[1::2]], rtol=2e-4, atol=2e-4)
