"""One language is set at a time, by any code that people write for it, and what is made from then on speaks it."""

import subprocess
import sys

import pytest

import autovis as av
from autovis import language
from autovis.viz import charts, theme
from autovis.viz.scene import Element, Graph

CODES = {
    "en": "en-GB en_US.UTF-8 EN",
    "zh-Hans": "zh zh_CN zh-sg zh-hans zh-Hans-CN zh_CN.UTF-8",
    "zh-Hant": "zh-TW zh_HK zh-mo zh_Hant zh-Hant-TW",
    "ko": "ko_KR ko-KR.UTF-8 KO",
}


def doubled():
    x = av.tensor(3.0, requires_grad=True)
    with av.record() as tape:
        y = x * 2
        y.backward()
    return tape


@pytest.mark.parametrize(("ours", "theirs"), [(ours, each) for ours, all in CODES.items() for each in all.split()])
def test_a_language_is_understood_by_the_codes_in_use(ours, theirs):
    av.set_language(theirs)
    assert av.get_language() == ours


@pytest.mark.parametrize("code", ["fr", "", "english", "zhong", None])
def test_an_unknown_language_lists_those_there_are(code):
    with pytest.raises(ValueError, match=r"it speaks en \(English\), zh-Hans \(简体中文\), zh-Hant .*, ko \(한국어\)"):
        av.set_language(code)
    assert av.get_language() == "en"


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("en", "2 is added to x.grad, which was None and becomes 2."),
        ("zh-Hans", "把 2 累积到 x.grad：它原来是 None，变为 2。"),
        ("zh-Hant", "將 2 累積到 x.grad：原本是 None，變成 2。"),
        ("ko", "x.grad에 2 값을 누적합니다: None이었고, 이제 2입니다."),
    ],
)
def test_a_caption_speaks_the_language_that_is_set_when_the_film_is_made(code, told):
    tape = doubled()
    av.set_language(code)
    frame = av.film(tape).frames[-1]
    av.set_language("en")
    assert frame.text == told
    assert frame.caption == "accumulate_first"
    assert frame.args["arriving"] == "2"


def test_the_legend_keeps_the_tags_of_the_picture_and_translates_what_they_mean():
    graph = Graph((Element("t1", "leaf", "x", "3", ghost=True),), ())
    av.set_language("ko")
    assert theme.legend(graph) == [
        ("leaf", "leaf", "잎(leaf) 텐서: 직접 만든, 변화도가 필요한 값"),
        ("ghost", "흐린 그림", "어떤 변화도도 닿지 않음"),
    ]


def test_the_outline_and_the_classroom_speak_it_too():
    av.set_language("zh-Hant")
    assert av.outline(doubled()).splitlines()[0] == "影片：6 步，1 次反向傳播"
    assert "選出所有正確的" in language.say("quiz", "several")


@pytest.mark.parametrize(("fonts", "title"), [(["Malgun Gothic"], "변화도의 길이"), ([], "How long each gradient is")])
def test_a_chart_is_lettered_in_english_where_no_font_has_the_letters(monkeypatch, fonts, title):
    monkeypatch.setattr(charts, "get_font_names", lambda: fonts)
    av.set_language("ko")
    chart = av.norms(doubled())
    assert chart.axes[0].get_title(loc="left") == title
    assert chart.told.startswith("변화도의 길이")


def test_importing_autovis_reads_no_table():
    code = "import autovis, sys; sys.exit('autovis.language' in sys.modules or 'tomllib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_key_that_nobody_translated_yet_is_said_in_english(monkeypatch):
    words = {code: {section: dict(language.tables(code)[section]) for section in ("list",)} for code in ("en", "ko")}
    del words["ko"]["list"]["or"]
    monkeypatch.setattr(language, "tables", words.get)
    language.section_of.cache_clear()
    av.set_language("ko")
    assert language.listed(["a", "b"]) == "a 및 b"
    assert language.listed(["a", "b"], last="or") == "a or b"
    language.section_of.cache_clear()
