"""Questions from forums: shapes that broadcast, forgotten zero_grad, detach, double and float, wrong targets."""

import warnings

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)
warnings.simplefilter("always")
x, y = torch.randn(8, 3), torch.randn(8)
model = nn.Linear(3, 1)


def attempt(title, f):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = f()
        except Exception as e:  # noqa: BLE001
            result = f"{type(e).__name__}: {e}"
    print(f"[{title}]", result)
    for w in caught:
        print("   warned:", str(w.message).split("\n")[0])


attempt("target of another shape", lambda: nn.MSELoss()(model(x), y).shape)
attempt("squeezed", lambda: nn.MSELoss()(model(x).squeeze(-1), y).shape)
attempt("wrong features", lambda: model(torch.randn(8, 4)))
attempt("numpy input", lambda: model(x.numpy()))
attempt("double input", lambda: model(x.double()))
attempt("long input", lambda: model(torch.ones(2, 3).long()))
attempt("missing call", lambda: nn.MSELoss(model(x), y))
attempt("class instead of instance", lambda: nn.Sequential(nn.Linear(3, 3), nn.ReLU))
attempt("list instead of modules", lambda: nn.Sequential([nn.Linear(3, 3), nn.ReLU()]))
attempt("one-hot target", lambda: F.cross_entropy(torch.randn(2, 3), torch.tensor([[0, 1, 0], [1, 0, 0]])))
attempt("column target", lambda: F.cross_entropy(torch.randn(2, 3), torch.tensor([[0], [1]])))
attempt("float target", lambda: F.cross_entropy(torch.randn(2, 3), torch.tensor([0.0, 1.0])))
attempt("class too large", lambda: F.cross_entropy(torch.randn(2, 3), torch.tensor([0, 3])))
attempt("batch of another size", lambda: F.cross_entropy(torch.randn(2, 3), torch.tensor([0])))
attempt("no sigmoid", lambda: F.binary_cross_entropy(torch.tensor([1.2, 0.3]), torch.tensor([1.0, 0.0])))
attempt("integer target", lambda: F.binary_cross_entropy(torch.tensor([0.2, 0.3]), torch.tensor([1, 0])))
attempt("logits shape", lambda: F.binary_cross_entropy_with_logits(torch.randn(2, 1), torch.ones(2)))
attempt("logits integers", lambda: F.binary_cross_entropy_with_logits(torch.randn(2), torch.ones(2).long()))
attempt("softmax without dim", lambda: F.softmax(torch.zeros(2, 2)))
attempt("image without channels", lambda: nn.Conv2d(1, 2, 3)(torch.randn(4, 28, 28)).shape)
attempt("image channels last", lambda: nn.Conv2d(3, 2, 3)(torch.randn(1, 8, 8, 3)))
attempt("image too small", lambda: nn.Conv2d(1, 2, 5)(torch.randn(1, 1, 4, 4)))
attempt("pooled to nothing", lambda: nn.MaxPool2d(2)(torch.randn(1, 1, 1, 1)))
attempt("batch norm of one", lambda: nn.BatchNorm1d(3)(torch.randn(1, 3)))
attempt("batch norm of images", lambda: nn.BatchNorm1d(3)(torch.randn(2, 3, 4, 4)))
attempt("index too large", lambda: nn.Embedding(3, 2)(torch.tensor([3])))
attempt("float index", lambda: nn.Embedding(3, 2)(torch.tensor([1.0])))
attempt("flattened wrong", lambda: nn.Linear(16, 2)(torch.randn(1, 4, 4).view(-1, 8)))
attempt(
    "list of layers is not registered",
    lambda: list(
        type(
            "M",
            (nn.Module,),
            {"__init__": lambda s: (nn.Module.__init__(s), setattr(s, "layers", [nn.Linear(1, 1)]))[0]},
        )().parameters()
    ),
)
attempt("optimizer without parameters", lambda: torch.optim.SGD(nn.ReLU().parameters(), lr=0.1))
attempt("no super", lambda: type("M", (nn.Module,), {"__init__": lambda s: setattr(s, "fc", nn.Linear(1, 1))})())
attempt("no forward", lambda: type("M", (nn.Module,), {})()(1))
attempt("misspelt", lambda: model.wieght)
attempt("numpy of parameter", lambda: model.weight.numpy())
attempt("tensor as parameter", lambda: setattr(model, "weight", torch.ones(1, 3)))
attempt("old size_average", lambda: nn.MSELoss(size_average=False)(torch.ones(2), torch.zeros(2)))
attempt("old init", lambda: nn.init.xavier_uniform(torch.empty(2, 2)).shape)
attempt("lstm input", lambda: nn.LSTM(3, 2)(torch.randn(4, 1, 5)))
attempt("lstm state", lambda: nn.LSTM(3, 2)(torch.randn(4, 1, 3), (torch.zeros(1, 2, 2), torch.zeros(1, 2, 2))))
attempt("lstm cell", lambda: nn.LSTMCell(3, 2)(torch.randn(4, 5)))
attempt("dataset without len", lambda: len(torch.utils.data.DataLoader(torch.utils.data.Dataset())))
attempt(
    "different sizes in a batch",
    lambda: next(iter(torch.utils.data.DataLoader([torch.ones(2), torch.ones(3)], batch_size=2))),
)
attempt("objects in a batch", lambda: next(iter(torch.utils.data.DataLoader([None, None], batch_size=2))))
attempt("shuffle and sampler", lambda: torch.utils.data.DataLoader([1, 2], shuffle=True, sampler=[0]))
attempt("split", lambda: torch.utils.data.random_split(range(5), [2, 2]))
