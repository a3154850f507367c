"""`%%autovis` in a real shell, in this process."""

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

import autovis as av
from autovis import events
from autovis.widgets.player import Player


@pytest.fixture
def shell():
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    av.load_ipython_extension(shell)
    shell.user_ns["av"] = av
    shell.shown = []
    yield shell
    InteractiveShell.clear_instance()


@pytest.fixture
def run(shell, monkeypatch):
    """Run a cell; return what it displayed as films, and what it printed."""

    def run(cell):
        shown = []
        monkeypatch.setattr("IPython.display.display", shown.append)
        with capture_output(display=False) as captured:
            result = shell.run_cell(cell)
        return [view for view in shown if isinstance(view, Player)], result, captured

    return run


def frames(view):
    return view.film["frames"]


def texts(view):
    return [frame.get("text", "") for frame in frames(view)]


def test_a_cell_is_played_with_the_names_of_its_variables(run):
    (film,), result, _ = run("%%autovis\nx = av.leaf(3.0)\ny = x**2\ny.backward()")
    assert result.success
    assert texts(film)[1] == "y = x² = 9 is computed and recorded."
    assert texts(film)[-1] == "6 is added to x.grad, which was None and becomes 6."


def test_the_running_line_is_marked_in_the_cell(run):
    (film,), _, _ = run("%%autovis\nx = av.leaf(3.0)\ny = x**2\n\ny.backward()")
    assert film.film["source"] == ["x = av.leaf(3.0)", "y = x**2", "", "y.backward()"]
    lines = [frame.get("line") for frame in frames(film)]
    assert [None if line is None else tuple(line) for line in lines] == [None, (2, 2), *[(4, 4)] * 5]


def test_variables_stay_in_the_notebook(run, shell):
    run("%%autovis\nx = av.leaf(3.0)\n(x**2).backward()")
    assert shell.user_ns["x"].grad.item() == 6


def test_variables_of_earlier_cells_have_their_names(run):
    run("w = av.leaf(3.0)\nloss = w * 2")
    (film,), _, _ = run("%%autovis\nloss.backward()")
    assert texts(film)[1] == "The backward pass starts at loss with the gradient 1."


def test_functions_of_earlier_cells_are_told_too(run):
    run("def double(value):\n    result = value * 2\n    return result")
    (film,), _, _ = run("%%autovis\nx = av.leaf(3.0)\ny = double(x)")
    assert texts(film)[1] == "y = 2·x = 6 is computed and recorded."


def test_a_cell_that_fails_is_played_up_to_the_failure(run):
    (film,), _, captured = run("%%autovis\nx = av.leaf(3.0)\ny = x * x\ny.backward()\ny.backward()")
    assert texts(film)[-1] == "Error at y = x·x: Trying to backward through the graph a second time"
    assert "RuntimeError" in captured.stdout + captured.stderr
    assert tuple(frames(film)[-1]["line"]) == (4, 4)
    assert events.listener is None


def test_a_cell_that_fails_outside_of_backward_is_played_too(run):
    (film,), _, _ = run("%%autovis\nx = av.leaf(3.0)\ny = x * x\n1 / 0")
    assert texts(film)[-1] == "Error: division by zero"
    assert tuple(frames(film)[-1]["line"]) == (3, 3)


def test_a_cell_that_does_not_even_begin_shows_only_its_error(run):
    films, _, captured = run("%%autovis\nx = = 3")
    assert films == []
    assert "SyntaxError" in captured.stdout + captured.stderr
    assert events.listener is None


def test_a_cell_without_tensors_says_what_is_missing(run):
    films, _, captured = run("%%autovis\nx = 3")
    assert films == []
    assert "This tape is empty" in captured.stdout + captured.stderr


def test_the_last_expression_is_shown_as_usual(run):
    (film,), _, captured = run("%%autovis\nx = av.leaf(3.0)\ny = x**2\ny")
    assert "grad_fn=<PowBackward0>" in captured.stdout
    assert len(frames(film)) == 2


def test_what_is_saved_can_be_hidden(run):
    (film,), _, _ = run("%%autovis hide=saved\nx = av.leaf(3.0)\n(x**2).backward()")
    assert " free " not in film._repr_mimebundle_()[0]["text/plain"]
    assert film.film["start"]["hide"] == ["saved"]


def test_the_level_of_detail_and_predicting_can_be_chosen(run):
    (film,), _, _ = run("%%autovis detail=ledger predict hide=shapes,saved\nx = av.leaf(3.0)\n(x**2).backward()")
    assert film.film["start"] == {"hide": ["shapes", "saved"], "detail": "ledger", "predict": True}


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("fast", "%%autovis does not know 'fast'; it takes hide=..., detail=... and predict."),
        (
            "hide=colours",
            "There is no layer 'colours' to hide; the layers are values, shapes, formulas, saved, versions.",
        ),
        ("detail=all", "There is no level of detail 'all'; the levels are operation, chain, ledger."),
    ],
)
def test_an_unknown_option_is_refused_before_anything_runs(run, shell, line, sentence):
    films, _, captured = run(f"%%autovis {line}\nran = True")
    assert films == []
    assert sentence in captured.stdout + captured.stderr
    assert "ran" not in shell.user_ns


def test_the_magic_is_there_once_autovis_is_imported(shell):
    assert "autovis" in shell.magics_manager.magics["cell"]
