"""A normalising flow with coupling layers: buffers for masks, log-determinants, sampling by inversion, double precision."""

import math

import torch
import torch.nn as nn


class Coupling(nn.Module):
    def __init__(self, mask, hidden=16):
        super().__init__()
        self.register_buffer("mask", mask)
        self.s = nn.Sequential(nn.Linear(2, hidden), nn.ReLU(), nn.Linear(hidden, 2), nn.Tanh())
        self.t = nn.Sequential(nn.Linear(2, hidden), nn.ReLU(), nn.Linear(hidden, 2))

    def forward(self, x):
        masked = x * self.mask
        s, t = self.s(masked) * (1 - self.mask), self.t(masked) * (1 - self.mask)
        return masked + (1 - self.mask) * (x * s.exp() + t), s.sum(1)

    def inverse(self, z):
        masked = z * self.mask
        s, t = self.s(masked) * (1 - self.mask), self.t(masked) * (1 - self.mask)
        return masked + (1 - self.mask) * ((z - t) * (-s).exp())


class Flow(nn.Module):
    def __init__(self, layers=4):
        super().__init__()
        self.layers = nn.ModuleList(Coupling(torch.tensor([1.0, 0.0] if i % 2 else [0.0, 1.0])) for i in range(layers))
        self.log_scale = nn.ParameterList([nn.Parameter(torch.zeros(2)) for _ in range(layers)])

    def log_prob(self, x):
        total = torch.zeros(len(x), dtype=x.dtype)
        for layer, scale in zip(self.layers, self.log_scale):
            x, logdet = layer(x)
            x, total = x * scale.exp(), total + logdet + scale.sum()
        return total - 0.5 * (x**2).sum(1) - math.log(2 * math.pi)

    @torch.no_grad()
    def sample(self, n):
        z = torch.randn(n, 2, dtype=self.log_scale[0].dtype)
        for layer, scale in zip(reversed(self.layers), reversed(list(self.log_scale))):
            z = layer.inverse(z * (-scale).exp())
        return z


torch.manual_seed(31)
flow = Flow().double()
print(flow)
print({b.dtype for b in flow.buffers()}, {p.dtype for p in flow.parameters()}, [n for n, _ in flow.named_buffers()])
data = torch.randn(64, 2).double() @ torch.tensor([[1.0, 0.8], [0.0, 0.3]]).double() + torch.tensor([2.0, -1.0])
opt = torch.optim.Adam(flow.parameters(), lr=0.02)
for step in range(30):
    loss = -flow.log_prob(data).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 10 == 9:
        print(step, f"{loss.item():.5f}")
sample = flow.sample(200)
print(sample.shape, sample.dtype, (sample.mean(0) - data.mean(0)).abs().max() < 0.6)
