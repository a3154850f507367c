"""Section 1: who is a leaf, who requires grad, and what may be changed about it."""

from rule import entries, rule

TITLE = "1. requires_grad, leaf, grad_fn"
FACTORIES = entries("""
    torch.ones(2{}); torch.zeros(2, 3{}); torch.tensor([1., 2.]{}); torch.tensor(1.5{}); torch.eye(2{});
    torch.full((2,), 7.{}); torch.arange(3.{}); torch.linspace(0, 1, 3{}); torch.zeros(0{});
    torch.ones(2, dtype=torch.float64{}); torch.zeros((){}); torch.ones(1, 2, dtype=torch.float16{});
    torch.ones_like(torch.ones(2){}); torch.zeros_like(torch.ones(2, 2){}); torch.full_like(torch.ones(2), 3.{})
""")
FLAGS = ["", ", requires_grad=True", ", requires_grad=False"]
MADE = [factory.format(flag) for factory in FACTORIES for flag in FLAGS]
WHOLE = entries("""
    torch.ones(2, dtype=torch.int64{}); torch.tensor([1]{}); torch.tensor([True]{}); torch.arange(3{});
    torch.zeros(2, dtype=torch.bool{}); torch.full((2,), 7{}); torch.tensor(3{}); torch.tensor([[1, 2]]{});
    torch.ones(2, dtype=torch.uint8{}); torch.zeros(1, dtype=torch.int32{}); torch.ones(0, dtype=torch.int16{});
    torch.ones_like(torch.arange(2){})
""")
LEAVES = entries("""
    torch.ones(2, requires_grad=True); torch.tensor(3., requires_grad=True); torch.ones(2); torch.zeros(2, 3);
    torch.nn.Parameter(torch.ones(2)); torch.nn.Parameter(torch.ones(2), requires_grad=False);
    torch.autograd.Variable(torch.ones(2), requires_grad=True);
    torch.ones(2, dtype=torch.float64).requires_grad_(); torch.ones(2, requires_grad=True).detach();
    (torch.ones(2, requires_grad=True) * 2).detach()
""")
COMPUTED = entries("""
    x + 1; x * 2; x * x; x - x; -x; x / 2; x ** 2; 2 ** x; x.sum(); x.mean(); x.exp(); x.clone(); x.view(-1);
    x.reshape(-1); x[None]; x[...]; x.unsqueeze(0); x.double(); x.float(); x.float() * 1; x.detach(); x.data;
    x > 0; x == x; x.argmax(); torch.zeros_like(x); torch.ones_like(x); x.long(); x.bool(); x.int();
    x.to(torch.float16); x.sign(); x.floor(); x.round(); x.isnan(); x.contiguous(); torch.rand_like(x) * 0;
    x.new_zeros(2); x.detach() * x; x * x.detach(); torch.cat([x.view(-1), x.view(-1)]); x.relu(); x.sigmoid();
    x.softmax(0); x.max(); x.all(); x.any(); torch.where(x > 0, x, x); x // 2; x.requires_grad_();
    x.requires_grad_() * 2; x.type(torch.float64); x.to(x); x.cpu(); x.half().float()
""")
MODES = ["torch.no_grad()", "torch.enable_grad()", "torch.set_grad_enabled(False)"]
NOT_LEAVES = entries("""
    x * 2; x + 1; x.view(2); x[0]; x[:1]; x.double(); x.sum(); x.clone(); x.expand(2, 2); x.t(); x.split(1)[0];
    x.max(); x.max(0)[0]; torch.stack([x, x]); x.exp_() if x.grad_fn else x.exp(); x[[0, 1]]
""")
RULES = [
    rule(
        "tensors that the user makes are leaves, with the flag that was given",
        "facts($made)",
        made=MADE,
    ),
    rule(
        "a factory obeys its flag under no_grad too",
        """
        with $mode: x = $made
        facts(x, x.grad_fn is None)
        """,
        mode=MODES,
        made=MADE,
    ),
    rule(
        "the result of an operation requires grad if an input does",
        """
        x = $leaf
        facts($computed)
        """,
        leaf=LEAVES,
        computed=COMPUTED,
    ),
    rule(
        "nothing made under no_grad has a node",
        """
        x = $leaf
        with torch.no_grad(): y = $computed
        facts(y, y is x)
        """,
        leaf=LEAVES[:6],
        computed=COMPUTED,
    ),
    rule(
        "two inputs: one that requires grad is enough",
        """
        x = torch.tensor([1., 2.], requires_grad=$first); y = torch.tensor([3., 4.], requires_grad=$second)
        with torch.set_grad_enabled($mode): z = $operation
        facts(z)
        """,
        first=[True, False],
        second=[True, False],
        mode=[True, False],
        operation="""
            x + y; x * y; x / y; x ** y; x @ y; torch.cat([x, y]); torch.stack([x, y]);
            torch.where(x > 1, x, y); torch.maximum(x, y); x == y; torch.outer(x, y); torch.lerp(x, y, 0.5)
        """,
    ),
    rule(
        "requires_grad_ returns the tensor itself; on an intermediate only True is accepted",
        """
        x = torch.ones(2, requires_grad=True); y = $tensor
        y.requires_grad_($flag) is y
        facts(y)
        """,
        tensor=[*NOT_LEAVES, "x", "torch.ones(2)", "x.detach()"],
        flag=["", "True", "False", "requires_grad=False", "requires_grad=True"],
    ),
    rule(
        "assigning the flag of an intermediate raises, with or without the way out",
        """
        x = torch.ones(2, requires_grad=True); y = $tensor
        y.requires_grad = $flag
        facts(y)
        """,
        tensor=[*NOT_LEAVES, "x", "torch.ones(2)", "x.detach()"],
        flag=["True", "False"],
    ),
    rule(
        "whole numbers and truth values cannot require gradients: factories",
        "$made",
        made=[made.format(", requires_grad=True") for made in WHOLE],
    ),
    rule(
        "whole numbers and truth values cannot require gradients: Variable, the method, the attribute",
        """
        x = $made
        $deed
        facts(x)
        """,
        made=[made.format("") for made in WHOLE],
        deed="""
            torch.autograd.Variable(x, requires_grad=True); x.requires_grad_(); x.requires_grad_(False);
            x.requires_grad = True; x.requires_grad = False; torch.nn.Parameter(x)
        """,
    ),
    rule(
        "a flag is a bool",
        """
        x = $leaf
        $deed
        facts(x)
        """,
        leaf=["torch.ones(2)", "torch.ones(2, requires_grad=True)", "torch.arange(2)"],
        deed=[f"x.requires_grad_({value})" for value in ("'a'", "1", "None", "1.5", "[]")]
        + [f"x.requires_grad = {value}" for value in ("'a'", "1", "None", "0.0")],
    ),
    rule(
        "is_leaf, grad_fn, output_nr cannot be assigned",
        """
        x = $leaf
        x.$name = $value
        """,
        leaf=["torch.ones(2)", "torch.ones(2, requires_grad=True) * 2"],
        name=["is_leaf", "grad_fn", "output_nr", "shape", "dtype", "T", "device", "ndim"],
        value=["True", "None"],
    ),
    rule(
        "a cast that changes nothing returns the tensor itself, another one is an operation",
        """
        x = torch.ones(2, dtype=$kind, requires_grad=$flag)
        y = $cast
        y is x
        facts(y)
        if y.grad_fn: edges(y)
        """,
        kind=["torch.float32", "torch.float64"],
        flag=[True, False],
        cast="""
            x.float(); x.double(); x.half(); x.long(); x.to('cpu'); x.cpu(); x.contiguous();
            x.to(torch.float32); x.to(dtype=torch.float64); x.type(torch.float64); x.type(torch.FloatTensor);
            x.type('torch.DoubleTensor'); x.to(x); x.to(torch.ones(1)); x.type_as(torch.ones(1));
            x.to(torch.float32, copy=True); x.to('cpu', torch.float64); x.to(torch.device('cpu')); x.bool()
        """,
    ),
    rule(
        ".grad of a non-leaf is None and warns every time, unless it retains",
        """
        x = torch.ones(2, requires_grad=True); y = $tensor
        y.grad
        y.grad
        $before
        y.grad is None
        """,
        tensor=[*NOT_LEAVES, "x", "x.detach()", "(x * 2).detach()", "x > 0", "torch.ones(2) * 2"],
        before=[
            "y.sum().backward()",
            "y.retain_grad(); y.sum().backward()",
            "with torch.no_grad(): y.grad",
            "y.grad = None",
            "y.requires_grad_()",
        ],
    ),
    rule(
        "retain_grad: nothing on a leaf, a mark on an intermediate, an error without flag",
        """
        x = torch.ones(2, requires_grad=True); y = $tensor
        y.retain_grad()
        y.retain_grad()
        y.retains_grad
        y.sum().backward()
        y.grad
        x.grad
        """,
        tensor=[*NOT_LEAVES, "x", "x.detach()", "torch.ones(2)", "x > 0"],
    ),
    rule(
        "a retained gradient accumulates, after the tensor's hooks, wherever they were registered",
        """
        x = torch.ones(2, requires_grad=True); y = $tensor
        $first
        $second
        s = (y * 3).sum(); s.backward(retain_graph=True); y.grad
        s.backward(); y.grad
        x.grad
        """,
        tensor=["x * 2", "x.view(2)", "x[0]", "x * x", "x"],
        first="""
            y.retain_grad(); y.register_hook(lambda g: g * 10); y.register_hook(lambda g: None)
        """,
        second=["y.retain_grad()", "y.register_hook(lambda g: g + 1)", "pass"],
    ),
    rule(
        "what may be assigned to .grad",
        """
        x = $leaf
        x.grad = $value
        x.grad
        x.grad = $value
        $end
        """,
        leaf="""
            torch.ones(3, requires_grad=True); torch.ones(3);
            torch.ones(3, dtype=torch.float64, requires_grad=True); torch.arange(3);
            torch.ones(1, 3, requires_grad=True); torch.ones(3, requires_grad=True) * 2;
            torch.tensor(1., requires_grad=True)
        """,
        value="""
            torch.ones(3); torch.ones(2); torch.ones(3).double(); torch.ones(3).long();
            torch.ones(3, dtype=torch.float16); torch.ones(1, 3); torch.tensor(1.); 1; 1.5; [1, 2, 3]; x; None;
            'a'; torch.ones(3, requires_grad=True); torch.ones(3, requires_grad=True) * 2;
            torch.ones(3, dtype=torch.bool); torch.ones(0)
        """,
        end=["del x.grad; x.grad", "x.grad = None; x.grad"],
    ),
    rule(
        "an assigned gradient is that tensor, and later passes add to it in place",
        """
        x = torch.ones(2, requires_grad=True); g = $given
        x.grad = g; x.grad is g
        (x * 2).sum().backward($how)
        x.grad is g, x.grad, g, g._version
        """,
        differs={
            r"\[::2\]": "PyTorch warns that a gradient of another layout may be slow",
        },
        given="""
            torch.ones(2); torch.zeros(2); torch.tensor([1., 2.]); torch.ones(4)[::2];
            torch.ones(2, requires_grad=True); torch.ones(2, requires_grad=True) * 1; torch.ones(1).expand(2)
        """,
        how=["", "create_graph=True"],
    ),
    rule(
        "deepcopy: only leaves; value, flag and gradient are copied",
        """
        import copy
        x = $tensor
        $before
        c = copy.deepcopy(x)
        c is x, type(c).__name__, c.grad is x.grad
        facts(c, x)
        with torch.no_grad(): c.mul_(5)
        x
        """,
        tensor=[
            *LEAVES,
            "torch.ones(2, requires_grad=True) * 2",
            "torch.arange(3)",
            "torch.ones(2, requires_grad=True)[0]",
            "torch.ones(3, 2).t()",
            "torch.ones(2)[:1]",
        ],
        before=["pass", "(x * 2).sum().backward()", "x.retain_grad()"],
    ),
    rule(
        "pickling keeps value and flag",
        """
        import pickle
        x = $tensor
        $before
        c = pickle.loads(pickle.dumps(x))
        type(c).__name__
        facts(c)
        """,
        tensor=[
            *LEAVES,
            "torch.arange(3)",
            "torch.tensor([True])",
            "torch.ones(3, 2).t()",
            "torch.zeros(0)",
            "torch.tensor(2.)",
        ],
        before=["pass", "(x * 2).sum().backward()"],
    ),
    rule(
        "torch.tensor of a tensor copies, drops the flag and warns; as_tensor does not copy",
        """
        x = $tensor
        t = $copy
        t is x
        facts(t)
        with torch.no_grad(): t.mul_(3)
        x.detach()
        """,
        tensor=[*LEAVES, "torch.ones(2, requires_grad=True) * 2", "torch.arange(3)"],
        copy="""
            torch.tensor(x); torch.tensor(x, dtype=torch.float64); torch.tensor(x, requires_grad=True);
            torch.as_tensor(x); torch.as_tensor(x, dtype=torch.float32); x.clone(); x.detach().clone();
            x.detach().clone().requires_grad_(True); torch.clone(x)
        """,
    ),
]
