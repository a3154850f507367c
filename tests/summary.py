"""Add up the reports of one test run: `python tests/summary.py FOLDER`, one line a step, the total last."""

import sys
from collections import Counter, defaultdict
from pathlib import Path
from xml.etree import ElementTree as ET

# Seconds that one notebook, and all of one step, may take; several times what they take on two busy cores.
ONE, ALL = 30, 300


def count(report: Path) -> Counter[str]:
    """Count what one JUnit report says."""
    total: Counter[str] = Counter()
    for suite in ET.parse(report).iter("testsuite"):
        bad = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped = int(suite.get("skipped", 0))
        total.update(failed=bad, skipped=skipped, passed=int(suite.get("tests", 0)) - bad - skipped)
    return total


def reasons(report: Path) -> Counter[str]:
    """Count why tests of a report were skipped."""
    return Counter(skip.get("message", "") for skip in ET.parse(report).iter("skipped"))


def left_out(report: Path) -> list[str]:
    """List what tests of a report say that they could not run."""
    told = ET.parse(report).iter("property")
    return [about.get("value", "") for about in told if about.get("name") == "not run"]


def seconds(report: Path) -> dict[str, float]:
    """Add up how long the tests of each file took."""
    spent: defaultdict[str, float] = defaultdict(float)
    for case in ET.parse(report).iter("testcase"):
        spent[case.get("classname", "")] += float(case.get("time", 0))
    return spent


def slow(report: Path) -> list[str]:
    """List what took too long: nobody should have to wait for a lesson."""
    if not report.stem.startswith("lessons"):
        return []
    spent = seconds(report)
    whole = sum(spent.values())
    late = [f"{name}: {time:.0f} s, at most {ONE}" for name, time in spent.items() if time > ONE]
    return [*late, f"{report.stem}: {whole:.0f} s, at most {ALL}"] if whole > ALL else late


def main(folder: Path) -> int:
    total: Counter[str] = Counter()
    why: Counter[str] = Counter()
    missing: list[str] = []
    late: list[str] = []
    for report in sorted(folder.glob("*.xml"), key=lambda report: report.stat().st_mtime):
        step = count(report)
        total.update(step)
        why.update(reasons(report))
        missing += left_out(report)
        late += slow(report)
        told = f"{report.stem:24}{step['passed']:6} passed{step['failed']:6} failed{step['skipped']:6} skipped"
        print(f"{told}{sum(seconds(report).values()):6.0f} s")
    print(f"{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped")
    for reason, number in why.items():
        print(f"  {number} {reason}")
    for part in missing:
        print(f"  not run: {part}")
    for what in late:
        print(f"  too slow: {what}")
    return 1 if total["failed"] or late or not total["passed"] else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
