"""Handouts: frozen frames and the questions of a lesson, on paper, with or without the answers."""

import base64
import re
from xml.etree import ElementTree as ET

import pytest

import autovis as av
from autovis import cli
from autovis.classroom.bank import AGAIN, exercises, misconceptions, questions
from autovis.classroom.lessons import all_lessons, lesson
from autovis.classroom.logbook import lesson_of
from autovis.classroom.paper import markdown


@pytest.fixture
def tape():
    p, q = av.leaf(1.0), av.leaf(2.0)
    with av.record() as tape:
        y = (p + q) * (p + 1)
        y.backward()
    return tape


def words(page):
    """What can be read on a page."""
    body = page.partition("<body>")[2]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)).replace("&lt;", "<").replace("&gt;", ">")


# --------------------------------------------------------------------------------------------------------- films


def test_at_most_six_frames_are_frozen_with_their_captions(tape):
    page = av.handout(tape)
    assert page.count("<figure>") == 6
    assert "0 of 13 Before the first line has run." in words(page)
    assert "is added to p.grad, which was None and becomes 5." in words(page)


@pytest.mark.parametrize("made", [av.play, av.film, av.present, lambda tape: tape])
def test_a_film_comes_in_any_form(tape, made):
    assert av.handout(made(tape)).count("<figure>") == 6


def test_the_pictures_are_on_the_page_and_whole(tape):
    pictures = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', av.handout(tape))
    for picture in pictures:
        root = ET.fromstring(base64.b64decode(picture))
        assert root.tag.endswith("svg")
        assert float(root.get("width")) > 100


def test_hidden_layers_stay_hidden(tape):
    assert "saved" in base64.b64decode(re.findall(r"base64,([^\"]+)", av.handout(tape))[-1]).decode()
    hidden = av.play(tape, hide="saved")
    assert "v0" not in base64.b64decode(re.findall(r"base64,([^\"]+)", av.handout(hidden))[-1]).decode()


def test_a_page_asks_the_network_for_nothing(tape):
    page = av.handout(tape)
    assert "default-src 'none'" in page
    assert "<script" not in page
    assert not re.findall(r"(?:src|href)=\"(?!data:)", page)


def test_a_page_and_a_pdf_are_written(tape, tmp_path):
    assert av.handout(tape, tmp_path / "film.html") == (tmp_path / "film.html").read_text("utf-8")
    av.handout(tape, tmp_path / "film.pdf")
    data = (tmp_path / "film.pdf").read_bytes()
    assert data.startswith(b"%PDF")
    assert data.count(b"/Type /Page\n") + data.count(b"/Type /Page ") == 3, "two frames to a page"


def test_what_is_neither_film_nor_lesson_says_so(tape, tmp_path):
    with pytest.raises(TypeError, match="not of list"):
        av.handout([tape])
    with pytest.raises(LookupError, match="there is no lesson '77'"):
        av.handout("77")
    with pytest.raises(ValueError, match="open it and print it"):
        av.handout("05", tmp_path / "05.pdf")
    with pytest.raises(FileNotFoundError, match="There is no folder"):
        av.handout("05", tmp_path / "nowhere" / "05.html")


# ------------------------------------------------------------------------------------------------------- lessons


def test_a_handout_asks_and_does_not_answer():
    page = words(av.handout("05"))
    assert page.startswith(" Lesson 05: Accumulating and clearing 40 minutes tell the sum inside one backward pass")
    assert "o.backward(av.ones(5, 5), retain_graph=True)" in page
    assert "What stands on the diagonal of e.grad then? 05-p1 · choose one 4 8 16 How sure are you?" in page
    assert "10 18 + 2 = 20" in page, "the listing that exercise 2 is about"
    assert "This is the answer." not in page
    assert "M6" not in page
    assert 'labels += ["accumulate"]' not in page
    assert "Most missed" not in page
    assert page.index("Exercises") < page.index("Frozen frames") < page.index("The ledger") < page.index("Two sums")


def test_the_teacher_s_copy_answers_everything():
    page = words(av.handout("05", answers=True))
    assert "With answers" in page
    assert page.count("This is the answer.") == 4
    assert 'class="box right"' in av.handout("05", answers=True)
    assert "M6: Each backward() overwrites .grad" in page
    assert "total = sum(len(part) for part in parts)" in page
    assert "Multiply the loss by len(part) / total" in page
    assert "Most missed: the second prediction" in page
    assert 'class="lines"' not in av.handout("05", answers=True)


@pytest.mark.parametrize("one", all_lessons(), ids=lambda one: one.id)
def test_every_lesson_has_a_handout_with_every_question_and_no_answer(one):
    plain = av.handout(one.id)
    page, full = words(plain), words(av.handout(one.id, answers=True))
    for id, question in questions().items():
        if lesson_of(id) == one.id:
            assert f"{id} ·" in page, id
            for option in question.options if question.kind != "number" else ():
                assert option.feedback not in page
    for id, exercise in exercises().items():
        if lesson_of(id) == one.id:
            assert exercise.solution.strip() not in plain.replace("&quot;", '"').replace("&lt;", "<").replace(
                "&gt;", ">"
            )
            assert f"{id} one way" in full, id
    assert AGAIN not in page, "the warm-up is asked once"
    assert plain.count("<figure>") >= 1
    assert "<h3>film" not in plain
    assert len(plain) < 600_000


def test_there_is_room_to_write_wherever_something_is_asked():
    page = av.handout("10")
    asked = [id for id in questions() if lesson_of(id) == "10"]
    assert page.count('<section class="exercise">') == 3, "one of them is done with a neighbour, and has no check"
    assert page.count('class="lines"') == len(asked) + 3


def test_of_a_number_no_option_is_given_away(monkeypatch):
    from autovis.classroom.bank import Option, Question

    asked = dict(questions()) | {
        "05-p1": Question(
            "05-p1", "number", "2 * 3", (Option("5555", 5555, "You added.", "M29"),), right="Three twice."
        )
    }
    monkeypatch.setattr("autovis.classroom.paper.questions", lambda: asked)
    assert "5555" not in words(av.handout("05"))
    assert "6 This is the answer. Three twice." in words(av.handout("05", answers=True))


def test_a_handout_speaks_the_language_of_its_lesson():
    av.set_language("zh-Hans")
    try:
        page = av.handout("05", answers=True)
    finally:
        av.set_language("en")
    assert '<html lang="zh-Hans">' in page
    assert "累积" in words(page)
    assert misconceptions()["M6"].thought not in words(page)


def test_running_a_lesson_for_its_films_prints_nothing_and_changes_no_mode(capsys):
    av.handout("01")
    assert capsys.readouterr().out == ""


# ------------------------------------------------------------------------------------------------------ Markdown


@pytest.mark.parametrize(
    ("source", "page"),
    [
        ("one\ntwo", "<p>one two</p>"),
        ("- a\n  b\n- `c`", "<ul><li>a b</li><li><code>c</code></li></ul>"),
        ("1. a\n2. b", "<ol><li>a</li><li>b</li></ol>"),
        ("```python\nx * y * z\n\na\n```\nafter", "<pre>x * y * z\n\na</pre><p>after</p>"),
        (
            "| a | `b` |\n|---|---|\n| *c* | d |",
            "<table><tr><td>a</td><td><code>b</code></td></tr><tr><td><i>c</i></td><td>d</td></tr></table>",
        ),
        ("2 * x * 3 and [a link](https://x.y)", "<p>2 * x * 3 and a link</p>"),
        ("长度*不*相等", "<p>长度<i>不</i>相等</p>"),
        (
            "<img src=x onerror=alert(1)> & `<b>`",
            "<p>&lt;img src=x onerror=alert(1)&gt; &amp; <code>&lt;b&gt;</code></p>",
        ),
    ],
)
def test_markdown_as_the_lessons_write_it(source, page):
    assert markdown(source) == page


def test_no_mark_of_markdown_is_left_of_any_cell():
    cells = [cell for one in all_lessons() for cell in one.cells if cell.tags & {"predict", "warmup", "exercise"}]
    told = [re.sub(r"<(pre|code)>.*?</\1>", "", markdown(cell.source)) for cell in cells if cell.kind == "markdown"]
    assert len(told) > 100
    assert [page for page in told if re.search(r"\*\*|`|^#|^- |\w\*\s|\s\*\w", re.sub(r"<[^>]+>", "", page))] == []


# ------------------------------------------------------------------------------------------------------- command


def test_the_command_writes_a_handout(tmp_path, capsys):
    file = tmp_path / "05.html"
    assert cli.main(["handout", "05", str(file), "--answers"]) == 0
    assert capsys.readouterr().out == f"{file}\n"
    assert "With answers" in file.read_text("utf-8")


def test_the_command_speaks_the_language_that_is_asked_for(tmp_path):
    try:
        assert cli.main(["handout", "05", str(tmp_path / "05.html"), "--language", "ko"]) == 0
    finally:
        av.set_language("en")
    assert '<html lang="ko">' in (tmp_path / "05.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("typed", "told"),
    [(["77", "x.html"], "there is no lesson '77'"), (["05", "no/x.html"], "no folder"), (["05", "x.pdf"], "print it")],
)
def test_the_command_says_what_is_wrong(tmp_path, monkeypatch, capsys, typed, told):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["handout", *typed]) == 2
    assert told in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_lesson_is_described_by_its_heading():
    assert lesson("05").heading == "Lesson 05: Accumulating and clearing"
    assert lesson("clinic").heading == "Ten broken training loops"
