"""Which numbers an exercise is judged by: each probe asks an answer for them, one by one and by name.

A probe gets the answer and the library (`av`), so that the same probe runs on PyTorch in the tests. It yields a name
and a callable that gives the number; what the callable raises is reported under that name.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, Final, TypeAlias

from autovis.viz.orders import nodes_below

__all__ = ["PROBES"]

Findings: TypeAlias = Iterator[tuple[str, Callable[[], object]]]


def slope(answer: Any, av: Any) -> Findings:
    """Slopes of three curves, and where the answer looked for them."""
    asked: list[float] = []

    def bend(t: float) -> float:
        asked.append(t)
        return t**3

    yield "slope of t**2 at 3", lambda: answer(lambda t: t**2, 3.0)
    yield "slope of t**3 at 2", lambda: answer(bend, 2.0)
    yield "slope of 1/t at 0.5", lambda: answer(lambda t: 1 / t, 0.5)
    yield "places asked, seen from at", lambda: " and ".join(sorted({side(place, 2.0) for place in asked})) or "none"


def side(place: float, at: float) -> str:
    """Say where one number lies, seen from another."""
    return "here" if place == at else "left" if place < at else "right"


def flat(answer: Any, av: Any) -> Findings:
    """The flat place of a parabola, looked for in three intervals."""
    for low, high in [(0.0, 4.0), (-1.0, 5.0), (1.0, 7.0)]:
        yield f"flat({low}, {high})", lambda low=low, high=high: answer(low, high)  # type: ignore[misc]


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


def repaired_loss(answer: Any, av: Any) -> Findings:
    """Value and history of a loss, and the gradient that its weights get."""
    x, target = av.tensor([1.0, 2.0, -1.0]), av.tensor([1.0, 1.0, 1.0])

    def made() -> tuple[Any, Any]:
        w = av.tensor([0.5, 2.0, 3.0], requires_grad=True)
        return w, answer(w, x, target)

    def gradient() -> object:
        w, loss = made()
        return (loss.backward(), w.grad)[1]

    yield "the loss", lambda: made()[1].item()
    yield "has a history", lambda: "no" if made()[1].grad_fn is None else "yes"
    yield "w.grad", gradient


def reached_leaves(answer: Any, av: Any) -> Findings:
    """Which leaves a walk back from a result finds, by name, on five graphs."""
    leaves = {name: av.leaf(value) for name, value in [("a", 2.0), ("b", 3.0), ("c", 5.0)]}
    a, b, c = leaves.values()
    graphs = {
        "a * b": a * b,
        "(a * b + c) ** 2": (a * b + c) ** 2,
        "a * a + b": a * a + b,
        "a.detach() * b": a.detach() * b,
        "a.detach() + 1": a.detach() + 1,
    }

    def found(y: Any) -> object:
        given = answer(y)
        names = (name for each in given for name, leaf in leaves.items() if leaf is each) if given is not ... else ()
        return given if given is ... else ", ".join(sorted(names))

    for text, y in graphs.items():
        yield text, lambda y=y: found(y)  # type: ignore[misc]


def doubled_leaf(answer: Any, av: Any) -> Findings:
    """What a tensor in double precision is, and the gradient that it holds."""
    for values in ([1.0, -2.0], [0.5, 4.0]):
        yield f"a leaf, for {values}", lambda values=values: answer(values).is_leaf  # type: ignore[misc]
        yield f"its kind, for {values}", lambda values=values: str(answer(values).dtype)  # type: ignore[misc]
        yield f"its gradient, for {values}", lambda values=values: kept_gradient(answer(values))  # type: ignore[misc]


def kept_gradient(t: Any) -> object:
    """Return the gradient that a tensor holds; an intermediate that keeps none is not asked, because it would warn."""
    return t.grad if t.is_leaf or t.retains_grad else None


def roles(answer: Any, av: Any) -> Findings:
    """The roles of ten tensors."""
    leaf, plain = av.leaf(2.0), av.tensor(3.0)
    kept = leaf * plain
    kept.retain_grad()
    tensors = {
        "leaf": leaf,
        "av.tensor(3.0)": plain,
        "leaf * 3, retained": kept,
        "leaf * 3": leaf * plain,
        "plain + 1": plain + 1,
        "leaf.detach()": leaf.detach(),
        "leaf.double()": leaf.double(),
        "Parameter": av.nn.Parameter(av.ones(2)),
        "frozen Parameter": av.nn.Parameter(av.ones(2), requires_grad=False),
        "leaf.detach().requires_grad_()": leaf.detach().requires_grad_(),
    }
    for name, tensor in tensors.items():
        yield name, lambda tensor=tensor: answer(tensor)  # type: ignore[misc]


def line_fit(answer: Any, av: Any) -> Findings:
    """Whether two leaves were moved onto a line, and in which state they are left."""
    x = av.tensor([0.0, 1.0, 2.0, 3.0])

    def fitted(slope: float, height: float) -> tuple[Any, Any]:
        a, b = av.leaf(0.0), av.leaf(0.0)
        answer(a, b, x, slope * x + height)
        return a, b

    def loss(slope: float, height: float) -> str:
        a, b = fitted(slope, height)
        left = ((a * x + b - (slope * x + height)) ** 2).mean().item()
        return "below 0.001" if left < 0.001 else "still too large"

    for slope, height in [(2.0, 1.0), (-1.0, 3.0)]:
        yield f"the loss, line {slope:g}x + {height:g}", lambda line=(slope, height): loss(*line)  # type: ignore[misc]
    yield "your two leaves moved", lambda: [t.item() != 0 for t in fitted(2.0, 1.0)]
    yield "gradients at the end", lambda: ["left" if t.grad is not None else "cleared" for t in fitted(2.0, 1.0)]
    yield "still leaves that ask", lambda: all(t.is_leaf and t.requires_grad for t in fitted(2.0, 1.0))


LOOP: Final = {
    "a": "optimizer.step()",
    "b": "loss = ((w - 1) ** 2)",
    "c": "optimizer.zero_grad()",
    "d": "optimizer = av.optim.SGD([w], lr=0.1)",
    "e": "loss.backward()",
    "f": "w = av.leaf(0.0)",
}


def loop_order(answer: Any, av: Any) -> Findings:
    """What a training step does whose lines are run in the order that was given."""

    def ran() -> object:
        if ... in answer:
            return ...
        names = {"av": av}
        exec("\n".join(LOOP[letter] for letter in answer), names)  # noqa: S102, our lines in the learner's order
        return names["w"].item()

    yield "each line once", lambda: ... if ... in answer else sorted(answer) == sorted(LOOP)
    yield "measured before the step", lambda: answer.index("e") < answer.index("a")
    yield "w after the step", ran


def whole_jacobian(answer: Any, av: Any) -> Findings:
    """The Jacobians of three functions of vectors."""
    functions = {
        "product and sum": (lambda x: av.stack([x[0] * x[1], x[0] + x[1]]), [2.0, 3.0]),
        "squares": (lambda x: x**2, [1.0, -2.0, 0.5]),
        "three from two": (lambda x: av.stack([x[0], x[0] * x[1], x[1] ** 3]), [2.0, 1.0]),
    }
    for name, (function, at) in functions.items():
        yield name, lambda f=function, at=at: answer(f, av.tensor(at, requires_grad=True))  # type: ignore[misc]


def chosen_weights(answer: Any, av: Any) -> Findings:
    """What three vectors of weights make of the losses of three samples."""

    def gradient(place: int) -> object:
        if answer[place] is ...:
            return ...
        w = av.leaf(1.0)
        (w * av.tensor([1.0, 2.0, 6.0])).square().backward(answer[place])
        return w.grad

    for place, name in enumerate(("the first sample", "the mean", "last minus first")):
        yield name, lambda place=place: gradient(place)  # type: ignore[misc]


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


def carried_state(answer: Any, av: Any) -> Findings:
    """The losses of a loop with a state, and the gradient that it leaves."""

    def ran() -> tuple[Any, Any]:
        w = av.leaf(2.0)
        return w, answer(w, [1.0, 3.0, -2.0])

    yield "the losses", lambda: ran()[1]
    yield "w.grad", lambda: ran()[0].grad


def slim_log(answer: Any, av: Any) -> Findings:
    """What a training loop returns, learns, and holds on to while it runs."""

    class Marked(av.autograd.Function):  # type: ignore[misc]
        """Passes a value on; its node lives as long as the graph of the step."""

        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x.clone()

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g

    def most_alive() -> int:
        steps: list[weakref.ref[Any]] = []
        counts: list[int] = []

        class Targets(list[float]):
            def __iter__(self) -> Iterator[Any]:
                for value in super().__iter__():
                    target = Marked.apply(av.leaf(value))
                    steps.append(weakref.ref(target.grad_fn))
                    yield target
                    del target
                    counts.append(sum(step() is not None for step in steps))

        answer(av.leaf(0.5), Targets([1.0, 2.0, 3.0, 4.0]))
        return max(counts)

    def gradient() -> object:
        w = av.leaf(0.5)
        answer(w, [1.0, 2.0])
        return w.grad

    yield "what it returns", lambda: answer(av.leaf(0.5), [1.0, 2.0])
    yield "w.grad", gradient
    yield "is a plain number", lambda: isinstance(answer(av.leaf(0.5), [1.0, 2.0]), float)
    yield "steps alive at once", most_alive


def edits_that_break(answer: Any, av: Any) -> Findings:
    """Twelve yes or no: which edit of which operation breaks a backward pass."""
    for operation in ("exp", "square", "sqrt", "sin", "sum", "double"):
        for edited in ("input", "result"):
            yield f"{operation}, {edited}", lambda pair=(operation, edited): answer(*pair)  # type: ignore[misc]


def safe_edit(answer: Any, av: Any) -> Findings:
    """Value and gradient of a function that edited what had been saved."""

    def gradient() -> object:
        x = av.tensor([0.5, 1.0, 2.0], requires_grad=True)
        y = answer(x)
        return (y.backward(), x.grad)[1] if y.requires_grad else None

    yield "the value", lambda: answer(av.tensor([0.5, 1.0, 2.0])).item()
    yield "the gradient", gradient


def accumulate(answer: Any, av: Any) -> Findings:
    """The gradient after several small batches, of equal and of unequal length, into an empty and a used place."""
    data = av.arange(8.0, dtype=av.float64)

    def gradient(*cuts: int, old: bool = False) -> object:
        w = av.tensor(0.5, dtype=av.float64, requires_grad=True)
        if old:
            (7 * w).backward()
        edges = [0, *cuts, 8]
        answer(w, [data[start:stop] for start, stop in pairwise(edges)])
        return w.grad

    yield "w.grad after parts of 4 and 4", lambda: gradient(4)
    yield "w.grad after parts of 3, 1 and 4", lambda: gradient(3, 4)
    yield "w.grad, with an old gradient in it before", lambda: gradient(4, old=True)


def ledger_labels(answer: Any, av: Any) -> Findings:
    """Ten labels, line by line."""
    for position in range(10):
        yield f"line {position + 1}", lambda position=position: answer[position]  # type: ignore[misc]


def straight_through(answer: Any, av: Any) -> Findings:
    """Value and gradient of a rounding that gradients pass."""

    def gradient() -> object:
        x = av.tensor([0.4, 1.6, -2.3], requires_grad=True)
        y = answer(x).sum()
        return (y.backward(), x.grad)[1] if y.requires_grad else None

    yield "value at [0.4, 1.6, -2.3]", lambda: answer(av.tensor([0.4, 1.6, -2.3])).tolist()
    yield "gradient there", gradient


def who_learns(answer: Any, av: Any) -> Findings:
    """The result, and which of three weights receive a gradient."""
    weights = {name: av.leaf(value) for name, value in [("w1", 1.0), ("w2", 2.0), ("w3", 3.0)]}

    def result() -> object:
        y = answer(*weights.values())
        if y.requires_grad:
            y.backward()
        return y.item()

    yield "the result", result
    for name, weight in weights.items():
        yield f"{name} learns", lambda weight=weight: "no" if weight.grad is None else "yes"  # type: ignore[misc]


def two_stages(answer: Any, av: Any) -> Findings:
    """The gradient at the beginning of a chain that is run backwards in two halves."""
    for value in (2.0, -1.0):
        yield f"a.grad for a = {value:g}", lambda value=value: handed_over(answer, av.leaf(value))  # type: ignore[misc]


def handed_over(answer: Any, a: Any) -> object:
    """Return what arrived at `a`."""
    return ... if answer(a) is ... else a.grad


PROBES: Final = {
    probe.__name__: probe
    for probe in (
        slope,
        flat,
        three_consumers,
        backward_order,
        forgotten_nodes,
        repaired_loss,
        reached_leaves,
        doubled_leaf,
        roles,
        line_fit,
        whole_jacobian,
        five_switches,
        carried_state,
        slim_log,
        edits_that_break,
        safe_edit,
        quiet_evaluation,
        chosen_weights,
        loop_order,
        accumulate,
        ledger_labels,
        straight_through,
        who_learns,
        two_stages,
    )
}
