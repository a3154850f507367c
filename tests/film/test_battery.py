"""The battery at which drawers of graphs go blank or crash, on autovis and on PyTorch: each picture tells the truth.

What PyTorch's public API forgets (a cut, what ran under no_grad, the hooks of a leaf) a still picture of its tensors
cannot show, and shows no gradient there either; the film of a recording can, and is asserted, too.
"""

import sys

import pytest
from screening import find, operation, roles

import autovis as av
from autovis.viz import outline
from autovis.viz.show import film, graph


@pytest.fixture(params=["autovis", pytest.param("torch", marks=pytest.mark.torch)])
def T(request):
    return av if request.param == "autovis" else pytest.importorskip("torch")


def leaf(T, value=2.0):
    return T.tensor(value, requires_grad=True)


def links(picture):
    labels = {element.id: element.label for element in picture.elements}
    return [(labels[link.source], link.role, labels[link.target]) for link in picture.links]


def way_back(picture, start, goal):
    """Whether recorded links lead from one value to another, against which a gradient could travel."""
    ids = {element.label: element.id for element in picture.elements if element.id[0] == "t"}
    reached, pending = set(), [ids[start]]
    while pending:
        id = pending.pop()
        if id not in reached:
            reached.add(id)
            pending += [link.target for link in picture.links if link.source == id and link.role == "data"]
    return ids[goal] in reached


def final(film):
    """Return the states of the elements when a film is over, by label."""
    states = film.last()
    return {element.label: states.get(element.id, {}) for element in film.graph.elements}


# ----------------------------------------------------------------------------------------------------------- detach


def test_a_detached_value_stands_beside_and_nothing_comes_back_from_it(T):
    w, v = leaf(T), leaf(T)
    h = w * 3
    d = h.detach()
    y = d * v
    picture = graph(y)
    assert roles(picture)["d"] == "const"
    assert ("d", "plain", "×") in links(picture)
    assert way_back(picture, "v", "y")
    assert not way_back(picture, "d", "y")


def test_the_cut_is_drawn_with_what_lies_above_it():
    w, v = av.leaf(2.0), av.leaf(3.0)
    h = w * 3
    d = h.detach()
    y = d * v
    picture = graph(y)
    assert ("h", "plain", "detach") in links(picture)
    assert ("detach", "cut", "d") in links(picture)
    assert [element.label for element in picture.elements if element.ghost] == ["w", "3", "×", "h"]
    assert not way_back(picture, "w", "y")


def test_a_cut_is_filmed(T):
    w, v = leaf(T), leaf(T)
    with av.record() as tape:
        h = w * 3
        d = h.detach()
        y = d * v
    picture = film(tape).graph
    assert y.requires_grad
    assert ("h", "plain", "detach") in links(picture)
    assert ("detach", "cut", "d") in links(picture)
    assert "cut" in [frame.kind for frame in film(tape).frames]


# ---------------------------------------------------------------------------------------------------------- no_grad


def test_what_ran_under_no_grad_sends_nothing_back(T):
    w, v = leaf(T), leaf(T)
    with T.no_grad():
        r = w * 3
    y = r * v
    picture = graph(y)
    assert roles(picture)["r"] == "const"
    assert not way_back(picture, "r", "y")


@pytest.mark.parametrize("switch", [av.no_grad, av.inference_mode])
def test_a_switch_is_a_region_of_its_name(switch):
    w, v = av.leaf(2.0), av.leaf(3.0)
    with switch():
        r = w * 3
    y = r + v
    picture = graph(y)
    (region,) = [region for region in picture.regions if region.role == "no_grad"]
    assert region.label == switch.__name__
    assert [picture.element(id).label for id in region.members] == ["×", "r"]
    assert not way_back(picture, "w", "y")


@pytest.mark.parametrize("switch", ["no_grad", "inference_mode"])
def test_a_switch_is_filmed_as_a_region_of_its_name(T, switch):
    w, v = leaf(T), leaf(T)
    with av.record() as tape:
        with getattr(T, switch)():
            r = w * 3
        y = r + v
    picture = film(tape).graph
    assert y.requires_grad
    (region,) = [region for region in picture.regions if region.role == "no_grad"]
    assert region.label == switch
    assert f"is computed under {switch}" in av.outline(tape)
    assert [picture.element(id).label for id in region.members] == ["×", "r"]
    assert not way_back(picture, "w", "y")


# --------------------------------------------------------------------------------------------------- after backward


def test_the_picture_after_backward_is_another_one(T):
    w = leaf(T)
    h = w.exp()
    y = h * h
    before = graph(y)
    y.backward()
    after = graph(y)
    assert [operation(before, label).saved for label in ("exp", "×")] == ["held", "held"]
    assert [operation(after, label).saved for label in ("exp", "×")] == ["freed", "freed"]
    assert (find(before, "w").grad, find(after, "w").grad) == ("None", "109.2")
    assert links(before) == links(after), "nodes and edges stay"


def test_a_second_backward_is_drawn_up_to_the_failure(T):
    w = leaf(T)
    h = w.exp()
    y = h * h
    with pytest.raises(RuntimeError, match="a second time"), av.record() as tape:
        y.backward()
        y.backward()
    shown = film(tape)
    assert shown.frames[-1].kind == "error"
    assert shown.graph.element(shown.frames[-1].node).label == "×"
    assert final(shown)["×"]["role"] == "error"
    assert operation(graph(y), "×").saved == "freed", "the still picture is drawn, too"


def test_what_nothing_was_saved_for_is_not_called_freed(T):
    w = leaf(T)
    y = w + 1
    y.backward()
    assert operation(graph(y), "+").saved == ""


# ---------------------------------------------------------------------------------------------------- in-place damage


def test_an_edited_saved_value_is_stale(T):
    w = leaf(T)
    h = w.exp()
    y = h * 3
    h.add_(1)
    assert operation(graph(y), "exp").saved == "stale"
    assert find(graph(h), "h").version == 1


def test_damage_is_filmed_with_versions_and_the_failing_node(T):
    w = leaf(T)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"), av.record() as tape:
        h = w.exp()
        y = h * 3
        h.add_(1)
        y.backward()
    shown = film(tape)
    assert shown.frames[-1].kind == "error"
    assert shown.graph.element(shown.frames[-1].node).label == "exp"
    assert final(shown)["exp"]["saved"] == "stale"
    assert [change["version"] for frame in shown.frames for change in frame.changes.values() if "version" in change]


def test_an_edit_that_harms_nothing_is_not_called_stale(T):
    w = leaf(T)
    h = w + 1
    y = h + 3
    h.add_(1)
    y.backward()
    assert {element.saved for element in graph(y).elements} == {""}


# ------------------------------------------------------------------------------------------------ retain_grad, hooks


def test_a_kept_gradient_is_drawn(T):
    w = leaf(T)
    h = w * 3
    h.retain_grad()
    y = h * h
    y.backward()
    picture = graph(y)
    assert roles(picture)["h"] == "kept"
    assert find(picture, "h").grad == "12"


def test_hooks_are_drawn():
    w = av.leaf(2.0)
    h = w * 3
    w.register_hook(lambda g: g)
    h.register_hook(lambda g: g)
    y = h * h
    picture = graph(y)
    assert [bool(find(picture, name).hooks) for name in ("w", "h", "y")] == [True, True, False]


def test_a_hook_that_changes_a_gradient_is_filmed(T):
    w = leaf(T)
    w.register_hook(lambda g: g * 10)
    with av.record() as tape:
        (w * 3).backward()
    (hook,) = [frame for frame in film(tape).frames if frame.kind == "hook"]
    assert hook.text == "A hook turns the gradient of w from 3 into 30."


# ------------------------------------------------------------------------------------------------------- constants


def test_constants_and_leaves_without_flag_are_there(T):
    w, c = leaf(T), T.tensor(5.0)
    f = T.nn.Parameter(T.tensor(7.0), requires_grad=False)
    y = w * c * f
    picture = graph(y)
    assert {name: role for name, role in roles(picture).items() if name in "wcf"} == {
        "w": "leaf",
        "c": "const",
        "f": "frozen",
    }
    assert [link for link in links(picture) if link[0] in ("c", "f")] == [("c", "plain", "×"), ("f", "plain", "×")]
    stores = [link.target for link in picture.links if link.role == "store"]
    assert [picture.element(id).label for id in stores] == ["w"]


def test_a_picture_of_a_plain_tensor_is_not_empty(T):
    c = T.tensor(5.0)
    (element,) = graph(c).elements
    assert (element.role, element.label, element.value) == ("const", "c", "5")


# ----------------------------------------------------------------------------------------------------------- depth


def test_fifteen_hundred_operations_deep(T):
    w = leaf(T, 1.0)
    y = w
    for _ in range(1500):
        y = y + w
    limit = sys.getrecursionlimit()
    picture = graph(y)
    assert sum(element.role == "op" for element in picture.elements) == 1500
    assert find(picture, "w").senders == 1501
    assert way_back(picture, "w", "y")
    assert len(outline.outline(picture).splitlines()) == 1502
    y.backward()
    assert find(graph(y), "w").grad == "1501"
    assert sys.getrecursionlimit() == limit
