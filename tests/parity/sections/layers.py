"""Section 16: losses and layers."""

from rule import entries, rule

TITLE = "16. Losses and layers"
START = "import torch.nn.functional as F\n"
Z = START + "z = torch.tensor([[1., -2., 0.5], [0., 3., -1.]], requires_grad=True)\n"
END = "\nr\nr.sum().backward()\nz.grad"
REDUCTION = ["'mean'", "'sum'", "'none'", "'foo'"]
PAIR = (
    START
    + """\
z = torch.tensor([[0.5, -1., 2.], [0., 0.25, -0.75]], requires_grad=True)
t = torch.tensor([[0., 1., 0.5], [0.25, 1., 1.]])
"""
)
LOSSES = entries("""
    F.mse_loss(z, t{}); F.l1_loss(z, t{}); F.smooth_l1_loss(z, t{}); F.smooth_l1_loss(z, t, beta=0.5{});
    F.huber_loss(z, t{}); F.huber_loss(z, t, delta=0.5{}); F.binary_cross_entropy(z.sigmoid(), t{});
    F.binary_cross_entropy_with_logits(z, t{});
    F.binary_cross_entropy_with_logits(z, t, pos_weight=torch.tensor([1., 2., 3.]){});
    F.binary_cross_entropy(z.sigmoid(), t, weight=t{}); F.kl_div(z, t{}); F.kl_div(z, t, log_target=True{})
""")
ACTIVATIONS = entries("""
    F.relu(z); F.leaky_relu(z); F.leaky_relu(z, 0.2); F.elu(z); F.elu(z, 0.5); F.selu(z); F.gelu(z);
    F.gelu(z, approximate='tanh'); F.silu(z); F.softplus(z); F.softplus(z, 2, 1); F.hardtanh(z);
    F.hardtanh(z, -2, 2); F.relu6(z); F.logsigmoid(z); F.softmax(z, 1); F.softmax(z, dim=0);
    F.log_softmax(z, -1); F.sigmoid(z); F.tanh(z); F.normalize(z); F.normalize(z, p=1, dim=0);
    F.relu(z, inplace=False); F.prelu(z, torch.tensor([0.1])); F.dropout(z, 0.5, training=False);
    F.dropout(z, 0.); F.dropout(z, 1.); F.one_hot(torch.tensor([0, 2]), 3) * z; F.pad(z, (1, 1));
    F.pad(z, (0, 1, 1, 0), value=2.); F.layer_norm(z, (3,)); F.cosine_similarity(z, z + 1); F.softmax(z);
    F.log_softmax(z)
""")
CONV = (
    START
    + """\
x = torch.arange(1., 1 + 1 * 2 * 5 * 5).view(1, 2, 5, 5) / 10; x.requires_grad_()
"""
)
RULES = [
    rule(
        "losses and their reductions",
        PAIR,
        "r = $loss",
        END,
        loss=[loss.format(f", reduction={how}") for loss in LOSSES for how in REDUCTION]
        + [loss.format("") for loss in LOSSES]
        + ["F.kl_div(z, t, reduction='batchmean')"],
        differs={
            "kl_div": "t * (log t - z) where PyTorch has t * log t - t * z: the sign of zero",
        },
    ),
    rule(
        "losses as modules",
        PAIR,
        "r = torch.nn.$loss(z, t)",
        END,
        loss="""
            MSELoss(); MSELoss(reduction='sum'); L1Loss(); SmoothL1Loss(); HuberLoss(); BCEWithLogitsLoss();
            KLDivLoss(reduction='batchmean'); MSELoss('none'); CrossEntropyLoss()
        """,
        differs={
            "CrossEntropy": "the last digit; the node of a mean over probabilities is DivBackward0",
        },
    ),
    rule(
        "mse_loss of unequal sizes warns",
        START,
        """
        z = torch.ones($x, requires_grad=True)
        r = F.$loss(z, torch.zeros($y))
        """,
        END,
        x=["1", "2", "(2, 1)", "(2, 2)"],
        y=["1", "2", "(2, 2)", "3"],
        loss=["mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"],
    ),
    rule(
        "binary cross entropy: bounds, sizes, kinds",
        START,
        """
        z = torch.tensor($z, requires_grad=True)
        r = F.$loss(z, torch.tensor($t))
        """,
        END,
        z=["[0., 1.]", "[0.5, 1.5]", "[0.5]", "[100., -100.]", "[0., 0.5]", "[[0.5, 0.5]]"],
        t=["[0., 1.]", "[1., 0.]", "[1.]", "[0.5, 0.5]", "[1, 0]", "[[1., 0.]]", "[2., 0.]"],
        loss=["binary_cross_entropy", "binary_cross_entropy_with_logits"],
        differs={
            r"\[2\., 0\.\]": "targets are not looked at",
            r"\[100\., -100\.\]": "the last digits of numbers near the smallest",
        },
    ),
    rule(
        "cross_entropy: targets of every kind",
        Z,
        "r = F.cross_entropy(z, $target$more)",
        END,
        target="""
            torch.tensor([0, 2]); torch.tensor([0, -100]); torch.tensor([1, 1]); torch.tensor([5, 0]);
            torch.tensor([0., 1.]); torch.tensor([0]); z.detach().softmax(1); torch.eye(3)[:2];
            torch.tensor([0, 2]).int(); torch.tensor([[0, 2]]); torch.tensor([-1, 0])
        """,
        more=[
            "",
            ", reduction='sum'",
            ", reduction='none'",
            ", label_smoothing=0.1",
            ", ignore_index=0",
            ", weight=torch.tensor([1., 2., 3.])",
            ", weight=torch.tensor([1., 2., 3.]), label_smoothing=0.2",
            ", reduction='foo'",
        ],
        differs={
            "softmax|eye": ("probabilities as targets: the name of one node, rounding, and ignore_index is accepted"),
            "smoothing": "rounding and the names of two nodes",
        },
    ),
    rule(
        "cross_entropy: other shapes",
        START,
        """
        z = torch.arange(1., 1 + $count).view($shape) / 7; z.requires_grad_()
        r = F.cross_entropy(z, $target)
        """,
        END,
        count=["3"],
        shape=["3", "1, 3"],
        target="""
            torch.tensor(1); torch.tensor([1]); torch.tensor([0.2, 0.3, 0.5]); torch.tensor([[0.2, 0.3, 0.5]])
        """,
        differs={
            "": (
                "one target for one sample may be a number or a list of one; the node of a mean over "
                "probabilities is DivBackward0"
            ),
        },
    ),
    rule(
        "cross_entropy over pictures",
        START,
        """
        z = torch.arange(12.).view(1, 3, 2, 2) / 7; z.requires_grad_()
        r = F.$loss(z, $target$more)
        """,
        END,
        loss=["cross_entropy", "nll_loss"],
        target=["torch.tensor([[[0, 1], [2, 0]]])", "torch.tensor([[[0, -100], [2, 0]]])"],
        more=["", ", reduction='none'", ", weight=torch.tensor([1., 2., 3.])"],
        differs={
            "none": "the loss of each point: the name of the node, the sign of zero",
        },
    ),
    rule(
        "nll_loss",
        Z,
        "r = F.nll_loss(F.log_softmax(z, 1), $target$more)",
        END,
        target="""
            torch.tensor([0, 2]); torch.tensor([0, -100]); torch.tensor([5, 0]); torch.tensor([0., 1.]);
            torch.tensor([0])
        """,
        more=["", ", reduction='sum'", ", reduction='none'", ", ignore_index=2", ", weight=torch.tensor([1., 2., 3.])"],
    ),
    rule(
        "activations",
        Z,
        """
        r = $activation
        r
        (r * torch.arange(1., 1 + r.numel()).view(r.shape)).sum().backward()
        z.grad
        """,
        activation=ACTIVATIONS,
    ),
    rule(
        "activations as modules",
        Z,
        "r = torch.nn.$module(z)",
        END,
        module="""
            ReLU(); LeakyReLU(0.1); ELU(); SELU(); GELU(); SiLU(); Softplus(); Hardtanh(); ReLU6();
            LogSigmoid(); Softmax(1); LogSoftmax(dim=1); Sigmoid(); Tanh(); Identity(); Flatten();
            Dropout(0.).train(); Dropout(0.5).eval(); Softmax(); PReLU()
        """,
    ),
    rule(
        "dropout: chances that are none",
        Z,
        """
        F.dropout(z, $p)
        torch.nn.Dropout($p)
        """,
        p=["2", "-0.5", "1.5"],
    ),
    rule(
        "dropout in training scales what it keeps",
        Z,
        """
        torch.manual_seed(0)
        r = F.dropout(torch.ones(1000, requires_grad=True), $p)
        sorted(set(r.tolist()))
        type(r.grad_fn).__name__
        """,
        p=["0.5", "0.2", "0.75"],
    ),
    rule(
        "conv2d",
        CONV,
        """
        w = torch.arange(1., 1 + 3 * 2 * $k * $k).view(3, 2, $k, $k) / 10; w.requires_grad_()
        r = F.conv2d(x, w$more)
        r
        (r * r.detach()).sum().backward()
        x.grad.sum(), w.grad
        """,
        k=[1, 2, 3],
        more=[
            "",
            ", torch.ones(3)",
            ", stride=2",
            ", padding=1",
            ", padding=(1, 0)",
            ", dilation=2",
            ", stride=(2, 1), padding=1",
        ],
    ),
    rule(
        "conv2d: what does not fit",
        START,
        "F.conv2d(torch.ones($x), torch.ones($w)$more)",
        x=["1, 2, 5, 5", "5, 5", "2, 5, 5", "1, 1, 2, 2"],
        w=["2, 1, 3, 3", "2, 2, 3, 3", "2, 2, 7, 7", "3, 3"],
        more=["", ", torch.ones(5)", ", groups=2", ", stride=0"],
        differs={
            r"ones\(3, 3\)": "a weight of two dimensions is refused with another sentence",
        },
    ),
    rule(
        "pooling",
        CONV,
        """
        r = F.$pool
        r
        (r * r.detach()).sum().backward()
        x.grad
        """,
        pool="""
            max_pool2d(x, 2); max_pool2d(x, 3, stride=1); max_pool2d(x, 2, padding=1); avg_pool2d(x, 2);
            avg_pool2d(x, 3, stride=2); avg_pool2d(x, 2, padding=1); max_pool2d(x, 7); max_pool2d(x[0], 2);
            max_pool2d(x[0, 0], 2); avg_pool2d(x, (2, 1)); adaptive_avg_pool2d(x, 1);
            max_pool2d(x, 2, padding=2)
        """,
    ),
    rule(
        "batch norm: both modes, running values",
        """
        x = torch.tensor([[1., 2., 0.], [3., 5., 0.], [8., -1., 1.]], requires_grad=True)
        m = torch.nn.BatchNorm1d(3$options)
        m.train($mode)
        for _ in range(2): r = m(x$size)
        r
        (r * torch.arange(1., 1 + r.numel()).view(r.shape)).sum().backward()
        x.grad
        m.running_mean, m.running_var, m.num_batches_tracked
        [(n, p.grad) for n, p in m.named_parameters()]
        """,
        options=["", ", momentum=0.5", ", affine=False", ", eps=0.1", ", momentum=None"],
        mode=[True, False],
        size=["", "[:1]", "[:2]"],
        differs={
            "": "gradients that are zero up to rounding",
        },
    ),
    rule(
        "layer norm",
        """
        x = torch.tensor([[1., 2., 0.], [3., 5., 0.]], requires_grad=True)
        r = torch.nn.LayerNorm($options)(x)
        r
        (r * torch.arange(1., 7.).view(2, 3)).sum().backward()
        x.grad
        """,
        options=["3", "(2, 3)", "3, eps=0.1", "3, elementwise_affine=False", "2", "[3]"],
    ),
    rule(
        "embedding",
        """
        m = torch.nn.Embedding(4, 2$options); torch.manual_seed(0)
        with torch.no_grad(): m.weight.copy_(torch.arange(8.).view(4, 2))
        r = m($index)
        r
        r.sum().backward()
        m.weight.grad
        """,
        options=["", ", padding_idx=0", ", padding_idx=-1"],
        index="""
            torch.tensor([1, 1, 3]); torch.tensor([0]); torch.tensor([[1, 2], [3, 0]]); torch.tensor([5]);
            torch.tensor([-1]); torch.tensor([1.]); torch.tensor(2); torch.tensor([], dtype=torch.long);
            torch.tensor([1]).int()
        """,
    ),
    rule(
        "the padding row of an embedding is zero",
        "torch.nn.Embedding(4, 2, padding_idx=$row).weight[$row]",
        row=[0, 3],
    ),
    rule(
        "linear: bounds of what is drawn, the same draws",
        """
        torch.manual_seed($seed)
        m = torch.nn.Linear($inner, $outer)
        m.weight, m.bias
        bool(m.weight.abs().max() <= $inner ** -0.5)
        """,
        seed=[0, 1],
        inner=[1, 2, 4, 16],
        outer=[1, 3],
    ),
    rule(
        "linear: what does not fit",
        """
        m = torch.nn.Linear(2, 3)
        m($x)
        """,
        x="""
            torch.ones(3); torch.ones(1, 3); torch.ones(2); torch.ones(2).long(); torch.ones(2).double(); 3;
            torch.ones(4, 5, 2).sum((0, 1)); torch.tensor(1.)
        """,
        differs={
            r"tensor\(1\.\)": "a single number is refused with another sentence",
        },
    ),
]
