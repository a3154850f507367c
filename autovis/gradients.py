"""The gradient of a tensor: who wants one, where it arrives, where it is stored, who is told."""

from __future__ import annotations

import sys
import warnings
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any, Self

import numpy as np

from autovis import dtypes, errors, events
from autovis.anomaly import trace
from autovis.arrays import DeviceArray, move
from autovis.backward import backward
from autovis.engine import running
from autovis.graph import AccumulateGrad, Node
from autovis.hooks import RemovableHandle, register
from autovis.modes import recording
from autovis.slots import Bare
from autovis.views import Views

__all__ = ["Gradients"]

# How many references there are to a gradient that nobody but a running pass holds; measured by the tensor class.
SOLE = [0]


class Gradients(Views):
    """The part of a tensor that has to do with its gradient."""

    __slots__ = ()

    @property
    def grad_fn(self) -> Node | None:
        """The node that made it; None for a leaf."""
        return self._history()

    @property
    def is_leaf(self) -> bool:
        """Whether it has no recorded history."""
        return self._history() is None

    @property
    def output_nr(self) -> int:
        """Which output of its node it is."""
        return self._port

    @property
    def requires_grad(self) -> bool:
        """Whether gradients reach it: set on a leaf, inherited by what is computed from one."""
        return self._flag or (self._is_view() and self._base.requires_grad) or self._history() is not None

    @requires_grad.setter
    def requires_grad(self, flag: bool) -> None:
        if not isinstance(flag, bool):
            raise RuntimeError("requires_grad must be a bool")
        if self._history() is not None:
            raise errors.not_a_leaf_flag(by_assignment_of_true=flag)
        if flag and not self.dtype.is_floating_point:
            raise errors.integers_cannot_require_grad(
                "only Tensors of floating point and complex dtype can require gradients"
            )
        self._check_inference(errors.inference_flag, flag)
        self._flag = flag

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Set the flag of this tensor and return it; on a computed tensor True changes nothing.

        Raises:
            RuntimeError: for integers; for False on a computed tensor.
            TypeError: if the flag is not a bool.
        """
        if not isinstance(requires_grad, bool):
            kind = type(requires_grad).__name__
            raise TypeError(f"requires_grad_(): argument 'requires_grad' (position 1) must be bool, not {kind}")
        if self._history() is not None:
            if not requires_grad:
                raise errors.not_a_leaf_flag()
            return self
        if requires_grad and not self.dtype.is_floating_point:
            raise errors.integers_cannot_require_grad("only Tensors of floating point dtype can require gradients")
        self._check_inference(errors.inference_flag, requires_grad)
        self._flag = requires_grad
        return self

    @property
    def grad(self) -> Any:
        """What backward passes have added up here; None if none reached it."""
        if self._grad is None and self._node is not None and not self.retains_grad:
            warnings.warn(
                "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad attribute won't"
                " be populated during autograd.backward(). If you indeed want the .grad field to be populated for a"
                " non-leaf Tensor, use .retain_grad() on the non-leaf Tensor. If you access the non-leaf Tensor by"
                " mistake, make sure you access the leaf Tensor instead. See"
                " github.com/pytorch/pytorch/pull/30531 for more information.",
                UserWarning,
                stacklevel=2,
            )
        return self._grad

    @grad.setter
    def grad(self, value: Any) -> None:
        if value is self:
            raise RuntimeError("can't assign Variable as its own grad")
        if value is not None:
            self._check_grad(value)
            if events.listener is not None:
                events.listener.exposed()
        if events.listener is not None and value is None and self._grad is not None:
            events.listener.cleared(self, self._grad._data, "none")
        self._grad = value

    @grad.deleter
    def grad(self) -> None:
        self.grad = None

    def _check_grad(self, value: Any) -> None:
        if not isinstance(value, Bare):
            raise TypeError(
                f"assigned grad expected to be a Tensor or None but got grad of type {type(value).__name__}"
            )
        if value.dtype is not self.dtype:
            raise RuntimeError(
                f"attempting to assign a gradient with dtype '{dtypes_c(value.dtype)}' to a tensor with grad_dtype"
                f" '{self.dtype.word}'. The gradient must match the tensor's grad_dtype (defaults to the tensor's"
                " dtype). You can set the tensor's grad_dtype attribute with a specific dtype, or None to allow any"
                " dtype. Set grad_dtype with caution. Diverging the dtypes of a tensor and its gradient may break"
                " downstream systems that assume they match."
            )
        if value.device != self.device:
            raise RuntimeError(
                f"attempting to assign a gradient with device type '{value.device.type}' to a tensor with device type"
                f" '{self.device.type}'. Please ensure that the gradient and the tensor are on the same device"
            )
        if value.shape != self.shape:
            raise RuntimeError(
                f"attempting to assign a gradient of size '{list(value.shape)}' to a tensor of size"
                f" '{list(self.shape)}'. Please ensure that the gradient and the tensor are the same size"
            )

    def backward(
        self,
        gradient: Any = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        inputs: Any = None,
    ) -> None:
        """Compute the gradients of this tensor with respect to the leaves it depends on, and add them to `.grad`.

        Args:
            gradient: the vector v of v·J, same shape as this tensor; not needed for a single number.
            retain_graph: see `autograd.backward`, as for the others.
            create_graph: record the pass itself.
            inputs: store gradients only in these.
        """
        __tracebackhide__ = True
        backward(self, gradient, retain_graph, create_graph, inputs=inputs)

    def accumulate(self, g: Any, *, owned: bool) -> None:
        """Add a gradient to `.grad`: the engine's last step at a leaf, and at what `retain_grad()` asked for.

        Args:
            g: an array, or a tensor when the pass itself is recorded.
            owned: whether nobody else holds the array.
        """
        if not self._flag and self._node is None:  # the flag was taken off since: only the hooks hear of it
            self._tell()
            return
        if type(g) is DeviceArray and g.device != self.device:  # a number of the host that was used on a device
            g = move(g, self.device)
        before = self._grad
        shown = None
        if events.listener is not None and before is not None:
            shown = events.listener.noted(before._data)
        if isinstance(g, Bare):
            self._grad = self.new_zeros(self.shape).copy_(g) if before is None else before + g
        elif before is None:
            alone = owned or isinstance(g, np.generic) or (sys.getrefcount(g) <= SOLE[0] and is_whole(g))
            laid = self._node is not None or g.strides == self._data.strides
            self._grad = self.like(g if alone and laid else laid_as(g, g if laid else self._data))
        elif self._node is not None:  # what `retain_grad()` asked for is never edited
            self._grad = self.like(np.add(before._data, g))
        else:
            if isinstance(before._data, np.ndarray) and not before._data.flags.writeable:
                raise errors.overlapping()
            if events.listener is not None:
                events.listener.stepping()
            before._write(np.add(before._data, g))
            before._counter[0] += 1
        if events.listener is not None and self._node is None:
            events.listener.accumulated(self, shown, g)
        self._tell()

    def _tell(self) -> None:
        """Run the hooks that are told when `.grad` was updated."""
        if self._extras is not None and self._extras.after:
            for hook in tuple(self._extras.after.values()):
                answer = hook(self)
                if hasattr(answer, "grad_fn"):
                    raise RuntimeError("Tensor post accumulate grad hooks should return None.")
                if answer is not None:
                    raise TypeError(f"expected Variable, but hook returned '{type(answer).__name__}'")
                if events.listener is not None:
                    events.listener.hook_ran(self.gradient_edge(), None, self._grad, "post")

    def retain_grad(self) -> None:
        """Keep the gradient of this intermediate in `.grad` from the next backward on.

        Raises:
            RuntimeError: if the tensor does not require grad.
        """
        if not self.requires_grad:
            raise errors.retain_grad_without_flag()
        if self._node is None and not (self._is_view() and self._base._node is not None):
            return
        node = self._history()
        if node is None or self.retains_grad:
            return
        self.extras().retains = True
        node.watched().retains[self._port] = weakref.ref(self)

    @property
    def retains_grad(self) -> bool:
        """Whether `retain_grad()` was called on this intermediate."""
        return self._extras is not None and self._extras.retains

    def register_hook(self, hook: Callable[[Any], Any]) -> RemovableHandle:
        """Call `hook(gradient)` when the gradient of this tensor is complete; a returned tensor replaces it.

        Raises:
            RuntimeError: if the tensor does not require grad.
        """
        if not self.requires_grad:
            raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
        node = self._history()
        if node is None:
            return register(self.extras().hook_list("hooks"), hook)
        return register(node.watched().tensor_hooks.setdefault(self._port, OrderedDict()), hook)

    def register_post_accumulate_grad_hook(self, hook: Callable[[Any], None]) -> RemovableHandle:
        """Call `hook(tensor)` after `.grad` of this leaf was updated.

        Raises:
            RuntimeError: for a tensor that does not require grad, and for one that is no leaf.
        """
        if not self.requires_grad:
            raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
        if self._history() is not None:
            raise RuntimeError("post accumulate grad hooks cannot be registered on non-leaf tensors")
        return register(self.extras().hook_list("after"), hook)

    def gradient_hooks(self) -> Iterator[Callable[[Any], Any]]:
        """Return the hooks that a leaf's gradient passes before it is stored."""
        return iter(()) if self._extras is None or not self._extras.hooks else iter(self._extras.hooks.values())

    def gradient_edge(self) -> Node:
        """Return the node at which the gradient of this tensor arrives: the one that made it, or its accumulator."""
        node = self._history()
        if node is not None:
            return node
        extras = self.extras()
        found = extras.accumulator()
        if found is None:
            found = AccumulateGrad(self)
            if recording.get().traces:
                trace(found, running)
            extras.accumulator = weakref.ref(found)
        if self._flag:
            extras.edge = extras.accumulator
        return found


def is_whole(g: Any) -> bool:
    """Whether an array has its memory for itself, or is a view of all of an array that only it holds, as `x.T`."""
    memory = g.base
    return memory is None or (type(memory) is np.ndarray and memory.size == g.size and sys.getrefcount(memory) <= 3)


def laid_as(g: Any, like: Any) -> Any:
    """Return a copy whose memory is in the order of another array: a leaf's gradient lies as the leaf does."""
    copied = np.empty_like(like)
    copied[...] = g
    return copied


def dtypes_c(kind: dtypes.dtype) -> str:
    """Return PyTorch's lower-case word for a kind, as one of its sentences has it."""
    words = {"float64": "double", "float32": "float", "float16": "c10::Half", "int64": "long int"}
    return words.get(kind.name, kind.name)
