"""A lesson keeps what it promises: its blocks in order, questions before answers, statements met by experiments."""

import re

from autovis.classroom.bank import exercises, misconceptions, questions

# What a notebook is made of, in the order in which the parts begin.
LESSON = ["objectives", "warmup", "predict", "reveal", "break-it", "exercise", "solution", "keypoints", "instructor"]
BLOCKS = {"clinic": ["objectives", "exercise", "predict", "reveal", "solution", "keypoints", "instructor"]}
CALL = re.compile(r'av\.(predict|reveal|check|hint|solution)\("([\w-]+)"')
FIELDS = {
    "id", "title", "minutes", "questions", "objectives", "requires", "seeds", "misconceptions", "keypoints", "widgets",
    "license",
}  # fmt: skip
# Statements of the five articles, S<article>-<number>, that a lesson has to meet by an experiment.
STATEMENTS = {
    "01": ["S0-8", "S1-2"],
    "02": ["S1-1", "S1-3", "S3-7", "S3-13", "S4-5", "S4-6", "S4-7", "S4-15"],
    "03": [
        "S0-1", "S0-7", "S0-8", "S0-9", "S0-10", "S2-1", "S2-2", "S2-3", "S2-4", "S2-5", "S2-6", "S2-7", "S2-8",
        "S2-9", "S2-10", "S2-11", "S2-13", "S2-14", "S2-15", "S2-16", "S3-10", "S3-12", "S4-1", "S4-2", "S4-3", "S4-4",
    ],
    "04": [
        "S0-11", "S2-12", "S2-14", "S3-1", "S3-2", "S3-3", "S3-4", "S3-5", "S3-6", "S3-8", "S3-9", "S3-11", "S3-13",
        "S3-14", "S4-5",
    ],
    "05": ["S1-9", "S1-11", "S1-12", "S1-13", "S4-9"],
    "06": ["S0-20", "S1-9", "S1-10"],
    "07": ["S1-2", "S1-7", "S1-8"],
    "08": ["S0-3", "S0-12", "S0-13", "S1-4", "S1-6"],
    "09": ["S0-2", "S0-6", "S0-14", "S0-15", "S0-16", "S0-17", "S0-18"],
    "10": ["S0-19", "S0-21", "S0-22", "S0-23", "S1-12"],
    "11": ["S0-17"],
    "12": ["S3-14", "S4-12", "S4-17"],
    "13": ["S1-7"],
    "14": [
        "S0-4", "S1-5", "S2-17", "S4-8", "S4-10", "S4-11", "S4-13", "S4-14", "S4-16", "S4-18", "S4-19", "S4-20",
    ],
    "15": ["S0-5", "S0-21", "S0-22"],
    "16": ["S3-6"],
    "clinic": [],
}  # fmt: skip
MISCONCEPTIONS = {
    "01": {"M27", "M28", "M30"},  # M29 is named in the text, and asked in 02
    "02": {"M28", "M29"},
    "03": {"M3", "M14", "M17", "M26"},
    "04": {"M1", "M13", "M16"},
    "05": {"M6", "M22", "M27", "M29"},
    "06": {"M6", "M19", "M30"},
    "07": {"M25"},
    "08": {"M2", "M5", "M16", "M23"},
    "09": {"M2", "M11", "M16"},
    "10": {"M4", "M8", "M17"},
    "11": {"M7", "M11", "M19"},
    "12": {"M15"},
    "13": {"M17", "M20", "M25"},
    "14": {"M2", "M10", "M12", "M18", "M21"},
    "15": {"M2", "M4", "M9", "M24"},
    "16": {"M1", "M12", "M13"},
    "clinic": {
        "M1", "M2", "M3", "M4", "M5", "M6", "M7", "M8", "M10", "M11", "M12", "M13", "M14", "M21", "M22", "M24", "M27",
        "M30",
    },
}  # fmt: skip


def calls(lesson):
    """The classroom's calls in the order of the cells: what is called, and the id."""
    return [CALL.search(cell.source).groups() for cell in lesson.code() if CALL.search(cell.source)]


def blocks_of(lesson):
    return BLOCKS.get(lesson.number, LESSON)


def entries_of(lesson, entries):
    return {id: entry for id, entry in entries.items() if id.startswith(lesson.number)}


def test_the_metadata_is_complete(lesson):
    assert set(lesson.metadata) == FIELDS
    assert lesson.metadata["id"] == lesson.number
    assert set(lesson.metadata["minutes"]) == {"teaching", "exercises"}
    assert lesson.metadata["widgets"] in {"required", "optional"}


def test_all_blocks_are_there_and_begin_in_order(lesson):
    first = [next(n for n, cell in enumerate(lesson.cells) if block in cell.tags) for block in blocks_of(lesson)]
    assert first == sorted(first)


def test_the_text_repeats_title_objectives_and_key_points(lesson):
    text = "\n".join(cell.source for cell in lesson.cells if cell.kind == "markdown")
    assert text.startswith(f"# {lesson.number.capitalize()} · {lesson.metadata['title']}\n")
    assert all(f"- {line}" in text for line in lesson.metadata["objectives"] + lesson.metadata["keypoints"])
    assert f"{sum(lesson.metadata['minutes'].values())} minutes" in text
    assert "CC BY 4.0" in text


def test_every_question_is_asked_before_it_is_answered(lesson):
    seen = calls(lesson)
    for id in entries_of(lesson, questions()):
        last = f"{id}-again" if id.endswith("-w") else id
        assert seen.index(("predict", last)) < seen.index(("reveal", last))


def test_the_first_question_is_asked_again_at_the_end(lesson):
    if "warmup" in blocks_of(lesson):
        seen, again = calls(lesson), f"{lesson.number}-w-again"
        assert seen[0] == ("predict", f"{lesson.number}-w")
        assert seen[-2:] == [("predict", again), ("reveal", again)]


def test_every_exercise_is_checked_hinted_and_solved(lesson):
    seen = calls(lesson)
    for id in entries_of(lesson, exercises()):
        place = seen.index(("check", id))
        assert seen[place : place + 3] == [("check", id), ("hint", id), ("solution", id)]


def test_the_cell_of_an_exercise_is_the_banks_starter(lesson):
    starters = [cell.source for cell in lesson.code("exercise")]
    assert starters == [exercise.starter.strip() for exercise in entries_of(lesson, exercises()).values()]


def test_every_call_names_something_in_the_bank(lesson):
    known = questions().keys() | exercises().keys()
    assert {id.removesuffix("-again") for _, id in calls(lesson)} == set(entries_of(lesson, {id: id for id in known}))


def test_a_question_is_worded_above_its_cell(lesson):
    for above, cell in zip(lesson.cells, lesson.cells[1:], strict=False):
        if cell.kind == "code" and "predict" in cell.tags:
            assert above.kind == "markdown", cell
            assert above.tags & {"predict", "warmup"}, cell


def test_every_statement_of_the_articles_is_met_by_an_experiment(lesson):
    met = {id for cell in lesson.code("experiment") for id in cell.metadata.get("seeds", [])}
    assert set(STATEMENTS[lesson.number]) == set(lesson.metadata["seeds"]) == met


def test_every_misconception_is_offered_as_an_answer(lesson):
    wrong = [option for question in entries_of(lesson, questions()).values() for option in question.options]
    wrong += [answer for exercise in entries_of(lesson, exercises()).values() for answer in exercise.wrong]
    betrayed = {each.misconception for each in wrong} - {""}
    assert betrayed == set(lesson.metadata["misconceptions"]) == MISCONCEPTIONS[lesson.number]
    assert betrayed <= misconceptions().keys()


def test_answers_are_folded(lesson):
    assert all(cell.folded == bool(cell.tags & {"reveal", "hint", "solution"}) for cell in lesson.code())
