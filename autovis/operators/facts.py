"""What one may ask a tensor about its kind and its memory, and how it changes its shape in place."""

from __future__ import annotations

from typing import Any

from autovis import dtypes, errors
from autovis.modes import is_grad_enabled
from autovis.operators.arguments import Operand


def _absent(name: str) -> Any:
    def say(self: Any) -> Any:
        raise errors.left_out(name, "Tensor") or AttributeError(name)

    return property(say)


class Facts(Operand):
    """The part of a tensor that answers questions whose answer hardly varies here."""

    __slots__ = ()

    locals().update({name: _absent(name) for name in errors.LEFT_OUT})
    layout = dtypes.strided
    is_sparse = is_quantized = is_mkldnn = is_mps = is_meta = is_nested = False
    itemsize = property(lambda self: self.numbers.itemsize)
    nbytes = property(lambda self: self.numbers.nbytes)
    name = names = None

    def element_size(self) -> int:
        """Return how many bytes an element takes."""
        return int(self.numbers.itemsize)

    def ndimension(self) -> int:
        """Return how many dimensions there are."""
        return self.ndim

    def get_device(self) -> int:
        """Return -1: there is one memory."""
        return -1

    def is_complex(self) -> bool:
        """Return False: there are no complex numbers."""
        return False

    def is_signed(self) -> bool:
        """Whether its kind holds negative numbers."""
        return self.dtype.is_signed

    def is_same_size(self, other: Any) -> bool:
        """Whether another tensor has the same shape."""
        return bool(self.shape == other.shape)

    def is_pinned(self) -> bool:
        """Return False: there is one memory."""
        return False

    def new(self, *data: Any) -> Any:
        """Return a tensor of the same kind, as the old constructors do."""
        return self.new_empty(data) if all(isinstance(n, int) for n in data) else self.new_tensor(*data)

    def __reversed__(self) -> Any:
        return self.flip(tuple(range(self.ndim)))

    def _relaid(self, view: Any) -> Any:
        """Become a view of itself: the same memory in another shape."""
        if self.requires_grad and self.is_leaf and is_grad_enabled():
            raise errors.leaf_in_place()
        object.__setattr__(self, "_data", view._data)
        if self._is_view():
            self._extras.steps = view._extras.steps
        self._counter[0] += 1
        if view._node is not None:
            self._become(view._node)
        return self

    def unsqueeze_(self, dim: int) -> Any:
        """Add a dimension of size 1, in place."""
        return self._relaid(self.unsqueeze(dim))

    def squeeze_(self, dim: Any = None) -> Any:
        """Drop dimensions of size 1, in place."""
        return self._relaid(self.squeeze(dim))

    def t_(self) -> Any:
        """Transpose a matrix, in place."""
        return self._relaid(self.t())

    def transpose_(self, dim0: int, dim1: int) -> Any:
        """Exchange two dimensions, in place."""
        return self._relaid(self.transpose(dim0, dim1))

    swapaxes_ = swapdims_ = transpose_
