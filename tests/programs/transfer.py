"""A style-like loop: the image is the parameter, features come from a frozen network."""

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(23)
features = nn.Sequential(nn.Conv2d(1, 3, 3, padding=1), nn.ReLU(), nn.AvgPool2d(2), nn.Conv2d(3, 4, 3, padding=1))
for p in features.parameters():
    p.requires_grad_(False)


def gram(t):
    b, c, h, w = t.size()
    f = t.view(b * c, h * w)
    return torch.mm(f, f.t()).div(b * c * h * w)


content, style = torch.rand(1, 1, 8, 8), torch.rand(1, 1, 8, 8)
image = content.clone().requires_grad_(True)
target, texture = features(content).detach(), gram(features(style)).detach()
optimizer = torch.optim.Adam([image], lr=0.05)
for step in range(1, 16):
    optimizer.zero_grad()
    out = features(image)
    loss = F.mse_loss(out, target) + 100 * F.mse_loss(gram(out), texture)
    loss.backward()
    optimizer.step()
    with torch.no_grad():
        image.clamp_(0, 1)
    if step % 5 == 0:
        print(step, f"{loss.item():.5f}", f"{image.mean().item():.4f}")
up = image.detach().repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
print(up.shape, up.sum().item())
norm = nn.BatchNorm1d(4)
print(norm(torch.randn(6, 4)).std(0, unbiased=False), norm)
print(nn.LayerNorm([2, 3])(torch.randn(5, 2, 3)).mean().abs().item() < 1e-6)
