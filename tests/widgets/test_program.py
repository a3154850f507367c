"""Programs as text: what can be changed, which text each change makes, and what is refused."""

import pytest

import autovis as av
from autovis.widgets.program import Program, Refused, lines_that_differ
from autovis.widgets.replay import Stage
from autovis.widgets.written import written

HEAD = "import torch\n"


def changed(program, other):
    lines = other.text.splitlines()
    return [lines[number - 1] for number in lines_that_differ(program.text.splitlines(), lines)]


def cut(text, edge):
    """The lines that differ when an edge of the picture is cut."""
    run = Stage({"av": av}).run(Program(text), "")
    return changed(run.program, run.cut(run.edge(edge)))


VALUES = [
    ("p = torch.tensor(1.0, requires_grad=True)  # a leaf", "3", "p = torch.tensor(3.0, requires_grad=True)  # a leaf"),
    ("p = av.leaf(1.0)", "-2.5", "p = av.leaf(-2.5)"),
    ("p = torch.tensor([1.0, 2.0])", "1, 2, 3", "p = torch.tensor([1.0, 2.0, 3.0])"),
    ("p = torch.tensor(3)", "4", "p = torch.tensor(4)"),
    (
        "p = nn.Parameter(torch.tensor([1.0]))",
        "[[1, 0], [0, 1]]",
        "p = nn.Parameter(torch.tensor([[1.0, 0.0], [0.0, 1.0]]))",
    ),
    ("q, p = av.leaf(1.0), av.leaf(2.0)", "5", "q, p = av.leaf(1.0), av.leaf(5.0)"),
    ("é = 1; p = av.leaf(1.0)", "2", "é = 1; p = av.leaf(2.0)"),
]


@pytest.mark.parametrize(("line", "typed", "becomes"), VALUES)
def test_another_value_rewrites_one_expression(line, typed, becomes):
    assert Program(line).with_value("p", typed).text == becomes


FLAGS = [
    ("p = av.tensor(1.0)", True, "p = av.tensor(1.0, requires_grad=True)"),
    ("p = av.tensor(1)", True, "p = av.tensor(1.0, requires_grad=True)"),
    ("p = av.tensor(1.0, requires_grad=True)", False, "p = av.tensor(1.0, requires_grad=False)"),
    ("p = av.leaf(1.0)", False, "p = av.tensor(1.0, requires_grad=False)"),
    ("p = leaf(1.0)", False, "p = tensor(1.0, requires_grad=False)"),
    ("p = torch.randn(3)", True, "p = torch.randn(3, requires_grad=True)"),
]


@pytest.mark.parametrize(("line", "on", "becomes"), FLAGS)
def test_the_flag_is_an_argument_of_the_line(line, on, becomes):
    assert Program(line).with_flag("p", on).text == becomes


def test_a_flag_that_was_switched_twice_is_what_it_was():
    program = Program("p = av.tensor(1.0, requires_grad=True)")
    assert program.with_flag("p", on=False).with_flag("p", on=True).text == program.text


def test_arguments_of_backward():
    program = Program("p = av.leaf(1.0)\ny = p * p\ny.backward()\n")
    kept = program.with_retain(0, on=True)
    assert changed(program, kept) == ["y.backward(retain_graph=True)"]
    seeded = kept.with_seed(0, "2")
    assert changed(kept, seeded) == ["y.backward(av.tensor(2.0), retain_graph=True)"]
    assert (seeded.passes[0].seed, seeded.passes[0].retain) == ("2.0", True)
    assert seeded.with_seed(0, "").with_retain(0, on=False).text == program.text
    assert seeded.again() == "y.backward(av.tensor(2.0))"


def test_autograd_backward_is_another_function():
    assert Program("torch.autograd.backward(y)").passes == ()


GRAPH = """
p = av.tensor(1.0, requires_grad=True)
q = av.tensor(2.0, requires_grad=True)
s = p + q
t = 1 + p
y = (s + t) * (s * s).exp()
z = av.stack([y, t]).sum() - y.detach() + av.softmax(s * av.ones(2), 0).sum()
z.backward()
"""

CUTS = [
    ("p → s = p + q", "s = p.detach() + q"),
    ("q → s = p + q", "s = p + q.detach()"),
    ("s = p + q →", "s = (p + q).detach()"),
    ("p → t = p + 1", "t = 1 + p.detach()"),
    ("s + t →", "y = (s + t).detach() * (s * s).exp()"),
    ("s·s → exp(s·s)", "y = (s + t) * (s * s).detach().exp()"),
    ("exp(s·s) →", "y = (s + t) * (s * s).exp().detach()"),
    ("t → stack(y, t)", "z = av.stack([y, t.detach()]).sum() - y.detach() + av.softmax(s * av.ones(2), 0).sum()"),
    ("cut of y", "z = av.stack([y, t]).sum() - y + av.softmax(s * av.ones(2), 0).sum()"),
    (
        "s·[1, 1] → softmax(s·[1, 1])",
        "z = av.stack([y, t]).sum() - y.detach() + av.softmax((s * av.ones(2)).detach(), 0).sum()",
    ),
]


@pytest.mark.parametrize(("edge", "becomes"), CUTS)
def test_an_edge_is_cut_where_the_tape_says_that_it_runs(edge, becomes):
    assert cut(GRAPH, edge) == [becomes]


def test_of_two_equal_inputs_the_one_that_was_chosen_is_cut():
    run = Stage({"av": av}).run(Program("a = av.leaf(3.0)\nb = a * a\nb.backward()"), "")
    first, second = [edge for edge in run.edges.values() if edge.text == "a → b = a·a"]
    assert "b = a.detach() * a\n" in run.cut(first).text
    assert "b = a * a.detach()\n" in run.cut(second).text


def test_what_is_added_in_place_can_be_cut():
    text = "p = av.leaf(1.0)\ny = p * 2\ny += p\ny.backward()"
    assert cut(text, "p → y₂ = y₁ + p") == ["y += p.detach()"]


def test_a_cut_that_is_healed_leaves_the_text_as_it_was():
    for edge in ("s = p + q →", "s + t →", "exp(s·s) →"):
        stage = Stage({"av": av})
        run = stage.run(Program(GRAPH), "")
        after = stage.run(run.cut(run.edge(edge)), "")
        healed = {after.cut(each).text for each in after.edges.values() if each.cut}
        assert GRAPH in healed, edge


REFUSED = [
    (lambda: Program("for i in range(3):\n    p = av.leaf(1.0)").with_value("p", "2"), "p is made in a loop (line 2)"),
    (lambda: Program("def f():\n    p = av.leaf(1.0)").with_flag("p", on=False), "p is made inside of a function"),
    (lambda: Program("p = av.ones(3)").with_value("p", "2"), "p is made by av.ones(3) (line 1)"),
    (lambda: Program("p = av.leaf(x)").with_value("p", "2"), "p is made by av.leaf(x)"),
    (lambda: Program("p = av.leaf(1.0)").with_value("q", "2"), "There is no leaf q here; there is: p."),
    (lambda: Program("p = av.leaf(1.0)").with_value("p", "two"), "two is no number"),
    (lambda: Program("p = av.leaf(1.0)").with_value("p", "__import__('os')"), "__import__('os') is no number"),
    (lambda: Program("p = av.leaf(1.0)").with_value("p", ""), "is no number"),
    (lambda: Program("p = av.leaf(1.0)").with_value("p", "[0] * 9"), "[0] * 9 is no number"),
    (lambda: Program("p = av.leaf(1.0)").with_value("p", str([1.0] * 65)), "65 numbers are too many here"),
    (lambda: Program("y = 1").with_retain(0, on=True), "no such backward()"),
    (lambda: Program("for i in range(2):\n    y.backward()").again(), "stands in a loop or a function (line 2)"),
    (lambda: cut("p = av.leaf(1.0)\nfor i in range(3):\n    y = p * 2\n", "p → y = p·2"), "no edge|nothing to cut"),
    (
        lambda: cut("p = av.leaf(1.0)\ny = p\nfor i in range(3):\n    y = y * p\ny.backward()", "p → y₁ = p·p"),
        "Line 4 runs 3 times",
    ),
    (
        lambda: cut("p = av.leaf(1.0)\ny = p * 1\ny += p\ny.backward()", "y₁ → y₂ = y₁ + p"),
        "Line 3 edits a tensor in place",
    ),
    (
        lambda: cut("n = av.nn.Linear(1, 1)\ny = n(av.ones(1, 1)).sum()\ny.backward()", "n.bias → n(…)"),
        "nothing to cut|lies inside",
    ),
]


@pytest.mark.parametrize(("change", "sentence"), REFUSED)
def test_what_cannot_be_changed_is_refused_with_a_sentence(change, sentence):
    with pytest.raises(Refused) as refused:
        change()
    assert any(part in str(refused.value) for part in sentence.split("|"))


def test_a_function_becomes_lines_with_its_defaults_as_leaves():
    w = av.tensor([1.0, 2.0], requires_grad=True)
    scale = 2

    def f(p=1.0, q=(2, 3), *, name="x"):
        """Not a line."""
        s = p * w  # with a comment

        return (s * q).sum() * scale

    text, around = written(f)
    assert text.splitlines() == [
        "p = av.tensor(1.0, requires_grad=True)",
        "q = av.tensor((2.0, 3.0), requires_grad=True)".replace("(2.0, 3.0)", "[2.0, 3.0]"),
        "name = 'x'",
        "w = av.tensor([1.0, 2.0], requires_grad=True)",
        "s = p * w  # with a comment",
        "y = (s * q).sum() * scale",
        "y.backward()",
    ]
    run = Stage(around).run(Program(text), "")
    assert run.seen["w"].grad == [4.0, 6.0]
    assert w.grad is None


def test_what_a_function_finds_outside_is_never_changed():
    net = av.nn.Linear(2, 1)
    big = av.ones(10, 10, requires_grad=True)

    def f():
        y = net(av.ones(1, 2)).sum() + big.sum()
        y.backward()

    text, around = written(f)
    stage = Stage(around)
    runs = [stage.run(Program(text), "") for _ in range(2)]
    assert runs[0].failure is None
    assert runs[0].seen == runs[1].seen
    assert (net.weight.grad, big.grad) == (None, None)


def outside(p):
    return p


def middle(p=1.0):
    if p:
        return p
    return p * p


WRONG = [
    (outside, "p has no default"),
    (middle, "middle returns in the middle"),
    (len, "source"),
    (lambda: 1, "source"),
]


@pytest.mark.parametrize(("function", "sentence"), WRONG)
def test_what_cannot_be_written_out_says_why(function, sentence):
    with pytest.raises(ValueError, match=sentence):
        written(function)


def test_random_numbers_are_the_same_in_each_run():
    stage = Stage({"av": av})
    before = av.get_rng_state().tolist()
    runs = [stage.run(Program("x = av.randn(3, requires_grad=True)\nx.sum().backward()"), "") for _ in range(2)]
    assert runs[0].seen == runs[1].seen
    assert av.get_rng_state().tolist() == before


def test_a_mode_that_a_program_leaves_on_ends_with_it():
    run = Stage({"av": av}).run(Program("av.set_grad_enabled(False)"), "")
    assert run.failure is None
    assert av.is_grad_enabled()


def test_what_a_program_prints_and_warns_of_is_kept():
    text = "x = av.leaf(1.0)\nprint('here')\ny = x * 2\ny.grad\n"
    run = Stage({"av": av}).run(Program(text), "")
    assert run.printed.startswith("here\nUserWarning: The .grad attribute of a Tensor that is not a leaf")


def test_torch_means_autovis():
    run = Stage({}).run(Program("import torch\nx = torch.tensor(2.0, requires_grad=True)\n(x * x).backward()\n"), "")
    assert run.seen["x"].grad == 4.0


def test_an_error_is_told_with_its_line_and_the_film_ends_there():
    run = Stage({"av": av}).run(Program("p = av.leaf(1.0)\ny = p * p\ny.backward()\ny.backward()\n"), "")
    assert (run.failure.kind, run.failure.line) == ("RuntimeError", 4)
    assert run.failure.sentence.startswith("Trying to backward through the graph a second time")
    assert run.film.frames[-1].kind == "error"


def test_an_error_of_python_is_told_too():
    run = Stage({"av": av}).run(Program("p = av.leaf(1.0)\nq = p + nothing\n"), "")
    assert (run.failure.kind, run.failure.sentence, run.failure.line) == (
        "NameError",
        "name 'nothing' is not defined",
        2,
    )
