"""The functions that layers are made of, under the names of `torch.nn.functional`."""

from __future__ import annotations

from typing import Any

from autovis.nn.functional.activations import *  # noqa: F403, every function is public
from autovis.nn.functional.attention import *  # noqa: F403, every function is public
from autovis.nn.functional.losses import *  # noqa: F403, every function is public
from autovis.nn.functional.norms import *  # noqa: F403, every function is public
from autovis.nn.functional.pooling import *  # noqa: F403, every function is public
from autovis.nn.functional.weights import *  # noqa: F403, every function is public
from autovis.nn.left_out import FUNCTIONS, missing


def __getattr__(name: str) -> Any:
    raise missing("nn.functional", name, FUNCTIONS)
