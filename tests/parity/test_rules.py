"""Every operation on drawn shapes and numbers: values, first and second derivatives as in PyTorch.

Numbers are quarters, so that ties, kinks, zeros and bounds occur often; shapes include empty ones and single numbers.
"""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from operations import ALONG, ANY, BINARY, REDUCING, UNARY

import autovis

pytestmark = pytest.mark.filterwarnings("ignore:.*degrees of freedom:UserWarning")
KIND = {"float32": {"rtol": 2e-4, "atol": 2e-4}, "float64": {"rtol": 1e-9, "atol": 1e-10}}
kinds = st.sampled_from(list(KIND))


def numbers(shape, bounds):
    low, high = (int(4 * bound) for bound in bounds)
    return arrays.arrays(np.float64, shape, elements=st.integers(low, high).map(lambda n: n / 4))


def shapes(least=0, side=0):
    return arrays.array_shapes(min_dims=least, max_dims=3, min_side=side, max_side=3)


def told(tensor):
    """Return what can be compared about a tensor."""
    values = 0 if getattr(tensor, "_is_zerotensor", bool)() else tensor.detach().tolist()  # zeros without memory
    return (
        str(tensor.dtype).removeprefix("torch."),
        tuple(tensor.shape),
        tensor.requires_grad,
        type(tensor.grad_fn).__name__,
        np.broadcast_to(values, tuple(tensor.shape)).astype(float),
    )


def story(library, expression, kind, given_numbers, **more):
    """Return the value of an expression and its first and second derivatives, or the error."""
    names = {
        name: library.tensor(array.tolist(), dtype=getattr(library, kind)).reshape(array.shape).requires_grad_()
        for name, array in given_numbers.items()
    }
    leaves = list(names.values())
    try:
        result = eval(expression, {"torch": library, **names, **more})
        found = [told(result)]
        if result.requires_grad:
            seed = library.arange(result.numel(), dtype=result.dtype).reshape(result.shape) / 8 + 0.5
            first = library.autograd.grad(result, leaves, seed, create_graph=True, allow_unused=True)
            found += [None if g is None else told(g)[:2] + told(g)[4:] for g in first]
            total = sum((g * g.detach().cos()).sum() for g in first if g is not None and g.requires_grad)
            if not isinstance(total, int):
                second = library.autograd.grad(total, leaves, allow_unused=True)
                found += [
                    ("second", tuple(x.shape), np.zeros(tuple(x.shape)) if g is None else told(g)[-1])
                    for x, g in zip(leaves, second, strict=True)
                ]
    except (RuntimeError, IndexError, ValueError, TypeError) as error:
        return f"{type(error).__name__}: {error}"
    return found


def compare(expression, kind, given_numbers, **more):
    ours, theirs = (story(library, expression, kind, given_numbers, **more) for library in (autovis, torch))
    if isinstance(ours, str) or isinstance(theirs, str):
        assert ours == theirs
        return
    for mine, other in zip(ours, theirs, strict=False):
        if isinstance(mine, tuple) and isinstance(other, tuple):
            assert mine[:-1] == other[:-1]
            np.testing.assert_allclose(mine[-1], other[-1], **KIND[kind])
        else:
            assert mine == other


def each(table):
    return pytest.mark.parametrize(("expression", "bounds"), table.items(), ids=list(table))


@each(UNARY)
@settings(max_examples=20)
@given(data=st.data(), kind=kinds)
def test_one_argument(expression, bounds, data, kind):
    compare(expression, kind, {"x": data.draw(shapes().flatmap(lambda shape: numbers(shape, bounds)))})


@each(BINARY)
@settings(max_examples=40)
@given(data=st.data(), kind=kinds)
def test_two_arguments_broadcast(expression, bounds, data, kind):
    pair = data.draw(arrays.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, min_side=0, max_side=3))
    x, y = (data.draw(numbers(shape, bounds)) for shape in pair.input_shapes)
    compare(expression, kind, {"x": x, "y": y})


@each(REDUCING)
@settings(max_examples=30)
@given(data=st.data(), kind=kinds)
def test_all_elements_together(expression, bounds, data, kind):
    compare(expression, kind, {"x": data.draw(shapes().flatmap(lambda shape: numbers(shape, bounds)))})


@each(ALONG)
@settings(max_examples=30)
@given(data=st.data(), kind=kinds)
def test_along_a_dimension(expression, bounds, data, kind):
    x = data.draw(shapes(least=1, side=1).flatmap(lambda shape: numbers(shape, bounds)))
    compare(expression, kind, {"x": x}, d=data.draw(st.integers(-x.ndim, x.ndim - 1)))


def factors():
    """Shapes that a product of matrices takes, in every combination of dimensions."""
    sizes = st.integers(1, 3)
    return st.tuples(
        st.integers(1, 4),
        st.integers(1, 4),
        sizes,
        sizes,
        sizes,
        arrays.mutually_broadcastable_shapes(num_shapes=2, min_dims=2, max_dims=2, max_side=2),
    )


@settings(max_examples=150)
@given(data=st.data(), kind=kinds, drawn=factors())
def test_products_in_every_combination_of_dimensions(data, kind, drawn):
    left, right, n, k, m, stacks = drawn
    a, b = (
        (*stack[len(stack) - max(dims - 2, 0) :], *inner)
        for dims, stack, inner in (
            (left, stacks.input_shapes[0], (n, k) if left > 1 else (k,)),
            (right, stacks.input_shapes[1], (k, m) if right > 1 else (k,)),
        )
    )
    values = {"x": data.draw(numbers(a, ANY)), "y": data.draw(numbers(b, ANY))}
    ours, theirs = (story(library, "x @ y", kind, values) for library in (autovis, torch))
    for mine, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine[-1], other[-1], **KIND[kind])
        assert mine[:2] == other[:2]


MATRICES = [
    "torch.isclose(x, x.round(), atol=0.3)",
    "x.detach().norm(p=0)",
    "torch.unique(x.detach())",
    "x.count_nonzero()",
    "x.nonzero()",
    "x.sort(dim=1, stable=True)[1]",
    "x.argsort(dim=1, stable=True)",
    "x.cumprod(1).detach()",
    "torch.einsum('ij,jk->ik', x, x)",
    "torch.einsum('ij,ij->', x, x)",
    "torch.einsum('ij->j', x)",
    "torch.einsum('ii', x)",
    "torch.einsum('ij,kj,k->i', x, x, x[0])",
    "torch.einsum('i,j->ji', x[0], x[1])",
    "torch.tensordot(x, x, dims=1)",
    "torch.tensordot(x, x, dims=([0, 1], [1, 0]))",
    "torch.linalg.inv(x)",
    "torch.linalg.det(x)",
    "torch.linalg.solve(x, x.T.contiguous())",
    "torch.linalg.solve(x, x[0])",
    "torch.linalg.eigh(x.detach() + x.detach().T)[0]",
    "torch.linalg.lstsq(x.detach(), x.detach()[:, :1]).solution",
    "torch.linalg.svd(x.detach()).S",
    "torch.linalg.cholesky(x.detach() @ x.detach().T)",
    "x.diag()",
    "x[0].diag(1)",
    "x.trace()",
    "x.cumprod(1)",
    "torch.cosine_similarity(x, x.flip(0))",
    "torch.cat(torch.meshgrid(x[0], x[1], indexing='xy'))",
    "torch.nn.functional.batch_norm(x, None, None, x[0], x[1], training=True)",
    "torch.nn.functional.batch_norm(x, x[0].detach(), x[1].detach(), x[0], x[1])",
    "torch.nn.functional.layer_norm(x, x.shape[-1:], x[0], x[1])",
    "torch.nn.functional.layer_norm(x, x.shape)",
    "torch.nn.functional.batch_norm(x, None, None, training=True)",
    "torch.cdist(x, x[:2] + 1).detach()",
    "torch.column_stack([x[0], x])",
    "torch.inner(x, x).detach()",
    "x.fliplr().flipud()",
    "x.moveaxis(0, 1)",
    "torch.nn.functional.pairwise_distance(x, x.flip(0)).detach()",
    "torch.nn.functional.scaled_dot_product_attention(x, x, x, is_causal=True).detach()",
    "x.topk(2, 1)[0]",
    "x.median(1).values",
    "x.new_zeros(3, 3).scatter_(1, torch.tensor([[0, 2]]), x[:1, :2]).index_add_(0, torch.tensor([0, 0]), x[:2])",
    "x.clone().fill_diagonal_(0.5)",
    "x.clone().lerp_(x * x, 0.25).addcmul_(x, x, value=2).addcdiv_(x, x + 9, value=3)",
]


@pytest.mark.parametrize("expression", MATRICES)
def test_a_matrix(expression):
    x = np.random.default_rng(0).uniform(0.5, 2.0, (3, 3)) + 2 * np.eye(3)
    ours, theirs = (story(library, expression, "float64", {"x": x}) for library in (autovis, torch))
    assert not isinstance(ours, str), ours
    for mine, other in zip(ours, theirs, strict=True):
        assert mine[:2] == other[:2]
        np.testing.assert_allclose(mine[-1], other[-1], rtol=1e-6, atol=1e-8)


WIDE = ["float64", "float16", "int64", "int32", "uint8"]
SPECIAL = [np.nan, np.inf, -np.inf, -0.0]
OPEN = {  # where a kernel of PyTorch's refuses whole numbers that we compute with, or the order of rounding shows
    "x.norm(p=0.5)", "x ** 0.5", "x.median() if x.numel() else x", "torch.logaddexp(x, y)", "x.prod()",
    "torch.addcdiv(x, y, y * y + 1, value=0.5)", "x.clone().clamp_min_(0.5)", "x.clamp(-1, 1)",
    "torch.nan_to_num(x / x)", "2 ** x", "0.5 ** x",
}  # fmt: skip


def laid_out(library, array, kind, layout):
    """Return the numbers as a tensor that lies in memory in one of several ways."""
    kind = getattr(library, kind)
    if layout == "turned" and array.ndim > 1:
        turned = np.swapaxes(array, -1, -2)
        return library.tensor(turned.tolist(), dtype=kind).reshape(turned.shape).transpose(-1, -2)
    tensor = library.tensor(array.tolist(), dtype=kind).reshape(array.shape)
    if layout == "every other" and array.ndim:
        room = library.zeros(*array.shape[:-1], 2 * array.shape[-1], dtype=kind)
        room[..., ::2] = tensor
        return room[..., ::2]
    return tensor


def plainly(library, expression, drawn, kind, layout):
    """Return kind, shape and numbers of an expression on tensors that ask for nothing, or the error."""
    known = {name: laid_out(library, array, kind, layout) for name, array in drawn.items()}
    try:
        return told(eval(expression, {"torch": library, "d": 0, **known}))
    except (RuntimeError, IndexError, ValueError, TypeError, NotImplementedError) as error:
        return f"{type(error).__name__}: {error}"


@each(
    {name: bounds for table in (UNARY, BINARY, REDUCING, ALONG) for name, bounds in table.items() if name not in OPEN}
)
@settings(max_examples=12)
@given(data=st.data(), kind=st.sampled_from(WIDE), layout=st.sampled_from(["in order", "turned", "every other"]))
def test_any_kind_of_number_in_any_layout(expression, bounds, data, kind, layout):
    def values(array):
        if kind.startswith("float"):
            return np.where(data.draw(st.booleans()), array, data.draw(st.sampled_from([array, *SPECIAL])))
        return np.abs(np.floor(array * 2)) if kind == "uint8" else np.floor(array * 2)

    shape = data.draw(st.sampled_from([(3,), (2, 3), (3, 3), (2, 1, 3)]))
    drawn = {name: values(data.draw(numbers(shape, bounds))) for name in "xy"}
    drawn = {name: array if kind.startswith("float") else array.astype(int) for name, array in drawn.items()}
    ours, theirs = (plainly(library, expression, drawn, kind, layout) for library in (autovis, torch))
    if isinstance(ours, str) or isinstance(theirs, str):
        assert ours == theirs
        return
    assert ours[:-1] == theirs[:-1]
    slack = 3e-2 if "float16" in (kind, ours[0]) else 1e-5
    np.testing.assert_allclose(ours[-1], theirs[-1], rtol=slack, atol=slack)
