"""Every printed tensor has PyTorch's text, character for character."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from autovis import printing

DTYPES = ["float32", "float64", "float16", "int64", "int32", "int16", "int8", "uint8", "bool"]
NOTEWORTHY = [0.0, -0.0, 1.0, -1.0, 0.5, 1e-4, 9.9e-5, 1e8, 1.1e8, 1000.0, 1001.0, -7.0, math.nan, math.inf, -math.inf]


@pytest.fixture(autouse=True)
def _default_options() -> Iterator[None]:
    for library in (torch, printing):
        library.set_printoptions(profile="default")
    yield
    for library in (torch, printing):
        library.set_printoptions(profile="default")


def texts(array: np.ndarray[Any, Any], *, grad: bool = False) -> tuple[str, str]:
    """Return our text and PyTorch's."""
    theirs = torch.from_numpy(np.array(array)).requires_grad_(grad)
    return printing.format_tensor(array, ["requires_grad=True"] if grad else []), repr(theirs)


def shapes(most: int = 6) -> st.SearchStrategy[tuple[int, ...]]:
    return arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=most)


def floats(dtype: str) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.sampled_from(NOTEWORTHY).map(np.dtype(dtype).type),
        arrays.from_dtype(np.dtype(dtype)),
        st.integers(-20, 20).map(np.dtype(dtype).type),
        st.floats(-10, 10).map(np.dtype(dtype).type),
    )


@settings(max_examples=1500, deadline=None)
@given(st.data(), st.sampled_from(DTYPES), st.booleans())
def test_an_array_of_any_dtype_and_shape(data: st.DataObject, dtype: str, flag: bool) -> None:
    elements = floats(dtype) if dtype.startswith("float") else arrays.from_dtype(np.dtype(dtype))
    with np.errstate(over="ignore"):
        array = data.draw(arrays.arrays(dtype, shapes(), elements=elements))
    ours, theirs = texts(array, grad=flag and dtype.startswith("float"))
    assert ours == theirs


@settings(max_examples=400, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from(["float32", "float64", "int64", "bool"]),
    st.sampled_from(
        [(), (5,), (40,), (1001,), (7, 3), (2, 30), (40, 40), (3, 7, 9), (11, 10, 10), (2, 3, 2, 40), (8, 0)]
    ),
    st.builds(
        printing.Options,
        precision=st.integers(0, 9),
        threshold=st.sampled_from([0, 5, 100, 1000, math.inf]),
        edgeitems=st.integers(0, 5),
        linewidth=st.integers(10, 160),
        sci_mode=st.sampled_from([None, True, False]),
    ),
)
def test_an_array_under_any_options(seed: int, dtype: str, shape: tuple[int, ...], options: printing.Options) -> None:
    random = np.random.default_rng(seed)
    scale = 10.0 ** random.integers(-6, 8)
    array = np.asarray(random.standard_normal(shape) * scale).astype(dtype)
    chosen = {name: getattr(options, name) for name in printing.Options._fields}
    torch.set_printoptions(**chosen)
    assert printing.format_tensor(array, options=options) == texts(array)[1]


@pytest.mark.parametrize("value", NOTEWORTHY)
@pytest.mark.parametrize("dtype", ["float32", "float64", "float16"])
def test_a_single_number(value: float, dtype: str) -> None:
    with np.errstate(over="ignore"):
        ours, theirs = texts(np.array(value, dtype))
    assert ours == theirs


@pytest.mark.parametrize(
    ("array", "text"),
    [
        (np.float32([1, 2]), "tensor([1., 2.])"),
        (np.float32([math.nan, math.inf, -math.inf]), "tensor([nan, inf, -inf])"),
        (np.float32([-0.0, 0.0]), "tensor([-0., 0.])"),
        (np.float32(3), "tensor(3.)"),
        (np.array([True, False]), "tensor([ True, False])"),
        (np.zeros((2, 0), np.float32), "tensor([], size=(2, 0))"),
        (np.arange(1001), "tensor([   0,    1,    2,  ...,  998,  999, 1000])"),
    ],
)
def test_a_text_worth_knowing(array: np.ndarray[Any, Any], text: str) -> None:
    assert printing.format_tensor(array) == text


@pytest.mark.parametrize("count", [999, 1000, 1001])
def test_more_than_a_thousand_elements_are_summarised(count: int) -> None:
    ours, theirs = texts(np.arange(count))
    assert ours == theirs
    assert ("..." in ours) == (count > 1000)


@pytest.mark.parametrize("length", range(1, 30))
@pytest.mark.parametrize("shape", [(-1,), (1, -1), (2, -1)])
def test_a_suffix_moves_to_the_next_line_where_pytorch_moves_it(length: int, shape: tuple[int, ...]) -> None:
    leaf = torch.arange(2 * length, dtype=torch.float64, requires_grad=True)
    for result in (leaf.reshape(shape) * 1.5, leaf.reshape(shape).exp(), leaf.reshape(shape) + 0):
        suffix = f"grad_fn=<{type(result.grad_fn).__name__}>"
        assert printing.format_tensor(result.detach().numpy(), [suffix]) == repr(result)


def test_a_default_dtype_needs_no_suffix() -> None:
    torch.set_default_dtype(torch.float64)
    try:
        for array in (np.ones(2), np.ones(2, np.float32), np.ones((0, 2)), np.ones((0, 2), np.float32)):
            assert printing.format_tensor(array, default_dtype=np.float64) == repr(torch.from_numpy(array))
    finally:
        torch.set_default_dtype(torch.float32)


def test_a_device_is_named_first() -> None:
    text = printing.format_tensor(np.ones(2), ["requires_grad=True"], device="sim:0")
    assert text == "tensor([1., 1.], device='sim:0', dtype=torch.float64, requires_grad=True)"


@pytest.mark.parametrize(
    "call",
    [
        {"precision": 2},
        {"profile": "short"},
        {"profile": "full", "linewidth": 50},
        {"profile": "full"},
        {"sci_mode": True},
        {"threshold": 10, "edgeitems": 1},
        {"edgeitems": 0, "threshold": 5},
    ],
)
def test_options_mean_what_they_mean_in_pytorch(call: dict[str, Any]) -> None:
    array = np.linspace(-3, 3, 1200).reshape(30, 40).astype("float32")
    for library in (torch, printing):
        library.set_printoptions(precision=7, sci_mode=False)
        library.set_printoptions(**call)
    assert printing.get_printoptions() == torch._tensor_str.get_printoptions()
    ours, theirs = texts(array)
    assert ours == theirs


def test_options_inside_a_block_end_with_it() -> None:
    with printing.printoptions(precision=1):
        assert printing.format_tensor(np.float32([0.25])) == "tensor([0.2])"
    assert printing.format_tensor(np.float32([0.25])) == "tensor([0.2500])"
