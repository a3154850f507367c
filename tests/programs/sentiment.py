"""Sentences of different lengths: vocabulary, padding in collate_fn, embedding with padding_idx, bidirectional GRU, BCE."""

from collections import Counter

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader, Dataset

reviews = [
    ("a great film with a great cast", 1),
    ("boring and much too long", 0),
    ("i loved every minute", 1),
    ("a waste of time", 0),
    ("great fun", 1),
    ("bad acting and a bad story", 0),
    ("loved it", 1),
    ("too long and boring", 0),
]
counter = Counter(w for text, _ in reviews for w in text.split())
vocab = {"<pad>": 0, "<unk>": 1}
for word, freq in sorted(counter.items(), key=lambda kv: (-kv[1], kv[0])):
    vocab[word] = len(vocab)


class ReviewDataset(Dataset):
    def __init__(self, data, vocab):
        self.data, self.vocab = data, vocab

    def __len__(self):
        return len(self.data)

    def __getitem__(self, idx):
        text, label = self.data[idx]
        ids = [self.vocab.get(w, self.vocab["<unk>"]) for w in text.split()]
        return torch.tensor(ids, dtype=torch.long), torch.tensor(label, dtype=torch.float)


def collate(batch):
    texts, labels = zip(*batch)
    lengths = torch.tensor([len(t) for t in texts])
    return pad_sequence(texts, batch_first=True, padding_value=0), torch.stack(labels), lengths


class GRUClassifier(nn.Module):
    def __init__(self, vocab_size, embed_dim, hidden_dim):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embed_dim, padding_idx=0)
        self.gru = nn.GRU(embed_dim, hidden_dim, batch_first=True, bidirectional=True)
        self.dropout = nn.Dropout(0.2)
        self.fc = nn.Linear(hidden_dim * 2, 1)

    def forward(self, x):
        embedded = self.dropout(self.embedding(x))
        output, hidden = self.gru(embedded)
        hidden = torch.cat((hidden[-2], hidden[-1]), dim=1)
        return self.fc(hidden).squeeze(1)


torch.manual_seed(3)
loader = DataLoader(ReviewDataset(reviews, vocab), batch_size=4, shuffle=True, collate_fn=collate)
model = GRUClassifier(len(vocab), 8, 6)
print(model)
print(model.embedding.weight[0])
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.AdamW(model.parameters(), lr=0.05)
for epoch in range(8):
    epoch_loss = 0.0
    model.train()
    for texts, labels, lengths in loader:
        optimizer.zero_grad()
        predictions = model(texts)
        loss = criterion(predictions, labels)
        loss.backward()
        optimizer.step()
        epoch_loss += loss.item()
    if epoch % 2 == 1:
        print(epoch, f"{epoch_loss / len(loader):.3f}", lengths.tolist(), texts.shape)
model.eval()
with torch.no_grad():
    texts, labels, _ = collate([ReviewDataset(reviews, vocab)[i] for i in range(8)])
    rounded = torch.round(torch.sigmoid(model(texts)))
    print((rounded == labels).sum().item(), "of", len(labels))
print(model.embedding.weight[0].abs().sum())
