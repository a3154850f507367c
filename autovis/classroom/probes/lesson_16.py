"""What the exercises of lesson 16 are judged by."""

from __future__ import annotations

from typing import Any

from autovis.classroom.probes.findings import Findings

__all__ = ["device_weights", "few_copies"]


def device_weights(answer: Any, av: Any) -> Findings:
    """Three weights: what they hold, where they are, and what a backward pass leaves in them."""

    def gradient(position: int) -> object:
        w = answer("sim")[position]
        if not w.requires_grad:
            return None
        (w * av.tensor([1.0, 10.0], device=w.device)).sum().backward()
        return w.grad if w.is_leaf or w.retains_grad else None

    for position, name in enumerate(("first", "second", "third")):
        yield f"{name}: its numbers", lambda at=position: answer("sim")[at].detach()  # type: ignore[misc]
        yield f"{name}: its device", lambda at=position: answer("sim")[at].device.type  # type: ignore[misc]
        yield f"{name}: is a leaf", lambda at=position: answer("sim")[at].is_leaf  # type: ignore[misc]
        yield f"{name}.grad after a pass", lambda at=position: gradient(at)  # type: ignore[misc]


def few_copies(answer: Any, av: Any) -> Findings:
    """One pass over five batches: its result, its gradient, and the copies that it made."""

    def ran() -> tuple[Any, Any]:
        w = av.tensor([1.0, 2.0], device="sim", requires_grad=True)
        batches = av.arange(10.0).reshape(5, 2) / 8
        av.sim.reset()
        return w, answer(w, batches)

    def copies(direction: str) -> int:
        ran()
        return int(getattr(av.sim.transfers, direction))

    yield "the mean loss", lambda: ran()[1]
    yield "w.grad", lambda: ran()[0].grad
    yield "copies to the device", lambda: copies("to_device")
    yield "copies to the host", lambda: copies("to_host")
