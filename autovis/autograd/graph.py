"""What the recorded graph consists of, under the name of `torch.autograd.graph`."""

from __future__ import annotations

from autovis.graph import Node

__all__ = ["Node"]
