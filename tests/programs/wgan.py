"""WGAN-GP: the gradient penalty goes through autograd.grad with create_graph, several critic steps, LayerNorm critic."""

import torch
import torch.nn as nn
from torch import autograd

torch.manual_seed(0)
G = nn.Sequential(nn.Linear(2, 16), nn.LeakyReLU(0.2), nn.Linear(16, 2))
D = nn.Sequential(nn.Linear(2, 16), nn.LayerNorm(16), nn.LeakyReLU(0.2), nn.Linear(16, 1))
opt_g = torch.optim.Adam(G.parameters(), lr=5e-3, betas=(0.0, 0.9))
opt_d = torch.optim.Adam(D.parameters(), lr=5e-3, betas=(0.0, 0.9))


def compute_gradient_penalty(D, real_samples, fake_samples):
    alpha = torch.rand(real_samples.size(0), 1)
    interpolates = (alpha * real_samples + (1 - alpha) * fake_samples).requires_grad_(True)
    d_interpolates = D(interpolates)
    fake = torch.ones(d_interpolates.size())
    gradients = autograd.grad(
        outputs=d_interpolates,
        inputs=interpolates,
        grad_outputs=fake,
        create_graph=True,
        retain_graph=True,
        only_inputs=True,
    )[0]
    gradients = gradients.view(gradients.size(0), -1)
    return ((gradients.norm(2, dim=1) - 1) ** 2).mean()


for step in range(12):
    for _ in range(2):
        angle = torch.rand(24) * 6.2832
        real = torch.stack([angle.cos(), angle.sin()], 1)
        fake = G(torch.randn(24, 2)).detach()
        gp = compute_gradient_penalty(D, real, fake)
        loss_d = -torch.mean(D(real)) + torch.mean(D(fake)) + 10 * gp
        opt_d.zero_grad()
        loss_d.backward()
        opt_d.step()
    for p in D.parameters():
        p.requires_grad = False
    opt_g.zero_grad()
    loss_g = -D(G(torch.randn(24, 2))).mean()
    loss_g.backward()
    opt_g.step()
    for p in D.parameters():
        p.requires_grad = True
    if step % 4 == 3:
        print(f"{step} D {loss_d.item():.3f} G {loss_g.item():.3f} gp {gp.item():.4f}")
