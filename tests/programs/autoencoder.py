"""Eight numbers through a bottleneck of two."""

import torch
from torch import nn

torch.manual_seed(8)
codes = torch.randn(64, 2)
data = torch.tanh(codes @ torch.randn(2, 8))


class Autoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(8, 6), nn.ReLU(True), nn.Linear(6, 2))
        self.decoder = nn.Sequential(nn.Linear(2, 6), nn.LeakyReLU(0.1), nn.Linear(6, 8), nn.Tanh())

    def forward(self, x):
        return self.decoder(self.encoder(x))


model = Autoencoder()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
history = []
for epoch in range(60):
    noisy = data + 0.05 * torch.randn_like(data)
    loss = nn.functional.mse_loss(model(noisy), data)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    history.append(loss.item())
print(torch.tensor(history)[::12])
with torch.no_grad():
    z = model.encoder(data)
print(z.mean(0), z.std(0))
print(nn.functional.cosine_similarity(model(data)[:3], data[:3], dim=1))
