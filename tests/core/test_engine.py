"""The backward pass: its order, its depth, what it leaves behind, and what a failure leaves intact."""

import gc
import weakref

import numpy as np
import pytest
import torch

import autovis as av

DEEP = 100_000


def chain(x, length):
    for _ in range(length):
        x = x + 1
    return x


def test_a_chain_of_100000_operations_goes_backward_and_is_freed():
    x = av.ones(2, requires_grad=True)
    y = chain(x, DEEP)
    nodes = [weakref.ref(y.grad_fn)]
    y.sum().backward()
    assert x.grad.tolist() == [1.0, 1.0]
    del y
    assert nodes[0]() is None


def test_a_deep_graph_is_freed_without_recursion_also_when_it_was_never_run():
    y = chain(av.ones((), requires_grad=True), DEEP)
    last = weakref.ref(y.grad_fn)
    del y
    assert last() is None


def test_a_deep_graph_can_be_differentiated_twice():
    x = av.tensor(1.0, requires_grad=True)
    y = chain(x * x * x, 2_000)
    (first,) = av.autograd.grad(y, x, create_graph=True)
    (second,) = av.autograd.grad(first, x)
    assert (first.item(), second.item()) == (3.0, 6.0)


@pytest.mark.parametrize("retain", [False, True])
def test_a_backward_leaves_no_reference_cycle(retain):
    x = av.tensor([1.0, 2.0], requires_grad=True)
    gc.collect()
    gc.disable()
    try:
        y = (x.exp() * x[0] + x.view(2, 1).t()).sum()
        y.backward(retain_graph=retain)
        del y
        x.grad = None
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_values_that_were_saved_are_gone_after_backward():
    x = av.tensor(np.ones(3, np.float32).tolist(), requires_grad=True)
    y = x.exp()
    node = y.grad_fn
    y.sum().backward()
    assert node.saved is None
    assert node.next_functions[0][0].variable is x


def test_intermediates_die_while_their_graph_lives():
    x = av.ones(3, requires_grad=True)
    h = x + 1
    alive = weakref.ref(h)
    y = h + 1
    del h
    assert alive() is None
    y.sum().backward()
    assert x.grad.tolist() == [1.0, 1.0, 1.0]


def visited(library):
    """Return the order in which a diamond with a side branch is visited."""
    log = []
    a, b = (library.tensor(n, requires_grad=True) for n in (2.0, 3.0))
    p = a * 2
    q = b * 3
    r = p * q
    s = r + p
    t = q.exp() * s
    side = (a * b).sin()
    u = t + side
    for name, tensor in {"a": a, "b": b, "p": p, "q": q, "r": r, "s": s, "t": t, "side": side, "u": u}.items():
        tensor.register_hook(lambda g, name=name: log.append(name))
    u.backward()
    return log


def test_nodes_run_in_pytorchs_order():
    assert visited(av) == visited(torch)


def test_an_error_in_a_hook_comes_through_and_the_graph_can_be_used_again():
    class MineError(Exception):
        pass

    def fail(g):
        raise MineError

    x = av.tensor([1.0, 2.0], requires_grad=True)
    y = x * x
    z = y.sin()
    handle = y.register_hook(fail)
    with pytest.raises(MineError):
        z.sum().backward(retain_graph=True)
    assert x.grad is None
    handle.remove()
    z.sum().backward()
    np.testing.assert_allclose(x.grad.tolist(), [2 * np.cos(1), 4 * np.cos(4)], rtol=1e-6)


def test_a_backward_inside_a_hook_has_notes_of_its_own():
    x = av.tensor(3.0, requires_grad=True)
    w = av.tensor(2.0, requires_grad=True)
    y = x * w

    def inner(g):
        with av.enable_grad():
            (w * w).backward()

    y.register_hook(inner)
    (y * y).backward()
    assert x.grad.item() == 2 * 6 * 2
    assert w.grad.item() == 2 * 6 * 3 + 4


def test_a_backward_inside_a_hook_over_the_same_graph():
    x = av.tensor(3.0, requires_grad=True)
    y = x * x
    z = y + y * 2
    calls = []

    def inner(g):
        if not calls:
            calls.append(g.item())
            z.backward(retain_graph=True)

    y.register_hook(inner)
    z.backward(retain_graph=True)
    assert x.grad.item() == 2 * 18.0


def test_a_leaf_used_twice_is_stored_once():
    w = av.tensor(3.0, requires_grad=True)
    with av.record() as tape:
        (w * w).backward()
    assert [event.after.item() for event in tape.events if type(event).__name__ == "Accumulated"] == [6.0]


def test_gradients_of_two_leaves_never_share_memory():
    a, b = (av.ones(3, requires_grad=True) for _ in range(2))
    seed = av.ones(3)
    (a + b).backward(seed)
    a.grad += 1
    assert b.grad.tolist() == seed.tolist() == [1.0, 1.0, 1.0]


def test_ten_thousand_steps_leave_no_more_objects_than_ten():
    w = av.tensor([1.0, 2.0], requires_grad=True)

    def steps(count):
        for _ in range(count):
            w.grad = None
            (w * w).sum().backward()
            with av.no_grad():
                w.sub_(w.grad, alpha=0.001)
        gc.collect()
        return len(gc.get_objects())

    few = steps(10)
    assert steps(10_000) - few < 50
