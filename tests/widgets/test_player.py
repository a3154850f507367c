"""The player in Python: what travels to the browser, what a viewer without widgets gets, and what a film may hide."""

import base64
import json
import re
import zlib
from collections import Counter
from dataclasses import replace

import pytest
from traitlets import TraitError

from autovis.language import table
from autovis.viz import outline, render
from autovis.viz.scene import Element, Film, Frame, Graph
from autovis.widgets.layers import DETAILS, LAYERS, Start, start, without
from autovis.widgets.page import STATIC, Shared, code, compact, deflated, joined, modules, style
from autovis.widgets.player import Player, legend, player, still

ENTRIES = (
    "player.js",
    "explorer.js",
    "order.js",
    "opened.js",
    "comparison.js",
    "compared.js",
    "page.js",
    "poll.js",
    "present.js",
    "presented.js",
)


def test_the_whole_film_goes_over_once(reference):
    film = player(reference).film
    assert len(film["frames"]) == 11
    assert film["frames"][3]["changes"] == {"e9": {"token": ""}, "e7": {"token": "2"}, "e8": {"token": "3"}}
    assert film["source"][5] == "y.backward()"
    assert json.loads(json.dumps(film)) == film


def test_the_browser_is_not_sent_what_it_does_not_read(reference):
    assert not {"caption", "args"} & {key for frame in player(reference).film["frames"] for key in frame}


def test_the_title_is_the_graph_s_unless_one_is_given(reference):
    assert player(reference).film["title"] == "y"
    assert player(reference, title="first gradient").film["title"] == "first gradient"


def test_the_playhead_can_be_set_from_python(reference):
    film = player(reference)
    film.frame = 10
    assert film.frame == 10


@pytest.mark.parametrize("frame", [-1, 11])
def test_a_frame_that_does_not_exist_is_refused(reference, frame):
    film = player(reference)
    with pytest.raises(TraitError, match=rf"There is no frame {frame}: this film has the frames 0 to 10\."):
        film.frame = frame
    assert film.frame == 0


def test_the_repr_is_short_and_without_an_address(reference):
    film = player(reference)
    film.frame = 3
    assert repr(film).startswith("<Player 'y': frame 3 of 10")
    assert repr(still(reference.graph)).startswith("<Still 'y': 11 elements")


def test_the_bundle_holds_the_widget_a_picture_and_the_outline(reference):
    film = player(reference)
    data, _ = film._repr_mimebundle_()
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == film.model_id
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert data["text/plain"] == outline.film(reference)
    assert set(data) == {"application/vnd.jupyter.widget-view+json", "image/png", "text/plain"}


def test_two_players_of_one_film_say_the_same(reference):
    first, second = (player(reference)._repr_mimebundle_()[0] for _ in range(2))
    assert first["text/plain"] == second["text/plain"]
    assert first["image/png"] == second["image/png"]


def test_without_a_png_the_widget_is_still_shown(reference, monkeypatch):
    def not_installed(*_, **__):
        raise ImportError("resvg_py")

    monkeypatch.setattr(render, "png", not_installed)
    data, _ = player(reference)._repr_mimebundle_()
    assert set(data) == {"application/vnd.jupyter.widget-view+json", "text/plain"}


def test_a_still_is_a_picture_without_frames(reference):
    picture = still(reference.graph)
    assert picture.film["frames"] == []
    assert picture._repr_mimebundle_()[0]["text/plain"] == outline.outline(reference.graph)
    assert not picture.has_trait("frame")


def test_hiding_the_saved_values_drops_their_frames_and_notes(reference):
    hidden = without(reference, {"saved"})
    assert [frame.kind for frame in hidden.frames].count("free") == 0
    assert len(hidden.frames) == 10
    assert all(not element.notes and not element.saved for element in hidden.graph.elements)
    assert all("saved" not in change for frame in hidden.frames for change in frame.changes.values())


def test_a_hidden_layer_is_left_out_of_the_text_and_can_be_shown_again_in_the_browser(reference):
    film = player(reference, start=start(hide="saved"))
    assert film._repr_mimebundle_()[0]["text/plain"] == outline.film(without(reference, {"saved"}))
    assert "free" in [frame["kind"] for frame in film.film["frames"]]
    assert film.film["start"] == {"hide": ["saved"], "detail": "chain", "predict": False}


@pytest.mark.parametrize(("layer", "gone"), [("values", "value"), ("shapes", "shape"), ("versions", "version")])
def test_a_hidden_layer_is_left_out_of_every_element(layer, gone):
    graph = Graph((Element("t1", "leaf", "p", value="1", shape="(2,)", version=3),), ())
    film = Film(graph, (Frame("start"), Frame("edit", changes={"t1": {gone: "7", "grad": "5"}})))
    hidden = without(film, {layer})
    assert not getattr(hidden.graph.elements[0], gone)
    assert hidden.frames[1].changes == {"t1": {"grad": "5"}}


def test_without_formulas_no_row_of_the_chain_rule_is_told(reference):
    assert any(frame.rows for frame in reference.frames)
    assert not any(frame.rows for frame in without(reference, {"formulas"}).frames)


def test_a_frame_takes_over_what_changed_in_the_hidden_one_before():
    frames = (
        Frame("start"),
        Frame("free", layer="saved", changes={"e1": {"token": "", "visible": True}, "o1": {"saved": "freed"}}),
        Frame("free", layer="saved", changes={"e2": {"token": "2"}}),
        Frame("send", changes={"e1": {"token": "3"}}),
    )
    hidden = without(Film(Graph((), ()), frames), {"saved"})
    assert hidden.frames[1].changes == {"e1": {"token": "3", "visible": True}, "o1": {}, "e2": {"token": "2"}}


def test_an_unknown_layer_or_level_is_named_with_those_that_there_are():
    sentence = r"There is no layer 'tokens' to hide; the layers are values, shapes, formulas, saved, versions\."
    with pytest.raises(ValueError, match=sentence):
        start(hide=("tokens",))
    with pytest.raises(
        ValueError, match=r"There is no level of detail 'fast'; the levels are operation, chain, ledger\."
    ):
        start(detail="fast")
    assert start(hide=["versions", "saved"], detail="ledger") == Start(("saved", "versions"), "ledger")


def test_the_browser_knows_the_same_layers_and_levels():
    text = (STATIC / "film.js").read_text("utf-8")
    assert json.dumps(list(LAYERS)) in text
    assert re.findall(r"^  (\w+): \(.*\) =>", text.partition("DETAILS =")[2], re.MULTILINE)[:3] == list(DETAILS)


def test_every_word_that_the_browser_says_is_in_the_table():
    text = joined("player.js")
    said = set(re.findall(r'say\("(\w+)"', text)) | set(re.findall(r'"(keys_\w+)"', text))
    said |= set(re.findall(r'key: "(wrong_\w+)"', text)) | set(re.findall(r'"((?:wrong|ask)_\w+)"', text))
    said |= {f"layer_{layer}" for layer in LAYERS} | {f"detail_{level}" for level in DETAILS}
    said |= {f"inspect_{key}" for key in re.findall(r'{ key: "(\w+)"', text)}
    said |= {f"mark_{kind}" for kind in re.findall(r'^  (\w+): "M', text.partition("MARKS =")[2], re.MULTILINE)[:6]}
    assert len(said) > 120
    assert said - table("player").keys() == set()


def test_the_legend_explains_what_any_frame_paints_and_nothing_else(reference):
    words = [word for _, word, _ in legend(reference)]
    assert {"leaf", "mid", "op", "saved, held", "saved, freed", "sum", "gradient"} <= set(words)
    assert not {"param", "frozen", "cut", "ghost", "saved, stale"} & set(words)
    assert "saved, freed" not in [word for _, word, _ in legend(replace(reference, frames=reference.frames[:4]))]


def test_an_accumulator_is_read_out_with_its_leaf(reference):
    spoken = {item["id"]: (item["word"], item["label"]) for item in player(reference).film["items"]}
    assert spoken["g1"] == ("+= .grad", "p")


def test_the_code_that_travels_has_no_comments(reference):
    assert compact("/** Why. */\nconst a = 1;\n  // because\n  f(a);\n") == "const a = 1;\nf(a);"


def test_three_films_fit_into_a_notebook_that_is_saved_with_its_widgets(reference):
    films = [player(reference) for _ in range(3)]
    saved = [Player.get_manager_state(widgets=films), *(film._repr_mimebundle_() for film in films)]
    assert len(json.dumps(saved, indent=1)) < 100_000


def test_films_share_one_player(reference):
    first, second = player(reference), still(reference.graph)
    assert first.player is second.player
    assert len(first._esm) + len(deflated(json.dumps(first.film))) < 10_000


def test_a_closed_player_is_made_again(reference):
    Shared.get().close()
    assert player(reference).player.comm is not None


def test_what_is_packed_comes_out_again():
    assert zlib.decompress(base64.b64decode(deflated("p × q"))).decode() == "p × q"


def test_the_modules_are_joined_in_the_order_in_which_they_need_each_other():
    names = modules("player.js")
    assert names[0] == "film.js"
    assert names[-1] == "player.js"
    assert names.index("dom.js") < names.index("mount.js")
    assert len(names) == len(set(names)) > 9
    assert not re.search(r"^import", joined("player.js"), re.MULTILINE)


@pytest.mark.parametrize("entry", ENTRIES)
def test_no_name_stands_in_two_of_the_modules_that_are_joined(entry):
    names = re.findall(r"^(?:export )?(?:const|let|function|class) (\w+)", joined(entry), re.MULTILINE)
    assert [name for name, count in Counter(names).items() if count > 1] == []


def test_every_module_is_joined_or_loads_the_others():
    own = {path.name for path in STATIC.glob("*.js")}
    assert own == {name for entry in (*ENTRIES, "loader.js") for name in modules(entry)}


def test_a_page_of_its_own_runs_what_the_widget_runs(reference):
    shared = compact(joined("mount.js"))
    assert shared in code("player.js")
    assert shared in code("opened.js")
    sheet = compact((STATIC / "dom.css").read_text("utf-8"))
    assert sheet in style("player.js")
    assert style("player.js") == style("mount.js")


def test_a_film_can_ask_before_it_shows_and_brings_the_words_for_what_an_answer_betrays(reference):
    film = player(reference, start=start(predict=True))
    assert film.film["start"]["predict"] is True
    betrayed = set(re.findall(r'belief: "(M\d+)"', joined("player.js"))) | {"M1"}
    assert betrayed == set(film.film["beliefs"])
    assert film.film["beliefs"]["M28"].startswith("The graph is a tree")


def test_what_was_predicted_is_plain_python(reference):
    film = player(reference)
    assert film.answers == []
    film.set_state({"answers": [{"question": "p?", "answer": 3, "right": False, "misconception": "M28"}]})
    assert [answer["answer"] for answer in film.answers if not answer["right"]] == [3]
