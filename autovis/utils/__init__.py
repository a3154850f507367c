"""Helpers around training, under the names of `torch.utils`."""

from __future__ import annotations

from autovis.utils import data as data
