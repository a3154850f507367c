"""Tensors on devices: where they are, how they move, what refuses to mix, and what is counted."""

import copy
import io
import pickle

import numpy as np
import pytest

import autovis as av
from autovis import nn, optim

MIXED = "Expected all tensors to be on the same device, but found at least two devices, sim:0 and cpu!"


@pytest.fixture(autouse=True)
def _from_zero():
    av.sim.reset()


def counts():
    return av.sim.transfers.to_device, av.sim.transfers.to_host, av.sim.transfers.between


# ------------------------------------------------------------------------------------------------------- being there


@pytest.mark.parametrize(
    "make",
    [
        lambda **where: av.zeros(2, **where),
        lambda **where: av.ones((2,), **where),
        lambda **where: av.full((2,), 3.0, **where),
        lambda **where: av.eye(2, **where),
        lambda **where: av.empty(2, **where),
        lambda **where: av.arange(3, **where),
        lambda **where: av.linspace(0, 1, 5, **where),
        lambda **where: av.rand(2, **where),
        lambda **where: av.randn(20, **where),
        lambda **where: av.randint(5, (2,), **where),
        lambda **where: av.randperm(5, **where),
        lambda **where: av.tril_indices(2, 2, **where),
        lambda **where: av.zeros_like(av.ones(2), **where),
        lambda **where: av.rand_like(av.ones(2), **where),
        lambda **where: av.ones(2).new_zeros(3, **where),
        lambda **where: av.ones(2).new_full((3,), 2.0, **where),
    ],
)
def test_creators_make_the_same_numbers_anywhere_without_a_transfer(make):
    av.manual_seed(0)
    here = make()
    av.manual_seed(0)
    there = make(device="sim")
    assert (here.device.type, there.device.type) == ("cpu", "sim")
    assert counts() == (0, 0, 0)
    assert there.dtype is here.dtype
    assert there.tolist() == here.tolist()


def test_data_has_to_be_brought():
    x = av.tensor([1.0, 2.0], device="sim", requires_grad=True)
    assert x.is_leaf
    assert counts() == (1, 0, 0)
    assert av.sim.transfers.bytes == 8


def test_what_is_made_like_a_tensor_is_beside_it():
    x = av.ones(2, device="sim:1")
    for made in (av.zeros_like(x), x.new_ones(3), x.new_tensor([1]), av.full_like(x, 2), x.clone(), x[0], x.long()):
        assert made.device == av.device("sim:1")


def test_a_default_device_is_where_new_tensors_are_made():
    with av.device("sim"):
        net = nn.Linear(2, 1)
        with av.device("cpu"):
            assert av.ones(1).device.type == "cpu"
        assert av.get_default_device() == av.device("sim:0")
        assert av.as_tensor([1.0]).device.type == av.tensor(1.0).device.type == "sim"
        assert av.from_numpy(np.ones(1)).device.type == "cpu"
    assert {p.device.type for p in net.parameters()} == {"sim"}
    av.set_default_device("sim:1")
    assert av.ones(1).device == av.device("sim", 1)
    av.set_default_device(None)
    assert av.ones(1).device.type == "cpu"


def test_a_generator_belongs_to_a_device():
    source = av.Generator(device="sim").manual_seed(3)
    drawn = av.rand(2, generator=source, device="sim")
    assert drawn.tolist() == av.rand(2, generator=av.Generator().manual_seed(3)).tolist()
    with pytest.raises(RuntimeError, match="Expected a 'cpu' device type for generator but found 'sim'"):
        av.rand(2, generator=source)


# ----------------------------------------------------------------------------------------------------------- moving


def test_a_moved_leaf_is_computed_and_its_gradient_comes_back():
    w = av.tensor([1.0, 2.0], requires_grad=True)
    moved = w.to("sim")
    assert not moved.is_leaf
    assert moved.grad_fn.name() == "ToCopyBackward0"
    (moved * moved).sum().backward()
    assert counts() == (1, 1, 0)
    assert w.grad.device.type == "cpu"
    assert w.grad.tolist() == [2.0, 4.0]


def test_a_gradient_goes_back_through_a_moved_intermediate():
    w = av.tensor([1.0, 2.0], requires_grad=True)
    (w * w).to("sim").mul(3).sum().backward()
    assert counts() == (1, 1, 0)
    assert w.grad.tolist() == [6.0, 12.0]


def test_the_gradient_of_a_leaf_is_where_the_leaf_is():
    w = av.ones(2, device="sim", requires_grad=True)
    (w * 3).sum().backward()
    (w * 3).sum().backward()
    assert w.grad.device == w.device
    assert w.grad.tolist() == [6.0, 6.0]


def test_what_is_there_stays_itself():
    x = av.ones(2, device="sim")
    assert x.to("sim") is x.to("sim:0") is x.to(x) is x.to(x.device, x.dtype) is x
    assert x.to("sim", copy=True) is not x
    assert x.cpu().cpu() is not x
    y = av.ones(2)
    assert y.cpu() is y.to("cpu") is y


def test_one_step_changes_device_and_kind():
    x = av.ones(2, requires_grad=True)
    moved = x.to("sim", av.float64, non_blocking=True)
    assert (moved.dtype, moved.device.type) == (av.float64, "sim")
    assert moved.grad_fn.next_functions[0][0].name() == "torch::autograd::AccumulateGrad"
    moved.sum().backward()
    assert x.grad.dtype is av.float32
    assert not x.to("sim", av.int64).requires_grad


def test_between_two_devices():
    x = av.ones(2, device="sim:0", requires_grad=True)
    x.to("sim:1").sum().backward()
    assert counts() == (0, 0, 2)
    assert x.grad.device == av.device("sim:0")


def test_a_second_derivative_through_a_move():
    x = av.tensor([2.0], requires_grad=True)
    (first,) = av.autograd.grad((x.to("sim") ** 3).sum(), x, create_graph=True)
    (second,) = av.autograd.grad(first.sum(), x)
    assert (first.item(), second.item()) == (12.0, 12.0)


def test_copy_crosses_from_one_device_to_another():
    x = av.zeros(2)
    x.copy_(av.ones(2, device="sim"))
    y = av.zeros(2, device="sim")
    y[0] = av.tensor(3.0)
    assert (x.tolist(), y.tolist()) == ([1.0, 1.0], [3.0, 0.0])


# ------------------------------------------------------------------------------------------------- what does not mix


@pytest.mark.parametrize(
    "mix",
    [
        lambda x, y: x + y,
        lambda x, y: y * x,
        lambda x, y: x.clone().add_(y),
        lambda x, y: y.clone().sub_(x),
        lambda x, y: x > y,
        lambda x, y: av.maximum(x, y),
        lambda x, y: av.where(x > 0, x, y),
    ],
)
def test_tensors_on_two_devices_do_not_mix(mix):
    with pytest.raises(RuntimeError) as caught:
        mix(av.ones(2, device="sim"), av.ones(2))
    assert str(caught.value) == MIXED
    assert caught.value.__notes__ == ["Move one of them: x.to(y.device)."]


def test_two_devices_of_a_sort_are_two_devices():
    with pytest.raises(RuntimeError, match="found at least two devices, sim:0 and sim:1!"):
        av.ones(2, device="sim:0") + av.ones(2, device="sim:1")
    with pytest.raises(RuntimeError, match="found at least two devices, sim:0 and sim:1!"):
        av.ones(2, device="sim:0") * av.ones((), device="sim:1")


def test_a_product_names_the_argument_that_is_elsewhere():
    with pytest.raises(RuntimeError) as caught:
        nn.Linear(2, 1)(av.ones(1, 2, device="sim"))
    assert "different from other tensors on" in str(caught.value)
    with pytest.raises(RuntimeError) as caught:
        av.ones(2, 2, device="sim") @ av.ones(2, 2)
    assert str(caught.value) == (
        "Expected all tensors to be on the same device, but got mat2 is on cpu, different from other tensors on sim:0"
        " (when checking argument in method wrapper_SIM_mm)"
    )


def test_single_numbers_of_the_host_mix_and_get_their_gradients():
    x, s = av.ones(2, device="sim", requires_grad=True), av.tensor(3.0, requires_grad=True)
    y = s * x + av.tensor(1)
    assert y.device.type == "sim"
    y.sum().backward()
    y = s * x
    y.sum().backward()
    assert (x.grad.tolist(), s.grad.item()) == ([6.0, 6.0], 4.0)
    assert (x.grad.device.type, s.grad.device.type) == ("sim", "cpu")


def test_an_index_may_come_from_the_host():
    x = av.tensor([1.0, 2.0, 3.0], device="sim", requires_grad=True)
    x[[0, 2]].sum().backward()
    assert x[av.tensor([1])].item() == 2.0
    assert x.grad.tolist() == [1.0, 0.0, 1.0]
    with pytest.raises(RuntimeError, match="either on cpu or on the same device as the indexed tensor \\(cpu\\)"):
        av.ones(2)[av.tensor([0], device="sim")]


def test_numpy_sees_the_host_only():
    x = av.ones(2, device="sim")
    for look in (x.numpy, lambda: np.asarray(x)):
        with pytest.raises(TypeError) as caught:
            look()
        assert str(caught.value) == (
            "can't convert sim:0 device type tensor to numpy. Use Tensor.cpu() to copy the tensor to host memory first."
        )
    with pytest.raises(TypeError, match="Implicit conversion to a NumPy array is not allowed"):
        np.asarray(x.numbers)
    assert x.cpu().numpy().tolist() == x.numpy(force=True).tolist() == [1.0, 1.0]


def test_a_gradient_is_assigned_where_its_tensor_is():
    x = av.ones(2, requires_grad=True)
    with pytest.raises(RuntimeError, match="a gradient with device type 'sim' to a tensor with device type 'cpu'"):
        x.grad = av.ones(2, device="sim")
    with pytest.raises(RuntimeError, match="expected device cpu but got sim:0"):
        (x * 2).backward(av.ones(2, device="sim"))


# ------------------------------------------------------------------------------------------------------ without a GPU


@pytest.mark.parametrize(
    "ask",
    [
        lambda: av.ones(2, device="cuda"),
        lambda: av.ones(2).cuda(),
        lambda: av.ones(2).to("cuda:0"),
        lambda: nn.Linear(1, 1).cuda(),
        lambda: av.Generator(device="cuda"),
    ],
)
def test_without_cupy_the_error_names_the_cure(ask, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "cupy", None)
    with pytest.raises(AssertionError) as caught:
        ask()
    assert str(caught.value) == "Torch not compiled with CUDA enabled"
    assert 'pip install "autovis[cuda]"' in caught.value.__notes__[0]
    assert '"sim"' in caught.value.__notes__[0]


# ---------------------------------------------------------------------------------------------- programs on a device


def test_a_module_moves_and_keeps_its_parameters():
    net = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(3, 1))
    before = list(net.parameters())
    net(av.ones(2, 2)).sum().backward()
    assert net.to("sim") is net
    assert all(new is old for new, old in zip(net.parameters(), before, strict=True))
    assert {x.device.type for x in (*net.parameters(), *net.buffers())} == {"sim"}
    assert all(p.is_leaf and p.grad.device.type == "sim" for p in net.parameters())
    assert net(av.ones(2, 2, device="sim")).device.type == "sim"
    assert net.cpu()[0].weight.device.type == "cpu"


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta"])
def test_training_takes_the_same_steps_on_a_device(name):
    found = []
    for device in ("cpu", "sim"):
        av.manual_seed(1)
        net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Dropout(0.25), nn.Linear(4, 2)).to(device)
        x, y = av.randn(8, 3, device=device), av.arange(8, device=device) % 2
        more = {"momentum": 0.9} if name == "SGD" else {}
        rule = getattr(optim, name)(net.parameters(), lr=0.05, **more)
        for _ in range(4):
            rule.zero_grad()
            loss = nn.functional.cross_entropy(net(x), y)
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 0.5)
            rule.step()
        again = getattr(optim, name)(net.parameters(), lr=0.05, **more)
        again.load_state_dict(copy.deepcopy(rule.state_dict()))
        loss.detach()
        rule.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        again.step()
        found.append([p.tolist() for p in net.parameters()])
    assert found[0] == found[1]


def test_a_batch_that_is_moved_in_the_loop_costs_a_transfer_each_time():
    data, w = av.ones(3, 4, 2), av.ones(2, device="sim", requires_grad=True)
    for batch in data:
        (batch.to("sim") @ w).sum().backward()
    assert counts() == (3, 0, 0)
    av.sim.reset()
    everything = data.to("sim")
    for batch in everything:
        (batch @ w).sum().backward()
    assert counts() == (1, 0, 0)
    total = w.grad.sum()
    assert total.item() == 48.0
    assert counts() == (1, 1, 0)


# ------------------------------------------------------------------------------------------------ printed and stored


def test_a_device_is_printed_where_it_is_not_the_host():
    x = av.tensor([1.0, 2.0], device="sim", requires_grad=True)
    assert repr(x) == "tensor([1., 2.], device='sim:0', requires_grad=True)"
    assert repr(x * 2) == "tensor([2., 4.], device='sim:0', grad_fn=<MulBackward0>)"
    assert (x.type(), x.get_device(), x.is_cuda) == ("torch.sim.FloatTensor", 0, False)
    assert counts() == (1, 0, 0)


def test_a_stored_tensor_comes_back_to_its_device_or_to_another():
    x = av.tensor([1.0, 2.0], device="sim", requires_grad=True)
    assert pickle.loads(pickle.dumps(x)).device == x.device
    assert copy.deepcopy(x).device == x.device
    places = {None: "sim:0", "cpu": "cpu", "sim:1": "sim:1", av.device("cpu"): "cpu"}
    for place, wanted in places.items():
        file = io.BytesIO()
        av.save({"x": x}, file)
        file.seek(0)
        found = av.load(file, map_location=place)["x"]
        assert (str(found.device), found.tolist(), found.requires_grad) == (wanted, [1.0, 2.0], True)
    file.seek(0)
    assert av.load(file, map_location={"sim:0": "cpu"})["x"].device.type == "cpu"


# -------------------------------------------------------------------------------------------------------- the arrays


def test_an_array_of_a_device_behaves_as_one_of_numpy():
    x = av.arange(6.0, device="sim").reshape(2, 3).numbers
    view = x[1]
    view += 1
    view[0] *= 2
    assert x.tolist() == [[0.0, 1.0, 2.0], [8.0, 5.0, 6.0]]
    assert (len(x), x.T.shape, x.flags.c_contiguous, x.T.flags.c_contiguous) == (2, (3, 2), True, False)
    total = np.add.reduce(x, axis=None)
    assert (type(total), total.shape, float(total), bool(total > 3)) == (type(x), (), 22.0, True)
    assert [row.tolist() for row in x] == x.tolist()
    assert pickle.loads(pickle.dumps(x)).device == x.device
    assert repr(x[0]) == "array([0., 1., 2.], dtype=float32) on sim:0"


def test_an_edit_shows_through_views_and_expanded_memory_is_refused():
    x = av.zeros(2, 2, device="sim")
    x[:, 0].add_(1)
    x.t()[1].fill_(5)
    assert x.tolist() == [[1.0, 5.0], [1.0, 5.0]]
    with pytest.raises(RuntimeError, match="more than one element of the written-to tensor"):
        av.ones(1, device="sim").expand(3).add_(1)
