"""A learner plays with a program in JupyterLab: by mouse, by keyboard, and with errors on the way."""

import pytest

pytestmark = pytest.mark.browser

PROGRAM = """
p = av.tensor(1.0, requires_grad=True)
q = av.tensor(2.0, requires_grad=True)
s = p + q
t = p + 1
y = s * t
y.backward()
"""


@pytest.fixture
def explored(run_cells):
    """A function that opens a notebook whose cell shows an explorer, and returns the sheet and the explorer."""
    opened = []

    def open_it(program=PROGRAM, **options):
        lines = ["import autovis as av", f"explorer = av.explore({program!r}, title='y')", "explorer"]
        sheet = run_cells("explore.ipynb", ["\n".join(lines)], **options)
        opened.append(sheet)
        box = sheet.page.locator(".autovis-explorer")
        box.wait_for()
        return sheet, Explorer(sheet, box)

    yield open_it
    for sheet in opened:
        assert sheet.outside == []
        assert sheet.complaints == []


class Explorer:
    """The explorer in the page, and what the kernel says about it."""

    def __init__(self, sheet, box):
        self.sheet = sheet
        self.box = box
        self.keyboard = sheet.page.keyboard
        self.until = sheet.until

    def press(self, name):
        self.box.get_by_role("button", name=name, exact=True).click()

    def key(self, name):
        self.box.focus()
        self.keyboard.press(name)

    @property
    def told(self):
        return self.box.locator(".explorer-told").inner_text()

    @property
    def lines(self):
        return self.box.locator(".explorer-program li code").all_inner_texts()

    def row(self, name):
        cells = self.box.locator(".explorer-results tr", has=self.sheet.page.get_by_role("rowheader", name=name))
        return cells.locator("td").all_inner_texts()

    def awaits(self, told):
        self.until(lambda: told in self.told, f"{told!r}; it says {self.told!r}")

    def kernel(self, expression):
        return self.sheet.value(f"explorer.{expression}")


def test_a_leaf_is_changed_by_slider_predicted_and_run(explored):
    sheet, explorer = explored()
    sheet.picture("opened", explorer.box)
    explorer.box.get_by_role("slider", name="slider for p").focus()
    for _ in range(3):
        explorer.keyboard.press("ArrowRight")
    explorer.awaits("these results have not")
    assert explorer.box.get_by_text("stale", exact=True).is_visible()
    sheet.picture("stale", explorer.box)
    explorer.until(lambda: "1.6" in explorer.lines[0], "the line of code")
    assert explorer.kernel("history") == ["p = av.tensor(1.6, requires_grad=True)"]
    assert explorer.row("p") == ["1", "5"]
    explorer.key("Enter")
    explorer.awaits("what the program does now")
    assert explorer.row("p") == ["1", "1.6", "5", "6.2", "changed"]
    assert explorer.box.locator(".autovis-side").count() == 2
    assert explorer.kernel("history") == ["p = av.tensor(1.6, requires_grad=True)"]
    sheet.picture("ran", explorer.box)
    explorer.key("u")
    explorer.until(lambda: explorer.row("p") == ["1.6", "1", "6.2", "5", "changed"], "what was")
    assert explorer.lines[0] == "p = av.tensor(1.0, requires_grad=True)"


def test_a_value_is_typed_and_the_keyboard_stays_where_it_is(explored):
    _, explorer = explored()
    explorer.box.get_by_role("textbox", name="value of q").focus()
    explorer.keyboard.press("Control+a")
    explorer.keyboard.type("5")
    explorer.keyboard.press("Enter")
    explorer.awaits("these results have not")
    assert explorer.box.evaluate("() => document.activeElement.getAttribute('aria-label')") == "value of q"
    explorer.keyboard.press("Enter")
    explorer.awaits("what the program does now")
    assert explorer.row("p")[3] == "8"
    explorer.box.get_by_role("textbox", name="value of q").fill("five")
    explorer.keyboard.press("Enter")
    explorer.awaits("five is no number")
    assert explorer.kernel("program.count('av.tensor(5.0')") == 1


def test_an_edge_is_cut_by_mouse_and_by_key(explored):
    sheet, explorer = explored()
    edge = next(each["id"] for each in explorer.kernel("state['edges']") if each["text"] == "s = p + q →")
    line = explorer.box.locator(f"[data-id={edge}] .grip")
    line.scroll_into_view_if_needed()
    line.click(force=True)
    explorer.until(lambda: "s = (p + q).detach()" in explorer.lines, f"the cut; there is {explorer.lines}")
    explorer.key("Enter")
    explorer.awaits("what the program does now")
    assert explorer.row("q") == ["2", "2", "2", "None", "changed"]
    sheet.picture("cut", explorer.box)
    explorer.box.get_by_role("combobox", name="Edge").select_option(label="cut of p + q")
    explorer.key("x")
    explorer.until(lambda: "s = p + q" in explorer.lines, f"the healed line; there is {explorer.lines}")


def test_backward_again_fails_with_pytorchs_sentence_and_can_be_cured(explored):
    sheet, explorer = explored()
    explorer.key("b")
    explorer.until(lambda: explorer.lines[-1] == "y.backward()" and len(explorer.lines) == 7, "the line")
    explorer.key("Enter")
    failure = explorer.box.locator(".failure")
    failure.wait_for()
    assert "Trying to backward through the graph a second time" in failure.inner_text()
    assert "Traceback" not in sheet.page.locator("body").inner_text()
    sheet.picture("failed", explorer.box)
    explorer.box.get_by_role("checkbox", name="retain_graph, line 6").check()
    explorer.until(lambda: "y.backward(retain_graph=True)" in explorer.lines, "the argument")
    explorer.key("z")
    explorer.awaits("these results have not")
    explorer.key("u")
    explorer.key("Enter")
    explorer.until(lambda: explorer.row("p")[3:4] == ["10"], "both passes added up")
    assert explorer.box.get_by_text("call 2", exact=True).is_visible()  # the film opens at its end


def test_each_change_can_run_at_once(explored):
    _, explorer = explored(theme="dark")
    explorer.box.get_by_role("checkbox", name="Run after each change").check()
    explorer.until(lambda: explorer.kernel("auto_run"), "the switch")
    explorer.box.get_by_role("checkbox", name="q asks for a gradient").uncheck()
    explorer.awaits("what the program does now")
    assert explorer.row("q") == ["2", "2", "2", "–", "changed"]
    explorer.sheet.picture("dark", explorer.box)


def test_a_narrow_page_holds_it(explored):
    sheet, explorer = explored(width=620)
    explorer.key("b")
    explorer.key("Enter")
    explorer.box.locator(".failure").wait_for()
    sheet.picture("narrow", explorer.box)
    wide = """(box) => [...box.querySelectorAll("section, .explorer-row, .explorer-buttons, .explorer-told")]
        .filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.className)"""
    assert explorer.box.evaluate(wide) == []
    small = """(box) => [...box.querySelectorAll(".explorer-bench :is(button, input, select)")]
        .map((one) => [one.dataset.key, one.closest("label") ?? one])
        .filter(([, one]) => one.getBoundingClientRect().height < 24 || one.getBoundingClientRect().width < 24)
        .map(([key]) => key)"""
    assert explorer.box.evaluate(small) == []


LAB = """import autovis as av
a = av.tensor(3.0, requires_grad=True)
b = a + a
c = b + b
av.order_lab(c)"""


def test_two_orders_are_stepped_together(run_cells):
    sheet = run_cells("order.ipynb", [LAB])
    box = sheet.page.locator(".autovis-order")
    box.wait_for()
    box.focus()
    for _ in range(4):
        sheet.page.keyboard.press("ArrowRight")
    captions = box.locator(".autovis-caption")
    told = "Visit 2: too early! b sends on 1 while 1 more must still come: 1 to a, 1 to a."
    sheet.until(lambda: captions.nth(0).inner_text() == told, f"the mistake; it says {captions.nth(0).inner_text()}")
    assert captions.nth(1).inner_text() == "1 arrives at b: 1 + 1 = 2, and that was the last."
    sheet.picture("middle", box)
    sheet.page.keyboard.press("End")
    assert box.locator(".order-where").inner_text() == "step 11 of 11"
    assert "a 6, not 4" in captions.nth(0).inner_text()
    assert captions.nth(1).inner_text() == "Done after 3 visits; every gradient is right."
    sheet.picture("end", box)
    rows = box.locator(".order-outcome tbody tr")
    assert rows.last.locator("td").all_inner_texts() == ["6", "4", "wrong"]
    box.get_by_role("combobox", name="Naive order").select_option("assign")
    assert rows.last.locator("td").all_inner_texts() == ["1", "4", "wrong"]
    assert sheet.outside == []
    assert sheet.complaints == []


CHARTS = [
    """import autovis as av
w = av.leaf([3.0, 0.0])
x = av.tensor([1.0, 2.0])
with av.record() as tape:
    for _ in range(3):
        loss = ((w * x).sum() - 1) ** 2
        loss.backward()
player = av.play(tape)
player""",
    "av.memory(tape, player)",
    "av.norms(tape, player)",
]


def test_a_figure_follows_the_film(run_cells):
    sheet = run_cells("charts.ipynb", CHARTS)
    images = sheet.page.locator(".jp-OutputArea img")
    sheet.until(lambda: images.count() == 2, "two figures")
    before = [images.nth(number).get_attribute("src") for number in range(2)]
    sheet.page.locator(".autovis-player").focus()
    sheet.page.keyboard.press("End")
    for number in range(2):
        sheet.until(lambda number=number: images.nth(number).get_attribute("src") != before[number], "the marker")
    images.nth(1).scroll_into_view_if_needed()
    sheet.picture("moved")
    assert "norm" not in sheet.page.locator(".jp-OutputArea-error").all_inner_texts()
    assert sheet.complaints == []
