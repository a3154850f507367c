"""Weight tying in a language model, three ways of counting, and gradients that add up."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F


class TiedLM(nn.Module):
    def __init__(self, vocab=12, dim=8):
        super().__init__()
        self.encoder = nn.Embedding(vocab, dim)
        self.rnn = nn.RNN(dim, dim, nonlinearity="tanh")
        self.decoder = nn.Linear(dim, vocab)
        self.decoder.weight = self.encoder.weight
        self.init_weights()

    def init_weights(self):
        initrange = 0.1
        nn.init.uniform_(self.encoder.weight, -initrange, initrange)
        nn.init.zeros_(self.decoder.bias)

    def forward(self, input, hidden):
        emb = self.encoder(input)
        output, hidden = self.rnn(emb, hidden)
        decoded = self.decoder(output)
        return F.log_softmax(decoded.view(-1, 12), dim=1), hidden

    def init_hidden(self, bsz):
        weight = next(self.parameters())
        return weight.new_zeros(1, bsz, 8)


def repackage_hidden(h):
    if isinstance(h, torch.Tensor):
        return h.detach()
    return tuple(repackage_hidden(v) for v in h)


def batchify(data, bsz):
    nbatch = data.size(0) // bsz
    data = data.narrow(0, 0, nbatch * bsz)
    return data.view(bsz, -1).t().contiguous()


torch.manual_seed(1111)
corpus = (torch.arange(200) * 5 % 12).long()
train_data = batchify(corpus, 4)
model = TiedLM()
print([n for n, _ in model.named_parameters()])
print(list(model.state_dict()))
print(sum(p.numel() for p in model.parameters()), model.decoder.weight is model.encoder.weight)
criterion = nn.NLLLoss()
bptt, lr, clip = 7, 2.0, 0.25
for epoch in range(1, 5):
    hidden, total_loss = model.init_hidden(4), 0.0
    for batch, i in enumerate(range(0, train_data.size(0) - 1, bptt)):
        seq_len = min(bptt, len(train_data) - 1 - i)
        source, targets = train_data[i : i + seq_len], train_data[i + 1 : i + 1 + seq_len].view(-1)
        model.zero_grad()
        hidden = repackage_hidden(hidden)
        output, hidden = model(source, hidden)
        loss = criterion(output, targets)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), clip)
        for p in model.parameters():
            p.data.add_(p.grad, alpha=-lr)
        total_loss += loss.item()
    print(
        "| epoch {:3d} | lr {:02.2f} | loss {:5.2f} | ppl {:8.2f}".format(
            epoch, lr, total_loss / (batch + 1), math.exp(total_loss / (batch + 1))
        )
    )
model.zero_grad()
out, _ = model(train_data[:3], model.init_hidden(4))
out.sum().backward()
print(model.encoder.weight.grad.shape, model.encoder.weight.grad is model.decoder.weight.grad)
