"""Section 9: names of nodes and classes, edges, saved values, calling a node."""

from rule import entries, rule

TITLE = "9. Graph and class names"
START = """\
x = torch.tensor([[1., 2.], [3., 4.]], requires_grad=True)
y = torch.tensor([[1., 2.], [3., 5.]], requires_grad=True)
c = torch.tensor([[1., 1.], [1., 2.]])
F = torch.nn.functional
"""
TWO = """
    x+y; x+1; 1+x; x-y; x-1; 1-x; x*y; x*2; 2*x; c*x; x*c; x/y; x/2; 2/x; x/c; c/x; -x; +x; x**2; x.pow(0.5);
    x**y; 2**x; c**x; x**c; x//y; x//2; x%y; x%2; x.remainder(y); torch.add(x, y, alpha=2);
    torch.sub(x, y, alpha=3); torch.rsub(x, y); x.add(y); x.sub(1); x.mul(y); x.div(2); x.true_divide(y);
    torch.atan2(x, y); torch.lerp(x, y, 0.5); torch.lerp(x, y, c); torch.addcmul(x, y, c);
    torch.addcdiv(x, y, c); torch.logaddexp(x, y); torch.hypot(x, y); x.fmod(2)
"""
PRODUCTS = """
    x@y; x.mm(y); x@y[0]; x.mv(y[0]); x[0]@y[0]; x[0].dot(y[0]); x[0]@y; torch.addmm(c, x, y);
    x[None].bmm(y[None]); x[None] @ y; x[None, None] @ y[None]; torch.outer(x[0], y[0]); torch.matmul(x, y);
    torch.einsum('ij,jk->ik', x, y); torch.baddbmm(c[None], x[None], y[None]); torch.inner(x, y);
    torch.tensordot(x, y, 1); torch.kron(x, y); F.linear(x, y); F.linear(x, y, c[0])
"""
REDUCTIONS = """
    x.sum(); x.sum(0); x.sum((0, 1)); x.mean(); x.mean(0); x.max(); x.max(0)[0]; x.min(); x.min(1).values;
    torch.max(x, y); torch.maximum(x, y); torch.minimum(x, y); x.amax(0); x.amin(); x.prod(); x.prod(0);
    x.std(); x.var(); x.var(0); x.norm(); x.norm(dim=0); x.norm(1); x.cumsum(0); x.cumprod(0); x.logsumexp(0);
    x.sort()[0]; x.topk(1)[0]; x.median(); x.median(0)[0]; x.trace(); torch.linalg.norm(x);
    torch.linalg.vector_norm(x)
"""
ELEMENTS = """
    x.exp(); x.log(); x.log2(); x.log10(); x.log1p(); x.expm1(); x.exp2(); x.sqrt(); x.rsqrt(); x.reciprocal();
    x.square(); x.abs(); x.sign(); x.sin(); x.cos(); x.tan(); (x/9).asin(); (x/9).acos(); x.atan(); x.sinh();
    x.cosh(); x.tanh(); x.erf(); x.floor(); x.ceil(); x.round(); x.trunc(); x.relu(); x.sigmoid(); x.softmax(0);
    x.log_softmax(0); x.clamp(0, 1); x.clip(0); x.clamp_min(0); x.clamp_max(2); x.clamp(max=3); x.clamp(min=c);
    x.clamp(c, y); x.neg(); x.asinh(); x.acosh(); (x/9).atanh(); x.erfc(); x.lgamma(); x.digamma(); x.sinc();
    x.frac(); x.nan_to_num(); x.deg2rad(); x.logit(0.1); x.positive()
"""
ACTIVATIONS = """
    F.relu(x); F.leaky_relu(x); F.elu(x); F.selu(x); F.gelu(x); F.gelu(x, approximate='tanh'); F.silu(x);
    F.softplus(x); F.hardtanh(x); F.relu6(x); F.logsigmoid(x); F.sigmoid(x); F.tanh(x); F.softmax(x, 1);
    F.log_softmax(x, 1); F.prelu(x, torch.tensor([0.25])); F.normalize(x); F.dropout(x, 0.5, training=False);
    F.dropout(x, 0.)
"""
SHAPES = """
    x.view(4); x.reshape(4); x.flatten(); x.view_as(c); x.t().reshape(4); x.t(); x.T; x.permute(1, 0);
    x.transpose(0, 1); x.mT; x.movedim(0, 1); x.squeeze(); x.squeeze(0); x.unsqueeze(0); x.expand(3, 2, 2);
    x.repeat(2, 1); x.flatten(0, 0); x.unflatten(0, (2, 1)); x.tile(2); x.swapaxes(0, 1); x.ravel();
    x.expand_as(torch.ones(3, 2, 2)); x.broadcast_to((3, 2, 2)); x.squeeze((0, 1)); x.view(2, 2).view(-1);
    x.contiguous(); x.t().contiguous(); x.clone(); x.double(); x.half(); x.float(); x.tril(); x.triu();
    x.diagonal(); x.diag(); x.flip(0); x.roll(1); F.pad(x, (1, 1)); x.repeat_interleave(2); x.narrow(0, 0, 1)
"""
INDICES = """
    x[0]; x[:, 1]; x.select(0, 1); x[0:1]; x[None]; x[[0, 1]]; x[torch.tensor([0])]; x[x > 1]; x[...]; x[:];
    x[0, 0]; x[0:1, None]; x[..., 0]; x[::2]; x[-1]; x[0, [1]]; x[:, [0, 1]]; x[[0], [1]]; x[torch.tensor(1)];
    x.gather(0, torch.zeros(1, 2).long()); x.index_select(0, torch.tensor([0])); x.masked_select(x > 1);
    torch.where(c > 1, x, y); torch.where(c > 1, x, 0.); x.masked_fill(c > 1, 1.);
    x.scatter(0, torch.zeros(1, 2).long(), 1.); x.scatter_add(0, torch.zeros(1, 2).long(), y);
    x.index_add(0, torch.tensor([0]), y[:1]); torch.cat([x, y, c]); torch.stack([x, c]); torch.vstack([x, y]);
    torch.hstack([x, y]); x.index_fill(0, torch.tensor([0]), 2.); x.index_copy(0, torch.tensor([0]), y[:1])
"""
SEVERAL = """
    x.split(1); x.chunk(2); x.split([1, 1]); x.unbind(); x.unbind(1); x.max(0); x.min(1); x.sort(); x.topk(1);
    x.median(0); x.tensor_split(2); x.hsplit(2); x.vsplit(2); torch.meshgrid(x[0], y[0], indexing='ij');
    torch.broadcast_tensors(x, y[:1])
"""
LOSSES = """
    F.mse_loss(x, c); F.mse_loss(x, c, reduction='none'); F.mse_loss(c, x); F.l1_loss(x, c);
    F.smooth_l1_loss(x, c); F.huber_loss(x, c); F.cross_entropy(x, torch.tensor([0, 1]));
    F.cross_entropy(x, c.softmax(1)); F.cross_entropy(x, torch.tensor([0, 1]), label_smoothing=0.1);
    F.nll_loss(x, torch.tensor([0, 1])); F.binary_cross_entropy(x.sigmoid(), c.sigmoid());
    F.binary_cross_entropy_with_logits(x, c.sigmoid()); F.kl_div(x, c.softmax(1), reduction='batchmean');
    F.cosine_similarity(x, y); F.pairwise_distance(x, y)
"""
LAYERS = """
    torch.nn.Linear(2, 3)(x); torch.nn.Linear(2, 3, bias=False)(x); torch.nn.Linear(2, 3)(x[0]);
    torch.nn.Linear(2, 3)(x[None]); torch.nn.Linear(2, 3, bias=False)(x[None]);
    torch.nn.Conv2d(1, 1, 1)(x[None, None]); torch.nn.Conv1d(2, 1, 1)(x[None]);
    torch.nn.MaxPool2d(2)(x[None, None]); torch.nn.AvgPool2d(2)(x[None, None]); torch.nn.BatchNorm1d(2)(x);
    torch.nn.LayerNorm(2)(x); torch.nn.Embedding(3, 2)(torch.tensor([1])); torch.nn.Dropout(0.5)(x);
    torch.nn.Dropout(0.5).eval()(x); torch.nn.Flatten()(x[None]); torch.nn.BatchNorm1d(2).eval()(x);
    torch.nn.MaxPool1d(2)(x[None]); torch.nn.AdaptiveAvgPool2d(1)(x[None, None]);
    torch.nn.ConvTranspose2d(1, 1, 1)(x[None, None]); torch.nn.Identity()(x * 1); torch.nn.RNNCell(2, 2)(x);
    torch.nn.Softmax(1)(x); torch.nn.ReLU()(x); torch.nn.GELU()(x)
"""
EDITED = """
    relu_(); exp_(); add_(1); add_(y); mul_(2); mul_(y); sub_(1); div_(2); zero_(); fill_(1.); sigmoid_();
    tanh_(); clamp_(0, 1); pow_(2); copy_(y); masked_fill_(c > 1, 0.); __setitem__(0, 1.); __setitem__(0, y[0]);
    sqrt_(); neg_(); abs_(); floor_(); t_(); unsqueeze_(0); squeeze_(); transpose_(0, 1); sin_(); log_();
    reciprocal_(); lerp_(y, 0.5); addcmul_(y, c); addcdiv_(y, c); index_add_(0, torch.tensor([0]), y[:1]);
    scatter_(0, torch.zeros(1, 2).long(), 1.); fill_diagonal_(1.)
"""
OWN = """
    x**2; x**y; c**x; x**c; torch.atan2(x, y); torch.logaddexp(x, y); torch.hypot(x, y); x@y[0]; x[0]@y[0];
    x[0]@y; x[None].bmm(y[None]); x[None] @ y; x[None, None] @ y[None]; torch.outer(x[0], y[0]);
    torch.kron(x, y); torch.einsum('ij,jk->ik', x, y); x.prod(); x.prod(0); x.std(); x.var(); x.norm();
    x.norm(dim=0); x.norm(1); x.cumprod(0); x.logsumexp(0); x.log2(); x.log1p(); x.expm1(); x.exp2(); x.sqrt();
    x.abs(); x.tan(); (x/9).asin(); (x/9).acos(); x.atan(); x.tanh(); x.erf(); x.relu(); x.sigmoid();
    x.softmax(0); x.log_softmax(0); x.asinh(); x.acosh(); (x/9).atanh(); x.erfc(); x.sinc(); x.pow(0.5); 2**x;
    x.square(); torch.linalg.vector_norm(x); x.mv(y[0]); x[0].dot(y[0]); x.var(0); torch.linalg.norm(x);
    x.log10(); torch.baddbmm(c[None], x[None], y[None]); x.logit(0.1);
    x.scatter_add(0, torch.zeros(1, 2).long(), y)
"""
USUAL = [e for part in (TWO, PRODUCTS, REDUCTIONS, ELEMENTS, SHAPES, INDICES) for e in entries(part)]
RECORDED = """\
g = torch.autograd.grad(($result).sum(), x, create_graph=True, allow_unused=True)[0]
type(g.grad_fn).__name__, g.requires_grad
if g.grad_fn: edges(g)"""
RULES = [
    rule(
        "sums, differences, products, quotients, powers",
        START,
        """
        r = $result
        type(r.grad_fn).__name__, r.output_nr
        edges(r)
        """,
        result=TWO,
        differs={
            "x//2": "floor division by a number has a second, empty edge",
        },
    ),
    rule(
        "products of matrices and vectors",
        START,
        """
        r = $result
        edges(r)
        """,
        result=PRODUCTS,
        differs={
            "kron": "kron is built from other views",
        },
    ),
    rule(
        "reductions",
        START,
        """
        r = $result
        edges(r)
        """,
        result=REDUCTIONS,
    ),
    rule(
        "functions of each element",
        START,
        """
        r = $result
        edges(r)
        """,
        result=ELEMENTS,
    ),
    rule(
        "activations",
        START,
        """
        r = $result
        edges(r)
        """,
        result=ACTIVATIONS,
    ),
    rule(
        "shapes, casts, copies",
        START,
        """
        r = $result
        edges(r) if r.grad_fn else r is x
        """,
        result=SHAPES,
        differs={
            r"squeeze\(\(": "squeeze of several dimensions is the node of one",
        },
    ),
    rule(
        "indices, joins, choices",
        START,
        """
        r = $result
        edges(r)
        """,
        result=INDICES,
        differs={
            r"x\[0, \[1\]\]": "a number beside a list is part of one index",
        },
    ),
    rule(
        "operations with several results",
        START,
        """
        for r in $results:
            if r.grad_fn: edges(r)
            print(r.output_nr, r.requires_grad)
        """,
        results=SEVERAL,
    ),
    rule(
        "losses",
        START,
        """
        r = $result
        edges(r)
        r.shape
        """,
        result=LOSSES,
        differs={
            "cross_entropy|kl_div|cosine_sim|pairwise": "losses of several steps take these steps in another way",
        },
    ),
    rule(
        "layers",
        START,
        """
        torch.manual_seed(0)
        r = $result
        edges(r)
        r.shape
        """,
        result=LAYERS,
        differs={
            "RNNCell": "the order in which the two products of a cell stand in the graph",
        },
    ),
    rule(
        "edits in place use the same names on the old node",
        START,
        """
        r = x * 1; r.$edit
        edges(r)
        r.shape
        """,
        edit=EDITED,
        differs={
            "(t_|unsqueeze_|squeeze_|transpose_)": "an edit of the shape bears the name of its out-of-place form",
        },
    ),
    rule(
        "repr, name, class, module of a node",
        START,
        """
        n = ($result).grad_fn
        n.name() == type(n).__name__, isinstance(n, torch.autograd.graph.Node), len(n.next_functions)
        type(n.next_functions).__name__, type(n.next_functions[0]).__name__
        """,
        result=["x + y", "x * 2", "x.exp()", "x.view(4)", "x[0]", "x.sum()", "x @ y"],
    ),
    rule(
        "repr of a node says its address",
        START,
        "repr(($result).grad_fn)",
        result=["x + y", "x.exp()"],
    ),
    rule(
        "the accumulator of a leaf",
        START,
        """
        a = ($result).grad_fn.next_functions[0][0]
        type(a).__name__, a.name(), a.variable is x, a.next_functions
        a is ($result).grad_fn.next_functions[0][0]
        a.metadata
        isinstance(a, torch.autograd.graph.Node)
        """,
        result=["x + y", "x * 2", "x.exp()", "x.view(4)", "x[0]"],
    ),
    rule(
        "metadata can be written",
        START,
        """
        n = (x * y).grad_fn
        n.metadata['k'] = $value; n.metadata['k'], len(n.metadata)
        n.metadata['k'] is n.metadata['k']
        """,
        value=["1", "'a'", "[]"],
    ),
    rule(
        "saved values by name",
        START,
        """
        n = ($result).grad_fn
        n.$name
        ($result).sum().backward()
        n.$name is None
        """,
        result="""
            x * y; x * 2; x * c; x / y; x ** 2; x ** y; x.exp(); x.sigmoid(); x.relu(); x.tanh(); x.sin();
            x @ y; x.sum(); x + y; x.abs(); x.log(); x.sqrt()
        """,
        name=["_saved_self", "_saved_other", "_saved_result", "_saved_exponent", "_saved_foo"],
        differs={
            "": (
                "asking for a value that a node of this kind never saves gives None, and a number is "
                "shown in the kind of the tensor"
            ),
        },
    ),
    rule(
        "saved values after they were freed",
        START,
        """
        r = ($result).sum(); n = r.grad_fn.next_functions[0][0]; r.backward()
        n.$name
        """,
        result=["x * y", "x.exp()", "x ** 2", "x.sin()", "x.sigmoid()"],
        name=["_saved_self", "_saved_result", "_saved_other"],
        differs={
            "": "asking for a value that a node of this kind never saves gives that error, too",
        },
    ),
    rule(
        "calling a node applies it",
        START,
        """
        n = ($result).grad_fn
        n(torch.ones($shape))
        """,
        result="""
            x * 3; x * y; x + y; x.exp(); x.view(4); x.sum(); x[0]; x @ y; x / y; x ** 2; x.t(); -x
        """,
        shape=["2, 2", "()", "4", "2"],
        differs={
            "": "a gradient of a wrong shape is refused by NumPy, in its words",
        },
    ),
    rule(
        "one node for a result, one accumulator for a leaf",
        START,
        """
        a = $result; b = $result
        a.grad_fn is a.grad_fn, a.grad_fn is b.grad_fn
        a.grad_fn.next_functions[0][0] is b.grad_fn.next_functions[0][0], a.grad_fn == b.grad_fn
        """,
        result=["x * 2", "x.exp()", "x + x"],
    ),
    rule(
        "names inside a recorded pass",
        START,
        RECORDED,
        result=[result for result in USUAL if result not in entries(OWN)],
    ),
    rule(
        "names inside a recorded pass: formulas of PyTorch's own",
        START,
        RECORDED,
        result=OWN,
        differs={
            "": (
                "the derivative is composed of the operations of its rule, PyTorch's of others "
                "(`MulBackward1`, `TanhBackwardBackward0`)"
            ),
        },
    ),
]
