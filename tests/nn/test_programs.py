"""Programs with layers print what they print on PyTorch: weights drawn from a seed, outputs, gradients, errors."""

from __future__ import annotations

import contextlib
import io
import warnings
from types import ModuleType

import pytest
import torch

import autovis

pytestmark = pytest.mark.torch


def output(program: str, library: ModuleType) -> str:
    """Run a program line by line with `torch` as the given library; return what it prints, warnings and errors too."""
    names = {"torch": library, "nn": library.nn, "F": library.nn.functional, "optim": library.optim}
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        library.manual_seed(0)
        try:
            exec(program, names)
        except Exception as error:  # noqa: BLE001, which one is what the test is about
            print(type(error).__name__, str(error).splitlines()[0])
    told = [f"{w.category.__name__}: {str(w.message).split(' (Triggered')[0]}" for w in caught]
    return "\n".join([printed.getvalue(), *told])


REPRS = """
nn.Linear(2, 3); nn.Linear(2, 3, bias=False); nn.Conv2d(1, 2, 3); nn.Conv1d(4, 2, 3, stride=2, groups=2)
nn.Conv2d(1, 2, (3, 2), stride=2, padding=1, dilation=2, bias=False); nn.Conv2d(1, 2, 3, padding='same')
nn.ConvTranspose2d(1, 2, 3); nn.ConvTranspose2d(1, 2, 3, stride=2, output_padding=1)
nn.MaxPool2d(2); nn.MaxPool2d((2, 3), stride=1, padding=1); nn.MaxPool1d(2); nn.AvgPool2d(2); nn.AvgPool1d(2)
nn.AdaptiveAvgPool2d(1); nn.AdaptiveAvgPool2d((1, 2)); nn.ReLU(); nn.ReLU(True); nn.Sigmoid(); nn.Tanh(); nn.ELU()
nn.LeakyReLU(); nn.LeakyReLU(0.2, True); nn.GELU(); nn.SiLU(); nn.Softplus(); nn.Softplus(2, 3); nn.Softmax(1)
nn.Softmax(); nn.LogSoftmax(dim=1); nn.ReLU6(); nn.Hardtanh(); nn.LogSigmoid(); nn.SELU(); nn.PReLU(); nn.Dropout()
nn.Dropout(.2); nn.Dropout2d(); nn.Flatten(); nn.Flatten(0); nn.Unflatten(1, (2, 3)); nn.Identity(3); nn.Embedding(3, 2)
nn.Embedding(3, 2, padding_idx=-1); nn.MSELoss(); nn.CrossEntropyLoss(); nn.BCELoss(); nn.BCEWithLogitsLoss()
nn.NLLLoss(); nn.L1Loss(); nn.SmoothL1Loss(); nn.HuberLoss(); nn.KLDivLoss(); nn.Module(); nn.Sequential()
nn.Sequential(nn.Linear(1, 2), nn.Sequential(nn.ReLU(), nn.Linear(2, 1))); nn.ModuleDict({'a': nn.ReLU()})
nn.ModuleList(); nn.ModuleList([nn.Linear(1, 2), nn.Linear(1, 2), nn.ReLU()])
nn.ModuleList([nn.Sequential(nn.Linear(1, 2)), nn.Sequential(nn.Linear(1, 2))]); nn.ParameterList([torch.ones(2)])
nn.ParameterList([torch.ones(2), torch.ones(2, 3)]); nn.ParameterDict({'a': torch.ones(2)}); nn.Parameter(torch.ones(2))
nn.Sequential(nn.Linear(1, 2), nn.ReLU())[1:]; nn.Sequential(nn.Linear(1, 2), nn.ReLU())[-1]
"""


@pytest.mark.parametrize(
    "expression", [text.strip() for line in REPRS.split("\n") for text in line.split("; ") if text]
)
def test_a_module_prints_as_on_pytorch(expression: str) -> None:
    program = f"print({expression})"
    assert output(program, autovis) == output(program, torch)


MODEL = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(2, 3)
        self.scale = nn.Parameter(torch.ones(1))
        self.register_buffer("count", torch.zeros(1))
        self.body = nn.Sequential(nn.Linear(3, 3), nn.ReLU())
    def forward(self, x):
        return self.body(self.fc1(x)) * self.scale
net = Net()
"""

STATEMENTS = [
    "m = nn.Linear(2, 3); print(m.weight, m.bias, m(torch.ones(4, 2)), m(torch.ones(2)), m(torch.ones(1, 4, 2)))",
    "m = nn.Linear(30, 20); print(m.weight[:3], m.bias)",
    "m = nn.Conv2d(1, 2, 3); print(m.weight, m.bias); y = m(torch.randn(1, 1, 4, 4)); print(y); y.sum().backward();"
    " print(m.weight.grad, m.bias.grad)",
    "m = nn.Conv1d(2, 3, 2); print(m.weight, m(torch.randn(2, 2, 4)), m(torch.randn(2, 4)))",
    "m = nn.ConvTranspose2d(2, 3, 2, stride=2); print(m.weight, m(torch.randn(1, 2, 2, 2)))",
    "m = nn.Embedding(5, 3, padding_idx=1); y = m(torch.tensor([[1, 4], [4, 0]])); print(y); y.sum().backward();"
    " print(m.weight.grad)",
    "x = torch.ones(3, 4, requires_grad=True); y = F.dropout(x, 0.3); print(y); y.sum().backward(); print(x.grad)",
    "d = nn.Dropout(0.5); x = torch.ones(2, 3); print(d(x)); d.eval(); print(d(x), d(x) is x)",
    "print(F.dropout2d(torch.ones(1, 5, 2, 2), 0.5)); print(F.dropout(torch.ones(3), 1.0))",
    "m = nn.PReLU(); y = m(torch.tensor([-1.0, 0.0, 2.0])); print(y); y.sum().backward(); print(m.weight.grad)",
    "net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3)); x = torch.randn(5, 4);"
    " loss = nn.CrossEntropyLoss()(net(x), torch.tensor([0, 1, 2, 0, 1])); print(loss); loss.backward();"
    " print([p.grad for p in net.parameters()])",
    *(
        f"x = torch.randn(3, 4, requires_grad=True); y = {call}; print(y); y.sum().backward(); print(x.grad)"
        for call in (
            "F.relu(x)",
            "F.relu6(x * 5)",
            "F.hardtanh(x)",
            "F.leaky_relu(x, 0.2)",
            "F.elu(x)",
            "F.selu(x)",
            "F.gelu(x)",
            "F.gelu(x, approximate='tanh')",
            "F.silu(x)",
            "F.softplus(x)",
            "F.logsigmoid(x)",
            "F.sigmoid(x)",
            "F.tanh(x)",
            "F.softmax(x, 1) * x",
            "F.log_softmax(x, 0)",
            "F.softmax(x)",
            "F.mse_loss(x, torch.ones(3, 4))",
            "F.mse_loss(x, torch.ones(4))",
            "F.mse_loss(x, torch.ones(5))",
            "F.mse_loss(x, torch.ones(3, 4), reduction='sum')",
            "F.mse_loss(x, torch.ones(3, 4), reduction='none')",
            "F.mse_loss(x, torch.ones(3, 4), reduction='foo')",
            "F.l1_loss(x, torch.ones(3, 4))",
            "F.smooth_l1_loss(x, torch.ones(3, 4), beta=0.5)",
            "F.smooth_l1_loss(x, torch.ones(3, 4), beta=0.0)",
            "F.huber_loss(x, torch.ones(3, 4), delta=0.5)",
            "F.kl_div(F.log_softmax(x, 1), F.softmax(torch.ones(3, 4), 1), reduction='batchmean')",
            "F.kl_div(x, torch.ones(3, 4))",
            "F.binary_cross_entropy(x.sigmoid(), torch.ones(3, 4))",
            "F.binary_cross_entropy(x.sigmoid(), torch.ones(3, 4), weight=torch.arange(4.0))",
            "F.binary_cross_entropy(x * 5, torch.ones(3, 4))",
            "F.binary_cross_entropy(x.sigmoid(), torch.ones(4))",
            "F.binary_cross_entropy_with_logits(x, torch.ones(3, 4))",
            "F.binary_cross_entropy_with_logits(x, torch.ones(4))",
            "F.binary_cross_entropy_with_logits(x, torch.ones(3, 4, dtype=torch.int64))",
            "F.cross_entropy(x, torch.tensor([0, 3, 1]))",
            "F.cross_entropy(x, torch.tensor([0, 3, 1]), reduction='sum')",
            "F.cross_entropy(x, torch.tensor([0, 3, 1]), reduction='none')",
            "F.cross_entropy(x, torch.tensor([0, -100, 1]))",
            "F.cross_entropy(x, torch.tensor([0, -100, 1]), reduction='none')",
            "F.cross_entropy(x, torch.tensor([-100, -100, -100]))",
            "F.cross_entropy(x, torch.tensor([0, 3, 1]), weight=torch.tensor([1.0, 2.0, 3.0, 4.0]))",
            "F.cross_entropy(x, torch.tensor([0, 2, 2]), ignore_index=2)",
            "F.cross_entropy(x[0], torch.tensor(1))",
            "F.cross_entropy(x, torch.tensor([0, 3, 1]), label_smoothing=0.1).detach() + x.sum() * 0",
            "F.cross_entropy(x, torch.ones(3, 4) / 4).detach() + x.sum() * 0",
            "F.cross_entropy(x, torch.tensor([0, 5, 1]))",
            "F.cross_entropy(x, torch.tensor([0.0, 1.0, 2.0]))",
            "F.cross_entropy(x, torch.tensor([0]))",
            "F.cross_entropy(x, torch.tensor([0, 1, 2], dtype=torch.int32))",
            "F.cross_entropy(x, torch.tensor([0, 1, 2]), weight=torch.ones(2))",
            "F.cross_entropy(x.reshape(1, 4, 3), torch.tensor([[0, 1, 2]]))",
            "F.nll_loss(x, torch.tensor([0, 1, 2]))",
            "F.linear(x, torch.ones(2, 4))",
            "F.linear(x, torch.ones(2, 3))",
            "F.linear(x, torch.ones(2, 3), torch.ones(2))",
            "F.linear(x.double(), torch.ones(2, 4))",
            "F.dropout(x, 2)",
            "F.embedding(torch.tensor([0, 2]), x)",
            "F.embedding(torch.tensor([0, 3]), x)",
            "F.embedding(torch.tensor([0.5]), x)",
        )
    ),
    *(
        f"im = torch.randn(1, 2, 5, 5, requires_grad=True); w = torch.randn(2, 2, 3, 3); print({call})"
        for call in (
            "F.conv2d(im, w)",
            "F.conv2d(im[0], w)",
            "F.conv2d(im, w, padding='same')",
            "F.conv2d(im, w, padding='foo')",
            "F.conv2d(im, w, stride=0)",
            "F.conv2d(im, w, padding=-1)",
            "F.conv2d(im, torch.ones(2, 1, 3, 3))",
            "F.conv2d(im, torch.ones(2, 2, 6, 6))",
            "F.conv2d(im, torch.ones(2, 2, 3))",
            "F.conv2d(torch.ones(5, 5), w)",
            "F.conv2d(im.double(), w)",
            "F.conv2d(im, w, torch.ones(3))",
            "F.conv1d(im[0], torch.ones(2, 5, 3))",
            "F.conv1d(im[0, 0], torch.ones(2, 5, 3))",
            "F.max_pool2d(im, 2)",
            "F.max_pool2d(im[0], 2)",
            "F.max_pool2d(im[0, 0], 2)",
            "F.max_pool2d(im, 6)",
            "F.max_pool2d(im, 2, padding=2)",
            "F.max_pool2d(im, 2, return_indices=True)",
            "F.max_pool1d(im[0].detach(), 2)",
            "F.avg_pool2d(im, 2)",
            "F.avg_pool1d(im[0].detach(), 2)",
            "F.adaptive_avg_pool2d(im, 1)",
            "F.adaptive_avg_pool2d(im, (2, 3))",
            "F.adaptive_avg_pool2d(im, (None, 7))",
            "F.conv_transpose2d(im, w).detach()",
            "F.conv_transpose2d(im, w, torch.ones(2), stride=2, padding=1, output_padding=1).detach()",
        )
    ),
    "print(F.one_hot(torch.tensor([0, 2]))); print(F.one_hot(torch.tensor([0, 2]), 2))",
    MODEL + "print(net); print([name for name, _ in net.named_parameters()], [n for n, _ in net.named_modules()])",
    MODEL + "print(net.state_dict())",
    MODEL
    + "print([n for n, _ in net.named_buffers()], [n for n, _ in net.named_children()], len(list(net.modules())))",
    MODEL + "print(net.load_state_dict(net.state_dict())); print(net.load_state_dict({}, strict=False))",
    MODEL + "net.load_state_dict({'scale': torch.ones(2), 'foo': 1})",
    MODEL + "net.load_state_dict({**net.state_dict(), 'scale': torch.ones(2)})",
    MODEL + "net.load_state_dict({**net.state_dict(), 'scale': 3})",
    MODEL + "net.load_state_dict(3)",
    MODEL + "net.load_state_dict({k: v * 0 for k, v in net.state_dict().items()}); print(net(torch.ones(1, 2)))",
    MODEL + "net.requires_grad_(False); print([p.requires_grad for p in net.parameters()], net(torch.ones(1, 2)))",
    MODEL + "net(torch.ones(1, 2)).sum().backward(); net.zero_grad(False); print(net.scale.grad); net.zero_grad();"
    " print(net.scale.grad)",
    MODEL + "print(net.eval() is net, net.training, net.body[1].training, net.train().body.training)",
    MODEL + "net.train('a')",
    MODEL + "net.double(); print(net.fc1.weight.dtype, net.count.dtype, net(torch.ones(1, 2).double()))",
    MODEL + "net.to(torch.float64); print(net.scale); print(net.to('cpu') is net)",
    MODEL + "net.apply(lambda m: print(type(m).__name__))",
    MODEL
    + "print(net.get_parameter('fc1.bias') is net.fc1.bias, net.get_submodule('body.1')); net.get_submodule('x.y')",
    MODEL + "net.fc1.weight = torch.ones(1)",
    MODEL + "net.fc1.weight = 3",
    MODEL + "net.fc1 = 3",
    MODEL + "net.count = 3",
    MODEL + "net.fc1 = None; print(net); net.scale = None; print(len(list(net.parameters())))",
    MODEL + "del net.fc1; net.fc1",
    MODEL + "net.register_parameter('a.b', None)",
    MODEL + "net.register_parameter('', None)",
    MODEL + "net.register_parameter('forward', None)",
    MODEL + "net.register_parameter('z', torch.ones(1))",
    MODEL + "net.register_buffer('z', 3)",
    MODEL + "net.add_module('z', 3)",
    MODEL + "net.register_buffer('z', torch.ones(1), persistent=False); print(list(net.state_dict()), net.z)",
    MODEL + "net.tied = net.fc1; print(len(list(net.parameters())), list(net.state_dict()))",
    "a, b = nn.Linear(2, 2), nn.Linear(2, 2); b.weight = a.weight; net = nn.Sequential(a, b);"
    " print([n for n, _ in net.named_parameters()], list(net.state_dict()));"
    " print([n for n, _ in net.named_parameters(remove_duplicate=False)])",
    MODEL + "net.body.register_full_backward_hook(lambda m, i, o: print(i, o)); y = net(torch.ones(1, 2)).sum();"
    " y.backward(retain_graph=True); y.backward()",
    "m = nn.ReLU(); m.register_full_backward_hook(lambda m, i, o: print(i, o)); m(torch.ones(2)).sum()",
    "m = nn.Linear(2, 2); m.register_full_backward_hook(lambda *a: print(a)); m(torch.ones(2)).sum().backward()",
    "x = torch.randn(1, 1, 5, 5, requires_grad=True); m = nn.Conv2d(1, 2, 3, padding=1)\n"
    "y = F.avg_pool2d(F.max_pool2d(m(x) ** 2, 2, stride=1), 2).sum()\n"
    "g, = torch.autograd.grad(y, x, create_graph=True); (g * g).sum().backward()\n"
    "print(m.weight.grad, m.bias.grad, x.grad)",
    MODEL + "net.extra = torch.ones(1); print(list(net.state_dict()), net.extra)",
    "class Two(nn.Module):\n    def forward(self, x, y): return x * y, x + y\nm = Two()\n"
    "m.register_full_backward_hook(lambda m, i, o: print(i, o))\n"
    "a, b = (torch.ones(1, requires_grad=True) for _ in '12')\n"
    "for k in range(2): x, y = m(a * k, b * 3); (x * y).sum().backward(); print(a.grad, b.grad)\n"
    "x, y = m(a, b)\nfor k in range(2): (x * k + y).sum().backward(retain_graph=True)",
    MODEL + "h = net.fc1.register_forward_hook(lambda m, i, o: print(m, i, o)); net(torch.ones(1, 2)); h.remove();"
    " net(torch.ones(1, 2))",
    MODEL + "net.fc1.register_forward_pre_hook(lambda m, i: (i[0] * 0,)); print(net(torch.ones(1, 2)))",
    MODEL + "net.register_forward_hook(lambda m, i, o: o * 0); print(net(torch.ones(1, 2)))",
    MODEL
    + "net.body.register_full_backward_hook(lambda m, i, o: print(m, i, o)); net(torch.ones(1, 2)).sum().backward()",
    MODEL + "net.body.register_full_backward_hook(lambda m, i, o: (i[0] * 0,)); net(torch.ones(1, 2)).sum().backward();"
    " print(net.fc1.weight.grad)",
    "class A(nn.Module):\n    def __init__(self):\n        self.a = nn.Linear(1, 1)\nA()",
    "class A(nn.Module):\n    def __init__(self):\n        self.a = nn.Parameter(torch.ones(1))\nA()",
    "class A(nn.Module): pass\nA()(1)",
    "nn.Sequential(1)",
    "nn.Sequential(nn.ReLU())[5]",
    "nn.Conv2d(3, 2, 3, groups=2)",
    "nn.Dropout(2)",
    "s = nn.Sequential(nn.Linear(1, 2)); s.append(nn.ReLU()); s.insert(0, nn.Tanh()); del s[1]; print(s, len(s))",
    "s = nn.ModuleList([nn.ReLU()]); s[0] = nn.Tanh(); s.extend([nn.ReLU()]); s += [nn.ReLU()]; print(s, s[:1])",
    "w = torch.empty(3, 4); print(nn.init.xavier_uniform_(w)); print(nn.init.xavier_normal_(w, gain=2.0))",
    "w = torch.empty(3, 4); print(nn.init.kaiming_normal_(w, nonlinearity='relu')); print(nn.init.kaiming_uniform_(w))",
    "w = torch.empty(3, 2, 2, 2); print(nn.init.kaiming_normal_(w, mode='fan_out'), nn.init.constant_(w[0], 2.0))",
    "w = torch.empty(3, 4); print(nn.init.eye_(w)); print(nn.init.ones_(w), nn.init.zeros_(w)); nn.init.eye_(w[0])",
    "w = torch.empty(20); print(nn.init.normal_(w, 1.0, 0.1)); print(nn.init.uniform_(w)); nn.init.xavier_uniform_(w)",
    "print(nn.init.calculate_gain('tanh'), nn.init.calculate_gain('leaky_relu', 0.2)); nn.init.calculate_gain('foo')",
    "p = nn.Parameter(torch.ones(2)); print(p, p.requires_grad, (p * 2), isinstance(p, torch.Tensor), p.detach())",
]


@pytest.mark.parametrize("program", STATEMENTS, ids=range(len(STATEMENTS)))
def test_a_program_prints_as_on_pytorch(program: str) -> None:
    assert output(program, autovis) == output(program, torch)
