"""A graph that fails, drawn up to the failure: where, in PyTorch's words, and which lines of the program led there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from textwrap import wrap

from autovis import records
from autovis.language import say
from autovis.tape import Tape
from autovis.viz.scene import Element, Graph, Link
from autovis.viz.source import Program
from autovis.viz.story import Deed, Ref, Story

__all__ = ["Failures", "sentence_of"]

NARROW = 36  # columns of the card under an octagon
TALL = 4  # lines of a sentence; a longer one is cut


@dataclass(frozen=True, slots=True)
class Failures:
    """What failed while a tape ran.

    Attributes:
        graph: the graph with what went wrong written where it did.
        places: index of each event of a failure -> id of the element that shows it.
    """

    graph: Graph
    places: Mapping[int, str]

    @classmethod
    def of(cls, graph: Graph, tape: Tape, story: Story, program: Program) -> Failures:
        """Find out where and why; a failure that belongs to no operation stands for itself, behind what it read."""
        elements = {element.id: element for element in graph.elements}
        links, places = list(graph.links), {}
        for index, event in enumerate(tape.events):
            if not isinstance(event, records.Failed):
                continue
            deed = story.by_node.get(event.node or 0)
            if deed is not None and deed.id:
                lines = (*told(event), *led(deed, tape.events[:index], story, program))
                places[index] = deed.id
                elements[deed.id] = replace(elements[deed.id], problem=lines)
                continue
            places[index] = id = f"x{len(elements) + 1}"
            elements[id] = Element(id, "error", event.kind, problem=tuple(told(event)))
            for slot, source in enumerate(read(event, tape, story)):
                links.append(Link(f"e{len(links) + 1}", source, id, "plain", slot))
        return cls(replace(graph, elements=tuple(elements.values()), links=tuple(links)), places)


def sentence_of(event: records.Failed) -> str:
    """Return the first sentence of an error, the one that people search for."""
    return re.split(r"\n|[.:] |, which | \(or ", event.sentence)[0] or event.kind


def told(event: records.Failed) -> list[str]:
    """Write the sentence in short lines."""
    lines = wrap(say("caption", "error", sentence=sentence_of(event)), NARROW)
    return lines if len(lines) <= TALL else [*lines[: TALL - 1], lines[TALL - 1] + "…"]


def led(deed: Deed, before: list[records.Event], story: Story, program: Program) -> Iterator[str]:
    """Say in which lines the values were saved, and where they were edited or freed, if that is why it failed."""
    saved = next((event for event in before if isinstance(event, records.Saved) and event.node == deed.node), None)
    freed = [event for event in before if isinstance(event, records.Freed) and event.node == deed.node]
    noted = {deed.saved_at(slot): version for slot, version in deed.notes}
    edits = [event for event in before if isinstance(event, records.Bumped) and edited(event, noted, story)]
    for key, found in (
        ("saved", [saved] if freed or edits else []),
        ("freed", freed),
        ("changed", [] if freed else edits),
    ):
        line, code = program.line_of(found[-1].at if found and found[-1] is not None else None)
        if line:
            yield say("problem", key if code else f"{key}_line", line=line, code=code)


def edited(event: records.Bumped, noted: Mapping[Ref | None, int], story: Story) -> bool:
    """Tell whether an edit changed one of some values after it was saved."""
    return any(
        value.version > noted[ref]
        for value in (event.value, *event.sharing)
        for ref in {story.ref(value, ("number", -1, 0)), *before_edit(value, story)} & noted.keys()
    )


def before_edit(value: records.Value, story: Story) -> Iterator[Ref]:
    """Yield what a value was before edits that were recorded."""
    deed = story.by_node.get(value.made_by or 0)
    while deed is not None and deed.in_place:
        yield deed.inputs[0]
        deed = story.made_by.get(deed.inputs[0])


def read(event: records.Failed, tape: Tape, story: Story) -> list[str]:
    """Return the ids of the values that the failing line reads, or of the leaf at which it failed."""
    leaf = story.things.get(("tensor", tape.leaves.get(event.node or 0, 0), 0))
    things = [leaf] if leaf is not None else [story.find(value) for _, value in event.read]
    return [thing.id for thing in things if thing is not None and thing.id]
