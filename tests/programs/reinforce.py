"""Policy gradient on a bandit with three arms; the policy samples for itself."""

import torch
import torch.nn as nn

torch.manual_seed(25)
payoff = torch.tensor([0.2, 0.5, 0.9])
policy = nn.Sequential(nn.Linear(1, 8), nn.Tanh(), nn.Linear(8, 3), nn.Softmax(dim=-1))
optimizer = torch.optim.Adam(policy.parameters(), lr=0.05)
baseline = 0.0
for episode in range(30):
    probs = policy(torch.ones(16, 1))
    actions = torch.multinomial(probs, 1).squeeze(1)
    rewards = torch.bernoulli(payoff[actions])
    log_probs = probs.gather(1, actions.unsqueeze(1)).squeeze(1).log()
    entropy = -(probs * probs.log()).sum(-1).mean()
    loss = -(log_probs * (rewards - baseline)).mean() - 0.01 * entropy
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    baseline = 0.9 * baseline + 0.1 * rewards.mean().item()
    if episode % 10 == 9:
        print(f"{episode + 1:3d} reward {rewards.mean():.3f} entropy {entropy.item():.4f} {probs[0].tolist()[2]:.4f}")
returns, R = [], 0.0
for r in [1.0, 0.0, 2.0][::-1]:
    R = r + 0.9 * R
    returns.insert(0, R)
returns = torch.tensor(returns)
print((returns - returns.mean()) / (returns.std() + 1e-8))
