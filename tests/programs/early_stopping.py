"""Keep the best weights, stop when validation gets worse, save and load a checkpoint."""

import copy
import io

import torch
from torch import nn

torch.manual_seed(18)
x = torch.randn(20, 6)
y = x[:, :1] * 2 + 0.5 * torch.randn(20, 1)
train, valid = slice(0, 10), slice(10, 20)
model = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
best, patience, waited = float("inf"), 5, 0
for epoch in range(200):
    loss = nn.functional.mse_loss(model(x[train]), y[train])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    with torch.no_grad():
        score = nn.functional.mse_loss(model(x[valid]), y[valid]).item()
    if score < best:
        best, waited, best_state = score, 0, copy.deepcopy(model.state_dict())
    else:
        waited += 1
        if waited >= patience:
            break
print(f"stopped at {epoch}, best {best:.4f}, last {score:.4f}")
buffer = io.BytesIO()
torch.save({"epoch": epoch, "model": best_state, "optimizer": optimizer.state_dict()}, buffer)
buffer.seek(0)
checkpoint = torch.load(buffer)
print(sorted(checkpoint), checkpoint["epoch"])
print(model.load_state_dict(checkpoint["model"]))
optimizer.load_state_dict(checkpoint["optimizer"])
print(f"{nn.functional.mse_loss(model(x[valid]), y[valid]).item():.4f}")
