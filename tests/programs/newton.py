"""Newton's method: first and second derivatives from autograd.grad, in one dimension and in two."""

import torch
from torch.autograd import grad

x = torch.tensor(2.0, requires_grad=True)
for i in range(5):
    y = x**4 - 3 * x**2 + x
    (first,) = grad(y, x, create_graph=True)
    (second,) = grad(first, x)
    print(f"{i} x={x.item():.5f} f={y.item():.5f} f'={first.item():.5f} f''={second.item():.3f}")
    x = (x - first / second).detach().requires_grad_()

p = torch.tensor([-1.2, 1.0], dtype=torch.float64, requires_grad=True)
for i in range(6):
    f = (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2
    g = grad(f, p, create_graph=True)[0]
    H = torch.stack([grad(gi, p, retain_graph=True)[0] for gi in g])
    step = torch.linalg.solve(H, g.detach())
    with torch.no_grad():
        p -= step
    print(i, f"{f.item():.6e}", p.tolist() if i == 5 else "")
print(H, torch.linalg.det(H), H.trace())
