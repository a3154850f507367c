"""Under CI=true a test that cannot run is a failure."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[1] / "conftest.py"
CASES = """
import pytest

def test_skipped():
    pytest.skip("no browser")

@pytest.mark.skip(reason="not today")
def test_marked():
    pass

@pytest.mark.xfail(reason="known")
def test_expected():
    assert False

@pytest.mark.gpu
def test_on_a_gpu():
    pass
"""


@pytest.mark.parametrize(("ci", "refused"), [("true", ["test_skipped", "test_marked"]), ("false", [])])
def test_a_skip_fails_where_every_test_has_to_run(tmp_path, ci, refused):
    shutil.copyfile(CONFTEST, tmp_path / "conftest.py")
    (tmp_path / "test_cases.py").write_text(CASES)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = gpu\n")
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rs", str(tmp_path)],
        env=os.environ | {"CI": ci},
        capture_output=True,
        text=True,
        check=False,
    )
    told = re.findall(r"::(\w+) cannot run here, and under CI=true that is a failure", ran.stdout)
    assert set(told) == set(refused), ran.stdout
    assert ran.returncode == (1 if refused else 0)
    assert "1 xfailed" in ran.stdout
