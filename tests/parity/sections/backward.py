"""Section 3: `backward`: what it accepts, where gradients go, what it frees, in which order it runs."""

from rule import entries, rule

TITLE = "3. backward"
ROOTS = entries("""
    x * 2; x.sum(); (x * 2).sum(); (x * x).view(1, 2); x[:1] * 3; x[0]; x; (x * 2).unsqueeze(1);
    (x * 2).double(); x.detach(); torch.ones(1); x.sum().view(1, 1, 1); x[:0]
""")
GRADIENTS = entries("""
    None; torch.tensor(3.); torch.tensor([3.]); torch.tensor([1., 10.]); torch.ones(3); torch.ones(2, 1);
    torch.ones(1, 2); torch.ones(2).double(); torch.ones(2).long(); torch.ones(2, dtype=torch.bool);
    torch.ones(2, dtype=torch.float16); torch.ones(2, requires_grad=True); x; torch.zeros(0)
""")
NO_GRADIENTS = ["1.0", "[1., 2.]", "(1., 2.)", "'a'", "[torch.ones(2)]", "True", "[None]", "[]", "{}", "object"]
SAVING = entries("""
    x * x; x * y; x.exp(); x.sin(); x / y; 2 / x; x ** 2; x.sigmoid(); x.max(); x.prod(); x.softmax(0); x @ y;
    x.relu(); x.abs(); x.norm(); x.logsumexp(0); x.clamp(0, 1); x.std(); torch.maximum(x, y); x ** y
""")
KEEPING_NOTHING = entries("""
    x + 2; x - y; -x; x * 2; x / 2; x.sum(); x.mean(); x.view(2, 1); x[0]; x[[0, 1]]; torch.cat([x, y]);
    torch.stack([x, y]); x.clone(); x.expand(2, 2); x.cumsum(0); x.t(); x.double(); torch.where(x > 0, x, y);
    x.flip(0); x.repeat(2); x.max(0)[0]; x.masked_fill(x > 1, 0.)
""")
START = """\
x = torch.tensor([1., 2.], requires_grad=True); y = torch.tensor([3., 4.], requires_grad=True)
"""
RULES = [
    rule(
        "root and gradient: which pairs go, and where the gradient arrives",
        START,
        """
        r = $root
        r.backward($gradient)
        facts(x)
        """,
        root=ROOTS,
        gradient=GRADIENTS,
    ),
    rule(
        "what is no gradient",
        START,
        """
        r = $root
        r.backward($gradient)
        facts(x)
        """,
        root=["x * 2", "x.sum()", "x", "torch.ones(2)"],
        gradient=NO_GRADIENTS,
    ),
    rule(
        "autograd.backward: what is no gradient",
        START,
        """
        torch.autograd.backward([x * 2], $gradient)
        facts(x)
        torch.autograd.backward(x.sum(), $gradient)
        """,
        gradient=NO_GRADIENTS,
    ),
    rule(
        "autograd.backward of several roots",
        START,
        """
        torch.autograd.backward($roots, $gradients) is None
        facts(x, y)
        """,
        roots="""
            [x * 2, y.sum()]; (x.sum(), y.sum()); [x.sum(), x.sum()]; x.sum(); [x.sum(), torch.ones(1)]; [];
            [x * 2, y * 3]; [x, x]
        """,
        differs={
            r"(y.*|3\]|x\]), \[torch.ones\(2\), torch.ones\((2\)|\()": (
                ""
                "where "
                "only "
                "the "
                "second "
                "gradient "
                "has "
                "the "
                "wrong "
                "shape, "
                "PyTorch "
                "fails "
                "while "
                "it "
                "writes "
                "the "
                "sentence; "
                "autovis "
                "says "
                "it"
            ),
        },
        gradients="""
            None; [None, None]; [torch.ones(2), None]; [torch.ones(2), torch.ones(())];
            [torch.ones(2), torch.ones(2)]; [None]; torch.ones(2); (torch.ones(2),); [torch.ones(3), None]; [];
            [1., 2.]
        """,
    ),
    rule(
        "both calls return None",
        START,
        "$call is None",
        call="""
            x.sum().backward(); torch.autograd.backward(x.sum()); x.backward(torch.ones(2));
            torch.autograd.backward([x.sum(), y.sum()])
        """,
    ),
    rule(
        "the old name grad_variables",
        START,
        """
        torch.autograd.backward($arguments)
        facts(x)
        """,
        arguments="""
            (x * 2).sum(), grad_variables=torch.ones(()); [x * 2], grad_variables=[torch.ones(2)];
            x.sum(), torch.ones(()), grad_variables=None; x.sum(), torch.ones(()), grad_variables=torch.ones(())
        """,
    ),
    rule(
        "a leaf of a kind gets gradients of that kind",
        """
        x = torch.ones(2, dtype=torch.$kind, requires_grad=True)
        (x * torch.tensor(2, dtype=torch.$other)).sum().backward()
        facts(x)
        (x.to(torch.$other) * 3).sum().backward()
        facts(x)
        """,
        kind=["float32", "float64", "float16"],
        other=["float32", "float64", "float16"],
    ),
    rule(
        "a leaf as root: the gradient is stored, then added",
        """
        x = torch.ones($shape, requires_grad=True)
        g = torch.ones($shape) * 2
        x.backward($gradient)
        facts(x)
        x.backward($gradient); facts(x)
        x.grad is g, g
        """,
        shape=["()", "1", "2", "(2, 1)", "0"],
        gradient=["", "g"],
    ),
    rule(
        "the first gradient is a new tensor, later ones are added to it in place",
        START,
        """
        g = torch.ones(2)
        $first
        h = x.grad; h is g, h.data_ptr() == g.data_ptr()
        v = h._version
        $second
        x.grad is h, x.grad, h, h._version - v, g
        """,
        differs={
            r"x\.view\(2\)\.backward": (
                "a gradient that passed through views only is stored as it is; autovis copies it"
            ),
        },
        first="""
            x.backward(g); (x + 1).backward(g); (x * 2).backward(g); (x + y).backward(g); x.view(2).backward(g);
            x.clone().backward(g); x.sum().backward(); (x + x).backward(g)
        """,
        second=[
            "x.backward(g)",
            "(x + 1).backward(g)",
            "(x * x).sum().backward()",
            "(x * x).sum().backward(create_graph=True)",
            "x.grad.zero_()",
            "x.grad = None; x.backward(g)",
            "torch.autograd.grad(x.sum(), x)",
        ],
    ),
    rule(
        "two leaves never share their gradients' memory",
        START,
        """
        $call
        x.grad.data_ptr() == y.grad.data_ptr()
        x.grad.add_(1); x.grad, y.grad
        """,
        call="""
            (x + y).sum().backward(); (x + y).backward(torch.ones(2)); (x - y).backward(torch.ones(2));
            torch.stack([x, y]).sum().backward(); torch.cat([x, y]).backward(torch.ones(4));
            (x + y.view(2)).backward(torch.ones(2)); torch.autograd.backward([x, y], [torch.ones(2)] * 2)
        """,
    ),
    rule(
        "who is not reached keeps None, factor 0 gives zeros",
        START,
        """
        z = $result
        z.sum().backward()
        x.grad, y.grad
        """,
        result="""
            x * 0; x * 0 + y.detach(); x + y * 0; x.detach() * y; x * (y > 100); torch.where(x > 0, x, y);
            torch.cat([x[:1], y[:1] * 0]); x[:0].sum() + y; x.floor(); x.sign() + y; x ** 0; (x == y) * x
        """,
    ),
    rule(
        "a node that saved something is freed after one pass",
        START,
        """
        r = ($result).sum(); r.backward()
        r.backward()
        r.backward(retain_graph=True)
        x.grad
        """,
        result=SAVING,
    ),
    rule(
        "a graph that saved nothing can be run again",
        START,
        """
        r = ($result).sum(); r.backward()
        r.backward(); x.grad
        r.backward(retain_graph=False); x.grad
        """,
        result=KEEPING_NOTHING,
    ),
    rule(
        "retain_graph keeps it for one more pass",
        START,
        """
        r = ($result).sum(); r.backward(retain_graph=True); r.backward($keep); x.grad
        r.backward()
        x.grad
        """,
        result=SAVING,
        keep=["", "retain_graph=True", "retain_graph=False", "None, True", "retain_graph=None"],
    ),
    rule(
        "create_graph retains unless told otherwise",
        START,
        """
        r = (x ** 3).sum(); r.backward($how)
        facts(x)
        r.backward()
        facts(x)
        x.grad.sum().backward()
        """,
        how="""
            create_graph=True; create_graph=True, retain_graph=False; create_graph=True, retain_graph=True;
            create_graph=False, retain_graph=True; None, None, True; None, False, True
        """,
    ),
    rule(
        "two losses on one trunk",
        START,
        """
        h = $trunk; a = ($first).sum(); b = ($second).sum()
        a.backward($keep)
        x.grad
        b.backward()
        x.grad
        """,
        trunk=["x * x", "x + 1", "x.exp()"],
        first=["2 * h", "h * h", "h"],
        second=["h ** 2", "h + 1", "h.sin()"],
        keep=["", "retain_graph=True"],
    ),
    rule(
        "inputs: only those get gradients",
        START,
        """
        h = x * y; r = (h * 2 + x).sum()
        r.backward(inputs=$inputs)
        x.grad, y.grad, h.retains_grad, h.grad
        """,
        inputs="""
            [x]; [y]; [x, y]; x; (y,); [h]; [h, x]; [h, h]; [x, x]; []; (); None; [torch.ones(2)]; [x.detach()];
            [r]; [y * 1]; [h.view(2)]; 3; [3]; 'a'
        """,
    ),
    rule(
        "inputs and a second pass",
        START,
        """
        h = x * y; r = h.sum(); r.backward(inputs=$first$keep)
        r.backward(inputs=$second)
        x.grad, y.grad
        """,
        first=["[x]", "[y]", "[h]"],
        keep=["", ", retain_graph=True", ", create_graph=True"],
        second=["[x]", "[y]", "[h]", "[x, y]"],
    ),
    rule(
        "create_graph in backward warns and makes gradients with a history",
        START,
        """
        r = ($result).sum()
        r.backward(create_graph=True)
        x.grad.requires_grad, x.grad.grad_fn is None
        g = x.grad; x.grad = None; g.sum().backward()
        x.grad
        """,
        result="""
            x ** 3; x * 2; x.exp(); x.sin() * y; x + y; x * y; x.sigmoid(); x.tanh()
        """,
    ),
    rule(
        "a chain of many nodes neither overflows in backward nor when freed",
        """
        x = torch.tensor(1., requires_grad=True); y = x
        for _ in range($length): y = y $step
        y.backward(); x.grad
        del y; gc.collect() is None
        """,
        length=[1, 100, 20000],
        step=["+ 1", "* 1", "- x", "+ x"],
    ),
    rule(
        "paths add up",
        """
        x = torch.tensor(3., requires_grad=True); y = x
        for _ in range($length): y = y $step y
        y.backward(); x.grad
        """,
        length=[1, 2, 5, 20],
        step=["+", "-"],
    ),
    rule(
        "ready nodes run newest first",
        """
        log = []
        a = torch.ones(1, requires_grad=True); b = torch.ones(1, requires_grad=True)
        $program
        for name, v in list(globals().items()):
            if isinstance(v, torch.Tensor): v.register_hook(lambda g, name=name: log.append(name))
        r.backward(); log
        """,
        program=[
            "p = a * 2; q = b * 3; r = p + q",
            "q = b * 3; p = a * 2; r = p + q",
            "p = a * 2; q = b * 3; s = p + q; t = s * p; r = t + q",
            "p = a * b; q = a * b; s = q * 1; r = s + p",
            "p = a + 1; q = p + 1; s = a * 2; r = q + s",
            "s = a * 2; p = a + 1; q = p + 1; r = q + s",
            "p = a * 2; q = a * 3; s = b * 4; t = q + s; r = p * t",
            "p = a.exp(); q = p.exp(); s = p * q; t = s + p; u = a * t; r = u + q",
            "p = a * b; r = p * p",
            "r = (a * b) * (a + b)",
        ],
    ),
    rule(
        "errors of hooks come through unchanged",
        START,
        """
        def fail(g): raise $error
        h = x * 2
        $where.register_hook(fail)
        h.sum().backward()
        x.grad
        h.sum().backward()
        """,
        error="""
            ValueError('mine'); KeyError('k'); RuntimeError('r'); ZeroDivisionError(); StopIteration(1)
        """,
        where=["x", "h"],
    ),
    rule(
        "unknown arguments",
        START,
        """
        x.sum().backward($arguments)
        facts(x)
        """,
        differs={
            "retain_graph='a'": "anything true counts as True",
        },
        arguments="""
            retain_graph=1; retain_graph='a'; foo=1; None, None, False, [x], 5; gradients=torch.ones(());
            create_graph=1
        """,
    ),
]
