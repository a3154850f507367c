"""The order lab: which order gives which numbers, where the mistake is made, and that nothing is touched."""

import pytest

import autovis as av
from autovis.viz.lab import lab
from autovis.viz.orders import RULES, paths_to_each, walk
from autovis.viz.show import sketched


def chain():
    a = av.tensor(3.0, requires_grad=True)
    b = a + a
    return a, b + b


def diamond():
    a = av.tensor(2.0, requires_grad=True)
    h = a * a
    return a, (h + 1) * (h + 2)


def two_uses():
    p = av.tensor(1.0, requires_grad=True)
    return p, (p + av.leaf(2.0)) * (p + 1)


CASES = [
    (chain, {"topological": 4, "assign": 1, "early": 2, "again": 6, "paths": 4}),
    (diamond, {"topological": 44, "assign": 10, "early": 24, "again": 68, "paths": 44}),
    (two_uses, {"topological": 5, "assign": 3, "early": 5, "again": 5, "paths": 5}),
]


@pytest.mark.parametrize(("make", "grads"), CASES)
def test_each_order_gives_its_number(make, grads):
    leaf, y = make()
    assert {name: walk(y, rule).of(leaf) for name, rule in RULES.items()} == grads
    y.backward()
    assert leaf.grad == grads["topological"]


def test_nothing_of_the_graph_is_changed():
    leaf, y = diamond()
    for rule in RULES.values():
        walk(y, rule)
    assert leaf.grad is None
    y.backward()


def test_a_recursion_over_every_path_is_stopped_and_still_counted():
    x = av.leaf(1.0)
    y = x
    for _ in range(20):
        y = y + y
    outcomes = lab(y, sketched(y))
    assert {name: outcome.visits for name, outcome in outcomes.items()} == {
        "topological": 21,
        "assign": 2**21 - 1,
        "early": 21,
        "again": 2**21 - 1,
        "paths": 2**21 - 1,
    }
    assert [name for name, outcome in outcomes.items() if not outcome.whole] == ["assign", "again", "paths"]
    assert max(len(outcome.film.frames) for outcome in outcomes.values()) < 200


def test_a_deep_chain_needs_no_recursion():
    x = av.leaf(1.0)
    y = x
    for _ in range(3000):
        y = y * 1
    assert walk(y, RULES["paths"], most=10_000).of(x) == 1


def mistakes(rule, make=chain):
    a, y = make()
    assert a.grad is None
    return [frame.text for frame in lab(y, sketched(y))[rule].film.frames if frame.kind == "error"]


def test_the_mistake_stands_where_it_is_made():
    assert mistakes("topological") == mistakes("paths") == []
    assert mistakes("again")[0].startswith("Visit 2: too early! a + a sends on 1 while 1 more must still come")
    assert mistakes("again")[1].startswith("Visit 5: a + a sends on its sum 2, a part of which it has sent before")
    assert mistakes("again")[-1] == "Done after 7 visits, and wrong: a 6, not 4."
    assert mistakes("early")[-2:] == [
        "1 comes late at a + a: 1 + 1 = 2, but a + a has been sent on already.",
        "Done after 3 visits, and wrong: a 2, not 4.",
    ]
    assert "1 is written over 1 at a: 1 is lost." in mistakes("assign")


def test_both_films_stand_on_the_same_picture():
    _, y = diamond()
    films = [outcome.film for outcome in lab(y, sketched(y)).values()]
    assert all(film.graph == films[0].graph for film in films)
    ids = {each.id for each in (*films[0].graph.elements, *films[0].graph.links)}
    assert all(set(frame.changes) <= ids for film in films for frame in film.frames)


def test_an_intermediate_shows_its_gradient():
    a, y = chain()
    film = lab(y, sketched(y))["topological"].film
    held = {film.graph.element(id).label: change["grad"] for id, change in film.last().items() if "grad" in change}
    assert held == {"y": "1", "a + a": "2", "a": "4"}
    assert a.grad is None


def test_paths_are_multiplied_out():
    _, y = chain()
    assert sorted(paths_to_each(y).values()) == [1, 2, 4]


def test_the_lab_tells_both_orders_in_words():
    a = av.tensor(3.0, requires_grad=True)
    b = a + a
    c = b + b
    text = av.order_lab(c).outline().splitlines()
    assert text[:5] == [
        "Order of c",
        "Waits until all gradients have come: 3 visits",
        "c 1 right   b 2 right   a 4 right",
        "Sends on its whole sum each time something comes: 7 visits",
        "c 1 right   b 2 right   a 6 wrong",
    ]
    assert text[5] == "film of 8 steps, 1 backward call"
    bundle, _ = av.order_lab(c, "assign")._repr_mimebundle_()
    assert "a 1 wrong" in bundle["text/plain"]
    assert bundle["image/png"]


def test_what_has_no_order_says_why():
    _, y = chain()
    with pytest.raises(ValueError, match="no order 'random'; there are assign, early, again and paths"):
        av.order_lab(y, "random")
    constant = av.tensor(1.0)
    with pytest.raises(ValueError, match="starts from a result that has a history; constant has none"):
        av.order_lab(constant)
    x = av.ones(4, requires_grad=True)
    first, second = x.split(2)
    with pytest.raises(ValueError, match="operations with one result"):
        av.order_lab((first * second).sum())
    with pytest.raises(TypeError):
        av.order_lab(3.0)
    y.backward()
    z = av.leaf(2.0) ** 2
    z.backward()
    with pytest.raises(RuntimeError, match="backward through the graph a second time"):
        av.order_lab(z)


@pytest.mark.torch
def test_the_lab_runs_on_pytorch():
    torch = pytest.importorskip("torch")
    a = torch.tensor(3.0, requires_grad=True)
    b = a + a
    c = b + b
    assert "c 1 right   b 2 right   a 6 wrong" in av.order_lab(c).outline()
    assert a.grad is None
