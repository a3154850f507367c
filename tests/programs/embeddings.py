"""Word vectors by predicting the word between its neighbours."""

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(20)
text = "we are not what we know but what we are willing to learn".split()
vocab = sorted(set(text))
index = {w: i for i, w in enumerate(vocab)}
data = [([text[i - 2], text[i - 1], text[i + 1], text[i + 2]], text[i]) for i in range(2, len(text) - 2)]


class CBOW(nn.Module):
    def __init__(self, vocab_size, dim):
        super().__init__()
        self.embeddings = nn.Embedding(vocab_size, dim)
        self.linear = nn.Linear(dim, vocab_size)

    def forward(self, words):
        return F.log_softmax(self.linear(self.embeddings(words).mean(dim=1)), dim=-1)


model = CBOW(len(vocab), 5)
loss_function = nn.NLLLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
contexts = torch.tensor([[index[w] for w in context] for context, _ in data], dtype=torch.long)
targets = torch.tensor([index[w] for _, w in data])
for epoch in range(40):
    model.zero_grad()
    loss = loss_function(model(contexts), targets)
    loss.backward()
    optimizer.step()
    if epoch % 10 == 0:
        print(f"{loss.item():.4f}")
v = F.normalize(model.embeddings.weight.detach(), dim=1)
similar = torch.einsum("id,jd->ij", v, v)
similar.fill_diagonal_(-1)
print(similar.max(dim=1).values[:4], similar.argmax(dim=1)[:4])
print([vocab[i] for i in model(contexts).argmax(1).tolist()][:3])
print(torch.cosine_similarity(v[0], v[1], dim=0))
