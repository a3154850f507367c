"""A teacher presents: a remote control steps, numbers are hidden and shown, the screen is filled."""

import re

import pytest

pytestmark = pytest.mark.browser

LECTURE = """import autovis as av
p, q = av.leaf(1.0), av.leaf(2.0)
with av.record() as tape:
    y = (p + q) * (p + 1)
    y.backward()
shown = av.present(tape)"""


@pytest.fixture
def hall(run_cells):
    """A notebook with a presentation; returns the sheet, the presenter and the player in it."""
    sheet = run_cells("lecture.ipynb", [LECTURE, "shown"])
    presenter = sheet.page.locator(".autovis-presenter")
    presenter.wait_for()
    (player,) = sheet.players()
    return sheet, presenter, player


def test_a_remote_control_steps_and_the_kernel_follows(hall):
    sheet, _, player = hall
    for _ in range(3):
        player.key("PageDown")
    player.expect(3)
    player.key("PageUp")
    player.expect(2)
    player.key("End")
    player.expect(player.shown[1])
    player.key("PageDown")
    player.expect(player.shown[1])
    assert sheet.cells.count() == 2
    assert sheet.complaints == []


def test_b_hides_what_was_computed_and_shows_it_again(hall):
    sheet, presenter, player = hall
    player.key("End")
    player.expect(player.shown[1])
    numbers = presenter.locator('[data-slot="grad"]')
    seen = lambda slot: [one.is_visible() for one in presenter.locator(slot).all()]
    assert all(seen('[data-slot="grad"]'))
    told = player.caption
    assert re.search(r"\d", told)
    player.key("b")
    veil = presenter.locator(".presenter-veil")
    assert re.sub(r"[-\d.]*\d|None", "?", told) == veil.inner_text()
    assert not any(seen('[data-slot="grad"]'))
    assert not any(seen('.element.mid [data-slot="value"]'))
    assert all(seen('.element.leaf [data-slot="value"]')), "what was given stays"
    assert presenter.get_by_role("button", name="Hide numbers").get_attribute("aria-pressed") == "true"
    sheet.picture("blackout", presenter)
    player.key("Home")
    player.expect(0)
    assert veil.inner_text() != ""
    player.key(".")  # what other remotes send
    assert numbers.first.is_visible()
    assert not veil.is_visible()


def test_the_figures_come_on_request(hall):
    sheet, presenter, player = hall
    ledger = presenter.get_by_role("region", name="Ledger of .grad")
    assert not ledger.is_visible()
    player.key("n")
    assert ledger.is_visible()
    sheet.picture("figures", presenter)


def test_one_frame_fills_the_screen_and_leaves_it_again(hall):
    sheet, presenter, player = hall
    whole = presenter.get_by_role("button", name="Full screen")
    player.key("f")
    sheet.page.wait_for_function("document.fullscreenElement?.className === 'autovis-presenter'")
    assert whole.get_attribute("aria-pressed") == "true"
    box = player.box.bounding_box()
    assert (box["width"], box["height"]) == (1280, 960)
    assert presenter.locator(".autovis-stage svg").bounding_box()["width"] > 1100
    sheet.page.keyboard.press("PageDown")
    player.expect(1)
    sheet.picture("full-screen")
    whole.click()
    sheet.page.wait_for_function("!document.fullscreenElement")
    sheet.until(lambda: whole.get_attribute("aria-pressed") == "false", "the button to come up again")
    assert sheet.complaints == []


def test_a_saved_page_presents_without_a_kernel(hall, chromium, tmp_path):
    sheet, _, _ = hall
    page = chromium.new_context(viewport={"width": 1280, "height": 800}).new_page()
    wrong = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    (tmp_path / "lecture.html").write_text(sheet.value("shown.to_html()"), "utf-8")
    page.goto((tmp_path / "lecture.html").as_uri())
    page.locator(".autovis-presenter .autovis").focus()
    page.keyboard.press("PageDown")
    page.get_by_text("1 of 13").wait_for()
    assert page.url.endswith("#1") or page.wait_for_url("**#1") is None
    assert wrong == []
    page.context.close()
