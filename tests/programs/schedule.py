"""Learning rates step by step, warm-up, cosine."""

import torch
from torch.optim import SGD
from torch.optim.lr_scheduler import CosineAnnealingLR, LambdaLR, StepLR

makers = {
    "step": lambda o: StepLR(o, step_size=3, gamma=0.5),
    "lambda": lambda o: LambdaLR(o, lr_lambda=lambda epoch: min(1.0, (epoch + 1) / 4)),
    "cosine": lambda o: CosineAnnealingLR(o, T_max=8, eta_min=0.01),
}
for name, make in makers.items():
    w = torch.tensor([2.0, -1.0], requires_grad=True)
    optimizer = SGD([w], lr=0.4)
    scheduler = make(optimizer)
    rates = []
    for epoch in range(8):
        optimizer.zero_grad()
        (w * w).sum().backward()
        optimizer.step()
        rates.append(round(optimizer.param_groups[0]["lr"], 5))
        scheduler.step()
    print(name, rates, scheduler.get_last_lr(), w.data)
