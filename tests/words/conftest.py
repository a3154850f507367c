"""Whatever a test speaks, the next one speaks English."""

import pytest

import autovis as av


@pytest.fixture(autouse=True)
def english():
    yield
    av.set_language("en")
