"""The committed lessons, cell by cell, and PyTorch in the place of `av`."""

import contextlib
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from autovis.classroom.numeric import HALF_STEP, count_visits

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
FOLDER = HERE.parents[1] / "lessons" / "en"
LESSONS = {path.stem.partition("-")[0]: path for path in sorted(FOLDER.glob("*.ipynb"))}
# Set in the process that `test_devices` starts, in which PyTorch has a device `sim`.
ON_SIM = "AUTOVIS_TESTS_ON_SIM" in os.environ


@dataclass(frozen=True)
class Cell:
    id: str
    kind: str
    source: str
    tags: frozenset
    metadata: dict
    folded: bool

    def __str__(self):
        return f"[{self.id}]\n{self.source}"


@dataclass(frozen=True)
class Lesson:
    name: str
    metadata: dict
    cells: tuple

    @property
    def number(self):
        """`01` to `16`, or `clinic`."""
        return self.name.partition("-")[0]

    def code(self, *tags):
        """The code cells that carry one of these tags, or all."""
        chosen = [cell for cell in self.cells if cell.kind == "code" and (not tags or cell.tags & set(tags))]
        assert chosen, f"{self.name} has no cell tagged {tags}"
        return chosen


def read(path):
    notebook = json.loads(path.read_text("utf-8"))
    cells = tuple(
        Cell(
            id=cell["id"],
            kind=cell["cell_type"],
            source=cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"]),
            tags=frozenset(cell["metadata"].get("tags", ())),
            metadata=cell["metadata"].get("autovis", {}),
            folded=cell["metadata"].get("jupyter", {}).get("outputs_hidden", False),
        )
        for cell in notebook["cells"]
    )
    return Lesson(path.stem, notebook["metadata"]["autovis"]["lesson"], cells)


@pytest.fixture(params=LESSONS)
def lesson(request):
    """Each lesson in turn; a test that names one gets that one."""
    return read(LESSONS[request.param])


def needs_sim(item):
    """Say whether a test runs lesson 16 on PyTorch."""
    return "torch_library" in getattr(item, "fixturenames", ()) and item.callspec.id.startswith("16")


def pytest_collection_modifyitems(config, items):
    """Leave to the other process what needs a second device in PyTorch, and nothing else."""
    elsewhere = [item for item in items if needs_sim(item) != ON_SIM]
    config.hook.pytest_deselected(items=elsewhere)
    items[:] = [item for item in items if item not in elsewhere]


class Tape(contextlib.AbstractContextManager):
    """Records nothing, as often as it is entered."""

    def __exit__(self, *error):
        return None


class Torch:
    """`torch`, with the names that the lessons use and PyTorch does not have; a tape records nothing here."""

    def __init__(self, torch, sim=None):
        self._torch = torch
        self.sim = sim
        self.record = Tape
        self.count_visits = count_visits

    def __getattr__(self, name):
        return getattr(self._torch, name)

    def leaf(self, value):
        return self._torch.tensor(value, requires_grad=True)

    def numeric_grad(self, f, at):
        place = self._torch.as_tensor(at, dtype=self._torch.float64)
        steps = HALF_STEP * self._torch.eye(place.numel(), dtype=place.dtype).reshape(-1, *place.shape)
        slopes = self._torch.stack([(f(place + step) - f(place - step)) / (2 * HALF_STEP) for step in steps])
        return slopes.reshape(place.shape) if isinstance(at, self._torch.Tensor) else slopes.item()


@pytest.fixture(scope="session")
def torch_library():
    torch = pytest.importorskip("torch")
    if not ON_SIM:
        return Torch(torch)
    import torch_sim

    return Torch(torch, torch_sim.Backend())
