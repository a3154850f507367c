"""The bank says nothing that the engine does not: every answer is computed, every mistake is recognised."""

import pytest

import autovis as av
from autovis.classroom import check, checks, judge
from autovis.classroom.bank import exercises, find, misconceptions, questions
from autovis.classroom.ledger import lines_of
from autovis.classroom.plain import plain, same
from autovis.classroom.probes import PROBES
from autovis.classroom.probes.lesson_02 import SILENT
from autovis.classroom.questions import answered, correct

QUESTIONS, EXERCISES = list(questions().values()), list(exercises().values())
MISTAKES = [(exercise, wrong) for exercise in EXERCISES for wrong in exercise.wrong]


def name(entry):
    return entry.id if hasattr(entry, "id") else None


def test_the_misconceptions_are_the_thirty_of_the_plan():
    assert list(misconceptions()) == [f"M{number}" for number in range(1, 31)]


@pytest.mark.parametrize("question", QUESTIONS, ids=name)
def test_the_engine_finds_the_option_that_is_meant_to_be_right(question):
    right = [option for option in question.options if judge.is_right(option, question)]
    if question.kind == "choice":
        assert right == [option for option in question.options if not option.misconception]
        assert len(right) == 1
    else:
        assert right
        assert question.right


@pytest.mark.parametrize("question", QUESTIONS, ids=name)
def test_every_option_has_feedback_and_every_wrong_one_a_known_misconception(question):
    for option in question.options:
        assert option.feedback.endswith((".", "?"))
        if not judge.is_right(option, question):
            assert option.misconception in misconceptions()


@pytest.mark.parametrize("question", QUESTIONS, ids=name)
def test_each_prediction_gets_its_own_feedback(question):
    """Also one that is a list of numbers: that is one option, not several."""
    for option in question.options:
        given = plain([option.value] if question.kind == "several" else option.value)
        told = list(answered(question, given))
        right = judge.is_right(option, question)
        assert (option.feedback in told) == (not right or question.kind == "choice")
        if question.kind == "choice":
            assert correct(question, given) == right
            assert sum(other.feedback in told for other in question.options) == (1 if right else 2)


@pytest.mark.parametrize("question", QUESTIONS, ids=name)
def test_options_cannot_be_mixed_up(question):
    labels = [option.label for option in question.options]
    assert len(set(labels)) == len(labels)
    assert not set(labels) & set(judge.letters(question))
    for option in question.options:
        assert sum(same(plain(other.value), plain(option.value)) for other in question.options) == 1
        assert judge.chosen(question, option.label) == option.value


@pytest.mark.parametrize("exercise", EXERCISES, ids=name)
def test_the_starter_fails_kindly_and_is_no_attempt(exercise):
    verdict = judge.judge(exercise, judge.made_by(exercise, exercise.starter))
    assert not verdict.passed
    assert verdict.untouched
    assert "Error" not in str(check(exercise.id, judge.made_by(exercise, exercise.starter)))
    assert not checks.SESSION.attempted


@pytest.mark.parametrize("exercise", EXERCISES, ids=name)
def test_the_solution_passes(exercise):
    told = str(check(exercise.id, judge.made_by(exercise, exercise.solution)))
    assert told.startswith(f"{exercise.id}: right")
    assert checks.SESSION.attempted == {exercise.id}


@pytest.mark.parametrize(("exercise", "wrong"), MISTAKES, ids=name)
def test_each_wrong_answer_fails_with_its_own_feedback(exercise, wrong):
    verdict = judge.judge(exercise, judge.made_by(exercise, wrong.source))
    assert not verdict.passed
    assert verdict.known is wrong
    told = str(check(exercise.id, judge.made_by(exercise, wrong.source)))
    assert wrong.feedback.split(".")[0] in " ".join(told.split())
    assert verdict.wrong[0][0] in told
    assert wrong.misconception in {"", *misconceptions()}


@pytest.mark.parametrize("exercise", EXERCISES, ids=name)
def test_an_exercise_has_hints_and_three_mistakes(exercise):
    assert len(exercise.hints) >= 2
    assert len(exercise.wrong) >= 3
    assert exercise.probe in PROBES


def test_every_probe_is_used():
    assert set(PROBES) == {exercise.probe for exercise in EXERCISES}


def test_an_answer_that_raises_is_told_not_raised():
    told = str(check("02-e1", lambda x: x.no_such_thing))
    assert "operations that use x: yours AttributeError" in told
    assert "yours TypeError: 'int' object is not callable" in str(check("01-e1", 5))


@pytest.mark.parametrize("exercise", EXERCISES, ids=name)
@pytest.mark.parametrize("answer", [None, 5, "a word", [[]], lambda: None, print])
def test_nothing_a_learner_hands_in_raises(exercise, answer):
    assert not judge.judge(exercise, answer).passed
    assert str(check(exercise.id, answer)).startswith(exercise.id)


def test_a_mistake_nobody_listed_is_named_by_its_number():
    told = str(check("02-e1", lambda x: x * x * x + 2 * x))
    assert told.splitlines() == [
        "02-e1: not yet, 1 of 2 checks differ.",
        "- gradient at 2: yours 14, expected 13",
    ]


def test_another_right_answer_passes():
    assert str(check("02-e1", lambda x: x * x + 8 * x + x)).startswith("02-e1: right")

    def forward(w1, w2, w3):
        h = 2 * w1
        return w2.detach() * h + w3 * h

    assert str(check("09-e2", forward)).startswith("09-e2: right")


def test_the_labels_of_the_ledger_are_the_tapes():
    x = av.leaf(3.0)
    with av.record() as tape:
        (x * x).backward()
        (x * x).backward()
        (x**2).backward()
        (x + x).backward()
    assert judge.made_by(find("05-e2", exercises()), exercises()["05-e2"].solution) == [
        kind for _, kind in lines_of(tape)
    ]


def test_a_secret_is_kept():
    told = str(check("05-e2", ["accumulate"] * 10))
    assert "- line 1: accumulate is not it" in told
    assert "expected" not in told


def test_the_forgotten_nodes_are_in_the_live_graph():
    k, m, v = av.leaf(0.5), av.leaf(2.0), av.leaf(2.0)
    z = v * k**m + 1
    add = z.grad_fn
    mul = add.next_functions[0][0]
    power = mul.next_functions[1][0]
    assert [node.name() for node in (power, mul, add)] == ["PowBackward1", "MulBackward0", "AddBackward0"]
    assert {"mul", "add", "1"} == SILENT


def test_a_net_learns_from_the_penalty_what_can_be_measured():
    inputs = av.tensor([[-1.0], [0.5], [2.0], [3.0]], dtype=av.float64)

    def value(w):
        squashed = (inputs * w).tanh()
        slope = ((1 - squashed**2) * w).sum(1)  # by hand
        return ((slope - 1) ** 2).mean()

    measured = av.numeric_grad(value, av.tensor([0.5, -1.0, 2.0], dtype=av.float64))
    assert same(judge.expected(exercises()["13-e2"])["w.grad"], plain(measured), 1e-5)


def test_an_unknown_id_names_its_neighbours():
    with pytest.raises(LookupError, match="no '02-p9' in the bank; did you mean 02-p"):
        find("02-p9", questions())


def test_an_error_is_told_in_full_once():
    def losses(w, inputs):
        raise RuntimeError("Trying to backward through the graph a second time (or directly access saved tensors)")

    told = str(av.check("10-e1", losses))
    assert told.count("Trying to backward") == 1
    assert "the same again" in told
