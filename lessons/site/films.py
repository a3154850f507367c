"""Cells of the site: a block is run when the page is built; its output, and the film it ends with, stand below.

    ```{cell}
    x = av.leaf(3.0)
    av.show(x * x)
    ```

The cells of a page share their variables, like those of a notebook. A film becomes a file of its own that plays in a
frame, and a chart an image. Options: `:raises:` for a cell that must fail, `:frame:` for the kind of the frame
to open on, the first `hook` or the `last` frame.
"""

from __future__ import annotations

import ast
import io
import linecache
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from html import escape
from pathlib import Path
from typing import Any, ClassVar, Final

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import autovis as av
from autovis.viz.charts import Chart
from autovis.widgets.export import digest
from autovis.widgets.player import still
from autovis.widgets.why import Answer

HERE: Final = Path(__file__).parent
WIDTH: Final = 740  # of a page's text, in pixels
CONTROLS, LEGEND = 410, 96  # pixels that a film, and a picture, need beside the drawing at that width


class Cell(SphinxDirective):
    """Run a block, show it, and show what it made."""

    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {"raises": directives.flag, "frame": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        """Return the code and the output below it."""
        page: Any = self.env.temp_data
        space = page.setdefault("autovis variables", {"__name__": "__main__", "av": av})
        number = page["autovis cells"] = page.get("autovis cells", 0) + 1
        code = "\n".join(self.content)
        printed, value, error = ran(code, f"<{self.env.docname}, cell {number}>", space)
        if (error is not None) is not ("raises" in self.options):
            raise self.error(f"The cell ended with {error!r}")
        shown = nodes.container(classes=["cell"])
        source = nodes.literal_block(code, code, language="python")
        shown += nodes.container("", source, classes=["cell_input"])
        text = printed + ("" if error is None else told(error))
        below = nodes.container("", *self.output(text, value, number), classes=["cell_output"])
        if below.children:
            shown += below
        return [shown]

    def output(self, text: str, value: Any, number: int) -> Iterator[nodes.Node]:
        """Yield what a notebook shows: text, then a film or a picture."""
        name = f"{self.env.docname.replace('/', '-')}-{number}"
        shown = ""
        if isinstance(value, Answer) and value.graph is not None:
            text, shown = f"{text}{value}", self.frame(still(value.graph, "the answer of why()"), name)
        elif isinstance(value, Chart):
            shown = self.image(value.png(), value.told, name)
        elif isinstance(value, bytes):
            shown = self.image(value, "the picture that this returns", name)
        elif hasattr(value, "to_html"):
            shown = self.frame(value, name)
        elif value is not None:
            text = f"{text}{value!r}"
        if text:
            yield nodes.literal_block(text.rstrip(), text.rstrip(), language="text")
        if shown:
            yield nodes.raw("", shown, format="html")

    def keep(self, data: bytes, name: str) -> str:
        """Save a file beside the pages, and return its address."""
        folder = Path(self.env.app.outdir) / "films"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
        return "../" * self.env.docname.count("/") + f"films/{name}"

    def image(self, data: bytes, told: str, name: str) -> str:
        """Return a picture with its alternative in words."""
        address = self.keep(data, f"{name}.{'gif' if data.startswith(b'GIF') else 'png'}")
        return f'<img class="film" src="{address}" alt="{escape(told)}">'

    def frame(self, view: Any, name: str) -> str:
        """Return the frame that plays a film."""
        address = self.keep(framed(view.to_html()).encode(), f"{name}.html")
        film = view.playable() if hasattr(view, "playable") else view.film["pair"][0]
        kind, at = ("Film" if film["frames"] else "Picture"), self.opening(film["frames"])
        return (
            f'<iframe class="film" loading="lazy" src="{address}#{at}" height="{height(film)}"'
            f' title="{kind}: {escape(str(view.film["title"]))}"></iframe>'
            f'<p class="film-alone"><a href="{address}">This {kind.lower()} on a page of its own</a></p>'
        )

    def opening(self, frames: Sequence[Mapping[str, Any]]) -> int:
        """Return the number of the frame to open on."""
        asked = self.options.get("frame", "start" if frames else "last")
        kinds = [frame["kind"] for frame in frames]
        if asked != "last" and asked not in kinds:
            raise self.error(f"The film has no frame {asked!r}; it has {', '.join(dict.fromkeys(kinds))}")
        return len(frames) - 1 if asked == "last" else kinds.index(asked)


def told(error: Exception) -> str:
    """Return what a traceback ends with: the sentence, and what was added to it."""
    return "\n".join([f"{type(error).__name__}: {error}", *getattr(error, "__notes__", ())])


def ran(code: str, name: str, space: dict[str, Any]) -> tuple[str, Any, Exception | None]:
    """Run code as a notebook runs a cell.

    Returns:
        What it printed, the value of its last line if that is an expression, and the error it ended with.
    """
    linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)  # films show the line that runs
    steps = ast.parse(code)
    last = steps.body[-1]
    value, error, printed = None, None, io.StringIO()
    with redirect_stdout(printed):
        try:
            if isinstance(last, ast.Expr):
                steps.body.pop()
            exec(compile(steps, name, "exec"), space)  # noqa: S102, our own page
            if isinstance(last, ast.Expr):
                value = eval(compile(ast.Expression(last.value), name, "eval"), space)  # noqa: S307, as above
        except Exception as raised:  # noqa: BLE001, what may be raised is the page's affair
            error = raised
    return printed.getvalue(), value, error


def framed(page: str) -> str:
    """Return a film's page as it is in a frame: without the words around the film, and as light or dark as the site."""
    code = (HERE / "_static" / "framed.js").read_text("utf-8")
    style = (HERE / "_static" / "framed.css").read_text("utf-8")
    allowed = page.replace("script-src ", f"script-src {digest(code)} ", 1)
    return allowed.replace("</head>", f"<style>{style}</style>\n<script>{code}</script>\n</head>", 1)


def height(film: Mapping[str, Any]) -> int:
    """Estimate how high a film will be, so that the page does not jump when it comes."""
    wide, high = (float(side) for side in re.findall(r'viewBox="0 0 (\S+) ([^"]+)"', film["svg"])[0])
    stage = 14 + high * min(WIDTH - 34, 1.1 * wide) / wide
    return round(min(480.0, stage) + (CONTROLS if film["frames"] else LEGEND))


def setup(app: Sphinx) -> dict[str, bool]:
    """Enter the directive."""
    app.add_directive("cell", Cell)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
