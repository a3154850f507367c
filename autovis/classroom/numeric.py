"""Two instruments for checking the engine: a slope from two nearby values, and a count of visits in the graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from autovis import creation, dtypes, modes
from autovis.tensor import Tensor
from autovis.viz.orders import paths_to_each

__all__ = ["count_visits", "numeric_grad"]

HALF_STEP = 2.0**-17  # a power of two near the cube root of the float64 rounding unit: `at ± HALF_STEP` stays exact


def numeric_grad(f: Callable[[Any], Any], at: Any) -> Any:
    """Measure a gradient by the central difference: the slope between one value just right and one just left.

    No derivative rule is used, so it can disagree with `backward()` when a rule is wrong. It computes in float64.

    Args:
        f: function of one tensor, returning one number.
        at: where to measure: a number or a tensor of any shape.

    Returns:
        A Python float for a number; for a tensor, a float64 tensor of its shape with one slope for each entry.

    Raises:
        ValueError: if `f` returns more than one number.

    Source: `(f(x + h) - f(x - h)) / 2h` is off by `h² f'''/6` (Taylor).

    >>> numeric_grad(lambda t: t**2, 3.0)
    6.0
    """
    values = _numbers(at)
    slopes = [_slope(f, values, position, _shape(at)) for position in range(len(values))]
    if not isinstance(at, Tensor):
        return slopes[0]
    return creation.tensor(slopes, dtype=dtypes.float64).reshape(_shape(at))


def _numbers(at: Any) -> list[float]:
    return [float(number) for number in at.detach().reshape(-1).tolist()] if isinstance(at, Tensor) else [float(at)]


def _shape(at: Any) -> tuple[int, ...]:
    return tuple(at.shape) if isinstance(at, Tensor) else ()


def _slope(f: Callable[[Any], Any], values: list[float], position: int, shape: tuple[int, ...]) -> float:
    def moved(step: float) -> float:
        numbers = list(values)
        numbers[position] += step
        result = f(creation.tensor(numbers, dtype=dtypes.float64).reshape(shape))
        if getattr(result, "shape", ()) not in ((), (1,)):
            raise ValueError(f"numeric_grad measures one number; this function returned shape {tuple(result.shape)}")
        return float(result)

    with modes.no_grad():
        return (moved(HALF_STEP) - moved(-HALF_STEP)) / (2 * HALF_STEP)


def count_visits(y: Any, order: Literal["paths", "topological"] = "topological") -> int:
    """Count the stops a backward pass makes in the graph of `y`: at each operation and at each leaf's accumulator.

    Args:
        y: a result with a history; a tensor without one counts 0.
        order: `topological` stops once at every node, as the engine does; `paths` follows every path to its end,
            as a plain recursion does, and stops at a node once for every path that leads there.

    Raises:
        ValueError: if `order` is neither of these.
    """
    if order not in ("paths", "topological"):
        raise ValueError(f"order is 'paths' or 'topological', not {order!r}")
    paths = paths_to_each(y)
    return sum(paths.values()) if order == "paths" else len(paths)
