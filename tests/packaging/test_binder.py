"""Binder's files: read, dry-run, and installed for real; the course's first and last lesson run on that."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]
BINDER, README = ROOT / "binder", ROOT / "README.md"
FIRST, *_, LAST = sorted(ROOT.glob("lessons/en/[0-9][0-9]-*.ipynb"))


def lines(name):
    raw = (BINDER / name).read_bytes()
    assert b"\r" not in raw
    return [line for line in raw.decode().splitlines() if line and not line.startswith("#")]


def test_the_files_say_what_the_project_needs():
    assert lines("apt.txt") == ["graphviz"]
    assert "." in lines("requirements.txt"), "without it the project's own dependencies are ignored"
    (runtime,) = lines("runtime.txt")
    wanted = re.fullmatch(r"python-(\d+)\.(\d+)", runtime)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    least = re.fullmatch(r">=(\d+)\.(\d+)", project["requires-python"])
    assert tuple(map(int, wanted.groups())) >= tuple(map(int, least.groups()))
    assert f"Programming Language :: Python :: {wanted[1]}.{wanted[2]}" in project["classifiers"]


def test_what_is_saved_there_keeps_its_films(tmp_path):
    """Binder runs it in the folder of the project, after everything is installed."""
    assert os.access(BINDER / "postBuild", os.X_OK)
    subprocess.run([BINDER / "postBuild"], cwd=ROOT, env=os.environ | {"NB_PYTHON_PREFIX": str(tmp_path)}, check=True)
    (settings,) = (tmp_path / "etc" / "jupyter" / "labconfig").iterdir()
    assert settings.name == "default_setting_overrides.json"
    assert json.loads(settings.read_text("utf-8"))["@jupyter-widgets/jupyterlab-manager:plugin"] == {"saveState": True}


def test_the_readme_opens_the_first_lesson_there():
    (badge,) = re.findall(
        r"\(https://mybinder\.org/v2/gh/[^?)]+\?urlpath=lab/tree/([^)]+)\)", README.read_text("utf-8")
    )
    assert ROOT / badge == FIRST


@pytest.mark.packaging
def test_a_dry_run_gives_the_recipe_that_binder_will_build(tmp_path):
    """repo2docker prints its Dockerfile without Docker."""
    pytest.importorskip("repo2docker", reason="not run: jupyter-repo2docker is not installed")
    copy = tmp_path / "project"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".*", "test-artifacts", "tests", "__pycache__"))
    dry = [sys.executable, "-m", "repo2docker", "--no-build", "--no-run", "--debug", str(copy)]
    ran = subprocess.run(dry, capture_output=True, text=True, check=False)
    told = ran.stdout + ran.stderr
    assert ran.returncode == 0, told[-2000:]
    assert "Building conda environment for python=3.13" in told
    assert re.search(r"apt-get install --yes --no-install-recommends graphviz\b", told)
    copied = re.search(r"^COPY[^\n]* src/ \$\{REPO_DIR\}", told, re.MULTILINE)
    installed = re.search(r"bin/pip install --no-cache-dir -r \"binder/requirements.txt\"", told)
    finished = re.search(r"^RUN \./binder/postBuild", told, re.MULTILINE)
    assert copied.start() < installed.start() < finished.start(), "`.` can only be installed once it is there"


@pytest.fixture(scope="module")
def binder(new_environment):
    environment = new_environment("binder")
    environment.run("python", "-m", "pip", "install", "--quiet", "-r", "binder/requirements.txt", cwd=ROOT)
    return environment


@pytest.mark.packaging
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("lesson", "dot"), [(FIRST, True), (LAST, False)], ids=["first-with-dot", "last-without-dot"])
def test_a_lesson_runs_on_what_binder_installs(binder, tmp_path, monkeypatch, lesson, dot):
    path = str(binder.bin)
    if dot:
        program = shutil.which("dot")
        if program is None:
            pytest.skip("not run: no dot on the PATH")
        (tmp_path / "dot").symlink_to(program)
        path += f":{tmp_path}"
    monkeypatch.setenv("PATH", path)
    monkeypatch.setenv("AUTOVIS_MODE", "ci")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    kernel = tmp_path / "kernels" / "binder" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    argv = [str(binder.python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    kernel.write_text(json.dumps({"argv": argv, "display_name": "Binder", "language": "python"}))
    notebook = nbformat.read(lesson, as_version=4)
    seen = nbformat.v4.new_code_cell("import shutil, sys; (sys.prefix, shutil.which('dot') is not None)")
    notebook.cells.append(seen)
    folder = {"metadata": {"path": str(lesson.parent)}}
    NotebookClient(notebook, kernel_name="binder", timeout=60, resources=folder).execute()
    assert notebook.cells[-1].outputs[0].data["text/plain"] == repr((str(binder.folder), dot))
