"""The console command finds lessons, lays them out, and never overwrites what a learner changed."""

import json
import os
import shlex
import sys
from pathlib import Path

import pytest

from autovis import cli

LESSONS = ("01-first-gradient", "02-graph", "05-accumulating", "09-cutting", "clinic")


@pytest.fixture
def folder(tmp_path):
    shipped = tmp_path / "shipped"
    shipped.mkdir()
    for name in LESSONS:
        (shipped / f"{name}.ipynb").write_text(name)
    return shipped


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", "01-first-gradient"),
        ("2", "02-graph"),
        ("02", "02-graph"),
        ("02-graph", "02-graph"),
        ("02-graph.ipynb", "02-graph"),
        ("graph", "02-graph"),
        ("accu", "05-accumulating"),
        ("clinic", "clinic"),
        ("clinic.ipynb", "clinic"),
        ("cli", "clinic"),
    ],
)
def test_a_lesson_goes_by_number_and_by_name(folder, asked, found):
    assert cli.find(asked, folder).stem == found


@pytest.mark.parametrize("asked", ["3", "0", "002x", "nothing", "missing.ipynb", ".ipynb"])
def test_an_unknown_lesson_is_answered_with_the_list(folder, asked):
    with pytest.raises(cli.UnknownLessonError) as refused:
        cli.find(asked, folder)
    assert all(name in str(refused.value) for name in LESSONS)


def test_a_name_that_fits_two_lessons_is_no_name(folder):
    (folder / "10-graph-again.ipynb").write_text("")
    assert cli.find("graph", folder).stem == "02-graph", "an exact name wins"
    with pytest.raises(cli.UnknownLessonError):
        cli.find("0", folder)


def test_a_path_is_taken_as_it_is(folder, tmp_path):
    mine = tmp_path / "mine.ipynb"
    mine.write_text("")
    assert cli.find(str(mine), folder) == mine


def test_changed_lessons_stay_and_untouched_ones_follow(folder, tmp_path, capsys):
    mine = tmp_path / "autovis-lessons"
    cli.lay_out(folder, mine)
    changed, untouched = mine / "01-first-gradient.ipynb", mine / "02-graph.ipynb"
    changed.write_text("my answers")
    for name in LESSONS:
        (folder / f"{name}.ipynb").write_text(f"{name}, second edition")
    cli.lay_out(folder, mine)
    assert changed.read_text() == "my answers"
    assert untouched.read_text() == "02-graph, second edition"
    assert "01-first-gradient.ipynb keeps your changes" in capsys.readouterr().out
    cli.lay_out(folder, mine)
    assert (changed.read_text(), capsys.readouterr().out) == ("my answers", "")


def test_a_lesson_that_was_deleted_comes_back(folder, tmp_path):
    mine = tmp_path / "autovis-lessons"
    cli.lay_out(folder, mine)
    (mine / "02-graph.ipynb").unlink()
    cli.lay_out(folder, mine)
    assert (mine / "02-graph.ipynb").read_text() == "02-graph"


def test_the_clinic_is_opened_by_its_name(capsys):
    assert cli.main(["lab", "clinic", "--print"]) == 0
    assert "--LabApp.default_url=/lab/tree/clinic.ipynb" in capsys.readouterr().out


def test_print_shows_the_command_with_what_is_passed_on(capsys):
    assert cli.main(["lab", "02", "--print", "--", "--no-browser", "--port=9999"]) == 0
    python, *options = shlex.split(capsys.readouterr().out)
    assert python == sys.executable
    assert options[:2] == ["-m", "jupyterlab"]
    assert any(option.startswith("--LabApp.default_url=/lab/tree/02-") for option in options)
    assert options[-2:] == ["--no-browser", "--port=9999"]


def test_an_unknown_lesson_ends_with_status_2(capsys):
    assert cli.main(["lab", "no-such-lesson"]) == 2
    assert "01-" in capsys.readouterr().err


def test_without_jupyterlab_the_cure_is_named(monkeypatch, capsys):
    monkeypatch.setattr(cli.importlib.util, "find_spec", lambda _: None)
    assert cli.main(["lab", "01"]) == 1
    assert "'autovis[lab]'" in capsys.readouterr().err


def test_jupyterlab_is_started_and_its_status_returned(monkeypatch):
    assert cli.attend([sys.executable, "-c", "raise SystemExit(3)"]) == 3


def test_the_module_is_the_command(capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("autovis ")


def test_jupyterlab_is_told_to_save_widgets_after_what_the_learner_says(monkeypatch):
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "mine")
    first, ours = cli.surroundings()["JUPYTER_CONFIG_PATH"].split(os.pathsep)
    assert first == "mine"
    told = json.loads(Path(ours, "labconfig", "default_setting_overrides.json").read_text("utf-8"))
    assert told == {"@jupyter-widgets/jupyterlab-manager:plugin": {"saveState": True}}
    monkeypatch.delenv("JUPYTER_CONFIG_PATH")
    assert cli.surroundings()["JUPYTER_CONFIG_PATH"] == ours


def test_lessons_are_opened_in_the_language_that_is_named(capsys):
    assert cli.main(["lab", "05", "--language", "zh_CN", "--print"]) == 0
    assert "lessons/zh-Hans" in capsys.readouterr().out
    assert cli.main(["lab", "05", "--print"]) == 0
    assert "lessons/en" in capsys.readouterr().out


def test_each_language_is_laid_out_in_its_own_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(cli, "PACKAGE", tmp_path / "installed" / "autovis")
    for language in ("en", "ko"):
        shipped = cli.PACKAGE / "_lessons" / language
        shipped.mkdir(parents=True)
        (shipped / "01-first-gradient.ipynb").write_text(language)
    folders = [cli.lessons_folder(tmp_path), cli.lessons_folder(tmp_path, "ko")]
    assert [folder.name for folder in folders] == ["autovis-lessons", "autovis-lessons-ko"]
    assert [(folder / "01-first-gradient.ipynb").read_text() for folder in folders] == ["en", "ko"]


def test_an_unknown_language_is_answered_with_the_list(capsys):
    with pytest.raises(SystemExit):
        cli.main(["lab", "--language", "fr"])
    assert "autovis does not speak 'fr'; it speaks en (English), zh-Hans" in capsys.readouterr().err


def test_a_lesson_that_is_not_translated_is_offered_in_english(capsys):
    assert cli.main(["lab", "99", "--language", "zh-Hans", "--print"]) == 2
    assert "in English: autovis lab 99" in capsys.readouterr().err
    assert cli.main(["lab", "99", "--print"]) == 2
    assert "in English" not in capsys.readouterr().err
