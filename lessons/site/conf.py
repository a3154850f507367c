"""How `make docs` builds the site: the pages of this folder, the lessons, the source and what its docstrings say."""

import shutil
import sys
from importlib.metadata import version as installed
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE))

# Sphinx reads what lies in its own folder; the copies are made anew and git ignores them.
for folder in {lesson.parent for lesson in (ROOT / "lessons").glob("*/*.ipynb")}:
    shutil.rmtree(HERE / folder.name, ignore_errors=True)
    shutil.copytree(folder, HERE / folder.name)

project = "autovis"
author = "The autovis authors"
release = version = installed("autovis")
copyright = "the autovis authors: text and pictures CC BY 4.0, code MIT"

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode", "films", "tables"]
exclude_patterns = ["*/.*"]
nb_execution_mode = "off"  # the lessons' outputs are committed, and are the tests
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

napoleon_use_ivar = True
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
toc_object_entries_show_parents = "hide"

html_theme = "furo"
html_title = "autovis"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["films.js"]
html_copy_source = False
html_show_sourcelink = False
