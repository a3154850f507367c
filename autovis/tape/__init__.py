"""The tape: everything that happened while it ran, in order.

`record()` makes a tape the listener of the core. While its block runs, a tape notes little more than what it is told,
with copies of small values; `digest` makes records of the notes when somebody looks, or when the block ends. So a tape
keeps no tensor and no graph alive, later changes do not alter it, and what is recorded runs nearly as fast.
"""

from autovis.digest import Position
from autovis.tape.pair import Pair
from autovis.tape.whole import BLOCK, Tape, record

__all__ = ["BLOCK", "Pair", "Position", "Tape", "record"]
