"""What a film or a picture can be saved as; every way returns what it makes, and writes it where it is told to.

The page of `to_html` runs the widget's own modules. It asks the network for nothing, and its own policy forbids it to.
"""

from __future__ import annotations

import json
import os
from base64 import b64encode
from collections.abc import Iterable, Mapping
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from string import Template
from typing import Any, ClassVar, Final, TypeVar
from xml.etree import ElementTree as ET

from autovis.language import get_language, say
from autovis.viz import archive
from autovis.viz.measure import escape
from autovis.viz.reel import Reel
from autovis.viz.scene import Film
from autovis.widgets import page

__all__ = ["Exports", "read"]

Data = TypeVar("Data", str, bytes)

ET.register_namespace("", "http://www.w3.org/2000/svg")

TEMPLATE: Final = Template((page.STATIC / "page.html").read_text("utf-8"))


class Exports:
    """The ways to save a view.

    Attributes:
        film: what the browser gets.
        reel: what is drawn, and where.
        shown: the same without the layers that are hidden at first.
        entry: the module that plays it on a page of its own.
    """

    entry: ClassVar[str] = "opened.js"
    film: Mapping[str, Any]
    reel: Reel
    shown: Reel

    def playable(self) -> Mapping[str, Any]:
        """Return what a page of its own plays."""
        return self.film

    def whole(self) -> Film:
        """Return the film that JSON keeps, with all that is folded."""
        return self.reel.film

    def to_html(self, path: str | os.PathLike[str] | None = None) -> str:
        """Return a page of its own that plays the film: one file, no network, no kernel.

        `film.html#5` opens on frame 5.

        Args:
            path: file to write it to as well.

        Raises:
            OSError: if the file cannot be written; nothing is half written.
        """
        return saved(html(self.playable(), self.shown.end(), self.outline(), self.entry), path)

    def to_png(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        frame: int | None = None,
        scale: float = 2,
        theme: str = "light",
    ) -> bytes:
        """Return a picture as PNG.

        Args:
            path: file to write it to as well.
            frame: number of the frame that is painted with its caption; unless given, how it looks when all is over.
            scale: pixels of the image for one pixel of the drawing.
            theme: `light` or `dark`.

        Raises:
            ImportError: if what paints is not installed; the message says what to do.
            OSError: if the file cannot be written.
            ValueError: if there is no such frame or theme, or the image would be too large.
        """
        return saved(self._taken(frame).png(frame, scale=scale, theme=theme), path)

    def to_svg(
        self, path: str | os.PathLike[str] | None = None, *, frame: int | None = None, theme: str = "light"
    ) -> str:
        """Return a drawing as SVG: of a film a strip of at most six frames that tell it, with their captions.

        Args:
            path: file to write it to as well.
            frame: number of a frame to draw instead.
            theme: `light` or `dark`.

        Raises:
            OSError: if the file cannot be written.
            ValueError: if there is no such frame or theme.
        """
        return saved(self._taken(frame).svg(frame, theme), path)

    def to_gif(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        frames: Iterable[int] | None = None,
        scale: float = 1,
        theme: str = "light",
    ) -> bytes:
        """Return a film as GIF that loops; each frame stays as long as its caption takes to read.

        Args:
            path: file to write it to as well.
            frames: numbers of the frames to take; all unless given.
            scale: pixels of the image for one pixel of the drawing.
            theme: `light` or `dark`.

        Raises:
            ImportError: if what paints is not installed; the message says what to do.
            OSError: if the file cannot be written.
            ValueError: if this is no film, or has too many frames, or not these.
        """
        numbers = None if frames is None else list(frames)
        return saved(self._taken(numbers).gif(numbers, scale=scale, theme=theme), path)

    def to_json(self, path: str | os.PathLike[str] | None = None) -> str:
        """Return the film as JSON, for `av.from_json`; `archive.schema()` describes it.

        Args:
            path: file to write it to as well.

        Raises:
            OSError: if the file cannot be written.
        """
        return saved(archive.write(self.whole()), path)

    def share(self) -> str:
        """Return the film as one word of letters, digits, `-`, `_` and `.`, for `av.from_json`."""
        return archive.pack(self.to_json())

    def outline(self) -> str:
        """Return what there is to see as plain text."""
        return self.shown.outline

    def _taken(self, wanted: object) -> Reel:
        """Return what pictures are taken of; the numbers of frames are those of the whole film."""
        return self.shown if wanted is None else self.reel


def html(film: Mapping[str, Any], picture: str, outline: str, entry: str = "opened.js") -> str:
    """Return the page that plays a film, or two in step; where scripts do not run, it shows a picture and a text.

    Args:
        film: what the module of the page gets.
        picture: drawn with `theme="css"`.
        outline: the same as plain text.
        entry: the module.
    """
    code, player = page.code("page.js"), page.code(entry)
    title = str(film["title"])
    texts = {
        "language": get_language(),
        "title": title,
        "summary": outline.partition("\n")[0],
        "version": version("autovis"),
        "no_script": say("export", "no_script"),
        "in_words": say("export", "in_words"),
        "about": say("export", "about", version=version("autovis")),
    }
    return TEMPLATE.substitute(
        {name: escape(text) for name, text in texts.items()},
        outline="\n".join(f"<p>{escape(line)}</p>" for line in outline.split("\n")),
        digests=f"{digest(code)} {digest(player)}",
        style=page.style("page.js"),
        picture=seen(picture),
        film=page.deflated(json.dumps({"film": film, "style": page.style(entry)}, separators=(",", ":"))),
        player=page.deflated(player),
        code=code,
    )


def digest(code: str) -> str:
    """Name a script as a Content-Security-Policy does."""
    return f"'sha256-{b64encode(sha256(code.encode()).digest()).decode('ascii')}'"


def seen(svg: str) -> str:
    """Leave out of a picture what other frames of the film would show, which is half of it."""
    root = ET.fromstring(svg)  # noqa: S314, drawn by us
    for parent in root.iter():
        parent.attrib.pop("data-id", None)
        names = set(parent.get("class", "").split())
        for child in [child for child in parent if unseen(names, child)]:
            parent.remove(child)
    return ET.tostring(root, encoding="unicode").replace(" />", "/>")  # in texts it is escaped


def unseen(names: set[str], part: ET.Element) -> bool:
    """Say whether a part of a group of these classes is not displayed; see `theme.styles`."""
    own = set(part.get("class", "").split())
    carrying = "carrying" in names
    return (
        "hidden" in own
        or ("body" in own and not own & names)
        or ("halo" in own and "active" not in names)
        or ("forth" in own and carrying)
        or ("back" in own and not (carrying or "store" in names))
        or (part.get("data-slot") == "token" and not carrying)
        or (part.tag.endswith("}text") and not part.text)
    )


def saved(data: Data, path: str | os.PathLike[str] | None) -> Data:
    """Write a file as a whole or not at all, and return what was to be written.

    Raises:
        OSError: if the path is a folder, or lies in none, or cannot be written.
    """
    if path is None:
        return data
    file = Path(path).resolve()
    if file.is_dir():
        raise IsADirectoryError(f"{file} is a folder; say the name of a file in it, such as {file / 'film.html'}")
    if not file.parent.is_dir():
        raise FileNotFoundError(f"There is no folder {file.parent}; make it first, or say another one.")
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        part.write_bytes(data.encode() if isinstance(data, str) else data)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    return data


def read(text: str | bytes | os.PathLike[str]) -> str | bytes:
    """Return what is to be read: the text itself, or what is in the file of that path."""
    if isinstance(text, bytes) or (isinstance(text, str) and ("\n" in text or not text.endswith(".json"))):
        return text
    return Path(text).read_bytes()
