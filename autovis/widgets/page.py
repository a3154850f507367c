"""What a page needs to show a film: one module, one style sheet.

The code lies in small ES modules in `static/`; a page gets each entry (`player.js`) joined with what it imports, so
that the widget and the exported page run the same text.
"""

from __future__ import annotations

import re
import zlib
from base64 import b64encode
from functools import cache
from pathlib import Path
from typing import ClassVar, Final, Self

import ipywidgets
import traitlets

from autovis.viz import theme

__all__ = ["LOADER", "STATIC", "Shared", "code", "compact", "deflated", "joined", "style"]

STATIC: Final = Path(__file__).parent / "static"
IMPORT: Final = re.compile(r'^import [^;]*from "\./([\w.]+)";\n', re.MULTILINE)


def compact(code: str) -> str:
    r"""Leave out comments and indentation: every film carries the code along in a notebook saved with its widgets.

    >>> compact("/** What it is. */\nconst a = 1; // why\n  // so\n  const b = 2;\n")
    'const a = 1;\nconst b = 2;'
    """
    code = re.sub(r"/\*.*?\*/|(^|\s)//\s[^\n]*", "", code, flags=re.DOTALL)
    return "\n".join(line for line in map(str.strip, code.splitlines()) if line)


def deflated(text: str) -> str:
    """Pack a text for the browser's own `DecompressionStream`, in letters that JSON leaves alone."""
    return b64encode(zlib.compress(text.encode(), 9)).decode("ascii")


def modules(entry: str) -> list[str]:
    """Name a module and all that it imports, each once, what is imported before what imports it."""
    found: list[str] = []
    for inner in IMPORT.findall((STATIC / entry).read_text("utf-8")):
        found += [name for name in modules(inner) if name not in found]
    return [*found, entry]


def joined(entry: str) -> str:
    """Join a module with all that it imports into one: the imports go, and names are the same in all files."""
    return "".join(IMPORT.sub("", (STATIC / name).read_text("utf-8")) for name in modules(entry))


@cache
def code(entry: str = "player.js") -> str:
    """Return the module that a page runs; it exports `mount(element, film, { style })` among others."""
    return compact(joined(entry))


@cache
def style(entry: str = "player.js") -> str:
    """Return the style sheet that goes with a module: those named like its parts, and that of the pictures."""
    sheets = [(STATIC / name).with_suffix(".css") for name in modules(entry)]
    return compact("".join(sheet.read_text("utf-8") for sheet in sheets if sheet.exists()) + theme.stylesheet())


LOADER: Final = compact(joined("loader.js"))
"""What every widget carries: it fetches the `Shared` module and unpacks the film."""


class Shared(ipywidgets.Widget):  # type: ignore[misc]  # ipywidgets publishes no types
    """A module and its style sheet, which reach a page once, however many films it shows.

    Attributes:
        code: see `code`, packed.
        style: see `style`, packed.
    """

    code = traitlets.Unicode().tag(sync=True)
    style = traitlets.Unicode().tag(sync=True)
    made: ClassVar[dict[str, Shared]] = {}

    @classmethod
    def get(cls, entry: str = "player.js") -> Self:
        """Return the one of this kernel; a new one if it was closed."""
        if entry not in cls.made or cls.made[entry].comm is None:
            cls.made[entry] = cls(code=deflated(code(entry)), style=deflated(style(entry)))
        return cls.made[entry]
