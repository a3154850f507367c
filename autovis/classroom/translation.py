"""The bank in other languages: one compiled catalogue a language beside the bank, made by `lessons/translate.py build`.

What is looked up is the English text itself. So a text that has changed since it was translated is shown in English,
never in words that belong to an older one.
"""

from __future__ import annotations

import gettext
from functools import cache
from importlib import resources

from autovis.language import get_language

__all__ = ["translated"]


def translated(text: str) -> str:
    """Return a text of the bank in the language that is set, or as it is if nobody has translated it.

    Args:
        text: a label, feedback, a hint or the name of a checked number, in English.
    """
    return catalogue(get_language()).gettext(text) if text else text


@cache
def catalogue(code: str) -> gettext.NullTranslations:
    """Read the texts of one language; English, and a language without lessons yet, has none."""
    file = resources.files(__package__) / "bank" / f"{code}.mo"
    if not file.is_file():
        return gettext.NullTranslations()
    with file.open("rb") as compiled:
        return gettext.GNUTranslations(compiled)
