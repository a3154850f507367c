"""What a committed lesson may hold: outputs that say the same on every machine, prose whose numbers were computed."""

import json
import re
import statistics
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted(ROOT.glob("lessons/*/*.ipynb"))
ENGLISH = [path for path in NOTEBOOKS if path.parent.name == "en"]
LARGEST = 65_000  # bytes
MORE = {"14": 75_000, "clinic": 90_000}  # an hour and more
LONGEST, USUAL = 8, 4  # lines of code a cell
NUMBER = re.compile(r"(?<![\w.])([-−]?)((?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d*)?(?:e[+-]?\d+)?)(?!\w)")
# Digits that count nothing the lesson computed: names of lessons, durations, versions, ordered lists, links.
NOT_MEASURED = re.compile(
    r"""```.*?```                                  # a fenced program
      | \]\([^)]*\)                                # the target of a link
      | https?://\S+
      | \b[Ll]essons?\ \d\d(?:(?:,|\ and|\ to)\ \d\d)*
      | \b\d\d-[a-z]\S*                            # the file name of a lesson
      | ^\#.*$                                     # a heading
      | ^\s*\d+\.\s                                # an item of an ordered list
      | \b[Ee]xercises?\ \d\b
      | ^\*\d+\ minutes,.*$                        # how long it takes
      | \b(?:PyTorch|Python|NumPy|CC\ BY)\ \d+(?:\.\d+)*
      | <[^>]*>
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
# An exercise demands numbers that the learner is to make; notes for instructors give minutes.
NOT_TOLD = {"exercise", "instructor"}
RESTLESS = {
    "a path": re.compile(r"""(?:^|[\s"'(=])(?:~?/[\w.-]+){2,}|\b[A-Z]:\\\w"""),
    "an address in memory": re.compile(r"\b0x[0-9a-fA-F]{5,}"),
    "a time": re.compile(r"\b\d{1,2}:\d{2}:\d{2}\b|\b(?:19|20)\d{2}-\d{2}-\d{2}\b|\b[\d.]+ ?(?:ms|µs|seconds)\b"),
    "a kernel's file": re.compile(r"ipykernel_\d+|<ipython-input"),
    "a dead widget": re.compile(r"model_id|widget-view|Model not found"),
}


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def notebook(request):
    return json.loads(request.param.read_text("utf-8"))


@pytest.fixture
def code(notebook):
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def joined(text):
    return text if isinstance(text, str) else "".join(text)


def said(output):
    """Everything in an output that a reader or nbval sees as text."""
    parts = [joined(content) for kind, content in output.get("data", {}).items() if kind.startswith("text/")]
    return "\n".join([*parts, joined(output.get("text", "")), output.get("evalue", ""), *output.get("traceback", ())])


def values(text):
    """The numbers of a text; 1,048,576 is one of them.

    >>> sorted(values("from −2 to 1,048,576, in 3 steps of .5, not v2"))
    [-2.0, 3.0, 1048576.0]
    """
    found = set()
    for sign, digits in NUMBER.findall(text):
        number = float(digits.replace(",", ""))
        found.add(-number if sign else number)
    return found


def test_there_are_lessons():
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_lesson_is_small(path):
    assert path.stat().st_size < MORE.get(path.stem.partition("-")[0], LARGEST)


def test_no_widget_state_and_no_trace_of_the_run(notebook):
    assert set(notebook["metadata"]) <= {"autovis", "kernelspec", "language_info"}
    assert notebook["metadata"]["language_info"] == {"name": "python"}
    assert all(set(cell["metadata"]) <= {"tags", "jupyter", "autovis"} for cell in notebook["cells"])


def test_cells_have_ids_of_their_own(notebook):
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(set(ids)) == len(ids)


def test_the_lesson_was_run_from_top_to_bottom(code):
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))


@pytest.mark.parametrize("kind", RESTLESS)
def test_outputs_say_the_same_everywhere(code, kind):
    texts = [said(output) for cell in code for output in cell["outputs"]]
    assert [text for text in texts if RESTLESS[kind].search(text)] == []


def test_outputs_are_pictures_and_text_only(code):
    kinds = {kind for cell in code for output in cell["outputs"] for kind in output.get("data", {})}
    assert kinds <= {"image/png", "text/plain"}, "SVG and HTML differ between machines, and viewers show them as source"


def test_a_cell_that_must_fail_did(code):
    for cell in code:
        stored = [output["ename"] for output in cell["outputs"] if output["output_type"] == "error"]
        tagged = "raises-exception" in cell["metadata"].get("tags", ())
        assert len(stored) == tagged, joined(cell["source"])


def test_cells_are_short(code):
    lengths = [sum(bool(line.strip()) for line in joined(cell["source"]).splitlines()) for cell in code]
    assert max(lengths) <= LONGEST
    assert statistics.median(lengths) <= USUAL


def test_code_holds_no_prose(code):
    """Code is the same in every language: a comment gives a shape or a result, at most two words long."""
    for cell in code:
        for line in joined(cell["source"]).splitlines():
            comment = line.partition("  # ")[2] or (line[2:] if line.startswith("# ") else "")
            assert len(re.findall(r"[^\W\d_]{2,}", comment)) <= 2, line


@pytest.mark.parametrize("notebook", ENGLISH, ids=lambda path: path.stem, indirect=True)
def test_every_number_in_the_prose_was_computed(notebook, code):
    """A number in a sentence is the one in an output or in the code of the same notebook; translations repeat it."""
    shown = "\n".join(
        [said(output) for cell in code for output in cell["outputs"]] + [joined(c["source"]) for c in code]
    )
    computed = values(shown) | {abs(number) for number in values(shown)}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown" and not NOT_TOLD & set(cell["metadata"].get("tags", ())):
            prose = NOT_MEASURED.sub(" ", joined(cell["source"]))
            missing = values(prose) - computed
            assert not missing, f"{sorted(missing)} in {prose!r}"
