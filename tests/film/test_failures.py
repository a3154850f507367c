"""A program that fails has a last picture: where it failed, in PyTorch's words, and the lines that led there."""

from contextlib import suppress
from pathlib import Path

import pytest
from screening import check, find

import autovis as av


def failure(tape):
    """Return the octagon of a film that fails, and the labels of what it is linked with."""
    film = av.film(tape)
    check(film)
    last, state = film.frames[-1], film.last()
    assert last.kind == "error"
    element = film.graph.element(last.node)
    assert state.get(element.id, {}).get("role", element.role) == "error"
    linked = [film.graph.element(link.source).label for link in film.graph.links if link.target == element.id]
    return element, linked


def source(line):
    """Return the text of a line of this file."""
    return Path(__file__).read_text("utf-8").splitlines()[line - 1].strip()


def lines_of(element, word):
    """Return what stands on the lines that a card names after a word."""
    for text in element.problem:
        if text.startswith(word):
            number, _, code = text.removeprefix(f"{word} in line ").partition(": ")
            assert source(int(number)) == code
            return code
    return ""


def test_a_graph_that_was_freed_names_the_lines_that_saved_and_freed():
    x = av.leaf(3.0)
    with suppress(RuntimeError), av.record() as tape:
        y = x * x
        y.backward()
        y.backward()
    element, _ = failure(tape)
    assert element.label == "×"
    assert " ".join(element.problem[:2]) == "Error: Trying to backward through the graph a second time"
    assert (lines_of(element, "saved"), lines_of(element, "freed")) == ("y = x * x", "y.backward()")
    assert not lines_of(element, "changed")


def test_an_edited_value_names_the_lines_that_saved_and_changed():
    x = av.leaf([1.0, 2.0])
    with suppress(RuntimeError), av.record() as tape:
        y = x.exp()
        z = y * 1
        z.add_(5)
        y.add_(1)
        y.sum().backward()
    element, _ = failure(tape)
    assert element.label == "exp"
    assert (lines_of(element, "saved"), lines_of(element, "changed")) == ("y = x.exp()", "y.add_(1)")


def test_an_edit_through_shared_memory_is_found():
    x = av.leaf([1.0, 2.0])
    with suppress(RuntimeError), av.record() as tape:
        s = x.sigmoid()
        s.detach().zero_()
        s.sum().backward()
    assert lines_of(failure(tape)[0], "changed") == "s.detach().zero_()"


def test_a_value_edited_twice_names_the_last_edit():
    x = av.leaf(2.0)
    with suppress(RuntimeError), av.record() as tape:
        y = x.exp()
        y.add_(1)
        y.mul_(2)
        y.backward()
    assert lines_of(failure(tape)[0], "changed") == "y.mul_(2)"


def test_a_line_that_is_long_is_named_by_number_only():
    x = av.leaf(2.0)
    with suppress(RuntimeError), av.record() as tape:
        a_name_as_long_as_a_line = x.exp()
        a_name_as_long_as_a_line.add_(1)
        a_name_as_long_as_a_line.backward()
    assert failure(tape)[0].problem[-1].removeprefix("changed in line ").isdigit()


def test_a_failure_without_an_operation_stands_behind_what_its_line_reads():
    w, x = av.leaf([1.0, 2.0]), av.ones(3)
    with suppress(RuntimeError), av.record() as tape:
        h = w * 2
        h * x
    element, linked = failure(tape)
    assert (element.label, linked) == ("RuntimeError", ["h", "x"])
    assert " ".join(element.problem) == (
        "Error: The size of tensor a (2) must match the size of tensor b (3) at non-singleton dimension 0"
    )


def test_a_backward_without_a_graph_is_a_failure_behind_its_root():
    c = av.tensor(2.0)
    with suppress(RuntimeError), av.record() as tape:
        d = c * 3
        d.backward()
    element, linked = failure(tape)
    assert linked == ["d"]
    assert element.problem[0].startswith("Error: element 0 of tensors")


def test_what_a_failing_line_reads_does_not_make_the_rest_a_ghost():
    w, x = av.leaf([1.0, 2.0]), av.ones(3)
    with suppress(RuntimeError), av.record() as tape:
        other = w.sum() * 5
        w + x
    failure(tape)
    assert not find(av.film(tape).graph, "other").ghost
    assert other.requires_grad


@pytest.mark.parametrize("edit", ["w.add_(1)", "w[0] = 5"])
def test_a_leaf_that_must_not_be_edited_is_what_the_failure_reads(edit, tmp_path):
    program = tmp_path / "edit.py"
    program.write_text(f"import autovis as av\nw = av.leaf([1.0, 2.0])\ntape = av.record()\nwith tape:\n    {edit}\n")
    space = {"__name__": "lesson"}
    with suppress(RuntimeError):
        exec(compile(program.read_text(), str(program), "exec"), space)
    element, linked = failure(space["tape"])
    assert linked == ["w"]
    assert element.problem[0].startswith("Error: a ")


def test_after_an_error_that_was_caught_the_octagon_is_an_operation_again():
    x = av.leaf(3.0)
    y = x * x
    with av.record() as tape:
        y.backward()
        with suppress(RuntimeError):
            y.backward()
        z = x + 1
    film = av.film(tape)
    check(film)
    roles = [state.get(film.frames[-2].node, {}).get("role") for state in film.states()]
    assert roles[-2:] == ["error", "op"]
    assert z is not None


def test_a_hook_that_fails_is_a_failure_at_its_leaf():
    x = av.leaf(2.0)
    x.register_hook(lambda g: 1 / 0)
    with suppress(ZeroDivisionError), av.record() as tape:
        (x * 3).backward()
    element, linked = failure(tape)
    assert (element.label, linked) == ("ZeroDivisionError", ["x"])
