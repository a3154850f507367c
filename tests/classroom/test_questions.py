"""Predict before you look: what is shown when, in each mode."""

import sys

import pytest

from autovis.classroom import hint, predict, reveal, solution
from autovis.classroom.mode import mode


def lines(view):
    return repr(view).splitlines()


def plain_text(view):
    return view._repr_mimebundle_()["text/plain"]


def test_a_question_lists_its_options_by_letter(as_ci):
    assert lines(predict("02-p1")) == ["02-p1  choose one", "  a  2", "  b  3", "  c  5", "  d  6"]


def test_outside_a_notebook_it_says_how_to_answer():
    assert lines(predict("02-p1"))[-1].startswith('commit with av.predict("02-p1", ...)')


@pytest.mark.parametrize("given", [5, 5.0, "5", "c"])
def test_an_answer_can_be_given_as_letter_label_or_value(given, fresh_session):
    assert lines(predict("02-p1", given))[-1] == "You predict: 5"
    assert fresh_session.predictions == {"02-p1": 5.0}


def test_none_is_an_answer_like_any_other():
    assert lines(predict("01-p1", None))[-1] == "You predict: None"


def test_the_first_prediction_stays():
    predict("02-p1", 3)
    assert lines(predict("02-p1", 5))[-1] == "You predicted 3 before; the first prediction stays."
    assert lines(predict("02-p1"))[-2] == "You predict: 3"


def test_what_is_no_option_is_refused_with_the_letters(fresh_session):
    assert lines(predict("02-p1", 7))[-1] == "7 is not one of the options: a, b, c or d."
    assert not fresh_session.predictions


def test_nothing_is_revealed_before_a_prediction():
    told = lines(reveal("02-p1", 5.0))
    assert told[0].startswith("Predict first")
    assert told[-1] == 'Or show it without a prediction: av.reveal("02-p1", anyway=True)'


def test_a_right_prediction_is_confirmed_with_the_reason():
    predict("02-p1", 5)
    assert lines(reveal("02-p1", 5.0)) == [
        "02-p1",
        "Answer: 5",
        "You predicted: 5. So it is.",
        "Two roads lead from p to y. One brings 2, the other 3, and they add: 2 + 3 = 5.",
    ]


def test_a_wrong_prediction_is_told_what_it_assumed():
    predict("02-p1", 3)
    told = repr(reveal("02-p1", 5.0)).replace("\n", " ")
    assert told.startswith(
        "02-p1 Answer: 5 You predicted: 3. 3 comes down the road through t. p also reaches y through s"
    )


def test_showing_it_anyway_marks_it_as_skipped_and_a_prediction_still_counts(fresh_session):
    told = lines(reveal("02-p1", 5.0, anyway=True))
    assert told[:3] == ["02-p1", "Answer: 5", "Shown without a prediction."]
    assert fresh_session.skipped == {"02-p1"}
    predict("02-p1", 2)
    assert lines(reveal("02-p1", 5.0))[2] == "You predicted: 2."


def test_a_class_sees_every_option_explained(as_ci):
    told = lines(reveal("02-p1", 5.0))
    assert told[:2] == ["02-p1", "Answer: 5"]
    assert [line[:4] for line in told if line.startswith("- ")] == ["- 2 ", "- 3 ", "- 6 "]
    assert "- twice, once for each road: That would" in repr(reveal("02-p2"))


def test_an_instructor_sees_which_belief_an_option_betrays(as_instructor):
    assert "(M29)" in repr(reveal("02-p2"))


@pytest.mark.parametrize(
    ("view", "first"),
    [
        (lambda: reveal("02-w"), "02-w"),
        (lambda: solution("02-e3"), "02-e3  one way"),
        (lambda: hint("02-e3"), "02-e3  hint 1 of 2"),
    ],
)
def test_the_first_line_gives_nothing_away(as_ci, view, first):
    """A folded output shows its first line."""
    assert lines(view())[0] == first


def test_a_cell_that_was_changed_is_noticed(as_ci):
    assert "This cell gave 10; the question as it stands gives 5." in " ".join(lines(reveal("02-p1", 10.0)))


def test_a_value_of_none_is_a_value(as_ci):
    assert "This cell gave" not in repr(reveal("01-p1", None))
    assert "This cell gave 0" in repr(reveal("01-p1", 0.0))


def test_several_answers_are_judged_one_by_one():
    predict("02-p3", ["x * x", "d"])
    told = " ".join(lines(reveal("02-p3")))
    assert "You predicted: x * x and none of these: all fit into a binary tree." in told
    assert "x.exp() does not fit" in told
    assert "Each of the three breaks a rule" in told
    assert "x * x does not fit" not in told


def test_several_right_answers_need_no_order():
    predict("02-p3", ["c", "a", "b"])
    assert "So it is." in repr(reveal("02-p3"))


def test_the_warm_up_remembers_the_first_guess():
    predict("02-w", "a")
    predict("02-w-again", "b")
    told = lines(reveal("02-w-again"))
    assert told[2] == "At the start you predicted two, one for each use."
    assert told[3] == "You predicted: one. So it is."


def test_hints_come_one_by_one_and_the_last_stays():
    shown = [lines(hint("01-e1"))[:2] for _ in range(3)]
    assert [first for first, _ in shown] == ["01-e1  hint 1 of 2", "01-e1  hint 2 of 2", "01-e1  hint 2 of 2"]
    assert shown[0][1].startswith("Ask f for one value")
    assert shown[1] == shown[2]


def test_a_solution_waits_for_an_attempt():
    assert lines(solution("01-e1"))[0].startswith("Try it first")
    assert lines(solution("01-e1", anyway=True))[1] == "def slope(f, at):"


def test_a_solution_is_shown_to_a_class(as_instructor):
    assert lines(solution("01-e1"))[1] == "def slope(f, at):"


def test_long_lines_are_broken_and_code_is_not(as_ci):
    assert max(map(len, lines(reveal("02-p2")))) <= 80
    assert "    h = 1e-5" in lines(solution("01-e1"))
    assert lines(solution("05-e2"))[-1] == 'labels += ["fan-in", "fan-in", "accumulate"]'


def test_the_mode_is_read_when_it_is_needed(monkeypatch):
    assert mode() == "learner"
    monkeypatch.setenv("AUTOVIS_MODE", " CI ")
    assert mode() == "ci"
    monkeypatch.setenv("AUTOVIS_MODE", "teacher")
    with pytest.warns(UserWarning, match="AUTOVIS_MODE=teacher is not known"):
        assert mode() == "learner"


def test_text_is_the_same_in_every_run(as_ci):
    assert plain_text(reveal("02-p1", 5.0)) == plain_text(reveal("02-p1", 5.0))


def test_no_widget_is_loaded_for_text():
    import subprocess

    program = "import autovis as av, sys; repr(av.predict('02-p1')); sys.exit('traitlets' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_second_commitment_changes_nothing(fresh_session):
    fresh_session.commit("02-p1", 3.0)
    fresh_session.commit("02-p1", 5.0)
    assert fresh_session.predictions == {"02-p1": 3.0}
