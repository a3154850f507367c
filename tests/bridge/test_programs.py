"""Programs drawn at random give the same film on both: frame by frame, word by word.

What is left out is what `limits` lists. The films are compared as they are; only the last digits of numbers may differ
(`agreement.nearly`), and no program is drawn in which a call fails halfway or writes to memory that it reads.
"""

import warnings

import pytest
from agreement import differences
from hypothesis import given, settings
from hypothesis import strategies as st

import autovis
from lessons import PROGRAMS

FIRST = "v0 = torch.tensor([[0.5, -1.0, 2.0], [1.5, 0.0, -0.5]], requires_grad=True)"
NEW = [
    "torch.tensor([[0.5, -1.0, 2.0], [1.5, 0.0, -0.5]], requires_grad={flag})",
    "torch.tensor([1.0, -2.0, 0.5], requires_grad={flag})",
    "torch.ones(2, 3, requires_grad={flag})",
    "torch.zeros(3)",
    "torch.nn.Parameter(torch.tensor([[0.5, -1.0, 2.0]]), requires_grad={flag})",
]
VALUES = [
    *("{a} + 1", "{a} * 2", "-{a}", "{a} ** 2", "{a}.exp()", "{a}.sin()", "{a}.tanh()", "{a}.relu()", "{a}.sigmoid()"),
    *("{a} + {b}", "{a} - {b}", "{a} * {b}", "{a} / ({b} * {b} + 1)", "{a} * {a}", "torch.maximum({a}, {b})"),
    *("torch.where({a} > 0, {a}, {b})", "{a} * {b}.detach()", "1 - {a}", "{a} * {b} + {c}", "{a} @ {b}.t()"),
    *("{a}.sum()", "{a}.sum(0)", "{a}.mean(-1)", "{a}.max()", "{a}.max(0)[0]", "{a}.cumsum(0)", "{a}.softmax(-1)"),
    *("{a}.clone()", "{a}.detach()", "{a}.data", "{a}[[0, 1]]", "torch.cat([{a}, {b}])", "torch.stack([{a}, {b}])"),
    *("{a}.clamp(-1, 1)", "{a}.repeat(2, 1)", "torch.nn.functional.mse_loss({a}, {a}.detach() * 2)", "{a}.double()"),
]
VIEWS = [
    *("{a}[0]", "{a}[1:]", "{a}[:, 1]", "{a}[..., 0]", "{a}.t()", "{a}.view(-1)", "{a}.reshape(3, -1)", "{a}[None]"),
    *("{a}.unsqueeze(0)", "{a}.squeeze()", "{a}.split(1)[0]", "{a}.unbind()[1]", "{a}[0][0]"),
    *("{a}.diagonal()", "{a}.transpose(0, 1)"),
]
EDITS = [
    *("{a} += 1", "{a} *= 2", "{a}.add_({b}.clone())", "{a}.mul_(2)", "{a}.exp_()", "{a}.sigmoid_()", "{a}.relu_()"),
    *("{a}.zero_()", "{a}.fill_(2.0)", "{a}.detach().add_(1)", "{a}.data.mul_(2)", "{a}.clamp_(-1, 1)"),
    *("{a}.masked_fill_({a} > 1, 0.5)", "{a}.sub_({b}.clone(), alpha=2)", "{a}.t().mul_(2)"),
]
WRITES = [  # made of several steps; one that fails halfway is not drawn
    *("{a}[0] = {b}.sum()", "{a}[0] = 1.5", "{a}[:, 1] = {b}.mean()", "{a}[1:] *= 3", "{a}[1] = {a}[0].clone()"),
    *("{a}.view(-1)[{a}.view(-1) > 1] = 0.0", "{a}[[0, 1]] = {b}.sum()"),
]
DEEDS = [
    *("{a}.sum().backward()", "{a}.sum().backward(retain_graph=True)", "({a} * {b}).sum().backward()"),
    *("{a}.backward(torch.ones_like({a}))", "{a}.requires_grad_()", "{a}.retain_grad()"),
    *("{a}.grad = None", "{a}.grad.zero_()", "{a}.grad.mul_(0.5)", "{a}.detach_()", "h = {a}.register_hook(double)"),
    *("h = {a}.register_hook(watch)", "{a}.sum().backward(inputs=[{b}])", "torch.optim.SGD([{a}], 0.5).step()"),
    "g = torch.autograd.grad({a}.sum(), {b}, allow_unused=True, retain_graph=True)[0]",
    "torch.autograd.backward([{a}.sum(), {b}.sum()])",
]
HOOKS = "def double(g): return g * 2\ndef watch(g): return None"
NAMED = ("NEW", "VALUES", "VIEWS")
GROUPS = {"NEW": NEW, "VALUES": VALUES, "VIEWS": VIEWS, "EDITS": EDITS, "WRITES": WRITES, "DEEDS": DEEDS}
OFTEN = ["NEW", "VALUES", "VALUES", "VALUES", "VIEWS", "VIEWS", "EDITS", "WRITES", "DEEDS", "DEEDS", "DEEDS"]


def works(line, names):
    """Try a statement on autovis, outside any tape."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(line, names)
    except Exception:  # noqa: BLE001, many statements fail, and are to
        return False
    return True


@st.composite
def programs(draw):
    """Draw a program: most statements that fail are caught, the last one may end it."""
    space = {"torch": autovis}
    lines, names = [HOOKS, FIRST], ["v0"]
    works(f"{HOOKS}\n{FIRST}", space)
    for _ in range(draw(st.integers(3, 12))):
        kind = draw(st.sampled_from(OFTEN))
        recent = st.sampled_from(names[-4:])
        text = draw(st.sampled_from(GROUPS[kind]))
        line = text.format(a=draw(recent), b=draw(recent), c=draw(recent), flag=draw(st.booleans()))
        if kind in NAMED:
            line = f"v{len(names)} = {line}"
        if draw(st.integers(0, 9)) == 0 and kind != "VIEWS":
            line = f"with torch.no_grad(): {line}"
        if works(line, space):
            names += [f"v{len(names)}"] if kind in NAMED else []
            lines.append(line)
        elif kind != "WRITES":
            caught = draw(st.integers(0, 9)) > 0
            lines.append(f"try:\n    {line}\nexcept Exception: pass" if caught else line)
    return "\n".join([*lines, f"{draw(st.sampled_from(names))}.sum().backward()", f"{names[-1]}.sum().backward()"])


@settings(max_examples=600)
@given(programs())
def test_a_random_program_has_the_same_film_on_both(program):
    found = differences(program)
    assert not found, f"{program}\n\nautovis: {found[0][0]}\nPyTorch: {found[0][1]}\n({len(found)} lines differ)"


@pytest.mark.parametrize("name", PROGRAMS)
def test_an_experiment_of_the_lessons_has_the_same_film_on_both(name):
    found = differences(PROGRAMS[name])
    assert not found, f"autovis: {found[0][0]}\nPyTorch: {found[0][1]}\n({len(found)} lines differ)"
