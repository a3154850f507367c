"""W1: a network 2-16-16-1 whose every number is a tensor, also against a tape of Python numbers."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import torch

import autovis
from tests.bench.timing import ROUNDS, Outcome, measure, timed


class Value:
    """A number that remembers how it was computed, as Andrej Karpathy's micrograd does it: a closure for each step."""

    def __init__(self, data: float, children: tuple[Value, ...] = (), op: str = "") -> None:
        self.data = data
        self.grad = 0.0
        self._backward: Callable[[], None] = lambda: None
        self._prev = set(children)
        self._op = op

    def __add__(self, other: Any) -> Value:
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other), "+")

        def _backward() -> None:
            self.grad += out.grad
            other.grad += out.grad

        out._backward = _backward
        return out

    def __mul__(self, other: Any) -> Value:
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other), "*")

        def _backward() -> None:
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = _backward
        return out

    def relu(self) -> Value:
        out = Value(max(self.data, 0), (self,), "ReLU")

        def _backward() -> None:
            self.grad += (out.data > 0) * out.grad

        out._backward = _backward
        return out

    def __neg__(self) -> Value:
        return self * -1

    def __radd__(self, other: Any) -> Value:
        return self + other

    def backward(self) -> None:
        order: list[Value] = []
        visited: set[Value] = set()

        def build(value: Value) -> None:
            if value not in visited:
                visited.add(value)
                for child in value._prev:
                    build(child)
                order.append(value)

        build(self)
        self.grad = 1.0
        for value in reversed(order):
            value._backward()


def step(leaf: Callable[[float], Any], samples: int) -> Outcome:
    """Time the loss of some samples, and its gradient by every weight."""
    draw = np.random.default_rng(0)
    layers = [
        [[leaf(float(n)) for n in draw.uniform(-1, 1, above + 1)] for _ in range(below)]
        for above, below in pairwise((2, 16, 16, 1))
    ]
    data = draw.normal(size=(samples, 2)).tolist()

    def run() -> None:
        loss = leaf(0.0)
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

    taken, _ = timed(run)
    return taken, [float(weight.grad or 0) for layer in layers for neuron in layer for weight in neuron]


def main() -> None:
    for samples, micrograd in ((4, 1.4), (32, 1.1)):
        systems = {
            "autovis": lambda n=samples: step(lambda x: autovis.tensor(x, requires_grad=True), n),
            "torch": lambda n=samples: step(lambda x: torch.tensor(x, requires_grad=True), n),
            "micrograd": lambda n=samples: step(Value, n),
        }
        limits = {"torch": 0.40, "micrograd": micrograd}
        measure(f"W1 scalar network, {samples} samples", systems, limits, ROUNDS if samples == 4 else 4)
