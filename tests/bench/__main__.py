"""`python -m tests.bench`: autovis, PyTorch and hand-written NumPy side by side; `python -m tests.bench W3 W4`: a part.

Each row prints how often the others' time autovis takes, and whether that is within its target.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import torch

from tests.bench import (
    graphs,
    memory,
    networks,
    scalars,
    small,
    start,
    timing,
)

WORKLOADS = {
    "W1": scalars.main,
    "W2": small.operations,
    "W3": networks.digits,
    "W4": networks.images,
    "W5": graphs.deep,
    "W6": graphs.often,
    "W7": memory.main,
    "W8": start.main,
    "W10": small.recording,
}


def main() -> int:
    chosen = [name.upper() for name in sys.argv[1:]] or list(WORKLOADS)
    if unknown := set(chosen) - set(WORKLOADS):
        print(f"no such workload: {', '.join(sorted(unknown))}; there are {', '.join(WORKLOADS)}")
        return 2
    print(f"Python {sys.version.split()[0]}, NumPy {np.__version__}, PyTorch {torch.__version__}; one thread")
    begun = time.perf_counter()
    for name in chosen:
        WORKLOADS[name]()
    verdict = f"over the target: {'; '.join(timing.over)}" if timing.over else "all within their targets"
    print(f"{verdict}; {'systems differ: ' + '; '.join(timing.differing) if timing.differing else 'all systems agree'}")
    print(f"{time.perf_counter() - begun:.0f} s")
    return bool(timing.differing)


if __name__ == "__main__":
    sys.exit(main())
