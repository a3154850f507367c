"""Where PyTorch keeps `Parameter`; ours is a tensor like any other."""

from __future__ import annotations

from autovis.tensor import Parameter

__all__ = ["Parameter"]
