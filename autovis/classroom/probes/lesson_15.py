"""What the exercises of lesson 15 are judged by."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from typing import Any

from autovis.classroom.probes.findings import Findings, marking

__all__ = ["adversaries", "frozen_targets", "truncated_time"]

MEAN, ROUNDS, LAST = 1.5, 300, 50


def adversaries(answer: Any, av: Any) -> Findings:
    """What two players are given in a later round, how often G is walked through, and where its fakes end up."""

    def arrives() -> bool:
        shifts = played(answer, av, ROUNDS)["shift"][-LAST:]
        return bool(abs(sum(shifts) / LAST - MEAN) < 0.1)

    for player in ("D", "G"):
        yield f"gradient of {player}, round 2", lambda player=player: second(played(answer, av, 2)[player])  # type: ignore[misc]
    yield "walks through G, round 2", lambda: played(answer, av, 2)["walks"][1]
    yield f"the fakes' mean comes to {MEAN}", arrives


def second(gradients: list[object]) -> object:
    """Return what was given to the second step, if there was one."""
    return gradients[1] if len(gradients) > 1 else "no step"


def played(answer: Any, av: Any, rounds: int) -> dict[str, list[Any]]:
    """Play some rounds, and note what happened in each."""
    av.manual_seed(0)
    softplus = av.nn.functional.softplus
    shift, unit = av.leaf(0.0), av.nn.Linear(1, 1)
    players = {"D": av.optim.SGD(unit.parameters(), lr=0.1, weight_decay=0.1), "G": av.optim.SGD([shift], lr=0.1)}
    noted: dict[str, list[Any]] = {"D": [], "G": [], "walks": [], "shift": []}
    for name, first in (("D", unit.weight), ("G", shift)):
        players[name].register_step_pre_hook(
            lambda *_, name=name, first=first: noted[name].append(None if first.grad is None else first.grad.item())
        )

    def score(x: Any) -> Any:
        return unit(x.reshape(-1, 1))

    def d_loss(real: Any, fake: Any) -> Any:
        return softplus(-score(real)).mean() + softplus(score(fake)).mean()

    def g_loss(fake: Any) -> Any:
        return softplus(-score(fake)).mean()

    for _ in range(rounds):
        fake, walks = av.randn(64) + shift * av.ones(64), list[Any]()
        fake.register_hook(walks.append)
        answer(fake, MEAN + av.randn(64), d_loss, g_loss, players["D"], players["G"])
        noted["walks"].append(len(walks))
        noted["shift"].append(shift.item())
    return noted


def frozen_targets(answer: Any, av: Any) -> Findings:
    """What is estimated in the middle of the way, and in the end."""

    def learned(count: int) -> object:
        values = av.zeros(4, requires_grad=True)
        answer(values, ([(0, 0.0, 1), (1, 0.0, 2), (2, 1.0, 3)] * 100)[:count])
        return values.tolist()

    for count in (12, 300):
        yield f"values after {count} steps", lambda count=count: learned(count)  # type: ignore[misc]


def truncated_time(answer: Any, av: Any) -> Findings:
    """Where a weight ends up, what its first step is made of, and what is held on to on the way."""
    for every in (1, 3, 5):
        yield f"w, going back {every}", lambda every=every: f"{trained(answer, av, every)[0]:.2f}"  # type: ignore[misc]
    yield "second gradient, going back 3", lambda: second(trained(answer, av, 3)[1])
    yield "old steps are let go", lambda: held(answer, av, 3) <= 6


def trained(answer: Any, av: Any, every: int) -> tuple[float, list[object]]:
    """Return the weight that was found, and the gradients on the way."""
    w, (inputs, targets) = av.leaf(0.2), sequence(av)
    opt, gradients = watched(w, av), list[object]()
    opt.register_step_pre_hook(lambda *_: gradients.append(None if w.grad is None else w.grad.item()))
    answer(w, inputs, targets, every, opt)
    return w.item(), gradients


def watched(w: Any, av: Any) -> Any:
    """Return an optimizer that stops when the weight runs away, before the numbers overflow."""

    def look(*_: object) -> None:
        if not abs(w.item()) < 2:
            raise OverflowError("w runs away")

    opt = av.optim.SGD([w], lr=0.005)
    opt.register_step_post_hook(look)
    return opt


def sequence(av: Any) -> tuple[list[float], list[float]]:
    """Return inputs, and what a state with the decay 0.8 makes of them."""
    av.manual_seed(0)
    inputs, targets, y = av.randn(300).tolist(), list[float](), 0.0
    for x in inputs:
        y = 0.8 * y + x
        targets.append(y)
    return inputs, targets


def held(answer: Any, av: Any, every: int) -> int:
    """Return how many steps' graphs are alive at once, at most."""
    passed = marking(av)

    steps: list[weakref.ref[Any]] = []
    counts = [0]

    class Inputs(list[float]):
        def __iter__(self) -> Iterator[Any]:
            for value in super().__iter__():
                x = passed(av.leaf(value))
                steps.append(weakref.ref(x.grad_fn))
                yield x
                del x
                counts.append(sum(step() is not None for step in steps))

    w, (inputs, targets) = av.leaf(0.2), sequence(av)
    answer(w, Inputs(inputs), targets, every, watched(w, av))
    return max(counts)
