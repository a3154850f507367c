"""The lessons' experiments give on PyTorch what they give on autovis: every number, flag, printed text and error."""

import ast
import types

import pytest

import autovis
from autovis.classroom import judge
from autovis.classroom.bank import exercises, questions
from autovis.classroom.plain import plain, same

pytestmark = pytest.mark.torch

RUN_ON_BOTH = {"experiment", "exercise"}
ONLY_VIEWS = {
    "setup": {"import autovis as av"},
    "picture": {"av.show", "av.sums"},
    "film": {"av.play", "av.compare"},
    "why": {"av.why"},
    "predict": {"av.predict"},
    "reveal": {"av.reveal"},
    "check": {"av.check"},
    "hint": {"av.hint"},
    "solution": {"av.solution"},
}
KINDS = RUN_ON_BOTH | ONLY_VIEWS.keys()
LIBRARY_OBJECTS = {"Tape", "nullcontext", "SGD", "NoneType", "RemovableHandle"}
DATA = (bool, int, float, str, list, tuple, dict, set, type(None))


def run(source, names):
    """Run a cell; return the value of its last expression, or what it raised."""
    *body, last = ast.parse(source).body
    try:
        if not isinstance(last, ast.Expr):
            exec(compile(source, "cell", "exec"), names)
            return None
        exec(compile(ast.Module(body, []), "cell", "exec"), names)
        return eval(compile(ast.Expression(last.value), "cell", "eval"), names)
    except Exception as error:  # noqa: BLE001, what a cell raises is its result
        return error


def is_tensor(value):
    return hasattr(value, "requires_grad") and hasattr(value, "tolist")


def facts(value):
    """What can be compared about a value, down to the flags of each tensor in it."""
    if is_tensor(value):
        grad = facts(value.grad) if value.is_leaf else "asked for only at leaves"
        flags = (value.requires_grad, value.is_leaf, str(value.dtype).removeprefix("torch."))
        return ("tensor", plain(value.detach()), *flags, grad, repr(value))
    if isinstance(value, (list, tuple)):
        return [type(value).__name__, *map(facts, value)]
    if isinstance(value, dict):
        return {key: facts(item) for key, item in value.items()}
    if isinstance(value, set):
        return sorted(map(repr, value))
    if isinstance(value, types.EllipsisType):
        return "..."
    assert isinstance(value, DATA), type(value)
    return value


def assert_same(ours, theirs, where):
    """Compare two trees of facts, floats to the last digits of float32."""
    if isinstance(ours, float) and isinstance(theirs, float):
        assert same(ours, theirs, 1e-6), where
    elif isinstance(ours, (list, tuple)) and isinstance(theirs, (list, tuple)):
        assert len(ours) == len(theirs), where
        for number, pair in enumerate(zip(ours, theirs, strict=True)):
            assert_same(*pair, f"{where}[{number}]")
    elif isinstance(ours, dict) and isinstance(theirs, dict):
        assert list(ours) == list(theirs), where
        for key in ours:
            assert_same(ours[key], theirs[key], f"{where}[{key!r}]")
    else:
        assert ours == theirs, where


def assert_same_error(ours, theirs, where):
    assert type(ours).__name__ == type(theirs).__name__, f"{where}\n{ours!r}\n{theirs!r}"
    assert str(ours) == str(theirs), where


def data_of(names):
    """The names that a cell bound to something comparable; the others are known kinds, never silently left out."""
    found = {}
    for name, value in names.items():
        if name == "av" or name.startswith("__") or callable(value) or isinstance(value, types.ModuleType):
            continue
        if is_tensor(value) or isinstance(value, (*DATA, types.EllipsisType)):
            found[name] = facts(value)
        else:
            assert type(value).__name__ in LIBRARY_OBJECTS, f"{name} is a {type(value).__name__}"
    return found


@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor that is not a leaf:UserWarning")
def test_experiments_agree_with_pytorch(lesson, torch_library):
    ours, theirs = {"av": autovis}, {"av": torch_library}
    compared = 0
    for cell in lesson.code(*RUN_ON_BOTH):
        mine, other = run(cell.source, ours), run(cell.source, theirs)
        assert ("raises-exception" in cell.tags) == isinstance(other, Exception), f"{cell}\n{other!r}"
        if isinstance(other, Exception):
            assert_same_error(mine, other, str(cell))
            continue
        assert not isinstance(mine, Exception), f"{cell}\n{mine!r}"
        assert_same(facts(mine), facts(other), f"{cell}\nvalue")
        before = data_of(theirs)
        if "tape" in before:
            del before["tape"]
        named = {name: value for name, value in data_of(ours).items() if name != "tape"}
        assert_same(dict(sorted(named.items())), dict(sorted(before.items())), str(cell))
        compared += 1
    assert compared >= 8


def test_every_cell_is_either_compared_or_only_looks(lesson):
    for cell in lesson.code():
        kinds = cell.tags & KINDS
        assert len(kinds) == 1, cell
        if kinds <= RUN_ON_BOTH:
            continue
        allowed = ONLY_VIEWS[next(iter(kinds))]
        for statement in ast.parse(cell.source).body:
            text = ast.unparse(statement)
            looked = text.removeprefix("print(")  # the words without the picture
            called = looked.partition("(")[0] if isinstance(statement, ast.Expr) else text
            assert called in allowed, cell


@pytest.mark.parametrize("question", questions().values(), ids=lambda question: question.id)
def test_questions_have_the_same_answer_on_pytorch(question, torch_library, monkeypatch):
    ours = judge.answer_to.__wrapped__(question)
    monkeypatch.setattr(judge, "library", lambda: torch_library)
    assert_same(ours, judge.answer_to.__wrapped__(question), question.id)


@pytest.mark.parametrize("exercise", exercises().values(), ids=lambda exercise: exercise.id)
def test_exercises_have_the_same_numbers_on_pytorch(exercise, torch_library, monkeypatch):
    sources = [exercise.starter, exercise.solution, *(wrong.source for wrong in exercise.wrong)]
    ours = [judge.report(exercise, judge.made_by(exercise, source)).numbers for source in sources]
    monkeypatch.setattr(judge, "library", lambda: torch_library)
    theirs = [judge.report(exercise, judge.made_by(exercise, source)).numbers for source in sources]
    assert_same(ours, theirs, exercise.id)
