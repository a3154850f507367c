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
from autovis.nn import left_out
from autovis.nn import modules as modules
from autovis.nn import utils as utils
from autovis.nn.modules import *  # noqa: F403, every layer is public
from autovis.nn.parameter import Parameter as Parameter


def __getattr__(name: str) -> Any:
    raise left_out.missing("nn", name, left_out.MODULES)
