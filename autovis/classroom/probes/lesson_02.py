"""What the exercises of lesson 02 are judged by."""

from __future__ import annotations

from typing import Any, Final

from autovis.classroom.probes.findings import Findings
from autovis.viz.orders import nodes_below

__all__ = ["three_consumers", "backward_order", "forgotten_nodes"]


def three_consumers(answer: Any, av: Any) -> Findings:
    """How many operations use the leaf, and its gradient."""

    def consumers() -> object:
        x = av.leaf(2.0)
        y = answer(x)
        return y if y is ... else sum(uses(node, x) for node in nodes_below(y))

    def gradient() -> object:
        x = av.leaf(2.0)
        y = answer(x)
        return y if y is ... else (y.backward(), x.grad)[1]

    yield "operations that use x", consumers
    yield "gradient at 2", gradient


def uses(node: Any, leaf: Any) -> bool:
    """Say whether an operation has this leaf as an input."""
    return any(getattr(source, "variable", None) is leaf for source, _ in node.next_functions)


ORDERS: Final[dict[str, dict[str, list[str]]]] = {
    "s and t": {"y": ["s", "t"], "s": ["p", "q"], "t": ["p"], "p": [], "q": []},
    "a chain": {"c": ["b"], "b": ["a"], "a": []},
    "near and far": {"y": ["a", "x"], "a": ["b"], "b": ["x"], "x": []},
    "two stages": {"loss": ["u", "h"], "u": ["v"], "v": ["h"], "h": ["w"], "w": []},
}


def backward_order(answer: Any, av: Any) -> Findings:
    """Whether a visiting order is one a backward pass could take, on four graphs."""
    for name, inputs in ORDERS.items():
        last = next(iter(inputs))
        yield f"graph {name!r}", lambda inputs=inputs, last=last: fault(inputs, answer(inputs, last))  # type: ignore[misc]


def fault(inputs: dict[str, list[str]], visits: Any) -> object:
    """Name the first thing that is wrong with a visiting order."""
    if visits is ...:
        return visits
    visits = list(visits or [])
    for node in inputs:
        if visits.count(node) != 1:
            return f"{node} is visited {visits.count(node)} times"
    for node, sources in inputs.items():
        for source in sources:
            if visits.index(source) < visits.index(node):
                return f"{source} comes before {node}, which has not delivered yet"
    return "every node once, in time"


SPELLINGS: Final = {"*": "mul", "×": "mul", "+": "add", "**": "pow", 1: "1"}
SILENT: Final = {"mul", "add", "1"}


def forgotten_nodes(answer: Any, av: Any) -> Findings:
    """What a set of forgotten nodes lacks, and what it has too much."""

    def named() -> set[Any]:
        return {SPELLINGS.get(node, node) for node in answer}

    yield "nodes still missing", lambda: len(SILENT - named())
    yield "nodes the article does name", lambda: named() - SILENT
