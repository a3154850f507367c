"""Two films in step: what is the same has the same name, frames that tell the same meet, and differences are said."""

import autovis as av
from autovis.viz.pair import GAP, Pair, aligned, identities
from autovis.viz.scene import Element, Film, Graph, Link


def filmed(*, cut):
    p, q = av.leaf(1.0), av.leaf(2.0)
    with av.record() as tape:
        s = p + q
        if cut:
            s = s.detach()
        y = s * p
        y.backward()
    return av.film(tape)


def pair(*, cut):
    return Pair.of((filmed(cut=False), filmed(cut=cut)), ("whole", "cut"))


def test_two_runs_of_one_program_go_in_step_and_do_not_differ():
    same = pair(cut=False)
    assert same.steps == tuple((i, i) for i in range(len(same.reels[0].film.frames)))
    assert len(same.same) == len(same.reels[0].film.graph.elements) + len(same.reels[0].film.graph.links)
    assert same.outline.splitlines()[-1] == "Nothing differs."


def test_where_one_has_no_counterpart_the_other_waits():
    other = pair(cut=True)
    kinds = [
        [reel.film.frames[i].kind for i in side if i != GAP]
        for reel, side in zip(other.reels, zip(*other.steps, strict=True), strict=True)
    ]
    assert [len(kinds[0]), len(kinds[1])] == [len(reel.film.frames) for reel in other.reels]
    met = [(a, b) for a, b in other.steps if GAP not in (a, b)]
    assert met == sorted(met)
    assert {other.reels[0].film.frames[a].kind for a, _ in met} >= {"start", "forward", "seed"}
    alone = [other.reels[1].film.frames[b].kind for a, b in other.steps if a == GAP]
    assert "cut" in alone


def test_what_differs_is_said_by_name():
    lines = pair(cut=True).outline.splitlines()
    assert lines[0] == "whole beside cut"
    assert "leaf p, .grad: 4 | 3" in lines
    assert "leaf q, .grad: 1 | None" in lines
    assert "only in cut: cut detach" in lines
    assert not [line for line in lines if "leaf p, value" in line]


def graph(*labels):
    values = tuple(Element(f"t{i}", "mid", label) for i, label in enumerate(labels))
    return Graph((*values, Element("o9", "op", "+")), (Link("e1", "t0", "o9"), Link("e2", "o9", "t1")))


def test_a_name_that_is_bound_again_is_the_same_name():
    first, second = identities(graph("s", "y"), {"s₁", "y"}), identities(graph("s₁", "y"), {"s", "y"})
    assert first == second


def test_results_of_different_names_are_results():
    first, second = identities(graph("s", "loss"), {"s", "y"}), identities(graph("s", "y"), {"s", "loss"})
    assert first == second
    assert identities(graph("s", "s"))["t0"] != identities(graph("s", "s"))["t1"]


def test_pictures_without_frames_have_no_steps():
    two = Pair.of((Film(graph("s", "y"), ()), Film(graph("s", "y"), ())), ("A", "B"))
    assert two.steps == ()
    assert two.outline.splitlines() == ["A beside B", "Nothing differs."]
    assert two.end("light").count("<svg") == 3


def test_an_unpaired_run_comes_before_the_other():
    assert list(aligned("abx", "acx")) == [(0, 0), (1, GAP), (GAP, 1), (2, 2)]
