"""`import autovis` needs NumPy only, and not much more time."""

import json
import subprocess
import sys

HEAVY = {"matplotlib", "IPython", "anywidget", "ipywidgets", "graphviz", "executing", "torch", "cupy", "wasmtime"}
PROGRAM = """
import json, sys, time
import numpy
before = set(sys.modules)
start = time.perf_counter()
import autovis
print(json.dumps([time.perf_counter() - start, sorted({name.partition(".")[0] for name in set(sys.modules) - before})]))
"""


def imported():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_importing_autovis_loads_no_picture_no_notebook_and_no_other_framework():
    _, modules = imported()
    assert not HEAVY.intersection(modules)


def test_importing_autovis_loads_little_beside_numpy():
    """The time is measured by the bench; here the number of modules stands for it."""
    _, modules = imported()
    assert "autovis" in modules
    assert len(modules) < 25, modules
