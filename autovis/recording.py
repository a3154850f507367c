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
from autovis.primitive import Elementwise, Primitive
from autovis.slots import Bare

__all__ = ["apply", "compute", "plan_of", "record", "stamps"]


def apply(rule: Primitive, inputs: tuple[Any, ...], settings: dict[str, Any], kind: type) -> Any:
    """Run one operation on tensors: unwrap, compute, and record if recording is on and an input requires grad."""
    if rule.view:
        inputs[0]._array()
    arrays = [x._data if isinstance(x, Bare) else x for x in inputs]
    out = compute(rule, arrays, settings)
    plan, wants = plan_of(rule, inputs) if recording.get() else (None, 0)
    result = Bare(out)
    if plan is None:
        result.__class__ = kind
        if rule.view:
            _share(result, inputs[0], rule, settings)
        _remember(rule, inputs, result)
        return result
    node = record(rule, plan, wants, inputs, arrays, out, settings)
    result._node = node
    if plan.tensors:
        node.stamps = stamps(plan, inputs, result._counter)
    result.__class__ = kind
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
        if isinstance(x, Bare) and (x._node is not None or x._flag or (x._extras is not None and x.requires_grad)):
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
            return tuple((x._data.shape, x._data.dtype) if isinstance(x, Bare) else nothing for x in inputs)
    return None


def stamps(plan: Any, inputs: tuple[Any, ...], counter: list[int]) -> tuple[tuple[list[int], int], ...]:
    """Note the version of every tensor that is saved."""
    noted = []
    for slot in plan.inputs:
        x = inputs[slot] if slot >= 0 else None
        counted = counter if slot < 0 else (x._counter if isinstance(x, Bare) else NEVER)
        noted.append((counted, counted[0]))
    return tuple(noted)


NEVER = [0]  # the version counter of a Python number  # the version counter of a Python number


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
    if not _alike(rule, arrays):
        kind = _common_kind(rule, [arrays[i] for i in where])
        for i in where:
            value = arrays[i]
            if not isinstance(value, (np.ndarray, np.generic)):
                arrays[i] = constant(value, kind)
            elif value.dtype != kind:
                arrays[i] = value.astype(kind)


def _alike(rule: Elementwise, arrays: list[Any]) -> bool:
    """Whether the inputs are of one kind, up to Python numbers that fit it; those become arrays here."""
    where = rule.converts
    kind: Any = getattr(arrays[where[0]], "dtype", None)
    if kind is None or (rule.floats and kind.kind != "f"):
        return False
    for i in where[1:]:
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


def _share(result: Any, source: Any, rule: Primitive, settings: dict[str, Any]) -> None:
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
        if isinstance(x, Bare) and (x._flag or x._node is not None):
            break
        if isinstance(x, Bare) and x._extras is not None and x._extras.origin is not None:
            break
    else:
        return
    result.extras().origin = of_call(rule, inputs, off=not recording.get())
