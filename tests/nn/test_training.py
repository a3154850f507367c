"""Small networks, started from the same weights by way of NumPy, train as on PyTorch, to the accuracy of float32."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

import autovis

pytestmark = pytest.mark.torch


def perceptron(nn: ModuleType) -> Any:
    return nn.Sequential(nn.Linear(6, 12), nn.Tanh(), nn.Linear(12, 8), nn.ReLU(), nn.Linear(8, 3))


def normalised(nn: ModuleType) -> Any:
    return nn.Sequential(
        *(nn.Linear(6, 10, bias=False), nn.BatchNorm1d(10), nn.ELU(), nn.Linear(10, 8), nn.LayerNorm(8), nn.GELU()),
        nn.Linear(8, 3, bias=False),
    )


def autoencoder(nn: ModuleType) -> Any:
    encoder = nn.Sequential(nn.Linear(6, 4), nn.SiLU(), nn.Linear(4, 2))
    return nn.Sequential(encoder, nn.Sequential(nn.Linear(2, 4), nn.Softplus(), nn.Linear(4, 6), nn.Sigmoid()))


def convolutional(nn: ModuleType) -> Any:
    return nn.Sequential(
        *(nn.Conv2d(2, 4, 3, padding=1), nn.BatchNorm2d(4), nn.LeakyReLU(0.1), nn.MaxPool2d(2)),
        *(nn.Conv2d(4, 4, 3, groups=2, stride=2, padding=1), nn.PReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()),
        nn.Linear(4, 3),
    )


def decoder(nn: ModuleType) -> Any:
    return nn.Sequential(
        *(nn.Conv2d(2, 4, 4, stride=2, padding=1), nn.Hardtanh(), nn.AvgPool2d(2)),
        *(nn.ConvTranspose2d(4, 3, 4, stride=2, padding=1), nn.ReLU6(), nn.ConvTranspose2d(3, 2, 2, stride=2)),
    )


def rows(nn: ModuleType) -> Any:
    return nn.Sequential(
        nn.Embedding(7, 6, padding_idx=0), nn.Conv1d(5, 4, 3, padding=1), nn.SELU(), nn.Flatten(), nn.Linear(24, 3)
    )


def recurrent(kind: str, **more: Any) -> Any:
    def build(nn: ModuleType) -> Any:
        class Reader(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.table = nn.Embedding(7, 4)
                self.memory = getattr(nn, kind)(4, 5, **more)
                self.out = nn.Linear(10 if more.get("bidirectional") else 5, 3)

            def forward(self, words: Any) -> Any:
                x = self.table(words)
                if not kind.endswith("Cell"):
                    return self.out(self.memory(x.transpose(0, 1))[0][-1])
                state = None
                for step in range(x.shape[1]):
                    state = self.memory(x[:, step], state)
                return self.out(state[0] if isinstance(state, tuple) else state)

        return Reader()

    return build


def draw(seed: int) -> dict[str, Any]:
    """Return inputs and targets of all sorts, as arrays."""
    rng = np.random.default_rng(seed)
    return {
        "numbers": rng.normal(size=(16, 6)).astype(np.float32),
        "shares": rng.random((16, 6)).astype(np.float32),
        "images": rng.normal(size=(16, 2, 8, 8)).astype(np.float32),
        "words": rng.integers(0, 7, (16, 5)),
        "classes": rng.integers(0, 3, 16),
    }


CE = ("CrossEntropyLoss", {})
NETWORKS = {
    "perceptron": (perceptron, "numbers", "classes", CE, ("SGD", {"lr": 0.1, "momentum": 0.9})),
    "smoothed": (
        perceptron, "numbers", "classes", ("CrossEntropyLoss", {"label_smoothing": 0.1}), ("AdamW", {"lr": 0.01}),
    ),
    "normalised": (normalised, "numbers", "classes", CE, ("Adam", {"lr": 0.01})),
    "autoencoder": (autoencoder, "shares", "shares", ("MSELoss", {}), ("Adam", {"lr": 0.02})),
    "surprise": (autoencoder, "shares", "shares", ("BCELoss", {"reduction": "sum"}), ("SGD", {"lr": 0.02})),
    "huber": (autoencoder, "shares", "shares", ("HuberLoss", {"delta": 0.2}), ("RMSprop", {"lr": 0.01})),
    "absolute": (autoencoder, "shares", "shares", ("SmoothL1Loss", {"beta": 0.1}), ("Adagrad", {"lr": 0.05})),
    "convolutional": (convolutional, "images", "classes", CE, ("SGD", {"lr": 0.05, "weight_decay": 0.01})),
    "decoder": (decoder, "images", "images", ("L1Loss", {}), ("Adam", {"lr": 0.01})),
    "rows": (rows, "words", "classes", CE, ("SGD", {"lr": 0.1, "momentum": 0.5, "nesterov": True})),
    "rnn cell": (recurrent("RNNCell"), "words", "classes", CE, ("SGD", {"lr": 0.1})),
    "lstm cell": (recurrent("LSTMCell"), "words", "classes", CE, ("Adam", {"lr": 0.02})),
    "gru cell": (recurrent("GRUCell"), "words", "classes", CE, ("Adam", {"lr": 0.02})),
    "rnn": (recurrent("RNN", nonlinearity="relu"), "words", "classes", CE, ("SGD", {"lr": 0.05})),
    "lstm": (recurrent("LSTM", num_layers=2), "words", "classes", CE, ("Adam", {"lr": 0.02})),
    "gru": (recurrent("GRU", bidirectional=True), "words", "classes", CE, ("Adam", {"lr": 0.02})),
}  # fmt: skip


def arrays(network: Any) -> dict[str, Any]:
    return {name: np.array(value.detach().numpy()) for name, value in network.state_dict().items()}


def train(library: ModuleType, network: Any, row: tuple[Any, ...]) -> list[float]:
    """Train 50 steps; return the loss of each."""
    _, given, wanted, (loss, arguments), (optimizer, settings) = row
    data = {name: library.tensor(array) for name, array in draw(0).items()}
    criterion = getattr(library.nn, loss)(**arguments)
    steps = getattr(library.optim, optimizer)(network.parameters(), **settings)
    losses = []
    for _ in range(50):
        steps.zero_grad()
        value = criterion(network(data[given]), data[wanted])
        value.backward()
        steps.step()
        losses.append(value.item())
    return losses


@pytest.mark.parametrize("row", NETWORKS.values(), ids=NETWORKS)
def test_fifty_steps_of_training_equal_pytorchs(row: tuple[Any, ...]) -> None:
    torch.manual_seed(1)
    theirs, ours = row[0](torch.nn), row[0](autovis.nn)
    ours.load_state_dict({name: autovis.tensor(value) for name, value in arrays(theirs).items()})
    expected = train(torch, theirs, row)
    np.testing.assert_allclose(train(autovis, ours, row), expected, rtol=2e-4, atol=2e-6)
    assert expected[-1] < expected[0]
    assert list(ours.state_dict()) == list(theirs.state_dict())
    for name, value in arrays(theirs).items():
        np.testing.assert_allclose(arrays(ours)[name], value, rtol=2e-3, atol=2e-4, err_msg=name)


@pytest.mark.parametrize("row", NETWORKS.values(), ids=NETWORKS)
def test_trained_weights_go_back_to_pytorch(row: tuple[Any, ...]) -> None:
    autovis.manual_seed(2)
    ours, theirs = row[0](autovis.nn), row[0](torch.nn)
    train(autovis, ours, row)
    answer = theirs.load_state_dict({name: torch.from_numpy(value) for name, value in arrays(ours).items()})
    assert str(answer) == "<All keys matched successfully>"
    given = draw(3)[row[1]]
    mine = ours.eval()(autovis.tensor(given)).detach().numpy()
    np.testing.assert_allclose(mine, theirs.eval()(torch.tensor(given)).detach().numpy(), rtol=1e-3, atol=1e-4)
