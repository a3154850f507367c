"""Section 18: optimisers."""

from rule import entries, rule

TITLE = "18. Optimisers"
RUN = """\
p = torch.tensor([1., -2., 0.5], requires_grad=True); q = torch.tensor([[1., 2.]], requires_grad=True)
o = torch.optim.$optimiser
for k in range(4):
    o.zero_grad()
    (((p - 3) ** 2).sum() + (q ** 4).sum() * k).backward()
    o.step()
facts(p, q)
"""
SGD = entries("""
    SGD([p, q], lr=0.1); SGD([p, q], lr=0.1, momentum=0.9); SGD([p, q], lr=0.1, momentum=0.9, dampening=0.5);
    SGD([p, q], lr=0.1, momentum=0.9, nesterov=True); SGD([p, q], lr=0.1, weight_decay=0.5);
    SGD([p, q], lr=0.1, momentum=0.9, weight_decay=0.1, nesterov=True); SGD([p, q], lr=0.1, maximize=True);
    SGD([p, q])
""")
ADAMS = entries("""
    Adam([p, q]); Adam([p, q], lr=0.1); Adam([p, q], lr=0.1, betas=(0.5, 0.9)); Adam([p, q], lr=0.1, eps=0.1);
    Adam([p, q], lr=0.1, weight_decay=0.5); Adam([p, q], lr=0.1, amsgrad=True); AdamW([p, q], lr=0.1);
    AdamW([p, q], lr=0.1, weight_decay=0.5); AdamW([p, q], lr=0.1, amsgrad=True);
    Adam([p, q], lr=0.1, maximize=True)
""")
OTHERS = entries("""
    RMSprop([p, q], lr=0.1); RMSprop([p, q], lr=0.1, alpha=0.5); RMSprop([p, q], lr=0.1, momentum=0.9);
    RMSprop([p, q], lr=0.1, centered=True); RMSprop([p, q], lr=0.1, weight_decay=0.5); RMSprop([p, q]);
    Adagrad([p, q], lr=0.1); Adagrad([p, q], lr=0.1, lr_decay=0.5); Adagrad([p, q], lr=0.1, weight_decay=0.5);
    Adagrad([p, q], lr=0.1, initial_accumulator_value=1.); Adagrad([p, q])
""")
START = """\
p = torch.nn.Parameter(torch.ones(2)); q = torch.nn.Parameter(torch.ones(1))
"""
NAMES = ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad"]
RULES = [
    rule(
        "SGD",
        RUN,
        optimiser=SGD,
    ),
    rule(
        "Adam and AdamW",
        RUN,
        optimiser=ADAMS,
    ),
    rule(
        "RMSprop and Adagrad",
        RUN,
        optimiser=OTHERS,
    ),
    rule(
        "groups with settings of their own",
        RUN,
        optimiser=[f"{name}([{{'params': [p]}}, {{'params': q, 'lr': 0.5}}], lr=0.1)" for name in NAMES]
        + [f"{name}([{{'params': p, 'weight_decay': 0.1}}, {{'params': [q]}}], lr=0.01)" for name in NAMES],
    ),
    rule(
        "parameters without gradient are skipped, zeros are not",
        """
        p = torch.nn.Parameter(torch.ones(2)); q = torch.nn.Parameter(torch.ones(1))
        o = torch.optim.$name([p, q], lr=0.1, weight_decay=0.5)
        $grad
        o.step()
        facts(p, q)
        len(o.state)
        """,
        name=NAMES,
        grad=[
            "pass",
            "p.grad = torch.zeros(2)",
            "p.grad = torch.ones(2)",
            "p.grad = torch.ones(2); q.requires_grad_(False)",
            "(p * 2).sum().backward()",
        ],
    ),
    rule(
        "a step is in place: leaf, memory, version",
        START,
        """
        o = torch.optim.$name([p], lr=0.1)
        a, v = p.data_ptr(), p._version
        (p * 2).sum().backward(); o.step()
        p.data_ptr() == a, p._version - v, p.is_leaf, p.grad
        """,
        name=NAMES,
    ),
    rule(
        "zero_grad",
        START,
        """
        o = torch.optim.$name([p, q], lr=0.1)
        (p * 2).sum().backward()
        g = p.grad
        o.zero_grad($how)
        p.grad, q.grad, g
        """,
        name=NAMES[:2],
        how=["", "set_to_none=True", "set_to_none=False", "False"],
    ),
    rule(
        "step with and without closure",
        START,
        """
        o = torch.optim.$name([p], lr=0.1)
        def closure():
            o.zero_grad(); loss = (p ** 2).sum(); loss.backward(); print(torch.is_grad_enabled()); return loss
        o.step($argument)
        p
        """,
        name=NAMES,
        argument=["closure", "", "closure=closure", "None"],
    ),
    rule(
        "defaults and param_groups",
        START,
        """
        o = torch.optim.$name([p, q]$more)
        keys = (
            'lr', 'momentum', 'dampening', 'weight_decay', 'nesterov', 'maximize', 'betas', 'eps',
            'amsgrad', 'alpha', 'centered', 'lr_decay'
        )
        {k: o.param_groups[0].get(k) for k in keys}
        len(o.param_groups), len(o.param_groups[0]['params']), o.param_groups[0]['params'][0] is p
        {k: o.defaults.get(k) for k in keys}
        """,
        name=NAMES,
        more=["", ", lr=0.5"],
    ),
    rule(
        "the rate may be changed between steps",
        START,
        """
        o = torch.optim.$name([p], lr=0.1)
        for rate in (0.1, 1., 0.):
            o.param_groups[0]['lr'] = rate; o.zero_grad(); (p ** 2).sum().backward(); o.step(); print(p.data)
        """,
        name=NAMES,
    ),
    rule(
        "add_param_group",
        START,
        """
        o = torch.optim.$name([p], lr=0.1)
        o.add_param_group($group)
        [(len(g['params']), g['lr']) for g in o.param_groups]
        ((p ** 2).sum() + (q ** 2).sum()).backward(); o.step(); p, q
        """,
        name=NAMES[:2],
        group="""
            {'params': [q]}; {'params': q, 'lr': 0.5}; {'params': [p]}; {'params': []}; {}; 3; {'params': 'a'};
            {'params': {q}}
        """,
    ),
    rule(
        "state_dict and load_state_dict go on where they were",
        START,
        """
        def go(o):
            o.zero_grad(); ((p - 3) ** 2).sum().backward(); o.step()
        o = torch.optim.$optimiser
        go(o); go(o)
        s = o.state_dict(); sorted(s), list(s['state']), [g['params'] for g in s['param_groups']]
        o = torch.optim.$optimiser
        o.load_state_dict(s); go(o)
        facts(p)
        """,
        optimiser="""
            SGD([p], lr=0.1, momentum=0.9); SGD([p], lr=0.1); Adam([p], lr=0.1); AdamW([p], lr=0.1);
            RMSprop([p], lr=0.1, momentum=0.5); Adagrad([p], lr=0.1)
        """,
    ),
    rule(
        "loading a state that does not fit",
        START,
        """
        o = torch.optim.SGD([p, q], lr=0.1); s = o.state_dict()
        $deed
        o.load_state_dict(s)
        """,
        deed=["s['param_groups'] = []", "s['param_groups'][0]['params'] = [0]", "s = {}", "pass"],
    ),
    rule(
        "what cannot be optimised",
        START,
        """
        x = torch.ones(2, requires_grad=True)
        torch.optim.$name($params, lr=0.1)
        """,
        name=["SGD", "Adam"],
        params="""
            []; x * 2; [x * 2]; x; ['a']; 'a'; 3; [p, p]; [{'params': p}, {'params': [p]}]; [torch.ones(2)];
            {p}; (p,); iter([p]); [{'lr': 1.}]; [p, 3]; None; [[p]]; {'params': [p]}
        """,
    ),
    rule(
        "settings that make no sense",
        START,
        "torch.optim.$optimiser",
        optimiser="""
            SGD([p], lr=-1); SGD([p], momentum=-1); SGD([p], weight_decay=-1); SGD([p], nesterov=True);
            SGD([p], nesterov=True, momentum=0.9, dampening=0.1); Adam([p], lr=-1); Adam([p], betas=(1.5, 0.9));
            Adam([p], betas=(0.5, 1.)); Adam([p], eps=-1); Adam([p], weight_decay=-1); AdamW([p], lr=-0.1);
            AdamW([p], betas=(0.9, -1)); RMSprop([p], alpha=-1); RMSprop([p], lr=-1); RMSprop([p], momentum=-1);
            Adagrad([p], lr=-1); Adagrad([p], lr_decay=-1); Adagrad([p], eps=-1); SGD([p], foo=1); SGD()
        """,
    ),
    rule(
        "schedules",
        START,
        """
        o = torch.optim.SGD([p], lr=1.)
        s = torch.optim.lr_scheduler.$schedule
        rates = []
        for _ in range(8):
            o.step(); s.step(); rates.append(round(o.param_groups[0]['lr'], 6))
        rates, [round(k, 6) for k in s.get_last_lr()]
        """,
        schedule="""
            StepLR(o, 2); StepLR(o, 3, gamma=0.5); ExponentialLR(o, 0.9); CosineAnnealingLR(o, 5);
            CosineAnnealingLR(o, 5, eta_min=0.1); LambdaLR(o, lambda e: 0.5 ** e);
            MultiStepLR(o, [2, 5], gamma=0.1); LinearLR(o)
        """,
    ),
    rule(
        "a schedule before its optimiser warns",
        START,
        """
        o = torch.optim.SGD([p], lr=1.)
        s = torch.optim.lr_scheduler.$schedule
        s.step(); o.step(); s.step()
        s.get_last_lr()
        """,
        schedule=["StepLR(o, 1)", "ExponentialLR(o, 0.5)"],
    ),
]
