"""A graph of PyTorch's, built once more of our own nodes: nothing is computed, everything is read.

Pictures, films and `why` then see tensors and nodes as they know them. What a node of PyTorch's does not tell (a
constant that it did not save, a setting that it does not need) is left open.
"""

from __future__ import annotations

import re
import weakref
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from autovis.bridge.foreign import is_foreign, numbers, stored
from autovis.bridge.words import operation, setting, slots, spelled
from autovis.graph import AccumulateGrad, Node, begin, node_class
from autovis.names import named
from autovis.past import key_of
from autovis.primitive import Primitive
from autovis.tensor import Parameter, Tensor

__all__ = ["Mirror"]

VERSIONS = re.compile(r"is at version (\d+); expected version (\d+)")


class Mirror:
    """Knows for PyTorch's tensors and nodes those that stand for them here.

    Both are kept alive here, so that the ids by which they are known stay their own.
    """

    def __init__(self) -> None:
        self._tensors: dict[int, tuple[Any, Tensor]] = {}
        self._nodes: dict[int, tuple[Any, Node]] = {}

    # ------------------------------------------------------------------------------------------- who stands for whom

    def known(self, theirs: Any) -> Tensor | None:
        """Return what stands for a tensor, if anything does."""
        found = self._tensors.get(id(theirs))
        return None if found is None else found[1]

    def keep(self, theirs: Any, ours: Tensor) -> None:
        """Let a tensor of ours stand for one of theirs."""
        self._tensors[id(theirs)] = theirs, ours

    def known_node(self, function: Any) -> Node | None:
        """Return what stands for a node, if anything does."""
        found = self._nodes.get(id(function))
        return None if found is None else found[1]

    def keep_node(self, function: Any, node: Node) -> None:
        """Let a node of ours stand for one of theirs."""
        self._nodes[id(function)] = function, node

    # ------------------------------------------------------------------------------------------------------ tensors

    def tensor(self, theirs: Any) -> Tensor:
        """Return what stands for a tensor of theirs, as it is now."""
        ours = self.known(theirs)
        if ours is None:
            ours = (Parameter if type(theirs).__name__ == "Parameter" else Tensor).of(numbers(theirs))
            self.keep(theirs, ours)
            self.bring_up_to_date(theirs, ours)
        return ours

    def bring_up_to_date(self, theirs: Any, ours: Tensor) -> None:
        """Take over version, history, flag and gradient."""
        ours._counter[0] = self.version(theirs, ours)
        function = history(theirs)
        if function is None:
            ours._node, ours._port = None, 0
            if ours.requires_grad != theirs.requires_grad and not is_lost(theirs):
                ours._flag = theirs.requires_grad
        else:
            ours._node, ours._port = self.node(function), theirs.output_nr
            if theirs.retains_grad:
                ours.extras().retains = True
                ours._node.watched().retains[ours._port] = weakref.ref(ours)
        self.take_gradient(theirs, ours)

    def version(self, theirs: Any, ours: Tensor) -> int:
        """Return how often the memory of a tensor was edited in place."""
        return version(theirs)

    def take_gradient(self, theirs: Any, ours: Tensor) -> None:
        """Take over the gradient that is stored."""
        gradient = stored(theirs)
        if gradient is not None or ours._grad is not None:
            ours._grad = None if gradient is None else self.tensor(gradient)

    def adopt(self, tensors: Iterable[Any]) -> list[Any]:
        """Return what stands for PyTorch's tensors among some; ours stand for themselves."""
        return [self.tensor(tensor) if is_foreign(tensor) else tensor for tensor in tensors]

    def named(self, *spaces: Mapping[str, Any]) -> Iterator[tuple[str, Tensor]]:
        """Go through what namespaces name of all that something stands for."""
        for name, theirs in named(*spaces, wanted=is_foreign, gradient=stored):
            function = history(theirs)
            if self.known(theirs) is not None or (function is not None and self.known_node(function) is not None):
                yield name, self.tensor(theirs)

    def owners(self, paths: Mapping[int, str]) -> dict[int, str]:
        """Return by key of ours what is known of tensors of theirs by their `id`: the modules that they belong to."""
        return {key_of(ours): paths[theirs] for theirs, (_, ours) in self._tensors.items() if theirs in paths}

    def ours(self, thing: Any) -> Any:
        """Return what stands here for a tensor or node of theirs, or the thing itself where nothing does."""
        found = self._tensors.get(id(thing)) or self._nodes.get(id(thing))
        return thing if found is None else found[1]

    # -------------------------------------------------------------------------------------------------------- nodes

    def node(self, function: Any) -> Node:
        """Return what stands for a node of theirs, after all that lies behind it."""
        for each in self.unseen(function):
            self.keep_node(each, self._copied(each))
        node = self.known_node(function)
        assert node is not None
        return node

    def unseen(self, function: Any) -> Iterator[Any]:
        """Go through the nodes behind one that nothing stands for yet, inputs first; without recursion."""
        pending: list[tuple[Any, bool]] = [(function, False)]
        seen: dict[int, Any] = {}
        while pending:
            each, ready = pending.pop()
            if ready:
                yield each
            elif id(each) not in seen and self.known_node(each) is None:
                seen[id(each)] = each  # alive, so that no other takes its id
                pending.append((each, True))
                behind = [source for source, _ in each.next_functions if source is not None]
                pending += [(source, False) for source in reversed(behind)]

    def _copied(self, function: Any) -> Node:
        variable = getattr(function, "variable", None)
        if variable is not None and is_foreign(variable):
            return self._accumulator(variable)
        op = operation(function)
        places = range(len(function.next_functions)) if op.many else slots(op)
        count = len(places) if op.many else len(op.inputs)
        sources: list[Node | None] = [None] * count
        ports = [0] * count
        for place, (source, port) in zip(places, function.next_functions, strict=True):
            if source is not None:
                sources[place], ports[place] = self.known_node(source), port
                several(sources[place], port)
        wants = sum(1 << place for place, source in enumerate(sources) if source is not None)
        plan = op.plan(wants, count)
        node: Node = begin(node_class(op, plan)(), tuple(sources), ())
        if any(ports):
            node.rarities().ports = tuple(ports)
        keep(node, function)
        node.constants = tuple(self._constants(node, function))
        return node

    def _accumulator(self, theirs: Any) -> Node:
        leaf = self.tensor(theirs)
        node = AccumulateGrad(leaf)
        leaf.extras().accumulator = weakref.ref(node)
        leaf._flag = leaf._flag
        return node

    def _constants(self, node: Node, function: Any) -> Iterator[Any]:
        """Find the inputs without gradient; of those that nobody saved nothing is known."""
        for name, source in zip(node.op.inputs, node.edges, strict=False):
            found = None
            if source is None and not node.op.many and node.saved is not None:
                found = attempt(function, name)
            yield self._constant(found) if is_foreign(found) else found

    def _constant(self, theirs: Any) -> Any:
        """Return a saved constant; a Python number is saved as a tensor of the widest kind."""
        if theirs.ndim == 0 and str(theirs.dtype) in ("torch.int64", "torch.float64"):
            return theirs.item()
        return self.tensor(theirs)


def history(theirs: Any) -> Any:
    """Return the node that made a tensor; None where it cannot be told, as for some views that were edited."""
    try:
        return theirs.grad_fn
    except RuntimeError:
        return None


def is_lost(theirs: Any) -> bool:
    """Whether a tensor is a view whose history cannot be told any more."""
    try:
        return not theirs.is_leaf and theirs.grad_fn is None
    except RuntimeError:
        return True


def version(theirs: Any) -> int:
    """Return how often the memory of a tensor was edited in place."""
    return 0 if theirs.is_inference() else int(theirs._version)


def several(node: Node | None, port: int) -> None:
    """Note that a node has at least so many outputs."""
    if node is not None and port:
        have = node.outputs or ()
        node.rarities().outputs = have + (((), None),) * (port + 1 - len(have))  # type: ignore[operator]


def attempt(function: Any, name: str) -> Any:
    """Return what a node saved under a name; None if that is not to be had any more."""
    try:
        return spelled(function, name)
    except RuntimeError:
        return None


def keep(node: Node, function: Any) -> None:
    """Take over what a node saved: the numbers and their versions, or that it was freed."""
    values: list[Any] = []
    versions: list[Any] = []
    for name in node.plan.saves:
        is_tensor = name in node.op.inputs or name == "out"
        try:
            value = spelled(function, name) if is_tensor else remembered(function, node.op, name)
        except RuntimeError as error:
            told = VERSIONS.search(str(error))
            if told is None:
                node.saved, node.rarities().left = None, settings_left(node, function)
                return
            values.append(None)
            versions += [[int(told[1])], int(told[2])]
            continue
        values.append(numbers(value) if is_foreign(value) else value)
        if is_tensor:
            saved = version(value) if is_foreign(value) else 0
            versions += [[saved], saved]
    node.saved = (*values, *versions)


def remembered(function: Any, op: Primitive, name: str) -> Any:
    """Return a setting, or the shape of an input."""
    return setting(function, name) if name in op.settings else attempt(function, "self_sym_sizes") or ()


def settings_left(node: Node, function: Any) -> tuple[Any, ...]:
    """Return of what a freed node saved the settings, which stay."""
    return tuple(attempt_setting(function, name) if name in node.op.settings else None for name in node.plan.saves)


def attempt_setting(function: Any, name: str) -> Any:
    """Return a setting; None if it was freed with the rest."""
    try:
        return setting(function, name)
    except RuntimeError:
        return None
