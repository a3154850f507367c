"""Section 15: shapes, indexing, products: what fits and what is said when it does not."""

from rule import entries, rule

TITLE = "15. Shapes, indexing, products"
SHAPES = ["()", "1", "3", "(2, 3)", "(1, 3)", "(2, 1)", "(2, 2, 3)", "0", "(0, 3)"]
RESHAPES = entries("""
    view(6); view(3, 2); view(-1); view(-1, 2); view(-1, -1); view(4); view(2, -1, 3); view(-1, 4); view(0, -1);
    view(6, -1); view((3, 2)); view([6]); view(torch.Size([6])); reshape(6); reshape(-1, 1); reshape(5);
    reshape((2, 3)); reshape(-2, 3); flatten(); flatten(0, 1); flatten(1); flatten(2); unflatten(0, (2, 1));
    unflatten(0, (5, 1)); unflatten(0, (-1, 1)); squeeze(); squeeze(0); squeeze(1); squeeze(5); squeeze(-1);
    unsqueeze(0); unsqueeze(-1); unsqueeze(5); unsqueeze(-4); t(); T; mT; permute(1, 0); permute(0);
    permute(0, 0); permute(0, 5); permute((1, 0)); permute(-1, 0); transpose(0, 1); transpose(0, 2);
    transpose(-1, 0); expand(2, 3); expand(4, 2, 3); expand(-1, 3); expand(3, -1); expand(2, 4); expand(3);
    expand(-1, -1, -1); expand(6, 2, 3); repeat(2); repeat(2, 1); repeat(1, 2, 1); repeat(0); tile(2);
    movedim(0, 1); movedim(0, 5); swapaxes(0, 1); flip(0); flip(5); flip(0, 0); roll(1); roll(1, 0);
    roll((1, 2), (0, 1)); roll((1, 2)); narrow(0, 0, 1); narrow(0, 1, 5); narrow(5, 0, 1); narrow(0, -1, 1);
    select(0, 0); select(0, 5); select(5, 0); diagonal(); diagonal(1); tril(); triu(1); diag(); trace();
    view_as(torch.ones(6)); expand_as(torch.ones(4, 2, 3)); broadcast_to((4, 2, 3)); contiguous(); stride();
    is_contiguous(); numel(); dim(); size(); size(0); size(5); size(-1); nelement(); repeat_interleave(2);
    repeat_interleave(2, 0); cumsum(0); cumsum(5); ravel(); unbind(); unbind(1); unbind(5); split(2); split(0);
    split([1, 1]); split([2, 2]); split(1, 1); split(1, 5); chunk(2); chunk(0); chunk(5); chunk(2, 1)
""")
TENSORS = entries("""
    torch.arange(6.).view(2, 3); torch.arange(6.); torch.tensor(3.); torch.arange(6.).view(2, 3).t();
    torch.arange(6.).view(1, 2, 3); torch.ones(0); torch.arange(3.); torch.ones(1)
""")
INDICES = [
    "0",
    "-1",
    "5",
    "-5",
    "0, 1",
    "0, 5",
    "0, 0, 0",
    "0, 0, 0, 0",
    "...",
    "None",
    "...,  0",
    "0, ...",
    "..., ...",
    ":",
    "1:",
    ":-1",
    "::2",
    "::-1",
    "::0",
    "1:0",
    ":100",
    "-100:1",
    "0:1, ..., 1:3, None",
    "None, 0",
    ":, None",
    "()",
    "[0, 1]",
    "[0, 1], [1, 0]",
    "[0], :",
    ":, [0]",
    "[[0, 1]]",
    "[5]",
    "[-1]",
    "[]",
    "[1.5]",
    "1.5",
    "'a'",
    "True",
    "False",
    "[True, False]",
    "torch.tensor(1)",
    "torch.tensor([0, 1])",
    "torch.tensor([[0, 1], [1, 0]])",
    "torch.tensor([True, False])",
    "torch.tensor([1.])",
    "torch.tensor([5])",
    "torch.tensor([0, -1])",
    "torch.tensor([], dtype=torch.long)",
    "x > 1",
    "x > 100",
    "torch.tensor(True)",
    "0, [0, 1]",
    "[0, 1], 0",
    "torch.tensor([0]), torch.tensor([0, 1])",
    "[0, 1], [0, 1, 2]",
    "0:1, [0]",
    "[0], None, [0]",
    "np.int64(1)",
    "slice(0, 1)",
    "np.array([0, 1])",
    "range(2)",
    "(0, 1)",
    "[[0, 1], [1, 0]]",
    ":, :, [0]",
    "..., [0]",
    "torch.tensor([0, 1]).int()",
    "x[0] > 1",
    "{}",
    "object",
]
VALUES = entries("""
    1; 1.5; torch.tensor(7.); torch.ones(2); torch.ones(3); torch.ones(2, 3); torch.ones(4); True; 'a';
    [1., 2., 3.]; None; torch.arange(3); torch.ones(1); torch.ones(1, 1, 3)
""")
SIMPLE = entries("""
    0; -1; 5; 0, 1; ...; :; 1:; [0, 1]; [0], [1]; x > 1; x > 100; torch.tensor([True, False]); :, 1; ::2; None;
    [0, 0]; torch.tensor(1); 0, [0, 1]; [5]; 1.5; ::-1; (); True
""")
FACTORS = entries("""
    torch.arange(6.).view(2, 3); torch.arange(12.).view(3, 4); torch.arange(3.); torch.arange(2.);
    torch.tensor(2.); torch.arange(24.).view(2, 3, 4); torch.arange(24.).view(2, 4, 3); torch.ones(5, 1, 2, 3);
    torch.ones(2, 0); torch.ones(0, 3); torch.ones(2, 3).double(); torch.arange(6).view(2, 3)
""")
REDUCTIONS = entries("""
    sum(); sum(0); sum(-1); sum(5); sum((0, 1)); sum((0, 0)); sum(()); sum([0]); sum(0, keepdim=True);
    sum(dim=-1); sum(axis=0); mean(); mean(0); mean(5); prod(); prod(0); prod(5); max(); max(0); max(5);
    max(0, keepdim=True); min(); min(0); amax(); amax(0); amax((0, 1)); amin(5); argmax(); argmax(0); argmax(5);
    argmin(); argmax(0, keepdim=True); all(); any(0); all(5); std(); std(0); var(0); var(5);
    std(0, keepdim=True); var(correction=0); norm(); norm(dim=0); logsumexp(0); logsumexp(5); cumsum(0);
    softmax(0); softmax(5); log_softmax(-1); median(); median(0); sort(); sort(5); topk(1); topk(7); topk(2, 0);
    unique(); nonzero(); count_nonzero(); argsort(); cumprod(0); diff(); median(5)
""")
RULES = [
    rule(
        "two shapes broadcast or do not",
        """
        r = torch.ones($x) $operator torch.ones($y)
        r.shape
        """,
        x=[*SHAPES, "4", "(3, 2)"],
        y=[*SHAPES, "4", "(4, 1, 2)"],
        operator=["+", "*", "/", ">"],
    ),
    rule(
        "changes of shape",
        """
        x = $tensor
        x.$change
        x.requires_grad_().$change
        """,
        tensor=TENSORS,
        change=RESHAPES,
        differs={
            r"tensor\(3\.\)": "a single number: transpose fails, and some refusals are missing or in other words",
            r"ones\(0\)\nx\.(chunk|stride|roll)": "an empty vector: chunk makes one piece, stride is 0",
        },
    ),
    rule(
        "reading by index",
        """
        import numpy as np
        x = $tensor
        x[$index]
        """,
        tensor="""
            torch.arange(6.).view(2, 3); torch.arange(24.).view(2, 3, 4); torch.arange(3.); torch.tensor(3.)
        """,
        index=INDICES,
        differs={
            r"x\[\[\[|x\['a'\]": "PyTorch warns that a list of lists will be one index",
            r"tensor\(3\.\)": "an index of a single number is refused with one sentence for all",
            r"x\[(0\.\.|1\.5|np|range|\(0|\{|object|torch|x|slice|False|True|\[\]|\[5|0, |\[0|:)": (
                "an index that does not fit is refused in another order of checks, or in NumPy's words"
            ),
        },
    ),
    rule(
        "writing by index",
        """
        x = $tensor
        x[$index] = $value
        x, x._version
        """,
        tensor=["torch.arange(6.).view(2, 3)", "torch.arange(6).view(2, 3)", "torch.arange(2.)"],
        index=SIMPLE,
        value=VALUES,
        differs={
            r"x\[\[5\]\] = torch": "the index is checked before the value",
            r"x\[(True|None)\] = torch": "True and None as an index: the value is checked in another way",
        },
    ),
    rule(
        "adding by index",
        """
        x = torch.arange(6.).view(2, 3)
        x[$index] += 1
        x
        x[$index] *= torch.ones(3)
        x
        """,
        index=SIMPLE,
    ),
    rule(
        "products of all dimensions",
        """
        r = $a @ $b
        r.shape, r.dtype, r.sum()
        """,
        a=FACTORS,
        b=FACTORS,
    ),
    rule(
        "products by name",
        """
        r = $a.$name($b)
        r.shape, r.sum()
        """,
        a=FACTORS[:7],
        b=FACTORS[:7],
        name=["mm", "mv", "dot", "bmm", "matmul", "outer", "ger"],
    ),
    rule(
        "what a product refuses",
        """
        torch.ones(2, 3) @ $thing
        $thing @ torch.ones(2, 3)
        torch.matmul(torch.ones(2), $thing)
        """,
        thing=["3", "'a'", "None", "[1, 2]"],
    ),
    rule(
        "addmm and linear",
        """
        torch.addmm($bias, torch.ones(2, 3), torch.ones($shape))
        torch.nn.functional.linear(torch.ones(2, 3), torch.ones($shape), $bias)
        """,
        bias="""
            torch.ones(4); torch.ones(2, 4); torch.ones(1); torch.ones(3); torch.tensor(1.)
        """,
        shape=["3, 4", "4, 3", "2, 4", "3"],
        differs={
            "": "a bias or a matrix that does not fit is refused with another sentence",
        },
    ),
    rule(
        "reductions",
        """
        x = $tensor
        x.$reduction
        """,
        tensor=[
            *TENSORS,
            "torch.ones(0, 3)",
            "torch.ones(2, 0)",
            "torch.tensor([[1., float('nan')], [2., 3.]])",
            "torch.arange(6).view(2, 3)",
        ],
        reduction=REDUCTIONS,
        differs={
            r"ones\((0|0, 3|2, 0)\)": (
                "softmax, logsumexp, amax, median along an empty dimension are "
                "refused in NumPy's words; std and var do not warn"
            ),
        },
    ),
    rule(
        "cat",
        """
        a, b, c = torch.arange(6.).view(2, 3), torch.ones(2, 4), torch.arange(3.)
        torch.cat($arguments)
        """,
        arguments="""
            [a, a]; [a, b]; [a, b], 1; [a, b], dim=-1; [a, c]; []; (); a; [a]; [a, a], 5; [a, 3];
            (a, a), axis=0; [torch.ones(0), a]; [torch.ones(0, 3), a]; [c, c.long()]; [torch.tensor(1.), c];
            [a, None]; [c] * 3; [a, a[:1]]; [a.t(), a.t()], 1
        """,
    ),
    rule(
        "stack",
        """
        a, b, c = torch.arange(6.).view(2, 3), torch.ones(2, 4), torch.arange(3.)
        torch.stack($arguments)
        """,
        arguments="""
            [a, a]; [a, b]; [a, a], 1; [a, a], dim=-1; [a, c]; []; a; [a]; [a, a], 5; [a, 3]; [c, c.long()];
            [torch.tensor(1.), torch.tensor(2.)]; list(c)
        """,
    ),
    rule(
        "gather, index_select, scatter, take",
        """
        x = torch.arange(6.).view(2, 3); i = $index
        $call
        """,
        index="""
            torch.tensor([0]); torch.tensor([[0, 1, 1]]); torch.tensor([[0], [1]]); torch.tensor([[5]]);
            torch.tensor([0.]); torch.tensor([-1]); torch.tensor(1)
        """,
        call="""
            x.gather(0, i); x.gather(1, i); x.gather(5, i); x.index_select(0, i); x.index_select(1, i);
            x.scatter(0, i, 9.); x.scatter(1, i, x); x.index_add(0, i, x[:1]);
            x.scatter_add(0, i, torch.ones(2, 3))
        """,
    ),
    rule(
        "where, masks, clamps",
        """
        x = torch.arange(6.).view(2, 3)
        $call
        """,
        call="""
            torch.where(x > 2); torch.where(x > 2, x, 0.); torch.where(x > 2, x, torch.ones(4));
            torch.where(x, x, x); torch.where(x > 2, x); x.masked_fill(x > 2, 9.); x.masked_fill(x, 9.);
            x.masked_fill(x > 2, torch.ones(2)); x.masked_select(x > 2); x.clamp(); x.clamp(1);
            x.clamp(min=1, max=torch.tensor(2.)); x.clamp('a'); torch.clamp(x, 2, 1); x.nonzero(as_tuple=True);
            torch.isclose(x, x + 1e-9); torch.equal(x, x); torch.allclose(x, x.t()); (x > 2).nonzero();
            x.long().view(-1).bincount()
        """,
        differs={
            r"ones\(2\)|ones\(4\)|x\.t\(\)": "refused with another sentence",
        },
    ),
    rule(
        "functions asked for what they do not take",
        "torch.$call",
        call="""
            add(torch.ones(1), None); add(torch.ones(1)); exp(); exp('a'); sum('a'); ones('a'); zeros(2, foo=1);
            tensor(); mm(torch.ones(2)); cat(3); stack(3); arange(); eye('a'); full(2, 3); linspace(0); exp(3);
            sqrt(4.); sin([1.]); max(3); matmul(1, 2); relu('a'); mean([1., 2.])
        """,
        differs={
            r"(add|tensor|mm|arange|eye|linspace)\(": "PyTorch lists its overloads, or names the argument",
        },
    ),
    rule(
        "factories asked for impossible sizes",
        "torch.$call",
        call="""
            zeros(-1); ones(2, -3); arange(0, 3, -1); arange(3, 0); arange(0, 1, 0); eye(-1);
            linspace(0, 1, -1); full((-1,), 2); randn(-2); range(3, 1); zeros((2, 'a')); zeros(1.5)
        """,
    ),
]
