"""Four small batches make one large step; exactly the large batch's gradient."""

import torch
import torch.nn as nn

torch.manual_seed(17)
net = nn.Linear(5, 1)
x, y = torch.randn(16, 5), torch.randn(16, 1)
loss_fn = nn.MSELoss()
loss_fn(net(x), y).backward()
whole = [p.grad.clone() for p in net.parameters()]
net.zero_grad()
for xb, yb in zip(x.chunk(4), y.chunk(4)):
    (loss_fn(net(xb), yb) / 4).backward()
    print(net.weight.grad.abs().sum())
print([torch.allclose(p.grad, g) for p, g in zip(net.parameters(), whole)])

optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
optimizer.zero_grad()
for i in range(8):
    loss = loss_fn(net(x[i::8]), y[i::8]) / 4
    loss.backward()
    if (i + 1) % 4 == 0:
        optimizer.step()
        optimizer.zero_grad()
        print(i, net.bias.data, net.weight.grad)
