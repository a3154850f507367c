"""PARITY.md: what autovis does like PyTorch and what not, written from the tables that the tests run.

`python -m tests.parity.table` writes it, `make parity` calls that, and a test fails when the committed page is stale.
The page says what the tests insist on: a row without a remark is compared with live PyTorch in every case and reads the
same; where a row has a remark, the test insists that the difference is there.
"""

import ast
import importlib
import sys
from pathlib import Path

import autovis

HERE = Path(__file__).parent
PAGE = HERE.parent.parent / "PARITY.md"
# the files of `sessions`, by section
SESSIONS = {
    "flags": 1,
    "backward": 3,
    "functional": 4,
    "gradcheck": 4,
    "inference": 5,
    "modes": 5,
    "detach": 6,
    "in_place": 7,
    "graph": 8,
    "hooks": 8,
    "nodes": 9,
    "function": 10,
    "dtypes": 13,
    "indexing": 15,
    "shapes": 15,
}
HEAD = """# What autovis does like PyTorch, and what not

Written by `make parity` from the tables that the tests in `tests/parity` run; a test fails when this page is stale.
Every case is a program that is run on PyTorch 2.13 and on autovis: what it prints, the warnings it gives, and the type
and sentence of the error it ends with have to be the same, fractions up to the last printed digit.

- *same*: in every case.
- *differs*: in the cases that the sentence names; the test insists that it does, so the remark goes when the difference
  goes.
- *left out*: autovis does not have it; asking for it says so by name.
"""


def sections():
    """Return the modules of the sections, in order."""
    found = [importlib.import_module(f"sections.{file.stem}") for file in (HERE / "sections").glob("*.py")]
    return sorted(found, key=number)


def number(section):
    """Return the number that a section's title begins with."""
    return int(section.TITLE.split(".")[0])


def sessions(number):
    """Return the console sessions of a section: their claims, and how many statements they have."""
    for file in sorted((HERE / "sessions").glob("*.txt")):
        if SESSIONS[file.stem] == number:
            for part in file.read_text(encoding="utf-8").split("=== ")[1:]:
                claim, _, text = part.partition("\n")
                yield f"in a console: {claim}", len(ast.parse(text).body)


def row(*cells):
    """Return one line of a table."""
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"


def state(rule):
    """Say how a rule stands: same, or where and how it differs."""
    if not rule.differs:
        return "same"
    return "differs: " + "; ".join(dict.fromkeys(rule.differs.values()))


def rules():
    """Return the tables of the semantics, section by section."""
    lines = ["## Autograd's rules", ""]
    for section in sections():
        lines += [f"### {section.TITLE}", "", row("rule", "cases", "state"), row("---", "---:", "---")]
        lines += [row(rule.says, len(rule), state(rule)) for rule in section.RULES]
        lines += [row(claim, count, "same") for claim, count in sessions(number(section))]
        lines += [""]
    return lines


def summary():
    """Count rules and cases, section by section."""
    lines = ["## In numbers", "", row("section", "rules", "of these same", "cases"), row("---", "---:", "---:", "---:")]
    whole = [0, 0, 0]
    for section in sections():
        typed = [count for _, count in sessions(number(section))]
        same = sum(not rule.differs for rule in section.RULES) + len(typed)
        counts = [len(section.RULES) + len(typed), same, sum(map(len, section.RULES)) + sum(typed)]
        whole = [a + b for a, b in zip(whole, counts, strict=True)]
        lines += [row(section.TITLE, *counts)]
    programs = "[`test_programs`](tests/parity/test_programs.py) and [`test_states`](tests/parity/test_states.py)"
    return [*lines, row("all", *whole), "", f"Beside these, {programs} compare programs that are drawn at random.", ""]


def left_out():
    """Return what autovis does not have, by what it says instead."""
    lines = ["## Left out", "", row("what", "because"), row("---", "---")]
    for prefix, table in absent():
        reasons = {}
        for name, reason in table.items():
            reasons.setdefault(reason, []).append(f"`{prefix}.{name}`")
        lines += [row(", ".join(sorted(names)), reason) for reason, names in reasons.items()]
    return [*lines, ""]


def absent():
    """Return autovis' own tables of what it leaves out, with the module that they are about."""
    nn = autovis.nn.left_out
    return [
        ("torch", autovis._LEFT_OUT),
        ("torch.linalg", autovis.linalg.LEFT_OUT),
        ("torch.nn", nn.MODULES),
        ("torch.nn.functional", nn.FUNCTIONS),
        ("torch.nn.Module", nn.METHODS),
        ("torch.nn.init", nn.INIT),
        ("torch.nn.utils", nn.UTILS),
        ("torch.nn.utils.rnn", nn.SEQUENCES),
        ("torch.utils.data", autovis.utils.data.LEFT_OUT),
    ]


def page():
    """Return the whole page."""
    operators = importlib.import_module("operator_table").lines()
    return "\n".join([HEAD, *summary(), *rules(), *operators, *left_out()]).rstrip() + "\n"


if __name__ == "__main__":
    sys.path.insert(0, str(HERE))
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.name}: {len(page().splitlines())} lines")
