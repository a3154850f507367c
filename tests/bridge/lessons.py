"""The experiments of all lessons as programs that run on both libraries."""

LEAF = "def leaf(x): return torch.tensor(x, requires_grad=True)\n"

EXPERIMENTS = {
    "01 first gradient": "x = leaf(3.0)\ny = x**2\nbefore = x.grad\ny.backward()\nz = x**2 + 2 * x\nz.backward()",
    "02 one leaf, two ways": "p, q = leaf(1.0), leaf(2.0)\ns = p + q\nt = p + 1\ny = s * t\ny.backward()",
    "02 power": "k, m, v = leaf(0.5), leaf(2.0), leaf(2.0)\nz = v * k**m + 1\nz.backward()",
    "02 doublings": "h = leaf(1.0)\nr = h\nfor i in range(8): r = r + r\nr.backward()",
    "02 many inputs": "x = leaf([1.0, 2.0])\ntorch.cat([x, x, x]).sum().backward()\n(x * x).exp().sum().backward()",
    "03 flags": """
for fa in (False, True):
    for fb in (False, True):
        a, b = torch.tensor(1.0, requires_grad=fa), torch.tensor(1.0, requires_grad=fb)
        total = a + b
        if total.requires_grad:
            total.backward()
""",
    "03 nobody asks": "c, d = torch.tensor(1.0), torch.tensor(2.0)\n(c + d).backward()",
    "03 one asks": "c, d, w = torch.tensor(1.0), torch.tensor(2.0), leaf(3.0)\ntotal = w + (c + d)\ntotal.backward()",
    "03 inputs": "a, b = leaf(2.0), leaf(3.0)\n(a * b).backward(inputs=[a])",
    "03 whole numbers": "torch.tensor(2, requires_grad=True)",
    "03 a flag on the loss": """
w, x = leaf(3.0), torch.tensor(2.0)
loss = torch.tensor((w * x).item()) ** 2
loss.requires_grad_(True)
loss.backward()
""",
    "03 cut by a comparison": "w = leaf([1.0, 3.0])\nhits = (w > 2).float()\nhits.mean().backward()",
    "04 retain_grad": """
p, q = leaf(1.0), leaf(2.0)
s, t = p + q, p + 1
y = s * t
s.retain_grad()
t.retain_grad()
y.backward()
""",
    "04 a leaf by accident": "u = torch.arange(1.0, 7.0, requires_grad=True).reshape(-1, 3)\nu.sum().backward()",
    "04 catalogue": """
a = leaf([1.0, 2.0])
ones = torch.ones(2) + torch.ones(2)
b, c, d = a * 1, a.double(), a.detach()
e, f = (a * 2).detach().requires_grad_(), torch.nn.Parameter(a * 2)
g = a.reshape(1, -1)
(b.sum() + c.sum() + (e * f).sum() + g.sum() + (d * ones).sum()).backward()
""",
    "04 too late": "x = leaf(2.0)\nh = x * 3\n(h * h).backward()\nh.retain_grad()",
    "05 matrix": """
e = torch.eye(5, requires_grad=True)
o = (e + 1) ** 2
o.backward(torch.ones(5, 5), retain_graph=True)
o.backward(torch.ones(5, 5), retain_graph=True)
e.grad.zero_()
o.backward(torch.ones(5, 5))
""",
    "05 zero and None": "x, unused = leaf(1.0), leaf(1.0)\n(x * 0).backward()\nx.grad = None\n(x * 0).backward()",
    "05 halves": """
w, x = leaf(0.5), torch.arange(0.0, 8.0)
y = 2 * x
((w * x - y) ** 2).mean().backward()
w.grad = None
for part in (slice(0, 4), slice(4, 8)):
    (((w * x[part] - y[part]) ** 2).mean() / 2).backward()
""",
    "06 loop": """
w = leaf(0.0)
for step in range(3):
    if w.grad is not None:
        w.grad.zero_()
    loss = (w - 1) ** 2
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
""",
    "06 rebinding": "w = leaf(1.0)\n(w * w).backward()\nw2 = w - 0.1 * w.grad\n(w2 * w2).backward()",
    "06 optimizer": """
w = leaf(2.0)
opt = torch.optim.SGD([w], lr=0.1)
for step in range(3):
    (3 * w).backward()
    opt.step()
opt.zero_grad()
(3 * w).backward()
opt.step()
""",
    "06 momentum": """
w = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
opt = torch.optim.SGD([w], lr=0.1, momentum=0.9, weight_decay=0.1)
for step in range(2):
    opt.zero_grad(set_to_none=False)
    (w * w).sum().backward()
    opt.step()
""",
    "06 adam": """
w = leaf([1.0, -2.0])
opt = torch.optim.Adam([w], lr=0.5)
for step in range(2):
    opt.zero_grad()
    (w**2).sum().backward()
    opt.step()
""",
    "06 a list of parameters": """
ws = [leaf(1.0), leaf(2.0)]
(ws[0] * ws[1]).backward()
with torch.no_grad():
    for w in ws:
        w -= 0.5 * w.grad
        w.grad.zero_()
""",
    "07 vector": """
x = leaf([2.0, 3.0])
y = torch.stack([x[0] * x[1], x[0] + x[1]])
y.backward(torch.tensor([1.0, 10.0]))
""",
    "07 no scalar": "x = leaf([2.0, 3.0])\ny = torch.stack([x[0] * x[1], x[0] + x[1]])\ny.backward()",
    "07 layer": """
x, y = torch.ones(5), torch.zeros(3)
w, b = torch.zeros(5, 3, requires_grad=True), torch.zeros(3, requires_grad=True)
z = torch.matmul(x, w) + b
loss = torch.nn.functional.binary_cross_entropy_with_logits(z, y)
loss.backward()
""",
    "08 switches": """
w, x = leaf([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[1.0, 0.0]])
with torch.no_grad():
    off = torch.relu(x @ w)
on = torch.relu(x @ w)
after = on.detach()
with torch.set_grad_enabled(False):
    no = on * 2
on.sum().backward()
""",
    "08 inference": "with torch.inference_mode(): t = torch.ones(1) * 2\nw = leaf([3.0])\n(w + t).backward()\nw * t",
    "08 decorator": """
w = leaf(2.0)
@torch.no_grad()
def score(x):
    return w * x
s = score(torch.tensor(3.0))
y = w * s
y.backward()
""",
    "09 cut": "a = leaf([1.0, 2.0])\nx = 2 * a\n(x * x.detach()).sum().backward()",
    "09 shared memory": "a = leaf([1.0, 2.0])\nx = 2 * a\nd = x.detach()\nd[0] = 100\nx.sum().backward()",
    "09 cut in place": "a = leaf(1.0)\nx = 2 * a\ny = x * 3\nx.detach_()\ny.backward()",
    "09 hand over": """
a = leaf(2.0)
x = 3 * a
d = x.detach().requires_grad_()
(d * d).backward()
x.backward(d.grad)
""",
    "09 straight through": "x = leaf([0.4, 1.6])\nst = x + (x.round() - x).detach()\nst.sum().backward()",
    "10 second time": "a = leaf(3.0)\nh = a * a\nl1 = 2 * h\nl2 = h * h\nl1.backward()\nl2.backward()",
    "10 retained": "a = leaf(3.0)\nh = a * a\nl1 = 2 * h\nl2 = h * h\nl1.backward(retain_graph=True)\nl2.backward()",
    "10 nothing to free": "a = leaf(3.0)\ny = a + a - 1\ny.backward()\ny.backward()",
    "10 sum": "a = leaf(3.0)\nh = a * a\n(2 * h + h * h).backward()",
    "10 wrong argument": "y = leaf(3.0) * 2\ny.backward(True)",
    "11 edited result": "x = leaf([1.0, 2.0])\ny = x.exp()\ny.add_(1)\ny.sum().backward()",
    "11 edited and not needed": "x = leaf([1.0, 2.0])\ny = 2 * x\ny.add_(1)\ny.sum().backward()",
    "11 edited input": "x = leaf([1.0, 2.0])\nh = x * 1\ny = h**2\nh.add_(1)\ny.sum().backward()",
    "11 leaf": "x = leaf([1.0, 2.0])\nx.add_(1)",
    "11 leaf without recording": "x = leaf([1.0, 2.0])\nwith torch.no_grad(): x.add_(1)\n(x * x).sum().backward()",
    "11 buffer": "w, buf = leaf([1.0, 2.0, 3.0]), torch.zeros(3)\nbuf[0] = w[0] * 2\nbuf.sum().backward()",
    "11 data": "a = leaf([1.0, 2.0])\ns = a.sigmoid()\ns.data.zero_()\ns.sum().backward()",
    "11 detached edit": "a = leaf([1.0, 2.0])\ns = a.sigmoid()\ns.detach().zero_()\ns.sum().backward()",
    "12 hooks": """
x = leaf(2.0)
h = x * 3
h.retain_grad()
handle = h.register_hook(lambda g: 10 * g)
(h * h).backward()
handle.remove()
(x * 2).backward()
""",
    "12 silent hook": """
x, seen = leaf(2.0), []
x.register_hook(lambda g: seen.append(g.item()))
(x * x + x).backward()
""",
    "13 grad": "x = leaf(3.0)\n(g,) = torch.autograd.grad(x**2 * 2, x)",
    "13 unused": "x, z = leaf(3.0), leaf(1.0)\ng = torch.autograd.grad(x * 2, [x, z], allow_unused=True)",
    "13 unused and not allowed": "x, z = leaf(3.0), leaf(1.0)\ng = torch.autograd.grad(x * 2, [x, z])",
    "13 without create_graph": "x = leaf(3.0)\n(x**3).backward()\nx.grad.backward()",
    "14 frozen": """
A, B, C = (torch.nn.Parameter(torch.tensor(v)) for v in (2.0, 3.0, 4.0))
B.requires_grad_(False)
x = torch.tensor(1.0)
(C * (B * (A * x))).backward()
""",
    "14 detached": """
A, B, C = (torch.nn.Parameter(torch.tensor(v)) for v in (2.0, 3.0, 4.0))
middle = (B * (A * torch.tensor(1.0))).detach()
(C * middle).backward()
""",
    "14 no_grad": """
A, B, C = (torch.nn.Parameter(torch.tensor(v)) for v in (2.0, 3.0, 4.0))
with torch.no_grad():
    middle = B * (A * torch.tensor(1.0))
(C * middle).backward()
""",
    "14 two networks": """
def net(sizes):
    parts = []
    for n, m in zip(sizes, sizes[1:]):
        layer = torch.nn.Linear(n, m)
        with torch.no_grad():
            layer.weight.copy_(torch.arange(0.0, float(n * m)).reshape(m, n) / 10)
            layer.bias.zero_()
        parts += [layer, torch.nn.ReLU()]
    return torch.nn.Sequential(*parts)
net1, net2 = net([2, 3]), net([3, 2])
opt = torch.optim.SGD([*net1.parameters(), *net2.parameters()], lr=0.1, momentum=0.9)
x, target = torch.tensor([[1.0, 2.0]]), torch.tensor([1])
for step in range(2):
    opt.zero_grad()
    loss = torch.nn.functional.cross_entropy(net2(net1(x)), target)
    loss.backward()
    opt.step()
net1.requires_grad_(False)
torch.nn.functional.cross_entropy(net2(net1(x)), target).backward()
""",
    "14 convolution": """
layer = torch.nn.Conv2d(1, 2, 2)
with torch.no_grad():
    layer.weight.fill_(0.5)
    layer.bias.zero_()
x = torch.arange(0.0, 16.0).reshape(1, 1, 4, 4)
out = torch.nn.functional.max_pool2d(torch.relu(layer(x)), 2)
out.flatten(1).sum().backward()
""",
    "15 gan": """
G, D = leaf(2.0), leaf(3.0)
fake = G * 1
score = D * fake.detach()
score.backward()
D.grad = None
(-(D * fake)).backward()
""",
    "15 gan attached": "G, D = leaf(2.0), leaf(3.0)\nfake = G * 1\n(D * fake).backward()\n(-(D * fake)).backward()",
    "15 bootstrapped": """
w = leaf(2.0)
v = w * 1
target = 1 + 0.5 * (w * 3)
((v - target) ** 2).backward()
w.grad = None
v = w * 1
target = (1 + 0.5 * (w * 3)).detach()
((v - target) ** 2).backward()
""",
    "15 truncated": """
w, h = leaf(0.5), torch.tensor(1.0)
for step in range(4):
    if step % 2 == 0:
        h = h.detach()
    h = w * h
h.backward()
""",
    "16 another kind": "w = leaf([1.0, 2.0])\nd = w.double()\nd.sum().backward()",
}

# What else a learner writes, or trips over.
MORE = {
    "several roots": "x = leaf([1.0, 2.0])\ntorch.autograd.backward([x.sum(), (x * x).sum()])",
    "a hook that raises": """
x = leaf([1.0, 2.0])
y = x * 2
def bad(g):
    raise ValueError("no")
y.register_hook(bad)
y.sum().backward()
""",
    "a module, cleared": """
net = torch.nn.Linear(2, 1)
with torch.no_grad():
    net.weight.fill_(1.0)
    net.bias.fill_(0.0)
net(torch.ones(1, 2)).sum().backward()
net.zero_grad()
""",
    "several outputs": "x = leaf([3.0, 1.0, 2.0])\na, b, c = x.unbind()\n(a * c).backward()",
    "sorting": """
x = leaf([3.0, 1.0, 2.0])
values, places = x.sort()
(values * torch.tensor([1.0, 2.0, 3.0])).sum().backward()
""",
    "normalised": "x = leaf([[1.0, 2.0], [3.0, 5.0]])\ntorch.nn.functional.layer_norm(x, [2]).pow(2).sum().backward()",
    "embedding": """
w = leaf([[1.0, 2.0], [3.0, 4.0]])
torch.nn.functional.embedding(torch.tensor([0, 1, 0]), w).sum().backward()
""",
    "a batch of matrices": "a, b = leaf([[[1.0, 2.0]]]), leaf([[[3.0], [4.0]]])\n(a @ b).sum().backward()",
    "broadcast": "x, y = leaf([[1.0], [2.0]]), leaf([3.0, 4.0])\n(x * y).sum().backward()",
    "kinds": "x, y = leaf(2.0), torch.tensor(3.0, dtype=torch.float64)\n(x * y).backward()",
    "shapes that do not fit": "x = leaf([1.0, 2.0])\nx * torch.ones(3)",
}

PROGRAMS = {name: LEAF + text for name, text in (EXPERIMENTS | MORE).items()}
