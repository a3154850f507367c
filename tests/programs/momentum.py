"""Descent on a narrow valley: plain, with momentum, Adam; all written out, compared with torch.optim."""

import torch


def valley(p):
    return p[0] ** 2 + 10 * p[1] ** 2 + 0.5 * p.prod()


def run(update, steps=20):
    p = torch.tensor([3.0, 1.5], requires_grad=True)
    state = {"v": torch.zeros(2), "m": torch.zeros(2), "t": 0}
    for _ in range(steps):
        (g,) = torch.autograd.grad(valley(p), p)
        with torch.no_grad():
            update(p, g, state)
    return p.detach()


def plain(p, g, state):
    p.sub_(0.05 * g)


def momentum(p, g, state):
    state["v"].mul_(0.9).add_(g)
    p.add_(state["v"], alpha=-0.02)


def adam(p, g, state):
    state["t"] += 1
    state["m"].lerp_(g, 0.1)
    state["v"].mul_(0.999).addcmul_(g, g, value=0.001)
    m = state["m"] / (1 - 0.9 ** state["t"])
    v = state["v"] / (1 - 0.999 ** state["t"])
    p.addcdiv_(m, v.sqrt() + 1e-8, value=-0.2)


for update in (plain, momentum, adam):
    print(update.__name__, run(update))
for optimizer in (torch.optim.SGD, torch.optim.Adam):
    p = torch.nn.Parameter(torch.tensor([3.0, 1.5]))
    o = optimizer(
        [p],
        lr=0.02 if optimizer is torch.optim.SGD else 0.2,
        **({"momentum": 0.9} if optimizer is torch.optim.SGD else {}),
    )
    for _ in range(20):
        o.zero_grad()
        valley(p).backward()
        o.step()
    print(optimizer.__name__, p.data, valley(p))
