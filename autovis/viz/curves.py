"""Bézier curves: cut them off where something covers them, and find their middle."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from math import hypot

from autovis.viz.layout.geometry import Curve, Point

__all__ = ["Curve", "Inside", "Point", "along", "flat", "length", "point", "trim_end", "trim_start"]

Inside = Callable[[Point], bool]


def trim_end(curve: Curve, inside: Inside) -> Curve:
    """Cut off the end of a curve that lies inside of something; a curve that lies inside altogether stays whole."""
    for last in range(len(curve) - 4, -1, -3):
        if not inside(curve[last]):
            piece = curve[last : last + 4]
            low, high = 0.0, 1.0
            for _ in range(12):
                middle = (low + high) / 2
                low, high = (low, middle) if inside(point(piece, middle)) else (middle, high)
            return curve[:last] + split(piece, low)[:4]
    return curve


def trim_start(curve: Curve, inside: Inside) -> Curve:
    """Cut off the beginning of a curve that lies inside of something."""
    return trim_end(curve[::-1], inside)[::-1]


def point(piece: Curve, t: float) -> Point:
    """Return the point of one cubic piece at a parameter: Bernstein's polynomials."""
    s = 1 - t
    a, b, c, d = s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = piece
    return a * ax + b * bx + c * cx + d * dx, a * ay + b * by + c * cy + d * dy


def split(piece: Curve, t: float) -> Curve:
    """Split one cubic piece at a parameter into two pieces, written as 7 points.

    Source: de Casteljau's construction.

    >>> split(((0, 0), (3, 0), (6, 0), (9, 0)), 0.5)[3]
    (4.5, 0.0)
    """
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = piece
    s = 1 - t
    abx, aby, bcx, bcy, cdx, cdy = (
        s * ax + t * bx,
        s * ay + t * by,
        s * bx + t * cx,
        s * by + t * cy,
        s * cx + t * dx,
        s * cy + t * dy,
    )
    abcx, abcy, bcdx, bcdy = s * abx + t * bcx, s * aby + t * bcy, s * bcx + t * cdx, s * bcy + t * cdy
    middle = (s * abcx + t * bcdx, s * abcy + t * bcdy)
    return (ax, ay), (abx, aby), (abcx, abcy), middle, (bcdx, bcdy), (cdx, cdy), (dx, dy)


def along(curve: Curve, share: float = 0.5) -> Point:
    """Return the point at some share of a curve's length."""
    points = flat(curve)
    lengths = [hypot(x1 - x0, y1 - y0) for (x0, y0), (x1, y1) in pairwise(points)]
    left = share * sum(lengths)
    for (start, end), reach in zip(pairwise(points), lengths, strict=True):
        if left <= reach and reach:
            t = left / reach
            return start[0] + t * (end[0] - start[0]), start[1] + t * (end[1] - start[1])
        left -= reach
    return points[-1]


def length(curve: Curve) -> float:
    """Return the length of a curve, in pixels."""
    return sum(hypot(x1 - x0, y1 - y0) for (x0, y0), (x1, y1) in pairwise(flat(curve)))


def flat(curve: Curve) -> list[Point]:
    """Return points on a curve, sixteen steps a piece."""
    return [point(curve[at : at + 4], step / 16) for at in range(0, len(curve) - 3, 3) for step in range(17)]
