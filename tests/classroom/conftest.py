"""A learner who has done nothing yet."""

import pytest

from autovis.classroom import mode
from autovis.classroom.session import SESSION
from autovis.classroom.store import STORE, Store


def forget():
    """Be a kernel that was just started."""
    for part in ("predictions", "sure", "skipped", "attempted", "hints", "_listeners"):
        getattr(SESSION, part).clear()
    mode.chosen.clear()
    fresh = Store()
    for part in fresh.__slots__:
        setattr(STORE, part, getattr(fresh, part))


@pytest.fixture(autouse=True)
def fresh_session():
    """Forget what earlier tests predicted."""
    forget()
    return SESSION


@pytest.fixture
def new_kernel():
    """A function that restarts the kernel: memory is gone, files are not."""
    return forget


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with notebooks, in which progress is kept."""
    monkeypatch.delenv("AUTOVIS_PROGRESS")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def as_instructor(monkeypatch):
    monkeypatch.setenv("AUTOVIS_MODE", "instructor")


@pytest.fixture
def as_ci(monkeypatch):
    monkeypatch.setenv("AUTOVIS_MODE", "ci")


@pytest.fixture
def in_kernel(monkeypatch):
    """Pretend that a notebook runs this, so that panels are made."""
    monkeypatch.setattr("autovis.classroom.views.in_notebook", lambda: True)
