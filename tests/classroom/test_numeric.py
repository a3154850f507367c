"""A gradient without rules, and a count of stops."""

import pytest

import autovis as av


def test_a_parabola_is_exact():
    assert av.numeric_grad(lambda t: t**2, 3.0) == 6.0


def test_it_agrees_with_backward_where_no_slope_is_a_whole_number():
    x = av.leaf(0.7)
    (x.exp() * x.sin()).backward()
    assert av.numeric_grad(lambda t: t.exp() * t.sin(), 0.7) == pytest.approx(x.grad.item(), rel=1e-6)


def test_a_tensor_gives_one_slope_for_each_entry():
    at = av.tensor([[1.0, 2.0], [3.0, 4.0]])
    slopes = av.numeric_grad(lambda t: (t**2).sum(), at)
    assert slopes.tolist() == [[2.0, 4.0], [6.0, 8.0]]
    assert slopes.dtype == av.float64
    assert at.tolist() == [[1.0, 2.0], [3.0, 4.0]]


def test_it_records_nothing():
    w = av.leaf(2.0)
    assert av.numeric_grad(lambda t: w * t, 3.0) == 2.0
    assert w.grad is None


def test_a_function_of_many_results_is_refused():
    with pytest.raises(ValueError, match="one number; this function returned shape"):
        av.numeric_grad(lambda t: av.stack([t, t]), 1.0)


def doubled(times):
    r = av.leaf(0.0)
    for _ in range(times):
        r = r + r
    return r


@pytest.mark.parametrize(("times", "paths", "stops"), [(1, 3, 2), (2, 7, 3), (20, 2097151, 21), (200, 2**201 - 1, 201)])
def test_visits_are_counted_exactly(times, paths, stops):
    assert av.count_visits(doubled(times), order="paths") == paths
    assert av.count_visits(doubled(times), order="topological") == stops


def test_paths_are_what_a_recursion_would_walk():
    p, q = av.leaf(1.0), av.leaf(2.0)
    y = (p + q) * (p + 1) * p

    def walk(node):
        return 1 + sum(walk(source) for source, _ in node.next_functions if source is not None)

    assert av.count_visits(y, order="paths") == walk(y.grad_fn)


def test_a_long_chain_needs_no_recursion():
    y = av.leaf(1.0)
    for _ in range(20_000):
        y = y + 1
    assert av.count_visits(y, order="paths") == av.count_visits(y) == 20_001


def test_nothing_recorded_means_no_stops():
    assert av.count_visits(av.tensor(1.0)) == 0


def test_an_unknown_order_is_refused():
    with pytest.raises(ValueError, match="'paths' or 'topological', not 'depth'"):
        av.count_visits(doubled(1), order="depth")
