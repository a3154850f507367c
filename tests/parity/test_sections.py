"""The rules of PyTorch's autograd, section by section: every program reads the same on both, with every table entry.

A rule that says how autovis differs must differ, in one of the programs that it says so of.
"""

import importlib
from pathlib import Path

import pytest
from transcripts import each, same

FOLDER = Path(__file__).parent / "sections"
SECTIONS = {
    file.stem: importlib.import_module(f"sections.{file.stem}")
    for file in sorted(FOLDER.glob("*.py"), key=lambda file: file.stem)
}
RULES = [
    pytest.param(rule, id=f"{section.TITLE.split('.')[0]}: {rule.says}")
    for section in sorted(SECTIONS.values(), key=lambda section: int(section.TITLE.split(".")[0]))
    for rule in section.RULES
]


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_reads_the_same_on_both(rule):
    cases = list(rule.cases())
    seen = set()
    for case, (ours, theirs) in zip(cases, each(cases), strict=True):
        remarks = rule.remarks(case)
        if same(ours, theirs):
            continue
        assert remarks or ours == theirs, case
        seen.update(remarks)
    assert seen == set(rule.differs), "some of these no longer differ"
