"""Figures that belong with a film: gradient norms, what is kept for the way back, the loss; each says its numbers.

With a player, a marker follows the frame that is shown there: the picture in the notebook is replaced by a new one, so
that no further extension is needed.
"""

from __future__ import annotations

import io
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle
from math import isfinite
from typing import Any, Final
from uuid import uuid4

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import get_font_names
from matplotlib.ticker import MaxNLocator

from autovis import records
from autovis.language import get_language, say, section_of
from autovis.past import is_summary
from autovis.tape import Tape
from autovis.viz.frames import Director
from autovis.viz.numerals import number
from autovis.viz.scene import Frame
from autovis.viz.theme import HUES, INK

__all__ = ["Chart", "LETTERS", "Told", "lettering", "losses", "memory", "norms"]

LOOKS: Final = (
    ("blue", "o", "-"),
    ("vermillion", "s", "--"),
    ("green", "^", "-."),
    ("purple", "D", ":"),
    ("orange", "v", "-"),
    ("grey", "P", "--"),
)
"""Hue, marker and dash of the lines: each differs from the others in two ways besides its colour."""

SIZE: Final = (8.0, 4.2)
"""Inches; with the letters below it can be read on a projector."""

LETTERS: Final = 14
"""Points."""

FONTS: Final = {
    "zh-Hans": ("Noto Sans CJK SC", "Noto Sans SC", "Microsoft YaHei", "PingFang SC", "Noto Sans CJK JP"),
    "zh-Hant": ("Noto Sans CJK TC", "Noto Sans TC", "Microsoft JhengHei", "PingFang TC", "Noto Sans CJK JP"),
    "ko": ("Noto Sans CJK KR", "Noto Sans KR", "Malgun Gothic", "Apple SD Gothic Neo", "Noto Sans CJK JP"),
}
"""Fonts that have the letters of a language; the one that matplotlib brings along has none of these."""


@dataclass(frozen=True, slots=True)
class Series:
    """One line: its name, where its points are, and what they are."""

    name: str
    xs: tuple[float, ...]
    ys: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a chart shows.

    Attributes:
        key: of the words in the table `chart`: its title, what the axes are.
        series: the lines.
        place: for each frame of the film, where the marker is; None where there is nothing to mark.
        about: further sentences.
        steps: whether the lines are stairs: a value holds until the next one.
    """

    key: str
    series: tuple[Series, ...]
    place: Callable[[Frame, int], float | None]
    about: tuple[str, ...] = ()
    steps: bool = False


class Told(Figure):
    """A figure that says in words what it shows.

    Attributes:
        told: its numbers in words: the alternative to the picture.
        dark: 1 if it is drawn for dark pages, else 0.
    """

    def __init__(self, told: str, size: tuple[float, float], theme: str) -> None:
        if theme not in ("light", "dark"):
            raise ValueError(f"unknown theme {theme!r}: choose light or dark")
        super().__init__(figsize=size, layout="constrained")
        FigureCanvasAgg(self)
        self.told = told
        self.dark = int(theme == "dark")
        self.set_facecolor(INK["page"][self.dark])

    def __repr__(self) -> str:
        return self.told

    __str__ = __repr__

    def png(self) -> bytes:
        """Return the picture as PNG."""
        told = io.BytesIO()
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Glyph .* missing", UserWarning)  # a variable named by other letters
            self.savefig(told, format="png", dpi=100, metadata={"Software": None, "Description": self.told})
        return told.getvalue()

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the picture, and its numbers in words."""
        return {"image/png": self.png(), "text/plain": self.told}, {"image/png": {"alt": self.told}}


class Chart(Told):
    """Lines over the backward calls or the frames, with a marker that can follow a player."""

    def __init__(self, plan: Plan, theme: str) -> None:
        super().__init__(words_of(plan), SIZE, theme)
        self.handle = ""
        self.marker = draw(self, plan, self.dark)

    def _ipython_display_(self) -> None:
        """Show the chart so that it can be replaced later."""
        from IPython.display import display

        self.handle = self.handle or uuid4().hex
        data, metadata = self._repr_mimebundle_()
        display(data, metadata=metadata, raw=True, display_id=self.handle)

    def mark(self, x: float | None) -> None:
        """Move the marker, and show the new picture where the old one is."""
        self.marker.set_visible(x is not None)
        if x is not None:
            self.marker.set_xdata([x, x])
        if self.handle:
            from IPython.display import update_display

            data, metadata = self._repr_mimebundle_()
            update_display(data, metadata=metadata, raw=True, display_id=self.handle)


def draw(figure: Figure, plan: Plan, dark: int) -> Any:
    """Draw the lines; return the marker."""
    ink, paper, faint = INK["text"][dark], INK["page"][dark], INK["faint"][dark]
    axes = figure.add_subplot(facecolor=paper)
    for (hue, shape, dash), line in zip(cycle(LOOKS), plan.series, strict=False):
        colour = (HUES[hue].dark if dark else HUES[hue].light)[0]
        style = {"drawstyle": "steps-post", "marker": ""} if plan.steps else {"marker": shape, "markersize": 8}
        axes.plot(line.xs, line.ys, dash, color=colour, linewidth=2.6, label=line.name, **style)
    code, fonts = lettering()
    words = section_of(code, "chart")
    look: dict[str, Any] = {"color": ink, "fontfamily": fonts}
    axes.set_title(words[plan.key], fontsize=LETTERS + 2, loc="left", **look)
    axes.set_xlabel(words[f"{plan.key}_x"], fontsize=LETTERS, **look)
    axes.set_ylabel(words[f"{plan.key}_y"], fontsize=LETTERS, **look)
    axes.tick_params(colors=ink, labelsize=LETTERS - 1)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(color=faint, alpha=0.35)
    axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
    for side, spine in axes.spines.items():
        spine.set_color(faint)
        spine.set_visible(side in ("left", "bottom"))
    if len(plan.series) > 1:
        font = {"size": LETTERS - 1, "family": fonts}
        axes.legend(prop=font, labelcolor=ink, facecolor=paper, edgecolor=faint, handlelength=3.2)
    return axes.axvline(plan.series[0].xs[0], color=ink, linewidth=2, linestyle=(0, (2, 2)), visible=False)


def lettering() -> tuple[str, list[str]]:
    """Return the language that a picture can be written in, English where no font has the letters, and its fonts."""
    code, there = get_language(), set(get_font_names())
    fonts = [name for name in FONTS.get(code, ()) if name in there]
    return code if fonts else "en", [*fonts, "DejaVu Sans"]


def words_of(plan: Plan) -> str:
    """Say what a chart shows: its title, and the numbers of each line."""
    head = say("chart", "head", title=say("chart", plan.key), x=say("chart", f"{plan.key}_x"))
    return "\n".join([head, *(f"{line.name}: {numbers_of(line, plan.steps)}" for line in plan.series), *plan.about])


MANY: Final = 12
"""Numbers of one line that are told; of more the ends are."""


def numbers_of(line: Series, steps: bool) -> str:
    """List the points of a line; of stairs only the steps."""
    points = list(zip(line.xs, line.ys, strict=True))
    if steps:
        points = [point for i, point in enumerate(points) if not i or point[1] != points[i - 1][1]]
    told = [say("chart", "point", x=number(x), y=number(y)) for x, y in points]
    if len(told) > MANY:
        left_out = say("chart", "more", count=len(told) - MANY)
        told = [*told[: MANY - 3], left_out, *told[-3:]]
    highest = max(points, key=lambda point: point[1], default=(0.0, 0.0))
    end = say("chart", "highest", y=number(highest[1]), x=number(highest[0]))
    return say("chart", "list", points=say("chart", "comma").join(told), highest=end)


def followed(plan: Plan, player: Any, theme: str) -> Chart:
    """Make the chart; its marker follows a player, if there is one."""
    chart = Chart(plan, theme)
    if player is not None:
        frames = [Frame(str(each["kind"]), int(each.get("call", 0))) for each in player.film["frames"]]
        chart.mark(plan.place(frames[player.frame], player.frame))
        player.observe(lambda change: chart.mark(plan.place(frames[change["new"]], change["new"])), "frame")
    return chart


def at_call(frame: Frame, _: int) -> float | None:
    """Mark the backward call that a frame belongs to."""
    return float(frame.call) if frame.call else None


def checked(tape: Any) -> Tape:
    """Return a tape.

    Raises:
        TypeError: if it is none.
    """
    if not isinstance(tape, Tape):
        raise TypeError(say("chart", "no_tape", kind=type(tape).__name__))
    return tape


def norms(tape: Tape, player: Any = None, *, theme: str = "light") -> Chart:
    """Draw how long the gradient of each leaf is after each backward call.

    Args:
        tape: from `with av.record() as tape:`.
        player: what `av.play(tape)` returned: a marker follows its frame.
        theme: `light` or `dark`.

    Returns:
        A matplotlib figure; the last expression of a cell shows it. Its `repr` tells the numbers.

    Raises:
        TypeError: if it is no tape.
        ValueError: if no gradient was stored, or there is no such theme.
    """
    story = Director(checked(tape)).story
    found: dict[str, dict[float, float]] = {}
    large: dict[str, None] = {}
    for event in tape.of(records.Accumulated):
        name = story.name(story.thing(event.leaf).ref)
        if is_summary(event.after):
            large[name] = None
        else:
            found.setdefault(name, {})[float(event.call)] = float(np.linalg.norm(np.asarray(event.after)))
    if not found:
        raise ValueError(say("chart", "no_gradients"))
    series = tuple(Series(name, tuple(points), tuple(points.values())) for name, points in found.items())
    about = (say("chart", "large", names=say("chart", "comma").join(large)),) if large else ()
    return followed(Plan("norms", series, at_call, about), player, theme)


def losses(tape: Tape, player: Any = None, *, theme: str = "light") -> Chart:
    """Draw the number that each backward call started from.

    Args, returns and errors as in `norms`.
    """
    story = Director(checked(tape)).story
    found: dict[str, dict[float, float]] = {}
    for event in tape.of(records.Seeded):
        value = np.asarray(event.root.data if event.root.data is not None else np.nan)
        if value.size == 1 and isfinite(value.item()):
            name = lowered(story.name(story.thing(event.root).ref))
            found.setdefault(name, {})[float(event.call)] = float(value.item())
    if not found:
        raise ValueError(say("chart", "no_losses"))
    series = tuple(Series(name, tuple(points), tuple(points.values())) for name, points in found.items())
    return followed(Plan("losses", series, at_call), player, theme)


def lowered(name: str) -> str:
    """Return a name without the number that tells it from others of that name: the losses of a loop are one line."""
    return name.rstrip("₀₁₂₃₄₅₆₇₈₉")


def memory(tape: Tape, player: Any = None, *, theme: str = "light") -> Chart:
    """Draw how many numbers the graph keeps for the way back, frame by frame; a tensor that is kept twice counts once.

    Args, returns and errors as in `norms`.
    """
    director = Director(checked(tape))
    director.shoot()
    held = held_after(tape)
    if not any(held):
        raise ValueError(say("chart", "nothing_saved"))
    ys = tuple(float(held[reached]) for reached in saved_with(tape, director.reached))
    line = Series(say("chart", "held"), tuple(map(float, range(len(ys)))), ys)
    return followed(Plan("memory", (line,), lambda _, frame: float(frame), steps=True), player, theme)


def saved_with(tape: Tape, reached: Sequence[int]) -> list[int]:
    """Let a frame hold what its operation saves, which is told just after it."""
    events = tape.events
    until = []
    for count in reached:
        while count < len(events) and isinstance(events[count], records.Saved):
            count += 1  # noqa: PLW2901, it moves on from where the frame ended
        until.append(count)
    return until


def held_after(tape: Tape) -> list[int]:
    """Count the numbers that are kept after each event; the first count is before any."""
    made: dict[int, records.Recorded] = {}
    kept: dict[int, list[tuple[object, int]]] = {}
    holders: Counter[object] = Counter()
    sizes: dict[object, int] = {}
    counts = [0]
    for event in tape.events:
        match event:
            case records.Recorded():
                made[event.node] = event
            case records.Saved() if event.node in made:
                known = made[event.node]
                values = [known.inputs[slot] if slot >= 0 else known.outputs[0] for slot in event.slots]
                kept[event.node] = [(identity(value), int(np.prod(value.shape))) for value in values]
                sizes.update(kept[event.node])
                holders.update(key for key, _ in kept[event.node])
            case records.Freed():
                holders.subtract(key for key, _ in kept.pop(event.node, ()))
        counts.append(sum(sizes[key] for key, count in holders.items() if count > 0))
    return counts


def identity(value: records.Value) -> object:
    """Return what two descriptions of one tensor share."""
    return ("made", value.made_by, value.port) if value.made_by is not None else ("tensor", value.key)
