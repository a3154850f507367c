"""How an operation is run on tensors: unwrap, compute, and record if anybody asks for gradients.

`apply` is the whole of the forward pass, for any operation. `unary` and `binary` make of a rule the same for the usual
case, one float kind and no settings, where every line is paid for: small operations are as fast as PyTorch's because of
them. All this is below the tensor class, which hands itself in.
"""

from __future__ import annotations

from collections.abc import Callable
from numbers import Number
from typing import Any

import numpy as np

from autovis import dtypes, errors, events
from autovis.anomaly import trace
from autovis.arrays import DeviceArray, where
from autovis.dtypes import constant
from autovis.engine import running
from autovis.graph import Faded, Node, begin, node_class, numbers
from autovis.modes import PAUSED, RECORDS, Mode, no_grad, recording, room
from autovis.origins import of_call
from autovis.primitive import Elementwise, Plan, Primitive
from autovis.slots import Bare, new

__all__ = ["apply", "binary", "compute", "record", "result_type", "share", "unary"]

result_type: Any = Bare  # the class of results; `tensor`, which is further up, puts itself here

NEVER = [0]  # the version counter of a Python number
SMALL = 64  # elements; larger constants are not kept alive for the picture
FLOAT32, FLOAT64 = np.dtype("float32"), np.dtype("float64")
SINGLE, DOUBLE = dtypes.constants(FLOAT32), dtypes.constants(FLOAT64)
NOTHING: dict[str, Any] = {}
Pack = Callable[[Any], Any]
OPERANDS = (Bare, Number, np.ndarray, np.generic, DeviceArray)


def apply(rule: Primitive, inputs: tuple[Any, ...], settings: dict[str, Any]) -> Any:
    """Run one operation on tensors: unwrap, compute, and record if recording is on and an input requires grad."""
    if rule.swift is not None and not settings and isinstance(inputs[0], Bare):
        found = rule.swift(*inputs)
        if found is not NotImplemented:
            return found
    return at_length(rule, inputs, settings)


def at_length(rule: Primitive, inputs: tuple[Any, ...], settings: dict[str, Any]) -> Any:
    """Run any operation on any tensors."""
    if rule.view:
        inputs[0]._array()
    arrays = [x._data if isinstance(x, Bare) else x for x in inputs]
    result = result_type.of(compute(rule, arrays, settings))
    return recorded(rule, inputs, arrays, result, settings)


def recorded(rule: Primitive, inputs: tuple[Any, ...], arrays: list[Any], result: Any, settings: dict[str, Any]) -> Any:
    """Give a result the history that it has, and tell who listens."""
    mode = recording.get()
    node = record(rule, inputs, arrays, result, settings) if rule.pullbacks and mode else None
    result._node = node
    if rule.view:
        share(result, inputs[0], rule, settings)
    elif mode.inference:
        result.extras().inference = True
    if node is None:
        remember(rule, inputs, settings, result)
    elif events.listener is not None:
        events.listener.recorded(node, inputs, result, settings)
    return result


def unary(rule: Elementwise) -> Callable[[Any], Any]:
    """Return a rule of one input as a function of a tensor; see `binary`."""
    forward, tracks, ready = rule.forward, bool(rule.pullbacks), Ready(rule, 2)

    def run(x: Any) -> Any:
        mode = recording.get()
        a = x._data
        kind = a.dtype
        if (kind is not FLOAT32 and kind is not FLOAT64) or (mode is not RECORDS and mode is not PAUSED):
            return at_length(rule, (x,), NOTHING)
        out = forward(a)
        result = new(result_type)
        result._data = out
        result._node = result._edits = result._extras = None
        edge, extras = x._node, x._extras
        if mode is PAUSED or (edge is None and extras is None) or not tracks:
            if events.listener is not None or (room[0] and (edge is not None or extras is not None)):
                recorded(rule, (x,), [a], result, NOTHING)
            return result
        if extras is not None:
            edge = extras.edge()
            if edge is None or extras.port:
                return recorded(rule, (x,), [a], result, NOTHING)
        plan, keep, _ = (ready.plans or ready.make())[1]
        saved = () if keep is None else keep(a, None, out, x, None, result)
        node = result._node = (plan.node_type or node_class(rule, plan))()  # what `begin` does, without the call
        node.sources, node.saved = edge, saved
        node.number, node.mark = next(numbers), 0
        node.constants = node.fit = node.rare = None
        if events.listener is not None:
            events.listener.computed(node, x, edge, None, None, result)
        return result

    rule.swift = run
    return run


def binary(rule: Elementwise) -> Callable[[Any, Any], Any]:  # noqa: C901, PLR0915, in one piece
    """Return a rule of two inputs as a function of a tensor and a second operand.

    Usual are two tensors of one float kind, or one and a Python number, while operations are recorded or under
    `no_grad`. What is not is left to `apply`.
    """
    forward, ready = rule.forward, Ready(rule, 4)

    def run(x: Any, y: Any) -> Any:  # noqa: C901
        mode = recording.get()
        a = x._data
        kind = a.dtype
        if (kind is not FLOAT32 and kind is not FLOAT64) or (mode is not RECORDS and mode is not PAUSED):
            return at_length(rule, (x, y), NOTHING) if isinstance(y, OPERANDS) else NotImplemented
        if type(y) is result_type or isinstance(y, Bare):
            number, b, other, extras = False, y._data, y._node, y._extras
            if b.dtype is not kind:
                return at_length(rule, (x, y), NOTHING)
        elif type(y) is float or type(y) is int:
            number, other, extras = True, None, None
            if type(a) is not np.ndarray:
                b = kind.type(y)
            else:
                b = (SINGLE if kind is FLOAT32 else DOUBLE).get(y)
                if b is None or not y:
                    b = constant(y, kind)
        else:
            return at_length(rule, (x, y), NOTHING) if isinstance(y, OPERANDS) else NotImplemented
        try:
            if type(a) is type(b) or number:
                out = forward(a, b)
            else:  # a computed number and an array: NumPy is ten times as fast with two numbers
                out = forward(a if a.ndim else a[()], b if b.ndim else b[()])
        except ValueError:
            return at_length(rule, (x, y), NOTHING)  # which says why
        result = new(result_type)
        result._data = out
        result._node = result._edits = result._extras = None

        edge, more = x._node, x._extras
        if edge is None and other is None and more is None and extras is None:  # nobody asks, nobody has a past
            if events.listener is not None:
                recorded(rule, (x, y), [a, b], result, NOTHING)
            return result
        if mode is PAUSED:
            if events.listener is not None or room[0]:
                recorded(rule, (x, y), [a, b], result, NOTHING)
            return result
        if more is not None and (edge := more.edge()) is None:
            return recorded(rule, (x, y), [a, b], result, NOTHING)
        if extras is not None and (other := extras.edge()) is None:
            return recorded(rule, (x, y), [a, b], result, NOTHING)
        wants = 1 if other is None else 2 if edge is None else 3
        plan, keep, tracks = (ready.plans or ready.make())[wants]
        if not tracks:
            return recorded(rule, (x, y), [a, b], result, NOTHING)
        saved = () if keep is None else keep(a, b, out, x, y, result)
        sources = edge if other is None else other if edge is None else (edge, other)
        node = result._node = (plan.node_type or node_class(rule, plan))()  # what `begin` does, without the call
        node.sources, node.saved = sources, saved
        node.number, node.mark = next(numbers), 0
        node.constants = node.fit = node.rare = None
        if wants != 3:
            alone, held = (x, a) if edge is None else (y, b)
            node.constants = alone if held.size <= SMALL else Faded(alone)
        if not number and a.shape != b.shape:
            node.fit = ((a.shape, kind), (b.shape, kind))
        if events.listener is not None:
            events.listener.computed(node, x, edge, y, other, result)
        return result

    rule.swift = run
    return run


class Ready:
    """What `unary` and `binary` look up: for each choice of inputs that want a gradient the plan, how to save, whether.

    Made when the operation is first recorded: there are many operations, and few in a program.
    """

    __slots__ = ("count", "plans", "rule")

    def __init__(self, rule: Primitive, count: int) -> None:
        self.rule, self.count = rule, count
        self.plans: list[tuple[Plan, Callable[..., tuple[Any, ...]] | None, bool]] = []

    def make(self) -> list[tuple[Plan, Callable[..., tuple[Any, ...]] | None, bool]]:
        """Work the plans out."""
        plans = [self.rule.plan(wants) for wants in range(self.count)]
        self.plans = [(plan, keeper(plan), bool(plan.pulls) and not plan.partial) for plan in plans]
        return self.plans


def pruned(plan: Plan, edges: tuple[Node | None, ...]) -> tuple[Node | None, ...]:
    """Return the edges along which something is sent."""
    sent = {pull.slot for pull in plan.pulls}
    return tuple([edge if slot in sent else None for slot, edge in enumerate(edges)])


def keeper(plan: Plan) -> Callable[..., tuple[Any, ...]] | None:
    """Return a function that picks what a node saves of two inputs and a result, with versions; None for nothing.

    It takes the arrays `a`, `b` and `out`, and the tensors that hold them; the second may be a Python number.
    """
    if not plan.saves:
        return None
    if plan.inputs == (0,):
        return lambda a, b, out, x, y, result: (a, (c := x._edits or x._counter), c[0])
    if plan.inputs == (-1,):
        return lambda a, b, out, x, y, result: (out, (c := result._edits or result._counter), c[0])
    if plan.inputs == (1,):
        return lambda a, b, out, x, y, result: (b, (c := counter_of(y)), c[0])
    if plan.inputs == (1, 0):
        return lambda a, b, out, x, y, result: (
            b,
            a,
            (c := y._edits or y._counter),
            c[0],
            (d := x._edits or x._counter),
            d[0],
        )
    pick, slots = plan.pick, plan.inputs
    return lambda a, b, out, x, y, result: pick((a, b, out)) + versions(slots, (x, y), result)


def counter_of(x: Any) -> list[Any]:
    """Return the version counter of a tensor, or of a number, which has none."""
    return (x._edits or x._counter) if isinstance(x, Bare) else NEVER


def versions(slots: tuple[int, ...], inputs: tuple[Any, ...], result: Bare) -> tuple[Any, ...]:
    """Note for each saved tensor its version counter, followed by its version."""
    noted: list[Any] = []
    for slot in slots:
        counter = counter_of(inputs[slot] if slot >= 0 else result)
        noted += (counter, counter[0])
    return tuple(noted)


def record(
    rule: Primitive, inputs: tuple[Any, ...], arrays: list[Any], result: Bare, settings: dict[str, Any]
) -> Node | None:
    """Make the node of an operation: its edges, and what its pullbacks will read.

    Args:
        rule: the operation.
        inputs: tensors and numbers.
        arrays: the same as the forward got them.
        result: what it made.
        settings: of the operation.

    Returns:
        The node; None if no input wants a gradient, or none of those that want one can have it.
    """
    edges: tuple[Node | None, ...] = tuple([edge_of(x) if isinstance(x, Bare) else None for x in inputs])
    wants, bit, port = 0, 1, 0
    for x, edge in zip(inputs, edges, strict=True):
        if edge is not None:
            wants |= bit
            port = port or (x._extras is not None and x._extras.port)
        bit += bit
    plan = rule.plan(wants or in_vain(inputs), len(inputs))
    if not plan.pulls:
        return None
    out = result._data
    saved = plan.pick((*arrays, out) if plan.plain else _everything(rule, arrays, out, settings))
    if plan.tensors:
        check_saved(plan.inputs, inputs)
        saved += versions(plan.inputs, inputs, result)
    if plan.partial:
        edges = pruned(plan, edges)
    node: Node = begin((plan.node_type or node_class(rule, plan))(), edges, saved)
    if wants + 1 != bit:  # some input has no gradient
        node.constants = tuple([kept(x) if edge is None else None for x, edge in zip(inputs, edges, strict=True)])
    if port:
        pairs = zip(inputs, edges, strict=True)
        node.rarities().ports = tuple([0 if edge is None else x._port for x, edge in pairs])
    if rule.broadcasts:
        node.fit = _fit(inputs, edges, out)
    mode = recording.get()
    if mode is not RECORDS:
        _specially(node, mode, inputs, result)
    return node


def _fit(inputs: tuple[Any, ...], edges: tuple[Node | None, ...], out: Any) -> tuple[Any, ...] | None:
    """Return shape and kind of each input, if one that has a gradient differs in them from the result."""
    for x, edge in zip(inputs, edges, strict=True):
        if edge is not None and (x._data.dtype is not out.dtype or x._data.shape != out.shape):
            arrays = [x._data if isinstance(x, Bare) else x for x in inputs]
            return tuple([(np.shape(array), getattr(array, "dtype", out.dtype)) for array in arrays])
    return None


def _specially(node: Node, mode: Mode, inputs: tuple[Any, ...], result: Bare) -> None:
    """Do what only special modes ask for: remember the line that ran, pack what is saved."""
    if mode.traces:
        trace(node, running)
    if mode.packing is not None:
        _pack(node, *mode.packing, inputs, result)


def check_saved(slots: tuple[int, ...], inputs: tuple[Any, ...]) -> None:
    """Refuse to save what was made in inference mode."""
    for slot in slots:
        extras = getattr(inputs[slot], "_extras", None) if slot >= 0 else None
        if extras is not None and extras.inference:
            raise errors.inference_saved()


def _pack(node: Node, pack: Pack, unpack: Pack, inputs: tuple[Any, ...], result: Bare) -> None:
    """Hand each saved tensor to a hook, and save what that makes of it."""
    values, packed = list(node.saved or ()), []
    for at, (place, slot) in enumerate(zip(node.plan.tensors, node.plan.inputs, strict=True)):
        x = inputs[slot] if slot >= 0 else result_type.wrap(result._data, node, 0)
        if isinstance(x, Bare):  # a Python number is no tensor
            version = x._counter[0]
            with no_grad():
                values[place] = pack(x)
            if x._counter[0] != version:
                raise errors.packing_in_place()
            stamp = node.plan.size + 2 * at
            values[stamp : stamp + 2] = NEVER, 0  # what a hook keeps is its own affair
            packed.append(place)
    node.saved = tuple(values)
    node.rarities().unpack, node.rarities().packed = unpack, packed


def edge_of(x: Any) -> Node | None:
    """Return the node at which the gradient of a tensor arrives; None if it wants none."""
    node: Node | None = x._node if x._extras is None else x._history()
    return x.gradient_edge() if node is None and x._flag else node


def in_vain(inputs: tuple[Any, ...]) -> int:
    """Mark the views that were made while recording was off: they say that they ask, and nothing arrives."""
    views = (isinstance(x, Bare) and x._extras is not None and x.requires_grad for x in inputs)
    return sum(1 << slot for slot, asks in enumerate(views) if asks)


def kept(x: Any) -> Any:
    """Return what a node keeps of an input without gradient, for the picture: a large tensor may go."""
    return Faded(x) if isinstance(x, Bare) and x._data.size > SMALL else x


def _everything(rule: Primitive, arrays: list[Any], out: Any, settings: dict[str, Any]) -> tuple[Any, ...]:
    """List all that a pullback may read: inputs, result, settings, shapes of the inputs."""
    values = [settings[name] if name in settings else rule.defaults[name] for name in rule.settings]
    return (*arrays, out, *values, *[getattr(array, "shape", ()) for array in arrays])


def compute(rule: Primitive, arrays: list[Any], settings: dict[str, Any], *, keeps: bool = False) -> Any:
    """Run the forward on arrays that have been brought to one kind.

    Raises:
        RuntimeError: if the shapes do not broadcast.
        TypeError: if an operand is neither a tensor nor a number.
    """
    if isinstance(rule, Elementwise) and not keeps and not _alike(rule, arrays):
        harmonise(rule, arrays)
    try:
        return rule.forward(*arrays, **settings)
    except ValueError as error:
        raise _shape_error(arrays) or error from None
    except TypeError as error:
        kinds = [array.dtype.kind for array in arrays if hasattr(array, "dtype")]
        raise errors.arithmetic_of_truth(rule.name, kinds) or error from None
    except ZeroDivisionError:
        raise RuntimeError("ZeroDivisionError") from None
    except RuntimeError as error:
        raise errors.argument_elsewhere(rule.name, [where(array) for array in arrays]) or error from None


def harmonise(rule: Elementwise, arrays: list[Any]) -> None:
    """Bring the inputs of an elementwise operation to one kind, and Python numbers to arrays, in place."""
    kind = _common_kind(rule, [arrays[i] for i in rule.converts])
    for i in rule.converts:
        value = arrays[i]
        if not hasattr(value, "dtype"):
            arrays[i] = constant(value, kind)
        elif value.dtype != kind:
            arrays[i] = value.astype(kind)


def _alike(rule: Elementwise, arrays: list[Any]) -> bool:
    """Whether the inputs are of one kind, up to Python numbers that fit it; those become arrays here."""
    kind: Any = getattr(arrays[rule.first], "dtype", None)
    if kind is None or (rule.floats and kind.kind != "f"):
        return False
    for i in rule.rest:
        other = arrays[i]
        if getattr(other, "dtype", None) is kind:
            continue
        if not ((type(other) is float and kind.kind == "f") or (type(other) is int and kind.kind in "fiu")):
            return False
        arrays[i] = constant(other, kind)
    return True


def _common_kind(rule: Elementwise, values: list[Any]) -> np.dtype[Any]:
    for value in values:
        if not (hasattr(value, "dtype") or isinstance(value, Number)):
            name = type(value).__name__
            raise TypeError(f"unsupported operand type(s) for {rule.symbol}: 'Tensor' and '{name}'")
    refused = errors.arithmetic_of_truth(rule.name, [dtypes.kind_of(value).kind for value in values])
    if refused is not None:
        raise refused
    kind = dtypes.promote(values)
    return dtypes.default_float().numpy if rule.floats and kind.kind != "f" else kind


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


def share(result: Any, source: Any, rule: Primitive, settings: dict[str, Any]) -> None:
    """Note that a result shows the memory of another tensor."""
    result._counter = source._counter
    extras = result.extras()
    before = source._extras
    extras.base = source._root()
    extras.steps = (before.steps if before is not None else ()) + ((rule, settings),)
    extras.version = source._counter[0]
    extras.unrecorded = not recording.get() or (before is not None and before.unrecorded)
    if before is not None:
        extras.several, extras.inside, extras.inference = before.several, before.inside, before.inference


def has_past(x: Any) -> bool:
    """Tell whether a tensor without history asks for gradients, once did as a parameter, or came from one that does."""
    extras = x._extras
    return extras is not None and (extras.flag or extras.origin is not None or type(x).__name__ == "Parameter")


def remember(rule: Primitive, inputs: tuple[Any, ...], settings: dict[str, Any], result: Any) -> None:
    """Note how an unrecorded result came about, if an input has a past worth showing."""
    if events.listener is not None:
        events.listener.not_recorded(rule, inputs, result, settings)
    if not room[0]:
        return
    for x in inputs:
        if isinstance(x, Bare) and (x._node is not None or has_past(x)):
            break
    else:
        return
    room[0] -= 1
    result.extras().origin = of_call(rule, inputs, settings, recording.get().off or "plain")
