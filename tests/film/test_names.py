from contextlib import ExitStack

from screening import texts

import autovis as av
from autovis.names import named
from autovis.viz.show import graph


def labels(picture):
    """List what the values are called, in the order in which they are drawn."""
    return [element.label for element in picture.elements if element.id[0] == "t"]


def told(film):
    """List what the frames of the forward pass are about."""
    return [frame.args["about"] for frame in film.frames if frame.kind in ("forward", "skip", "cut")]


# ------------------------------------------------------------------------------------------------------- variables


def test_values_are_called_what_the_program_calls_them():
    weight, bias = av.leaf(2.0), av.leaf(1.0)
    with av.record() as tape:
        total = weight * 3 + bias
    assert told(av.film(tape)) == ["3·weight", "total = 3·weight + bias"]
    assert total.item() == 7


def test_a_name_that_is_bound_again_is_numbered():
    h = av.leaf(1.0)
    with av.record() as tape:
        r = h
        for _ in range(3):
            r = r + r
    assert told(av.film(tape)) == ["r₁ = h + h", "r₂ = r₁ + r₁", "r₃ = r₂ + r₂"]
    assert r.item() == 8


def test_a_name_that_is_bound_once_has_no_number():
    h = av.leaf(1.0)
    with av.record() as tape:
        r = h * 2
    assert told(av.film(tape)) == ["r = 2·h"]
    assert r.item() == 2


def test_an_augmented_assignment_makes_a_new_value_of_the_name():
    x = av.leaf(2.0)
    with av.record() as tape:
        y = x * 3
        y += 1
        z = y * y
    assert told(av.film(tape)) == ["y₁ = 3·x", "y₂ = y₁ + 1", "z = y₂·y₂"]
    assert z.item() == 49


def test_a_walrus_names_its_value():
    x = av.leaf(2.0)
    with av.record() as tape:
        z = (y := x * 3) * 2
    assert told(av.film(tape)) == ["y = 3·x", "z = 2·y"]
    assert (y.item(), z.item()) == (6, 12)


def test_a_function_that_is_called_twice_names_its_values_twice():
    def square(value):
        result = value * value
        return result + 1

    a, b = av.leaf(1.0), av.leaf(2.0)
    with av.record() as tape:
        y = square(a) + square(b)
    assert told(av.film(tape)) == [
        "result₁ = a·a",
        "result₁ + 1",
        "result₂ = b·b",
        "result₂ + 1",
        "y = result₁ + 1 + result₂ + 1",
    ]
    assert y.item() == 7


def test_a_tape_in_a_function_sees_its_variables():
    def run():
        inside = av.leaf(2.0)
        with av.record() as tape:
            (inside * 2).backward()
        return av.film(tape)

    assert "2 is added to inside.grad, which was None and becomes 2." in texts(run(), "accumulate")


def test_a_tape_in_an_exit_stack_sees_the_variables_too():
    x = av.leaf(2.0)
    with ExitStack() as stack:
        tape = stack.enter_context(av.record())
        (x * 2).backward()
    assert "2 is added to x.grad, which was None and becomes 2." in texts(av.film(tape), "accumulate")


def test_a_name_in_a_part_of_an_expression_is_not_taken_for_the_whole():
    x = av.leaf(2.0)
    with av.record() as tape:
        y = (x * 3).exp()
    assert told(av.film(tape)) == ["3·x", "y = exp(3·x)"]
    assert y.requires_grad


def test_the_steps_of_one_call_do_not_share_its_name():
    x, target = av.leaf([[1.0, 2.0]]), av.tensor([1])
    with av.record() as tape:
        loss = av.nn.functional.cross_entropy(x, target)
    assert told(av.film(tape)) == ["log_softmax(x)", "loss = nll_loss(log_softmax(x))"]
    assert loss.ndim == 0


def test_a_variable_of_the_caller_comes_before_one_of_the_function():
    def double(value):
        result = value * 2
        assert result.requires_grad
        return result

    x = av.leaf(3.0)
    with av.record() as tape:
        y = double(x)
    assert told(av.film(tape)) == ["y = 2·x"]
    assert y.item() == 6


def test_names_that_begin_with_an_underscore_are_nobodys_business():
    _hidden = av.leaf(2.0)
    y = _hidden * 3
    assert labels(graph(y)) == ["2", "3", "y"]


# ------------------------------------------------------------------------------------------------- inside of others


def test_tensors_in_lists_and_dictionaries_are_named_by_their_place():
    ws = [av.leaf(1.0), av.leaf(2.0)]
    layers = {"first": av.leaf(3.0)}
    y = ws[0] * ws[1] * layers["first"]
    assert labels(graph(y)) == ["ws[0]", "ws[1]", "ws[0]·ws[1]", "layers['first']", "y"]


def test_parameters_are_named_by_their_module():
    net = av.nn.Linear(2, 1)
    x = av.ones(1, 2)
    y = net(x)
    assert {"net.weight", "net.bias", "x", "y"} <= set(labels(graph(y)))


def test_a_variable_comes_before_a_place_in_a_list():
    ws = [av.leaf(1.0)]
    w = ws[0]
    y = w * 2
    assert labels(graph(y)) == ["w", "2", "y"]


def test_a_gradient_is_named_by_its_leaf():
    w = av.leaf(3.0)
    (w**2).backward()
    with av.record() as tape, av.no_grad():
        step = w.grad * 0.5
    assert told(av.film(tape)) == ["step = 0.5·w.grad"]
    assert step.item() == 3


def test_what_a_module_cannot_tell_stops_nobody():
    class Broken:
        def named_parameters(self):
            raise ValueError("not ready")

    assert list(named({"net": Broken(), "x": 3})) == []


def test_local_variables_come_before_global_ones():
    x = av.leaf(1.0)
    assert [name for name, _ in named({"near": x}, {"far": x})] == ["near", "far"]
    assert [name for name, _ in named({"near": x}, {"near": x}, {"near": x})] == ["near"] * 3


# --------------------------------------------------------------------------------------------------- without a name


def test_unnamed_values_are_called_by_their_expression():
    a, b = av.leaf(1.0), av.leaf(2.0)
    y = (a * b + 1).exp()
    assert labels(graph(y)) == ["a", "b", "a·b", "1", "a·b + 1", "y"]


def test_long_expressions_leave_out_what_has_no_name():
    first, second = av.leaf(1.0), av.leaf(2.0)
    y = ((first * second).exp() - first).tanh()
    assert labels(graph(y)) == ["first", "second", "first·second", "exp(…)", "exp(…) − first", "y"]
    assert all(len(label) <= 14 for label in labels(graph(y)))


def test_unnamed_constants_are_called_by_their_numbers_or_their_shape():
    w = av.leaf(1.0)
    y = (w * av.tensor([1.0, 2.0])).sum() + (w * av.arange(100.0).reshape(10, 10)).sum()
    assert "[1, 2]" in labels(graph(y))
    assert "(10, 10)" in labels(graph(y))


def test_numbers_are_written_as_numbers():
    w = av.leaf(1.0)
    y = w * 0.5 - 3
    assert labels(graph(y)) == ["w", "0.5", "0.5·w", "3", "y"]
