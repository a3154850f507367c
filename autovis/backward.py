"""`backward` and `grad`: what is checked and prepared before the engine runs, and what is handed back.

Works on whatever has a graph and can say `like(numbers)`; the tensor class itself is further up.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from autovis import errors, events, modes
from autovis.arrays import place
from autovis.engine import Pass
from autovis.errors import warn_once
from autovis.graph import Node

__all__ = ["backward", "differentiate", "grad"]

Tensors = Any  # one tensor or a sequence of them
CYCLE = (
    "Using backward() with create_graph=True will create a reference cycle between the parameter and its gradient"
    " which can cause a memory leak. We recommend using autograd.grad when creating the graph to avoid this. If you"
    " have to use this function, make sure to reset the .grad fields of your parameters to None after use to break the"
    " cycle and avoid the leak."
)


def listed(tensors: Tensors) -> tuple[Any, ...]:
    """Return one tensor or several as a tuple."""
    return (tensors,) if hasattr(tensors, "grad_fn") else tuple(tensors)


def backward(
    tensors: Tensors,
    grad_tensors: Tensors = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    grad_variables: Tensors = None,
    inputs: Tensors = None,
) -> None:
    """Compute the gradients of tensors with respect to the leaves they depend on, and add them to `.grad`.

    Args:
        tensors: the roots; several are differentiated in one pass.
        grad_tensors: for each root the gradient that starts it, same shape; None for a single number: 1.
        retain_graph: keep what the graph saved, for another pass; as `create_graph` unless given.
        create_graph: record this pass, so that the gradients can be differentiated again.
        grad_variables: old name of `grad_tensors`.
        inputs: store gradients only in these tensors, which may be intermediates.

    Raises:
        RuntimeError: if a root has no graph, has several elements and no gradient, or one of another shape; if the
            graph was freed; if `inputs` is empty.
    """
    __tracebackhide__ = True
    if grad_variables is not None:
        warnings.warn("`grad_variables` is deprecated. Use `grad_tensors` instead.", FutureWarning, stacklevel=2)
        if grad_tensors is not None:
            raise RuntimeError(
                "`grad_tensors` and `grad_variables` (deprecated) arguments both passed to `backward()`. Please only"
                " use `grad_tensors`."
            )
        grad_tensors = grad_variables
    roots = listed(tensors)
    if not roots:
        return
    wanted = None if inputs is None else listed(inputs)
    if wanted is not None and not wanted:
        raise errors.empty_inputs("backward")
    differentiate(roots, grad_tensors, retain_graph, create_graph, targets=wanted, store=True)


def grad(
    outputs: Tensors,
    inputs: Tensors,
    grad_outputs: Tensors = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple[Any, ...]:
    """Return the gradients of outputs with respect to inputs; no `.grad` is touched.

    Args:
        outputs: the roots.
        inputs: leaves or intermediates.
        grad_outputs: for each root the gradient that starts it, as for `backward`.
        retain_graph: as for `backward`.
        create_graph: as for `backward`.
        only_inputs: must stay True.
        allow_unused: return None for an input that the outputs do not depend on, instead of raising.
        is_grads_batched: not offered.
        materialize_grads: return zeros instead of None.

    Returns:
        One gradient for each input, always as a tuple.

    Raises:
        RuntimeError: as for `backward`; if an input does not require grad, or was not used.
        ValueError: if `materialize_grads` and `allow_unused=False` contradict each other.
    """
    __tracebackhide__ = True
    if materialize_grads and allow_unused is False:
        raise ValueError(
            "Expected allow_unused to be True or not passed when materialize_grads=True, but got: allow_unused=False."
        )
    if is_grads_batched:
        raise errors.not_supported("is_grads_batched", "call grad once for each vector.")
    if not only_inputs:
        warnings.warn(
            "only_inputs argument is deprecated and is ignored now (defaults to True). To accumulate gradient for other"
            " parts of the graph, please use torch.autograd.backward.",
            FutureWarning,
            stacklevel=2,
        )
    wanted = listed(inputs)
    if not wanted:
        raise errors.empty_inputs("grad")
    found = differentiate(listed(outputs), grad_outputs, retain_graph, create_graph, targets=wanted, store=False)
    result: list[Any] = []
    for index, (x, g) in enumerate(zip(wanted, found, strict=True)):
        if g is None and not materialize_grads and not allow_unused:
            raise errors.not_used(index)
        if g is None and materialize_grads and not hasattr(x, "is_leaf"):
            raise RuntimeError("materialize_grads cannot be used when the given input is a GradientEdge")
        result.append(x.like(np.zeros(x.shape, x.dtype.numpy)) if g is None and materialize_grads else g)
    return tuple(result)


def differentiate(
    roots: Sequence[Any],
    gradients: Tensors,
    retain_graph: bool | None,
    create_graph: bool,
    *,
    targets: Sequence[Any] | None,
    store: bool,
) -> list[Any]:
    """Check the roots, run one pass, and return the gradients of the targets as tensors."""
    __tracebackhide__ = True
    keep = create_graph if retain_graph is None else retain_graph
    seeds = _seeds(roots, gradients, create_graph)
    wrap = type(roots[0]).wrap
    places = None if targets is None else _places(targets, store)
    run = Pass(wrap, keep=keep, create=create_graph, targets=places, store=store)
    if events.listener is not None:
        for root, (node, _, g) in zip(roots, seeds, strict=True):
            events.listener.seeded(run, root, node, g)
    try:
        with modes.set_grad_enabled(bool(create_graph)), np.errstate(all="ignore"):
            found = run.run(
                [(n, p, wrap(g, None, 0) if create_graph and not hasattr(g, "grad_fn") else g) for n, p, g in seeds]
            )
    finally:
        if store and create_graph:
            warn_once(CYCLE, 4)
    if targets is None:
        return []
    values = [found[place] for place in places or ()]
    if events.listener is not None:
        for x, g in zip(targets, values, strict=True):
            if not store or x.grad_fn is not None:
                events.listener.returned(x, g, store)
    return [g if g is None or hasattr(g, "grad_fn") else x.like(g) for x, g in zip(targets, values, strict=True)]


def _places(targets: Sequence[Any], store: bool) -> list[tuple[Node, int]]:
    """Return where the gradients of the targets arrive; an intermediate whose gradient is stored retains it."""
    __tracebackhide__ = True
    for x in targets:
        if not hasattr(x, "grad_fn"):
            raise RuntimeError(f"all inputs have to be Tensors or GradientEdges, but got {type(x).__name__}")
        if not x.requires_grad:
            raise errors.retain_grad_without_flag() if store else errors.input_without_grad()
    places = [(x.gradient_edge(), x.output_nr) for x in targets]
    for x in targets if store else ():
        x.retain_grad()
    return places


def _seeds(roots: Sequence[Any], gradients: Tensors, create: bool) -> list[tuple[Node, int, Any]]:
    """Pair every root with the gradient that starts it; checked in PyTorch's order."""
    __tracebackhide__ = True
    if gradients is None:
        given: tuple[Any, ...] = (None,) * len(roots)
    else:
        given = (gradients,) if hasattr(gradients, "grad_fn") else tuple(gradients)
    for i, (root, g) in enumerate(zip(roots, given, strict=False)):
        _check_seed(i, root, g)
    if len(given) < len(roots):
        raise RuntimeError(f"got {len(roots)} tensors and {len(given)} gradients")
    seeds = []
    for i, (root, g) in enumerate(zip(roots, given, strict=False)):
        if root.grad_fn is None and not getattr(root, "_flag", True):
            raise errors.no_graph(i)
        numbers: Any = place(np.ones(root.shape, root.dtype.numpy)[()], root.device)
        if g is not None:
            start = g.to(root.device)
            tracked = create and g.requires_grad and g.dtype is root.dtype
            numbers = start if tracked else start.numbers.astype(root.dtype.numpy, copy=False)
        seeds.append((root.gradient_edge(), root.output_nr, numbers))
    return seeds


def _check_seed(index: int, root: Any, g: Any) -> None:
    """Say what is wrong with the gradient for a root, if something is."""
    __tracebackhide__ = True
    if g is None:
        if root.requires_grad and root.shape.numel() != 1:
            raise errors.not_a_scalar()
    elif not hasattr(g, "grad_fn"):
        raise TypeError(f"gradients can be either Tensors or None, but got {type(g).__name__}")
    elif tuple(g.shape) != tuple(root.shape):
        raise errors.gradient_shape(index, repr(g.shape), repr(root.shape))
    elif g.ndim and g.device != root.device:
        raise RuntimeError(f"invalid gradient at index {index} - expected device {root.device} but got {g.device}")
