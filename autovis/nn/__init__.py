"""Building blocks of networks, under the names of `torch.nn`.

>>> from autovis import nn
>>> nn.Sequential(nn.Linear(2, 3), nn.ReLU())
Sequential(
  (0): Linear(in_features=2, out_features=3, bias=True)
  (1): ReLU()
)
"""

from __future__ import annotations

from typing import Any

from autovis.nn import functional as functional
from autovis.nn import init as init
from autovis.nn import utils as utils
from autovis.nn.activations import *  # noqa: F403, every layer is public
from autovis.nn.containers import *  # noqa: F403, every container is public
from autovis.nn.layers import *  # noqa: F403, every layer is public
from autovis.nn.losses import *  # noqa: F403, every loss is public
from autovis.nn.module import Module as Module
from autovis.nn.norms import *  # noqa: F403, every layer is public
from autovis.nn.recurrent import *  # noqa: F403, every cell is public
from autovis.tensor import Parameter as Parameter


def __getattr__(name: str) -> Any:
    raise AttributeError(f"module 'torch.nn' has no attribute {name!r}")
