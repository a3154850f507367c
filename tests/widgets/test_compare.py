"""`compare`: what it takes, what it sends, what a viewer without widgets sees."""

import base64
import json
import re

import pytest

import autovis as av
from autovis.viz.pair import COMPARED
from autovis.widgets.page import joined


def run(factor):
    w = av.leaf(3.0)
    with av.record() as tape:
        y = w * factor
        y.backward()
    return tape, y


def test_two_tapes_are_called_as_the_variables_are():
    once, twice = run(1.0)[0], run(2.0)[0]
    both = av.compare(once, twice)
    assert both.film["title"] == "once beside twice"
    assert [side["title"] for side in both.film["pair"]] == ["once", "twice"]
    assert repr(both) == f"<Comparison 'once beside twice': {len(both.film['steps'])} steps>"
    assert json.loads(json.dumps(both.film)) == both.film


def test_names_can_be_given():
    both = av.compare(run(1.0)[0], run(2.0)[0], names=("attached", "detached"))
    assert both.film["title"] == "attached beside detached"
    assert av.compare(run(1.0)[0], run(2.0)[0]).film["title"] == "A beside B"


def test_two_tensors_are_compared_as_they_are():
    first, second = run(1.0)[1], run(2.0)[1]
    both = av.compare(first, second)
    assert both.film["steps"] == []
    assert both.film["title"] == "first beside second"
    assert len(both.film["same"]) > 4


def test_what_a_viewer_without_widgets_gets():
    both = av.compare(run(1.0)[0], run(2.0)[0])
    data, _ = both._repr_mimebundle_()
    assert "leaf w, .grad: 1 | 2" in data["text/plain"].splitlines()
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert both.outline() == data["text/plain"]


def test_hidden_layers_are_left_out_of_the_picture_and_the_text():
    full, bare = (av.compare(run(1.0)[0], run(2.0)[0], hide=hide) for hide in ((), "saved"))
    assert "saved" in full.shown.end()
    assert "saved" not in bare.shown.end()
    assert "7 steps" in full.outline()
    assert "6 steps" in bare.outline()  # nothing is freed
    assert bare.film["steps"] == full.film["steps"]


def test_both_pictures_lie_on_paper():
    drawn = av.compare(run(1.0)[0], run(2.0)[0]).shown.end("light")
    corner, *_ = drawn.partition("<text")
    assert '<rect class="card"' in corner


def test_modules_can_be_folded_and_layers_left_out():
    def trained(frozen):
        net = av.nn.Sequential(av.nn.Linear(2, 2), av.nn.ReLU(), av.nn.Linear(2, 1)).requires_grad_(not frozen)
        x = av.ones(1, 2, requires_grad=True)
        with av.record() as tape:
            loss = net(x).sum()
            loss.backward()
        return tape

    both = av.compare(trained(True), trained(False), fold=True, hide="shapes")
    told = both._repr_mimebundle_()[0]["text/plain"].splitlines()
    assert "folded frozen net, role: frozen-fold | fold" in told
    assert "folded frozen net, .grad: - | 4 of 4" in told
    assert [element.shape for element in both.shown.reels[0].film.graph.elements if element.label == "net"] == [""]
    assert [element.shape for element in both.pair.reels[0].film.graph.elements if element.label == "net"] == [
        "Sequential"
    ]
    with pytest.raises(ValueError, match="no way to fold"):
        av.compare(trained(True), trained(False), fold="everything")


def test_what_fits_on_a_page_stands_side_by_side_and_what_is_wider_one_below_the_other():
    net1, net2, net3 = (av.nn.Linear(9, 9) for _ in range(3))
    x = av.ones(8, 9)
    with av.record() as small:
        net3(net2(net1(x))).sum().backward()
    for pair, beside in ((av.compare(small, small, fold=True).pair, True), (av.compare(small, small).pair, False)):
        wide, high = (float(re.search(rf'{name}="([\d.]+)"', pair.end())[1]) for name in ("width", "height"))
        one = pair.reels[0].placement
        assert (wide >= 2 * one.width, high > 2 * one.height) == (beside, not beside)
        assert '<rect class="card"' in pair.end()[:300]


def test_a_comparison_is_a_page_too(tmp_path):
    page = av.compare(run(1.0)[0], run(2.0)[0]).to_html(tmp_path / "pair.html")
    assert page == (tmp_path / "pair.html").read_text("utf-8")
    assert len(page) < 150_000


def test_a_tape_is_not_compared_with_a_tensor():
    tape, y = run(1.0)
    with pytest.raises(TypeError, match="two tapes can be compared, or two tensors, but not a tape with a tensor"):
        av.compare(tape, y)
    with pytest.raises(ValueError, match="There is no layer 'tokens'"):
        av.compare(tape, tape, hide="tokens")


def test_the_browser_compares_the_same_parts():
    assert json.dumps(list(COMPARED)) in joined("comparison.js")
