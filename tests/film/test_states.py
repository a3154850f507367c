"""Every state of a graph is in its picture, from live objects and in films."""

from contextlib import suppress

import numpy as np
import pytest
from screening import check, find, operation, roles, texts

import autovis as av
from autovis.viz import draw, layout
from autovis.viz.show import graph


def shares(picture):
    """List what shares memory, by name, each group in order."""
    groups = {}
    for element in picture.elements:
        if element.storage:
            groups.setdefault(element.storage, []).append(element.label)
    return list(groups.values())


def region(picture, role):
    """Return the labels of what lies in each region of a role, by its word."""
    labels = {element.id: element.label for element in picture.elements}
    return {each.label: [labels[id] for id in each.members] for each in picture.regions if each.role == role}


# ------------------------------------------------------------------------------------------------- views and memory


def test_a_view_is_slanted_and_shares_memory_with_its_base():
    a = av.leaf([1.0, 2.0])
    x = a.exp()
    first = x[0]
    picture = graph(first)
    assert roles(picture) == {"a": "leaf", "x": "mid", "first": "view"}
    assert shares(picture) == [["x", "first"]]
    assert [link.role for link in picture.links if link.target == find(picture, "first").id] == ["data", "shares"]


def test_a_copy_shares_no_memory():
    a = av.leaf([1.0, 2.0])
    x = a.exp()
    y = x.clone()
    assert shares(graph(y)) == []


def test_what_was_detached_shares_memory_though_it_has_no_name():
    x = av.leaf(2.0) * 3
    y = x * x.detach()
    assert shares(graph(y)) == [["x", "x.detach()"]]


def test_views_without_a_name_need_no_line():
    a = av.leaf([1.0, 2.0])
    y = a[0] * a[1]
    picture = graph(y)
    assert shares(picture) == []
    assert list(roles(picture).values()) == ["leaf", "view", "view", "mid"]


def test_several_views_share_one_memory():
    x = av.leaf([1.0, 2.0]).exp()
    row, column = x.view(1, 2), x.view(2, 1)
    corner = column[0]
    assert shares(graph(row, corner)) == [["x", "row", "column", "corner"]]


def test_a_tensor_that_is_detached_itself_shares_nothing_with_itself():
    a = av.leaf(1.0)
    with av.record() as tape:
        x = 2 * a
        x.detach_()
    assert shares(av.film(tape).graph) == []


def test_a_leaf_made_of_another_tensor_stands_behind_its_cut():
    a = av.leaf(2.0)
    x = a * 3
    d = x.detach().requires_grad_()
    y = d * d
    picture = graph(y, x)
    assert roles(picture)["d"] == "leaf"
    assert [link.role for link in picture.links if link.target == find(picture, "d").id] == ["store", "cut", "shares"]


def test_shared_memory_appears_in_a_film_with_the_second_who_shares_it():
    a = av.leaf(2.0)
    with av.record() as tape:
        x = a * 3
        d = x.detach()
    film = av.film(tape)
    check(film)
    memory = find(film.graph, "x").storage
    seen = [state.get(memory, {}).get("visible") for state in film.states()]
    assert seen == [False, False, True]
    assert d is not None


# ------------------------------------------------------------------------------------------------------------ hooks


def test_each_kind_of_hook_is_named_where_it_sits():
    x = av.leaf(2.0)
    x.register_hook(lambda g: None)
    x.register_post_accumulate_grad_hook(lambda leaf: None)
    h = x * 3
    h.register_hook(lambda g: None)
    h.grad_fn.register_prehook(lambda given: None)
    h.grad_fn.register_hook(lambda sent, given: None)
    picture = graph(h * 1.5)
    assert find(picture, "x").hooks == ("tensor",)
    assert find(picture, "h").hooks == ("tensor",)
    (made,) = [e for e in picture.elements if e.role == "op" and e.hooks]
    assert made.hooks == ("pre", "node")
    (store,) = [e for e in picture.elements if e.role == "acc"]
    assert store.hooks == ("post",)


def test_a_hook_that_was_removed_is_gone():
    x = av.leaf(2.0)
    x.register_hook(lambda g: None).remove()
    h = x * 3
    h.register_hook(lambda g: None).remove()
    assert not any(element.hooks for element in graph(h).elements)


def test_a_film_tells_what_hooks_see_and_what_they_change():
    x = av.leaf(2.0)
    x.register_hook(lambda g: None)
    x.register_post_accumulate_grad_hook(lambda leaf: None)
    h = x * 3
    h.grad_fn.register_prehook(lambda given: (given[0] * 10,))
    h.grad_fn.register_hook(lambda sent, given: None)
    with av.record() as tape:
        h.backward()
    film = av.film(tape)
    check(film)
    assert texts(film, "hook") == [
        "A prehook at h = 3·x turns what arrives, 1, into 10.",
        "A node hook at h = 3·x sees what is sent on: 30.",
        "A hook sees the gradient of x: 30.",
        "A hook runs now that x.grad has grown: it is 30.",
    ]
    assert {hook for element in film.graph.elements for hook in element.hooks} == {"tensor", "pre", "node", "post"}


def test_a_hook_on_one_of_several_results_sits_there():
    x = av.leaf([1.0, 2.0])
    a, b = x.unbind()
    b.register_hook(lambda g: 2 * g)
    with av.record() as tape:
        (a * b).backward()
    for picture in (graph(a * b), av.film(tape).graph):
        assert (find(picture, "a").hooks, find(picture, "b").hooks) == ((), ("tensor",))


# ---------------------------------------------------------------------------------------------------- saved values


def test_what_a_retained_pass_left_is_kept_and_what_no_pass_came_to_is_held():
    x = av.leaf(2.0)
    h = x * x
    y, z = h.exp(), h.sin()
    y.backward(retain_graph=True)
    picture = graph(y, z)
    assert [operation(picture, name).saved for name in ("×", "exp", "sin")] == ["kept", "kept", "held"]


def test_what_a_pass_that_failed_did_not_reach_is_held():
    x = av.leaf(2.0)
    h = x * x
    y = h.exp()
    y.register_hook(lambda g: 1 / 0)
    with suppress(ZeroDivisionError):
        y.backward(retain_graph=True)
    assert [operation(graph(y), name).saved for name in ("×", "exp")] == ["held", "held"]


def test_a_graph_that_was_kept_and_then_used_up_is_freed():
    x = av.leaf(2.0)
    y = x * x
    y.backward(retain_graph=True)
    y.backward()
    assert operation(graph(y), "×").saved == "freed"


def test_a_custom_function_shows_what_it_saved():
    class Square(av.autograd.Function):
        @staticmethod
        def forward(ctx, x, c):
            out = x * x * c
            ctx.save_for_backward(x, c, out)
            return out

        @staticmethod
        def backward(ctx, g):
            return g, None

    x, c = av.leaf(3.0), av.tensor(2.0)
    with av.record() as tape:
        y = Square.apply(x, c)
    for picture in (graph(y), av.film(tape).graph):
        node = operation(picture, "Square")
        assert ([note.name for note in node.notes], node.saved) == (["x", "c", "y"], "held")
    c.add_(1)
    assert operation(graph(y), "Square").saved == "stale"
    y = Square.apply(x, c)
    y.backward()
    assert operation(graph(y), "Square").saved == "freed"


# ------------------------------------------------------------------------------------------------- frozen, unrecorded


def test_a_leaf_that_asks_no_longer_is_frozen_in_the_film():
    w, v = av.leaf(2.0), av.leaf(3.0)
    with av.record() as tape:
        w * v
        w.requires_grad_(False)
        w * v
    film = av.film(tape)
    check(film)
    assert [state.get(find(film.graph, "w").id, {}).get("role") for state in film.states()][-1] == "frozen"


def test_a_frozen_parameter_shows_the_gradient_that_still_moves_it():
    p = av.nn.Parameter(av.tensor(2.0))
    (p * 3).backward()
    p.requires_grad_(False)
    w = av.leaf(1.0)
    assert (find(graph(w * p), "p").role, find(graph(w * p), "p").grad) == ("frozen", "3")


def test_a_frozen_network_is_drawn_above_the_result():
    net = av.nn.Sequential(av.nn.Linear(1, 1), av.nn.ReLU()).requires_grad_(False)
    head = av.nn.Linear(1, 1)
    y = head(net(av.ones(1, 1)))
    picture = graph(y)
    assert find(picture, "net.0.weight").role == "frozen"
    assert operation(picture, "relu").ghost


def test_a_result_without_history_is_drawn_with_its_operation():
    a = av.leaf(2.0)
    d = a.detach()
    y = d * 4
    assert find(graph(y), "y").about == "y = 4·d"
    assert operation(graph(y), "×").ghost


def test_what_an_edit_wrote_over_is_not_what_it_wrote():
    w = av.leaf([1.0, 2.0])
    buffer = av.zeros(3)
    buffer[0] = w[0] * 2
    picture = graph(buffer)
    (before,) = [e for e in picture.elements if e.role == "const" and e.label == "(3,)"]
    assert before.value == ""
    assert find(picture, "buffer").about == "buffer = (3,) with 2·w[0] in it"


def test_a_value_times_one_is_not_called_as_the_value():
    a = av.leaf(2.0)
    y = (a * 1).exp()
    assert find(graph(y), "1·a").role == "mid"


# ---------------------------------------------------------------------------------------------------------- devices


def test_what_lies_on_a_device_stands_in_its_band():
    x = av.leaf([1.0, 2.0])
    w = av.tensor([3.0, 4.0], device="sim", requires_grad=True)
    with av.record() as tape:
        y = (w * x.to("sim") * 2).sum()
    for picture in (graph(y), av.film(tape).graph):
        (band,) = region(picture, "device").items()
        assert band[0] == "sim:0"
        assert {"w", "×", "Σ", "y", "+= .grad"} <= set(band[1])
        assert not {"x", "to", "2"} & set(band[1]), "neither the host's, nor what carries, nor a number"
        assert (find(picture, "w").device, find(picture, "x").device) == ("sim:0", "")


def test_on_the_host_there_is_no_band():
    w = av.leaf(2.0)
    assert region(graph(w * 3), "device") == {}


def test_frames_never_cross():
    w = av.tensor(2.0, device="sim", requires_grad=True)
    with av.no_grad():
        a = w * 2
        b = a.cpu() * 3
    y = w * a
    z = av.leaf(1.0) * b
    sets = [set(each.members) for each in graph(y, z).regions]
    assert len(sets) == 3
    for one in sets:
        for other in sets:
            assert one <= other or other <= one or not one & other


# ------------------------------------------------------------------------------------------------------ in words


def test_the_outline_tells_the_same_states_in_words():
    x = av.leaf([1.0, 2.0])
    x.register_hook(lambda g: None)
    s = x.to("sim").exp()
    first = s[0]
    lines = av.outline(first).splitlines()
    assert lines[1] == "1 leaf  x (2,) = [1, 2]   used by to(x)   .grad None   hook"
    assert lines[3].endswith("saved s: held   shares storage with first   on sim:0")
    assert "view  first = s[0] = 2.718   shares storage with s   on sim:0" in lines[4]
    assert lines[0] == "graph of first: 4 values, 3 operations"


# -------------------------------------------------------------------------------------------------- it never fails


def backward_twice():
    x = av.leaf(2.0)
    y = x * x
    y.backward()
    with suppress(RuntimeError):
        y.backward()
    return y


def broken_view():
    b = av.leaf([1.0, 2.0]) * 2
    with av.no_grad():
        part = b[0]
    b.add_(1)
    return part


def in_inference_mode():
    w = av.leaf(2.0)
    with av.inference_mode():
        return w * 2 + 1


NAMES = {"quote'\"": av.leaf(1.0), "梯度": av.leaf(2.0)}

CORNERS = {
    "a leaf": lambda: av.leaf(1.0),
    "a constant": lambda: av.tensor(1.0),
    "nothing in it": lambda: av.tensor([]),
    "no elements": lambda: av.zeros(0, 3, requires_grad=True) * 2,
    "whole numbers": lambda: av.arange(3) + 1,
    "true and false": lambda: av.tensor([True, False]),
    "not a number": lambda: (av.leaf(float("nan")) * float("inf")).sum(),
    "large": lambda: (av.zeros(50, 50, requires_grad=True) @ av.ones(50, 50)).sum(),
    "freed": backward_twice,
    "a view that must not be used": broken_view,
    "inference": in_inference_mode,
    "several results": lambda: av.leaf([3.0, 1.0]).sort()[0],
    "names": lambda: NAMES["quote'\""] * NAMES["梯度"],
    "numbers of NumPy": lambda: av.leaf(1.0) * np.float64(2),
}


@pytest.mark.parametrize("make", CORNERS.values(), ids=CORNERS)
def test_whatever_is_asked_about_has_a_picture(make):
    thing = make()
    picture = graph(thing)
    assert picture.elements
    assert draw.svg(picture, layout.place(picture, draw.sizes(picture)))
    assert av.outline(thing).startswith("graph of ")
    assert av.show(thing).to_png().startswith(b"\x89PNG")


@pytest.mark.parametrize("thing", [av.nn.Linear(1, 1), [av.leaf(1.0)], {"y": 1}, av.record(), 3.0, None, "loss"])
def test_what_has_no_graph_is_refused_with_a_cure(thing):
    with pytest.raises(TypeError, match=r"^a picture starts from tensors, not from \w+; .+"):
        av.show(thing)
