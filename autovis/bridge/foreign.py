"""Which things are PyTorch's, and what their numbers are."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

__all__ = ["SMALL", "is_foreign", "is_module", "numbers", "stored", "torch"]

SMALL = 1 << 16  # elements; of a larger tensor only the shape is taken over

KINDS = frozenset({"float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool"})


def torch() -> Any:
    """Return PyTorch if the program has imported it, else None; under its name there may be autovis (`alias`)."""
    found = sys.modules.get("torch")
    return found if hasattr(found, "overrides") else None  # half imported, it has none yet


def is_foreign(thing: Any) -> bool:
    """Whether something is a tensor of PyTorch's."""
    library = torch()
    return library is not None and isinstance(thing, library.Tensor)


def is_module(thing: Any) -> bool:
    """Whether something is a module of PyTorch's."""
    library = torch()
    return library is not None and isinstance(thing, library.nn.Module)


def numbers(tensor: Any) -> Any:
    """Copy the numbers of a PyTorch tensor; of a large one, or one that has none, tell only shape and kind."""
    kind = str(tensor.dtype).removeprefix("torch.")
    kept = np.dtype(kind if kind in KINDS else "float32")  # bfloat16 and the like are shown as the numbers they are
    shape = tuple(tensor.shape)
    if tensor.numel() <= SMALL and tensor.layout == torch().strided and tensor.device.type != "meta":
        with torch().no_grad():
            plain = tensor.detach().cpu().resolve_conj().resolve_neg()
            plain = plain.abs() if plain.is_complex() else plain
            plain = plain if kind in KINDS else plain.float()
            return np.array(plain.numpy())
    return np.broadcast_to(np.zeros((), kept), shape)


def stored(tensor: Any) -> Any:
    """Return the `.grad` of a PyTorch tensor; None, without a warning, of an intermediate that keeps none."""
    try:
        return tensor.grad if tensor.is_leaf or tensor.retains_grad else None
    except RuntimeError:  # a view whose history cannot be told any more
        return None
