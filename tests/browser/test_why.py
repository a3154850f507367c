"""`av.why` in JupyterLab: the words as text, and below them the picture with the guilty element marked."""

import pytest

pytestmark = pytest.mark.browser

PROGRAM = """
import autovis as av
w, v = av.leaf(2.0), av.leaf(3.0)
h = w * 3
loss = h.detach() * v
loss.backward()
"""


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 700)])
def test_an_answer_is_words_and_a_picture(run_cells, theme, width):
    sheet = run_cells(f"why-{theme}.ipynb", [PROGRAM, "av.why(w)", "print(av.why(loss))"], theme, width=width)
    answer = sheet.cells.nth(1)
    words = answer.locator(".jp-RenderedText").first.inner_text()
    assert words.startswith("w.grad is None because the history is cut at detach")
    assert "no help" in words
    marked = answer.locator(".element.active")
    marked.wait_for()
    assert marked.count() == 1
    assert "cut" in marked.get_attribute("class").split()
    sheet.picture(f"answer-{theme}", answer)
    assert sheet.outside == []
    assert sheet.complaints == []
