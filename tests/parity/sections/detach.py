"""Section 6: `detach` and `detach_`."""

from rule import entries, rule

TITLE = "6. detach"
TENSORS = entries("""
    torch.tensor([1., 2.]); torch.tensor([1., 2.], requires_grad=True);
    torch.tensor([1., 2.], requires_grad=True) * 2; torch.ones(2, 2, requires_grad=True)[0];
    torch.ones(2, 2)[0]; torch.arange(2); torch.ones(2, requires_grad=True).exp();
    torch.ones(2).requires_grad_().split(1)[0]; torch.tensor(1., requires_grad=True)
""")
EDITS = ["add_(1)", "zero_()", "mul_(2)", "fill_(5)", "copy_(d + 1)", "__setitem__(..., 3)"]
SAVING = entries("""
    y * y; y.exp(); y.sin(); y ** 2; y * 3; y + 1; y.sum() * 2; x * y; y / x; y.view(2, 1) * 2; y[0] * y[1]
""")
RULES = [
    rule(
        "detach: a new leaf over the same memory, with the same version counter",
        """
        x = $tensor
        d = x.detach()
        d is x, d.data_ptr() == x.data_ptr(), d._is_view()
        facts(d)
        with torch.no_grad(): d.$edit
        x.detach(), x._version, d._version
        """,
        tensor=TENSORS,
        edit=EDITS,
    ),
    rule(
        "detach of a detached, of data, of a clone",
        """
        x = $tensor
        $chain
        d.data_ptr() == x.data_ptr()
        facts(d)
        """,
        tensor=TENSORS,
        chain="""
            d = x.detach().detach(); d = x.data.detach(); d = x.detach().data; d = x.clone().detach();
            d = x.detach().clone(); d = x.detach().requires_grad_() if x.is_floating_point() else x.detach();
            d = torch.detach(x); with torch.no_grad(): d = x.detach()
        """,
    ),
    rule(
        "no gradient passes through a detached factor",
        """
        x = torch.tensor([1., 2.], requires_grad=True); y = $result
        y.sum().backward()
        x.grad
        """,
        result="""
            x * x.detach(); x.detach() * x.detach(); x.detach() + x; (x * 2).detach() * x; x * (x * x).detach();
            (x - (x * 3).detach()) ** 2; x.exp() / x.exp().detach(); x.detach().requires_grad_() * 2;
            x + (x.round() - x).detach(); torch.where(x > 1, x.detach(), x)
        """,
    ),
    rule(
        "detach_: the tensor itself becomes a plain leaf",
        """
        x = $tensor
        x.detach_() is x
        facts(x)
        x.requires_grad_(x.is_floating_point())
        (x * 2).sum().backward()
        x.grad
        """,
        tensor=TENSORS,
    ),
    rule(
        "what was computed before keeps its history",
        """
        x = torch.tensor([1., 2.], requires_grad=True); y = $first; z = $second
        y.detach_()
        facts(y)
        z.sum().backward()
        x.grad
        """,
        first=["x * 2", "x.exp()", "x + 1"],
        second=["y * 3", "y + 1", "y.sum()", "y[0]"],
    ),
    rule(
        "a saved input that was detached in place",
        """
        x = torch.tensor([1., 2.], requires_grad=True); y = $first; z = $second
        y.detach_()
        z.sum().backward()
        x.grad
        """,
        first=["x * 2", "x + 1"],
        second=SAVING,
        differs={
            "": (
                "PyTorch refuses a saved input that was detached in place; autovis computes the "
                "gradient, which is right"
            ),
        },
    ),
    rule(
        "a saved result that was detached in place",
        """
        x = torch.tensor([1., 2.], requires_grad=True); y = $first
        z = y.sum()
        y.detach_()
        z.backward()
        x.grad
        """,
        first=["x.exp()", "x.sigmoid()", "x.tanh()", "x.sqrt()", "x.relu()", "x.softmax(0)", "x * 2"],
    ),
    rule(
        "detach_ of views",
        """
        x = torch.ones(2, 2, requires_grad=True); b = $base
        v = $view
        v.detach_()
        facts(v)
        """,
        base=["x", "x * 2", "torch.ones(2, 2)", "x.detach()"],
        view="""
            b[0]; b.view(4); b.t(); b.unsqueeze(0); b.expand(2, 2, 2); b.split(1)[0]; b.unbind()[0]; b.detach();
            b.diagonal(); b[:]; b.clone(); b[[0]]
        """,
    ),
    rule(
        "hooks and retained gradients after detach_",
        """
        x = torch.tensor([1., 2.], requires_grad=True); y = x * 2
        $before
        y.detach_()
        y.retains_grad, y.grad
        $after
        x.grad
        """,
        before=[
            "pass",
            "y.retain_grad()",
            "y.register_hook(lambda g: print('hook', g))",
            "z = y * 3; y.retain_grad()",
            "(y * 1).sum().backward()",
        ],
        after=[
            "y.backward()",
            "y.requires_grad_(); (y * 2).sum().backward(); y.grad",
            "y.retain_grad()",
            "y.register_hook(print)",
            "y.grad = torch.ones(2); y.grad",
        ],
    ),
    rule(
        "an edit through a detached tensor is noticed, one through data is not",
        """
        x = torch.tensor([1., 2.], requires_grad=True); y = $result
        $edit
        y.sum().backward()
        x.grad
        """,
        result="""
            x.exp(); x.sigmoid(); x * 2; x.tanh(); x.relu(); x.softmax(0); x.sqrt(); x + 1
        """,
        edit=[
            "y.detach().add_(1)",
            "y.data.add_(1)",
            "y.detach()[0] = 5",
            "y.data[0] = 5",
            "y.detach().zero_()",
            "d = y.detach(); d += 1",
            "y.detach().clone().add_(1)",
        ],
    ),
]
