"""A line through noisy points, with the update written out."""

import torch

torch.manual_seed(1)
x = torch.linspace(-1, 1, 50).unsqueeze(1)
y = 3 * x - 0.5 + 0.1 * torch.randn(50, 1)

w = torch.randn(1, 1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
lr = 0.3
for epoch in range(30):
    prediction = x @ w + b
    loss = ((prediction - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w -= lr * w.grad
        b -= lr * b.grad
    w.grad.zero_()
    b.grad = None
    if epoch % 10 == 0:
        print(f"epoch {epoch:2d}  loss {loss.item():.5f}")
print(w, b)
exact = torch.linalg.lstsq(torch.cat([x, torch.ones_like(x)], dim=1), y).solution
print("least squares:", exact.squeeze())
