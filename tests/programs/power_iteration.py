"""The largest eigenvalue by repeated multiplication, and how it changes with the matrix."""

import torch

torch.manual_seed(21)
A = torch.rand(4, 4)
A = (A + A.T) / 2
A.requires_grad_()
v = torch.ones(4)
for i in range(50):
    v = A @ v
    v = v / torch.norm(v)
value = v @ A @ v
value.backward()
print(value)
print(A.grad.shape, torch.outer(v, v).detach().sub(A.grad).abs().max() < 1e-4)
values, vectors = torch.linalg.eigh(A.detach())
print(values, abs(torch.dot(vectors[:, -1], v.detach())) > 0.999)
print(torch.linalg.norm(A).item(), A.diag().sum().item(), torch.diag(torch.tensor([1.0, 2.0])))
print(torch.isclose(values[-1], value), torch.linalg.inv(A.detach()).mm(A.detach()).round().abs())
