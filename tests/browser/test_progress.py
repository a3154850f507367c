"""A learner says how sure she is, commits, and finds it committed in the next kernel."""

import pytest

from autovis.classroom.store import FILE

pytestmark = pytest.mark.browser

ON = "import os\nos.environ['AUTOVIS_PROGRESS'] = 'on'\nimport autovis as av"


@pytest.fixture
def _no_file(lab):
    yield
    (lab.files / FILE).unlink()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.usefixtures("_no_file")
def test_a_commitment_and_how_sure_one_was_outlive_the_kernel(lab, run_cells, theme):
    sheet = run_cells("progress.ipynb", [ON, "av.predict('02-p1')"], theme)
    panel = sheet.page.locator(".autovis-question")
    sure, guess = (panel.get_by_role("button", name=name, exact=True) for name in ("sure", "a guess"))
    guess.click()
    sure.focus()
    sheet.page.keyboard.press("Enter")
    assert [each.get_attribute("aria-pressed") for each in (sure, guess)] == ["true", "false"]
    assert not (lab.files / FILE).exists(), "nothing is committed yet"
    panel.get_by_role("radio", name="3").check()
    sheet.picture(theme, panel)
    panel.get_by_role("button", name="Commit").click()
    panel.get_by_text("You predict: 3 (sure)").wait_for()
    assert sure.is_disabled()

    again = run_cells("progress-again.ipynb", [ON, "av.predict('02-p1')", "av.progress()"], theme)
    panel = again.page.locator(".autovis-question")
    panel.get_by_text("You predict: 3 (sure)").wait_for()
    assert panel.get_by_role("button", name="sure", exact=True).get_attribute("aria-pressed") == "true"
    assert panel.get_by_role("radio", name="5").is_disabled()
    assert panel.get_by_role("radio", name="3").is_checked()
    again.page.get_by_role("columnheader", name="right when sure").wait_for()
    assert again.page.get_by_role("cell", name="0 of 1").is_visible()
    again.page.get_by_text("You were sure, and it was otherwise: 02-p1.").wait_for()
    again.picture(theme)
    assert sheet.complaints == again.complaints == []
    assert sheet.outside == again.outside == []
