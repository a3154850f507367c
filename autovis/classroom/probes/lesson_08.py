"""What the exercises of lesson 08 are judged by."""

from __future__ import annotations

from typing import Any

from autovis.classroom.probes.findings import Findings

__all__ = ["five_switches", "quiet_evaluation"]


def five_switches(answer: Any, av: Any) -> Findings:
    """Five words, situation by situation."""
    for place in range(5):
        yield f"situation {place + 1}", lambda place=place: answer[place]  # type: ignore[misc]


def quiet_evaluation(answer: Any, av: Any) -> Findings:
    """What an evaluation keeps, drops and leaves behind."""

    def network(training: bool) -> Any:
        net = av.nn.Sequential(av.nn.Linear(2, 2), av.nn.Dropout(0.5), av.nn.Linear(2, 1))
        net[0].requires_grad_(False)
        return net.train(training)

    def kept() -> int:
        net, count = network(True), 0

        def note(tensor: Any) -> Any:
            nonlocal count
            count += 1
            return tensor

        with av.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
            answer(net, av.ones(1, 2))
        return count

    def dropped() -> str:
        net = av.nn.Sequential(av.nn.Dropout(0.5))
        return "values" if (answer(net, av.ones(200)) == 0).any() else "nothing"

    def left(training: bool) -> object:
        net = network(training)
        answer(net, av.ones(1, 2))
        return [net.training, *(p.requires_grad for p in net.parameters())]

    yield "tensors kept for the way back", kept
    yield "dropout threw away", dropped
    yield "mode and flags afterwards, after training", lambda: left(True)
    yield "mode and flags afterwards, after evaluating", lambda: left(False)
