"""The rows of the tables on every device: values, first and second derivatives are those of the cpu.

On `sim` they are equal bit for bit, for NumPy computes both; so they are with NumPy in CuPy's place, which shows that
what is written for GPUs runs. A GPU may round differently. That the cpu agrees with PyTorch is the claim of
`test_rules`.
"""

import re
import warnings
from contextlib import nullcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from layers import LAYERS
from operations import ALONG, BINARY, KEEPING, REDUCING, UNARY
from stand_in import stand_in
from test_calls import CALLS, story
from test_rules import KIND, MATRICES, numbers, shapes

import autovis

pytestmark = pytest.mark.filterwarnings("ignore:.*degrees of freedom:UserWarning")
DEVICES = ["sim", "stand-in", pytest.param("cuda", marks=pytest.mark.gpu)]
on_each_device = pytest.mark.parametrize("device", DEVICES)


def computed(expression, kind, given_numbers, device, **more):
    """Return the value of an expression and its first and second derivatives, or the error."""
    autovis.manual_seed(0)
    with autovis.device(device), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        leaves = [
            autovis.tensor(array.tolist(), dtype=getattr(autovis, kind)).reshape(array.shape).requires_grad_()
            for array in given_numbers.values()
        ]
        names = dict(zip(given_numbers, leaves, strict=True))
        try:
            result = eval(expression, {"torch": autovis, **names, **more})
            found = [result]
            if isinstance(result, autovis.Tensor) and result.requires_grad:
                seed = autovis.arange(result.numel(), dtype=result.dtype).reshape(result.shape) / 8 + 0.5
                first = autovis.autograd.grad(result, leaves, seed, create_graph=True, allow_unused=True)
                found += first
                total = sum((g * g.detach().cos()).sum() for g in first if g is not None and g.requires_grad)
                if not isinstance(total, int):
                    found += autovis.autograd.grad(total, leaves, allow_unused=True)
        except (RuntimeError, IndexError, ValueError, TypeError) as error:
            return f"{type(error).__name__}: {error}"
    return found


def told(found, device):
    """Return what can be compared; what was computed on a device is there."""
    if not isinstance(found, autovis.Tensor):
        return found
    assert found.device.type == device
    return found.dtype, type(found.grad_fn).__name__, found.detach().cpu().numpy()


def compare(expression, kind, given_numbers, device, **more):
    here = computed(expression, kind, given_numbers, "cpu", **more)
    exact, device = device != "cuda", device.replace("stand-in", "cuda")
    with stand_in() if exact and device == "cuda" else nullcontext():
        there = computed(expression, kind, given_numbers, device, **more)
        there = there if isinstance(there, str) else [told(each, device) for each in there]
    if isinstance(here, str):
        assert there == here
        return
    assert not isinstance(there, str), there
    tolerance = {"rtol": 0, "atol": 0} if exact else KIND[kind]
    for mine, theirs in zip([told(each, "cpu") for each in here], there, strict=True):
        if isinstance(mine, tuple):
            assert theirs[:2] == mine[:2]
            np.testing.assert_allclose(theirs[2], mine[2], **tolerance)
        else:
            assert theirs == mine


def each(table):
    return pytest.mark.parametrize(("expression", "bounds"), table.items(), ids=list(table))


few = settings(max_examples=5)
kinds = st.sampled_from(list(KIND))


@on_each_device
@each(UNARY | REDUCING)
@few
@given(data=st.data(), kind=kinds)
def test_one_argument(expression, bounds, data, kind, device):
    compare(expression, kind, {"x": data.draw(shapes().flatmap(lambda shape: numbers(shape, bounds)))}, device)


@on_each_device
@each(BINARY)
@few
@given(data=st.data(), kind=kinds)
def test_two_arguments_broadcast(expression, bounds, data, kind, device):
    pair = data.draw(arrays.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, min_side=0, max_side=3))
    x, y = (data.draw(numbers(shape, bounds)) for shape in pair.input_shapes)
    compare(expression, kind, {"x": x, "y": y}, device)


@on_each_device
@each(ALONG)
@few
@given(data=st.data(), kind=kinds)
def test_along_a_dimension(expression, bounds, data, kind, device):
    x = data.draw(shapes(least=1, side=1).flatmap(lambda shape: numbers(shape, bounds)))
    compare(expression, kind, {"x": x}, device, d=data.draw(st.integers(-x.ndim, x.ndim - 1)))


@on_each_device
@pytest.mark.parametrize("expression", MATRICES)
def test_a_matrix(expression, device):
    x = np.random.default_rng(0).uniform(0.5, 2.0, (3, 3)) + 2 * np.eye(3)
    compare(expression, "float64", {"x": x}, device)


@on_each_device
@pytest.mark.parametrize("expression", dict.fromkeys(KEEPING))
def test_two_vectors(expression, device):
    compare(expression, "float32", {"x": np.array([0.5, 0.25, 0.75]), "y": np.array([0.5, 2.0, 3.0])}, device)


@on_each_device
@pytest.mark.parametrize("expression", LAYERS)
def test_a_layer(expression, device):
    x = np.random.default_rng(0).normal(size=LAYERS[expression])
    compare(expression, "float32", {"x": x}, device)


NAMED = re.compile(r", device='(sim|cuda):0'")


def same(mine, other, tolerance):
    """Compare what is told of a call: numbers, and lists and texts of anything else."""
    if isinstance(mine, list):
        assert len(mine) == len(other)
        for a, b in zip(mine, other, strict=True):
            same(a, b, tolerance)
    elif isinstance(mine, np.ndarray):
        np.testing.assert_allclose(mine, other, **tolerance)
    else:
        assert mine == (NAMED.sub("", other) if isinstance(other, str) else other)


@on_each_device
@pytest.mark.parametrize("call", CALLS)
def test_a_call(call, device):
    autovis.manual_seed(0)
    here, _ = story(autovis, call)
    exact, device = device != "cuda", device.replace("stand-in", "cuda")
    autovis.manual_seed(0)
    with stand_in() if exact and device == "cuda" else nullcontext(), autovis.device(device):
        there, _ = story(autovis, call)
    same(here, there, {"rtol": 0, "atol": 0} if exact else KIND["float64"])


def test_a_program_that_asks_first_finds_the_gpu():
    with stand_in():
        device = autovis.device("cuda" if autovis.cuda.is_available() else "cpu")
        x = autovis.ones(2, requires_grad=True).to(device)
        assert (autovis.cuda.device_count(), autovis.cuda.current_device()) == (1, 0)
        assert repr(x.cuda(0).detach()) == repr(x.detach()) == "tensor([1., 1.], device='cuda:0')"
        assert (x.is_cuda, x.type(), x.device.index) == (True, "torch.cuda.FloatTensor", 0)
        with pytest.raises(RuntimeError, match="found at least two devices, cuda:0 and cpu!"):
            x + autovis.ones(2)
        with pytest.raises(RuntimeError, match="invalid device ordinal"):
            x.to("cuda:1")
        assert x.pin_memory() is x
    assert not autovis.cuda.is_available()
