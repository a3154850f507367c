"""Section 8: hooks of tensors, leaves, nodes, saved values and modules."""

from rule import entries, rule

TITLE = "8. Hooks"
START = """\
x = torch.tensor([1., 2.], requires_grad=True); y = torch.tensor([3., 4.], requires_grad=True)
"""
MIDDLE = ["x * 2", "x * y", "x.exp()", "x.view(2)", "x[:]", "x + y", "x.clone()"]
RETURNS = entries("""
    None; g * 2; g + 1; g; g.clamp(max=0.5); torch.zeros_like(g); g.double(); g.detach(); x.detach()
""")
WRONG = entries("""
    5; 1.5; 'a'; torch.ones(3); torch.ones(2, 1); torch.tensor(1.); (g,); [g]; True;
    torch.ones(2, dtype=torch.int64)
""")
MODULE = """\
torch.manual_seed(0); m = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Tanh(), torch.nn.Linear(2, 1))
for p in m.parameters(): torch.nn.init.constant_(p, 0.5)
x = torch.tensor([[1., 2.]], requires_grad=True)
"""
RULES = [
    rule(
        "what a tensor hook returns replaces the gradient; None keeps it",
        START,
        """
        h = $middle
        h.retain_grad()
        handle = $where.register_hook(lambda g: $returned)
        (h * 3).sum().backward()
        x.grad, h.grad, y.grad
        """,
        middle=MIDDLE,
        where=["h", "x"],
        returned=RETURNS,
    ),
    rule(
        "several hooks run in order, each sees the previous result",
        START,
        """
        h = $middle
        $where.register_hook(lambda g: print('a', g))
        $where.register_hook(lambda g: $first)
        $where.register_hook(lambda g: print('b', g))
        $where.register_hook(lambda g: $second)
        h.sum().backward()
        x.grad
        """,
        middle=MIDDLE[:4],
        where=["h", "x"],
        first=RETURNS[:4],
        second=RETURNS[:4],
    ),
    rule(
        "a hook is called once, with the sum over all uses",
        START,
        """
        h = $middle
        h.register_hook(lambda g: print('h', g)); x.register_hook(lambda g: print('x', g))
        ($use).sum().backward()
        x.grad
        """,
        middle=MIDDLE,
        use="""
            h + h; h * h; h + x; h * 2 + h * 3; h - h; torch.stack([h, h]); h[0] + h[1]
        """,
    ),
    rule(
        "wrong things to return",
        START,
        """
        h = $middle
        $where.register_hook(lambda g: $returned)
        h.sum().backward()
        x.grad
        """,
        middle=["x * 2", "x * y"],
        where=["h", "x"],
        returned=WRONG,
    ),
    rule(
        "the sentence names the hook",
        START,
        """
        def named(g): return $returned
        class Callable:
            def __call__(self, g): return $returned
        h = x * 2
        h.register_hook($hook)
        h.sum().backward()
        """,
        returned=["torch.ones(3)", "5"],
        hook=["named", "Callable()", "Callable().__call__", "__import__('functools').partial(named)"],
    ),
    rule(
        "hooks need a flag",
        """
        x = $tensor
        x.register_hook(print)
        x.register_post_accumulate_grad_hook(print)
        """,
        tensor="""
            torch.ones(2); torch.ones(2, requires_grad=True).detach(); torch.ones(2) * 2; torch.arange(2)
        """,
    ),
    rule(
        "remove: idempotent, in any order, inside a hook",
        START,
        """
        h = x * 2; log = []
        a = h.register_hook(lambda g: log.append('a'))
        b = h.register_hook(lambda g: log.append('b'))
        c = h.register_hook(lambda g: log.append('c'))
        $deed
        h.sum().backward(); log
        """,
        deed=[
            "a.remove()",
            "b.remove(); b.remove()",
            "c.remove(); a.remove()",
            "a.remove(); b.remove(); c.remove()",
            "d = h.register_hook(lambda g: a.remove()); h.sum().backward(retain_graph=True)",
            "with h.register_hook(lambda g: log.append('w')): h.sum().backward(retain_graph=True)",
            "del a, b, c; gc.collect() is None",
            "h.register_hook(lambda g: log.append('late'))",
        ],
    ),
    rule(
        "the same hook twice",
        START,
        """
        h = x * 2; f = lambda g: g * 3
        a = h.register_hook(f); b = h.register_hook(f)
        $deed
        h.sum().backward(); x.grad
        """,
        deed=["pass", "a.remove()", "b.remove()"],
    ),
    rule(
        "a hook that registers another, or runs a pass of its own",
        START,
        """
        log = []
        h = x * 2
        def hook(g):
            log.append('hook')
            $deed
        $where.register_hook(hook)
        h.sum().backward(); log
        x.grad
        """,
        where=["h", "x"],
        deed=[
            "h.register_hook(lambda g: log.append('new'))",
            "x.register_hook(lambda g: log.append('leaf'))",
            "log.append(torch.autograd.grad((y * y).sum(), y))",
            "(y * 2).sum().backward(); log.append(y.grad.tolist())",
            "return g * 2",
            "log.append(torch.is_grad_enabled())",
        ],
    ),
    rule(
        "hooks under create_graph see tensors with a history",
        START,
        """
        h = x ** 3
        h.register_hook(lambda g: print(g.requires_grad))
        x.register_hook(lambda g: print(g.requires_grad) or $returned)
        g, = torch.autograd.grad(h.sum(), x, create_graph=$create)
        g.requires_grad, g
        """,
        returned=["None", "g * 2", "g * x", "g.detach()"],
        create=[True, False],
    ),
    rule(
        "hooks and an edit in place: each belongs to the history it was registered on",
        START,
        """
        z = x * 1
        z.register_hook(lambda g: print('before', g))
        $retain
        z.$edit
        z.register_hook(lambda g: print('after', g))
        z.sum().backward()
        z.retains_grad, z.grad
        x.grad
        """,
        retain=["pass", "z.retain_grad()"],
        edit="""
            add_(1); mul_(2); exp_(); __setitem__(0, 5.); copy_(y); zero_(); detach_().requires_grad_()
        """,
    ),
    rule(
        "post-accumulate hooks run after .grad was updated",
        START,
        """
        x.register_post_accumulate_grad_hook(lambda t: print('post', t is x, t.grad))
        $again
        $call
        x.grad
        """,
        again="""
            pass; x.register_post_accumulate_grad_hook(lambda t: print('second'));
            x.register_hook(lambda g: g * 2)
        """,
        call=[
            "(x * 2).sum().backward()",
            "(x * 2).sum().backward(); (x * 3).sum().backward()",
            "torch.autograd.grad((x * 2).sum(), x)",
            "(x * y).sum().backward(inputs=[y])",
            "(x * y).sum().backward(inputs=[x])",
            "(y * 2).sum().backward()",
            "x.backward(torch.ones(2))",
            "(x + x).sum().backward()",
        ],
    ),
    rule(
        "a post-accumulate hook may step and clear",
        START,
        """
        def step(t):
            with torch.no_grad(): $deed
        h = x.register_post_accumulate_grad_hook(step)
        for _ in range(2): (x * x).sum().backward()
        facts(x)
        h.remove(); (x * 2).sum().backward(); x.grad
        """,
        deed=["t.sub_(0.1 * t.grad); t.grad = None", "t.grad.zero_()", "t.grad.mul_(2)", "t.grad = torch.ones(2)"],
    ),
    rule(
        "post-accumulate hooks belong to leaves",
        START,
        """
        h = $middle
        h.register_post_accumulate_grad_hook(print)
        """,
        middle=MIDDLE,
    ),
    rule(
        "what hooks return that should return nothing",
        START,
        """
        x.register_post_accumulate_grad_hook(lambda t: $returned)
        (x * 2).sum().backward()
        x.grad
        """,
        returned=["5", "torch.ones(2)", "None"],
    ),
    rule(
        "node hooks: before and after",
        START,
        """
        h = $middle; n = h.grad_fn
        n.register_prehook(lambda g: print('pre', g))
        n.register_prehook(lambda g: $pre)
        n.register_hook(lambda i, o: print('post', i, o))
        n.register_hook(lambda i, o: $post)
        h.register_hook(lambda g: print('tensor', g))
        h.sum().backward()
        x.grad, y.grad
        """,
        middle=["x * y", "x.exp()", "x + y", "x * 2"],
        pre=["None", "(g[0] * 10,)"],
        post=["None", "tuple(None if g is None else g * 2 for g in i)"],
    ),
    rule(
        "wrong things for node hooks to return",
        START,
        """
        h = x * y; n = h.grad_fn
        n.register_$kind(lambda *a: $returned)
        h.sum().backward()
        x.grad
        """,
        kind=["hook", "prehook"],
        returned="""
            5; (torch.ones(2),); (torch.ones(3), torch.ones(3)); (5, 5); torch.ones(2); (); (None, None);
            [torch.ones(2), torch.ones(2)]
        """,
    ),
    rule(
        "the accumulator has hooks too",
        START,
        """
        a = (x * 1).grad_fn.next_functions[0][0]
        a.register_prehook(lambda g: print('pre', g))
        a.register_hook(lambda i, o: print('post', i, o))
        x.register_hook(lambda g: print('tensor', g))
        x.register_post_accumulate_grad_hook(lambda t: print('after', t.grad))
        $call
        """,
        call="""
            (x * 2).sum().backward(); torch.autograd.grad((x * 2).sum(), x); (x * y).sum().backward(inputs=[x]);
            (x + x).sum().backward(); x.backward(torch.ones(2))
        """,
    ),
    rule(
        "the order of all at one tensor, whatever the order of registration",
        START,
        """
        h = x * 2; n = h.grad_fn
        for which in $order:
            if which == 't': h.register_hook(lambda g: print('tensor hook', g) or g + 1)
            if which == 'r': h.retain_grad()
            if which == 'p': n.register_prehook(lambda g: print('prehook', g) or (g[0] * 2,))
            if which == 'n': n.register_hook(lambda i, o: print('node hook', i, o))
        h.sum().backward()
        h.retains_grad, h.grad if h.retains_grad else None, x.grad
        """,
        order=["'trpn'", "'nprt'", "'rt'", "'tr'", "'pt'", "'ptrn'", "'rpt'", "'ttrr'", "'trtp'"],
    ),
    rule(
        "handles",
        START,
        """
        h = $register
        type(h).__name__, type(h).__module__.split('.')[-1]
        h.remove() is None
        h.remove() is None
        hasattr(h, 'id')
        with h as k: k is h
        """,
        register="""
            x.register_hook(print); (x * 2).register_hook(print); x.register_post_accumulate_grad_hook(print);
            (x * 2).grad_fn.register_hook(print); (x * 2).grad_fn.register_prehook(print)
        """,
    ),
    rule(
        "what cannot be a hook",
        START,
        """
        h = x * 2
        h.register_hook($thing)
        h.sum().backward()
        """,
        thing=["3", "None", "'a'"],
    ),
    rule(
        "multi-grad hooks",
        "from torch.autograd.graph import register_multi_grad_hook",
        START,
        """
        h = $middle
        handle = register_multi_grad_hook($tensors, lambda g: print(g), mode='$mode')
        ($use).sum().backward(retain_graph=True)
        ($use).sum().backward()
        handle.remove()
        x.grad
        """,
        middle=["x * 2", "x * y"],
        tensors=["(x, y)", "[x]", "[h, x]", "[h, h * 1]"],
        use=["h", "h + y", "x * 1"],
        mode=["all", "any"],
    ),
    rule(
        "multi-grad hooks: a wrong mode, a plain tensor",
        "from torch.autograd.graph import register_multi_grad_hook",
        START,
        "register_multi_grad_hook($arguments)",
        arguments="""
            (x,), print, mode='foo'; (torch.ones(2),), print; (x, torch.ones(2)), print, mode='foo'
        """,
    ),
    rule(
        "saved_tensors_hooks: pack at save, unpack at use",
        START,
        """
        def pack(t): print('pack', t.detach()); return $packed
        def unpack(t): print('unpack'); return $unpacked
        with torch.autograd.graph.saved_tensors_hooks(pack, unpack): h = $result
        h.sum().backward()
        x.grad
        """,
        packed=["t", "t * 2", "t.tolist()", "(t,)"],
        unpacked="""
            t; torch.tensor(t) if isinstance(t, list) else t; t[0] if isinstance(t, tuple) else t
        """,
        result=["x * y", "x.exp()", "x * 2", "x + y", "x ** 2", "x.sin()", "(x * y).exp()"],
    ),
    rule(
        "saved_tensors_hooks: the innermost pair applies",
        START,
        """
        from torch.autograd.graph import saved_tensors_hooks
        with saved_tensors_hooks(lambda t: print('outer') or t, lambda t: print('outer back') or t):
            a = x * y
            with saved_tensors_hooks(lambda t: print('inner') or t, lambda t: print('inner back') or t):
                b = $result
            c = b * y
        (a + c).sum().backward()
        x.grad
        """,
        result=["a * x", "a.exp()", "a + 1", "a.sin()"],
    ),
    rule(
        "forward hooks of modules",
        MODULE,
        """
        m[$which].register_forward_pre_hook(lambda module, args: print('pre', type(module).__name__, args)$pre)
        m[$which].register_forward_hook(lambda module, args, output: print('post', args, output)$post)
        m(x)
        """,
        which=[0, 1, 2],
        pre=["", " or (args[0] * 2,)", " or args[0] * 3"],
        post=["", " or output * 2"],
    ),
    rule(
        "full backward hooks of modules",
        MODULE,
        """
        h = m[$which].register_full_backward_hook(lambda module, i, o: print('back', type(module).__name__, i, o)$back)
        m(x).sum().backward()
        x.grad
        h.remove(); m(x).sum().backward(); x.grad
        """,
        which=[0, 1, 2],
        back=["", " or (i[0] * 2,)"],
    ),
]
