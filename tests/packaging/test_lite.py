"""The site on which the lessons run without a server: built as a reader gets it, and opened with the network cut.

NumPy for WebAssembly is in no package index: it comes from Pyodide's own server, so the lessons' cells themselves do
not run here. With a network they do: `make lite`, `python -m http.server -d build/lite`, open lesson 01, Run All.
Everything else runs here: site, kernel, widgets, layout, player.
"""

import hashlib
import json
import runpy
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import nbformat
import pytest

from autovis.viz import archive
from autovis.widgets.player import player

pytestmark = [pytest.mark.packaging, pytest.mark.timeout(600)]

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = runpy.run_path(str(ROOT / "tests" / "widgets" / "films.py"))["REFERENCE"]
# In no package index for WebAssembly; what a reader's browser fetches from Pyodide's server.
ELSEWHERE = {"contourpy", "kiwisolver", "matplotlib", "numpy", "pillow"}

# `import autovis` needs NumPy, and folding does: packages are entered without what they import, and nothing folds.
WITHOUT_NUMPY = """\
import pyodide_js, sys, types
from importlib import import_module
from importlib.util import find_spec
await pyodide_js.loadPackage("autovis")
for name in ("autovis", "autovis.classroom"):
    spec = find_spec(name)
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__spec__, sys.modules[name].__path__ = spec, spec.submodule_search_locations
class Folding:
    def __init__(self, film):
        self.film, self.opened, self.ends = film, frozenset(), range(99)
    chosen = folded = lambda self, _: self
sys.modules["autovis.viz.fold"] = types.SimpleNamespace(Folding=Folding, Fold=None)
sys.modules["autovis.viz.vast"] = types.SimpleNamespace(Vast=None)
player = import_module("autovis.widgets.player")"""
FILM = f"film = player.from_json({archive.pack(archive.write(REFERENCE))!r})\nfilm"
ASKED = "print('kernel:', film.frame, film.reel.placement.backend, sys.platform, len(film.to_html()) > 40_000)"
SEEN = """() => [...document.querySelectorAll(".jp-Notebook img")]
  .filter((one) => one.naturalWidth && one.getBoundingClientRect().width > 200).length"""


class Quiet(SimpleHTTPRequestHandler):
    extensions_map = SimpleHTTPRequestHandler.extensions_map | {".mjs": "text/javascript", ".wasm": "application/wasm"}

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site as `make lite` does, with a notebook and a saved page more."""
    if shutil.which("npm") is None:
        pytest.skip("not run: no npm on the PATH, and Pyodide comes from the JavaScript package index")
    home = tmp_path_factory.mktemp("lite")
    cells = [nbformat.v4.new_code_cell(code) for code in (WITHOUT_NUMPY, FILM, ASKED)]
    kernel = {"name": "python", "display_name": "Python (Pyodide)", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), home / "film.ipynb")
    player(REFERENCE, "first gradient").to_html(home / "page.html")
    script = [
        sys.executable,
        ROOT / "lessons" / "lite.py",
        home / "site",
        "--with",
        home / "film.ipynb",
        home / "page.html",
    ]
    built = subprocess.run(script, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    return home / "site"


@pytest.fixture
def visit(site: Path, chromium: Any) -> Iterator[Callable[[str], Any]]:
    """A function that opens an address of the site; what is not of the site cannot be reached and is noted."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/"
        context = chromium.new_context(viewport={"width": 1100, "height": 900})
        context.set_default_timeout(90_000)
        page = context.new_page()
        page.outside = []
        context.route(
            lambda url: not url.startswith(address),
            lambda route: (page.outside.append(route.request.url), route.abort()),
        )

        def open_it(path: str) -> Any:
            page.goto(address + path)
            return page

        yield open_it
        context.close()
        server.shutdown()


@pytest.fixture(scope="module")
def packages(site: Path) -> dict[str, Any]:
    """The list of packages that Python in the browser reads."""
    return json.loads((site / "static" / "pyodide" / "pyodide-lock.json").read_text("utf-8"))["packages"]


def all_needed(packages: dict[str, Any], name: str) -> set[str]:
    """A package and all that it needs."""
    found, waiting = set(), [name]
    while waiting:
        now = waiting.pop()
        if now not in found:
            found.add(now)
            waiting += [other.lower().replace("_", "-") for other in packages[now]["depends"]]
    return found


def test_the_site_holds_the_lessons_and_every_package_that_an_index_has(site, packages, record_property):
    lessons = {path.name for path in (ROOT / "lessons" / "en").glob("*.ipynb")}
    assert lessons <= {path.name for path in (site / "files").iterdir()}
    needed = all_needed(packages, "autovis") | all_needed(packages, "ipython")
    assert {"anywidget", "ipywidgets", "psygnal", "graphviz", "executing", "traitlets"} <= needed
    remote = {name for name in needed if packages[name]["file_name"].startswith("https://")}
    assert remote == ELSEWHERE
    for name in needed - remote:
        wheel = site / "static" / "pyodide" / packages[name]["file_name"]
        assert hashlib.sha256(wheel.read_bytes()).hexdigest() == packages[name]["sha256"]
    record_property("not run", "cells of lessons in JupyterLite: NumPy for WebAssembly is in no package index")


def test_the_site_saves_notebooks_with_their_widgets(site):
    settings = json.loads((site / "overrides.json").read_text("utf-8"))
    assert settings["@jupyter-widgets/jupyterlab-manager:plugin"] == {"saveState": True}


def test_a_lesson_opens_with_its_pictures(visit, site):
    page = visit("lab/index.html?path=01-first-gradient.ipynb")
    lesson = json.loads((site / "files" / "01-first-gradient.ipynb").read_text("utf-8"))
    stored = sum(
        "image/png" in output.get("data", {}) for cell in lesson["cells"] for output in cell.get("outputs", ())
    )
    assert stored
    page.locator(".jp-Notebook img").first.wait_for()
    page.wait_for_function(f"({SEEN})() > 0")
    assert "Error displaying widget" not in page.locator(".jp-Notebook").inner_text()


def test_layout_and_player_run_in_the_browser_s_own_python(visit):
    page = visit("lab/index.html?path=film.ipynb")
    page.locator(".jp-Toolbar-kernelName", has_text="Python").wait_for()
    page.wait_for_function("document.querySelector('.jp-Notebook-ExecutionIndicator')?.dataset.status === 'idle'")
    cells = page.locator(".jp-Notebook .jp-CodeCell")
    cells.nth(0).click()
    for _ in range(2):
        page.keyboard.press("Shift+Enter")
    page.locator("svg.autovis-picture:visible").first.wait_for()
    for _ in range(3):
        page.get_by_role("button", name="Next", exact=True).click()
    page.locator(".autovis-progress", has_text="3 of 10").wait_for()
    page.wait_for_timeout(500)
    cells.nth(2).locator(".jp-Editor").click()
    page.keyboard.press("Shift+Enter")
    said = page.get_by_text("kernel: ").last
    said.wait_for()
    page.wait_for_function(
        "[...document.querySelectorAll('.jp-OutputArea-output')].some((one) => /kernel: \\d/.test(one.innerText))"
    )
    told = page.locator(".jp-OutputArea-output", has_text="kernel: ").inner_text().strip()
    assert told == "kernel: 3 layered emscripten True"
    assert {url.rsplit("/", 1)[1].split("-")[0] for url in page.outside} <= ELSEWHERE


def test_a_saved_page_plays_inside_the_site(visit):
    page = visit("files/page.html#4")
    page.get_by_role("button", name="Next", exact=True).click()
    page.locator(".autovis-progress", has_text="5 of 10").wait_for()
    assert page.outside == []
