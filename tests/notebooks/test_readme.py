"""The README tells the truth: its program runs, and its picture is drawn by the program."""

from __future__ import annotations

import doctest
import runpy
from io import BytesIO
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[2]


def test_the_ten_lines_do_what_they_say() -> None:
    result = doctest.testfile(str(ROOT / "README.md"), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert result.attempted >= 7
    assert result.failed == 0


def test_the_picture_is_as_large_as_the_one_that_the_program_draws() -> None:
    # versions of Graphviz place elements a few pixels apart, so the pictures are not compared dot by dot
    script = runpy.run_path(str(ROOT / "lessons" / "picture.py"))
    with Image.open(script["PICTURE"]) as kept, Image.open(BytesIO(script["draw"]())) as drawn:
        assert abs(kept.width - drawn.width) < 40
        assert abs(kept.height - drawn.height) < 40
