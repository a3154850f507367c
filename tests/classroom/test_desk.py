"""The instructor's side: everything at once, and notes for a lesson."""

import re

import pytest

from autovis.classroom import instructor, notes, predict, progress, reveal
from autovis.classroom.lessons import all_lessons, lesson
from autovis.classroom.mode import mode
from autovis.language import set_language


def test_an_instructor_sees_everything_and_leaves_nothing(folder):
    assert str(reveal("02-p2")).startswith("Predict first")
    assert str(instructor()).startswith("Instructor: every answer is shown")
    assert "(M29)" in str(reveal("02-p2"))
    predict("02-p2", "a")
    assert list(folder.iterdir()) == []
    assert str(instructor(False)).startswith("Learner")
    assert str(reveal("02-p1")).startswith("Predict first")
    predict("02-p1", 5)
    assert [file.name for file in folder.iterdir()] == [".autovis-progress.json"]
    assert "1 of 6" in str(progress()), "what was shown as an instructor is no prediction of this learner"


def test_a_machine_that_checks_stays_one(as_ci):
    assert "AUTOVIS_MODE=ci goes before" in " ".join(str(instructor(False)).split())
    assert mode() == "ci"


def test_an_environment_can_be_left_to_see_what_learners_see(as_instructor):
    assert mode() == "instructor"
    instructor(False)
    assert mode() == "learner"


def test_notes_say_when_what_is_missed_and_what_is_believed():
    shown = notes("05")
    assert repr(shown).startswith(
        "Lesson 05: Accumulating and clearing\n\n22 minutes of teaching, 18 minutes of exercises."
    )
    assert "- Timing: the matrices six minutes" in repr(shown)
    assert "- M6 Each backward() overwrites .grad" in repr(shown)
    page = shown._repr_mimebundle_()
    assert page["text/plain"] == repr(shown)
    assert "- *Timing:* the matrices" in page["text/markdown"]
    assert "<details>" not in page["text/markdown"]


def test_every_lesson_has_notes():
    assert len(all_lessons()) >= 11
    for one in all_lessons():
        shown = repr(notes(one.id))
        assert len(shown) > 300, one.id
        assert re.search(r"(?m)^\d+ minutes of teaching", shown)
        assert not re.search(r"<\w+>", shown)


def test_a_lesson_is_found_by_its_number():
    assert lesson(5) is lesson("05") is lesson("5")
    with pytest.raises(LookupError, match=r"there is no lesson '77'; the lessons are 01, 02"):
        notes("77")


def test_where_nobody_has_translated_a_lesson_the_english_one_is_there():
    english = [one.id for one in all_lessons()]
    set_language("ko")
    try:
        assert [one.id for one in all_lessons()] == english
    finally:
        set_language("en")
