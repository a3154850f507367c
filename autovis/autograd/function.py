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
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, ClassVar

from autovis import errors, events, modes
from autovis.autograd.context import BackwardCFunction, FunctionCtx, backward, settings, tensors, unheard
from autovis.graph import short
from autovis.primitive import Primitive
from autovis.tensor import Tensor

__all__ = ["BackwardCFunction", "Function", "FunctionCtx", "InplaceFunction", "once_differentiable"]


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

    backward = vjp = staticmethod(backward)

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
