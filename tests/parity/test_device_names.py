"""What PyTorch's CPU build can tell of devices: names, arguments of `to` and of creators, what a program asks first."""

import pytest
from transcripts import both

NAMES = [
    "'cpu'", "'cuda'", "'cuda:1'", "'cuda', 0", "'cuda', index=1", "type='cuda', index=1", "torch.device('cuda:1')",
    "'cuda:0', 0", "'cuda', -1", "-1", "0", "", "'foo'", "''", "'cuda:'", "'cuda:01'", "'cuda:x'", "'cuda:-1'",
    "'cuda', '0'",
]  # fmt: skip
SESSIONS = {
    **{f"device({name})": f"d = torch.device({name})\nd, str(d), d.type, d.index" for name in NAMES},
    "comparisons": """
        torch.device('cuda:0') == torch.device('cuda', 0)
        torch.device('cuda') == torch.device('cuda:0')
        torch.device('cpu') == 'cpu'
        torch.device('cpu') != 'cpu'
        len({torch.device('cpu'), torch.device('cpu'), torch.device('cuda')})
        torch.device('cpu') < torch.device('cuda')
        isinstance(torch.device('cpu'), torch.device)
        f"{torch.device('cuda:1')}"
        import copy, pickle
        pickle.loads(pickle.dumps(torch.device('cuda:1')))
        copy.deepcopy(torch.device('cuda:1'))
        """,
    "what programs ask first": """
        torch.cuda.is_available(), torch.cuda.device_count(), torch.cuda.is_initialized()
        torch.device('cuda' if torch.cuda.is_available() else 'cpu')
        torch.cuda.current_device()
        torch.cuda.synchronize()
        torch.cuda.get_device_name(0)
        torch.cuda.empty_cache()
        torch.cuda.memory_allocated()
        torch.cuda.manual_seed(0)
        torch.backends.mps.is_available()
        torch.get_default_device()
        """,
    "asking for a GPU": """
        x = torch.ones(2)
        x.cuda()
        x.cuda(0)
        x.cuda('cpu')
        x.to('cuda')
        x.to('cuda:1')
        x.to(0)
        x.to(torch.device('cuda'))
        torch.ones(2, device='cuda')
        torch.ones(2, device=0)
        torch.tensor([1.], device='cuda')
        torch.zeros_like(x, device='cuda')
        x.new_ones(2, device='cuda')
        torch.nn.Linear(2, 1).cuda()
        torch.nn.Linear(2, 1, device='cuda')
        torch.ones(2, device='xpu')
        torch.ones(2, device='foo')
        torch.ones(2, device=3.5)
        torch.tensor(1., device=3.5)
        x.pin_memory()
        """,
    "to": """
        x = torch.ones(2, requires_grad=True); i = torch.arange(2)
        x.to('cpu') is x, x.to(x) is x, x.cpu() is x, x.to() is x, x.to(None) is x, x.to('cpu', None) is x
        x.to(copy=True)
        x.to('cpu', copy=True).grad_fn
        x.to(torch.float64, copy=True)
        x.to('cpu', torch.float64, False, True)
        x.to(torch.float64, True)
        x.to(i), x.to(i, True, True), x.to(tensor=i)
        x.to(float), x.to(dtype=float)
        x.to('cpu', 3)
        x.to('cpu', torch.float64, 1)
        x.to([])
        x.to(dtype=3)
        x.to('foo')
        x.to('cuda:x')
        x.type(), x.get_device(), x.is_cuda, x.is_cpu, x.device, x.is_pinned()
        """,
    "default device": """
        torch.set_default_device('cpu')
        torch.get_default_device(), torch.ones(1).device
        with torch.device('cpu'): print(torch.ones(1).device)
        torch.set_default_device('foo')
        torch.set_default_device(None)
        torch.get_default_device()
        """,
    "generators": """
        torch.Generator().device, torch.Generator('cpu').device, torch.Generator(device=torch.device('cpu')).device
        torch.Generator(device='foo')
        """,
    "stored": """
        import io
        f = io.BytesIO(); torch.save({'x': torch.ones(2)}, f)
        for place in (None, 'cpu', torch.device('cpu'), {'cpu': 'cpu'}, lambda storage, where: storage):
            _ = f.seek(0); print(torch.load(f, map_location=place))
        _ = f.seek(0)
        torch.load(f, map_location='cuda')
        """,
}


@pytest.mark.parametrize("session", SESSIONS.values(), ids=list(SESSIONS))
def test_devices_read_the_same_on_both(session):
    ours, theirs = both(session)
    assert ours == theirs
