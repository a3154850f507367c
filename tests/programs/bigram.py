"""A character bigram model: counting, then the same by gradient descent, then sampling."""

import torch
import torch.nn.functional as F

words = ["anna", "otto", "hannah", "bob", "nora", "abba", "ronan"]
letters = ["."] + sorted(set("".join(words)))
stoi = {s: i for i, s in enumerate(letters)}
size = len(letters)
N = torch.zeros((size, size), dtype=torch.int32)
xs, ys = [], []
for w in words:
    chars = ["."] + list(w) + ["."]
    for a, b in zip(chars, chars[1:]):
        N[stoi[a], stoi[b]] += 1
        xs.append(stoi[a])
        ys.append(stoi[b])
P = (N + 1).float()
P /= P.sum(1, keepdims=True)
xs, ys = torch.tensor(xs), torch.tensor(ys)
print("counted", -P[xs, ys].log().mean().item())

g = torch.Generator().manual_seed(12)
W = torch.randn((size, size), generator=g, requires_grad=True)
for k in range(50):
    xenc = F.one_hot(xs, num_classes=size).float()
    logits = xenc @ W
    counts = logits.exp()
    probs = counts / counts.sum(1, keepdims=True)
    loss = -probs[torch.arange(len(xs)), ys].log().mean() + 0.01 * (W**2).mean()
    W.grad = None
    loss.backward()
    W.data += -5 * W.grad
print("learned", loss.item())

for _ in range(4):
    out, ix = [], 0
    while True:
        ix = torch.multinomial(P[ix], num_samples=1, replacement=True, generator=g).item()
        if ix == 0 or len(out) > 12:
            break
        out.append(letters[ix])
    print("".join(out))
