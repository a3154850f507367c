import gc
import sys
import tracemalloc
import weakref

import pytest
from screening import find, operation, roles

import autovis as av
from autovis.viz.show import graph


def links(picture):
    """List the links as (source, role, target), by label."""
    labels = {element.id: element.label for element in picture.elements}
    return [(labels[link.source], link.role, labels[link.target]) for link in picture.links]


def ghosts(picture):
    """List the labels of what lies out of reach."""
    return [element.label for element in picture.elements if element.ghost]


# --------------------------------------------------------------------------------------------------- what there is


def test_every_kind_of_value_has_its_role():
    w = av.leaf(2.0)
    p = av.nn.Parameter(av.tensor(3.0))
    f = av.nn.Parameter(av.tensor(4.0), requires_grad=False)
    c = av.tensor(5.0)
    m = w * p
    k = m * f
    k.retain_grad()
    y = k * c
    expected = {"w": "leaf", "p": "param", "m": "mid", "f": "frozen", "k": "kept", "c": "const", "y": "mid"}
    assert roles(graph(y)) == expected


def test_every_leaf_has_an_accumulator_and_nothing_else_has():
    w, c = av.leaf(2.0), av.tensor(3.0)
    y = w * c
    assert [link for link in links(graph(y)) if link[1] == "store"] == [("+= .grad", "store", "w")]


def test_numbers_and_constants_send_nothing_back():
    w = av.leaf(2.0)
    y = w * 3
    assert links(graph(y)) == [
        ("+= .grad", "store", "w"),
        ("w", "data", "×"),
        ("3", "plain", "×"),
        ("×", "data", "y"),
    ]


def test_the_title_is_the_name_of_the_result():
    w = av.leaf(2.0)
    loss = w * 3
    assert graph(loss).title == "loss"
    assert graph(loss, title="mine").title == "mine"


def test_a_plain_tensor_is_a_picture_of_one_element():
    c = av.tensor(2.0)
    (element,) = graph(c).elements
    assert (element.role, element.label, element.value) == ("const", "c", "2")


def test_only_tensors_have_a_graph():
    with pytest.raises(TypeError, match="a picture starts from tensors, not from float"):
        graph(2.0)


def test_a_value_used_twice_shows_how_many_gradients_meet():
    w = av.leaf(2.0)
    y = w * w + w
    assert find(graph(y), "w").senders == 3


def test_an_operation_with_several_results_is_drawn_once():
    x = av.leaf([1.0, 2.0, 3.0])
    a, b, c = x.unbind()
    y = a * b + c
    picture = graph(y)
    assert [element.label for element in picture.elements if element.role == "op"] == ["unbind", "×", "+"]
    assert find(picture, "x").senders == 1


def test_two_results_of_one_leaf_do_not_meet():
    w = av.leaf(2.0)
    y, z = w * 2, w * 3
    assert find(graph(y, z), "w").senders == 1


# -------------------------------------------------------------------------------------------------- after a backward


def test_gradients_are_shown_as_they_are_now():
    w = av.leaf(2.0)
    y = w**2
    assert find(graph(y), "w").grad == "None"
    y.backward()
    assert find(graph(y), "w").grad == "4"
    w.grad.zero_()
    assert find(graph(y), "w").grad == "0"


def test_notes_are_held_then_freed():
    w = av.leaf(2.0)
    y = w**2
    assert [note.name for note in operation(graph(y), "^2").notes] == ["w"]
    assert operation(graph(y), "^2").saved == "held"
    y.backward()
    assert operation(graph(y), "^2").saved == "freed"


def test_an_exponent_is_remembered_after_freeing():
    w = av.leaf(2.0)
    y = w**3
    y.backward()
    assert find(graph(y), "y").about == "y = w³"


def test_an_edited_value_makes_the_note_stale():
    a = av.leaf([1.0, 2.0])
    s = a.sigmoid()
    s.add_(1)
    assert operation(graph(s), "σ").saved == "stale"
    assert find(graph(s), "s").version == 1
    assert find(graph(s), "sigmoid(a)").value == "", "what was saved is not what was computed any more"


def test_hooks_are_marked():
    w = av.leaf(2.0)
    m = w * 2
    w.register_hook(lambda g: g)
    m.register_hook(lambda g: g)
    y = m * 3
    assert [find(graph(y), name).hooks for name in ("w", "m", "y")] == [("tensor",), ("tensor",), ()]


# ------------------------------------------------------------------------------------------------- what is left out


def test_a_cut_stands_between_a_value_and_its_copy():
    a = av.leaf(2.0)
    x = a * 3
    d = x.detach()
    y = x * d
    picture = graph(y)
    assert ("x", "plain", "detach") in links(picture)
    assert ("detach", "cut", "d") in links(picture)
    assert not ghosts(picture), "the other way is open"


def test_what_lies_above_the_only_cut_is_a_ghost():
    a = av.leaf(2.0)
    x = a * 3
    d = x.detach()
    assert ghosts(graph(d)) == ["a", "3", "×", "x"]


def test_the_history_above_a_cut_is_drawn_though_the_temporary_is_gone():
    a = av.leaf(2.0)
    d = (a.exp() * 3).detach()
    gc.collect()
    picture = graph(d)
    assert ghosts(picture) == ["a", "exp", "exp(a)", "3", "×", "3·exp(a)"]
    assert find(picture, "d").about == "d = (3·exp(a)).detach()"


def test_a_cut_is_drawn_after_backward_though_the_detached_tensor_is_gone():
    a = av.leaf(2.0)
    x = a * 3
    y = x * x.detach()
    y.backward()
    gc.collect()
    picture = graph(y)
    assert ("x", "plain", "detach") in links(picture)
    assert ("detach", "cut", "x.detach()") in links(picture)


def test_what_is_detached_itself_keeps_its_past_in_the_picture():
    a = av.leaf(2.0)
    x = a * 3
    x.detach_()
    picture = graph(x)
    assert roles(picture)["x"] == "const"
    assert ("detach", "cut", "x") in links(picture)
    assert ghosts(picture) == ["a", "3", "×", "3·a"]


def test_data_is_a_cut_too():
    a = av.leaf(2.0)
    d = a.data
    assert ("detach", "cut", "d") in links(graph(d))


def test_no_grad_is_a_region_around_what_left_no_trace():
    w, x = av.leaf(2.0), av.tensor(3.0)
    with av.no_grad():
        p = w * x
        r = p + 1
    picture = graph(r)
    (region,) = picture.regions
    labels = {element.id: element.label for element in picture.elements}
    assert [labels[id] for id in region.members] == ["×", "p", "+", "r"]
    assert {link[1] for link in links(picture)} == {"plain"}


def test_cuts_above_cuts_are_drawn():
    a = av.leaf(2.0)
    h = (a * 2).detach()
    k = (h * a).detach()
    assert [element.role for element in graph(k).elements].count("cut") == 2


def test_a_constant_that_was_given_a_history_later_makes_no_circle():
    w = av.leaf(2.0)
    buffer = av.zeros(2)
    y = (w + buffer).sum()
    buffer[0] = y
    picture = graph(buffer.sum())
    order = {element.id: place for place, element in enumerate(picture.elements)}
    assert all(order[link.source] < order[link.target] for link in picture.links if link.role != "store")


def test_a_view_is_told_as_it_was_made():
    a = av.leaf([[1.0, 2.0], [3.0, 4.0]])
    b = a * 1
    row = b[0]
    column = b[:, 1]
    flat = b.reshape(4)
    assert find(graph(row), "row").about == "row = b[0]"
    assert find(graph(column), "column").about == "column = b[:, 1]"
    assert find(graph(flat), "flat").about.startswith("flat = b.")


# -------------------------------------------------------------------------------------------------- it costs nothing


def test_a_picture_keeps_nothing_alive():
    a = av.leaf([1.0, 2.0])
    y = (a * 2).detach() * a
    picture = graph(y)
    gone = weakref.ref(y), weakref.ref(y.grad_fn)
    del y
    gc.collect()
    assert [reference() for reference in gone] == [None, None]
    assert picture.elements


def test_a_detached_tensor_keeps_no_graph_alive():
    a = av.leaf([1.0, 2.0])
    x = a * 2
    node = weakref.ref(x.grad_fn)
    d = x.detach().clone()
    del x
    gc.collect()
    assert node() is None
    assert d.shape == (2,)


def grown(run, warm, steps):
    """Return by how many bytes memory grows in so many steps."""
    run(warm)
    gc.collect()
    tracemalloc.start()
    try:
        run(1)
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        run(steps)
        gc.collect()
        return tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()


def test_truncated_time_does_not_grow():
    w = av.leaf(0.5)
    state = {"h": av.tensor(1.0)}

    def run(steps):
        for _ in range(steps):
            state["h"] = (state["h"] * w + 1).tanh().detach()

    assert grown(run, 100, 2000) < 20_000


def test_inference_under_no_grad_does_not_grow():
    w = av.leaf(0.5)
    state = {"h": av.tensor(1.0)}

    def run(steps):
        with av.no_grad():
            for _ in range(steps):
                state["h"] = (state["h"] * w).tanh()

    assert grown(run, 100, 10_000) < 20_000


def test_a_thousand_cuts_in_a_row_are_drawn_up_to_a_limit():
    w = av.leaf(0.5)
    states = [av.tensor(1.0)]
    for _ in range(1000):
        states.append((states[-1] * w).detach())
    limit = sys.getrecursionlimit()
    picture = graph(states[-1] * w)
    assert 2 <= sum(element.role == "cut" for element in picture.elements) < 200
    assert sys.getrecursionlimit() == limit


def test_a_deep_graph_is_drawn_without_recursion():
    w = av.leaf(1.0)
    y = w
    for _ in range(3000):
        y = y + w
    assert len(graph(y).elements) == 6002
