"""Section 2: what older programs still say: Variable, volatile, range, typed constructors, `.data`."""

from rule import entries, rule

TITLE = "2. Variable, volatile and other legacy"
TENSORS = entries("""
    torch.ones(2); torch.ones(2, requires_grad=True); torch.ones(2, requires_grad=True) * 2; torch.arange(3);
    torch.tensor(1.5); torch.zeros(0); torch.ones(2, 3).t(); torch.tensor([True]);
    torch.nn.Parameter(torch.ones(2))
""")
NO_TENSORS = ["range(6)", "[1, 2]", "3.", "None", "'a'", "(1., 2.)", "{}", "True", "1"]
TYPES = entries("""
    FloatTensor; DoubleTensor; HalfTensor; LongTensor; IntTensor; ShortTensor; CharTensor; ByteTensor;
    BoolTensor; Tensor
""")
KINDS = ["float32", "float64", "float16", "int64", "int32", "int16", "int8", "uint8", "bool"]
RULES = [
    rule(
        "Variable(t) is a new leaf over the same memory",
        """
        from torch.autograd import Variable
        t = $tensor
        v = $call
        v is t, v.data_ptr() == t.data_ptr(), type(v).__name__
        facts(v)
        with torch.no_grad(): v[...] = 1
        t.detach()
        """,
        tensor=TENSORS,
        call="""
            Variable(t); Variable(t, True); Variable(t, requires_grad=False); Variable(t, requires_grad=True);
            Variable(data=t); torch.autograd.Variable(t, volatile=True); Variable(t, volatile=False);
            Variable(t.detach()); Variable(Variable(t))
        """,
    ),
    rule(
        "Variable takes a tensor",
        """
        from torch.autograd import Variable
        Variable($thing)
        Variable($thing, requires_grad=True)
        """,
        thing=NO_TENSORS,
    ),
    rule(
        "every tensor is a Variable",
        """
        from torch.autograd import Variable
        x = $tensor
        isinstance(x, Variable), isinstance(x, torch.Tensor), isinstance(3, Variable)
        issubclass(torch.nn.Parameter, torch.Tensor)
        """,
        tensor=TENSORS,
    ),
    rule(
        "a gradient reaches a Variable, not what it was made of",
        """
        from torch.autograd import Variable
        t = $tensor
        v = Variable(t, requires_grad=True); (v * v).sum().backward(); v.grad
        t.is_leaf and t.grad
        """,
        tensor=TENSORS,
    ),
    rule(
        "volatile is always False and warns",
        """
        x = $tensor
        x.volatile
        x.volatile = $value
        x.volatile
        facts(x)
        """,
        tensor=TENSORS,
        value=["True", "False", "None"],
    ),
    rule(
        "range includes its end, is a float, and is deprecated",
        """
        x = torch.range($arguments)
        facts(x)
        x
        """,
        arguments="""
            1, 6; 0, 1, 0.5; 1, 6, 2; 0, 3; 3; 6, 1, -1; 0, -1; 1, 6, dtype=torch.float64;
            1, 6, requires_grad=True; 0.5, 2; 1, 1; 0, 1, 0; 1, 3, -1; start=1, end=3; 0, 2, step=2; -2, 2
        """,
    ),
    rule(
        "a reshaped range with a flag is an intermediate",
        """
        x = torch.range(1, $end$flag)$shape
        x
        facts(x)
        x.requires_grad_()
        x.sum().backward()
        """,
        end=["6", "12"],
        flag=["", ", requires_grad=True"],
        shape=[".reshape((-1, 3))", ".view(-1, 2)", ".reshape(2, -1)", "[None]", ""],
    ),
    rule(
        "typed constructors take data, or sizes",
        """
        x = torch.$kind($data)
        x.dtype, x.shape, x.type(), x.is_leaf, x.requires_grad
        x
        """,
        kind=TYPES,
        data=[
            "[1, 2]",
            "range(3)",
            "[[1, 0], [0, 1]]",
            "(1, 0)",
            "[]",
            "[1.5]",
            "[True]",
            "",
            "0",
            "2, 0",
            "torch.Size([0, 2])",
        ],
    ),
    rule(
        "with integers typed constructors make tensors of that shape",
        """
        x = torch.$kind($sizes)
        x.dtype, x.shape, x.requires_grad
        """,
        kind=TYPES,
        sizes=["2", "2, 3", "1, 1, 1", "torch.Size([2, 2])"],
    ),
    rule(
        "typed constructors know no flag",
        "torch.$kind([1], requires_grad=True)",
        differs={
            "": "PyTorch's sentence goes on with a list of its constructors",
        },
        kind=TYPES[-1:],
    ),
    rule(
        "what typed constructors refuse",
        "torch.$kind($data)",
        kind=["FloatTensor", "Tensor", "LongTensor"],
        data=["'a'", "None", "1.5", "[[1, 2], [3]]"],
    ),
    rule(
        "the typed constructor of a tensor",
        """
        t = $tensor
        x = torch.Tensor(t)
        facts(x)
        """,
        differs={
            "requires_grad=True": "of a tensor that requires grad PyTorch makes a view, autovis a plain tensor",
        },
        tensor="""
            torch.ones(2); torch.ones(2, requires_grad=True); torch.ones(2, requires_grad=True) * 2
        """,
    ),
    rule(
        "type() names the type",
        """
        torch.ones(2, dtype=torch.$kind).type()
        torch.zeros(1).to(torch.$kind).type()
        """,
        kind=KINDS,
    ),
    rule(
        "type(kind) casts",
        """
        x = torch.tensor([0., 1.5, 2.])$flag
        y = x.type($kind)
        y is x
        facts(y)
        """,
        flag=["", ".requires_grad_()"],
        kind=[f"torch.{kind}" for kind in KINDS]
        + [f"'torch.{kind}'" for kind in TYPES[:-1]]
        + ["'foo'", "'torch.Foo'"],
    ),
    rule(
        "data: a fresh leaf over the same memory, whose edits are not counted",
        """
        x = $tensor
        d = x.data
        d is x, d.data_ptr() == x.data_ptr()
        facts(d)
        d.$edit
        x.detach(), x._version, d._version
        """,
        tensor=TENSORS,
        edit=["add_(1)", "zero_()", "mul_(2)", "fill_(3)", "requires_grad", "copy_(d + 1)"],
    ),
    rule(
        "assigning data replaces the contents",
        """
        x = $tensor
        before = x.data_ptr()
        x.data = $value
        facts(x)
        x.data_ptr() == before
        """,
        tensor=TENSORS,
        value="""
            torch.tensor([5., 6.]); torch.tensor([5., 6., 7.]); torch.ones(2, dtype=torch.int64); 3;
            torch.ones(2, dtype=torch.float64); torch.ones(2, 2, requires_grad=True);
            torch.ones(2, requires_grad=True) * 5; x.data * 2 if x.numel() else x; None; [1., 2.]
        """,
    ),
    rule(
        "a step by hand through data",
        """
        w = torch.tensor([1., 2.], requires_grad=True)
        for _ in range($steps):
            (w * w).sum().backward()
            w.data$step
            w.grad.data.zero_()
        facts(w)
        """,
        steps=[1, 3],
        step=[
            " -= 0.1 * w.grad.data",
            ".sub_(0.1 * w.grad)",
            ".add_(w.grad, alpha=-0.1)",
            " = w.data - 0.1 * w.grad",
            ".mul_(0.5)",
        ],
    ),
    rule(
        "retain_variables is gone",
        """
        x = torch.ones(2, requires_grad=True)
        $call
        """,
        call="""
            x.sum().backward(retain_variables=True); x.sum().backward(retain_variables=False);
            torch.autograd.backward(x.sum(), retain_variables=True);
            torch.autograd.grad(x.sum(), x, retain_variables=True)
        """,
    ),
    rule(
        "what the library does not have is not there",
        "$name",
        name="""
            torch.foo; torch.ones(1).foo; torch.nn.foo; torch.autograd.foo; torch.ones(1).foo(); torch.optim.Foo
        """,
    ),
]
