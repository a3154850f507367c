"""Running a program that says `import torch` as it is: inside `as_torch()`, the name `torch` means autovis.

Everything below it follows: `import torch.nn.functional as F` finds `autovis.nn.functional`, and what autovis does not
have is not found. Afterwards the list of imported modules is what it was; a real PyTorch that had been imported before
is set aside in the meantime, untouched.

>>> with as_torch():
...     from torch.autograd import Variable
>>> Variable.__module__
'autovis.autograd.variable'

`run` does the same for a whole file: `python -m autovis run script.py`.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

from autovis.errors import LEFT_OUT, left_out

__all__ = ["as_torch", "run"]

ALIAS, REAL = "torch", "autovis"

# what stands beside PyTorch in tutorials: it needs PyTorch's own tensors
BESIDE = {
    "torchvision": "make the images with NumPy, or read them with Pillow.",
    "torchaudio": "read the sound with the `wave` module.",
    "torchtext": "read the text with `open`.",
    "torchmetrics": "write the measure out; it is a line or two.",
    "lightning": "write the training loop out.",
    "pytorch_lightning": "write the training loop out.",
}


class Alias(MetaPathFinder, Loader):
    """Finds `torch.x.y` as `autovis.x.y`, one module under two names."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Return how to import a name at or below `torch`; None for every other.

        Raises:
            ModuleNotFoundError: if autovis has no such module; it must not be looked for under a second name.
        """
        if name in BESIDE:
            raise ModuleNotFoundError(f"autovis does not do {name}: {BESIDE[name]}", name=name)
        if not is_alias(name):
            return None
        parent = importlib.import_module(real(name.rpartition(".")[0])) if "." in name else None
        if (parent and not hasattr(parent, "__path__")) or importlib.util.find_spec(real(name)) is None:
            words = [word for word in name.split(".") if word in LEFT_OUT]
            reason = f": {LEFT_OUT[words[-1]]}" if words else "."
            raise ModuleNotFoundError(f"No module named {name!r}: autovis does not do it{reason}", name=name)
        return ModuleSpec(name, self)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the module itself, and note how it was imported, which the import system is about to overwrite."""
        module = importlib.import_module(real(spec.name))
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Put back how the module was imported; it has run already.

        What lies below it is known under its second name at once: importing it under that name would otherwise set it
        as an attribute, and `autograd.gradcheck` is a function, not the module.
        """
        assert module.__spec__ is not None
        module.__spec__ = module.__spec__.loader_state
        below = [name for name in sys.modules if name.startswith(module.__name__ + ".")]
        sys.modules.update({ALIAS + name.removeprefix(REAL): sys.modules[name] for name in below})


def is_alias(name: str) -> bool:
    """Whether a module name is `torch` or below it."""
    return name.partition(".")[0] == ALIAS


def real(name: str) -> str:
    """Return the name of ours that an alias stands for."""
    return REAL + name.removeprefix(ALIAS)


def give_reason(error: ImportError) -> None:
    """Add to a failed import what `torch.name` would have said: Python drops it."""
    missing = re.match(r"cannot import name '(\w+)'", str(error))
    if missing is None:
        module = str(error.name)
        said = left_out(module.rpartition(".")[2], module.rpartition(".")[0]) if "not a package" in str(error) else None
    else:
        said = unanswered(sys.modules[str(error.name)], missing[1])
    for line in (str(said), *getattr(said, "__notes__", ())) if said is not None else ():
        error.add_note(line)


def unanswered(module: ModuleType, name: str) -> AttributeError | None:
    """Return the error that a module answers with when asked for a name."""
    try:
        getattr(module, name)
    except AttributeError as error:
        return error
    return None


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
    except ImportError as error:
        give_reason(error)
        raise
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if is_alias(name)]:
            del sys.modules[name]
        sys.modules.update(aside)


def run(script: str, arguments: Sequence[str] = ()) -> int:
    """Let this process become `python script arguments...`, with autovis for PyTorch.

    Args:
        script: path of the program.
        arguments: what it finds in `sys.argv` after its own name.

    Returns:
        The exit status: 0, or 1 after an error, whose traceback begins in the program.

    Raises:
        SystemExit: if the program says so; its status is the program's.
        OSError: if the file cannot be read.
    """
    program = ModuleType("__main__")
    program.__file__ = script
    source = Path(script).read_bytes()
    sys.argv[:] = [script, *arguments]
    sys.path[0] = str(Path(script).resolve().parent)
    sys.modules["__main__"] = program  # pickles and dataclasses look their classes up there
    try:
        with as_torch():
            exec(compile(source, script, "exec"), vars(program))  # noqa: S102 - the program that the user asked for
    except Exception as error:  # noqa: BLE001 - whatever it raises ends it
        inside = error.__traceback__
        while inside is not None and inside.tb_frame.f_code.co_filename != script:
            inside = inside.tb_next
        traceback.print_exception(error.with_traceback(inside))
        return 1
    return 0
