"""The frames of a folded film: what happens inside one box, one after the other, is told by one frame."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from autovis.viz.captions import caption
from autovis.viz.runs import Run
from autovis.viz.scene import Change, Entry, Film, Frame, Region

__all__ = ["Cut"]

SOFT: Final = frozenset({"fan_in", "accumulate", "clear", "step", "edit", "hook", "retain", "free", "skip", "return"})
"""Kinds of frames that do not part two frames inside the same box: they tell of what the box did to values outside."""

Changes = dict[str, dict[str, bool | int | str]]


@dataclass(slots=True)
class Shot:
    """Frames that are told as one.

    Attributes:
        box: the closed run in which they happen; None for a frame that is told as it was.
        first, last: their numbers.
    """

    box: Run | None
    first: int
    last: int


@dataclass(slots=True)
class Cut:
    """Cuts the film of a folded picture.

    Args:
        film: the whole film.
        places: by id of an element, what stands for it.
        links: by id of a link, what stands for it; empty inside of a box.
        boxes: the closed runs by id.
    """

    film: Film
    places: Mapping[str, str]
    links: Mapping[str, str]
    boxes: Mapping[str, Run]
    _hidden: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _tokens: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    _grads: dict[str, dict[str, bool]] = field(default_factory=lambda: defaultdict(dict))
    _members: Counter[str] = field(default_factory=Counter)

    def frames(self) -> tuple[tuple[Frame, ...], tuple[int, ...]]:
        """Return the frames, and for each the number of the last one that it stands for."""
        for element in self.film.graph.elements:
            place = self.places[element.id]
            if place in self.boxes and element.grad:
                self._grads[place][element.id] = element.grad != "None"
            self._members[place] += place not in self.boxes or element.id[0] in "oc"
        self._members.update(became for became in self.links.values() if became)
        self._members.update(region.id for region in self.film.graph.regions if self._is_seen(region))
        shots = list(self._shots())
        return tuple(map(self._frame, shots)), tuple(shot.last for shot in shots)

    def _is_seen(self, region: Region) -> bool:
        """Whether a frame has something left in it."""
        return any(self.places[id] == id for id in region.members)

    def _shots(self) -> Iterator[Shot]:
        """Go through the frames and join those of the same box."""
        now: Shot | None = None
        waiting: list[int] = []
        for at, frame in enumerate(self.film.frames):
            box = self.boxes.get(self.places.get(frame.node, "")) if at else None
            if now is not None and box is now.box and self._continues(now, frame):
                now.last, waiting = at, []
            elif box is None and frame.kind in SOFT and now is not None:
                waiting.append(at)
            else:
                yield from self._done(now, waiting)
                now, waiting = (Shot(box, at, at), []) if box is not None else (None, [])
                if box is None:
                    yield Shot(None, at, at)
        yield from self._done(now, waiting)

    def _continues(self, shot: Shot, frame: Frame) -> bool:
        """Whether a frame goes on with a shot: a module runs forwards and backwards, equal steps run as they ran."""
        assert shot.box is not None
        return shot.box.kind == "repeat" or self.film.frames[shot.last].call == frame.call

    def _done(self, shot: Shot | None, waiting: list[int]) -> Iterator[Shot]:
        if shot is not None and shot.box is not None and shot.box.kind == "repeat" and waiting:
            shot.last, waiting = waiting[-1], []  # what the last of the steps does to values outside
        if shot is not None:
            yield shot
        yield from (Shot(None, at, at) for at in waiting)

    def _frame(self, shot: Shot) -> Frame:
        """Make one frame of a shot."""
        frames = self.film.frames[shot.first : shot.last + 1]
        changes: Changes = {}
        for frame in frames:
            for id, change in frame.changes.items():
                self._change(changes, id, change)
        links = tuple(dict.fromkeys(became for frame in frames for id in frame.links if (became := self.links.get(id))))
        if shot.box is None:
            rows = tuple(replace(row, link=self.links.get(row.link, "")) for row in frames[0].rows)
            return replace(frames[0], changes=changes, links=links, rows=rows)
        entries: list[Entry] = [entry for frame in frames for entry in (*frame.entries, frame.ledger) if entry]
        trays = [frame.tray for frame in frames if frame.tray and self.places[frame.tray.node] == frame.tray.node]
        calls = {frame.call for frame in frames}
        way = "both" if len(calls) > 1 else "backward" if frames[-1].call else "forward"
        count = shot.box.count if way == "both" else shot.box.stop - shot.box.start
        key, args = f"fold_{way}", {"name": self._name(shot.box), "count": str(count)}
        key += "_one" if count == 1 else ""
        return Frame(
            "forward" if way == "forward" else "send",
            frames[-1].call,
            key,
            args,
            caption(key, args),
            shot.box.id,
            links,
            tray=trays[-1] if trays else None,
            ledger=entries[-1] if entries else None,
            entries=tuple(entries[:-1]),
            line=frames[0].line,
            span=frames[0].span,
            changes=changes,
        )

    def _name(self, box: Run) -> str:
        return box.label if box.kind == "module" else f"× {box.count}" if box.kind == "repeat" else box.label

    def _change(self, changes: Changes, id: str, change: Change) -> None:
        """Lead a change to what stands for an element or a link."""
        place = self.links[id] if id in self.links else self.places.get(id, id)
        if not place:
            return
        if place == id and self._members[place] == 1:
            changes.setdefault(id, {}).update(change)
            return
        told: dict[str, Any] = {}
        if "visible" in change and (id in self.links or id[0] in "oc"):
            hidden = self._hidden[place]
            (hidden.discard if change["visible"] else hidden.add)(id)
            told["visible"] = len(hidden) < self._members[place]
        if "token" in change:
            tokens = self._tokens[place]
            tokens.pop(id, None)
            if change["token"]:
                tokens[id] = str(change["token"])
            told["token"] = next(reversed(tokens.values()), "")
        if "grad" in change and id in self._grads.get(place, ()):
            grads = self._grads[place]
            grads[id] = change["grad"] != "None"
            held = sum(grads.values())
            told["grad"] = f"{held} of {len(grads)}" if held else "None"
        if told:
            changes.setdefault(place, {}).update(told)
