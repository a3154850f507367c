"""Why something raised: every sentence of autograd's has an answer, and the answer points at the right thing."""

import inspect
import sys

import pytest
from IPython.core.interactiveshell import InteractiveShell

import autovis as av
from autovis import errors, language
from autovis.diagnosis.mishaps import SIGNS, key_of_error


def leaf(T, value=2.0):
    return T.tensor(value, requires_grad=True)


def raised(program, *given):
    """Run a program that raises; return the answer."""
    with pytest.raises(Exception) as caught:
        program(*given)
    return av.why(caught.value)


def guilty(answer):
    (element,) = [element for element in answer.graph.elements if "why" in element.marks]
    assert element.id == answer.node
    return element.role, element.label


# ------------------------------------------------------------------------------------------------ every sentence

# What is not about autograd, and explains itself in its note.
ELSEWHERE = {
    "ambiguous_truth", "arithmetic_of_truth", "broadcast", "in_place_shape", "left_out", "many_elements", "no_cuda",
    "not_on_host", "not_supported", "result_type", "did_you_mean", "warn_once", "explain", "unknown",
}  # fmt: skip

ARGUMENTS = {
    "not_a_leaf_flag": [{}, {"by_assignment_of_true": True}],
    "integers_cannot_require_grad": [{"sentence": "only Tensors of floating point dtype can require gradients"}],
    "read_only": [{"name": "is_leaf"}],
    "leaf_in_place": [{}, {"view": True}],
    "view_in_place": [
        {"maker": "", "several": False, "inside": False, "indirect": False},
        {"maker": "Output 0 of SplitBackward0 is a view", "several": True, "inside": False, "indirect": True},
        {"maker": "Output 0 of F is a view", "several": False, "inside": True, "indirect": False},
    ],
    "no_derivative": [{"name": "heaviside"}],
    "invalid_gradient": [{"node": "F", "slot": 0, "got": [2], "wanted": [3]}],
    "gradient_shape": [{"index": 0, "got": "[2]", "wanted": "[3]"}],
    "stale": [{"kind": "FloatTensor", "shape": [2], "output": "", "version": 1, "expected": 0}],
    "not_used": [{"index": 0}],
    "empty_inputs": [{"function": "backward"}],
    "gradient_count": [{"name": "F", "wanted": 1, "got": 2}],
    "gradient_of_no_tensor": [{"name": "F", "position": 1}],
    "gradient_invalid": [{"name": "F", "index": 0, "got": [2], "wanted": [3]}],
    "two_devices": [{"first": "cpu", "second": "sim:0"}],
    "argument_elsewhere": [{"operation": "mm", "devices": [av.device("cpu"), av.device("sim:0")]}],
}


def makers():
    """List the functions that make errors of autograd's: whoever adds one has to say what it means."""
    found = dict(inspect.getmembers(errors, inspect.isfunction))
    return [
        name for name, function in found.items() if function.__module__ == errors.__name__ and name not in ELSEWHERE
    ]


@pytest.mark.parametrize("name", makers())
def test_every_error_of_autograd_has_an_answer(name):
    for given in ARGUMENTS.get(name, [{}]):
        key = key_of_error(getattr(errors, name)(**given))
        assert key != "error", name


@pytest.mark.parametrize("key", sorted(set(SIGNS.values())))
def test_every_answer_has_a_cure_and_names_what_does_not_help(key):
    words = language.table("why")
    assert words[f"raised_{key}"]
    assert words[f"raised_{key}_fix"]
    assert words[f"raised_{key}_no_help"]


def test_other_errors_speak_for_themselves():
    answer = raised(lambda: {}["a"])
    assert (answer.key, answer.sentence, answer.graph) == ("error", "KeyError: 'a'", None)
    answer = raised(lambda: av.ones(2) + av.ones(3))
    assert answer.fix.startswith("Shapes are compared from the right")


# ------------------------------------------------------------------------------------------------- backward


def test_a_second_backward_finds_freed_values(T):
    def program():
        w = leaf(T)
        y = (w * w).exp()
        y.backward()
        y.backward()

    answer = raised(program)
    assert answer.key == "raised_freed"
    assert answer.sentence.startswith("exp cannot be walked a second time")
    assert "retain_graph=True in a loop" in answer.no_help
    assert guilty(answer) == ("op", "exp")


def test_damage_in_place_names_variable_operation_and_versions(T):
    def program():
        w = leaf(T)
        h = w.exp()
        y = h * 3
        h.add_(1)
        y.backward()

    answer = raised(program)
    assert answer.key == "raised_stale"
    assert answer.sentence == (
        "exp saved h for its backward, and h was edited in place: it is at version 1, exp needs version 0."
    )
    assert answer.fix.startswith("Edit a copy: h = h + 1 instead of h += 1")
    assert ".data hides it from the check" in answer.no_help
    assert "record the block" in answer.unknown
    assert guilty(answer) == ("op", "exp")


def test_a_recording_adds_the_lines_of_damage(T):
    def program():
        w = leaf(T)
        with av.record():
            h = w.exp()
            y = h * 3
            h.add_(1)
            y.backward()

    answer = raised(program)
    first = program.__code__.co_firstlineno
    assert f"exp saved h in line {first + 3} of test_errors.py" in answer.sentence
    assert f"h was edited in place in line {first + 5} of test_errors.py" in answer.sentence
    assert answer.unknown == ""


def test_an_older_recording_testifies_nothing_about_another_program():
    with av.record():
        w = av.leaf(2.0)
        w.exp().add_(1)

    def program():
        w = av.leaf(2.0)
        h = w.exp()
        y = h * 3
        h.add_(1)
        y.backward()

    assert "line" not in raised(program).sentence


def test_several_elements(T):
    def program():
        w = leaf(T, [1.0, 2.0])
        loss = w * 2
        loss.backward()

    answer = raised(program)
    assert answer.key == "raised_scalar_only"
    assert answer.fix.startswith("Reduce it: loss.sum().backward()")
    assert guilty(answer) == ("mid", "loss")


def test_nothing_asks_for_a_gradient(T):
    def program():
        x = T.tensor(2.0)
        loss = x * 2
        loss.backward()

    answer = raised(program)
    assert answer.key == "raised_element_zero"
    assert "loss.requires_grad = True: the error goes away" in answer.no_help


def test_where_the_history_ended(T):
    def program():
        w = leaf(T)
        h = w * 2
        loss = h.detach()
        loss.backward()

    answer = raised(program)
    assert "history ends at" in answer.sentence
    assert "detach" in answer.sentence
    if T is av:
        assert guilty(answer) == ("cut", "detach")


def test_the_gradient_that_starts_has_another_shape(T):
    def program():
        w = leaf(T, [1.0, 2.0])
        y = w * 2
        y.backward(T.ones(3))

    assert raised(program).key == "raised_gradient_shape"


def test_an_unused_input_is_the_one_that_is_named(T):
    def program():
        w, v = leaf(T), leaf(T)
        y = w * 2
        T.autograd.grad(y, v)

    answer = raised(program)
    assert (answer.key, answer.name) == ("raised_not_used", "v")


def test_a_plain_input_is_the_one_that_is_named(T):
    def program():
        w, c = leaf(T), T.tensor(3.0)
        y = w * c
        T.autograd.grad(y, c)

    answer = raised(program)
    assert (answer.key, answer.name) == ("raised_input_without_flag", "c")


# --------------------------------------------------------------------------------------------- everything else


def edit_leaf(T):
    w = leaf(T)
    w += 1


def edit_view(T):
    w = leaf(T, [1.0, 2.0])
    w[0] = 3.0


def flag_off_non_leaf(T):
    w = leaf(T) * 2
    w.requires_grad = False


def flag_on_integers(T):
    w = T.tensor(2)
    w.requires_grad_()


def keep_without_flag(T):
    w = T.tensor(2.0)
    w.retain_grad()


def hook_without_flag(T):
    w = T.tensor(2.0)
    w.register_hook(print)


def hook_returns_a_number(T):
    w = leaf(T)
    w.register_hook(lambda g: 3)
    (w * w).backward()


def optimize_non_leaf(T):
    w = leaf(T) * 0.1
    T.optim.SGD([w], lr=0.1)


def inference_leaks(T):
    with T.inference_mode():
        t = T.ones(2)
    w = leaf(T)
    return w * t


def to_numpy(T):
    w = leaf(T)
    w.numpy()


def start_with_a_list(T):
    w = leaf(T, [1.0, 2.0])
    (w * 2).backward([1.0, 1.0])


def no_inputs(T):
    w = leaf(T)
    (w * w).backward(inputs=[])


def assign_wrong_gradient(T):
    w = leaf(T)
    w.grad = T.ones(3)


def split_and_edit(T):
    w = leaf(T, [1.0, 2.0]) * 1
    a, _ = w.split(1)
    a.add_(1)


def count_gradients(T):
    class Twice(T.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return g, g

    w = leaf(T)
    Twice.apply(w).backward()


@pytest.mark.parametrize(
    ("program", "key", "name"),
    [
        (edit_leaf, "leaf_in_place", "w"),
        (edit_view, "leaf_in_place", "w"),
        (flag_off_non_leaf, "flag_of_non_leaf", "w"),
        (flag_on_integers, "flag_of_integers", "w"),
        (keep_without_flag, "retain_without_flag", "w"),
        (hook_without_flag, "hook_without_flag", "w"),
        (hook_returns_a_number, "hook_result", "w"),
        (optimize_non_leaf, "optimizer_non_leaf", "w"),
        (inference_leaks, "inference", "t"),
        (to_numpy, "numpy_of_tracked", "w"),
        (start_with_a_list, "seed_kind", "w"),
        (no_inputs, "no_inputs", "w"),
        (assign_wrong_gradient, "assigned_grad", "w"),
        (split_and_edit, "view_in_place", "a"),
    ],
)
def test_mishaps(T, program, key, name):
    answer = raised(program, T)
    assert (answer.key, answer.name) == (f"raised_{key}", name)
    assert guilty(answer)[1] == name


def test_a_custom_function_that_miscounts(T):
    assert raised(count_gradients, T).key == "raised_returned_count"


def test_devices_do_not_mix():
    def program():
        w = av.ones(2, device="sim", requires_grad=True)
        x = av.ones(2)
        return w * x

    assert raised(program).key == "raised_devices"


@pytest.mark.filterwarnings("ignore")  # anomaly mode warns, and tells the traceback
def test_anomaly_mode_stops_at_what_is_no_number():
    def program():
        w = av.leaf(0.0)
        with av.autograd.detect_anomaly():
            y = w.sqrt() * 0
            y.backward()

    assert raised(program).key == "raised_not_a_number"


# ---------------------------------------------------------------------------------------------- the last error


def test_the_error_that_is_being_handled():
    try:
        av.tensor(2.0).backward()
    except RuntimeError:
        assert av.why().key == "raised_element_zero"


def test_the_last_error_that_the_interpreter_showed(monkeypatch):
    try:
        av.tensor(2.0).backward()
    except RuntimeError as error:
        kept = error
    monkeypatch.setattr(sys, "last_value", kept, raising=False)
    monkeypatch.setattr(sys, "last_exc", kept, raising=False)
    assert av.why().key == "raised_element_zero"


def test_no_error_at_all(monkeypatch):
    for name in ("last_value", "last_exc"):
        monkeypatch.delattr(sys, name, raising=False)
    with pytest.raises(ValueError, match=r"Nothing has raised yet.*why\(w\), or why\(w, loss\)"):
        av.why()


@pytest.fixture
def shell():
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    shell.user_ns["av"] = av
    yield shell
    InteractiveShell.clear_instance()
    for name in ("last_value", "last_exc", "last_type", "last_traceback"):
        vars(sys).pop(name, None)


def test_the_last_error_of_a_notebook_and_its_variables(shell, capsys):
    shell.run_cell("w = av.leaf(2.0)\nloss = w * w\nloss.backward()")
    shell.run_cell("loss.backward()")
    shell.run_cell("answer = av.why()")
    answer = shell.user_ns["answer"]
    assert answer.key == "raised_freed"
    assert guilty(answer) == ("op", "×")
    assert answer.graph.title == "loss"


def test_a_cut_in_an_earlier_cell_is_found_in_its_source(shell):
    shell.run_cell("w, v = av.leaf(2.0), av.leaf(3.0)", store_history=True)
    shell.run_cell("c = av.tensor(w.item())", store_history=True)
    shell.run_cell("loss = c * v\nloss.backward()", store_history=True)
    shell.run_cell("answer = av.why(w, loss)", store_history=True)
    assert "c = av.tensor(w.item()) goes through item()" in shell.user_ns["answer"].sentence
