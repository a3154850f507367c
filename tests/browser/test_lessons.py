"""A learner opens a lesson in JupyterLab, runs it, predicts once wrong and once right, and steps through its film."""

import re
from pathlib import Path

import pytest

from autovis.classroom import judge
from autovis.classroom.bank import questions

LESSONS = sorted(path.name for path in Path(__file__).parents[2].joinpath("lessons", "en").glob("*.ipynb"))
DARK = [name for name in LESSONS if name[:2] in {"02", "10"}]
READY = "[...document.querySelectorAll('.jp-Notebook img')].every((one) => one.complete && one.naturalWidth)"

pytestmark = pytest.mark.browser


def test_there_are_lessons_to_open():
    assert LESSONS
    assert len(DARK) == 2


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_runs_asks_and_plays(open_lesson, name):
    sheet = open_lesson(name)
    looks_as_stored(sheet)
    sheet.run_all()
    only_what_must_fail_failed(sheet)
    first, second = predictions(name)
    predicted_wrong(sheet, first)
    predicted_right(sheet, second)
    players = sheet.players()
    assert len(players) == len(sheet.frames()), "one player in the page for each in the kernel, in the same order"
    assert players, "each lesson has a film, or two side by side"
    assert {player.shown[0] for player in players} == {0}, "a film opens on its first frame and waits"
    steps(players[0])
    sheet.picture("film", players[0].box)
    nothing_went_astray(sheet)


@pytest.mark.parametrize("name", DARK)
def test_a_lesson_in_the_dark_plays_stops_and_needs_no_kernel(open_lesson, name):
    sheet = open_lesson(name, "dark")
    assert sheet.page.locator("body").get_attribute("data-jp-theme-light") == "false"
    looks_as_stored(sheet)
    sheet.run_all()
    predicted_wrong(sheet, predictions(name)[0])
    player = max(sheet.players(), key=lambda player: player.shown[1])
    player.press("Play")
    sheet.until(lambda: player.shown[0] > 0, "the film to move")
    player.press("Next")
    stopped = player.shown[0]
    sheet.page.wait_for_timeout(2500)
    assert player.shown[0] == stopped
    player.expect(stopped)
    player.box.scroll_into_view_if_needed()
    sheet.picture("dark-film")
    sheet.lab.shut_down_kernels()
    player.press("First")
    player.press("Next")
    player.key("ArrowRight")
    assert player.shown[0] == 2


def test_the_command_prints_an_address_that_leads_to_the_lesson(command_lab, chromium):
    address = command_lab("01")
    context = chromium.new_context()
    page = context.new_page()
    page.goto(address)
    page.get_by_role("tab", name="01-").wait_for()
    page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
    context.close()


def predictions(name):
    """The first two questions of a lesson that have options, the warm-up aside; the first betrays a misconception."""
    mine = re.compile(Path(name).stem.partition("-")[0] + r"-p?\d+")
    asked = [one for id, one in questions().items() if mine.fullmatch(id) and one.kind != "number"]
    first = next(one for one in asked if one.kind == "choice" and any(option.misconception for option in one.options))
    return first, next(one for one in asked if one is not first)


def looks_as_stored(sheet):
    """Just opened, nothing run: what is stored shows as pictures, and no dead widget is announced."""
    assert "model not found" not in sheet.page.locator(".jp-Notebook").inner_text()
    bundles = [output.get("data", {}) for cell in sheet.stored for output in cell["outputs"]]
    stored = sheet.page.locator('[data-mime-type="image/png"] img')
    assert stored.count() == sum("image/png" in data for data in bundles)
    sheet.page.wait_for_function(READY)


def only_what_must_fail_failed(sheet):
    tagged = [n for n, cell in enumerate(sheet.stored) if "raises-exception" in cell["metadata"].get("tags", ())]
    failing = sheet.failing()
    assert {position: error for position, error in failing.items() if position not in tagged} == {}
    assert sorted(failing) == tagged
    assert sheet.unfinished() == 0


def predicted_wrong(sheet, question):
    """By mouse; the answer that waited opens with the feedback on just this misconception."""
    panel, answer = panel_of(sheet, question), answer_to(sheet, question)
    assert "Predict first" in answer.inner_text()
    wrong = next(option for option in question.options if option.misconception)
    panel.get_by_text(wrong.label, exact=True).click()
    panel.get_by_role("button", name="Commit").click()
    told = reply(sheet, answer, wrong.feedback)
    assert wrong.label in told
    assert "This cell gave" not in told, "the cell's value is that of the question, whatever ran since"
    assert all(one.feedback not in told for one in question.options if one.misconception and one is not wrong)
    sheet.until(panel.get_by_role("radio").first.is_disabled, "the first prediction to stay")
    answer.scroll_into_view_if_needed()
    sheet.picture("answered")


def predicted_right(sheet, question):
    """By keyboard, from the first option on."""
    panel, answer = panel_of(sheet, question), answer_to(sheet, question)
    panel.locator("input").first.focus()
    right = [judge.is_right(option, question) for option in question.options]
    press = sheet.page.keyboard.press
    if question.kind == "choice":
        press("Space")
        for _ in range(right.index(True)):
            press("ArrowDown")
    for ticked in right if question.kind == "several" else []:
        if ticked:
            press("Space")
        press("Tab")
    if question.kind == "several":
        press("Shift+Tab")
    press("Enter")
    last = next(option for option in question.options if judge.is_right(option, question))
    told = reply(sheet, answer, question.right or last.feedback)
    assert all(option.feedback not in told for option in question.options if option.misconception)


def panel_of(sheet, question):
    legend = sheet.page.locator("legend", has_text=re.compile(f"^{question.id}: "))
    return sheet.page.locator(".autovis-question").filter(has=legend)


def answer_to(sheet, question):
    """The panel of the cell that reveals a question's answer."""
    return sheet.cells.filter(has_text=f'av.reveal("{question.id}"').locator(".autovis-question")


def reply(sheet, answer, feedback):
    """Wait until the answer holds this feedback; return all that it says, in one line."""

    def told():
        text = " ".join(answer.inner_text().split())
        return text if " ".join(feedback.split()) in text else ""

    return sheet.until(told, f"{feedback!r}, not {answer.inner_text()!r}")


def steps(player):
    """By mouse, then by keyboard; the kernel hears of it."""
    opening = player.caption
    player.press("Next")
    player.expect(1)
    assert player.caption != opening
    player.key("End")
    player.expect(player.shown[1])
    player.key("b")  # `b` inserts a cell where the notebook hears it
    player.key("ArrowLeft")
    player.expect(player.shown[1] - 1)


def nothing_went_astray(sheet):
    assert sheet.cells.count() == len(sheet.stored), "no key reached the notebook's own shortcuts"
    assert sheet.outside == []
    assert sheet.complaints == []
