"""What changes a tensor where it is: arithmetic, comparisons, bits, triangles, places, shapes."""

import torch

x = torch.tensor([0.5, -1.5, 2.0])
for edit in (x.abs_, x.sqrt_, x.sinh_, x.cos_, x.tanh_, x.reciprocal_, x.floor_):
    print(edit() is x, x, x._version)
y = torch.arange(6.0).view(2, 3)
print(y.fmod_(4), y.tril_(), y.cumsum_(1), y.t_(), y.unsqueeze_(0).shape, y.squeeze_(0).shape, y.transpose_(0, 1))
flags = torch.tensor([True, False])
flags &= torch.tensor([True, True])
print(flags.logical_not_(), flags)
z = torch.zeros(3, 3)
z.fill_diagonal_(1).index_fill_(0, torch.tensor([1]), 7).index_copy_(1, torch.tensor([0]), torch.ones(3, 1))
print(z.masked_fill_(z > 1, -1).index_put_((torch.tensor([0]), torch.tensor([2])), torch.tensor([5.0])))
w = torch.ones(2, requires_grad=True)
v = w * 1
v.mul_(3).add_(1).pow_(2).atan2_(torch.ones(2)).erf_().copysign_(-torch.ones(2))
v.sum().backward()
print(v, w.grad)
a = torch.arange(5)
a >>= 1
a |= 4
a ^= 1
a //= 2
a %= 3
print(a, a.eq_(1), a.dtype)
out = torch.empty(0)
torch.add(torch.ones(2), 1, out=out)
torch.mul(out, 3, out=out)
print(out, torch.matmul(torch.eye(2), torch.ones(2, 2), out=torch.zeros(2, 2)))
