"""Section 7: edits in place, version counters, views and their bases."""

from rule import entries, rule

TITLE = "7. In place, versions, views"
START = "x = torch.tensor([[1., 2.], [3., 4.]], requires_grad=True)\n"
EDITS = entries("""
    add_(1); sub_(1); mul_(2); div_(2); zero_(); fill_(3); copy_(torch.ones(2, 2)); exp_(); sigmoid_(); tanh_();
    relu_(); sqrt_(); neg_(); abs_(); pow_(2); clamp_(1, 3); round_(); floor_(); log_(); __setitem__(0, 7);
    __setitem__((0, 1), 7); __setitem__(slice(1), 7); __iadd__(1); __imul__(2);
    masked_fill_(torch.tensor([[True, False], [False, True]]), 9.);
    __setitem__(torch.tensor([[True, False], [False, True]]), 9.); add_(torch.ones(2, 2), alpha=2);
    __setitem__([0], 5.); square_(); reciprocal_(); rsqrt_(); sin_(); cos_(); clamp_min_(2); clamp_max_(2);
    ceil_(); trunc_(); sign_(); t_(); lerp_(torch.ones(2, 2), 0.5)
""")
VIEWS = entries("""
    z[0]; z[:1]; z[:, 1]; z[0, 1]; z.view(4); z.reshape(4); z.t(); z.T; z.transpose(0, 1); z.permute(1, 0);
    z.unsqueeze(0); z.squeeze(); z.narrow(0, 0, 1); z.select(1, 0); z.diagonal(); z[...]; z[None]; z.flatten();
    z.view_as(z); z[::2]; z[0][1]; z.t()[0]; z.view(4)[1:3]; z.unflatten(0, (2, 1)); z.mT; z.movedim(0, 1);
    z.detach()
""")
SEVERAL = entries("""
    z.split(1)[0]; z.chunk(2)[1]; z.unbind()[0]; z.split([1, 1])[1]; z.unbind(1)[1]; z.split(1, 1)[0];
    list(z)[0]
""")
NO_VIEWS = entries("""
    z[[0]]; z[z > 1]; z.clone(); z + 0; z.repeat(2, 1); z.t().reshape(4); z.t().contiguous(); z.double();
    z.gather(0, torch.zeros(1, 2).long()); torch.cat([z, z])
""")
SAVERS = entries("""
    z * z; z.exp(); z.sin(); z ** 2; z.sigmoid(); z.relu(); z.sum(); z + 1; z * 2; z.view(4) * z.view(4); z @ z;
    z.softmax(0); z.log(); z.abs(); z.max(); z.prod(); z / x; x / z; z.clamp(1, 3); z.mean(0)
""")
SMALL = entries("""
    add_(1); mul_(2); zero_(); fill_(3); exp_(); copy_(torch.zeros_like(v)); __setitem__(..., 3); mul_(v);
    relu_(); add_(x.sum()); sigmoid_()
""")
END = "(z * torch.tensor([[1., 10.], [100., 1000.]])).sum().backward()\nx.grad"
RULES = [
    rule(
        "each edit adds one to the version",
        """
        x = torch.tensor([[1., 2.], [3., 4.]])
        x.$edit is x
        x, x._version
        """,
        edit=EDITS,
    ),
    rule(
        "the version is shared by views and detached tensors, not by clones and data",
        """
        x = torch.ones(2, 2); z = x * 1; $other
        o.$edit
        z._version, o._version, z
        """,
        other="""
            o = z; o = z[0]; o = z.t(); o = z.detach(); o = z.data; o = z.clone(); o = z[0].detach();
            o = z.view(4)[1:]; o = z.data[0]; o = z.expand(2, 2); o = z.contiguous(); o = z[[0]]
        """,
        edit=["add_(1)", "zero_()", "mul_(2).add_(1)", "__setitem__(0, 5)", "fill_(1)"],
    ),
    rule(
        "a leaf that requires grad cannot be edited",
        START,
        """
        x.$edit
        x, x._version
        """,
        edit=EDITS,
    ),
    rule(
        "nor through a view of it",
        START,
        """
        z = x
        v = $view
        v.$edit
        facts(v, x)
        """,
        view=VIEWS + SEVERAL,
        edit=SMALL[:7],
    ),
    rule(
        "under no_grad a leaf may be edited",
        START,
        """
        with torch.no_grad(): x.$edit
        facts(x)
        (x * x).sum().backward()
        x.grad
        """,
        edit=EDITS,
    ),
    rule(
        "under no_grad through a view, made inside or outside",
        START,
        """
        z = x
        $outside
        with torch.no_grad():
            v = $view
            v.$edit
        facts(x, v)
        (x * x).sum().backward()
        x.grad
        """,
        outside=["pass"],
        view=VIEWS,
        edit=["add_(1)", "zero_()", "__setitem__(..., 3)"],
    ),
    rule(
        "an edit of an intermediate rewires its history",
        START,
        """
        z = x * 1
        z.$edit
        facts(z)
        edges(z)
        """,
        END,
        edit=[e for e in EDITS if e != "t_()"]
        + [
            "add_(x)",
            "mul_(x)",
            "mul_(z)",
            "sub_(x * 2)",
            "copy_(x)",
            "__setitem__(0, x[1])",
            "__setitem__((slice(None), 1), x[0])",
            "div_(x)",
            "pow_(x)",
            "__setitem__([0, 1], x * 2)",
            "lerp_(x, 0.5)",
            "masked_fill_(x > 2, 0.)",
        ],
    ),
    rule(
        "a plain tensor becomes tracked by what is put into it",
        START,
        """
        p = torch.zeros(2, 2)
        p.$edit
        facts(p)
        edges(p)
        z = p
        """,
        END,
        edit="""
            add_(x); mul_(x); copy_(x); __setitem__(0, x[1]); __setitem__((0, 1), x[1, 1]); sub_(x, alpha=2);
            __setitem__([0, 1], x); __iadd__(x); view(4).__setitem__(slice(1, 3), x[0]); t().copy_(x);
            __setitem__(torch.tensor([[True, False], [True, False]]), x[0]); div_(x); lerp_(x, 0.5);
            masked_fill_(x > 2, x.sum()); fill_(x.sum())
        """,
    ),
    rule(
        "an edit of a view changes the base and its history",
        START,
        """
        z = x * 1; v = $view
        v.$edit
        facts(z, v)
        edges(z); edges(v)
        """,
        END,
        view=VIEWS,
        edit=SMALL,
    ),
    rule(
        "an edit of the base changes the view and its history",
        START,
        """
        z = x * 1; v = $view
        z.$edit
        facts(z, v)
        edges(v)
        (v * v.detach()).sum().backward()
        x.grad
        """,
        view=VIEWS[:-1],
        edit="""
            add_(1); mul_(2); zero_(); exp_(); __setitem__(0, 5.); copy_(x * 2); mul_(z); sigmoid_()
        """,
    ),
    rule(
        "two edits, of base and view in turn",
        START,
        """
        z = x * 1; v = $view
        $first
        $second
        facts(z, v)
        edges(z); edges(v)
        """,
        END,
        view=VIEWS[:-1],
        first=["z.add_(1)", "v.mul_(2)", "v.copy_(v * 3)"],
        second=["z.mul_(3)", "v.add_(1)", "v.zero_()", "z[0] = x[1]"],
    ),
    rule(
        "two views of one base",
        START,
        """
        z = x * 1; v = $first; w = $second
        v.mul_(2); w.add_(1)
        facts(z, v, w)
        (v.sum() * 3 + w.sum()).backward()
        x.grad
        """,
        first=VIEWS[:12],
        second=VIEWS[:12],
    ),
    rule(
        "outputs of operations that return several views cannot be edited",
        START,
        """
        z = $base; v = $view
        v.$edit
        facts(v, z)
        """,
        base=["x * 1", "torch.ones(2, 2)", "x", "x.detach()"],
        view=SEVERAL,
        edit=["add_(1)", "zero_()", "__setitem__(0, 1.)", "copy_(v * 2)", "add_(x.sum())"],
    ),
    rule(
        "nor is their history told after the base was edited",
        START,
        """
        z = x * 1; v = $view
        z.$edit
        v.requires_grad
        v.grad_fn
        v
        """,
        view=SEVERAL,
        edit=["add_(1)", "zero_()", "__setitem__(0, 1.)"],
    ),
    rule(
        "a view made under no_grad",
        START,
        """
        z = $base
        with torch.no_grad(): v = $view
        facts(v, v._is_view())
        v.$edit
        facts(z)
        v.requires_grad
        with torch.no_grad(): v.$edit
        v
        """,
        base=["x", "x * 1", "torch.ones(2, 2)"],
        view=VIEWS[:-1],
        edit=["add_(1)", "mul_(x.sum())"],
    ),
    rule(
        "a view of a plain base that begins to require grad",
        START,
        """
        z = torch.ones(2, 2); v = $view
        z.requires_grad_()
        v.requires_grad, v.grad_fn
        v.$edit
        facts(v, z)
        """,
        view=VIEWS,
        edit=["add_(1)", "zero_()"],
    ),
    rule(
        "which operations make views",
        START,
        """
        z = $base
        v = $view
        v._is_view(), v._base is z, v._base is None, v.data_ptr() == z.data_ptr()
        w = v[..., :1]
        w._is_view(), w._base is z, w._base is v
        """,
        base=["torch.ones(2, 2)", "x * 1", "x"],
        view=[v for v in VIEWS if v not in ("z[0, 1]", "z[0][1]")]
        + SEVERAL
        + NO_VIEWS
        + ["z.expand(2, 2, 2)", "z.contiguous()", "z.float()", "z.squeeze(0)", "z.data"],
    ),
    rule(
        "a saved tensor that changed is noticed, a thing that was not saved may change",
        START,
        """
        z = $trunk; r = $saver
        z.$edit
        r.sum().backward()
        x.grad
        """,
        differs={
            r"z\.(prod|max)\(\)\nz\.data": (
                "what an edit through data, which nothing notices, does to the gradient of prod and max"
            ),
        },
        trunk=["x + 0", "x * 1", "x.exp()"],
        saver=SAVERS,
        edit="""
            add_(1); zero_(); detach().add_(1); data.add_(1); view(4)[0].mul_(2); t().add_(1)
        """,
    ),
    rule(
        "a result that changed",
        START,
        """
        z = x + 0; r = $saver
        r.$edit
        r.sum().backward()
        x.grad
        """,
        saver=SAVERS,
        edit=["add_(1)", "mul_(2)", "zero_()", "detach().add_(1)", "view(-1)[0].mul_(2)"],
    ),
    rule(
        "a saved leaf that changed",
        START,
        """
        r = $saver
        with torch.no_grad(): x.$edit
        r.sum().backward()
        x.grad
        """,
        saver="""
            x * x; x.exp(); x + 1; x ** 2; x * 2; x.sin(); x @ x; x.view(4) * 3; x[0] * x[1]
        """,
        edit=["add_(1)", "zero_()", "view(4).add_(1)", "mul_(1)"],
    ),
    rule(
        "the sentence names kind, shape, operation, output and versions",
        """
        x = torch.ones($shape, dtype=torch.$kind, requires_grad=True); z = $trunk; r = z * z
        z.detach().add_(1)$more
        r.sum().backward()
        """,
        shape=["()", "3", "(2, 3)"],
        kind=["float32", "float64"],
        differs={
            r"split\(1\)\[0\]; r": "of a piece of a split PyTorch says that its base was modified",
        },
        trunk="""
            x * 2; x.exp(); x.view(-1); x.sum(); x.clone(); x.relu(); x.unsqueeze(0);
            x.expand(2, *x.shape).clone(); x.view(-1).split(1)[0] + 0; x.view(-1).split(1)[0]; x.max();
            x.sigmoid(); torch.stack([x, x])
        """,
        more=["", ".mul_(2)"],
    ),
    rule(
        "the result of an edit keeps the kind of the tensor",
        """
        x = $tensor
        x.$edit
        x
        """,
        differs={
            r"(True, False|uint8).*\)\nx\.(pow_|sqrt_|neg_|div_|sub_|add_|mul_|clamp_)": (
                "truth values and bytes: PyTorch refuses more"
            ),
        },
        tensor="""
            torch.tensor([1, 2]); torch.tensor([True, False]); torch.ones(2);
            torch.ones(2, dtype=torch.float64); torch.ones(2, dtype=torch.uint8); torch.tensor(1);
            torch.ones(2, dtype=torch.float16)
        """,
        edit="""
            add_(1); add_(1.5); mul_(True); mul_(2.5); div_(2); add_(torch.tensor([1., 2.]));
            add_(torch.tensor(1.5)); add_(torch.tensor([1, 2])); copy_(torch.tensor([1.7, 2.7]));
            __setitem__(0, 2.7); fill_(2.7); pow_(2); sqrt_(); neg_(); zero_(); clamp_(0, 1);
            masked_fill_(torch.tensor([True, False]), 3)
        """,
    ),
    rule(
        "shapes that do not fit",
        """
        x = torch.ones($shape)
        x.$edit
        x
        """,
        shape=["3", "(2, 3)", "(2, 1)", "()", "0"],
        edit="""
            add_(torch.ones(2, 3)); mul_(torch.ones(2)); copy_(torch.ones(4)); copy_(torch.ones(2, 3));
            __setitem__(0, torch.ones(4)); sub_(torch.ones(3)); fill_(torch.ones(2))
        """,
    ),
    rule(
        "out= and tracked arguments",
        START,
        """
        o = torch.zeros(2, 2)
        $call
        o
        """,
        call="""
            torch.mul(x, 2, out=o); torch.add(x, x, out=o); torch.mul(x.detach(), 2, out=o);
            torch.matmul(x.detach(), x.detach(), out=o); torch.add(x.detach(), 1, out=x)
        """,
    ),
    rule(
        "expanded tensors cannot be written to",
        """
        x = torch.ones($shape); e = x.expand(2, 3)
        e.$edit
        e
        """,
        shape=["3", "(1, 3)", "(2, 1)"],
        edit=["add_(1)", "mul_(2)", "copy_(torch.ones(2, 3))", "__setitem__(0, 5)", "exp_()"],
    ),
    rule(
        "an edit that is recorded through a loop",
        START,
        """
        buffer = $buffer
        for k in range(2):
            buffer[k] = $value
        facts(buffer)
        z = buffer
        """,
        END,
        differs={
            r"buffer\[0\]\.detach": ("a detached view is a leaf: PyTorch's sentence does not say whose output it is"),
        },
        buffer=["torch.zeros(2, 2)", "x.clone()", "x.new_zeros(2, 2)", "x.detach().clone()"],
        value="""
            x[k] ** 2; x[1 - k]; x[k] * buffer[0].detach(); buffer[k - 1] + x[k]; x[:, k]; x[k].sum()
        """,
    ),
    rule(
        "an optimiser's step by hand",
        START,
        """
        for _ in range(2):
            r = (x ** 2).sum(); r.backward()
            with torch.no_grad(): $step
            $clear
        facts(x)
        """,
        step="""
            x -= 0.1 * x.grad; x.sub_(0.1 * x.grad); x.add_(x.grad, alpha=-0.1); x.copy_(x - 0.1 * x.grad);
            x[0] -= x.grad[0]
        """,
        clear=["x.grad = None", "x.grad.zero_()", "pass"],
    ),
]
