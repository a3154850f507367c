"""A seed gives the numbers that it gives in PyTorch, bit for bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from autovis import random

pytestmark = pytest.mark.torch

SEEDS = st.integers(-(2**63), 2**64 - 1)
SHAPES = st.one_of(
    st.lists(st.integers(0, 7), max_size=3).map(tuple),
    st.integers(0, 300).map(lambda size: (size,)),
)


def both(seed: int) -> tuple[random.Generator, torch.Generator]:
    return random.Generator().manual_seed(seed), torch.Generator().manual_seed(seed)


def same(ours: Any, theirs: torch.Tensor) -> None:
    expected = theirs.numpy()
    assert ours.dtype == expected.dtype
    assert ours.shape == expected.shape
    assert np.array_equal(ours, expected)


@settings(max_examples=300, deadline=None)
@given(SEEDS, SHAPES, st.sampled_from(["float32", "float64"]))
def test_uniform(seed: int, shape: tuple[int, ...], dtype: str) -> None:
    ours, theirs = both(seed)
    kind = getattr(torch, dtype)
    for low, high in ((0.0, 1.0), (-0.3, 0.7), (2.0, 2.5)):
        same(
            random.uniform(ours, shape, np.dtype(dtype), low, high),
            torch.empty(shape, dtype=kind).uniform_(low, high, generator=theirs),
        )


@settings(max_examples=300, deadline=None)
@given(SEEDS, st.lists(SHAPES, min_size=1, max_size=4), st.sampled_from([(0.0, 1.0), (1.0, 0.1), (-3.0, 7.0)]))
def test_normal_in_single_precision_with_a_waiting_number(
    seed: int, shapes: list[tuple[int, ...]], around: tuple[float, float]
) -> None:
    ours, theirs = both(seed)
    for shape in shapes:
        same(random.normal(ours, shape, np.float32, *around), torch.empty(shape).normal_(*around, generator=theirs))


def test_normal_over_a_hundred_thousand_numbers() -> None:
    ours, theirs = both(7)
    same(random.normal(ours, (100_003,)), torch.randn(100_003, generator=theirs))


@settings(max_examples=100, deadline=None)
@given(SEEDS, SHAPES)
def test_normal_in_double_precision(seed: int, shape: tuple[int, ...]) -> None:
    ours, theirs = both(seed)
    expected = torch.randn(shape, dtype=torch.float64, generator=theirs).numpy()
    np.testing.assert_allclose(random.normal(ours, shape, np.float64), expected, rtol=1e-14, atol=1e-15)


@settings(max_examples=300, deadline=None)
@given(SEEDS, SHAPES, st.integers(-(2**40), 2**40), st.sampled_from([1, 2, 10, 2**28 - 1, 2**28, 2**31, 2**45]))
def test_integers(seed: int, shape: tuple[int, ...], low: int, span: int) -> None:
    ours, theirs = both(seed)
    same(random.integers(ours, shape, low, low + span), torch.randint(low, low + span, shape, generator=theirs))


@settings(max_examples=100, deadline=None)
@given(SEEDS, st.integers(0, 400))
def test_permutation(seed: int, count: int) -> None:
    ours, theirs = both(seed)
    same(random.permutation(ours, count), torch.randperm(count, generator=theirs))
    same(random.uniform(ours, (3,)), torch.rand(3, generator=theirs))


@settings(max_examples=100, deadline=None)
@given(SEEDS, SHAPES, st.floats(0, 1))
def test_bernoulli_with_one_chance(seed: int, shape: tuple[int, ...], chance: float) -> None:
    ours, theirs = both(seed)
    same(random.bernoulli(ours, chance, shape), torch.empty(shape).bernoulli_(chance, generator=theirs).bool())


@settings(max_examples=100, deadline=None)
@given(SEEDS, SHAPES, st.sampled_from(["float32", "float64"]))
def test_bernoulli_with_a_chance_for_each(seed: int, shape: tuple[int, ...], dtype: str) -> None:
    ours, theirs = both(seed)
    chance = torch.rand(shape, dtype=getattr(torch, dtype), generator=torch.Generator().manual_seed(1))
    same(random.bernoulli(ours, chance.numpy(), shape), torch.bernoulli(chance, generator=theirs).bool())


@settings(max_examples=100, deadline=None)
@given(SEEDS, SHAPES, st.sampled_from([1.0, 0.25, 3.0]))
def test_exponential(seed: int, shape: tuple[int, ...], rate: float) -> None:
    ours, theirs = both(seed)
    same(random.exponential(ours, shape, np.float32, rate), torch.empty(shape).exponential_(rate, generator=theirs))


@settings(max_examples=200, deadline=None)
@given(SEEDS, st.sampled_from([(4,), (65,), (1, 3), (5, 7)]), st.integers(1, 20), st.booleans(), st.booleans())
def test_multinomial(seed: int, shape: tuple[int, ...], count: int, replacement: bool, double: bool) -> None:
    ours, theirs = both(seed)
    count = count if replacement else min(count, shape[-1])
    weights = torch.rand(shape, generator=torch.Generator().manual_seed(2)).to(
        torch.float64 if double else torch.float32
    )
    same(
        random.multinomial(ours, weights.numpy(), count, replacement=replacement),
        torch.multinomial(weights, count, replacement, generator=theirs),
    )


@pytest.mark.parametrize("draws", [1, 5, 623, 624, 625, 2000])
@pytest.mark.parametrize("normals", [0, 1, 2])
def test_the_state_has_pytorchs_bytes_and_travels_both_ways(draws: int, normals: int) -> None:
    ours, theirs = both(11)
    random.uniform(ours, (draws,))
    torch.rand(draws, generator=theirs)
    random.normal(ours, (normals,))
    torch.randn(normals, generator=theirs)
    assert np.array_equal(ours.get_state(), theirs.get_state().numpy())

    restored = random.Generator()
    restored.set_state(theirs.get_state().numpy())
    same(random.normal(restored, (3,)), torch.randn(3, generator=theirs))
    same(random.uniform(restored, (700,)), torch.rand(700, generator=theirs))
    assert restored.initial_seed() == 11


def test_a_new_generator_starts_where_pytorchs_does() -> None:
    assert random.Generator().initial_seed() == torch.Generator().initial_seed()
    same(random.uniform(random.Generator(), (3,)), torch.rand(3, generator=torch.Generator()))


@pytest.mark.parametrize("seed", [-1, -5, 2**32, 2**63, 2**64 - 1])
def test_seeds_of_64_bits(seed: int) -> None:
    ours, theirs = both(seed)
    assert ours.initial_seed() == theirs.initial_seed()


def test_the_common_stream_goes_on_after_a_fork() -> None:
    random.manual_seed(3)
    torch.manual_seed(3)
    with random.fork_rng():
        random.uniform(random.default_generator, (100,))
    same(random.uniform(random.default_generator, (3,)), torch.rand(3))
    assert random.initial_seed() == 3


def test_seed_chooses_another_stream_each_time() -> None:
    assert len({random.seed() for _ in range(5)}) == 5
