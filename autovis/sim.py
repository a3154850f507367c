"""The simulated device: arrays that keep apart from the host's as a GPU's do, on any machine.

>>> import autovis as av
>>> av.sim.reset()
>>> x = av.ones(3).to("sim")
>>> (x + x).sum().item()
6.0
>>> av.sim.transfers
1 to a device, 1 to the host, 0 between devices, 16 bytes
"""

from __future__ import annotations

from autovis.arrays import transfers

__all__ = ["reset", "transfers"]


def reset() -> None:
    """Count transfers from zero again; those to and from GPUs are counted with them."""
    transfers.reset()
