"""Softmax regression written out on three blobs, with a confusion matrix."""

import torch
import torch.nn.functional as F

torch.manual_seed(6)
centres = torch.tensor([[2.0, 0.0], [-1.0, 1.7], [-1.0, -1.7]])
labels = torch.arange(3).repeat_interleave(30)
points = centres[labels] + torch.randn(90, 2)
W = torch.normal(0, 0.01, size=(2, 3), requires_grad=True)
b = torch.zeros(3, requires_grad=True)


def softmax(scores):
    e = torch.exp(scores)
    return e / e.sum(1, keepdim=True)


def cross_entropy(p, target):
    return -torch.log(p[range(len(p)), target])


for epoch in range(20):
    p = softmax(torch.matmul(points.reshape((-1, W.shape[0])), W) + b)
    loss = cross_entropy(p, labels)
    loss.mean().backward()
    with torch.no_grad():
        for param in [W, b]:
            param -= 0.5 * param.grad
            param.grad.zero_()
print("loss", loss.mean())
guess = p.argmax(dim=1)
print("correct", int((guess == labels).sum()))
confusion = torch.zeros(3, 3, dtype=torch.int64)
for t, g in zip(labels, guess):
    confusion[t, g] += 1
print(confusion)
print(torch.bincount(guess), torch.unique(guess))
print(torch.allclose(loss.mean(), F.cross_entropy(points @ W + b, labels), atol=0.1))
top, where = torch.topk(p[0], 2)
print(top, where)
print(F.one_hot(labels[::30], num_classes=3))
values, order = torch.sort(p[:4, 0].detach(), descending=True)
print(values, order, p[:4, 0].argsort())
