"""Films of PyTorch programs: the same frames as autovis makes of them."""

import gc
import weakref

import pytest
import torch
from agreement import differences, lines, nearly, shoot
from screening import check, ledger, texts

import autovis as av
from autovis.viz.show import film

LESSON = """
w = torch.tensor(2.0, requires_grad=True)
x = torch.tensor([1.0, 2.0])
h = w * x
y = (h * x + w.sum()).exp()
loss = y.mean()
loss.backward()
d = h.detach()
with torch.no_grad():
    w -= 0.1 * w.grad
w.grad = None
again = torch.nn.functional.mse_loss(w * x, d)
again.backward()
"""


def test_the_film_of_pytorch_is_that_of_autovis():
    assert differences(LESSON) == []


def test_films_that_differ_are_told_apart():
    ours, theirs = shoot(av, LESSON), shoot(torch, LESSON.replace("0.1", "0.2"))
    assert not all(map(nearly, lines(ours), lines(theirs)))


def test_a_block_may_use_both():
    x, w = torch.tensor(3.0, requires_grad=True), av.leaf(2.0)
    with av.record() as tape:
        (x * x).backward()
        (w * w).backward()
    shot = film(tape)
    check(shot)
    assert ledger(shot, "x") == ["add None 6 6"]
    assert ledger(shot, "w") == ["add None 4 4"]


def test_the_node_that_fails_is_named():
    x = torch.tensor(2.0, requires_grad=True)
    y = x * x
    with av.record() as tape:
        y.backward()
        with pytest.raises(RuntimeError):
            y.backward()
    assert texts(film(tape), "error") == ["Error at y = x·x: Trying to backward through the graph a second time"]


def test_no_hook_is_left_and_nothing_is_kept_alive():
    x = torch.tensor(2.0, requires_grad=True)
    with av.record() as tape:
        y = x * x
        z = y.exp()
        z.backward(retain_graph=True)
    alive = [weakref.ref(z), weakref.ref(y)]
    function = z.grad_fn
    events = len(tape)
    z.backward()
    assert len(tape) == events
    del y, z, function
    gc.collect()
    assert [reference() for reference in alive] == [None, None]
