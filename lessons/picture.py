"""Draws the picture in the README: the last frame of the film of y = (p + q)(p + 1)."""

from __future__ import annotations

from pathlib import Path

import autovis as av

PICTURE = Path(__file__).parent / "pictures" / "first-film.png"


def draw() -> bytes:
    """Run the README's program and return its picture as a PNG."""
    p, q = av.leaf(1.0), av.leaf(2.0)
    s, t = p + q, p + 1
    y = s * t
    with av.record() as tape:
        y.backward()
    picture: bytes = av.play(tape, "y = (p + q)(p + 1)").to_png(scale=1.25)
    return picture


if __name__ == "__main__":
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_bytes(draw())
