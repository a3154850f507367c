"""Why `.grad` is None, or 0: one test a reason, on autovis and on PyTorch; what is asserted is data, not pictures."""

import gc
import sys

import pytest

import autovis as av


def leaf(T, value=2.0):
    return T.tensor(value, requires_grad=True)


def guilty(answer):
    """Return role and label of the marked element; exactly one is marked, and it is the one that is named."""
    (element,) = [element for element in answer.graph.elements if "why" in element.marks]
    assert element.id == answer.node
    return element.role, element.label


# ------------------------------------------------------------------------------------------------------- not called


def test_backward_was_not_called(T):
    w = leaf(T)
    loss = w * w
    answer = av.why(w)
    assert answer.key == "no_backward"
    assert answer.sentence == "w.grad is None because no backward pass has run through loss."
    assert answer.fix == "loss.backward()"
    assert "loss.requires_grad = True" in answer.no_help
    assert guilty(answer) == ("leaf", "w")
    assert answer.unknown == "", "what is saved is still held, so no pass can have run"
    assert av.why(w, loss).key == "no_backward"


def test_where_nothing_is_saved_a_cleared_gradient_looks_the_same(T):
    w = leaf(T)
    loss = w + 1
    assert loss.requires_grad
    assert "both leave the same None" in av.why(w).unknown


def test_a_recording_removes_the_doubt(T):
    w = leaf(T)
    with av.record():
        loss = w + 1
    assert loss.requires_grad
    assert av.why(w).unknown == ""


def test_a_gradient_that_is_there_is_shown(T):
    w = leaf(T)
    (w * w).backward()
    answer = av.why(w)
    assert (answer.key, answer.sentence) == ("has_grad", "w.grad is not None: it is 4.")


def test_calling_backward_is_no_answer_where_it_would_not_help(T):
    w, c = leaf(T), T.tensor(3.0)
    loss = w * c
    assert loss.requires_grad
    assert av.why(c).key == "flag_off"
    assert av.why(loss).key == "not_a_leaf"


# --------------------------------------------------------------------------------------------------- asks for nothing


def test_the_flag_is_off(T):
    c = T.tensor(2.0)
    loss = leaf(T) * c
    loss.backward()
    answer = av.why(c, loss)
    assert answer.key == "flag_off"
    assert answer.fix.startswith("c.requires_grad_() before it is used")
    assert "loss.requires_grad = True" in answer.no_help


def test_what_autovis_can_know_it_does_not_doubt():
    import torch

    ours, theirs = av.tensor(2.0), torch.tensor(2.0)
    assert av.why(ours).unknown == ""
    assert "does not tell what it came from" in av.why(theirs).unknown


def test_whole_numbers_have_no_gradient(T):
    n = T.tensor([2, 3])
    answer = av.why(n)
    assert answer.key == "integer"
    assert "int64" in answer.sentence


def test_a_parameter_is_frozen(T):
    net = T.nn.Linear(1, 1)
    net.bias.requires_grad_(False)
    loss = net(T.ones(1)).sum()
    loss.backward()
    answer = av.why(net.bias)
    assert (answer.key, answer.name) == ("frozen", "net.bias")
    assert "optimizer" in answer.no_help


def test_the_flag_was_set_too_late():
    w, v = av.tensor(2.0), av.leaf(3.0)
    loss = w * v
    w.requires_grad_()
    loss.backward()
    answer = av.why(w, loss)
    assert answer.key == "flag_late"
    assert guilty(answer) == ("op", "×")


def test_what_inference_mode_made_asks_for_nothing(T):
    with T.inference_mode():
        t = T.ones(2)
    assert av.why(t).key == "inference"


# ------------------------------------------------------------------------------------------------------------ no leaf


def test_an_intermediate_keeps_no_gradient(T):
    w = leaf(T)
    h = w * 3
    loss = h * h
    loss.backward()
    answer = av.why(h)
    assert answer.key == "not_a_leaf"
    assert answer.sentence.startswith("h.grad is None because h is no leaf: × computed it from w.")
    assert answer.fix.startswith("h.retain_grad() before loss.backward(); or read w.grad;")
    assert "too late" in answer.no_help
    assert guilty(answer) == ("mid", "h")


def test_asking_does_not_warn(T, recwarn):
    w = leaf(T)
    h = w * 3
    av.why(h)
    assert not recwarn.list


def test_retain_grad_came_too_late(T):
    h = leaf(T) * 3
    loss = h * h
    loss.backward()
    h.retain_grad()
    assert av.why(h, loss).key == "retained_late"


def test_retain_grad_in_time_only_waits_for_the_pass(T):
    h = leaf(T) * 3
    h.retain_grad()
    loss = h * h
    assert av.why(h).key == "no_backward"
    loss.backward()
    assert av.why(h).key == "has_grad"


@pytest.mark.parametrize(
    ("make", "op"),
    [
        (lambda T: T.arange(6.0, requires_grad=True).reshape(2, 3), "view"),
        (lambda T: 0.01 * T.ones(2, requires_grad=True), "×"),
        (lambda T: T.ones(2, requires_grad=True).double(), "to"),
        (lambda T: T.ones(2, requires_grad=True).to(T.float64), "to"),
        (lambda T: T.ones(2, requires_grad=True).clone(), "clone"),
    ],
)
def test_an_operation_made_a_non_leaf_by_accident(T, make, op):
    x = make(T)
    loss = x.sum()
    loss.backward()
    answer = av.why(x)
    assert answer.key == "accident"
    assert f"{op} made it of the leaf that asks" in answer.sentence
    assert "x.requires_grad_()" in answer.no_help


def test_a_leaf_that_still_has_a_name_was_not_lost(T):
    a = T.arange(6.0, requires_grad=True)
    b = a.reshape(2, 3)
    b.sum().backward()
    answer = av.why(b)
    assert answer.key == "not_a_leaf"
    assert "from a" in answer.sentence


def test_an_update_bound_the_name_to_a_new_tensor(T):
    w = leaf(T)
    for _ in range(2):
        loss = w * w
        loss.backward()
        g = w.grad if w.is_leaf else T.tensor(1.0)
        w = w - 0.5 * g
    answer = av.why(w)
    assert answer.key == "rebound"
    assert "gradients land in that one" in answer.sentence
    assert answer.fix == "Change the leaf in place, unrecorded: with no_grad(): w -= lr * w.grad"


# ------------------------------------------------------------------------------------------------------------ cut off


def test_a_cut_between_the_leaf_and_the_result(T):
    w, v = leaf(T), leaf(T)
    h = w * 3
    d = h.detach()
    loss = d * v
    loss.backward()
    answer = av.why(w, loss)
    assert answer.key == "cut"
    assert "from d back to w" in answer.sentence
    assert "loss.requires_grad = True" in answer.no_help


def test_the_cut_is_the_marked_element():
    w, v = av.leaf(2.0), av.leaf(3.0)
    d = (w * 3).detach()
    loss = d * v
    loss.backward()
    assert guilty(av.why(w, loss)) == ("cut", "detach")
    assert av.why(w).key == "cut", "no result has to be named: only one was walked"


def test_a_result_that_was_walked_counts_more_than_one_that_was_not():
    w, v = av.leaf(2.0), av.leaf(3.0)
    h = w * 3
    loss = h.detach() * v
    loss.backward()
    answer = av.why(w)
    assert answer.key == "cut", "h leads back to w, but nobody called h.backward()"
    assert guilty(answer) == ("cut", "detach")


def test_the_cut_value_itself(T):
    w = leaf(T)
    h = w * 3
    d = h.detach()
    answer = av.why(d)
    assert answer.key == "cut_itself"
    assert "detach" in answer.sentence
    assert "d.retain_grad() raises" in answer.no_help


def test_nothing_is_recorded_under_no_grad(T):
    w, v = leaf(T), leaf(T)
    with T.no_grad():
        h = w * 3
    loss = h * v
    loss.backward()
    assert av.why(w, loss).key == ("no_grad" if T is av else "cut_in_line")
    assert "no_grad" in av.why(w, loss).sentence
    assert "no_grad" in av.why(h).sentence


def test_an_operation_under_no_grad_is_the_marked_element():
    w, v = av.leaf(2.0), av.leaf(3.0)
    with av.no_grad():
        h = w * 3
    loss = h * v
    loss.backward()
    assert guilty(av.why(w, loss)) == ("op", "×")
    assert guilty(av.why(w)) == ("op", "×")
    assert av.why(h).key == "no_grad_itself"


@pytest.mark.parametrize(("cut", "label"), [(lambda h: h > 1, ">"), (lambda h: h.argmax() * 1.0, "argmax")])
def test_what_jumps_has_no_derivative(cut, label):
    w, v = av.leaf([2.0, 3.0]), av.leaf(3.0)
    m = cut(w)
    loss = (m * v).sum()
    loss.backward()
    answer = av.why(w, loss)
    assert answer.key == "no_derivative"
    assert guilty(answer) == ("op", label)


def test_a_comparison_in_pytorch_is_found_in_the_source(T):
    w, v = leaf(T), leaf(T)
    m = w > 1
    loss = m * v
    loss.backward()
    assert av.why(w, loss).key == ("no_derivative" if T is av else "cut_in_line")


def test_item_hands_out_a_plain_number(T):
    w, v = leaf(T), leaf(T)
    c = T.tensor((w * 3).item())
    loss = c * v
    loss.backward()
    answer = av.why(w, loss)
    assert answer.key == "numbers"
    assert "c = T.tensor((w * 3).item()) goes through item()" in answer.sentence


def test_float_does_so_too(T, request):
    w, v = leaf(T), leaf(T)
    T.set_warn_always(True)
    request.addfinalizer(lambda: T.set_warn_always(False))
    with pytest.warns(UserWarning, match="Converting a tensor with requires_grad=True to a scalar"):
        c = float(w * 3)
    loss = c * v
    loss.backward()
    assert "float()" in av.why(w, loss).sentence


def test_numbers_that_come_back_by_numpy(T):
    w, v = leaf(T, [1.0, 2.0]), leaf(T)
    a = w.detach().numpy()
    c = T.tensor(a)
    loss = (c * v).sum()
    loss.backward()
    assert "numpy()" in av.why(w, loss).sentence


def test_the_flag_on_the_result_hides_the_cut(T):
    w = leaf(T)
    loss = T.tensor(4.0)
    loss.requires_grad = True
    loss.backward()
    answer = av.why(w, loss)
    assert answer.key == "flag_on_result"
    assert "it hides the cut" in answer.no_help


def test_the_result_has_no_history(T):
    w, loss = leaf(T), T.tensor(4.0)
    assert av.why(w, loss).key == "no_history"


def test_the_result_does_not_depend_on_it(T):
    w, v = leaf(T), leaf(T)
    loss = v * 2
    answer = av.why(w, loss)
    assert answer.key == "not_reached"
    assert "leave no trace" in answer.unknown


def test_nobody_used_it(T):
    w = leaf(T)
    answer = av.why(w)
    assert answer.key == "unused"
    assert "both leave the same None" in answer.unknown


# ---------------------------------------------------------------------------------------------- reached, but emptied


def test_a_pass_has_run_and_nothing_tells_more(T):
    w = leaf(T)
    loss = w * w
    loss.backward()
    w.grad = None
    answer = av.why(w)
    assert answer.key == "passed"
    assert "zero_grad() cleared it since" in answer.unknown


def test_a_recording_tells_that_it_was_cleared(T):
    w = leaf(T)
    loss = w * w
    optimizer = T.optim.SGD([w], lr=0.1)
    with av.record():
        loss.backward()
        optimizer.zero_grad()
    answer = av.why(w)
    assert answer.key == "cleared"
    assert "it was 4" in answer.sentence
    assert T is not av or "of test_gradients.py" in answer.sentence


def test_an_older_recording_of_another_pass_changes_nothing(T):
    w = leaf(T)
    with av.record():
        (w * 3).backward()
    w.grad = None
    loss = w * w
    assert loss.requires_grad
    assert av.why(w).key == "no_backward", "it ran through another result"


def test_a_recording_tells_that_inputs_left_it_out(T):
    w, v = leaf(T), leaf(T, 3.0)
    loss = w * v
    with av.record():
        loss.backward(inputs=[v])
    assert av.why(w).key == "left_out"


def test_a_recording_tells_that_it_was_handed_back(T):
    w, v = leaf(T), leaf(T, 3.0)
    loss = w * v
    with av.record():
        T.autograd.grad(loss, v)
    assert av.why(w).key == "handed_back"


def test_a_recording_tells_that_the_pass_failed(T):
    w = leaf(T)
    h = w.exp()
    loss = h * 3
    h.add_(1)
    with pytest.raises(RuntimeError), av.record():
        loss.backward()
    answer = av.why(w)
    assert answer.key == "failed"
    assert "modified by an inplace operation" in answer.sentence


# ------------------------------------------------------------------------------------------------------------ it is 0


def test_zeros_are_not_none_and_have_reasons_of_their_own(T):
    w = leaf(T)
    h = T.relu(-w)
    h.backward()
    answer = av.why(w)
    assert answer.key == "zero_at"
    assert guilty(answer) == ("op", "relu")


def test_rounding_has_a_derivative_of_zero(T):
    w = leaf(T)
    loss = T.round(w * 3)
    loss.backward()
    assert guilty(av.why(w)) == ("op", "round")


def test_a_recording_tells_where_the_gradient_became_zero(T):
    w = leaf(T)
    with av.record():
        loss = (w * 3).clamp(max=1.0).exp()
        loss.backward()
    assert guilty(av.why(w)) == ("op", "clamp")


def test_a_recording_tells_that_it_was_filled_with_zeros(T):
    w = leaf(T)
    loss = w * w
    optimizer = T.optim.SGD([w], lr=0.1)
    with av.record():
        loss.backward()
        optimizer.zero_grad(set_to_none=False)
    answer = av.why(w)
    assert answer.key == "zeroed"
    assert T is not av or "filled with zeros in line" in answer.sentence


def test_a_pass_that_starts_with_zero_blames_no_operation(T):
    w = leaf(T)
    with av.record():
        loss = w * 3
        loss.backward(T.tensor(0.0))
    assert av.why(w).key == "zero"


def test_zeros_that_nothing_explains(T):
    w = leaf(T)
    loss = w - w
    loss.backward()
    answer = av.why(w)
    assert answer.key == "zero"
    assert "parts cancelled" in answer.unknown


# ------------------------------------------------------------------------------------------------------- the answer


def test_an_answer_is_plain_text(T):
    w = leaf(T)
    loss = w * w
    assert loss.requires_grad
    assert repr(av.why(w)) == (
        "w.grad is None because no backward pass has run through loss.\n"
        "  cure       loss.backward()\n"
        "  no help    Setting loss.requires_grad = True: it asks already, and asking computes nothing."
    )


def test_a_notebook_shows_the_words_and_the_picture(capsys, monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    w = av.leaf(2.0)
    loss = w * w
    answer = av.why(w, loss)
    answer._ipython_display_()
    assert capsys.readouterr().out == f"{answer!r}\n"
    (still,) = shown
    assert 'class="element leaf active" data-id="t1"' in still.to_svg()
    assert ["why", "here", "the answer of why() lies here"] in still.film["legend"]


def test_an_answer_cannot_be_changed():
    w = av.leaf(2.0)
    with pytest.raises(AttributeError):
        av.why(w).key = "other"


def test_an_answer_keeps_nothing_alive():
    import weakref

    w = av.leaf(2.0)
    loss = w * w
    answer = av.why(w, loss)
    gone = weakref.ref(loss)
    del loss
    gc.collect()
    assert gone() is None
    assert answer.graph.elements


def test_parts_of_modules_and_lists_have_their_names(T):
    ws = [leaf(T), leaf(T)]
    loss = ws[0] * ws[1]
    assert av.why(ws[1], loss).sentence.startswith("ws[1].grad is None")


def test_what_is_neither_a_tensor_nor_an_error():
    with pytest.raises(TypeError, match=r"asked about a tensor or an error, not about float; as in why\(w\)"):
        av.why(3.0)


def test_a_deep_graph_is_looked_through_without_recursion(T):
    w = leaf(T)
    y = w
    for _ in range(3000):
        y = y + w
    assert av.why(w, y).key == "no_backward"


# ------------------------------------------------------------------------------------------------------ in pictures


def whys(*tensors):
    """Return what the elements of a picture say, by label."""
    from autovis.viz.show import graph

    picture = graph(*tensors, frame=sys._getframe(1))
    return {element.label: element.why for element in picture.elements if element.why}


def test_every_value_of_a_picture_says_why_its_gradient_is_none():
    w, c = av.leaf(2.0), av.tensor(3.0)
    f = av.nn.Parameter(av.tensor(4.0), requires_grad=False)
    h = w * c
    y = h * f
    said = whys(y)
    assert said["w"] == "w.grad is None because no backward pass has run through y."
    assert said["c"] == "c.grad is None because c asks for no gradient: its requires_grad is False."
    assert said["f"] == "f.grad is None because f is a frozen parameter: its requires_grad is False."
    assert said["h"].startswith("h.grad is None because h is no leaf: × computed it.")
    assert not said.keys() & {"×", "+= .grad"}


def test_a_value_with_a_gradient_says_nothing():
    w = av.leaf(2.0)
    y = w * 3
    y.backward()
    assert "w" not in whys(y)


def test_what_lies_above_a_cut_names_the_cut():
    w = av.leaf(2.0)
    d = (w * 3).detach()
    assert whys(d)["w"].startswith("w.grad is None because the history is cut at detach: no gradient passes from d")
    assert "cut off at detach" in whys(d)["d"]


def test_a_leaf_that_asked_too_late_is_drawn_without_a_way_back():
    from autovis.viz.show import graph

    w, v = av.tensor(2.0), av.leaf(3.0)
    y = w * v
    w.requires_grad_()
    picture = graph(y)
    (source,) = [element.id for element in picture.elements if element.label == "w"]
    assert [link.role for link in picture.links if link.source == source] == ["plain"]
    assert whys(y)["w"] == "w.grad is None because w asks now, but did not when y was computed."
