"""A learner predicts in another language: the panel shows whole words, and the answer is the one that was chosen."""

import json
import shutil
from pathlib import Path

import pytest

from autovis.classroom.bank import questions
from autovis.classroom.translation import catalogue
from autovis.language import tables

LESSONS = Path(__file__).parents[2] / "lessons"
TRANSLATED = sorted({path.parent.name for path in LESSONS.glob("*/05-*.ipynb")} - {"en"})
CUT_OFF = """box => [...box.querySelectorAll('*')].filter(each =>
    each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).overflowX !== 'visible').length"""

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_prediction_is_made_and_answered_in_the_language_of_the_lesson(lab, open_sheet, code):
    (lesson,) = (LESSONS / code).glob("05-*.ipynb")
    name = f"{code}-{lesson.name}"
    shutil.copyfile(lesson, lab.files / name)
    sheet = open_sheet(name)
    sheet.picture("opened")
    sheet.run_all()
    tagged = [n for n, cell in enumerate(cells_of(lesson)) if "raises-exception" in cell["metadata"].get("tags", ())]
    assert sorted(sheet.failing()) == tagged
    words, say = tables(code)["quiz"], catalogue(code).gettext
    option = questions()["05-w"].options[0]
    panel = sheet.page.locator(".autovis-question", has_text=f"05-w: {words['choice']}")
    panel.get_by_role("radio", name=say(option.label)).check()
    panel.get_by_role("button", name=words["commit"], exact=True).click()
    panel.get_by_text(words["committed"].format(prediction=say(option.label))).wait_for()
    assert panel.evaluate(CUT_OFF) == 0
    sheet.picture("panel", panel)
    again = sheet.page.locator(".autovis-question", has_text=f"05-w-again: {words['choice']}")
    sheet.picture("again", again)
    player = sheet.page.locator(".autovis-player").first
    player.get_by_role("button", name=tables(code)["player"]["next"], exact=True).click()
    player.scroll_into_view_if_needed()
    sheet.picture("film", player)
    assert sheet.complaints == []


def cells_of(lesson):
    """The code cells as they lie in the file."""
    return [cell for cell in json.loads(lesson.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]
