"""Every layer and loss, in the files in which PyTorch has most of them."""

from __future__ import annotations

from autovis.nn.modules.activation import *  # noqa: F403, every layer is public
from autovis.nn.modules.batchnorm import *  # noqa: F403, every layer is public
from autovis.nn.modules.container import *  # noqa: F403, every container is public
from autovis.nn.modules.conv import *  # noqa: F403, every layer is public
from autovis.nn.modules.dropout import *  # noqa: F403, every layer is public
from autovis.nn.modules.linear import *  # noqa: F403, every layer is public
from autovis.nn.modules.loss import *  # noqa: F403, every loss is public
from autovis.nn.modules.module import Module as Module
from autovis.nn.modules.normalization import *  # noqa: F403, every layer is public
from autovis.nn.modules.pooling import *  # noqa: F403, every layer is public
from autovis.nn.modules.rnn import *  # noqa: F403, every cell is public
