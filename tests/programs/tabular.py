"""Tabular data as in fastai lessons: categorical embeddings, a ModuleList, BatchNorm, SmoothL1 and Huber, dict samples, early stop."""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset, random_split


class HousesDataset(Dataset):
    def __init__(self, n=120):
        rng = np.random.default_rng(0)
        self.city = rng.integers(0, 5, n)
        self.kind = rng.integers(0, 3, n)
        self.cont = rng.normal(size=(n, 3)).astype(np.float32)
        self.price = (self.city * 0.5 - self.kind + self.cont[:, 0] + 0.1 * rng.normal(size=n)).astype(np.float32)

    def __len__(self):
        return len(self.price)

    def __getitem__(self, idx):
        if torch.is_tensor(idx):
            idx = idx.tolist()
        return {
            "cats": np.array([self.city[idx], self.kind[idx]]),
            "conts": self.cont[idx],
            "price": self.price[idx],
            "name": f"house {idx}",
        }


class TabularModel(nn.Module):
    def __init__(self, emb_szs, n_cont, layers, p=0.1):
        super().__init__()
        self.embeds = nn.ModuleList([nn.Embedding(ni, nf) for ni, nf in emb_szs])
        self.emb_drop = nn.Dropout(p)
        self.bn_cont = nn.BatchNorm1d(n_cont)
        layerlist, n_in = [], sum(nf for _, nf in emb_szs) + n_cont
        for i in layers:
            layerlist += [nn.Linear(n_in, i), nn.ReLU(inplace=True), nn.BatchNorm1d(i), nn.Dropout(p)]
            n_in = i
        layerlist.append(nn.Linear(layers[-1], 1))
        self.layers = nn.Sequential(*layerlist)

    def forward(self, x_cat, x_cont):
        x = torch.cat([e(x_cat[:, i]) for i, e in enumerate(self.embeds)], 1)
        x = self.emb_drop(x)
        return self.layers(torch.cat([x, self.bn_cont(x_cont)], 1))


class EarlyStopping:
    def __init__(self, patience=2, min_delta=0.0):
        self.patience, self.min_delta, self.counter, self.best, self.early_stop = patience, min_delta, 0, None, False

    def __call__(self, val_loss, model):
        if self.best is None or val_loss < self.best - self.min_delta:
            self.best, self.counter = val_loss, 0
            self.state = {k: v.clone() for k, v in model.state_dict().items()}
        else:
            self.counter += 1
            print(f"EarlyStopping counter: {self.counter} out of {self.patience}")
            self.early_stop = self.counter >= self.patience


torch.manual_seed(33)
train_ds, valid_ds = random_split(HousesDataset(), [0.8, 0.2], generator=torch.Generator().manual_seed(42))
train_dl, valid_dl = (
    DataLoader(train_ds, batch_size=16, shuffle=True, drop_last=True),
    DataLoader(valid_ds, batch_size=24),
)
batch = next(iter(train_dl))
print({k: (v.dtype, tuple(v.shape)) if torch.is_tensor(v) else v[:2] for k, v in batch.items()})
model = TabularModel([(5, 3), (3, 2)], 3, [16, 8])
print(model)
criterion, stopper = nn.SmoothL1Loss(), EarlyStopping()
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
for epoch in range(12):
    model.train()
    for b in train_dl:
        loss = criterion(model(b["cats"], b["conts"]), b["price"].unsqueeze(1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        v = next(iter(valid_dl))
        pred = model(v["cats"], v["conts"]).squeeze(1)
        val = F.huber_loss(pred, v["price"], delta=0.5).item()
    print(f"epoch {epoch} valid {val:.3f}")
    stopper(val, model)
    if stopper.early_stop:
        break
model.load_state_dict(stopper.state)
print(f"best {stopper.best:.3f}", model.layers[2].num_batches_tracked)
