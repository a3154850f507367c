"""The outline says in words everything that the picture shows by shape."""

import re

import pytest
import samples

from autovis.viz import outline
from autovis.viz.scene import Element, Entry, Film, Frame, Graph, Link


def test_the_graph_of_lesson_02():
    assert outline.outline(samples.lesson02()).splitlines() == [
        "graph of y: 6 values, 3 operations",
        "1 leaf   p = 1   used by s, t   sum of 2 gradients   .grad None",
        "2 leaf   q = 2   used by s   .grad None",
        "3 mid    s = p + q = 3   used by y",
        "4 const  1   used by t",
        "5 mid    t = p + 1 = 2   used by y",
        "6 mid    y = s × t = 6   saved s, t: held",
    ]


def test_a_cut_and_what_lies_above_it_are_said_in_words():
    assert outline.outline(samples.detached()).splitlines() == [
        "graph of y: 6 values, 2 operations",
        "1 leaf   w = 2   used by h   .grad None   ghost: out of reach of any gradient",
        "2 const  x = 3   used by h   ghost: out of reach of any gradient",
        "3 mid    h = w × x = 6   cut by detach   ghost: out of reach of any gradient",
        "4 cut    detach: the history of h ends here",
        "5 const  d = detach(h) = 6   used by y   shares storage",
        "6 leaf   v = 4   used by y   .grad None",
        "7 mid    y = d × v = 24   saved d: held",
    ]


def test_a_region_without_recording_and_a_use_without_gradient_are_said_in_words():
    assert outline.outline(samples.unrecorded()).splitlines() == [
        "graph of loss: 5 values, 3 operations",
        "1 leaf   w = 3   used by target (no gradient), e   .grad None",
        "2 const  x = 2   used by target",
        "3 const  target = w × x = 6   used by loss   inside no_grad",
        "4 mid    e = exp(w) = 20.0855   used by loss   saved result: held",
        "5 mid    loss = e - target = 14.0855",
    ]


def test_frozen_parameters_kept_gradients_shapes_and_hooks_are_said_in_words():
    lines = outline.outline(samples.frozen_net()).splitlines()
    assert lines[2] == "2 frozen    body.weight (5, 3)   used by h"
    assert lines[6] == "6 param     head.bias (2)   used by logits   .grad None   hook"
    assert lines[7].startswith("7 mid kept  logits (4, 2) = linear(h, head.weight, head.bias)   used by loss")


def test_an_error_stale_values_and_versions_are_said_in_words():
    assert outline.outline(samples.failed()).splitlines()[1:] == [
        "1 leaf   x = 3   used by #2   .grad 6",
        "2 error  x × x   used by y   saved x, x: freed",
        "3 mid    y = from #2 = 9   used by z",
        "4 mid    z = sin(y) = 0.4121   used by out   saved y v1: stale   version 1",
        "5 mid    out = exp(z) = 1.51   saved result: kept",
    ]


def test_a_value_without_a_name_is_called_by_its_line():
    elements = (
        Element("t1", "leaf", "x", "2"),
        Element("o2", "op", "-"),
        Element("t3", "mid", "", "-2"),
        Element("o4", "op", "exp"),
        Element("t5", "mid", "y", "0.1353"),
    )
    graph = Graph(elements, samples.links("t1 o2", "o2 t3", "t3 o4", "o4 t5"))
    assert outline.outline(graph).splitlines() == [
        "graph: 3 values, 2 operations",
        "1 leaf  x = 2   used by #2",
        "2 mid   #2 = -x = -2   used by y",
        "3 mid   y = exp(#2) = 0.1353",
    ]


def test_inputs_are_named_in_their_order_however_the_links_are_listed():
    elements = (
        Element("t1", "leaf", "a"),
        Element("t2", "leaf", "b"),
        Element("o3", "op", "-"),
        Element("t4", "mid", "y"),
    )
    links = (Link("e1", "t2", "o3", slot=1), Link("e2", "t1", "o3", slot=0), Link("e3", "o3", "t4"))
    assert "y = a - b" in outline.outline(Graph(elements, links))


def test_operations_that_feed_each_other_have_lines_of_their_own():
    text = outline.outline(samples.perceptron(1, 1))
    assert "3 op     w00 × x0   used by #4   saved x0: held" in text
    assert "4 op     +#3   used by h0" in text


@pytest.mark.parametrize("text", samples.HOSTILE)
def test_a_text_stays_on_its_line(text):
    lines = outline.outline(samples.hostile(text + "\n")).splitlines()
    assert len(lines) == 3


@pytest.mark.parametrize("name", samples.GRAPHS)
def test_nothing_in_it_depends_on_the_machine(name):
    text = outline.outline(samples.GRAPHS[name]())
    assert text == outline.outline(samples.GRAPHS[name]())
    assert re.search(r"0x[0-9a-f]{4}| [ \t]*$", text, re.MULTILINE) is None


def test_the_reference_film():
    rows = "   to s: d(s·t)/ds = t = 2, 1 × 2 = 2   to t: d(s·t)/dt = s = 3, 1 × 3 = 3"
    assert outline.film(samples.reference()).splitlines() == [
        "film of 10 steps, 1 backward call",
        " 0 start       The graph of y, before anything moves back.",
        " 1 seed        Start at y with the gradient 1.",
        " 2 local       At × the gradient 1 arrives; the local derivatives are t and s." + rows,
        " 3 send        2 goes to s, 3 goes to t.",
        " 4 free        × gives back s and t.",
        " 5 send        3 goes to p; the constant 1 gets nothing.   to p: d(p+1)/dp = 1, 3 × 1 = 3",
        " 6 fan_in      p holds 3 and waits for 1 more.   tray of p: 0 + 3 = 3, 1 of 2",
        " 7 send        2 goes to p, 2 goes to q.   to p: d(p+q)/dp = 1, 2 × 1 = 2   to q: d(p+q)/dq = 1, 2 × 1 = 2",
        " 8 fan_in      p adds up 3 + 2 = 5; all have arrived.   tray of p: 3 + 2 = 5, 2 of 2",
        " 9 accumulate  5 is added to p.grad.   ledger of p: None + 5 = 5",
        "10 accumulate  2 is added to q.grad.   ledger of q: None + 2 = 2",
    ]


def test_a_long_film_is_told_at_both_ends():
    frames = tuple(Frame("forward", text=f"step {number}") for number in range(75))
    lines = outline.film(Film(Graph((), ()), frames)).splitlines()
    assert lines[0] == "film of 75 steps, no backward call"
    assert lines[40:43] == ["40 forward  step 39", "... 30 more", "71 forward  step 70"]
    assert lines[-1] == "75 forward  step 74"
    assert len(lines) == 1 + 40 + 1 + 5


def test_sixty_frames_are_told_in_full():
    frames = tuple(Frame("forward", call=2, text="step") for _ in range(60))
    lines = outline.film(Film(Graph((), ()), frames)).splitlines()
    assert lines[0] == "film of 60 steps, 2 backward calls"
    assert len(lines) == 61


@pytest.mark.parametrize(
    ("event", "new", "text"), [("zero", "0", "5 filled with zeros"), ("none", "None", "5 set to None")]
)
def test_the_ledger_tells_clearing_from_adding(event, new, text):
    frame = Frame("clear", ledger=Entry("t1", "w", event, "5", "", new))
    assert outline.film(Film(Graph((), ()), (frame,))).splitlines()[1] == f"1 clear  ledger of w: {text}"
