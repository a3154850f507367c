"""New autograd functions: a Legendre polynomial fits a sine, a straight-through estimator binarises, a layer by hand."""

import math

import torch
from torch.autograd import Function, gradcheck, gradgradcheck
from torch.autograd.function import once_differentiable


class LegendrePolynomial3(torch.autograd.Function):
    @staticmethod
    def forward(ctx, input):
        ctx.save_for_backward(input)
        return 0.5 * (5 * input**3 - 3 * input)

    @staticmethod
    def backward(ctx, grad_output):
        (input,) = ctx.saved_tensors
        return grad_output * 1.5 * (5 * input**2 - 1)


x = torch.linspace(-math.pi, math.pi, 2000)
y = torch.sin(x)
a = torch.full((), 0.0, requires_grad=True)
b = torch.full((), -1.0, requires_grad=True)
c = torch.full((), 0.0, requires_grad=True)
d = torch.full((), 0.3, requires_grad=True)
for t in range(60):
    P3 = LegendrePolynomial3.apply
    y_pred = a + b * P3(c + d * x)
    loss = (y_pred - y).pow(2).sum()
    if t % 20 == 19:
        print(t, f"{loss.item():.2f}")
    loss.backward()
    with torch.no_grad():
        for p in (a, b, c, d):
            p -= 5e-6 * p.grad
            p.grad = None
print(f"Result: y = {a.item():.3f} + {b.item():.3f} * P3({c.item():.3f} + {d.item():.3f} x)")


class Binarise(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.sign()

    @staticmethod
    @once_differentiable
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        return grad_output * (x.abs() <= 1)


class LinearFunction(Function):
    @staticmethod
    def forward(input, weight, bias=None):
        output = input.mm(weight.t())
        if bias is not None:
            output += bias.unsqueeze(0).expand_as(output)
        return output

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx, grad_output):
        input, weight, bias = ctx.saved_tensors
        grad_input = grad_weight = grad_bias = None
        if ctx.needs_input_grad[0]:
            grad_input = grad_output.mm(weight)
        if ctx.needs_input_grad[1]:
            grad_weight = grad_output.t().mm(input)
        if bias is not None and ctx.needs_input_grad[2]:
            grad_bias = grad_output.sum(0)
        return grad_input, grad_weight, grad_bias


class Linear(torch.nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.empty(outputs, inputs).uniform_(-0.5, 0.5))
        self.bias = torch.nn.Parameter(torch.zeros(outputs))

    def forward(self, x):
        return LinearFunction.apply(x, self.weight, self.bias)


torch.manual_seed(4)
net = torch.nn.Sequential(Linear(4, 16), torch.nn.Tanh(), Linear(16, 3))
optimizer = torch.optim.SGD(net.parameters(), lr=0.2)
inputs = torch.randn(32, 4)
targets = Binarise.apply(inputs @ torch.randn(4, 3))
for epoch in range(30):
    loss = (net(inputs) - targets).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 10 == 9:
        print(epoch, f"{loss.item():.4f}")
point = (
    torch.randn(5, 4, dtype=torch.double, requires_grad=True),
    torch.randn(3, 4, dtype=torch.double, requires_grad=True),
)
print(gradcheck(LinearFunction.apply, point, eps=1e-6, atol=1e-4), gradgradcheck(LinearFunction.apply, point))

w = torch.tensor([0.3, -0.8, 1.7], requires_grad=True)
(Binarise.apply(w) * torch.tensor([1.0, 2.0, 3.0])).sum().backward()
print(w.grad)


def residuals(p):
    return p[0] * torch.exp(p[1] * times) - observed


times = torch.linspace(0, 1, 6)
observed = 2 * torch.exp(-1.5 * times)
p = torch.tensor([1.0, -1.0])
for _ in range(4):
    J = torch.autograd.functional.jacobian(residuals, p)
    p = p - torch.linalg.solve(J.T @ J, J.T @ residuals(p))
    print(p)
print(torch.autograd.functional.hessian(lambda p: residuals(p).pow(2).sum(), p))
print(torch.autograd.functional.hvp(lambda p: residuals(p).pow(2).sum(), p, torch.ones(2))[1])
