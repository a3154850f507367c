"""The gallery shows every state there is, and no two of them look alike without colour."""

import re
import xml.etree.ElementTree as ET
from itertools import combinations

import gallery
import pytest

from autovis.viz import theme

SVG = "{http://www.w3.org/2000/svg}"
ROWS = {
    **{f"element {role}": look for role, look in theme.ROLES.items()},
    **{f"link {role}": line for role, line in theme.LINKS.items()},
    **{f"region {role}": line for role, line in theme.REGIONS.items()},
    **{f"saved {state}": line for state, line in theme.SAVED.items()},
    **{f"part {part}": line for part, line in theme.PARTS.items()},
}


@pytest.fixture(scope="module")
def shots():
    return {name: program() for name, program in gallery.STATES.items()}


@pytest.fixture(scope="module")
def pictures(shots):
    return {name: ET.fromstring(shot.svg()) for name, shot in shots.items()}


def visible(node, role=""):
    """Go through what is displayed: classes, and the role of the element around."""
    classes = (node.get("class") or "").split()
    if "hidden" in classes or (classes[:1] == ["body"] and role not in classes):
        return
    if node.get("data-slot") == "problem" and role != "error":
        return
    if classes[:1] == ["element"]:
        role = classes[1]
    yield node, classes
    for child in node:
        yield from visible(child, role)


def painted(root):
    """Name the states that a picture shows, as `ROWS` does."""
    for node, classes in visible(root):
        match classes:
            case ["element" | "link" | "region" as kind, role, *more]:
                yield f"{kind} {role}"
                yield from (f"saved {name.removeprefix('saved-')}" for name in more if name.startswith("saved-"))
                yield from ("part ghost" for name in more if name == "ghost")
                yield from ("part token" for name in more if name == "carrying")
            case ["tray" | "hook" | "problem" as part]:
                yield f"part {part}"
        if node.text in theme.HOOKS.values():
            yield f"hook {node.text}"
        if node.text == theme.PARTS["why"].word:
            yield "part why"


def test_every_state_is_painted_somewhere(pictures):
    found = {state for root in pictures.values() for state in painted(root)}
    wanted = {*ROWS, *(f"hook {word}" for word in theme.HOOKS.values())}
    assert wanted - found == set()
    assert found - wanted == set(), "a state that no table knows"


@pytest.mark.parametrize("name", gallery.STATES)
def test_the_legend_lists_what_is_painted_and_nothing_else(name, shots, pictures):
    listed = {key for key, _, _ in theme.legend(shots[name].graph)}
    shown = set(painted(pictures[name]))
    for role in theme.ROLES:
        assert (role in listed) == (f"element {role}" in shown) or shots[name].film, role
    for role in theme.LINKS.keys() - {"shares"}:
        assert (f"link {role}" in listed) == (f"link {role}" in shown) or shots[name].film, role
    for role in theme.REGIONS:
        assert (f"region {role}" in listed) == (f"region {role}" in shown), role
    for state in theme.SAVED:
        assert (f"saved-{state}" in listed) == (f"saved {state}" in shown) or shots[name].film, state
    for hook, word in theme.HOOKS.items():
        assert (f"hook-{hook}" in listed) == (f"hook {word}" in shown), hook


def cues(key):
    """Return what tells a state without colour: kind and shape, dash, end marks, width, hatch, word."""
    look, kind = ROWS[key], key.partition(" ")[0]
    shape = getattr(look, "shape", kind)
    return shape, look.dash, getattr(look, "head", ""), look.width, key == "region device", look.word


def test_no_two_states_are_twins_in_greyscale():
    twins = [pair for pair in combinations(ROWS, 2) if cues(pair[0]) == cues(pair[1])]
    assert twins == []


@pytest.mark.parametrize("table", ["element", "link", "region", "saved"])
def test_states_of_one_kind_differ_by_form_alone(table):
    forms = {key: cues(key)[:-1] for key in ROWS if key.startswith(table)}
    assert len(set(forms.values())) == len(forms)


def test_the_page_shows_each_state_on_four_papers_and_needs_nothing_else():
    page = gallery.page()
    assert page.count("<section>") == len(gallery.STATES)
    assert page.count("<svg ") == len(gallery.STATES) * len(gallery.PAPERS)
    assert set(re.findall(r'https?://[^"\s<]+', page)) == {"http://www.w3.org/2000/svg"}
    for name in gallery.STATES:
        assert f"<h2>{name}</h2>" in page
