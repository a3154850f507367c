"""`python -m tests.bench`: small operations on autovis, PyTorch and hand-written NumPy, side by side.

All systems run in one process and one thread, in turn and in alternating order; a row gives the best of seven rounds
of each, and the ratios within the run, which is what can be compared between machines.
"""

import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import gc
import importlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch

import autovis

ROUNDS = 7
Timed = Callable[[], float]


def best(systems: dict[str, Timed], rounds: int = ROUNDS) -> dict[str, float]:
    """Return the best time of each system in seconds; they take turns, every other round in reverse."""
    times: dict[str, list[float]] = {name: [] for name in systems}
    for number in range(rounds):
        for name in list(systems)[:: 1 if number % 2 else -1]:
            gc.collect()
            times[name].append(systems[name]())
    return {name: min(taken) for name, taken in times.items()}


def timed(action: Callable[..., Any], *given: Any) -> tuple[float, Any]:
    start = time.perf_counter()
    result = action(*given)
    return time.perf_counter() - start, result


def row(title: str, times: dict[str, float], unit: float = 1e-3, word: str = "ms") -> None:
    """Print the times of a row, and how often the others' time the first system takes."""
    first, *others = times
    cells = "".join(f"{name} {taken / unit:9.3f} {word}   " for name, taken in times.items())
    ratios = "".join(f"{first}/{name} {times[first] / times[name]:5.2f}   " for name in others)
    print(f"{title:34}{cells}{ratios}")


# ---------------------------------------------------------------------- W2: 10,000 elementwise operations on (8,)

STEPS = 2_000  # of five operations each


def forward(x: Any, w: Any, b: Any, steps: int) -> Any:
    for _ in range(steps):
        x = -((x * w + b).tanh()) - b
    return x


def by_hand(x: Any, w: Any, b: Any, *, backward: bool) -> None:
    """The same in NumPy, without a graph: forward, and backward written out."""
    kept = []
    for _ in range(STEPS):
        t = np.tanh(x * w + b)
        kept.append((x, t))
        x = -t - b
    if backward:
        g, gw, gb = np.ones_like(x), np.zeros_like(w), np.zeros_like(b)
        for before, t in reversed(kept):
            gb = gb - g
            g = -g * (1 - t * t)
            gb = gb + g
            gw = gw + g * before
            g = g * w


def arrays() -> list[Any]:
    return [np.linspace(0.1, 0.8, 8, dtype=np.float32) * scale for scale in (1.0, 0.9, 0.1)]


def leaves(library: ModuleType, flag: bool) -> list[Any]:
    return [library.tensor(array.tolist(), requires_grad=flag) for array in arrays()]


def w2(library: ModuleType, part: str, steps: int = STEPS) -> float:
    x, w, b = leaves(library, part != "no_grad")
    taken, y = timed(forward, x, w, b, steps)
    if part in ("no_grad", "forward"):
        return taken
    ones = library.ones(8)
    again, _ = timed(y.backward, ones)
    return again if part == "backward" else taken + again


def small_operations() -> None:
    for part in ("no_grad", "forward", "backward", "total"):
        systems: dict[str, Timed] = {
            "autovis": lambda part=part: w2(autovis, part),
            "torch": lambda part=part: w2(torch, part),
        }
        if part == "total":
            systems["numpy"] = lambda: timed(lambda: by_hand(*arrays(), backward=True))[0]
        if part == "no_grad":
            systems["numpy"] = lambda: timed(lambda: by_hand(*arrays(), backward=False))[0]
        row(f"W2 small operations, {part}", best(systems))


# ------------------------------------------------------------- W1: a network 2-16-16-1 whose every number is a tensor


def scalar_step(library: ModuleType, samples: int) -> float:
    draw = np.random.default_rng(0)
    layers = [
        [[library.tensor(float(n), requires_grad=True) for n in draw.uniform(-1, 1, above + 1)] for _ in range(below)]
        for above, below in pairwise((2, 16, 16, 1))
    ]
    data = draw.normal(size=(samples, 2)).tolist()

    def step() -> None:
        loss = library.tensor(0.0)
        for point in data:
            values: list[Any] = point
            for number, layer in enumerate(layers):
                sums = []
                for *weights, bias in layer:
                    total = bias
                    for weight, value in zip(weights, values, strict=True):
                        total = total + weight * value
                    sums.append(total if number == 2 else total.relu())
                values = sums
            loss = loss + (1 + -values[0]).relu()
        loss.backward()

    return timed(step)[0]


def scalar_network() -> None:
    for samples in (4, 32):
        pair: dict[str, Timed] = {
            "autovis": lambda n=samples: scalar_step(autovis, n),
            "torch": lambda n=samples: scalar_step(torch, n),
        }
        row(f"W1 scalar network, {samples} samples", best(pair, ROUNDS if samples == 4 else 3))


# --------------------------------------------------------------------------------------- W5: a chain of additions


def chain_step(library: ModuleType, length: int) -> float:
    def run() -> None:
        y = library.ones(1, requires_grad=True)
        one = library.ones(1)
        for _ in range(length):
            y = y + one
        y.backward()

    return timed(run)[0]


def deep_chain() -> None:
    found = {}
    for length in (1_000, 100_000):
        pair: dict[str, Timed] = {
            "autovis": lambda n=length: chain_step(autovis, n),
            "torch": lambda n=length: chain_step(torch, n),
        }
        found[length] = best(pair, ROUNDS if length < 10_000 else 3)
        row(f"W5 chain of {length:,} additions", found[length])
    growth = np.log(found[100_000]["autovis"] / found[1_000]["autovis"]) / np.log(100)
    print(f"{'W5 exponent':34}{growth:.2f}")


# ------------------------------------------------------------------------------- what the possibility to record costs


DEAF = {
    "events.listener is not None": "False",
    "events.listener is None": "True",
    "self.tape is not None": "False",
    "self.tape is None": "True",
}


def copy_without_listener(folder: Path, name: str, *, listens: bool) -> ModuleType:
    """Import a second copy of the core under another name, with or without the tests of the listener."""
    source = Path(autovis.__file__).parent
    for file in source.rglob("*.py"):
        if any(part in file.parts for part in ("viz", "widgets", "classroom")):
            continue
        text = file.read_text(encoding="utf-8").replace("autovis", name)
        if not listens:
            for test, answer in DEAF.items():
                text = text.replace(test, answer)
        target = folder / name / file.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return importlib.import_module(name)


def recording() -> None:
    with tempfile.TemporaryDirectory() as folder:
        sys.path.insert(0, folder)
        able = copy_without_listener(Path(folder), "core_that_listens", listens=True)
        deaf = copy_without_listener(Path(folder), "core_without_test", listens=False)
        pair: dict[str, Timed] = {"off": lambda: w2(able, "total"), "without": lambda: w2(deaf, "total")}
        times = best(pair, 3 * ROUNDS)
        row("W10 recording off / not possible", times)
        print(f"{'':34}cost of being able to record: {100 * (times['off'] / times['without'] - 1):+.1f} %")
        sys.path.remove(folder)

    def run(*, on: bool) -> float:
        with autovis.record() if on else nullcontext():
            return sum(w2(autovis, "total", steps=80) for _ in range(5))

    row("W10 400 operations, recorded", best({"on": lambda: run(on=True), "off": lambda: run(on=False)}))


# --------------------------------------------------------------------------------------------------------- W8: import


def imports() -> None:
    with tempfile.TemporaryDirectory() as folder:  # compiled files, as an installed package has them
        settings = {**os.environ, "PYTHONPYCACHEPREFIX": folder}
        settings.pop("PYTHONDONTWRITEBYTECODE", None)

        def start(module: str) -> float:
            code = f"import time; t = time.perf_counter(); import {module}; print(time.perf_counter() - t)"
            done = subprocess.run(
                [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=settings
            )
            return float(done.stdout)

        start("autovis")
        row("W8 import", best({"autovis": lambda: start("autovis"), "numpy": lambda: start("numpy")}))


def main() -> None:
    torch.set_num_threads(1)
    versions = f"Python {sys.version.split()[0]}, NumPy {np.__version__}, PyTorch {torch.__version__}"
    print(f"{versions}; one thread, best of {ROUNDS}")
    for part in (small_operations, scalar_network, deep_chain, recording, imports):
        part()


if __name__ == "__main__":
    main()
