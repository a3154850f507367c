"""The panel of a question: nothing is chosen beforehand, one button commits, and what waited opens."""

import pytest

import autovis as av
from autovis.classroom import check, judge, predict, reveal, solution
from autovis.classroom import panel as panels
from autovis.classroom.bank import Option, Question, exercises
from autovis.classroom.questions import question_panel

VIEW = "application/vnd.jupyter.widget-view+json"


def panel_of(id):
    from autovis.classroom.bank import find, questions

    return question_panel(id, find(id, questions()))


def test_a_notebook_gets_a_widget_and_the_same_text(in_kernel, as_ci):
    bundle = predict("02-p1")._repr_mimebundle_()
    assert set(bundle) == {VIEW, "text/plain"}
    assert bundle["text/plain"] == repr(predict("02-p1"))


def test_an_open_answer_is_text_only(in_kernel, as_ci):
    assert set(reveal("02-p1", 5.0)._repr_mimebundle_()) == {"text/plain"}


def test_a_question_starts_with_nothing_chosen():
    panel = panel_of("02-p1")
    assert panel.legend == "02-p1: choose one"
    assert panel.labels == ["2", "3", "5", "6"]
    assert (panel.answer, panel.said, panel.settled) == ([], "", False)


def test_commit_keeps_the_choice_and_settles_it(fresh_session):
    panel = panel_of("02-p1")
    panel.answer = ["3"]
    assert fresh_session.predictions == {"02-p1": 3.0}
    assert panel.said == "You predict: 3"
    assert panel.settled


def test_a_question_that_was_answered_comes_back_answered():
    predict("02-p1", 5)
    panel = panel_of("02-p1")
    assert panel.settled
    assert (panel.said, panel.answer) == ("You predict: 5", ["5"])
    panel.answer = ["2"]
    assert panel.said == "You predicted 5 before; the first prediction stays."


def test_how_sure_one_is_can_be_left_open_or_said_with_one_press(fresh_session):
    panel = panel_of("02-p1")
    assert [level for level, _ in panel.levels] == ["sure", "unsure", "guess"]
    assert panel.sure == ""
    panel.sure = "guess"
    panel.answer = ["3"]
    assert (panel.said, fresh_session.sure) == ("You predict: 3 (a guess)", {"02-p1": "guess"})
    panel = panel_of("02-p2")
    panel.answer = [panel.labels[0]]
    assert fresh_session.sure["02-p2"] == ""
    assert "(" not in panel.said


def test_several_are_kept_together(fresh_session):
    panel = panel_of("02-p3")
    panel.answer = ["x.exp()", "x * x"]
    assert fresh_session.predictions == {"02-p3": ["exp", "mul"]}


@pytest.fixture
def number_question(monkeypatch):
    question = Question("99-p1", "number", "2 * 3", (Option("5", 5, "You added.", "M29"),), right="Two times three.")
    bank = {"99-p1": question}
    monkeypatch.setattr("autovis.classroom.questions.all_questions", lambda: bank)
    return question


@pytest.mark.parametrize(("typed", "kept"), [("6", 6.0), (" -52,5 ", -52.5), ("1e3", 1000.0)])
def test_a_number_is_typed(number_question, fresh_session, typed, kept):
    panel = question_panel("99-p1", number_question)
    assert panel.labels == [], "the mistakes worth a word are not given away"
    panel.answer = [typed]
    assert fresh_session.predictions == {"99-p1": kept}


def test_a_number_that_was_typed_comes_back(number_question):
    predict("99-p1", -52.5)
    assert question_panel("99-p1", number_question).answer == ["-52.5"]


def test_what_is_no_number_can_be_typed_again(number_question, fresh_session):
    panel = question_panel("99-p1", number_question)
    panel.answer = ["<img src=x onerror=alert(1)>"]
    assert panel.said == "<img src=x onerror=alert(1)> is not a number."
    assert not fresh_session.predictions
    assert not panel.settled


def test_a_number_with_a_known_mistake_gets_its_feedback(number_question):
    predict("99-p1", 5)
    told = repr(reveal("99-p1")).splitlines()
    assert told == ["99-p1", "Answer: 6", "You predicted: 5.", "You added.", "Two times three."]


def test_the_page_writes_text_and_never_markup():
    code = (panels.STATIC / "question.js").read_text("utf-8")
    assert "innerHTML" not in code
    assert "insertAdjacentHTML" not in code
    assert "http" not in code


def locked_panel(view, monkeypatch):
    made = []
    locked = panels.locked
    monkeypatch.setattr(panels, "locked", lambda *args, **options: made.append(locked(*args, **options)) or made[-1])
    assert VIEW in view._repr_mimebundle_()
    return made[0]


def test_a_reveal_opens_by_itself_after_the_commitment(in_kernel, monkeypatch):
    panel = locked_panel(reveal("02-p1", 5.0), monkeypatch)
    assert panel.legend.startswith("Predict first")
    assert panel.button == "Show anyway"
    assert not panel.said
    predict("02-p1", 3)
    assert panel.settled
    assert "You predicted: 3." in panel.said


def test_a_reveal_remembers_what_its_cell_gave(in_kernel, monkeypatch):
    """Run All goes on, and a cell below edits the tensor, before anybody predicts."""
    gave = av.tensor([5.0])
    panel = locked_panel(reveal("02-p1", gave[0]), monkeypatch)
    gave.zero_()
    predict("02-p1", 5)
    assert "This cell gave" not in panel.said


def test_show_anyway_opens_it_and_marks_it(in_kernel, monkeypatch, fresh_session):
    panel = locked_panel(reveal("02-p1", 5.0), monkeypatch)
    panel.answer = ["Show anyway"]
    assert fresh_session.skipped == {"02-p1"}
    assert "Shown without a prediction." in panel.said
    predict("02-p1", 3)
    assert "You predicted: 3." in repr(reveal("02-p1", 5.0))


def test_a_solution_opens_after_an_attempt(in_kernel, monkeypatch):
    panel = locked_panel(solution("02-e1"), monkeypatch)
    check("02-e1", lambda x: 13 * x)
    assert "x * x * x + x" in panel.said
    assert panel.code


def test_run_all_does_not_open_the_solutions(in_kernel, monkeypatch):
    panel = locked_panel(solution("05-e1"), monkeypatch)
    exercise = exercises()["05-e1"]
    check("05-e1", judge.made_by(exercise, exercise.starter))
    assert not panel.settled
