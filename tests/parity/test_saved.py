"""What a node keeps, seen from outside: which second backward fails, and which edit afterwards is an error."""

import pytest
import torch
from operations import KEEPING

import autovis

FIRST, SECOND = [0.5, 0.25, 0.75], [0.5, 2.0, 3.0]


def computed(library, expression):
    """Return two intermediates and the expression of them."""
    x, y = (library.tensor(values, requires_grad=True) + 0 for values in (FIRST, SECOND))
    return {"x": x, "y": y, "result": eval(expression, {"torch": library, "x": x, "y": y})}


def outcome(action):
    """Return the sentence of the error, if there is one."""
    try:
        action()
    except RuntimeError as error:
        return str(error)
    return "fine"


def second_backward(library, expression):
    total = computed(library, expression)["result"].sum()
    total.backward()
    return outcome(total.backward)


def backward_after_edit(library, expression, which):
    tensors = computed(library, expression)

    def run():
        tensors[which].detach().add_(1)
        tensors["result"].sum().backward()

    return outcome(run)


@pytest.mark.parametrize("expression", KEEPING)
def test_the_same_second_backward_fails(expression):
    assert second_backward(autovis, expression) == second_backward(torch, expression)


@pytest.mark.parametrize("expression", KEEPING)
def test_the_same_edits_are_noticed(expression):
    for which in ("x", "y", "result"):
        ours, theirs = (backward_after_edit(library, expression, which) for library in (autovis, torch))
        assert ours == theirs, which
