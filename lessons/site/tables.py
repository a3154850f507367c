"""Tables of the site that the project's own tables write: names and what they do, words in four languages."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import Any, ClassVar, Final

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from autovis import language

LANGUAGES: Final = {"en": "English", "zh-Hans": "简体中文", "zh-Hant": "繁體中文", "ko": "한국어"}


class Table(SphinxDirective):
    """A table whose rows a program writes."""

    head: tuple[str, ...]

    def run(self) -> list[nodes.Node]:
        """Return the table, parsed as Markdown."""
        lines = [self.head, ["---"] * len(self.head), *self.rows()]
        return self.parse_text_to_nodes("\n".join(f"| {' | '.join(cells)} |" for cells in lines))

    def rows(self) -> Iterator[list[str]]:
        """Yield the cells of each row, as Markdown."""
        raise NotImplementedError


class Names(Table):
    """The public names of a module: what each does, and PyTorch's page about it."""

    head = ("name", "what it does", "in PyTorch")
    required_arguments = 1
    option_spec: ClassVar[dict[str, Any]] = {"pytorch": directives.unchanged_required}

    def rows(self) -> Iterator[list[str]]:
        """Yield a row for each name."""
        module, there = import_module(self.arguments[0]), self.options["pytorch"]
        for name in sorted(public(module), key=str.lower):
            sentence = (inspect.getdoc(getattr(module, name)) or "").partition("\n\n")[0].replace("\n", " ")
            address = f"https://docs.pytorch.org/docs/stable/generated/{there}.{name}.html"
            yield [f"`{name}`", sentence.replace("|", "\\|"), f"[{there}.{name}]({address})"]


def public(module: ModuleType) -> list[str]:
    """Name what a module offers; a package that lists nothing offers its classes and functions."""
    listed: list[str] | None = getattr(module, "__all__", None)
    return listed or [
        name
        for name, thing in vars(module).items()
        if not name.startswith("_") and getattr(thing, "__module__", "").startswith(module.__name__)
    ]


class Words(Table):
    """What the pictures are read with, in every language."""

    head = tuple(LANGUAGES.values())

    def rows(self) -> Iterator[list[str]]:
        """Yield a row for each entry of the legend."""
        before = language.get_language()
        tables = []
        for code in LANGUAGES:
            language.set_language(code)
            tables.append(language.table("legend"))
        language.set_language(before)
        for key in tables[0]:
            yield [str(table[key]) for table in tables]


def without_way_back(app: Sphinx, name: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Leave out of pages of source the links to the API: viewcode takes all names of a module for public ones."""
    if name.startswith("_modules/"):
        context["body"] = re.sub(r'<a class="viewcode-back".*?</a>', "", context["body"])


def setup(app: Sphinx) -> dict[str, bool]:
    """Enter the directives."""
    app.connect("html-page-context", without_way_back)
    app.add_directive("names", Names)
    app.add_directive("glossary-table", Words)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
