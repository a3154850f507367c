"""How `make docs` builds the site: the pages of this folder, the lessons, the source and what its docstrings say."""

import json
import sys
from importlib.metadata import version as installed
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
ANSWERS = {"reveal", "hint", "solution"}  # tags of cells
sys.path.insert(0, str(HERE))


def copy(lesson: Path) -> None:
    """Lay a lesson where Sphinx reads: an answer opens with a click, and a picture has its words beside it."""
    notebook = json.loads(lesson.read_text("utf-8"))
    for cell in notebook["cells"]:
        tags = cell["metadata"].setdefault("tags", [])
        tags += ["hide-output"] * (not ANSWERS.isdisjoint(tags))
        for data in (output.get("data", {}) for output in cell.get("outputs", ())):
            if "image/png" in data:
                cell["metadata"]["mystnb"] = {"image": {"alt": "".join(data["text/plain"])}}
    text, target = json.dumps(notebook), HERE / lesson.parent.name / lesson.name
    target.parent.mkdir(exist_ok=True)
    if not target.exists() or target.read_text("utf-8") != text:
        target.write_text(text, "utf-8")


lessons = {path.relative_to(ROOT / "lessons"): path for path in (ROOT / "lessons").glob("*/*.ipynb")}
for path in lessons.values():
    copy(path)
for path in HERE.glob("*/*.ipynb"):
    if path.relative_to(HERE) not in lessons:
        path.unlink()

project = "autovis"
author = "The autovis authors"
release = version = installed("autovis")
copyright = "the autovis authors: text and pictures CC BY 4.0, code MIT"

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode", "films", "tables"]
exclude_patterns = ["*/.*"]
nb_execution_mode = "off"  # the lessons' outputs are committed, and are the tests
nb_code_prompt_show, nb_code_prompt_hide = "Show the answer", "Hide the answer"
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

default_role = "literal"  # what stands between single backticks in docstrings
napoleon_use_ivar = True
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
toc_object_entries_show_parents = "hide"

html_theme = "furo"
html_title = "autovis"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_copy_source = False
html_show_search_summary = False  # it would have to fetch the pages, which a file may not
html_show_sourcelink = False
