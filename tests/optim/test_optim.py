"""Optimizers take PyTorch's steps, keep its memory, print as it does and complain as it does."""

from __future__ import annotations

import contextlib
import io
import warnings
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import autovis
from autovis import events

pytestmark = pytest.mark.torch

START = "w = torch.ones(2, requires_grad=True); v = torch.tensor([[3.0]], requires_grad=True)\n"
STEP = "w.grad = torch.tensor([1.0, -2.0]); "

PROGRAMS = [
    *(
        f"print(optim.{call})"
        for call in """
SGD([w], lr=0.1); SGD([w]); Adam([w]); AdamW([w]); RMSprop([w]); Adagrad([w]); SGD([]); SGD(w); SGD(3); SGD('ab')
SGD([3])
SGD([w * 2]); SGD([w], lr=-1); SGD([w], momentum=-1); SGD([w], weight_decay=-1); SGD([w], nesterov=True); SGD([w, w])
SGD([w], nesterov=True, momentum=0.5, dampening=0.5); SGD([{'params': w}, {'params': w}]); SGD({w})
SGD({'params': [w]})
SGD([{'params': [w], 'lr': 0.5}, {'params': v}], lr=0.1); SGD([{'x': [w]}]); SGD([{'params': {w}}]); SGD(iter([w]))
SGD([torch.ones(1)]).param_groups; SGD([('a', w)]).param_groups; Adam([w], lr=-1); Adam([w], betas=(1.5, 0.9))
Adam([w], betas=(0.5, 1.9)); Adam([w], eps=-1); Adam([w], weight_decay=-1); RMSprop([w], alpha=-1); RMSprop([w], lr=-1)
RMSprop([w], momentum=-1); Adagrad([w], lr_decay=-1); Adagrad([w], initial_accumulator_value=-1); SGD([w]).state_dict()
Adam([w]).state_dict(); Adagrad([w]).state_dict(); SGD([w]).param_groups; SGD([w]).state; SGD([w]).defaults
SGD([w]).step(); SGD([w]).add_param_group(3); SGD([w]).add_param_group({'params': v, 'lr': 3})
SGD([w]).load_state_dict({'param_groups': [], 'state': {}}); lr_scheduler.StepLR(3, 2)
SGD([w]).load_state_dict({'param_groups': [{'params': [0, 1]}], 'state': {}}); Adam([w], amsgrad=True, maximize=True)
""".replace("\n", "; ").split("; ")
        if call
    ),
    *(
        f"o = optim.{call}\nfor i in range(3): {STEP} o.step(); print(w, w.is_leaf)\nprint(o.state_dict())"
        for call in (
            "SGD([w], lr=0.1)",
            "SGD([w], lr=0.1, momentum=0.9)",
            "SGD([w], lr=0.1, momentum=0.9, dampening=0.5, weight_decay=0.1)",
            "SGD([w], lr=0.1, momentum=0.9, nesterov=True)",
            "SGD([w], lr=0.1, maximize=True)",
            "Adam([w], lr=0.1)",
            "Adam([w], lr=0.1, weight_decay=0.1, amsgrad=True)",
            "AdamW([w], lr=0.1)",
            "RMSprop([w], lr=0.1)",
            "RMSprop([w], lr=0.1, momentum=0.9, centered=True, weight_decay=0.1)",
            "Adagrad([w], lr=0.1, lr_decay=0.1)",
            "Adagrad([w], lr=0.1, initial_accumulator_value=0.5, weight_decay=0.1)",
            "Adadelta([w], lr=0.5, weight_decay=0.1)",
        )
    ),
    *(
        f"o = optim.{name}([w], lr=0.5)\nw.grad = torch.ones(2); o.step(); print(w._version)"
        for name in ("SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta")
    ),
    "o = optim.SGD([w, v], lr=0.5, weight_decay=0.1)\nw.grad = torch.zeros(2); o.step(); print(w, v)",
    "o = optim.SGD([w])\nw.grad = torch.ones(2); o.zero_grad(False); print(w.grad); o.zero_grad(); print(w.grad)",
    "o = optim.SGD([w], lr=0.5)\nf = lambda: (w * w).sum()\n"
    "def closure():\n    o.zero_grad(); loss = f()\n    loss.backward();"
    " return loss\nprint(o.step(closure), w)",
    "o = optim.SGD([w], lr=0.5); o.add_param_group({'params': [v], 'lr': 2.0})\nv.grad = torch.ones(1, 1); o.step();"
    " print(v, o)",
    "a = optim.Adam([w], lr=0.5)\nw.grad = torch.ones(2); a.step(); b = optim.Adam([v.reshape(1).detach().repeat(2)])\n"
    "b.load_state_dict(a.state_dict()); print(b.state_dict(), b)",
    "o = optim.SGD([w], lr=0.5); o.param_groups[0]['lr'] = 0.25\nw.grad = torch.ones(2); o.step(); print(w)",
    "o = optim.SGD([w])\nh = o.register_step_post_hook(lambda *a: print(len(a)))\no.step(); h.remove(); o.step()",
    "class Mine(optim.Optimizer):\n    def __init__(self, params, lr): super().__init__(params, {'lr': lr})\n"
    "    @torch.no_grad()\n    def step(self):\n        for group in self.param_groups:\n"
    "            for p in group['params']: p -= group['lr'] * p.grad; self.state[p]['n'] = 1\n"
    "o = Mine([w], 0.5)\nw.grad = torch.ones(2); o.step(); print(w, o, o.state_dict())",
    *(
        f"o = optim.SGD([{{'params': w}}, {{'params': v, 'lr': 0.3}}], lr=1.0)\ns = optim.lr_scheduler.{call}\n"
        "for i in range(12): o.step(); s.step(); print(s.get_last_lr(), s.last_epoch)\nprint(o)"
        for call in (
            "StepLR(o, 3, 0.5)",
            "MultiStepLR(o, [2, 5, 5])",
            "ExponentialLR(o, 0.9)",
            "LambdaLR(o, lambda epoch: 1 / (epoch + 1))",
            "LambdaLR(o, [lambda epoch: epoch])",
            "CosineAnnealingLR(o, 5)",
            "CosineAnnealingLR(o, 4, eta_min=0.1)",
            "LinearLR(o)",
            "LinearLR(o, 0.1, 0.5, 4)",
            "LinearLR(o, 2)",
            "LinearLR(o, 0.5, 2)",
        )
    ),
    "o = optim.SGD([w], lr=1.0); s = optim.lr_scheduler.StepLR(o, 1)\ns.step(); print(s.get_last_lr())",
    "o = optim.SGD([w], lr=1.0); o.step(); s = optim.lr_scheduler.StepLR(o, 1)\ns.step(); print(s.get_last_lr())",
    "o = optim.SGD([w], lr=1.0); s = optim.lr_scheduler.StepLR(o, 1)\no.step(); s.step(); s.step()",
    "o = optim.SGD([w], lr=1.0); s = optim.lr_scheduler.ReduceLROnPlateau(o, patience=1, cooldown=1, min_lr=1e-3)\n"
    "for n in (3, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1): s.step(torch.tensor(n));"
    " print(s.get_last_lr(), s.num_bad_epochs)",
    "o = optim.SGD([w], lr=1.0); s = optim.lr_scheduler.ReduceLROnPlateau(o, 'max', 0.5, 0, 0.5, 'abs')\n"
    "for n in (3, 2, 3.4, 4, 2, 4): s.step(n); print(s.get_last_lr(), s.best)",
    "class Warm(optim.lr_scheduler.LRScheduler):\n"
    "    def get_lr(self): return [b * self.last_epoch for b in self.base_lrs]\n"
    "s = Warm(optim.SGD([w], lr=0.5))\nfor i in range(3): s.optimizer.step(); s.step(); print(s.get_last_lr())",
    "class Mine(optim.Optimizer):\n    def __init__(self, params, lr): super().__init__(params, {'lr': lr})\n"
    "    def step(self, closure=None): print('step')\n"
    "o = Mine([w], 0.5); s = optim.lr_scheduler.StepLR(o, 1)\n"
    "h = o.register_step_pre_hook(lambda o, given, named: print(len(given), named))\n"
    "o.step(); s.step(); o.step(closure=None)",
    "o = optim.SGD([w], lr=torch.tensor(0.5))\nw.grad = torch.ones(2); o.step(); print(w)",
    "o = optim.Adam([w], fused=True, foreach=True)",
    "o = optim.Adadelta([w], rho=2)",
    "optim.lr_scheduler.Nothing",
    "optim.nothing",
    "print(optim.Adadelta([w]), optim.Adadelta([w]).defaults, optim.Adam([w], fused=True).defaults)",
]


def output(program: str, library: ModuleType) -> str:
    """Run a program with `torch` as the given library; return what it prints, warnings and errors too."""
    names = {"torch": library, "optim": library.optim}
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            exec(START + program, names)
        except Exception as error:  # noqa: BLE001, which one is what the test is about
            print(type(error).__name__, str(error).splitlines()[0])
    return "\n".join([printed.getvalue(), *(f"{w.category.__name__}: {w.message}" for w in caught)])


@pytest.mark.parametrize("program", PROGRAMS, ids=range(len(PROGRAMS)))
def test_a_program_prints_as_on_pytorch(program: str) -> None:
    assert output(program, autovis) == output(program, torch)


NUMBER = st.sampled_from([0.0, 0.1, 0.5, 0.9])
SETTINGS = {
    "SGD": {"momentum": NUMBER, "dampening": NUMBER, "weight_decay": NUMBER, "maximize": st.booleans()},
    "Adam": {"betas": st.tuples(NUMBER, NUMBER), "weight_decay": NUMBER, "amsgrad": st.booleans()},
    "AdamW": {"betas": st.tuples(NUMBER, NUMBER), "weight_decay": NUMBER, "amsgrad": st.booleans()},
    "RMSprop": {
        "alpha": st.sampled_from([0.5, 0.9, 0.99]),
        "momentum": NUMBER,
        "weight_decay": NUMBER,
        "centered": st.booleans(),
    },
    "Adadelta": {"rho": NUMBER, "weight_decay": NUMBER, "maximize": st.booleans()},
    "Adagrad": {"lr_decay": NUMBER, "weight_decay": NUMBER, "initial_accumulator_value": NUMBER},
}


@settings(max_examples=120, deadline=None)
@given(
    st.sampled_from(sorted(SETTINGS)).flatmap(
        lambda name: st.tuples(st.just(name), st.fixed_dictionaries(SETTINGS[name]))
    ),
    st.integers(0, 10**6),
    st.sampled_from([(), (1,), (3, 2)]),
)
def test_fifty_steps_end_where_pytorchs_end(
    chosen: tuple[str, dict[str, Any]], seed: int, shape: tuple[int, ...]
) -> None:
    name, options = chosen
    random = np.random.default_rng(seed)
    start, gradients = random.standard_normal(shape), random.standard_normal((50, *shape))
    ends = []
    for library in (autovis, torch):
        w = library.tensor(start.tolist(), dtype=library.float64, requires_grad=True)
        optimizer = (
            getattr(library.optim, name)([w], lr=0.01, eps=1e-3, **options)
            if name != "SGD"
            else (library.optim.SGD([w], lr=0.01, **options))
        )
        for gradient in gradients:
            w.grad = library.tensor(gradient.tolist(), dtype=library.float64)
            optimizer.step()
        ends.append(w.detach().numpy())
    np.testing.assert_allclose(*ends, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", ["SGD", "Adam"])
def test_a_network_learns_as_on_pytorch(name: str) -> None:
    losses: list[list[float]] = []
    for library in (autovis, torch):
        library.manual_seed(0)
        nn = library.nn
        net = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3))
        x, target = library.randn(20, 4), library.randint(0, 3, (20,))
        optimizer = getattr(library.optim, name)(net.parameters(), lr=0.05)
        losses.append([])
        for _ in range(50):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(net(x), target)
            loss.backward()
            optimizer.step()
            losses[-1].append(loss.item())
    np.testing.assert_allclose(*losses, rtol=1e-4)
    assert losses[0][-1] < 0.9 * losses[0][0]


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_a_state_dict_of_pytorchs_is_gone_on_from(name: str) -> None:
    ends = []
    w = torch.tensor([1.0, -2.0, 3.0], requires_grad=True)
    theirs = getattr(torch.optim, name)([w], lr=0.1, **({"momentum": 0.9} if name == "SGD" else {}))
    w.grad = torch.tensor([0.5, 1.0, -1.0])
    theirs.step()
    ours = autovis.tensor(w.tolist(), requires_grad=True)
    optimizer = getattr(autovis.optim, name)([ours], lr=1.0)
    optimizer.load_state_dict(theirs.state_dict())
    ours.grad = autovis.tensor([0.5, 1.0, -1.0])
    for each in (theirs, optimizer):
        each.step()
    ends = [ours.tolist(), w.tolist()]
    np.testing.assert_allclose(*ends, rtol=1e-6)
    back = {0: {key: torch.from_numpy(value.numpy()) for key, value in optimizer.state_dict()["state"][0].items()}}
    theirs.load_state_dict({**optimizer.state_dict(), "state": back})


def test_a_step_that_could_be_differentiated_is_refused_by_name() -> None:
    with pytest.raises(NotImplementedError, match="differentiable=True"):
        autovis.optim.SGD([autovis.ones(1, requires_grad=True)], differentiable=True)


def test_a_step_keeps_the_memory_of_a_parameter() -> None:
    w = autovis.ones(2, requires_grad=True)
    memory = w.detach()
    w.grad = autovis.ones(2)
    autovis.optim.SGD([w], lr=0.5).step()
    assert memory.tolist() == [0.5, 0.5]


def test_a_step_that_overflows_is_silent() -> None:
    w = autovis.ones(1, requires_grad=True)
    w.grad = autovis.full((1,), 3e38)
    autovis.optim.Adam([w], lr=1.0).step()
    assert w.item() == 1.0


def test_a_tape_hears_of_a_step() -> None:
    w, frozen = autovis.ones(2, requires_grad=True), autovis.ones(1, requires_grad=True)
    w.grad = autovis.ones(2)
    with autovis.record() as tape:
        autovis.optim.SGD([w, frozen], lr=0.5).step()
    (step,) = tape.of(events.Stepped)
    assert step.optimizer == "SGD"
    assert [value.data.tolist() for value in step.parameters] == [[0.5, 0.5]]
