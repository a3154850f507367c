"""W3 and W4: steps of a network for digits and of the CIFAR-10 tutorial's, on autovis, PyTorch and in NumPy by hand."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from statistics import median
from types import ModuleType
from typing import Any

import numpy as np
import torch

import autovis
from tests.bench import hand
from tests.bench.timing import Outcome, measure

Step = Callable[[], Any]


class Network:
    """A network that learns the same few samples again and again.

    Args:
        step: one step; returns the loss.
        count: how many make one round.
    """

    def __init__(self, step: Step, count: int) -> None:
        self.step = step
        self.count = count

    def run(self) -> Outcome:
        """Return the median time of a step, and the loss after the last."""
        taken = []
        for _ in range(self.count):
            start = time.perf_counter()
            loss = self.step()
            taken.append(time.perf_counter() - start)
        return median(taken), [float(loss)]

    @classmethod
    def mlp(cls, library: ModuleType, batch: int) -> Network:
        """Make the network 784-256-128-10 with SGD; `library` is autovis, torch or numpy."""
        sizes, count = (784, 256, 128, 10), 30 if batch < 100 else 6
        x, target, weights = data((784,), batch), classes(batch), linear_weights(sizes)
        if library is np:
            return cls(partial(hand.mlp_step, x, target, weights), count)
        nn = library.nn
        layers = [nn.Linear(*pair) for pair in pairwise(sizes)]
        net = nn.Sequential(layers[0], nn.ReLU(), layers[1], nn.ReLU(), layers[2])
        return cls(learning(library, net, x, target, weights, {"lr": 0.01}), count)

    @classmethod
    def cnn(cls, library: ModuleType, batch: int) -> Network:
        """Make the network of the CIFAR-10 tutorial with SGD and momentum."""
        count = 20 if batch < 16 else 3
        x, target = data((3, 32, 32), batch), classes(batch)
        weights = [*kernel_weights(3, 6), *kernel_weights(6, 16), *linear_weights((400, 120, 84, 10))]
        if library is np:
            return cls(partial(hand.cnn_step, x, target, weights, [np.zeros_like(w) for w in weights]), count)
        nn = library.nn
        net = nn.Sequential(
            *(nn.Conv2d(3, 6, 5), nn.ReLU(), nn.MaxPool2d(2, 2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2, 2)),
            *(nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)),
        )
        return cls(learning(library, net, x, target, weights, {"lr": 0.001, "momentum": 0.9}), count)


def learning(
    library: ModuleType, net: Any, x: Any, target: Any, weights: list[Any], settings: dict[str, float]
) -> Step:
    """Give a network its weights; return its step."""
    with library.no_grad():
        for parameter, weight in zip(net.parameters(), weights, strict=True):
            parameter.copy_(library.from_numpy(weight))
    images, labels = library.from_numpy(x), library.from_numpy(target)
    optimizer = library.optim.SGD(net.parameters(), **settings)
    criterion = library.nn.CrossEntropyLoss()

    def step() -> Any:
        optimizer.zero_grad()
        loss = criterion(net(images), labels)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def data(shape: tuple[int, ...], batch: int) -> Any:
    return np.random.default_rng(1).standard_normal((batch, *shape), dtype=np.float32)


def classes(batch: int) -> Any:
    return np.random.default_rng(2).integers(0, 10, batch)


def linear_weights(sizes: tuple[int, ...]) -> list[Any]:
    """Return weight and bias of each layer."""
    return [w for above, below in pairwise(sizes) for w in uniform((below, above), above)]


def kernel_weights(above: int, below: int) -> list[Any]:
    return uniform((below, above, 5, 5), above * 25)


def uniform(shape: tuple[int, ...], inputs: int) -> list[Any]:
    draw, bound = np.random.default_rng(inputs), inputs**-0.5
    return [draw.uniform(-bound, bound, size).astype(np.float32) for size in (shape, shape[:1])]


def steps(title: str, make: Callable[[ModuleType, int], Network], limits: dict[int, dict[str, float]]) -> None:
    for batch, targets in limits.items():
        libraries = {"autovis": autovis, "torch": torch, "numpy": np}
        systems = {name: make(library, batch).run for name, library in libraries.items()}
        measure(f"{title}, batch {batch}", systems, targets)


def digits() -> None:
    steps("W3 MLP step", Network.mlp, {64: {"torch": 1.15, "numpy": 1.20}, 512: {"torch": 1.10, "numpy": 1.05}})


def images() -> None:
    steps("W4 CNN step", Network.cnn, {4: {"torch": 0.65, "numpy": 1.25}, 64: {"torch": 1.6, "numpy": 1.12}})
