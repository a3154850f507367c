"""Imbalanced classes: WeightedRandomSampler, class weights, pos_weight, ignore_index, label smoothing; a confusion matrix."""

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset
from torch.utils.data.sampler import SubsetRandomSampler, WeightedRandomSampler

torch.manual_seed(0)
np.random.seed(0)
target = torch.cat([torch.zeros(80), torch.ones(15), torch.full((5,), 2.0)]).long()
x = torch.randn(100, 3) + target.unsqueeze(1)
print("target train 0/1/2:", [int((target == t).sum()) for t in (0, 1, 2)])
class_sample_count = np.array([len(np.where(target.numpy() == t)[0]) for t in np.unique(target.numpy())])
weight = 1.0 / class_sample_count
samples_weight = torch.from_numpy(np.array([weight[t] for t in target]))
sampler = WeightedRandomSampler(samples_weight.type("torch.DoubleTensor"), len(samples_weight))
loader = DataLoader(TensorDataset(x, target), batch_size=25, num_workers=0, sampler=sampler)
for i, (data, t) in enumerate(loader):
    print(
        "batch index {}, 0/1/2: {}/{}/{}".format(
            i, len(np.where(t.numpy() == 0)[0]), len(np.where(t.numpy() == 1)[0]), len(np.where(t.numpy() == 2)[0])
        )
    )
indices = list(range(100))
np.random.shuffle(indices)
split = int(np.floor(0.2 * 100))
train_idx, valid_idx = indices[split:], indices[:split]
train_loader = DataLoader(TensorDataset(x, target), batch_size=20, sampler=SubsetRandomSampler(train_idx))
valid_loader = DataLoader(TensorDataset(x, target), batch_size=20, sampler=SubsetRandomSampler(valid_idx))
print(len(train_loader), len(valid_loader), len(train_loader.sampler), len(train_loader.dataset))
model = nn.Sequential(nn.Linear(3, 10), nn.SELU(), nn.Linear(10, 3))
criterion = nn.CrossEntropyLoss(weight=torch.tensor(weight / weight.sum(), dtype=torch.float32), label_smoothing=0.05)
opt = torch.optim.Adam(model.parameters(), lr=0.02)
for epoch in range(6):
    total = 0.0
    for xb, yb in train_loader:
        opt.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        opt.step()
        total += loss.item() * xb.size(0)
    if epoch % 3 == 2:
        print(epoch, f"{total / len(train_idx):.4f}")
confusion = torch.zeros(3, 3, dtype=torch.int64)
with torch.no_grad():
    for xb, yb in valid_loader:
        preds = model(xb).argmax(1)
        for t, p in zip(yb.view(-1), preds.view(-1)):
            confusion[t.long(), p.long()] += 1
print(confusion.sum(), confusion.sum(1).tolist() == [int((target[valid_idx] == k).sum()) for k in range(3)])
logits = torch.tensor([[2.0, -1.0], [0.5, 0.5]], requires_grad=True)
bce = nn.BCEWithLogitsLoss(pos_weight=torch.tensor([3.0, 0.5]))
loss = bce(logits, torch.tensor([[1.0, 0.0], [0.0, 1.0]]))
loss.backward()
print(loss, logits.grad)
ce = nn.CrossEntropyLoss(ignore_index=-1)
print(ce(torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([0, -1])), ce(torch.ones(1, 2), torch.tensor([-1])))
