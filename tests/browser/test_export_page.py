"""A saved page, opened from a file with the network off: it plays by keyboard alone, reads without scripts, prints."""

import runpy
from collections.abc import Callable, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from autovis.widgets.player import player, still

pytestmark = pytest.mark.browser

TESTS = Path(__file__).resolve().parents[1]
SCREENS = TESTS.parent / "test-artifacts" / "screens"
REFERENCE = runpy.run_path(str(TESTS / "widgets" / "films.py"))["REFERENCE"]
LAST = 10

# What can be operated, in the order of the page.
CONTROLS = """() => [...document.querySelectorAll("button, select, input, summary, a[href], [tabindex='0']")]
  .filter((one) => !one.disabled && one.checkVisibility())
  .map((one) => one.getAttribute("aria-label") || one.innerText.trim() || one.localName)"""
FOCUSED = """() => {
  const one = document.activeElement;
  return one === document.body ? "" : one.getAttribute("aria-label") || one.innerText.trim() || one.localName;
}"""
# What the page's own policy stops, by the rule that stops it.
FORBIDDEN = """async (address) => {
  const stopped = [];
  addEventListener("securitypolicyviolation", (event) => stopped.push(event.effectiveDirective));
  const add = (name, more) => document.body.append(Object.assign(document.createElement(name), more));
  await fetch(address, { signal: AbortSignal.timeout(2000) }).catch(() => {});
  add("img", { src: address });
  add("script", { src: address });
  add("script", { textContent: "window.ran = 1" });
  add("iframe", { src: address });
  add("link", { rel: "stylesheet", href: address });
  await new Promise((done) => setTimeout(done, 200));
  return [stopped.sort(), window.ran];
}"""


@pytest.fixture
def open_page(chromium: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """A function that saves a view as a page and opens the file, offline; nothing is asked for, nothing goes wrong."""
    opened, asked, complaints = [], [], []

    def open_it(view: Any, hash: str = "", *, size: tuple[int, int] = (1100, 900), **options: Any) -> Any:
        view.to_html(tmp_path / "film.html")
        viewport = {"width": size[0], "height": size[1]}
        context = chromium.new_context(viewport=viewport, offline=True, reduced_motion="reduce", **options)
        page = context.new_page()
        opened.append(context)
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text))
        page.goto((tmp_path / "film.html").as_uri() + hash)
        if options.get("java_script_enabled", True):
            page.locator(".autovis").wait_for(timeout=5000)
        return page

    yield open_it
    for context in opened:
        context.close()
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert complaints == []


def frame(page: Any) -> int:
    return int(page.locator(".autovis-progress").inner_text().split()[0])


def settled(page: Any, number: int) -> bool:
    page.wait_for_function("number => location.hash === `#${number}`", arg=number, timeout=5000)
    return frame(page) == number


def walk(page: Any) -> list[str]:
    """Press Tab until the focus leaves the page; return what was met."""
    met: list[str] = []
    page.evaluate("document.activeElement.blur()")
    while len(met) < 100:
        page.keyboard.press("Tab")
        name = page.evaluate(FOCUSED)
        if not name or (met and name == met[0]):
            return met
        met.append(name)
    return met


def test_every_control_is_reached_and_works_by_keyboard(open_page: Callable[..., Any]) -> None:
    page = open_page(player(REFERENCE, "first gradient"))
    controls = page.evaluate(CONTROLS)
    assert {"Film: first gradient", "First", "Previous", "Play", "Next", "Last"} <= set(controls)
    assert walk(page) == controls

    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Tab")
    steps = ["ArrowRight", "ArrowRight", "ArrowLeft", "End", "Home", "ArrowDown", "ArrowUp"]
    assert [(page.keyboard.press(key), frame(page))[1] for key in steps] == [1, 2, 1, LAST, 0, 9, 9]

    for name, after in {"Previous": 8, "Next": 9, "Last": LAST, "First": 0}.items():
        page.get_by_role("button", name=name, exact=True).focus()
        page.keyboard.press("Enter")
        assert frame(page) == after
    page.get_by_role("button", name="Play", exact=True).focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Pause", exact=True).wait_for()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Play", exact=True).wait_for()

    slider = page.get_by_role("slider").first
    slider.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    assert frame(page) == 1
    page.get_by_role("button", name="Menu", exact=True).focus()
    page.keyboard.press("Enter")
    speed = page.get_by_label("Speed")
    speed.focus()
    before = speed.input_value()
    page.keyboard.press("ArrowDown")
    assert speed.input_value() != before
    page.locator("summary").first.focus()
    page.keyboard.press("Enter")
    page.get_by_text("a value you made that asks for a gradient").wait_for()


def test_the_address_leads_to_a_frame(open_page: Callable[..., Any]) -> None:
    page = open_page(player(REFERENCE), "#6")
    assert frame(page) == 6
    page.get_by_role("button", name="Next", exact=True).click()
    assert settled(page, 7)
    page.evaluate("location.hash = '#2'")
    assert settled(page, 2)


@pytest.mark.parametrize("hash", ["#99", "#-1", "#<b>", "#words"])
def test_an_address_of_no_frame_does_no_harm(open_page: Callable[..., Any], hash: str) -> None:
    assert frame(open_page(player(REFERENCE), hash)) in (0, LAST)


def test_a_screen_reader_hears_the_page(open_page: Callable[..., Any]) -> None:
    page = open_page(player(REFERENCE, "first gradient"), "#9")
    assert page.title() == "first gradient"
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.get_by_role("heading", level=1).inner_text() == "first gradient"
    assert page.get_by_role("main").get_by_role("group", name="Film: first gradient").count() == 1
    assert page.get_by_role("region", name="In words").inner_text().count("\n") > LAST
    assert page.locator("[aria-live=polite]").first.inner_text().startswith("5 is added to p.grad")


def test_the_page_s_own_policy_stops_every_request(chromium: Any, tmp_path: Path) -> None:
    player(REFERENCE).to_html(tmp_path / "film.html")
    asked: list[str] = []

    class Ear(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)

    with ThreadingHTTPServer(("127.0.0.1", 0), Ear) as server, closing(chromium.new_context()) as context:
        Thread(target=server.serve_forever, daemon=True).start()
        page = context.new_page()
        page.goto((tmp_path / "film.html").as_uri())
        page.locator(".autovis").wait_for()
        stopped, ran = page.evaluate(FORBIDDEN, f"http://127.0.0.1:{server.server_port}/")
        server.shutdown()
    assert asked == []
    assert set(stopped) == {"connect-src", "img-src", "script-src-elem", "frame-src", "style-src-elem"}
    assert ran is None


def test_without_scripts_there_are_the_last_picture_and_every_step_in_words(open_page: Callable[..., Any]) -> None:
    page = open_page(player(REFERENCE), java_script_enabled=False)
    assert page.locator("#still svg").is_visible()
    assert page.locator("#still svg").bounding_box()["width"] > 400
    assert page.locator("noscript").is_visible()
    words = page.get_by_role("region", name="In words").inner_text()
    assert all(one.text in words for one in REFERENCE.frames)


def test_the_still_picture_makes_room_for_the_film(open_page: Callable[..., Any]) -> None:
    page = open_page(player(REFERENCE))
    assert page.locator("svg.autovis-picture:visible").count() == 1


def test_a_picture_is_a_page_too(open_page: Callable[..., Any]) -> None:
    page = open_page(still(REFERENCE.graph, "first graph"))
    assert page.get_by_role("group", name="Picture: first graph").count() == 1
    assert page.get_by_role("slider").count() == 0


LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "narrow": {"size": (360, 740)},
    "forced": {"forced_colors": "active"},
}


@pytest.mark.parametrize("look", LOOKS)
def test_the_page_fits_and_follows_the_system(open_page: Callable[..., Any], look: str) -> None:
    page = open_page(player(REFERENCE, "first gradient"), "#8", **LOOKS[look])
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number)")
    assert (sum(paper) < 150) == (look == "dark")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS / f"export-{look}.png", full_page=True)


def test_on_paper_everything_is_there_and_no_buttons_stand_about(open_page: Callable[..., Any]) -> None:
    page = open_page(player(REFERENCE), "#8", size=(720, 900))
    page.emulate_media(media="print")
    assert page.locator(".autovis-buttons button:visible, .autovis select:visible").count() == 0
    assert page.locator("svg.autovis-picture").first.is_visible()
    cut = """() => [...document.querySelectorAll("main *:not(.autovis-unseen, .autovis-unseen *)")].filter((one) =>
      one.checkVisibility() && getComputedStyle(one).overflow !== "visible" && one.scrollHeight > one.clientHeight + 1
      && !one.closest("svg")).map((one) => one.className)"""
    assert page.evaluate(cut) == []
    page.screenshot(path=SCREENS / "export-print.png", full_page=True)
