"""Section 5: grad modes: nesting, decorators, generators, threads, inference."""

from rule import entries, rule

TITLE = "5. Grad modes"
MANAGERS = entries("""
    torch.no_grad(); torch.enable_grad(); torch.set_grad_enabled(False); torch.set_grad_enabled(True);
    torch.autograd.no_grad(); torch.autograd.enable_grad(); torch.inference_mode(); torch.inference_mode(False)
""")
SAY = "torch.is_grad_enabled()"
INFERENCE = """\
x = torch.ones(2, requires_grad=True)
with torch.inference_mode(): t = torch.ones(2); u = x * 2
"""
DECORATORS = entries("""
    torch.no_grad(); torch.no_grad; torch.enable_grad(); torch.enable_grad; torch.set_grad_enabled(False);
    torch.set_grad_enabled(True); torch.inference_mode(); torch.inference_mode
""")
RULES = [
    rule(
        "nesting: the innermost counts, and the one before comes back",
        """
        x = torch.ones(1, requires_grad=True)
        with $a:
            print(torch.is_grad_enabled(), (x * 2).requires_grad)
            with $b:
                print(torch.is_grad_enabled(), (x * 2).requires_grad)
                with $c:
                    print(torch.is_grad_enabled(), (x * 2).requires_grad)
                print(torch.is_grad_enabled())
            print(torch.is_grad_enabled())
        torch.is_grad_enabled()
        """,
        a=MANAGERS,
        b=MANAGERS,
        c=MANAGERS[:4],
    ),
    rule(
        "two in one statement",
        """
        with $a, $b: print(torch.is_grad_enabled())
        torch.is_grad_enabled()
        """,
        a=MANAGERS,
        b=MANAGERS,
    ),
    rule(
        "restored after an exception",
        """
        try:
            with $a:
                with $b:
                    raise ValueError('x')
        except ValueError:
            print(torch.is_grad_enabled(), torch.is_inference_mode_enabled())
        """,
        a=MANAGERS,
        b=MANAGERS,
    ),
    rule(
        "a manager can be entered again",
        """
        m = $a
        for _ in range(2):
            with m: print(torch.is_grad_enabled())
            print(torch.is_grad_enabled())
        """,
        a=MANAGERS,
    ),
    rule(
        "set_grad_enabled acts at once",
        """
        torch.set_grad_enabled($a)
        torch.is_grad_enabled(), (torch.ones(1, requires_grad=True) * 2).requires_grad
        with torch.$b(): torch.set_grad_enabled($c); print(torch.is_grad_enabled())
        torch.is_grad_enabled()
        torch.set_grad_enabled(True)
        torch.is_grad_enabled()
        """,
        a=[True, False],
        b=["no_grad", "enable_grad"],
        c=[True, False],
    ),
    rule(
        "what set_grad_enabled accepts",
        """
        $call
        torch.is_grad_enabled()
        """,
        call="""
            torch.set_grad_enabled('a'); torch.set_grad_enabled(1); torch.set_grad_enabled();
            torch.set_grad_enabled(None)
        """,
        differs={
            r"enabled\(\)": "the sentence names another method of the class",
        },
    ),
    rule(
        "decorators keep the name and the words, and hold while the function runs",
        """
        @$decorator
        def f(x, *, k=1):
            'Docs.'
            return x * k, torch.is_grad_enabled()
        x = torch.ones(1, requires_grad=True)
        f(x, k=2), f.__name__, f.__doc__, torch.is_grad_enabled()
        with $around: print(f(x))
        torch.is_grad_enabled()
        """,
        decorator=DECORATORS,
        around=MANAGERS[:4],
    ),
    rule(
        "decorated methods",
        """
        class C:
            @$decorator
            def m(self, x): return torch.is_grad_enabled(), x
            @staticmethod
            @$decorator
            def s(x): return torch.is_grad_enabled(), x
            @classmethod
            @$decorator
            def c(cls, x): return cls.__name__, torch.is_grad_enabled(), x
        C().m(3), C.s(1), C.c(2), torch.is_grad_enabled()
        """,
        decorator=DECORATORS,
    ),
    rule(
        "a decorated function that raises",
        """
        @$decorator
        def f(): raise ValueError(str(torch.is_grad_enabled()))
        f()
        torch.is_grad_enabled()
        """,
        decorator=DECORATORS,
    ),
    rule(
        "recursion through a decorator",
        """
        @$decorator
        def f(n): return [torch.is_grad_enabled()] + (g(n - 1) if n else [])
        @$other
        def g(n): return [torch.is_grad_enabled()] + (f(n - 1) if n else [])
        f(4), torch.is_grad_enabled()
        """,
        decorator=DECORATORS[:6],
        other=DECORATORS[:6],
    ),
    rule(
        "a decorated generator: the mode holds inside, not between",
        """
        @$decorator
        def steps():
            for i in range(2):
                got = yield torch.is_grad_enabled()
                if got: print('got', got)
            return 7
        s = steps()
        next(s), torch.is_grad_enabled()
        with $around: print($resume, torch.is_grad_enabled())
        torch.is_grad_enabled()
        next(s)
        torch.is_grad_enabled()
        s.close()
        """,
        decorator=DECORATORS,
        around=MANAGERS[:4],
        resume=["next(s)", "s.send('hello')", "list(s)"],
    ),
    rule(
        "throwing into and closing a decorated generator",
        """
        @$decorator
        def catches():
            try:
                yield 1
            except ValueError as e:
                print('caught', e, torch.is_grad_enabled())
                yield 2
            finally:
                print('finally', torch.is_grad_enabled())
        c = catches(); next(c)
        $deed
        c.close()
        torch.is_grad_enabled()
        """,
        decorator=DECORATORS,
        deed=["c.throw(ValueError('v'))", "c.throw(KeyError('k'))", "c.close()", "next(c, 'end')"],
    ),
    rule(
        "a mode inside an undecorated generator leaks to whoever runs between",
        """
        def g():
            with $a:
                yield torch.is_grad_enabled()
            yield torch.is_grad_enabled()
        s = g(); next(s), torch.is_grad_enabled()
        next(s), torch.is_grad_enabled()
        s.close()
        """,
        a=MANAGERS[:4],
    ),
    rule(
        "each thread has its own mode",
        """
        import threading
        seen = []
        def look():
            seen.append(torch.is_grad_enabled())
            with $inner: seen.append(torch.is_grad_enabled()); $deed
            seen.append(torch.is_grad_enabled())
        with $outer:
            t = threading.Thread(target=look); t.start(); t.join()
            print(torch.is_grad_enabled())
        seen, torch.is_grad_enabled()
        """,
        inner=MANAGERS[:4],
        outer=MANAGERS[:4],
        deed="""
            pass; torch.set_grad_enabled(True);
            seen.append((torch.ones(1, requires_grad=True) * 2).requires_grad)
        """,
    ),
    rule(
        "backward in a thread of a graph that another one made",
        """
        import threading
        x = torch.tensor([1., 2.], requires_grad=True); y = ($function).sum()
        t = threading.Thread(target=y.backward); t.start(); t.join()
        x.grad
        """,
        function=["x * x", "x.exp()", "x + 1"],
    ),
    rule(
        "decorating a class warns and holds for its construction",
        """
        @torch.$decorator()
        class C:
            def __init__(self): print(torch.is_grad_enabled())
            def m(self): return torch.is_grad_enabled()
        C() is None
        C().m()
        torch.is_grad_enabled()
        """,
        decorator=["no_grad", "enable_grad", "inference_mode"],
    ),
    rule(
        "the mode counts when the operation runs, not at backward",
        """
        x = torch.ones(2, requires_grad=True)
        with $first: y = x * 2
        with $second: z = y * x
        facts(y, z)
        with $third: z.sum().backward()
        x.grad
        """,
        first=MANAGERS[:4],
        second=MANAGERS[:4],
        third=["torch.no_grad()", "torch.enable_grad()"],
    ),
    rule(
        "the mode inside a pass is that of create_graph",
        """
        x = torch.ones(2, requires_grad=True); y = x * x
        h = y.register_hook(lambda g: print(torch.is_grad_enabled(), g.requires_grad))
        with $mode: print(torch.autograd.grad(y.sum(), x, create_graph=$create)[0].requires_grad)
        """,
        mode=MANAGERS[:4],
        create=[True, False],
    ),
    rule(
        "is_grad_enabled and is_inference_mode_enabled",
        """
        with $a: torch.is_grad_enabled(), print(torch.is_inference_mode_enabled())
        torch.is_inference_mode_enabled()
        """,
        a=MANAGERS,
    ),
    rule(
        "what is made in inference mode is an inference tensor",
        """
        with torch.inference_mode($flag): t = $made
        t.is_inference(), t.requires_grad, t.is_leaf
        """,
        flag=["", "True", "False"],
        made="""
            torch.ones(2); torch.ones(2) * 2; torch.ones(2, requires_grad=True);
            torch.ones(2, requires_grad=True) * 2; torch.ones(2).clone(); torch.ones(2)[0]
        """,
    ),
    rule(
        "inference tensors outside: nothing saved, nothing lost",
        INFERENCE,
        """
        y = $use
        y.requires_grad, y.is_inference()
        y.sum().backward(); x.grad
        """,
        use="""
            t + x; t * x; x * t; x + u; x @ t; t.exp() + x; t * 2; t.clone() * x; torch.cat([x, t]);
            t.detach() * x
        """,
    ),
    rule(
        "inference tensors outside: edits and flags",
        INFERENCE,
        "$deed",
        deed="""
            t.add_(1); t[0] = 1; t.zero_(); t.requires_grad_(); t.requires_grad = True; t.requires_grad_(False);
            with torch.no_grad(): t.add_(1); with torch.inference_mode(): t.add_(1);
            t.view(2, 1).is_inference(); t.clone().add_(1).is_inference(); t[0].is_inference(); u.backward();
            t.add_(x)
        """,
    ),
    rule(
        "eval() changes no mode",
        """
        m = torch.nn.Linear(2, 1)
        m.eval()
        torch.is_grad_enabled(), m(torch.ones(1, 2)).requires_grad
        m.train($flag).training
        """,
        flag=["True", "False", ""],
    ),
    rule(
        "frozen parts",
        """
        m = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Linear(2, 1))
        for p in m[$which].parameters(): p.requires_grad = False
        m(torch.ones(1, 2)).sum().backward()
        [(n, p.grad is None) for n, p in m.named_parameters()]
        """,
        which=[0, 1],
    ),
]
