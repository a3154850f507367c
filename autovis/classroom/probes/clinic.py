"""What the repairs of the clinic are judged by: the number that was wrong, and those that a false cure changes."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from typing import Any, Final

from autovis.classroom.probes.findings import Findings

__all__ = [
    "a_leaf_of_its_own",
    "both_learn",
    "falling_loss",
    "handed_on",
    "really_frozen",
    "saved_result",
    "shares",
    "slim_score",
    "steady_score",
    "unbroken_chain",
]


# What these programs stop with, in a few words: the learner has seen the whole message as the symptom.
STOPS: Final = {
    "backward through the graph a second time": "stopped: a second time",
    "modified by an inplace operation": "stopped: modified in place",
    "a leaf Variable that requires grad": "stopped: a leaf was edited",
    "does not require grad and does not have a grad_fn": "stopped: nobody asks",
}


def or_stopped(ask: Callable[[], object]) -> object:
    """Return what is asked for, or with which of the known messages the program stops."""
    try:
        return ask()
    except RuntimeError as error:
        return next((word for sign, word in STOPS.items() if sign in str(error)), str(error))


def unbroken_chain(answer: Any, av: Any) -> Findings:
    """A weight that is to reach a factor: the last loss, the weight, and whether the loss was computed."""

    def ran() -> tuple[Any, Any]:
        w, x = av.leaf(0.25), av.tensor([0.25, 0.5])
        return w, answer(w, x, 3 * x)

    yield "the last loss", lambda: ran()[1].item()
    yield "w afterwards", lambda: ran()[0].item()
    yield "the loss has a history", lambda: ran()[1].grad_fn is not None


def falling_loss(answer: Any, av: Any) -> Findings:
    """The losses of six steps, from two starting points."""
    for start in (0.0, 6.0):
        yield f"the losses from {start:g}", lambda start=start: answer(av.leaf(start))  # type: ignore[misc]


def shares(answer: Any, av: Any) -> Findings:
    """The weight after a step over equal and over unequal parts."""
    data = av.tensor([1.0, 2.0, 0.5, 1.0, 2.0, 1.5])

    def weight(*lengths: int) -> object:
        return answer(av.leaf(0.0), [(part, 2 * part) for part in data.split(list(lengths))], 1)

    yield "w, one part", lambda: weight(6)
    yield "w, parts of 3 and 3", lambda: weight(3, 3)
    yield "w, parts of 1 and 5", lambda: weight(1, 5)


class Kept:
    """One saved tensor, as long as some graph holds it."""

    def __init__(self, tensor: Any) -> None:
        self.tensor = tensor


def slim_score(answer: Any, av: Any) -> Findings:
    """The score of a weight, what stays of it, and how many saved tensors pile up on the way."""
    x = av.tensor([1.0, 2.0])

    def result() -> Any:
        return answer(av.leaf(1.0), [(x, 3 * x), (x, 2 * x), (x, 5 * x)])

    def gradient() -> object:
        w = av.leaf(1.0)
        answer(w, [(x, 3 * x)])
        return w.grad

    def piled_up() -> int:
        packed: list[weakref.ref[Kept]] = []
        alive: list[int] = []

        def pack(tensor: Any) -> Kept:
            kept = Kept(tensor)
            packed.append(weakref.ref(kept))
            return kept

        class Batches(list[Any]):
            def __iter__(self) -> Iterator[Any]:
                for batch in super().__iter__():
                    yield batch
                    alive.append(sum(each() is not None for each in packed))

        with av.autograd.graph.saved_tensors_hooks(pack, lambda kept: kept.tensor):
            answer(av.leaf(1.0), Batches([(x, 3 * x)] * 6))
        return alive[5] - alive[1]

    yield "the score", result
    yield "the score has a history", lambda: getattr(result(), "requires_grad", False)
    yield "w.grad", gradient
    yield "saved tensors that pile up", piled_up


def a_leaf_of_its_own(answer: Any, av: Any) -> Findings:
    """A weight, what it is, and the gradient in it."""

    def weight() -> Any:
        return answer(av.tensor([1.0, 3.0]), av.tensor([2.0, 0.0]))

    def gradient() -> object:
        w = weight()
        return w.grad if w.is_leaf or w.retains_grad else None

    yield "the weight", lambda: weight().detach()
    yield "is a leaf", lambda: weight().is_leaf
    yield "w.grad", gradient


def handed_on(answer: Any, av: Any) -> Findings:
    """The state after some steps, and the weight that they left."""

    def weight() -> object:
        w = av.leaf(0.5)
        answer(w, [0.5, 1.0, 0.25])
        return w.item()

    yield "the state after one step", lambda: or_stopped(lambda: answer(av.leaf(0.5), [0.5]))
    yield "the state after three", lambda: or_stopped(lambda: answer(av.leaf(0.5), [0.5, 1.0, 0.25]))
    yield "w after three", lambda: or_stopped(weight)


def saved_result(answer: Any, av: Any) -> Findings:
    """Where two weights are after five steps."""

    def weights() -> object:
        w = av.tensor([0.0, 1.25], dtype=av.float64, requires_grad=True)
        answer(w, av.optim.SGD([w], lr=0.0625))
        return w.detach()

    yield "w afterwards", lambda: or_stopped(weights)


def both_learn(answer: Any, av: Any) -> Findings:
    """Two layers of one weight each: where they are after the training, and the loss that is left."""

    def layer(weight: float) -> Any:
        made = av.nn.Linear(1, 1, bias=False, dtype=av.float64)
        with av.no_grad():
            made.weight.fill_(weight)
        return made

    def trained() -> tuple[Any, Any, float]:
        net, head = av.nn.Sequential(layer(0.5), layer(3.0)), layer(0.75)
        x = av.ones(2, 1, dtype=av.float64)
        answer(net, head, x, 2 * x)
        return net[0], head, ((net(x) - 2 * x) ** 2).mean().item()

    yield "the first layer", lambda: trained()[0].weight.item()
    yield "the new head", lambda: trained()[1].weight.item()
    yield "the loss", lambda: trained()[2]


def steady_score(answer: Any, av: Any) -> Findings:
    """Scores of a net with dropout, what was recorded for them, and the mode in which the net is left."""

    def net() -> Any:
        av.manual_seed(0)
        return av.nn.Sequential(av.nn.Linear(2, 8), av.nn.Dropout(0.5), av.nn.Linear(8, 1))

    x, y = av.tensor([[1.0, 2.0], [0.5, -1.0]]), av.tensor([[1.0], [2.0]])

    def left(training: bool) -> bool:
        made = net().train(training)
        answer(made, x, y)
        return bool(made.training)

    def recorded() -> bool:
        found: list[Any] = []
        with av.autograd.graph.saved_tensors_hooks(found.append, lambda nothing: nothing):
            answer(net(), x, y)
        return bool(found)

    yield "the score", lambda: answer(net(), x, y)
    yield "something was recorded", recorded
    yield "left in training, if found so", lambda: left(True)
    yield "left in training, if found in evaluation", lambda: left(False)


def really_frozen(answer: Any, av: Any) -> Findings:
    """Two weights after three steps together, and after more with one of them frozen."""

    def ends(steps: int) -> list[float]:
        a, b = av.leaf(0.0), av.leaf(1.0)
        answer(a, b, steps)
        return [a.item(), b.item()]

    for steps in (2, 3, 4, 6):
        yield f"a and b after {steps} steps", lambda steps=steps: ends(steps)  # type: ignore[misc]
