"""Time series: an LSTM predicts the next point of a sine; hidden state by hand, windows, MSE."""

import numpy as np
import torch
from torch import nn

torch.manual_seed(0)
np.random.seed(0)
t = np.linspace(0, 20, 120)
series = np.sin(t).astype(np.float32)


def create_dataset(data, lookback):
    X, y = [], []
    for i in range(len(data) - lookback):
        X.append(data[i : i + lookback])
        y.append(data[i + lookback])
    return torch.from_numpy(np.array(X)).unsqueeze(-1), torch.tensor(np.array(y)).unsqueeze(-1)


X, y = create_dataset(series, 10)
train = int(0.8 * len(X))
print(X.shape, y.shape, X.dtype)


class LSTMModel(nn.Module):
    def __init__(self, input_size=1, hidden_size=12, num_layers=2, output_size=1):
        super().__init__()
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.lstm = nn.LSTM(input_size, hidden_size, num_layers, batch_first=True)
        self.fc = nn.Linear(hidden_size, output_size)

    def forward(self, x):
        h0 = torch.zeros(self.num_layers, x.size(0), self.hidden_size).to(x.device)
        c0 = torch.zeros(self.num_layers, x.size(0), self.hidden_size).to(x.device)
        out, (hn, cn) = self.lstm(x, (h0.detach(), c0.detach()))
        return self.fc(out[:, -1, :])


model = LSTMModel()
print(model)
print([(name, tuple(p.shape)) for name, p in model.named_parameters()])
criterion = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
for epoch in range(25):
    model.train()
    optimizer.zero_grad()
    loss = criterion(model(X[:train]), y[:train])
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5)
    optimizer.step()
    if (epoch + 1) % 5 == 0:
        model.eval()
        with torch.no_grad():
            test = criterion(model(X[train:]), y[train:])
        print(f"Epoch {epoch + 1}, train RMSE {np.sqrt(loss.item()):.3f}, test RMSE {torch.sqrt(test).item():.3f}")
