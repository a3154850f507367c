"""W7: what a graph holds: after forward, at most during backward, and afterwards; in multiples of the activations."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Iterator
from typing import Any

import numpy as np

import autovis
from autovis import nn
from tests.bench.small import forward, leaves
from tests.bench.timing import figure

LAYERS, WIDTH, BATCH = 16, 256, 256
ACTIVATIONS = LAYERS * BATCH * WIDTH * 4  # bytes


def held() -> int:
    return tracemalloc.get_traced_memory()[0]


def network() -> tuple[Any, Any]:
    """Make layers with ReLU, and their input."""
    layers: Iterator[Any] = (layer for _ in range(LAYERS) for layer in (nn.Linear(WIDTH, WIDTH), nn.ReLU()))
    net = nn.Sequential(*layers)
    return net, autovis.from_numpy(np.random.default_rng(0).standard_normal((BATCH, WIDTH), dtype=np.float32))


def step(net: Any, x: Any) -> None:
    net(x).sum().backward()


def main() -> None:
    net, x = network()
    step(net, x)  # whatever is made once
    net.zero_grad()
    gc.collect()
    gc.disable()
    tracemalloc.start()
    step(net, x)  # and what Python keeps for reuse
    net.zero_grad()
    before = held()
    loss = net(x).sum()
    figure("W7 kept after forward", (held() - before) / ACTIVATIONS, 1.02)
    tracemalloc.reset_peak()
    loss.backward()
    figure("W7 peak in backward", (tracemalloc.get_traced_memory()[1] - before) / ACTIVATIONS, 2.15)
    net.zero_grad()
    figure("W7 after backward, loss alive", (held() - before) / ACTIVATIONS, 0.01)
    del loss
    figure("W7 after the loss is gone", (held() - before) / ACTIVATIONS, 0.002)
    tracemalloc.stop()
    gc.collect()
    for _ in range(3):
        step(net, x)
        net.zero_grad()
    figure("W7 objects in cycles", gc.collect(), 0)
    tracemalloc.start()
    before, count = held(), 2_000
    y = forward(*leaves(autovis), count)
    figure("W7 bytes for each small operation", (held() - before) / (5 * count), 600)
    tracemalloc.stop()
    gc.enable()
    del y
