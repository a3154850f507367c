"""Logistic regression on two clouds."""

import torch
from torch import nn

torch.manual_seed(3)
n = 40
data = torch.cat([torch.randn(n, 2) + 1.5, torch.randn(n, 2) - 1.5])
labels = torch.cat([torch.ones(n), torch.zeros(n)])
shuffled = torch.randperm(2 * n)
data, labels = data[shuffled], labels[shuffled]
train, test = data[:60], data[60:]

model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
loss_fn = nn.BCELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
for step in range(40):
    p = model(train).squeeze(1)
    loss = loss_fn(p, labels[:60])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if (step + 1) % 10 == 0:
        accuracy = ((p > 0.5).float() == labels[:60]).float().mean()
        print(f"{step + 1}: loss={loss:.4f} accuracy={accuracy:.3f}")
with torch.no_grad():
    p = model(test).view(-1)
    print("test accuracy", (p.round() == labels[60:]).sum().item() / len(test))
    print(p.ge(0.5).long(), torch.where(p > 0.5)[0])
