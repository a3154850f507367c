"""Running a program that says `import torch` as it is: inside `as_torch()`, the name `torch` means autovis.

Everything below it follows: `import torch.nn.functional as F` finds `autovis.nn.functional`, and what autovis does not
have is not found. Afterwards the list of imported modules is what it was; a real PyTorch that had been imported before
is set aside in the meantime, untouched.

>>> with as_torch():
...     from torch.autograd import Variable
>>> Variable.__module__
'autovis.autograd'
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

__all__ = ["as_torch"]

ALIAS, REAL = "torch", "autovis"


class Alias(MetaPathFinder, Loader):
    """Finds `torch.x.y` as `autovis.x.y`, one module under two names."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Return how to import a name at or below `torch`; None for every other.

        Raises:
            ModuleNotFoundError: if autovis has no such module; it must not be looked for under a second name.
        """
        if not is_alias(name):
            return None
        if importlib.util.find_spec(real(name)) is None:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return ModuleSpec(name, self)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the module itself, and note how it was imported, which the import system is about to overwrite."""
        module = importlib.import_module(real(spec.name))
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Put back how the module was imported; it has run already."""
        assert module.__spec__ is not None
        module.__spec__ = module.__spec__.loader_state


def is_alias(name: str) -> bool:
    """Whether a module name is `torch` or below it."""
    return name.partition(".")[0] == ALIAS


def real(name: str) -> str:
    """Return the name of ours that an alias stands for."""
    return REAL + name.removeprefix(ALIAS)


@contextmanager
def as_torch() -> Iterator[ModuleType]:
    """Let `import torch` and every import below it mean autovis, until the end of the block.

    Yields:
        autovis.
    """
    aside = {name: module for name, module in sys.modules.items() if is_alias(name)}
    finder = Alias()
    for name in aside:
        del sys.modules[name]
    sys.meta_path.insert(0, finder)
    try:
        yield importlib.import_module(ALIAS)
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if is_alias(name)]:
            del sys.modules[name]
        sys.modules.update(aside)
