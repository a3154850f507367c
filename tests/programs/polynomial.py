"""A cubic through a sine, first with powers by hand, then as a linear layer over features."""

import math

import torch

x = torch.linspace(-math.pi, math.pi, 200)
y = torch.sin(x)
torch.manual_seed(5)
a, b, c, d = (torch.randn((), requires_grad=True) for _ in range(4))
rate = 1e-5
for t in range(200):
    guess = a + b * x + c * x**2 + d * x**3
    loss = (guess - y).pow(2).sum()
    if t % 50 == 49:
        print(t, loss.item())
    loss.backward()
    with torch.no_grad():
        for p in (a, b, c, d):
            p -= rate * p.grad
            p.grad = None
print(f"y = {a.item():.4f} + {b.item():.4f} x + {c.item():.4f} x^2 + {d.item():.4f} x^3")

powers = torch.tensor([1, 2, 3])
features = x.unsqueeze(-1).pow(powers)
print(features.shape, features[0])
model = torch.nn.Sequential(torch.nn.Linear(3, 1), torch.nn.Flatten(0, 1))
optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3)
loss_fn = torch.nn.MSELoss(reduction="sum")
for t in range(200):
    loss = loss_fn(model(features), y)
    if t % 50 == 49:
        print(t, round(loss.item(), 3))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
layer = model[0]
print(layer.bias.item(), layer.weight[:, 0].item(), layer.weight[:, 2].item())
