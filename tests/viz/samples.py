"""Hand-made graphs and films: what the core will produce, without the core."""

from __future__ import annotations

from autovis.viz.scene import Element, Entry, Film, Frame, Graph, Link, Note, Region, Row, Tray

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    '"];x[',
    "]]>",
    "&amp;",
    "a\x00b\x1b[31m",
    "\ud800",
    "🦆 duck",
    "梯度",
    "--><script>",
    "' onload='alert(1)",
)


def links(*pairs: str, role: str = "data") -> tuple[Link, ...]:
    """Write links as `"t1 o2"`; ids and slots are counted."""
    slots: dict[str, int] = {}
    made = []
    for number, pair in enumerate(pairs, 1):
        source, target, *kind = pair.split()
        slot = slots.get(target, 0)
        slots[target] = slot + 1
        as_role = kind[0] if kind else ("store" if source.startswith("g") else role)
        made.append(Link(f"e{number}", source, target, as_role, slot, ghost="ghost" in kind[1:]))
    return tuple(made)


def lesson02(*, saved: str = "held") -> Graph:
    """Draw `s = p + q; t = p + 1; y = s * t` with p = 1 and q = 2."""
    return Graph(
        elements=(
            Element("t1", "leaf", "p", "1", grad="None", senders=2),
            Element("t2", "leaf", "q", "2", grad="None"),
            Element("o3", "op", "+"),
            Element("t4", "mid", "s", "3"),
            Element("t5", "const", "1"),
            Element("o6", "op", "+"),
            Element("t7", "mid", "t", "2"),
            Element("o8", "op", "×", notes=(Note("s"), Note("t")), saved=saved),
            Element("t9", "mid", "y", "6"),
            Element("g1", "acc", "+= .grad"),
            Element("g2", "acc", "+= .grad"),
        ),
        links=links(
            "t1 o3", "t2 o3", "o3 t4", "t1 o6", "t5 o6 plain", "o6 t7", "t4 o8", "t7 o8", "o8 t9", "g1 t1", "g2 t2"
        ),
        title="y",
    )


def reference() -> Film:
    """Film the backward pass of `lesson02`, frame by frame as the course lists it."""
    return Film(
        graph=lesson02(),
        frames=(
            Frame("start", text="The graph of y, before anything moves back."),
            Frame("seed", 1, text="Start at y with the gradient 1.", node="t9", changes={"e9": {"token": "1"}}),
            Frame(
                "local",
                1,
                text="At × the gradient 1 arrives; the local derivatives are t and s.",
                node="o8",
                links=("e7", "e8"),
                rows=(
                    Row("e7", "s", "1", "d(s·t)/ds = t = 2", "1 × 2 = 2", "2"),
                    Row("e8", "t", "1", "d(s·t)/dt = s = 3", "1 × 3 = 3", "3"),
                ),
                changes={"e9": {"token": ""}},
            ),
            Frame(
                "send",
                1,
                text="2 goes to s, 3 goes to t.",
                node="o8",
                links=("e7", "e8"),
                changes={"e7": {"token": "2"}, "e8": {"token": "3"}},
            ),
            Frame(
                "free", 1, text="× gives back s and t.", node="o8", layer="saved", changes={"o8": {"saved": "freed"}}
            ),
            Frame(
                "send",
                1,
                text="3 goes to p; the constant 1 gets nothing.",
                node="o6",
                links=("e4",),
                rows=(Row("e4", "p", "3", "d(p+1)/dp = 1", "3 × 1 = 3", "3"),),
                changes={"e8": {"token": ""}, "e4": {"token": "3"}},
            ),
            Frame(
                "fan_in",
                1,
                text="p holds 3 and waits for 1 more.",
                node="t1",
                links=("e4",),
                tray=Tray("t1", "0", "3", "3", 1, 2),
                changes={"t1": {"tray": "0 + 3 = 3, waiting for 1"}},
            ),
            Frame(
                "send",
                1,
                text="2 goes to p, 2 goes to q.",
                node="o3",
                links=("e1", "e2"),
                rows=(
                    Row("e1", "p", "2", "d(p+q)/dp = 1", "2 × 1 = 2", "2"),
                    Row("e2", "q", "2", "d(p+q)/dq = 1", "2 × 1 = 2", "2"),
                ),
                changes={"e7": {"token": ""}, "e4": {"token": ""}, "e1": {"token": "2"}, "e2": {"token": "2"}},
            ),
            Frame(
                "fan_in",
                1,
                text="p adds up 3 + 2 = 5; all have arrived.",
                node="t1",
                links=("e1",),
                tray=Tray("t1", "3", "2", "5", 2, 2),
                changes={"t1": {"tray": "3 + 2 = 5"}},
            ),
            Frame(
                "accumulate",
                1,
                text="5 is added to p.grad.",
                node="g1",
                links=("e10",),
                ledger=Entry("t1", "p", "add", "None", "5", "5", 1),
                changes={"t1": {"grad": "5"}, "e1": {"token": ""}, "e10": {"token": "5"}},
            ),
            Frame(
                "accumulate",
                1,
                text="2 is added to q.grad.",
                node="g2",
                links=("e11",),
                ledger=Entry("t2", "q", "add", "None", "2", "2", 1),
                changes={"t2": {"grad": "2"}, "e2": {"token": ""}, "e10": {"token": ""}, "e11": {"token": "2"}},
            ),
        ),
        source=("s = p + q", "t = p + 1", "y = s * t", "y.backward()"),
    )


def square() -> Graph:
    """Draw `y = x * x`: two links between the same two elements."""
    return Graph(
        elements=(
            Element("t1", "leaf", "x", "3", grad="None", senders=2),
            Element("o2", "op", "×", notes=(Note("x"), Note("x")), saved="held"),
            Element("t3", "mid", "y", "9"),
            Element("g1", "acc", "+= .grad"),
        ),
        links=links("t1 o2", "t1 o2", "o2 t3", "g1 t1"),
        title="y",
    )


def detached() -> Graph:
    """Draw a history that is cut: `h = w * x; d = h.detach(); y = d * v`."""
    return Graph(
        elements=(
            Element("t1", "leaf", "w", "2", grad="None", ghost=True),
            Element("t2", "const", "x", "3", ghost=True),
            Element("o3", "op", "×", ghost=True),
            Element("t4", "mid", "h", "6", ghost=True),
            Element("c5", "cut", "detach"),
            Element("t6", "const", "d", "6", marks=("shares storage",)),
            Element("t7", "leaf", "v", "4", grad="None"),
            Element("o8", "op", "×", notes=(Note("d"),), saved="held"),
            Element("t9", "mid", "y", "24"),
            Element("g7", "acc", "+= .grad"),
        ),
        links=links(
            "t1 o3 data ghost",
            "t2 o3 plain ghost",
            "o3 t4 data ghost",
            "t4 c5 data ghost",
            "c5 t6 cut",
            "t6 o8 plain",
            "t7 o8",
            "o8 t9",
            "g7 t7",
        ),
        title="y",
    )


def unrecorded() -> Graph:
    """Draw a part that ran under `no_grad`, beside one that was recorded."""
    return Graph(
        elements=(
            Element("t1", "leaf", "w", "3", grad="None"),
            Element("t2", "const", "x", "2"),
            Element("o3", "op", "×", ghost=True),
            Element("t4", "const", "target", "6"),
            Element("o5", "op", "exp", notes=(Note("result"),), saved="held"),
            Element("t6", "mid", "e", "20.0855"),
            Element("o7", "op", "-"),
            Element("t8", "mid", "loss", "14.0855"),
            Element("g1", "acc", "+= .grad"),
        ),
        links=links(
            "t1 o3 plain", "t2 o3 plain", "o3 t4 plain", "t1 o5", "o5 t6", "t6 o7", "t4 o7 plain", "o7 t8", "g1 t1"
        ),
        regions=(Region("r1", "no_grad", "no_grad", ("o3", "t4")),),
        title="loss",
    )


def frozen_net() -> Graph:
    """Draw two linear layers, the first one frozen, with large values as shapes."""
    return Graph(
        elements=(
            Element("t1", "const", "x", shape="(4, 3)"),
            Element("t2", "frozen", "body.weight", shape="(5, 3)"),
            Element("t3", "frozen", "body.bias", shape="(5)"),
            Element("o4", "op", "linear", ghost=True),
            Element("t5", "const", "h", shape="(4, 5)"),
            Element("t6", "param", "head.weight", shape="(2, 5)", grad="None"),
            Element("t7", "param", "head.bias", shape="(2)", grad="None", hooks=("tensor",)),
            Element("o8", "op", "linear", notes=(Note("h"),), saved="held"),
            Element("t9", "kept", "logits", shape="(4, 2)", grad="None"),
            Element("o10", "op", "cross_entropy", notes=(Note("log_probs"), Note("target")), saved="held"),
            Element("t11", "const", "target", shape="(4)"),
            Element("t12", "mid", "loss", "0.6931"),
            Element("g6", "acc", "+= .grad"),
            Element("g7", "acc", "+= .grad"),
        ),
        links=links(
            "t1 o4 plain",
            "t2 o4 plain",
            "t3 o4 plain",
            "o4 t5 plain",
            "t5 o8 plain",
            "t6 o8",
            "t7 o8",
            "o8 t9",
            "t9 o10",
            "t11 o10 plain",
            "o10 t12",
            "g6 t6",
            "g7 t7",
        ),
        title="loss",
    )


def failed() -> Graph:
    """Draw a second backward that stopped at an operation with freed values."""
    return Graph(
        elements=(
            Element("t1", "leaf", "x", "3", grad="6"),
            Element("o2", "error", "×", notes=(Note("x"), Note("x")), saved="freed"),
            Element("t3", "mid", "y", "9"),
            Element("o4", "op", "sin", notes=(Note("y", 1),), saved="stale"),
            Element("t5", "mid", "z", "0.4121", version=1),
            Element("o6", "op", "exp", notes=(Note("result"),), saved="kept"),
            Element("t7", "mid", "out", "1.51"),
        ),
        links=links("t1 o2", "t1 o2", "o2 t3", "t3 o4", "o4 t5", "t5 o6", "o6 t7"),
        title="out",
    )


def perceptron(inputs: int = 3, hidden: int = 3) -> Graph:
    """Draw a scalar network: every weight is a leaf; three inputs and three hidden units make 43 elements."""
    elements = [Element(f"t{n}", "const", f"x{n}", str(n)) for n in range(inputs)]
    pairs = []
    for unit in range(hidden):
        products = []
        for n in range(inputs):
            w, op = f"w{unit}{n}", f"o{unit}_{n}"
            elements += [
                Element(f"tw{unit}_{n}", "leaf", w, "0.5", grad="None"),
                Element(op, "op", "×", notes=(Note(f"x{n}"),), saved="held"),
            ]
            pairs += [f"tw{unit}_{n} {op}", f"t{n} {op} plain"]
            products.append(op)
        elements += [
            Element(f"os{unit}", "op", "+"),
            Element(f"or{unit}", "op", "relu", notes=(Note("result"),), saved="held"),
        ]
        elements.append(Element(f"th{unit}", "mid", f"h{unit}", "3"))
        pairs += [f"{op} os{unit}" for op in products] + [f"os{unit} or{unit}", f"or{unit} th{unit}"]
    elements += [Element("oy", "op", "+"), Element("ty", "mid", "y", "9")]
    pairs += [f"th{unit} oy" for unit in range(hidden)] + ["oy ty"]
    return Graph(tuple(elements), links(*pairs), title="y")


def wordy() -> Graph:
    """Draw long names, long values and long notes."""
    return Graph(
        elements=(
            Element("t1", "leaf", "a_very_long_variable_name_indeed", "[0.123456, 0.234567, 0.345678]", grad="None"),
            Element("o2", "op", "binary_cross_entropy_with_logits", notes=(Note("running_mean"), Note("running_var"))),
            Element("t3", "mid", "", "[[1, 2], [3, 4]]"),
            Element("o4", "op", "sum"),
            Element("t5", "kept", "y", "10", grad="-12345.6789"),
        ),
        links=links("t1 o2", "o2 t3", "t3 o4", "o4 t5"),
        title="y",
    )


def hostile(text: str) -> Graph:
    """Draw a graph whose every text is the same nasty one."""
    note = Note(text)
    return Graph(
        elements=(
            Element("t1", "leaf", text, text, text, text, marks=(text,), about=text, senders=2),
            Element("o2", "op", text, notes=(note,), saved="held"),
            Element("t3", "mid", text, text),
        ),
        links=links("t1 o2", "t1 o2", "o2 t3"),
        regions=(Region("r1", "no_grad", text, ("t3",)),),
        title=text,
    )


def chain(length: int, *, fan: int = 0) -> Graph:
    """Draw a chain of operations; with `fan`, one leaf is used by every `fan`-th of them."""
    elements = [Element("t0", "leaf", "x", "1", grad="None")]
    pairs = []
    last = "t0"
    for n in range(1, length):
        role = "op" if n % 2 else "mid"
        id = f"{'o' if n % 2 else 't'}{n}"
        elements.append(Element(id, role, "×" if n % 2 else f"h{n}", "" if n % 2 else "1"))
        pairs.append(f"{last} {id}")
        if fan and n % 2 and n % fan == 1:
            pairs.append(f"t0 {id}")
        last = id
    return Graph(tuple(elements), links(*pairs), title="chain")


GRAPHS = {
    "lesson02": lesson02,
    "square": square,
    "detached": detached,
    "unrecorded": unrecorded,
    "frozen_net": frozen_net,
    "failed": failed,
    "perceptron": perceptron,
    "wordy": wordy,
    "chain": lambda: chain(30),
    "recurrent": lambda: chain(24, fan=4),
}
