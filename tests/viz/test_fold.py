"""Folding hides, and nothing else: what stays keeps its id, its links, its frames, and what reaches what."""

import time
import weakref
from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autovis as av
from autovis import nn
from autovis.viz.fold import LARGE, Folding
from autovis.viz.runs import MOST, Call, Runs, calls_of, repeats
from autovis.viz.scene import Element, Film, Graph, Link, Region
from autovis.viz.show import film, graph
from autovis.viz.show import folding as living


@st.composite
def graphs(draw):
    """A graph of operations that each read some values made before; some of them ran inside nested modules."""
    elements, links, values = [Element("t1", "leaf", "x", grad="None"), Element("g1", "acc", "+= .grad")], [], ["t1"]
    links.append(Link("e1", "g1", "t1", "store"))
    count = draw(st.integers(1, 60))
    for number in range(2, count + 2):
        read = draw(st.lists(st.sampled_from(values[-6:] + values[:1]), min_size=1, max_size=3))
        elements += [Element(f"o{number}", "op", draw(st.sampled_from("+×-"))), Element(f"t{number}", "mid", "")]
        links += [Link(f"e{len(links) + at + 1}", id, f"o{number}", slot=at) for at, id in enumerate(read)]
        links.append(Link(f"e{len(links) + 1}", f"o{number}", f"t{number}"))
        values.append(f"t{number}")
    spans, here = [], (2, count + 2)
    while here[1] - here[0] > 3 and draw(st.booleans()):
        start = draw(st.integers(here[0], here[1] - 2))
        here = (start, draw(st.integers(start + 1, here[1])))
        spans.append(here)
    calls = [
        Region(f"m{at}", "module", "net" + ".0" * at, tuple(f"o{number}" for number in range(*span)), "Block")
        for at, span in enumerate(spans)
    ]
    return Graph(tuple(elements), tuple(links), (), "", tuple(calls))


def reach(links):
    """Return what can be reached from each element."""
    after = defaultdict(set)
    for link in links:
        after[link.source].add(link.target)
    found = {}
    for start in list(after):
        seen, pending = set(), [start]
        while pending:
            for target in after[pending.pop()] - seen:
                seen.add(target)
                pending.append(target)
        found[start] = seen
    return found


def opened_somehow(folding, draw):
    runs = [run.id for run in folding.runs.everything()]
    return frozenset(draw(st.sets(st.sampled_from(runs)))) if runs else frozenset()


calmly = settings(max_examples=50, deadline=None)


@calmly
@given(graphs())
def test_opening_every_box_gives_the_graph_back(whole):
    folding = Folding(Film(whole, ()))
    again = folding.folded(folding.chosen(False)).film.graph
    assert (again.elements, again.links) == (whole.elements, whole.links)


@calmly
@given(graphs(), st.data())
def test_what_stays_outside_reaches_what_it_reached(whole, data):
    folding = Folding(Film(whole, ()))
    opened = opened_somehow(folding, data.draw)
    drawn = folding.folded(opened).film.graph
    outside = {element.id for element in drawn.elements if element.role != "fold"}
    before, after = reach(whole.links), reach(drawn.links)
    makers = {link.target: link.source for link in drawn.links}
    for id in outside:
        box = makers.get(id, "")  # what a box makes and reads once more goes on inside of it
        onwards = after.get(id, set()) | (after.get(box, set()) if box[:1] == "f" else set())
        assert before.get(id, set()) & outside <= onwards
        assert id not in after.get(id, set()), "a box made a cycle"


@calmly
@given(graphs(), st.data())
def test_every_link_between_what_is_shown_is_counted_once(whole, data):
    folding = Folding(Film(whole, ()))
    opened = opened_somehow(folding, data.draw)
    places = folding.places(opened)
    makers = {link.target: link.source for link in whole.links if link.source[0] == "o"}
    made = {id: places[makers.get(id, id)] for id in places}  # what a box makes and reads itself stays inside
    expected = Counter(
        (places[link.source], places[link.target], link.role)
        for link in whole.links
        if places[link.target] not in (places[link.source], made[link.source])
    )
    drawn = Counter()
    for link in folding.folded(opened).film.graph.links:
        drawn[link.source, link.target, link.role] += link.count
    assert drawn == expected


@calmly
@given(st.lists(st.integers(0, 3), min_size=1, max_size=400), st.data())
def test_runs_divide_operations_without_gap_or_overlap(signs, data):
    runs = Runs(np.array(signs))
    for run in [runs.root, *runs.everything()]:
        parts = runs.parts(run)
        spans = [(part.start, part.stop) if not isinstance(part, int) else (part, part + 1) for part in parts]
        assert [number for span in spans for number in range(*span)] == list(range(run.start, run.stop))
        assert len(parts) <= MOST


def test_the_steps_of_a_loop_become_one_box_between_the_first_and_the_last():
    w = av.leaf(1.0)
    y = w
    for _ in range(50):
        y = (y * w).sin() + 1.0
    drawn = Folding(Film(graph(y), ()))
    shown = drawn.folded(drawn.chosen(True)).film.graph
    boxes = [element for element in shown.elements if element.role == "fold"]
    assert [(element.label, element.shape) for element in boxes] == [("× 48", "2–49")]
    assert len([element for element in shown.elements if element.role == "op"]) == 6
    assert sum(link.count for link in shown.links if (link.source, link.target) == ("t1", boxes[0].id)) == 48


def mlp():
    return nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))


def test_a_module_is_one_box_with_its_class_and_what_it_holds():
    net = mlp()
    x = av.ones(4, 2)
    with av.record() as tape:
        net(x).sum().backward()
    folding = Folding(film(tape))
    shown = folding.folded(folding.chosen(True)).film.graph
    (box,) = [element for element in shown.elements if element.role == "fold"]
    assert (box.label, box.shape, box.value) == ("net", "Sequential", "5 op · 4 param")
    assert box.grad == "None"
    assert "x" in [element.label for element in shown.elements]
    inside = folding.folded(folding.chosen(1)).film.graph
    assert [element.label for element in inside.elements if element.role == "fold"] == ["net.0", "net.1", "net.2"]
    assert [region.label for region in inside.regions] == ["net"]


def test_a_live_tensor_knows_its_modules_from_the_parameters():
    net = mlp()
    y = net(av.ones(4, 2)).sum()
    folding = Folding(Film(graph(y), ()))
    labels = [run.label for run in folding.runs.everything() if run.kind == "module"]
    assert labels == ["net", "net.0", "net.2"]


def test_what_an_operation_made_is_not_taken_for_the_parameter_that_has_its_number():
    net = mlp()
    h = net[1](net[0](av.ones(4, 2)))
    net[0].weight.extras().key = h.grad_fn.number  # keys and numbers are counted each by themselves
    folding = Folding(Film(graph(h * 2.0), ()))
    assert [(run.label, run.start, run.stop) for run in folding.runs.everything()] == [("net", 0, 2), ("net.0", 0, 2)]


@pytest.mark.parametrize(
    ("frozen", "role", "holds", "grad"),
    [
        ([], "fold", "5 op · 4 param", "4 of 4"),
        ([0], "fold", "5 op · 4 param · 2 frozen", "2 of 2"),
        ([0, 2], "frozen-fold", "5 op · 4 param", ""),
    ],
)
def test_a_box_says_which_parameters_are_frozen(frozen, role, holds, grad):
    before, net = nn.Linear(2, 2), mlp()
    for place in frozen:
        net[place].requires_grad_(False)
    net(before(av.ones(4, 2))).sum().backward()
    with av.record() as tape:
        y = net(before(av.ones(4, 2))).sum()
        y.backward()
    folding = Folding(film(tape))
    (box,) = [e for e in folding.folded(folding.chosen(True)).film.graph.elements if e.label == "net"]
    assert (box.role, box.value, box.grad) == (role, holds, grad)


def test_what_a_frozen_module_computes_inside_stays_inside():
    x, net, last = av.ones(4, 2), mlp().requires_grad_(False), nn.Linear(1, 1)
    with av.record() as tape:
        y = last(net(x))
    assert y.requires_grad
    folding = Folding(film(tape))
    shown = folding.folded(folding.chosen(True)).film.graph
    assert {element.label for element in shown.elements} == {"x", "net", "… @ … + …", "last", "y"}


def test_a_parameter_that_is_used_again_begins_another_call():
    kinds = {"cell": "Cell"}
    assert calls_of([[(1, "cell")], [(2, "cell")], [(1, "cell")]], kinds) == [
        Call("cell", "Cell", 0, 2),
        Call("cell", "Cell", 2, 3),
    ]


def test_small_pictures_open_unfolded_and_large_ones_folded():
    y = w = av.leaf(2.0)
    for number in range(100):
        y = y * w if number % 7 else y.sin()
        folding = Folding(Film(graph(y), ()))
        shown = folding.folded(folding.chosen()).film.graph
        assert len(shown.elements) <= LARGE
        assert any(element.role == "fold" for element in shown.elements) == (len(folding.elements) > LARGE)


def test_a_folded_film_ends_as_the_film_does_and_keeps_every_line_of_the_ledger():
    net = mlp()
    x = av.ones(4, 2)
    with av.record() as tape:
        for _ in range(2):
            net(x).square().mean().backward()
    whole = film(tape)
    folding = Folding(whole)
    for fold in (True, 1, "modules", False):
        film_, _, ends = folding.folded(folding.chosen(fold))
        assert ends[-1] == len(whole.frames) - 1
        assert list(ends) == sorted(set(ends))
        told = [entry for frame in film_.frames for entry in (*frame.entries, frame.ledger) if entry]
        assert told == [frame.ledger for frame in whole.frames if frame.ledger]
        last, there = film_.last(), {element.id for element in film_.graph.elements}
        for id, change in whole.last().items():
            if id in there and id[0] != "f":
                assert last.get(id) == change
    assert len(folding.folded(folding.chosen(True)).film.frames) < len(whole.frames) / 2
    assert folding.folded(folding.chosen(False)).film.frames == whole.frames


def test_a_frame_appears_with_the_first_thing_in_it_also_in_a_film_that_can_be_folded():
    w = av.leaf(3.0)
    with av.record() as tape:
        loss = w * 2
        with av.no_grad():
            target = loss + 1
        (loss - target).backward()
    whole = film(tape)
    (region,) = whole.graph.regions
    folding = Folding(whole)
    frames = folding.folded(folding.chosen(False)).film.frames
    assert frames == whole.frames
    shown = [(frame.kind, frame.changes[region.id]["visible"]) for frame in frames if region.id in frame.changes]
    assert shown == [("start", False), ("skip", True)]


def test_inside_a_box_one_frame_tells_what_passes():
    net = mlp()
    x = av.ones(4, 2)
    with av.record() as tape:
        net(x).sum().backward()
    folding = Folding(film(tape))
    told = [frame.text for frame in folding.folded(folding.chosen(True)).film.frames if frame.node == "f1"]
    assert told == ["net: 5 operations compute.", "net: 5 operations pass the gradient on."]


def test_an_error_is_never_folded_away():
    w = av.leaf(1.0)
    with av.record() as tape, pytest.raises(RuntimeError):
        y = w * 1.0
        for number in range(40):
            y = y.sigmoid()
            if number == 20:
                with av.no_grad():
                    y.add_(1.0)
        y.backward()
    folding = Folding(film(tape))
    shown = folding.folded(folding.chosen()).film
    failed = {frame.node for frame in shown.frames if frame.kind == "error"}
    assert failed
    assert not any(id.startswith("f") for id in failed)


def test_repeats_are_found_wherever_they_begin():
    assert repeats_of([9, 1, 2, 1, 2, 1, 2, 1, 2, 9]) == [(1, 2, 4)]
    assert repeats_of([1, 2, 1, 2]) == []
    assert repeats_of([1] * 6 + [2, 3] * 5) == [(0, 1, 6), (6, 2, 5)]


def repeats_of(symbols):
    return repeats(np.array(symbols))


def test_fold_refuses_what_it_does_not_know():
    with pytest.raises(ValueError, match="no way to fold"):
        Folding(Film(graph(av.leaf(1.0) * 2), ())).chosen("everything")


def vast(length):
    w = av.leaf(0.5)
    y = w
    for _ in range(length // 4):
        y = (y * w + 1.0).sin() * 0.5
    return y


def test_a_vast_picture_shows_what_the_whole_one_folded_shows():
    y = vast(8000)
    shown = [folding.folded(folding.chosen()).film.graph for folding in (living(y), Folding(Film(graph(y), ())))]
    boxes = [[(e.label, e.value) for e in drawn.elements if e.role == "fold"] for drawn in shown]
    assert boxes[0] == boxes[1] == [("× 1998", "7992 op")]
    into = [sum(link.count for link in drawn.links if link.target == "f1") for drawn in shown]
    assert into[0] == into[1] == 1999
    assert [e.senders for e in shown[0].elements if e.role == "leaf"] == [2001]


def test_nothing_that_a_box_reads_is_out_of_reach():
    x = av.leaf(1.0)
    y = x
    for _ in range(10_000):
        y = y * 0.999
    drawn = av.show(y).reel.film.graph
    assert any(element.role == "fold" for element in drawn.elements)
    assert not any(part.ghost for part in (*drawn.elements, *drawn.links))
    assert [link.source for link in drawn.links if link.role == "store"] == ["g1"]


def test_the_time_of_a_vast_picture_grows_with_its_size_and_it_keeps_nothing_alive():
    took = []
    for length in (10_000, 40_000):
        y = vast(length)
        began = time.thread_time()
        drawn = living(y)
        picture = drawn.folded(drawn.chosen())
        took.append(time.thread_time() - began)
        assert len(picture.film.graph.elements) <= LARGE
        gone = weakref.ref(y)
        del y
        assert gone() is None
        assert drawn.folded(frozenset({"f1"})) is picture
    assert took[1] < 12 * took[0]
