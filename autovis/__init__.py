"""See automatic differentiation happen.

The core has PyTorch's names, rules, numbers and error sentences, so `import autovis as torch` runs the programs of a
tutorial; `show`, `record` and `play` let one look at what they do. Names are listed in the order in which the lessons
introduce them; pictures, widgets and the classroom load when they are first used.

>>> import autovis as av
>>> x = av.tensor(3.0, requires_grad=True)
>>> y = x**2
>>> y.backward()
>>> x.grad
tensor(6.)
"""

from __future__ import annotations

import math as _math
import sys
from importlib import import_module
from typing import Any

from autovis import autograd, dtypes, functions
from autovis.backward import warn_always as _warn_always
from autovis.creation import *  # noqa: F403, every way to make a tensor is public
from autovis.device import Device as device  # noqa: N813, PyTorch's name
from autovis.device import get_default_device, set_default_device
from autovis.dtypes import bool_ as bool
from autovis.dtypes import dtype, float16, float32, float64, int8, int16, int32, int64, uint8
from autovis.functions import *  # noqa: F403, every function is public
from autovis.modes import enable_grad, is_grad_enabled, no_grad, set_grad_enabled
from autovis.modes import inference_mode, is_inference_mode_enabled
from autovis.modes import is_anomaly_check_nan_enabled, is_anomaly_enabled, set_anomaly_enabled
from autovis.operators import Size
from autovis.printing import set_printoptions
from autovis.random import Generator, initial_seed, manual_seed, seed

from autovis.tensor import Parameter, Tensor

__version__ = "0.1.0"

pi, e, inf, nan, newaxis = _math.pi, _math.e, _math.inf, _math.nan, None
half, double, short, long = float16, float64, int16, int64
float, int = float32, int32

# name -> module: loaded on first use, so that `import autovis` needs NumPy only
_LAZY = {
    "nn": "autovis.nn",
    "optim": "autovis.optim",
    "utils": "autovis.utils",
    "linalg": "autovis.linalg",
    "cuda": "autovis.cuda",
    "sim": "autovis.sim",
    "backends": "autovis.cuda",
    "record": "autovis.tape",
    "show": "autovis.widgets.show",
    "play": "autovis.widgets.show",
    "film": "autovis.viz.show",
    "outline": "autovis.viz.show",
    "numeric_grad": "autovis.classroom",
    "count_visits": "autovis.classroom",
    "predict": "autovis.classroom",
    "reveal": "autovis.classroom",
    "check": "autovis.classroom",
    "hint": "autovis.classroom",
    "solution": "autovis.classroom",
    "sums": "autovis.classroom",
}

MODULES = ("nn", "optim", "utils", "linalg", "cuda", "sim")

# what autovis leaves out, and what to do instead
_LEFT_OUT = {
    "compile": "it would hide the operations that autovis shows; leave the call out.",
    "complex64": "it has no complex numbers.",
    "complex128": "it has no complex numbers.",
    "sparse": "it has dense tensors only.",
    "distributed": "it runs in one process.",
    "amp": "it computes in the kind of number you choose.",
    "autocast": "it computes in the kind of number you choose.",
    "func": "use autograd.grad and autograd.functional.",
    "jit": "it runs Python as it is written.",
    "fx": "it runs Python as it is written.",
}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        module = import_module(_LAZY[name])
        value = module if _LAZY[name].rpartition(".")[2] == name and name in MODULES else getattr(module, name)
        globals()[name] = value
        return value
    if name in _LEFT_OUT:
        raise AttributeError(f"autovis does not do torch.{name}: {_LEFT_OUT[name]}")
    raise AttributeError(f"module 'torch' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY})


def set_warn_always(flag: Any) -> None:
    """Give every warning each time, also those that PyTorch gives once a process."""
    _warn_always[0] = flag is True


def load_ipython_extension(shell: Any) -> None:
    """Register the cell magic `%%autovis`; the widgets load when it is first used."""

    def autovis(line: str, cell: str) -> None:
        import_module("autovis.widgets.show").magic(line, cell)

    shell.register_magic_function(autovis, "cell")


def _in_notebook() -> None:
    """Where IPython runs already, `import autovis` is enough for `%%autovis`."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is not None:
        load_ipython_extension(shell)


_in_notebook()
