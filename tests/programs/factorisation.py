"""Ratings as a product of two thin matrices; missing entries are masked."""

import torch

torch.manual_seed(22)
users, items, rank = 6, 5, 2
R = (torch.randn(users, rank) @ torch.randn(rank, items)).round()
mask = torch.rand(users, items) < 0.8
U = torch.nn.Parameter(torch.randn(users, rank) * 0.5)
V = torch.nn.Parameter(torch.randn(items, rank) * 0.5)
optimizer = torch.optim.Adam([U, V], lr=0.05, weight_decay=1e-3)
for step in range(101):
    error = (R - U @ V.t())[mask]
    loss = error.pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 25 == 0:
        print(step, f"{loss.item():.4f}")
print(mask.sum(), mask.long().sum(dim=1))
print((U @ V.T).detach()[~mask])
i, j = torch.meshgrid(torch.arange(2), torch.arange(3), indexing="ij")
print(i, j)
print(torch.nonzero(~mask)[:3], R.new_full((2,), 7), torch.full_like(R[0], 0.5))
