"""Saving and going on: checkpoint with optimizer and scheduler, best weights, strict and loose loading."""

import copy
import tempfile
from pathlib import Path

import torch
import torch.nn as nn

torch.manual_seed(7)


class TheModelClass(nn.Module):
    def __init__(self, hidden=6):
        super().__init__()
        self.fc1 = nn.Linear(3, hidden)
        self.bn = nn.BatchNorm1d(hidden)
        self.fc2 = nn.Linear(hidden, 1)
        self.register_buffer("steps", torch.zeros(1, dtype=torch.long))
        self.register_buffer("scratch", torch.ones(2), persistent=False)

    def forward(self, x):
        self.steps += 1
        return self.fc2(torch.relu(self.bn(self.fc1(x))))


x, y = torch.randn(20, 3), torch.randn(20, 1)
model = TheModelClass()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.9)


def fit(model, optimizer, scheduler, epochs):
    for _ in range(epochs):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        scheduler.step()
    return loss.item()


print("Model's state_dict:")
for param_tensor in model.state_dict():
    print(param_tensor, "\t", model.state_dict()[param_tensor].size())
fit(model, optimizer, scheduler, 5)
path = Path(tempfile.mkdtemp()) / "model.tar"
torch.save(
    {
        "epoch": 5,
        "model_state_dict": model.state_dict(),
        "optimizer_state_dict": optimizer.state_dict(),
        "scheduler": scheduler.state_dict(),
    },
    path,
)
straight = fit(model, optimizer, scheduler, 5)
again = TheModelClass()
optimizer2 = torch.optim.SGD(again.parameters(), lr=0.05, momentum=0.9)
scheduler2 = torch.optim.lr_scheduler.ExponentialLR(optimizer2, gamma=0.9)
checkpoint = torch.load(path, weights_only=True)
print(again.load_state_dict(checkpoint["model_state_dict"]))
optimizer2.load_state_dict(checkpoint["optimizer_state_dict"])
scheduler2.load_state_dict(checkpoint["scheduler"])
print(checkpoint["epoch"], again.steps, optimizer2.param_groups[0]["lr"])
print("the same:", abs(fit(again, optimizer2, scheduler2, 5) - straight) < 1e-6)
best = copy.deepcopy(again.state_dict())
fit(again, optimizer2, scheduler2, 2)
print(all(torch.equal(best[k], again.state_dict()[k]) for k in best))
again.load_state_dict(best)
print(all(torch.equal(best[k], again.state_dict()[k]) for k in best))
for bad in (
    {k: v for k, v in best.items() if k != "fc1.bias"},
    {**best, "fc3.weight": torch.ones(1)},
    {**best, "fc2.bias": torch.ones(2)},
):
    try:
        again.load_state_dict(bad)
    except RuntimeError as error:
        print(error)
print(again.load_state_dict({k: v for k, v in best.items() if k.startswith("fc1")}, strict=False))
try:
    TheModelClass(hidden=5).load_state_dict(best)
except RuntimeError as error:
    print(error)
pretrained = {k: v for k, v in best.items() if k in again.state_dict() and "fc1" in k}
state = again.state_dict()
state.update(pretrained)
again.load_state_dict(state)
whole = copy.deepcopy(again).eval()
again.eval()
print(torch.equal(whole(x), again(x)), whole.scratch)
