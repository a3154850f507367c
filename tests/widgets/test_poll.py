"""A show of hands: what a teacher counts, as text and as what travels to the browser."""

import json

import pytest

import autovis as av
from autovis.classroom.bank import Option, Question

VIEW = "application/vnd.jupyter.widget-view+json"


def lines(view):
    return repr(view).splitlines()


def test_before_anything_is_counted_nothing_is_given_away():
    assert lines(av.poll("05-p1")) == [
        "Show of hands: 05-p1",
        " a  4",
        " b  8",
        " c  16",
        'type the hands: av.poll("05-p1", {"a": 12, "b": 7}, after={"a": 3, "b": 16})',
    ]


def test_hands_of_two_rounds_and_what_is_behind_each_answer():
    shown = lines(av.poll("05-p1", {"a": 12, "8": 6}, after={16: 3, "b": 15}))
    assert shown[1:5] == [
        "Before talking: 18 hands  After talking: 18 hands",
        " a  4",
        "     12  ########################",
        "      0",
    ]
    assert shown[5] == "- M6: Each backward() overwrites .grad, or the optimizer clears it by itself."
    assert "     15  ##############################" in shown
    assert "- This is the answer." in shown[shown.index(" b  8") : shown.index(" c  16")]


def test_one_round_is_one_bar():
    shown = lines(av.poll("05-p1", {"a": 1}))
    assert shown[1] == "Before talking: 1 hands"
    assert shown[4].startswith("- M6")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"d": 1}, "d is not one of the options: a, b or c"),
        ({"a": -1}, "-1"),
        ({"a": 1.5}, "1.5"),
        ({"a": True}, "True"),
    ],
)
def test_what_cannot_be_counted_is_refused(given, told):
    with pytest.raises(ValueError, match=told):
        av.poll("05-p1", given)


def test_there_is_a_poll_for_every_question():
    from autovis.classroom.bank import questions

    for id, question in questions().items():
        shown = av.poll(id)
        assert [row.label for row in shown.rows][: len(question.options)] or question.kind == "number"
        assert any(row.right for row in shown.rows), id
        assert len({row.letter for row in shown.rows}) == len(shown.rows)


def test_of_a_number_the_known_mistakes_the_answer_and_whatever_else_is_said(monkeypatch):
    question = Question("99-p1", "number", "2 * 3", (Option("5", 5, "You added.", "M29"),), right="Two times three.")
    monkeypatch.setattr("autovis.widgets.poll.questions", lambda: {"99-p1": question})
    shown = av.poll("99-p1", {"a": 2, "5": 1, "something else": 3})
    assert [(row.label, row.right) for row in shown.rows] == [("6", True), ("5", False), ("something else", False)]
    assert shown.counts == [[2, 1, 3], [0, 0, 0]]
    assert "- M29: " in repr(shown)


def test_several_right_answers_are_each_marked():
    assert [row.right for row in av.poll("02-p3").rows] == [True, True, True, False]


def test_a_notebook_gets_the_widget_and_the_same_text():
    shown = av.poll("05-p1", {"a": 2})
    data, _ = shown._repr_mimebundle_()
    assert set(data) == {VIEW, "text/plain"}
    assert data["text/plain"] == repr(shown)
    assert json.loads(json.dumps(shown.film))["rows"][0]["behind"][0].startswith("M6: ")


def test_the_hands_that_the_page_reports_are_those_of_the_text():
    shown = av.poll("05-p1")
    shown.counts = [[0, 0, 5], [0, 7, 0]]
    assert "Before talking: 5 hands  After talking: 7 hands" in repr(shown)


def test_an_unknown_question_names_the_nearest():
    with pytest.raises(LookupError, match="did you mean"):
        av.poll("05-p9")
