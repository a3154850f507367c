"""How a row of the bench is measured: systems in turn, the best of many rounds, ratios within the run.

All systems run in one process and one thread. They take turns, every other round in reverse. A row gives the best time
of each, and how often the others' time autovis takes; only such ratios can be compared between machines. A row that
lies over its target is measured again, up to twice, all systems alike. What the systems compute is compared, too.
"""

import gc
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch

torch.set_num_threads(1)
np.empty(24 << 20, np.uint8)  # made and dropped: from now on glibc keeps freed memory for whoever asks next

ROUNDS = 7
AGREE = 2e-3  # how far losses and gradients of two systems may be apart, as a part of their size

Outcome = tuple[float, Any]  # seconds, and numbers to compare with the other systems'
System = Callable[[], Outcome]
Targets = Mapping[str, float]

over: list[str] = []
differing: list[str] = []


def timed(action: Callable[..., Any], *given: Any) -> Outcome:
    start = time.perf_counter()
    result = action(*given)
    return time.perf_counter() - start, result


def measure(title: str, systems: Mapping[str, System], targets: Targets | None = None, rounds: int = ROUNDS) -> Any:
    """Return the best time of each system in seconds, and print the row.

    Args:
        title: what the row is called.
        systems: autovis first.
        targets: for the others, how much of their time autovis may take.
        rounds: how often each system runs.
    """
    targets = targets or {}
    best: dict[str, float] = dict.fromkeys(systems, float("inf"))
    first = next(iter(systems))
    for _ in range(3):
        for number in range(rounds):
            outcomes = {}
            for name in list(systems)[:: 1 if number % 2 else -1]:
                gc.collect()
                taken, outcomes[name] = systems[name]()
                best[name] = min(best[name], taken)
            compare(title, outcomes)
        if all(best[first] <= limit * best[name] for name, limit in targets.items()):
            break
    times = "  ".join(f"{name} {spell(taken)}" for name, taken in best.items())
    others = [name for name in systems if name != first]
    ratios = [verdict(title, f"/{name}", best[first] / best[name], targets.get(name)) for name in others]
    print(f"{title:38}{'  '.join(ratios):70}{times}", flush=True)
    return best


def spell(seconds: float) -> str:
    return next(
        f"{seconds * scale:.3g} {unit}" for scale, unit in ((1, "s"), (1e3, "ms"), (1e6, "µs")) if seconds * scale >= 1
    )


def verdict(title: str, name: str, value: float, limit: float | None) -> str:
    """Say a number, and whether it keeps within its target."""
    if limit is None:
        return f"{name} {value:.2f}"
    holds = value <= limit
    if not holds:
        over.append(f"{title} {name}")
    return f"{name} {value:.2f} ({'≤' if holds else '>'} {limit:g} {'ok' if holds else 'over'})"


def figure(title: str, value: float, limit: float | None, unit: str = "") -> None:
    """Print a row that is a single number."""
    print(f"{title:38}{verdict(title, unit, value, limit).strip()}", flush=True)


def compare(title: str, outcomes: Mapping[str, Any]) -> None:
    """Note if systems have not computed the same."""
    numbers = [np.asarray(outcome, np.float64) for outcome in outcomes.values() if outcome is not None]
    for other in numbers[1:]:
        apart = np.linalg.norm(other - numbers[0]) / max(np.linalg.norm(numbers[0]), 1e-30)
        if not apart <= AGREE and title not in differing:
            differing.append(title)
            print(f"{title}: the systems differ by {apart:.1e}")
