"""The programs of the five source articles print on autovis what they print on PyTorch, line by line.

They are written out as published. Where the publication damaged them, as little as possible is restored, and each
restoration is said beside the program; where a program cannot run, it fails with the same error on both.
"""

import pytest
from transcripts import both, run_program, run_session

PROGRAMS = {
    # ------------------------------------------------------------------------------ 001: backward, no_grad, v^T J
    # Restored: a seed, so that both draw the same weights.
    "001 one layer": """
        import torch
        torch.manual_seed(0)
        ## input tensor
        x = torch.ones(5)
        ## expected output
        y = torch.zeros(3)
        w = torch.randn(5,3,requires_grad=True)
        b = torch.randn(3,requires_grad=True)
        z = torch.matmul(x,w) + b
        loss = torch.nn.functional.binary_cross_entropy_with_logits(z,y)
        print("z = "+str(z.grad_fn))
        print("loss = "+str(loss.grad_fn))
        loss.backward()
        print(w.grad)
        print(b.grad)
        z = torch.matmul(x,w) + b
        print(z.requires_grad)

        with torch.no_grad():
            z = torch.matmul(x,w) + b
        print(z.requires_grad)

        z = torch.matmul(x,w) + b
        z_det = z.detach()
        print(z_det.requires_grad)
        """,
    "001 three calls": """
        import torch
        inp = torch.eye(5,requires_grad=True)
        out = (inp+1).pow(2)
        out.backward(torch.ones_like(inp),retain_graph=True)
        print("First Call\\n"+str(inp.grad))
        out.backward(torch.ones_like(inp),retain_graph=True)
        print("\\nSecond Call\\n"+str(inp.grad))
        inp.grad.zero_()
        out.backward(torch.ones_like(inp),retain_graph=True)
        print("\\nCall after zeroing gradients\\n"+str(inp.grad))
        """,
    # --------------------------------------------------------------------------------- 002: Variable and Tensor
    "002 range": """
        import torch
        from torch.autograd import Variable # Variabl
        lis=torch.range(1,6).reshape((-1,3))# 1~6
        # (-1 ) 3 floattensor

        print(lis)
        print(lis.requires_grad) # requires_grad Flase

        lis.requires_grad_() # .requires_grad_() requires_grad true
        print(lis.requires_grad)
        """,
    # Restored: the closing bracket that stands inside the Korean sentence.
    "002 a Variable of a range": """
        import torch
        from torch.autograd import Variable
        a=Variable(range(6)).reshape((-1,3))
        """,
    "002 FloatTensor": """
        import torch
        from torch.autograd import Variable
        tensor=torch.FloatTensor(range(8)).reshape((-1,4))
        my_ten=Variable(tensor)
        print(my_ten)
        print(my_ten.requires_grad)

        my_ten.requires_grad_()
        print(my_ten.requires_grad)
        """,
    # Restored: `import torch`. As a program it ends at `z . backward ( )`.
    "002 the official page": (
        OFFICIAL := """
        import torch
        #  requires_grad = False Tensor
        x = torch . ones ( 1 ) # create a tensor with requires_grad=False (default)
        x . requires_grad
        # out: False

        #  Tensor, requires_grad = False
        y = torch . ones ( 1 ) # another tensor with requires_grad=False
        # both inputs have requires_grad=False. so does the output
        z = x + y
        #  Tensor x,y,requires_grad=False. ,
        #  (operation)z=x+y z ,requires_grad=False
        z . requires_grad
        # out: False

        # then autograd won't track this computation. let's verify!
        #  autograd,
        z . backward ( )
        # out: :RuntimeError: element 0 of tensors does not require grad and does not have a grad_fn

        # now create a tensor with requires_grad=True
        w = torch . ones ( 1 , requires_grad = True )
        w . requires_grad
        # out: True

        # add to the previous result that has require_grad=False
        #  total Tensor w requires_grad=True, .
        total = w + z
        # the total sum now requires grad!
        total . requires_grad
        # out: True
        # autograd can compute the gradients as well
        total . backward ( )
        w . grad
        #out: tensor([ 1.])

        # and no computation is wasted to compute gradients for x, y and z, which don't require grad
        #  z,x,y requires_grad=False,
        z . grad == x . grad == y . grad == None
        # True
        existing_tensor . requires_grad_ ( )
        existing_tensor . requires_grad
        # out:True
        """
    ),
    "002 zeros": """
        import torch
        my_tensor = torch.zeros(3,4,requires_grad = True)
        my_tensor.requires_grad
        # out: True
        print(my_tensor.requires_grad)
        """,
    "002 range that requires grad": """
        import torch
        lis=torch.range(1,6,requires_grad=True).reshape((-1,3))
        print(lis)
        print(lis.requires_grad)
        lis.requires_grad_()
        print(lis.requires_grad)
        """,
    # ----------------------------------------------------------------------------------------------- 003: leaves
    "003 leaves": """
        import torch
        w = torch.tensor([1.], requires_grad=True)
        x = torch.tensor([2.], requires_grad=True)
        print(w)
        a = torch.add(w, x)
        b = torch.add(w, 1)
        y = torch.mul(a, b)
        y.backward()
        print(a.requires_grad, b.requires_grad, y.requires_grad)
        # True True True
        # last
        print(w.grad)
        # tensor([5.])
        """,
    # --------------------------------------------------------------------------------- 004: leaves of two networks
    # Restored: line breaks, comments in brackets of the same line, the import; `variable` and `true` as published.
    "004 as published": """
        import torch
        w1 = torch.tensor([2])
        w1 = variable(w1,requires_grad=true)
        """,
    # Restored: `Variable`, `True`. The integers are the author's.
    "004 integers": """
        import torch
        from torch.autograd import Variable
        w1 = torch.tensor([2])#w1 and w2 are the parameters of f1 and f2
        w1 = Variable(w1,requires_grad=True)
        w2 = torch.tensor([2])
        w2 = Variable(w2,requires_grad=True)
        x2 = torch.rand(1)
        x2 = Variable(x2,requires_grad=True)
        y2 = x2**w1 # f1
        z2 = w2*y2+1# f2
        z2.backward()
        print(x2.grad)
        print(y2.grad)
        print(w1.grad)
        print(w2.grad)
        """,
    # Restored: the same, with points behind the integers and a seed.
    "004 floats": """
        import torch
        from torch.autograd import Variable
        torch.manual_seed(0)
        w1 = torch.tensor([2.])#w1 and w2 are the parameters of f1 and f2
        w1 = Variable(w1,requires_grad=True)
        w2 = torch.tensor([2.])
        w2 = Variable(w2,requires_grad=True)
        x2 = torch.rand(1)
        x2 = Variable(x2,requires_grad=True)
        y2 = x2**w1 # f1
        z2 = w2*y2+1# f2
        z2.backward()
        print(x2.grad)
        print(y2.grad)
        print(w1.grad)
        print(w2.grad)
        """,
}

# The CIFAR-10 tutorial's network, taken apart into two as 004 tells; images and labels are made here.
TWO_NETWORKS = """
import itertools
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim

class Net1(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.pool = nn.MaxPool2d(2, 2)
        self.conv2 = nn.Conv2d(6, 16, 5)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(F.relu(self.conv2(x)))
        return x.view(-1, 16 * 5 * 5)

class Net2(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x)

torch.manual_seed(0)
net1, net2 = Net1(), Net2()
images = [torch.rand(4, 3, 32, 32) for _ in range(3)]
targets = [torch.randint(0, 10, (4,)) for _ in range(3)]
print(net1, net2)
print([tuple(p.shape) for p in itertools.chain(net1.parameters(), net2.parameters())])
{freeze}
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(itertools.chain(net1.parameters(), net2.parameters()), lr=0.001, momentum=0.9)
for inputs, labels in zip(images, targets):
    optimizer.zero_grad()
    # forward + backward + optimize
    outputs1 = net1(inputs)
    outputs2 = net2(outputs1)
    loss = criterion(outputs2, labels)
    loss.backward()
    print("inputs.requires_grad:")
    print(inputs.requires_grad)
    print("the grad of inputs:")
    print(inputs.grad)
    print("outputs1.requires_grad:")
    print(outputs1.requires_grad)
    print("the grad of outputs1:")
    print(outputs1.grad)
    print("the grad of net1:")
    print(net1.conv1.bias.grad)
    print("the grad of net2:")
    print(net2.fc3.bias.grad)
    print(net2.fc1.weight.grad is None, loss.item().__round__(4))
    optimizer.step()
print(net2.fc3.bias, net1.conv1.bias)
"""

# 004, last part. Restored: `False`, and a sub-module in place of `sub_module`.
FREEZE = """
for p in net1.conv2.parameters():
    p.requires_grad = False
"""

# What 000 and the comments of the others claim in words or in a single expression, with a program around it.
CLAIMS = {
    "000 the flag is contagious": """
        import torch
        from torch.autograd import Variable
        x = Variable(torch.ones(2), requires_grad=True); y = Variable(torch.ones(2))
        x.requires_grad, y.requires_grad, y.volatile
        z = x * y
        z.requires_grad
        z.requires_grad = True
        """,
    "000 volatile": """
        import torch
        from torch.autograd import Variable
        x = Variable(torch.ones(2), volatile=True)
        x.volatile = True
        w = torch.ones(2, requires_grad=True)
        (x * w).requires_grad
        x.volatile
        """,
    "000 detach without and with its call": """
        import torch
        a = torch.tensor([2.], requires_grad=True)
        x = a * 3
        y = x.detach() * x
        y.backward()
        a.grad, x.detach().is_leaf, x.grad_fn is None
        x.detach + 1 if 0 else None
        x.detach_() is x, x.is_leaf
        """,
    "000 retain_graph": """
        import torch
        a = torch.tensor(2., requires_grad=True)
        h = a * a
        loss1, loss2 = 2 * h, h * h
        loss1.backward(retain_graph)
        loss1.backward(True)
        loss1.backward()
        loss2.backward()
        a.grad
        """,
    "000 a frozen layer in the middle": """
        import torch
        a, b, c = (torch.tensor(n, requires_grad=True) for n in (2., 3., 4.))
        b.requires_grad_(False)
        (a * b * c).backward()
        a.grad, b.grad, c.grad
        with torch.no_grad(): h = a * b
        (h * c).requires_grad, h.requires_grad
        """,
    "003 only leaves keep gradients": """
        import torch
        w = torch.tensor([1.], requires_grad=True); x = torch.tensor([2.], requires_grad=True)
        a = w + x; b = w + 1; y = a * b; a.retain_grad()
        y.backward()
        a.grad, b.grad, w.is_leaf, a.is_leaf
        w.requires_grad()
        (torch.ones(1) + 1).requires_grad
        """,
    "004 hooks on intermediate gradients": """
        import torch
        x = torch.tensor(2., requires_grad=True); h = 3 * x
        h.register_hook(lambda g: print("saw", g))
        h.register_hook(lambda g: g * 10)
        h.retain_grad(); (h ** 2).backward()
        h.grad, x.grad
        """,
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_a_program_prints_the_same_on_both(program):
    ours, theirs = both(program, run=run_program)
    assert ours == theirs


@pytest.mark.parametrize("claim", [*CLAIMS.values(), OFFICIAL], ids=[*CLAIMS, "002 the official page, typed in"])
def test_typed_into_a_console_it_reads_the_same_on_both(claim):
    ours, theirs = both(claim, run=run_session)
    assert ours == theirs


@pytest.mark.parametrize("freeze", ["", FREEZE], ids=["both trained", "a part frozen"])
def test_two_networks_and_one_optimizer(freeze):
    ours, theirs = both(TWO_NETWORKS.replace("{freeze}", freeze), run=run_program)
    assert ours == theirs
