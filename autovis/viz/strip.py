"""Pictures with captions below them: one for a slide or a GIF, up to six for a film on paper."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from autovis.viz import theme as looks
from autovis.viz.measure import ADVANCE, clean, columns, escape
from autovis.viz.scene import Change, Film, Frame
from autovis.viz.shapes import number

__all__ = ["MOST", "Shot", "key_frames", "sheet", "states", "told"]

MOST: Final = 6
"""Frames that a strip shows at most."""

TELLING: Final = ("error", "seed", "fan_in", "accumulate", "cut", "clear", "send", "forward")
"""Kinds of frames by what they tell; a strip takes one of each, then the next of each, while there is room."""

FAMILY: Final = "'DejaVu Sans', Verdana, sans-serif"
SIZE, LEADING = 17, 24  # pixels: letters of a caption, and its lines
EDGE, GAP = 20, 28  # pixels around the sheet, and between its pictures
NARROWEST: Final = 340
"""Pixels of width below which a caption would take too many lines."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture on a sheet.

    Attributes:
        svg: what `draw.svg` wrote with `theme="css"`.
        size: its width and height in pixels.
        caption: the sentence below it.
        place: where in the film it is, `3 of 10`; empty for a still picture.
    """

    svg: str
    size: tuple[float, float]
    caption: str = ""
    place: str = ""


def key_frames(frames: Sequence[Frame], most: int = MOST) -> list[int]:
    """Choose the frames that tell a film: start, seed, fan-ins, what is added to `.grad`, errors, end.

    >>> [film] = [[Frame(kind) for kind in "start seed local send fan_in fan_in accumulate accumulate".split()]]
    >>> key_frames(film), key_frames(film, most=3)
    ([0, 1, 3, 5, 6, 7], [0, 1, 7])
    """
    wanted = [[at for at, frame in enumerate(frames) if frame.kind == kind] for kind in TELLING]
    whole = [at for at in wanted[2] if (tray := frames[at].tray) is None or tray.came == tray.of]
    wanted[2] = (whole or wanted[2])[::-1]  # a sum is best seen when it is complete; the last one has most behind it
    chosen = dict.fromkeys([len(frames) - 1, 0])
    for turn in zip_longest(*wanted):
        chosen.update(dict.fromkeys(at for at in turn if at is not None))
    return sorted(list(chosen)[:most])


def states(film: Film, wanted: Iterable[int]) -> dict[int, Mapping[str, Change]]:
    """Return what differs from the graph in some frames, by number."""
    numbers, now = set(wanted), dict[str, Change]()
    found: dict[int, Mapping[str, Change]] = {}
    for at, frame in enumerate(film.frames[: max(numbers, default=-1) + 1]):
        now = {**now, **{id: {**now.get(id, {}), **change} for id, change in frame.changes.items()}}
        if at in numbers:
            found[at] = now
    return found


def sheet(shots: Sequence[Shot], *, theme: str = "light", title: str = "", lines: int = 0) -> str:
    """Lay pictures out, row by row, each with its caption.

    Args:
        shots: at least one.
        theme: `light` or `dark`.
        title: what a screen reader calls the sheet; written above more than one picture.
        lines: room below each picture, in lines of text; as many as its caption needs if that is more.

    Returns:
        A well-formed `<svg>` element with its own style sheet.
    """
    width = max(NARROWEST, *(shot.size[0] for shot in shots))
    across = wide(len(shots), width, max(shot.size[1] for shot in shots))
    body, y = list[str](), float(EDGE)
    if len(shots) > 1 and title:
        body.append(line(title, EDGE, y + SIZE, "sheet-title"))
        y += LEADING + 12
    for row in (shots[start : start + across] for start in range(0, len(shots), across)):
        high = max(shot.size[1] for shot in row)
        captions = [told(shot, width) for shot in row]
        for column, (shot, words) in enumerate(zip(row, captions, strict=True)):
            x = EDGE + column * (width + GAP)
            body.append(placed(shot, x + (width - shot.size[0]) / 2, y))
            body += [line(text, x, y + high + (at + 1) * LEADING, "sheet-text") for at, text in enumerate(words)]
        y += high + LEADING * max(lines, *map(len, captions)) + GAP
    total, high = 2 * EDGE + across * width + (across - 1) * GAP, y - GAP + EDGE + 4
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {number(total)} {number(high)}"'
            f' width="{number(total)}" height="{number(high)}">',
            f"<title>{escape(title)}</title><style>{looks.rules(theme)}\n{style(theme)}</style>",
            f'<rect class="sheet" width="{number(total)}" height="{number(high)}"/>',
            *body,
            "</svg>",
        ]
    )


def wide(count: int, width: float, height: float) -> int:
    """Return how many pictures stand side by side, so that the sheet is nearest to four by three.

    >>> wide(6, 900, 250), wide(6, 400, 300), wide(1, 400, 300)
    (2, 3, 1)
    """
    room = height + 3 * LEADING + GAP
    return min(range(1, min(count, 3) + 1), key=lambda across: abs(across * width / (-(-count // across) * room) - 1.3))


def told(shot: Shot, width: float = 0) -> list[str]:
    """Break the caption of a picture into the lines that are written below it."""
    return wrapped(" · ".join(filter(None, (shot.place, shot.caption))), max(width, shot.size[0], NARROWEST))


def placed(shot: Shot, x: float, y: float) -> str:
    """Put a picture somewhere on the sheet."""
    return shot.svg.replace("<svg ", f'<svg x="{number(x)}" y="{number(y)}" ', 1)


def line(text: str, x: float, y: float, name: str) -> str:
    """Write one line of text."""
    return f'<text class="{name}" x="{number(x)}" y="{number(y)}">{escape(text)}</text>'


def wrapped(text: str, width: float) -> list[str]:
    """Break a text into lines that fit into a width in pixels; scripts without spaces break anywhere.

    >>> wrapped("5 is added to p.grad, which was None.", 200)
    ['5 is added to', 'p.grad, which was', 'None.']
    """
    room = int(width / (ADVANCE * SIZE))
    lines, now = list[str](), ""
    for word in pieces(clean(text), room):
        if now and columns(now + word.rstrip()) > room:
            lines.append(now.rstrip())
            now = ""
        now += word
    return [*lines, now.rstrip()] if now.strip() else lines


def pieces(text: str, room: int) -> Iterator[str]:
    """Yield what must stay on one line: words with the space after them, wide letters one by one."""
    now = ""
    for letter in text:
        now += letter
        if letter == " " or columns(letter) > 1 or columns(now) >= room:
            yield now
            now = ""
    yield now


def style(theme: str) -> str:
    """Write the rules for captions and paper."""
    colours = looks.colours(theme)
    page, text = colours["--autovis-page"], colours["--autovis-text"]
    return (
        f".sheet {{ fill: {page}; }} .sheet-text, .sheet-title {{ font: {SIZE}px {FAMILY}; fill: {text}; }}"
        f" .sheet-title {{ font-size: {SIZE + 4}px; }}"
    )
