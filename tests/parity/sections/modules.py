"""Section 17: `nn.Module`."""

from rule import entries, rule

TITLE = "17. nn.Module"
NET = """\
import copy, pickle
from torch import nn
torch.manual_seed(0)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(2, 2)
        self.scale = nn.Parameter(torch.ones(1))
        self.register_buffer('count', torch.zeros(1))
        self.last = nn.Sequential(nn.ReLU(), nn.Linear(2, 1))
        self.again = self.first
    def forward(self, x): return self.last(self.first(x) * self.scale)
m = Net()
"""
MODULES = entries("""
    Linear(2, 3); Sequential(nn.Linear(2, 2), nn.ReLU()); BatchNorm1d(2); Embedding(3, 2); Conv2d(1, 1, 1);
    LayerNorm(2); ModuleList([nn.Linear(1, 1)]); ReLU(); Dropout()
""")
RULES = [
    rule(
        "Parameter: what it is made of, what comes of it",
        """
        from torch import nn
        p = nn.Parameter($data$flag)
        type(p).__name__, p.requires_grad, p.is_leaf, isinstance(p, torch.Tensor)
        q = $use
        type(q).__name__, q.requires_grad
        """,
        data="""
            torch.ones(2); torch.ones(2, requires_grad=True); torch.ones(2, requires_grad=True) * 2;
            torch.ones(0)
        """,
        flag=["", ", requires_grad=False", ", False"],
        use="""
            p * 2; p.detach(); p.data; p.clone(); __import__('copy').deepcopy(p); p.view(-1); p.double(); p[:1];
            torch.ones_like(p); p.requires_grad_(False); p.float()
        """,
    ),
    rule(
        "listing: parameters, buffers, children, modules",
        NET,
        """
        [(n, tuple(p.shape)) for n, p in m.named_parameters()]
        [n for n, _ in m.named_buffers()]
        [n for n, _ in m.named_children()]
        [n for n, _ in m.named_modules()]
        len(list(m.$what()))
        """,
        what=["parameters", "buffers", "children", "modules"],
    ),
    rule(
        "state_dict: order, kinds, memory",
        NET,
        """
        s = m.state_dict()
        type(s).__name__, list(s), [v.requires_grad for v in s.values()]
        s[$key].data_ptr() == $tensor.data_ptr(), s[$key] is $tensor
        """,
        key=["'scale'", "'first.weight'", "'count'"],
        tensor=["m.scale", "m.first.weight", "m.count"],
    ),
    rule(
        "state_dict of layers",
        """
        from torch import nn
        torch.manual_seed(0)
        m = nn.$module
        m.state_dict()
        [n for n, _ in m.named_parameters()]
        m.load_state_dict(m.state_dict())
        """,
        module=MODULES,
    ),
    rule(
        "load_state_dict: missing, unexpected, wrong sizes",
        """
        from torch import nn
        m = nn.$module; s = m.state_dict()
        $deed
        m.load_state_dict(s$strict)
        """,
        module=["Linear(2, 1)", "Sequential(nn.Linear(2, 1), nn.Linear(1, 1))", "BatchNorm1d(2)"],
        deed=[
            "del s[list(s)[0]]",
            "s['x'] = torch.ones(1)",
            "s[list(s)[0]] = torch.ones(7)",
            "s.clear()",
            "pass",
            "s['x'] = torch.ones(1); del s[list(s)[1]]",
            "s[list(s)[0]] = 3",
            "s = 3",
        ],
        strict=["", ", strict=False"],
        differs={"BatchNorm.*clear": "of an emptied dictionary num_batches_tracked is not missed"},
    ),
    rule(
        "loading copies",
        """
        from torch import nn
        a, b = nn.Linear(2, 1), nn.Linear(2, 1)
        w = b.weight; v = w._version
        r = b.load_state_dict(a.state_dict()); r
        b.weight is w, torch.equal(a.weight, b.weight), w._version - v, r.$part
        """,
        part=["missing_keys", "unexpected_keys"],
    ),
    rule(
        "methods that return self",
        """
        from torch import nn
        m = nn.$module
        m.$method is m
        """,
        module=MODULES[:3],
        method="""
            train(); eval(); requires_grad_(False); apply(lambda k: None); to('cpu'); double(); float();
            to(torch.float64); half(); cpu(); train(False); requires_grad_()
        """,
    ),
    rule(
        "train and eval reach everything",
        NET,
        """
        m.$call
        [k.training for k in m.modules()]
        """,
        call=["train()", "eval()", "train(False)", "train('a')", "train(1)", "last.eval()"],
    ),
    rule(
        "zero_grad",
        NET,
        """
        m(torch.ones(1, 2)).sum().backward()
        m.zero_grad($how)
        [p.grad for p in m.parameters()]
        """,
        how=["", "set_to_none=True", "set_to_none=False", "False"],
    ),
    rule(
        "casts keep the parameters, change their kind",
        NET,
        """
        w = m.first.weight
        m.$cast
        m.first.weight is w, m.first.weight.dtype, m.count.dtype, m.first.weight.is_leaf
        """,
        cast="""
            double(); half(); float(); to(torch.float64); to('cpu'); type(torch.float64)
        """,
    ),
    rule(
        "attributes: parameters, buffers, modules, others",
        NET,
        """
        m.$name = $value
        type(m.$name).__name__, [n for n, _ in m.named_parameters()], [n for n, _ in m.named_buffers()]
        """,
        name=["scale", "count", "first", "new"],
        value=["nn.Parameter(torch.zeros(1))", "torch.zeros(1)", "None", "nn.Linear(1, 1)", "3", "'a'"],
    ),
    rule(
        "deleting attributes",
        NET,
        """
        del m.$name
        [n for n, _ in m.named_parameters()]
        hasattr(m, '$name')
        """,
        name=["scale", "count", "first", "last", "foo"],
    ),
    rule(
        "register_parameter, register_buffer, add_module",
        NET,
        """
        m.$call
        [n for n, _ in m.named_parameters()], [n for n, _ in m.named_buffers()], list(m.state_dict())
        """,
        call="""
            register_parameter('p', nn.Parameter(torch.ones(1))); register_parameter('p', None);
            register_parameter('p', torch.ones(1)); register_parameter('a.b', nn.Parameter(torch.ones(1)));
            register_parameter('scale', nn.Parameter(torch.ones(1)));
            register_parameter('', nn.Parameter(torch.ones(1))); register_buffer('b', torch.ones(1));
            register_buffer('b', torch.ones(1), persistent=False); register_buffer('b', None);
            register_buffer('b', 3); register_buffer('scale', torch.ones(1)); add_module('n', nn.ReLU());
            add_module('n', 3); add_module('first', nn.ReLU()); add_module('a.b', nn.ReLU());
            register_parameter(3, nn.Parameter(torch.ones(1)));
            register_parameter('p', nn.Parameter(torch.ones(1)) * 2)
        """,
    ),
    rule(
        "before super().__init__()",
        """
        from torch import nn
        class Net(nn.Module):
            def __init__(self):
                self.x = $value
        Net()
        """,
        value=["nn.Linear(1, 1)", "nn.Parameter(torch.ones(1))", "torch.ones(1)", "3"],
    ),
    rule(
        "what a module has not",
        """
        from torch import nn
        m = nn.$module
        m.foo
        m.weight.foo if 0 else 0
        m.$call
        """,
        module=["Linear(1, 1)", "Module()", "Sequential()"],
        call="""
            forward(torch.ones(1, 1)); __call__(torch.ones(1)); get_parameter('x'); get_submodule('x');
            get_buffer('x')
        """,
    ),
    rule(
        "get_parameter, get_submodule",
        NET,
        "$call",
        call="""
            m.get_parameter('scale').shape; m.get_parameter('first.weight').shape; m.get_submodule('last.0');
            m.get_submodule('')is m; m.get_submodule('last.7'); m.get_parameter('count'); m.get_buffer('count')
        """,
    ),
    rule(
        "Sequential and the lists",
        """
        from torch import nn
        m = nn.Sequential(nn.Linear(1, 2), nn.ReLU(), nn.Linear(2, 1))
        $call
        """,
        call=[
            "m[0]",
            "m[-1]",
            "m[1:]",
            "m[5]",
            "len(m)",
            "[type(k).__name__ for k in m]",
            "m.append(nn.Tanh())",
            "m.insert(0, nn.Tanh()) is m, len(m)",
            "m.extend([nn.Tanh()]) is m, len(m)",
            "m.pop(0), len(m)",
            "del m[1]; m",
            "m[1] = nn.Tanh(); m",
            "m[0:2]",
            "m + nn.Sequential(nn.Tanh())",
            "nn.ModuleList([m])[0] is m",
            "nn.ModuleDict({'a': m})['a'] is m",
            "nn.ModuleDict({'a': m}).keys()",
            "list(nn.ModuleDict({'a': m}).items())[0][0]",
            "nn.ParameterList([nn.Parameter(torch.ones(1))])[0]",
            "nn.Sequential(__import__('collections').OrderedDict(a=nn.ReLU())).a",
            "nn.Sequential(3)",
            "nn.ModuleList([3])",
        ],
    ),
    rule(
        "deepcopy and pickle",
        NET,
        """
        x = torch.ones(1, 2)
        c = $copy
        torch.equal(c(x), m(x)), c.first.weight is m.first.weight, c.again is c.first, type(c.scale).__name__
        c.scale.requires_grad, c.training
        """,
        copy=["copy.deepcopy(m)", "copy.deepcopy(m.eval())", "copy.copy(m)"],
    ),
    rule(
        "frozen parameters keep None and pass gradients on",
        NET,
        """
        $freeze
        x = torch.ones(1, 2, requires_grad=True)
        m(x).sum().backward()
        [(n, p.grad is None) for n, p in m.named_parameters()], x.grad is None
        """,
        freeze="""
            m.requires_grad_(False); m.first.requires_grad_(False); m.last.requires_grad_(False);
            m.scale.requires_grad = False; for p in m.parameters(): p.requires_grad = p is m.scale; pass
        """,
    ),
    rule(
        "a training step by hand changes every parameter",
        NET,
        """
        x = torch.tensor([[1., 2.], [3., -1.]]); y = torch.tensor([[1.], [0.]])
        for _ in range($steps):
            m.zero_grad($how)
            loss = ((m(x) - y) ** 2).mean(); loss.backward()
            with torch.no_grad():
                for p in m.parameters(): p -= 0.1 * p.grad
        loss
        m.state_dict()
        """,
        steps=[1, 3],
        how=["", "False"],
    ),
    rule(
        "init functions",
        """
        from torch import nn
        torch.manual_seed(0)
        w = torch.empty(3, 4, requires_grad=True)
        r = nn.init.$call; r is w, w.requires_grad
        w
        """,
        call="""
            zeros_(w); ones_(w); constant_(w, 2.); eye_(w); uniform_(w); uniform_(w, -1, 1); normal_(w);
            normal_(w, 1, 0.5); xavier_uniform_(w); xavier_normal_(w); kaiming_uniform_(w);
            kaiming_normal_(w, nonlinearity='relu'); kaiming_uniform_(w, a=5 ** 0.5);
            xavier_uniform_(w, gain=2.)
        """,
    ),
]
