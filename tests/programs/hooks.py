"""Hooks note the sizes of activations and of gradients."""

import torch
import torch.nn as nn

torch.manual_seed(19)
model = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 5), nn.Sigmoid(), nn.Linear(5, 1))
activations, norms = {}, []


def remember(name):
    def hook(module, inputs, output):
        activations[name] = (type(module).__name__, tuple(output.shape), round(output.detach().abs().mean().item(), 4))

    return hook


handles = [layer.register_forward_hook(remember(name)) for name, layer in model.named_children()]
for name, p in model.named_parameters():
    p.register_hook(lambda g, name=name: norms.append((name, f"{g.norm().item():.5f}")))
x = torch.randn(8, 3, requires_grad=True)
x.register_hook(lambda g: print("input gradient", g.shape))
h = model[:2](x)
h.retain_grad()
out = model[2:](h).mean()
out.backward()
for name, seen in activations.items():
    print(name, *seen)
for line in norms:
    print(*line)
print(h.grad.norm(), x.grad.norm(p=1), x.grad.abs().max())
for handle in handles:
    handle.remove()
clipped = torch.ones(2, requires_grad=True)
clipped.register_hook(lambda g: g.clamp(max=1.0))
(clipped * torch.tensor([0.5, 3.0])).sum().backward()
print(clipped.grad)
model[0].register_full_backward_hook(lambda m, gin, gout: print(m, gin[0] is None, gout[0].shape))
model(torch.ones(1, 3)).sum().backward()
