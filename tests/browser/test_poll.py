"""A teacher counts hands before and after the class has talked, and opens what is behind a bar."""

import pytest

pytestmark = pytest.mark.browser


def test_hands_are_typed_and_a_bar_opens_on_a_click(run_cells):
    sheet = run_cells("poll.ipynb", ["import autovis as av", "shown = av.poll('05-p1')", "shown", "shown"])
    poll, twin = (sheet.page.locator(".autovis-poll").nth(number) for number in (0, 1))
    behind = poll.get_by_text("M6: Each backward() overwrites .grad")
    first = poll.get_by_role("spinbutton", name="Before talking, hands for 4")
    first.click()
    sheet.page.keyboard.type("12")
    sheet.page.keyboard.press("Tab")
    sheet.page.keyboard.type("1")
    poll.get_by_role("spinbutton", name="Before talking, hands for 8").fill("4")
    poll.get_by_text("12 · 75 %").wait_for()
    assert not behind.is_visible(), "nothing is given away by counting"
    sheet.until(lambda: sheet.value("shown.counts") == [[12, 4, 0], [1, 0, 0]], "the kernel to know")
    twin.get_by_text("12 · 75 %").wait_for()

    four = poll.get_by_role("button", name="a 4")
    assert four.get_attribute("aria-expanded") == "false"
    four.focus()
    sheet.page.keyboard.press("Enter")
    assert behind.is_visible()
    assert not poll.get_by_text("This is the answer.").is_visible()
    poll.get_by_role("button", name="b 8").click()
    assert poll.get_by_text("This is the answer.").is_visible()
    four.click()
    assert not behind.is_visible()
    sheet.picture("open", poll)

    poll.get_by_role("button", name="Clear the counts").click()
    sheet.until(lambda: sheet.value("shown.counts") == [[0, 0, 0], [0, 0, 0]], "the kernel to forget")
    assert first.evaluate("one => one === document.activeElement")
    assert not poll.get_by_text("This is the answer.").is_visible()
    assert sheet.cells.count() == 4, "no key reached the notebook's own shortcuts"
    assert sheet.complaints == []


def test_what_is_typed_in_python_is_shown(run_cells):
    sheet = run_cells(
        "poll-counts.ipynb", ["import autovis as av", "av.poll('05-p1', {'a': 3, '8': 1}, after={'b': 4})"]
    )
    poll = sheet.page.locator(".autovis-poll")
    poll.get_by_text("3 · 75 %").wait_for()
    assert poll.get_by_role("spinbutton").evaluate_all("all => all.map((one) => one.value)") == [
        "3",
        "",
        "1",
        "4",
        "",
        "",
    ]
