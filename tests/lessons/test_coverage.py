"""The course leaves no gap: each statement of the articles is met, each misconception offered, each link leads on."""

import importlib.util
import re
import sys
from collections import Counter
from pathlib import Path

import pytest

import autovis
from autovis.classroom.bank import misconceptions

ROOT = Path(__file__).parents[2]
COUNTED = {"true": 35, "true with a limit": 20, "wrong": 13, "misleading": 10, "slip": 7, "outdated": 3}
HOSTED = re.compile(
    r"https://(?:mybinder\.org/v2/gh|colab\.research\.google\.com/github|github\.com)/([^/]+)/([^/@\s]+)[/@](?:blob/)?([^?/`\s]+)"
)


@pytest.fixture(scope="module")
def course():
    """The script that writes the tables, as a module."""
    spec = importlib.util.spec_from_file_location("course_coverage", ROOT / "lessons" / "coverage.py")
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.fixture
def found(course):
    return course.lessons()


def test_the_statements_are_those_of_the_five_articles(course):
    ids = [f"S{article}-{n}" for article, last in enumerate([23, 13, 18, 14, 20]) for n in range(1, last + 1)]
    assert list(course.STATEMENTS) == ids
    assert Counter(statement["verdict"] for statement in course.STATEMENTS.values()) == COUNTED
    assert set(COUNTED) == set(course.TABLES["verdicts"])


def test_what_is_not_simply_true_says_what_holds(course):
    bare = [id for id, statement in course.STATEMENTS.items() if "holds" not in statement]
    assert {course.STATEMENTS[id]["verdict"] for id in bare} == {"true"}


def test_every_statement_is_met(course, found):
    unmet = {id for id in course.STATEMENTS if not list(course.met(id, found))}
    assert unmet == set()


def test_every_misconception_has_a_lesson_and_an_answer(course, found):
    taught = {id for lesson in found for id in lesson.about["misconceptions"]}
    assert list(misconceptions()) == [f"M{n}" for n in range(1, 31)]
    gaps = {id for id in misconceptions() if id not in taught or not course.offered(id)}
    assert gaps == set()


def test_lessons_name_only_what_there_is(course, found):
    named = {id for lesson in found for seeds in [*lesson.seeds.values(), lesson.about["seeds"]] for id in seeds}
    assert named <= course.STATEMENTS.keys()
    assert {id for lesson in found for id in lesson.about["misconceptions"]} <= misconceptions().keys()
    numbers = [lesson.number for lesson in found]
    assert all(set(lesson.about["requires"]) <= set(numbers[:n]) for n, lesson in enumerate(found))


def test_what_no_experiment_can_show_stands_where_it_is_said(course):
    (place,) = {statement["place"] for statement in course.STATEMENTS.values() if "place" in statement}
    words = (ROOT / place).read_text("utf-8")
    assert "변화도" in words
    assert not re.search("사다리|하위 그림", words)


def test_the_tables_are_up_to_date(course):
    stale = [path.name for path, text in course.documents().items() if path.read_text("utf-8") != text]
    assert stale == [], "run: python lessons/coverage.py"


def test_every_link_leads_to_a_file(course):
    for page in (course.COVERAGE, course.GLANCE):
        targets = re.findall(r"\]\((?!https?://)([^)#]+)", page.read_text("utf-8"))
        assert targets
        assert [target for target in targets if not (page.parent / target).exists()] == []


def test_every_lesson_opens_on_every_host_at_one_reference(course, found):
    text = course.GLANCE.read_text("utf-8")
    assert set(HOSTED.findall(text)) == {tuple(course.source().values())}
    assert course.source()["reference"] == f"v{autovis.__version__}"
    there = {address for lesson in found for address in course.addresses(lesson.file).values()}
    named = re.findall(r"\((https://[^)]+\.ipynb)\)", text)
    assert len(named) == len(set(named)) == 3 * len(re.findall(r"^\| \[(?:\d\d|Clinic) ", text, re.MULTILINE)) > 0
    assert set(named) <= there


def test_a_release_puts_the_site_where_links_lead(course):
    steps = (ROOT / ".github" / "workflows" / "site.yml").read_text("utf-8")
    (made,) = re.findall(r"run: make (.+)", steps)
    assert all(f"\n{target}: " in (ROOT / "Makefile").read_text("utf-8") for target in made.split())
    assert re.search(r"mv build/lite build/docs/lite\b.*path: build/docs$", steps, re.DOTALL | re.MULTILINE)
    assert course.HOSTS["JupyterLite"].startswith("https://{owner}.github.io/{name}/lite/lab/")


def test_the_repository_has_one_name(course):
    """A fork changes one line of pyproject.toml, and the readme's badge."""
    pages = [*ROOT.glob("*.md"), *ROOT.glob("lessons/*.md")]
    named = {match[:2] for page in pages for match in HOSTED.findall(page.read_text("utf-8"))}
    assert named == {(course.source()["owner"], course.source()["name"])}


def test_what_follows_from_other_lessons_is_not_drawn(course):
    needs = {"01": [], "02": ["01"], "03": ["01", "02"]}
    chain = [course.Lesson("x.ipynb", {"id": id, "title": "x", "requires": before}, {}) for id, before in needs.items()]
    assert re.findall(r"L\d\d --> L\d\d", course.graph(chain)) == ["L01 --> L02", "L02 --> L03"]
