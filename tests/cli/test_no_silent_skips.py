"""Under CI=true a test that cannot run is a failure."""

import os
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


@pytest.mark.parametrize(("ci", "failed", "skipped"), [("true", 2, 0), ("false", 0, 2)])
def test_a_skip_fails_where_every_test_has_to_run(tmp_path, ci, failed, skipped):
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
    on_a_gpu = "not run: no GPU" not in ran.stdout
    summary = ran.stdout.splitlines()[-1]
    assert (f"{failed} failed" in summary) == (failed > 0), ran.stdout
    assert f"{skipped + 1 - on_a_gpu} skipped" in summary or on_a_gpu, ran.stdout
    assert "1 xfailed" in summary
    assert ("under CI=true that is a failure" in ran.stdout) == (failed > 0)
