"""Let the tests of this folder run every program on autovis and on PyTorch."""

import pytest

import autovis as av
from autovis.tape import Tape


@pytest.fixture(params=["autovis", pytest.param("torch", marks=pytest.mark.torch)])
def T(request):
    """Return the library that a program is written with."""
    return av if request.param == "autovis" else pytest.importorskip("torch")


@pytest.fixture(autouse=True)
def _no_recording(monkeypatch):
    """Forget what other tests have recorded."""
    monkeypatch.setattr(Tape, "last", None)
