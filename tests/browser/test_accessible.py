"""Players, pictures and questions for everybody: axe-core finds nothing, keys reach everything, targets can be hit."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import autovis as av
from autovis.classroom import panel
from autovis.language import LANGUAGES
from autovis.widgets import page as widget
from autovis.widgets.compare import Comparison
from autovis.widgets.explorer import Explorer
from autovis.widgets.order_lab import OrderLab
from autovis.widgets.player import Packed, View
from autovis.widgets.poll import Poll
from autovis.widgets.present import Presentation, Slide

pytestmark = pytest.mark.browser

SCREENS = Path(__file__).resolve().parents[2] / "test-artifacts" / "screens"

ENTRIES = {
    Explorer: "explorer.js",
    OrderLab: "order.js",
    Comparison: "comparison.js",
    Poll: "poll.js",
    Presentation: "present.js",
    Slide: "present.js",
    View: "player.js",
}
PAGE = (
    '<!doctype html><html lang="{lang}"><title>autovis</title><body {body}><main><h1>autovis</h1></main></body></html>'
)

# A film, or an explorer without a kernel that answers.
MOUNT = """async ([code, style, film, state]) => {
  const module = await import(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
  const { mount, mountExplorer, mountOrder, mountPair, mountPoll, mountPresenter } = module;
  const shown = { style, state, ask() {} };
  const mounts = mountOrder ?? mountExplorer ?? mountPair ?? mountPoll ?? mountPresenter ?? mount;
  window.player = mounts(document.querySelector("main"), film, shown);
}"""

# A question with a stand-in for the kernel, which takes what it is given.
ASK = """async ([code, style, fields]) => {
  document.head.append(Object.assign(document.createElement("style"), { textContent: style }));
  const ears = {};
  const model = {
    get: (name) => fields[name],
    set(name, value) {
      fields[name] = value;
      ears[`change:${name}`]?.();
    },
    on: (name, ear) => (ears[name] = ear),
    off() {},
    save_changes() {
      this.set("said", `You predict: ${fields.answer}`);
      this.set("settled", true);
    },
  };
  const { default: widget } = await import(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
  widget.render({ model, el: document.querySelector("main") });
}"""

AXE = """async () => {
  const { violations } = await axe.run(document, {
    resultTypes: ["violations"],
    rules: { "target-size": { enabled: true } },
  });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html, any, all, none }) =>
    `${id}: ${html.slice(0, 160)} (${[...any, ...all, ...none].map(({ message }) => message).join("; ")})`));
}"""

# Controls that are smaller than a fingertip; of the picture's elements axe measures the distances.
SMALL = """() => [...document.querySelectorAll("main :is(button, input, select, summary)")]
  .map((one) => [one, (one.closest("label") ?? one).getBoundingClientRect()])
  .filter(([, { width, height }]) => width && height && (width < 24 || height < 24))
  .map(([one, { width, height }]) => `${one.outerHTML.slice(0, 80)} ${width} x ${height}`)"""

# Lines of code and elements of the picture are walked with the arrow keys: one of them takes the Tab.
CONTROLS = "main :is(button:not([tabindex='-1']), input, select, summary)"

# What has the focus, and whether it looks otherwise than without; the thumb of the timeline is out of sight of scripts.
FOCUSED = """() => {
  const one = document.activeElement;
  if (one === document.body) return null;
  const parts = [one, ...one.querySelectorAll(":scope > .halo")];
  const look = () => parts.map((part) => getComputedStyle(part))
    .map((style) => [style.outline, style.boxShadow, style.borderColor, style.stroke]).join();
  const focused = look();
  one.blur();
  const plain = look();
  one.focus();
  const name = one.ariaLabel || one.textContent.trim() || one.tagName;
  return { name, seen: one.matches("[type=range]") || focused !== plain };
}"""


def failing() -> View:
    """Return a film with code, chain rule, fan-in, ledger, a cut, a hook, a second call and an error."""
    x = av.tensor([1.0, 2.0], requires_grad=True)
    with av.record() as tape:
        y = x * x
        y.register_hook(lambda g: g * 2)
        z = (y * y.detach()).sum()
        z.backward(retain_graph=True)
        x.grad = None
        z.backward()
        with pytest.raises(RuntimeError):
            z.backward()
    return av.play(tape, "three calls")


def picture() -> View:
    """Return a picture with a leaf, a constant, a cut and a saved value."""
    x = av.tensor(3.0, requires_grad=True)
    y = x * x.detach() + 1
    return av.show(y)


def explorer() -> Explorer:
    """Return an explorer whose program was changed and not run since."""
    lines = [
        "p = av.tensor(1.0, requires_grad=True)",
        "q = av.tensor([2.0, 3.0], requires_grad=True)",
        "y = (p * q).sum()",
        "y.backward()",
    ]
    shown = av.explore("\n".join(lines))
    shown.set("p", 3.0)
    shown.run()
    shown.flag("p", False)
    return shown


def orders() -> OrderLab:
    """Return an order lab whose first order ends with a wrong number."""
    a = av.tensor(3.0, requires_grad=True)
    b = a + a
    c = b + b
    return av.order_lab(c)


def asking() -> View:
    """Return a film that asks which leaves get a gradient, and what the product sends."""
    x, w = av.tensor(3.0, requires_grad=True), av.tensor(2.0, requires_grad=True)
    with av.record() as tape:
        y = x * w
        y.backward()
    return av.play(tape, predict=True)


def pair() -> Comparison:
    """Return two films, one of which has a cut."""
    films = []
    for cut in (False, True):
        x = av.tensor(3.0, requires_grad=True)
        with av.record() as tape:
            y = (x.detach() if cut else x) * x
            y.backward()
        films.append(tape)
    return av.compare(*films)


def told(view: Packed) -> list[Any]:
    """Return what `MOUNT` takes."""
    entry = next(entry for kind, entry in ENTRIES.items() if isinstance(view, kind))
    return [widget.code(entry), widget.style(entry), view.film, getattr(view, "state", None)]


def question(kind: str) -> tuple[str, str, dict[str, Any]]:
    """Return code, style and fields of a question's panel."""
    asked = panel.question("02-p1", kind, ["2", "3", "x.exp()"], str, "")
    fields = {name: getattr(asked, name) for name in asked.trait_names(sync=True) if not name.startswith("_")}
    plain = {name: value for name, value in fields.items() if isinstance(value, (str, bool, list))}
    return panel.Panel._esm, panel.Panel._css, plain


@dataclass
class Page:
    """A page with nothing but our widget in it."""

    page: Any

    def violations(self) -> list[str]:
        self.page.wait_for_timeout(60)  # what a press has begun is painted
        return list(self.page.evaluate(AXE))

    def small(self) -> list[str]:
        return list(self.page.evaluate(SMALL))

    def picture(self, name: str) -> None:
        SCREENS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENS / f"accessible-{name}.png", full_page=True)

    def tab_through(self) -> list[str]:
        """Press Tab until the page is left; assert that everything shows that it has the focus."""
        names = []
        for _ in range(60):
            self.page.keyboard.press("Tab")
            focused = self.page.evaluate(FOCUSED)
            if focused is None:
                return names
            assert focused["seen"], focused
            names.append(focused["name"])
        raise AssertionError(names)


@pytest.fixture
def open_page(chromium: Any) -> Iterator[Callable[..., Page]]:
    """A function that opens a page with a view, a question or the text of a page, and axe-core beside it."""
    package = pytest.importorskip("axe_playwright_python", reason="not run: axe-playwright-python is not installed")
    axe = (Path(package.__file__).parent / "axe.min.js").read_text("utf-8")
    contexts = []

    def open_it(what: Any, *, body: str = "", width: int = 900, lang: str = "en", **options: Any) -> Page:
        context = chromium.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_content(what if isinstance(what, str) else PAGE.format(lang=lang, body=body))
        page.evaluate(axe)
        if isinstance(what, Packed):
            page.evaluate(MOUNT, told(what))
        elif not isinstance(what, str):
            page.evaluate(ASK, list(what))
        return Page(page)

    yield open_it
    for context in contexts:
        context.close()


DARK = 'data-jp-theme-light="false" style="background: #111; color: #eee"'
MODES = {
    "light": {},
    "dark": {"body": DARK},
    "dark system": {"color_scheme": "dark"},
    "forced colours": {"forced_colors": "active"},
    "reduced motion, narrow": {"reduced_motion": "reduce", "width": 360},
}
modes = pytest.mark.parametrize("mode", MODES.values(), ids=MODES)


def press(page: Page, key: str) -> None:
    page.page.locator(".autovis").first.focus()
    page.page.keyboard.press(key)


def open_all(page: Page) -> None:
    """Open menu, list of keys, legend and inspector."""
    press(page, "?")
    for summary in page.page.locator("summary").all():
        summary.click()
    page.page.locator(".autovis-stage .element").first.click()


@modes
def test_nothing_is_wrong_with_a_film(open_page: Callable[..., Page], mode: dict[str, Any]) -> None:
    page = open_page(failing(), **mode)
    found = page.violations()
    open_all(page)
    press(page, "End")
    page.picture(f"film-{'-'.join(map(str, mode))}")
    assert found + page.violations() == []
    assert page.small() == []


def test_nothing_is_wrong_with_any_frame_or_level_of_detail(open_page: Callable[..., Page]) -> None:
    page = open_page(failing())
    open_all(page)
    found = []
    for frame in (3, 9, 12):  # a cut, products, a fan-in
        page.page.evaluate(f"player.goTo({frame})")
        found += page.violations()
    for key in "ddhd":
        press(page, key)
        found += page.violations()
    assert found == []


@modes
def test_nothing_is_wrong_with_predictions(open_page: Callable[..., Page], mode: dict[str, Any]) -> None:
    page = open_page(asking(), **mode)
    while not page.page.locator(".autovis-quiz [type=checkbox]").first.is_visible():
        press(page, "ArrowRight")
    found = page.violations()
    page.page.get_by_role("button", name="Check").click()
    found += page.violations()
    while not page.page.locator(".autovis-quiz [type=text]").is_visible():
        press(page, "ArrowRight")
    found += page.violations()
    page.page.keyboard.type("99")
    page.page.keyboard.press("Enter")
    assert found + page.violations() == []
    assert page.small() == []


@modes
@pytest.mark.parametrize("made", [picture, explorer, orders, pair])
def test_nothing_is_wrong_with_pictures_and_explorers(
    open_page: Callable[..., Page], made: Callable[[], Packed], mode: dict[str, Any]
) -> None:
    page = open_page(made(), **mode)
    found = page.violations()
    open_all(page)
    assert found + page.violations() == []
    assert page.small() == []
    page.picture(f"{made.__name__}-{'-'.join(map(str, mode))}")


@modes
@pytest.mark.parametrize("kind", ["choice", "several", "number"])
def test_nothing_is_wrong_with_questions(open_page: Callable[..., Page], kind: str, mode: dict[str, Any]) -> None:
    page = open_page(question(kind), **mode)
    found = page.violations()
    page.page.keyboard.press("Tab")
    page.page.keyboard.press("1" if kind == "number" else "Space")
    page.page.keyboard.press("Enter")
    page.page.get_by_text("You predict").wait_for()
    assert found + page.violations() == []
    assert page.small() == []


def lecture() -> Presentation | Slide:
    """Return a film for a lecture hall."""
    x, w = av.tensor(3.0, requires_grad=True), av.tensor(2.0, requires_grad=True)
    with av.record() as tape:
        y = x * w + x
        y.backward()
    return av.present(tape)


def slide() -> Presentation | Slide:
    """Return a picture for a lecture hall."""
    x = av.tensor(3.0, requires_grad=True)
    y = x * x
    y.backward()
    return av.present(y)


@modes
@pytest.mark.parametrize("made", [lecture, slide])
def test_nothing_is_wrong_in_a_lecture_hall(
    open_page: Callable[..., Page], made: Callable[[], Packed], mode: dict[str, Any]
) -> None:
    page = open_page(made(), **mode)
    found = page.violations()
    press(page, "n")
    press(page, "End")
    found += page.violations()
    page.picture(f"{made.__name__}-{'-'.join(map(str, mode))}")
    press(page, "b")
    found += page.violations()
    page.picture(f"{made.__name__}-blackout-{'-'.join(map(str, mode))}")
    assert found == []
    assert page.small() == []
    assert page.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.tab_through()


@modes
def test_nothing_is_wrong_with_a_poll(open_page: Callable[..., Page], mode: dict[str, Any]) -> None:
    page = open_page(av.poll("05-p2"), **mode)
    found = page.violations()
    page.picture(f"poll-empty-{'-'.join(map(str, mode))}")
    for number, hands in enumerate((9, 1, 8, 18, 3, 1)):
        page.page.get_by_role("spinbutton").nth(number).fill(str(hands))
    page.page.get_by_role("button", name="Show all").click()
    page.picture(f"poll-{'-'.join(map(str, mode))}")
    assert found + page.violations() == []
    assert page.small() == []
    assert page.page.evaluate(CUT_OFF) == []
    assert page.tab_through()


@pytest.mark.parametrize("mode", [{}, {"color_scheme": "dark"}, {"width": 360}], ids=["light", "dark", "narrow"])
def test_nothing_is_wrong_with_an_exported_page(open_page: Callable[..., Page], mode: dict[str, Any]) -> None:
    page = open_page(failing().to_html(), **mode)
    page.page.locator(".autovis").wait_for()
    found = page.violations()
    open_all(page)
    assert found + page.violations() == []


@pytest.mark.parametrize("answers", [False, True])
@pytest.mark.parametrize("mode", [{}, {"color_scheme": "dark"}, {"width": 360}], ids=["light", "dark", "narrow"])
def test_nothing_is_wrong_with_a_handout(
    open_page: Callable[..., Page], mode: dict[str, Any], *, answers: bool
) -> None:
    page = open_page(av.handout("05", answers=answers), **mode)
    assert page.violations() == []
    assert page.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.picture(f"handout-{answers}-{'-'.join(map(str, mode))}")


@pytest.mark.parametrize("made", [failing, picture, explorer, orders, pair])
def test_every_control_is_reached_by_tab_and_shows_the_focus(
    open_page: Callable[..., Page], made: Callable[[], Packed]
) -> None:
    page = open_page(made())
    open_all(page)
    page.page.mouse.click(2, 2)
    names = page.tab_through()
    controls = page.page.locator(CONTROLS).locator("visible=true")
    words = {text.strip() for text in controls.all_inner_texts() if "\n" not in text.strip()} - {""}
    assert words <= set(names)
    assert {"leaf x", "leaf p", "+ → b"} & set(names)
    assert len(names) >= controls.count() > 5


# What is cut off: boxes whose text is wider than they are, though they neither scroll nor are for the ear only.
CUT_OFF = """() => [...document.querySelectorAll("main .autovis *:not(svg, svg *, style, option)")]
  .filter((one) => one.clientWidth > 1 && one.scrollWidth > one.clientWidth + 1)
  .filter((one) => getComputedStyle(one).overflowX !== "auto" && !one.closest("[aria-hidden], .autovis-unseen"))
  .map((one) => `${one.className} ${one.textContent.slice(0, 40)}`)"""


@pytest.mark.parametrize("width", [900, 360])
@pytest.mark.parametrize("code", LANGUAGES)
def test_no_word_is_cut_off_in_any_language(open_page: Callable[..., Page], code: str, width: int) -> None:
    av.set_language(code)
    try:
        views = [failing(), explorer()]
    finally:
        av.set_language("en")
    for view in views:
        page = open_page(view, width=width, lang=code)
        open_all(page)
        assert page.page.locator(".autovis").first.get_attribute("lang") == code
        assert page.page.evaluate(CUT_OFF) == []
        assert page.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        page.picture(f"{type(view).__name__}-{code}-{width}")
