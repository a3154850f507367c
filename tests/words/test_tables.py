"""The four tables say the same, in words that a teacher of that language uses."""

import ast
import re
import string
from pathlib import Path

import pytest
import translate
from proofread import SCRIPTS

import autovis
from autovis.language import LANGUAGES, tables
from autovis.viz.captions import LIMIT

PACKAGE = Path(autovis.__file__).parent
TRANSLATED = [code for code in LANGUAGES if code != "en"]

NEVER = {code: translate.settings(code)["never"] for code in TRANSLATED} | {"en": ["retrain", "keep_graph"]}
NEVER["ko"] += ["기울기"]  # a lesson may speak of the slope of a line; captions speak of gradients only

PARTICLES = re.compile(r"\}(은|는|이|가|을|를|과|와|로|으로|이나|나|이며|며|이었|였|이라|라|이란|란)(?![가-힣]{2})")


def entries(code):
    return {(section, key): text for section, words in tables(code).items() for key, text in words.items()}


def braces(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_language_has_the_same_keys_in_the_same_order(code):
    assert list(entries(code)) == list(entries("en"))


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_translation_takes_the_same_words(code):
    english = entries("en")
    different = [key for key, text in entries(code).items() if braces(text) != braces(english[key])]
    assert different == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_table_is_text_in_sections(code):
    assert [key for key, text in entries(code).items() if not isinstance(text, str) or not text] == []
    assert not set("<>\n") & set("".join(entries(code).values()).replace("->", ""))


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_word_is_used_that_the_glossary_forbids(code):
    found = [(key, word) for key, text in entries(code).items() for word in NEVER[code] if word in text]
    assert found == []


@pytest.mark.parametrize("code", SCRIPTS)
def test_every_language_is_written_in_its_own_script(code):
    letters = set(re.findall(r"[\u3400-\u9fff\uac00-\ud7a3]", "".join(entries(code).values())))
    assert len(letters) > 100
    assert [letter for letter in letters if not letter.encode(SCRIPTS[code], "ignore")] == []


@pytest.mark.parametrize("code", TRANSLATED)
def test_what_has_words_is_translated(code):
    english = entries("en")
    same = {key for key, text in entries(code).items() if text == english[key]}
    worded = {key for key in same if re.search(r"[a-z]{4}", CODE.sub("", english[key]))}
    assert worded <= SHARED, worded - SHARED


CODE = re.compile(r"\{\w+\}|\.\w+(\(\))?|\w+_\w+|dtype")
SHARED = {("legend", "saved-word"), ("why", "loss"), ("fold", "step"), ("fold", "run")}
"""Written like this on the picture, and in code."""


def test_korean_particles_fit_any_name():
    assert [(key, text) for key, text in entries("ko").items() if PARTICLES.search(text)] == []


@pytest.mark.parametrize(
    ("code", "inside", "across"),
    [
        ("en", "added up", "added to"),
        ("zh-Hans", "相加", "累积"),
        ("zh-Hant", "加總", "累積"),
        ("ko", "더합니다", "누적"),
    ],
)
def test_the_two_sums_have_two_verbs(code, inside, across):
    captions = tables(code)["caption"]
    for key, text in captions.items():
        if key.startswith("fan_in"):
            assert inside in text
            assert across not in text
            assert ".grad" not in text
        if key.startswith("accumulate"):
            assert ".grad" in text
            assert inside not in text
    assert all(across in captions[key] for key in ("accumulate", "accumulate_first", "accumulate_short"))


@pytest.mark.parametrize("code", LANGUAGES)
def test_captions_are_one_sentence_with_room_for_names(code):
    for key, text in tables(code)["caption"].items():
        assert len(text.format_map(dict.fromkeys(braces(text), "x"))) <= LIMIT, key


# ------------------------------------------------------------------------------------------------ keys and code


def literals():
    """Collect every text that stands in the code, also the parts of those that are put together."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        nodes = ast.walk(ast.parse(path.read_text("utf-8")))
        found |= {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    for path in PACKAGE.rglob("*.js"):
        found |= set(re.findall(r"[\w-]+", re.sub(r"(?m)^\s*(//|\*|/\*).*$", "", path.read_text("utf-8"))))
    return found


def asked():
    """Yield section and key of every `say` that names both."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "say":
                words = [part.value for part in node.args if isinstance(part, ast.Constant)]
                if len(words) == 2:
                    yield tuple(words)


def is_made_of(key, parts):
    """Say whether a key is a text of the code, or one with a text such as `ledger_` before or `_one` behind it."""
    if key in parts:
        return True
    cuts = [at for at in range(1, len(key)) if key[at] in "_-"]
    before = any(key[: at + 1] in parts and is_made_of(key[at + 1 :], parts) for at in cuts)
    return before or any(key[at:] in parts and is_made_of(key[:at], parts) for at in cuts)


def test_every_key_is_used_by_the_code():
    parts = literals()
    assert [key for key in entries("en") if not is_made_of(key[1], parts)] == []


def test_a_key_that_nobody_asks_for_is_found():
    assert not is_made_of("seed_more", {"seed", "more"})
    assert is_made_of("send_stop_short", {"send", "_stop", "_short"})
    assert is_made_of("ledger_add", {"ledger_", "add"})


def test_every_key_that_the_code_names_exists():
    names = set(asked())
    assert ("player", "described") in names
    assert names <= set(entries("en"))
