"""A tour of what one does with tensors before there is a gradient."""

import numpy as np
import torch
import torch.nn.functional as F

x = torch.arange(12).reshape(3, 4)
print(x, x.shape, x.dtype, x.numel(), x.size(0), x.dim())
x[1, 2] = 17
x[:, 3] = torch.tensor([1, 2, 3])
x[0] += 5
print(x[-1], x[1:3, ::2], x[x > 6], x.sum(axis=0), x.float().mean(dim=1, keepdim=True))
print(torch.cat((x, x), dim=0).shape, torch.stack((x, x)).shape, torch.vstack([x, x]).shape, torch.hstack([x, x]).shape)
print(x.T @ x, (x == x.T.T).all(), x.tolist()[0])
a = np.ones((2, 2))
t = torch.from_numpy(a)
t.add_(1)
print(a, (t.numpy() == a).all(), torch.tensor(3.5).item())
y = torch.zeros(3, 5).scatter_(1, torch.tensor([[0], [2], [4]]), 1.0)
print(y, y.argmax(1), y.nonzero().tolist())
print(F.pad(torch.ones(2, 2), (1, 2, 0, 1), value=9.0), torch.zeros(2).new_tensor([1, 2]))
print(
    torch.tensor([3, 1, 2]).sort(),
    torch.tensor([3.0, 1.0, 2.0]).median(),
    torch.cumprod(torch.tensor([1.0, 2.0, 3.0]), 0),
)
print(torch.clamp(torch.tensor([-1.0, 0.5, 2.0]), 0, 1), torch.sign(torch.tensor(-3.0)), torch.linspace(0, 1, 5))
print(
    torch.eye(2).bool(),
    torch.tensor([1, 2]) / 2,
    torch.tensor([7]) // 2,
    torch.tensor([1.0]).type(),
    x.type(torch.float64).dtype,
)
print(
    torch.einsum("ij,jk->ik", torch.ones(2, 3), torch.ones(3, 2)),
    torch.tensordot(torch.ones(2, 3), torch.ones(3, 2), dims=1),
)
print(torch.equal(x, x.clone()), torch.is_tensor(x), len(x), [row.sum().item() for row in x])
u, counts = torch.unique(torch.tensor([2, 1, 2, 3]), return_counts=True)
print(
    u, counts, torch.bincount(torch.tensor([0, 1, 1])), torch.histc(torch.tensor([1.0, 2.0, 1.0]), bins=4, min=0, max=3)
)
print(
    torch.tensor([1.0, 2.0, 4.0]).diff(),
    torch.tensor([[1.0, 2.0], [3.0, 4.0]]).diagonal(),
    torch.tile(torch.tensor([1, 2]), (2,)),
)
s = torch.zeros(2, 3)
s.index_add_(1, torch.tensor([0, 2]), torch.ones(2, 2))
s[s == 0] = -1
s = s.t()
print(s, s.squeeze(), s.unsqueeze(0).shape, s.movedim(0, 1).shape, torch.numel(s))
print(torch.std_mean(torch.tensor([1.0, 2.0, 3.0])), torch.count_nonzero(s), s.contiguous().is_contiguous())
