"""The same line with a module, a loss and an optimizer."""

import torch
import torch.nn as nn
import torch.optim as optim

torch.manual_seed(2)
X = torch.rand(64, 3) * 4 - 2
truth = torch.tensor([[1.5], [-2.0], [0.25]])
Y = X.mm(truth) + 0.7 + torch.normal(0.0, 0.05, (64, 1))


class LinearRegression(nn.Module):
    def __init__(self, inputs, outputs):
        super(LinearRegression, self).__init__()
        self.linear = nn.Linear(inputs, outputs)

    def forward(self, x):
        return self.linear(x)


model = LinearRegression(3, 1)
print(model)
criterion = nn.MSELoss()
optimizer = optim.SGD(model.parameters(), lr=0.05)
for epoch in range(1, 101):
    optimizer.zero_grad()
    loss = criterion(model(X), Y)
    loss.backward()
    optimizer.step()
    if epoch % 25 == 0:
        print("Epoch: {}, loss: {:.6f}".format(epoch, loss.item()))
for name, param in model.named_parameters():
    print(name, param.data, param.shape, param.requires_grad)
