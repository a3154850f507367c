"""LoRA: wrap linear layers by setattr over named_modules, train the small matrices only, merge, and compare."""

import math

import torch
import torch.nn as nn


class LoRALinear(nn.Module):
    def __init__(self, base: nn.Linear, r: int = 2, alpha: int = 4):
        super().__init__()
        self.base = base
        for p in self.base.parameters():
            p.requires_grad_(False)
        self.lora_A = nn.Parameter(torch.empty(r, base.in_features))
        self.lora_B = nn.Parameter(torch.zeros(base.out_features, r))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.scaling = alpha / r

    def forward(self, x):
        return self.base(x) + (x @ self.lora_A.T @ self.lora_B.T) * self.scaling

    @torch.no_grad()
    def merge(self):
        self.base.weight += (self.lora_B @ self.lora_A) * self.scaling
        return self.base

    def extra_repr(self):
        return f"r={self.lora_A.shape[0]}, scaling={self.scaling}"


def inject(model, r=2):
    for name, module in list(model.named_modules()):
        if isinstance(module, nn.Linear):
            parent_name, _, child = name.rpartition(".")
            parent = model.get_submodule(parent_name) if parent_name else model
            setattr(parent, child, LoRALinear(module, r))


torch.manual_seed(8)
model = nn.Sequential(nn.Sequential(nn.Linear(4, 8), nn.Tanh()), nn.Linear(8, 1))
inject(model)
print(model)
trainable = [n for n, p in model.named_parameters() if p.requires_grad]
print(
    trainable,
    sum(p.numel() for p in model.parameters() if p.requires_grad),
    "of",
    sum(p.numel() for p in model.parameters()),
)
x = torch.randn(32, 4)
y = x[:, :1] * 0.5 - 0.2
frozen = model[1].base.weight.clone()
opt = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=0.05)
for step in range(20):
    loss = nn.functional.mse_loss(model(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 5 == 4:
        print(step, f"{loss.item():.4f}")
print(
    torch.equal(frozen, model[1].base.weight), {k: tuple(v.shape) for k, v in model.state_dict().items() if "lora" in k}
)
before = model(x)
for name, module in list(model.named_modules()):
    for child, sub in list(module.named_children()):
        if isinstance(sub, LoRALinear):
            setattr(module, child, sub.merge())
print(model)
print(torch.allclose(before, model(x), atol=1e-6))
