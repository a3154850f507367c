"""The presenter's view: the player, for a lecture hall."""

import pytest

import autovis as av
from autovis.widgets.page import code, deflated, modules
from autovis.widgets.player import Player, Still

VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def tape():
    x = av.leaf(3.0)
    with av.record() as tape:
        (x * x).backward()
    return tape


def test_a_tape_a_film_and_a_tensor_can_be_presented(tape):
    x = av.leaf(3.0)
    y = x * x
    films = [av.present(tape), av.present(av.film(tape)), av.present(tape, "first", detail="ledger", hide="saved")]
    assert all(isinstance(shown, Player) for shown in films)
    assert films[2].film["title"] == "first"
    assert films[2].film["start"]["detail"] == "ledger"
    assert isinstance(av.present(y), Still)
    assert av.present(y).film["title"] == "y"


def test_it_shows_what_the_player_shows(tape):
    shown, played = av.present(tape), av.play(tape)
    assert shown.film == played.film
    assert shown.outline() == played.outline()
    assert set(shown._repr_mimebundle_()[0]) == {VIEW, "text/plain", "image/png"}


def test_there_is_no_second_player():
    for entry in ("present.js", "presented.js"):
        assert set(modules("mount.js")) < set(modules(entry))


def test_a_page_of_its_own_is_a_presentation_too(tape):
    assert deflated(code("presented.js")) in av.present(tape).to_html()
    assert deflated(code("presented.js")) not in av.play(tape).to_html()


def test_what_cannot_be_presented_says_why():
    with pytest.raises(ValueError, match="This tape was never started"):
        av.present(av.record())
    with pytest.raises(TypeError, match="tensor"):
        av.present(3)
    with pytest.raises(ValueError, match="no level of detail"):
        av.present(av.record(), detail="all")


def test_frames_are_named_by_number(tape):
    shown = av.present(tape)
    shown.frame = 3
    assert shown.frame == 3
