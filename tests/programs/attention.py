"""Attention three ways: by hand, with einsum, with the library's function."""

import math
import random

import numpy as np
import torch
import torch.nn.functional as F


def seed_everything(seed):
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    torch.cuda.manual_seed_all(seed)
    torch.backends.cudnn.deterministic = True


seed_everything(24)
device = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
q, k, v = (torch.randn(2, 3, 5, 4, device=device, requires_grad=True) for _ in range(3))
mask = torch.triu(torch.ones(5, 5), diagonal=1).bool()
scores = q @ k.transpose(-2, -1) / math.sqrt(q.size(-1))
by_hand = torch.softmax(scores.masked_fill(mask, -torch.inf), dim=-1) @ v
scores = torch.einsum("bhqd,bhkd->bhqk", q, k) * q.shape[-1] ** -0.5
with_einsum = torch.einsum("bhqk,bhkd->bhqd", scores.masked_fill(mask, float("-inf")).softmax(-1), v)
built_in = F.scaled_dot_product_attention(q, k, v, is_causal=True)
print(torch.allclose(by_hand, with_einsum, atol=1e-6), torch.allclose(by_hand, built_in, atol=1e-6))
grads = [torch.autograd.grad(out.pow(2).sum(), (q, k, v)) for out in (by_hand, with_einsum, built_in)]
print([torch.allclose(a, b, atol=1e-5) for g in grads[1:] for a, b in zip(grads[0], g)])
print(built_in[0, 0].detach())

position = torch.arange(6).unsqueeze(1)
div_term = torch.exp(torch.arange(0, 4, 2) * (-math.log(10000.0) / 4))
pe = torch.zeros(6, 4)
pe[:, 0::2] = torch.sin(position * div_term)
pe[:, 1::2] = torch.cos(position * div_term)
print(pe)
a, b = torch.arange(6.0).view(3, 2), torch.ones(2, 2)
print(
    torch.cdist(a, b),
    a.ravel(),
    torch.column_stack([a[:, 0], a[:, 1]]),
    torch.inner(a, b),
    F.pairwise_distance(a, a + 1),
)
print(
    torch.nan_to_num(torch.tensor([1.0, torch.nan])),
    torch.arctan(torch.tensor(torch.pi)),
    a.fliplr()[0],
    a.moveaxis(0, 1).shape,
)

w = torch.tensor([1.0], requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)
scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, mode="min", factor=0.5, patience=1)
for loss in [1.0, 0.9, 0.91, 0.92, 0.93, 0.94, 0.5, 0.6, 0.6]:
    optimizer.step()
    scheduler.step(loss)
    print(optimizer.param_groups[0]["lr"], end=" ")
print()
