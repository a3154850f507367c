"""The two things that a picture is written with: texts, which are escaped and cut short here, and paths."""

from __future__ import annotations

from autovis.viz.measure import LONGEST, clean, escape, shorten
from autovis.viz.shapes import number

__all__ = ["path", "text", "triangle"]


def text(
    slot: str, x: float, y: float, content: str, anchor: str = "start", *, classes: str = "", longest: int = LONGEST
) -> str:
    """Write one text; it is escaped and cut short here."""
    named = f' data-slot="{slot}"' if slot else ""
    styled = f' class="{classes}"' if classes else ""
    aligned = "" if anchor == "start" else f' text-anchor="{anchor}"'
    shown = escape(shorten(clean(content), longest))
    return f'<text{named}{styled} x="{number(x)}" y="{number(y)}"{aligned}>{shown}</text>'


def path(classes: str, data: str) -> str:
    """Write one path."""
    return f'<path class="{classes}" d="{data}"/>'


def triangle(x: float, y: float) -> str:
    """Draw the mark of a hook around a point."""
    return path("hook", f"M {number(x - 6)} {number(y - 6)} h 12 l -6 11 z")
