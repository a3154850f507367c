"""Turn the SVG of `draw` into a PNG, with the font that matplotlib carries: the same picture on every machine."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from autovis.viz.measure import WIDE_FROM
from autovis.viz.theme import colours

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["gif", "on_page", "png"]

COLOURS = 24
"""Size of the palette: about fifteen flat colours, the rest for the soft edges between them."""

NEAR = 24
"""Steps of 256 by which two colours of the palette differ at least, in red, green or blue."""

LARGEST = 100_000_000
"""Pixels of an image: a PNG of the largest folded picture has a twentieth of it."""

WIDEST, SHRUNK, LARGE = 1200, 1000, 500_000
"""Pixels of a PNG on a page: up to where it is as wide as the drawing, how wide it is beyond, and its area at most."""

CURE = (
    "PNG and GIF are painted by resvg-py and Pillow, which are not installed here: pip install resvg-py pillow. In"
    " JupyterLite there is no resvg-py; to_svg() and to_html() need neither."
)


def png(svg: str, scale: float = 2) -> bytes:
    """Render a picture that was drawn with `theme="light"` or `"dark"`.

    Args:
        svg: the whole `<svg>` element.
        scale: pixels of the image for one pixel of the drawing.

    Returns:
        The PNG file, with a palette: 8 to 20 kB for a lesson's picture.

    Raises:
        ImportError: if what paints is not installed; the message says what to do.
        ValueError: if the text is not SVG, or the image would be larger than `LARGEST`.
    """
    image = raster(svg, scale)
    file = io.BytesIO()
    reduced(image, palette(image)).save(file, "PNG", optimize=True, dpi=(96 * scale, 96 * scale))
    return file.getvalue()


def on_page(svg: str) -> bytes:
    """Render a picture for a page: what a viewer without widgets shows, and a notebook stores.

    Raises:
        ValueError: if no font here has one of its letters; a page is better off with the text than with empty boxes.
    """
    lacking = unwritable(svg)
    if lacking:
        raise ValueError(f"No font on this machine has {lacking}.")
    wide, high = size(svg)
    fits = 1.0 if wide <= WIDEST else SHRUNK / wide
    return png(svg, min(fits, (LARGE / (wide * high)) ** 0.5))


def size(svg: str) -> tuple[float, float]:
    """Return the width and the height of a drawing, in pixels."""
    found = re.search(r' width="([\d.]+)" height="([\d.]+)"', svg[:1000])
    return (float(found[1]), float(found[2])) if found else (1.0, 1.0)


def gif(pictures: Sequence[str], stays: Sequence[int], scale: float = 1) -> bytes:
    """Render pictures of one size as an animation that loops.

    Args:
        pictures: the whole `<svg>` elements.
        stays: how long each is shown, in milliseconds.
        scale: as in `png`.

    Returns:
        The GIF file, with one palette: what does not change from one picture to the next takes no room.

    Raises:
        ImportError, ValueError: as in `png`.
    """
    images = [raster(picture, scale) for picture in pictures]
    shared = palette(*images)
    first, *others = [reduced(image, shared) for image in images]
    file = io.BytesIO()
    first.save(file, "GIF", save_all=True, append_images=others, duration=list(stays), loop=0, optimize=True)
    return file.getvalue()


def raster(svg: str, scale: float) -> Image.Image:
    """Paint a picture."""
    try:
        import resvg_py  # noqa: F401 - what paints
        from PIL import Image
    except ImportError as error:
        raise ImportError(CURE) from error

    wide, high = size(svg)
    if wide * high * scale**2 > LARGEST:
        raise ValueError(f"The image would have more than {LARGEST:,} pixels; ask for a smaller scale, now {scale:g}.")
    return Image.open(io.BytesIO(painted(svg, scale))).convert("RGB")


def painted(svg: str, scale: float) -> bytes:
    """Let resvg paint a picture."""
    import resvg_py

    # System fonts differ and take long to find; only names in letters that DejaVu lacks are worth it.
    exotic = not svg.isascii() and any(ord(letter) >= WIDE_FROM for letter in svg)
    raw = resvg_py.svg_to_bytes(
        svg_string=svg,
        zoom=scale,
        font_files=fonts(),
        font_family="DejaVu Sans Mono",
        monospace_family="DejaVu Sans Mono",
        skip_system_fonts=not exotic,
    )
    return bytes(raw)


def unwritable(text: str) -> str:
    """Return the letters of words that no font here has; a box in the place of a symbol can be borne."""
    words = (letter for letter in dict.fromkeys(text) if letter.isalpha() and ord(letter) >= WIDE_FROM)
    return "".join(letter for letter in words if not is_writable(letter))


@cache
def is_writable(letter: str) -> bool:
    """Say whether a font here has a letter: it does not look like one that no font has."""
    known, unknown = (
        painted(f'<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24"><text y="20">{each}</text></svg>', 1)
        for each in (letter, "\U0010fffd")
    )
    return known != unknown


def reduced(image: Image.Image, colours: Image.Image) -> Image.Image:
    """Give every pixel the nearest colour of a palette; Pillow's own search is rough, and paper would turn grey."""
    import numpy as np  # Pillow and NumPy load when something is painted: a page in a browser paints by itself
    import PIL.Image

    flat = colours.getpalette()
    assert flat is not None
    table = np.array(flat).reshape(-1, 3)
    found, places = np.unique(np.asarray(image) @ np.array((1 << 16, 1 << 8, 1)), return_inverse=True)
    channels = found[:, None] >> np.array((16, 8, 0)) & 255
    nearest = ((channels[:, None] - table) ** 2).sum(axis=-1).argmin(axis=-1).astype(np.uint8)
    result = PIL.Image.frombytes("P", image.size, nearest[places].tobytes())
    result.putpalette(flat)
    return result


def palette(*images: Image.Image) -> Image.Image:
    """Take the theme's colours as far as they occur, so that they stay exact, then the most frequent of the others."""
    import PIL.Image

    counted = Counter[tuple[int, int, int]]()
    for image in images:
        for count, colour in image.getcolors(image.width * image.height) or []:
            assert isinstance(colour, tuple)
            counted[colour[0], colour[1], colour[2]] += count
    named = {bytes.fromhex(name[1:]) for mode in ("light", "dark") for name in colours(mode).values()}
    found = sorted(counted, key=lambda colour: (bytes(colour) in named, counted[colour], colour), reverse=True)
    taken: list[tuple[int, int, int]] = []
    for colour in found:
        if len(taken) < COLOURS and (bytes(colour) in named or not any(alike(colour, other) for other in taken)):
            taken.append(colour)
    holder = PIL.Image.new("P", (1, 1))
    holder.putpalette([channel for colour in taken for channel in colour])
    return holder


def alike(one: Sequence[int], other: Sequence[int]) -> bool:
    """Say whether two colours are so near that a palette needs only one of them."""
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) < NEAR


@cache
def fonts() -> list[str]:
    """Find the fonts in matplotlib's folder of data, without loading its machinery."""
    import matplotlib as mpl

    folder = Path(mpl.get_data_path()) / "fonts" / "ttf"
    return [str(folder / name) for name in ("DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf", "DejaVuSans.ttf")]
