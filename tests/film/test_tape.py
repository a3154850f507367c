import gc
import threading
import time
import weakref

import numpy as np
import pytest

import autovis as av
from autovis import events
from autovis.events import (
    Accumulated,
    Arrived,
    Bumped,
    Cleared,
    Detached,
    Failed,
    FannedIn,
    Freed,
    HookRan,
    NotRecorded,
    Pulled,
    Recorded,
    Retained,
    Returned,
    Saved,
    Seeded,
    Stepped,
    Stopped,
)


def kinds(tape):
    return [type(event).__name__ for event in tape.events]


# ---------------------------------------------------------------------------------------------------- what is told


def test_a_product_and_its_way_back_are_told_in_order():
    x, y = av.leaf(2.0), av.leaf(3.0)
    with av.record() as tape:
        (x * y).backward()
    assert kinds(tape) == [
        *("Recorded", "Saved", "Seeded", "Pulled", "Freed"),
        *("Arrived", "Arrived", "Accumulated", "Accumulated"),
    ]


def test_a_recorded_operation_knows_its_inputs_outputs_and_settings():
    x = av.leaf(3.0)
    with av.record() as tape:
        x**2
    (event,) = tape.of(Recorded)
    assert event.op.name == "pow"
    assert [float(value.data) for value in (*event.inputs, *event.outputs)] == [3, 9]
    assert event.settings == (("exponent", 2),)
    assert event.outputs[0].made_by == event.node


def test_a_leaf_used_twice_is_stored_once():
    w = av.leaf(3.0)
    with av.record() as tape:
        (w * w).backward()
    assert [(float(event.after), event.came, event.of) for event in tape.of(Arrived)] == [(3, 1, 2), (6, 2, 2)]
    assert [float(event.total) for event in tape.of(FannedIn)] == [6]
    assert [float(event.after) for event in tape.of(Accumulated)] == [6]


def test_what_had_arrived_before_is_exact_though_the_engine_adds_in_place():
    x = av.tensor([1.0, 1.0], requires_grad=True)
    with av.record() as tape:
        (x * 1e8 + x * 1.0 + x * 1.0).sum().backward()
    befores = [event.before for event in tape.of(Arrived) if event.of == 3]
    assert befores[0] is None
    assert [before.tolist() for before in befores[1:]] == [[1, 1], [2, 2]]


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda x: x * 2, "number"),
        (lambda x: x * av.tensor(2.0), "constant"),
        (lambda x: x * av.nn.Parameter(av.tensor(2.0), requires_grad=False), "frozen"),
    ],
)
def test_a_gradient_that_is_not_computed_has_a_reason(make, reason):
    x = av.leaf(1.0)
    with av.record() as tape:
        make(x).backward()
    assert [event.reason for event in tape.of(Stopped)] == [reason]


@pytest.mark.parametrize(
    ("run", "reason"),
    [
        (lambda x, c: c + 1, "plain"),
        (lambda x, c: x > c, "no derivative"),
        (lambda x, c: av.no_grad()(lambda: x * c)(), "no_grad"),
        (lambda x, c: av.inference_mode()(lambda: x * c)(), "inference_mode"),
        (lambda x, c: av.inference_mode()(lambda: x > c)(), "inference_mode"),
    ],
)
def test_an_operation_that_leaves_no_trace_has_a_reason(run, reason):
    x, c = av.leaf(1.0), av.tensor(2.0)
    with av.record() as tape:
        run(x, c)
    assert [event.reason for event in tape.of(NotRecorded)] == [reason]


def test_values_are_told_as_they_were_not_as_they_became():
    x = av.tensor([1.0, 2.0])
    w = av.leaf(2.0)
    with av.record() as tape:
        y = w + x
        x.zero_()
        x.requires_grad_()
    value = tape.of(Recorded)[0].inputs[1]
    assert value.data.tolist() == [1, 2]
    assert (value.requires_grad, value.version) == (False, 0)
    assert y.shape == (2,)


def test_large_tensors_are_told_by_their_shape():
    x = av.ones(100, 100).requires_grad_()
    with av.record() as tape:
        (x * 2).sum().backward()
    data = tape.of(Recorded)[0].outputs[0].data
    assert data.shape == (100, 100)
    assert data.strides == (0, 0), "one number, not ten thousand"


def test_hooks_retained_gradients_and_freeing_are_told():
    x = av.leaf(2.0)
    y = x * 3
    y.retain_grad()
    y.register_hook(lambda g: g * 2)
    with av.record() as tape:
        (y * y).backward()
    assert [(float(event.before), float(event.after)) for event in tape.of(HookRan)] == [(12, 24)]
    assert [float(event.gradient) for event in tape.of(Retained)] == [24]
    assert len(tape.of(Freed)) == 2


def test_a_hook_that_only_looks_is_told_with_what_it_saw():
    x = av.leaf(2.0)
    x.register_hook(lambda g: None)
    with av.record() as tape:
        (x * 3).backward()
    assert [(event.kind, float(event.before), float(event.after)) for event in tape.of(HookRan)] == [("tensor", 3, 3)]


def test_hooks_of_nodes_and_hooks_after_storing_are_told():
    x = av.leaf(2.0)
    x.register_post_accumulate_grad_hook(lambda leaf: None)
    y = x * 3
    y.grad_fn.register_prehook(lambda given: (given[0] * 2,))
    y.grad_fn.register_hook(lambda sent, came: (sent[0] + 1, None))
    with av.record() as tape:
        y.backward()
    seen = [(event.kind, str(event.before), str(event.after)) for event in tape.of(HookRan)]
    assert seen == [
        ("pre", "(np.float32(1.0),)", "(np.float32(2.0),)"),
        ("node", "(np.float32(6.0), None)", "(np.float32(7.0), None)"),
        ("post", "None", "7.0"),
    ]


def test_clearing_is_told_with_the_leaf_it_belongs_to():
    x = av.leaf(2.0)
    (x * 3).backward()
    with av.record() as tape:
        x.grad.zero_()
        x.grad = None
    assert [(event.how, event.leaf.data.item()) for event in tape.of(Cleared)] == [("zero", 2), ("none", 2)]
    assert float(tape.of(Cleared)[0].before) == 3


def test_an_edit_tells_who_shares_the_memory():
    x = av.tensor([1.0, 2.0])
    d = x.detach()
    with av.record() as tape:
        d.add_(1)
    (event,) = tape.of(Bumped)
    assert event.op == "add"
    assert event.value.data.tolist() == [2, 3]
    assert [value.data.tolist() for value in event.sharing] == [[2, 3]]


def test_an_edit_of_a_computed_tensor_is_a_recorded_operation():
    x = av.leaf(2.0)
    with av.record() as tape:
        y = x * 3
        y += 1
    made = tape.of(Recorded)
    assert [event.op.name for event in made] == ["mul", "add"]
    assert [event.in_place for event in made] == [False, True]
    assert tape.of(Bumped)[0].value.made_by == made[1].node


def test_an_edit_of_a_part_tells_the_new_history_of_the_whole():
    w = av.leaf(2.0)
    with av.record() as tape:
        buffer = av.zeros(3)
        buffer[0] = w
        buffer.sum().backward()
    assert [event.op.node for event in tape.of(Recorded)] == ["CopySlices", "SumBackward0"]
    assert w.grad.item() == 1


def test_both_kinds_of_detach_are_told():
    x = av.leaf(2.0) * 1
    with av.record() as tape:
        x.detach()
        x.detach_()
    assert [event.in_place for event in tape.of(Detached)] == [False, True]
    assert [event.result.made_by for event in tape.of(Detached)] == [None, None]


def test_grad_tells_what_it_hands_back():
    x, z = av.leaf(3.0), av.leaf(1.0)
    y = x**2
    with av.record() as tape:
        av.autograd.grad(y, [x, z], allow_unused=True)
    assert [None if event.gradient is None else float(event.gradient) for event in tape.of(Returned)] == [6, None]
    assert not tape.of(Accumulated)


def test_two_roots_are_one_call_and_two_backwards_are_two():
    x = av.leaf(3.0)
    y, z = x * 2, x * 3
    with av.record() as tape:
        av.autograd.backward([y, z])
        (x * 2).backward()
    assert [event.call for event in tape.of(Seeded)] == [1, 1, 2]


def test_an_optimizer_step_is_one_event():
    x = av.leaf(3.0)
    optimizer = av.optim.SGD([x], lr=0.5, momentum=0.9)
    with av.record() as tape:
        (x**2).backward()
        optimizer.step()
        optimizer.zero_grad()
    after = tape.events[kinds(tape).index("Accumulated") + 1 :]
    assert [type(event) for event in after] == [Stepped, Cleared]
    assert [float(value.data) for value in tape.of(Stepped)[0].parameters] == [0]


# ------------------------------------------------------------------------------------- what was made before it ran


def test_a_graph_that_was_made_before_is_told_when_it_is_used():
    x = av.leaf(2.0)
    y = x.exp() * 3
    with av.record() as tape:
        y.backward()
    assert kinds(tape)[:4] == ["Recorded", "Saved", "Recorded", "Saved"]
    assert [event.at for event in tape.of(Recorded)] == [None, None]


def test_a_graph_that_was_made_before_is_told_when_it_grows():
    x = av.leaf(2.0)
    y = x.exp()
    with av.record() as tape:
        z = y * 2
    assert [event.op.name for event in tape.of(Recorded)] == ["exp", "mul"]
    assert [event.at is None for event in tape.of(Recorded)] == [True, False]
    assert z.requires_grad


def test_a_freed_graph_can_be_told():
    x = av.leaf(2.0)
    y = x * x
    y.backward()
    with pytest.raises(RuntimeError), av.record() as tape:
        y.backward()
    (failed,) = tape.of(Failed)
    assert failed.node == tape.of(Recorded)[0].node
    assert failed.sentence.startswith("Trying to backward through the graph a second time")
    assert not tape.of(Pulled)


def test_saved_values_are_told_with_their_versions():
    x = av.tensor([1.0, 2.0])
    x.add_(1)
    w = av.leaf([1.0, 1.0])
    with av.record() as tape:
        w * x
    (event,) = tape.of(Saved)
    assert (event.names, event.slots, event.versions) == (("y",), (1,), (1,))


# ------------------------------------------------------------------------------------------------ the tape itself


def test_nobody_listens_after_the_block():
    assert events.listener is None
    with pytest.raises(ZeroDivisionError), av.record() as tape:
        av.leaf(1.0) * 2
        raise ZeroDivisionError("by hand")
    assert events.listener is None
    assert tape.of(Failed)[-1].sentence == "by hand"
    assert len(tape.of(Recorded)) == 1


def test_a_tape_in_a_tape_is_heard_by_both():
    x = av.leaf(2.0)
    with av.record() as outer:
        x * 1
        with av.record() as inner:
            x * 2
        x * 3
    assert (len(outer.of(Recorded)), len(inner.of(Recorded))) == (3, 1)


def test_a_tape_cannot_run_twice_at_once_but_go_on_later():
    x = av.leaf(2.0)
    tape = av.record()
    with tape:
        x * 1
        with pytest.raises(RuntimeError, match="running already"), tape:
            pass
    with tape:
        x * 2
    assert len(tape.of(Recorded)) == 2
    assert events.listener is None


def test_threads_are_recorded_too():
    x = av.leaf(2.0)

    def work():
        for _ in range(20):
            (x * 2).backward()

    with av.record() as tape:
        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(tape.of(Recorded)) == 40
    av.film(tape)


def test_a_tape_keeps_no_tensor_and_no_graph_alive():
    x = av.leaf([1.0, 2.0])
    with av.record() as tape:
        y = x * 2
        y.sum().backward()
    kept = weakref.ref(y), weakref.ref(y.grad_fn)
    del y
    gc.collect()
    assert [reference() for reference in kept] == [None, None]
    assert av.film(tape).frames


def test_events_know_the_line_that_ran():
    x = av.leaf(2.0)
    with av.record() as tape:
        y = x * 2
        y.backward()
    first = tape.positions[tape.of(Recorded)[0].at].line
    assert tape.positions[tape.of(Seeded)[0].at].line == first + 1


def test_the_same_line_is_one_position():
    x = av.leaf(2.0)
    with av.record() as tape:
        for _ in range(5):
            x = x * 2
    assert len(tape.positions) == 1


def test_two_thousand_operations_are_recorded_in_time():
    x = av.leaf(1.0)
    start = time.thread_time()
    with av.record() as tape:
        y = x
        for _ in range(2000):
            y = y + 1.0
        y.backward()
    assert time.thread_time() - start < 2
    assert len(tape.of(Pulled)) == 2000


# ------------------------------------------------------------------------------- what is noted, and what comes later


@pytest.mark.parametrize(
    "write",
    [
        lambda y: y.detach().numpy().fill(9),
        lambda y: y.data.fill_(9),
        lambda y: y.detach().add_(9),
        lambda y: setattr(y, "data", av.tensor([9.0, 9.0])),
        lambda y: av.optim.SGD([share(y)], lr=1).step(),
    ],
    ids=["numpy", "data", "detached", "assigned", "optimizer"],
)
def test_a_result_is_told_as_it_was_whoever_writes_to_its_memory(write):
    w = av.leaf([1.0, 2.0])
    with av.record() as tape:
        y = w * 2
        write(y)
        y + 1
    made = [event for event in tape.of(Recorded) if event.op.name in ("mul", "add")]
    assert made[0].outputs[0].data.tolist() == [2, 4]
    assert made[-1].inputs[0].data.tolist() == y.tolist() != [2, 4]


def share(y):
    leaf = y.detach().requires_grad_()
    leaf.grad = av.ones(2)
    return leaf


def test_a_leaf_over_memory_of_numpy_is_told_as_it_is_each_time():
    array = np.array([1.0, 2.0], dtype=np.float32)
    w = av.from_numpy(array).requires_grad_()
    with av.record() as tape:
        w * 2
        array[0] = 5
        w * 3
    assert [event.inputs[0].data.tolist() for event in tape.of(Recorded)] == [[1, 2], [5, 2]]


def test_the_gradient_that_begins_a_pass_may_be_edited_later():
    x, v = av.leaf([1.0, 2.0]), av.ones(2)
    with av.record() as tape:
        (x + 1).backward(v)
        v.fill_(7)
    assert tape.of(Seeded)[0].gradient.tolist() == [1, 1]
    assert tape.of(Pulled)[0].sent[0].tolist() == [1, 1]
    assert x.grad.tolist() == [1, 1]


def test_recording_keeps_nothing_alive_while_it_runs():
    x = av.leaf([1.0, 2.0])
    with av.record():
        y = x * 2
        y.sum().backward()
        kept = weakref.ref(y), weakref.ref(y.grad_fn), weakref.ref(y.grad_fn.next_functions[0][0])
        del y
        assert [reference() for reference in kept] == [None, None, None]


def test_a_tape_can_be_looked_at_while_its_block_runs():
    x = av.leaf(3.0)
    seen = []
    x.register_hook(lambda g: seen.append(len(tape)))
    with av.record() as tape:
        y = x * x
        assert kinds(tape) == ["Recorded", "Saved"]
        y.backward()
        assert kinds(tape)[-1] == "Accumulated"
    assert seen == [3]


def test_a_node_that_fails_has_pulled_nothing():
    x = av.leaf(2.0)
    with pytest.raises(RuntimeError, match="second time"), av.record() as tape:
        y = x.exp()
        z = y + 2
        z.backward()
        z.backward()
    assert [event.node for event in tape.of(Failed)] == [tape.of(Recorded)[0].node]
    assert [event.call for event in tape.of(Pulled)] == [1, 1, 2]


def test_the_ten_thousandth_step_costs_no_more_than_the_first():
    w = av.leaf([1.0, 2.0])
    optimizer = av.optim.SGD([w], lr=0.001)

    def steps(number):
        start = time.thread_time()
        for _ in range(number):
            optimizer.zero_grad()
            (w * w).sum().backward()
            optimizer.step()
        return time.thread_time() - start

    with av.record() as tape:
        first = min(steps(50) for _ in range(5))
        steps(1500)
        last = min(steps(50) for _ in range(5))
    assert last < 3 * first
    assert len(tape.of(Stepped)) == 2000
