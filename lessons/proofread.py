"""Compares a translation with its English text: what a machine can see without knowing the language."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

SCRIPTS: Final = {"zh-Hans": "gb2312", "zh-Hant": "big5", "ko": "euc-kr"}
"""Encodings that hold the letters of one language; characters of the other Chinese script are not in these."""

LETTER = re.compile(r"[\u3400-\u9fff\uac00-\ud7a3]")
NUMBER = re.compile(r"(?<![A-Za-z0-9_.])\d+(?:,\d{3})*(?:\.\d+)?(?![A-Za-z0-9_])")
CODE = re.compile(r"[A-Za-z_][\w.]*(?:[._]\w+|\(\))|\w+(?==\w)", re.ASCII)
PARSER = MarkdownIt("commonmark").enable("table")


def is_worded(label: str) -> bool:
    """Say whether a label holds words that a learner reads, and not only code.

    >>> [is_worded(label) for label in ("both", "no, never", "it runs", "x", "x.grad", "None", "a + 2")]
    [True, True, True, False, False, False, False]
    """
    try:
        tree = ast.parse(label, mode="eval").body
    except SyntaxError:
        return bool(re.search(r"[A-Za-z]{2}", label))
    names = tree.elts if isinstance(tree, ast.Tuple) else [tree]
    return all(isinstance(name, ast.Name) and len(name.id) > 1 for name in names)


def defects(english: str, translation: str, language: str, never: Iterable[str]) -> Iterator[str]:
    """Yield what cannot be right in a translation.

    Args:
        english: the text as it is, Markdown.
        translation: the same in another language.
        language: its code.
        never: words that the glossary forbids in it.
    """
    ours, theirs = PARSER.parse(english), PARSER.parse(translation)
    yield from (f"never say {word}" for word in never if word in translation)
    wrong = [letter for letter in LETTER.findall(translation) if not letter.encode(SCRIPTS[language], "ignore")]
    yield from (f"{letter} is of another script" for letter in wrong)
    if blocks(ours) != blocks(theirs):
        yield f"blocks are {' '.join(blocks(theirs))}, not {' '.join(blocks(ours))}"
    for what, found in LOOKS.items():
        expected, there = set(found(ours)), set(found(theirs))
        yield from (f"{what} {each} is missing" for each in sorted(expected - there))
        yield from (f"{what} {each} is not in the English text" for each in sorted(there - expected))
    if "".join(plain(theirs)).count("*") > "".join(plain(ours)).count("*"):
        yield "an asterisk is shown as it stands: emphasis needs a space or a letter of the line around it"


def blocks(tokens: Sequence[Token]) -> list[str]:
    """Return the outline: headings, paragraphs, items, cells of tables, programs."""
    return [token.tag or token.type for token in tokens if token.nesting != -1 and token.type != "inline"]


def inline(tokens: Sequence[Token]) -> Iterator[Token]:
    """Yield the parts of all paragraphs."""
    return chain.from_iterable(token.children or [] for token in tokens)


def plain(tokens: Sequence[Token]) -> list[str]:
    """Return the text that is neither code nor address."""
    return [token.content for token in inline(tokens) if token.type == "text"]


def spans(tokens: Sequence[Token]) -> list[str]:
    """Return what stands between backticks, and whole programs."""
    fenced = [token.content for token in tokens if token.type in {"fence", "code_block"}]
    return [token.content for token in inline(tokens) if token.type == "code_inline"] + fenced


def addresses(tokens: Sequence[Token]) -> list[str]:
    """Return where links and pictures lead."""
    return [str(token.attrs[key]) for token in inline(tokens) for key in ("href", "src") if key in token.attrs]


def numbers(tokens: Sequence[Token]) -> list[str]:
    """Return the numbers in the text."""
    return NUMBER.findall(" ".join(plain(tokens)))


def names(tokens: Sequence[Token]) -> list[str]:
    """Return names and calls that stand in the text without backticks."""
    return CODE.findall(" ".join(plain(tokens)))


LOOKS: Final[dict[str, Callable[[Sequence[Token]], list[str]]]] = {
    "code span": spans,
    "address": addresses,
    "number": numbers,
    "name": names,
}
