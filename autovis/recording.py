"""How an operation is run on tensors: unwrap, compute, and record if anybody asks for gradients.

`apply` is the whole of the forward pass. It is below the tensor class, which hands itself in.
"""

from __future__ import annotations

from numbers import Number
from typing import Any

import numpy as np

from autovis import dtypes, errors, events
from autovis.dtypes import constant
from autovis.graph import Node, node_class
from autovis.modes import recording
from autovis.origins import of_call
from autovis.primitive import Elementwise, Plan, Primitive
from autovis.slots import Bare

__all__ = ["apply", "compute", "kind_of_result", "record", "share"]

# the class of results; `tensor`, which is further up, puts itself here
kind_of_result: list[type] = [Bare]

NEVER = [0]  # the version counter of a Python number


def apply(rule: Primitive, inputs: tuple[Any, ...], settings: dict[str, Any]) -> Any:
    """Run one operation on tensors: unwrap, compute, and record if recording is on and an input requires grad."""
    if rule.view:
        inputs[0]._array()
    arrays, plain = [], True
    for x in inputs:
        if isinstance(x, Bare):
            arrays.append(x._data)
            if x._node is not None or x._flag or x._extras is not None:
                plain = False
        else:
            arrays.append(x)
    result = Bare(compute(rule, arrays, settings))
    if plain and not rule.view and events.listener is None:  # nobody asks, nobody has a past, nobody listens
        (result.__class__,) = kind_of_result
        return result
    node = record(rule, inputs, arrays, result, settings) if rule.pullbacks and recording.get() else None
    result._node = node
    (result.__class__,) = kind_of_result
    if rule.view:
        share(result, inputs[0], rule, settings)
    if node is None:
        _remember(rule, inputs, settings, result)
    elif events.listener is not None:
        events.listener.saw(events.Recorded, node, inputs, result, settings)
    return result


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
    out = result._data
    shape, kind = out.shape, out.dtype
    edges: list[Node | None] = []
    others: list[Any] = []
    wants, bit, ports, odd = 0, 1, 0, False
    for x in inputs:
        edge = edge_of(x) if isinstance(x, Bare) else None
        edges.append(edge)
        if edge is None:
            others.append(x)
        else:
            others.append(None)
            wants |= bit
            ports |= x._port
            odd = odd or x._data.dtype is not kind or x._data.shape != shape
        bit += bit
    plan = rule.plan(wants or in_vain(inputs), len(inputs))
    if not plan.pulls:
        return None
    saved = plan.pick((*arrays, out)) if plan.plain else plan.pick(_everything(rule, arrays, out, settings))
    node = (rule.node_type or node_class(rule))(rule, plan, tuple(edges), saved)
    if plan.tensors:
        node.stamps = _stamps(plan, inputs, result._counter)
    if wants + 1 != bit:  # some input is a constant
        node.others = tuple(others)
    if ports:
        node.ports = tuple([0 if edge is None else x._port for x, edge in zip(inputs, edges, strict=True)])
    if odd and rule.broadcasts:
        node.fit = tuple([(np.shape(array), getattr(array, "dtype", kind)) for array in map(_data, inputs)])
    return node


def edge_of(x: Any) -> Node | None:
    """Return the node at which the gradient of a tensor arrives; None if it wants none."""
    node: Node | None = x._node if x._extras is None else x._history()
    return x.gradient_edge() if node is None and x._flag else node


def in_vain(inputs: tuple[Any, ...]) -> int:
    """Mark the views that were made while recording was off: they say that they ask, and nothing arrives."""
    views = (isinstance(x, Bare) and x._extras is not None and x.requires_grad for x in inputs)
    return sum(1 << slot for slot, asks in enumerate(views) if asks)


def _data(x: Any) -> Any:
    return x._data if isinstance(x, Bare) else x


def _everything(rule: Primitive, arrays: list[Any], out: Any, settings: dict[str, Any]) -> tuple[Any, ...]:
    """List all that a pullback may read: inputs, result, settings, shapes of the inputs."""
    values = [settings[name] if name in settings else rule.defaults[name] for name in rule.settings]
    return (*arrays, out, *values, *map(np.shape, arrays))


def _stamps(plan: Plan, inputs: tuple[Any, ...], counter: list[int]) -> tuple[tuple[list[int], int], ...]:
    """Note the version of every tensor that is saved; `counter` is that of the result."""
    noted = []
    for slot in plan.inputs:
        x = inputs[slot] if slot >= 0 else None
        counted = counter if slot < 0 else (x._counter if isinstance(x, Bare) else NEVER)
        noted.append((counted, counted[0]))
    return tuple(noted)


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
    except ZeroDivisionError:
        raise RuntimeError("ZeroDivisionError") from None


def harmonise(rule: Elementwise, arrays: list[Any]) -> None:
    """Bring the inputs of an elementwise operation to one kind, and Python numbers to arrays, in place."""
    where = rule.converts
    kind = _common_kind(rule, [arrays[i] for i in where])
    for i in where:
        value = arrays[i]
        if not isinstance(value, (np.ndarray, np.generic)):
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
        if not isinstance(value, (np.ndarray, np.generic, Number)):
            name = type(value).__name__
            raise TypeError(f"unsupported operand type(s) for {rule.symbol}: 'Tensor' and '{name}'")
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
    extras.several = before is not None and before.several


def _remember(rule: Primitive, inputs: tuple[Any, ...], settings: dict[str, Any], result: Any) -> None:
    """Note how an unrecorded result came about, if an input has a past worth showing."""
    if events.listener is not None:
        events.listener.saw(events.NotRecorded, rule, inputs, result, settings)
    for x in inputs:
        if isinstance(x, Bare) and (x._flag or x._node is not None):
            break
        if isinstance(x, Bare) and x._extras is not None and x._extras.origin is not None:
            break
    else:
        return
    result.extras().origin = of_call(rule, inputs, settings, off=not recording.get())
