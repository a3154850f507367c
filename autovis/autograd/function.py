"""Operations with a hand-written backward: `Function`, under the names of `torch.autograd.function`.

The forward of a custom function runs unrecorded, whatever it does; what the graph gets is one node, whose pull calls
the hand-written backward. That node is also the `ctx` that both are given, so what one notes the other finds.

>>> import autovis as av
>>> class Cube(av.autograd.Function):
...     @staticmethod
...     def forward(ctx, x):
...         ctx.save_for_backward(x)
...         return x**3
...     @staticmethod
...     def backward(ctx, g):
...         (x,) = ctx.saved_tensors
...         return g * 3 * x**2
>>> x = av.leaf(2.0)
>>> y = Cube.apply(x)
>>> y
tensor(8., grad_fn=<CubeBackward>)
>>> y.backward()
>>> x.grad
tensor(12.)
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
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

__all__ = ["BackwardCFunction", "Function", "FunctionCtx", "InplaceFunction", "once_differentiable"]


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

    _forward_cls: ClassVar[type[Function]]
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
        if cls.vjp is Function.vjp:
            return cls.backward(self, *gradients)
        if cls.backward is not Function.backward:
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


class Function(FunctionCtx):
    """An operation with a hand-written backward; write a subclass and call `apply`.

    A subclass has a static `forward(ctx, *args)`, or `forward(*args)` and `setup_context(ctx, inputs, output)`, and a
    static `backward(ctx, *gradients)` that returns one gradient for each argument of forward, None where there is none.
    """

    _backward_cls: ClassVar[type[BackwardCFunction]]
    _ops: ClassVar[dict[tuple[bool, ...], Primitive]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        warnings.warn(
            f"{self.__class__} should not be instantiated. Methods on autograd functions are all static, so you should"
            " invoke them on the class itself. Instantiating an autograd function will raise an error in a future"
            " version of PyTorch.",
            DeprecationWarning,
            stacklevel=2,
        )

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        cls._backward_cls = type(cls.__name__ + "Backward", (BackwardCFunction,), {"_forward_cls": cls})
        cls._ops = {}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Refuse the style of PyTorch before 0.4, in which one called an instance."""
        raise errors.legacy_function()

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        """Compute the result; nothing in here is recorded."""
        raise NotImplementedError("You must implement the forward function for custom autograd.Function.")

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> Any:
        """Note on `ctx` what backward needs, where forward has no `ctx`."""
        raise NotImplementedError("setup_context is not implemented.")

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """Return the gradient of each argument of forward, given that of each output."""
        raise NotImplementedError(
            "You must implement either the backward or vjp method for your custom autograd.Function to use it with"
            " backward mode AD."
        )

    vjp = backward

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Run forward on these arguments, and record it as one operation.

        Raises:
            RuntimeError: if inputs that `mark_dirty` names are not returned, or one of them is a leaf that requires
                grad.
            TypeError: if something else than tensors was to be saved.
        """
        separate = cls.setup_context is not Function.setup_context
        if separate:
            bound = import_module("inspect").signature(cls.forward).bind(*args, **kwargs)
            bound.apply_defaults()
            args, kwargs = bound.args, bound.kwargs
        if kwargs:
            args = positional(parameters(cls, separate=separate), args, kwargs)
        wants = tuple(isinstance(x, Tensor) and x.requires_grad for x in args)
        ctx = cls._backward_cls(wants)
        records = bool(modes.recording.get()) and any(wants)
        with modes.no_grad(), unheard(records):
            result = cls.forward(*args) if separate else cls.forward(ctx, *args)
            if separate:
                cls.setup_context(ctx, args, result)
        returned = result if isinstance(result, tuple) else (result,)
        if records:
            check_saved(ctx, args if separate else (), returned)
            ctx.begin(cls._op(args, separate=separate), args, returned)
        finished = finish(ctx, args, returned, records=records)
        if records:
            ctx.keep()
            report(ctx, args, finished)
        ctx.dirty_tensors = ctx.non_differentiable = None
        return finished if isinstance(result, tuple) else finished[0]

    @classmethod
    def _op(cls, args: tuple[Any, ...], *, separate: bool) -> Primitive:
        """Return what a picture shows: an operation of this name, with inputs named as forward names them."""
        words = parameters(cls, separate=separate)
        words += tuple(f"input{place}" for place in range(len(words), len(args)))
        inputs = tuple(isinstance(x, Tensor) for x in args)
        if inputs not in cls._ops:
            names = [word for word, given in zip(words, inputs, strict=False) if given]
            op = Primitive(cls.__name__, cls.forward, node=cls._backward_cls.__name__, inputs=" ".join(names))
            op.settings = tuple(word for word, given in zip(words, inputs, strict=False) if not given)
            cls._ops[inputs] = op
        return cls._ops[inputs]


def tensors(args: Sequence[Any]) -> tuple[Any, ...]:
    """Return the tensors among some arguments."""
    return tuple(x for x in args if isinstance(x, Tensor))


def settings(op: Primitive, args: Sequence[Any]) -> dict[str, Any]:
    """Return the other arguments by name, as far as a picture can show them."""
    values = (x for x in args if not isinstance(x, Tensor))
    return {name: x for name, x in zip(op.settings, values, strict=True) if isinstance(x, (Number, str))}


def parameters(cls: type[Function], *, separate: bool) -> tuple[str, ...]:
    """Return what forward calls its positional arguments, `ctx` left out."""
    code = getattr(cls.forward, "__code__", None)
    names: tuple[str, ...] = () if code is None else code.co_varnames[: code.co_argcount]
    return names if separate else names[1:]


def positional(names: tuple[str, ...], args: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
    """Put arguments given by name behind those given by position.

    Raises:
        TypeError: if a name is unknown or given twice, or one before it is missing.
    """
    for name in named:
        if name not in names:
            raise TypeError(f"forward() got an unexpected keyword argument '{name}'")
        if name in names[: len(args)]:
            raise TypeError(f"forward() got multiple values for argument '{name}'")
    last = max(map(names.index, named))
    for place in range(len(args), last + 1):
        if names[place] not in named:
            raise TypeError(f"forward() missing required argument: '{names[place]}' (position {place})")
    return args + tuple(named[name] for name in names[len(args) : last + 1])


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


def check_saved(ctx: BackwardCFunction, inputs: Sequence[Any], returned: Sequence[Any]) -> None:
    """Refuse to save what is no tensor, and, where `setup_context` saves, an input that is returned as it is."""
    for place, x in enumerate(ctx.to_save or ()):
        if x is not None and not isinstance(x, Tensor):
            raise TypeError(
                f"save_for_backward can only save variables, but argument {place} is of type {type(x).__name__}"
            )
        if x is not None and among(x, inputs) and among(x, returned):
            raise errors.saves_returned_input()


def among(x: Any, others: Sequence[Any]) -> bool:
    """Whether this very object is one of some others."""
    return any(x is other for other in others)


def finish(ctx: BackwardCFunction, args: Sequence[Any], returned: Sequence[Any], *, records: bool) -> tuple[Any, ...]:
    """Give the outputs their history.

    Raises:
        RuntimeError: see `Function.apply`.
    """
    dirty = tensors_only(ctx.dirty_tensors, "mark_dirty can only accept variables, but argument ")
    for x in dirty:
        x._counter[0] += 1
    final = tensors_only(ctx.non_differentiable, "mark_non_differentiable only accepts variable arguments, but got ")
    finished, differentiable = [], 0
    for port, part in enumerate(returned):
        if not isinstance(part, Tensor):
            finished.append(part)
            continue
        edited, given = among(part, dirty), among(part, args)
        if not (records and part.dtype.is_floating_point and not among(part, final)):
            finished.append(part.detach() if part.requires_grad or (given and not edited) else part)
            continue
        differentiable += 1
        finished.append(linked(ctx, part, port, edited=edited, given=given))
    for x in dirty:
        if not among(x, returned):
            raise errors.dirty_not_returned()
    for part in finished:
        if isinstance(part, Tensor) and part._is_view() and not (among(part, dirty) and among(part, args)):
            extras = part.extras()
            extras.unrecorded, extras.inside, extras.several = False, differentiable <= 1, differentiable > 1
    return tuple(finished)


def linked(ctx: BackwardCFunction, part: Any, port: int, *, edited: bool, given: bool) -> Any:
    """Make the node the history of one output; an input that was not edited comes back as a view of itself."""
    if edited:
        if part.requires_grad and part.is_leaf:
            raise RuntimeError("a leaf Variable that requires grad has been used in an in-place operation.")
        if not given:
            warnings.warn(
                "ctx.mark_dirty() received a tensor that was not an input. Only input Tensors that have been mutated"
                " should be passed to ctx.mark_dirty().",
                UserWarning,
                stacklevel=5,
            )
        if part._is_view():
            if ctx.outputs is not None:
                raise errors.several_with_edited_view()
            part._rebase(ctx)
            return part
    elif given:
        with modes.no_grad(), unheard():
            part = part.view_as(part)
    part._become(ctx)
    part._port = port
    if edited:
        part._counter[1:] = [short(ctx)]
    return part


def tensors_only(named: Any, sentence: str) -> tuple[Any, ...]:
    """Return what a `mark_...` method was given.

    Raises:
        RuntimeError: if something among it is no tensor.
    """
    if any(not isinstance(x, Tensor) for x in named or ()):
        raise RuntimeError(sentence)
    return tuple(named or ())


def report(ctx: BackwardCFunction, args: Sequence[Any], finished: tuple[Any, ...]) -> None:
    """Tell a tape of one operation, and of the inputs that it edited."""
    if events.listener is None:
        return
    results = tuple(x if isinstance(x, Tensor) else 0 for x in finished)
    given = tensors(args), results if len(results) > 1 else results[0], settings(ctx.op, args)
    events.listener.recorded(ctx, *given)
    for x in ctx.dirty_tensors or ():
        events.listener.bumped(x, ctx.op, tensors(args))


def once_differentiable(function: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a backward that cannot be differentiated itself: what it returns refuses a second backward."""

    @functools.wraps(function)
    def run(ctx: Any, *gradients: Any) -> Any:
        with modes.no_grad():
            answer = function(ctx, *gradients)
        asks = any(isinstance(g, Tensor) and g.requires_grad for g in gradients)
        if not (modes.is_grad_enabled() and asks):
            return answer
        parts = answer if isinstance(answer, tuple) else (answer,)
        refusing = Error.apply(*(None if part is None else part.detach().requires_grad_() for part in parts))
        return refusing if isinstance(answer, tuple) else refusing[0]

    return run


class Error(Function):
    """Passes gradients on, and fails when it is differentiated."""

    @staticmethod
    def forward(ctx: Any, *parts: Any) -> Any:
        """Return the same numbers."""
        return tuple(None if part is None else part.detach() for part in parts)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        """Refuse."""
        raise RuntimeError("trying to differentiate twice a function that was marked with @once_differentiable")


Error._backward_cls.__name__ = "Error"
Error._backward_cls.name = lambda self: "torch::autograd::Error"  # type: ignore[method-assign]


class InplaceFunction(Function):
    """An old name of `Function`, for programs that still use it."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace


Function._backward_cls = type("FunctionBackward", (BackwardCFunction,), {"_forward_cls": Function})
Function._ops = {}
