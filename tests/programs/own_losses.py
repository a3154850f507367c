"""Losses and layers of one's own: subclasses of losses, activations and containers, focal loss, noise, maxout."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.modules.loss import _Loss


class FocalLoss(nn.CrossEntropyLoss):
    def __init__(self, gamma, alpha=None, ignore_index=-100, reduction="none"):
        super().__init__(weight=alpha, ignore_index=ignore_index, reduction="none")
        self.reduction = reduction
        self.gamma = gamma

    def forward(self, input_, target):
        cross_entropy = super().forward(input_, target)
        target = target * (target != self.ignore_index).long()
        input_prob = torch.gather(F.softmax(input_, 1), 1, target.unsqueeze(1))
        loss = torch.pow(1 - input_prob, self.gamma) * cross_entropy
        return torch.mean(loss) if self.reduction == "mean" else loss


class RMSELoss(_Loss):
    def __init__(self, eps=1e-6):
        super().__init__()
        self.mse, self.eps = nn.MSELoss(), eps

    def forward(self, yhat, y):
        return torch.sqrt(self.mse(yhat, y) + self.eps)


class Old(_Loss):
    def __init__(self, size_average=None, reduce=None, reduction="mean"):
        super(Old, self).__init__(size_average, reduce, reduction)

    def forward(self, a, b):
        return F.l1_loss(a, b, reduction=self.reduction)


class GaussianNoise(nn.Module):
    def __init__(self, sigma=0.1):
        super().__init__()
        self.sigma = sigma
        self.register_buffer("noise", torch.tensor(0.0))

    def forward(self, x):
        if self.training and self.sigma != 0:
            scale = self.sigma * x.detach()
            x = x + self.noise.expand(*x.size()).float().normal_() * scale if False else x + torch.randn_like(x) * scale
        return x


class MyReLU(nn.ReLU):
    def __init__(self):
        super().__init__(inplace=True)


class Swish(nn.Module):
    def __init__(self, beta=1.0):
        super().__init__()
        self.beta = nn.Parameter(torch.tensor([beta]))

    def forward(self, x):
        return x * torch.sigmoid(self.beta * x)


torch.manual_seed(0)
x, t = torch.randn(4, 3, requires_grad=True), torch.tensor([0, 2, 1, 1])
f = FocalLoss(2.0, alpha=torch.tensor([1.0, 2.0, 1.0]), reduction="mean")
loss = f(x, t)
loss.backward()
print(f, loss, x.grad)
print(
    RMSELoss()(torch.ones(3), torch.zeros(3)),
    RMSELoss().reduction,
    RMSELoss(),
    Old(reduction="sum")(torch.ones(3), torch.zeros(3)),
    Old(),
)
net = nn.Sequential(nn.Linear(3, 4), MyReLU(), GaussianNoise(), Swish(), nn.Linear(4, 1))
print(net, net(torch.ones(2, 3)))
print(isinstance(MyReLU(), nn.ReLU), [type(m).__name__ for m in net], f.state_dict())


class Residual(nn.Sequential):
    def forward(self, x):
        return x + super().forward(x)


print(Residual(nn.Linear(2, 2), nn.Tanh())(torch.ones(1, 2)), Residual(nn.ReLU()))


class Reshape(torch.nn.Module):
    def forward(self, x):
        return x.view(-1, 1, 2, 2)


print(nn.Sequential(Reshape(), nn.Conv2d(1, 1, 2))(torch.ones(1, 4)))


def num_flat_features(x):
    size = x.size()[1:]
    n = 1
    for s in size:
        n *= s
    return n


print(num_flat_features(torch.ones(2, 3, 4)))


class Maxout(nn.Module):
    def __init__(self, d_in, d_out, pool_size):
        super().__init__()
        self.d_in, self.d_out, self.pool_size = d_in, d_out, pool_size
        self.lin = nn.Linear(d_in, d_out * pool_size)

    def forward(self, inputs):
        shape = list(inputs.size())
        shape[-1] = self.d_out
        shape.append(self.pool_size)
        m, i = self.lin(inputs).view(*shape).max(len(shape) - 1)
        return m


print(Maxout(3, 2, 2)(torch.ones(1, 3)))
for name, param in net.named_parameters():
    if "bias" in name:
        nn.init.constant_(param, 0.1)
    elif param.dim() > 1:
        nn.init.kaiming_normal_(param)
print(net[0].bias, net[4].weight)
l1 = sum(p.abs().sum() for p in net.parameters())
l2 = sum(p.pow(2.0).sum() for p in net.parameters())
print(l1, l2)
