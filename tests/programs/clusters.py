"""k-means, then a mixture of bells by gradient descent on its log-likelihood."""

import math

import torch

torch.manual_seed(26)
x = torch.cat([torch.randn(40, 2) * 0.4 + torch.tensor(c) for c in ([0.0, 2.0], [2.0, -1.0], [-2.0, -1.0])])
means = x[[0, 50, 100]].clone()
for _ in range(5):
    nearest = torch.cdist(x, means).argmin(dim=1)
    means = torch.stack([x[nearest == k].mean(dim=0) for k in range(3)])
print(means, torch.bincount(nearest, minlength=3))

mu = means.clone().add_(0.3).requires_grad_()
log_sigma = torch.zeros(3, requires_grad=True)
logits = torch.zeros(3, requires_grad=True)
optimizer = torch.optim.Adam([mu, log_sigma, logits], lr=0.05)
for step in range(40):
    square = (x[:, None, :] - mu[None]).square().sum(-1)
    log_p = -square / (2 * log_sigma.exp() ** 2) - 2 * log_sigma - math.log(2 * math.pi)
    loss = -torch.logsumexp(log_p + torch.log_softmax(logits, 0), dim=1).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 10 == 9:
        print(f"{step + 1} {loss.item():.4f}")
print(log_sigma.exp().data, logits.softmax(0).data)
with torch.no_grad():
    order = mu[:, 0].argsort()
    print(mu[order], (mu - means).norm(dim=1).max() < 0.2)
