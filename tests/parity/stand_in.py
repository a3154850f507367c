"""NumPy in CuPy's place, as strict as CuPy is: what is written for GPUs runs without one.

Arrays are of a class of their own, functions refuse arrays of the host, single numbers stay arrays, and NumPy may not
look into the memory. What CuPy computes on a GPU, and how exactly, this cannot tell.
"""

import sys
from contextlib import contextmanager, nullcontext
from types import SimpleNamespace

import numpy as np

from autovis.arrays import library
from autovis.device import gpus


class Array(np.ndarray):
    """An array that is not the host's."""

    data = property(lambda self: SimpleNamespace(ptr=self.ctypes.data))

    def get(self):
        return np.array(self.view(np.ndarray))

    def __getitem__(self, index):
        return ours(super().__getitem__(index))


def ours(found):
    """Return results as arrays of this class."""
    if isinstance(found, (np.ndarray, np.generic)):
        return np.asarray(found).view(Array)
    return tuple(map(ours, found)) if isinstance(found, tuple) else found


def refuse(arguments):
    for each in arguments:
        if type(each) is np.ndarray:
            raise TypeError("Unsupported type <class 'numpy.ndarray'>")
        if isinstance(each, (tuple, list)):
            refuse(each)


class Functions:
    """NumPy's functions, and those inside of it: `linalg`, `add.at`."""

    def __init__(self, source):
        self.source = source

    def __getattr__(self, name):
        found = getattr(self.source, name)
        return Functions(found) if callable(found) or name in ("linalg", "lib", "stride_tricks") else found

    def __call__(self, *given, **named):
        refuse((*given, *named.values()))
        assert "device" not in named
        return ours(self.source(*given, **named))


class CuPy(Functions):
    ndarray = Array
    cuda = SimpleNamespace(
        Device=lambda index: nullcontext(),
        runtime=SimpleNamespace(getDevice=lambda: 0, getDeviceCount=lambda: 1),
    )

    def __init__(self):
        super().__init__(np)

    def array(self, data):
        return np.array(data).view(Array)


@contextmanager
def stand_in():
    """Let autovis find this in CuPy's place in a `with` block."""
    modules = {"cupy": CuPy(), "cupyx": SimpleNamespace(), "cupyx.scipy": SimpleNamespace(special=SimpleNamespace())}
    before = {name: sys.modules.get(name) for name in modules}
    forget()
    sys.modules.update(modules)
    try:
        yield
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module
        forget()


def forget():
    """Let autovis look for CuPy again."""
    gpus.cache_clear()
    library.cache_clear()
