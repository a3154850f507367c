"""Programs about autograd's state, drawn at random: flags, edits, views, cuts, modes, hooks, passes, in any order.

After every statement all that can be seen of every tensor is compared: numbers, flag, leaf, node and what it points to,
version, output number, base, gradient and the gradient's own history; what hooks noted; warnings; and every error.
"""

import copy
import re
import warnings

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transcripts import MASKED, always

import autovis

LEAVES = [
    "torch.tensor([1.0, -2.0], requires_grad={flag})",
    "torch.tensor([0.5, 3.0], requires_grad={flag})",
    "torch.tensor(2.0, requires_grad={flag})",
    "torch.tensor([[1.0, 2.0], [-0.5, 0.25]], requires_grad={flag})",
    "torch.zeros(2)",
    "torch.nn.Parameter(torch.ones(2))",
]
RESULTS = [
    *("{a} * {b}", "{a} + {b}", "{a} - 1", "{a} * 2", "{a} * {a}", "{a} / 2", "{a} ** 2", "{a}.exp()", "{a}.sin()"),
    *("{a}.sigmoid()", "{a}.relu()", "{a}.sum()", "{a}.mean()", "{a}.clone()", "-{a}", "{a}.max()", "{a}.tanh()"),
    *("torch.stack([{a}, {a}])", "{a}.softmax(-1)", "{a} + {a}.detach()", "torch.where({a} > 0, {a}, {b})"),
    *("torch.cat([{a}.view(-1), {b}.view(-1)])", "{a}.double().float()", "({a} * {b}).sum()"),
]
VIEWS = [
    *("{a}[0]", "{a}[...]", "{a}.view(-1)", "{a}.t()", "{a}.unsqueeze(0)", "{a}.detach()", "{a}.data", "{a}[:1]"),
    *("{a}.split(1)[0]", "{a}.unbind()[1]", "{a}.expand(2, 2)", "{a}.view_as({a})", "{a}.reshape(-1)", "{a}[None]"),
    *("{a}.detach().requires_grad_()", "{a}.squeeze()", "{a}.diagonal()", "{a}.chunk(2)[0]"),
]
EDITS = [
    *("{a} += 1", "{a}.mul_(2)", "{a}.add_({b})", "{a}.mul_({b})", "{a}.exp_()", "{a}.zero_()", "{a}.fill_(2.0)"),
    *("{a}.copy_({b})", "{a}[0] = 3.0", "{a}[0] = {b}", "{a}.detach().add_(1)", "{a}.data.add_(1)", "{a}.relu_()"),
    *("{a}.view(-1).mul_(2)", "{a}.sigmoid_()", "{a}.sub_({b}, alpha=2)", "{a}.detach_()", "{a}[...] = {b}.clone()"),
    *("{a}.clamp_(-1, 1)", "{a}.div_(2)", "{a} *= {a}", "{a}[0] += 1"),
]
FLAGS = [
    *("{a}.requires_grad_()", "{a}.requires_grad_(False)", "{a}.requires_grad = True", "{a}.requires_grad = False"),
    *("{a}.retain_grad()", "{a}.grad = None", "{a}.grad = {b}", "{a}.grad = torch.ones_like({a})", "{a}.grad.zero_()"),
    *("del {a}.grad", "{a}.grad.add_(1)", "{a}.grad = {a}.grad", "{a}.grad.detach_()", "{a}.grad = {a} * 1"),
]
HOOKS = [
    "h = {a}.register_hook(lambda g: log.append(g.tolist()))",
    "h = {a}.register_hook(lambda g: g * 2)",
    "h = {a}.register_hook(lambda g: None)",
    "h.remove()",
    "h = {a}.register_post_accumulate_grad_hook(lambda t: log.append(t.grad.tolist()))",
    "h = {a}.grad_fn.register_hook(lambda i, o: log.append(len(i)))",
    "h = {a}.grad_fn.register_prehook(lambda g: (g[0] * 3,) if len(g) == 1 else None)",
    "{a}.register_hook(lambda g: log.append((g.requires_grad, torch.is_grad_enabled())))",
]
PASSES = [
    *("{a}.sum().backward({how})", "{a}.backward({how})", "{a}.backward(torch.ones_like({a}))"),
    *("({a} * {b}).sum().backward({how})", "{a}.sum().backward(inputs=[{b}])", "{a}.backward({b}.clone())"),
    "torch.autograd.backward([{a}, {b}], [torch.ones_like({a}), torch.ones_like({b})])",
    "torch.autograd.backward([{a}.sum(), {b}.sum()], inputs=[{c}], retain_graph=True)",
    "{a}.grad.sum().backward()",
]
GRADIENTS = [
    "torch.autograd.grad({a}.sum(), {b}, {how})[0]",
    "torch.autograd.grad({a}.sum(), [{b}, {c}], allow_unused=True, {how})[0]",
    "torch.autograd.grad({a}, {b}, torch.ones_like({a}), create_graph=True)[0]",
    "torch.autograd.grad([{a}.sum(), {c}.sum()], {b}, allow_unused=True, {how})[0]",
    "torch.autograd.grad({a}.sum(), {b}, materialize_grads=True)[0]",
]
READING = [
    *("log.append({a}.tolist())", "log.append({a}.grad)", "log.append({a}.item())", "copy.deepcopy({a})"),
    *("log.append({a}.numpy().tolist())", "log.append({a} is {b})", "log.append({a}._base is {b})"),
    *("log.append({a}.data_ptr() == {b}.data_ptr())", "log.append({a}.grad is {b})", "log.append({a}.retains_grad)"),
]
HOW = ["", "retain_graph=True", "create_graph=True", "retain_graph=False"]
MODES = [
    "",
    "",
    "",
    "",
    "",
    "",
    "with torch.no_grad(): ",
    "with torch.enable_grad(): ",
    "torch.set_grad_enabled(False); ",
]
NAMING = [LEAVES, RESULTS, RESULTS, VIEWS, GRADIENTS]
DOING = [EDITS, EDITS, FLAGS, HOOKS, PASSES, PASSES, READING]
# what fits which shape is compared in `sections/shapes.py`; where several things are wrong at once, one of them is said
LOST = ("INTERNAL ASSERT", "graph interior", "been detached in-place")  # PyTorch gives up; nothing after it is compared
SHAPES = ("shape", "size", "dimension", "unsupported operation", "expand(", "Scalar", "scalar", "single memory")


@st.composite
def programs(draw):
    """Draw a list of statements over the tensors v0, v1, ..., the handle h and the list log."""
    lines = ["v0 = " + draw(st.sampled_from(LEAVES)).format(flag=True)]
    names = ["v0"]
    for _ in range(draw(st.integers(4, 14))):
        recent = st.sampled_from(names[-4:])
        group = draw(st.sampled_from(NAMING if draw(st.booleans()) else DOING))
        if group in (EDITS, FLAGS, VIEWS):  # a gradient's memory may be shared inside PyTorch
            recent = st.sampled_from([name for name in names if name[0] == "v"][-4:])
        words = {name: draw(recent) for name in "abc"} | {
            "how": draw(st.sampled_from(HOW)),
            "flag": draw(st.booleans()),
        }
        line = draw(st.sampled_from(group)).format(**words)
        if any(group is naming for naming in NAMING):
            names.append(f"{'g' if group is GRADIENTS else 'v'}{len(names)}")
            line = f"{names[-1]} = {line}"
        mode = draw(st.sampled_from(MODES))
        lines.append(mode + line + ("; torch.set_grad_enabled(True)" if ";" in mode else ""))
    return [*lines, f"{names[-1]}.sum().backward()"]


def said(action):
    """Return what an action returns, or the error's sentence."""
    try:
        return action()
    except Exception as error:  # noqa: BLE001, errors are compared
        return f"{type(error).__name__}: {error}"


def around(x):
    """Return a node's name, and whether it points to nothing, to a leaf, or to a node, and to which output."""
    node = x.grad_fn
    below = [] if node is None else node.next_functions
    return type(node).__name__, [(n and type(n).__name__ == "AccumulateGrad", port) for n, port in below]


def look(name, x):
    """Return all that can be seen of a tensor without changing anything.

    Of a gradient that `grad` returned the memory and the node are PyTorch's own affair.
    """
    if not hasattr(x, "requires_grad"):
        return repr(x)
    if name[0] == "g":
        return [x.requires_grad, x.is_leaf, tuple(x.shape)], numbers(x)
    facts = [said(lambda: x.requires_grad), said(lambda: x.is_leaf), said(lambda: around(x)), said(lambda: x.output_nr)]
    facts += [x._version, x._is_view(), said(lambda: x.retains_grad), str(x.dtype).split(".")[-1], tuple(x.shape)]
    grad = None
    if said(lambda: x.is_leaf or x.retains_grad) is True:
        grad = said(lambda: x.grad)
        grad = None if isinstance(grad, str) else grad  # the sentence is said above
    facts += [None if grad is None else (grad.requires_grad, tuple(grad.shape), grad is x)]
    return facts, numbers(x), None if grad is None else numbers(grad)


def numbers(x):
    return np.array(x.data.tolist(), float)


def run(library, lines):
    """Yield what every statement did: error, warnings, what was noted, all tensors."""
    names = {"torch": library, "copy": copy, "log": []}
    library.set_grad_enabled(True)
    for line in lines:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            warnings.filterwarnings("ignore", category=RuntimeWarning, module="autovis")
            outcome = said(lambda line=line: exec(line, names))
        library.set_grad_enabled(True)
        outcome = MASKED.sub("", str(outcome))
        if any(word in outcome for word in SHAPES) or "IndexError" in outcome:
            outcome = "does not fit"
        heard = [(warning.category.__name__, MASKED.sub("", str(warning.message))) for warning in caught]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            state = {name: look(name, x) for name, x in names.items() if re.fullmatch(r"[vg]\d+", name)}
        yield outcome, heard, [str(note) for note in names["log"]], state


def difference(lines):
    """Run a program on both; return the first difference after a statement, or nothing."""
    for number, (ours, theirs) in enumerate(zip(run(autovis, lines), run(torch, lines), strict=True)):
        if any(word in theirs[0] for word in LOST):
            return None
        found = unequal(ours, theirs)
        if found:
            return "\n".join([*lines[: number + 1], *map(str, found)])
    return None


def unequal(ours, theirs):
    """Return the first pair that differs between two states."""
    if ours[0] != theirs[0] and not either_may_be_said(ours[0], theirs[0]):
        return "autovis:", ours[0], "torch:", theirs[0]
    if ours[1] != theirs[1]:
        return "autovis:", ours[1], "torch:", theirs[1]
    if len(ours[2]) != len(theirs[2]):
        return "noted", ours[2], theirs[2]
    for name, mine in ours[3].items():
        other = theirs[3].get(name)
        if isinstance(mine, str) or isinstance(other, str):
            if mine != other:
                return name, mine, other
        elif mine[0] != other[0] or not all(map(alike, mine[1:], other[1:])):
            return name, "autovis:", *mine, "torch:", *other
    return None


def either_may_be_said(mine, other):
    """Whether two errors are both true: of a view whose history cannot be told, or of a shape, and another."""
    return "None" not in (mine, other) and any(
        word in said for said in (mine, other) for word in ("view", "does not fit")
    )


def alike(a, b):
    """Whether two arrays, or two absences, are alike."""
    if a is None or b is None:
        return a is b
    return a.shape == b.shape and np.allclose(a, b, rtol=1e-4, atol=1e-5, equal_nan=True)


@settings(max_examples=2500)
@given(programs())
def test_the_state_after_every_statement_is_the_same(lines):
    with always():
        assert difference(lines) is None
