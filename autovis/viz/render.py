"""Turn the SVG of `draw` into a PNG, with the font that matplotlib carries: the same picture on every machine."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from autovis.viz.measure import WIDE_FROM
from autovis.viz.theme import colours

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["png"]

COLOURS = 48
"""Size of the palette: about fifteen flat colours, the rest for the soft edges between them."""


def png(svg: str, scale: float = 2) -> bytes:
    """Render a picture that was drawn with `theme="light"` or `"dark"`.

    Args:
        svg: the whole `<svg>` element.
        scale: pixels of the image for one pixel of the drawing.

    Returns:
        The PNG file, with a palette: 8 to 20 kB for a lesson's picture.

    Raises:
        ValueError: if the text is not SVG.
    """
    import resvg_py
    from PIL import Image

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
    image = Image.open(io.BytesIO(bytes(raw))).convert("RGB")
    small = image.quantize(palette=palette(image), dither=Image.Dither.NONE)
    file = io.BytesIO()
    small.save(file, "PNG", optimize=True, dpi=(96 * scale, 96 * scale))
    return file.getvalue()


def palette(image: Image.Image) -> Image.Image:
    """Take the theme's colours as far as they occur, so that they stay exact, then the most frequent of the others."""
    import PIL.Image

    counted: dict[tuple[int, int, int], int] = {}
    for count, colour in image.getcolors(image.width * image.height) or []:
        assert isinstance(colour, tuple)
        counted[colour[0], colour[1], colour[2]] = count
    named = {bytes.fromhex(name[1:]) for mode in ("light", "dark") for name in colours(mode).values()}
    found = sorted(counted, key=lambda colour: (bytes(colour) in named, counted[colour], colour), reverse=True)
    holder = PIL.Image.new("P", (1, 1))
    holder.putpalette([channel for colour in found[:COLOURS] for channel in colour])
    return holder


@cache
def fonts() -> list[str]:
    """Find the fonts in matplotlib's folder of data, without loading its machinery."""
    import matplotlib as mpl

    folder = Path(mpl.get_data_path()) / "fonts" / "ttf"
    return [str(folder / name) for name in ("DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf", "DejaVuSans.ttf")]
