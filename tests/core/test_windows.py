"""Convolution and pooling have PyTorch's values, gradients, and gradients of gradients."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from autovis.primitive import Primitive
from autovis.rules import windows
from autovis.rules.windows import Slide

pytestmark = pytest.mark.torch

CONVOLUTIONS = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}
MAX_POOLS = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}


@dataclass(frozen=True)
class Case:
    """Arguments of one convolution or pooling."""

    size: tuple[int, ...]
    kernel: tuple[int, ...]
    slide: Slide
    batch: int
    channels: int
    features: int
    seed: int

    @property
    def geometry(self) -> dict[str, Any]:
        return {"stride": self.slide.stride, "padding": self.slide.padding, "dilation": self.slide.dilation}


@st.composite
def cases(draw: st.DrawFn, most: int = 3, groups: int = 3) -> Case:
    dims = draw(st.integers(1, most))

    def numbers(low: int, high: int) -> tuple[int, ...]:
        return tuple(draw(st.integers(low, high)) for _ in range(dims))

    kernel, parted = numbers(1, 3), draw(st.integers(1, groups))
    padding = tuple(draw(st.integers(0, k // 2)) for k in kernel)
    slide = Slide(numbers(1, 3), padding, numbers(1, 2), parted)
    size = numbers(1, 7)
    assume(all(n > 0 for n in slide.places(size, kernel)))
    batch, channels, features = (
        draw(st.integers(1, 3)),
        parted * draw(st.integers(1, 2)),
        parted * draw(st.integers(1, 2)),
    )
    return Case(size, kernel, slide, batch, channels, features, draw(st.integers(0, 10**6)))


def close(ours: Any, theirs: torch.Tensor) -> None:
    assert tuple(ours.shape) == tuple(theirs.shape)
    np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=1e-9, atol=1e-9)


def pulled(op: Primitive, name: str, g: Any, /, **known: Any) -> Any:
    """Run the pullback of one input on arrays."""
    formula: Callable[..., Any] = op.pullbacks[name]
    known["shape"] = known[name].shape
    return formula(g, *(known[word] for word in list(inspect.signature(formula).parameters)[1:]))


@settings(max_examples=250, deadline=None)
@given(cases())
def test_convolution_and_its_first_and_second_derivatives(case: Case) -> None:
    random = np.random.default_rng(case.seed)
    x = random.standard_normal((case.batch, case.channels, *case.size))
    w = random.standard_normal((case.features, case.channels // case.slide.groups, *case.kernel))
    tx, tw = torch.tensor(x, requires_grad=True), torch.tensor(w, requires_grad=True)
    ty = CONVOLUTIONS[len(case.size)](tx, tw, **case.geometry, groups=case.slide.groups)
    close(windows.conv(x, w, slide=case.slide), ty)

    g = random.standard_normal(ty.shape)
    tg = torch.tensor(g, requires_grad=True)
    gx, gw = (pulled(windows.conv, name, g, x=x, w=w, slide=case.slide, note=None) for name in ("x", "w"))
    tgx, tgw = torch.autograd.grad(ty, (tx, tw), tg, create_graph=True)
    close(gx, tgx)
    close(gw, tgw)

    hx, hw = random.standard_normal(x.shape), random.standard_normal(w.shape)
    theirs = torch.autograd.grad(tgx, (tg, tw), torch.tensor(hx), retain_graph=True)
    for name, expected in zip(("g", "w"), theirs, strict=True):
        close(pulled(windows.conv_input, name, hx, g=g, w=w, size=case.size, slide=case.slide), expected)
    theirs = torch.autograd.grad(tgw, (tg, tx), torch.tensor(hw), retain_graph=True)
    for name, expected in zip(("g", "x"), theirs, strict=True):
        close(pulled(windows.conv_weight, name, hw, g=g, x=x, kernel=case.kernel, slide=case.slide), expected)


@settings(max_examples=250, deadline=None)
@given(cases(), st.booleans())
def test_max_pooling_with_ties_and_its_derivatives(case: Case, ties: bool) -> None:
    random = np.random.default_rng(case.seed)
    shape = (case.batch, case.channels, *case.size)
    x = random.integers(-2, 3, shape).astype(float) if ties else random.standard_normal(shape)
    tx = torch.tensor(x, requires_grad=True)
    settings = {"kernel": case.kernel, "slide": case.slide}
    ty, where = MAX_POOLS[len(case.size)](tx, case.kernel, **case.geometry, return_indices=True)
    assume(bool(ty.isfinite().all()))  # no window that sees the frame only
    out = windows.max_pool(x, **settings)
    close(out, ty)
    close(windows.pool_indices(x, out, **settings), where)

    g, h = random.standard_normal(out.shape), random.standard_normal(x.shape)
    tg = torch.tensor(g, requires_grad=True)
    (tgx,) = torch.autograd.grad(ty, tx, tg, create_graph=True)
    close(pulled(windows.max_pool, "x", g, x=x, out=out, **settings), tgx)
    taken = pulled(windows.pool_put, "g", h, g=g, x=x, out=out, **settings)
    close(taken, torch.autograd.grad(tgx, tg, torch.tensor(h))[0])
    close(pulled(windows.pool_take, "y", g, y=h, x=x, out=out, **settings), tgx)


@settings(max_examples=200, deadline=None)
@given(cases(groups=1), st.sampled_from([None, 3]))
def test_average_pooling_and_its_derivatives(case: Case, divisor: int | None) -> None:
    assume(len(case.size) == 2)
    random = np.random.default_rng(case.seed)
    x = random.standard_normal((case.batch, case.channels, *case.size))
    slide = Slide(case.slide.stride, case.slide.padding, (1, 1))
    assume(all(n > 0 for n in slide.places(case.size, case.kernel)))
    settings = {"kernel": case.kernel, "slide": slide, "divisor": divisor or int(np.prod(case.kernel))}
    tx = torch.tensor(x, requires_grad=True)
    ty = F.avg_pool2d(tx, case.kernel, slide.stride, slide.padding, divisor_override=divisor)
    close(windows.avg_pool(x, **settings), ty)

    g, h = random.standard_normal(ty.shape), random.standard_normal(x.shape)
    tg = torch.tensor(g, requires_grad=True)
    (tgx,) = torch.autograd.grad(ty, tx, tg, create_graph=True)
    close(pulled(windows.avg_pool, "x", g, x=x, **settings), tgx)
    close(
        pulled(windows.avg_pool_back, "g", h, g=g, size=case.size, **settings),
        torch.autograd.grad(tgx, tg, torch.tensor(h))[0],
    )


def test_not_a_number_is_the_maximum_of_its_window() -> None:
    x = np.array([[[[1.0, np.nan], [2.0, 3.0]]]])
    settings = {"kernel": (2, 2), "slide": Slide((2, 2), (0, 0), (1, 1))}
    out = windows.max_pool(x, **settings)
    assert np.isnan(out).all()
    assert windows.pool_put(np.ones_like(out), x, out, **settings).sum() == 1.0


@pytest.mark.parametrize("stride", [1, 2])
def test_an_infinite_gradient_reaches_the_maximum_only(stride: int) -> None:
    x = np.arange(9.0).reshape(1, 1, 3, 3)
    settings = {"kernel": (2, 2), "slide": Slide((stride, stride), (0, 0), (1, 1))}
    out = windows.max_pool(x, **settings)
    tx = torch.tensor(x, requires_grad=True)
    F.max_pool2d(tx, 2, stride).backward(torch.full(out.shape, torch.inf, dtype=torch.float64))
    assert tx.grad is not None
    close(windows.pool_put(np.full_like(out, np.inf), x, out, **settings), tx.grad)


@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_results_keep_the_kind(kind: str) -> None:
    x, w = np.ones((1, 2, 5, 5), kind), np.ones((3, 2, 3, 3), kind)
    slide = Slide((1, 1), (1, 1), (1, 1))
    y = windows.conv(x, w, slide=slide)
    pooled = windows.max_pool(x, kernel=(2, 2), slide=slide)
    results = [
        y,
        windows.conv_input(y, w, size=(5, 5), slide=slide),
        windows.conv_weight(y, x, kernel=(3, 3), slide=slide),
        pooled,
        windows.pool_put(pooled, x, pooled, kernel=(2, 2), slide=slide),
        windows.avg_pool(x, kernel=(2, 2), slide=slide, divisor=4),
    ]
    assert {result.dtype.name for result in results} == {kind}


def test_an_image_that_is_a_view_gives_the_same() -> None:
    x = np.random.default_rng(0).standard_normal((5, 6, 3, 2)).transpose(3, 2, 1, 0)[:, :, ::-1]
    w = np.random.default_rng(1).standard_normal((3, 4, 2, 2)).transpose(1, 0, 3, 2)
    slide = Slide((1, 1), (0, 0), (1, 1))
    close(windows.conv(x, w, slide=slide), F.conv2d(torch.tensor(x.copy()), torch.tensor(w.copy())))
    out = windows.max_pool(x, kernel=(2, 2), slide=slide)
    close(out, F.max_pool2d(torch.tensor(x.copy()), 2, 1))


@settings(max_examples=100, deadline=None)
@given(cases())
def test_no_window_reaches_beyond_the_memory_of_its_images(case: Case) -> None:
    x = np.zeros((case.batch, case.channels, *case.size))
    w = np.zeros((case.features, case.channels // case.slide.groups, *case.kernel))
    plain = windows.windows

    def checked(images: Any, slide: Slide, **shape: Any) -> Any:
        view = plain(images, slide, **shape)
        (low, high), (first, last) = (np.lib.array_utils.byte_bounds(array) for array in (images, view))
        assert low <= first
        assert last <= high
        return view

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(windows, "windows", checked)
        y = windows.conv(x, w, slide=case.slide)
        windows.conv_input(y, w, size=case.size, slide=case.slide)
        windows.conv_weight(y, x, kernel=case.kernel, slide=case.slide)
        settings = {"kernel": case.kernel, "slide": case.slide}
        out = windows.max_pool(x, **settings)
        windows.pool_put(out, x, out, **settings)
        windows.pool_take(x, x, out, **settings)
