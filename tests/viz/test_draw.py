"""The SVG keeps its contract with the player, in every state, for every text."""

import json
import re
import time
import xml.etree.ElementTree as ET

import pytest
import samples

from autovis.viz import draw, measure, theme
from autovis.viz.layout import place
from autovis.viz.scene import Element, Graph, Note, Region

SVG = "{http://www.w3.org/2000/svg}"
THEMES = ["light", "dark", "css"]


def drawn(graph, state=None, *, states=(), **options):
    placement = place(graph, draw.sizes(graph, states), backend="layered")
    return draw.svg(graph, placement, state, states=states, **({"theme": "css"} | options))


def parse(text):
    return ET.fromstring(text)


def part(root, id):
    (found,) = (node for node in root.iter(f"{SVG}g") if node.get("data-id") == id)
    return found


def slots(node):
    """Return the texts of a node by slot; texts that a film may change have one."""
    return {text.get("data-slot"): text.text or "" for text in node.iter(f"{SVG}text")}


def classes(node):
    return node.get("class").split()


@pytest.mark.parametrize("look", THEMES)
@pytest.mark.parametrize("name", samples.GRAPHS)
def test_every_sample_is_well_formed(name, look):
    graph = samples.GRAPHS[name]()
    root = parse(drawn(graph, theme=look))
    ids = [node.get("data-id") for node in root.iter(f"{SVG}g") if node.get("data-id")]
    assert sorted(ids) == sorted(thing.id for thing in (*graph.elements, *graph.links, *graph.regions))


@pytest.mark.parametrize("look", THEMES)
@pytest.mark.parametrize("text", samples.HOSTILE)
def test_a_hostile_text_is_only_ever_text(text, look):
    state = {"t1": {"value": text, "grad": text, "tray": text}, "e3": {"token": text}}
    root = parse(drawn(samples.hostile(text), state, states=[state], theme=look, description=text))
    plain = parse(drawn(samples.hostile("x"), state, states=[state], theme=look))
    assert {node.tag for node in root.iter()} <= {node.tag for node in plain.iter()}
    assert {key for node in root.iter() for key in node.attrib} == {key for node in plain.iter() for key in node.attrib}
    assert slots(part(root, "t1"))["label"] == measure.shorten(measure.clean(text))
    assert slots(part(root, "e3"))[None] == measure.shorten(measure.clean(text)) if text else True
    assert root.find(f"{SVG}title").text == measure.clean(text)


def test_the_root_is_an_image_with_a_name_and_a_description():
    root = parse(drawn(samples.square(), title="y = x × x", description="a graph"))
    assert classes(root) == ["autovis-picture"]
    assert root.get("role") == "img"
    assert root.get("viewBox").startswith("0 0 ")
    assert [root.find(f"{SVG}{tag}").text for tag in ("title", "desc")] == ["y = x × x", "a graph"]


def test_the_title_of_the_graph_is_the_default():
    assert parse(drawn(samples.square())).find(f"{SVG}title").text == "y"


def test_a_leaf_shows_name_value_tag_and_ledger_slot():
    assert slots(part(parse(drawn(samples.square())), "t1")) == {
        "tag": "leaf",
        "label": "x",
        "value": "3",
        "version": "",
        "grad-word": ".grad",
        "grad": "None",
        None: "sum",
        "tray-text": "of 2",
    }


def test_an_intermediate_has_no_ledger_slot():
    assert "grad" not in slots(part(parse(drawn(samples.square())), "t3"))


def test_a_ledger_slot_that_the_film_fills_is_there_from_the_start():
    graph = Graph((Element("t1", "mid", "y", "9"),), ())
    assert slots(part(parse(drawn(graph, {}, states=[{}, {"t1": {"grad": "1"}}])), "t1"))["grad"] == ""


def test_only_what_several_gradients_reach_has_a_tray():
    root = parse(drawn(samples.lesson02(), {}))
    trays = [node for node in root.iter(f"{SVG}g") if node.get("data-slot") == "tray"]
    assert len(trays) == 1
    assert slots(part(root, "t1"))["tray-text"] == "0 of 2"
    assert 'data-slot="tray"' not in drawn(Graph((Element("t1", "leaf", "x", senders=1),), ()))


@pytest.mark.parametrize(
    ("look", "word"), [("held", "held"), ("freed", "freed"), ("stale", "stale"), ("kept", "kept"), ("", "")]
)
def test_a_note_says_what_is_saved_and_in_which_state(look, word):
    node = part(parse(drawn(samples.lesson02(saved=look))), "o8")
    assert slots(node)["saved"] == word
    assert (f"saved-{look}" in classes(node)) == bool(look)
    assert "saved s, t" in [text.text for text in node.iter(f"{SVG}text")]


def test_a_note_says_the_version_of_what_was_edited():
    graph = Graph((Element("o1", "op", "sin", notes=(Note("y", 2),), saved="stale"),), ())
    found = slots(part(parse(drawn(graph)), "o1"))
    assert (found["saved"], found["stamp"]) == ("stale", "v2")


def test_a_note_of_values_of_different_versions_says_each():
    graph = Graph((Element("o1", "op", "×", notes=(Note("s"), Note("t", 1)), saved="held"),), ())
    assert "saved s v0, t v1" in drawn(graph)
    assert slots(part(parse(drawn(graph)), "o1"))["stamp"] == ""


def test_every_frame_of_the_reference_film_shows_its_numbers():
    film = samples.reference()
    states = film.states()
    placement = place(film.graph, draw.sizes(film.graph, states), backend="layered")
    for frame, state in zip(film.frames, states, strict=True):
        root = parse(
            draw.svg(film.graph, placement, state, states=states, active=(frame.node, frame.links), theme="css")
        )
        for id, change in state.items():
            for name, value in change.items():
                node = part(root, id)
                if name == "token":
                    assert slots(node)[None] == value
                    assert ("carrying" in classes(node)) == bool(value)
                elif name == "saved":
                    assert f"saved-{value}" in classes(node)
                else:
                    assert slots(node)[{"tray": "tray-text"}.get(name, name)] == value
        active = [node.get("data-id") for node in root.iter(f"{SVG}g") if "active" in classes_of(node)]
        assert sorted(active) == sorted(id for id in (frame.node, *frame.links) if id)


def classes_of(node):
    return (node.get("class") or "").split()


def test_what_carries_a_gradient_is_painted_last():
    graph = samples.lesson02()
    root = parse(drawn(graph, {"e1": {"token": "2"}}))
    order = [node.get("data-id") for node in root.iter(f"{SVG}g") if classes_of(node)[:1] == ["link"]]
    assert order[-1] == "e1"


def test_what_is_not_there_yet_is_hidden_but_has_its_place():
    root = parse(drawn(samples.square(), {"t3": {"visible": False}, "e3": {"visible": False}}))
    assert "hidden" in classes(part(root, "t3"))
    assert "hidden" in classes(part(root, "e3"))
    assert "hidden" not in classes(part(root, "t1"))


def test_ghosts_are_marked():
    root = parse(drawn(samples.detached()))
    assert [id for id in ("t1", "o3", "t4", "c5", "t6") if "ghost" in classes(part(root, id))] == ["t1", "o3", "t4"]


def test_an_element_that_changes_its_role_has_a_border_for_both():
    graph = Graph((Element("t1", "mid", "h", "3"),), ())
    states = [{}, {"t1": {"role": "kept", "grad": "1"}}]
    root = parse(drawn(graph, states[1], states=states))
    node = part(root, "t1")
    assert classes(node) == ["element", "kept"]
    assert [classes(body) for body in node.iter(f"{SVG}g") if "body" in classes_of(body)] == [
        ["body", "mid"],
        ["body", "kept"],
    ]
    assert [text.text for text in node.iter(f"{SVG}text") if text.get("data-slot") == "tag"] == ["mid", "mid kept"]


def test_every_role_has_a_rule_that_displays_its_border():
    for role in theme.ROLES:
        assert f".{role} > .body.{role} {{ display: inline; }}" in theme.rules()


def test_with_classes_only_there_is_no_colour_and_no_style_inside():
    text = drawn(samples.frozen_net())
    assert "<style" not in text
    assert re.findall(r"#[0-9a-fA-F]{3,6}\b", text) == []


@pytest.mark.parametrize("look", THEMES)
def test_nothing_is_referred_to_by_address_or_id(look):
    text = drawn(samples.detached(), theme=look)
    assert "url(" not in text
    assert " id=" not in text
    assert text.count("http") == 1


@pytest.mark.parametrize(("look", "paper"), [("light", "#FFFFFF"), ("dark", "#161616")])
def test_a_picture_with_colours_brings_its_own_paper(look, paper):
    text = drawn(samples.square(), theme=look)
    assert f".card {{ fill: {paper}; }}" in text
    assert "var(" not in text


def test_an_unknown_theme_is_refused():
    with pytest.raises(ValueError, match="unknown theme 'blue': choose light, dark or css"):
        drawn(samples.square(), theme="blue")


def test_a_box_has_room_for_the_longest_text_of_the_film():
    graph = Graph((Element("t1", "leaf", "x", "3", grad="None", senders=2),), ())
    narrow = draw.sizes(graph)["t1"]
    for change in ({"value": "123456.789012"}, {"grad": "-0.123456789"}, {"tray": "12.5 + 13.25 = 25.75"}):
        (text,) = change.values()
        wide = draw.sizes(graph, [{}, {"t1": change}])["t1"]
        assert wide.width > narrow.width
        assert wide.width >= len(text) * 0.602 * 13
        assert wide.height == narrow.height


def test_sizes_are_the_same_for_whole_states_and_for_deltas():
    film = samples.reference()
    deltas = [frame.changes for frame in film.frames]
    assert draw.sizes(film.graph, film.states()) == draw.sizes(film.graph, deltas)


def test_only_links_that_carry_something_have_a_size():
    film = samples.reference()
    sizes = draw.sizes(film.graph, film.states())
    assert {id for id in sizes if id.startswith("e")} == {"e1", "e2", "e4", "e7", "e8", "e9", "e10", "e11"}


def test_a_long_text_is_cut_short_and_stands_whole_in_the_tooltip():
    name = "a_very_long_variable_name_indeed"
    node = part(parse(drawn(samples.wordy())), "t1")
    assert slots(node)["label"] == "a_very_long_variable_na…"
    assert name in node.find(f"{SVG}title").text


def test_the_metrics_are_json_and_are_what_pills_are_made_by():
    metrics = json.loads(json.dumps(draw.METRICS))
    token = "-1234.5"
    root = parse(drawn(samples.square(), {"e1": {"token": token}}))
    (pill,) = (node for node in part(root, "e1").iter(f"{SVG}rect") if node.get("class") == "pill")
    expected = len(token) * metrics["advance"] * metrics["sizes"]["token"] + 2 * metrics["pill"]["pad"]
    assert float(pill.get("width")) == pytest.approx(expected, abs=0.06)
    assert float(pill.get("height")) == metrics["pill"]["height"]


def test_wide_letters_count_twice():
    assert measure.columns("梯度 grad 🦆") == 4 + 1 + 4 + 1 + 2


def test_many_elements_are_drawn_in_no_time():
    graph = samples.perceptron(5, 9)
    assert len(graph.elements) > 120
    placement = place(graph, draw.sizes(graph), backend="layered")
    start = time.thread_time()
    draw.svg(graph, placement)
    assert time.thread_time() - start < 0.5


def hooked(*, value=(), op=(), store=()):
    """Draw `x -> × -> y` with hooks."""
    elements = (
        Element("t1", "leaf", "x", "3", grad="None", hooks=value),
        Element("o2", "op", "×", hooks=op),
        Element("t3", "mid", "y", "9", hooks=value),
        Element("g1", "acc", "+= .grad", hooks=store),
    )
    return Graph(elements, samples.links("t1 o2", "o2 t3", "g1 t1"))


def triangles(root):
    """Say by id of the link or element which words stand beside its triangles."""
    return {
        node.get("data-id"): [text.text for text in node.iter(f"{SVG}text") if text.text in theme.HOOKS.values()]
        for node in root.iter(f"{SVG}g")
        if any(part.get("class") == "hook" for part in node.iter(f"{SVG}path")) and node.get("data-id")
    }


def test_a_hook_on_a_value_sits_on_the_line_that_its_gradient_takes():
    assert triangles(parse(drawn(hooked(value=("tensor",))))) == {"e2": ["hook"], "e3": ["hook"]}


def test_a_prehook_sits_before_its_operation_and_other_hooks_below_their_element():
    root = parse(drawn(hooked(op=("pre", "node"), store=("post",))))
    assert triangles(root) == {"e2": ["prehook"], "o2": ["node hook"], "g1": ["post hook"]}


def test_a_hook_that_finds_no_line_hangs_below_its_element():
    graph = Graph((Element("t1", "leaf", "x", "3", hooks=("tensor",)),), ())
    assert triangles(parse(drawn(graph))) == {"t1": ["hook"]}


def test_a_hook_and_a_token_on_one_line_do_not_touch():
    graph, state = hooked(value=("tensor",)), {"e2": {"token": "12345.678"}}
    link = part(parse(drawn(graph, state, states=[state])), "e2")
    (hook,) = (node for node in link.iter(f"{SVG}path") if node.get("class") == "hook")
    left = float(hook.get("d").split()[1])
    (pill,) = (node for node in link.iter(f"{SVG}g") if node.get("data-slot") == "token")
    middle = float(re.search(r"translate\(([\d.]+)", pill.get("transform"))[1])
    assert left - middle > float(next(pill.iter(f"{SVG}rect")).get("width")) / 2


def test_a_device_is_hatched_and_two_devices_differ():
    elements = tuple(Element(f"t{at}", "leaf", f"x{at}") for at in (1, 2))
    regions = (Region("r1", "device", "sim:0", ("t1",)), Region("r2", "device", "sim:1", ("t2",)))
    root = parse(drawn(Graph(elements, (), regions)))
    slopes = []
    for id in ("r1", "r2"):
        (lines,) = (node.get("d") for node in part(root, id).iter(f"{SVG}path") if node.get("class") == "hatch")
        x0, y0, x1, y1 = map(float, re.findall(r"-?[\d.]+", lines)[:4])
        slopes.append((x1 - x0) * (y1 - y0) > 0)
    assert slopes[0] != slopes[1]


def test_no_other_frame_is_hatched():
    assert 'class="hatch"' not in drawn(samples.unrecorded())


def test_a_region_is_hidden_until_something_is_in_it():
    graph = samples.unrecorded()
    assert "hidden" in classes(part(parse(drawn(graph, {"r1": {"visible": False}})), "r1"))
    assert "hidden" not in classes(part(parse(drawn(graph, {})), "r1"))


def test_what_went_wrong_is_written_in_full_below_the_stop_sign():
    long = "Error: a sentence that is longer than a label"
    graph = Graph((Element("o1", "op", "×", problem=(long, "<b>")),), ())
    state = {"o1": {"role": "error"}}
    root = parse(drawn(graph, state, states=[state]))
    (card,) = (node for node in root.iter(f"{SVG}g") if node.get("data-slot") == "problem")
    assert [text.text for text in card.iter(f"{SVG}text")] == [long, "<b>"]
    assert ".element.error > [data-slot=problem] { display: inline; }" in theme.rules()
    assert "error" in [text.text for text in part(root, "o1").iter(f"{SVG}text")]


def test_memory_is_drawn_with_lines_that_have_no_end():
    elements = (Element("t1", "mid", "x"), Element("m1", "storage", "shares storage"), Element("t2", "view", "v"))
    root = parse(drawn(Graph(elements, samples.links("t1 m1 shares", "m1 t2 shares"))))
    for id in ("e1", "e2"):
        assert [node.get("class") for node in part(root, id)] == ["line"]


def test_tokens_that_would_overlap_in_a_picture_that_runs_down_stand_in_two_rows():
    elements = (Element("t0", "leaf", "x"), *(Element(f"o{n}", "op", "×") for n in range(1, 5)))
    graph = Graph(elements, samples.links(*(f"t0 o{n}" for n in range(1, 5))))
    state = {f"e{n}": {"token": "[1.25, 2.5]"} for n in range(1, 5)}
    placement = place(graph, draw.sizes(graph, [state]), backend="layered", direction="TB")
    root = parse(draw.svg(graph, placement, state, states=[state], theme="css"))
    spots = []
    for id in state:
        (pill,) = (node for node in part(root, id).iter(f"{SVG}g") if node.get("data-slot") == "token")
        x, y = map(float, re.findall(r"[\d.]+", pill.get("transform")))
        spots.append((x, y, float(next(pill.iter(f"{SVG}rect")).get("width"))))
    for at, (x, y, wide) in enumerate(spots):
        for other in spots[:at]:
            assert abs(x - other[0]) > wide or abs(y - other[1]) >= 22


@pytest.mark.parametrize(("role", "outlines"), [("fold", 3), ("frozen-fold", 3), ("param", 1), ("kept", 1)])
def test_what_is_active_glows_around_all_of_its_outline(role, outlines):
    graph = Graph((Element("f1", role, "net"),), ())
    svg = draw.svg(graph, place(graph, draw.sizes(graph)), active=("f1", ()))
    assert re.search(r'class="halo" d="([^"]+)"', svg)[1].count("M") == outlines
