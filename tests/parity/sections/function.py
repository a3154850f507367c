"""Section 10: operations of one's own: `torch.autograd.Function`."""

from rule import rule

TITLE = "10. torch.autograd.Function"
START = """\
from torch.autograd import Function
x = torch.tensor([1., 2.], requires_grad=True); y = torch.tensor([3., 4.], requires_grad=True)
"""
CUBE = (
    START
    + """\
class Cube(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x ** 3
    @staticmethod
    def backward(ctx, g):
        x, = ctx.saved_tensors
        return g * 3 * x ** 2
"""
)
SPLIT = (
    START
    + """\
class Cube(Function):
    @staticmethod
    def forward(x): return x ** 3
    @staticmethod
    def setup_context(ctx, inputs, output):
        x, = inputs
        ctx.save_for_backward(x)
    @staticmethod
    def backward(ctx, g):
        x, = ctx.saved_tensors
        return g * 3 * x ** 2
"""
)
TWO = (
    START
    + """\
class Op(Function):
    @staticmethod
    def forward(ctx, a, b, k=2):
        ctx.save_for_backward(a, b); ctx.k = k
        print(torch.is_grad_enabled(), [getattr(t, 'requires_grad', None) for t in (a, b)])
        return a * b * k
    @staticmethod
    def backward(ctx, g):
        a, b = ctx.saved_tensors
        print(ctx.needs_input_grad, torch.is_grad_enabled(), g.requires_grad)
        return $returned
"""
)
RULES = [
    rule(
        "a function of one's own: value, node, first to third derivative",
        """
        $definition
        f = Cube.apply; r = f($argument)
        facts(r)
        edges(r) if r.grad_fn else None
        for _ in range(3):
            if r.requires_grad:
                r, = torch.autograd.grad(r.sum(), x, create_graph=True)
                print(r.detach(), type(r.grad_fn).__name__)
        """,
        definition=[CUBE, SPLIT],
        argument=["x", "x * 2", "x.detach()", "x[0]", "x.view(2, 1)", "torch.ones(2)", "x.sum()"],
        differs={
            r"f\(x\[0\]\)": "inside a recorded pass the node of a selection is SliceScatterBackward0",
        },
    ),
    rule(
        "inside a graph, with hooks, twice, retained, freed",
        """
        $definition
        h = x * 2; r = (Cube.apply(h) + h).sum()
        $before
        r.backward($keep)
        x.grad
        r.backward()
        x.grad
        """,
        definition=[CUBE, SPLIT],
        before="""
            pass; h.retain_grad(); h.register_hook(lambda g: g * 2); with torch.no_grad(): h.add_(1)
        """,
        keep=["", "retain_graph=True", "create_graph=True"],
    ),
    rule(
        "modes: off in forward, in backward as create_graph says",
        TWO,
        """
        r = Op.apply($arguments)
        r.requires_grad
        r.sum().backward(create_graph=$create)
        x.grad, y.grad
        """,
        arguments=["x, y", "x, y.detach()", "x.detach(), y", "x, y, 3", "x, 2.0", "x, y, None if 0 else 5"],
        returned=["g * b * ctx.k, g * a * ctx.k, None"],
        create=[True, False],
    ),
    rule(
        "what backward returns",
        TWO,
        """
        Op.apply($arguments).sum().backward()
        x.grad, y.grad
        """,
        arguments=["x, y", "x, y, 3", "x.detach(), y"],
        returned="""
            g; (g, g); (g, g, None); (g, g, None, None); (g, g, g); None, None, None; g, None, None; None;
            (g, 5, None); (torch.ones(7), g, None); (g.sum(), g, None); (torch.ones(1, 2), g, None);
            [g, g, None]; g.double(), g, None; (); 'a', g, None
        """,
    ),
    rule(
        "needs_input_grad",
        START,
        """
        class Op(Function):
            @staticmethod
            def forward(ctx, *inputs): print(ctx.needs_input_grad); return inputs[0] * 1
            @staticmethod
            def backward(ctx, g): print(ctx.needs_input_grad); return g, *[None] * (len(ctx.needs_input_grad) - 1)
        r = Op.apply($arguments)
        r.requires_grad and r.sum().backward(); x.grad
        """,
        arguments="""
            x; x, y; x, 3; x, y.detach(), None; x.detach(), y; x.detach(); x, 'a'; x, [y]
        """,
    ),
    rule(
        "under no_grad",
        CUBE,
        """
        with torch.$mode(): r = Cube.apply(x)
        facts(r)
        """,
        mode=["no_grad", "enable_grad"],
    ),
    rule(
        "save_for_backward: what may be saved",
        START,
        """
        class Op(Function):
            @staticmethod
            def forward(ctx, x):
                ctx.save_for_backward($saved)
                return x * 2
            @staticmethod
            def backward(ctx, g):
                print(ctx.saved_tensors)
                return g * 2
        r = Op.apply(x)
        r.sum().backward($keep)
        r.sum().backward()
        """,
        saved=["x", "x, None", "3", "x, 'a'", "", "None", "[x]", "torch.ones(2)", "x, x"],
        keep=["", "retain_graph=True"],
    ),
    rule(
        "saved tensors remember their version",
        START,
        """
        class Op(Function):
            @staticmethod
            def forward(ctx, x):
                out = x.exp(); ctx.save_for_backward($saved)
                return out
            @staticmethod
            def backward(ctx, g): return g * ctx.saved_tensors[0]
        h = x * 1; r = Op.apply(h)
        with torch.no_grad(): $edit
        r.sum().backward()
        x.grad
        """,
        saved=["x", "out"],
        edit=["h.add_(1)", "r.add_(1)", "h.data.add_(1)", "pass"],
    ),
    rule(
        "saved_tensors after they were freed; saved_variables",
        CUBE,
        """
        r = Cube.apply(x); n = r.grad_fn
        n.saved_tensors
        n.saved_variables
        r.sum().backward()
        n.$name
        """,
        name=["saved_tensors", "saved_variables", "needs_input_grad", "foo", "next_functions"],
    ),
    rule(
        "outputs that are not differentiable",
        START,
        """
        class Op(Function):
            @staticmethod
            def forward(ctx, x):
                a, b = x * 2, (x > 1) if $whole else x * 3
                $mark
                return a, b
            @staticmethod
            def backward(ctx, g, h): print(g, h); return g * 2
        a, b = Op.apply(x)
        facts(a, b)
        a.output_nr, b.output_nr
        $use.backward()
        x.grad
        """,
        whole=[True, False],
        mark="""
            ctx.mark_non_differentiable(b); pass; ctx.mark_non_differentiable(a, b);
            ctx.set_materialize_grads(False)
        """,
        use=["a.sum()", "b.sum()", "(a + b).sum()"],
    ),
    rule(
        "unused outputs arrive as zeros, or as None",
        START,
        """
        class Op(Function):
            @staticmethod
            def forward(ctx, x):
                ctx.set_materialize_grads($flag)
                return x * 2, x * 3, 'c'
            @staticmethod
            def backward(ctx, *g): print(g); return sum(k for k in g if k is not None)
        a, b, c = Op.apply(x)
        c
        $use.backward()
        x.grad
        """,
        flag=[True, False],
        use=["a.sum()", "b.sum()", "(a * b).sum()"],
    ),
    rule(
        "mark_dirty: an edit of the input",
        START,
        """
        class Op(Function):
            @staticmethod
            def forward(ctx, x):
                x.mul_(2); $mark
                return $returned
            @staticmethod
            def backward(ctx, g): return g * 2
        z = $input
        r = Op.apply(z)
        r is z
        facts(r)
        edges(r)
        r.sum().backward()
        x.grad
        """,
        mark=["ctx.mark_dirty(x)", "pass"],
        returned=["x", "x * 1", "x.clone()"],
        input=["x * 1", "x", "x.detach().clone()", "(x * 1)[0]"],
        differs={
            r"\* 1\)\[0\]": "a view that was edited inside: the graph of its base",
        },
    ),
    rule(
        "an input returned as it is",
        START,
        """
        class Op(Function):
            @staticmethod
            def forward(ctx, x): return $returned
            @staticmethod
            def backward(ctx, g): return g * 5
        z = $input
        r = Op.apply(z)
        r is z, r._is_view(), r.data_ptr() == z.data_ptr()
        facts(r)
        r.sum().backward()
        x.grad
        """,
        returned=["x", "x.view(2)", "x.detach()", "x[:]", "x.clone()"],
        input=["x", "x * 1"],
    ),
    rule(
        "what is not there",
        START,
        """
        class Op(Function):
        $body
        r = Op.apply(x)
        r.sum().backward()
        x.grad
        """,
        body=[
            "    pass",
            "    @staticmethod\n    def forward(ctx, x): return x * 2",
            "    @staticmethod\n    def backward(ctx, g): return g",
            "    @staticmethod\n    def forward(ctx, x): return 5\n    @staticmethod\n"
            "    def backward(ctx, g): return g",
            "    @staticmethod\n    def forward(ctx, x): return None\n    @staticmethod\n"
            "    def backward(ctx, g): return g",
            "    @staticmethod\n    def forward(ctx): return torch.ones(2)\n    @staticmethod\n"
            "    def backward(ctx, g): return g",
            "    @staticmethod\n    def forward(ctx, x): raise ValueError('forward')\n    @staticmethod\n"
            "    def backward(ctx, g): return g",
            "    @staticmethod\n    def forward(ctx, x): return x * 1\n    @staticmethod\n"
            "    def backward(ctx, g): raise ValueError('backward')",
            "    @staticmethod\n    def forward(ctx, x): return x * 1\n    @staticmethod\n"
            "    def vjp(ctx, g): return g * 7",
        ],
    ),
    rule(
        "instances are of old",
        CUBE,
        """
        c = Cube()
        c(x)
        Cube(1)
        Cube.apply()
        Cube.apply(x, x)
        """,
    ),
    rule(
        "once_differentiable",
        START,
        """
        from torch.autograd.function import once_differentiable
        class Op(Function):
            @staticmethod
            def forward(ctx, x): ctx.save_for_backward(x); return x ** 2
            @staticmethod
            @once_differentiable
            def backward(ctx, g): print(torch.is_grad_enabled()); return g * 2 * ctx.saved_tensors[0]
        r = Op.apply(x).sum()
        g, = torch.autograd.grad(r, x, create_graph=$create)
        facts(g)
        g.sum().backward()
        x.grad
        """,
        create=[True, False],
    ),
    rule(
        "free attributes of ctx, and the node is ctx",
        START,
        """
        class Op(Function):
            @staticmethod
            def forward(ctx, x): ctx.k = $value; return x * 2
            @staticmethod
            def backward(ctx, g):
                print(ctx.k, type(ctx).__name__, isinstance(ctx, torch.autograd.graph.Node))
                return g * 2
        r = Op.apply(x); r.grad_fn.k
        type(r.grad_fn).__name__, r.grad_fn.name(), r.grad_fn.next_functions[0][1]
        r.sum().backward()
        """,
        value=["3", "'a'", "[1]", "None"],
    ),
    rule(
        "a straight-through estimator",
        START,
        """
        class Op(Function):
            @staticmethod
            def forward(ctx, x): return x.$step()
            @staticmethod
            def backward(ctx, g): return g$clip
        (Op.apply(x * 0.7) * 3).sum().backward()
        x.grad
        """,
        step=["round", "sign", "floor"],
        clip=["", ".clamp(-1, 1)", " * 0"],
    ),
]
