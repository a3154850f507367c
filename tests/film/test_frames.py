import json

import pytest
from screening import check, find, label_of, ledger, operation, table, texts

import autovis as av
from autovis.viz import draw, layout
from autovis.widgets.player import without

REFERENCE = [
    ("seed", "y", ""),
    ("local", "×", "d(s·t)/ds = t = 2; d(s·t)/dt = s = 3"),
    ("send", "×", "1 × 2 = 2 to s; 1 × 3 = 3 to t"),
    ("free", "×", ""),
    ("send", "+", "3 × 1 = 3 to p"),
    ("fan_in", "p", "0 + 3 = 3, 1 of 2"),
    ("send", "+", "2 × 1 = 2 to p; 2 × 1 = 2 to q"),
    ("fan_in", "p", "3 + 2 = 5, 2 of 2"),
    ("accumulate", "p", "add None 5 5"),
    ("accumulate", "q", "add None 2 2"),
]

REFERENCE_CAPTIONS = """\
The recorded graph, before backward() is called.
The backward pass starts at y with the gradient 1.
At y = s·t: 1 arrives; local: d(s·t)/ds = t = 2, d(s·t)/dt = s = 3.
Arrives × local = product, sent: 1 × 2 = 2 to s, 1 × 3 = 3 to t.
y = s·t is done: its saved s and t are freed.
t = p + 1 sends on what arrives: 3 to p; the number 1 gets nothing.
The gradients of p are added up: 0 + 3 = 3, waiting for 1 more.
s = p + q sends on what arrives: 2 to p, 2 to q.
The gradients of p are added up: 3 + 2 = 5, complete.
5 is added to p.grad, which was None and becomes 5.
2 is added to q.grad, which was None and becomes 2."""


def reference():
    p, q = av.leaf(1.0), av.leaf(2.0)
    s = p + q
    t = p + 1
    y = s * t
    with av.record() as tape:
        y.backward()
    return av.film(tape)


# ------------------------------------------------------------------------------------------- one backward pass


def test_the_reference_film_has_the_ten_steps_of_the_lesson():
    film = reference()
    assert film.frames[0].kind == "start"
    assert table(film)[1:] == REFERENCE


def test_the_reference_film_is_told_in_these_sentences():
    assert "\n".join(frame.text for frame in reference().frames) == REFERENCE_CAPTIONS


def test_what_arrives_is_written_on_every_row():
    arriving = [row.arrives for frame in reference().frames if frame.kind == "send" for row in frame.rows]
    assert arriving == ["1", "1", "3", "2", "2"]


def test_the_constant_of_an_addition_is_named_as_the_one_that_gets_nothing():
    (frame,) = [frame for frame in reference().frames if frame.caption == "through_stop"]
    assert frame.args["stopped"] == "the number 1"


def test_a_token_lies_on_every_link_that_a_gradient_has_passed():
    film = reference()
    tokens = {id: change["token"] for id, change in film.states()[-1].items() if "token" in change}
    ends = {link.id: (label_of(film, link.source), label_of(film, link.target)) for link in film.graph.links}
    named = {ends[link.id]: tokens.get(link.id) for link in film.graph.links}
    assert named["p", "+"] in ("2", "3")
    assert named["1", "+"] is None
    assert named["×", "y"] == "1"
    assert [named["p", "p"], named["q", "q"]] == ["5", "2"]


def test_at_the_end_the_leaves_hold_their_gradients_and_the_product_its_freed_note():
    film = reference()
    last = film.states()[-1]
    assert last[find(film.graph, "p").id]["grad"] == "5"
    assert last[operation(film.graph, "×").id]["saved"] == "freed"


def test_lesson_one_has_four_steps_without_what_is_saved():
    x = av.leaf(3.0)
    y = x**2
    with av.record() as tape:
        y.backward()
    film = without(av.film(tape), {"saved"})
    assert table(film)[1:] == [
        ("seed", "y", ""),
        ("local", "^2", "d(x²)/dx = 2·x = 6"),
        ("send", "^2", "1 × 6 = 6 to x"),
        ("accumulate", "x", "add None 6 6"),
    ]


def test_a_leaf_used_twice_is_added_up_first_and_stored_once():
    w = av.leaf(3.0)
    with av.record() as tape:
        (w * w).backward()
    film = av.film(tape)
    assert [step[2] for step in table(film, kinds="fan_in accumulate")] == [
        "0 + 3 = 3, 1 of 2",
        "3 + 3 = 6, 2 of 2",
        "add None 6 6",
    ]
    local = [row.local for frame in film.frames if frame.kind == "local" for row in frame.rows]
    assert local == ["d(w·w)/d(1st w) = w = 3", "d(w·w)/d(2nd w) = w = 3"]


def test_every_film_is_json():
    assert json.loads(json.dumps(reference().to_json()))["frames"][9]["ledger"]["new"] == "5"


def test_an_operation_with_several_results_is_one_step():
    x = av.leaf([1.0, 2.0, 3.0])
    with av.record() as tape:
        a, b, c = x.unbind()
        y = a * b + a
        y.backward()
    film = av.film(tape)
    check(film)
    assert texts(film, "forward")[0] == "a, b, c = unbind(x) is computed and recorded."
    assert [step[2] for step in table(film, kinds="fan_in")] == ["0 + 1 = 1, 1 of 2", "1 + 2 = 3, 2 of 2"]
    assert texts(film, "send")[-1] == "a, b, c = unbind(x) sends on what arrives: [3, 1, 0] to x."
    assert ledger(film, "x") == ["add None [3, 1, 0] [3, 1, 0]"]
    assert find(film.graph, "c").about == "c = unbind(x)[2]"
    assert c.item() == 3


def test_a_pass_inside_a_hook_is_a_call_of_its_own():
    w = av.leaf(2.0)
    z = w * 2

    def hook(g):
        with av.enable_grad():
            (w * 3).backward()

    z.register_hook(hook)
    with av.record() as tape:
        (z * z).backward()
    film = av.film(tape)
    assert ledger(film, "w") == ["add None 3 3", "add 3 16 19"]


# --------------------------------------------------------------------------------------------------- several calls


def test_the_ledger_runs_over_three_calls_and_a_zeroing():
    x = av.leaf(3.0)
    with av.record() as tape:
        (x**2).backward()
        (x**2).backward()
        x.grad.zero_()
        (x**2).backward()
    film = av.film(tape)
    assert ledger(film, "x") == ["add None 6 6", "add 6 6 12", "zero 12 0", "add 0 6 6"]
    assert [frame.ledger.call for frame in film.frames if frame.ledger] == [1, 2, 0, 3]
    assert find(film.graph, "x").senders == 1, "three calls are no fan-in"


def test_the_matrix_of_lesson_five_shows_its_corner():
    e = av.eye(5, requires_grad=True)
    o = (e + 1) ** 2
    with av.record() as tape:
        o.backward(av.ones(5, 5), retain_graph=True)
        o.backward(av.ones(5, 5))
        e.grad.zero_()
        e.grad = None
    assert ledger(av.film(tape), "e") == [
        "add None [[4, 2, …], …] [[4, 2, …], …]",
        "add [[4, 2, …], …] [[4, 2, …], …] [[8, 4, …], …]",
        "zero [[8, 4, …], …] all 0",
        "none all 0 None",
    ]


def test_a_gradient_from_before_the_film_stands_in_the_ledger():
    x = av.leaf(3.0)
    (x**2).backward()
    with av.record() as tape:
        x.grad.zero_()
        (x**2).backward()
    film = av.film(tape)
    assert ledger(film, "x") == ["zero 6 0", "add 0 6 6"]
    assert find(film.graph, "x").grad == "6"


def test_zeros_and_none_are_told_apart():
    x = av.leaf(1.0)
    with av.record() as tape:
        (x**2).backward()
        x.grad = None
        (x * 0).backward()
    film = av.film(tape)
    assert ledger(film, "x") == ["add None 2 2", "none 2 None", "add None 0 0"]
    assert texts(film, "clear") == ["x.grad is cleared: 2 becomes None."]


def test_of_a_large_gradient_the_ledger_knows_whether_it_is_zero():
    x = av.ones(10, 10).requires_grad_()
    with av.record() as tape:
        (x * 2).sum().backward()
        x.grad.zero_()
        (x * 2).sum().backward()
    assert ledger(av.film(tape), "x") == [
        "add None (10, 10) (10, 10)",
        "zero (10, 10) all 0",
        "add all 0 (10, 10) (10, 10)",
    ]


def test_an_edit_of_a_gradient_is_a_line_of_the_ledger():
    x = av.leaf(3.0)
    with av.record() as tape:
        (x**2).backward()
        x.grad.mul_(0.5)
    film = av.film(tape)
    assert ledger(film, "x") == ["add None 6 6", "edit 6 3"]
    assert texts(film, "edit") == ["x.grad is edited in place by mul: 6 becomes 3."]


def test_a_retained_graph_keeps_its_notes_until_the_last_call():
    x = av.leaf(3.0)
    y = x**2
    with av.record() as tape:
        y.backward(retain_graph=True)
        y.backward()
    film = av.film(tape)
    saved = [state.get(operation(film.graph, "^2").id, {}).get("saved") for state in film.states()]
    assert list(dict.fromkeys(saved)) == [None, "kept", "freed"]


def test_the_numbers_of_a_call_are_wiped_when_the_next_one_starts():
    x = av.leaf(3.0)
    y = x**2
    with av.record() as tape:
        y.backward(retain_graph=True)
        y.backward()
    film = av.film(tape)
    second = [index for index, frame in enumerate(film.frames) if frame.kind == "seed"][1]
    tokens = [change["token"] for change in film.states()[second].values() if change.get("token")]
    assert tokens == ["1"]


def test_an_emptied_tray_counts_from_zero_again_in_the_last_picture():
    x = av.leaf(3.0)
    with av.record() as tape:
        (x * x).backward()
        (x**2).backward()
    film = av.film(tape)
    placement = layout.place(film.graph, draw.sizes(film.graph, [frame.changes for frame in film.frames]))
    assert ">0 of 2</text>" in draw.svg(film.graph, placement, film.last(), theme="css")


def test_two_roots_are_one_call():
    x = av.leaf(3.0)
    y, z = x**2, x * 4
    with av.record() as tape:
        av.autograd.backward([y, z])
    film = av.film(tape)
    assert {frame.call for frame in film.frames} == {0, 1}
    assert texts(film, "seed") == [
        "The backward pass starts at y with the gradient 1.",
        "It starts at z, too, with the gradient 1.",
    ]
    assert ledger(film, "x") == ["add None 10 10"]


def test_a_leaf_can_be_the_root():
    x = av.leaf(3.0)
    with av.record() as tape:
        x.backward()
    film = av.film(tape)
    assert table(film) == [("start", "", ""), ("seed", "x", ""), ("accumulate", "x", "add None 1 1")]


def test_inputs_choose_who_is_stored():
    x, z = av.leaf(3.0), av.leaf(1.0)
    m = x * z
    y = m**2
    with av.record() as tape:
        y.backward(inputs=[m, z])
    film = av.film(tape)
    sent = [row.to for frame in film.frames if frame.kind == "send" for row in frame.rows]
    assert sent == ["m", "z"], "x is not asked for"
    assert ledger(film, "z") == ["add None 18 18"]
    assert texts(film, "retain") == ["6 is stored in m.grad, because backward(inputs=...) names m."]


def test_grad_hands_back_and_stores_nothing():
    x, z = av.leaf(3.0), av.leaf(1.0)
    y = x**2
    with av.record() as tape:
        av.autograd.grad(y, [x, z], allow_unused=True)
    film = av.film(tape)
    assert not any(frame.ledger for frame in film.frames)
    assert texts(film, "return") == ["grad() hands back 6 for x; x.grad is not touched."]


def test_a_second_derivative_has_a_film_too():
    x = av.leaf(3.0)
    with av.record() as tape:
        y = x**3
        (g,) = av.autograd.grad(y, x, create_graph=True)
        g.backward()
    film = av.film(tape)
    check(film)
    assert texts(film, "forward") == ["y = x³ = 27 is computed and recorded."], "the pass itself has no forward frames"
    assert ledger(film, "x") == ["add None 18 18"]
    assert any(text.startswith("The backward pass starts at g") for text in texts(film, "seed"))


def test_what_a_pass_recorded_stands_in_a_frame_of_its_own_and_can_be_differentiated():
    x = av.leaf(3.0)
    with av.record() as tape:
        av.autograd.grad(x**3, x, create_graph=True)
    film = av.film(tape)
    check(film)
    (region,) = film.graph.regions
    assert (region.role, region.label) == ("pass", "backward")
    assert [film.graph.element(id).label for id in region.members] == ["^2", "x²", "3", "×", "3·x²", "×", "1·3·x²"]
    assert not any(element.ghost for element in film.graph.elements)
    for id in (region.id, *region.members, find(film.graph, "1").id):
        shown = [frame.changes.get(id, {}).get("visible") for frame in film.frames]
        assert [(frame.kind, to) for frame, to in zip(film.frames, shown, strict=True) if to is not None] == [
            ("start", False),
            ("local", True),
        ]


def test_a_pass_that_records_nothing_has_no_frame():
    x = av.leaf(3.0)
    with av.record() as tape:
        (x**3).backward()
    assert av.film(tape).graph.regions == ()


def test_what_two_passes_recorded_stands_in_two_frames():
    x = av.leaf(3.0)
    with av.record() as tape:
        g = av.autograd.grad(x**3, x, create_graph=True)[0]
        av.autograd.grad(g, x, create_graph=True)
    assert [region.role for region in av.film(tape).graph.regions] == ["pass", "pass"]


# ------------------------------------------------------------------------------------------------- what is left out


def test_a_cut_is_an_element_and_nothing_passes_it():
    a = av.tensor([1.0, 2.0], requires_grad=True)
    with av.record() as tape:
        x = 2 * a
        y = (x * x.detach()).sum()
        y.backward()
    film = av.film(tape)
    cut = find(film.graph, "detach")
    assert texts(film, "cut") == ["x.detach() shares the values of x, but its history is cut."]
    beyond = [link for link in film.graph.links if cut.id in (link.source, link.target)]
    assert not any(frame.changes.get(link.id, {}).get("token") for link in beyond for frame in film.frames)
    assert any(text.endswith("the constant x.detach() gets nothing.") for text in texts(film, "send"))
    assert ledger(film, "a") == ["add None [4, 8] [4, 8]"]


def test_a_cut_from_before_the_tape_is_in_the_film():
    a = av.tensor([1.0, 2.0], requires_grad=True)
    x = 2 * a
    y = (x * x.detach()).sum()
    with av.record() as tape:
        y.backward()
    film = av.film(tape)
    assert find(film.graph, "detach").role == "cut"
    assert len(film.frames[0].changes) == 0, "everything is there from the beginning"


def test_a_tensor_that_is_detached_itself_goes_on_under_its_name():
    a = av.leaf(1.0)
    with av.record() as tape:
        x = 2 * a
        y = x * 3
        x.detach_()
        y.backward()
    film = av.film(tape)
    assert texts(film, "cut") == ["x₁.detach_() cuts its own history: x₂ is a leaf that asks for no gradient."]
    assert ledger(film, "a") == ["add None 6 6"]


def test_a_detached_tensor_that_is_asked_again_becomes_a_leaf():
    a = av.leaf(2.0)
    with av.record() as tape:
        x = 3 * a
        d = x.detach().requires_grad_()
        (d * d).backward()
        x.backward(d.grad)
    film = av.film(tape)
    d = find(film.graph, "d")
    assert d.role == "const"
    assert film.states()[-1][d.id]["role"] == "leaf"
    assert ledger(film, "d") + ledger(film, "a") == ["add None 12 12", "add None 36 36"]


def test_no_grad_is_a_region_and_its_edits_are_shown():
    w, x = av.leaf(2.0), av.tensor(3.0)
    with av.record() as tape:
        loss = (w * x) ** 2
        loss.backward()
        with av.no_grad():
            w -= 0.5 * w.grad
    film = av.film(tape)
    assert texts(film, "skip") == ["0.5·w.grad = 18 is computed under no_grad: nothing is recorded."]
    assert texts(film, "edit") == ["w is edited in place by sub and becomes −16, version 1."]
    (region,) = film.graph.regions
    assert region.role == "no_grad"
    assert film.states()[-1][find(film.graph, "w").id]["value"] == "−16"


def test_a_frozen_parameter_gets_nothing():
    w = av.nn.Parameter(av.tensor(2.0), requires_grad=False)
    v = av.nn.Parameter(av.tensor(3.0))
    with av.record() as tape:
        y = w * v
        y.backward()
    film = av.film(tape)
    assert [find(film.graph, name).role for name in "wv"] == ["frozen", "param"]
    assert texts(film, "send") == ["Arrives × local = product, sent: 1 × 2 = 2 to v; the frozen w gets nothing."]


def test_freezing_between_two_calls_changes_the_role():
    w = av.nn.Parameter(av.tensor(2.0))
    v = av.leaf(3.0)
    with av.record() as tape:
        (w * v).backward()
        w.requires_grad_(False)
        (w * v).backward()
    film = av.film(tape)
    assert find(film.graph, "w").role == "param"
    assert film.states()[-1][find(film.graph, "w").id]["role"] == "frozen"
    assert ledger(film, "w") == ["add None 3 3"]


# ------------------------------------------------------------------------------------------------ hooks and errors


def test_hooks_and_kept_gradients_have_their_frames():
    x = av.leaf(2.0)
    y = x * 3
    y.retain_grad()
    y.register_hook(lambda g: g * 2)
    x.register_hook(lambda g: g + 1)
    with av.record() as tape:
        y.backward()
    film = av.film(tape)
    assert texts(film, "hook") == [
        "A hook turns the gradient of y from 1 into 2.",
        "A hook turns the gradient of x from 6 into 7.",
    ]
    assert texts(film, "retain") == ["y keeps its gradient 2, because retain_grad() was called."]
    assert find(film.graph, "y").role == "kept"
    assert find(film.graph, "x").hooks == ("tensor",)
    assert not texts(film, "skip"), "what a hook computes is no step of the program"


def test_a_second_backward_ends_the_film_at_the_node_that_was_freed():
    x = av.leaf(2.0)
    y = x * x
    y.backward()
    with pytest.raises(RuntimeError), av.record() as tape:
        y.backward()
    film = av.film(tape)
    assert table(film)[-1][:2] == ("error", "×")
    assert film.frames[-1].text == "Error at y = x·x: Trying to backward through the graph a second time"
    assert film.states()[-1][operation(film.graph, "×").id]["role"] == "error"


def test_an_edit_of_a_saved_value_is_marked_before_it_fails():
    a = av.tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(RuntimeError), av.record() as tape:
        s = a.sigmoid()
        s.add_(1)
        s.sum().backward()
    film = av.film(tape)
    edit = next(index for index, frame in enumerate(film.frames) if frame.caption == "forward_in_place")
    assert film.states()[edit][operation(film.graph, "σ").id]["saved"] == "stale"
    assert film.frames[-1].text.startswith("Error at s₁ = sigmoid(a): one of the variables needed for gradient")


def test_an_edit_through_a_detached_tensor_makes_the_note_stale():
    a = av.tensor([1.0, 2.0], requires_grad=True)
    s = a.sigmoid()
    d = s.detach()
    with av.record() as tape:
        z = s * 2
        e = s.detach()
        d.zero_()
    film = av.film(tape)
    assert film.states()[-1][operation(film.graph, "σ").id]["saved"] == "stale"
    assert texts(film, "edit") == [
        "s is edited in place by zero and becomes [0, 0]; e over the same memory changes too."
    ]
    assert z.shape == e.shape


def test_after_an_error_the_film_goes_on():
    x = av.leaf(2.0)
    y = x * x
    with av.record() as tape:
        y.backward()
        with pytest.raises(RuntimeError):
            y.backward()
        (x * x).backward()
    film = av.film(tape)
    assert list(dict.fromkeys(frame.call for frame in film.frames)) == [0, 1, 2, 3]
    assert "error" not in {change.get("role") for change in film.states()[-1].values()}


def test_an_error_in_the_block_is_the_last_frame():
    x = av.leaf([1.0, 2.0])
    with pytest.raises(RuntimeError), av.record() as tape:
        y = x * 2
        y + av.ones(3)
    film = av.film(tape)
    assert [frame.kind for frame in film.frames] == ["start", "forward", "error"]
    assert film.frames[-1].text.startswith("Error: The size of tensor a (2) must match")
    assert film.source[film.frames[-1].line[0] - 1].strip() == "y + av.ones(3)"


# ---------------------------------------------------------------------------------------------------- the program


def test_every_frame_knows_the_running_line():
    x = av.leaf(3.0)
    with av.record() as tape:
        y = x**2
        y.backward()
    film = av.film(tape)
    lines = [film.source[frame.line[0] - 1].strip() if frame.line else "" for frame in film.frames]
    assert lines == ["", "y = x**2", *["y.backward()"] * 5]


def test_a_statement_over_several_lines_is_marked_whole():
    x = av.leaf(3.0)
    with av.record() as tape:
        y = (
            x  # the leaf
            * 2  # twice
        )
    film = av.film(tape)
    first, last = film.frames[1].line
    assert last - first == 3
    assert y.item() == 6


def test_what_runs_later_is_hidden_at_first():
    x = av.leaf(3.0)
    with av.record() as tape:
        y = x**2
        z = y * y
    film = av.film(tape)
    hidden = [id for id, change in film.frames[0].changes.items() if change == {"visible": False}]
    assert {label_of(film, id) for id in hidden if id[0] in "to"} == {"y", "z", "^2", "×"}
    assert all(change.get("visible") is not False for change in film.states()[-1].values())
    assert z.item() == 81


def test_arithmetic_on_plain_numbers_is_left_out_unless_something_uses_it():
    x = av.leaf(3.0)
    c = av.tensor(2.0)
    with av.record() as tape:
        unused = c * 5
        used = c + 1
        y = x * used
    film = av.film(tape)
    assert texts(film, "skip") == [
        "used = c + 1 = 3 is computed; no input asks for a gradient, so nothing is recorded."
    ]
    assert (unused.item(), y.item()) == (10, 9)
