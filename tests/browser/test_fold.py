"""Boxes open and close in JupyterLab, by mouse and by keyboard; the film stays where it is."""

import pytest

pytestmark = pytest.mark.browser

LOOP = """import autovis as av
w = av.leaf(0.5)
with av.record() as tape:
    y = w
    for _ in range(30):
        y = (y * w).sin()
    y.backward()
film = av.play(tape)
film"""
BOX, FRAME = ".element.fold[data-id=f1]", ".region.module[data-id=f1]"


def test_a_box_opens_by_mouse_and_by_keyboard_and_the_playhead_stays(run_cells):
    sheet = run_cells("fold.ipynb", [LOOP])
    page = sheet.page
    box = page.locator(BOX)
    caption = page.locator(".autovis-caption")
    box.wait_for(state="attached")  # it is seen when its steps have run
    page.locator(".autovis-player").focus()
    page.keyboard.press("End")
    box.wait_for()
    assert "× 28" in box.text_content()
    last = caption.inner_text()
    sheet.picture("folded", page.locator(".autovis"))

    box.locator(".shape").last.click()
    page.locator(FRAME).wait_for()
    assert not box.count()
    assert page.locator(".element.fold").count() == 28
    assert caption.inner_text() == last
    assert page.evaluate("document.activeElement.getAttribute('data-id')") == "f1"
    sheet.picture("unfolded", page.locator(".autovis"))

    page.keyboard.press("Enter")
    box.wait_for()
    assert page.evaluate("document.activeElement.getAttribute('data-id')") == "f1"
    page.keyboard.press("Enter")
    page.locator(FRAME).wait_for()
    assert sheet.value("film.folded.opened == frozenset({'f1'})") is True
    assert sheet.value("film.frame == len(film.film['frames']) - 1") is True


FROZEN = """import autovis as av
net = av.nn.Linear(2, 1).requires_grad_(False)
x = av.ones(1, 2, requires_grad=True)
y = net(x) * 2.0
av.show(y, fold=True)"""


def test_a_box_that_looks_frozen_opens_too(run_cells):
    page = run_cells("frozen.ipynb", [FROZEN]).page
    box = page.locator(".element.frozen-fold")
    box.locator(".shape").last.click()
    page.locator(".region.module").wait_for()
    assert not box.count()
    assert page.locator(".element.frozen").count() == 2
