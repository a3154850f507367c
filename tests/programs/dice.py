"""A die is thrown again and again: how the estimated chances settle, as books on probability begin."""

import torch
from torch.distributions.multinomial import Multinomial

torch.manual_seed(1)
fair = torch.ones(6) / 6
print(Multinomial(10, fair).sample())
print(Multinomial(10, fair).sample((3,)))
counts = Multinomial(1000, fair).sample()
print(counts / 1000, counts.sum())

throws = Multinomial(10, fair).sample((50,))
running = throws.cumsum(dim=0)
estimates = running / running.sum(dim=1, keepdims=True)
print(estimates[[0, 9, 49]])
print((estimates - 1 / 6).abs().max(dim=1).values[::10])
print(Multinomial(3, torch.tensor([0.25, 0.75])).log_prob(torch.tensor([1.0, 2.0])).exp())

faces = torch.randint(1, 7, (200,))
print(
    torch.bincount(faces, minlength=7)[1:], torch.mode(faces).values, faces.float().quantile(torch.tensor([0.25, 0.5]))
)
values, inverse, often = torch.unique(faces, return_inverse=True, return_counts=True)
print(values, inverse[:10], often, often[inverse[:5]])
print(torch.histc(faces.float(), bins=6, min=1, max=6), torch.cummax(faces[:8], 0), faces[:12].unfold(0, 4, 4))
