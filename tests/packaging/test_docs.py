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
        self.places = {""}
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
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
        page.goto((site / name).as_uri())
        return page

    yield open_it
    for context in opened:
        context.close()
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert complaints == []


def films(page: Any) -> Any:
    return page.locator("iframe.film")


def test_a_film_in_the_tour_is_stepped_with_the_keyboard(visit: Callable[..., Any]) -> None:
    page = visit("tour.html")
    place = films(page).nth(1)
    place.scroll_into_view_if_needed()
    film = place.content_frame
    film.locator(".autovis-player").focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert film.locator(".autovis-progress").inner_text().startswith("2 of")
    page.keyboard.press("ArrowLeft")
    assert film.locator(".autovis-progress").inner_text().startswith("1 of")
    assert film.locator("h1").is_hidden()


@pytest.mark.parametrize("name", ["tour.html", "api/seeing.html"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
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
