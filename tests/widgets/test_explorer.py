"""The explorer in Python: changes, runs, what is stale, and what travels to the page and back."""

import json

import pytest
from ipywidgets.widgets.widget import _instances

import autovis as av

TEXT = """
p = av.tensor(1.0, requires_grad=True)
q = av.tensor(2.0, requires_grad=True)
s = p + q
t = p + 1
y = s * t
y.backward()
"""


@pytest.fixture
def explorer():
    return av.explore(TEXT)


def ask(explorer, do, **more):
    """What the page sends."""
    explorer._handle_custom_msg({"do": do, **more}, [])
    return explorer.state


def grads(explorer):
    return {name: seen["grad"] for name, seen in explorer.result.items() if seen["grad"] is not None}


def test_it_opens_with_a_run(explorer):
    assert grads(explorer) == {"p": 5.0, "q": 2.0}
    assert explorer.result["y"] == {"value": 6.0, "grad": None}
    assert (explorer.stale, explorer.history, explorer.error) == (False, [], "")
    assert explorer.state["compared"] is False


def test_a_change_is_a_line_and_its_results_are_stale_until_it_runs(explorer):
    state = ask(explorer, "value", leaf="p", text="3")
    assert explorer.history == ["p = av.tensor(3.0, requires_grad=True)"]
    assert state["lines"][0] == explorer.history[0]
    assert (explorer.stale, state["stale"], state["changed"]) == (True, True, [1])
    assert explorer.result["p"]["value"] == 1.0
    state = ask(explorer, "run")
    assert (state["stale"], grads(explorer)) == (False, {"p": 9.0, "q": 4.0})


def test_before_and_now_stand_side_by_side(explorer):
    ask(explorer, "value", leaf="q", text="5")
    row = {row["name"]: row for row in ask(explorer, "run")["rows"]}
    assert row["p"] == {
        "name": "p",
        "value_before": "1",
        "value_now": "1",
        "grad_before": "5",
        "grad_now": "8",
        "mark": "changed",
    }
    assert (row["t"]["mark"], row["s"]["mark"]) == ("same", "changed")


def test_only_what_can_be_seen_is_called_changed(explorer):
    explorer.cut("s = p + q →")
    explorer.run()
    marks = {row["name"]: row["mark"] for row in explorer.state["rows"]}
    assert marks == {"p": "changed", "q": "changed", "s": "same", "t": "same", "y": "same"}


def test_a_variable_that_came_or_went_is_called_so(explorer):
    other = av.explore("flag = 1.0\np = av.leaf(1.0)\nif p > 0:\n    a = p * 2\nelse:\n    b = p * 3\n")
    other.set("p", -1)
    other.run()
    assert {row["name"]: row["mark"] for row in other.state["rows"]} == {"p": "changed", "b": "new", "a": "gone"}


def test_a_value_that_is_no_number_stays_the_same():
    other = av.explore("p = av.leaf(0.0)\nq = av.leaf(1.0)\ny = p / p\n")
    other.set("q", 2)
    other.run()
    assert {row["name"]: row["mark"] for row in other.state["rows"]} == {"p": "same", "q": "changed", "y": "same"}


def test_undo_brings_back_what_was_and_redo_what_was_undone(explorer):
    ask(explorer, "value", leaf="p", text="3")
    ask(explorer, "run")
    state = ask(explorer, "undo")
    assert (explorer.program.strip(), grads(explorer)) == (TEXT.strip(), {"p": 5.0, "q": 2.0})
    assert (state["stale"], state["redo"]) == (False, 1)
    ask(explorer, "redo")
    assert grads(explorer) == {"p": 9.0, "q": 4.0}


def test_a_change_after_undo_ends_what_could_be_redone(explorer):
    ask(explorer, "flag", leaf="p", on=False)
    ask(explorer, "undo")
    assert ask(explorer, "flag", leaf="q", on=False)["redo"] == 0


def test_dragging_a_slider_is_one_change(explorer):
    for typed in ("1.5", "2", "2", "2.5", "2.5"):
        ask(explorer, "value", leaf="p", text=typed)
    assert explorer.history == ["p = av.tensor(2.5, requires_grad=True)"]
    ask(explorer, "value", leaf="q", text="1")
    assert len(explorer.history) == 2
    ask(explorer, "undo")
    assert explorer.program.splitlines()[0] == "p = av.tensor(2.5, requires_grad=True)"


def test_reset_can_be_undone(explorer):
    ask(explorer, "value", leaf="p", text="3")
    changed = explorer.program
    ask(explorer, "reset")
    assert explorer.program.strip() == TEXT.strip()
    ask(explorer, "undo")
    assert explorer.program == changed


def test_backward_again_is_a_line_and_its_error_is_pytorchs_sentence(explorer, capsys):
    assert ask(explorer, "backward")["lines"][-1] == "y.backward()"
    state = ask(explorer, "run")
    assert explorer.error.startswith("Trying to backward through the graph a second time")
    assert (state["errors"][1]["kind"], state["errors"][1]["line"]) == ("RuntimeError", 7)
    before, now = explorer.film["pair"]
    assert [film["frames"][-1]["kind"] for film in (before, now)] == ["accumulate", "error"]
    assert capsys.readouterr() == ("", "")
    ask(explorer, "undo")
    assert (explorer.error, grads(explorer)) == ("", {"p": 5.0, "q": 2.0})


def test_a_retained_graph_adds_up(explorer):
    ask(explorer, "retain", **{"pass": 0, "on": True})
    ask(explorer, "backward")
    ask(explorer, "run")
    assert grads(explorer) == {"p": 10.0, "q": 4.0}
    assert explorer.history == ["y.backward(retain_graph=True)", "y.backward()"]


def test_clearing_is_a_line_for_each_gradient(explorer):
    ask(explorer, "clear")
    assert explorer.history == ["p.grad = None\nq.grad = None"]
    ask(explorer, "clear", zeros=True)
    ask(explorer, "undo")
    ask(explorer, "undo")
    ask(explorer, "clear", zeros=True)
    ask(explorer, "run")
    assert grads(explorer) == {"p": 0.0, "q": 0.0}


def test_the_seed_vector_scales_every_gradient(explorer):
    ask(explorer, "seed", text="2", **{"pass": 0})
    ask(explorer, "run")
    assert (explorer.history, grads(explorer)) == (["y.backward(av.tensor(2.0))"], {"p": 10.0, "q": 4.0})


def test_an_edge_of_the_picture_is_cut_and_healed(explorer):
    edge = next(edge["id"] for edge in explorer.state["edges"] if edge["text"] == "s = p + q →")
    ask(explorer, "cut", edge=edge)
    assert explorer.history == ["s = (p + q).detach()"]
    state = ask(explorer, "run")
    assert grads(explorer) == {"p": 3.0}
    cut = next(edge for edge in state["edges"] if edge["cut"])
    ask(explorer, "cut", edge=cut["also"][0])
    assert explorer.program.strip() == TEXT.strip()


def test_an_edge_can_be_cut_while_the_results_are_stale(explorer):
    ask(explorer, "value", leaf="p", text="30000")
    ask(explorer, "cut", edge=next(edge["id"] for edge in explorer.state["edges"] if edge["text"] == "q → s = p + q"))
    assert explorer.history[-1] == "s = p + q.detach()"
    assert explorer.stale
    assert explorer.result["p"]["value"] == 1.0


def test_cutting_everything_ends_in_pytorchs_sentence(explorer):
    explorer.cut("y = s·t →")
    explorer.run()
    assert explorer.error.startswith("element 0 of tensors does not require grad")
    explorer.undo()
    assert explorer.error == ""


def test_each_change_runs_at_once_if_that_is_wanted(explorer):
    assert explorer.state["auto"] is False
    ask(explorer, "auto", on=True)
    state = ask(explorer, "value", leaf="p", text="3")
    assert (state["stale"], grads(explorer)) == (False, {"p": 9.0, "q": 4.0})


def test_a_refusal_is_a_sentence_and_changes_nothing(explorer):
    for do, more in (("value", {"leaf": "p", "text": "three"}), ("undo", {}), ("cut", {"edge": "e999"})):
        state = ask(explorer, do, **more)
        assert state["told"]
        assert explorer.history == []
    assert ask(explorer, "run")["told"] == ""


def test_a_question_that_nobody_knows_is_no_error(explorer, capsys):
    ask(explorer, "format the disk")
    assert capsys.readouterr() == ("", "")


def test_a_program_without_backward_gets_one(explorer):
    other = av.explore("p = av.leaf(2.0)\nconst = av.tensor(1.0)\ny = p * p\nn = const + 1")
    other.backward()
    other.run()
    assert (other.history, grads(other)) == (["y.backward()"], {"p": 4.0})
    with pytest.raises(ValueError, match="nothing to start backward"):
        av.explore("c = av.tensor(1.0)").backward()


def test_a_run_makes_no_further_widget(explorer):
    before = len(_instances)
    explorer.set("p", 3)
    explorer.run()
    assert len(_instances) == before


def test_state_and_film_are_plain_data(explorer):
    explorer.backward()
    explorer.run()
    json.dumps(explorer.state)
    json.dumps(explorer.film)


def test_the_text_tells_program_results_and_film(explorer):
    bundle, _ = explorer._repr_mimebundle_()
    text = bundle["text/plain"].splitlines()
    assert text[:3] == [
        "program:",
        " 1  p = av.tensor(1.0, requires_grad=True)",
        " 2  q = av.tensor(2.0, requires_grad=True)",
    ]
    assert text[7:13] == ["at its end:", "p = 1   .grad 5", "q = 2   .grad 2", "s = 3", "t = 2", "y = 6"]
    assert text[13].startswith("film of")
    assert bundle["image/png"]


def test_a_function_is_explored_as_its_lines():
    def f(p=1.0, q=2.0):
        s = p + q
        return s * p

    explorer = av.explore(f)
    assert explorer.program.splitlines() == [
        "p = av.tensor(1.0, requires_grad=True)",
        "q = av.tensor(2.0, requires_grad=True)",
        "s = p + q",
        "y = s * p",
        "y.backward()",
    ]
    assert grads(explorer) == {"p": 4.0, "q": 1.0}


def test_what_is_no_program_is_named():
    with pytest.raises(TypeError, match="not int"):
        av.explore(3)
    with pytest.raises(SyntaxError):
        av.explore("p = ")


def test_the_films_of_both_runs_stand_side_by_side_unless_one_is_wanted(explorer):
    assert "pair" not in explorer.film
    ask(explorer, "value", leaf="p", text="3")
    assert "pair" not in explorer.film
    ask(explorer, "run")
    assert [film["title"] for film in explorer.film["pair"]] == ["before", "now"]
    firsts = [next(item for item in film["items"] if item["label"] == "p")["value"] for film in explorer.film["pair"]]
    assert firsts == ["1", "3"]
    assert not ask(explorer, "beside", on=False)["beside"]
    assert explorer.film["frames"]
    ask(explorer, "beside", on=True)
    assert "pair" in explorer.film
