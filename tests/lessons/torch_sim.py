"""PyTorch with a device `sim`, so that lessons about devices are compared with it too.

PyTorch leaves one sort of device open to others. Here an operation on `sim` is PyTorch's own on the host, between
taking the numbers out and putting the result in; leaves, nodes, gradients and the copies that are made are decided by
PyTorch, as they are for a GPU. What this file says itself is one sentence: how two devices in one operation are
refused. A process that has the device keeps it.
"""

import torch
from torch.utils._pytree import tree_leaves, tree_map
from torch.utils.backend_registration import _setup_privateuseone_for_python_backend

NAME = "sim"
COPY, TO_NUMBER = torch.ops.aten._copy_from.default, torch.ops.aten._local_scalar_dense.default
MIXED = "Expected all tensors to be on the same device, but found at least two devices, sim:0 and cpu!"


class Transfers:
    """How often PyTorch copied from one memory to another since the last reset."""

    def __init__(self):
        self.reset()

    def reset(self):
        self.to_device = self.to_host = self.between = 0

    def count(self, source, target):
        self.to_device += not is_there(source) and is_there(target)
        self.to_host += is_there(source) and not is_there(target)


class Backend:
    """Runs each operation on `sim`; what stands in for `av.sim`."""

    def __init__(self):
        self.transfers = Transfers()
        self.reset = self.transfers.reset
        self.held = {}  # storage and numbers, by the storage, which saved values and detached tensors share
        _setup_privateuseone_for_python_backend(NAME)
        self.library = torch.library.Library("_", "IMPL")
        self.library.fallback(self.run, "PrivateUse1")

    def run(self, operation, *given, **named):
        """Compute on the host; what is written to keeps its place."""
        if operation is COPY:
            source, target = given[:2]
            self.transfers.count(source, target)
            self.on_host(target).copy_(self.on_host(source))
            return target
        tensors = [x for x in tree_leaves((given, named)) if isinstance(x, torch.Tensor)]
        if any(x.ndim and not is_there(x) for x in tensors):
            raise RuntimeError(MIXED)
        self.transfers.to_host += operation is TO_NUMBER
        found = operation(*tree_map(self.on_host, given), **tree_map(self.on_host, named))
        written = list(written_to(operation, given, named))
        for x in written:
            if self.on_host(x).shape != x.shape:  # an empty place for a result grew
                x.data = self.on_device(self.on_host(x))
        return written[0] if written else tree_map(self.on_device, found)

    def on_host(self, x):
        """Return the numbers behind a tensor of `sim`, and the host for the device itself."""
        if isinstance(x, torch.device):
            return torch.device("cpu")
        return self.held[x.untyped_storage()._cdata][1] if is_there(x) else x

    def on_device(self, x):
        """Return a tensor of `sim` that stands for a result."""
        if not isinstance(x, torch.Tensor):
            return x
        there = torch._C._acc.create_empty_tensor(x.shape, x.dtype)
        storage = there.untyped_storage()
        self.held[storage._cdata] = storage, x
        return there


def is_there(x):
    return isinstance(x, torch.Tensor) and x.device.type == NAME


def written_to(operation, given, named):
    """Yield the arguments that an operation writes to."""
    for position, slot in enumerate(operation._schema.arguments):
        if slot.alias_info is not None and slot.alias_info.is_write:
            yield given[position] if position < len(given) else named[slot.name]
