"""Translation as on pytorch.org: vocabularies, a GRU that reads, one with attention that writes, teacher forcing."""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import optim
from torch.utils.data import DataLoader, RandomSampler, TensorDataset

SOS_token, EOS_token, MAX_LENGTH = 0, 1, 6


class Lang:
    def __init__(self, name):
        self.name, self.word2index, self.word2count, self.index2word, self.n_words = (
            name,
            {},
            {},
            {0: "SOS", 1: "EOS"},
            2,
        )

    def addSentence(self, sentence):
        for word in sentence.split(" "):
            self.addWord(word)

    def addWord(self, word):
        if word not in self.word2index:
            self.word2index[word] = self.n_words
            self.word2count[word] = 1
            self.index2word[self.n_words] = word
            self.n_words += 1
        else:
            self.word2count[word] += 1


pairs = [
    ("je suis la", "i am here"),
    ("je suis tard", "i am late"),
    ("tu es la", "you are here"),
    ("tu es tard", "you are late"),
    ("il est la", "he is here"),
    ("elle est tard", "she is late"),
]
a, b = Lang("fra"), Lang("eng")
for p in pairs:
    a.addSentence(p[0])
    b.addSentence(p[1])
print("Counted words:", a.name, a.n_words, b.name, b.n_words)


class EncoderRNN(nn.Module):
    def __init__(self, input_size, hidden_size, dropout_p=0.1):
        super(EncoderRNN, self).__init__()
        self.hidden_size = hidden_size
        self.embedding = nn.Embedding(input_size, hidden_size)
        self.gru = nn.GRU(hidden_size, hidden_size, batch_first=True)
        self.dropout = nn.Dropout(dropout_p)

    def forward(self, input):
        embedded = self.dropout(self.embedding(input))
        output, hidden = self.gru(embedded)
        return output, hidden


class BahdanauAttention(nn.Module):
    def __init__(self, hidden_size):
        super().__init__()
        self.Wa, self.Ua, self.Va = (
            nn.Linear(hidden_size, hidden_size),
            nn.Linear(hidden_size, hidden_size),
            nn.Linear(hidden_size, 1),
        )

    def forward(self, query, keys):
        scores = self.Va(torch.tanh(self.Wa(query) + self.Ua(keys)))
        scores = scores.squeeze(2).unsqueeze(1)
        weights = F.softmax(scores, dim=-1)
        context = torch.bmm(weights, keys)
        return context, weights


class AttnDecoderRNN(nn.Module):
    def __init__(self, hidden_size, output_size, dropout_p=0.1):
        super().__init__()
        self.embedding = nn.Embedding(output_size, hidden_size)
        self.attention = BahdanauAttention(hidden_size)
        self.gru = nn.GRU(2 * hidden_size, hidden_size, batch_first=True)
        self.out = nn.Linear(hidden_size, output_size)
        self.dropout = nn.Dropout(dropout_p)

    def forward(self, encoder_outputs, encoder_hidden, target_tensor=None):
        batch_size = encoder_outputs.size(0)
        decoder_input = torch.empty(batch_size, 1, dtype=torch.long).fill_(SOS_token)
        decoder_hidden, decoder_outputs, attentions = encoder_hidden, [], []
        for i in range(MAX_LENGTH):
            decoder_output, decoder_hidden, attn_weights = self.forward_step(
                decoder_input, decoder_hidden, encoder_outputs
            )
            decoder_outputs.append(decoder_output)
            attentions.append(attn_weights)
            if target_tensor is not None:
                decoder_input = target_tensor[:, i].unsqueeze(1)
            else:
                _, topi = decoder_output.topk(1)
                decoder_input = topi.squeeze(-1).detach()
        decoder_outputs = F.log_softmax(torch.cat(decoder_outputs, dim=1), dim=-1)
        return decoder_outputs, decoder_hidden, torch.cat(attentions, dim=1)

    def forward_step(self, input, hidden, encoder_outputs):
        embedded = self.dropout(self.embedding(input))
        query = hidden.permute(1, 0, 2)
        context, attn_weights = self.attention(query, encoder_outputs)
        output, hidden = self.gru(torch.cat((embedded, context), dim=2), hidden)
        return self.out(output), hidden, attn_weights


n = len(pairs)
input_ids, target_ids = np.zeros((n, MAX_LENGTH), dtype=np.int32), np.zeros((n, MAX_LENGTH), dtype=np.int32)
for idx, (inp, tgt) in enumerate(pairs):
    i = [a.word2index[w] for w in inp.split()] + [EOS_token]
    t = [b.word2index[w] for w in tgt.split()] + [EOS_token]
    input_ids[idx, : len(i)] = i
    target_ids[idx, : len(t)] = t
torch.manual_seed(1)
train_data = TensorDataset(torch.LongTensor(input_ids), torch.LongTensor(target_ids))
train_dataloader = DataLoader(train_data, sampler=RandomSampler(train_data), batch_size=3)
encoder, decoder = EncoderRNN(a.n_words, 16), AttnDecoderRNN(16, b.n_words)
opt1, opt2 = optim.Adam(encoder.parameters(), lr=0.02), optim.Adam(decoder.parameters(), lr=0.02)
criterion = nn.NLLLoss()
for epoch in range(1, 31):
    total = 0
    for input_tensor, target_tensor in train_dataloader:
        opt1.zero_grad()
        opt2.zero_grad()
        eo, eh = encoder(input_tensor)
        do, _, _ = decoder(eo, eh, target_tensor)
        loss = criterion(do.view(-1, do.size(-1)), target_tensor.view(-1))
        loss.backward()
        opt1.step()
        opt2.step()
        total += loss.item()
    if epoch % 10 == 0:
        print(epoch, f"{total / len(train_dataloader):.3f}")
encoder.eval()
decoder.eval()
with torch.no_grad():
    eo, eh = encoder(train_data[0][0].unsqueeze(0))
    do, _, attn = decoder(eo, eh)
    _, topi = do.topk(1)
    words = []
    for idx in topi.squeeze():
        if idx.item() == EOS_token:
            words.append("<EOS>")
            break
        words.append(b.index2word[idx.item()])
    print(words, attn.shape, attn.sum(-1)[0, :2])
