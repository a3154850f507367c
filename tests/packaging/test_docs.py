"""The documentation: built without a warning, whole without a network, its films played from a file."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

import autovis as av

pytestmark = [pytest.mark.packaging, pytest.mark.timeout(300)]

ROOT = Path(__file__).resolve().parents[2]
LOADED = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src", "object": "data"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site as `make docs` does."""
    home = tmp_path_factory.mktemp("docs")
    options = ("--quiet", "--fail-on-warning", "--keep-going", "--doctree-dir", home / "doctrees")
    command = [sys.executable, "-m", "sphinx", *options, ROOT / "lessons" / "site", home / "site"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stderr == ""
    return home / "site"


class Page(HTMLParser):
    """What a page links to, what it loads, and the places in it that a link can lead to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.links: list[str] = []
        self.loads: list[str] = []
        self.language = ""
        self.places = {""}
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.language = self.language or given.get("lang", "")
        self.places |= {given.get("id", ""), given.get("name", "") if tag == "a" else ""}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if given.get(LOADED.get(tag, "")) and given.get("rel") not in {"index", "search", "next", "prev", "author"}:
            self.loads.append(given[LOADED[tag]])


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    return {path: Page(path) for path in sorted(site.rglob("*.html"))}


def test_every_link_of_the_site_leads_somewhere(site: Path, pages: dict[Path, Page]) -> None:
    def leads(path: Path, link: str) -> bool:
        parts = urlsplit(link)
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        places = (
            pages[target].places if target in pages and target.parent.name != "films" else {unquote(parts.fragment)}
        )
        return target.is_file() and target.is_relative_to(site) and unquote(parts.fragment) in places

    inside = [
        (path, link) for path, page in pages.items() for link in (*page.links, *page.loads) if not urlsplit(link).scheme
    ]
    assert [(path.name, link) for path, link in inside if not leads(path, link)] == []
    assert len(inside) > 1000


def test_nothing_is_fetched_from_elsewhere(site: Path, pages: dict[Path, Page]) -> None:
    outside = [
        (path.name, link)
        for path, page in pages.items()
        for link in page.loads
        if urlsplit(link).scheme not in {"", "data"} or link.startswith("//")
    ]
    assert outside == []
    sheets = {path.name: path.read_text("utf-8") for path in site.rglob("*.css")}
    assert {name: text for name, text in sheets.items() if "url(http" in text or "@import" in text} == {}


def test_a_lesson_says_its_language(site: Path, pages: dict[Path, Page]) -> None:
    lessons = {path.relative_to(ROOT / "lessons") for path in (ROOT / "lessons").glob("*/*.ipynb")}
    found = {lesson: pages[site / lesson.with_suffix(".html")].language for lesson in lessons}
    assert found == {lesson: lesson.parent.name for lesson in lessons}
    assert len(set(found.values())) > 1


def test_every_public_name_is_described(site: Path) -> None:
    text = "".join(path.read_text("utf-8") for path in (site / "api").glob("*.html"))
    described = set(re.findall(r'id="autovis\.(\w+)"|<code[^>]*><span class="pre">(\w+)</span></code>', text))
    names = {name for pair in described for name in pair}
    ours = {name for name in dir(av) if name[0] != "_" and not isinstance(getattr(av, name), ModuleType)}
    assert ours - names == {"Any", "MODULES", "annotations", "import_module"} & ours
    assert set(av.MODULES) <= {*names, "utils"}


@pytest.fixture
def visit(site: Path, chromium: Any) -> Iterator[Callable[..., Any]]:
    """A function that opens a page from its file, offline; it asks for nothing and complains of nothing."""
    opened, asked, complaints = [], [], []

    def open_it(name: str, width: int = 1280, **options: Any) -> Any:
        context = chromium.new_context(viewport={"width": width, "height": 900}, offline=True, **options)
        context.set_default_timeout(15_000)
        opened.append(context)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text))
        page.goto(f"{site.as_uri()}/{name}")
        return page

    yield open_it
    for context in opened:
        context.close()
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert complaints == []


def film(page: Any, number: int) -> Any:
    """Scroll to a film, and return it when it is as high as its frame says."""
    place = page.locator("iframe.film").nth(number)
    place.scroll_into_view_if_needed()
    inside = place.content_frame
    inside.locator(".autovis").wait_for()
    page.wait_for_function("(one) => one.style.height", arg=place.element_handle())
    return inside


def test_a_film_in_the_tour_is_stepped_with_the_keyboard(visit: Callable[..., Any]) -> None:
    page = visit("tour.html")
    one = film(page, 1)
    one.locator(".autovis-player").focus()
    steps = {"Home": "0 of", "ArrowRight": "1 of", "ArrowLeft": "0 of", "End": "7 of 7"}
    for key, shown in steps.items():
        page.keyboard.press(key)
        assert one.locator(".autovis-progress").inner_text().startswith(shown)
    assert one.locator("h1").is_hidden()


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_is_cut_off_and_nothing_jumps(visit: Callable[..., Any], width: int) -> None:
    page = visit("tour.html", width, reduced_motion="reduce")
    for number in range(page.locator("iframe.film").count()):
        one = film(page, number)
        page.wait_for_timeout(100)
        fits = "() => [innerHeight, document.body.scrollHeight, document.body.scrollWidth <= innerWidth]"
        before = one.locator("html").evaluate(fits)
        assert before[0] == pytest.approx(before[1], abs=1)
        assert before[2]
        if one.get_by_role("button", name="Last", exact=True).count():
            one.get_by_role("button", name="Last", exact=True).click()
            page.wait_for_timeout(100)
            assert one.locator("html").evaluate(fits) == before
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_film_is_as_dark_as_the_page(visit: Callable[..., Any]) -> None:
    page = visit("tour.html", color_scheme="light")
    one = film(page, 0)
    paper = "(one) => getComputedStyle(one).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number)"
    seen = []
    for theme in ("light", "dark", "auto"):
        page.evaluate("(theme) => { document.body.dataset.theme = theme }", theme)
        page.wait_for_timeout(200)
        seen.append(sum(one.locator(".autovis").evaluate(paper)) < 150)
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(200)
    assert [*seen, sum(one.locator(".autovis").evaluate(paper)) < 150] == [False, True, False, True]


def test_the_search_needs_no_server(visit: Callable[..., Any]) -> None:
    page = visit("search.html?q=accumulation")
    page.locator("#search-results li a", has_text="Accumulation").first.wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "name", ["tour.html", "api/seeing.html", "en/05-accumulating-and-clearing.html", "engine.html"]
)
def test_axe_finds_nothing_serious(visit: Callable[..., Any], name: str, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = visit(name, color_scheme=scheme)
    # axe may not read other files, nor look into frames; tests/browser looks at the films themselves
    found = Axe().run(page, options={"preload": False, "iframes": False}).response["violations"]
    serious = [
        (one["id"], node["target"], node["failureSummary"])
        for one in found
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"]
    ]
    assert serious == []
