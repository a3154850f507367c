"""Section 13: kinds of numbers: what is made, promoted, reduced, turned into Python."""

from rule import entries, rule

TITLE = "13. Dtypes"
KINDS = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]
DATA = entries("""
    [1, 2]; [1., 2.]; [True, False]; [1, True]; [True, 1.5]; []; [[]]; 1; 1.5; True; [[1, 2], [3, 4]]; (1, 2);
    range(3); [1, 2.5, True]; [[1], [2.5]]; float('nan'); -0.0; 1e10; 2 ** 40; [[[1]]];
    [torch.tensor(1), torch.tensor(2)]; [torch.tensor(1.5), 2]; [[1, 2], [3]]; 'a'; [1, 'a']; None; {}; [None];
    1j if 0 else 1; np.float32(1.5); np.array([1, 2], dtype=np.int32); np.ones(2); np.array(True);
    np.arange(3, dtype=np.uint8); [np.float64(1)]; np.int64(3)
""")
NP = "import numpy as np\n"
MAKERS = entries("""
    torch.arange(3); torch.arange(1, 4); torch.arange(0, 1, 0.25); torch.arange(3.);
    torch.arange(3, dtype=torch.float32); torch.arange(5, 0, -2); torch.arange(0, 3, 1.); torch.arange(1, 1);
    torch.arange(3, 0); torch.zeros(2); torch.ones(1, 2); torch.ones((2,)); torch.full((2,), 7);
    torch.full((2,), 7.); torch.full((1,), True); torch.full((), 1.5); torch.eye(2); torch.eye(2, 3);
    torch.linspace(0, 1, 3); torch.linspace(1, 0, 1); torch.zeros(2, dtype=torch.long);
    torch.zeros_like(torch.arange(2)); torch.ones_like(torch.ones(2).double());
    torch.full_like(torch.ones(2), 3); torch.full_like(torch.arange(2), 3); torch.zeros(());
    torch.zeros((2, 0)); torch.zeros(2, 0); torch.empty(0); torch.ones(2).new_zeros(3);
    torch.arange(2).new_ones(2); torch.ones(1).double().new_tensor([1, 2]);
    torch.tensor([1, 2], dtype=torch.float64); torch.tensor([1.7, -1.7], dtype=torch.int64);
    torch.tensor([0, 2], dtype=torch.bool); torch.zeros(-1); torch.arange(0, 3, -1); torch.ones(2, 'a');
    torch.zeros(1.5); torch.logspace(0, 2, 3); torch.scalar_tensor(3); torch.ones([2, 1]);
    torch.zeros(torch.Size([2]))
""")
FLOAT_FUNCTIONS = entries("""
    exp(); sqrt(); sigmoid(); sin(); tanh(); log(); reciprocal(); mean(); std(); var(); norm(); softmax(0);
    relu(); abs(); neg(); sign(); floor(); round(); square(); clamp(0, 1); sum(); prod(); cumsum(0); cumprod(0);
    max(); min(); max(0)[0]; argmax(); any(); all(); amax(); median(); sort()[0]; logsumexp(0); float(); long();
    bool(); half(); erf(); rsqrt(); isnan(); isinf(); unique(); nonzero(); count_nonzero(); diff(); flip(0);
    item() if x.numel() == 1 else 0; tolist(); trunc(); ceil(); log1p(); expm1(); atan(); logical_not(); numpy()
""")
RULES = [
    rule(
        "what tensor() makes of data",
        NP,
        """
        x = torch.tensor($data)
        facts(x)
        x
        """,
        data=DATA,
    ),
    rule(
        "tensor() with a kind",
        NP,
        """
        x = torch.tensor($data, dtype=torch.$kind)
        facts(x)
        x
        """,
        data="""
            [0, 2]; [1.7, -1.7]; [True, False]; []; 3; 1.5; range(3); np.array([1.5, 2.])
        """,
        kind=KINDS,
    ),
    rule(
        "as_tensor, from_numpy, numpy: shared or copied",
        NP,
        """
        a = np.$array; t = $make
        a[...] = 9
        t, t.dtype
        """,
        array="""
            ones(2); arange(3); zeros((2, 2), dtype=np.float32); ones(2, dtype=bool); ones(2, dtype=np.int16)
        """,
        make="""
            torch.tensor(a); torch.as_tensor(a); torch.from_numpy(a); torch.asarray(a);
            torch.as_tensor(a, dtype=torch.float64)
        """,
        differs={
            r"as_tensor\(a, dtype": "as_tensor of an array ignores the kind that was asked for",
        },
    ),
    rule(
        "what factories make",
        """
        x = $made
        facts(x)
        x
        """,
        made=MAKERS,
    ),
    rule(
        "a plain reading of every kind",
        """
        torch.$kind, repr(torch.$kind), str(torch.ones(1, dtype=torch.$kind).dtype)
        torch.$kind.is_floating_point, torch.$kind.itemsize, torch.ones(2, dtype=torch.$kind)
        torch.ones(1, dtype=torch.$kind).element_size()
        """,
        kind=KINDS,
    ),
    rule(
        "aliases",
        "torch.$name, torch.$name is torch.$other",
        name=["float", "double", "half", "long", "int", "short", "uint8"],
        other=["float32", "float64", "float16", "int64", "int32", "int16", "uint8"],
    ),
    rule(
        "promotion of two dimensioned tensors",
        "(torch.ones(2, dtype=torch.$a) $operator torch.ones(2, dtype=torch.$b))",
        a=KINDS,
        b=KINDS,
        operator=["+", "*", "/", "//", ">", "-", "**", "%"],
        differs={
            "bool": "truth values: // % ** are computed; PyTorch refuses or keeps them",
        },
    ),
    rule(
        "promotion of a dimensioned tensor with a 0-d one",
        """
        (torch.ones(2, dtype=torch.$a) $operator torch.ones((), dtype=torch.$b))
        (torch.ones((), dtype=torch.$b) $operator torch.ones(2, dtype=torch.$a))
        """,
        a=KINDS,
        b=KINDS,
        operator=["+", "*", "/", "//"],
        differs={
            "bool": "truth values: // % ** are computed; PyTorch refuses or keeps them",
        },
    ),
    rule(
        "promotion of two 0-d tensors",
        "(torch.ones((), dtype=torch.$a) $operator torch.ones((), dtype=torch.$b))",
        a=KINDS,
        b=KINDS,
        operator=["+", "/", "%"],
        differs={
            "bool": "truth values: // % ** are computed; PyTorch refuses or keeps them",
        },
    ),
    rule(
        "promotion with a Python number",
        """
        torch.ones($shape, dtype=torch.$a) $operator $number
        $number $operator torch.ones($shape, dtype=torch.$a)
        """,
        shape=["2", "()"],
        a=KINDS,
        operator=["+", "-", "*", "/", "//", "%", "**", "<", "=="],
        number=["2", "1.5", "True"],
        differs={
            "bool": "truth values: // % ** are computed; PyTorch refuses or keeps them",
        },
    ),
    rule(
        "result_type, can_cast, promote_types",
        """
        torch.promote_types(torch.$a, torch.$b), torch.can_cast(torch.$a, torch.$b)
        torch.result_type(torch.ones(1, dtype=torch.$a), torch.ones((), dtype=torch.$b))
        """,
        a=KINDS,
        b=KINDS,
    ),
    rule(
        "what functions make of every kind",
        """
        x = torch.ones($shape, dtype=torch.$kind)
        r = x.$function
        r
        """,
        kind=KINDS,
        shape=["3"],
        function=FLOAT_FUNCTIONS,
        differs={
            "bool.*(relu|abs|sign|floor|round|argmax|trunc|ceil|softmax)": (
                "truth values: functions that PyTorch refuses are computed"
            ),
        },
    ),
    rule(
        "joins and choices of two kinds",
        """
        a = torch.ones(2, dtype=torch.$a); b = torch.zeros(2, dtype=torch.$b)
        $join
        """,
        a=KINDS[::2],
        b=KINDS,
        join="""
            torch.cat([a, b]); torch.stack([a, b]); torch.where(a > 0, a, b); torch.maximum(a, b); a @ b;
            torch.outer(a, b); a == b; torch.dot(a, b)
        """,
        differs={
            "bool.*bool.*@|dot": "a product of truth values is computed",
        },
    ),
    rule(
        "where with numbers",
        """
        c = torch.tensor([True, False])
        torch.where(c, $a, $b)
        """,
        a=["1", "1.5", "True", "torch.tensor(2)", "torch.tensor([1., 2.])", "torch.tensor([1, 2])"],
        b=["0", "0.5", "False", "torch.tensor(3.)", "torch.tensor([3, 4])"],
    ),
    rule(
        "integers: division, remainder, powers, zero",
        "i = torch.tensor([7, -7, 3]); i $operator $number",
        operator=["/", "//", "%", "**", "&", "|", "^", "<<", ">>"],
        number="""
            2; -2; 0; 3; 2.0; -0.75; torch.tensor(2); torch.tensor([2, 3, 4]); True
        """,
        differs={
            r"(&|\||\^|<<|>>) (2\.0|-0\.75)": "bits of fractions are refused in NumPy's words",
        },
    ),
    rule(
        "reversed: a number and integers",
        "i = torch.tensor([7, -7, 3]); $number $operator i",
        operator=["/", "//", "%", "**", "-"],
        number=["2", "-2", "0", "2.5", "True"],
    ),
    rule(
        "rounding modes of div",
        "torch.div(torch.tensor($values), $by, rounding_mode=$mode)",
        values=["[7, -7, 3]", "[7., -7.5, 0.5]"],
        by=["2", "-2", "0.7", "torch.tensor(3)"],
        mode=["None", "'floor'", "'trunc'", "'foo'"],
    ),
    rule(
        "what is not defined for truth values",
        """
        b = torch.tensor([True, False])
        $call
        """,
        call="""
            -b; b - b; b - 1; 1 - b; ~b; b + b; b * b; b / b; b // b; b % b; b ** 2; b.neg(); b.sum(); b.mean();
            b.abs(); b.sign(); b & b; b | False; b ^ b; b.max(); b.cumsum(0); b.logical_and(b); b < 1; b @ b;
            ~torch.ones(2); torch.ones(2) & torch.ones(2); torch.ones(2) << 1
        """,
        differs={
            r"b (//|%|@) b|b\.(abs|sign)": "truth values: // % @ abs are computed, sign is not",
            r"ones\(2\) (&|<<)": "bits of fractions are refused in NumPy's words",
        },
    ),
    rule(
        "matmul wants equal kinds",
        "torch.ones(2, 2, dtype=torch.$a) @ torch.ones(2, 2, dtype=torch.$b)",
        a=["float32", "float64", "int64", "bool"],
        b=["float32", "float64", "int64", "int32"],
    ),
    rule(
        "to Python: item, float, int, bool, index, tolist",
        NP,
        """
        t = $tensor
        t.item()
        float(t)
        int(t)
        bool(t)
        [10, 20, 30][t]
        t.tolist()
        complex(t) if 0 else 0
        """,
        tensor="""
            torch.tensor(2.5); torch.tensor(2); torch.tensor(True); torch.tensor([1.]); torch.tensor([[1]]);
            torch.tensor([1., 2.]); torch.tensor([]); torch.tensor(2., requires_grad=True);
            torch.tensor([1.], requires_grad=True) * 1; torch.tensor(float('nan')); torch.tensor(float('inf'));
            torch.tensor(-1); torch.zeros(2, 0); torch.tensor(0.1); torch.tensor(0.1, dtype=torch.float64);
            torch.tensor(0.1, dtype=torch.float16)
        """,
        differs={
            r"tensor\(True\)": "a truth value is no index",
        },
    ),
    rule(
        "to NumPy",
        NP,
        """
        t = $tensor
        $call
        """,
        tensor="""
            torch.tensor([1., 2.]); torch.tensor([1., 2.], requires_grad=True);
            torch.tensor([1., 2.], requires_grad=True) * 2; torch.arange(3); torch.tensor(True);
            torch.tensor([1., 2.], requires_grad=True).detach()
        """,
        call="""
            t.numpy(); np.asarray(t); np.array(t); t.numpy().dtype; np.asarray(t, dtype=np.float64);
            t.numpy(force=True); np.sum(t.detach().numpy()); list(t); t.__array__().dtype
        """,
        differs={
            r"np\.array\(": "NumPy warns about PyTorch's __array__, not about ours",
        },
    ),
    rule(
        "truth, length, iteration, membership",
        """
        t = $tensor
        bool(t)
        len(t)
        [i for i in t]
        1 in t
        not t
        t and 1
        t == None, t != None
        hash(t) == hash(t), t is t
        """,
        tensor="""
            torch.tensor(2.5); torch.tensor([1., 2.]); torch.tensor([0]); torch.tensor([]); torch.tensor(False);
            torch.eye(2); torch.zeros(0, 2); torch.tensor(1., requires_grad=True)
        """,
    ),
    rule(
        "comparisons make truth values",
        "x = torch.tensor([1., 2., 3.]); x $operator $other",
        operator=["<", "<=", ">", ">=", "==", "!="],
        other="""
            2; 2.0; True; torch.tensor(2); torch.tensor([3, 2, 1]); x; None; 'a'; [1, 2, 3]; torch.ones(2)
        """,
    ),
    rule(
        "operators with what is no number",
        """
        x = torch.ones(2)
        x $operator $other
        $other $operator x
        """,
        operator=["+", "*", "/", "@", "**", "%"],
        other=["'a'", "None", "[1, 2]", "(1, 2)", "{}", "object"],
    ),
    rule(
        "mean and std of integers",
        "torch.arange(3).$call",
        call="""
            mean(); mean(0); std(); var(); mean(dtype=torch.float32); float().mean(); norm(); softmax(0);
            sum(dtype=torch.float32); sum(dtype=torch.int32); prod(dtype=torch.float64);
            cumsum(0, dtype=torch.float64); logsumexp(0); median()
        """,
        differs={
            "int32": "the sum of a kind that is the default is printed without it",
        },
    ),
    rule(
        "default kind",
        """
        torch.get_default_dtype()
        torch.set_default_dtype(torch.$kind)
        torch.tensor(1.5), torch.ones(2), torch.arange(2) / 2, torch.arange(2) * 1.5, torch.tensor([1]).exp()
        torch.get_default_dtype()
        torch.set_default_dtype(torch.float32)
        """,
        kind=["float64", "float32", "float16", "int64"],
    ),
    rule(
        "gradients have the kind of what they belong to",
        """
        x = torch.ones(2, dtype=torch.$a, requires_grad=True); y = torch.ones(2, dtype=torch.$b, requires_grad=True)
        r = $function
        r.dtype
        r.sum().backward(); x.grad, y.grad
        """,
        a=["float16", "float32", "float64"],
        b=["float16", "float32", "float64"],
        function="""
            x * y; x + y; x / y; x.double() * y; torch.cat([x, y]); torch.where(x > 0, x, y); x ** y;
            torch.maximum(x, y); x.to(y) + y; torch.stack([x, y])
        """,
    ),
    rule(
        "sizes and devices in print",
        """
        x = torch.ones($shape)
        x.shape, repr(x.shape), str(x.shape), isinstance(x.shape, tuple), x.size(), x.shape.numel(), x.device
        repr(x.device), str(x.device), x.device.type, x.device == torch.device('cpu'), x.is_cuda
        x.shape + (1,), x.shape[0:1], x.size(0)
        """,
        shape=["2", "(2, 3)", "()", "(0, 2)"],
    ),
]
