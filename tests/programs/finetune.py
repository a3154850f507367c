"""Train a body, freeze it, put a new head on, then unfreeze with two learning rates."""

import copy

import torch
import torch.nn as nn

torch.manual_seed(16)
body = nn.Sequential(nn.Linear(4, 8), nn.ReLU())
model = nn.Sequential(body, nn.Linear(8, 2))
x = torch.randn(32, 4)
y = (x[:, 0] > 0).long()
new_y = (x[:, 1] + x[:, 2] > 0).long()
criterion = nn.CrossEntropyLoss()


def fit(optimizer, target, steps):
    for _ in range(steps):
        optimizer.zero_grad()
        loss = criterion(model(x), target)
        loss.backward()
        optimizer.step()
    return loss.item()


print(f"first task {fit(torch.optim.SGD(model.parameters(), lr=0.1), y, 30):.4f}")
before = copy.deepcopy(body.state_dict())
for p in model.parameters():
    p.requires_grad = False
model[1] = nn.Linear(8, 2)
trainable = [name for name, p in model.named_parameters() if p.requires_grad]
print("trainable:", trainable)
optimizer = torch.optim.SGD(filter(lambda p: p.requires_grad, model.parameters()), lr=0.1, momentum=0.9)
print(f"new head {fit(optimizer, new_y, 30):.4f}")
print("body unchanged:", all(torch.equal(before[k], v) for k, v in body.state_dict().items()))
print([p.grad is None for p in body.parameters()])
body.requires_grad_(True)
optimizer = torch.optim.Adam([{"params": body.parameters(), "lr": 1e-3}, {"params": model[1].parameters()}], lr=1e-2)
print(f"all {fit(optimizer, new_y, 20):.4f}")
print([group["lr"] for group in optimizer.param_groups])
print((model(x).argmax(1) == new_y).float().mean())
