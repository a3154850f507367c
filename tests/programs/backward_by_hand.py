"""Manual backward through cross entropy and batch norm, each step compared with autograd's."""

import torch
import torch.nn.functional as F


def cmp(s, dt, t):
    app = torch.allclose(dt, t.grad, atol=1e-6)
    maxdiff = (dt - t.grad).abs().max().item()
    print(f"{s:15s} | approximate: {str(app):5s} | small: {maxdiff < 1e-6}")


g = torch.Generator().manual_seed(0)
n, d, h, v = 8, 6, 10, 5
x = torch.randn(n, d, generator=g)
y = torch.randint(0, v, (n,), generator=g)
W1, b1 = torch.randn(d, h, generator=g) * 0.3, torch.randn(h, generator=g) * 0.1
W2, b2 = torch.randn(h, v, generator=g) * 0.1, torch.randn(v, generator=g) * 0.1
params = [W1, b1, W2, b2]
for p in params:
    p.requires_grad_()
hprebn = x @ W1 + b1
bnmeani = 1 / n * hprebn.sum(0, keepdim=True)
bndiff = hprebn - bnmeani
bndiff2 = bndiff**2
bnvar = 1 / (n - 1) * bndiff2.sum(0, keepdim=True)
bnvar_inv = (bnvar + 1e-5) ** -0.5
bnraw = bndiff * bnvar_inv
act = torch.tanh(bnraw)
logits = act @ W2 + b2
logit_maxes = logits.max(1, keepdim=True).values
norm_logits = logits - logit_maxes
counts = norm_logits.exp()
counts_sum = counts.sum(1, keepdims=True)
counts_sum_inv = counts_sum**-1
probs = counts * counts_sum_inv
logprobs = probs.log()
loss = -logprobs[range(n), y].mean()
for t in [
    logprobs,
    probs,
    counts,
    counts_sum,
    counts_sum_inv,
    norm_logits,
    logit_maxes,
    logits,
    act,
    bnraw,
    bnvar_inv,
    bnvar,
    bndiff2,
    bndiff,
    bnmeani,
    hprebn,
]:
    t.retain_grad()
loss.backward()
print(loss)
dlogprobs = torch.zeros_like(logprobs)
dlogprobs[range(n), y] = -1.0 / n
dprobs = (1.0 / probs) * dlogprobs
dcounts_sum_inv = (counts * dprobs).sum(1, keepdim=True)
dcounts = counts_sum_inv * dprobs
dcounts_sum = (-(counts_sum**-2)) * dcounts_sum_inv
dcounts += torch.ones_like(counts) * dcounts_sum
dnorm_logits = counts * dcounts
dlogits = dnorm_logits.clone()
dlogit_maxes = (-dnorm_logits).sum(1, keepdim=True)
dlogits += F.one_hot(logits.max(1).indices, num_classes=logits.shape[1]) * dlogit_maxes
dact = dlogits @ W2.T
dW2, db2 = act.T @ dlogits, dlogits.sum(0)
dbnraw = (1.0 - act**2) * dact
dhprebn = bnvar_inv / n * (n * dbnraw - dbnraw.sum(0) - n / (n - 1) * bnraw * (dbnraw * bnraw).sum(0))
for name, mine, t in [
    ("logprobs", dlogprobs, logprobs),
    ("probs", dprobs, probs),
    ("counts", dcounts, counts),
    ("logits", dlogits, logits),
    ("act", dact, act),
    ("W2", dW2, W2),
    ("b2", db2, b2),
    ("bnraw", dbnraw, bnraw),
]:
    cmp(name, mine, t)
print((dhprebn - hprebn.grad).abs().max() < 1e-5)
print((logits.grad[0] - (F.softmax(logits, 1)[0] - F.one_hot(y[0], v)) / n).abs().max() < 1e-6)
