"""The array that remembers: `Tensor`.

A tensor wraps an array. If it was computed, and one of its inputs requires grad, it also knows the node of the graph
that made it (`grad_fn`); a tensor without such a node is a leaf. What a tensor can do is put together from parts:
arithmetic, reductions, shaping, products, indexing, edits, draws, conversions, gradients, views.
"""

from __future__ import annotations

import copy
import sys
import warnings
from collections.abc import Callable
from typing import Any, ClassVar, Self

import numpy as np

from autovis import dtypes, errors, events, gradients, modes, printing, recording
from autovis.arrays import DeviceArray, peek, place, where
from autovis.conversions import Conversions
from autovis.device import landing
from autovis.draws import Draws
from autovis.edits import Edits
from autovis.graph import AccumulateGrad, Node
from autovis.literals import legacy_array
from autovis.operators import (
    Arithmetic,
    Factors,
    Facts,
    Indexing,
    InPlace,
    Ordering,
    Products,
    Reductions,
    Shaping,
    Size,
    Special,
)
from autovis.operators.arguments import dim_in
from autovis.origins import of_detach
from autovis.recording import apply
from autovis.slots import Bare

__all__ = ["Parameter", "Tensor"]

# NumPy reports 0/0 and overflow as warnings; PyTorch computes nan and inf in silence, and so do we.
warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"autovis\.")


class Tensor(
    Conversions,
    Edits,
    Draws,
    Arithmetic,
    Reductions,
    Shaping,
    Products,
    Factors,
    Facts,
    Indexing,
    Ordering,
    Special,
    InPlace,
):
    """An array of one kind of number that remembers how it was computed.

    Make one with `tensor`, `zeros`, `rand` and the like; `Tensor([1, 2])` itself is the old constructor.
    """

    __slots__ = ("__dict__",)  # for attributes that a program gives it
    __array_priority__: ClassVar[int] = 1000

    def __new__(cls, *data: Any, **named: Any) -> Self:
        """Make a tensor of the default float from a list, or one to be filled from sizes: the old constructor."""
        if data and isinstance(data[0], Tensor):
            return cls.from_numbers(data[0]._array())
        return cls.from_numbers(legacy_array(data, dtypes.default_float().numpy, named))

    def __init__(self, *data: Any, **named: Any) -> None:
        """Nothing is left to do."""

    @classmethod
    def from_numbers(cls, data: Any, *, requires_grad: bool = False) -> Self:
        """Wrap an array without copying it."""
        result = cls.of(data)
        result._flag = requires_grad
        if modes.recording.get().inference:
            result.extras().inference = True
        return result

    @staticmethod
    def wrap(data: Any, node: Node | None, port: int) -> Tensor:
        """Return the tensor that a node made; a leaf's accumulator gives back the leaf."""
        if type(node) is AccumulateGrad:
            return node.variable  # type: ignore[no-any-return]
        result = Tensor.of(data, node)
        result._port = port
        return result

    def like(self, data: Any) -> Tensor:
        """Wrap an array as a plain tensor on the same device."""
        if type(data) is DeviceArray or type(self._data) is DeviceArray:
            data = place(data, where(self._data))
        return Tensor.from_numbers(data)

    __apply__ = staticmethod(apply)

    @property
    def numbers(self) -> Any:
        """The array itself, or a NumPy scalar; for reading only."""
        return self._data

    @property
    def shape(self) -> Size:  # type: ignore[override]
        """How many elements there are along each dimension."""
        return Size(self._data.shape)

    @property
    def dtype(self) -> dtypes.dtype:  # type: ignore[override]
        """The kind of its numbers."""
        return dtypes.OF_NUMPY[self._data.dtype]

    @property
    def ndim(self) -> int:  # type: ignore[override]
        """How many dimensions there are."""
        return self._data.ndim  # type: ignore[no-any-return]

    def dim(self) -> int:
        """Return how many dimensions there are."""
        return self._data.ndim  # type: ignore[no-any-return]

    def size(self, dim: int | None = None) -> Any:
        """Return the shape, or the number of elements along one dimension."""
        return self.shape if dim is None else self.shape[dim_in(dim, self.ndim)]

    def numel(self) -> int:
        """Return how many elements there are."""
        return int(self._data.size)

    nelement = numel

    def data_ptr(self) -> int:
        """Return the address of the first element: equal for tensors that share memory."""
        return int(self._array().ctypes.data)

    def is_floating_point(self) -> bool:
        """Whether gradients are defined for its kind."""
        return self.dtype.is_floating_point

    def is_contiguous(self) -> bool:
        """Whether the elements lie in order in memory."""
        return bool(self._data[...].flags.c_contiguous)

    def stride(self, dim: int | None = None) -> Any:
        """Return how many elements apart neighbours along each dimension lie in memory."""
        steps = tuple(n // self._data.itemsize for n in self._data[...].strides)
        return steps if dim is None else steps[dim]

    @property
    def _version(self) -> int:
        """How often this memory has been edited in place."""
        if self.is_inference():
            raise RuntimeError("Inference tensors do not track version counter.")
        return int(self._counter[0])

    def detach(self) -> Tensor:
        """Return a tensor over the same memory without history: no gradient passes through it."""
        result = Tensor.from_numbers(self._array())
        result._counter = self._counter
        extras = result.extras()
        extras.origin, extras.inference = of_detach(self), self.is_inference()
        if events.listener is not None:
            events.listener.detached(self, result, False)
        return result

    def detach_(self) -> Self:
        """Make this tensor itself a leaf that requires no grad; what was computed from it keeps its history.

        Raises:
            RuntimeError: on a view.
        """
        if self._is_view():
            raise errors.detach_view()
        if events.listener is not None:
            events.listener.detached(self, self, True)
        origin = of_detach(self)
        watch = None if self._node is None else self._node.watch
        hooks = None if watch is None else watch.tensor_hooks.get(self._port)
        self._node, self._port, self._flag = None, 0, False
        extras = self.extras()
        extras.origin = origin
        if hooks is not None:  # they stay with the tensor
            extras.hooks = hooks
        return self

    @property
    def data(self) -> Tensor:
        """A leaf over the same memory whose edits are not noticed; prefer `detach()`."""
        result = Tensor.from_numbers(self._array())
        extras = result.extras()
        extras.origin, extras.inference = of_detach(self), self.is_inference()
        return result

    @data.setter
    def data(self, value: Tensor) -> None:
        if not isinstance(value, Tensor):
            raise TypeError(f"Variable data has to be a tensor, but got {type(value).__name__}")
        if self.requires_grad and not value.dtype.is_floating_point:
            raise RuntimeError("data set to a tensor that requires gradients must be floating point or complex dtype")
        if events.listener is not None:
            events.listener.exposed()
        self._data = value._array()

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if name not in Bare.__slots__]

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        if not self.is_leaf:
            raise errors.deepcopy_of_non_leaf()
        result = type(self).from_numbers(np.copy(self._data), requires_grad=self._flag)
        if self._grad is not None and type(self) is Tensor:
            result._grad = copy.deepcopy(self._grad, memo)
        result._counter[0] = int(type(self) is Tensor)  # PyTorch fills what it made
        memo[id(self)] = result
        result.__dict__.update(copy.deepcopy(self.__dict__, memo))
        return result

    def __reduce_ex__(self, protocol: Any) -> Any:
        return _rebuilt, (type(self), peek(self._data)[...], self.requires_grad, str(self.device))

    def __repr__(self) -> str:
        try:
            node = self._history()
        except RuntimeError:  # a view whose history cannot be told
            maker = "Invalid"
        else:
            maker = "" if node is None else type(node).__name__
        suffixes = [f"grad_fn=<{maker}>"] if maker else ["requires_grad=True"] if self.requires_grad else []
        return printing.format_tensor(
            peek(self._data)[...], suffixes, device=str(self.device), default_dtype=dtypes.default_float().numpy
        )

    def __format__(self, spec: str) -> str:
        if not self._data.ndim:
            return format(self._data.item(), spec)
        return object.__format__(self, spec)

    @property
    def volatile(self) -> bool:
        """Always False; the flag was removed from PyTorch in 0.4."""
        warnings.warn("volatile was removed (Variable.volatile is always False)", UserWarning, stacklevel=2)
        return False

    @volatile.setter
    def volatile(self, _: Any) -> None:
        warn_volatile()


def warn_volatile() -> None:
    """Say that `volatile` has no effect any more."""
    text = "volatile was removed and now has no effect. Use `with torch.no_grad():` instead."
    warnings.warn(text, UserWarning, stacklevel=3)


class Parameter(Tensor):
    """A leaf that a module registers when it is assigned to an attribute; requires grad unless told otherwise.

    Args:
        data: its values, over the same memory.
        requires_grad: the flag.
    """

    __slots__ = ()

    def __new__(cls, data: Tensor | None = None, requires_grad: bool = True) -> Self:
        """Wrap the values of a tensor."""
        array = np.empty(0, dtypes.default_float().numpy) if data is None else data._array()
        if requires_grad and array.dtype.kind != "f":
            raise errors.integers_cannot_require_grad(
                "Only Tensors of floating point and complex dtype can require gradients"
            )
        if data is not None and requires_grad:
            data._check_inference(errors.inference_flag)
        return cls.from_numbers(array, requires_grad=requires_grad)

    def __init__(self, data: Tensor | None = None, requires_grad: bool = True) -> None:
        """Nothing is left to do."""

    def __repr__(self) -> str:
        return "Parameter containing:\n" + super().__repr__()


def _rebuilt(kind: type[Tensor], array: np.ndarray, flag: bool, device: str = "cpu") -> Tensor:
    result = kind.from_numbers(place(array.copy(), landing(device)), requires_grad=flag)
    result._counter[0] = 1  # PyTorch fills what it made
    return result


def _not_writable(name: str) -> Callable[[Tensor, Any], None]:
    def refuse(_: Tensor, value: Any) -> None:
        raise errors.read_only(name)

    return refuse


for name in dir(
    Tensor
):  # what follows from how a tensor was made can be read only, which PyTorch says in its own words
    found = getattr(Tensor, name)
    if isinstance(found, property) and found.fset is None:
        setattr(Tensor, name, property(found.fget, _not_writable(name), doc=found.__doc__))


def _measure_sole() -> int:
    """Count the references to a gradient that nobody but a running pass holds, for `accumulate`.

    PyTorch takes over a gradient instead of copying it when it is the only owner. Python can tell the same from the
    reference count; what the pass itself contributes depends on the interpreter, so it is measured once.
    """
    counts: list[int] = []

    class Probe(Tensor):
        __slots__ = ()

        def accumulate(self, g: Any, *, owned: bool) -> None:
            assert not owned
            counts.append(sys.getrefcount(g))

    leaf = Probe.from_numbers(np.ones(2), requires_grad=True)
    (leaf * leaf.detach()).backward(Tensor.from_numbers(np.ones(2)))
    return counts[0]


Tensor.backward.__qualname__ = "Tensor.backward"  # what a TypeError about its arguments calls it
recording.result_type = Tensor
Node.wrap = staticmethod(Tensor.wrap)
gradients.SOLE[0] = _measure_sole()
