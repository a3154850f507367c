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
