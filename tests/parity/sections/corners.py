"""Section 12: which gradient there is at kinks, ties, zeros and bounds."""

from rule import entries, rule

TITLE = "12. Gradient conventions at corners"
CORNERS = """\
x = torch.tensor([$values], dtype=torch.$kind, requires_grad=True)
F = torch.nn.functional
r = $function
r
r.sum().backward()
x.grad"""
VALUES = entries("""
    0.; -0., 0.; -1., 0., 1.; 6., -6., 0.; 0., 0., 0.; 1., 1., 1.; float('nan'), 1., 0.; float('inf'), 0., 1.;
    -float('inf'), 2., 2.; 0.5, -0.5, 1.5; 1e-20, -1e-20, 1e20
""")
KINDS = ["float32", "float64"]
ELEMENTS = entries("""
    x.relu(); x.abs(); x.sign(); x.floor(); x.ceil(); x.round(); x.trunc(); x.sqrt(); x ** 0.5; x ** 0; x ** 1;
    x ** 2; x ** -1; x ** 3; x ** 1.5; x.pow(0.); 0 ** x; 2 ** x; x.clamp(-1, 1); x.clamp(min=0);
    x.clamp(max=0); x.clamp(0, 0); x.clamp(1, -1); x.clamp_min(1); x.clamp_max(-1); F.leaky_relu(x); F.elu(x);
    F.selu(x); F.gelu(x); F.silu(x); F.softplus(x); F.hardtanh(x); F.relu6(x); F.logsigmoid(x); x.sigmoid();
    x.tanh(); x.log(); x.exp(); x.reciprocal(); x.rsqrt(); 1 / x; x / x; x * x; x.square(); x.sin(); x.atan();
    x.erf(); x.log1p(); x.expm1(); x.asin(); x.acos(); x.cosh(); x.sinh(); x.exp2(); x.log2(); x.log10(); x % 1;
    x % 2
""")
TOGETHER = entries("""
    x.max(); x.min(); x.amax(); x.amin(); x.amax(0); x.max(0)[0]; x.min(0)[0]; x.median(); x.median(0)[0];
    x.sort()[0]; x.sort(descending=True)[0]; x.topk(1)[0]; x.prod(); x.prod(0); x.cumprod(0); x.norm();
    x.norm(1); x.norm(float('inf')); x.norm(0.5); x.std(); x.var(); x.std(unbiased=False); x.logsumexp(0);
    x.softmax(0); x.log_softmax(0); x.mean(); x.cumsum(0); x.sum(); F.normalize(x, dim=0); torch.linalg.norm(x)
""")
PAIRS = entries("""
    torch.maximum(x, y); torch.minimum(x, y); torch.max(x, y); x ** y; torch.atan2(x, y);
    torch.where(x > y, x, y); x / y; x * y; x % y; torch.logaddexp(x, y); x.clamp(max=y); x.clamp(y, y);
    torch.lerp(x, y, 0.5); F.mse_loss(x, y); F.l1_loss(x, y); F.smooth_l1_loss(x, y); F.huber_loss(x, y);
    torch.cosine_similarity(x, y, dim=0); F.pairwise_distance(x[None], y[None])
""")
SAFE = ["x.sqrt()", "1 / x", "x.log()", "x ** -1", "x ** 0.5", "x.rsqrt()", "x / 0"]
RULES = [
    rule(
        "at 0, at bounds, at infinity: element by element",
        CORNERS,
        values=VALUES,
        kind=KINDS,
        function=ELEMENTS,
        differs={
            r"-0\., 0\.": "the sign of zero after relu, clamp, elu, relu6, and of the gradient of x ** 0.5 at -0",
            r"nan.*(relu\(|0 \*\* x|elu|hardtanh)": (
                "the gradient at NaN of relu and hardtanh (0; PyTorch 1), elu, selu and 0 ** x"
            ),
            r"float\('inf'\).*(gelu|0\.5)": "gelu and x ** 0.5 at minus infinity",
            r"1e-20.*(x \*\* -1|log10)": "the last digits near the end of the numbers",
        },
    ),
    rule(
        "ties and zeros: all elements together",
        CORNERS,
        values=[v for v in VALUES if "nan" not in v],
        kind=KINDS,
        function=TOGETHER,
        differs={
            r"norm\(0\.5\)": "norm(0.5) at zero: NaN",
            r"-0\., 0\.": "the sign of zero",
            "inf.*prod": "products with infinity: NumPy warns, and one gradient is 0 instead of NaN",
            "log_softmax": "a rounding error of the size of the last bit, or none",
            r"-1\., 0\..*cumprod": "the sign of zero",
            "1e-20.*std": "numbers whose squares overflow",
        },
    ),
    rule(
        "NaN among the elements",
        CORNERS,
        values=["float('nan'), 1., 0.", "1., float('nan'), 1."],
        kind=KINDS,
        function="""
            x.max(); x.min(); x.amax(); x.max(0)[0]; x.prod(); x.sum(); x.softmax(0); x.norm(); x.clamp(0, 1);
            x.relu(); x.abs()
        """,
        differs={
            r"x\.(max|min)\(\)": "ties with NaN",
            "relu": "relu sends nothing back through NaN; PyTorch does",
            "prod": "one of two NaN is enough for PyTorch",
        },
    ),
    rule(
        "two arguments that are equal, zero or infinite",
        """
        x = torch.tensor($x, requires_grad=True); y = torch.tensor($y, requires_grad=True)
        F = torch.nn.functional
        r = $function
        r
        r.sum().backward()
        x.grad, y.grad
        """,
        x=["[0., 1., -1.]", "[2., 2., 2.]", "[0., 0., 0.]"],
        y=["[0., 1., 1.]", "[2., 0., -2.]", "[0., 0., 0.]", "[0.5, 1., 2.]"],
        function=PAIRS,
        differs={
            "atan2": "atan2 at (0, 0): NaN instead of 0",
            "mse_loss": "the sign of zero",
            "pairwise": "another name of the node",
        },
    ),
    rule(
        "where: NaN in the branch that was not taken poisons",
        """
        x = torch.tensor([0., 1., 4.], requires_grad=True)
        torch.where(x $test, $taken, $other).sum().backward()
        x.grad
        """,
        test=["> 0", "> 1", "== 0"],
        taken=SAFE,
        other=["x", "torch.zeros(3)", "x * 0", "x.sqrt()"],
    ),
    rule(
        "masking afterwards poisons too, masking before does not",
        """
        x = torch.tensor([0., 1., 4.], requires_grad=True)
        ($function).sum().backward()
        x.grad
        """,
        function="""
            x.sqrt().masked_fill(x == 0, 0.); torch.where(x > 0, x, torch.ones(3)).sqrt(); x.sqrt() * (x > 0);
            x.sqrt()[x > 0]; x[x > 0].sqrt(); x.clamp(min=1e-6).sqrt(); torch.nan_to_num(x.log())
        """,
    ),
    rule(
        "rows and ties along a dimension",
        """
        x = torch.tensor([[1., 3., 3.], [2., 2., 2.]], requires_grad=True)
        r = $function
        r
        (r * torch.arange(1., r.numel() + 1).view(r.shape)).sum().backward()
        x.grad
        """,
        function="""
            x.max(1)[0]; x.min(1)[0]; x.amax(1); x.amin(1); x.max(0)[0]; x.amax(0); x.amax((0, 1));
            x.sort(1)[0]; x.topk(2, 1)[0]; x.median(1)[0]; x.max(1, keepdim=True)[0]; x.prod(1); x.cumprod(1);
            torch.nn.functional.max_pool2d(x[None, None], (1, 2), stride=1);
            torch.nn.functional.avg_pool2d(x[None, None], (1, 2), stride=1); x.std(1); x.norm(dim=1)
        """,
    ),
    rule(
        "prod and cumprod are right with zeros, also twice",
        """
        x = torch.tensor([$values], requires_grad=True)
        r = $function
        g, = torch.autograd.grad(r.sum(), x, create_graph=True)
        g.detach()
        torch.autograd.grad((g * g).sum(), x, allow_unused=True)
        """,
        values=["2., 0., 3.", "0., 0., 3.", "1., 2., 4.", "0., 0., 0.", "0."],
        function=["x.prod()", "x.prod(0)", "x.cumprod(0)"],
        differs={
            r"0\.": "the sign of zero; a second derivative that is zero may be absent",
        },
    ),
    rule(
        "floor division has no derivative",
        """
        x = torch.tensor([5., -5.], requires_grad=True)
        r = x $by
        r
        r.sum().backward()
        """,
        by=["// 2", "// torch.tensor([2., 3.])", "// x.detach()", "// 0.7"],
    ),
    rule(
        "gradients of what was broadcast are summed back",
        """
        x = torch.ones($x, requires_grad=True); y = torch.ones($y, requires_grad=True) * 2
        y = y.detach().requires_grad_()
        r = x $operator y
        r.sum().backward()
        x.grad, y.grad
        """,
        x=["()", "1", "3", "(2, 1)", "(2, 3)", "(1, 1, 3)", "(2, 2, 3)"],
        y=["()", "1", "3", "(2, 1)", "(1, 3)", "(2, 3)", "(2, 2, 1)"],
        operator=["+", "-", "*", "/", "**"],
    ),
]
