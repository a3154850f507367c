"""Tables of the site that other tables write: names and what they do, limits, words in four languages."""

from __future__ import annotations

import inspect
import re
import tomllib
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar, Final

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import autovis as av
from autovis import functions
from autovis.bridge.limits import LIMITS

LESSONS: Final = Path(__file__).parents[1]
LANGUAGES: Final = {"en": "English", "zh-Hans": "简体中文", "zh-Hant": "繁體中文", "ko": "한국어"}
PYTORCH: Final = "https://docs.pytorch.org/docs/stable/"


class Table(SphinxDirective):
    """A table whose rows a program writes."""

    head: tuple[str, ...]

    def run(self) -> list[nodes.Node]:
        """Return the table, parsed as Markdown."""
        lines = [self.head, ["---"] * len(self.head), *self.rows()]
        return self.parse_text_to_nodes("\n".join(f"| {' | '.join(cells)} |" for cells in lines))

    def rows(self) -> Iterator[Iterable[str]]:
        """Yield the cells of each row, as Markdown."""
        raise NotImplementedError


class Names(Table):
    """The public names of a module or of a class, with links to what PyTorch says of them.

    The option `:pytorch:` is PyTorch's name for the same, `:page:` the page if there is one page for all.
    """

    head = ("name", "what it does")
    required_arguments = 1
    option_spec: ClassVar[dict[str, Any]] = {"pytorch": directives.unchanged, "page": directives.unchanged}

    def rows(self) -> Iterator[Iterable[str]]:
        """Yield a row for each name."""
        place = found(self.arguments[0])
        for name in sorted(public(place), key=lambda name: (name.lower(), name)):
            yield self.link(name), sentence(member(place, name))

    def link(self, name: str) -> str:
        """Return a name, as a link if PyTorch says something of it."""
        theirs = self.options.get("pytorch", "")
        if not (theirs and inspect.getdoc(getattr(found(theirs), name, None))):
            return f"`{name}`"
        page = self.options.get("page")
        address = f"{page}#{theirs}.{name}" if page else f"generated/{theirs}.{name}.html"
        return f"[`{name}`]({PYTORCH}{address})"


def found(path: str) -> Any:
    """Return the module or the class of that name."""
    try:
        return import_module(path)
    except ModuleNotFoundError:
        module, _, name = path.rpartition(".")
        return getattr(import_module(module), name)


def public(place: Any) -> list[str]:
    """Name what a module or a class offers: what it lists, else what it describes itself."""
    if hasattr(place, "__all__"):
        return list(place.__all__)
    if isinstance(place, type):
        theirs, elsewhere = dir(import_module("torch").Tensor), functions.__all__
        names = [name for name in dir(place) if name in theirs and name.rstrip("_") not in elsewhere]
        return [name for name in names if not name.startswith("_") and sentence(member(place, name))]
    return [
        name
        for name, thing in vars(place).items()
        if not name.startswith("_") and getattr(thing, "__module__", "").startswith(place.__name__)
    ]


def member(place: Any, name: str) -> Any:
    """Return what a name stands for; of a class the property itself."""
    return inspect.getattr_static(place, name) if isinstance(place, type) else getattr(place, name)


def sentence(thing: Any) -> str:
    """Return the first sentence of a description, for a cell of a table."""
    own = thing.__doc__ if isinstance(thing, property) or callable(thing) or isinstance(thing, ModuleType) else ""
    return inspect.cleandoc(own or "").partition("\n\n")[0].replace("\n", " ").replace("|", "\\|").replace("*", "\\*")


class Descriptions(SphinxDirective):
    """What `av` offers of some packages, `:but:` what stands elsewhere: every name with its whole description."""

    required_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[dict[str, Any]] = {"but": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        """Return the descriptions, in the order in which the lessons introduce the names."""
        places = tuple(self.arguments[0].split())
        elsewhere = self.options.get("but", "").split()
        names = [name for name, module in av._LAZY.items() if module.startswith(places) and name not in elsewhere]
        told = "\n\n".join(f".. autofunction:: autovis.{name}" for name in names)
        return self.parse_text_to_nodes(f"```{{eval-rst}}\n{told}\n```")


class Limits(Table):
    """What PyTorch's public API cannot tell."""

    head = ("what PyTorch keeps to itself", "what is shown instead")

    def rows(self) -> Iterator[Iterable[str]]:
        """Yield a row for each."""
        return ((limit.hidden, limit.shown) for limit in LIMITS)


class Words(Table):
    """The words of the lessons in every language."""

    head = tuple(LANGUAGES.values())

    def rows(self) -> Iterator[Iterable[str]]:
        """Yield a row for each term."""
        terms = tomllib.loads((LESSONS / "po" / "glossary.toml").read_text("utf-8"))["term"]
        return ([str(term[code]) for code in LANGUAGES] for term in terms)


def described(app: Sphinx, what: str, name: str, thing: Any, options: object, lines: list[str]) -> None:
    """Take the description of an object that is called from its call; keep a property's first sentence whole."""
    if what == "function" and not inspect.isroutine(thing):
        lines[:] = [*inspect.cleandoc(type(thing).__call__.__doc__ or "").split("\n"), ""]
    if what == "property":
        lines.insert(0, "")  # else napoleon takes what stands before a colon for a type


def finish(app: Sphinx, name: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Say the language of a translated lesson; leave out of pages of source the links to the API.

    For these links viewcode takes all names of a module for public ones, once one of them is.
    """
    folder = name.partition("/")[0]
    if folder in LANGUAGES:
        context["language"] = folder
    if folder == "_modules":
        context["body"] = re.sub(r'<a class="viewcode-back".*?</a>', "", context["body"])


def setup(app: Sphinx) -> dict[str, bool]:
    """Enter the directives."""
    app.connect("autodoc-process-docstring", described, priority=400)  # before napoleon
    app.connect("html-page-context", finish)
    app.add_directive("names", Names)
    app.add_directive("descriptions", Descriptions)
    app.add_directive("limits", Limits)
    app.add_directive("words", Words)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
