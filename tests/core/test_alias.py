"""Inside `as_torch()` the name `torch` means autovis; afterwards everything is as before."""

import sys

import pytest
import torch
import torch.nn

import autovis
from autovis.alias import as_torch


def named():
    return {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "torch"}


def test_imports_below_torch_are_autovis_own_modules():
    with as_torch() as library:
        import torch
        import torch.autograd
        import torch.nn as nn  # noqa: PLR0402, as tutorials write it
        import torch.nn.functional as F
        import torch.optim as optim  # noqa: PLR0402
        from torch.autograd import Variable

        assert library is torch is autovis
        assert nn is autovis.nn
        assert F is autovis.nn.functional
        assert optim is autovis.optim
        assert Variable is autovis.autograd.Variable
        assert nn.__spec__.name == nn.__name__ == "autovis.nn"


def test_afterwards_the_real_pytorch_is_back_untouched():
    before = named()
    with as_torch():
        import torch.nn.functional as _  # noqa: F401
    assert named() == before
    assert sys.modules["torch"] is torch
    assert torch.nn.__name__ == "torch.nn"


def test_an_error_inside_leaves_nothing_behind():
    before, finders = named(), list(sys.meta_path)
    with pytest.raises(ZeroDivisionError), as_torch():
        import torch.nn  # noqa: F401

        raise ZeroDivisionError
    assert named() == before
    assert sys.meta_path == finders


def test_what_autovis_does_not_have_is_not_found_rather_than_loaded_twice():
    with as_torch(), pytest.raises(ModuleNotFoundError, match=r"No module named 'torch\.fx'"):
        import torch.fx  # noqa: F401


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("from torch import autocast", "autovis does not do torch.autocast: "),
        ("from torch.cuda.amp import autocast", "autovis does not do torch.cuda.amp: "),
        ("from torch.nn import TransformerEncoder", "autovis does not do torch.nn.TransformerEncoder: "),
        ("from torch.optim import LBFGS", "module 'torch.optim' has no attribute 'LBFGS'"),
    ],
)
def test_an_import_that_fails_says_what_the_module_would_have_said(statement, reason):
    with pytest.raises(ImportError) as raised, as_torch():
        exec(statement)
    assert raised.value.__notes__[0].startswith(reason)


def test_an_import_of_something_else_that_fails_is_left_as_it_is():
    with pytest.raises(ImportError) as raised, as_torch():
        import foo.bar  # noqa: F401
    assert not hasattr(raised.value, "__notes__")


@pytest.mark.parametrize(
    "question",
    ["accelerator.is_available()", "accelerator.current_accelerator()", "mps.is_available()", "version.cuda"],
)
def test_what_programs_ask_before_they_choose_a_device_is_answered_as_by_a_build_without_gpus(question):
    assert eval(f"autovis.{question}") == eval(f"torch.{question}")
