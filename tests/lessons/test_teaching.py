"""The schedules for teachers add up: what they say of a lesson is what the lesson says of itself."""

import math
import re
from pathlib import Path

import pytest

import autovis as av
from autovis.classroom.bank import exercises, questions
from autovis.classroom.lessons import all_lessons, lesson
from autovis.classroom.logbook import lesson_of

PAGE = (Path(__file__).parents[2] / "lessons" / "teaching.md").read_text("utf-8")
SECTIONS = {part.partition("\n")[0]: part for part in PAGE.split("\n## ")[1:]}
SCHEDULES = [name for name in SECTIONS if "In all" in SECTIONS[name]]
LESSON = re.compile(r"^(\d\d|clinic)(?: (teaching|exercises|e\d|p(\d)–p(\d)|(\d+) cases))?$")


def tables(text):
    """The rows of the tables in a text, table by table, without their heads."""
    found, inside = [], False
    for line in text.splitlines():
        row = [cell.strip() for cell in line.strip().strip("|").split("|")] if line.startswith("|") else None
        if row is None:
            inside = False
        elif not inside:
            found.append([])
            inside = True
        elif not set(line) <= set("|- "):
            found[-1].append(row)
    return found


def minutes_of(part):
    """What a lesson, or a part of one, takes by its own account; None if it is no lesson."""
    match = LESSON.match(part.strip())
    if not match:
        return None
    one = lesson(match[1])
    teaching, training = one.about["minutes"]["teaching"], one.about["minutes"]["exercises"]
    asked = [id for id in questions() if lesson_of(id) == one.id and re.search(r"-p\d+$|clinic-\d+$", id)]
    tasks = [id for id in exercises() if lesson_of(id) == one.id]
    if not match[2]:
        return teaching + training
    if match[5]:
        return math.ceil((teaching + training) * int(match[5]) / len(asked))
    if match[3]:
        return math.ceil(teaching * (int(match[4]) - int(match[3]) + 1) / len(asked))
    return {"teaching": teaching, "exercises": training}.get(match[2]) or math.ceil(training / len(tasks))


def account(what):
    """What all lessons in a cell take together; None if there are none."""
    parts = [minutes_of(part) for part in what.split(" + ")]
    return sum(parts) if None not in parts else None


def test_there_are_five_schedules():
    assert len(SCHEDULES) == 5


@pytest.mark.parametrize("name", SCHEDULES[:3])
def test_the_clock_of_a_schedule_runs_on(name):
    totals = [int(total) for total in re.findall(r"In all (\d+) minutes", SECTIONS[name])]
    for rows, total in zip(tables(SECTIONS[name]), totals, strict=True):
        clock = 0
        for start, what, minutes in rows:
            assert start == f"{clock // 60}:{clock % 60:02d}", what
            assert account(what) in (None, int(minutes)), what
            clock += int(minutes)
        assert clock == total
        assert sum(account(what) is not None for _, what, _ in rows) >= 3


def test_the_names_of_schedules_tell_their_length():
    assert "In all 90 minutes" in SECTIONS["90 minutes: a taster"]
    half = int(re.search(r"In all (\d+)", SECTIONS[SCHEDULES[1]])[1])
    assert 180 <= half <= 240
    assert all(300 <= int(day) <= 420 for day in re.findall(r"In all (\d+)", SECTIONS[SCHEDULES[2]]))


def test_the_whole_course_is_every_lesson_once():
    (rows,) = tables(SECTIONS[SCHEDULES[3]])
    assert [what for _, what, _, _ in rows] == [one.id for one in all_lessons() if one.id.isdigit()]
    assert [session for session, *_ in rows] == [str(number) for number in range(1, 17)]
    assert [int(minutes) for _, _, minutes, _ in rows] == [account(what) for _, what, _, _ in rows]
    assert f"In all {sum(int(minutes) for _, _, minutes, _ in rows)} minutes." in SECTIONS[SCHEDULES[3]]


def test_every_poll_is_one_of_its_lesson():
    (rows,) = tables(SECTIONS[SCHEDULES[3]])
    for _, what, _, polls in rows:
        for id in polls.split(", "):
            assert id in questions()
            assert lesson_of(id) == what


def test_flipped_adds_up_at_home_and_in_class():
    (rows,) = tables(SECTIONS[SCHEDULES[4]])
    for _, home, at_home, there, in_class in rows:
        assert account(home) == int(at_home)
        parts = [re.match(r"(.*) (\d+)$", part) for part in there.split("; ")]
        assert all(account(part[1]) in (None, int(part[2])) for part in parts)
        assert any(account(part[1]) for part in parts)
        assert sum(int(part[2]) for part in parts) == int(in_class)
    at_home, in_class = (sum(int(row[column]) for row in rows) for column in (2, 4))
    assert f"In all {at_home} minutes at home and {in_class} in class." in SECTIONS[SCHEDULES[4]]
    assert sum(int(row[3].split("clinic ")[1].split()[0]) for row in rows) == 10, "every case of the clinic once"


def sequence(name):
    """The lessons of a schedule in the order in which they are taught."""
    parts = [part for rows in tables(SECTIONS[name]) for row in rows for part in row[1].split(" + ")]
    return list(dict.fromkeys(part.split()[0] for part in parts if minutes_of(part) is not None))


@pytest.mark.parametrize("name", SCHEDULES)
def test_nothing_is_taught_before_what_it_needs(name):
    taught = sequence(name)
    assert len(taught) >= 4
    for place, id in enumerate(taught):
        assert set(lesson(id).about["requires"]).isdisjoint(taught[place:]), id


def test_the_sum_of_the_course_is_told():
    minutes = sum(sum(one.about["minutes"].values()) for one in all_lessons())
    assert f"{minutes // 60} h {minutes % 60} min with all exercises" in PAGE


def test_what_a_teacher_types_exists():
    for name in set(re.findall(r"\bav\.(\w+)", PAGE)):
        assert hasattr(av, name), name
    for name in set(re.findall(r"\bav\.progress\.(\w+)", PAGE)):
        assert hasattr(av.progress, name), name


def test_minutes_of_parts_are_shares_of_the_whole():
    assert [minutes_of(part) for part in ("05", "05 teaching", "05 exercises", "05 e1")] == [40, 22, 18, 9]
    assert (minutes_of("09 p1–p3"), minutes_of("clinic 2 cases"), minutes_of("break")) == (17, 15, None)
