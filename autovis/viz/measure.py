"""How wide a text is, without asking a font: every character of the stack takes the same share of an em.

The JavaScript player measures by the same rule and takes its constants from `METRICS`, so a box that was sized here
still fits when the player writes another number into it.
"""

from __future__ import annotations

import re
from html import escape as escape_entities
from typing import Final

__all__ = ["ADVANCE", "FONT", "LONGEST", "METRICS", "SIZES", "clean", "columns", "escape", "shorten", "width"]

FONT: Final = '"DejaVu Sans Mono", Menlo, Consolas, "Liberation Mono", monospace'

ADVANCE: Final = 0.602
"""Width of one character in em; DejaVu Sans Mono and Menlo have exactly this, the others less."""

WIDE_FROM: Final = 0x2E80
"""First code point of the East Asian and emoji blocks, whose glyphs take two columns."""

LONGEST: Final = 24
"""Columns after which a text is cut short on the picture; the full text stands in the tooltip."""

SIZES: Final = {"symbol": 18, "label": 16, "value": 15, "grad": 13, "token": 14, "tray": 13, "small": 12}
"""Font sizes in pixels, by what is written."""

PILL: Final = {"pad": 8, "height": 22}
"""The token on a link: space left and right of its text, and its height, in pixels."""

METRICS: Final[dict[str, object]] = {
    "font": FONT,
    "advance": ADVANCE,
    "wide_from": WIDE_FROM,
    "longest": LONGEST,
    "sizes": SIZES,
    "pill": PILL,
}
"""All of it as JSON-ready data, for the player."""

BREAKS: Final = re.compile("[\t\n-\r\x1c-\x1e\x85\u2028\u2029]")

# What XML 1.0 cannot hold, lone surrogates included.
UNPRINTABLE: Final = re.compile("[^\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


def clean(text: str) -> str:
    r"""Replace line ends and tabs by spaces, and what XML cannot hold by the replacement character.

    >>> clean("a\tb\x00")
    'a b�'
    """
    return UNPRINTABLE.sub("\ufffd", BREAKS.sub(" ", text))


def escape(text: str) -> str:
    """Make any text safe between tags and inside quoted attributes of XML.

    >>> escape('<img src=x onerror="alert(1)">')
    '&lt;img src=x onerror=&quot;alert(1)&quot;&gt;'
    """
    return escape_entities(clean(text))


def columns(text: str) -> int:
    """Count the columns that a text takes: two for East Asian characters and emoji, one for all others.

    >>> columns("grad"), columns("梯度")
    (4, 4)
    """
    return len(text) if text.isascii() else sum(2 if ord(letter) >= WIDE_FROM else 1 for letter in text)


def shorten(text: str, longest: int = LONGEST) -> str:
    """Cut a text that takes more than `longest` columns, and mark the place.

    >>> shorten("hidden_layer_activation_before_dropout")
    'hidden_layer_activation…'
    """
    if columns(text) <= longest:
        return text
    kept, room = "", longest - 1
    for letter in text:
        room -= columns(letter)
        if room < 0:
            break
        kept += letter
    return kept + "…"


def width(text: str, kind: str, *, longest: int = LONGEST) -> float:
    """Return the width in pixels of a text (shortened if need be), written in the size of `SIZES[kind]`."""
    return columns(shorten(clean(text), longest)) * ADVANCE * SIZES[kind]
