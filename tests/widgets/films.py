"""The reference film, written out by hand: p = 1, q = 2, s = p + q, t = p + 1, y = s * t, y.backward()."""

from autovis.viz.scene import Element, Entry, Film, Frame, Graph, Link, Note, Row, Tray


def frame(kind, text, **parts):
    return Frame(kind, call=0 if kind == "start" else 1, text=text, **parts)


GRAPH = Graph(
    (
        Element("t1", "leaf", "p", value="1", grad="None", senders=2),
        Element("t2", "leaf", "q", value="2", grad="None"),
        Element("o3", "op", "+"),
        Element("t3", "mid", "s", value="3"),
        Element("t4", "const", "1", value="1"),
        Element("o5", "op", "+"),
        Element("t5", "mid", "t", value="2"),
        Element("o6", "op", "×", notes=(Note("s"), Note("t")), saved="held"),
        Element("t6", "mid", "y", value="6"),
        Element("g1", "acc", "+= .grad"),
        Element("g2", "acc", "+= .grad"),
    ),
    (
        Link("e1", "t1", "o3"),
        Link("e2", "t2", "o3", slot=1),
        Link("e3", "o3", "t3"),
        Link("e4", "t1", "o5"),
        Link("e5", "t4", "o5", "plain", slot=1),
        Link("e6", "o5", "t5"),
        Link("e7", "t3", "o6"),
        Link("e8", "t5", "o6", slot=1),
        Link("e9", "o6", "t6"),
        Link("e10", "g1", "t1", "store"),
        Link("e11", "g2", "t2", "store"),
    ),
    title="y",
)

SENT = (
    Row("e7", "s", "1", "d(s·t)/ds = t = 2", "1 × 2 = 2", "2"),
    Row("e8", "t", "1", "d(s·t)/dt = s = 3", "1 × 3 = 3", "3"),
)
ADD_T = (Row("e4", "p", "3", "d(p+1)/dp = 1", "3 × 1 = 3", "3"),)
ADD_S = (
    Row("e1", "p", "2", "d(p+q)/dp = 1", "2 × 1 = 2", "2"),
    Row("e2", "q", "2", "d(p+q)/dq = 1", "2 × 1 = 2", "2"),
)

REFERENCE = Film(
    GRAPH,
    (
        frame("start", "The graph as it was recorded."),
        frame(
            "seed",
            "backward() starts at y with the gradient 1.",
            node="t6",
            changes={"e9": {"token": "1"}},
            line=(6, 6),
        ),
        frame("local", "× asks: how does y change with s, and with t?", node="o6", rows=SENT, line=(6, 6)),
        frame(
            "send",
            "× multiplies what arrives by each local derivative and sends 2 to s and 3 to t.",
            node="o6",
            links=("e7", "e8"),
            rows=SENT,
            changes={"e9": {"token": ""}, "e7": {"token": "2"}, "e8": {"token": "3"}},
        ),
        frame(
            "free",
            "× has done its work: the saved s and t are freed.",
            node="o6",
            layer="saved",
            changes={"o6": {"saved": "freed"}},
        ),
        frame(
            "send",
            "+ passes 3 on to p. The constant 1 gets nothing.",
            node="o5",
            links=("e4",),
            rows=ADD_T,
            changes={"e8": {"token": ""}, "e4": {"token": "3"}},
        ),
        frame(
            "fan_in",
            "3 arrives at p, which is used twice: it waits for 1 more.",
            node="t1",
            links=("e4",),
            tray=Tray("t1", "0", "3", "3", 1, 2),
            changes={"t1": {"tray": "0 + 3 = 3"}},
        ),
        frame(
            "send",
            "+ passes 2 on to p and to q.",
            node="o3",
            links=("e1", "e2"),
            rows=ADD_S,
            changes={"e7": {"token": ""}, "e1": {"token": "2"}, "e2": {"token": "2"}},
        ),
        frame(
            "fan_in",
            "2 arrives at p: 3 + 2 = 5. That was the last one.",
            node="t1",
            links=("e1",),
            tray=Tray("t1", "3", "2", "5", 2, 2),
            changes={"t1": {"tray": "3 + 2 = 5"}, "e4": {"token": ""}},
        ),
        frame(
            "accumulate",
            "5 is added to p.grad: None + 5 = 5.",
            node="g1",
            links=("e10",),
            ledger=Entry("t1", "p", "add", "None", "5", "5", 1),
            changes={"t1": {"grad": "5", "tray": ""}, "e1": {"token": ""}, "e10": {"token": "5"}},
        ),
        frame(
            "accumulate",
            "2 is added to q.grad: None + 2 = 2.",
            node="g2",
            links=("e11",),
            ledger=Entry("t2", "q", "add", "None", "2", "2", 1),
            changes={"t2": {"grad": "2"}, "e2": {"token": ""}, "e10": {"token": ""}, "e11": {"token": "2"}},
        ),
    ),
    source=("p = av.leaf(1.0)", "q = av.leaf(2.0)", "s = p + q", "t = p + 1", "y = s * t", "y.backward()"),
)
