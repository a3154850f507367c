import pytest

import autovis as av
from autovis.language import table
from autovis.rules import elementwise as el
from autovis.viz.captions import LIMIT, caption
from autovis.viz.numerals import brief, number, text_of
from autovis.viz.reading import Symbol, local, pulled, word, written

X = [1.0, 2.0]

# ------------------------------------------------------------------------------------------------- rows of the rule


ROWS = {
    "sum of two": (
        lambda x, w: x + w, 1.0, 2.0,
        [("x", "d(x + w)/dx = 1", "1 × 1 = 1"), ("w", "d(x + w)/dw = 1", "1 × 1 = 1")],
    ),
    "difference": (
        lambda x, w: x - w, 1.0, 2.0,
        [("x", "d(x − w)/dx = 1", "1 × 1 = 1"), ("w", "d(x − w)/dw = −1", "1 × −1 = −1")],
    ),
    "product": (
        lambda x, w: x * w, 3.0, 4.0,
        [("x", "d(x·w)/dx = w = 4", "1 × 4 = 4"), ("w", "d(x·w)/dw = x = 3", "1 × 3 = 3")],
    ),
    "quotient": (
        lambda x, w: x / w, 3.0, 2.0,
        [
            ("x", "d(x/w)/dx = 1/w = 0.5", "1 × 0.5 = 0.5"),
            ("w", "d(x/w)/dw = −(x/w/w) = −0.75", "1 × −0.75 = −0.75"),
        ],
    ),
    "broadcast": (
        lambda x, w: x * w, X, 3.0,
        [
            ("x", "d(x·w)/dx = w = [3, 3]", "[1, 1] × [3, 3] = [3, 3]"),
            ("w", "d(x·w)/dw = x = [1, 2]", "sum of [1, 1] × [1, 2] = 3"),
        ],
    ),
    "matrix product": (
        lambda x, w: x @ w, [[1.0, 2.0, 3.0]], [[1.0] * 4] * 3,
        [
            ("x", "vᵀJ = g @ wᵀ", "g @ wᵀ: [1,4]·[4,3] → [1,3] = [[4, 4, 4]]"),
            ("w", "vᵀJ = xᵀ @ g", "xᵀ @ g: [3,1]·[1,4] → [3,4] = [[1, 1, …], …]"),
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_the_rule_of_two_inputs_is_written_with_its_numbers(name):
    make, x, w, expected = ROWS[name]
    x, w = av.tensor(x, requires_grad=True), av.tensor(w, requires_grad=True)
    with av.record() as tape:
        y = make(x, w)
        y.backward(av.ones(*y.shape) if y.ndim else None)
    frame = next(frame for frame in av.film(tape).frames if frame.kind == "send")
    assert [(row.to, row.local, row.product) for row in frame.rows] == expected


ONE = {
    "square": (lambda x: x**2, 3.0, "d(x²)/dx = 2·x = 6", "1 × 6 = 6"),
    "cube": (lambda x: x**3, 2.0, "d(x³)/dx = 3·x² = 12", "1 × 12 = 12"),
    "reciprocal": (lambda x: x**-1, 2.0, "d(x⁻¹)/dx = −x⁻² = −0.25", "1 × −0.25 = −0.25"),
    "root": (lambda x: x**0.5, 4.0, "d(x^0.5)/dx = 0.5·x^(−0.5) = 0.25", "1 × 0.25 = 0.25"),
    "negative": (lambda x: -x, 2.0, "d(−x)/dx = −1", "1 × −1 = −1"),
    "exp": (lambda x: x.exp(), 0.0, "d(exp(x))/dx = y = 1", "1 × 1 = 1"),
    "log": (lambda x: x.log(), 2.0, "d(log(x))/dx = 1/x = 0.5", "1 × 0.5 = 0.5"),
    "sine": (lambda x: x.sin(), 0.0, "d(sin(x))/dx = cos(x) = 1", "1 × 1 = 1"),
    "relu": (lambda x: x.relu(), [-1.0, 2.0], "d(relu(x))/dx = 1 where y > 0 = [0, 1]", "[1, 1] × [0, 1] = [0, 1]"),
    "tanh": (lambda x: x.tanh(), 0.0, "d(tanh(x))/dx = 1 − y·y = 1", "1 × 1 = 1"),
    "sum": (lambda x: x.sum(), X, "1 for every element", "1 × 1 for every element = [1, 1]"),
    "mean": (lambda x: x.mean(), X, "1/2 for every element", "1 × 1/2 for every element = [0.5, 0.5]"),
    "index": (lambda x: x[0], X, "1 where it was read, 0 elsewhere", "1 in its place = [1, 0]"),
    "slice": (lambda x: x[1:], X, "1 where it was read, 0 elsewhere", "[1] in its place = [0, 1]"),
    "reshape": (lambda x: x.reshape(2, 1), X, "1, the numbers only move", "[[1], [1]] in its old shape = [1, 1]"),
    "max": (lambda x: x.max(), X, "1 for the winner, 0 for the others", "1 to the winner = [0, 1]"),
    "expand": (lambda x: x.expand(2, 2), X, "1 for every copy", "[[1, 1], [1, 1]] summed over the copies = [2, 2]"),
    "clone": (lambda x: x.clone(), X, "d(x.clone())/dx = 1", "[1, 1] × 1 = [1, 1]"),
}


@pytest.mark.parametrize("name", ONE)
def test_the_rule_of_one_input_is_written_with_its_numbers(name):
    make, x, told, product = ONE[name]
    x = av.tensor(x, requires_grad=True)
    with av.record() as tape:
        y = make(x)
        y.backward(av.ones(*y.shape) if y.ndim else None)
    frame = next(frame for frame in av.film(tape).frames if frame.kind == "send")
    assert [(row.local, row.product) for row in frame.rows] == [(told, product)]


def test_what_is_too_large_to_copy_is_told_by_its_shape():
    x = av.ones(20, 10).requires_grad_()
    with av.record() as tape:
        y = (x**2).sum()
        y.backward()
    frame = [frame for frame in av.film(tape).frames if frame.kind == "send"][1]
    assert [(row.local, row.product, row.sent) for row in frame.rows] == [
        ("d(x²)/dx = 2·x", "(20, 10) × 2·x = (20, 10)", "(20, 10)")
    ]


@pytest.mark.parametrize(
    "make",
    [
        lambda x: x.softmax(0),
        lambda x: x.log_softmax(0),
        lambda x: x.norm(),
        lambda x: x.var(),
        lambda x: x.prod(),
        lambda x: x.cumsum(0),
        lambda x: av.stack([x, x]),
        lambda x: x.sort()[0] if hasattr(x, "sort") else x * 1,
        lambda x: av.where(x > 1, x, x * 2),
        lambda x: av.nn.functional.mse_loss(x, av.zeros(2)),
    ],
)
def test_every_operation_has_a_row(make):
    x = av.tensor(X, requires_grad=True)
    with av.record() as tape:
        y = make(x)
        y.backward(av.ones(*y.shape) if y.ndim else None)
    for frame in av.film(tape).frames:
        for row in frame.rows:
            assert row.local
            assert row.product
            assert row.sent


# -------------------------------------------------------------------------------------------------------- formulas


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (lambda x, y: x + y * 2, "x + y·2"),
        (lambda x, y: (x + y) * 2, "(x + y)·2"),
        (lambda x, y: (x + y) ** 2, "(x + y)²"),
        (lambda x, y: x - (y - 1), "x − (y − 1)"),
        (lambda x, y: x / (y * 2), "x/(y·2)"),
        (lambda x, y: -(x + y), "−(x + y)"),
        (lambda x, y: (-x) * y, "−x·y"),
        (lambda x, y: x ** (y - 1), "x^(y − 1)"),
        (lambda x, y: x * 1 * 1.0, "x"),
        (lambda x, y: x @ y, "x @ y"),
    ],
)
def test_brackets_stand_where_they_must_and_nowhere_else(formula, text):
    assert str(formula(Symbol("x"), Symbol("y"))) == text


def test_a_number_is_written_before_what_it_multiplies():
    assert str(written(el.mul, [Symbol("x"), Symbol("2")], {})) == "2·x"
    assert str(written(el.mul, [Symbol("x"), Symbol("y")], {})) == "x·y"


def test_a_rule_reads_itself():
    assert pulled(el.mul, 0, ["s", "t"], "y") == "g·t"
    assert local(el.mul, 0, ["s", "t"], "y") == "t"
    assert local(el.add, 1, ["s", "t"], "y") == "1"


def test_a_rule_that_peeks_at_numbers_has_no_formula():
    from autovis.primitive import Primitive

    rule = Primitive("odd", lambda x: x, x=lambda g, x: g if x.numbers > 0 else -g)
    assert pulled(rule, 0, ["x"], "y") == ""


def test_a_strange_name_is_put_in_brackets():
    assert str(word("a + b") * word("c")) == "(a + b)·c"
    assert str(word("net.layer[0].weight") * word("c")) == "net.layer[0].weight·c"


# --------------------------------------------------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (2.0, "2"),
        (-2.5, "−2.5"),
        (-0.0, "0"),
        (1 / 3, "0.3333"),
        (1e-9, "1e-09"),
        (123456.0, "123456"),
        (float("nan"), "nan"),
        (float("-inf"), "−inf"),
        (True, "True"),
    ],
)
def test_numbers_are_short(data, text):
    assert number(data) == text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ([1.0, 2.0], "[1, 2]"),
        ([1.0, 2.0, 3.0, 4.0, 5.0], "[1, 2, 3, …]"),
        ([[1.0, 2.0], [3.0, 4.0]], "[[1, 2], [3, 4]]"),
        ([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], "[[1, 2, …], …]"),
        ([[1.0] * 5] * 5, "all 1"),
        ([[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]], "[[[1, 2], [3, 4]], …]"),
        ([], "[]"),
        ([[]], "[]"),
        ([True, False], "[True, False]"),
        ([float("nan")] * 5, "[nan, nan, nan, …]"),
        (None, ""),
    ],
)
def test_arrays_are_short(data, text):
    assert brief(None if data is None else av.tensor(data).numbers) == text


def test_none_is_a_value_and_large_gradients_are_shapes():
    assert text_of(None) == "None"
    assert text_of(av.zeros(10, 10).numbers) == "(10, 10)"


# -------------------------------------------------------------------------------------------------------- captions


def test_every_caption_fits_when_its_words_are_short():
    words = {part.partition("}")[0] for text in table("caption").values() for part in text.split("{")[1:]}
    for key, text in table("caption").items():
        assert len(text.format_map(dict.fromkeys(words, "x"))) <= LIMIT, key


def test_a_long_sentence_gives_way_to_a_short_one():
    long = ", ".join(["[0.1235, 0.3333] × [2, 4] = [0.247, 1.333] to layer"] * 4)
    args = {"op": "y = w·x", "sends": long, "receivers": "w and x"}
    assert caption("send", args) == "At y = w·x: a product is sent to w and x."


def test_what_is_still_too_long_is_cut_off():
    text = caption("error", {"sentence": "no " * 100})
    assert len(text) <= LIMIT
    assert text.endswith("…")


def test_the_two_sums_have_two_verbs():
    inside = [text for key, text in table("caption").items() if key.startswith("fan_in")]
    across = [text for key, text in table("caption").items() if key.startswith("accumulate")]
    assert all("added up" in text for text in inside)
    assert not any("added up" in text for text in across)
    assert all(".grad" in text for text in across)
    assert not any(".grad" in text for text in inside)
