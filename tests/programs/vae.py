"""A variational autoencoder on patterns of bits."""

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(9)
patterns = torch.tensor([[1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1], [1, 0, 1, 0, 1, 0]]).float()
data = patterns[torch.randint(0, 3, (60,))]


class VAE(nn.Module):
    def __init__(self, size=6, hidden=12, latent=2):
        super().__init__()
        self.enc = nn.Linear(size, hidden)
        self.mu, self.logvar = nn.Linear(hidden, latent), nn.Linear(hidden, latent)
        self.dec = nn.Sequential(nn.Linear(latent, hidden), nn.ReLU(), nn.Linear(hidden, size), nn.Sigmoid())

    def reparameterize(self, mu, logvar):
        std = torch.exp(0.5 * logvar)
        eps = torch.randn_like(std)
        return eps.mul(std).add_(mu)

    def forward(self, x):
        h = F.relu(self.enc(x))
        mu, logvar = self.mu(h), self.logvar(h)
        return self.dec(self.reparameterize(mu, logvar)), mu, logvar


def loss_function(recon, x, mu, logvar):
    bce = F.binary_cross_entropy(recon, x, reduction="sum")
    kld = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return bce + kld, kld


model = VAE()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(40):
    recon, mu, logvar = model(data)
    loss, kld = loss_function(recon, data, mu, logvar)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 10 == 9:
        print("epoch {:d}: loss {:.3f} kld {:.3f}".format(epoch, loss.item() / len(data), kld.item() / len(data)))
model.eval()
with torch.no_grad():
    print(model.dec(torch.zeros(1, 2)))
    print(model.dec(torch.randn(2, 2)).round(decimals=2))
