"""Section 11: anomaly mode."""

from rule import entries, rule

TITLE = "11. Anomaly mode"
START = "x = torch.tensor([0., 1.], requires_grad=True)\n"
MODES = entries("""
    torch.autograd.detect_anomaly(); torch.autograd.set_detect_anomaly(True);
    torch.autograd.detect_anomaly(check_nan=True); torch.autograd.detect_anomaly(check_nan=False);
    torch.autograd.set_detect_anomaly(False); torch.autograd.set_detect_anomaly(True, False);
    torch.autograd.set_detect_anomaly(True, check_nan=False)
""")
FIRST = """\
import warnings; show = warnings.showwarning
warnings.showwarning = lambda message, category, *_: print(category.__name__, str(message).split('. ')[0])
"""
END = "\nwarnings.showwarning = show"
BAD = entries("""
    (x.sqrt() * 0).sum(); (x / 0 * 0).sum(); (x.log() * 0).sum(); (0 * (x * float('inf'))).sum();
    torch.where(x > 0, x.sqrt() * 0, x).sum(); (x.sqrt() * 0).exp().sum()
""")
RULES = [
    rule(
        "a NaN in a gradient",
        FIRST,
        START,
        """
        with $mode:
            r = $bad
            r.backward()
        x.grad
        """,
        END,
        mode=MODES,
        bad=BAD,
    ),
    rule(
        "no NaN, no error",
        FIRST,
        START,
        """
        with $mode: ((x + 1) ** 2).sum().backward()
        x.grad
        """,
        END,
        mode=MODES,
    ),
    rule(
        "forward outside, backward inside",
        FIRST,
        START,
        """
        r = $bad
        with $mode: r.backward()
        x.grad
        """,
        END,
        mode=MODES,
        bad=BAD[:3],
    ),
    rule(
        "off, nothing is checked",
        START,
        """
        r = $bad; r.backward()
        x.grad
        """,
        bad=BAD,
    ),
    rule(
        "in autograd.grad",
        FIRST,
        START,
        "with $mode: torch.autograd.grad($bad, x)",
        END,
        mode=MODES[:3],
        bad=BAD[:3],
    ),
    rule(
        "the mode comes back",
        FIRST,
        """
        torch.is_anomaly_enabled()
        with $mode: print(torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled())
        torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled()
        """,
        END,
        mode=MODES,
    ),
    rule(
        "acts at once as a plain call",
        FIRST,
        START,
        """
        torch.autograd.set_detect_anomaly(True)
        ($bad).backward()
        torch.autograd.set_detect_anomaly(False)
        ($bad).backward()
        """,
        END,
        bad=BAD[:3],
    ),
    rule(
        "the hint of an edited tensor",
        FIRST,
        START,
        """
        with $mode:
            y = x.exp(); y.add_(1)
            y.sum().backward()
        """,
        END,
        mode=MODES,
    ),
    rule(
        "another error inside",
        FIRST,
        START,
        """
        def fail(g): raise ValueError('mine')
        with $mode:
            y = x.exp(); y.register_hook(fail)
            y.sum().backward()
        """,
        END,
        mode=MODES[:3],
    ),
]
