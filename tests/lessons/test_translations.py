"""A translated lesson is the English one in other words: same code, ids, numbers, questions, judge."""

import re
import tomllib
from pathlib import Path

import execute
import polib
import proofread
import pytest
import translate

import autovis as av
from autovis.classroom import checks, judge, predict
from autovis.classroom.ballot import counted, rows
from autovis.classroom.bank import exercises, questions
from autovis.classroom.translation import translated
from autovis.language import LANGUAGES, set_language

LESSONS = Path(translate.__file__).parent
PUBLISHED = sorted({path.parent.name for path in LESSONS.glob("*/*.ipynb")} - {"en"})
NOTEBOOKS = sorted(path for path in LESSONS.glob("*/*.ipynb") if path.parent.name != "en")
NUMBER = re.compile(r"(?<![A-Za-z0-9_.])-?\d+(?:\.\d+)?(?=(?:st|nd|rd|th)?(?![A-Za-z0-9_]))")
IDENTIFIER = re.compile(r"[A-Za-z_]\w*(?:[._]\w+|\(\))|[A-Z][a-z]+(?:[A-Z]\w*)", re.ASCII)


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def path(request):
    return request.param


@pytest.fixture(params=PUBLISHED)
def language(request):
    set_language(request.param)
    yield request.param
    set_language("en")


def pairs(path):
    """The cells of a translated notebook beside the English ones."""
    return zip(execute.read(path).cells, execute.read(LESSONS / "en" / path.name).cells, strict=True)


def said(cell):
    """What the outputs of a cell say."""
    outputs = [{"data": {}, "text": "", "evalue": ""} | output for output in cell.outputs]
    return "\n".join(each["data"].get("text/plain", "") + each["text"] + each["evalue"] for each in outputs)


# ------------------------------------------------------------------------------------------------- notebooks


@pytest.mark.parametrize("code", PUBLISHED)
def test_a_language_is_published_with_the_first_six_lessons_and_the_ninth(code):
    assert code in LANGUAGES
    there = {path.stem.partition("-")[0] for path in NOTEBOOKS if path.parent.name == code}
    assert there >= set(translate.NEEDED) - {translate.THOUGHTS}
    assert [number for number in translate.NEEDED if not translate.is_begun(code, number)] == []


def test_the_code_is_the_english_code(path):
    for ours, english in pairs(path):
        assert (ours.id, ours.cell_type, ours.metadata) == (english.id, english.cell_type, english.metadata)
        if ours.cell_type == "code":
            added = f'\n\nav.set_language("{path.parent.name}")' if "setup" in english.metadata["tags"] else ""
            assert ours.source == english.source + added


def test_the_notebook_is_what_build_writes(path):
    """Run `make translations` after a change to an English lesson, its questions or its translation."""
    written = translate.translated(path.parent.name, path.stem.partition("-")[0])
    committed = execute.read(path)
    assert [cell.source for cell in committed.cells] == [cell.source for cell in written.cells]
    assert committed.metadata["autovis"] == written.metadata["autovis"]


def test_outputs_hold_the_same_numbers_and_names(path):
    for ours, english in pairs(path):
        if ours.cell_type == "code" and said(ours) != said(english):
            assert set(NUMBER.findall(said(ours))) == set(NUMBER.findall(said(english))), ours.id
            assert set(IDENTIFIER.findall(said(ours))) == set(IDENTIFIER.findall(said(english))), ours.id


def test_experiments_print_the_same(path):
    """What autograd computes does not depend on the language, and neither do PyTorch's error sentences."""
    for ours, english in pairs(path):
        if ours.cell_type == "code" and "experiment" in ours.metadata["tags"]:
            assert said(ours) == said(english)


def test_a_text_that_changed_is_shown_in_english_under_a_line_that_says_so(path, monkeypatch):
    language, number = path.parent.name, path.stem.partition("-")[0]
    words = translate.translations(language, number)
    (key,) = [key for key in words if key[0] == "objectives"]
    monkeypatch.setattr(translate, "translations", lambda *_: {k: v for k, v in words.items() if k != key})
    cell = next(cell for cell in translate.translated(language, number).cells if cell.id == "objectives")
    assert cell.source == f"{translate.settings(language)['stale']}\n\n{key[1]}"


@pytest.mark.parametrize("code", PUBLISHED)
def test_the_wheel_carries_the_language(code):
    project = tomllib.loads((LESSONS.parent / "pyproject.toml").read_text("utf-8"))
    carried = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert carried[f"lessons/{code}"] == f"autovis/_lessons/{code}"


# -------------------------------------------------------------------------------------------------- catalogues


@pytest.mark.parametrize("code", translate.languages())
def test_a_machine_finds_nothing_wrong_with_the_translation(code):
    assert list(translate.lint(code, translate.numbers())) == []


@pytest.mark.parametrize("code", translate.languages())
def test_the_package_reads_today_s_catalogue(code):
    """Run `make translations` after a change to `lessons/po`."""
    assert (translate.BANK / f"{code}.mo").read_bytes() == translate.compiled(code)


ENGLISH = "**Predict.** Run `x.grad` twice, see [lesson 07](https://a.org).\n\n- It is 4.\n- Or 8?"
FAITHFUL = "**预测。** 运行两次 `x.grad`，见[第 07 课](https://a.org)。\n\n- 它是 4。\n- 还是 8？"


@pytest.mark.parametrize(
    ("was", "becomes", "found"),
    [
        ("", "", []),
        ("`x.grad`", "`x.梯度`", ["code span x.grad is missing", "code span x.梯度 is not in the English text"]),
        ("07", "7", ["number 07 is missing", "number 7 is not in the English text"]),
        ("- 还是", "还是", ["blocks"]),
        ("https://a.org", "https://b.org", ["address https://a.org", "address https://b.org"]),
        ("预测。** 运行", "预测。**运行", ["an asterisk"]),
        ("预测", "渐变", ["never say 渐变"]),
        ("预测", "預測", ["預 is of another script", "測 is of another script"]),
        ("它是", "w.grad 是", ["name w.grad"]),
    ],
)
def test_the_machine_sees(was, becomes, found):
    seen = list(proofread.defects(ENGLISH, FAITHFUL.replace(was, becomes), "zh-Hans", ["渐变"]))
    assert len(seen) == len(found)
    assert all(line.startswith(begin) for line, begin in zip(seen, found, strict=True))


def test_extract_keeps_a_translation_and_marks_it_when_the_english_changes():
    first = translate.merged(polib.POFile(), [translate.Text("a", "one"), translate.Text("b", "two")])
    first[0].msgstr, first[1].msgstr = "一", "二"
    again = translate.merged(first, [translate.Text("b", "two"), translate.Text("a", "one more")])
    assert [(entry.msgctxt, entry.msgstr, entry.fuzzy) for entry in again] == [("b", "二", False), ("a", "一", True)]
    assert again[1].previous_msgid == "one"
    third = translate.merged(again, [translate.Text("a", "one more")])
    assert (third[0].fuzzy, third[0].previous_msgid) == (True, "one")


# -------------------------------------------------------------------------------------------------- the bank


@pytest.mark.parametrize("question", questions().values(), ids=lambda each: each.id)
def test_a_label_is_understood_in_both_languages(language, question):
    labels = [translated(option.label) for option in question.options]
    assert len(set(labels)) == len(labels)
    assert not set(labels) & set(judge.letters(question))
    for letter, option in judge.letters(question).items():
        for given in (letter, option.label, translated(option.label)):
            assert judge.chosen(question, given) == option.value


def test_the_bank_speaks_the_language(language):
    words = translate.translations(language, "05")
    texts = list(translate.of_bank("05"))
    assert len(texts) > 30
    assert [translated(text.english) for text in texts] == [words[text.place, text.english] for text in texts]


def test_a_text_without_a_translation_stays_english(language):
    assert translated("nobody has translated this") == "nobody has translated this"
    assert translated("") == ""


def unbroken(view):
    """What a view says, without the breaks of its lines."""
    return "".join(str(view).split())


def test_a_prediction_means_the_same_in_every_language(language, monkeypatch):
    monkeypatch.setattr(checks.SESSION, "predictions", {})
    wrong, _, right = questions()["05-w"].options
    predict("05-w", translated(wrong.label))
    assert checks.SESSION.predictions == {"05-w": "replaced"}
    told = unbroken(av.reveal("05-w"))
    for text in (wrong.label, wrong.feedback, right.label, right.feedback):
        assert unbroken(translated(text)) in told


def test_hints_are_given_in_the_language(language, monkeypatch):
    monkeypatch.setattr(checks.SESSION, "hints", dict.fromkeys(exercises(), 0))
    for text in exercises()["05-e1"].hints:
        assert unbroken(translated(text)) in unbroken(av.hint("05-e1"))


def test_the_verdict_is_the_same_in_every_language(language):
    exercise = exercises()["05-e1"]
    for wrong in exercise.wrong:
        answer = judge.made_by(exercise, wrong.source)
        assert judge.judge(exercise, answer).known is wrong
        told = unbroken(av.check("05-e1", answer))
        assert unbroken(translated(wrong.feedback)) in told
        assert "-52.5" in told
    assert unbroken(translated(exercise.done)) in unbroken(
        av.check("05-e1", judge.made_by(exercise, exercise.solution))
    )


def test_a_show_of_hands_is_counted_by_either_label(language):
    question = questions()["05-w"]
    label = question.options[0].label
    assert counted({label: 2}, rows(question)) == counted({translated(label): 2}, rows(question)) == [2, 0, 0]
