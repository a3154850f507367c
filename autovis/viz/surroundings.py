"""What lies around values and operations: memory that they share, devices, blocks off the record, recorded passes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from autovis.viz.cast import SWITCHES, Deed, Ref, Thing
from autovis.viz.runs import Call
from autovis.viz.scene import Element, Region

__all__ = ["calls", "regions", "storages", "with_storage"]


def storages(
    deeds: Iterable[Deed], things: Mapping[Ref, Thing], is_named: Callable[[Ref], bool]
) -> Iterator[tuple[str, list[str]]]:
    """Find the values that lie over the same memory, as far as a program can tell: who has a name, and what was cut.

    Yields:
        An id for the memory, and those of the values, the first one first.
    """
    source: dict[Ref, Ref] = {}
    told: set[Ref] = set()
    for deed in deeds:
        if deed.shares and deed.inputs:
            whole = source.get(deed.inputs[0], deed.inputs[0])
            source.setdefault(whole, whole)
            source.update(dict.fromkeys(deed.outputs, whole))
            told.update(deed.outputs if deed.rule is None else ())
    groups: dict[Ref, list[str]] = {}
    for ref, whole in source.items():
        if things[ref].id and (is_named(ref) or ref in told):
            groups.setdefault(whole, []).append(things[ref].id)
    for members in groups.values():
        if len(members) > 1:
            yield f"s{members[0][1:]}", members


def with_storage(elements: Sequence[Element], id: str, members: Sequence[str]) -> list[Element]:
    """Put memory beside the first of the values that share it."""
    found: list[Element] = []
    for element in elements:
        found.append(replace(element, storage=id) if element.id in members else element)
        if element.id == members[0]:
            found.append(Element(id, "storage", "shares storage", device=element.device))
    return found


def regions(deeds: Iterable[Deed], things: Mapping[Ref, Thing], elements: Iterable[Element]) -> list[Region]:
    """Put frames round each run under a switch such as `no_grad`, round each recorded pass, and round each device."""
    found = [("no_grad", mode, run) for run, mode in unrecorded(deeds, things)]
    found += [("pass", "backward", members) for members in in_passes(deeds, things)]
    inner = [members for _, _, members in found]
    for device, members in on_devices(deeds, things, elements).items():
        found += [("device", device, part) for part in parted(members, inner)]
    return [Region(f"r{at}", role, label, members) for at, (role, label, members) in enumerate(found, 1)]


def unrecorded(deeds: Iterable[Deed], things: Mapping[Ref, Thing]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield each run of operations that were not recorded, with what they made, and the switch."""
    for how, run in groupby(deeds, lambda deed: deed.how):
        if how in SWITCHES:
            members = (id for deed in run for id in (deed.id, *(things[ref].id for ref in deed.outputs)))
            yield tuple(dict.fromkeys(members)), how


def in_passes(deeds: Iterable[Deed], things: Mapping[Ref, Thing]) -> Iterator[tuple[str, ...]]:
    """Yield what each recorded pass (`create_graph`) has computed: a graph of its own."""
    found: dict[int, list[str]] = {}
    for deed in deeds:
        if deed.call and deed.how == "graph":
            numbers = (ref for ref in deed.inputs if things[ref].value.number is not None)
            found.setdefault(deed.call, []).extend(
                (*(things[ref].id for ref in numbers), deed.id, *(things[ref].id for ref in deed.outputs))
            )
    for members in found.values():
        yield tuple(dict.fromkeys(members))


def on_devices(
    deeds: Iterable[Deed], things: Mapping[Ref, Thing], elements: Iterable[Element]
) -> dict[str, tuple[str, ...]]:
    """List what lies on each device; an operation that carries numbers between two lies on neither."""
    device = {element.id: element.device for element in elements}
    for deed in deeds:
        values = (things[ref] for ref in (*deed.inputs, *deed.outputs))
        places = {thing.device for thing in values if thing.value.number is None}
        device[deed.id] = places.pop() if len(places) == 1 else ""
    numbers = {thing.id for thing in things.values() if thing.value.number is not None}
    found: dict[str, list[str]] = {}
    for id, place in device.items():
        if place and id not in numbers:
            found.setdefault(place, []).append(id)
    return {place: tuple(members) for place, members in found.items()}


def parted(members: tuple[str, ...], frames: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Divide what lies on a device where another frame would run across its own."""
    parts = [members]
    for frame in map(frozenset, frames):
        inside = tuple(id for id in members if id in frame)
        if inside and len(inside) < len(frame):  # the frame holds more than this device's
            parts = [tuple(id for id in part if id not in frame) for part in parts] + [inside]
    return [part for part in parts if part]


def calls(deeds: Iterable[Deed], made: Iterable[Call]) -> Iterator[Region]:
    """List the calls of modules, each with the operations that it ran; those that ran none are left out."""
    id_of = {deed.index: deed.id for deed in deeds}
    for number, call in enumerate(made, 1):
        members = tuple(id_of[index] for index in range(call.start, call.stop) if index in id_of)
        if members:
            yield Region(f"m{number}", "module", call.path, members, call.kind)
