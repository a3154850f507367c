"""Loaders go through data in PyTorch's order, and put samples together as it does."""

from __future__ import annotations

import contextlib
import io
from types import ModuleType

import pytest
import torch
import torch.utils.data

import autovis

pytestmark = pytest.mark.torch

START = """
from collections import namedtuple
import numpy as np
x, y = torch.arange(10.0).reshape(10, 1), torch.arange(10)
dataset = data.TensorDataset(x, y)
class Squares(data.Dataset):
    def __len__(self): return 7
    def __getitem__(self, i): return i, i * i / 2, str(i), {'a': torch.tensor(i)}, np.float32(i), np.arange(2) + i
class Stream(data.IterableDataset):
    def __iter__(self): return iter(range(5))
Pair = namedtuple('Pair', 'a b')
"""

PROGRAMS = [
    "for batch in data.DataLoader(dataset, batch_size=4): print(batch)",
    "for batch in data.DataLoader(dataset, batch_size=4, shuffle=True): print(batch)",
    "for _ in range(2):\n    for _, b in data.DataLoader(dataset, 3, True): print(b)\nprint(torch.rand(2))",
    "g = torch.Generator().manual_seed(5); loader = data.DataLoader(y, 3, True, generator=g)\nfor _ in range(2):\n"
    "    for b in loader: print(b)\nprint(torch.rand(2), torch.rand(2, generator=g))",
    "loader = data.DataLoader(dataset, 4, drop_last=True); print(len(loader), [len(b) for _, b in loader])",
    "loader = data.DataLoader(dataset, 4); print(len(loader), [len(b) for _, b in loader])",
    "loader = data.DataLoader(dataset, None); print(len(loader), list(loader)[:2])",
    "next(iter(data.DataLoader(dataset, 2, shuffle=True))); print(torch.rand(2))",
    "for batch in data.DataLoader(Squares(), batch_size=3): print(batch)",
    "print(list(data.DataLoader(Stream(), 2)), list(data.DataLoader(Stream(), 2, drop_last=True)))",
    "print(list(data.DataLoader(Stream(), None)))",
    "print(list(data.DataLoader([1, 2, 3], 2)), list(data.DataLoader([[1, 2], [3, 4]], 2)))",
    "print(list(data.DataLoader([1.5, 2.0], 2)), list(data.DataLoader([Pair(1, 2.0), Pair(3, 4.0)], 2)))",
    "print(list(data.DataLoader(dataset, 4, collate_fn=len)))",
    "print(list(data.DataLoader(dataset, 4, sampler=data.SubsetRandomSampler([1, 3, 5, 7, 9]))))",
    "print(list(data.DataLoader(y, 4, sampler=data.WeightedRandomSampler([1.0] * 9 + [20.0], 8))))",
    "print(list(data.WeightedRandomSampler([1.0, 2.0, 3.0], 3, replacement=False)))",
    "print(list(data.DataLoader(y, batch_sampler=data.BatchSampler(data.SequentialSampler(y), 3, False))))",
    "print(list(data.RandomSampler(y, replacement=True, num_samples=40)), list(data.RandomSampler(y, num_samples=13)))",
    "a, b = data.random_split(dataset, [7, 3]); print(a.indices, b.indices, len(a), a[0], list(b)[1])",
    "print([part.indices for part in data.random_split(dataset, [0.5, 0.3, 0.2])])",
    "print([part.indices for part in data.random_split(dataset, [5, 5], torch.Generator().manual_seed(42))])",
    "data.random_split(dataset, [7, 2])",
    "d = dataset + data.Subset(dataset, [0]); print(len(d), d[10], d[-1], d[9])",
    "data.DataLoader(dataset, 0)",
    "data.DataLoader(dataset, shuffle=True, sampler=[1])",
    "data.TensorDataset(x, y[:3])",
    "data.Dataset()[0]",
    *(
        "ps = [torch.ones(3, requires_grad=True), torch.ones(2, 2, requires_grad=True), torch.ones(1)]\n"
        f"ps[0].grad = torch.tensor([1.0, -5.0, 2.0]); ps[1].grad = torch.full((2, 2), -0.5)\nprint({call})\n"
        "print(ps[0].grad, ps[1].grad)"
        for call in (
            "torch.nn.utils.clip_grad_norm_(ps, 1.0)",
            "torch.nn.utils.clip_grad_norm_(ps, 100.0)",
            "torch.nn.utils.clip_grad_norm_(ps, 1.0, norm_type=float('inf'))",
            "torch.nn.utils.clip_grad_norm_(iter(ps), 1.0, 1)",
            "torch.nn.utils.clip_grad_norm_(ps[2], 1.0)",
            "torch.nn.utils.clip_grad_value_(ps, 1.0)",
            "torch.nn.utils.parameters_to_vector(ps)",
            "torch.nn.utils.vector_to_parameters(torch.arange(8.0), ps), ps",
        )
    ),
]


def output(program: str, library: ModuleType) -> str:
    """Run a program with `torch` as the given library; return what it prints, an error too."""
    names = {"torch": library, "data": library.utils.data, "__name__": "program"}
    printed = io.StringIO()
    library.manual_seed(0)
    with contextlib.redirect_stdout(printed):
        try:
            exec(START + program, names)
        except Exception as error:  # noqa: BLE001, which one is what the test is about
            print(type(error).__name__, str(error).split("\n")[0])
    return printed.getvalue()


@pytest.mark.parametrize("program", PROGRAMS, ids=range(len(PROGRAMS)))
def test_a_program_prints_as_on_pytorch(program: str) -> None:
    assert output(program, autovis) == output(program, torch)
