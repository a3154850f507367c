"""The recorded graph: nodes, edges, saved values with their versions, and the accumulator at each leaf.

A node stands for one operation that was run. It knows the nodes that made its inputs (its edges, in order: `a * a` has
two), what its pullbacks need, and nothing of the tensor it made, so that a tensor can die while its history lives.
"""

from __future__ import annotations

import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any, ClassVar

import numpy as np

from autovis import dtypes, errors
from autovis.hooks import HookList, RemovableHandle, register
from autovis.primitive import Plan, Primitive
from autovis.rules.shape import cast, sum_to

__all__ = ["AccumulateGrad", "Node", "Watch", "node_class"]

numbers = count(1)

BY_HAND = frozenset({"AccumulateGrad", "CopyBackwards", "CopySlices"})  # nodes of PyTorch's that no table made
NUMBERS = frozenset({int, float, bool, type(None)})

Wrap = Callable[[Any, "Node | None", int], Any]  # (numbers, the node that made them, port) -> tensor

# What PyTorch calls the inputs of its operations, for `_saved_self` and the like.
SAVED_NAMES = {"self": "x", "other": "y", "result": "out", "input": "x", "mat2": "y", "mat1": "x"}


class Watch:
    """What few nodes have: hooks, a tensor that keeps its gradient, metadata.

    Attributes:
        tensor_hooks: for each output, hooks on the gradient that arrives there.
        retains: for each output, a weak reference to the tensor that keeps the gradient.
        before, after: hooks on the node itself.
        metadata: for whoever wants to note something.
    """

    __slots__ = ("after", "before", "metadata", "retains", "tensor_hooks")

    def __init__(self) -> None:
        self.tensor_hooks: dict[int, HookList] = {}
        self.retains: dict[int, Callable[[], Any]] = {}
        self.before: HookList = OrderedDict()
        self.after: HookList = OrderedDict()
        self.metadata: dict[Any, Any] = {}


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
        plan: what it keeps and how it pulls, from the primitive.
        edges: for each input the node that made it, or None where no gradient goes.
        ports: which output of that node, where one of them is not 0; else None.
        saved: the values that the pullbacks read; None once freed.
        stamps: for each saved tensor its version counter and the version at saving.
        number: order of creation.
        fit: where broadcasting or mixed kinds demand it, the shape and kind of each input.
        others: the inputs without gradient, for the picture: a tensor, a number, or None.
        outputs: shape and kind of each output, where there are several.
        settings: what is left of them once the saved values are freed; for the picture.
        gradient, owned, waiting, came, mark, needed: the engine's notes during one pass.
        wrap: makes a tensor of numbers; the tensor class, which is further up, puts it here.
    """

    wrap: ClassVar[Any]

    __slots__ = (
        "__weakref__",
        "came",
        "edges",
        "fit",
        "gradient",
        "mark",
        "needed",
        "number",
        "op",
        "others",
        "outputs",
        "owned",
        "plan",
        "ports",
        "saved",
        "settings",
        "stamps",
        "waiting",
        "watch",
    )

    def __init__(self, op: Primitive, plan: Plan, edges: tuple[Node | None, ...], saved: tuple[Any, ...]) -> None:
        self.op = op
        self.plan = plan
        self.edges = edges
        self.saved: tuple[Any, ...] | None = saved
        self.number = next(numbers)
        self.ports: tuple[int, ...] | None = None
        self.stamps: tuple[tuple[list[int], int], ...] = ()
        self.fit: tuple[tuple[tuple[int, ...], np.dtype[Any]], ...] | None = None
        self.others: tuple[Any, ...] = ()
        self.outputs: tuple[tuple[tuple[int, ...], np.dtype[Any]], ...] | None = None
        self.watch: Watch | None = None
        self.settings: dict[str, Any] | None = None
        self.gradient: Any = None
        self.owned = False
        self.mark: object = None
        self.waiting: int
        self.came: int
        self.needed: bool

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

    @property
    def metadata(self) -> dict[Any, Any]:
        """A dictionary for whoever wants to note something on this node."""
        return self.watched().metadata

    def watched(self) -> Watch:
        """Return the place for hooks, made when first needed."""
        if self.watch is None:
            self.watch = Watch()
        return self.watch

    def register_prehook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(grad_outputs)` before this node runs; a returned tuple replaces them."""
        return register(self.watched().before, hook)

    def register_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(grad_inputs, grad_outputs)` after this node ran; a returned tuple replaces the first."""
        return register(self.watched().after, hook)

    def __getattr__(self, name: str) -> Any:
        """Read a saved value as PyTorch names it: `_saved_self`, `_saved_other`, `_saved_result`."""
        if name.startswith("_saved_"):
            word = name.removeprefix("_saved_")
            for wanted in (word, SAVED_NAMES.get(word, "")):
                if wanted in self.plan.saves:
                    return self._shown(self.plan.saves.index(wanted))
                if wanted in (*self.op.inputs, *self.op.settings, "out"):
                    return None  # nobody needed it
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def _shown(self, place: int) -> Any:
        """Return a saved value; a tensor with the history it had."""
        value = self.intact()[place]
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

    @property
    def keeps_tensors(self) -> bool:
        """Whether there is something to free."""
        return self.plan.frees

    def intact(self) -> tuple[Any, ...]:
        """Return the saved values.

        Raises:
            RuntimeError: if they have been freed, or one of them was edited in place since.
        """
        __tracebackhide__ = True
        if self.saved is None:
            raise errors.freed()
        for stamp in self.stamps:
            if stamp[0][0] != stamp[1]:
                raise self._stale(self.stamps.index(stamp))
        return self.saved

    def is_stale(self) -> bool:
        """Whether a saved tensor was edited in place since it was saved."""
        return self.saved is not None and any(counter[0] != version for counter, version in self.stamps)

    def _stale(self, place: int) -> RuntimeError:
        assert self.saved is not None
        counter, expected = self.stamps[place]
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
        return errors.stale(kind, value.shape, output, counter[0], expected)

    def free(self) -> None:
        """Drop the saved values; nodes and edges stay, and what a picture still tells."""
        if not self.plan.plain and self.saved is not None:
            kept = zip(self.plan.saves, self.saved, strict=True)
            self.settings = {name: value for name, value in kept if name in self.op.settings}
        self.saved = None
        if self.others and not NUMBERS.issuperset(map(type, self.others)):
            self.others = tuple(Faded(x) if hasattr(x, "grad_fn") else x for x in self.others)

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
        for slot, _, _, run in self.plan.pulls:
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

    __slots__ = ("variable",)

    def __init__(self, variable: Any) -> None:
        super().__init__(_ACCUMULATE, _NOTHING, (), ())
        self.variable = variable


_ACCUMULATE = Primitive("accumulate_grad", lambda x: x, node="AccumulateGrad", symbol="+= .grad")
_NOTHING = Plan((), (), lambda values: (), (), (), keeps_output=False)
_classes: dict[str, type[Node]] = {}


def node_class(op: Primitive) -> type[Node]:
    """Return the class of an operation's nodes: `Node` under PyTorch's name of it."""
    found = _classes.get(op.node)
    if found is None:
        found = _classes[op.node] = type(op.node, (Node,), {"__slots__": ()})
    op.node_type = found
    return found


def short(node: Node) -> str:
    """Return the name without `Backward0`, as PyTorch's in-place error says it."""
    return node.name() if "::" in node.name() else type(node).__name__.removesuffix("0").replace("Backward", "")


def fitted(g: Any, shape: tuple[int, ...], kind: np.dtype[Any]) -> Any:
    """Bring a gradient to the shape and kind of the input it belongs to."""
    if tuple(g.shape) != shape:
        g = sum_to(g, to=shape)
    here = g.dtype if isinstance(g, (np.ndarray, np.generic)) else g.dtype.numpy
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
