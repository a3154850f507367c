"""A custom function is one operation: for the graph, for a film, for the collector of garbage."""

import gc
import weakref

import numpy as np
import pytest

import autovis as av
from autovis import records


class Scale(av.autograd.Function):
    @staticmethod
    def forward(ctx, x, k):
        ctx.save_for_backward(x)
        ctx.k = k
        return (x * k) * x

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * 2 * ctx.k * x, None


class Both(av.autograd.Function):
    @staticmethod
    def forward(ctx, x, y):
        return x * y, x + y

    @staticmethod
    def backward(ctx, g, h):
        return g + h, g - h


class Doubled(av.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        x.mul_(2)
        ctx.mark_dirty(x)
        return x

    @staticmethod
    def backward(ctx, g):
        return g * 2


class Exp(av.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        out = x.exp()
        ctx.save_for_backward(out)
        return out

    @staticmethod
    def backward(ctx, g):
        (out,) = ctx.saved_tensors
        return g * out


def test_what_happens_inside_is_no_step_of_the_program():
    x = av.leaf(3.0)
    with av.record() as tape:
        y = Scale.apply(x, 2.0)
        y.backward()
    assert [event.op.name for event in tape.of(records.Recorded)] == ["Scale"]
    assert tape.of(records.NotRecorded) == []
    assert [event.after for event in tape.of(records.Accumulated)] == [12.0]
    assert tape.of(records.Recorded)[0].settings == (("k", 2.0),)


def test_the_steps_of_a_recorded_backward_are_steps():
    x = av.leaf(3.0)
    with av.record() as tape:
        av.autograd.grad(Scale.apply(x, 2.0), x, create_graph=True)
    assert [event.op.name for event in tape.of(records.Recorded)] == ["Scale", "mul"]


def test_a_picture_and_a_film_show_it_by_its_name():
    x = av.leaf(3.0)
    with av.record() as tape:
        z, w = Both.apply(Scale.apply(x * 1, 2.0), x)
        v = z * 2
        Doubled.apply(v)
        (v + w).backward()
    assert [frame.kind for frame in av.film(tape).frames].count("forward") == 6
    assert [frame.kind for frame in av.film(tape).frames].count("edit") == 1
    assert "Both(Scale(" in av.outline(z)
    assert "v = Doubled(2·z)" in av.outline(v)
    assert repr(av.show(v)).startswith("<Still")
    assert repr(av.play(tape)).startswith("<Player")


@pytest.mark.parametrize("function", [Exp, Doubled])
def test_the_graph_dies_with_its_result(function):
    gc.collect()
    gc.disable()
    try:
        y = function.apply(av.leaf([1.0, 2.0]) * 1)
        node = weakref.ref(y.grad_fn)
        assert node() is not None
        del y
        assert node() is None
    finally:
        gc.enable()


def test_two_thousand_in_a_row():
    y = x = av.leaf(1.0)
    for _ in range(2000):
        y = Exp.apply(y * 0)
    y.backward()
    assert x.grad == 0
    del y


def test_a_gradient_of_an_integer_result_is_no_error():
    class Sorted(av.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            values, places = x.sort()
            ctx.mark_non_differentiable(places)
            ctx.save_for_backward(places)
            return values, places

        @staticmethod
        def backward(ctx, g, _):
            (places,) = ctx.saved_tensors
            back = np.zeros(3)
            back[places.numpy()] = g.numpy()
            return av.tensor(back)

    x = av.leaf([3.0, 1.0, 2.0])
    values, places = Sorted.apply(x)
    (values * av.tensor([1.0, 10.0, 100.0])).sum().backward()
    assert places.tolist() == [1, 2, 0]
    assert x.grad.tolist() == [100.0, 1.0, 10.0]
