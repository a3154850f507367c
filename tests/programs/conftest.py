"""The programs of this folder are run by its test; they are no tests themselves, not even for doctest."""

from pathlib import Path

collect_ignore = [str(path) for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("test_")]
