"""W8: what it costs to import the library, in time and memory, and how long a first gradient takes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

from tests.bench.timing import Outcome, figure, measure

TIMED = "import time; start = time.perf_counter(); {}; print(time.perf_counter() - start)"
MEMORY = "import {}, resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
GRADIENT = (
    "import {0} as lib; x = lib.tensor([1.0, 2.0], requires_grad=True); (x * x).sum().backward(); x.grad.tolist()"
)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:  # compiled files, as an installed package has them
        settings = {**os.environ, "PYTHONPYCACHEPREFIX": folder}
        settings.pop("PYTHONDONTWRITEBYTECODE", None)

        def printed(code: str) -> float:
            done = subprocess.run(
                [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=settings
            )
            return float(done.stdout)

        def program(code: str) -> Outcome:
            return printed(TIMED.format(code)), None

        for library in ("autovis", "torch"):
            program(GRADIENT.format(library))
        imports = {name: lambda name=name: program(f"import {name}") for name in ("autovis", "numpy")}
        measure("W8 import", imports, {"numpy": 1.25}, 10)
        first = {name: lambda name=name: program(GRADIENT.format(name)) for name in ("autovis", "torch")}
        measure("W8 first gradient, import included", first, {"torch": 0.08}, 3)
        memory = {name: min(printed(MEMORY.format(name)) for _ in range(3)) for name in ("autovis", "numpy")}
        figure("W8 MiB more than NumPy", memory["autovis"] - memory["numpy"], 3)
