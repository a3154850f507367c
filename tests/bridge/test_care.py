"""A tape does no harm: to the program, to what it leaves behind, to long and large programs."""

import threading
import warnings

import numpy as np
import pytest
import torch
from screening import check, ledger, texts

import autovis as av
from autovis.bridge.limits import LIMITS
from autovis.bridge.twins import Twins
from autovis.events import Pulled
from autovis.viz.show import film, graph


def test_a_mistake_of_ours_does_not_stop_the_program(monkeypatch):
    def broken(*given):
        raise LookupError("lost")

    x = torch.tensor(3.0, requires_grad=True)
    monkeypatch.setattr(Twins, "tensor", broken)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        with av.record():
            y = x * x
            y.register_hook(lambda g: g * 2)
            y.backward()
    assert x.grad.item() == 12
    assert [str(each.message)[:45] for each in told] == ["autovis cannot follow PyTorch any further on "]


@pytest.mark.parametrize("depth", [1_500, 10_000])
def test_long_programs_are_filmed_without_recursion(depth):
    x = torch.tensor(1.0, requires_grad=True)
    with av.record() as tape:
        y = x
        for _ in range(depth):
            y = y * 1.0001
        y.backward()
    assert len(tape.of(Pulled)) == depth


def test_large_tensors_are_told_by_their_shapes():
    x = torch.ones(300, 300, requires_grad=True)
    with av.record() as tape:
        (x * 2).sum().backward()
        x.grad.zero_()
    shot = film(tape)
    check(shot)
    assert ledger(shot, "x") == ["add None (300, 300) (300, 300)", "zero (300, 300) all 0"]


def test_a_pass_in_another_thread_is_no_step_of_the_tape_and_no_harm():
    x = torch.tensor(3.0, requires_grad=True)
    with av.record() as tape:
        y = x * x
        thread = threading.Thread(target=y.backward)
        thread.start()
        thread.join()
        z = x * x
        z.backward()
    assert x.grad.item() == 12
    check(film(tape))


def test_our_own_random_numbers_are_left_alone():
    av.manual_seed(7)
    expected = av.rand(2).tolist()
    av.manual_seed(7)
    x = torch.ones(8, requires_grad=True)
    with av.record():
        torch.nn.functional.dropout(x).sum().backward()
    assert av.rand(2).tolist() == expected


def test_a_graph_from_before_the_tape_is_there_from_the_beginning():
    x = torch.tensor(3.0, requires_grad=True)
    y = x * x
    with av.record() as tape:
        y.backward()
    shot = film(tape)
    assert shot.frames[0].caption == "start_backward"
    assert ledger(shot, "x") == ["add None 6 6"]


def test_a_custom_function_is_one_operation():
    class Double(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return g * 2

    x = torch.tensor(3.0, requires_grad=True)
    with av.record() as tape:
        y = Double.apply(x)
        (y + 1).backward()
    assert texts(film(tape), "forward")[0] == "y = Double(x) = 6 is computed and recorded."
    assert not texts(film(tape), "skip")


def test_a_second_derivative_has_the_right_ledger():
    for library in (av, torch):
        x = library.tensor(3.0, requires_grad=True)
        with av.record() as tape:
            (g,) = library.autograd.grad(x**3, x, create_graph=True)
            g.backward()
        assert ledger(film(tape), "x") == ["add None 18 18"]


def test_what_cannot_be_told_is_one_list():
    assert len({limit.key for limit in LIMITS}) == len(LIMITS)
    assert all(limit.hidden and limit.shown for limit in LIMITS)
    x, c = torch.tensor(2.0, requires_grad=True), torch.tensor(5.0)
    labels = [element.label for element in graph((x + c) * 2).elements]
    assert "…" in labels, "the constant of an addition is not saved, as the list says"
    assert np.isclose(c.item(), 5)
