"""What forward and backward of a custom function share: `ctx`, which is the node of the graph."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from numbers import Number
from typing import Any, ClassVar

import numpy as np

from autovis import errors, events, modes
from autovis.anomaly import trace
from autovis.engine import running
from autovis.graph import Faded, Node, begin, fitted, short
from autovis.primitive import Plan, Primitive
from autovis.recording import edge_of, kept
from autovis.tensor import Tensor

__all__ = ["BackwardCFunction", "FunctionCtx", "backward", "settings", "tensors", "unheard"]


class FunctionCtx:
    """What forward tells backward: tensors to keep, what was edited, what has no gradient, and free attributes."""

    to_save: Any = None
    dirty_tensors: Any = None
    non_differentiable: Any = None
    materializes: bool = True

    def save_for_backward(self, *tensors: Any) -> None:
        """Keep tensors for `saved_tensors`; they are checked for edits, and dropped after backward."""
        self.to_save = tensors

    def mark_dirty(self, *args: Any) -> None:
        """Say that these inputs were edited in place; they must be returned, too."""
        self.dirty_tensors = args

    def mark_non_differentiable(self, *args: Any) -> None:
        """Say that no gradient comes from these outputs."""
        self.non_differentiable = args

    def set_materialize_grads(self, value: bool) -> None:
        """Choose what backward gets for an output that nobody used: zeros (True, as it is), or None."""
        self.materializes = value


class Kept:
    """A tensor that a custom function saved.

    Args:
        tensor: the tensor; an output of the node itself is kept as an array, so that the two do not hold each other.
        node: the node that keeps it.
    """

    __slots__ = ("counter", "made", "pair", "port", "requires_grad", "value", "version")

    def __init__(self, tensor: Any, node: Node) -> None:
        if tensor.is_inference():
            raise errors.inference_saved()
        made = tensor.grad_fn
        self.made = None if made is node else made
        self.port = tensor.output_nr
        self.requires_grad = tensor.requires_grad
        self.counter, self.version = tensor._counter, tensor._version
        self.pair = modes.recording.get().packing
        self.value = tensor
        if self.pair is not None:
            with modes.no_grad():
                self.value = self.pair[0](tensor)
            if tensor._version != self.version:
                raise errors.packing_in_place()
        elif made is node:
            self.value = tensor.numbers

    def tensor(self, node: Node) -> Any:
        """Return the tensor with the history it had.

        Raises:
            RuntimeError: if it was edited in place since.
            TypeError: if an unpack hook returned something else.
        """
        if self.pair is not None:
            tensor = self.pair[1](self.value)
            if not isinstance(tensor, Tensor):
                raise TypeError(
                    "Output of saved tensor unpack_hook expected to be a Tensor but got result of type"
                    f" {type(tensor).__name__}"
                )
            made = self.made or (node if self.requires_grad else None)
            return Tensor.wrap(tensor.numbers, made, self.port) if made is not None else tensor
        if self.counter[0] != self.version:
            raise self._stale(node)
        if isinstance(self.value, Tensor):
            return self.value
        tensor = Tensor.wrap(self.value, node, self.port)
        tensor._counter = self.counter
        return tensor

    def _stale(self, node: Node) -> RuntimeError:
        alive = self.value if isinstance(self.value, Tensor) else Tensor.wrap(self.value, node, self.port)
        made = node if alive is not self.value else alive.grad_fn
        output = "" if made is None else f"output {alive.output_nr} of {short(made)}"
        traced = modes.is_anomaly_enabled()
        return errors.stale(alive.type(), alive.shape, output, self.counter[0], self.version, traced=traced)


def is_it(noted: Any, tensor: Any) -> bool:
    """Tell whether what a node noted of an input without gradient is this tensor."""
    return (noted() if isinstance(noted, Faded) else noted) is tensor


class BackwardCFunction(Node, FunctionCtx):
    """The node of a custom function, which is also the `ctx` that its methods are given.

    While they run, every attribute is theirs, also one that the graph uses itself; the two sets are exchanged.

    Attributes:
        needs_input_grad: for each argument of forward whether it requires grad.
    """

    _forward_cls: ClassVar[Any]
    pulls_by_plan = False
    takes_nothing = True
    op: Primitive  # type: ignore[misc]  # its own, where other nodes share that of their class
    plan: Plan  # type: ignore[misc]

    def __init__(self, needs_input_grad: tuple[bool, ...]) -> None:  # it becomes a node when forward has run
        self.needs_input_grad = needs_input_grad
        self._kept: tuple[Kept | None, ...] | None = ()
        self._noted: list[tuple[str, int, int]] = []
        self._theirs: dict[str, Any] = {}
        self._takes: tuple[tuple[Any, Any] | None, ...] = ()
        self._dead: tuple[bool, ...] = ()
        self._gives: tuple[tuple[tuple[int, ...], Any], ...] = ()

    @property
    def fills(self) -> bool:  # type: ignore[override]
        """Whether backward gets zeros for an output that nobody used."""
        return self.materializes

    def gives(self) -> tuple[tuple[tuple[int, ...], Any], ...]:
        """Return shape and kind of each output."""
        return self._gives

    def begin(self, op: Primitive, args: Sequence[Any], results: Sequence[Any]) -> None:
        """Become a node of the graph.

        Args:
            op: the operation, for a picture.
            args: what forward was given.
            results: what it returned.
        """
        self._theirs = {name: getattr(self, name) for name in SLOTS if hasattr(self, name)}
        self._theirs |= {name: value for name, value in vars(self).items() if name in METHODS}
        for name in self._theirs:
            delattr(self, name)
        inputs = tensors(args)
        edges = tuple(edge_of(x) for x in inputs)
        noted = settings(op, args)
        begin(self, edges, None)
        self.op, self.plan = op, Plan(tuple(noted), frees=True)
        self.rarities().left = tuple(noted.values())
        ports = tuple(0 if edge is None else x.output_nr for x, edge in zip(inputs, edges, strict=True))
        if any(ports):
            self.rarities().ports = ports
        self.constants = tuple(kept(x) if edge is None else None for x, edge in zip(inputs, edges, strict=True))
        self._takes = tuple((x.shape, x.dtype.numpy) if isinstance(x, Tensor) else None for x in args)
        self._dead = tuple(not isinstance(part, Tensor) for part in results)
        self._gives = tuple(
            (tuple(part.shape), part.dtype.numpy) if isinstance(part, Tensor) else ((), np.dtype(np.float32))
            for part in results
        )
        if len(results) > 1:
            self.rarities().outputs = self._gives
        if modes.is_anomaly_enabled():
            trace(self, running)

    def keep(self) -> None:
        """Save what `save_for_backward` named, now that the outputs have their history."""
        saved = [(x, None if x is None else Kept(x, self)) for x in self.to_save or ()]
        self._kept = tuple(kept for _, kept in saved)
        self._noted = [("tensor", self._place_of(x), kept.version) for x, kept in saved if kept is not None]
        self.to_save = None

    def _place_of(self, tensor: Any) -> int:
        """Say which input a tensor is; -1 for an output, -2 for neither."""
        edge = edge_of(tensor)
        if edge is self:
            return -1
        alike = (
            known is edge if edge is not None else is_it(other, tensor)
            for known, other in zip(self.edges, self.others, strict=True)
        )
        return next((slot for slot, same in enumerate(alike) if same), -2)

    def is_freed(self) -> bool:
        """Whether the saved tensors were dropped."""
        return self._kept is None

    def keeps(self) -> list[tuple[str, int, int]]:
        """List what `save_for_backward` was given; see `Node`."""
        return self._noted

    def is_stale(self) -> bool:
        """Whether a saved tensor was edited in place since it was saved."""
        return any(kept is not None and kept.counter[0] != kept.version for kept in self._kept or ())

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """What `save_for_backward` was given, each with the history it had.

        Raises:
            RuntimeError: if they have been freed, or one of them was edited in place since.
        """
        if self._kept is None:
            raise errors.freed()
        return tuple(None if kept is None else kept.tensor(self) for kept in self._kept)

    @property
    def saved_variables(self) -> tuple[Any, ...]:
        """The old name of `saved_tensors`."""
        warnings.warn("'saved_variables' is deprecated; use 'saved_tensors'", DeprecationWarning, stacklevel=2)
        return self.saved_tensors

    @property
    def next_functions(self) -> tuple[tuple[Node | None, int], ...]:
        """For each tensor that forward was given the node that made it, and which of its outputs it is."""
        return tuple(zip(self.edges, self.ports or (0,) * len(self.edges), strict=True))

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    @property
    def keeps_tensors(self) -> bool:
        """Whether there is something to free: what forward noted is not known, so always."""
        return True

    def free(self) -> None:
        """Drop the saved tensors."""
        self._kept = None

    def apply(self, *gradients: Any) -> Any:
        """Call the hand-written backward."""
        cls = self._forward_cls
        if cls.vjp is backward:
            return cls.backward(self, *gradients)
        if cls.backward is not backward:
            raise RuntimeError(
                "Implementing both 'backward' and 'vjp' for a custom Function is not allowed. You should only implement"
                " one of them."
            )
        return cls.vjp(self, *gradients)

    def pull(self, g: Any, wrap: Any = None) -> list[Any]:
        """Let the hand-written backward turn the gradients of the outputs into those of the inputs.

        Raises:
            RuntimeError: if it returns too few or too many, something else than tensors, or one of another shape.
        """
        __tracebackhide__ = True
        parts = g if self.outputs is not None else (g,)
        given = [
            None if part is None or dead else self.wrap(part, None, 0) if wrap is None else part
            for part, dead in zip(parts, self._dead, strict=True)
        ]
        with self._exchanged(), unheard(wrap is None):
            answer = self.apply(*given)
        return self._sent(answer if isinstance(answer, tuple) else (answer,), plain=wrap is None)

    @contextmanager
    def _exchanged(self) -> Iterator[None]:
        """Put the attributes that forward set in the place of the graph's own, for the time of a backward."""
        ours = {name: getattr(self, name) for name in self._theirs if name in SLOTS}
        for name, value in self._theirs.items():
            setattr(self, name, value)
        try:
            yield
        finally:
            for name in self._theirs:
                self._theirs[name] = getattr(self, name)
                delattr(self, name)
            for name, value in ours.items():
                setattr(self, name, value)

    def _sent(self, answer: tuple[Any, ...], *, plain: bool) -> list[Any]:
        """Check what backward returned, and put each gradient where its edge is."""
        wanted = len(self._takes)
        if len(answer) != wanted and (len(answer) < wanted or any(part is not None for part in answer[wanted:])):
            raise errors.gradient_count(type(self).__name__, wanted, len(answer))
        sent: list[Any] = []
        for place, (part, take) in enumerate(zip(answer, self._takes, strict=False)):
            if take is None and part is not None:
                raise errors.gradient_of_no_tensor(type(self).__name__, place + 1)
            if take is not None:
                sent.append(self._fitted(part, *take, slot=len(sent), plain=plain))
        return sent

    def _fitted(self, part: Any, shape: Sequence[int], kind: Any, *, slot: int, plain: bool) -> Any:
        """Bring one gradient to the shape and kind of its input."""
        if part is not None and not isinstance(part, Tensor):
            raise RuntimeError(f"expected Variable or None (got {type(part).__name__})")
        if part is None or self.edges[slot] is None:
            return getattr(part, "numbers", None) if plain else part
        if not expands(shape, part.shape):
            raise errors.gradient_invalid(type(self).__name__, slot, part.shape, shape)
        return fitted(part.numbers if plain else part, tuple(shape), kind)


SLOTS = frozenset({*Node.__slots__, "op", "plan"}) - {"__weakref__"}
METHODS = frozenset(vars(Node)) - SLOTS


def expands(shape: Sequence[int], wanted: Sequence[int]) -> bool:
    """Whether broadcasting makes one shape of the other."""
    pairs = zip(reversed(shape), reversed(wanted), strict=False)
    return len(shape) <= len(wanted) and all(size in (1, want) for size, want in pairs)


@contextmanager
def unheard(silent: bool = True) -> Iterator[None]:
    """Let a tape overhear nothing: a custom function is one operation, whatever it does inside."""
    listener = events.listener
    if silent:
        events.listener = None
    try:
        yield
    finally:
        events.listener = listener
        if listener is not None:
            listener.stale()


def backward(ctx: Any, *grad_outputs: Any) -> Any:
    """Return the gradient of each argument of forward, given that of each output; what a subclass has to write."""
    raise NotImplementedError(
        "You must implement either the backward or vjp method for your custom autograd.Function to use it with"
        " backward mode AD."
    )


def tensors(args: Sequence[Any]) -> tuple[Any, ...]:
    """Return the tensors among some arguments."""
    return tuple(x for x in args if isinstance(x, Tensor))


def settings(op: Primitive, args: Sequence[Any]) -> dict[str, Any]:
    """Return the other arguments by name, as far as a picture can show them."""
    values = (x for x in args if not isinstance(x, Tensor))
    return {name: x for name, x in zip(op.settings, values, strict=True) if isinstance(x, (Number, str))}
