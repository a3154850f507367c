"""A logbook as one word: to carry it over from a machine that forgets, or to hand it in."""

from __future__ import annotations

import re
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

from autovis.classroom import logbook
from autovis.classroom.logbook import LARGEST, Logbook
from autovis.language import say

__all__ = ["pack", "unpack"]

BEGIN: Final = "autovis-progress."
WORD: Final = re.compile(re.escape(BEGIN) + r"([\w-]*)", re.ASCII)
CHECKED: Final = 4  # bytes of the checksum


def pack(book: Logbook) -> str:
    """Compress a logbook into letters, digits, `-`, `_` and a dot, with a checksum before it."""
    data = logbook.write(book).encode()
    worker = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = zlib.crc32(data).to_bytes(CHECKED, "big") + worker.compress(data) + worker.flush()
    return BEGIN + urlsafe_b64encode(packed).decode("ascii").rstrip("=")


def unpack(text: str) -> Logbook:
    """Return the logbook in a string of `pack`; line breaks that a mail has put into it do no harm.

    Raises:
        ValueError: if it is none, damaged, or of a later version; the message says which.

    >>> unpack(pack(Logbook(frozenset({"m"})))).marks
    frozenset({'m'})
    """
    found = WORD.fullmatch("".join(str(text).split()).strip("'\"`"))
    if not found:
        raise ValueError(say("progress", "no_string", begin=BEGIN))
    try:
        packed = urlsafe_b64decode(found[1] + "=" * (-len(found[1]) % 4))
        worker = zlib.decompressobj(-15)
        data = worker.decompress(packed[CHECKED:], LARGEST)
    except (ValueError, zlib.error) as error:
        raise ValueError(say("progress", "damaged_string")) from error
    if not worker.eof or zlib.crc32(data) != int.from_bytes(packed[:CHECKED], "big"):
        raise ValueError(say("progress", "damaged_string"))
    try:
        book, whole = logbook.read(data.decode("utf-8", "replace"))
    except logbook.NewerError as error:
        raise ValueError(say("progress", "newer_string")) from error
    if not whole:
        raise ValueError(say("progress", "damaged_string"))
    return book
