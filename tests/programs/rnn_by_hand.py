"""A recurrent network written out predicts the next number of a wave."""

import torch
import torch.nn as nn

torch.manual_seed(11)


class RNN(nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        self.hidden_size = hidden_size
        self.i2h = nn.Linear(input_size + hidden_size, hidden_size)
        self.h2o = nn.Linear(hidden_size, output_size)

    def forward(self, x, hidden):
        hidden = torch.tanh(self.i2h(torch.cat((x, hidden), 1)))
        return self.h2o(hidden), hidden

    def init_hidden(self, batch):
        return torch.zeros(batch, self.hidden_size)


wave = torch.sin(torch.arange(0, 12, 0.3))
inputs, targets = wave[:-1].reshape(-1, 1, 1), wave[1:].reshape(-1, 1, 1)
rnn = RNN(1, 10, 1)
criterion = nn.MSELoss()
optimizer = torch.optim.Adagrad(rnn.parameters(), lr=0.05)
for epoch in range(12):
    hidden = rnn.init_hidden(1)
    optimizer.zero_grad()
    loss = 0
    for x, y in zip(inputs, targets):
        output, hidden = rnn(x, hidden)
        loss += criterion(output, y)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(rnn.parameters(), 1.0)
    optimizer.step()
    if epoch % 4 == 3:
        print(epoch, f"{loss.item() / len(inputs):.5f}")

cell, lstm = nn.RNNCell(2, 3), nn.LSTMCell(2, 3)
h = torch.zeros(4, 3)
state = (torch.zeros(4, 3), torch.zeros(4, 3))
for step in torch.randn(5, 4, 2):
    h = cell(step, h)
    state = lstm(step, state)
print(h)
print(state[0], state[1].shape)
(h.sum() + state[0].sum()).backward()
print(cell.weight_hh.grad, lstm.bias_ih.grad)
print(cell, lstm)
