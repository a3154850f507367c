"""A handout is printed from the browser: on A4 and on letter nothing is cut off, and the network is not asked."""

import re

import pytest

import autovis as av

pytestmark = pytest.mark.browser

PAPER = {"A4": (794, 1123), "Letter": (816, 1056)}  # pixels at 96 to the inch
MARGIN = 57  # pixels left and right: 15 mm each
SPLIT = """height => [...document.querySelectorAll("section, figure, pre")]
  .filter((one) => getComputedStyle(one).breakInside === "avoid")
  .filter((one) => one.getBoundingClientRect().height > height)
  .map((one) => one.textContent.slice(0, 40))"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Handouts of the shortest lesson, of one with tables and of the clinic, and of a film."""
    folder = tmp_path_factory.mktemp("handouts")
    x = av.leaf(3.0)
    with av.record() as tape:
        (x * x).backward()
    for lesson in ("01", "05", "clinic"):
        av.handout(lesson, folder / f"{lesson}.html")
        av.handout(lesson, folder / f"{lesson}-answers.html", answers=True)
    av.handout(tape, folder / "film.html")
    return sorted(folder.iterdir())


@pytest.mark.parametrize("paper", PAPER)
def test_a_handout_prints_on_paper(pages, chromium, paper):
    width, height = PAPER[paper]
    context = chromium.new_context(viewport={"width": width - 2 * MARGIN, "height": height})
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.emulate_media(media="print")
    for file in pages:
        page.goto(file.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, file.name
        assert page.evaluate(SPLIT, height - 2 * MARGIN) == [], "what belongs together fits on one page"
        pictures = page.locator("figure img").evaluate_all("all => all.map((one) => one.naturalWidth)")
        assert pictures
        assert min(pictures) > 100
        printed = page.pdf(format=paper)
        count = len(re.findall(rb"/Type /Page\b(?!s)", printed))
        assert 1 <= count <= 20, (file.name, count)
    assert {url.partition(":")[0] for url in asked} <= {"file", "data"}
    context.close()
