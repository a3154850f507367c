"""Pictures of live PyTorch tensors: what the graph is, what it saved, what became of that."""

import subprocess
import sys
import time

import pytest
import torch
from screening import find, operation, roles

import autovis as av
from autovis.viz.show import graph


def test_the_picture_of_a_pytorch_loss_is_that_of_autovis():
    pictures = []
    for library in (torch, av):
        w = library.tensor(2.0, requires_grad=True)
        x = library.tensor([1.0, 2.0])
        y = (w * x).exp()
        loss = y.sum()
        pictures.append(av.outline(loss))
    assert pictures[0] == pictures[1]
    assert "saved y: held" in pictures[0]


def test_gradients_versions_and_freed_buffers_are_drawn():
    w = torch.tensor(2.0, requires_grad=True)
    y = w * w
    y.backward()
    picture = graph(y)
    assert operation(picture, "×").saved == "freed"
    assert find(picture, "w").grad == "4"
    with torch.no_grad():
        w += 1
    assert find(graph(y), "w").version == 1


def test_a_value_edited_after_it_was_saved_is_stale():
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    s = x.sigmoid()
    y = s * 2
    s.add_(1)
    picture = graph(y, s)
    assert operation(picture, "σ").saved == "stale"
    assert operation(picture, "×").saved == "held"


def test_an_operation_without_a_rule_has_pytorchs_name_and_no_formula():
    x = torch.tensor([[2.0, 0.0], [1.0, 1.0]], requires_grad=True)
    y = torch.special.entr(x)
    assert operation(graph(y), "SpecialEntr").role == "op"


def test_parameters_are_called_what_their_module_calls_them():
    net = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU(), torch.nn.Linear(3, 1))
    x = torch.ones(1, 2)
    out = net(x)
    assert {"net.0.weight", "net.2.bias"} <= {name for name, role in roles(graph(out)).items() if role == "param"}


def test_kept_gradients_and_several_outputs_are_drawn():
    x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    m = x * x
    m.retain_grad()
    a, b, c = m.unbind()
    y = a * c
    y.backward()
    picture = graph(y)
    assert (find(picture, "m").role, find(picture, "m").grad) == ("kept", "[9, 0, 1]")
    assert find(picture, "a").about == "a = unbind(m)[0]"
    assert b.item() == 4


@pytest.mark.parametrize("library", [torch, av])
def test_a_module_is_no_tensor_and_the_cure_is_named(library):
    with pytest.raises(TypeError, match=r"not from Linear; a module has no graph until it is called: show\(model"):
        av.show(library.nn.Linear(2, 1))


@pytest.mark.parametrize("depth", [1_500, 10_000])
def test_deep_graphs_are_drawn_without_recursion(depth):
    y = torch.tensor(1.0, requires_grad=True)
    for _ in range(depth):
        y = y * 1.0001
    start = time.perf_counter()
    assert len(graph(y).elements) > 2 * depth
    assert time.perf_counter() - start < 20


def test_odd_kinds_of_numbers_are_drawn():
    for kind in (torch.float16, torch.bfloat16, torch.float64, torch.complex64):
        x = torch.tensor([1.0, 2.0], requires_grad=True, dtype=kind)
        assert graph((x * x).abs().sum()).elements
    meta = torch.ones(3, device="meta", requires_grad=True)
    assert graph(meta.sum()).elements


PURE = """
import sys
import autovis as av
x = av.leaf(2.0)
with av.record() as tape:
    (x * x).backward()
av.outline(tape), av.outline(x), av.play(tape), av.show(x)
assert "torch" not in sys.modules
"""
ORDERS = ["import torch, autovis as av", "import autovis as av, torch"]
SHOWN = "x = torch.ones(2, requires_grad=True)\nassert 'x (2,)' in av.outline((x * x).sum())"


@pytest.mark.parametrize("program", [PURE, *(f"{order}\n{SHOWN}" for order in ORDERS)])
def test_pytorch_is_used_only_where_it_is_and_in_any_order_of_imports(program):
    subprocess.run([sys.executable, "-c", program], check=True)
