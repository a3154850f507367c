"""What holds for every test: nothing is skipped in silence, and no test reads or writes a learner's own files."""

import os
import shutil
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import settings

# The scripts beside the lessons are tested too; at the end, so that no name of theirs hides a package.
sys.path.append(str(Path(__file__).parents[1] / "lessons"))

# The same examples on every machine and in every run.
settings.register_profile("autovis", deadline=None, derandomize=True)
settings.load_profile("autovis")

REQUIRED = os.environ.get("CI", "").lower() == "true"
NO_GPU = "not run: no GPU"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# Without a sandbox (tests may run as root), and quiet: Chromium itself must not look for anything outside.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)
Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


def has_gpu() -> bool:
    """Say whether CuPy is installed and sees a device."""
    try:
        import cupy
    except ImportError:
        return False
    try:
        return cupy.cuda.runtime.getDeviceCount() > 0
    except cupy.cuda.runtime.CUDARuntimeError:
        return False


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let one case speak for all that need a GPU where there is none."""
    waiting = [item for item in items if item.get_closest_marker("gpu")]
    if waiting and not has_gpu():
        speaker, *others = waiting
        speaker.add_marker(pytest.mark.skip(reason=f"{NO_GPU} ({len(waiting)} cases)"))
        config.hook.pytest_deselected(items=others)
        left = set(others)
        items[:] = [item for item in items if item not in left]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    expected = hasattr(report, "wasxfail") or item.get_closest_marker("gpu")
    return report if expected else insist(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    return insist(report)


def insist(report: Report) -> Report:
    """Turn a skip into a failure where every test has to run."""
    if REQUIRED and report.skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} cannot run here, and under CI=true that is a failure.\n{reason}"
    return report


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what a learner's environment says away from the tests."""
    for name in ("AUTOVIS_MODE", "AUTOVIS_LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AUTOVIS_PROGRESS", "off")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Start the installed Chromium or Chrome; playwright's own download is never used."""
    program = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip("not run: no Chromium and no Chrome on the PATH")
    playwright = pytest.importorskip("playwright.sync_api", reason="not run: playwright is not installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=list(FLAGS))
        yield browser
        browser.close()
