"""What a class believes: strings that were handed in, read as they come, counted belief by belief."""

import pytest

import autovis as av
from autovis.classroom.bank import misconceptions
from autovis.classroom.carry import pack
from autovis.classroom.gather import Belief, class_of, held, tally
from autovis.classroom.heat import mixed
from autovis.classroom.logbook import Check, Logbook, Prediction


def book(mark, checks=(), **predictions):
    """A logbook: `p1=("4", "sure")` is what was predicted in `05-p1`."""
    given = {
        f"05-{name.replace('_', '-')}": Prediction(value, sure, 100) for name, (value, sure) in predictions.items()
    }
    return Logbook(frozenset({mark}), given, dict(checks))


SURE = book("a", p1=(4.0, "sure"))
GUESSED = book("b", p1=(4.0, "guess"))
SILENT = book("c", p1=(4.0, ""))
RIGHT = book("d", p1=(8.0, "sure"))
OTHERWISE = book("e", p1=(16.0, "sure"))


def test_who_was_sure_and_wrong_is_counted_apart():
    beliefs = tally([SURE, GUESSED, SILENT, RIGHT, OTHERWISE])
    assert beliefs == [Belief("M6", 1, 2, 2), Belief("M29", 1, 0, 4)]
    assert beliefs[0].met == 5


def test_what_is_held_most_firmly_comes_first():
    assert [belief.id for belief in tally([OTHERWISE, GUESSED, SILENT, SURE])] == ["M6", "M29"]
    assert [belief.id for belief in tally([OTHERWISE, GUESSED, SILENT])] == ["M29", "M6"]


def test_one_wrong_answer_is_enough_and_being_sure_goes_before():
    both = book("a", p1=(8.0, "sure"), p2=(2.0, "guess"), w=("replaced", "sure"))
    assert held(both)["M6"] == "sure"
    assert held(both)["M27"] == "right"


def test_the_end_of_a_lesson_counts_instead_of_its_beginning():
    assert held(book("a", w=("replaced", "sure")))["M6"] == "sure"
    assert held(book("a", w=("replaced", "sure"), w_again=("added", "")))["M6"] == "right"
    assert held(book("a", w_again=("replaced", "")))["M6"] == "wrong"


@pytest.mark.parametrize(("passed", "verdict"), [(False, "wrong"), (True, "right")])
def test_an_exercise_betrays_something_until_it_is_solved(passed, verdict):
    assert held(book("a", {"05-e1": Check(passed, ("M22",), 1)}.items())) == {"M22": verdict}


def test_questions_that_nobody_knows_are_left_out():
    assert held(Logbook(predictions={"99-p1": Prediction(1, "sure", 1)})) == {}


# ---------------------------------------------------------------------------------------------- handing in


def test_who_hands_in_twice_counts_once():
    later = book("a", p1=(4.0, "sure"), p2=(2.0, ""))
    learners, unread = class_of([pack(SURE), pack(RIGHT), pack(SURE), pack(later)])
    assert len(learners) == 2
    assert not unread
    assert tally(learners)[0] == Belief("M6", 1, 0, 1)
    assert "M27" in held(learners[-1])


def test_a_logbook_that_was_carried_over_joins_both_halves():
    carried = Logbook(frozenset({"a", "b"}))
    learners, _ = class_of(map(pack, [SURE, GUESSED, RIGHT, carried]))
    assert sorted(len(one.marks) for one in learners) == [1, 2]


def test_strings_may_lie_in_a_file_or_in_a_folder(tmp_path):
    long = pack(book("f", p1=(4.0, ""), p2=(0.0, ""), p3=(-105.0, "sure")))
    broken = "\n".join(long[n : n + 40] for n in range(0, len(long), 40))
    text = f"Monday\n{pack(SURE)}\nsee you: {pack(GUESSED)} bye\n\n{broken}\n"
    (tmp_path / "all.txt").write_text(text, "utf-8")
    for place in (tmp_path / "all.txt", str(tmp_path / "all.txt"), tmp_path, text):
        learners, unread = class_of(place)
        assert (len(learners), unread) == (3, [])
    (tmp_path / "one.txt").write_text(f"'{pack(RIGHT)}'", "utf-8")
    (tmp_path / "two.txt").write_bytes(b"\xff\xfe nothing here")
    learners, unread = class_of(tmp_path)
    assert len(learners) == 4
    assert [one.place for one in unread] == ["two.txt"]


def test_what_cannot_be_read_is_listed_and_stops_nothing():
    shown = av.heat_map([pack(SURE), "hello", "", pack(RIGHT)[:-5], None])
    assert shown.learners == 1
    assert [one.place for one in shown.unread] == ["2", "3", "4", "5"]
    told = " ".join(repr(shown).split())
    assert "Not read: 2. This is no progress string" in told
    assert "Not read: 4. This progress string is damaged" in told


def test_a_file_that_is_not_there_says_so(tmp_path):
    with pytest.raises(FileNotFoundError):
        av.heat_map(tmp_path / "nowhere.txt")


# ---------------------------------------------------------------------------------------------- what is shown


def test_the_outline_says_what_the_picture_shows():
    told = repr(av.heat_map(map(pack, [SURE, GUESSED, SILENT, RIGHT, OTHERWISE]))).splitlines()
    assert told[0] == "What the class believes: 5 learners"
    assert told[1].split() == ["belief", "sure", "and", "wrong", "wrong", "right", "what", "it", "says"]
    assert told[2].split()[:5] == ["M6", "1", "2", "2", "Each"]
    assert told[3].split()[:4] == ["M29", "1", "0", "4"]
    silent = " ".join(told[4:])
    assert silent.startswith("Nobody was asked about M1, M2,")
    assert all(
        f"{id}," in silent or f"{id} and" in silent or f"{id}." in silent
        for id in set(misconceptions()) - {"M6", "M29"}
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_picture_holds_the_numbers(theme):
    shown = av.heat_map(map(pack, [SURE, GUESSED, RIGHT]), theme=theme)
    written = [text.get_text() for text in shown.axes[0].texts]
    row = written.index("M6")
    assert written[row + 1].replace("\n", " ") == misconceptions()["M6"].thought
    assert written[row + 2 : row + 5] == ["1", "1", "1"]
    data, _ = shown._repr_mimebundle_()
    assert data["image/png"].startswith(b"\x89PNG")
    assert data["text/plain"] == repr(shown)


def test_the_more_the_deeper():
    shades = [mixed("#D55E00", "#FFFFFF", share)[2] for share in (0, 0.1, 0.5, 1)]
    assert shades == sorted(shades, reverse=True)
    assert shades[0] == 1
    assert shades[3] == pytest.approx(0.4)


def test_nobody_has_handed_in_anything():
    shown = av.heat_map([])
    assert repr(shown).startswith("What the class believes: 0 learners\nNobody was asked about M1,")
    assert shown.png()


def test_an_unknown_theme_is_refused():
    with pytest.raises(ValueError, match="choose light or dark"):
        av.heat_map([], theme="blue")
