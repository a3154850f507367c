"""One table from role to look: shape, pattern and word first, colour last.

Every state differs from every other in shape or pattern *and* carries a word, so that a picture survives a greyscale
printer and a colour-blind reader. Sizes, style sheet, legend and outline all read these tables; nothing else in the
project names a colour of the picture. The hues are Okabe and Ito's; orange and yellow are too pale for lines on white
and appear as fills only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from autovis.language import say
from autovis.viz.measure import FONT, SIZES
from autovis.viz.scene import Graph

__all__ = [
    "HOOKS",
    "HUES",
    "INK",
    "LINKS",
    "PARTS",
    "REGIONS",
    "ROLES",
    "SAVED",
    "Hue",
    "Line",
    "Look",
    "colours",
    "explained",
    "legend",
    "rules",
    "stylesheet",
]


@dataclass(frozen=True, slots=True)
class Hue:
    """A colour as a line and as a fill, on light and on dark paper.

    Attributes:
        light: line and fill on light paper.
        dark: line and fill on dark paper.
    """

    light: tuple[str, str]
    dark: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Look:
    """How an element of one role is drawn.

    Attributes:
        shape: key of `shapes.SHAPES`.
        dash: SVG dash pattern of the border; empty for a solid one.
        width: border width in pixels.
        tag: word written on the element; empty where the label already says it.
        word: what outline and legend call it, in every language.
        hue: key of `HUES`.
    """

    shape: str
    dash: str
    width: float
    tag: str
    word: str
    hue: str


@dataclass(frozen=True, slots=True)
class Line:
    """How a link, a frame or an attached part is drawn; attributes as in `Look`.

    Attributes:
        dash: SVG dash pattern; empty for a solid line.
        width: line width in pixels.
        head: end marks: `arrow` at the target, `back` at the source, `bar` a bar behind the arrow: nothing comes back.
        word: the word on the picture, in every language; empty where there is none, see `explained`.
        hue: key of `HUES`.
    """

    dash: str
    width: float
    head: str
    word: str
    hue: str


HUES: Final = {
    "blue": Hue(light=("#0072B2", "#DAEEFA"), dark=("#8CCBF2", "#0E3D5C")),
    "grey": Hue(light=("#5F6368", "#FFFFFF"), dark=("#B4B8BD", "#25282B")),
    "black": Hue(light=("#1A1A1A", "#FCF9D5"), dark=("#EFE7A4", "#3A3612")),
    "orange": Hue(light=("#8A5A00", "#FAEAC7"), dark=("#F5C469", "#4A3408")),
    "green": Hue(light=("#009E73", "#C7EAE0"), dark=("#6FD3B2", "#0B4534")),
    "token": Hue(light=("#00684A", "#C7EAE0"), dark=("#8FE3C6", "#0B4534")),
    "vermillion": Hue(light=("#D55E00", "#F6DCC7"), dark=("#FF9A55", "#5A2A05")),
    "purple": Hue(light=("#B8578D", "#F4E2EC"), dark=("#EBA9CD", "#4F2140")),
    "ghost": Hue(light=("#7A7F84", "#FFFFFF"), dark=("#8E949A", "#161616")),
    "plain": Hue(light=("#1A1A1A", "#FFFFFF"), dark=("#E6E6E6", "#161616")),
}

INK: Final = {
    "page": ("#FFFFFF", "#161616"),
    "text": ("#1A1A1A", "#F5F5F5"),
    "muted": ("#44474A", "#D3D6D9"),
    "faint": ("#6B7075", "#9BA1A7"),
    "stripe": ("#D9DCE0", "#3F4448"),
    "marker": ("#F0E442", "#F0E442"),
}
"""Single colours, on light and on dark paper: the paper, texts from important to ghostly, stripes, the highlighter."""

ROLES: Final = {
    "leaf": Look("double box", "", 2, "leaf", "leaf", "blue"),
    "param": Look("deep box", "", 2, "param", "param", "blue"),
    "frozen": Look("striped box", "6 3", 2, "frozen", "frozen", "grey"),
    "const": Look("box", "", 1, "const", "const", "grey"),
    "mid": Look("round", "", 2, "mid", "mid", "black"),
    "view": Look("slanted box", "", 2, "view", "view", "black"),
    "kept": Look("double round", "", 2, "mid kept", "mid kept", "black"),
    "op": Look("circle", "", 2, "", "op", "orange"),
    "acc": Look("drum", "", 2, "", "+= .grad", "green"),
    "cut": Look("diamond", "", 3, "cut", "cut", "vermillion"),
    "storage": Look("bar", "3 3", 1.4, "", "shares storage", "plain"),
    "fold": Look("stack", "", 1.6, "", "folded", "plain"),
    "frozen-fold": Look("striped stack", "6 3", 1.6, "frozen", "folded frozen", "grey"),
    "error": Look("octagon", "", 4, "error", "error", "vermillion"),
}
"""Elements, in the order of the legend."""

LINKS: Final = {
    "data": Line("", 1.6, "arrow", "", "plain"),
    "plain": Line("2 4", 1.6, "bar", "", "grey"),
    "cut": Line("8 5", 3, "arrow", "", "vermillion"),
    "store": Line("", 2, "back", "", "green"),
    "shares": Line("3 3", 1.4, "", "", "plain"),
}

REGIONS: Final = {
    "no_grad": Line("2 5", 2, "", "no_grad", "grey"),
    "pass": Line("9 4", 2, "", "backward", "token"),
    "device": Line("", 1.2, "", "", "grey"),
    "module": Line("12 4 2 4", 1.6, "", "", "orange"),
}
"""Frames; that of a device is hatched."""

SAVED: Final = {
    "held": Line("", 1.4, "", "held", "grey"),
    "freed": Line("1 4", 1.6, "", "freed", "grey"),
    "stale": Line("6 3", 2.4, "", "stale", "vermillion"),
    "kept": Line("", 2.8, "", "kept", "grey"),
}
"""The note under an operation, by its state."""

HOOKS: Final = {"tensor": "hook", "pre": "prehook", "node": "node hook", "post": "post hook"}
"""The word beside each kind of triangle: on the gradient of a value, before and after an operation, after `.grad`."""

PARTS: Final = {
    "tray": Line("", 2, "", "sum", "token"),
    "hook": Line("", 1.6, "", "hook", "purple"),
    "problem": Line("", 1.6, "", "", "vermillion"),
    "ghost": Line("1 4", 1.6, "", "", "ghost"),
    "why": Line("", 4, "", "here", "vermillion"),
    "token": Line("", 4, "back", "", "token"),
}
"""What is attached to elements and links."""


def colours(mode: str) -> dict[str, str]:
    """Return every colour by the name that the style sheet calls it, for `light` or `dark` paper."""
    dark = mode == "dark"
    table = {f"--autovis-{name}": pair[dark] for name, pair in INK.items()}
    for name, hue in HUES.items():
        table[f"--autovis-{name}-line"], table[f"--autovis-{name}-fill"] = hue.dark if dark else hue.light
    return table


def legend(graph: Graph) -> list[tuple[str, str, str]]:
    """Explain what is painted in this graph, and nothing else.

    Returns:
        Triples of style class, word and explanation, in the order of the tables.

    >>> from autovis.viz.scene import Element
    >>> legend(Graph((Element("t1", "const", "1"),), ()))
    [('const', 'const', 'a value that asks for no gradient')]
    """
    roles = {element.role for element in graph.elements}
    lines = {link.role for link in graph.links}
    regions = {region.role for region in graph.regions}
    rows = [(role, *explained(role, look.word)) for role, look in ROLES.items() if role in roles]
    rows += [(f"link {role}", *explained(f"link-{role}")) for role in LINKS if role in lines - {"shares"}]
    rows += [
        (f"region {role}", *explained(f"region-{role}", line.word)) for role, line in REGIONS.items() if role in regions
    ]
    rows += [(part, *explained(part, word)) for part, word in parts(graph)]
    return rows


def explained(key: str, word: str = "") -> tuple[str, str]:
    """Return the word of the picture, or one of the language that is set where the picture has none, and what it means.

    >>> explained("ghost")
    ('ghost', 'out of reach of any gradient')
    """
    return word or say("legend", f"{key}-word"), say("legend", key)


def parts(graph: Graph) -> Iterator[tuple[str, str]]:
    """Yield keys and words of the legend's rows for notes, trays, hooks and ghosts."""
    saved = {element.saved for element in graph.elements if element.notes}
    hooks = {hook for element in graph.elements for hook in element.hooks}
    painted = {
        "tray": any(element.senders > 1 for element in graph.elements),
        "why": any("why" in element.marks for element in graph.elements),
        "ghost": any(element.ghost for element in graph.elements) or any(link.ghost for link in graph.links),
    }
    for state, line in SAVED.items():
        if state in saved:
            yield f"saved-{state}", say("legend", "saved-word", state=line.word)
    for hook, word in HOOKS.items():
        if hook in hooks:
            yield f"hook-{hook}", word
    for part, line in PARTS.items():
        if painted.get(part):
            yield part, line.word


def stylesheet() -> str:
    """Return the CSS of a picture drawn with `theme="css"`: light, dark where the notebook or the system is dark.

    Custom properties are set on `.autovis-picture` and on `.autovis-colours`, so that a legend beside the picture can
    use them too.
    """
    light, dark = (declarations(colours(mode)) for mode in ("light", "dark"))
    return "\n".join(
        [
            f".autovis-picture, .autovis-colours {{ {light} }}",
            under('body[data-jp-theme-light="false"]', dark),
            f"@media (prefers-color-scheme: dark) {{ {under('body:not([data-jp-theme-light])', dark)} }}",
            rules(),
            f"@media (forced-colors: active) {{ .autovis-picture, .autovis-colours {{ {forced()} }} }}",
        ]
    )


def rules(mode: str = "") -> str:
    """Return the rules that use the tables; with a mode, every custom property is replaced by its colour."""
    text = "\n".join(f".autovis-picture {selector} {{ {style} }}" for selector, style in styles())
    if not mode:
        return text
    table = colours(mode)
    return re.sub(r"var\((--[a-z-]+)\)", lambda match: table[match.group(1)], text)


def forced() -> str:
    """Where the system chooses the colours: every line and letter in its text colour, every fill in its paper."""
    system = {"--autovis-marker": "Highlight", "--autovis-page": "Canvas", "--autovis-stripe": "Canvas"}
    return declarations(
        {
            name: system.get(name, "Canvas" if name.endswith("-fill") else "CanvasText") + " !important"
            for name in colours("light")
        }
    )


def under(selector: str, style: str) -> str:
    """Write the rule that recolours pictures and legends below a selector."""
    return f"{selector} .autovis-picture, {selector} .autovis-colours {{ {style} }}"


def declarations(table: dict[str, str]) -> str:
    """Write custom properties as CSS."""
    return " ".join(f"{name}: {colour};" for name, colour in table.items())


def stroke(line: Look | Line) -> str:
    """Write the border of one table row as CSS."""
    dash = f" stroke-dasharray: {line.dash};" if line.dash else " stroke-dasharray: none;"
    return f"stroke: var(--autovis-{line.hue}-line); stroke-width: {line.width:g};{dash}"


def fill(line: Look | Line) -> str:
    """Write the fill of one table row as CSS."""
    return f"fill: var(--autovis-{line.hue}-fill);"


def ink(name: str) -> str:
    """Write a colour of `INK` as a CSS fill."""
    return f"fill: var(--autovis-{name});"


def styles() -> Iterator[tuple[str, str]]:
    """Yield selector and declarations of every rule, general ones first."""
    yield from text_styles()
    yield ".card", ink("page")
    for role, look in ROLES.items():
        yield f".{role} > .body.{role}", "display: inline;"
        yield f".body.{role} .shape", stroke(look) + fill(look)
        yield f".body.{role} .inner", "stroke-width: 1.2; fill: none;"
    for role, line in LINKS.items():
        yield f".link.{role} .line", stroke(line)
        yield f".link.{role} .head", f"fill: var(--autovis-{line.hue}-line);"
        yield f".link.{role} .bar", f"stroke: var(--autovis-{line.hue}-line); stroke-width: 3;"
    for role, line in REGIONS.items():
        yield f".region.{role} .frame", stroke(line) + " stroke-linecap: round; fill: none;"
    yield ".hatch", "stroke: var(--autovis-stripe); stroke-width: 2;"
    yield ".note", stroke(SAVED["held"]) + fill(SAVED["held"])
    for state, line in SAVED.items():
        yield f".saved-{state} .note", stroke(line) + fill(line)
        yield f".saved-{state} [data-slot=saved]", "font-weight: bold;"
    yield ".saved-freed > .body.op .shape", f"stroke-dasharray: {SAVED['freed'].dash}; stroke-linecap: round;"
    yield from part_styles()
    yield from moving_styles()


def text_styles() -> Iterator[tuple[str, str]]:
    """Yield the rules for text and for what is not shown."""
    family = FONT.replace('"', "'")
    yield "text", f"font-family: {family}; {ink('text')} font-size: {SIZES['small']}px; stroke: none;"
    for slot, kind in {"label": "label", "value": "value", "grad": "grad", "grad-word": "grad"}.items():
        yield f"[data-slot={slot}]", f"font-size: {SIZES[kind]}px;"
    yield "[data-slot=label]", "font-weight: bold;"
    for kind, size in SIZES.items():
        yield f".size-{kind}", f"font-size: {size}px;"
    yield "[data-slot=tag], [data-slot=shape], [data-slot=version], [data-slot=stamp], .word", ink("muted")
    yield "[data-slot=tray-text]", f"font-size: {SIZES['tray']}px;"
    yield "path, rect, line", "fill: none;"
    yield ".hidden", "display: none;"
    yield ".body", "display: none;"


def part_styles() -> Iterator[tuple[str, str]]:
    """Yield the rules for trays, hooks, stripes, scissors and ghosts."""
    for part in ("tray", "hook", "problem"):
        yield f".{part}", stroke(PARTS[part]) + fill(PARTS[part])
    yield "[data-slot=problem]", "display: none;"
    yield ".element.error > [data-slot=problem]", "display: inline;"
    yield ".slot-rule", "stroke: var(--autovis-muted); stroke-width: 1;"
    yield ".stripes", "stroke: var(--autovis-stripe); stroke-width: 2; stroke-dasharray: none;"
    yield ".scissors", "stroke: var(--autovis-text); stroke-width: 1.8; stroke-linecap: round;"
    yield ".plate", ink("page")
    ghost = f"{stroke(PARTS['ghost'])} stroke-linecap: round;"
    yield ".ghost > .body .shape, .ghost .note, .ghost .tray", f"{ghost} {fill(PARTS['ghost'])}"
    yield ".ghost .stripes", "stroke: none;"
    yield ".ghost .inner", "fill: none;"
    yield ".ghost .slot-rule", "stroke: var(--autovis-ghost-line);"
    yield ".ghost text", ink("faint")
    yield ".link.ghost .line", ghost
    yield ".link.ghost .head", "fill: var(--autovis-ghost-line);"
    yield ".link.ghost .bar", "stroke: var(--autovis-ghost-line);"


def moving_styles() -> Iterator[tuple[str, str]]:
    """Yield the rules for what a film switches on and off."""
    token = PARTS["token"]
    yield ".halo", "stroke: none;"
    yield ".active > .halo", "stroke: var(--autovis-marker); stroke-width: 12; stroke-linejoin: round;"
    yield ".active > .body .shape", "stroke-width: 4;"
    yield ".active > .body .inner", "stroke-width: 1.2;"
    yield ".active > .body .sheet", f"stroke-width: {ROLES['fold'].width:g};"
    yield ".done > .body .shape", ink("page")
    yield ".done > .body .inner", "fill: none;"
    yield ".link.active .line", "stroke-width: 4;"
    yield ".link .back, .link [data-slot=token]", "display: none;"
    yield ".link.carrying .forth", "visibility: hidden;"  # the player still measures it
    yield ".link.store .back, .link.carrying .back, .link.carrying [data-slot=token]", "display: inline;"
    yield ".link.carrying .line", f"stroke: var(--autovis-{token.hue}-line); stroke-width: 3;"
    yield ".link.carrying.active .line", f"stroke-width: {token.width + 1:g};"
    yield ".link.carrying .head", f"fill: var(--autovis-{token.hue}-line);"
    yield ".pill", f"stroke: var(--autovis-{token.hue}-line); stroke-width: 1.6; {fill(token)}"
    yield ".link.active .pill", "stroke-width: 3.2;"
    yield "[data-slot=token] text", f"font-size: {SIZES['token']}px; font-weight: bold; {ink('text')}"
