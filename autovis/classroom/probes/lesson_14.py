"""What the exercises of lesson 14 are judged by."""

from __future__ import annotations

from typing import Any

from autovis.classroom.probes.findings import Findings

__all__ = ["frozen_block", "moving_biases", "registered_parts"]


def network(layers: str, av: Any) -> Any:
    """A small network of B (statistics of two columns) and L (two columns to two), the same numbers each time."""
    kinds = {"B": lambda: av.nn.BatchNorm1d(2), "L": lambda: av.nn.Linear(2, 2)}
    net = av.nn.Sequential(*(kinds[letter]() for letter in layers))
    with av.no_grad():
        for at, p in enumerate(net.parameters()):
            p.copy_(av.arange(1.0, p.numel() + 1).reshape(p.shape) / (at + 2))
    return net


def step(net: Any, optimizer: Any, av: Any) -> None:
    """One training step; gradients are cleared where new ones come."""
    for p in net.parameters():
        p.grad = None if p.requires_grad else p.grad
    net(av.tensor([[1.0, 2.0], [3.0, -1.0], [0.0, 1.0]])).square().mean().backward()
    optimizer.step()


def copies(values: Any) -> list[Any]:
    """Copies of some tensors, as they are now."""
    return [value.detach().clone() for value in values]


def farthest(before: Any, after: Any) -> float:
    """How far a number went, of all in some tensors."""
    return float(max((new.detach() - old).abs().max() for old, new in zip(before, after, strict=True)))


def frozen_block(answer: Any, av: Any) -> Findings:
    """What still moves in a network whose middle was frozen after one step, ten steps later."""

    def went(kind: str, values: Any, **settings: float) -> float:
        net = network("LLBL", av)
        optimizer = getattr(av.optim, kind)(net.parameters(), lr=0.01, **settings)
        step(net, optimizer, av)
        answer(net[1:3], optimizer)
        before = copies(values(net))
        for _ in range(10):
            step(net, optimizer, av)
        return farthest(before, values(net))

    def frozen(net: Any) -> list[Any]:
        return list(net[1:3].parameters())

    def learns(place: int) -> str:
        return "learns" if went("SGD", lambda net: net[place].parameters(), momentum=0.9) else "stands still"

    yield "how far its parameters went, with momentum", lambda: went("SGD", frozen, momentum=0.9)
    yield "how far its parameters went, with weight decay", lambda: went("AdamW", frozen, weight_decay=0.1)
    yield "how far its running mean went", lambda: went("SGD", lambda net: [net[2].running_mean])
    yield "what lies before it", lambda: learns(0)
    yield "what lies behind it", lambda: learns(3)


def registered_parts(answer: Any, av: Any) -> Findings:
    """What a module tells an optimizer about, and what it saves."""

    def learned() -> int:
        net = answer()
        optimizer = av.optim.SGD(net.parameters(), lr=0.1)
        before = copies(net.parameters())
        net(av.ones(1, 2)).sum().backward()
        optimizer.step()
        return sum(not av.equal(old, p) for old, p in zip(before, net.parameters(), strict=True))

    yield "parameters", lambda: len(list(answer().parameters()))
    yield "numbers in them", lambda: sum(p.numel() for p in answer().parameters())
    yield "parameters that a step moves", learned
    yield "entries that are saved", lambda: len(answer().state_dict())


def moving_biases(answer: Any, av: Any) -> Findings:
    """Which parameters a step moves, and for which a gradient is computed."""

    def ran() -> Any:
        net = network("BLL", av)
        optimizer = answer(net)
        before = copies(net.parameters())
        step(net, optimizer, av)
        return [(name, p, farthest([old], [p])) for (name, p), old in zip(net.named_parameters(), before, strict=True)]

    yield "moved", lambda: [name for name, _, way in ran() if way]
    yield "gradients computed for", lambda: [name for name, p, _ in ran() if p.grad is not None]
