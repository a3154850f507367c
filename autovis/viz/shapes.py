"""The shapes of the vocabulary: each as SVG paths around its own middle, and as a test of what lies inside.

The test is what cuts a line off at the border of a circle or a diamond, not at its box.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

__all__ = ["SCISSORS", "SHAPES", "Shape", "note", "number"]

Paths = list[tuple[str, str]]
"""Style class and path data, painted in this order."""

INSET: Final = 4
"""Distance between the two lines of a double border, in pixels."""

DEPTH: Final = 7
"""How far a box with depth reaches back, in pixels."""

SLANT: Final = 12
"""How far a slanted box leans over, in pixels."""
SHEET: Final = 4
"""How far each box of a stack looks out behind the one before it, in pixels."""

LID: Final = 6
"""Half the height of a drum's lid, in pixels."""

ROUND: Final = 23
"""Largest corner radius of what is round, in pixels."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One shape.

    Attributes:
        pad: space between its content and its border, horizontally and vertically, in pixels.
        margin: how far it reaches beyond its body, in pixels.
        paths: its paths for a body of some width and height.
        holds: whether a body of some width and height contains the point (x, y).
    """

    pad: tuple[float, float]
    margin: float
    paths: Callable[[float, float], Paths]
    holds: Callable[[float, float, float, float], bool]


def number(value: float) -> str:
    """Write a coordinate with at most one decimal.

    >>> number(3.0), number(2.25), number(-0.01)
    ('3', '2.2', '0')
    """
    return (
        f"{value:.1f}".removesuffix(".0").replace("-0", "0") if abs(value) < 0.05 else f"{value:.1f}".removesuffix(".0")
    )


def path(*parts: str | float) -> str:
    """Join path commands and coordinates."""
    return " ".join(part if isinstance(part, str) else number(part) for part in parts)


def rectangle(width: float, height: float, inset: float = 0) -> str:
    """Draw a rectangle."""
    w, h = width - 2 * inset, height - 2 * inset
    return path("M", -w / 2, -h / 2, "h", w, "v", h, "h", -w, "z")


def rounded(width: float, height: float, inset: float = 0) -> str:
    """Draw a rectangle whose ends are round."""
    w, h = width - 2 * inset, height - 2 * inset
    r = min(h / 2, ROUND - inset)
    corners = [(1, 1), (-1, 1), (-1, -1), (1, -1)]
    edges = [("h", w - 2 * r), ("v", h - 2 * r), ("h", 2 * r - w), ("v", 2 * r - h)]
    steps = [
        part
        for (edge, length), (x, y) in zip(edges, corners, strict=True)
        for part in (edge, length, "a", r, r, "0 0 1", x * r, y * r)
    ]
    return path("M", r - w / 2, -h / 2, *steps, "z")


def ellipse(width: float, height: float) -> str:
    """Draw a circle or an ellipse."""
    arc = ("a", width / 2, height / 2, "0 1 1")
    return path("M", -width / 2, 0.0, *arc, width, 0.0, *arc, -width, 0.0, "z")


def polygon(*points: tuple[float, float]) -> str:
    """Draw a closed polygon."""
    return "M" + " L".join(path(x, y) for x, y in points) + " z"


def box(width: float, height: float) -> Paths:
    """Draw a plain box."""
    return [("shape", rectangle(width, height))]


def double_box(width: float, height: float) -> Paths:
    """Draw a box with two lines around it."""
    return [*box(width, height), ("shape inner", rectangle(width, height, INSET))]


def deep_box(width: float, height: float) -> Paths:
    """Draw a box with depth to the upper right."""
    x, y = width / 2, height / 2
    back = polygon((-x, -y), (DEPTH - x, -y - DEPTH), (x + DEPTH, -y - DEPTH), (x + DEPTH, y - DEPTH), (x, y), (-x, y))
    edges = path("M", -x, -y, "L", x, -y, "L", x, y, "M", x, -y, "l", float(DEPTH), float(-DEPTH))
    return [("shape", back), ("shape inner", edges)]


def striped_box(width: float, height: float) -> Paths:
    """Draw a box with vertical stripes behind its text."""
    return [*box(width, height), stripes(width, height)]


def stripes(width: float, height: float) -> tuple[str, str]:
    """Draw vertical stripes inside a box."""
    count = int((width - 4) // 7)
    start = -(count - 1) * 7 / 2
    return "stripes", " ".join(path("M", start + 7 * at, 2 - height / 2, "v", height - 4) for at in range(count))


def round_box(width: float, height: float) -> Paths:
    """Draw a box with round ends."""
    return [("shape", rounded(width, height))]


def double_round(width: float, height: float) -> Paths:
    """Draw a box with round ends and two lines around it."""
    return [*round_box(width, height), ("shape inner", rounded(width, height, INSET))]


def slanted_box(width: float, height: float) -> Paths:
    """Draw a box that leans to the right."""
    x, y, lean = width / 2, height / 2, SLANT / 2
    return [("shape", polygon((lean - x, -y), (x + lean, -y), (x - lean, y), (-x - lean, y)))]


def bar(width: float, height: float) -> Paths:
    """Draw a stretch of memory: a flat box with a notch at each end."""
    x, y = width / 2, height / 2
    return [("shape", polygon((-x, -y), (x, -y), (x - y / 2, 0), (x, y), (-x, y), (y / 2 - x, 0)))]


def circle(width: float, height: float) -> Paths:
    """Draw a circle, or an ellipse where the text is long."""
    return [("shape", ellipse(width, height))]


def drum(width: float, height: float) -> Paths:
    """Draw a storage drum with its lid."""
    w, h = width, height
    wall = path("M", -w / 2, LID - h / 2, "a", w / 2, float(LID), "0 0 1", w, 0.0, "v", h - 2 * LID)
    wall += " " + path("a", w / 2, float(LID), "0 0 1", -w, 0.0, "z")
    lid = path("M", -w / 2, LID - h / 2, "a", w / 2, float(LID), "0 0 0", w, 0.0)
    return [("shape", wall), ("shape inner", lid)]


def diamond(width: float, height: float) -> Paths:
    """Draw a diamond."""
    x, y = width / 2, height / 2
    return [("shape", polygon((-x, 0), (0, -y), (x, 0), (0, y)))]


def stack(width: float, height: float) -> Paths:
    """Draw a box with two more behind it, to the lower right."""
    x, y = width / 2, height / 2
    behind = [
        ("shape sheet", polygon((x, at - y), (x + at, at - y), (x + at, y + at), (at - x, y + at), (at - x, y), (x, y)))
        for at in (2 * SHEET, SHEET)
    ]
    return [*behind, *box(width, height)]


def striped_stack(width: float, height: float) -> Paths:
    """Draw a stack whose front box has stripes."""
    return [*stack(width, height), stripes(width, height)]


def octagon(width: float, height: float) -> Paths:
    """Draw a stop sign."""
    x, y, c = width / 2, height / 2, 0.29 * min(width, height)
    corners = [(c - x, -y), (x - c, -y), (x, c - y), (x, y - c), (x - c, y), (c - x, y), (-x, y - c), (-x, c - y)]
    return [("shape", polygon(*corners))]


def note(width: float, height: float) -> str:
    """Draw a sheet with a dog-ear; its top left corner is at (0, 0)."""
    ear = 9.0
    sheet = path("M", 0.0, 0.0, "h", width - ear, "l", ear, ear, "v", height - ear, "h", -width, "z")
    return sheet + " " + path("M", width - ear, 0.0, "v", ear, "h", ear)


def in_box(x: float, y: float, width: float, height: float) -> bool:
    """Tell whether a rectangle holds a point."""
    return abs(x) <= width / 2 and abs(y) <= height / 2


def in_slanted_box(x: float, y: float, width: float, height: float) -> bool:
    """Tell whether a slanted box holds a point."""
    return in_box(x + SLANT * y / height, y, width, height)


def in_deep_box(x: float, y: float, width: float, height: float) -> bool:
    """Tell whether a box with depth holds a point."""
    return in_box(x - DEPTH / 2, y + DEPTH / 2, width + DEPTH, height + DEPTH)


def in_ellipse(x: float, y: float, width: float, height: float) -> bool:
    """Tell whether an ellipse holds a point."""
    return (2 * x / width) ** 2 + (2 * y / height) ** 2 <= 1


def in_diamond(x: float, y: float, width: float, height: float) -> bool:
    """Tell whether a diamond holds a point."""
    return abs(2 * x / width) + abs(2 * y / height) <= 1


def in_round(x: float, y: float, width: float, height: float) -> bool:
    """Tell whether a box with round ends holds a point."""
    r = min(height / 2, ROUND)
    dx, dy = max(abs(x) - width / 2 + r, 0), max(abs(y) - height / 2 + r, 0)
    return dx * dx + dy * dy <= r * r


def in_octagon(x: float, y: float, width: float, height: float) -> bool:
    """Tell whether a stop sign holds a point."""
    corner = 0.29 * min(width, height)
    return in_box(x, y, width, height) and abs(x) + abs(y) <= (width + height) / 2 - corner


SHAPES: Final = {
    "box": Shape((10, 5), 1, box, in_box),
    "double box": Shape((13, 8), 1, double_box, in_box),
    "deep box": Shape((11, 6), DEPTH + 1, deep_box, in_deep_box),
    "striped box": Shape((11, 6), 1, striped_box, in_box),
    "slanted box": Shape((12, 5), SLANT / 2 + 1, slanted_box, in_slanted_box),
    "bar": Shape((14, 5), 1, bar, in_box),
    "round": Shape((16, 5), 1, round_box, in_round),
    "double round": Shape((18, 8), 1, double_round, in_round),
    "circle": Shape((9, 7), 1, circle, in_ellipse),
    "drum": Shape((10, 9), 1, drum, in_box),
    "diamond": Shape((14, 14), 2, diamond, in_diamond),
    "stack": Shape((14, 8), 2 * SHEET + 1, stack, in_box),
    "striped stack": Shape((14, 8), 2 * SHEET + 1, striped_stack, in_box),
    "octagon": Shape((14, 6), 2, octagon, in_octagon),
}

SCISSORS: Final = (
    "M -9 -6 L 5.5 3 M -9 6 L 5.5 -3 M 5 4.8 a 3 3 0 1 0 6 0 a 3 3 0 1 0 -6 0 M 5 -4.8 a 3 3 0 1 0 6 0 a 3 3 0 1 0 -6 0"
)
"""Two blades and two rings, 20 pixels wide."""
