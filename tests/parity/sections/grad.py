"""Section 4: `autograd.grad`, `autograd.functional` and the checkers of derivatives."""

from rule import entries, rule

TITLE = "4. autograd.grad"
START = """\
x = torch.tensor([1., 2.], requires_grad=True)
y = torch.tensor([3., 4.], requires_grad=True)
grad = torch.autograd.grad
"""
OUTPUTS = entries("""
    (x * y).sum(); x * y; x.sum(); x; [x * 2, y * x]; [(x * 2).sum(), (y * x).sum()]; torch.ones(1); x.detach();
    x * 0; (x * y).double().sum(); x[0]; x.max()
""")
INPUTS = entries("""
    x; [x]; (x, y); [x, y]; [y]; [x, x]; []; torch.ones(2); [x, torch.ones(2)]; x.detach()
""")
FUNCTIONS = entries("""
    x ** 3; x.exp(); x.sin(); 1 / x; x * x.detach(); x * 2; x.sigmoid(); x.tanh(); x.log(); x ** 2.5; x.relu();
    x * x * x; x / (x + 1); x.softmax(0); x.sqrt(); 2 ** x; x @ x; x.prod(); x.abs(); x.log_softmax(0)
""")
FUNCTIONAL = """\
from torch.autograd.functional import jacobian, hessian, vjp, jvp, hvp, vhp
x = torch.tensor([1., 2.]); y = torch.tensor([3., 5.])
"""
CHECK = """\
from torch.autograd import gradcheck, gradgradcheck
x = torch.tensor([0.5, 1.5], dtype=torch.float64, requires_grad=True)
y = torch.tensor([2.5, 3.5], dtype=torch.float64, requires_grad=True)
"""
RULES = [
    rule(
        "outputs and inputs: a tuple comes back, and .grad is left alone",
        START,
        """
        grad($outputs, $inputs$more)
        x.grad, y.grad
        """,
        outputs=OUTPUTS,
        inputs=INPUTS,
        more=["", ", allow_unused=True", ", materialize_grads=True"],
    ),
    rule(
        "the gradient that starts: shapes, kinds, lists",
        START,
        """
        grad($outputs, x, $seed)
        grad($outputs, [x], grad_outputs=$seed)
        """,
        outputs=["x * 2", "(x * y).sum()", "[x * 2, y * x]", "x", "x.double()"],
        seed="""
            None; torch.ones(2); torch.ones(3); torch.tensor([1., 10.]); [torch.tensor([1., 10.])];
            [torch.ones(2), torch.ones(2)]; [torch.ones(2), None]; torch.ones(()); torch.ones(2).double();
            torch.ones(2).long(); 1.0; [1., 2.]; 'a'; [None]; torch.ones(2, requires_grad=True)
        """,
        differs={
            r"grad\(x, x, torch.ones\(2, requires_grad": ("a gradient that is handed back as it came loses its flag"),
        },
    ),
    rule(
        "an unused input",
        START,
        "grad($output, $inputs, $how)",
        output=["(x * 2).sum()", "(y * 1).sum()", "y.sum()"],
        inputs=["x", "y", "[x, y]", "[y, x]"],
        how="""
            allow_unused=None; allow_unused=True; allow_unused=False; materialize_grads=True;
            materialize_grads=True, allow_unused=True; materialize_grads=True, allow_unused=False
        """,
    ),
    rule(
        "an input that requires no grad",
        START,
        "grad((x * 2).sum(), $inputs, allow_unused=$unused)",
        inputs=["torch.ones(2)", "x.detach()", "[x, x > 0]", "[y.detach(), x]"],
        unused=[True, False],
    ),
    rule(
        "no input at all",
        START,
        "grad($outputs, $inputs)",
        outputs=["x.sum()", "torch.ones(1)"],
        inputs=["[]", "()"],
    ),
    rule(
        "inputs in the middle of the graph",
        START,
        """
        h = x * 2; k = h * y
        grad(k.sum(), $inputs, retain_graph=$keep)
        grad(k.sum(), h)
        x.grad, h.grad_fn is None
        """,
        inputs=["h", "[h, x]", "[h, x, y]", "[k]", "[k, h]", "[h.view(2)]"],
        keep=["True", "False", "None"],
    ),
    rule(
        "it frees the graph like backward",
        START,
        """
        r = ($function).sum()
        len(grad(r, x$first))
        grad(r, x)
        r.backward()
        x.grad
        """,
        function=FUNCTIONS,
        first=["", ", retain_graph=True", ", create_graph=True", ", create_graph=True, retain_graph=False"],
    ),
    rule(
        "with create_graph the result has a graph, and again",
        START,
        """
        r = ($function).sum()
        for _ in range(3):
            r, = grad(r.sum(), x, create_graph=True)
            print(r.detach(), r.requires_grad)
        """,
        function=FUNCTIONS,
    ),
    rule(
        "without create_graph the result requires no grad",
        START,
        """
        g, = grad(($function).sum(), x)
        g, g.requires_grad, g.is_leaf
        g.sum().backward()
        """,
        function=FUNCTIONS,
    ),
    rule(
        "hooks of tensors run, what is stored does not change",
        START,
        """
        log = []
        h = $function
        x.register_hook(lambda g: log.append('x')); h.register_hook(lambda g: log.append('h') or g * 2)
        h.retain_grad()
        x.register_post_accumulate_grad_hook(lambda t: log.append('post'))
        grad(h.sum(), $inputs)
        log, x.grad, h.grad
        """,
        function=["x * 2", "x * y", "x.exp()"],
        inputs=["x", "h", "[x, h]"],
    ),
    rule(
        "deprecated and unknown arguments",
        START,
        "grad((x * y).sum(), x, $arguments)",
        arguments="""
            only_inputs=False; only_inputs=True; foo=1; retain_variables=True; None, None, True;
            None, True, False, True, True
        """,
    ),
    rule(
        "Jacobians",
        FUNCTIONAL,
        """
        jacobian(lambda x: $function, x)
        jacobian(lambda x: $function, x, create_graph=$create)
        jacobian(lambda x: $function, x, strict=True)
        jacobian(lambda x: $function, x, vectorize=True)
        """,
        function="""
            x * 2; x ** 2; x.sum(); x * x.sum(); torch.outer(x, x); x.detach() * 3; (x, x.sum()); torch.ones(2);
            x[0]; x.view(2, 1)
        """,
        create=[True, False],
    ),
    rule(
        "Jacobians of several arguments",
        FUNCTIONAL,
        """
        jacobian(lambda x, y: $function, (x, y))
        jacobian(lambda x, y: $function, (x, y), strict=True)
        """,
        function=["x * y", "x", "x.sum() + y.sum()", "(x * y, y)", "x @ y", "torch.outer(x, y)"],
    ),
    rule(
        "Hessians",
        FUNCTIONAL,
        """
        hessian(lambda x: $function, x)
        hessian(lambda x: $function, x, strict=True)
        """,
        function="""
            (x ** 3).sum(); x.prod(); x.sum(); x * x; (x * 2).sum(); x.exp().sum(); 3; x[0] ** 2 * x[1]
        """,
    ),
    rule(
        "Hessians of several arguments",
        FUNCTIONAL,
        "hessian(lambda x, y: $function, (x, y))",
        function=["(x * y).sum()", "(x ** 2 * y).sum()", "x.sum()", "x @ y"],
    ),
    rule(
        "products: output and product",
        FUNCTIONAL,
        """
        $product(lambda x: $function, x)
        $product(lambda x: $function, x, $v)
        $product(lambda x: $function, x, v=$v, create_graph=True)
        """,
        product=["vjp", "jvp", "hvp", "vhp"],
        function=["x ** 2", "(x ** 2).sum()", "x.exp().sum()", "x.sum()"],
        v=["torch.ones(2)", "torch.ones(3)", "torch.tensor(2.)", "None", "torch.tensor([1., 10.])"],
        differs={
            r"jvp.lambda x: .*sum\(\)": "the name of the node of a product with a recorded graph",
        },
    ),
    rule(
        "products of several arguments",
        FUNCTIONAL,
        "$product(lambda x, y: $function, (x, y), $v)",
        product=["vjp", "jvp", "hvp", "vhp"],
        function=["x * y", "(x * y).sum()"],
        v=["None", "torch.ones(2)", "(torch.ones(2), torch.ones(2))", "(torch.ones(2),)"],
    ),
    rule(
        "products: what is no tensor",
        FUNCTIONAL,
        "$call",
        call="""
            vjp(lambda x: x, 3); vjp(lambda x: 3, x); jacobian(lambda x: x, [x]); jacobian(lambda x: 3, x);
            hessian(lambda x: (x, 3), x); vjp(lambda x: x, x, 3); jvp(lambda x: x, 3);
            hvp(lambda x: x.sum(), 3); vhp(lambda x: 3, x)
        """,
    ),
    rule(
        "gradcheck accepts true derivatives",
        CHECK,
        """
        gradcheck(lambda x: $function, (x,))
        gradcheck(lambda x: $function, x)
        gradgradcheck(lambda x: $function, (x,))
        """,
        function="""
            x ** 3; x.exp(); x * 2; x.sin(); x.prod(); (x, x * x); x @ x; x.sigmoid()
        """,
    ),
    rule(
        "gradcheck of several arguments",
        CHECK,
        """
        gradcheck(lambda x, y: $function, ($inputs))
        gradgradcheck(lambda x, y: $function, ($inputs))
        """,
        function=["x * y", "x / y", "x @ y"],
        inputs=["x, y", "x, y.detach()"],
    ),
    rule(
        "gradcheck finds false ones",
        CHECK,
        """
        class Wrong(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x): return x * 2
            @staticmethod
            def backward(ctx, g): return g * $factor
        gradcheck(Wrong.apply, (x,))
        gradcheck(Wrong.apply, (x,), raise_exception=False)
        """,
        factor=["3", "0", "2"],
    ),
    rule(
        "gradcheck: nothing to check, and single precision",
        CHECK,
        "gradcheck(lambda x: x * 2, $inputs)",
        inputs=["(x.detach(),)", "(x.float().detach().requires_grad_(),)"],
    ),
]
