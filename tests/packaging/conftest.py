"""Environments that hold what a stranger installs, and nothing else."""

import os
import subprocess
import venv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Environment:
    """An environment of its own, and a folder to work in."""

    folder: Path

    @property
    def bin(self) -> Path:
        return self.folder / ("Scripts" if os.name == "nt" else "bin")

    @property
    def python(self) -> Path:
        return self.bin / "python"

    def run(self, *command: str | Path, cwd: Path = ROOT, with_path: str = "") -> str:
        """Run a program of this environment; nothing else is on its PATH but what `with_path` adds."""
        path = os.pathsep.join(filter(None, [str(self.bin), with_path]))
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "AUTOVIS"))}
        ran = subprocess.run(
            [str(self.bin / command[0]), *map(str, command[1:])],
            cwd=cwd,
            env=clean | {"PATH": path, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, f"{command}\n{ran.stdout}\n{ran.stderr}"
        return ran.stdout


@pytest.fixture(scope="session")
def new_environment(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Environment]:
    """A function that makes an empty environment of the running Python."""

    def make(name: str) -> Environment:
        folder = tmp_path_factory.mktemp("environments") / name
        venv.create(folder, with_pip=True)
        return Environment(folder)

    return make
