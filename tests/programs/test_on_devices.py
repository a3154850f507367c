"""Whole programs on the simulated device, and with NumPy in CuPy's place, print what they print on the cpu."""

import re
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

import autovis
from autovis.alias import as_torch

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "parity")]

from stand_in import stand_in  # noqa: E402, in another folder of tests
from test_programs import printed  # noqa: E402, beside this file

PROGRAMS = ["accumulation", "autoencoder", "cnn", "embeddings", "gan", "hooks", "momentum", "newton", "rnn_by_hand"]
PROGRAMS += ["schedule", "seq2seq", "transfer", "vae", "xor"]
NAMED = re.compile(r",\s+device='(sim|cuda):0'")

pytestmark = [pytest.mark.torch, pytest.mark.filterwarnings("ignore")]


def on(device, program):
    autovis.manual_seed(0)
    with stand_in() if device == "cuda" else nullcontext(), autovis.device(device), as_torch():
        return NAMED.sub("", "\n".join(printed(HERE / f"{program}.py"))).split()


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_prints_the_same_on_every_device(program):
    here = on("cpu", program)
    assert here
    assert on("sim", program) == on("cuda", program) == here
