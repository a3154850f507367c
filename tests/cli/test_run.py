"""`python -m autovis run script.py` does what `python script.py` does, with autovis where the program says `torch`."""

import subprocess
import sys

import pytest

HELLO = """
import sys
import torch
import torch.nn as nn
from torch.utils.data import DataLoader
print(__name__, sys.argv[1:], torch.__name__, nn.Linear(1, 2), DataLoader.__module__)
if __name__ == "__main__":
    sys.exit(int(sys.argv[1]))
"""


@pytest.fixture
def run(tmp_path):
    def start(program, *arguments):
        script = tmp_path / "program.py"
        script.write_text(program)
        command = [sys.executable, "-m", "autovis", "run", str(script), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    return start


def test_a_program_finds_its_arguments_its_name_and_autovis(run):
    done = run(HELLO, "7", "--epochs", "--help")
    assert done.stdout == (
        "__main__ ['7', '--epochs', '--help'] autovis Linear(in_features=1, out_features=2, bias=True)"
        " autovis.utils.data.dataloader\n"
    )
    assert (done.returncode, done.stderr) == (7, "")


def test_it_finds_the_files_beside_it(run, tmp_path):
    (tmp_path / "beside.py").write_text("import torch\none = torch.ones(1)")
    assert run("import beside\nprint(beside.one)").stdout == "tensor([1.])\n"


def test_a_class_of_the_program_can_be_pickled(run):
    assert run("import pickle\nclass A: pass\nprint(type(pickle.loads(pickle.dumps(A()))) is A)").stdout == "True\n"


def test_the_traceback_begins_in_the_program(run, tmp_path):
    done = run("def f():\n    return 1 / 0\nf()")
    lines = done.stderr.splitlines()
    assert done.returncode == 1
    assert lines[:2] == [
        "Traceback (most recent call last):",
        f'  File "{tmp_path / "program.py"}", line 3, in <module>',
    ]
    assert lines[-1] == "ZeroDivisionError: division by zero"


def test_a_program_that_python_cannot_read_is_shown(run):
    done = run("x = = 1")
    assert (done.returncode, done.stderr.splitlines()[-1]) == (1, "SyntaxError: invalid syntax")
    assert "autovis" not in done.stderr.partition("program.py")[0].rpartition("File")[0]


@pytest.mark.parametrize(
    ("program", "sentence"),
    [
        (
            "import torchvision",
            "autovis does not do torchvision: make the images with NumPy, or read them with Pillow.",
        ),
        ("import torch.fx", "No module named 'torch.fx': autovis does not do it: it runs Python as it is written."),
        ("import torch; torch.compile", "autovis does not do torch.compile: it would hide the operations"),
        ("import torch; torch.fft_magic", "module 'torch' has no attribute 'fft_magic'"),
        ("import torch.nn as nn; nn.Transformer", "autovis does not do torch.nn.Transformer: write attention out"),
        ("import torch.nn.functional as F; F.ctc", "module 'torch.nn.functional' has no attribute 'ctc'"),
        ("import torch.optim as optim; optim.LBFGS", "module 'torch.optim' has no attribute 'LBFGS'"),
    ],
)
def test_a_missing_part_is_named(run, program, sentence):
    done = run(program)
    assert done.returncode == 1
    assert sentence in done.stderr


def test_a_missing_script_ends_with_status_2(run, tmp_path):
    command = [sys.executable, "-m", "autovis", "run", str(tmp_path / "nowhere.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "can't open file" in done.stderr
