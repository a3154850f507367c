"""Random programs: whatever is recorded, the film holds together and tells the truth."""

import json
import random
import time
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from screening import check

import autovis as av
from autovis.events import Accumulated, Pulled
from autovis.viz import outline
from autovis.viz.numerals import brief
from autovis.viz.show import film, graph

UNARY = [
    lambda x: x * 2,
    lambda x: x + 1,
    lambda x: -x,
    lambda x: x**2,
    lambda x: x.tanh(),
    lambda x: x.relu(),
    lambda x: x.exp() * 0.1,
    lambda x: x.sum(),
    lambda x: x.mean(),
    lambda x: x.reshape(-1),
    lambda x: x.clone(),
    lambda x: x > 0,
    lambda x: x.detach(),
    lambda x: x.data,
]
SEVERAL = [
    lambda x: x.unbind(),
    lambda x: x.reshape(-1).split(1),
    lambda x: x.reshape(-1).chunk(2),
]
BINARY = [
    lambda x, y: x + y,
    lambda x, y: x - y,
    lambda x, y: x * y,
    lambda x, y: x / (y * y + 1),
    lambda x, y: av.cat([x.reshape(-1), y.reshape(-1)]),
]
EDITS = [
    lambda x: x.add_(1),
    lambda x: x.mul_(2),
    lambda x: x.zero_(),
    lambda x: x.detach_(),
    lambda x: x.__setitem__(..., 0.5),
    lambda x: x.requires_grad_(),
    lambda x: x.retain_grad(),
    lambda x: x.register_hook(lambda g: g * 2),
    lambda x: x.register_hook(lambda g: None),
]


@dataclass
class Run:
    """A program that a seed describes, while it runs.

    Attributes:
        values: everything computed so far.
        leaves: the leaves it began with.
        seen: for each leaf, the gradients that a hook saw, in order.
    """

    seed: int
    values: list = field(default_factory=list)
    leaves: list = field(default_factory=list)
    seen: dict = field(default_factory=dict)

    def begin(self):
        self.random = random.Random(self.seed)
        shapes = [(), (2,), (2, 2), (0,), (5, 5), (9, 9)]
        for number in range(3):
            shape = self.random.choice(shapes[:3] * 4 + shapes)
            data = np.arange(1, 1 + int(np.prod(shape)), dtype=np.float32).reshape(shape) / 2
            leaf = av.tensor(data, requires_grad=number < 2)
            self.leaves.append(leaf)
            self.values.append(leaf)
            if number == 0:
                self.seen[number] = []
                leaf.register_hook(lambda g, number=number: self.seen[number].append(np.array(g.numbers)))

    def pick(self):
        return self.random.choice(self.values[-6:] + self.leaves)

    def step(self):
        """Run one random statement; errors are the learner's and go on."""
        kinds = {"unary": 6, "binary": 6, "several": 1, "edit": 2, "backward": 3, "clear": 1, "no_grad": 1, "grad": 1}
        (kind,) = self.random.choices(list(kinds), list(kinds.values()))
        try:
            getattr(self, kind)()
        except (RuntimeError, TypeError, ValueError, IndexError):
            return

    def unary(self):
        self.values.append(self.random.choice(UNARY)(self.pick()))

    def binary(self):
        self.values.append(self.random.choice(BINARY)(self.pick(), self.pick()))

    def several(self):
        self.values.extend(self.random.choice(SEVERAL)(self.pick()))

    def edit(self):
        self.random.choice(EDITS)(self.pick())

    def backward(self):
        root = self.pick()
        retain = self.random.random() < 0.5
        root.backward(av.ones(*root.shape) if root.ndim else None, retain_graph=retain)

    def clear(self):
        leaf = self.random.choice(self.leaves)
        if leaf.grad is not None and self.random.random() < 0.5:
            leaf.grad.zero_()
        else:
            leaf.grad = None

    def no_grad(self):
        with av.no_grad():
            if self.random.random() < 0.5:
                self.values.append(self.pick() * 3)
            else:
                self.random.choice(self.leaves).add_(0.5)

    def grad(self):
        root, x = self.pick(), self.pick()
        create = self.random.random() < 0.3
        g = av.autograd.grad(root.sum(), x, retain_graph=True, create_graph=create, allow_unused=True)[0]
        if g is not None:
            self.values.append(g)


def play(seed, steps):
    """Run a random program: the first third before the tape, an error in the block for some."""
    run = Run(seed)
    run.begin()
    before = steps // 3 if seed % 2 else 0
    for _ in range(before):
        run.step()
    run.seen[0].clear()
    with av.record() as tape:
        for _ in range(steps - before):
            run.step()
    return run, tape


def keyed(tape):
    """Return the film, and the element of each leaf by the key of its tensor."""
    from autovis.viz.frames import Director

    director = Director(tape)
    shot = director.shoot()
    return shot, {ref[1]: thing.id for ref, thing in director.story.things.items() if ref[0] == "tensor" and thing.id}


programs = given(seed=st.integers(0, 10**6), steps=st.integers(1, 25))
calmly = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::UserWarning")
@calmly
@programs
def test_every_program_has_a_film_that_holds_together(seed, steps):
    run, tape = play(seed, steps)
    shot = film(tape)
    check(shot)
    json.dumps(shot.to_json())
    assert outline.film(shot)
    picture = graph(*run.values[-2:])
    assert outline.outline(picture)


@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::UserWarning")
@calmly
@programs
def test_the_gradients_of_the_last_frame_are_those_of_the_tensors(seed, steps):
    run, tape = play(seed, steps)
    shot, ids = keyed(tape)
    last = shot.states()[-1]
    for leaf in run.leaves:
        id = ids.get(leaf.extras().key)
        element = shot.graph.element(id) if id else None
        if element is None or not element.grad or leaf.grad_fn is not None:
            continue
        told = last.get(id, {}).get("grad", element.grad)
        small = leaf.grad is None or leaf.grad.numel() <= 64
        assert told == ("None" if leaf.grad is None else brief(leaf.grad.numbers)) or not small


@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::UserWarning")
@calmly
@programs
def test_the_ledger_adds_up(seed, steps):
    _, tape = play(seed, steps)
    shot = film(tape)
    held = {}
    for frame in shot.frames:
        entry = frame.ledger
        if entry is None:
            continue
        assert held.get(entry.leaf, entry.old) == entry.old, entry
        held[entry.leaf] = entry.new
    for event in tape.of(Accumulated):
        before = 0 if event.before is None else event.before
        if event.leaf.data is not None and np.size(event.after) <= 64:
            np.testing.assert_allclose(event.after, before + event.arriving, rtol=1e-6)


@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::UserWarning")
@calmly
@programs
def test_what_a_hook_sees_is_what_the_film_stores(seed, steps):
    run, tape = play(seed, steps)
    key = run.leaves[0].extras().key
    added = [event.arriving for event in tape.of(Accumulated) if event.leaf.key == key]
    hooked = run.seen[0]
    stored = [g for g in hooked if any(g.shape == np.shape(a) for a in added)]
    assert len(added) <= len(hooked)
    assert len(stored) == len(hooked) or not added


@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::UserWarning")
@calmly
@programs
def test_the_same_program_is_told_in_the_same_words(seed, steps):
    assert outline.film(film(play(seed, steps)[1])) == outline.film(film(play(seed, steps)[1]))


# ------------------------------------------------------------------------------------------------------------- size


def chain(length):
    w = av.leaf(0.5)
    y = w
    for number in range(length):
        y = y * 0.5 + (w if number % 100 == 0 else 1.0)
    return y


@pytest.mark.parametrize(("operations", "seconds"), [(2_000, 3), (20_000, 25)])
def test_the_time_of_a_film_grows_with_its_length(operations, seconds):
    with av.record() as tape:
        chain(operations // 2).backward()
    assert len(tape.of(Pulled)) == operations
    start = time.thread_time()
    shot = film(tape)
    assert time.thread_time() - start < seconds
    assert len(shot.frames) > 2 * operations


def test_the_time_of_a_picture_grows_with_its_size():
    took = []
    for operations in (2_000, 20_000):
        y = chain(operations // 2)
        start = time.thread_time()  # what others do on this machine does not count
        assert len(graph(y).elements) > 2 * operations
        took.append(time.thread_time() - start)
    assert took[1] < 30 * took[0], took  # ten times as large; squares would take a hundred times as long


def test_plain_arithmetic_in_a_long_loop_takes_no_time():
    c = av.tensor(1.0)
    w = av.leaf(1.0)
    with av.record() as tape:
        for _ in range(400):
            c = c * 0.5 + c * 0.5
        y = w * c
    start = time.thread_time()
    shot = film(tape)
    assert time.thread_time() - start < 1
    assert y.item() == 1
    assert len(shot.frames) == 1202


# ----------------------------------------------------------------------------------------------------- odd numbers


@pytest.mark.parametrize(
    "data",
    [float("nan"), [float("inf"), -float("inf")], [], [[]], 0.0, [[float("nan")] * 6] * 6, 1e-30, 1e30, [1.0] * 70],
)
def test_odd_numbers_have_films(data):
    x = av.tensor(data, requires_grad=True)
    with av.record() as tape:
        y = (x * 2).relu().sum()
        y.backward()
    shot = film(tape)
    check(shot)
    json.dumps(shot.to_json(), allow_nan=False)


@pytest.mark.parametrize("data", [[1, 2, 3], [True, False], 7])
def test_whole_numbers_and_truth_values_are_constants(data):
    c = av.tensor(data)
    x = av.leaf(2.0)
    with av.record() as tape:
        y = (x * c).sum()
        y.backward()
    check(film(tape))
    assert graph(y).elements
