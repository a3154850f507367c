"""Playing with a film: every control by mouse and by keyboard, in a saved page and in JupyterLab."""

import runpy
from pathlib import Path

import pytest

import autovis as av
from autovis.viz.scene import Film
from autovis.widgets.layers import start
from autovis.widgets.player import player, still

pytestmark = pytest.mark.browser

TESTS = Path(__file__).resolve().parents[1]
SCREENS = TESTS.parent / "test-artifacts" / "screens"
REFERENCE: Film = runpy.run_path(str(TESTS / "widgets" / "films.py"))["REFERENCE"]

FOCUSED = """() => {
  const one = document.activeElement;
  return one.getAttribute("data-id") ?? one.getAttribute("aria-label") ?? (one.innerText.trim() || one.localName);
}"""
SMALL = """() => [...document.querySelectorAll(".autovis :is(button, select, input, summary)")]
  .filter((one) => one.checkVisibility())
  .map((one) => [one.innerText || one.localName, one.getBoundingClientRect()])
  .filter(([, { width, height }]) => width < 24 || height < 24)
  .map(([name]) => name)"""
TOO_WIDE = """() => [document.documentElement, ...document.querySelectorAll(".autovis > :not(style, .autovis-unseen)")]
  .filter((one) => !one.matches(".autovis-stage") && one.scrollWidth > one.clientWidth + 1)
  .map((one) => one.className)"""


class Played:
    """A saved page with one film in it."""

    def __init__(self, page):
        self.page = page
        self.root = page.locator(".autovis").first

    def press(self, *names):
        for name in names:
            self.root.get_by_role("button", name=name, exact=True).click()

    def keys(self, *names):
        self.root.focus()
        for name in names:
            self.page.keyboard.press(name)

    def type(self, *names):
        for name in names:
            self.page.keyboard.press(name)

    def tab_into_picture(self):
        self.root.focus()
        while self.focused != "t1":
            self.type("Tab")

    def text(self, part):
        return self.page.locator(f".autovis-{part}").first.inner_text().strip()

    @property
    def frame(self):
        return int(self.root.get_attribute("data-frame"))

    @property
    def focused(self):
        return self.page.evaluate(FOCUSED)

    def facts(self):
        rows = self.page.locator(".autovis-inspector dl > div")
        return dict(row.split("\n", 1) for row in rows.all_inner_texts())

    def picture(self, name):
        SCREENS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENS / f"play-{name}.png", full_page=True)


@pytest.fixture
def open_view(chromium, tmp_path):
    """A function that saves a view as a page and opens it, offline; nothing may go wrong in it."""
    opened, complaints = [], []

    def open_it(view, *, width=1100, **options):
        view.to_html(tmp_path / "film.html")
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, offline=True, **{"reduced_motion": "reduce", **options}
        )
        opened.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text))
        page.goto((tmp_path / "film.html").as_uri())
        page.locator(".autovis").first.wait_for()
        return Played(page)

    yield open_it
    for context in opened:
        context.close()
    assert complaints == []


def cut_beside_whole():
    films = []
    for cut in (False, True):
        p, q = av.leaf(1.0), av.leaf(2.0)
        with av.record() as tape:
            s = p + q
            if cut:
                s = s.detach()
            y = s * p
            y.backward()
        films.append(tape)
    return av.compare(*films, names=("whole", "cut"))


def test_the_level_of_detail_changes_the_steps_and_keeps_what_is_told(open_view):
    played = open_view(player(REFERENCE))
    played.keys("ArrowRight", "ArrowRight")
    assert (played.frame, played.text("progress")) == (2, "2 of 10")  # × asks
    played.page.get_by_label("Detail").select_option("operation")
    assert (played.frame, played.text("progress")) == (3, "2 of 6")  # × multiplies and sends
    played.keys("d", "d")
    assert played.text("progress") == "0 of 2"
    played.keys("End")
    assert played.frame == 10
    assert played.page.locator(".autovis-marks i").count() == 2
    assert not played.page.locator(".autovis-chain").is_visible()
    played.keys("d")
    assert played.text("progress") == "6 of 6"


def test_layers_are_hidden_by_key_by_menu_and_from_python(open_view):
    played = open_view(player(REFERENCE, start=start(hide=("saved", "versions"))))
    notes, value = played.page.locator("[data-slot=notes]").first, played.page.locator("[data-slot=value]").first
    assert not notes.is_visible()
    assert played.text("progress") == "0 of 9"
    played.keys("4")
    assert notes.is_visible()
    assert played.text("progress") == "0 of 10"
    played.press("Menu")
    assert [box.is_checked() for box in played.page.get_by_role("checkbox").all()] == [True, True, True, True, False]
    played.page.get_by_role("checkbox", name="values").uncheck()
    assert not value.is_visible()
    spoken = played.page.get_by_role("list", name="Elements of the picture").get_by_role("listitem")
    assert "leaf p, .grad None" in spoken.all_text_contents()
    played.keys("1", "3", "ArrowRight", "ArrowRight")
    assert value.is_visible()
    assert not played.page.locator(".autovis-chain").get_by_text("d(s·t)/ds = t = 2").is_visible()


def test_an_element_is_inspected_by_mouse_and_follows_the_film(open_view):
    played = open_view(player(REFERENCE))
    played.page.locator("[data-id=t1]").click()
    facts = played.facts()
    assert facts["requires_grad"] == "True"
    assert facts["value"] == "1"
    assert facts[".grad"] == "None"
    assert facts["used by"].split("\n") == ["+ → s", "+ → t"]
    played.press("Event after", "Event after", "Event after")
    assert played.facts()[".grad"] == "5"
    assert played.frame == 9
    played.press("+ → s")
    assert played.facts()["made by"].split("\n") == ["p", "q"]
    played.page.locator("[data-id=o6]").click()
    assert played.facts()["saved"] == "s v0, t v0 (freed)"
    played.press("Close")
    assert not played.page.locator(".autovis-inspector").is_visible()
    assert played.focused == "o6"


def test_the_picture_is_walked_by_keyboard_alone(open_view):
    played = open_view(player(REFERENCE))
    played.tab_into_picture()
    assert played.focused == "t1"
    places = []
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "ArrowDown", "ArrowLeft", "ArrowLeft"):
        played.type(key)
        places.append(played.focused)
    assert places == ["t2", "o3", "t3", "t5", "o5", "t1"]
    assert played.frame == 0
    played.type("Enter")
    assert played.page.locator(".autovis-inspector .autovis-head > strong").inner_text() == "p (leaf)"
    played.type("ArrowDown")
    assert played.page.locator(".autovis-inspector .autovis-head > strong").inner_text() == "q (leaf)"
    played.type("Escape")
    assert not played.page.locator(".autovis-inspector").is_visible()
    played.type("Escape", "ArrowRight")
    assert played.frame == 1


def test_a_still_picture_is_inspected_too(open_view):
    played = open_view(still(REFERENCE.graph))
    played.tab_into_picture()
    played.type("Enter")
    assert played.facts()["value"] == "1"
    assert not played.page.get_by_role("button", name="Event after").is_visible()
    played.type("4")
    assert not played.page.locator("[data-slot=notes]").first.is_visible()
    played.press("Menu", "Keys")
    assert "Space" not in played.text("keys")


def test_a_line_of_code_leads_to_its_first_frame(open_view):
    x = av.leaf(3.0)
    with av.record() as tape:
        h = x * 2
        y = h.exp() + h
        y.backward()
    played = open_view(av.play(tape))
    lines = played.page.locator(".autovis-code button")
    assert [line.strip() for line in lines.all_inner_texts()] == ["h = x * 2", "y = h.exp() + h", "y.backward()"]
    lines.nth(1).click()
    assert played.page.locator(".autovis-code mark").inner_text() == "h.exp()"
    played.keys("ArrowRight")
    assert played.page.locator(".autovis-code mark").inner_text() == "h.exp() + h"
    lines.nth(0).focus()
    played.type("ArrowDown", "ArrowDown", "Enter")
    assert played.page.locator(".autovis-code mark").inner_text() == "y.backward()"
    assert "starts at y" in played.text("caption")


def test_up_and_down_go_along_the_ledger_of_one_leaf(open_view):
    played = open_view(player(REFERENCE))
    played.keys("ArrowDown")
    assert played.frame == 9
    played.press("Menu")
    played.page.get_by_label("Up and Down jump to").select_option("t2")
    played.keys("Home", "ArrowDown")
    assert played.frame == 10
    played.page.locator("[data-id=t1]").click()
    played.press("Only p")
    played.keys("Home", "ArrowDown", "ArrowDown")
    assert played.frame == 8


def test_a_prediction_is_asked_judged_and_told(open_view):
    played = open_view(player(REFERENCE, start=start(predict=True)))
    quiz = played.page.locator(".autovis-quiz")
    assert quiz.locator(".autovis-asked").inner_text().startswith("The backward pass starts at y.")
    assert played.page.locator("[data-id=t1] [data-slot=grad]").text_content() == "?"
    played.press("Play")
    played.page.wait_for_timeout(200)
    assert played.frame == 0  # it waits
    for name in ("p", "q", "s"):
        quiz.get_by_role("checkbox", name=name, exact=True).check()
    played.press("Check")
    assert "s was computed" in quiz.inner_text()
    assert "Every tensor with requires_grad=True gets a .grad" in quiz.inner_text()
    assert played.page.locator("[data-id=t1] [data-slot=grad]").text_content() == "None"
    played.keys("ArrowRight", "ArrowRight")
    assert played.focused == "1 arrives at ×. What does it send to s?"
    assert played.page.locator("[data-id=e7] [data-slot=token]").text_content() == "?"
    played.page.keyboard.type("4/2")
    played.type("Enter")
    assert "Right." in quiz.inner_text()
    assert played.frame == 2
    played.type("ArrowRight", "ArrowRight", "ArrowRight")
    assert quiz.locator(".autovis-asked").inner_text() == "What becomes of p.grad?"
    assert played.page.locator(".autovis-ledger li").all_inner_texts() == ["?", "?"]
    played.press("Show the answer")
    assert "p.grad becomes 5." in quiz.inner_text()
    assert "1 of 3 right, 4 in all" in quiz.inner_text()
    played.press("Predict")
    assert not quiz.is_visible()


def test_the_place_where_the_history_ends_is_pointed_at_in_the_picture(open_view):
    p = av.leaf(1.0)
    with av.record() as tape:
        y = p.detach() * p
        y.backward()
    view = av.play(tape, predict=True)
    played = open_view(view)
    asked = played.page.locator(".autovis-asked")
    while not asked.inner_text().startswith("Where does the history end?"):
        played.keys("ArrowRight")
    cut = next(item["id"] for item in view.film["items"] if item["role"] == "cut")
    played.page.locator(f"[data-id={cut}]").click()
    assert not played.page.locator(".autovis-inspector").is_visible()
    played.press("Check")
    assert "Right. The history ends at the cut" in played.text("said")


def test_a_film_without_a_backward_pass_leaves_no_room_for_its_numbers(open_view):
    w = av.leaf(1.0)
    with av.record() as tape, av.no_grad():
        doubled = 2 * w
    played = open_view(av.play(tape))
    code, whole = (played.page.locator(part).bounding_box() for part in (".autovis-code", ".autovis-panels"))
    assert doubled.requires_grad is False
    assert code["width"] == whole["width"]


def test_two_films_go_in_step_and_their_differences_are_marked(open_view):
    played = open_view(cut_beside_whole())
    first, second = played.page.locator(".autovis-side").all()
    assert not first.get_by_text("waits: no such step here").is_visible()
    played.keys("End")
    rows = played.page.locator(".autovis-differences").get_by_role("row").all_inner_texts()
    assert "leaf p .grad\n4\n3" in rows
    assert first.locator("[data-id=t1] .differs").is_visible()
    waiting = [side.get_by_text("waits: no such step here").is_visible() for side in (first, second)]
    assert waiting == [False, True]
    first.locator("[data-id=t1]").click()
    assert played.page.locator(".autovis-inspector .autovis-head > strong").all_inner_texts() == [
        "p (leaf)",
        "p (leaf)",
    ]
    played.keys("Escape", "d", "d", "End")
    assert not played.page.locator(".autovis-inspector").first.is_visible()
    assert first.bounding_box()["y"] == second.bounding_box()["y"]
    played.picture("compare")


def test_two_films_are_stacked_where_there_is_little_room(open_view):
    played = open_view(cut_beside_whole(), width=420)
    first, second = (side.bounding_box() for side in played.page.locator(".autovis-side").all())
    assert second["y"] >= first["y"] + first["height"]
    assert played.page.evaluate(TOO_WIDE) == []
    played.picture("compare-narrow")


def test_two_pictures_are_compared_without_a_timeline(open_view):
    y = av.leaf(1.0) * 2
    z = av.leaf(1.0) * 3
    played = open_view(av.compare(y, z))
    assert played.page.get_by_role("slider").count() == 0
    assert played.page.locator(".autovis-differences").get_by_role("row").count() > 1


def test_reset_begins_again_as_it_was(open_view):
    played = open_view(player(REFERENCE, start=start(hide="shapes", detail="operation")))
    played.keys("d", "1", "ArrowRight", "h")
    played.page.locator("[data-id=t1]").click()
    played.keys("r")
    assert played.root.get_attribute("class").split() == [
        "autovis",
        "autovis-player",
        "detail-operation",
        "hide-shapes",
    ]
    assert played.frame == 0
    assert not played.page.locator(".autovis-inspector").is_visible()


def test_the_list_of_keys_opens_and_closes(open_view):
    played = open_view(player(REFERENCE))
    played.keys("?")
    assert "play, pause" in played.text("keys")
    played.keys("Escape")
    assert not played.page.locator(".autovis-menu").is_visible()
    played.press("Menu", "Keys")
    played.type("Escape")
    assert played.focused == "Menu"


def test_the_focus_stays_where_a_label_changes(open_view):
    played = open_view(player(REFERENCE))
    played.root.get_by_role("button", name="Play", exact=True).focus()
    played.type("Enter")
    assert played.focused == "Pause"
    played.type("Enter")
    assert played.focused == "Play"
    for name in ("Predict", "Menu"):
        played.root.get_by_role("button", name=name, exact=True).focus()
        played.type("Enter")
        assert played.focused == name


def test_no_key_leaves_the_player_also_not_what_is_typed(open_view):
    played = open_view(player(REFERENCE, start=start(predict=True)))
    played.page.evaluate("window.heard = []; document.addEventListener('keydown', (event) => heard.push(event.key))")
    played.keys("d", "d", "d", "h", "h", "r", "?", "?", "5", "Escape", "ArrowUp", "Home", " ")
    played.keys("ArrowRight", "ArrowRight")
    played.page.keyboard.type("1d5b")
    assert played.page.locator(".autovis-quiz input").input_value() == "1d5b"
    assert played.page.evaluate("heard") == []


@pytest.mark.parametrize("width", [420, 1100])
def test_every_target_is_large_enough_and_nothing_is_too_wide(open_view, width):
    played = open_view(player(REFERENCE, start=start(predict=True)), width=width)
    played.keys("?")
    assert played.page.evaluate(SMALL) == []
    assert played.page.evaluate(TOO_WIDE) == []
    played.keys("ArrowRight", "ArrowRight")
    assert played.page.evaluate(SMALL) == []
    played.page.locator("[data-id=o6]").click()
    assert played.page.evaluate(TOO_WIDE) == []
    assert played.page.locator(".autovis-buttons button").count() <= 7
    played.picture(f"predict-{width}")


@pytest.mark.parametrize("colours", [{"color_scheme": "dark"}, {"forced_colors": "active"}])
def test_pictures_of_every_panel_for_people_to_look_at(open_view, colours):
    played = open_view(player(REFERENCE, start=start(predict=True)), **colours)
    played.keys("ArrowRight", "ArrowRight")
    played.page.keyboard.type("3")
    played.type("Enter")
    played.page.locator("[data-id=t1]").click()
    played.keys("?")
    played.picture("-".join(colours.values()))


NOTEBOOK = (
    "import autovis as av\np, q = av.leaf(1.0), av.leaf(2.0)",
    "with av.record() as tape:\n    y = (p + q) * (p + 1)\n    y.backward()",
    "film = av.play(tape, predict=True, hide='saved')\nfilm",
    "with av.record() as cut:\n    y = (p + q).detach() * (p + 1)\n    y.backward()",
    "pair = av.compare(tape, cut)\npair",
    "%%autovis detail=ledger\nz = p * q\nz.backward()",
)


def test_in_jupyterlab_answers_reach_python_and_keys_stay_in_the_film(run_cells):
    sheet = run_cells("play.ipynb", list(NOTEBOOK))
    played = Played(sheet.page)
    quiz = played.root.locator(".autovis-quiz")
    cells = sheet.cells.count()
    while not quiz.locator("input[type=text]").is_visible():
        played.keys("ArrowRight")
    quiz.locator("input[type=text]").focus()
    sheet.page.keyboard.type("b1")
    quiz.locator("input[type=text]").fill("99")
    played.press("Check")
    sheet.page.wait_for_function("() => document.querySelector('.autovis-said.wrong')")
    sheet.page.wait_for_timeout(300)
    (answer,) = sheet.value("film.answers")
    assert answer["answer"] == 99
    assert answer["right"] is False
    assert set(answer) == {"question", "answer", "right", "misconception"}
    played.keys("h", "d", "d", "d", "1", "1", "r", "h", "End", "x", "b", "a")
    assert sheet.cells.count() == cells
    sheet.page.wait_for_timeout(300)
    assert sheet.value("film.frame") == played.frame > 0
    pair = sheet.page.locator(".autovis-comparison")
    pair.scroll_into_view_if_needed()
    pair.focus()
    sheet.page.keyboard.press("End")
    assert pair.locator(".autovis-differences").get_by_role("row").count() > 2
    sheet.picture("compare", pair)
    ledger = sheet.page.locator(".autovis-player").last
    assert ledger.locator(".autovis-progress").inner_text() == "0 of 2"
    sheet.picture("film", played.root)
    assert sheet.outside == []
    assert sheet.complaints == []
