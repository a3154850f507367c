"""The words of pictures, films and widgets, by key: one table a language, English first.

A table is a TOML file in `languages/`. What is painted on the picture itself (tags such as `leaf`, names, numbers) is
the same in every language; captions, legends, controls and feedback follow the language that is set when they are made.

>>> say("caption", "clear_none", name="w", before="3")
'w.grad is cleared: 3 becomes None.'
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Final

__all__ = ["LANGUAGES", "get_language", "listed", "say", "set_language", "table"]

LANGUAGES: Final = {"en": "English", "zh-Hans": "简体中文", "zh-Hant": "繁體中文", "ko": "한국어"}
"""Codes (BCP 47), and what the languages call themselves."""

OTHERWISE: Final = {
    "zh": "zh-Hans",
    "zh-cn": "zh-Hans",
    "zh-sg": "zh-Hans",
    "zh-tw": "zh-Hant",
    "zh-hk": "zh-Hant",
    "zh-mo": "zh-Hant",
}
"""Other codes in use for the same languages."""

chosen: Final = ["en"]


def set_language(code: str) -> None:
    """Choose the language of captions, legends, controls and feedback that are made from now on.

    Args:
        code: `en`, `zh-Hans`, `zh-Hant` or `ko`; codes of countries such as `zh_TW` or `ko-KR` are understood.

    Raises:
        ValueError: for any other language.
    """
    chosen[0] = understood(code)


def get_language() -> str:
    """Return the code of the language that is set.

    >>> get_language()
    'en'
    """
    return chosen[0]


def understood(code: str) -> str:
    """Return our code for one that people or systems write.

    >>> understood("zh_TW"), understood("ko_KR.UTF-8"), understood("en-GB")
    ('zh-Hant', 'ko', 'en')
    """
    known = {ours.lower(): ours for ours in LANGUAGES} | OTHERWISE
    parts = str(code).partition(".")[0].replace("_", "-").lower().split("-")
    for length in range(len(parts), 0, -1):
        found = known.get("-".join(parts[:length]))
        if found:
            return found
    there = ", ".join(f"{ours} ({name})" for ours, name in LANGUAGES.items())
    raise ValueError(f"autovis does not speak {code!r}; it speaks {there}.")


@cache
def tables(code: str) -> Mapping[str, Mapping[str, str]]:
    """Read all sections of one language."""
    return tomllib.loads((resources.files("autovis") / "languages" / f"{code}.toml").read_text("utf-8"))


@cache
def section_of(code: str, section: str) -> Mapping[str, str]:
    """Return one section of one language; English where nobody has translated a key yet."""
    return {**tables("en")[section], **tables(code).get(section, {})}


def table(section: str) -> dict[str, str]:
    """Return the words of one section in the language that is set, by key."""
    return dict(section_of(chosen[0], section))


def say(section: str, key: str, /, **args: object) -> str:
    """Return one sentence in the language that is set.

    Args:
        section: of the table, such as `caption`.
        key: of the sentence.
        **args: what its braces name.
    """
    return section_of(chosen[0], section)[key].format_map(args)


def listed(words: Iterable[str], last: str = "and") -> str:
    """Join words as a sentence does, each once.

    Args:
        words: to be joined.
        last: key in the section `list`: `and` or `or`.

    >>> listed(["a", "b", "a", "c"]), listed("ab", last="or")
    ('a, b and c', 'a or b')
    """
    *head, tail = dict.fromkeys(words) or [""]
    return say("list", last, head=say("list", "comma").join(head), tail=tail) if head else tail
