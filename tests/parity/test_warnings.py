"""Which warnings come once a process and which every time, seen in a fresh process of each library."""

import subprocess
import sys

PROGRAM = """
import warnings
from contextlib import nullcontext
LIBRARY = {library!r}
if LIBRARY == "autovis":
    from autovis.alias import as_torch
else:
    as_torch = nullcontext
warnings.simplefilter("always")
warnings.showwarning = lambda message, category, *_: print(category.__name__, str(message)[:60])
with as_torch():
    import torch
    x = torch.tensor(2.0, requires_grad=True)
    for _ in range(2):
        float(x), x.item()
        (x * x).backward(create_graph=True)
        (x * 2).grad
        torch.range(1, 2)
        torch.tensor(x)
        x.volatile
    torch.set_warn_always(True)
    for _ in range(2):
        float(x)
        (x * x).backward(create_graph=True)
"""


def printed(library):
    program = PROGRAM.replace("{library!r}", repr(library))
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )


def test_each_warning_comes_as_often_as_in_pytorch():
    ours, theirs = printed("autovis"), printed("torch")
    assert ours == theirs
    assert len(theirs) > 10
