"""W5 and W6: a graph that is very deep, and a leaf that is used very often."""

from __future__ import annotations

import gc
import math
import time
import tracemalloc
from types import ModuleType
from typing import Any

import numpy as np
import torch

import autovis
from tests.bench.timing import ROUNDS, Outcome, figure, measure, timed

# ------------------------------------------------------------------------------------------ W5: a chain of additions


def chain(library: ModuleType, length: int) -> tuple[float, float, Any]:
    """Time forward and backward of `((x + 1) + 1) + ...`."""
    x = library.ones(1, requires_grad=True)
    one = library.ones(1)

    def forward() -> Any:
        y = x
        for _ in range(length):
            y = y + one
        return y

    ahead, y = timed(forward)
    back, _ = timed(y.backward)
    start = time.perf_counter()
    value = y.item()
    del y
    return ahead, back + time.perf_counter() - start, [x.grad.item(), value]


def whole(library: ModuleType, length: int) -> Outcome:
    ahead, back, outcome = chain(library, length)
    return ahead + back, outcome


def bytes_each(library: ModuleType, length: int) -> float:
    x, one = library.ones(1, requires_grad=True), library.ones(1)
    gc.collect()
    tracemalloc.start()
    y = x
    for _ in range(length):
        y = y + one
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    y.backward()
    return held / length


def deep() -> None:
    for length, rounds in ((1_000, ROUNDS), (100_000, 3), (1_000_000, 1)):
        systems = {"autovis": lambda n=length: whole(autovis, n), "torch": lambda n=length: whole(torch, n)}
        measure(f"W5 chain of {length:,} additions", systems, {"torch": 0.50} if rounds == 1 else {}, rounds)
    few = [chain(autovis, 1_000) for _ in range(ROUNDS)]
    many = [chain(autovis, 1_000_000) for _ in range(2)]
    for part, (name, limit) in enumerate((("forward", 1.15), ("backward", 1.05))):
        growth = min(times[part] for times in many) / min(times[part] for times in few)
        figure(f"W5 exponent from 10³ to 10⁶, {name}", math.log10(growth) / 3, limit)
    figure("W5 bytes for each addition", bytes_each(autovis, 100_000), 350)


# ------------------------------------------------------------------------------------- W6: one leaf that is used often


def uses(library: ModuleType, size: int, times: int) -> Outcome:
    """Time `y = y + x * c`, and back."""
    x = library.from_numpy(np.linspace(0, 1, size, dtype=np.float32)).requires_grad_()
    c = library.from_numpy(np.linspace(1, 2, size, dtype=np.float32))
    ones = library.ones(size)

    def run() -> None:
        y = x
        for _ in range(times):
            y = y + x * c
        y.backward(ones)

    taken, _ = timed(run)
    return taken, x.grad.tolist()


def uses_by_hand(size: int, times: int) -> Outcome:
    x, c = np.linspace(0, 1, size, dtype=np.float32), np.linspace(1, 2, size, dtype=np.float32)

    def run() -> Any:
        y = x
        for _ in range(times):
            y = y + x * c
        g = np.ones_like(y)
        gradient = g.copy()
        for _ in range(times):
            gradient += g * c
        return gradient

    return timed(run)


def often() -> None:
    for times, size, rounds, limits in (
        (1_000, 8, ROUNDS, {"numpy": 3.5}),
        (100_000, 8, 3, {"torch": 0.40}),
        (64, 1 << 18, ROUNDS, {"numpy": 1.7}),
    ):
        systems = {
            "autovis": lambda n=times, m=size: uses(autovis, m, n),
            "torch": lambda n=times, m=size: uses(torch, m, n),
            "numpy": lambda n=times, m=size: uses_by_hand(m, n),
        }
        title = f"W6 one leaf used {times:,} times" if size == 8 else f"W6 1 MiB leaf used {times} times"
        measure(title, systems, limits, rounds)
