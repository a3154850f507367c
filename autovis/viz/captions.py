"""One sentence for each frame, from the section `caption` of the language that is set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from autovis import language

__all__ = ["LIMIT", "caption"]

LIMIT: Final = 140  # characters


def caption(key: str, args: Mapping[str, str]) -> str:
    """Fill in a sentence; the short one if it is too long, cut off at the limit if that is, too.

    >>> caption("accumulate_first_short", {"name": "p", "after": "5"})
    'p.grad was None and becomes 5.'
    """
    sentences = language.table("caption")
    texts = [sentences[each].format_map(args) for each in (key, f"{key}_short") if each in sentences]
    fitting = [text for text in texts if len(text) <= LIMIT]
    return fitting[0] if fitting else texts[0][: LIMIT - 1].rstrip() + "…"
