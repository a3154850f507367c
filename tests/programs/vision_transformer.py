"""A small vision transformer: patches by unfold and by convolution, class token, positions, multi-head attention written out."""

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(17)


class PatchEmbed(nn.Module):
    def __init__(self, img=8, patch=4, dim=16):
        super().__init__()
        self.n = (img // patch) ** 2
        self.proj = nn.Conv2d(1, dim, kernel_size=patch, stride=patch)

    def forward(self, x):
        return self.proj(x).flatten(2).transpose(1, 2)


class Attention(nn.Module):
    def __init__(self, dim, heads=4, dropout=0.0):
        super().__init__()
        self.heads, self.scale = heads, (dim // heads) ** -0.5
        self.qkv = nn.Linear(dim, dim * 3, bias=False)
        self.out = nn.Sequential(nn.Linear(dim, dim), nn.Dropout(dropout))

    def forward(self, x):
        b, n, d = x.shape
        qkv = self.qkv(x).reshape(b, n, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        q, k, v = qkv[0], qkv[1], qkv[2]
        attn = ((q @ k.transpose(-2, -1)) * self.scale).softmax(dim=-1)
        out = (attn @ v).transpose(1, 2).reshape(b, n, d)
        assert torch.allclose(out, F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, n, d), atol=1e-5)
        return self.out(out)


class PreNorm(nn.Module):
    def __init__(self, dim, fn):
        super().__init__()
        self.norm, self.fn = nn.LayerNorm(dim), fn

    def forward(self, x, **kwargs):
        return self.fn(self.norm(x), **kwargs)


class ViT(nn.Module):
    def __init__(self, dim=16, depth=2, classes=3):
        super().__init__()
        self.patch = PatchEmbed(dim=dim)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, dim))
        self.pos_embed = nn.Parameter(torch.zeros(1, self.patch.n + 1, dim))
        nn.init.trunc_normal_(self.pos_embed, std=0.02)
        nn.init.trunc_normal_(self.cls_token, std=0.02)
        self.layers = nn.ModuleList([])
        for _ in range(depth):
            mlp = nn.Sequential(nn.Linear(dim, dim * 2), nn.GELU(), nn.Linear(dim * 2, dim))
            self.layers.append(nn.ModuleList([PreNorm(dim, Attention(dim)), PreNorm(dim, mlp)]))
        self.mlp_head = nn.Sequential(nn.LayerNorm(dim), nn.Linear(dim, classes))

    def forward(self, img):
        x = self.patch(img)
        x = torch.cat((self.cls_token.expand(x.shape[0], -1, -1), x), dim=1) + self.pos_embed
        for attn, ff in self.layers:
            x = attn(x) + x
            x = ff(x) + x
        return self.mlp_head(x[:, 0])


model = ViT()
print(model)
print(sum(p.numel() for p in model.parameters()), model.pos_embed[0, 0, :3], model.cls_token.is_leaf)
y = torch.arange(24) % 3
x = torch.randn(24, 1, 8, 8) + y.view(-1, 1, 1, 1)
patches = x.unfold(2, 4, 4).unfold(3, 4, 4) if hasattr(x, "unfold") else None
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.05)
for step in range(12):
    loss = F.cross_entropy(model(x), y, label_smoothing=0.1)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    if step % 4 == 3:
        print(step, f"{loss.item():.4f}")
