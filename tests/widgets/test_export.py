"""What films and pictures are saved as: sizes, what stands in the files, what comes back when they are read."""

import base64
import hashlib
import html
import io
import json
import re
import sys
import zlib
from contextlib import suppress
from dataclasses import fields, replace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageSequence

import autovis as av
from autovis.viz import archive, reel, strip, theme
from autovis.viz.scene import Element, Entry, Film, Frame, Graph, Link, Note, Region, Row, Tray
from autovis.widgets import export
from autovis.widgets.player import player, still

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def film(reference):
    return player(reference, title="first gradient")


def texts(svg):
    return ["".join(found.itertext()) for found in ET.fromstring(svg).iter(f"{SVG}text")]


def pictures(svg):
    return [found for found in ET.fromstring(svg).iter(f"{SVG}svg") if "autovis-picture" in found.get("class", "")]


# The page


def test_a_page_is_one_small_file_with_nothing_to_fetch(film):
    page = film.to_html()
    assert len(page.encode()) < 70_000
    assert set(re.findall(r"""(?:src|href|action)=["']?([^"'\s>]*)""", page)) == {"data:,"}
    assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)\S+", page) == []


def packed(page, name):
    """What lies packed in a page."""
    letters = re.search(rf'<script id="{name}" type="text/plain">([^<]*)</script>', page)[1]
    return zlib.decompress(base64.b64decode(letters)).decode()


def test_the_policy_of_a_page_allows_its_own_scripts_and_no_network(film):
    page = film.to_html()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    (first,) = re.findall(r'<script type="module">(.*?)</script>', page, re.DOTALL)
    digests = [
        base64.b64encode(hashlib.sha256(code.encode()).digest()).decode() for code in (first, packed(page, "code"))
    ]
    assert rules["script-src"].split() == [f"'sha256-{digest}'" for digest in digests]
    assert rules["default-src"] == "'none'"
    assert not {"connect-src", "frame-src", "font-src", "worker-src"} & rules.keys()


def test_a_page_can_be_read_without_scripts(film):
    page = film.to_html()
    assert "<title>first gradient</title>" in page
    assert html.unescape("\n".join(re.findall(r"<p>(.*)</p>(?=\n<p>|</div>)", page))) == film.outline()
    still_picture = re.search(r'<figure id="still">(.*?)</figure>', page, re.DOTALL)[1]
    p_grad, *_, sent = [text for text in texts(still_picture) if text in ("5", "2", "None")]
    assert (p_grad, sent) == ("5", "2")
    assert "" not in texts(still_picture)
    assert re.search(r"<noscript><p>\w.*</p></noscript>", page)


def test_a_page_says_its_language(film, monkeypatch):
    assert '<html lang="en">' in film.to_html()
    monkeypatch.setattr(export, "get_language", lambda: "ko")
    assert '<html lang="ko">' in film.to_html()


def test_the_film_in_a_page_is_the_one_that_the_widget_gets(film):
    assert json.loads(packed(film.to_html(), "data"))["film"] == film.film


@pytest.mark.parametrize(
    "name", ["</script><script>alert(1)</script>", "<!--", "$code ${style}", "a\x00b", '"><img src=x>']
)
def test_names_in_a_page_are_text(name):
    page = still(Graph((Element("t1", "leaf", name),), (), title=name)).to_html()
    assert len(re.findall(r"<script", page)) == 3
    assert "<img" not in page
    assert "\x00" not in page


def test_a_film_of_sixty_elements_fits_into_a_page():
    x = av.leaf(1.0)
    with av.record() as tape:
        y = x
        for _ in range(29):
            y = y * x
        y.backward()
    view = av.play(tape)
    assert len(view.film["items"]) == 60
    assert len(view.to_html().encode()) < 150_000


# Pictures


def test_a_film_as_svg_is_a_strip_of_at_most_six_frames(film):
    svg = film.to_svg()
    assert len(pictures(svg)) == 6
    assert "1 of 10 · backward() starts at y with the gradient 1." in texts(svg)
    assert "first gradient" in texts(svg)
    assert len(svg) < 90_000


def kinds(film, most=6):
    return [film.frames[number].kind for number in strip.key_frames(film.frames, most)]


def test_a_strip_shows_what_a_film_is_about(reference):
    assert kinds(reference) == ["start", "seed", "send", "fan_in", "accumulate", "accumulate"]
    assert kinds(reference, 2) == ["start", "accumulate"]
    error = replace(reference, frames=(*reference.frames[:5], Frame("error", text="Error"), Frame("send")))
    assert "error" in kinds(error, 3)
    (sum_,) = [number for number in strip.key_frames(reference.frames) if reference.frames[number].kind == "fan_in"]
    assert reference.frames[sum_].tray.came == reference.frames[sum_].tray.of


def test_short_films_are_shown_whole():
    assert strip.key_frames([Frame("start")]) == [0]
    assert strip.key_frames([Frame("start"), Frame("local")]) == [0, 1]


def test_a_frame_shows_its_moment_and_its_sentence(film):
    before, after = film.to_svg(frame=8), film.to_svg(frame=9)
    assert "9 of 10 · 5 is added to p.grad: None + 5 = 5." in texts(after)
    assert len(pictures(after)) == 1
    assert [texts(svg).count("None") for svg in (before, after)] == [2, 1]


@pytest.mark.parametrize("look", ["light", "dark"])
def test_colours_are_those_of_the_theme(film, look):
    page = theme.colours(look)["--autovis-page"]
    image = Image.open(io.BytesIO(film.to_png(theme=look, frame=3))).convert("RGB")
    assert "#{:02X}{:02X}{:02X}".format(*image.getpixel((0, 0))) == page
    assert page in film.to_svg(theme=look)


def test_a_picture_without_a_number_is_what_the_notebook_shows(film):
    shown = film._repr_mimebundle_()[0]["image/png"]
    assert base64.b64decode(shown) == film.to_png(scale=1)
    assert len(film.to_png()) < 30_000


@pytest.mark.parametrize("frame", [-1, 11])
@pytest.mark.parametrize("way", ["to_png", "to_svg"])
def test_a_frame_that_does_not_exist_is_named(film, way, frame):
    with pytest.raises(ValueError, match=rf"There is no frame {frame}: this film has the frames 0 to 10\."):
        getattr(film, way)(frame=frame)


def test_an_image_that_would_fill_the_memory_is_refused(film):
    with pytest.raises(ValueError, match="ask for a smaller scale"):
        film.to_png(scale=1000)


def test_a_still_picture_is_saved_as_itself(reference):
    view = still(reference.graph)
    assert len(pictures(view.to_svg())) == 1
    assert view.outline() == av.outline(reference.graph)
    assert view.to_png().startswith(b"\x89PNG")
    with pytest.raises(ValueError, match=r"A picture does not move: .*to_png\(\)"):
        view.to_gif()


def test_long_captions_are_broken_and_not_cut():
    words = "one two three " * 12
    (shot,) = [strip.Shot("<svg >", (300, 100), words)]
    assert "".join(strip.told(shot)).replace(" ", "") == words.replace(" ", "")
    assert max(map(len, strip.told(shot))) <= 36
    assert len(strip.wrapped("梯度" * 40, 300)) > 4


# The animation


def test_a_gif_holds_every_frame_loops_and_gives_time_to_read(film):
    data = film.to_gif()
    image = Image.open(io.BytesIO(data))
    assert image.n_frames == 11
    assert image.info["loop"] == 0
    stays = [frame.info["duration"] for frame in ImageSequence.Iterator(image)]
    captions = [len(frame.text) for frame in film.reel.film.frames]
    assert sorted(range(10), key=stays.__getitem__) == sorted(range(10), key=captions.__getitem__)
    assert min(stays) > 1000
    assert len(data) < 100_000


def test_the_frames_of_a_gif_are_those_of_the_film(film):
    image = Image.open(io.BytesIO(film.to_gif(frames=[9, 3])))
    assert image.n_frames == 2
    for number, frame in zip([9, 3], ImageSequence.Iterator(image), strict=True):
        drawn = Image.open(io.BytesIO(film.to_png(frame=number, scale=1))).convert("RGB")
        assert frame.width == drawn.width
        box = (0, 0, drawn.width, film.reel.placement.height)
        far = sum(
            abs(a - b) > 40
            for a, b in zip(*(one.crop(box).convert("L").tobytes() for one in (frame, drawn)), strict=True)
        )
        assert far < 20


def test_too_many_frames_for_a_gif_are_refused_with_a_cure(reference):
    frames = (*reference.frames, *[Frame("send", text="again")] * reel.LONGEST_GIF)
    long = player(replace(reference, frames=frames))
    with pytest.raises(ValueError, match=r"not 161: choose some, as in to_gif\(frames=range\(150\)\)"):
        long.to_gif()
    with pytest.raises(ValueError, match="1 to 150 frames, not 0"):
        long.to_gif(frames=[])


def test_what_paints_may_be_missing(film, monkeypatch):
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(ImportError, match="pip install resvg-py pillow"):
        film.to_png()
    assert set(film._repr_mimebundle_()[0]) == {"application/vnd.jupyter.widget-view+json", "text/plain"}
    assert film.to_html()
    assert film.to_svg()


# Every view


def test_what_is_hidden_at_first_is_hidden_in_what_is_saved():
    x = av.leaf(2.0)
    with av.record() as tape:
        (x * x).backward()
    bare, whole = av.play(tape, hide="saved"), av.play(tape)
    assert "freed" in whole.outline()
    assert "freed" not in bare.outline()
    assert bare.to_png() != whole.to_png()
    assert bare.to_gif(frames=[3]) == whole.to_gif(frames=[3])
    assert bare.to_json() == whole.to_json()


def test_a_picture_can_leave_out_layers_too():
    x = av.leaf(2.0)
    y = x * x
    bare, whole = av.show(y, hide=("saved", "values")), av.show(y)
    assert "saved x: held" in whole.outline()
    assert "saved" not in bare.outline()
    assert bare.to_png() != whole.to_png()
    assert bare.film["start"]["hide"] == ["values", "saved"]
    with pytest.raises(ValueError, match="There is no layer 'tokens'"):
        av.show(y, hide="tokens")


def test_what_is_folded_is_saved_whole_and_shown_folded():
    x = y = av.leaf(1.0)
    with av.record() as tape:
        for _ in range(80):
            y = y * x
        y.backward()
    view = av.play(tape)
    again = av.from_json(view.share())
    assert archive.read(view.to_json()) == av.film(tape, "film")
    assert again.film == view.film
    assert len(view.film["items"]) < 20
    assert len(view.to_html().encode()) < 100_000


def test_a_film_as_plain_data_can_be_played():
    x = av.leaf(2.0)
    with av.record() as tape:
        (x * x).backward()
    film = av.film(tape, "square")
    assert av.play(film).reel.film == film
    assert av.play(film).film["title"] == "square"
    assert av.play(film, "twice").film["title"] == "twice"


def test_what_one_can_play_with_is_saved_as_its_film():
    p = av.leaf(1.0)
    lab = av.order_lab((p + 2) * (p + 1))
    page = lab.to_html()
    assert json.loads(packed(page, "data"))["film"] == lab.film["films"][lab.naive]
    assert html.escape(lab.outline().split("\n")[1]) in page
    explorer = av.explore("p = av.leaf(1.0)\n(p * p).backward()")
    assert json.loads(packed(explorer.to_html(), "data"))["film"]["frames"]


# Files


WAYS = ["to_html", "to_png", "to_svg", "to_gif", "to_json"]


@pytest.mark.parametrize("way", WAYS)
def test_what_is_returned_is_what_is_written(film, tmp_path, way):
    made = getattr(film, way)(tmp_path / "film")
    assert (tmp_path / "film").read_bytes() == (made if isinstance(made, bytes) else made.encode())
    assert [file.name for file in tmp_path.iterdir()] == ["film"]


def test_a_folder_is_no_file(film, tmp_path):
    with pytest.raises(IsADirectoryError, match="is a folder; say the name of a file in it"):
        film.to_html(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"There is no folder .*/new; make it first"):
        film.to_html(tmp_path / "new" / "film.html")


def test_what_fails_leaves_the_old_file_and_no_other(tmp_path, monkeypatch):
    (tmp_path / "film").write_text("old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(tmp_path), "replace", full)
    with pytest.raises(OSError, match="No space"):
        export.saved("new", tmp_path / "film")
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {"film": "old"}


def test_a_file_behind_a_link_is_written(tmp_path):
    (tmp_path / "there").write_text("old")
    (tmp_path / "link").symlink_to("there")
    export.saved("new", tmp_path / "link")
    assert (tmp_path / "there").read_text() == "new"


# JSON


WORDS = st.text(max_size=12)
ELEMENTS, LINKS = [f"t{number}" for number in range(5)], [f"e{number}" for number in range(4)]
SOME = st.sampled_from(["", *ELEMENTS])


def records(record, **given_fields):
    """Records of a class with any texts and numbers in the fields that are not given."""
    simple = {
        "str": WORDS,
        "int": st.integers(-9, 10**20),
        "bool": st.booleans(),
        "tuple[str, ...]": st.lists(WORDS).map(tuple),
    }
    return st.builds(
        record, **{field.name: simple[field.type] for field in fields(record) if field.type in simple} | given_fields
    )


ELEMENT = records(
    Element,
    role=st.sampled_from(sorted(theme.ROLES)),
    saved=st.sampled_from(["", *theme.SAVED]),
    notes=st.lists(records(Note), max_size=2).map(tuple),
)
LINK = records(
    Link, role=st.sampled_from(sorted(theme.LINKS)), source=st.sampled_from(ELEMENTS), target=st.sampled_from(ELEMENTS)
)
REGION = records(
    Region, role=st.sampled_from(sorted(theme.REGIONS)), members=st.lists(st.sampled_from(ELEMENTS)).map(tuple)
)
CHANGE = st.fixed_dictionaries(
    {}, optional={"visible": st.booleans(), "value": WORDS, "token": WORDS, "version": st.integers(0, 9)}
)
FRAME = records(
    Frame,
    node=SOME,
    links=st.lists(st.sampled_from(LINKS)).map(tuple),
    args=st.dictionaries(WORDS, WORDS, max_size=2),
    rows=st.lists(records(Row), max_size=2).map(tuple),
    tray=st.none() | records(Tray),
    ledger=st.none() | records(Entry),
    line=st.none() | st.tuples(st.integers(1, 9), st.integers(1, 9)),
    changes=st.dictionaries(st.sampled_from([*ELEMENTS, *LINKS]), CHANGE, max_size=3),
)


@st.composite
def films(draw):
    """Any film that is consistent in itself."""
    elements = tuple(replace(draw(ELEMENT), id=id) for id in ELEMENTS)
    links = tuple(replace(draw(LINK), id=id) for id in LINKS)
    regions = tuple(replace(region, id=f"r{at}") for at, region in enumerate(draw(st.lists(REGION, max_size=2))))
    graph = Graph(elements, links, regions, draw(WORDS))
    return Film(graph, draw(st.lists(FRAME, max_size=3).map(tuple)), draw(st.lists(WORDS, max_size=3).map(tuple)))


@given(films())
def test_any_film_comes_back_as_it_was(film):
    text = archive.write(film)
    assert archive.read(text) == film
    assert archive.read(text.encode()) == film
    assert archive.read(archive.pack(text)) == film


class OpenedError(Exception):
    """It was a film after all."""


@given(films(), st.data())
def test_a_damaged_film_is_refused_or_another_film_and_nothing_else(film, data):
    text = archive.write(film)
    told = data.draw(st.sampled_from([text, archive.pack(text)]))
    at, letter = data.draw(st.integers(0, len(told) - 1)), data.draw(st.characters(codec="utf-8"))
    said = re.escape("This is not a film that autovis can open: ")
    with suppress(OpenedError), pytest.raises(ValueError, match=said):
        raise OpenedError(archive.read(told[:at] + letter + told[at + 1 :]))


@pytest.mark.parametrize("made", ["film", "still"])
def test_what_is_read_back_plays_the_same(film, made, tmp_path):
    view = film if made == "film" else still(film.reel.film.graph, "first gradient")
    view.to_json(tmp_path / "film.json")
    for text in (
        view.to_json(),
        view.to_json().encode(),
        view.share(),
        tmp_path / "film.json",
        str(tmp_path / "film.json"),
    ):
        again = av.from_json(text)
        assert type(again).__name__ == type(view).__name__
        assert again.film == view.film


def test_a_recorded_program_comes_back_as_it_was():
    x = av.leaf(2.0)
    with av.record() as tape:
        y = (x * x).detach() * x
        with av.no_grad():
            x.add_(1)
        with pytest.raises(RuntimeError):
            y.backward()
            y.backward()
    shot = av.film(tape)
    assert archive.read(archive.write(shot)) == shot
    assert archive.read(archive.pack(archive.write(shot))) == shot


def test_a_share_string_survives_links_and_mails(film):
    assert re.fullmatch(r"autovis1\.[\w-]+", film.share(), re.ASCII)
    assert len(film.share()) < 3000
    wrapped = "\r\n".join(re.findall(".{1,70}", film.share()))
    assert av.from_json(f"  {wrapped}\n").film == film.film


def changed(path, value):
    """The reference film as JSON with one thing changed; `path` leads there."""

    def change(text):
        data = json.loads(text)
        *way, last = path
        place = data
        for step in way:
            place = place[step]
        if value is None:
            del place[last]
        else:
            place[last] = value
        return json.dumps(data)

    return change


DAMAGED = {
    "nothing": (lambda _: "", "it is not JSON"),
    "another file": (lambda _: "<html>", "it is not JSON"),
    "other JSON": (lambda _: "[1, 2]", 'it does not say "format": "autovis film"'),
    "bytes": (lambda _: b"\xff\xfe\x00", "it is not text in UTF-8"),
    "a part": (lambda text: text[:-9], "it is not JSON"),
    "depth": (lambda _: "[" * 200_000, "it is nested too deeply"),
    "no version": (changed(["version"], None), "its version is null"),
    "version 0": (changed(["version"], 0), "its version is 0"),
    "a newer version": (
        changed(["version"], 2),
        "reads versions up to 1. Update autovis: pip install --upgrade autovis.",
    ),
    "a newer field": (
        changed(["graph", "elements", 0, "colour"], "red"),
        'film.graph.elements[0] has a field "colour" that this autovis does not know. Update',
    ),
    "no graph": (changed(["graph"], None), "film has no field 'graph'"),
    "no label": (changed(["graph", "elements", 0, "label"], None), "film.graph.elements[0] has no field 'label'"),
    "another type": (
        changed(["graph", "links", 0, "slot"], "1"),
        'film.graph.links[0].slot is "1", not a whole number',
    ),
    "truth for a number": (
        changed(["graph", "links", 0, "slot"], True),
        "film.graph.links[0].slot is true, not a whole number",
    ),
    "not a number": (changed(["graph", "links", 0, "slot"], float("nan")), "film.graph.links[0].slot is NaN"),
    "one line": (changed(["frames", 1, "line"], [1]), "film.frames[1].line has 1 parts, not 2"),
    "text for a table": (changed(["frames", 6, "tray"], "t1"), 'film.frames[6].tray is "t1", not a table of fields'),
    "another role": (
        changed(["graph", "elements", 0, "role"], "leef"),
        'the role of element t1 is "leef", which does not exist',
    ),
    "a role to come": (changed(["frames", 1, "changes", "t1"], {"role": "leef"}), 'frame 1, t1: the role is "leef"'),
    "a change of no use": (changed(["frames", 1, "changes", "t1"], {"visible": 1}), "frame 1, t1: visible becomes 1"),
    "a link to nowhere": (
        changed(["graph", "links", 0, "source"], "t99"),
        'an end of link e1 is "t99", which does not exist',
    ),
    "a frame about nothing": (changed(["frames", 1, "node"], "t99"), 'what frame 1 is about is "t99"'),
    "the same twice": (changed(["graph", "links", 0, "id"], "t1"), "two things in it have the same id"),
    "the end of a string": (lambda text: archive.pack(text)[:-4], "the end of the string is missing"),
    "the start of a string": (lambda text: "autovis1." + archive.pack(text)[30:], "the string is damaged"),
    "letters": (lambda _: "autovis1.@@@@", "the string is damaged"),
    "an empty string": (lambda _: "autovis1.", "the end of the string is missing"),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_what_is_damaged_is_refused_and_the_cure_is_named(reference, case):
    damage, sentence = DAMAGED[case]
    with pytest.raises(ValueError) as refused:
        av.from_json(damage(archive.write(reference)))
    assert sentence in str(refused.value)
    assert str(refused.value).endswith(
        ("Save it again with to_json(), and pass on all of the text.", "--upgrade autovis.")
    )


def test_a_bomb_is_not_unpacked():
    bomb = archive.SHARED + base64.urlsafe_b64encode(zlib.compress(b"[" * 10 * archive.LARGEST, 9)).decode()
    assert len(bomb) < 500_000
    with pytest.raises(ValueError, match="more than 32,000,000 characters"):
        av.from_json(bomb)
    with pytest.raises(ValueError, match="more than 32,000,000 characters"):
        av.from_json(" " * 3 + "[" + " " * archive.LARGEST + "]")


def fits(data, shape):
    """Say whether data is as a JSON Schema says; for the words that `archive.schema` uses."""
    if "const" in shape:
        return data == shape["const"]
    if "anyOf" in shape:
        return any(fits(data, choice) for choice in shape["anyOf"])
    if archive.NAMES[type(data)] != shape["type"]:
        return False
    if isinstance(data, list):
        size = shape.get("minItems", 0) <= len(data) <= shape.get("maxItems", len(data))
        return size and all(fits(part, shape["items"]) for part in data)
    if isinstance(data, dict):
        known, others = shape.get("properties", {}), shape["additionalProperties"]
        return set(shape.get("required", ())) <= data.keys() and all(
            fits(part, known[name]) if name in known else others and fits(part, others) for name, part in data.items()
        )
    return True


def test_the_schema_describes_what_is_written(reference):
    shape = archive.schema()
    assert fits(reference.to_json() | json.loads(archive.write(reference)), shape)
    for case in (
        "no graph",
        "no label",
        "another type",
        "one line",
        "text for a table",
        "a newer version",
        "a newer field",
    ):
        assert not fits(json.loads(DAMAGED[case][0](archive.write(reference))), shape), case
