"""What a learner has done is kept beside the notebooks; nothing that happens to the file loses it or stops a lesson."""

import json
import multiprocessing
import os
import subprocess
import sys
import time

import pytest

from autovis.classroom import check, predict, progress, reveal, solution
from autovis.classroom import store as stores
from autovis.classroom.bank import exercises
from autovis.classroom.carry import pack, unpack
from autovis.classroom.judge import made_by
from autovis.classroom.logbook import LARGEST, Check, Logbook, Prediction, merged, read, write
from autovis.classroom.questions import question_panel
from autovis.classroom.store import FILE, STORE

ONE_LESSON = Logbook(
    frozenset({"m"}),
    {"05-p1": Prediction(4.0, "sure", 100), "05-p2": Prediction("None", "guess", 110)},
    {"05-e1": Check(passed=True, beliefs=("M22",), at=120)},
    {"05": ((100, 120),)},
)


def kept(folder):
    return read((folder / FILE).read_text("utf-8"))[0]


def at(minutes, monkeypatch):
    monkeypatch.setattr("autovis.classroom.session.minute", lambda: minutes)


def solve(id):
    return check(id, made_by(exercises()[id], exercises()[id].solution))


# ----------------------------------------------------------------------------------------------- what is kept


def test_a_prediction_is_still_committed_when_the_notebook_is_opened_again(folder, new_kernel):
    predict("02-p1", 3, sure=True)
    new_kernel()
    assert str(predict("02-p1")).splitlines()[-2] == "You predict: 3 (sure)"
    assert "You predicted: 3." in str(reveal("02-p1", 5.0))
    new_kernel()
    assert "first prediction stays" in str(predict("02-p1", 5))
    new_kernel()
    from autovis.classroom.bank import questions

    predict("02-p1")
    panel = question_panel("02-p1", questions()["02-p1"])
    assert (panel.settled, panel.sure, panel.said) == (True, "sure", "You predict: 3 (sure)")


def test_a_solution_stays_open_for_whom_has_tried(folder, new_kernel):
    check("02-e1", lambda x: 13 * x)
    new_kernel()
    assert "x * x * x + x" in str(solution("02-e1"))


def test_the_table_says_how_far_one_got(folder, monkeypatch):
    at(1000, monkeypatch)
    predict("05-w", "c", sure=True)
    predict("05-p1", "4", sure="sure")
    at(1012, monkeypatch)
    predict("05-p2", 0, sure="guess")
    solve("05-e1")
    at(1032, monkeypatch)
    predict("05-p3", -105)
    at(1100, monkeypatch)  # a break that is too long to count
    predict("06-w")
    shown = str(progress()).splitlines()
    assert shown[0].split("  ")[0] == " lesson"
    assert shown[1].split() == ["05", "4", "of", "5", "3", "1", "of", "2", "1", "of", "2", "32"]
    assert shown[2].split() == ["06", "0", "of", "5", "0", "0", "of", "2", "0"]
    assert shown[3] == "You were sure, and it was otherwise: 05-p1. These are worth a second look."
    assert shown[4].startswith("Kept in .autovis-progress.json beside the notebooks")


def test_the_table_is_a_table_in_a_notebook(folder):
    predict("05-p1", 8)
    page = progress()._repr_mimebundle_()
    assert '<th scope="col">lesson</th>' in page["text/html"]
    assert "<td>05</td><td>1 of 5</td>" in page["text/html"]
    assert page["text/plain"] == repr(progress())


def test_the_file_holds_no_name_and_no_path(folder):
    predict("05-p1", 8, sure=False)
    data = json.loads((folder / FILE).read_text("utf-8"))
    assert set(data) == {"autovis-progress", "marks", "predictions", "checks", "sittings"}
    assert data["predictions"] == {"05-p1": [8.0, "unsure", data["predictions"]["05-p1"][2]]}
    assert len(data["marks"]) == 1
    for word in (os.environ.get("USER", "nobody-at-all"), str(folder)):
        assert word not in (folder / FILE).read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "value", "known"),
    [
        ("AUTOVIS_MODE", "ci", "1 of 5"),
        ("AUTOVIS_MODE", "instructor", "Nothing is kept"),
        ("AUTOVIS_PROGRESS", "off", "1 of 5"),
    ],
)
def test_nothing_is_written_or_read_when_that_is_not_wanted(folder, monkeypatch, new_kernel, name, value, known):
    monkeypatch.setenv(name, value)
    predict("05-p1", 8)
    solve("05-e1")
    assert "Nothing is written to a file here" in " ".join(str(progress()).split())
    assert known in str(progress())
    assert list(folder.iterdir()) == []
    monkeypatch.delenv(name)
    predict("06-w")
    assert list(folder.iterdir()) == [], "what was done before does not follow"


def test_looking_at_a_question_writes_nothing(folder):
    predict("05-p1")
    reveal("05-p1", anyway=True)
    progress()
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("level", ["perhaps", 2, []])
def test_how_sure_is_one_of_three(level):
    with pytest.raises((ValueError, TypeError)):
        predict("05-p1", 8, sure=level)


def test_a_wrong_answer_leaves_the_belief_that_it_betrays(folder):
    exercise = exercises()["05-e1"]
    check("05-e1", made_by(exercise, exercise.wrong[1].source))
    solve("05-e1")
    entry = kept(folder).checks["05-e1"]
    assert (entry.passed, entry.beliefs) == (True, ("M22",))


# ----------------------------------------------------------------------------------------------- two of them


def test_merging_is_the_same_in_any_order_and_any_number_of_times():
    later = Logbook(
        frozenset({"n"}),
        {"05-p1": Prediction(8.0, "", 130), "05-p3": Prediction(-105.0, "", 131)},
        {"05-e1": Check(passed=False, beliefs=("M6",), at=90)},
        {"05": ((125, 140),), "06": ((1, 2),)},
    )
    both = merged(ONE_LESSON, later)
    assert both == merged(later, ONE_LESSON) == merged(both, later) == merged(both, ONE_LESSON)
    assert both.predictions["05-p1"] == Prediction(4.0, "sure", 100)
    assert both.checks["05-e1"] == Check(passed=True, beliefs=("M22", "M6"), at=90)
    assert both.sittings == {"05": ((100, 140),), "06": ((1, 2),)}
    assert both.marks == {"m", "n"}


def commit_all(folder, ids):
    """What another kernel does."""
    os.environ.pop("AUTOVIS_PROGRESS", None)
    os.chdir(folder)
    store = stores.Store()
    for id in ids:
        store.note(Logbook(predictions={id: Prediction(1, "", 1)}))
        store.look()
    assert not store.trouble


def test_kernels_that_write_at_once_lose_nothing(folder):
    spawned = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    ids = [[f"{kernel:02d}-p{number}" for number in range(15)] for kernel in range(4)]
    kernels = [spawned.Process(target=commit_all, args=(folder, own)) for own in ids]
    for kernel in kernels:
        kernel.start()
    for kernel in kernels:
        kernel.join()
    assert [kernel.exitcode for kernel in kernels] == [0] * 4
    assert set(kept(folder).predictions) == {id for own in ids for id in own}
    assert len(kept(folder).marks) == 1
    assert [file.name for file in folder.iterdir()] == [FILE]


def test_what_another_notebook_does_is_seen(folder):
    predict("05-p1", 8)
    other = merged(kept(folder), Logbook(predictions={"05-p2": Prediction(0.0, "", 1)}))
    (folder / FILE).write_text(write(other), "utf-8")
    assert "first prediction stays" in str(predict("05-p2", "None"))


# ----------------------------------------------------------------------------------------------- what may go wrong

DAMAGE = {
    "empty": b"",
    "cut": write(ONE_LESSON).encode()[:-20],
    "no JSON": b"{{{{",
    "not text": b"\xff\xfe\x00\x01" * 20,
    "a list": b"[]",
    "deep": b"[" * 100_000,
    "no version": b'{"predictions": {}}',
    "version of a strange kind": b'{"autovis-progress": "1"}',
    "huge number": b'{"autovis-progress": ' + b"9" * 5000 + b"}",
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_file_is_put_aside_and_told(folder, damage, new_kernel):
    (folder / FILE).write_bytes(damage)
    told = " ".join(str(predict("05-p1", 8)).split())
    assert "You predict: 8 .autovis-progress.json was damaged. It lies beside it now" in told
    assert (folder / ".autovis-progress.damaged-1.json").read_bytes() == damage
    assert kept(folder).predictions["05-p1"].value == 8.0
    new_kernel()
    assert "damaged" not in str(predict("05-p1")), "told once, and whole again"


def test_what_can_be_read_of_a_damaged_file_is_kept(folder):
    data = json.loads(write(ONE_LESSON))
    data["predictions"]["05-p1"] = ["4", "quite", 5]
    data["sittings"]["05"] = [[3, 1]]
    (folder / FILE).write_text(json.dumps(data), "utf-8")
    assert "was damaged" in str(progress())
    assert set(kept(folder).predictions) == {"05-p2"}
    assert kept(folder).checks == ONE_LESSON.checks
    assert json.loads((folder / ".autovis-progress.damaged-1.json").read_text("utf-8")) == data


def test_a_second_damaged_file_does_not_replace_the_first(folder):
    for number in (1, 2):
        (folder / FILE).write_text(f"broken {number}", "utf-8")
        progress()
    assert [(folder / f".autovis-progress.damaged-{n}.json").read_text("utf-8") for n in (1, 2)] == [
        "broken 1",
        "broken 2",
    ]


def test_a_file_of_a_later_version_is_left_alone(folder):
    text = '{"autovis-progress": 2, "all": "new"}'
    (folder / FILE).write_text(text, "utf-8")
    told = str(predict("05-p1", 8))
    assert "was written by a later autovis" in told
    assert "later autovis" not in str(predict("05-p2", 0)), "said once"
    assert (folder / FILE).read_text("utf-8") == text
    assert "2 of 5" in str(progress()), "remembered all the same"


def test_a_file_that_cannot_be_written_is_written_later(folder, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(stores, "write", full)
        told = " ".join(str(predict("05-p1", 8)).split())
        assert "could not be written to .autovis-progress.json (No space left on device)" in told
        assert "No space" not in str(predict("05-p2", 0)), "said once"
        assert "You predict: 0" in str(predict("05-p2"))
    assert not (folder / FILE).exists()
    predict("05-p3", -105)
    assert set(kept(folder).predictions) == {"05-p1", "05-p2", "05-p3"}


def test_a_damaged_file_is_not_lost_when_nothing_can_be_written(folder, monkeypatch):
    data = json.loads(write(ONE_LESSON))
    data["predictions"]["05-p1"] = "?"
    (folder / FILE).write_text(json.dumps(data), "utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(stores, "write", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        predict("05-p1", 8)
    predict("05-p3", -105)
    assert set(kept(folder).predictions) == {"05-p1", "05-p2", "05-p3"}


def test_a_folder_in_the_place_of_the_file_stops_nothing(folder):
    (folder / FILE).mkdir()
    assert "could not be written" in str(predict("05-p1", 8))
    assert "1 of 5" in str(progress())


def test_a_folder_that_is_gone_stops_nothing(folder, tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    os.chdir(gone)
    gone.rmdir()
    assert "could not be written" in str(predict("05-p1", 8))
    os.chdir(tmp_path)
    progress.export()
    predict("05-p2", 0)
    assert set(kept(tmp_path).predictions) == {"05-p1", "05-p2"}


def test_what_is_on_file_is_known_where_nothing_can_be_written(folder, monkeypatch):
    (folder / FILE).write_text(write(ONE_LESSON), "utf-8")
    monkeypatch.setattr(stores, "locked", lambda _: (_ for _ in ()).throw(PermissionError(13, "Permission denied")))
    predict("06-w")
    assert "You predicted 4 before" in str(predict("05-p1", 8))
    assert "Permission denied" in " ".join(str(predict("05-p3", -105)).split())


def test_a_lock_that_is_held_is_waited_for_and_then_left(folder, monkeypatch):
    monkeypatch.setattr(stores, "PATIENCE", 0.05)
    lock = folder / ".autovis-progress.lock"
    lock.touch()
    assert "another kernel holds .autovis-progress.lock" in " ".join(str(predict("05-p1", 8)).split())
    assert not (folder / FILE).exists()
    lock.unlink()
    progress()
    predict("05-p2", 0)
    assert set(kept(folder).predictions) == {"05-p1", "05-p2"}


def test_a_lock_that_was_left_behind_is_taken_away(folder):
    lock = folder / ".autovis-progress.lock"
    lock.touch()
    os.utime(lock, (time.time() - 60, time.time() - 60))
    predict("05-p1", 8)
    assert set(kept(folder).predictions) == {"05-p1"}
    assert not lock.exists()


def test_a_kernel_that_is_killed_while_it_writes_leaves_the_old_file(folder):
    predict("05-p1", 8)
    program = """
import os, pathlib
from autovis.classroom import predict
pathlib.Path.replace = lambda *_: os._exit(9)
predict("05-p2", 0)
"""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AUTOVIS_")}
    assert subprocess.run([sys.executable, "-c", program], env=environment, check=False).returncode == 9
    assert set(kept(folder).predictions) == {"05-p1"}


# ----------------------------------------------------------------------------------------------- carried over


def test_a_string_carries_everything_to_another_machine(folder, new_kernel, monkeypatch):
    predict("05-p1", 4, sure=True)
    predict("02-p3", ["a", "b"])
    solve("05-e1")
    string = progress.export()
    assert len(string) < 300
    assert " " not in string
    book = kept(folder)
    (folder / FILE).unlink()
    new_kernel()
    predict("05-p2", 0)
    marks = kept(folder).marks
    told = str(progress.load("\n".join(string[n : n + 60] for n in range(0, len(string), 60))))
    assert told == "Taken in: 2 predictions and 1 checks that were not here before."
    assert kept(folder).predictions.keys() == {"05-p1", "05-p2", "02-p3"}
    assert kept(folder).marks == book.marks | marks
    assert "first prediction stays" in str(predict("05-p1", 8))
    assert str(progress.load(string)).startswith("Taken in: 0 predictions and 0 checks")


def test_strings_are_read_as_they_were_written():
    assert unpack(pack(ONE_LESSON)) == ONE_LESSON
    assert unpack(f"'{pack(ONE_LESSON)}'\n") == ONE_LESSON, "as a notebook shows it"


@pytest.mark.parametrize("text", ["", "hello", "autovis-film.xyz", None, "autovis-progress.é"])
def test_what_is_no_string_is_refused(text):
    with pytest.raises(ValueError, match="This is no progress string"):
        progress.load(text)


def test_every_damaged_string_is_refused():
    string = pack(ONE_LESSON)
    begin = string.index(".") + 1
    for place in range(begin, len(string)):
        other = "A" if string[place] != "A" else "B"
        with pytest.raises(ValueError, match="damaged"):
            unpack(string[:place] + other + string[place + 1 :])
        with pytest.raises(ValueError, match="damaged"):
            unpack(string[:place])


def test_a_string_of_a_later_version_says_so(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("autovis.classroom.logbook.VERSION", 2)
        string = pack(ONE_LESSON)
    with pytest.raises(ValueError, match="later autovis"):
        progress.load(string)


def test_a_bomb_is_refused_before_it_has_grown(monkeypatch):
    import zlib
    from base64 import urlsafe_b64encode

    worker = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = b"\0\0\0\0" + worker.compress(b" " * 50_000_000) + worker.flush()
    grown = []
    monkeypatch.setattr("autovis.classroom.carry.zlib.crc32", lambda data: grown.append(len(data)) or 0)
    with pytest.raises(ValueError, match="damaged"):
        progress.load("autovis-progress." + urlsafe_b64encode(packed).decode().rstrip("="))
    assert max(grown, default=0) <= LARGEST


# ----------------------------------------------------------------------------------------------- begun anew


def test_a_lesson_is_forgotten_when_one_is_sure(folder, new_kernel):
    predict("05-p1", 4)
    predict("05-w-again", "a")
    solve("05-e1")
    predict("06-w", "a")
    asked = str(progress.reset("05")).splitlines()
    assert asked == [
        "This would forget lesson 05: 2 predictions, 1 checks, and the minutes.",
        'If you are sure: av.progress.reset("05", sure=True)',
    ]
    assert "You predict: 4" in str(predict("05-p1"))
    assert "Forgotten: 2 predictions and 1 checks of lesson 05." in str(progress.reset(5, sure=True))
    for _ in range(2):
        assert "You predict: 8" in str(predict("05-p1", 8)), "it can be done anew"
        assert set(kept(folder).predictions) == {"05-p1", "06-w"}
        assert str(solution("05-e1")).startswith("Try it first")
        progress.reset("05", sure=True)
        new_kernel()
    assert str(progress.reset("05", sure=True)) == "Nothing is kept of lesson 05."


def test_nothing_yet_is_said(folder):
    assert str(progress()).startswith("Nothing is kept yet")
    assert "av.progress.export()" in repr(progress)


def test_questions_of_a_later_bank_are_kept_and_not_judged(folder):
    (folder / FILE).write_text(write(Logbook(predictions={"99-p9": Prediction(1, "sure", 1)})), "utf-8")
    assert "99" in str(progress())
    predict("05-p1", 8)
    assert "99-p9" in kept(folder).predictions


def test_the_store_of_this_kernel_is_one():
    from autovis.classroom import session

    assert session.STORE is STORE
