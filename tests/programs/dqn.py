"""Q-learning on a corridor with a replay memory, a target network and soft updates."""

import random
from collections import deque, namedtuple

import torch
import torch.nn as nn
import torch.optim as optim

random.seed(14)
torch.manual_seed(14)
Transition = namedtuple("Transition", ("state", "action", "next_state", "reward"))
memory = deque([], maxlen=200)


class DQN(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 2))

    def forward(self, x):
        return self.net(x)


policy_net, target_net = DQN(), DQN()
target_net.load_state_dict(policy_net.state_dict())
target_net.eval()
optimizer = optim.AdamW(policy_net.parameters(), lr=1e-2, amsgrad=True)
one_hot = torch.eye(5)
GAMMA, TAU, BATCH = 0.9, 0.05, 16


def select_action(place):
    if random.random() < 0.3:
        return torch.tensor([[random.randrange(2)]], dtype=torch.long)
    with torch.no_grad():
        return policy_net(one_hot[place].unsqueeze(0)).max(1).indices.view(1, 1)


def optimize():
    if len(memory) < BATCH:
        return None
    batch = Transition(*zip(*random.sample(memory, BATCH)))
    mask = torch.tensor([s is not None for s in batch.next_state], dtype=torch.bool)
    following = torch.cat([s for s in batch.next_state if s is not None])
    values = policy_net(torch.cat(batch.state)).gather(1, torch.cat(batch.action))
    next_values = torch.zeros(BATCH)
    with torch.no_grad():
        next_values[mask] = target_net(following).max(1).values
    expected = next_values * GAMMA + torch.cat(batch.reward)
    loss = nn.SmoothL1Loss()(values, expected.unsqueeze(1))
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_value_(policy_net.parameters(), 100)
    optimizer.step()
    return loss.item()


for episode in range(8):
    place, steps = 0, 0
    while place != 4 and steps < 20:
        action = select_action(place)
        following = max(0, place + (1 if action.item() else -1))
        done = following == 4
        memory.append(
            Transition(
                one_hot[[place]], action, None if done else one_hot[[following]], torch.tensor([1.0 if done else -0.1])
            )
        )
        place, steps = following, steps + 1
        loss = optimize()
        target_state, policy_state = target_net.state_dict(), policy_net.state_dict()
        for key in policy_state:
            target_state[key] = policy_state[key] * TAU + target_state[key] * (1 - TAU)
        target_net.load_state_dict(target_state)
    print(episode, steps, None if loss is None else f"{loss:.4f}")
print(policy_net(one_hot))
