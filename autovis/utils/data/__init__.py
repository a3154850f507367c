"""Data sets, the order to draw samples in, and batches, under the names of `torch.utils.data`.

The order that a seed gives is PyTorch's.

>>> from autovis import arange
>>> [batch.tolist() for (batch,) in DataLoader(TensorDataset(arange(5)), batch_size=2)]
[[0, 1], [2, 3], [4]]
"""

from __future__ import annotations

from typing import Any

from autovis.utils.data.dataloader import *  # noqa: F403, every name is public
from autovis.utils.data.dataset import *  # noqa: F403, every data set is public
from autovis.utils.data.sampler import *  # noqa: F403, every order is public

LEFT_OUT = {
    "ChainDataset": "chain the streams with itertools.",
    "StackDataset": "use TensorDataset, or a Dataset of your own.",
    "DistributedSampler": "it computes in one process.",
    "distributed": "it computes in one process.",
}


def __getattr__(name: str) -> Any:
    if name in LEFT_OUT:
        raise AttributeError(f"autovis does not do torch.utils.data.{name}: {LEFT_OUT[name]}")
    raise AttributeError(f"module 'torch.utils.data' has no attribute {name!r}")
