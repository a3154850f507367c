"""A learner opens a lesson in JupyterLab, runs it, and steps through its films by mouse and by keyboard."""

from pathlib import Path

import pytest

LESSONS = sorted(path.name for path in Path(__file__).parents[2].joinpath("lessons", "en").glob("*.ipynb"))
PLAYED = next((name for name in LESSONS if name.startswith("02")), "no lesson 02")

pytestmark = pytest.mark.browser


def test_there_are_lessons_to_open():
    assert LESSONS


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_runs_and_its_films_step(open_lesson, name, theme):
    sheet = open_lesson(name, theme)
    assert sheet.page.locator("body").get_attribute("data-jp-theme-light") == str(theme == "light").lower()

    # Just opened, nothing run: what is stored shows as pictures, and no dead widget is announced.
    assert "model not found" not in sheet.page.locator(".jp-Notebook").inner_text()
    bundles = [output.get("data", {}) for cell in sheet.stored for output in cell["outputs"]]
    assert sheet.page.locator('[data-mime-type="image/png"] img').count() == sum(
        "image/png" in data for data in bundles
    )
    sheet.picture(f"{theme}-opened")

    sheet.run_all()
    tagged = [n for n, cell in enumerate(sheet.stored) if "raises-exception" in cell["metadata"].get("tags", ())]
    failing = sheet.failing()
    assert {position: error for position, error in failing.items() if position not in tagged} == {}
    assert sorted(failing) == tagged
    assert sheet.unfinished() == 0

    players = sheet.players()
    assert len(players) == len(sheet.frames()), "one player in the page for each in the kernel, in the same order"
    assert players, "each lesson has a film"
    for number, player in enumerate(players, start=1):
        first, last = player.shown
        assert first == 0, "a film opens on its first frame and does not play by itself"
        step_by_mouse(player, last)
        step_by_keyboard(player, last)
        player.box.scroll_into_view_if_needed()
        sheet.picture(f"{theme}-player{number}", player.box)
    assert sheet.cells.count() == len(sheet.stored), "no key reached the notebook's own shortcuts"
    sheet.picture(f"{theme}-run")
    assert sheet.outside == []
    assert sheet.complaints == []


def step_by_mouse(player, last):
    opening = player.caption
    player.press("Next")
    player.expect(1)
    assert player.caption != opening
    player.press("Last")
    player.expect(last)
    player.press("Previous")
    player.expect(last - 1)
    player.press("First")
    player.expect(0)
    assert player.caption == opening


def step_by_keyboard(player, last):
    player.key("ArrowRight")
    player.expect(1)
    player.key("ArrowLeft")
    player.expect(0)
    player.key("End")
    player.expect(last)
    player.key("b")  # `b` inserts a cell where the notebook hears it
    player.key("Home")
    player.expect(0)
    for _ in range(min(3, last)):
        player.key("ArrowRight")
    player.expect(min(3, last))


def test_play_moves_on_and_a_manual_step_stops_it(open_lesson):
    sheet = open_lesson(PLAYED)
    sheet.run_all()
    player = max(sheet.players(), key=lambda player: player.shown[1])
    player.press("Play")
    sheet.page.wait_for_function(
        "box => !/^\\D*0 of/.test(box.innerText)", arg=player.box.locator(".autovis-progress").element_handle()
    )
    player.press("Next")
    stopped = player.shown[0]
    sheet.page.wait_for_timeout(2500)
    assert player.shown[0] == stopped
    player.expect(stopped)


def test_stepping_needs_no_kernel(open_lesson):
    sheet = open_lesson(PLAYED)
    sheet.run_all()
    player = sheet.players()[0]
    sheet.lab.shut_down_kernels()
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
