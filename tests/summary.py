"""Add up the reports of one test run: `python tests/summary.py FOLDER`, one line a step, the total last."""

import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET


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


def main(folder: Path) -> int:
    total: Counter[str] = Counter()
    why: Counter[str] = Counter()
    missing: list[str] = []
    for report in sorted(folder.glob("*.xml"), key=lambda report: report.stat().st_mtime):
        step = count(report)
        total.update(step)
        why.update(reasons(report))
        missing += left_out(report)
        print(f"{report.stem:24}{step['passed']:6} passed{step['failed']:6} failed{step['skipped']:6} skipped")
    print(f"{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped")
    for reason, number in why.items():
        print(f"  {number} {reason}")
    for part in missing:
        print(f"  not run: {part}")
    return 1 if total["failed"] or not total["passed"] else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
