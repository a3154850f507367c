"""Cells of the site: a block is run when the page is built; its output, and the film it ends with, stand below.

    ```{cell}
    x = av.leaf(3.0)
    av.show(x * x)
    ```

The cells of a page share their variables, like those of a notebook. A film becomes a file of its own that plays in a
frame. Options: `:raises:` for a cell that must fail, `:frame:` for the number of the frame to open on, or `last`.
"""

from __future__ import annotations

import ast
import io
import linecache
from collections.abc import Iterator
from contextlib import redirect_stdout
from html import escape
from pathlib import Path
from typing import Any, ClassVar, Final

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import autovis as av
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
        text = printed if error is None else f"{printed}{type(error).__name__}: {error}"
        below = nodes.container("", *self.output(text, value, number), classes=["cell_output"])
        if below.children:
            shown += below
        return [shown]

    def output(self, text: str, value: Any, number: int) -> Iterator[nodes.Node]:
        """Yield what a notebook shows: text, then a film."""
        view = value if hasattr(value, "to_html") else None
        if isinstance(value, Answer) and value.graph is not None:
            view = still(value.graph, "the answer of why()")
        if value is not None and view is not value:
            text += f"{value!r}"
        if text:
            yield nodes.literal_block(text.rstrip(), text.rstrip(), language="text")
        if view is not None:
            yield nodes.raw("", self.frame(view, f"{self.env.docname.replace('/', '-')}-{number}.html"), format="html")

    def frame(self, view: Any, name: str) -> str:
        """Save a film beside the pages, and return the frame that plays it."""
        folder = Path(self.env.app.outdir) / "films"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(framed(view.to_html()), "utf-8")
        address = "../" * self.env.docname.count("/") + f"films/{name}"
        opened = self.options.get("frame", "0").replace("last", str(len(view.film["frames"]) - 1))
        kind, title = ("Film" if view.film["frames"] else "Picture"), str(view.film["title"])
        return (
            f'<iframe class="film" loading="lazy" src="{address}#{opened}" height="{height(view)}"'
            f' title="{kind}: {escape(title)}"></iframe>'
            f'<p class="film-alone"><a href="{address}">This {kind.lower()} on a page of its own</a></p>'
        )


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


def height(view: Any) -> int:
    """Estimate how high a film will be, so that the page does not jump when it comes."""
    drawing = view.reel.placement
    wide: float = min(WIDTH - 34, 1.1 * drawing.width)
    stage: float = min(480, 14 + drawing.height * wide / drawing.width)
    return round(stage + (CONTROLS if view.film["frames"] else LEGEND))


def setup(app: Sphinx) -> dict[str, bool]:
    """Enter the directive."""
    app.add_directive("cell", Cell)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
