"""What `make test` says at its end: one line a step, and no lesson that keeps a class waiting."""

import runpy
from pathlib import Path

import pytest

main = runpy.run_path(str(Path(__file__).parents[1] / "summary.py"))["main"]
REPORT = '<testsuites><testsuite tests="{count}" failures="{failed}">{cases}</testsuite></testsuites>'


@pytest.fixture
def report(tmp_path):
    """A function that writes a report: the seconds that the cells of each notebook took."""

    def write(name, failed=0, **notebooks):
        cases = [f'<testcase classname="{book}" time="{time}"/>' for book, times in notebooks.items() for time in times]
        (tmp_path / f"{name}.xml").write_text(REPORT.format(count=len(cases), failed=failed, cases="".join(cases)))
        return tmp_path

    return write


def test_each_step_has_a_line_with_its_seconds(report, capsys):
    report("unit", books=[500])
    assert main(report("lessons-with-dot", first=[1.5, 20], second=[29])) == 0
    told = capsys.readouterr().out
    assert "     1 passed     0 failed     0 skipped   500 s\n" in told
    assert "     3 passed     0 failed     0 skipped    50 s\n" in told
    assert "too slow" not in told


def test_a_failed_test_fails_the_whole(report):
    assert main(report("unit", failed=1, books=[1])) == 1
    assert main(report("unit", books=[])) == 1


def test_a_lesson_that_takes_too_long_is_named(report, capsys):
    assert main(report("lessons-with-dot", first=[15, 16], second=[3])) == 1
    assert "  too slow: first: 31 s, at most 30\n" in capsys.readouterr().out


def test_a_course_that_takes_too_long_is_named(report, capsys):
    assert main(report("lessons-without-dot", **{f"lesson{n}": [25] for n in range(13)})) == 1
    assert "  too slow: lessons-without-dot: 325 s, at most 300\n" in capsys.readouterr().out
