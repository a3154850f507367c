"""Every way to make a tensor makes PyTorch's, or fails with its error."""

from __future__ import annotations

import warnings
from types import ModuleType

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import autovis

pytestmark = pytest.mark.torch

# Shapes and kinds only, where memory is not filled; values wherever they are determined.
EXPRESSIONS = """
torch.zeros(-1)
torch.ones(2,-1)
torch.rand(-1)
torch.randn(2,-3)
torch.empty(-1)
torch.full((-1,),0)
torch.full((2,),True)
torch.full((2,),1)
torch.full((2,),1.5)
torch.full((2,),1,dtype=torch.float32)
torch.full((2,),torch.tensor(3.))
torch.full(2,1)
torch.zeros(2.5)
torch.zeros((2,3.5))
torch.zeros("a")
torch.zeros()
torch.zeros(())
torch.zeros([2])
torch.zeros(torch.Size([2]))
torch.zeros(torch.tensor(2))
torch.zeros(torch.tensor([2,3]))
torch.zeros(np.int64(2))
torch.zeros(2,3,dtype=int)
torch.zeros(2,dtype=float)
torch.zeros(2,dtype=bool)
torch.zeros(2,dtype="float32")
torch.zeros(2,dtype=np.float32)
torch.zeros(2,dtype=torch.int64,requires_grad=True)
torch.zeros(size=(2,))
torch.eye(2)
torch.eye(2,3)
torch.eye(-1)
torch.eye(2,dtype=torch.int64)
torch.arange(5)
torch.arange(5.)
torch.arange(1,5,0.5)
torch.arange(0)
torch.arange(5,1)
torch.arange(5,1,-1)
torch.arange(1,5,0)
torch.arange(1,5,-1)
torch.arange(0,1,0.1)
torch.arange(3,dtype=torch.float64)
torch.arange(torch.tensor(3))
torch.arange(torch.tensor(3.))
torch.arange(end=4)
torch.arange(1,end=4)
torch.arange(start=1,end=4,step=2)
torch.arange()
torch.arange(True)
torch.arange(2.5,dtype=torch.int64)
torch.range(1,6)
torch.range(0,1,0.25)
torch.range(1,3,dtype=torch.int64)
torch.range(3,1)
torch.range(3)
torch.linspace(0,1,5)
torch.linspace(0,1,1)
torch.linspace(0,1,0)
torch.linspace(0,1,-1)
torch.linspace(0,10,5,dtype=torch.int64)
torch.linspace(3,10,7)
torch.logspace(0,2,3)
torch.tensor([1,2])
torch.tensor([1,2.])
torch.tensor([True,2])
torch.tensor([True,2.5])
torch.tensor([])
torch.tensor([[],[]])
torch.tensor(True)
torch.tensor(1)
torch.tensor(1.)
torch.tensor([[1,2],[3]])
torch.tensor([[1,2],3])
torch.tensor([1,[2]])
torch.tensor(["a"])
torch.tensor("a")
torch.tensor(None)
torch.tensor([None])
torch.tensor({1:2})
torch.tensor(range(3))
torch.tensor((1,2))
torch.tensor([torch.tensor(1.),torch.tensor(2)])
torch.tensor([torch.tensor([1.]),torch.tensor([2.])])
torch.tensor([torch.tensor([1.,2.]),torch.tensor([2.,3.])])
torch.tensor([np.float64(1.5),2])
torch.tensor(np.array([1.,2.]))
torch.tensor(np.float64(2.))
torch.tensor(np.float32(2.))
torch.tensor(np.array(["a"]))
torch.tensor(2**63)
torch.tensor(-2**63)
torch.tensor([1,2],dtype=torch.float64)
torch.tensor([1.7,-1.7],dtype=torch.int64)
torch.tensor([300],dtype=torch.uint8)
torch.tensor([1,2],requires_grad=True)
torch.tensor([1.,2.],True)
torch.tensor(data=[1.])
torch.as_tensor([1,2])
torch.as_tensor(np.array([1,2]))
torch.as_tensor(2.)
torch.from_numpy([1])
torch.from_numpy(np.array(["a"]))
torch.asarray([1.,2])
torch.FloatTensor([1,2])
torch.FloatTensor(range(3))
torch.FloatTensor([[1,2],[3]])
torch.FloatTensor(2,3).shape
torch.FloatTensor()
torch.FloatTensor(np.array([1,2]))
torch.FloatTensor(torch.tensor([1.,2.]))
torch.FloatTensor(torch.tensor([1,2]))
torch.FloatTensor(2.)
torch.FloatTensor("a")
torch.FloatTensor(["a"])
torch.LongTensor([1.5,2])
torch.LongTensor([1,2])
torch.Tensor([1,2])
torch.Tensor(2,2).shape
torch.Tensor(3).shape
torch.Tensor()
torch.Tensor(2.5)
torch.Tensor(torch.tensor([1,2]))
torch.Tensor(torch.tensor([1.,2]))
torch.Tensor(np.array([1.,2]))
torch.Tensor(range(2))
torch.ByteTensor([1,255])
torch.BoolTensor([0,2])
torch.DoubleTensor([1,2])
torch.HalfTensor([1.5])
isinstance(torch.ones(1),torch.FloatTensor)
torch.zeros_like(torch.ones(2,3))
torch.ones_like([1])
torch.full_like(torch.ones(2),3)
torch.full_like(torch.ones(2,dtype=torch.int64),3.7)
torch.rand_like(torch.ones(2,dtype=torch.int64))
torch.randn_like(torch.ones(2),dtype=torch.float64).dtype
torch.rand(2,dtype=torch.int64)
torch.randn(2,dtype=torch.int64)
torch.randint(5,(2,)).dtype
torch.randint(0,5,(2,),dtype=torch.float32).dtype
torch.randint(5,1,(2,))
torch.randint(0,5,2)
torch.randint(5)
torch.randint(high=5,size=(2,)).shape
torch.randint(low=0,high=5,size=(2,)).shape
torch.randperm(-1)
torch.randperm(3).dtype
torch.normal(0,1,(2,)).shape
torch.normal(torch.zeros(2),1.).shape
torch.normal(0.,torch.ones(2)).shape
torch.normal(0,-1,(2,))
torch.normal(0.,1.)
torch.bernoulli(torch.tensor([2.]))
torch.bernoulli(torch.tensor([1,0]))
torch.multinomial(torch.tensor([1.,2.]),3)
torch.multinomial(torch.tensor([-1.,2.]),1)
torch.multinomial(torch.tensor([0.,0.]),1)
torch.multinomial(torch.tensor([1,2]),1)
torch.empty(2,2).shape
torch.empty_like(torch.ones(2)).shape
torch.scalar_tensor(3)
torch.tril_indices(3,3)
torch.triu_indices(2,2)
torch.zeros(2,device='cpu')
torch.zeros(2,device='cuda')
torch.zeros(2,device='foo')
torch.ones(2,pin_memory=False)
torch.ones(3).random_(5).dtype
torch.get_default_dtype()
torch.get_rng_state().shape
torch.set_rng_state(torch.zeros(3,dtype=torch.uint8))
torch.empty(3).uniform_(2,1)
torch.empty(3).normal_(0,-1)
torch.empty(3).bernoulli_(1.5)
torch.empty(3,dtype=torch.int64).uniform_()
torch.empty(3,dtype=torch.int64).normal_()
torch.empty(3).exponential_(-1)
torch.from_numpy(np.arange(3)[::-1])
torch.tensor(np.arange(3)[::-1])
torch.tensor([1, [2.0]])
torch.tensor([[1, 2], [3, [4]]])
torch.tensor([[1], 2.0])
torch.tensor([1, 'a'])
torch.tensor([[1], ['a']])
torch.tensor({1, 2})
torch.tensor(map(int, '12'))
torch.tensor([np.int32(1), 2])
torch.tensor([np.float32(1), 2.5])
torch.tensor([torch.tensor(1, dtype=torch.int32)])
torch.tensor([torch.tensor(1.0, dtype=torch.float64), 2])
torch.tensor([2, 0], dtype=torch.bool)
torch.tensor(1.5, dtype=torch.int64)
torch.tensor([1e50])
torch.tensor(float('nan'), dtype=torch.int64)
torch.tensor([[1, 2], (3, 4)])
torch.tensor([range(2), range(2)])
torch.tensor([[[]]])
torch.tensor([[], [1]])
torch.tensor([[1], []])
torch.tensor(b'a')
torch.tensor([object()])
torch.LongTensor([2**63])
torch.LongTensor(torch.tensor([1.5]))
torch.FloatTensor(torch.Size([2])).shape
torch.Tensor((2, 3))
torch.Tensor('a')
torch.Tensor(None)
torch.Tensor(True)
torch.manual_seed(2**64)
torch.manual_seed('a')
torch.ones(3).random_(5).sum() >= 0
torch.empty(3, dtype=torch.bool).random_().dtype
torch.empty(1000, dtype=torch.uint8).random_()[:9]
torch.empty(4).random_(2, 7)
torch.empty(4).bernoulli_(torch.tensor([0.0, 1.0, 0.5, 0.5]))
torch.randint_like(torch.zeros(4), 3, 9)
torch.normal(torch.arange(20.0), 0.5)
torch.normal(1.0, torch.arange(20.0))
torch.normal(torch.arange(3.0), torch.arange(3.0))
torch.normal(2.0, 3.0, (17,))
torch.normal(torch.zeros(2), torch.tensor([1.0, -1.0]))
torch.multinomial(torch.rand(3, 9), 4)
torch.randn(2, 3, dtype=torch.float64)
torch.randn(5, 7)
torch.rand(5, requires_grad=True)
torch.ones(2, requires_grad=True).uniform_()
torch.rand(3, generator=torch.Generator().manual_seed(5))
torch.as_tensor(torch.ones(2), dtype=torch.float64)
torch.as_tensor([1, 2], dtype=float)
"""


def shown(expression: str, library: ModuleType) -> str:
    """Evaluate an expression with `torch` as the given library; return its text or error, and its warnings."""
    library.manual_seed(0)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            text = repr(eval(expression, {"torch": library, "np": np}))
        except Exception as error:  # noqa: BLE001, which one is what the test is about
            text = f"{type(error).__name__}: {str(error).splitlines()[0]}"
    return "\n".join([text, *(f"{w.category.__name__}: {w.message}" for w in caught)])


@pytest.mark.parametrize("expression", EXPRESSIONS.strip().split("\n"))
def test_an_expression_has_pytorchs_text(expression: str) -> None:
    assert shown(expression, autovis) == shown(expression, torch)


NUMBER = st.one_of(st.booleans(), st.integers(-(2**40), 2**40), st.floats(width=32))


@settings(max_examples=400, deadline=None)
@given(st.recursive(NUMBER, lambda inner: st.lists(inner, max_size=4), max_leaves=12))
def test_nested_lists_are_read_as_on_pytorch(data: object) -> None:
    expression = f"torch.tensor({data!r})".replace("nan", "float('nan')").replace("inf", "float('inf')")
    ours, theirs = shown(expression, autovis), shown(expression, torch)
    if "Error" in theirs:  # where several things are wrong, which comes first is chance
        assert "Error" in ours
    else:
        assert ours == theirs


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(st.integers(-20, 20), st.floats(-20, 20)),
    st.one_of(st.integers(-20, 20), st.floats(-20, 20)),
    st.sampled_from([1, -1, 2, 0.5, 0.25, -0.125, 3]),
)
def test_arange_and_range(start: float, end: float, step: float) -> None:
    for name in ("arange", "range"):
        ends = []
        for library in (autovis, torch):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    ends.append(getattr(library, name)(start, end, step).numpy())
                except RuntimeError as error:
                    ends.append(str(error))
        if isinstance(ends[1], str):
            assert ends[0] == ends[1]
        else:
            assert ends[0].dtype == ends[1].dtype
            np.testing.assert_allclose(ends[0], ends[1], rtol=1e-6, atol=1e-6)


@settings(max_examples=200, deadline=None)
@given(st.integers(-30, 30), st.integers(-30, 30), st.integers(0, 60), st.sampled_from(["float32", "float64"]))
def test_linspace(start: int, end: int, steps: int, kind: str) -> None:
    ours = autovis.linspace(start, end, steps, dtype=getattr(autovis, kind)).numpy()
    theirs = torch.linspace(start, end, steps, dtype=getattr(torch, kind)).numpy()
    np.testing.assert_allclose(
        ours, theirs, rtol=1e-6 if kind == "float32" else 1e-14, atol=1e-5 if kind == "float32" else 1e-13
    )


def test_a_numpy_array_and_its_tensor_share_memory() -> None:
    array = np.zeros(2, np.float32)
    tensor = autovis.from_numpy(array)
    array[0] = 5
    tensor[1] = 7
    assert tensor.tolist() == array.tolist() == [5.0, 7.0]
    assert autovis.as_tensor(array).numpy() is array
    copied = autovis.tensor(array)
    array[0] = 1
    assert copied.tolist() == [5.0, 7.0]


def test_the_state_of_the_stream_can_be_restored() -> None:
    state = autovis.get_rng_state()
    first = autovis.rand(3).tolist()
    autovis.set_rng_state(state)
    assert autovis.rand(3).tolist() == first
