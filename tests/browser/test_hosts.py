"""Where a film is looked at: every place shows the film, a picture or a readable text, and no box with an error."""

import copy
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from nbformat.sign import NotebookNotary
from traitlets.config import Config

pytestmark = pytest.mark.browser

PROGRAM = """\
import autovis as av
p, q = av.leaf(1.0), av.leaf(2.0)
with av.record() as tape:
    y = (p + q) * (p + 1)
    y.backward()
av.play(tape)"""
CELLS = (PROGRAM, "av.show(y)")
ERRORS = re.compile(
    r"Error|error displaying|Loading widget|model not found|Could not|Traceback|Failed to", re.IGNORECASE
)
LIVE = "application/vnd.jupyter.widget-view+json"

# The pictures that can be seen: large enough to be read, and loaded.
SEEN = """() => [...document.querySelectorAll("img, svg.autovis-picture")]
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().width > 300 && one.naturalWidth !== 0)
  .map((one) => one.localName)"""


@pytest.fixture(scope="session")
def executed() -> Any:
    """A notebook with a film and a picture, run, and saved with the state of its widgets."""
    cells = [nbformat.v4.new_code_cell(code, id=f"cell{number}") for number, code in enumerate(CELLS)]
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    assert all(LIVE in cell.outputs[0].data for cell in notebook.cells)
    assert notebook.metadata.widgets
    return notebook


def stateless(notebook: Any) -> Any:
    """The notebook as JupyterLab saves it unless it is told otherwise."""
    bare = copy.deepcopy(notebook)
    del bare.metadata["widgets"]
    return bare


# Pages made by nbconvert


@pytest.fixture
def read_page(chromium: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """A function that opens HTML from a file, offline."""
    opened = []

    def read(html: str, **options: Any) -> Any:
        (tmp_path / "page.html").write_text(html)
        context = chromium.new_context(viewport={"width": 1000, "height": 900}, offline=True, **options)
        opened.append(context)
        page = context.new_page()
        page.goto((tmp_path / "page.html").as_uri())
        page.wait_for_timeout(300)
        return page

    yield read
    for context in opened:
        context.close()


def converted(notebook: Any, **options: Any) -> str:
    """What nbconvert makes of a notebook."""
    return str(HTMLExporter(config=Config(options)).from_notebook_node(copy.deepcopy(notebook))[0])


CLEARED = {"ClearMetadataPreprocessor": {"enabled": True}}
SANITISED = {"HTMLExporter": {"sanitize_html": True}}
PAGES = {
    "without state": (stateless, {}),
    "with state, cleared": (copy.deepcopy, CLEARED),
    "sanitised": (stateless, SANITISED),
    "sanitised, with state": (copy.deepcopy, CLEARED | SANITISED),
    "classic": (stateless, {"HTMLExporter": {"template_name": "classic"}}),
    "basic": (stateless, {"HTMLExporter": {"template_name": "basic"}}),
}


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
@pytest.mark.parametrize("case", PAGES)
def test_nbconvert_shows_the_pictures(executed: Any, read_page: Callable[..., Any], case: str, scripts: bool) -> None:
    change, options = PAGES[case]
    page = read_page(converted(change(executed), **options), java_script_enabled=scripts)
    assert page.evaluate(SEEN) == ["img", "img"]
    assert not ERRORS.search(page.locator("body").inner_text()[150:400])


def test_nbconvert_with_widget_state_waits_for_the_network_in_silence(executed, read_page):
    """The live view was chosen when the page was made, and its manager comes from the network: nothing is shown."""
    page = read_page(converted(executed))
    assert page.evaluate(SEEN) == []
    assert not ERRORS.search(page.locator("body").inner_text()[150:400])


# Notebooks opened again


@pytest.fixture
def visit(lab: Any, chromium: Any) -> Iterator[Callable[..., Any]]:
    """A function that opens a notebook in JupyterLab or in Notebook 7, as it lies there."""
    opened = []

    def open_it(name: str, path: str = "lab/tree") -> Any:
        context = chromium.new_context(viewport={"width": 1100, "height": 900})
        context.set_default_timeout(20_000)
        opened.append(context)
        page = context.new_page()
        page.goto(f"{lab.url}{path}/{name}?reset&token=autovis")
        page.locator(".jp-Notebook .jp-CodeCell").nth(1).wait_for()
        return page

    lab.set_theme("light")
    yield open_it
    for context in opened:
        context.close()
    lab.shut_down_kernels()


def put(lab: Any, notebook: Any, name: str, *, trusted: bool) -> str:
    """Lay a notebook into the folder of the server; a trusted one was run by this person."""
    notebook = copy.deepcopy(notebook)
    notebook.cells.append(nbformat.v4.new_markdown_cell(name, id="name"))  # trust goes by what is in it
    if trusted:
        NotebookNotary(data_dir=str(lab.home / "data")).sign(notebook)
    nbformat.write(notebook, lab.files / name)
    return name


def steps(page: Any) -> bool:
    """Say whether the film can be stepped."""
    page.get_by_role("button", name="Next", exact=True).click()
    page.locator(".autovis-progress", has_text="1 of").wait_for()
    return True


UNTRUSTED = {"untrusted": stateless, "untrusted-with-state": copy.deepcopy}


@pytest.mark.parametrize("case", UNTRUSTED)
def test_somebody_else_s_notebook_shows_the_pictures(
    executed: Any, lab: Any, visit: Callable[..., Any], case: str
) -> None:
    page = visit(put(lab, UNTRUSTED[case](executed), f"{case}.ipynb", trusted=False))
    page.wait_for_function(f"({SEEN})().length === 2", timeout=20_000)
    assert page.evaluate(SEEN) == ["img", "img"]
    assert not ERRORS.search(page.locator(".jp-Notebook").inner_text())


def test_a_notebook_saved_with_its_widgets_plays_without_a_kernel(
    executed: Any, lab: Any, visit: Callable[..., Any]
) -> None:
    page = visit(put(lab, executed, "kept.ipynb", trusted=True))
    page.wait_for_function(f"({SEEN})().length === 2", timeout=20_000)
    lab.shut_down_kernels()
    assert page.evaluate(SEEN) == ["svg", "svg"]
    assert steps(page)
    assert not ERRORS.search(page.locator(".jp-Notebook").inner_text())


@pytest.mark.parametrize("path", ["lab/tree", "notebooks"], ids=["JupyterLab", "Notebook-7"])
def test_a_notebook_that_was_run_and_saved_plays_the_next_day(
    executed: Any, lab: Any, visit: Callable[..., Any], path: str
) -> None:
    """`autovis lab` switches on that widgets are saved; Jupyter's own default shows an error the next day."""
    fresh = stateless(executed)
    for cell in fresh.cells:
        cell.outputs = []
    name = put(lab, fresh, f"mine-{path[:3]}.ipynb", trusted=True)
    page = visit(name, path)
    page.locator(".jp-Toolbar-kernelName", has_text="Python 3").wait_for()
    page.wait_for_function("document.querySelector('.jp-Notebook-ExecutionIndicator')?.dataset.status === 'idle'")
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.wait_for_function(f"({SEEN})().length === 2", timeout=60_000)
    with page.expect_response(lambda answer: answer.request.method == "PUT" and "/contents/" in answer.url):
        page.keyboard.press("Control+s")
    page.close()
    lab.shut_down_kernels()
    again = visit(name, path)
    again.wait_for_function(f"({SEEN})().length === 2", timeout=20_000)
    assert again.evaluate(SEEN) == ["svg", "svg"]
    assert steps(again)
    assert not ERRORS.search(again.locator(".jp-Notebook").inner_text())
