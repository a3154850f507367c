"""A film with its drawing: any of its frames as SVG, PNG or GIF, and the whole of it as a strip."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from autovis.language import say
from autovis.viz import draw, layout, outline, render, strip
from autovis.viz.measure import columns
from autovis.viz.scene import Change, Film

__all__ = ["LONGEST_GIF", "Reel"]

LONGEST_GIF: Final = 150
"""Frames that a GIF holds at most; more would take minutes to watch and megabytes to send."""

BREATH, LETTER, PAUSE = 900, 45, 1500
"""Milliseconds that a frame of a GIF stays: at least, more for each letter of its caption, and more at the end."""


@dataclass(frozen=True, slots=True)
class Reel:
    """A film, or a picture (a film without frames), and where everything in it goes.

    Attributes:
        film: what is drawn.
        placement: where.
    """

    film: Film
    placement: layout.Placement

    @classmethod
    def of(cls, film: Film, title: str = "") -> Reel:
        """Lay a film out.

        Args:
            film: what is to be drawn.
            title: its name; the graph's title if empty.
        """
        film = replace(film, graph=replace(film.graph, title=title or film.graph.title))
        sizes = draw.sizes(film.graph, [frame.changes for frame in film.frames])
        return cls(film, layout.place(film.graph, sizes))

    @property
    def outline(self) -> str:
        """What there is to see, as plain text."""
        return outline.film(self.film) if self.film.frames else outline.outline(self.film.graph)

    def draw(
        self,
        state: Mapping[str, Change] | None = None,
        *,
        theme: str = "css",
        active: tuple[str, Collection[str]] = ("", ()),
    ) -> str:
        """Draw the graph in a state; see `draw.svg`."""
        graph = self.film.graph
        return draw.svg(
            graph,
            self.placement,
            {} if state is None and self.film.frames else state,
            states=[frame.changes for frame in self.film.frames],
            active=active,
            theme=theme,
            description=say("player", "described", count=len(graph.elements)),
        )

    def end(self, theme: str = "css") -> str:
        """Draw the picture as it is when the film is over."""
        return self.draw(self.film.last() if self.film.frames else None, theme=theme)

    def shots(self, numbers: Iterable[int]) -> list[strip.Shot]:
        """Draw frames of the film, each with its caption.

        Raises:
            ValueError: if there is no such frame.
        """
        wanted, last = list(numbers), len(self.film.frames) - 1
        if wrong := [number for number in wanted if not 0 <= number <= last]:
            raise ValueError(f"There is no frame {wrong[0]}: this film has the frames 0 to {last}.")
        states = strip.states(self.film, wanted)
        return [self.shot(number, states[number]) for number in wanted]

    def shot(self, number: int, state: Mapping[str, Change]) -> strip.Shot:
        """Draw one frame."""
        frame, last = self.film.frames[number], len(self.film.frames) - 1
        picture = self.draw(state, active=(frame.node, frame.links))
        place = say("export", "place", number=number, last=last)
        return strip.Shot(picture, (self.placement.width, self.placement.height), frame.text, place)

    def svg(self, frame: int | None = None, theme: str = "light") -> str:
        """Draw one frame with its caption; without a number the strip of key frames, or the still picture."""
        if not self.film.frames:
            return self.end(theme)
        numbers = strip.key_frames(self.film.frames) if frame is None else [frame]
        return strip.sheet(self.shots(numbers), theme=theme, title=self.film.graph.title)

    def png(self, frame: int | None = None, *, scale: float = 2, theme: str = "light") -> bytes:
        """Paint one frame with its caption; without a number the picture when the film is over."""
        return render.png(self.end(theme) if frame is None else self.svg(frame, theme), scale)

    def gif(self, numbers: Sequence[int] | None = None, *, scale: float = 1, theme: str = "light") -> bytes:
        """Paint frames as an animation that loops; each stays as long as its caption takes to read.

        Raises:
            ValueError: if there are no frames, or more than `LONGEST_GIF`, or one of them does not exist.
        """
        if not self.film.frames:
            raise ValueError(
                "A picture does not move: save it with to_png() or to_svg(). Films come from av.play(tape)."
            )
        wanted = range(len(self.film.frames)) if numbers is None else numbers
        if not 0 < len(wanted) <= LONGEST_GIF:
            most = min(LONGEST_GIF, len(self.film.frames))
            raise ValueError(
                f"A GIF holds 1 to {LONGEST_GIF} frames, not {len(wanted)}: choose some, as in"
                f" to_gif(frames=range({most})), or save the whole film with to_html()."
            )
        shots = self.shots(wanted)
        lines = max(len(strip.told(shot)) for shot in shots)
        sheets = [strip.sheet([shot], theme=theme, title=self.film.graph.title, lines=lines) for shot in shots]
        stays = [BREATH + LETTER * columns(shot.caption) for shot in shots]
        stays[-1] += PAUSE
        return render.gif(sheets, stays, scale)
