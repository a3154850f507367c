"""Films in four languages: the captions keep to their length, and only what is long in English is cut off."""

from html import unescape

import pytest

import autovis as av
from autovis.language import LANGUAGES
from autovis.viz.captions import LIMIT


def reference():
    p, q = av.tensor(1.0, requires_grad=True), av.tensor(2.0, requires_grad=True)
    s, t = p + q, p + 1
    (s * t).backward()
    p.grad.zero_()
    q.grad = None


def perceptron():
    model = av.nn.Sequential(av.nn.Linear(3, 4), av.nn.ReLU(), av.nn.Linear(4, 2))
    optimizer = av.optim.SGD(model.parameters(), lr=0.1)
    loss = av.nn.functional.cross_entropy(model(av.ones(5, 3)), av.tensor([0, 1, 0, 1, 0]))
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()


def edits():
    x = av.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    y.retain_grad()
    y.register_hook(lambda g: g * 3)
    z = (y.exp() + y.detach()).sum() + y.mean() + y[0] + av.cat([y, x]).max()
    z.backward(retain_graph=True)
    z.backward()
    with av.no_grad():
        x.mul_(3)
        x.grad.zero_()
    y.detach_()


def broken():
    x = av.tensor(2.0, requires_grad=True)
    y = x.exp()
    y.add_(1)
    with pytest.raises(RuntimeError):
        y.backward()


def shapes():
    weight = av.ones(3, 2, requires_grad=True)
    rows = (av.ones(4, 3) @ weight).reshape(2, 4).t().expand(3, 4, 2).unbind()
    av.autograd.grad(av.stack(rows).mean() + weight.sum(), [weight])


def filmed(program):
    with av.record() as tape:
        program()
    return tape


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
@pytest.mark.parametrize("program", [reference, perceptron, edits, broken, shapes])
def test_captions_in_every_language_are_as_short_and_say_as_much(program, code):
    tape = filmed(program)
    english = av.film(tape).frames
    av.set_language(code)
    frames = av.film(tape).frames
    assert len(frames) == len(english) > 3
    for frame, told in zip(frames, english, strict=True):
        assert (frame.kind, frame.caption) == (told.kind, told.caption)
        assert len(frame.text) <= LIMIT
        assert frame.text.endswith("…") <= told.text.endswith("…"), frame.text
        assert frame.text != told.text


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_went_wrong_stands_on_the_picture_in_full(code):
    tape = filmed(broken)
    av.set_language(code)
    (failed,) = [element for element in av.film(tape).graph.elements if element.problem]
    picture = unescape(av.play(tape).to_svg())
    assert len(failed.problem) > 3
    assert [line for line in failed.problem if f">{line}<" not in picture] == []
