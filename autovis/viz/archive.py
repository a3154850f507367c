"""Films and pictures as text that can be kept and sent: JSON with a version, and a string that fits into a link.

The format is the dataclasses of `scene`, field by field; `schema` says the same as a JSON Schema. What is read back is
data and nothing else: every field is checked, and an error names the place.
"""

from __future__ import annotations

import json
import types
import zlib
from base64 import b64decode, urlsafe_b64encode
from binascii import Error as DamagedError
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import cache
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

from autovis.viz import theme
from autovis.viz.scene import FORMAT, VERSION, Film, default

__all__ = ["LARGEST", "pack", "read", "schema", "unpack", "write"]

SHARED: Final = "autovis1."
"""What every string of `pack` begins with."""

LARGEST: Final = 32_000_000
"""Characters of JSON that are read, unpacked or not: what is larger is no film of a notebook."""

AGAIN: Final = "Save it again with to_json(), and pass on all of the text."
UPDATE: Final = "Update autovis: pip install --upgrade autovis."


def write(film: Film) -> str:
    """Return a film as JSON; a picture is a film without frames.

    >>> from autovis.viz.scene import Graph
    >>> write(Film(Graph((), ()), ()))
    '{"format":"autovis film","version":1,"graph":{"elements":[],"links":[]},"frames":[]}'
    """
    return json.dumps(film.to_json(), separators=(",", ":"))


def read(text: str | bytes) -> Film:
    """Return the film that `write` or `pack` wrote.

    Args:
        text: JSON, or a string from `pack`.

    Raises:
        ValueError: if it is neither, or damaged, or from another version; the message says where and what to do.
    """
    try:
        told = text.decode("utf-8-sig") if isinstance(text, bytes) else str(text)
    except UnicodeDecodeError as error:
        raise refusal("it is not text in UTF-8") from error
    told = told.strip()
    film: Film = kind(Film).read(parsed(unpack(told) if told.startswith(SHARED) else told), "film")
    for wrong in complaints(film):
        raise refusal(wrong)
    return film


def pack(text: str) -> str:
    """Compress JSON into letters, digits, `-`, `_` and one dot: a string that survives links, mails and chats."""
    return SHARED + urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode("ascii").rstrip("=")


def unpack(text: str) -> str:
    """Return the JSON in a string of `pack`.

    Raises:
        ValueError: if it is damaged, or holds more than `LARGEST` characters.

    >>> unpack(pack("[1, 2]"))
    '[1, 2]'
    """
    letters = "".join(text.removeprefix(SHARED).split())
    worker = zlib.decompressobj()
    try:
        packed = b64decode(letters + "=" * (-len(letters) % 4), altchars="-_", validate=True)
        found = worker.decompress(packed, LARGEST).decode()
    except (DamagedError, zlib.error, ValueError) as error:
        raise refusal("the string is damaged, or a part of it is missing") from error
    if worker.unconsumed_tail:
        raise refusal(f"it would take more than {LARGEST:,} characters")
    if not worker.eof:
        raise refusal("the end of the string is missing")
    return found


def refusal(reason: str, cure: str = AGAIN) -> ValueError:
    """Make the error that says why something is not read, and what to do."""
    return ValueError(f"This is not a film that autovis can open: {reason}. {cure}")


def parsed(text: str) -> dict[str, Any]:
    """Return the fields of the film in a JSON text, after a look at its format and version.

    Raises:
        ValueError: if it is too long, no JSON, no film, or of another version.
    """
    if len(text) > LARGEST:
        raise refusal(f"it has more than {LARGEST:,} characters")
    try:
        data = json.loads(text)
    except RecursionError as error:
        raise refusal("it is nested too deeply") from error
    except ValueError as error:
        raise refusal(f"it is not JSON ({error})") from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise refusal(f'it does not say "format": "{FORMAT}"')
    version = data.get("version")
    if type(version) is not int or version < 1:
        raise refusal(f"its version is {shown(version)}, and versions are numbers from 1 on")
    if version > VERSION:
        raise refusal(f"its format has version {version}, and this autovis reads versions up to {VERSION}", UPDATE)
    return {name: part for name, part in data.items() if name not in ("format", "version")}


# ------------------------------------------------------------------------------------------------- fields and types


@dataclass(frozen=True, slots=True)
class Kind:
    """How values of one type are described and read.

    Attributes:
        schema: as JSON Schema.
        read: turns plain data into the value; the second argument is the place, for the error.
    """

    schema: Mapping[str, Any]
    read: Callable[[Any, str], Any]


NAMES: Final[dict[type, str]] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    list: "array",
    dict: "object",
    type(None): "null",
}
"""What JSON calls the types that `json.loads` makes."""

WORDS: Final = {"string": "a text", "boolean": "true or false", "integer": "a whole number", "array": "a list"}
"""What an error calls them."""


@cache
def kind(hint: Any) -> Kind:
    """Return how values of a type hint are read; the hints of `scene` are all that is understood."""
    if isinstance(hint, type) and is_dataclass(hint):
        return record_kind(hint)
    if hint in NAMES:
        return Kind({"type": NAMES[hint]}, lambda value, at: fitting(value, NAMES[hint], at))
    origin, inner = get_origin(hint), get_args(hint)
    if origin is tuple:
        return list_kind(kind(inner[0]), None if inner[-1] is ... else len(inner))
    if origin in (Union, types.UnionType):
        return choice_kind([kind(one) for one in inner])
    assert issubclass(origin or object, Mapping), hint
    return table_kind(kind(inner[1]))


def fitting(value: Any, name: str, at: str) -> Any:
    """Return a value whose JSON type is the one that was asked for."""
    if NAMES[type(value)] != name:
        raise refusal(f"{at} is {shown(value)}, not {WORDS.get(name, 'a table of fields')}")
    return value


def choice_kind(choices: list[Kind]) -> Kind:
    """Return the kind of what may have several types."""

    def read(value: Any, at: str) -> Any:
        for choice in choices:
            if choice.schema["type"] == NAMES[type(value)]:
                return choice.read(value, at)
        return choices[0].read(value, at)

    return Kind({"anyOf": [choice.schema for choice in choices]}, read)


def list_kind(inner: Kind, length: int | None) -> Kind:
    """Return the kind of a list of one type, of any length or of a fixed one."""

    def read(value: Any, at: str) -> Any:
        parts = fitting(value, "array", at)
        if length not in (None, len(parts)):
            raise refusal(f"{at} has {len(parts)} parts, not {length}")
        return tuple(inner.read(part, f"{at}[{number}]") for number, part in enumerate(parts))

    size = {} if length is None else {"minItems": length, "maxItems": length}
    return Kind({"type": "array", "items": inner.schema, **size}, read)


def table_kind(inner: Kind) -> Kind:
    """Return the kind of a table with names that are not known beforehand."""

    def read(value: Any, at: str) -> Any:
        return {name: inner.read(part, f"{at}.{name}") for name, part in fitting(value, "object", at).items()}

    return Kind({"type": "object", "additionalProperties": inner.schema}, read)


def record_kind(record: type[Any]) -> Kind:
    """Return the kind of a dataclass: its fields, and no others."""
    hints = get_type_hints(record)
    parts = {field.name: kind(hints[field.name]) for field in fields(record)}
    needed = [field.name for field in fields(record) if default(field) is MISSING]

    def read(value: Any, at: str) -> Any:
        told = fitting(value, "object", at)
        if unknown := told.keys() - parts.keys():
            raise refusal(f"{at} has a field {shown(min(unknown))} that this autovis does not know", UPDATE)
        if missing := [name for name in needed if name not in told]:
            raise refusal(f"{at} has no field {missing[0]!r}")
        return record(**{name: parts[name].read(part, f"{at}.{name}") for name, part in told.items()})

    properties = {name: part.schema for name, part in parts.items()}
    return Kind({"type": "object", "properties": properties, "required": needed, "additionalProperties": False}, read)


def shown(value: Any) -> str:
    """Write a value for an error, cut short."""
    told = json.dumps(value, ensure_ascii=False)
    return told if len(told) <= 40 else told[:37] + "..."


def schema() -> dict[str, Any]:
    """Return the format as a JSON Schema, for programs that are not written in Python.

    >>> schema()["properties"]["version"]
    {'const': 1}
    """
    film = kind(Film).schema
    head = {"format": {"const": FORMAT}, "version": {"const": VERSION}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": FORMAT,
        **film,
        "properties": {**head, **film["properties"]},
        "required": [*head, *film["required"]],
    }


# ----------------------------------------------------------------------------------------------------- what is named


def complaints(film: Film) -> Iterator[str]:
    """Yield what is wrong with a film whose fields have the right types."""
    graph = film.graph
    ids = [thing.id for group in (graph.elements, graph.links, graph.regions) for thing in group]
    elements, known = {element.id for element in graph.elements}, {"", *ids}
    if len(known) <= len(ids):
        yield "two things in it have the same id, or one has none"
    for element in graph.elements:
        yield from strange(element.role, theme.ROLES, f"the role of element {element.id}")
        yield from strange(element.saved, ("", *theme.SAVED), f"the saved state of element {element.id}")
    for link in graph.links:
        yield from strange(link.role, theme.LINKS, f"the role of link {link.id}")
        for end in (link.source, link.target):
            yield from strange(end, elements, f"an end of link {link.id}")
    for region in graph.regions:
        yield from strange(region.role, theme.REGIONS, f"the role of region {region.id}")
        for member in region.members:
            yield from strange(member, elements, f"a member of region {region.id}")
    for number, frame in enumerate(film.frames):
        for id in (frame.node, *frame.links, *frame.changes):
            yield from strange(id, known, f"what frame {number} is about")
        for id, change in frame.changes.items():
            yield from ill(change, f"frame {number}, {id}")


CHANGES: Final[dict[str, type]] = {
    "visible": bool,
    **dict.fromkeys(("value", "grad", "saved", "tray", "role", "token"), str),
}
"""Types of what a frame may change; see `scene.Frame`."""


def ill(change: Mapping[str, Any], at: str) -> Iterator[str]:
    """Complain about a change that cannot be drawn."""
    for name, value in change.items():
        if type(value) is not CHANGES.get(name, type(value)):
            yield f"{at}: {name} becomes {shown(value)}"
    if "role" in change:
        yield from strange(change["role"], theme.ROLES, f"{at}: the role")


def strange(word: str, words: Collection[str], what: str) -> Iterator[str]:
    """Complain about a word that is none of the known ones."""
    if word not in words:
        yield f"{what} is {shown(word)}, which does not exist"
