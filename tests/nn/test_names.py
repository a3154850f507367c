"""Every name of PyTorch's is there, with its arguments, or left out by name."""

from __future__ import annotations

import inspect

import pytest
import torch
import torch.utils.data

import autovis
from autovis.nn import left_out

pytestmark = pytest.mark.torch

PARTS = [
    ("nn", left_out.MODULES, lambda name: inspect.isclass(getattr(torch.nn, name))),
    ("nn.functional", left_out.FUNCTIONS, lambda name: not name.endswith(("_", "_with_indices"))),
    ("nn.init", left_out.INIT, lambda name: name.endswith("_")),
    ("nn.Module", left_out.METHODS, lambda name: name not in ("T_destination", "call_super_init", "dump_patches")),
]
MACHINERY = {
    "Optional", "assert_int_or_pair", "boolean_dispatch", "grouped_mm", "handle_torch_function", "has_torch_function",
    "has_torch_function_unary", "has_torch_function_variadic", "scaled_grouped_mm", "scaled_mm",
}  # fmt: skip
LAYERS = [
    "AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AvgPool1d", "AvgPool2d", "BatchNorm1d", "BatchNorm2d", "BCELoss",
    "BCEWithLogitsLoss", "Conv1d", "Conv2d", "ConvTranspose2d", "CrossEntropyLoss", "Dropout", "Dropout1d", "Dropout2d",
    "ELU", "Flatten", "GELU", "GRUCell", "HuberLoss", "KLDivLoss", "L1Loss", "LayerNorm", "LeakyReLU",
    "Linear", "LogSoftmax", "LSTMCell", "MaxPool1d", "MaxPool2d", "MSELoss", "NLLLoss", "PReLU", "ReLU",
    "ReLU6", "RNNCell", "SELU", "SiLU", "SmoothL1Loss", "Softmax", "Softplus", "Unflatten",
]  # fmt: skip


def find(library, part):
    for name in part.split("."):
        library = getattr(library, name)
    return library


@pytest.mark.parametrize(("part", "named", "counts"), PARTS, ids=[part for part, _, _ in PARTS])
def test_every_name_is_there_or_left_out_by_name(part, named, counts):
    theirs, ours = find(torch, part), find(autovis, part)
    known = {name for name in dir(theirs) if not name.startswith("_") and callable(getattr(theirs, name))}
    known = {name for name in known - MACHINERY if counts(name)}
    if part != "nn":
        known = {name for name in known if not inspect.isclass(getattr(theirs, name))}
    here = {name for name in known if hasattr(ours, name)}
    assert known - here <= named.keys()
    assert not here & named.keys()
    assert all(hasattr(theirs, name) for name in named)


@pytest.mark.parametrize(
    ("place", "name", "sentence"),
    [
        (autovis.nn, "MultiheadAttention", "autovis does not do torch.nn.MultiheadAttention: write attention out"),
        (autovis.nn, "Relu", "module 'torch.nn' has no attribute 'Relu'"),
        (autovis.nn.functional, "interpolate", "autovis does not do torch.nn.functional.interpolate: rows and images"),
        (autovis.nn.init, "dirac_", "autovis does not do torch.nn.init.dirac_: write it out"),
        (autovis.nn.utils, "weight_norm", "autovis does not do torch.nn.utils.weight_norm: write it out"),
        (autovis.nn.utils.rnn, "pack_padded_sequence", "autovis does not do torch.nn.utils.rnn.pack_padded_sequence"),
        (autovis.utils.data, "ChainDataset", "autovis does not do torch.utils.data.ChainDataset: chain the streams"),
        (autovis.nn.ReLU(), "share_memory", "autovis does not do torch.nn.Module.share_memory: it runs Python"),
    ],
)
def test_what_is_left_out_is_said_by_name(place, name, sentence):
    with pytest.raises(AttributeError) as error:
        getattr(place, name)
    assert str(error.value).startswith(sentence)


def arguments(function):
    parameters = inspect.signature(function).parameters.values()
    return [(each.name, each.default) for each in parameters if each.kind is not each.VAR_KEYWORD]


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_takes_pytorchs_arguments_in_order(name):
    ours, theirs = arguments(getattr(autovis.nn, name)), arguments(getattr(torch.nn, name))
    assert ours == theirs[: len(ours)]
    assert {argument for argument, _ in theirs[len(ours) :]} <= {"padding_mode", "device", "dtype"}
