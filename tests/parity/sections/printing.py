"""Section 14: printing tensors, parameters, named results, modules, optimisers."""

from rule import entries, rule

TITLE = "14. Printing"
VALUES = entries("""
    [1., 2.]; [1.5, 2.25]; [0.1, 100.]; [1e-5, 1.]; [1e9, 1.]; [1e9, 1.5]; [float('nan'), 1.];
    [float('inf'), -1.5]; [float('nan'), float('inf'), -float('inf')]; [0., -0.]; [-0.]; []; [[]];
    [[1., 2.], [3., 4.5]]; 1.; 1.5; 3; True; [True, False]; [1, -20, 300]; [[1], [200]]; [1e-10, 1e10];
    [123456.789, 0.001]; [1e8, 1e8 + 8]; [99999999., 1.]; [100000001., 1.]; [1e-4, 1e-3]; [9.99e-5, 1.];
    [1000., 1.001]; [1., 1001.5]; [0.00012345]; [12345678.]; [1e20]; [-1.5, -100.25]; [0., 1e-8]; [3.14159265];
    [1e38]; [[[1., 2.]], [[3., 4.]]]; [2 ** 40]; [0.99999]; [9.99995, 1.]; [0.5] * 30; list(range(30));
    [1.] * 3 + [float('nan')]
""")
DTYPES = ["", ", dtype=torch.float64", ", dtype=torch.float16", ", dtype=torch.int32", ", dtype=torch.bool"]
SHAPES = entries("""
    (1000,); (1001,); (1500,); (40, 40); (2, 600); (600, 2); (3, 20, 20); (7, 7, 30); (2, 0); (0, 2);
    (1, 1, 1, 1); (2, 2, 2); (0,); (1001, 1); (6, 200); (7, 200); (100, 1, 11)
""")
HISTORIES = entries("""
    x; x * 1; x + 1; x.sum(); x.view(-1); x[:1]; x.exp(); x.sigmoid(); x.detach(); x.t() if x.ndim == 2 else x;
    x.max(); x.log_softmax(0); x.double(); x.norm()
""")
OPTIONS = entries("""
    precision=2; precision=8; threshold=5; threshold=5, edgeitems=1; linewidth=40; sci_mode=True;
    sci_mode=False; profile='short'; profile='full'; profile='default'; precision=0; edgeitems=1, threshold=3;
    linewidth=200
""")
RESET = """
torch.set_printoptions(profile='default', sci_mode=None, linewidth=80)"""
RULES = [
    rule(
        "numbers of every size",
        """
        torch.tensor($values$kind)
        print(torch.tensor($values$kind))
        """,
        values=VALUES,
        kind=DTYPES[:2],
    ),
    rule(
        "numbers of every kind",
        "torch.tensor($values).to(torch.$kind)",
        values=["[1., 2.]", "[0.1, 100.]", "[0., -1.5]", "[]", "2.5", "[[1., 200.]]", "[1e-3, 1e3]"],
        kind=["float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool"],
    ),
    rule(
        "long tensors are summarised, wide rows are broken",
        "torch.arange(torch.Size($shape).numel()).reshape($shape)$change",
        shape=SHAPES,
        change=["", ".float()", " / 7", " * 0.001", ".double()", " % 2 == 0", " - 500"],
    ),
    rule(
        "what stands behind the numbers: flag or node",
        """
        x = torch.tensor($values, requires_grad=True)
        $history
        print($history)
        """,
        values="""
            [1., 2.]; [[1.5, 2.], [3., 4.]]; 2.; [0.5] * 12; [100.25] * 9; [[0.5] * 9] * 2
        """,
        history=HISTORIES,
    ),
    rule(
        "where suffixes break the line",
        "torch.zeros($count$kind, requires_grad=True)$history",
        count=list(range(1, 24)),
        kind=["", ", dtype=torch.float64"],
        history=["", " * 1", ".log_softmax(0)"],
    ),
    rule(
        "empty tensors",
        "torch.zeros($shape$kind)",
        shape=["0", "2, 0", "0, 2", "0, 0", "1, 0, 3"],
        kind=["", ", dtype=torch.float64", ", dtype=torch.int64", ", dtype=torch.bool", ", requires_grad=True"],
    ),
    rule(
        "f-strings",
        """
        t = $tensor
        f'{t}'
        f'{t:.2f}'
        f'{t!r}'
        '%s' % t
        str(t) == repr(t)
        f'{t:>8}'
        """,
        tensor="""
            torch.tensor(2.5); torch.tensor(3); torch.tensor(True); torch.tensor(2.5, requires_grad=True);
            torch.tensor(2.5, requires_grad=True) * 2; torch.tensor([1., 2.]); torch.tensor([1.]);
            torch.tensor([])
        """,
    ),
    rule(
        "parameters",
        """
        p = torch.nn.Parameter($data$flag)
        p
        print([p])
        p * 1
        p.data
        """,
        data=["torch.ones(2)", "torch.zeros(2, 2)", "torch.tensor(1.5)", "torch.ones(0)"],
        flag=["", ", requires_grad=False"],
    ),
    rule(
        "named results",
        """
        x = torch.tensor([[1., 5., 3.], [4., 2., 6.]]$flag)
        r = x.$call
        r
        type(r).__name__, len(r), r[0] is r.values
        values, indices = r; indices
        """,
        flag=["", ", requires_grad=True"],
        call="""
            max(0); min(1); max(1, keepdim=True); sort(1); topk(2, 1); median(1); sort(descending=True)
        """,
    ),
    rule(
        "print options",
        """
        torch.set_printoptions($options)
        torch.tensor($values)
        torch.arange(12.).view(3, 4) / 7
        """,
        RESET,
        options=OPTIONS,
        values="""
            [1.5, 2.25, 1e-5]; [1., 2., 3.]; [0.123456789, 12345.6789]; [1, 2]; list(range(20)); [1e-10]
        """,
    ),
    rule(
        "lists, tuples and dictionaries of tensors",
        """
        x = torch.tensor([1., 2.]$flag)
        [x, x]
        (x, x[0])
        {'a': x}
        print(x, x[0], sep=' | ')
        """,
        flag=["", ", requires_grad=True"],
    ),
    rule(
        "a view made and edited under no_grad",
        """
        x = torch.ones(2, 2, requires_grad=True); z = x * 1
        with torch.no_grad():
            v = z$view; v.mul_(2)
        v
        print(v)
        """,
        view=["[0]", ".view(4)", ".t()", "[:, 1]"],
    ),
    rule(
        "modules",
        "torch.nn.$module",
        module="""
            Linear(2, 3); Linear(2, 3, bias=False); ReLU();
            Sequential(torch.nn.Linear(2, 2), torch.nn.ReLU(), torch.nn.Linear(2, 1)); Conv2d(1, 2, 3);
            Conv2d(1, 2, 3, padding=1, stride=2); BatchNorm1d(3); BatchNorm2d(3, affine=False); Dropout(0.5);
            Embedding(3, 2); Embedding(3, 2, padding_idx=0); MaxPool2d(2); LeakyReLU(0.1); Softmax(dim=1);
            LayerNorm(3); Flatten(); ModuleList([torch.nn.Linear(1, 1)]); Sequential();
            ModuleDict({'a': torch.nn.Tanh()}); MSELoss(); CrossEntropyLoss(); Identity(); AvgPool2d(2); GELU();
            ELU(); Sigmoid(); ParameterList([torch.ones(2)]); RNN(2, 3); LSTM(2, 3); GRU(2, 3); Module();
            Sequential(torch.nn.Sequential(torch.nn.Tanh()))
        """,
    ),
    rule(
        "optimisers",
        """
        p = [torch.nn.Parameter(torch.ones(2))]
        torch.optim.$optimiser
        """,
        optimiser="""
            SGD(p, lr=0.1); SGD(p, lr=0.1, momentum=0.9); Adam(p); AdamW(p); RMSprop(p); Adagrad(p);
            SGD([{'params': p}, {'params': [torch.nn.Parameter(torch.ones(1))], 'lr': 1.}], lr=0.1)
        """,
    ),
]
