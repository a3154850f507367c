"""Build a site on which the lessons run in the browser alone: `python lessons/lite.py [FOLDER] [--with NOTEBOOK ...]`.

JupyterLite brings the notebooks, Pyodide brings Python. Everything that the package indexes of Python and JavaScript
hold lies in the site; the few packages that they do not hold for WebAssembly (NumPy first of all) are fetched from
Pyodide's own server by the reader's browser. `import autovis` is all that a lesson needs.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from jupyterlite_pyodide_kernel.constants import PYODIDE_CDN_URL, PYODIDE_PYTHON_VERSION, PYODIDE_VERSION

ROOT = Path(__file__).resolve().parent.parent
ADDED = ("anywidget", "comm", "graphviz", "ipywidgets", "psygnal")
"""Packages in plain Python that autovis or its widgets need and Pyodide does not have."""

ROOTS = ("autovis", "ipython", "jedi", "micropip", "comm")
"""What the kernel loads: the site holds these and all that they need."""

BROWSER_ONLY = {"jupyterlab-widgets", "widgetsnbextension"}
"""Requirements that are a part of JupyterLite itself."""

SETTINGS = {"@jupyter-widgets/jupyterlab-manager:plugin": {"saveState": True}}

Lock = dict[str, Any]


def main() -> None:
    """Build the site."""
    parser = argparse.ArgumentParser(description="Build a site on which the lessons run in the browser alone.")
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "build" / "lite", help="build/lite unless given")
    parser.add_argument("--with", nargs="*", type=Path, default=[], dest="more", help="further files to put there")
    asked = parser.parse_args()
    with TemporaryDirectory() as scratch:
        build(asked.folder.resolve(), [ROOT / "lessons" / "en", *asked.more], Path(scratch))
    print(f"{asked.folder}: {size(asked.folder) / 1e6:.0f} MB. Look at it: python -m http.server -d {asked.folder}")


def build(site: Path, contents: Iterable[Path], scratch: Path) -> None:
    """Put a site together.

    Args:
        site: folder to write, from nothing.
        contents: folders and files that a reader finds there.
        scratch: folder for what is needed on the way.
    """
    pyodide = scratch / "static" / "pyodide"
    fetch_pyodide(scratch, pyodide)
    lock = json.loads((pyodide / "pyodide-lock.json").read_text("utf-8"))
    wheels = scratch / "wheels"
    pip("wheel", "--no-deps", str(ROOT), to=wheels)
    download(ADDED, wheels)
    for wheel in sorted(wheels.glob("*.whl")):
        add(lock, wheel, pyodide)
    fetched = scratch / "fetched"
    wanted = [lock["packages"][name] for name in needed(lock["packages"], ROOTS) if name not in ("autovis", *ADDED)]
    download([f"{package['name']}=={package['version']}" for package in wanted if is_pure(package)], fetched)
    for wheel in sorted(fetched.glob("*.whl")):
        add(lock, wheel, pyodide)
    for package in lock["packages"].values():
        if not (pyodide / package["file_name"]).is_file():
            package["file_name"] = f"{PYODIDE_CDN_URL}/{package['file_name']}"
    (pyodide / "pyodide-lock.json").write_text(json.dumps(lock), "utf-8")
    (scratch / "overrides.json").write_text(json.dumps(SETTINGS), "utf-8")
    shutil.rmtree(site, ignore_errors=True)
    lite = [sys.executable, "-m", "jupyter", "lite", "build", f"--lite-dir={scratch}", f"--output-dir={site}"]
    run([*lite, *(f"--contents={path.resolve()}" for path in contents), "--no-sourcemaps"], scratch)


def fetch_pyodide(scratch: Path, pyodide: Path) -> None:
    """Unpack the version of Pyodide that the kernel was made for."""
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("The site needs Pyodide from the JavaScript package index: install npm (it comes with node).")
    run([npm, "pack", "--silent", f"--pack-destination={scratch}", f"pyodide@{PYODIDE_VERSION}"])
    (package,) = scratch.glob("pyodide-*.tgz")
    with tarfile.open(package) as archive:
        archive.extractall(scratch / "npm", filter="data")
    pyodide.parent.mkdir(parents=True)
    shutil.copytree(scratch / "npm" / "package", pyodide, ignore=shutil.ignore_patterns("*.map", "*.html", "*.ts"))


def download(requirements: Iterable[str], to: Path) -> None:
    """Fetch wheels in plain Python from the package index."""
    python = ("--python-version", PYODIDE_PYTHON_VERSION, "--only-binary=:all:", "--platform=any", "--no-deps")
    pip("download", *python, *requirements, to=to)


def add(lock: Lock, wheel: Path, pyodide: Path) -> None:
    """Lay a wheel beside Pyodide and enter it into the list of packages."""
    shutil.copy(wheel, pyodide)
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        metadata = archive.read(next(name for name in names if name.endswith(".dist-info/METADATA"))).decode()
    version = str(re.search(r"^Version: (\S+)", metadata, re.MULTILINE)[1])  # type: ignore[index]  # every wheel has one
    name = normal(wheel.name.split("-")[0])
    known = lock["packages"].get(name, {})
    lock["packages"][name] = {
        "name": name,
        "version": version,
        "file_name": wheel.name,
        "install_dir": "site",
        "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        "package_type": "package",
        "imports": known.get("imports")
        or sorted({path.split("/")[0] for path in names if path.endswith("/__init__.py")}),
        "depends": known.get("depends") if known else list(requirements(metadata, lock)),
        "unvendored_tests": False,
    }


def modules(names: Iterable[str]) -> list[str]:
    """Name what can be imported from a wheel."""
    return sorted({path.split("/")[0] for path in names if path.endswith("/__init__.py")})


def requirements(metadata: str, lock: Lock) -> Iterator[str]:
    """Read from a wheel what it needs in a browser."""
    for line in re.findall(r"^Requires-Dist: (.+)$", metadata, re.MULTILINE):
        need, _, condition = line.partition(";")
        name = normal(re.match(r"[\w.-]+", need)[0])  # type: ignore[index]  # it begins with a name
        elsewhere = "extra ==" in condition or "!= 'Emscripten'" in condition.replace('"', "'")
        if not elsewhere and name not in BROWSER_ONLY and (name in lock["packages"] or name in ADDED):
            yield name


def normal(name: str) -> str:
    """Write a package's name as indexes do."""
    return re.sub(r"[-_.]+", "-", name).lower()


def needed(packages: Lock, roots: Iterable[str]) -> list[str]:
    """Name packages and all that they need."""
    found: dict[str, None] = {}
    waiting = [normal(root) for root in roots]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = None
            waiting += [normal(other) for other in packages[name]["depends"]]
    return sorted(found)


def is_pure(package: Lock) -> bool:
    """Say whether a package is plain Python, which the index has for every platform."""
    return str(package["file_name"]).endswith("-none-any.whl")


def pip(*arguments: str, to: Path) -> None:
    """Run pip and collect its wheels in a folder."""
    option = "--wheel-dir" if arguments[0] == "wheel" else "--dest"
    run([sys.executable, "-m", "pip", *arguments, "--quiet", "--disable-pip-version-check", option, str(to)])


def run(command: list[str], folder: Path = ROOT) -> None:
    """Run a command in a folder; say what it said if it fails."""
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603, our own words
    if ran.returncode:
        sys.exit(f"{' '.join(command)}\n{ran.stdout}\n{ran.stderr}")


def size(folder: Path) -> int:
    """Add up the bytes of a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    main()
