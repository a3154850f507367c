"""A GRU reads three symbols and writes them in reverse; teacher forcing, then greedy decoding."""

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(27)
V, H, SOS = 6, 16, 0


class Seq2Seq(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(V, H)
        self.cells = nn.ModuleDict({"encoder": nn.GRUCell(H, H), "decoder": nn.GRUCell(H, H)})
        self.attn = nn.Linear(2 * H, H)
        self.out = nn.Linear(H, V)

    def forward(self, source, target=None):
        h = torch.zeros(source.size(0), H)
        memory = []
        for t in range(source.size(1)):
            h = self.cells["encoder"](self.embed(source[:, t]), h)
            memory.append(h)
        memory = torch.stack(memory, dim=1)
        word = torch.full((source.size(0),), SOS, dtype=torch.long)
        outputs = []
        for t in range(source.size(1)):
            h = self.cells["decoder"](self.embed(word), h)
            weights = F.softmax(torch.bmm(memory, h.unsqueeze(2)).squeeze(2), dim=1)
            context = torch.bmm(weights.unsqueeze(1), memory).squeeze(1)
            logits = self.out(torch.tanh(self.attn(torch.cat([h, context], dim=-1))))
            outputs.append(logits)
            word = target[:, t] if target is not None else logits.argmax(-1)
        return torch.stack(outputs, dim=1)


model = Seq2Seq()
print(model)
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
for step in range(1, 41):
    source = torch.randint(1, V, (16, 3))
    target = source.flip(1)
    loss = criterion(model(source, target).view(-1, V), target.reshape(-1))
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)
    optimizer.step()
    if step % 10 == 0:
        print(step, f"{loss.item():.3f}")
test = torch.tensor([[1, 2, 3], [5, 4, 1]])
model.eval()
with torch.no_grad():
    print(model(test).softmax(-1).max(-1).values.round(decimals=2))
