"""The instructor's side: everything shown at once, and the notes of a lesson."""

from __future__ import annotations

import re
from typing import Any, Final

from autovis.classroom.bank import misconceptions
from autovis.classroom.lessons import lesson
from autovis.classroom.mode import choose, mode
from autovis.classroom.translation import translated
from autovis.classroom.views import View
from autovis.language import say

__all__ = ["Notes", "instructor", "notes"]

FOLDED: Final = re.compile(r"</?details>|<summary>.*?</summary>")
STRESSED: Final = re.compile(r"(?<![\w*])(\*{1,2})([^*`]+)\1(?![\w*])")


def instructor(on: bool = True) -> View:
    """Show everything at once from now on, and which belief each wrong option betrays; nothing is kept of it.

    Args:
        on: False goes back to what a learner sees.
    """
    choose("instructor" if on else "learner")
    return View([say("desk", mode())])


class Notes(View):
    """Notes for a lesson: text in a terminal, Markdown in a notebook."""

    def __init__(self, markdown: str) -> None:
        self.markdown = markdown
        super().__init__(STRESSED.sub(r"\2", line) for line in markdown.splitlines())

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        """Return both."""
        return {**super()._repr_mimebundle_(**options), "text/markdown": self.markdown}


def notes(asked: str | int) -> Notes:
    """Return what an instructor should know of a lesson: timing, what is missed most, what to do without a projector.

    Args:
        asked: its number, `"05"`.

    Raises:
        LookupError: if there is no such lesson.
    """
    one = lesson(asked)
    minutes = one.about.get("minutes", {})
    told = [FOLDED.sub("", cell.source).strip() for cell in one.tagged("instructor")]
    met = [f"- **{id}** {translated(misconceptions()[id].thought)}" for id in one.about.get("misconceptions", ())]
    time = say("desk", "minutes", teaching=minutes.get("teaching", 0), exercises=minutes.get("exercises", 0))
    believed = [say("desk", "believed"), "", *met] if met else []
    return Notes("\n".join([f"**{one.heading}**", "", time, "", *told, "", *believed]))
