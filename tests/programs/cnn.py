"""A convolutional network tells horizontal from vertical stripes."""

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(7)


def images(count):
    x = 0.3 * torch.randn(count, 1, 8, 8)
    y = torch.randint(0, 2, (count,))
    for i in range(count):
        at = torch.randint(0, 8, (1,)).item()
        if y[i] == 0:
            x[i, 0, at, :] += 1.0
        else:
            x[i, 0, :, at] += 1.0
    return x, y


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 3, padding=1)
        self.bn = nn.BatchNorm2d(4)
        self.pool = nn.MaxPool2d(2, 2)
        self.conv2 = nn.Conv2d(4, 8, kernel_size=3, padding=1)
        self.dropout = nn.Dropout(0.25)
        self.fc = nn.Linear(8 * 2 * 2, 2)

    def forward(self, x):
        x = self.pool(F.relu(self.bn(self.conv1(x))))
        x = self.pool(F.relu(self.conv2(x)))
        x = x.view(x.size(0), -1)
        return F.log_softmax(self.fc(self.dropout(x)), dim=1)


net = Net()
print(net)
optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, nesterov=True)
x, y = images(48)
for epoch in range(6):
    net.train()
    for xb, yb in zip(x.split(16), y.split(16)):
        optimizer.zero_grad()
        loss = F.nll_loss(net(xb), yb)
        loss.backward()
        optimizer.step()
    net.eval()
    with torch.no_grad():
        guess = net(x).max(1)[1]
    print(f"epoch {epoch} loss {loss.item():.4f} correct {guess.eq(y).sum().item()}/{len(y)}")
print(net.bn.running_mean, net.bn.num_batches_tracked)
print({name: tuple(value.shape) for name, value in net.state_dict().items()})
