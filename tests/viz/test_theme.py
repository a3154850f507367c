"""The vocabulary is readable in both themes, without colour, and says only what is painted."""

import re

import pytest
import samples

from autovis.viz import shapes, theme
from autovis.viz.scene import Graph

MODES = {"light": 0, "dark": 1}
LINES = {**theme.ROLES, **theme.LINKS, **theme.REGIONS, **theme.SAVED, **theme.PARTS}
FILLED = {**theme.ROLES, **theme.SAVED, "tray": theme.PARTS["tray"], "token": theme.PARTS["token"]}


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def line(look, mode):
    return getattr(theme.HUES[look.hue], mode)[0]


def fill(look, mode):
    return getattr(theme.HUES[look.hue], mode)[1]


def test_contrast_is_measured_as_wcag_does():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#0072B2", "#FFFFFF") == pytest.approx(5.2, abs=0.05)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", FILLED)
@pytest.mark.parametrize("text", ["text", "muted"])
def test_text_can_be_read_on_every_fill(mode, name, text):
    assert contrast(theme.INK[text][MODES[mode]], fill(FILLED[name], mode)) >= 4.5


@pytest.mark.parametrize("mode", MODES)
def test_text_can_be_read_on_paper_and_on_stripes(mode):
    at = MODES[mode]
    for paper in ("page", "stripe"):
        assert contrast(theme.INK["text"][at], theme.INK[paper][at]) >= 4.5
        assert contrast(theme.INK["muted"][at], theme.INK[paper][at]) >= 4.5


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", LINES)
def test_every_line_stands_out_from_the_paper(mode, name):
    assert contrast(line(LINES[name], mode), theme.INK["page"][MODES[mode]]) >= 3


@pytest.mark.parametrize("mode", MODES)
def test_ghosts_are_faint_but_readable(mode):
    at = MODES[mode]
    ghost = contrast(theme.INK["faint"][at], fill(theme.PARTS["ghost"], mode))
    assert 3 <= ghost < contrast(theme.INK["text"][at], theme.INK["page"][at]) / 2


def test_no_two_roles_differ_by_colour_alone():
    cues = [(look.shape, look.dash) for look in theme.ROLES.values()]
    words = [look.word for look in theme.ROLES.values()]
    assert len(set(cues)) == len(cues)
    assert len(set(words)) == len(words)


def test_no_two_kinds_of_link_differ_by_colour_alone():
    cues = [(look.dash, look.head, look.width) for look in theme.LINKS.values()]
    assert len(set(cues)) == len(cues)


def test_the_states_of_a_note_differ_by_line_and_word():
    assert len({(look.dash, look.width) for look in theme.SAVED.values()}) == len(theme.SAVED)
    assert len({look.word for look in theme.SAVED.values()}) == len(theme.SAVED)


def test_only_the_cut_is_a_diamond():
    assert [role for role, look in theme.ROLES.items() if look.shape == "diamond"] == ["cut"]


def test_every_shape_and_hue_exists():
    assert {look.shape for look in theme.ROLES.values()} <= set(shapes.SHAPES)
    assert {look.hue for look in LINES.values()} <= set(theme.HUES)


def test_the_style_sheet_names_colours_only_as_custom_properties():
    css = theme.stylesheet()
    assert re.findall(r"(?<!-)\b(?:fill|stroke): #", css) == []
    assert set(re.findall(r"var\((--[a-z-]+)\)", css)) <= set(theme.colours("light"))


def test_the_style_sheet_is_dark_where_the_notebook_is_or_else_the_system():
    css = theme.stylesheet()
    assert 'body[data-jp-theme-light="false"] .autovis-picture' in css
    assert re.search(r"prefers-color-scheme: dark\) \{ body:not\(\[data-jp-theme-light\]\) \.autovis-picture", css)


def test_where_the_system_chooses_the_colours_every_one_is_a_system_colour():
    (forced,) = re.findall(r"forced-colors: active\) \{ .*? \{ (.*?) \}", theme.stylesheet())
    chosen = dict(re.findall(r"(--[a-z-]+): (\w+) !important;", forced))
    assert set(chosen) == set(theme.colours("light"))
    assert set(chosen.values()) == {"Canvas", "CanvasText", "Highlight"}
    assert all(chosen[name] == "Canvas" for name in chosen if name.endswith("-fill"))


@pytest.mark.parametrize("mode", MODES)
def test_rules_with_a_mode_need_no_custom_property(mode):
    assert "var(" not in theme.rules(mode)
    assert theme.INK["page"][MODES[mode]] in theme.rules(mode)


def test_braces_of_the_style_sheet_are_balanced():
    assert theme.stylesheet().count("{") == theme.stylesheet().count("}")


def test_the_legend_explains_what_is_painted_and_nothing_else():
    found = [role for role, _, _ in theme.legend(samples.lesson02())]
    assert found == [
        "leaf",
        "const",
        "mid",
        "op",
        "acc",
        "link data",
        "link plain",
        "link store",
        "saved-held",
        "tray",
    ]


def test_the_legend_explains_cuts_regions_hooks_and_ghosts_where_there_are_some():
    assert {"cut", "link cut", "ghost"} <= {role for role, _, _ in theme.legend(samples.detached())}
    assert "region no_grad" in {role for role, _, _ in theme.legend(samples.unrecorded())}
    assert "hook-tensor" in {role for role, _, _ in theme.legend(samples.frozen_net())}


def test_an_empty_picture_needs_no_legend():
    assert theme.legend(Graph((), ())) == []
