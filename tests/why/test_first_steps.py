"""From `import autovis` to a film of one's own three lines: the straight way, and wrong turns, each with its cure."""

import subprocess
import sys
import textwrap

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

import autovis as av
from autovis.widgets.player import Player


def texts(film):
    return [frame.get("text", "") for frame in film.film["frames"]]


# ------------------------------------------------------------------------------------------------- the straight way


def test_one_import_and_two_calls_give_a_film_of_ones_own_program():
    import autovis as av

    with av.record() as tape:
        x = av.tensor(3.0, requires_grad=True)
        y = x * x + x
        y.backward()
    film = av.play(tape)

    assert texts(film)[1].startswith("x·x = 9 is computed")
    assert texts(film)[-1] == "7 is added to x.grad, which was None and becomes 7."
    assert film.outline().splitlines()[0] == f"film of {len(texts(film)) - 1} steps, 1 backward call"
    assert film.film["source"]


@pytest.fixture
def cells(monkeypatch):
    """Run cells one after the other; return the films that were displayed, and what was printed."""
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    av.load_ipython_extension(shell)

    def run(*texts):
        shown = []
        monkeypatch.setattr("IPython.display.display", shown.append)
        with capture_output(display=False) as captured:
            for text in texts:
                shell.run_cell(text)
        return [view for view in shown if isinstance(view, Player)], captured.stdout + captured.stderr

    yield run
    InteractiveShell.clear_instance()
    for name in ("last_value", "last_exc", "last_type", "last_traceback"):
        vars(sys).pop(name, None)


def test_one_import_and_one_magic_word_give_it_too(cells):
    (film,), _ = cells(
        "import autovis as av",
        "%%autovis\nx = av.tensor(3.0, requires_grad=True)\ny = x * x + x\ny.backward()",
    )
    assert texts(film)[-1] == "7 is added to x.grad, which was None and becomes 7."


def test_two_cells_are_two_films_that_know_each_other_s_names(cells):
    first, second = cells(
        "import autovis as av",
        "%%autovis\nx = av.tensor(3.0, requires_grad=True)\ny = x * x",
        "%%autovis\ny.backward()",
    )[0]
    assert texts(first)[-1] == "y = x·x = 9 is computed and recorded."
    assert texts(second)[1] == "The backward pass starts at y with the gradient 1."


def test_a_tape_goes_on_in_another_cell(cells):
    _, printed = cells(
        "import autovis as av\nx = av.tensor(3.0, requires_grad=True)",
        "with av.record() as tape:\n    y = x * x",
        "with tape:\n    y.backward()",
        "print(av.outline(tape))",
    )
    assert "6 is added to x.grad" in printed


def test_a_cell_that_fails_shows_the_film_and_the_cure(cells):
    (film,), printed = cells("import autovis as av", "%%autovis\nx = av.tensor(3.0)\ny = x * x\ny.backward()")
    assert "does not require grad" in texts(film)[-1]
    assert "Nothing that this tensor was computed from requires grad" in printed
    answer = cells("print(av.why())")[1]
    assert answer.startswith("backward() has nowhere to go: y has no history")


def run(program, tmp_path):
    """Run a script in a process of its own, without notebook and display."""
    script = tmp_path / "program.py"
    script.write_text(textwrap.dedent(program), "utf-8")
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_script_without_display_saves_its_film(tmp_path):
    printed = run(
        """
        import autovis as av
        with av.record() as tape:
            x = av.tensor(3.0, requires_grad=True)
            (x * x).backward()
        film = av.play(tape)
        film.to_html("film.html")
        print(film)
        print(film.outline())
        """,
        tmp_path,
    )
    assert printed.startswith("<Player 'film': frame 0 of ")
    assert 'no notebook here: print(it.outline()) tells it, it.to_html("film.html") saves it>' in printed
    assert "6 is added to x.grad" in printed
    assert (tmp_path / "film.html").read_text("utf-8").startswith("<!")


def test_in_a_notebook_nothing_is_said_about_places_elsewhere(cells):
    _, printed = cells(
        "import autovis as av",
        "with av.record() as tape:\n    x = av.tensor(3.0, requires_grad=True)\n    (x * x).backward()",
        "print(repr(av.play(tape)))",
    )
    assert printed.strip().endswith(">")
    assert "elsewhere" not in printed
    assert "no notebook here" not in printed


def test_the_tape_may_be_played_inside_its_own_block():
    with av.record() as tape:
        x = av.tensor(3.0, requires_grad=True)
        (x * x).backward()
        film = av.play(tape)
    assert texts(film)[-1].endswith("which was None and becomes 6.")
    assert len(texts(av.play(tape))) == len(texts(film)), "looking is no event"


def test_closing_twice_does_no_harm():
    with av.record() as tape:
        (av.leaf(3.0) * 2).backward()
    film = av.play(tape)
    film.close()
    film.close()
    with tape:
        pass
    assert av.play(tape)


# -------------------------------------------------------------------------------------------------- wrong turns


def recorded():
    with av.record() as tape:
        x = av.leaf(3.0)
        (x * x).backward()
    return tape


def empty():
    with av.record() as tape:
        pass
    return tape


class Whatever:
    pass


X = av.leaf(3.0)
Y = X * X


@pytest.mark.parametrize(
    ("turn", "cure"),
    [
        # play
        (lambda: av.play(Y), "a tensor has a graph, which show(loss) draws; for a film, record the lines"),
        (lambda: av.play(None), "backward() returns nothing; record the lines to be seen: `with av.record() as tape:`"),
        (lambda: av.play(3), "record the lines to be seen: `with av.record() as tape:`"),
        (lambda: av.play([recorded()]), "play one tape at a time: play(tape)"),
        (lambda: av.play(recorded().events), "pass the whole tape: play(tape)"),
        (lambda: av.play(av.record), "record is to be called; record the lines"),
        (lambda: av.play(av.play(recorded())), "it is made already: put it on the last line of a cell"),
        (lambda: av.play(av.record()), "This tape was never started. It is a block: write `with av.record() as tape:`"),
        (lambda: av.play(empty()), "This tape is empty: nothing was computed inside the block. Put the line"),
        (lambda: av.play(recorded(), hide="savd"), "the layers are values, shapes, formulas, saved, versions"),
        (lambda: av.play(recorded(), detail="op"), "the levels are operation, chain, ledger"),
        # record
        (lambda: av.play(), "backward() returns nothing; record the lines"),
        (lambda: av.record.__enter__(), "record has to be called, with parentheses. It is a block"),
        (lambda: av.record(lambda: 1), "It is a block: write `with av.record() as tape:`"),
        (lambda: av.record(Y), "It is a block: write `with av.record() as tape:`"),
        (lambda: av.record()(lambda: 1), "A tape is no decorator and records no function by itself. It is a block"),
        (lambda: recorded().play(), "av.play(tape) shows it as a film, av.outline(tape) tells it"),
        # show
        (av.show, "none was given; pass the result, as in show(loss)"),
        (lambda: av.show(recorded()), "a tape has a film: play(tape)"),
        (lambda: av.show(3), "x = av.tensor(2., requires_grad=True), compute with x, and show the result"),
        (lambda: av.show(np.ones(3)), "x = av.tensor(2., requires_grad=True), compute with x, and show the result"),
        (lambda: av.show([1.0, 2.0]), "x = av.tensor(2., requires_grad=True), compute with x, and show the result"),
        (lambda: av.show([Y]), "pass its tensors one by one: show(*losses)"),
        (lambda: av.show(av.nn.Linear(1, 1)), "a module has no graph until it is called: show(model(x))"),
        (lambda: av.show(len), "call it first: show(f(x))"),
        (lambda: av.show(None), "backward() returns nothing: call it first, then show(loss)"),
        (lambda: av.show("y"), "pass the tensor itself, without quotation marks"),
        (lambda: av.show(av.show(Y)), "it is a picture already: put it on the last line of a cell"),
        (lambda: av.show(Whatever()), "pass the result, as in show(loss)"),
        (lambda: av.outline(3), "compute with x, and show the result"),
        # names
        (lambda: av.recrod, "Did you mean 'record'"),
        (lambda: av.shwo, "Did you mean 'show'?"),
        # the three lines themselves
        (lambda: av.tensor(3, requires_grad=True), "Write the numbers with a point (2. instead of 2)"),
        (lambda: av.tensor(3.0).backward(), "Nothing that this tensor was computed from requires grad"),
        (lambda: (av.leaf([1.0, 2.0]) * 2).backward(), "Reduce it (.sum(), .mean())"),
        # why
        (lambda: av.why(3), "as in why(w), why(w, loss) or why(error)"),
        (lambda: av.why(X, 3), "as in why(w), why(w, loss) or why(error)"),
        (lambda: av.why(recorded()), "as in why(w), why(w, loss) or why(error)"),
    ],
)  # fmt: skip
def test_every_wrong_turn_names_its_cure(turn, cure):
    with pytest.raises((TypeError, ValueError, AttributeError, RuntimeError)) as caught:
        turn()
    assert cure in " ".join([str(caught.value), *getattr(caught.value, "__notes__", ())])


def test_the_magic_word_names_its_options(cells):
    _, printed = cells("import autovis as av", "%%autovis hide=savd\nx = av.leaf(3.0)")
    assert "the layers are values, shapes, formulas, saved, versions" in printed
