"""Names, titles and values are data: whatever they are, they harm nothing that is made of them."""

import base64
import json
import xml.etree.ElementTree as ET

import pytest
from screening import check

import autovis as av
from autovis.viz import draw, layout, outline, render
from autovis.viz.layout.dot import source
from autovis.viz.reel import Reel
from autovis.viz.show import film, graph
from autovis.widgets.player import payload, player, still

NASTY = {
    "html": "<img src=x onerror=alert(1)>",
    "dot": '"];x[',
    "cdata": "]]>",
    "script": "</script><script>alert(1)</script>",
    "quotes": "'\"`\\",
    "line": "two\nlines\r\tand a tab",
    "emoji": "🙂👩‍👧",
    "right to left": "\u202eabc",
    "control": "\x00\x07\x1b[31m",
    "surrogate": "\ud800",
    "format": "{name} %s {0}",
    "long": "x" * 10_000,
    "chinese": "梯度",
    "empty": " ",
}

everything = pytest.mark.parametrize("name", NASTY.values(), ids=NASTY)


def tensors(name):
    """Return a tape and a result in which a leaf, a constant, a parameter and a result carry the name."""
    space = {name: av.leaf(2.0)}
    net = av.nn.Module()
    weight = av.nn.Parameter(av.tensor(3.0))
    try:
        net.register_parameter(name or "w", weight)
    except (KeyError, TypeError):  # what PyTorch refuses as the name of a parameter
        net.register_parameter("w", weight)
    space["net"] = net
    code = "y = leaf * weight + leaf.detach()\nwith record() as tape:\n    z = y * y\n    z.backward()\n"
    space |= {"leaf": space[name], "weight": weight, "record": av.record}
    del space["leaf"]
    exec(code, {"leaf": space[name], "weight": weight, "record": av.record}, space)
    return space["tape"], space["y"], space


@everything
def test_a_film_survives_every_name(name):
    tape, _, _ = tensors(name)
    shot = film(tape, title=name)
    check(shot)
    text = json.dumps(shot.to_json())
    assert json.loads(text)["version"] == 1
    assert all(ord(letter) >= 32 or letter == "\n" for letter in outline.film(shot))


@everything
def test_a_picture_survives_every_name(name):
    _, y, space = tensors(name)
    frame_names = {space[name].extras().key: name}
    from autovis.viz.snapshot import snapshot

    picture = snapshot([y], frame_names, {(y.grad_fn.number, 0): name}, title=name)
    sizes = draw.sizes(picture)
    placement = layout.place(picture, sizes)
    for theme in ("light", "css"):
        svg = draw.svg(picture, placement, theme=theme, title=name)
        tree = ET.fromstring(svg)
        assert not [each for each in tree.iter() if each.tag.endswith(("img", "script"))]
        assert not [key for each in tree.iter() for key in each.attrib if key.startswith("on")]
    dot = source(picture, sizes, "LR")
    assert name not in dot or name.isspace()
    assert len(outline.outline(picture)) < 20_000


@everything
def test_a_widget_survives_every_name(name):
    tape, y, _ = tensors(name)
    for view in (player(film(tape), title=name), still(graph(y), title=name)):
        data, _ = view._repr_mimebundle_()
        painted = base64.b64decode(data.get("image/png", ""))
        assert painted[:4] == (b"" if render.unwritable(name) else b"\x89PNG")
        assert len(data["text/plain"]) < 20_000
        assert view.to_html().encode().count(b"<script") == 3
        assert ET.fromstring(view.to_svg()).tag.endswith("svg")
        assert av.from_json(view.share()).film == view.film
    sent = json.dumps(payload(Reel.of(film(tape), name)))
    assert json.loads(sent)["title"] == name


@everything
def test_captions_stay_short(name):
    tape, _, _ = tensors(name)
    tape.names = dict.fromkeys(tape.names, name)
    tape.makers = dict.fromkeys(tape.makers, name)
    for frame in film(tape).frames:
        assert len(frame.text) <= 140
        assert "\n" not in frame.text


def test_a_long_name_is_kept_to_forty_letters():
    tape, _, _ = tensors("x" * 10_000)
    assert max(len(element.label) for element in film(tape).graph.elements) <= 42
