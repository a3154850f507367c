"""The recorded graph: nodes, edges, saved values with their versions, and the accumulator at each leaf.

A node stands for one operation that was run. It knows the nodes that made its inputs (its edges, in order: `a * a` has
two), what its pullbacks need, and nothing of the tensor it made, so that a tensor can die while its history lives.
"""

from __future__ import annotations

import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any, ClassVar

import numpy as np

from autovis import dtypes, errors
from autovis.hooks import HookList, RemovableHandle, register
from autovis.modes import recording
from autovis.primitive import Plan, Primitive
from autovis.rules.shape import cast, sum_to

__all__ = ["AccumulateGrad", "Faded", "Node", "Rare", "Watch", "node_class"]

numbers = count(1)

BY_HAND = frozenset({"AccumulateGrad", "CopyBackwards", "CopySlices"})  # nodes of PyTorch's that no table made

Wrap = Callable[[Any, "Node | None", int], Any]  # (numbers, the node that made them, port) -> tensor

# What PyTorch calls the inputs of its operations, for `_saved_self` and the like.
SAVED_NAMES = {"self": "x", "other": "y", "result": "out", "input": "x", "mat2": "y", "mat1": "x"}


class Watch:
    """The hooks on a node, and the tensors that keep its gradient.

    Attributes:
        tensor_hooks: for each output, hooks on the gradient that arrives there.
        retains: for each output, a weak reference to the tensor that keeps the gradient.
        before, after: hooks on the node itself.
    """

    __slots__ = ("after", "before", "retains", "tensor_hooks")

    def __init__(self) -> None:
        self.tensor_hooks: dict[int, HookList] = {}
        self.retains: dict[int, Callable[[], Any]] = {}
        self.before: HookList = OrderedDict()
        self.after: HookList = OrderedDict()


class Rare:
    """What few nodes have.

    Attributes:
        ports: which output of the node at each edge, where one of them is not the first.
        outputs: shape and kind of each output, where there are several.
        watch: hooks.
        left: the saved values without the tensors, once those are freed; for the picture.
        metadata: for whoever wants to note something.
        unpack: gets a tensor back from what a packing hook made of it; the saved tensors are packed then.
        packed: the places of these among what is saved.
    """

    ports: tuple[int, ...] | None = None
    outputs: tuple[tuple[tuple[int, ...], np.dtype[Any]], ...] | None = None
    watch: Watch | None = None
    left: tuple[Any, ...] | None = None
    metadata: dict[Any, Any] | None = None
    unpack: Callable[[Any], Any] | None = None
    packed: Sequence[int] = ()


class Derived:
    """A property that gives way to an attribute of that name, for a custom function may set whatever it likes."""

    def __init__(self, compute: Callable[[Any], Any]) -> None:
        self.compute = compute
        self.__doc__ = compute.__doc__

    def __get__(self, node: Any, kind: type) -> Any:
        return self.compute(node)


class Faded:
    """An input without gradient that the graph keeps no longer: a weak reference, and how it came about.

    Attributes:
        origin: see `origins`.
        is_parameter: whether it was a frozen parameter.
    """

    __slots__ = ("is_parameter", "origin", "reference")

    def __init__(self, tensor: Any) -> None:
        self.reference = weakref.ref(tensor)
        self.origin = tensor._extras.origin if tensor._extras is not None else None
        self.is_parameter = type(tensor).__name__ == "Parameter"

    def __call__(self) -> Any:
        """Return the tensor while it lives, else None."""
        return self.reference()


class Node:
    """One operation that was run.

    Attributes:
        op: its primitive.
        plan: what it keeps and how it pulls, from the primitive. Every plan has a class of nodes of its own.
        sources: the node that made the one input that wants a gradient; else a tuple with a place for each input.
        saved: the values that the pullbacks read, followed by the version counter of each saved tensor and its version
            at saving; None once freed. One tuple, because the collector of garbage visits every one.
        number: order of creation.
        fit: where broadcasting or mixed kinds demand it, the shape and kind of each input.
        constants: the inputs without gradient, for the picture: one of them by itself, or a tuple with a place for each
            input. A large tensor is only referred to (`Faded`).
        rare: what few nodes have.
        mark, gradient, owned, waiting, needed: the engine's notes during one pass.
        wrap: makes a tensor of numbers; the tensor class, which is further up, puts it here.
    """

    op: ClassVar[Primitive]
    plan: ClassVar[Plan]
    wrap: ClassVar[Any]
    pulls_by_plan: ClassVar[bool] = True  # False where `pull` is overridden
    takes_nothing: ClassVar[bool] = False  # whether it runs, too, if no gradient came at all
    fills: bool = True  # whether an output that nobody used counts as zeros
    ports = Derived(lambda node: None if node.rare is None else node.rare.ports)
    outputs = Derived(lambda node: None if node.rare is None else node.rare.outputs)
    watch = Derived(lambda node: None if node.rare is None else node.rare.watch)

    __slots__ = (
        "__weakref__",
        "constants",
        "fit",
        "gradient",
        "mark",
        "needed",
        "number",
        "owned",
        "rare",
        "saved",
        "sources",
        "waiting",
    )

    sources: Node | tuple[Node | None, ...]
    saved: tuple[Any, ...] | None
    number: int
    fit: tuple[tuple[tuple[int, ...], np.dtype[Any]], ...] | None
    constants: Any
    rare: Rare | None
    mark: int
    gradient: Any
    owned: bool
    waiting: int
    needed: bool

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def name(self) -> str:
        """Return PyTorch's name of the operation, `AddBackward0`."""
        word = type(self).__name__
        return f"torch::autograd::{word}" if word in BY_HAND else word

    def title(self) -> str:
        """Return what an error calls the operation."""
        return short(self)

    @property
    def next_functions(self) -> tuple[tuple[Node | None, int], ...]:
        """For each input the node that made it (None where no gradient goes) and which of its outputs it is.

        Inputs that can have no gradient at all, such as a condition, are left out.
        """
        pairs = zip(self.edges, self.ports or (0,) * len(self.edges), strict=True)
        if self.op.many:
            return tuple(pairs)
        return tuple(pair for name, pair in zip(self.op.inputs, pairs, strict=False) if name in self.op.pullbacks)

    @Derived
    def edges(self) -> tuple[Node | None, ...]:
        """For each input the node that made it, or None where no gradient goes."""
        alone = self.sources
        if type(alone) is tuple:
            return alone
        place = self.plan.pulls[0].slot
        return tuple([alone if slot == place else None for slot in range(len(self.op.inputs))])  # type: ignore[misc]

    @Derived
    def others(self) -> tuple[Any, ...]:
        """For each input that has no gradient a tensor, a weak reference or a number; None for the others."""
        alone = self.constants
        if alone is None or type(alone) is tuple:
            return alone or ()
        return tuple([alone if edge is None else None for edge in self.edges])

    @property
    def metadata(self) -> dict[Any, Any]:
        """A dictionary for whoever wants to note something on this node."""
        rare = self.rarities()
        if rare.metadata is None:
            rare.metadata = {}
        return rare.metadata

    def rarities(self) -> Rare:
        """Return the place for what few nodes have, made when first needed."""
        if self.rare is None:
            self.rare = Rare()
        return self.rare

    def watched(self) -> Watch:
        """Return the place for hooks, made when first needed."""
        rare = self.rarities()
        if rare.watch is None:
            rare.watch = Watch()
        return rare.watch

    def register_prehook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(grad_outputs)` before this node runs; a returned tuple replaces them."""
        return register(self.watched().before, hook)

    def register_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(grad_inputs, grad_outputs)` after this node ran; a returned tuple replaces the first."""
        return register(self.watched().after, hook)

    def _shown(self, place: int) -> Any:
        """Return a saved value; a tensor with the history it had."""
        value = self.intact(place)[place]
        if place not in self.plan.tensors:
            return value
        return self.wrap(value, *self._maker(self.plan.inputs[self.plan.tensors.index(place)]))

    def __call__(self, *gradients: Any) -> Any:
        """Pull gradients of the outputs back to the inputs, as backward does at this node.

        Returns:
            The gradients, None where none is wanted; a single one by itself.
        """
        sent = self.pull(gradients if self.outputs is not None else gradients[0], self.wrap)
        return sent[0] if len(sent) == 1 else tuple(sent)

    # ------------------------------------------------------------------------------------------------ saved values

    def gives(self) -> tuple[tuple[tuple[int, ...], np.dtype[Any]], ...]:
        """Return shape and kind of each output of a node that has several."""
        return self.outputs or ()

    @property
    def keeps_tensors(self) -> bool:
        """Whether there is something to free."""
        return self.plan.frees

    def intact(self, only: int = -1) -> tuple[Any, ...]:
        """Return the saved values; those that are packed unpacked, or only one of them.

        Raises:
            RuntimeError: if they have been freed, or one of them was edited in place since.
        """
        __tracebackhide__ = True
        if self.saved is None:
            raise errors.freed()
        if self.is_stale():
            raise self._stale(next(i for i, (counter, version) in enumerate(self.versions()) if counter[0] != version))
        if self.rare is not None and self.rare.unpack is not None:
            return self._unpacked(self.rare.unpack, only)
        return self.saved

    def versions(self) -> list[tuple[list[Any], int]]:
        """Return for each saved tensor its version counter and the version at saving."""
        stamps = (self.saved or ())[len(self.plan.saves) :]
        return list(zip(stamps[::2], stamps[1::2], strict=True))

    def is_freed(self) -> bool:
        """Whether what it kept was dropped."""
        return self.saved is None

    def keeps(self) -> list[tuple[str, int, int]]:
        """List of each tensor that it keeps, or kept: a word for it, which input it is, the version at saving.

        The result is input -1; -2 is what is neither an input nor the result.
        """
        plan = self.plan
        versions = [version for _, version in self.versions()] or [0] * len(plan.tensors)
        return [(plan.saves[at], slot, v) for at, slot, v in zip(plan.tensors, plan.inputs, versions, strict=True)]

    def is_stale(self) -> bool:
        """Whether a saved tensor was edited in place since it was saved."""
        return self.saved is not None and any(counter[0] != version for counter, version in self.versions())

    def _unpacked(self, unpack: Callable[[Any], Any], only: int) -> tuple[Any, ...]:
        assert self.saved is not None
        assert self.rare is not None
        values = list(self.saved)
        for place in self.rare.packed if only < 0 else {only}.intersection(self.rare.packed):
            found = unpack(values[place])
            if not hasattr(found, "numbers"):
                sort = type(found).__name__
                raise TypeError(
                    f"Output of saved tensor unpack_hook expected to be a Tensor but got result of type {sort}"
                )
            values[place] = found.numbers
        return tuple(values)

    def _stale(self, place: int) -> RuntimeError:
        assert self.saved is not None
        counter, expected = self.versions()[place]
        value = self.saved[self.plan.tensors[place]]
        slot = self.plan.inputs[place]
        maker, port = self._maker(slot)
        latest = counter[1:]  # what an edit that was recorded made of it
        if slot < 0:
            output = f"output {port} of {self.title()}"
        elif maker is not None and maker.op.view:
            output = f"output {port} of AsStrided"
        elif latest:
            output = f"output 0 of {latest[0]}"
        elif maker is not None and not isinstance(maker, AccumulateGrad):
            output = f"output {port} of {short(maker)}"
        else:
            output = ""
        kind = f"torch.{dtypes.of_numpy(value.dtype).word}Tensor"
        traced = recording.get().traces
        return errors.stale(kind, value.shape, output, counter[0], expected, traced=traced)

    def free(self) -> None:
        """Drop the saved values; nodes and edges stay, and what a picture still tells."""
        if self.plan.frees:
            if not self.plan.plain and self.saved is not None:
                tensors = self.plan.tensors
                values = zip(self.plan.saves, self.saved, strict=False)
                self.rarities().left = tuple([None if i in tensors else x for i, (_, x) in enumerate(values)])
            self.saved = None

    # ---------------------------------------------------------------------------------------------------- pulling

    def pull(self, g: Any, wrap: Wrap | None = None) -> list[Any]:
        """Turn the arriving gradient into one for each input; None where none is wanted.

        Args:
            g: gradient of the output, same shape; a tuple for an operation with several outputs.
            wrap: makes tensors of the saved values, so that the pull is recorded itself (`create_graph`).

        Raises:
            RuntimeError: see `intact`.
        """
        __tracebackhide__ = True
        saved = self.intact()
        if wrap is not None:
            saved = self._wrapped(saved, wrap)
        results: list[Any] = [None] * len(self.edges)
        for slot, _, _, _, run in self.plan.pulls:
            results[slot] = run(g, saved)
        if self.fit is not None:
            for slot, (shape, kind) in enumerate(self.fit):
                if results[slot] is not None:
                    results[slot] = fitted(results[slot], shape, kind)
        return results

    def _wrapped(self, saved: tuple[Any, ...], wrap: Wrap) -> tuple[Any, ...]:
        tensors = list(saved)
        for place, slot in zip(self.plan.tensors, self.plan.inputs, strict=True):
            tensors[place] = wrap(saved[place], *self._maker(slot))
        return tuple(tensors)

    def _maker(self, slot: int) -> tuple[Node | None, int]:
        """Return the node and the output that made an input; for slot -1 what made the result: this node."""
        if slot < 0:
            return self, 0
        return self.edges[slot], self.ports[slot] if self.ports else 0


class AccumulateGrad(Node):
    """The end of the line: adds what arrives to the `.grad` of its leaf.

    Attributes:
        variable: the leaf.
    """

    op = Primitive("accumulate_grad", lambda x: x, node="AccumulateGrad", symbol="+= .grad")
    plan = Plan()

    __slots__ = ("variable",)

    def __init__(self, variable: Any) -> None:
        begin(self)
        self.variable = variable


_named: dict[str, type[Node]] = {}


def begin(node: Any, sources: Node | tuple[Node | None, ...] = (), saved: tuple[Any, ...] | None = ()) -> Any:
    """Fill in a fresh node. Nodes have no constructor of their own, because without one they are made faster."""
    node.sources = sources
    node.saved = saved
    node.number = next(numbers)
    node.constants = node.fit = node.rare = None
    node.mark = 0
    return node


def node_class(op: Primitive, plan: Plan) -> type[Node]:
    """Return the class of nodes of an operation that keep what this plan says: `Node` under PyTorch's name of it."""
    if plan.node_type is None:
        base = _named.get(op.node)
        if base is None:
            base = _named[op.node] = type(op.node, (Node,), {"__slots__": ()})
        shown = {f"_saved_{word}": _saved(plan, name) for word, name in _words(op)}
        plan.node_type = type(op.node, (base,), {"__slots__": (), "op": op, "plan": plan, **shown})
    return plan.node_type  # type: ignore[no-any-return]


def _words(op: Primitive) -> Iterator[tuple[str, str]]:
    """Pair PyTorch's words for what a node may save with ours."""
    for name in (*op.inputs, *op.settings, "out"):
        yield from ((word, name) for word in (name, *(word for word, ours in SAVED_NAMES.items() if ours == name)))


def _saved(plan: Plan, name: str) -> property:
    """Return what a node saved under a name, `_saved_self` or `_saved_result`; None if nobody needed it."""
    place = plan.saves.index(name) if name in plan.saves else None
    return property(lambda node: None if place is None else node._shown(place))


def short(node: Node) -> str:
    """Return the name without `Backward0`, as PyTorch's in-place error says it."""
    return node.name() if "::" in node.name() else type(node).__name__.removesuffix("0").replace("Backward", "")


def fitted(g: Any, shape: tuple[int, ...], kind: np.dtype[Any]) -> Any:
    """Bring a gradient to the shape and kind of the input it belongs to."""
    if tuple(g.shape) != shape:
        g = sum_to(g, to=shape)
    here = getattr(g.dtype, "numpy", g.dtype)
    return g if here == kind else cast(g, to=kind, back=here)


def ancestors(roots: list[Node]) -> Iterator[Node]:
    """Walk from roots along the edges, each node once, without recursion."""
    seen: set[Node] = set()
    pending = list(roots)
    while pending:
        node = pending.pop()
        if node in seen:
            continue
        seen.add(node)
        yield node
        pending.extend(edge for edge in node.edges if edge is not None)
