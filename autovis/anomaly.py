"""Anomaly mode: where each node was made, and a stop at the first gradient that is no number."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from autovis.arrays import peek
from autovis.graph import Node
from autovis.modes import recording

__all__ = ["blame", "check_numbers", "trace"]

HERE = __file__.rpartition("anomaly")[0]  # the folder of autovis


def trace(node: Node, running: Sequence[Any]) -> None:
    """Note at a node the lines of the program that made it, and the node that backward was at, if it did."""
    import traceback  # dear to import

    stack = traceback.extract_stack()
    while len(stack) > 1 and stack[-1].filename.startswith(HERE):
        stack.pop()
    node.metadata["traceback_"] = traceback.format_list(stack)
    if running and running[-1].at is not None:
        node.metadata["parent_"] = running[-1].at


def check_numbers(node: Node, sent: Sequence[Any]) -> None:
    """Stop at a gradient that is no number, in anomaly mode.

    Raises:
        RuntimeError: at the first one, named as PyTorch counts it.
    """
    if not recording.get().nans:
        return
    places = [slot for slot, name in enumerate(node.op.inputs) if node.op.many or name in node.op.pullbacks]
    parts = sent if node.op.many or not node.pulls_by_plan else [sent[slot] for slot in places]
    for place, part in enumerate(parts):
        if part is not None and np.isnan(peek(getattr(part, "numbers", part))).any():
            raise RuntimeError(f"Function '{node.name()}' returned nan values in its {place}th output.")


def blame(node: Node) -> None:
    """Say which line of the program made the node that backward failed at."""
    stack = node.metadata.get("traceback_")
    known = (
        "No forward pass information available. Enable detect anomaly during forward pass for more information."
        if stack is None
        else "Traceback of forward call that caused the error:\n" + "".join(stack)
    )
    warnings.warn(f"Error detected in {node.name()}. {known}", UserWarning, stacklevel=2)
    parent: Node | None = node.metadata.get("parent_")
    while parent is not None:
        lines = "".join(parent.metadata.get("traceback_", ()))
        warnings.warn(
            f"\n\nPrevious calculation was induced by {parent.name()}. Traceback of forward call that induced the"
            f" previous calculation:\n{lines}",
            UserWarning,
            stacklevel=2,
        )
        parent = parent.metadata.get("parent_")
