"""A bandit with three arms learns by policy gradient which arm pays; distributions draw and give log-probabilities."""

import torch
from torch.distributions import Categorical, Normal, kl_divergence

torch.manual_seed(0)
logits = torch.zeros(3, requires_grad=True)
optimizer = torch.optim.Adam([logits], lr=0.1)
pays = torch.tensor([0.0, 1.0, 0.2])
for _ in range(40):
    policy = Categorical(logits=logits)
    arm = policy.sample()
    loss = -policy.log_prob(arm) * (pays[arm] + 0.1 * torch.randn(())) - 0.01 * policy.entropy()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(policy.probs, policy.entropy().item(), policy)
print(Categorical(torch.tensor([0.25, 0.75])).sample((10,)), policy.log_prob(torch.tensor([0, 1, 2])))

mean, log_std = torch.zeros(2, requires_grad=True), torch.zeros(2, requires_grad=True)
belief = Normal(mean, log_std.exp())
distance = kl_divergence(belief, Normal(torch.tensor([1.0, -1.0]), torch.tensor([0.5, 2.0]))).sum()
distance.backward(retain_graph=True)
print(distance, mean.grad, log_std.grad)
action = belief.rsample()
(action * action).sum().backward()
print(belief.log_prob(action.detach()).sum().item(), mean.grad, belief.cdf(torch.zeros(2)), belief)

coin = torch.distributions.Bernoulli(torch.tensor([0.2, 0.9]))
print(coin.log_prob(torch.tensor([1.0, 1.0])), coin.entropy(), coin.sample(), coin.variance)
for wrong in (lambda: Normal(0.0, -1.0), lambda: policy.log_prob(torch.tensor(3)), lambda: Categorical()):
    try:
        wrong()
    except ValueError as error:
        print(error)
