"""The array that remembers: `Tensor`, and how an operation is run on tensors.

A tensor wraps an array. If it was computed, and one of its inputs requires grad, it also knows the node of the graph
that made it (`grad_fn`); a tensor without such a node is a leaf. `apply` below is the whole of the forward pass: unwrap,
compute, and record if anybody asks for gradients.
"""

from __future__ import annotations

import copy
import sys
import warnings
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterator
from numbers import Number
from typing import Any, ClassVar, Self

import numpy as np

from autovis import dtypes, errors, events, printing
from autovis.backward import backward, warn_once
from autovis.draws import Draws
from autovis.dtypes import constant
from autovis.edits import Edits
from autovis.graph import AccumulateGrad, Node, node_class
from autovis.hooks import HookList, RemovableHandle, register
from autovis.literals import legacy_array
from autovis.modes import recording
from autovis.operators import Operators, Size, shape_cast
from autovis.origins import of_call, of_detach
from autovis.primitive import Elementwise, Primitive
from autovis.rules import index as ix

__all__ = ["Parameter", "Tensor", "apply"]

# NumPy reports 0/0 and overflow as warnings; PyTorch computes nan and inf in silence, and so do we.
warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"autovis\.(rules|tensor|operators|graph|engine)")


class Extras:
    """What few tensors have: hooks, a base they are a view of, a past that is not part of the graph.

    Attributes:
        base: the tensor whose memory this one shows.
        steps: the operations that lead from the base to this view.
        version: the version at which `_node` was last right, for a view.
        hooks: hooks on the gradient, for a leaf.
        after: hooks that run once `.grad` is updated, for a leaf.
        retains: whether the gradient of this intermediate is kept.
        origin: where a tensor without history came from, for the picture; see `origins`.
        key: number given by a tape.
        unrecorded: whether a view was made while recording was off.
    """

    __slots__ = ("after", "base", "hooks", "key", "origin", "retains", "steps", "unrecorded", "version")

    def __init__(self) -> None:
        self.base: Tensor | None = None
        self.steps: tuple[tuple[Primitive, dict[str, Any]], ...] = ()
        self.version = 0
        self.hooks: HookList = OrderedDict()
        self.after: HookList = OrderedDict()
        self.retains = False
        self.origin: Any = None
        self.key = 0
        self.unrecorded = False


class Bare:
    """The slots of a tensor, filled in before it becomes one.

    `Tensor` answers unknown names with a suggestion, which makes setting its attributes slow; results of operations
    are therefore filled in while they are bare.
    """

    __slots__ = ("__weakref__", "_accumulator", "_counter", "_data", "_extras", "_flag", "_grad", "_node", "_port")

    def __init__(self, data: Any, node: Node | None = None) -> None:
        self._data = data
        self._node = node
        self._port = 0
        self._flag = False
        self._counter = [0]
        self._grad: Tensor | None = None
        self._accumulator: Any = None
        self._extras: Extras | None = None


class Tensor(Bare, Operators, Edits, Draws):
    """An array of one kind of number that remembers how it was computed.

    Make one with `tensor`, `zeros`, `rand` and the like; `Tensor([1, 2])` itself is the old constructor.
    """

    __slots__ = ()
    __array_priority__: ClassVar[int] = 1000

    # ------------------------------------------------------------------------------------------------ construction

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
        result = Bare(data)
        result._flag = requires_grad
        result.__class__ = cls  # type: ignore[assignment]
        return result  # type: ignore[return-value]

    @staticmethod
    def wrap(data: Any, node: Node | None, port: int) -> Tensor:
        """Return the tensor that a node made; a leaf's accumulator gives back the leaf."""
        if type(node) is AccumulateGrad:
            return node.variable  # type: ignore[no-any-return]
        result = Bare(data, node)
        result._port = port
        result.__class__ = Tensor  # type: ignore[assignment]
        return result  # type: ignore[return-value]

    def like(self, data: Any) -> Tensor:
        """Wrap an array as a plain tensor on the same device."""
        return Tensor.from_numbers(data)

    @staticmethod
    def __apply__(rule: Primitive, inputs: tuple[Any, ...], settings: dict[str, Any]) -> Any:
        return apply(rule, inputs, settings)

    def __setattr__(self, name: str, value: Any) -> None:
        try:
            object.__setattr__(self, name, value)
        except AttributeError as error:
            if name in dir(type(self)):
                raise errors.read_only(name) if name in READ_ONLY else error
            raise errors.unknown_attribute(type(self).__name__, name, dir(type(self))) from None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise errors.unknown_attribute("Tensor", name, dir(type(self)))

    # ------------------------------------------------------------------------------------------------ what it is

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
        return self.shape if dim is None else self.shape[dim]

    def numel(self) -> int:
        """Return how many elements there are."""
        return int(self._data.size)

    nelement = numel

    def is_floating_point(self) -> bool:
        """Whether gradients are defined for its kind."""
        return self.dtype.is_floating_point

    def is_contiguous(self) -> bool:
        """Whether the elements lie in order in memory."""
        return bool(np.asarray(self._data).flags.c_contiguous)

    def stride(self, dim: int | None = None) -> Any:
        """Return how many elements apart neighbours along each dimension lie in memory."""
        steps = tuple(n // self._data.itemsize for n in np.asarray(self._data).strides)
        return steps if dim is None else steps[dim]

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
        return self._flag or self._history() is not None

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
        self._flag = flag

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Set the flag of this tensor and return it; on a computed tensor True changes nothing.

        Raises:
            RuntimeError: for integers; for False on a computed tensor.
            TypeError: if the flag is not a bool.
        """
        if not isinstance(requires_grad, (bool, int)):
            kind = type(requires_grad).__name__
            raise TypeError(f"requires_grad_(): argument 'requires_grad' (position 1) must be bool, not {kind}")
        if self._history() is not None:
            if not requires_grad:
                raise errors.not_a_leaf_flag()
            return self
        if requires_grad and not self.dtype.is_floating_point:
            raise errors.integers_cannot_require_grad("only Tensors of floating point dtype can require gradients")
        self._flag = bool(requires_grad)
        return self

    @property
    def _version(self) -> int:
        """How often this memory has been edited in place."""
        return self._counter[0]

    @property
    def _base(self) -> Tensor | None:
        """The tensor whose memory this view shows."""
        return self._extras.base if self._extras else None

    def _is_view(self) -> bool:
        return self._base is not None

    def extras(self) -> Extras:
        """Return the place for what few tensors have, made when first needed."""
        if self._extras is None:
            self._extras = Extras()
        return self._extras

    # ------------------------------------------------------------------------------------------------ the gradient

    @property
    def grad(self) -> Tensor | None:
        """What backward passes have added up here; None if none reached it."""
        if self._grad is None and self._node is not None and not self.retains_grad:
            warnings.warn(
                "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad attribute won't"
                " be populated during autograd.backward(). If you indeed want the .grad field to be populated for a"
                " non-leaf Tensor, use .retain_grad() on the non-leaf Tensor. If you access the non-leaf Tensor by"
                " mistake, make sure you access the leaf Tensor instead. See"
                " github.com/pytorch/pytorch/pull/30531 for more informations.",
                UserWarning,
                stacklevel=2,
            )
        return self._grad

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        if value is self:
            raise RuntimeError("can't assign Variable as its own grad")
        if value is not None:
            self._check_grad(value)
        if events.listener is not None and value is None and self._grad is not None:
            events.listener.saw(events.Cleared, self, self._grad._data, "none")
        self._grad = value

    @grad.deleter
    def grad(self) -> None:
        self.grad = None

    def _check_grad(self, value: Any) -> None:
        if not isinstance(value, Tensor):
            raise TypeError(
                f"assigned grad expected to be a Tensor or None but got grad of type {type(value).__name__}"
            )
        if value.dtype is not self.dtype:
            raise RuntimeError(
                f"attempting to assign a gradient with dtype '{dtypes_c(value.dtype)}' to a tensor with grad_dtype"
                f" '{self.dtype.word}'. The gradient must match the tensor's grad_dtype (defaults to the tensor's dtype)."
                " You can set the tensor's grad_dtype attribute with a specific dtype, or None to allow any dtype. Set"
                " grad_dtype with caution. Diverging the dtypes of a tensor and its gradient may break downstream systems"
                " that assume they match."
            )
        if value.shape != self.shape:
            raise RuntimeError(
                f"attempting to assign a gradient of size '{list(value.shape)}' to a tensor of size"
                f" '{list(self.shape)}'. Please ensure that the gradient and the tensor are the same size"
            )

    def backward(
        self,
        gradient: Tensor | None = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        inputs: Any = None,
    ) -> None:
        """Compute the gradients of this tensor with respect to the leaves it depends on, and add them to `.grad`.

        Args:
            gradient: the vector v of v·J, same shape as this tensor; not needed for a single number.
            retain_graph, create_graph, inputs: see `autograd.backward`.
        """
        backward(self, gradient, retain_graph, create_graph, inputs=inputs)

    def accumulate(self, g: Any, *, owned: bool) -> None:
        """Add a gradient to `.grad`: the engine's last step at a leaf, and at what `retain_grad()` asked for.

        Args:
            g: an array, or a tensor when the pass itself is recorded.
            owned: whether nobody else holds the array.
        """
        before = self._grad
        shown = None if before is None else before._data
        if events.listener is not None and isinstance(shown, np.ndarray):
            shown = shown.copy()
        if isinstance(g, Tensor):
            self._grad = g if before is None else before + g
        elif before is None:
            alone = owned or not isinstance(g, np.ndarray) or (g.base is None and sys.getrefcount(g) <= SOLE)
            self._grad = Tensor.from_numbers(g if alone else np.array(g, copy=True))
        elif before._history() is not None:
            self._grad = before + Tensor.from_numbers(g)
        else:
            before._write(np.add(before._data, g))
            before._counter[0] += 1
        if events.listener is not None and self._node is None:
            arriving = g._data if isinstance(g, Tensor) else g
            events.listener.saw(events.Accumulated, self, shown, arriving, self._grad._data)  # type: ignore[union-attr]
        if self._extras is not None:
            for hook in tuple(self._extras.after.values()):
                hook(self)

    def retain_grad(self) -> None:
        """Keep the gradient of this intermediate in `.grad` from the next backward on.

        Raises:
            RuntimeError: if the tensor does not require grad.
        """
        if not self.requires_grad:
            raise errors.retain_grad_without_flag()
        node = self._history()
        if node is None or self.retains_grad:
            return
        self.extras().retains = True
        node.watched().retains[self._port] = weakref.ref(self)

    @property
    def retains_grad(self) -> bool:
        """Whether `retain_grad()` was called on this intermediate."""
        return self._extras is not None and self._extras.retains

    def register_hook(self, hook: Callable[[Tensor], Tensor | None]) -> RemovableHandle:
        """Call `hook(gradient)` when the gradient of this tensor is complete; a returned tensor replaces it.

        Raises:
            RuntimeError: if the tensor does not require grad.
        """
        if not self.requires_grad:
            raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
        node = self._history()
        if node is None:
            return register(self.extras().hooks, hook)
        return register(node.watched().tensor_hooks.setdefault(self._port, OrderedDict()), hook)

    def register_post_accumulate_grad_hook(self, hook: Callable[[Tensor], None]) -> RemovableHandle:
        """Call `hook(tensor)` after `.grad` of this leaf was updated.

        Raises:
            RuntimeError: for a tensor that does not require grad, and for one that is no leaf.
        """
        if not self.requires_grad:
            raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
        if self._history() is not None:
            raise RuntimeError("post accumulate grad hooks cannot be registered on non-leaf tensors")
        return register(self.extras().after, hook)

    def gradient_hooks(self) -> Iterator[Callable[[Any], Any]]:
        """Return the hooks that a leaf's gradient passes before it is stored."""
        return iter(()) if self._extras is None else iter(self._extras.hooks.values())

    def gradient_edge(self) -> Node:
        """Return the node at which the gradient of this tensor arrives: the one that made it, or its accumulator."""
        node = self._history()
        if node is not None:
            return node
        found: AccumulateGrad | None = self._accumulator() if self._accumulator is not None else None
        if found is None:
            found = AccumulateGrad(self)
            self._accumulator = weakref.ref(found)
        return found

    # ------------------------------------------------------------------------------------------------- cutting off

    def detach(self) -> Tensor:
        """Return a tensor over the same memory without history: no gradient passes through it."""
        result = Tensor.from_numbers(self._array())
        result._counter = self._counter
        extras = result.extras()
        extras.base, extras.origin = self._root(), of_detach(self)
        if events.listener is not None:
            events.listener.saw(events.Detached, self, result, False)
        return result

    def detach_(self) -> Self:
        """Make this tensor itself a leaf that requires no grad; what was computed from it keeps its history.

        Raises:
            RuntimeError: on a view.
        """
        if self._extras is not None and self._extras.base is not None and self._extras.steps:
            raise errors.detach_view()
        if events.listener is not None:
            events.listener.saw(events.Detached, self, self, True)
        origin = of_detach(self)
        self._node, self._port, self._flag = None, 0, False
        self.extras().origin = origin
        return self

    @property
    def data(self) -> Tensor:
        """A leaf over the same memory whose edits are not noticed; prefer `detach()`."""
        result = Tensor.from_numbers(self._array())
        result.extras().origin = of_detach(self)
        return result

    @data.setter
    def data(self, value: Tensor) -> None:
        if not isinstance(value, Tensor):
            raise TypeError(f"Variable data has to be a tensor, but got {type(value).__name__}")
        self._data = value._array()

    # ------------------------------------------------------------------------------------------ memory and history

    def _array(self) -> np.ndarray:
        """Return memory that others can share: a number computed by NumPy becomes an array of no dimensions."""
        if not isinstance(self._data, np.ndarray):
            self._data = np.asarray(self._data)
        return self._data

    def _root(self) -> Tensor:
        base = self._base
        return self if base is None else base

    def _write(self, values: Any) -> None:
        if isinstance(self._data, np.ndarray):
            self._data[...] = values
        else:
            self._data = self._data.dtype.type(values)

    def _history(self) -> Node | None:
        """Return the node that made this tensor; that of a view whose base was edited is made anew."""
        extras = self._extras
        if extras is not None and extras.steps and extras.version != self._counter[0]:
            extras.version = self._counter[0]
            assert extras.base is not None
            base = extras.base._history()
            if base is not None and not extras.unrecorded:
                path = Path(extras.steps)
                plan = ix.look.plan(1)
                saved = plan.pick((None, None, path, extras.base._data.shape))
                self._node = node_class(ix.look)(ix.look, plan, (base,), saved)
                self._port = 0
        return self._node

    def _edit(self, rule: Primitive, others: tuple[Any, ...], **settings: Any) -> Self:
        """Write `rule(self, *others)` into this tensor's memory and give it the history that belongs to it.

        Raises:
            RuntimeError: for a leaf that requires grad while operations are recorded, or a view of one; if the result
                does not fit in shape or kind.
        """
        grows = recording.get()
        base = self._base
        steps = self._extras.steps if self._extras else ()
        if grows and self._history() is None and self._flag:
            raise errors.leaf_in_place()
        if grows and base is not None and steps and base._node is None and base._flag:
            raise errors.leaf_in_place(view=True)
        before = Tensor.wrap(self._data, self._history(), self._port)
        before._counter = self._counter
        operands = (before, *others)
        arrays = [x._data if isinstance(x, Tensor) else x for x in operands]
        values = compute(rule, arrays, settings, keeps=rule.name in KEEPS_KIND)
        self._check_result(values)
        plan, wants = plan_of(rule, operands) if grows else (None, 0)
        if plan is not None and "x" in plan.saves:
            before._data = np.array(self._data, copy=True)
            before._counter = [0]
        self._write(values)
        self._counter[0] += 1
        if plan is not None:
            node = record(rule, plan, wants, operands, [before._data, *arrays[1:]], self._data, settings)
            if plan.keeps_output:
                node.stamps = stamps(plan, operands, self._counter)
            self._rebase(node)
        if events.listener is not None:
            events.listener.saw(events.Bumped, self, rule, operands)
        return self

    def _rebase(self, node: Node) -> None:
        """Make a node the history of this tensor; if it is a view, of the base too."""
        extras = self._extras
        if extras is not None and extras.base is not None and extras.steps:
            base = extras.base
            path = Path(extras.steps)
            old = base._node
            wants = 2 if old is None else 3
            plan = ix.copy_slices.plan(wants)
            saved = plan.pick((None, None, None, path, None, None))
            base._node = node_class(ix.copy_slices)(ix.copy_slices, plan, (old, node), saved)
            base._port, base._flag = 0, False
            extras.version = -1
            self._history()
        else:
            self._node, self._port, self._flag = node, 0, False

    def _check_result(self, values: Any) -> None:
        if values.shape != self._data.shape:
            raise errors.in_place_shape(self._data.shape, values.shape)
        if dtypes.RANK[values.dtype.kind] > dtypes.RANK[self._data.dtype.kind]:
            raise errors.result_type(dtypes.of_numpy(values.dtype).word, self.dtype.word)

    # ----------------------------------------------------------------------------------------- kinds and conversions

    def to(self, *wanted: Any, dtype: dtypes.dtype | None = None, device: Any = None, copy: bool = False) -> Any:
        """Return the tensor in another kind or on another device; itself if nothing changes."""
        for each in wanted:
            if isinstance(each, dtypes.dtype):
                dtype = each
            elif isinstance(each, Tensor):
                dtype = each.dtype
            elif not isinstance(each, bool):
                device = each
        if device is not None and str(device) != "cpu":
            raise errors.not_supported(f"device {str(device)!r} yet", "tensors live on the cpu.")
        result = self if dtype is None else shape_cast(self, dtype)
        return result.clone() if copy and result is self else result

    def type(self, dtype: Any = None) -> Any:
        """Return the name of the old typed class, `torch.FloatTensor`; with a kind, convert."""
        if dtype is None:
            return f"torch.{self.dtype.word}Tensor"
        if isinstance(dtype, str):
            word = dtype.removeprefix("torch.").removesuffix("Tensor")
            dtype = next((kind for kind in dtypes.ALL if kind.word == word), None)
            if dtype is None:
                raise ValueError(f"invalid type: '{word}'")
        return shape_cast(self, dtype)

    def type_as(self, other: Tensor) -> Any:
        """Return the tensor in the kind of another."""
        return shape_cast(self, other.dtype)

    def cpu(self) -> Any:
        """Return the tensor on the cpu; itself if it is there."""
        return self

    @property
    def device(self) -> Any:
        """Where its memory is."""
        return Device("cpu")

    @property
    def is_cuda(self) -> bool:
        """Whether it lives on a GPU."""
        return False

    def item(self) -> Any:
        """Return a single element as a Python number.

        Raises:
            RuntimeError: if there are several elements, or none.
        """
        if self._data.size != 1:
            raise errors.many_elements(self._data.size)
        return self._data.item()

    def tolist(self) -> Any:
        """Return nested lists of Python numbers."""
        return self._data.tolist()

    def numpy(self, *, force: bool = False) -> np.ndarray:
        """Return an array over the same memory.

        Raises:
            RuntimeError: if the tensor requires grad.
        """
        if self.requires_grad and not force:
            raise errors.numpy_of_tracked()
        return self._array()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        array = self.numpy()
        if dtype is not None and array.dtype != dtype:
            return array.astype(dtype)
        return array.copy() if copy else array

    def _number(self, kind: Callable[[Any], Any]) -> Any:
        if self._data.size != 1:
            raise errors.explain(
                ValueError("only one element tensors can be converted to Python scalars"),
                "Reduce first (.sum(), .mean()), or use .tolist().",
            )
        if self.requires_grad:
            warn_once(
                "Converting a tensor with requires_grad=True to a scalar may lead to unexpected behavior.\nConsider using"
                " tensor.detach() first.",
                4,
            )
        return kind(self._data.item())

    def __float__(self) -> float:
        return float(self._number(float))

    def __int__(self) -> int:
        return int(self._number(int))

    def __index__(self) -> int:
        if self._data.size != 1 or self.dtype.numpy.kind not in "iu":
            raise TypeError("only integer tensors of a single element can be converted to an index")
        return int(self._data.item())

    def __bool__(self) -> bool:
        if self._data.size != 1:
            raise errors.ambiguous_truth(empty=not self._data.size)
        return bool(self._data.item())

    def __len__(self) -> int:
        if not self._data.ndim:
            raise TypeError("len() of a 0-d tensor")
        return int(self._data.shape[0])

    def __iter__(self) -> Iterator[Any]:
        if not self._data.ndim:
            raise TypeError("iteration over a 0-d tensor")
        return iter(self.unbind(0))

    def __contains__(self, element: Any) -> bool:
        return bool((self == element).any().item())

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if name not in Bare.__slots__]

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        if not self.is_leaf:
            raise errors.deepcopy_of_non_leaf()
        result = type(self).from_numbers(np.array(self._data, copy=True), requires_grad=self._flag)
        if self._grad is not None:
            result._grad = copy.deepcopy(self._grad, memo)
        memo[id(self)] = result
        return result

    def __reduce_ex__(self, protocol: Any) -> Any:
        return _rebuilt, (type(self), np.asarray(self._data), self.requires_grad)

    # --------------------------------------------------------------------------------------------------- new ones

    def new_zeros(self, *sizes: Any) -> Tensor:
        """Return zeros of the same kind."""
        from_sizes = sizes[0] if len(sizes) == 1 and not isinstance(sizes[0], int) else sizes
        return Tensor.from_numbers(np.zeros(tuple(from_sizes), self._data.dtype))

    def new_ones(self, *sizes: Any) -> Tensor:
        """Return ones of the same kind."""
        from_sizes = sizes[0] if len(sizes) == 1 and not isinstance(sizes[0], int) else sizes
        return Tensor.from_numbers(np.ones(tuple(from_sizes), self._data.dtype))

    def new_tensor(self, data: Any, *, requires_grad: bool = False) -> Tensor:
        """Return data as a tensor of the same kind."""
        return Tensor.from_numbers(np.array(data, self._data.dtype), requires_grad=requires_grad)

    # --------------------------------------------------------------------------------------------------- printing

    def __repr__(self) -> str:
        node = self._history()
        if node is not None:
            suffixes = [f"grad_fn=<{type(node).__name__}>"]
        else:
            suffixes = ["requires_grad=True"] if self._flag else []
        return printing.format_tensor(np.asarray(self._data), suffixes, default_dtype=dtypes.default_float().numpy)

    def __format__(self, spec: str) -> str:
        if not self._data.ndim:
            return format(self._data.item(), spec)
        return object.__format__(self, spec)

    # ------------------------------------------------------------------------------------------------------ legacy

    @property
    def volatile(self) -> bool:
        """Always False; the flag was removed from PyTorch in 0.4."""
        warnings.warn("volatile was removed (Variable.volatile is always False)", UserWarning, stacklevel=2)
        return False

    @volatile.setter
    def volatile(self, value: Any) -> None:
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
        return cls.from_numbers(array, requires_grad=requires_grad)

    def __init__(self, data: Tensor | None = None, requires_grad: bool = True) -> None:
        """Nothing is left to do."""

    def __repr__(self) -> str:
        return "Parameter containing:\n" + super().__repr__()


def _rebuilt(kind: type[Tensor], array: np.ndarray, flag: bool) -> Tensor:
    return kind.from_numbers(array.copy(), requires_grad=flag)


def _conversion(name: str, kind: dtypes.dtype) -> None:
    def convert(self: Any) -> Any:
        return shape_cast(self, kind)

    convert.__name__, convert.__doc__ = name, f"Return the tensor as {kind.name}; itself if it is."
    setattr(Tensor, name, convert)


for _name, _kind in {**dtypes.ALIASES, "bool": dtypes.bool_, "char": dtypes.int8, "byte": dtypes.uint8}.items():
    _conversion(_name, _kind)

READ_ONLY = frozenset({"is_leaf", "grad_fn", "shape", "dtype", "ndim", "output_nr", "T", "mT", "device", "is_cuda"})
KEEPS_KIND = frozenset({"copy_", "fill_", "zero_"})


class Device(str):
    """Where memory is; prints as PyTorch's does."""

    __slots__ = ()

    @property
    def type(self) -> str:
        """`cpu`, `cuda` or `sim`."""
        return self.partition(":")[0]

    @property
    def index(self) -> int | None:
        """Which of several."""
        number = self.partition(":")[2]
        return int(number) if number else None

    def __repr__(self) -> str:
        number = "" if self.index is None else f", index={self.index}"
        return f"device(type='{self.type}'{number})"


def dtypes_c(kind: dtypes.dtype) -> str:
    """Return PyTorch's lower-case word for a kind, as one of its sentences has it."""
    return {"float64": "double", "float32": "float", "int64": "long int", "int32": "int"}.get(kind.name, kind.name)


# ------------------------------------------------------------------------------------------ running an operation


def apply(rule: Primitive, inputs: tuple[Any, ...], settings: dict[str, Any]) -> Any:
    """Run one operation on tensors: unwrap, compute, and record if recording is on and an input requires grad."""
    if rule.view:
        inputs[0]._array()
    arrays = [x._data if isinstance(x, Tensor) else x for x in inputs]
    out = compute(rule, arrays, settings)
    plan, wants = plan_of(rule, inputs) if recording.get() else (None, 0)
    result = Bare(out)
    if plan is None:
        result.__class__ = Tensor  # type: ignore[assignment]
        if rule.view:
            _share(result, inputs[0], rule, settings)
        _remember(rule, inputs, result)
        return result
    node = record(rule, plan, wants, inputs, arrays, out, settings)
    result._node = node
    if plan.tensors:
        node.stamps = stamps(plan, inputs, result._counter)
    result.__class__ = Tensor  # type: ignore[assignment]
    if rule.view:
        _share(result, inputs[0], rule, settings)
    if events.listener is not None:
        events.listener.saw(events.Recorded, node, inputs, result, settings)
    return result


def plan_of(rule: Primitive, inputs: tuple[Any, ...]) -> tuple[Any, int]:
    """Return what to keep, and for which inputs; None if no input wants a gradient, or none can be had."""
    wants = 0
    bit = 1
    for x in inputs:
        if isinstance(x, Tensor) and (x._node is not None or x._flag or (x._extras is not None and x.requires_grad)):
            wants |= bit
        bit <<= 1
    if not wants or not rule.pullbacks:
        return None, 0
    plan = rule.plan(wants, len(inputs) if rule.many else 0)
    return (plan if plan.pulls else None), wants


def record(
    rule: Primitive,
    plan: Any,
    wants: int,
    inputs: tuple[Any, ...],
    arrays: list[Any],
    out: Any,
    settings: dict[str, Any],
) -> Node:
    """Make the node of an operation: its edges, and what its pullbacks will read."""
    edges: list[Node | None] = []
    ports: list[int] = []
    others: tuple[Any, ...] = ()
    for slot, x in enumerate(inputs):
        if wants >> slot & 1:
            edges.append(x.gradient_edge())
            ports.append(x._port)
        else:
            edges.append(None)
            ports.append(0)
            others = inputs
    if plan.plain:
        saved = plan.pick((*arrays, out))
    else:
        values = [settings[name] if name in settings else rule.defaults[name] for name in rule.settings]
        saved = plan.pick((*arrays, out, *values, *(np.shape(array) for array in arrays)))
    node = node_class(rule)(rule, plan, tuple(edges), saved)
    if any(ports):
        node.ports = tuple(ports)
    if others:
        node.others = tuple(None if edge is not None else x for x, edge in zip(others, edges, strict=True))
    if rule.broadcasts:
        node.fit = _fit(inputs, edges, out)
    return node


def _fit(inputs: tuple[Any, ...], edges: list[Node | None], out: Any) -> Any:
    """Return shape and kind of each input, if one of them that wants a gradient differs from the result."""
    shape, kind = out.shape, out.dtype
    for x, edge in zip(inputs, edges, strict=True):
        if edge is not None and (x._data.shape != shape or x._data.dtype != kind):
            nothing = ((), kind)
            return tuple((x._data.shape, x._data.dtype) if isinstance(x, Tensor) else nothing for x in inputs)
    return None


def stamps(plan: Any, inputs: tuple[Any, ...], counter: list[int]) -> tuple[tuple[list[int], int], ...]:
    """Note the version of every tensor that is saved."""
    noted = []
    for slot in plan.inputs:
        x = inputs[slot] if slot >= 0 else None
        counted = counter if slot < 0 else (x._counter if isinstance(x, Tensor) else NEVER)
        noted.append((counted, counted[0]))
    return tuple(noted)


NEVER = [0]  # the version counter of a Python number


def compute(rule: Primitive, arrays: list[Any], settings: dict[str, Any], *, keeps: bool = False) -> Any:
    """Run the forward on arrays that have been brought to one kind.

    Raises:
        RuntimeError: if the shapes do not broadcast.
        TypeError: if an operand is neither a tensor nor a number.
    """
    if rule.broadcasts and not keeps:
        harmonise(rule, arrays)  # type: ignore[arg-type]
    try:
        return rule.forward(*arrays, **settings)
    except ValueError as error:
        raise _shape_error(arrays) or error from None
    except ZeroDivisionError:
        raise RuntimeError("ZeroDivisionError") from None


def harmonise(rule: Elementwise, arrays: list[Any]) -> None:
    """Bring the inputs of an elementwise operation to one kind, and Python numbers to arrays, in place."""
    where = rule.converts
    first = arrays[where[0]]
    kind = getattr(first, "dtype", None)
    if kind is not None and (kind.kind == "f" or not rule.floats):
        for i in where[1:]:
            other = arrays[i]
            if getattr(other, "dtype", None) is not kind:
                if type(other) is float and kind.kind == "f" or type(other) is int and kind.kind in "fiu":
                    arrays[i] = constant(other, kind)
                else:
                    break
        else:
            return
    for i in where:
        if not isinstance(arrays[i], (np.ndarray, np.generic, Number)):
            name = type(arrays[i]).__name__
            raise TypeError(f"unsupported operand type(s) for {rule.symbol}: 'Tensor' and '{name}'")
    kind = dtypes.promote([arrays[i] for i in where])
    if rule.floats and kind.kind != "f":
        kind = dtypes.default_float().numpy
    for i in where:
        value = arrays[i]
        if not isinstance(value, (np.ndarray, np.generic)):
            arrays[i] = constant(value, kind)
        elif value.dtype != kind:
            arrays[i] = value.astype(kind)


def _shape_error(arrays: list[Any]) -> RuntimeError | None:
    """Say which two sizes do not broadcast."""
    shapes = [array.shape for array in arrays if hasattr(array, "shape")]
    if len(shapes) < 2:
        return None
    ndim = max(len(shape) for shape in shapes)
    a, b = ((1,) * (ndim - len(shape)) + shape for shape in shapes[-2:])
    for i in reversed(range(ndim)):
        if a[i] != b[i] and 1 not in (a[i], b[i]):
            return errors.broadcast(a[i], b[i], i)
    return None


def _share(result: Any, source: Tensor, rule: Primitive, settings: dict[str, Any]) -> None:
    """Note that a result shows the memory of another tensor."""
    result._counter = source._counter
    extras = result.extras()
    before = source._extras
    extras.base = source._root()
    extras.steps = (before.steps if before is not None else ()) + ((rule, settings),)
    extras.version = source._counter[0]
    extras.unrecorded = not recording.get() and source.requires_grad


def _remember(rule: Primitive, inputs: tuple[Any, ...], result: Any) -> None:
    """Note how an unrecorded result came about, if an input has a past worth showing."""
    if events.listener is not None:
        events.listener.saw(events.NotRecorded, rule, inputs, result)
    for x in inputs:
        if isinstance(x, Tensor) and (x._flag or x._node is not None):
            break
        if isinstance(x, Tensor) and x._extras is not None and x._extras.origin is not None:
            break
    else:
        return
    result.extras().origin = of_call(rule, inputs, off=not recording.get())


class Path:
    """Leads from the array of a base to the array of a view of it."""

    __slots__ = ("steps",)

    def __init__(self, steps: tuple[tuple[Primitive, dict[str, Any]], ...]) -> None:
        self.steps = steps

    def __call__(self, array: Any) -> Any:
        for rule, settings in self.steps:
            array = rule.forward(array, **settings)
        return array


def _measure_sole() -> int:
    """Count the references to a gradient that nobody but a running pass holds, for `accumulate`.

    PyTorch takes over a gradient instead of copying it when it is the only owner. Python can tell the same from the
    reference count; what the pass itself contributes depends on the interpreter, so it is measured once.
    """
    counts: list[int] = []

    class Probe(Tensor):
        __slots__ = ()

        def accumulate(self, g: Any, *, owned: bool) -> None:
            counts.append(sys.getrefcount(g))

    leaf = Probe.from_numbers(np.ones(2), requires_grad=True)
    (leaf * leaf.detach()).backward(Tensor.from_numbers(np.ones(2)))
    return counts[0]


SOLE = _measure_sole()
