"""Predict, then reveal: a question asks for a commitment before the engine's answer is shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from autovis.classroom import judge
from autovis.classroom.bank import AGAIN, Option, Question, find
from autovis.classroom.bank import questions as all_questions
from autovis.classroom.logbook import LEVELS, Level
from autovis.classroom.mode import mode
from autovis.classroom.plain import Plain, plain, same, wording
from autovis.classroom.session import SESSION
from autovis.classroom.store import STORE
from autovis.classroom.translation import translated
from autovis.classroom.views import View
from autovis.language import listed, say

__all__ = ["predict", "reveal"]

NOT_GIVEN: Final = object()


def predict(id: str, prediction: object = NOT_GIVEN, *, sure: bool | str | None = None) -> View:
    """Ask a question; commit to an answer on the panel, or by giving it here.

    Args:
        id: the question, `02-p1`; its wording stands in the lesson.
        prediction: a letter, a label or a value of an option, a list of them, or a number. The first one stays.
        sure: how sure you are, if you want to say it: True or `sure`, False or `unsure`, or `guess`.

    Returns:
        The options; in a notebook with buttons to choose one and a button to commit.

    Raises:
        LookupError: if there is no such question.
        ValueError: if `sure` is none of these.
    """
    question, level = find(id, all_questions()), leveled(sure)
    SESSION.visit(id)
    lines = [f"{id}  {say('quiz', question.kind)}", *options(question)]
    if prediction is not NOT_GIVEN:
        return View([*lines, *committed(id, question, prediction, level)])
    how = {"choice": "how", "several": "how_several", "number": "how_number"}[question.kind]
    typed = [] if mode() == "ci" else [say("quiz", how, id=id)]
    return View([*lines, *standing(id, question), *STORE.notices()], lambda: question_panel(id, question), typed)


def leveled(sure: bool | str | None) -> Level:
    """Read how sure somebody is.

    Raises:
        ValueError: if it is none of the levels.

    >>> leveled(True), leveled(False), leveled("guess"), leveled(None)
    ('sure', 'unsure', 'guess', '')
    """
    words: dict[object, Level] = {None: "", True: "sure", False: "unsure", **{level: level for level in LEVELS}}
    if sure not in words:
        raise ValueError(f"sure is True, False, {', '.join(map(repr, LEVELS))} or left out, not {sure!r}")
    return words[sure]


def reveal(id: str, value: object = NOT_GIVEN, *, anyway: bool = False) -> View:
    """Show the answer and what each wrong prediction assumed, once there is a prediction.

    Args:
        id: the question.
        value: what the lesson's cell computed; compared with the question's own run.
        anyway: show it without a prediction.

    Returns:
        The answer with its reason; before a prediction, in learner mode, an invitation to predict and a button that
        shows the answer all the same.

    Raises:
        LookupError: if there is no such question.
    """
    question = find(id, all_questions())
    SESSION.visit(id)
    if anyway:
        SESSION.skip(id)

    seen = value if value is NOT_GIVEN else plain(value)  # now: cells below may edit it before somebody predicts

    def answer() -> list[str]:
        return list(revealed(id, question, seen))

    if mode() != "learner" or SESSION.opened(id):
        return View(answer())
    invitation = say("quiz", "locked", id=id)
    return View([invitation], lambda: locked_panel(id, invitation, answer), [say("quiz", "how_to_skip", id=id)])


def options(question: Question) -> Iterator[str]:
    """Yield a line for each option; a number is asked without any."""
    if question.kind != "number":
        for letter, option in judge.letters(question).items():
            yield f"  {letter}  {translated(option.label)}"


def committed(id: str, question: Question, given: object, sure: Level = "") -> Iterator[str]:
    """Keep a prediction and yield what was kept, or why it could not be."""
    prediction = judge.options_chosen(question, given)
    if prediction is None and question.kind == "number":
        yield say("quiz", "not_a_number", given=given)
    elif prediction is None:
        yield say("quiz", "not_an_option", given=given, options=listed(judge.letters(question), last="or"))
    elif id in SESSION.predictions:
        yield say("quiz", "stays", prediction=spoken(question, SESSION.predictions[id]))
    else:
        SESSION.commit(id, prediction, sure)
        yield from standing(id, question)
        yield from STORE.notices()


def standing(id: str, question: Question) -> Iterator[str]:
    """Yield the prediction that was committed, if there is one."""
    if id in SESSION.predictions:
        said = say("quiz", "committed", prediction=spoken(question, SESSION.predictions[id]))
        level = SESSION.sure.get(id, "")
        yield say("quiz", "committed_so", said=said, level=say("quiz", level)) if level else said


def revealed(id: str, question: Question, value: object) -> Iterator[str]:
    """Yield the answer, what became of the prediction, and the reasons."""
    answer = judge.answer_to(question)
    yield id  # alone: a folded output shows its first line
    yield say("quiz", "answer", answer=spoken(question, answer))
    if value is not NOT_GIVEN and not same(plain(value), answer):
        yield say("quiz", "another_value", value=wording(plain(value)), answer=wording(answer))
    yield from looked_back(id, question)
    if id in SESSION.predictions:
        yield from answered(question, SESSION.predictions[id])
    else:
        yield from everything(question)


def looked_back(id: str, question: Question) -> Iterator[str]:
    """Yield what was predicted when the question was asked the first time."""
    first = id.removesuffix(AGAIN)
    if id != first and first in SESSION.predictions:
        yield say("quiz", "at_first", prediction=spoken(question, SESSION.predictions[first]))
    if id in SESSION.skipped and id not in SESSION.predictions:
        yield say("quiz", "skipped")


def answered(question: Question, prediction: Plain) -> Iterator[str]:
    """Yield the feedback on one prediction: what it assumed, then why the answer is right."""
    right = correct(question, prediction)
    yield say("quiz", "predicted_right" if right else "predicted_wrong", prediction=spoken(question, prediction))
    for option in mistaken(question, prediction):
        yield said(option)
    yield from reasons(question)


def everything(question: Question) -> Iterator[str]:
    """Yield the reason, then what every wrong option assumes: for a class, or on paper."""
    yield from reasons(question)
    for option in question.options:
        if not judge.is_right(option, question):
            label = translated(option.label)
            begun = said(option).startswith(label)
            yield "- " + (said(option) if begun else say("quiz", "of_option", label=label, feedback=said(option)))


def correct(question: Question, prediction: Plain) -> bool:
    """Say whether a prediction is the answer; `several` are compared without their order."""
    answer = judge.answer_to(question)
    if question.kind != "several":
        return same(prediction, answer)
    assert isinstance(prediction, list)
    assert isinstance(answer, list)
    return sorted(prediction, key=str) == sorted(answer, key=str)


def mistaken(question: Question, prediction: Plain) -> Iterator[Option]:
    """Yield the options a prediction goes wrong on: chosen though wrong, or for `several` left out though right."""
    picked = prediction if question.kind == "several" and isinstance(prediction, list) else [prediction]
    for option in question.options:
        chosen = any(same(option.value, value) for value in picked)
        right = judge.is_right(option, question)
        if (chosen and not right) or (question.kind == "several" and right and not chosen):
            yield option


def reasons(question: Question) -> Iterator[str]:
    """Yield why the answer is right."""
    if question.right:
        yield translated(question.right)
    elif question.kind != "several":
        yield from (translated(option.feedback) for option in question.options if judge.is_right(option, question))


def said(option: Option) -> str:
    """Return an option's feedback; an instructor also sees which belief it betrays."""
    coded = mode() == "instructor" and option.misconception
    feedback = translated(option.feedback)
    return f"{feedback} ({option.misconception})" if coded else feedback


def spoken(question: Question, value: Plain) -> str:
    """Return a prediction or an answer in the words of the options."""
    return listed(labels_of(question, value)) or say("quiz", "none")


def labels_of(question: Question, value: Plain) -> list[str]:
    """Return the labels of the options in a prediction or an answer; a number that is none of them is written out."""
    values = value if question.kind == "several" and isinstance(value, list) else [value]
    labels = [
        translated(option.label) for option in question.options if any(same(option.value, each) for each in values)
    ]
    return labels if labels or question.kind == "several" else [wording(value)]


def question_panel(id: str, question: Question) -> Any:
    """Make the widget of a question."""
    from autovis.classroom import panel

    def commit(given: Any, sure: Level) -> str:
        return " ".join(committed(id, question, given, sure))

    labels = [translated(option.label) for option in question.options]
    picked = labels_of(question, SESSION.predictions[id]) if id in SESSION.predictions else []
    return panel.question(id, question.kind, labels, commit, " ".join(standing(id, question)), picked)


def locked_panel(id: str, invitation: str, answer: Any) -> Any:
    """Make the widget that waits for a prediction or a press of its button."""
    from autovis.classroom import panel

    return panel.locked(id, invitation, answer)
