"""Execute the lessons and clean what is committed: `python lessons/execute.py [--check] [NOTEBOOK ...]`.

A committed lesson holds its outputs (they are the tests) and nothing that differs from run to run: no widget state, no
times, no paths. Where an output is a widget, its picture and its text stay and the reference to the live widget goes,
so that a notebook that was just opened shows the picture.
"""

from __future__ import annotations

import argparse
import base64
import copy
import difflib
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nbformat
import zopfli.png
from nbclient import NotebookClient

LESSONS = Path(__file__).resolve().parent
LIVE = "application/vnd.jupyter.widget-view+json"
PNG = "image/png"
KEPT = ("tEXt", "iTXt", "pHYs")  # what a picture says about itself
PICTURES = (PNG, "image/jpeg")
CELL_METADATA = ("tags", "jupyter", "autovis")
NOTEBOOK_METADATA = ("autovis",)
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
TIMEOUT = 60  # seconds a cell

Notebook = Any
Cell = Any


def main() -> int:
    """Execute the notebooks that were named, or all.

    Returns:
        1 if `--check` found a lesson that regenerating would change, else 0.
    """
    parser = argparse.ArgumentParser(description="Execute the lessons and clean what is committed.")
    parser.add_argument("notebooks", nargs="*", type=Path, help="which; all lessons in all languages if none is named")
    parser.add_argument("--check", action="store_true", help="change nothing, say whether anything would change")
    parser.add_argument("--clean", action="store_true", help="clean only, do not execute")
    asked = parser.parse_args()
    os.environ["AUTOVIS_MODE"] = "ci"
    stale = False
    for path in asked.notebooks or sorted(LESSONS.glob("*/*.ipynb")):
        before = path.read_text("utf-8") if path.is_file() else ""
        after = written(clean(read(path) if asked.clean else execute(read(path), path.parent)))
        changes = list(difference(before, after, path)) if asked.check else []
        stale = stale or bool(changes)
        if not asked.check and before != after:
            path.write_text(after, "utf-8", newline="\n")
        print(f"{path.name}: {len(after.encode()) / 1000:.0f} kB{', not up to date' if changes else ''}")
        print("".join(changes), end="")
    return int(stale)


def read(path: Path) -> Notebook:
    """Read a notebook; a cell without an id gets one from its position, not a random one."""
    raw = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    for position, cell in enumerate(raw.cells, start=1):
        cell.setdefault("id", f"cell-{position:02d}")
    raw.nbformat, raw.nbformat_minor = 4, 5
    return raw


def execute(notebook: Notebook, folder: Path) -> Notebook:
    """Run all cells in a new kernel, in the folder of the notebook.

    Raises:
        nbclient.exceptions.CellExecutionError: if a cell raises that is not tagged `raises-exception`.
    """
    notebook = copy.deepcopy(notebook)
    client = NotebookClient(
        notebook,
        timeout=TIMEOUT,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        store_widget_state=False,
        record_timing=False,
        coalesce_streams=True,
    )
    client.execute()
    return notebook


def clean(notebook: Notebook) -> Notebook:
    """Keep what a reader or a test looks at."""
    kept = {key: notebook.metadata[key] for key in NOTEBOOK_METADATA if key in notebook.metadata}
    notebook.metadata = nbformat.from_dict({**kept, "kernelspec": KERNEL, "language_info": {"name": "python"}})
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({key: cell.metadata[key] for key in CELL_METADATA if cell.metadata.get(key)})
        if cell.cell_type == "code":
            cell.outputs = [tidy(output) for output in cell.outputs]
    return notebook


def tidy(output: Any) -> Any:
    """Drop the live widget from a bundle, and the paths from a traceback; pack a picture as tightly as it goes."""
    data = output.get("data", {})
    data.pop(LIVE, None)
    if PNG in data:
        data[PNG] = packed(data[PNG])
    if output.output_type == "error":
        output.traceback = [f"{output.ename}: {output.evalue}"]
    return output


def packed(picture: str) -> str:
    """Return the same pixels in fewer bytes."""
    small = zopfli.png.optimize(base64.b64decode(picture), keepchunks=KEPT)
    return base64.b64encode(small).decode("ascii")


def written(notebook: Notebook) -> str:
    """Return the file's text."""
    text: str = nbformat.writes(notebook, version=nbformat.NO_CONVERT)
    return text + "\n"


def difference(before: str, after: str, path: Path) -> Iterable[str]:
    """Compare two versions of a notebook, pictures aside."""
    was, now = blind(before), blind(after)
    return difflib.unified_diff(was, now, f"{path} (committed)", f"{path} (executed)", n=1)


def blind(text: str) -> list[str]:
    """Return a notebook's lines without the bytes of its pictures."""
    marks = tuple(f'"{kind}"' for kind in PICTURES)
    return [line for line in text.splitlines(keepends=True) if not line.lstrip().startswith(marks)]


if __name__ == "__main__":
    sys.exit(main())
