"""A generator learns the place and width of a bell curve."""

import torch
import torch.nn as nn

torch.manual_seed(10)
G = nn.Sequential(nn.Linear(1, 8), nn.ELU(), nn.Linear(8, 1))
D = nn.Sequential(nn.Linear(1, 8), nn.LeakyReLU(0.2), nn.Linear(8, 1), nn.Sigmoid())
criterion = nn.BCELoss()
optG = torch.optim.Adam(G.parameters(), lr=2e-3, betas=(0.5, 0.999))
optD = torch.optim.Adam(D.parameters(), lr=2e-3, betas=(0.5, 0.999))
real_label, fake_label = torch.ones(32, 1), torch.zeros(32, 1)
for step in range(1, 61):
    D.zero_grad()
    real = torch.normal(4.0, 0.5, (32, 1))
    loss_real = criterion(D(real), real_label)
    loss_real.backward()
    fake = G(torch.randn(32, 1))
    loss_fake = criterion(D(fake.detach()), fake_label)
    loss_fake.backward()
    optD.step()
    G.zero_grad()
    loss_g = criterion(D(fake), real_label)
    loss_g.backward()
    optG.step()
    if step % 20 == 0:
        print(f"{step} D {loss_real + loss_fake:.4f} G {loss_g:.4f} mean {fake.mean():.3f} std {fake.std():.3f}")
print([p.grad.norm().item() > 0 for p in G.parameters()])
