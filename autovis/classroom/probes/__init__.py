"""Which numbers an exercise is judged by: each probe asks an answer for them, one by one and by name.

A probe gets the answer and the library (`av`), so that the same probe runs on PyTorch in the tests. It yields a name
and a callable that gives the number; what the callable raises is reported under that name. One module a lesson.
"""

from importlib import import_module
from pkgutil import iter_modules
from typing import Final

__all__ = ["PROBES"]

LESSONS = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__) if module.name != "findings"]
PROBES: Final = {name: getattr(lesson, name) for lesson in LESSONS for name in lesson.__all__}
