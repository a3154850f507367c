"""W2 and W10: 10,000 elementwise operations on eight numbers, not recorded, recorded, and filmed."""

import importlib
import sys
import tempfile
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch

import autovis
from tests.bench.networks import Network
from tests.bench.timing import ROUNDS, Outcome, measure, timed

STEPS = 2_000  # of five operations each


def forward(x: Any, w: Any, b: Any, steps: int = STEPS) -> Any:
    for _ in range(steps):
        x = -((x * w + b).tanh()) - b
    return x


def by_hand(x: Any, w: Any, b: Any, *, steps: int = STEPS) -> list[Any]:
    """The same in NumPy, without a graph: forward, and backward written out."""
    kept = []
    for _ in range(steps):
        t = np.tanh(x * w + b)
        kept.append((x, t))
        x = -t - b
    g, gw, gb = np.ones_like(x), np.zeros_like(w), np.zeros_like(b)
    for before, t in reversed(kept):
        gb = gb - g
        g = -g * (1 - t * t)
        gb = gb + g
        gw = gw + g * before
        g = g * w
    return [g, gw, gb]


def arrays() -> list[Any]:
    return [np.linspace(0.1, 0.8, 8, dtype=np.float32) * scale for scale in (1.0, 0.9, 0.1)]


def leaves(library: ModuleType, *, flag: bool = True) -> list[Any]:
    return [library.tensor(array.tolist(), requires_grad=flag) for array in arrays()]


def run(library: ModuleType, part: str, steps: int = STEPS) -> Outcome:
    given = leaves(library, flag=part != "plain")
    with library.no_grad() if part == "no_grad" else nullcontext():
        taken, y = timed(forward, *given, steps)
    if part in ("plain", "no_grad", "forward"):
        return taken, y.tolist()
    ones = library.ones(8)
    again, _ = timed(y.backward, ones)
    return again if part == "backward" else taken + again, [leaf.grad.tolist() for leaf in given]


def operations() -> None:
    limits = {"plain": {}, "no_grad": {"torch": 0.65}, "forward": {"torch": 0.95}, "backward": {"torch": 0.60}}
    for part in ("plain", "no_grad", "forward", "backward", "total"):
        systems: dict[str, Callable[[], Outcome]] = {
            "autovis": lambda part=part: run(autovis, part),
            "torch": lambda part=part: run(torch, part),
        }
        if part == "total":
            systems["numpy"] = lambda: timed(lambda: by_hand(*arrays()))
        if part in ("plain", "no_grad"):
            systems["numpy"] = lambda: timed(lambda: forward_in_numpy(*arrays()))
        measure(f"W2 small operations, {part}", systems, limits.get(part, {"torch": 0.70, "numpy": 4.0}))


def forward_in_numpy(x: Any, w: Any, b: Any) -> Any:
    for _ in range(STEPS):
        x = -np.tanh(x * w + b) - b
    return x


# ------------------------------------------------------------------------------- what the possibility to record costs


DEAF = {
    "events.listener is not None": "False",
    "events.listener is None": "True",
    "self.tape is not None": "False",
    "tape is not None": "False",
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


def repeated(action: Callable[[], Outcome], *, on: bool, times: int = 1) -> Outcome:
    """Sum the times of an action that is run several times, recorded or not."""
    with autovis.record() if on else nullcontext():
        outcomes = [action() for _ in range(times)]
    return sum(taken for taken, _ in outcomes), outcomes[-1][1]


def recording() -> None:
    with tempfile.TemporaryDirectory() as folder:
        sys.path.insert(0, folder)
        able = copy_without_listener(Path(folder), "core_that_listens", listens=True)
        deaf = copy_without_listener(Path(folder), "core_without_test", listens=False)
        pair = {"able": lambda: run(able, "total"), "without": lambda: run(deaf, "total")}
        measure("W10 able to record, not recording", pair, {"without": 1.02}, 2 * ROUNDS)
        sys.path.remove(folder)
    small = {
        "recorded": lambda: repeated(lambda: run(autovis, "total", 80), on=True),
        "off": lambda: repeated(lambda: run(autovis, "total", 80), on=False),
        "torch": lambda: run(torch, "total", 80),
    }
    measure("W10 400 operations", small, {"off": 1.35, "torch": 0.85}, 2 * ROUNDS)
    for title, make in (
        ("MLP, batch 64", partial(Network.mlp, batch=64)),
        ("CNN, batch 4", partial(Network.cnn, batch=4)),
    ):
        filmed, plain = make(autovis), make(autovis)
        pair = {
            "recorded": lambda network=filmed: repeated(network.run, on=True),
            "off": lambda network=plain: repeated(network.run, on=False),
        }
        measure(f"W10 {title}", pair, {"off": 1.05})
