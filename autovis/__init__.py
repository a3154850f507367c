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

from autovis import autograd, dtypes, errors, functions
from autovis.errors import warn_always as _warn_always
from autovis.creation import *  # noqa: F403, every way to make a tensor is public
from autovis.device import Device as device  # noqa: N813, PyTorch's name
from autovis.device import get_default_device, set_default_device
from autovis.dtypes import bool_ as bool
from autovis.dtypes import can_cast, dtype, finfo, float16, float32, float64, iinfo, int8, int16, int32, int64
from autovis.dtypes import promote_types, uint8
from autovis.functions import *  # noqa: F403, every function is public
from autovis.modes import enable_grad, is_grad_enabled, no_grad, set_grad_enabled
from autovis.modes import inference_mode, is_inference_mode_enabled
from autovis.modes import is_anomaly_check_nan_enabled, is_anomaly_enabled, set_anomaly_enabled
from autovis.operators import Size
from autovis.parameters import typename
from autovis.printing import get_printoptions, set_printoptions
from autovis.random import Generator, initial_seed, manual_seed, seed

from autovis.tensor import Parameter, Tensor

__version__ = "0.1.0"

pi, e, inf, nan, newaxis = _math.pi, _math.e, _math.inf, _math.nan, None
half, double, short, long = float16, float64, int16, int64
strided, contiguous_format, preserve_format = dtypes.strided, dtypes.contiguous_format, dtypes.preserve_format
float, int = float32, int32

# name -> module: loaded on first use, so that `import autovis` needs NumPy only
_LAZY = {
    "nn": "autovis.nn",
    "optim": "autovis.optim",
    "utils": "autovis.utils",
    "linalg": "autovis.linalg",
    "distributions": "autovis.distributions",
    "cuda": "autovis.cuda",
    "sim": "autovis.sim",
    "backends": "autovis.cuda",
    "accelerator": "autovis.cuda",
    "mps": "autovis.cuda",
    "xpu": "autovis.cuda",
    "version": "autovis.cuda",
    "record": "autovis.tape",
    "show": "autovis.widgets.show",
    "play": "autovis.widgets.show",
    "compare": "autovis.widgets.compare",
    "from_json": "autovis.widgets.player",
    "explore": "autovis.widgets.explorer",
    "order_lab": "autovis.widgets.order_lab",
    "norms": "autovis.viz.charts",
    "losses": "autovis.viz.charts",
    "memory": "autovis.viz.charts",
    "film": "autovis.viz.show",
    "outline": "autovis.viz.show",
    "set_language": "autovis.language",
    "get_language": "autovis.language",
    "why": "autovis.widgets.why",
    "numeric_grad": "autovis.classroom",
    "count_visits": "autovis.classroom",
    "predict": "autovis.classroom",
    "reveal": "autovis.classroom",
    "check": "autovis.classroom",
    "hint": "autovis.classroom",
    "solution": "autovis.classroom",
    "sums": "autovis.classroom",
    "progress": "autovis.classroom",
    "instructor": "autovis.classroom",
    "notes": "autovis.classroom",
    "poll": "autovis.widgets.poll",
    "present": "autovis.widgets.present",
    "handout": "autovis.widgets.handout",
    "heat_map": "autovis.classroom.heat",
}

MODULES = ("nn", "optim", "utils", "linalg", "distributions", "cuda", "sim")

_LEFT_OUT = errors.LEFT_OUT

# layers' functions that are at the top, too
_FUNCTIONAL = """
alpha_dropout avg_pool1d batch_norm bilinear binary_cross_entropy_with_logits celu conv1d conv2d conv3d conv_transpose1d
conv_transpose2d cosine_embedding_loss ctc_loss dropout embedding embedding_bag group_norm hardshrink
hinge_embedding_loss instance_norm kl_div layer_norm margin_ranking_loss max_pool1d max_pool2d pairwise_distance
pixel_shuffle pixel_unshuffle poisson_nll_loss prelu relu_ rms_norm rrelu selu selu_ softmax_ threshold
triplet_margin_loss
""".split()  # noqa: SIM905


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        module = import_module(_LAZY[name])
        value = module if _LAZY[name].rpartition(".")[2] == name and name in MODULES else getattr(module, name)
        globals()[name] = value
        return value
    if name in _FUNCTIONAL:
        return getattr(import_module("autovis.nn.functional"), name)
    raise errors.left_out(name) or errors.unknown("torch", name, __dir__())


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY})


def set_warn_always(flag: Any) -> None:
    """Give every warning each time, also those that PyTorch gives once a process."""
    _warn_always[0] = flag is True


def is_warn_always_enabled() -> Any:
    """Whether every warning is given each time."""
    return _warn_always[0]


def get_num_threads() -> Any:
    """Return 1: NumPy decides how many threads it uses."""
    return 1


def _accept(*choice: Any, **named: Any) -> None:
    """Take note of a choice that changes nothing here, such as a number of threads."""


set_num_threads = set_num_interop_threads = set_float32_matmul_precision = set_flush_denormal = _accept
use_deterministic_algorithms = _accept


def are_deterministic_algorithms_enabled() -> Any:
    """Return True: the same program gives the same numbers."""
    return True


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
