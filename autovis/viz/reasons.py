"""The answer of `why`: what is the matter, the cure, the popular fix that is none. Its sentences: `languages/`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from textwrap import fill

from autovis import language
from autovis.viz.measure import columns
from autovis.viz.scene import Graph

__all__ = ["Reason", "reason", "say"]

say = partial(language.say, "why")

WIDTH = 96  # columns


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a `.grad` is None or 0, or why something raised.

    Attributes:
        key: which reason it is, such as `no_backward`; the same in every language.
        sentence: what is the matter.
        fix: what cures it.
        no_help: what many try, and what does not help; may be empty.
        unknown: what cannot be known from what is left; may be empty.
        name: of the tensor or operation that it is about.
        node: id of the guilty element in the picture; empty where there is none.
        graph: the picture, the guilty element marked; None where there is nothing to draw.
    """

    key: str
    sentence: str
    fix: str = ""
    no_help: str = ""
    unknown: str = ""
    name: str = ""
    node: str = ""
    graph: Graph | None = None

    def __repr__(self) -> str:
        lines = [(say("cure"), self.fix), (say("no_help"), self.no_help), (say("unknown"), self.unknown)]
        column = max(columns(word) for word, _ in lines) + 4
        told = [wrapped(f"  {word}{' ' * (column - 2 - columns(word))}", text, column) for word, text in lines if text]
        return "\n".join([wrapped("", self.sentence, 0), *told])


def wrapped(word: str, text: str, column: int) -> str:
    """Write a text in lines that a notebook does not have to break, below each other after a word."""
    return fill(
        text, WIDTH, initial_indent=word, subsequent_indent=" " * column, break_long_words=False, break_on_hyphens=False
    )


def reason(key: str, words: Mapping[str, str], *, node: str = "", graph: Graph | None = None) -> Reason:
    """Make a reason of the sentences of a key, filled with words."""
    known = language.table("why")
    parts = (known.get(f"{key}{part}", "").format_map(words) for part in ("", "_fix", "_no_help", "_unknown"))
    sentence, fix, no_help, unknown = parts
    return Reason(key, sentence, fix, no_help, unknown, words.get("name", ""), node, graph)
