"""Figures beside a film: their numbers, their words, and the marker that follows a player."""

import io
import re

import matplotlib.image
import pytest

import autovis as av


@pytest.fixture(scope="module")
def tape():
    """Three steps of gradient descent on w·x - 1 squared, from w = 3, with x = (1, 2)."""
    x = av.tensor([1.0, 2.0])
    with av.record() as recorded:
        w = av.leaf([3.0, 0.0])
        for _ in range(3):
            loss = ((w * x).sum() - 1) ** 2
            loss.backward()
            with av.no_grad():
                w -= 0.05 * w.grad
            w.grad = None
    return recorded


def numbers(chart, line=0):
    drawn = chart.axes[0].lines[line]
    return [round(float(y), 6) for y in drawn.get_ydata()]


def test_norms_are_those_of_the_stored_gradients(tape):
    assert numbers(av.norms(tape)) == [8.944272, 4.472136, 2.236068]
    assert repr(av.norms(tape)) == (
        "How long each gradient is, by backward call\nw: 1: 8.944, 2: 4.472, 3: 2.236 (highest 8.944 at 1)"
    )


def test_losses_are_what_backward_started_from(tape):
    assert numbers(av.losses(tape)) == [4.0, 1.0, 0.25]
    assert str(av.losses(tape)).splitlines()[1] == "loss: 1: 4, 2: 1, 3: 0.25 (highest 4 at 1)"


def test_memory_counts_what_is_saved_and_freed():
    with av.record() as tape:
        x = av.leaf([1.0, 2.0])
        y = (x * x).sum()  # the same two numbers, twice
        z = y.exp() * x.sum()  # the result of exp, which is also an input of the product; the sum
        z.backward()
    held = numbers(av.memory(tape))
    assert held[:2] == [0.0, 2.0]
    assert max(held) == 4.0
    assert held[-1] == 0.0
    kinds = [frame.kind for frame in av.film(tape).frames]
    assert len(held) == len(kinds)
    for frame, kind in enumerate(kinds):
        assert (held[frame] < held[frame - 1]) <= (kind == "free")


def test_a_retained_graph_keeps_what_it_saved():
    with av.record() as tape:
        x = av.leaf(3.0)
        (x * x).backward(retain_graph=True)
    assert numbers(av.memory(tape))[-1] == 1.0


def test_the_marker_follows_the_player(tape):
    player = av.play(tape)
    norms, memory = av.norms(tape, player), av.memory(tape, player)
    assert norms.marker.get_visible() is False
    seeds = [index for index, frame in enumerate(player.film["frames"]) if frame["kind"] == "seed"]
    player.frame = seeds[1]
    assert (norms.marker.get_visible(), list(norms.marker.get_xdata())) == (True, [2.0, 2.0])
    assert list(memory.marker.get_xdata()) == [seeds[1], seeds[1]]
    player.frame = 0
    assert norms.marker.get_visible() is False


def test_a_moved_marker_replaces_the_picture_that_is_shown(tape, monkeypatch):
    told = []
    monkeypatch.setattr("IPython.display.display", lambda data, **more: told.append((data, more["display_id"])))
    monkeypatch.setattr("IPython.display.update_display", lambda data, **more: told.append((data, more["display_id"])))
    player = av.play(tape)
    chart = av.memory(tape, player)
    chart._ipython_display_()
    player.frame = 9
    (first, shown), (second, replaced) = told
    assert shown == replaced
    assert first["image/png"] != second["image/png"]
    assert first["text/plain"] == second["text/plain"] == repr(chart)


def test_large_gradients_are_named_and_left_out():
    with av.record() as tape:
        large, small = av.ones(10, 10, requires_grad=True), av.leaf(1.0)
        (large.sum() * small).backward()
    text = repr(av.norms(tape))
    assert "small: 1: 100" in text
    assert text.endswith("Not drawn: large; a tape copies the numbers of small tensors only.")


def test_many_numbers_are_told_by_their_ends():
    with av.record() as tape:
        w = av.leaf(1.0)
        for _ in range(30):
            (w * 2).backward()
    assert "9: 18, ... 18 more, 28: 56" in repr(av.norms(tape))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_letter_stands_out_from_the_paper(tape, theme):
    chart = av.norms(tape, theme=theme)
    picture = matplotlib.image.imread(io.BytesIO(chart.png()))
    axes = chart.axes[0]
    texts = [axes.xaxis.label, axes.yaxis.label, *axes.get_xticklabels()]
    assert min(text.get_fontsize() for text in texts) >= 13
    light, dark = sorted(
        sum(part) for part in map(matplotlib.colors.to_rgb, (axes.xaxis.label.get_color(), axes.get_facecolor()))
    )
    assert dark - light > 2
    assert picture.shape[:2] == (420, 800)


def test_the_picture_is_the_same_each_time(tape):
    assert av.norms(tape).png() == av.norms(tape).png()


def test_the_words_are_the_alternative_to_the_picture(tape):
    data, metadata = av.norms(tape)._repr_mimebundle_()
    assert metadata["image/png"]["alt"] == data["text/plain"] == repr(av.norms(tape))


def test_what_cannot_be_drawn_says_why(tape):
    with av.record() as empty:
        av.leaf(1.0)
    for draw in (av.norms, av.losses, av.memory):
        with pytest.raises(ValueError, match="there is nothing to draw"):
            draw(empty)
        with pytest.raises(TypeError, match=re.escape("not of int; record one")):
            draw(3)
        with pytest.raises(ValueError, match="unknown theme 'sepia'"):
            draw(tape, theme="sepia")


def test_a_chart_can_be_painted_in_every_language(tape):
    for code in ("zh-Hans", "zh-Hant", "ko", "en"):
        av.set_language(code)
        assert av.norms(tape).png().startswith(b"\x89PNG")
