"""A small network learns exclusive or."""

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)
X = torch.tensor([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=torch.float32)
Y = torch.tensor([[0], [1], [1], [0]]).float()


class XOR(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(2, 8)
        self.out = nn.Linear(8, 1)
        for layer in self.modules():
            if isinstance(layer, nn.Linear):
                nn.init.xavier_uniform_(layer.weight)
                nn.init.constant_(layer.bias, 0.01)

    def forward(self, x):
        x = torch.tanh(self.hidden(x))
        return self.out(x)


net = XOR()
optimizer = torch.optim.SGD(net.parameters(), lr=0.5, momentum=0.9)
for epoch in range(101):
    loss = F.binary_cross_entropy_with_logits(net(X), Y)
    net.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 20 == 0:
        print(epoch, round(loss.item(), 4))
out = torch.sigmoid(net(X)).detach()
print((out > 0.5).int().flatten().tolist())
print(sum(p.numel() for p in net.parameters() if p.requires_grad), "parameters")
