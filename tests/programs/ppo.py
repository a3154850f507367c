"""PPO pieces as CleanRL writes them: orthogonal layer_init, shared trunk, clipped ratio, entropy, advantage, minibatches."""

import numpy as np
import torch
import torch.nn as nn
import torch.optim as optim


def layer_init(layer, std=2**0.5, bias_const=0.0):
    torch.nn.init.orthogonal_(layer.weight, std)
    torch.nn.init.constant_(layer.bias, bias_const)
    return layer


class Agent(nn.Module):
    def __init__(self, obs=4, actions=2):
        super().__init__()
        self.critic = nn.Sequential(layer_init(nn.Linear(obs, 16)), nn.Tanh(), layer_init(nn.Linear(16, 1), std=1.0))
        self.actor = nn.Sequential(
            layer_init(nn.Linear(obs, 16)), nn.Tanh(), layer_init(nn.Linear(16, actions), std=0.01)
        )

    def get_value(self, x):
        return self.critic(x)

    def get_action_and_value(self, x, action=None):
        logits = self.actor(x)
        logp = logits.log_softmax(-1)
        probs = logp.exp()
        if action is None:
            action = torch.multinomial(probs, 1).squeeze(-1)
        chosen = logp.gather(1, action.unsqueeze(1)).squeeze(1)
        return action, chosen, -(probs * logp).sum(-1), self.critic(x)


torch.manual_seed(1)
np.random.seed(1)
agent = Agent()
w = agent.actor[0].weight
print(torch.allclose(w.T @ w, 2 * torch.eye(4), atol=1e-5))
optimizer = optim.Adam(agent.parameters(), lr=2.5e-3, eps=1e-5)
num_steps, gamma, lam = 32, 0.99, 0.95
for update in range(1, 4):
    optimizer.param_groups[0]["lr"] = (1.0 - (update - 1.0) / 3) * 2.5e-3
    obs = torch.randn(num_steps, 4)
    with torch.no_grad():
        actions, logprobs, _, values = agent.get_action_and_value(obs)
        values = values.flatten()
        rewards = (actions == (obs[:, 0] > 0).long()).float()
        advantages = torch.zeros_like(rewards)
        lastgaelam = 0
        for t in reversed(range(num_steps - 1)):
            delta = rewards[t] + gamma * values[t + 1] - values[t]
            advantages[t] = lastgaelam = delta + gamma * lam * lastgaelam
        returns = advantages + values
    b_inds = np.arange(num_steps)
    clipfracs = []
    for epoch in range(3):
        np.random.shuffle(b_inds)
        for start in range(0, num_steps, 16):
            mb_inds = b_inds[start : start + 16]
            _, newlogprob, entropy, newvalue = agent.get_action_and_value(obs[mb_inds], actions.long()[mb_inds])
            logratio = newlogprob - logprobs[mb_inds]
            ratio = logratio.exp()
            with torch.no_grad():
                approx_kl = ((ratio - 1) - logratio).mean()
                clipfracs += [((ratio - 1.0).abs() > 0.2).float().mean().item()]
            mb_advantages = advantages[mb_inds]
            mb_advantages = (mb_advantages - mb_advantages.mean()) / (mb_advantages.std() + 1e-8)
            pg_loss1 = -mb_advantages * ratio
            pg_loss2 = -mb_advantages * torch.clamp(ratio, 1 - 0.2, 1 + 0.2)
            pg_loss = torch.max(pg_loss1, pg_loss2).mean()
            v_loss = 0.5 * ((newvalue.view(-1) - returns[mb_inds]) ** 2).mean()
            loss = pg_loss - 0.01 * entropy.mean() + v_loss * 0.5
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(agent.parameters(), 0.5)
            optimizer.step()
    print(
        f"{update} v {v_loss.item():.4f} p {pg_loss.item():.4f} ent {entropy.mean().item():.4f} reward {rewards.mean().item():.3f}"
    )
