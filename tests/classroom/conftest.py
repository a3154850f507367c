"""A learner who has done nothing yet."""

import pytest

from autovis.classroom.session import SESSION


@pytest.fixture(autouse=True)
def fresh_session():
    """Forget what earlier tests predicted."""
    for record in (SESSION.predictions, SESSION.skipped, SESSION.attempted, SESSION.hints, SESSION._listeners):
        record.clear()
    return SESSION


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
