"""`pip install .` in an empty environment: pictures, lessons and the command, without any system package."""

import json
import zipfile
from pathlib import Path

import pytest

pytestmark = [pytest.mark.packaging, pytest.mark.timeout(600)]

PROGRAM = """
import json, shutil, sys
from base64 import b64decode
import autovis as av

assert shutil.which("dot") is None
x = av.tensor(3.0, requires_grad=True)
with av.record() as tape:
    y = x * x + 2 * x
    y.backward()
views = {"still": av.show(y), "film": av.play(tape)}
told = {"torch": "torch" in sys.modules}
for name, view in views.items():
    bundle = view._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    told[name] = {"png": b64decode(data["image/png"])[1:4].decode(), "text": data["text/plain"]}
print(json.dumps(told))
"""


ROOT = Path(__file__).resolve().parents[2]
LESSONS = ROOT / "lessons" / "en"
BANK = ROOT / "autovis" / "classroom" / "bank"
BESIDE = [
    ("autovis/widgets/static/", "page.html"),
    ("autovis/jupyter/labconfig/", ".json"),
    ("autovis/languages/", ".toml"),
]


@pytest.fixture(scope="module")
def installed(new_environment):
    environment = new_environment("installed")
    environment.run("python", "-m", "pip", "install", "--quiet", ".")
    return environment


def test_pictures_need_no_system_package(installed, tmp_path):
    told = json.loads(installed.run("python", "-W", "error", "-c", PROGRAM, cwd=tmp_path))
    assert (told["still"]["png"], told["film"]["png"]) == ("PNG", "PNG")
    assert "x" in told["still"]["text"]
    assert not told["torch"]


def test_what_is_installed_fits_together(installed):
    installed.run("python", "-m", "pip", "check")


def test_the_command_lays_the_lessons_out(installed, tmp_path):
    told = installed.run("autovis", "lab", "02", "--print", cwd=tmp_path)
    (lesson,) = (tmp_path / "autovis-lessons").glob("02-*.ipynb")
    assert {path.name for path in LESSONS.glob("*.ipynb")} == {path.name for path in lesson.parent.glob("*.ipynb")}
    assert f"--ServerApp.root_dir={lesson.parent}" in told
    assert f"--LabApp.default_url=/lab/tree/{lesson.name}" in told
    assert "/lab/tree/clinic.ipynb" in installed.run("autovis", "lab", "clinic", "--print", cwd=tmp_path)
    lesson.write_text("mine")
    installed.run("python", "-m", "autovis", "lab", "02", "--print", cwd=tmp_path)
    assert lesson.read_text() == "mine"


def test_the_wheel_holds_what_the_program_reads(installed, tmp_path):
    installed.run("python", "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", tmp_path, ".")
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "autovis/py.typed" in names
    for folder, ending in [("autovis/widgets/static/", ".js"), ("autovis/widgets/static/", ".css"), *BESIDE]:
        assert any(name.startswith(folder) and name.endswith(ending) for name in names), (folder, ending)
    assert {f"autovis/classroom/bank/{path.name}" for path in BANK.iterdir()} <= set(names)
    assert {f"autovis/_lessons/{path.parent.name}/{path.name}" for path in ROOT.glob("lessons/*/*.ipynb")} <= set(names)
    assert any(name.endswith("licenses/LICENSE-CONTENT") for name in names)
    assert not [name for name in names if name.startswith(("tests/", "lessons/")) or "__pycache__" in name]
