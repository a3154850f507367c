"""The panel of a question: nothing is chosen beforehand, one button commits, and what waited opens."""

import pytest

from autovis.classroom import check, predict, reveal, solution
from autovis.classroom import panel as panels
from autovis.classroom.bank import Option, Question
from autovis.classroom.questions import question_panel

VIEW = "application/vnd.jupyter.widget-view+json"


def panel_of(id):
    from autovis.classroom.bank import find, questions

    return question_panel(id, find(id, questions()))


def parts(panel):
    field, row = panel.children
    button, said = row.children
    return field, button, said


def test_a_notebook_gets_a_widget_and_the_same_text(in_kernel, as_ci):
    bundle = predict("02-p1")._repr_mimebundle_()
    assert set(bundle) == {VIEW, "text/plain"}
    assert bundle["text/plain"] == repr(predict("02-p1"))


def test_an_open_answer_is_text_only(in_kernel, as_ci):
    assert set(reveal("02-p1", 5.0)._repr_mimebundle_()) == {"text/plain"}


def test_nothing_is_chosen_and_committing_nothing_does_nothing(fresh_session):
    field, button, said = parts(panel_of("02-p1"))
    assert field.value is None
    assert [label for label, _ in field.options] == ["2", "3", "5", "6"]
    button.click()
    assert not fresh_session.predictions
    assert said.value == ""


def test_commit_keeps_the_choice_and_freezes_it(fresh_session):
    field, button, said = parts(panel_of("02-p1"))
    field.value = "3"
    button.click()
    assert fresh_session.predictions == {"02-p1": 3.0}
    assert said.value == "<p>You predict: 3</p>"
    assert field.disabled
    assert not button.disabled, "a disabled button would lose the keyboard's place"


def test_a_question_that_was_answered_comes_back_answered():
    predict("02-p1", 5)
    field, _, said = parts(panel_of("02-p1"))
    assert field.disabled
    assert said.value == "<p>You predict: 5</p>"


def test_several_are_boxes_to_tick(fresh_session):
    field, button, _ = parts(panel_of("02-p3"))
    boxes = field.children[1:]
    boxes[0].value = boxes[2].value = True
    button.click()
    assert fresh_session.predictions == {"02-p3": ["exp", "mul"]}
    assert all(box.disabled for box in boxes)


@pytest.fixture
def number_question(monkeypatch):
    question = Question("99-p1", "number", "2 * 3", (Option("5", 5, "You added.", "M29"),), right="Two times three.")
    bank = {"99-p1": question}
    monkeypatch.setattr("autovis.classroom.questions.all_questions", lambda: bank)
    return question


@pytest.mark.parametrize(("typed", "kept"), [("6", 6.0), (" -52,5 ", -52.5), ("1e3", 1000.0)])
def test_a_number_is_typed(number_question, fresh_session, typed, kept):
    field, button, _ = parts(question_panel("99-p1", number_question))
    field.value = typed
    button.click()
    assert fresh_session.predictions == {"99-p1": kept}


def test_what_is_no_number_is_shown_escaped(number_question, fresh_session):
    field, button, said = parts(question_panel("99-p1", number_question))
    field.value = "<img src=x onerror=alert(1)>"
    button.click()
    assert said.value == "<p>&lt;img src=x onerror=alert(1)&gt; is not a number.</p>"
    assert not fresh_session.predictions


def test_a_number_with_a_known_mistake_gets_its_feedback(number_question):
    predict("99-p1", 5)
    assert repr(reveal("99-p1")).splitlines() == ["99-p1  6", "You predicted 5.", "You added.", "Two times three."]


def locked_panel(view, monkeypatch):
    made = []
    locked = panels.locked
    monkeypatch.setattr(panels, "locked", lambda *args: made.append(locked(*args)) or made[-1])
    assert VIEW in view._repr_mimebundle_()
    return made[0]


def test_a_reveal_opens_by_itself_after_the_commitment(in_kernel, monkeypatch):
    panel = locked_panel(reveal("02-p1", 5.0), monkeypatch)
    said, button = panel.children
    assert "Predict first" in said.value
    assert button.description == "Show anyway"
    predict("02-p1", 3)
    assert panel.children == (said,)
    assert "You predicted 3." in said.value


def test_show_anyway_opens_it_and_marks_it(in_kernel, monkeypatch, fresh_session):
    panel = locked_panel(reveal("02-p1", 5.0), monkeypatch)
    said, button = panel.children
    button.click()
    assert fresh_session.skipped == {"02-p1"}
    assert "Shown without a prediction." in said.value


def test_a_solution_opens_after_an_attempt(in_kernel, monkeypatch):
    panel = locked_panel(solution("02-e1"), monkeypatch)
    check("02-e1", lambda x: 13 * x)
    assert "x * x * x + x" in panel.children[0].value


def test_what_a_cell_computed_is_shown_escaped(in_kernel, monkeypatch):
    panel = locked_panel(reveal("02-p1", "<script>alert(1)</script>"), monkeypatch)
    predict("02-p1", 3)
    assert "<script>" not in panel.children[0].value
    assert "&lt;script&gt;" in panel.children[0].value
