"""Section 19: how often a warning comes; each program runs with every warning shown."""

from rule import entries, rule

TITLE = "19. How often a warning comes"
EVERY = entries("""
    (x * 2).grad; torch.range(1, 2); x.volatile; torch.tensor(x);
    torch.nn.functional.mse_loss(x, torch.ones(1)); torch.nn.functional.softmax(x);
    torch.autograd.Variable(x.detach(), volatile=True); torch.autograd.grad((x * 2).sum(), x, only_inputs=False)
""")
ONCE = entries("""
    float(x.sum()); (x * x).sum().backward(create_graph=True); torch.ones(2, 2, 2).T.shape;
    torch.ones(2).T.shape; torch.meshgrid(x.detach(), x.detach())[0].shape; int(x.sum()); bool(x.sum());
    x.sum().item()
""")
RULES = [
    rule(
        "on every occurrence",
        """
        x = torch.tensor([1., 2.], requires_grad=True)
        for _ in range($times): k = $deed
        """,
        times=[1, 3],
        deed=EVERY,
    ),
    rule(
        "each time when warn_always is on",
        """
        x = torch.tensor([1., 2.], requires_grad=True)
        torch.set_warn_always(True)
        for _ in range($times): k = $deed
        """,
        times=[1, 3],
        deed=ONCE,
    ),
    rule(
        "is_warn_always_enabled",
        "torch.is_warn_always_enabled()",
    ),
    rule(
        "as errors",
        """
        import warnings
        x = torch.tensor([1., 2.], requires_grad=True)
        with warnings.catch_warnings():
            warnings.simplefilter('error')
            $deed
        x.grad
        """,
        deed=EVERY[:4],
    ),
]
