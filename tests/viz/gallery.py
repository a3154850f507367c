"""Every state of the pictures on one page, each made by a small program: `python tests/viz/gallery.py PAGE`."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from textwrap import dedent

import autovis as av
from autovis.viz import draw, layout, theme
from autovis.viz.fold import Folding
from autovis.viz.scene import Film, Graph, Region
from autovis.viz.show import film, graph

PAPERS = ("light", "dark", "grey", "forced")
FORCED = {"page": "#000000", "marker": "#1AEBFF", "stripe": "#000000"}
"""What a system with colours of its own may choose; everything else is white on black."""


@dataclass(frozen=True)
class Shot:
    """One picture: a graph, and for a film the state of its last frame."""

    graph: Graph
    film: Film | None = None

    def svg(self) -> str:
        if self.film is None:
            return draw.svg(self.graph, layout.place(self.graph, draw.sizes(self.graph)), theme="css")
        last, states = self.film.frames[-1], self.film.states()
        return draw.svg(
            self.graph,
            layout.place(self.graph, draw.sizes(self.graph, states)),
            states[-1],
            states=states,
            active=(last.node, last.links),
            theme="css",
        )


def still(*tensors: object) -> Shot:
    """Take the picture of tensors as they are, named as in the function that calls."""
    return Shot(graph(*tensors, frame=sys._getframe(1)))


def until(tape: av.Tape, kind: str = "") -> Shot:
    """Take a film up to its last frame of some kind."""
    whole = film(tape)
    end = max(at for at, frame in enumerate(whole.frames) if kind in ("", frame.kind))
    cut = Film(whole.graph, whole.frames[: end + 1], whole.source)
    return Shot(cut.graph, cut)


# ------------------------------------------------------------------------------------------------------- the states


def leaf_constant_intermediate() -> Shot:
    x, c = av.leaf(3.0), av.tensor(2.0)
    y = (x * c).exp()
    return still(y)


def parameter_and_frozen() -> Shot:
    w = av.nn.Parameter(av.tensor(0.5))
    b = av.nn.Parameter(av.tensor(1.0), requires_grad=False)
    y = w * 4 + b
    return still(y)


def kept_gradient() -> Shot:
    x = av.leaf(2.0)
    h = x * 3
    h.retain_grad()
    (h * h).backward()
    return still(h)


def accumulator_and_gradient_on_its_way() -> Shot:
    x = av.leaf(3.0)
    with av.record() as tape:
        y = x**2
        y.backward()
    return until(tape, "accumulate")


def fan_in_tray() -> Shot:
    p, q = av.leaf(1.0), av.leaf(2.0)
    with av.record() as tape:
        y = (p + q) * (p + 1)
        y.backward()
    return until(tape, "fan_in")


def saved_and_version() -> Shot:
    x = av.leaf(2.0)
    s = x.exp()
    with av.no_grad():
        x.add_(1)
    y = s * x
    return still(y)


def freed_buffer() -> Shot:
    x = av.leaf(2.0)
    y = x * x + x.exp()
    y.backward()
    return still(y)


def retained_graph() -> Shot:
    x = av.leaf(2.0)
    y = x * x
    y.backward(retain_graph=True)
    return still(y)


def stale_buffer() -> Shot:
    x = av.leaf(0.5)
    s = x.sigmoid()
    s.add_(1)
    return still(s)


def no_grad_region() -> Shot:
    w, x = av.leaf(3.0), av.tensor(2.0)
    with av.no_grad():
        target = w * x
    loss = w - target
    return still(loss)


def recorded_pass() -> Shot:
    x = av.leaf(3.0)
    with av.record() as tape:
        y = x**3
        g = av.autograd.grad(y, x, create_graph=True)[0]
        g.backward()
    return until(tape)


def cut_and_shared_storage() -> Shot:
    a = av.leaf([1.0, 2.0])
    x = 2 * a
    y = (x * x.detach()).sum()
    return still(y)


def ghost_above_a_cut() -> Shot:
    a = av.leaf(2.0)
    h = a * 3
    d = h.detach()
    w = av.leaf(4.0)
    y = d * w
    return still(y)


def views() -> Shot:
    a = av.leaf([1.0, 2.0])
    x = a.exp()
    first, column = x[0], x.view(2, 1)
    y = first + column
    return still(y)


def hooks() -> Shot:
    x = av.leaf(2.0)
    x.register_hook(lambda g: 2 * g)
    x.register_post_accumulate_grad_hook(lambda leaf: None)
    h = x * 3
    h.register_hook(lambda g: 10 * g)
    h.grad_fn.register_prehook(lambda given: None)
    h.grad_fn.register_hook(lambda sent, given: None)
    y = h.exp()
    return still(y)


def hook_in_a_film() -> Shot:
    x = av.leaf(2.0)
    h = x * 3
    h.register_hook(lambda g: 10 * g)
    with av.record() as tape:
        (h * h).backward()
    return until(tape, "hook")


def devices() -> Shot:
    x = av.leaf([1.0, 2.0])
    w = av.tensor([3.0, 4.0], device="sim", requires_grad=True)
    loss = (w * x.to("sim")).sum()
    return still(loss)


def two_devices() -> Shot:
    a = av.tensor(2.0, device="sim:0", requires_grad=True)
    b = av.tensor(3.0, device="sim:1", requires_grad=True)
    y = (a * 2).to("sim:1") * b
    return still(y)


def folded() -> Shot:
    """Folded: a box stands for the operations of a module, and says what it holds."""
    shot = module_cluster()
    calls = tuple(
        replace(region, members=tuple(id for id in region.members if id[0] == "o")) for region in shot.graph.regions
    )
    folding = Folding(Film(replace(shot.graph, regions=(), calls=calls), ()))
    return Shot(folding.folded(folding.chosen(True)).film.graph)


def folded_and_frozen() -> Shot:
    """Frozen: the gradient goes through the box, and none of its parameters takes it."""
    first, last = av.nn.Linear(2, 2), av.nn.Linear(2, 1).requires_grad_(False)
    with av.record() as tape:
        last(first(av.ones(1, 2))).sum().backward()
    folding = Folding(film(tape))
    drawn = folding.folded(folding.chosen(True)).film
    return Shot(drawn.graph, drawn)


def module_cluster() -> Shot:
    net = av.nn.Linear(2, 1)
    x = av.ones(1, 2)
    y = net(x) * 2
    shot = still(y)
    inside = tuple(element.id for element in shot.graph.elements if element.label not in ("x", "2", "y", "×"))
    return Shot(replace(shot.graph, regions=(Region("r1", "module", "net", inside),)))


def where_a_gradient_ends() -> Shot:
    w = av.leaf(2.0)
    d = (w * 3).detach()
    loss = d * 4
    return Shot(av.why(w, loss).graph)


def error_freed() -> Shot:
    x = av.leaf(3.0)
    y = x * x
    with suppress(RuntimeError), av.record() as tape:
        y.backward()
        y.backward()
    return until(tape)


def error_edited() -> Shot:
    x = av.leaf([1.0, 2.0])
    with suppress(RuntimeError), av.record() as tape:
        y = x.exp()
        y.add_(1)
        y.sum().backward()
    return until(tape)


def error_without_a_graph() -> Shot:
    c = av.tensor(2.0)
    with suppress(RuntimeError), av.record() as tape:
        d = c * 3
        d.backward()
    return until(tape)


def error_on_the_way() -> Shot:
    w = av.leaf([1.0, 2.0])
    x = av.ones(3)
    with suppress(RuntimeError), av.record() as tape:
        h = w * 2
        y = h * x
        y.sum().backward()
    return until(tape)


STATES: dict[str, Callable[[], Shot]] = {
    name.replace("_", " "): program
    for name, program in list(globals().items())
    if inspect.isfunction(program) and program.__module__ == __name__ and program.__annotations__ == {"return": "Shot"}
}


# --------------------------------------------------------------------------------------------------------- the page


def page() -> str:
    """Write the page: each state on light and on dark paper, in greyscale, and in colours of the system's."""
    sections = "\n".join(map(section, STATES))
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>autovis: every state</title><style>
body {{ font: 15px/1.5 system-ui, sans-serif; margin: 2rem; color: #1a1a1a; background: #fff }}
.papers {{ display: grid; grid-template-columns: repeat(auto-fit, minmax(34rem, 1fr)); gap: 1rem }}
figure svg {{ max-width: 100%; height: auto }}
figure {{ margin: 0; padding: .5rem; border: 1px solid #ccc; overflow: auto }}
figcaption, dd {{ color: #44474a }} dl {{ columns: 2; margin: .5rem 0 }} dl div {{ break-inside: avoid }}
dt {{ font-weight: bold; display: inline }} dd {{ display: inline; margin: 0 }}
.dark {{ background: #161616 }} .forced {{ background: #000 }} .dark figcaption, .forced figcaption {{ color: #fff }}
.grey svg {{ filter: grayscale(1) }}
{theme.stylesheet()}
{papers()}
</style></head><body><h1>Every state</h1>
{sections}
</body></html>
"""


def papers() -> str:
    """Write the colours of each paper; they win over those of the system's theme."""
    forced = {
        name: FORCED.get(name.removeprefix("--autovis-"), "#000000" if name.endswith("-fill") else "#FFFFFF")
        for name in theme.colours("light")
    }
    tables = {
        "light": theme.colours("light"),
        "dark": theme.colours("dark"),
        "grey": theme.colours("light"),
        "forced": forced,
    }
    return "\n".join(
        f"body:not([data-jp-theme-light]) .{paper} .autovis-picture {{ {theme.declarations(table)} }}"
        for paper, table in tables.items()
    )


def section(name: str) -> str:
    """Write one state: its name, its program, its picture on every paper, its legend."""
    shot = STATES[name]()
    svg = shot.svg()
    figures = "".join(f'<figure class="{paper}"><figcaption>{paper}</figcaption>{svg}</figure>' for paper in PAPERS)
    words = "".join(
        f"<div><dt>{escape(word)}</dt> <dd>{escape(about)}</dd></div>" for _, word, about in theme.legend(shot.graph)
    )
    code = escape(dedent(inspect.getsource(STATES[name])))
    return (
        f"<section><h2>{escape(name)}</h2><pre>{code}</pre>"
        f'<div class="papers">{figures}</div><dl>{words}</dl></section>'
    )


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(page(), "utf-8")
    print(f"{len(STATES)} states in {target}")
