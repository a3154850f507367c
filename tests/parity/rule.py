"""A rule of PyTorch's autograd as a table row: its sentence, a program that shows it, and what the program is run with.

`$name` in a program stands for each entry of the table `name`; a program with several names runs with every
combination. Where autovis does not follow a rule, the row says in which programs and how; at least one of these
programs must then differ, so the remark goes when the difference goes.
"""

import itertools
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

PLACE = re.compile(r"\$(\w+)")


@dataclass(frozen=True, slots=True)
class Rule:
    """A sentence, a program with places, the tables for the places, and how autovis differs in which programs."""

    says: str
    program: str
    tables: dict[str, Sequence[object]]
    differs: dict[str, str]

    def cases(self) -> Iterator[str]:
        """Return the program with every combination of the tables' entries."""
        for entries in itertools.product(*self.tables.values()):
            filling = dict(zip(self.tables, map(str, entries), strict=True))
            yield PLACE.sub(lambda place, filling=filling: filling[place[1]], self.program)

    def remarks(self, case: str) -> list[str]:
        """Return the patterns of the known differences that a program has."""
        return [pattern for pattern in self.differs if re.search(pattern, case, re.DOTALL)]

    def __len__(self) -> int:
        size = 1
        for table in self.tables.values():
            size *= len(table)
        return size


def rule(says: str, *parts: str, differs: dict[str, str] | None = None, **tables: Sequence[object] | str) -> Rule:
    """Return a rule.

    Args:
        says: what holds, one sentence.
        parts: the text that shows it, in one piece or several, with `$name` for the entries of a table.
        differs: patterns of the programs in which autovis differs, each with the sentence that says how.
        tables: the entries by name; a text is split at `;`.
    """
    program = "\n".join(textwrap.dedent(part).strip("\n") for part in parts)
    places = set(PLACE.findall(program))
    assert places == set(tables), f"{says}: {places ^ set(tables)}"
    split = {name: entries(table) if isinstance(table, str) else table for name, table in tables.items()}
    return Rule(says, program, split, differs or {})


def entries(text: str) -> list[str]:
    """Split a table that is written as one text: its entries stand between semicolons."""
    return [" ".join(entry.split()) for entry in text.split(";")]
