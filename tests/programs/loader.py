"""A training loop over mini-batches with a validation set."""

import torch
from torch import nn, optim
from torch.utils.data import DataLoader, Dataset, TensorDataset, random_split


class Waves(Dataset):
    def __init__(self, count):
        self.x = torch.linspace(0, 6.28, count).reshape(-1, 1)
        self.y = torch.sin(self.x)

    def __len__(self):
        return len(self.x)

    def __getitem__(self, index):
        return self.x[index], self.y[index]


torch.manual_seed(4)
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
print("Using", device)
train_set, valid_set = random_split(Waves(100), [80, 20])
train_loader = DataLoader(train_set, batch_size=16, shuffle=True, drop_last=False)
valid_loader = DataLoader(valid_set, batch_size=20)
model = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 1)).to(device)
optimizer = optim.Adam(model.parameters(), lr=1e-2, weight_decay=1e-4)
criterion = nn.MSELoss(reduction="mean")


def evaluate():
    model.eval()
    total = 0.0
    with torch.no_grad():
        for x, y in valid_loader:
            total += criterion(model(x.to(device)), y.to(device)).item() * x.size(0)
    return total / len(valid_loader.dataset)


for epoch in range(5):
    model.train()
    running = 0.0
    for i, (inputs, targets) in enumerate(train_loader):
        inputs, targets = inputs.to(device), targets.to(device)
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
        running += loss.item()
    print(f"[{epoch + 1}] train {running / len(train_loader):.4f} valid {evaluate():.4f} batches {i + 1}")
first, second = next(iter(DataLoader(TensorDataset(torch.arange(6), torch.arange(6) ** 2), batch_size=4)))
print(first, second)
