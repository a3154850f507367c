"""The backward pass: consumers before producers, newest first, one visit each.

Every node waits until all its users have sent their gradients; what arrives is added up meanwhile (the fan-in). Users
are always newer than what they use, so going through the nodes from the newest to the oldest visits each exactly when
its sum is complete. Leaves are the exception: an accumulator runs as soon as nobody else will send it anything.

Functions that a failing backward passes through set `__tracebackhide__`, so that notebooks show the learner's lines.

At a node: fan-in complete, tensor hooks, retained gradient, node pre-hooks, pull back, node hooks, free.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from operator import attrgetter
from typing import Any

import numpy as np

from autovis import events
from autovis.anomaly import blame, check_numbers
from autovis.graph import AccumulateGrad, Node, Wrap, ancestors, fitted
from autovis.modes import recording

__all__ = ["Pass"]

SMALL = 64  # elements; larger gradients are not told in full
newest_first = attrgetter("number")
marks = count(1)
running: list[Pass] = []


def hook_name(hook: Callable[..., Any]) -> str:
    """Return what an error calls a hook."""
    return getattr(hook, "__name__", "<unknown>")


def set_aside(roots: list[Node]) -> list[tuple[Any, ...]]:
    """Take the notes of the passes that are running off the nodes that a pass inside a hook is about to visit."""
    active = {run.mark for run in running}
    return [
        (node, node.gradient, node.owned, node.waiting, node.mark) for node in ancestors(roots) if node.mark in active
    ]


class Pass:
    """One backward pass over a graph.

    Args:
        wrap: makes a tensor of numbers, for hooks and for recording the pass itself.
        keep: leave the saved values in place (`retain_graph`).
        create: record the pass itself (`create_graph`): gradients are tensors then, else arrays.
        targets: the (node, port) whose gradients are wanted; None: those of all leaves.
        store: whether accumulators write `.grad`, and the nodes of targets run; `autograd.grad` only looks at what
            arrives.
    """

    def __init__(
        self,
        wrap: Wrap,
        *,
        keep: bool = False,
        create: bool = False,
        targets: Sequence[tuple[Node, int]] | None = None,
        store: bool = True,
    ) -> None:
        self.wrap = wrap
        self.keep = keep
        self.pull_wrap = wrap if create else None
        self.targets = None if targets is None else dict.fromkeys(targets)
        self.store = store
        self.tape = events.listener
        self.at: Node | None = None
        self.leaves: list[Node] = []  # the accumulators that can be reached
        self.mark = next(marks)
        self.traces = False  # anomaly mode
        self.place: Any = None  # in the user's program, for the tape
        self.sheet: Any = None
        self.note: Any = None

    def run(self, roots: Sequence[tuple[Node, int, Any]]) -> dict[tuple[Node, int], Any]:
        """Send the gradients of the roots to the leaves.

        Args:
            roots: (node, port, gradient of that output).

        Returns:
            The gradients that arrived at `targets`; empty without targets.

        Raises:
            Exception: whatever a node or a hook raises, unchanged.
        """
        __tracebackhide__ = True
        self.traces = recording.get().traces
        notes = set_aside([node for node, _, _ in roots]) if running else []
        order = self._collect([node for node, _, _ in roots])
        running.append(self)
        try:
            if self.targets is not None:
                self._restrict(order)
            self._start([root for root in roots if self.targets is None or len(roots) == 1 or root[0].needed])
            if self.pull_wrap is None and self.targets is None and not self.traces:
                self._walk(order)
            else:
                self._walk_watched(order)
        except BaseException as error:
            self._clear(order)
            if self.traces and self.at is not None:
                blame(self.at)
            if self.tape is not None:
                self.tape.failed(self.at, error)
            raise
        finally:
            running.pop()
            if self.tape is not None:
                self.tape.ended()
            self.at = None
            for node, *note in notes:
                node.gradient, node.owned, node.waiting, node.mark = note
        if self.keep:
            self._kept(order)
        return {} if self.targets is None else self.targets

    def _kept(self, order: Sequence[Node]) -> None:
        """Mark what ran and kept its values: a picture tells it from what nobody has read yet."""
        for node in order:
            if self.targets is None or node.needed:
                node.mark = -self.mark

    def _start(self, roots: Sequence[tuple[Node, int, Any]]) -> None:
        """Deliver the gradients that start the pass; a leaf that is its own root takes its own at once."""
        for node, port, gradient in roots:
            self._deliver(node, port, gradient)
        for node in {node for node, _, _ in roots}:
            if isinstance(node, AccumulateGrad) and not node.waiting:
                self._leaf(node)

    def _clear(self, order: Sequence[Node]) -> None:
        """Forget what is on its way when the pass fails; a node whose gradient a leaf refused had run already."""
        failed_leaf = self.at if isinstance(self.at, AccumulateGrad) else None
        for node in (*order, *self.leaves):
            node.gradient, node.owned = None, False
            if failed_leaf is not None and not self.keep and failed_leaf in node.edges:
                node.free()

    def _collect(self, roots: Sequence[Node]) -> list[Node]:
        """Find every node that can be reached, newest first, and count how many gradients each will get."""
        order: list[Node] = []
        pending: list[Node] = []
        mark = self.mark
        for root in roots:
            if root.mark != mark:
                root.mark, root.waiting = mark, 0
                root.gradient, root.owned = None, False
                pending.append(root)
        while pending:
            node = pending.pop()
            if type(node) is AccumulateGrad:
                self.leaves.append(node)
                continue
            order.append(node)
            sources = node.sources
            edges: Any = sources if type(sources) is tuple else (sources,)
            for edge in edges:
                if edge is None:
                    continue
                if edge.mark == mark:
                    edge.waiting += 1
                else:
                    edge.mark, edge.waiting = mark, 1
                    edge.gradient, edge.owned = None, False
                    pending.append(edge)
        order.sort(key=newest_first, reverse=True)
        return order

    def _restrict(self, order: Sequence[Node]) -> None:
        """Mark the nodes from which a target can be reached, and count anew along those only."""
        assert self.targets is not None
        wanted = {node for node, _ in self.targets}
        for node in (*self.leaves, *reversed(order)):
            node.needed = node in wanted or any(edge is not None and edge.needed for edge in node.edges)
            node.waiting = 0
        for node in order:
            for edge in node.edges:
                if node.needed and edge is not None and edge.needed:
                    edge.waiting += 1

    def _walk(self, order: Sequence[Node]) -> None:  # noqa: C901, what everything waits for, in one piece
        """Visit the nodes from the newest to the oldest: pull, pass on, free."""
        __tracebackhide__ = True
        free, add, array = not self.keep, np.add, np.ndarray
        tape: Any = self.tape
        note = None
        for node in order:
            g = node.gradient
            if g is None or node.rare is not None or not node.pulls_by_plan:
                self._visit(node)
                continue
            node.gradient = None
            plan, saved, fit = node.plan, node.saved, node.fit
            if tape is not None:
                self.at = node
            if plan.tensors or saved is None:
                n = plan.size
                if (
                    saved is None
                    or saved[n][0] != saved[n + 1]
                    or (len(saved) > n + 2 and (saved[n + 2][0] != saved[n + 3] or len(saved) > n + 4))
                ):
                    saved = node.intact()
            if tape is not None:
                note = tape.walking(self, node)
            sources: Any = node.sources
            for slot, formula, _, only, run in plan.pulls:
                edge = sources[slot] if type(sources) is tuple else sources
                part = formula(g, saved[only]) if only >= 0 else formula(g) if only == -1 else run(g, saved)
                if edge is None:
                    continue
                if fit is not None:
                    part = fitted(part, *fit[slot])
                have = edge.gradient
                if edge.rare is not None:
                    self._deliver(edge, node.ports[slot] if node.ports else 0, part)
                elif have is None:
                    edge.gradient = part
                elif edge.owned:
                    add(have, part, out=have)
                else:
                    have = edge.gradient = have + part
                    edge.owned = type(have) is array
                if note is not None or type(edge) is AccumulateGrad:
                    edge.waiting -= 1
                    if note is not None:
                        note += edge.waiting, part if part is None or part.size <= SMALL else tape.noted(part)
                    if not edge.waiting and type(edge) is AccumulateGrad:
                        del part, have
                        if slot == plan.pulls[-1].slot:
                            g = None  # so that a gradient that is a view of it, as `g.T`, is held by nobody else
                        self._leaf(edge)
            if free and plan.frees:
                if plan.plain:
                    node.saved = None
                else:
                    node.free()

    def _walk_watched(self, order: Sequence[Node]) -> None:
        """The same where the gradients of some tensors are wanted, or the pass itself is recorded."""
        __tracebackhide__ = True
        for node in order:
            if self.targets is None or node.needed or node.gradient is not None:
                self._visit(node)

    def _visit(self, node: Node) -> None:
        """Run one node and pass on what it sends; a node that nothing arrived at sends nothing."""
        __tracebackhide__ = True
        g, node.gradient, node.owned = node.gradient, None, False
        self.at = node
        dry = g is None and not node.takes_nothing
        sent: Sequence[Any] = (None,) * len(node.edges) if dry else self._run(node, g)
        note, self.note = self.note, None
        tape: Any = self.tape
        leaves = []
        for slot, edge in enumerate(node.edges):
            if edge is None or (self.targets is not None and not edge.needed):
                continue
            edge.waiting -= 1
            part = sent[slot]
            if part is not None:
                self._deliver(edge, node.ports[slot] if node.ports else 0, part)
            if note is not None:
                note += slot, edge.number, node.ports[slot] if node.ports else 0, edge.waiting, tape.noted(part)
            if not edge.waiting and type(edge) is AccumulateGrad:
                leaves.append(edge)
        for leaf in leaves:
            self._leaf(leaf)

    def _complete(self, node: Node, gradients: Sequence[Any]) -> tuple[Any, ...]:
        """Fill in zeros for the outputs of a node that nobody used."""
        if not node.fills or all(g is not None for g in gradients):
            return tuple(gradients)
        some = next((g for g in gradients if g is not None), np.zeros(()))
        like = getattr(some, "numbers", some)[...]
        zeros = (np.zeros(shape, kind, like=like) for shape, kind in node.gives())
        fill = zeros if self.pull_wrap is None else (self.pull_wrap(zero, None, 0) for zero in zeros)
        return tuple(zero if g is None else g for g, zero in zip(gradients, fill, strict=True))

    def _run(self, node: Node, g: Any) -> Sequence[Any]:
        """Run one node: hooks, pull, hooks, free."""
        __tracebackhide__ = True
        watch, several = node.watch, node.outputs is not None
        if several:
            g = (None,) * len(node.gives()) if g is None else tuple(g)
        passes = self.targets is None or any(edge is not None and edge.needed for edge in node.edges)
        late = self.store or not passes  # PyTorch looks before the hooks, where more of the graph is wanted
        if not late:
            self._capture(node, g)
        g = g if watch is None else self._seen(node, g)
        if late:
            self._capture(node, g)
        if not passes and not (self.store and node.needed):
            return (None,) * len(node.edges)
        came = g = g if watch is None else self._before(node, g)
        if several or g is None:
            g = self._complete(node, g if several else (g,))
            g = g if several else g[0]
        sent: Sequence[Any] = node.pull(g, self.pull_wrap)
        if watch is not None and watch.after:
            sent = self._after(node, sent, came)
        if self.traces:
            check_numbers(node, sent)
        if self.tape is not None:
            self.note = self.tape.pulling(self, node, g, frees=not self.keep and node.plan.frees)
        if not self.keep and node.plan.frees:
            node.free()
        return sent

    def _deliver(self, node: Node, port: int, g: Any) -> None:
        """Add a gradient to what has arrived at a node so far: the fan-in."""
        if node.outputs is not None:
            if node.gradient is None:
                node.gradient = [None] * len(node.outputs)
            have = node.gradient[port]
            node.gradient[port] = g if have is None else have + g
        elif (have := node.gradient) is None:
            node.gradient = g
        elif node.owned:
            np.add(have, g, out=have)
        else:
            node.gradient = have + g
            node.owned = isinstance(node.gradient, np.ndarray)

    def _leaf(self, leaf: AccumulateGrad) -> None:
        """Let an accumulator run that nobody will send anything more."""
        if leaf.gradient is None:
            return
        g, leaf.gradient = leaf.gradient, None
        owned, leaf.owned = leaf.owned, False
        self.at = leaf
        variable = leaf.variable
        for hook in tuple(variable.gradient_hooks()):
            g = self._hooked(leaf, hook, g)
            owned = False
        self._capture(leaf, g)
        if not self.store or (self.targets is not None and not leaf.needed):
            return
        watch = leaf.watch
        if watch is not None:
            (g,) = self._each(leaf, (g,))
        variable.accumulate(g, owned=owned)
        if watch is not None:
            for after in tuple(watch.after.values()):
                after((), (self._tensor(g),))
                self._tell(leaf, (), (), "node")

    # ------------------------------------------------------------------------------------------------------- hooks

    def _seen(self, node: Node, g: Any) -> Any:
        """Tensor hooks in order, then the gradient to keep."""
        watch = node.watch
        assert watch is not None
        parts = list(g) if node.outputs is not None else [g]
        for port, hooks in watch.tensor_hooks.items():
            for hook in tuple(hooks.values()):
                parts[port] = self._hooked(node, hook, parts[port], port)
        for port, retains in watch.retains.items():
            tensor = retains()
            if tensor is not None and parts[port] is not None:
                if self.tape is not None and (node, port) not in (self.targets or ()):
                    self.tape.retained(node, parts[port])
                tensor.accumulate(parts[port], owned=False)
        return tuple(parts) if node.outputs is not None else parts[0]

    def _before(self, node: Node, g: Any) -> Any:
        """Node pre-hooks."""
        parts = self._each(node, g if node.outputs is not None else (g,))
        return parts if node.outputs is not None else parts[0]

    def _after(self, node: Node, sent: Sequence[Any], g: Any) -> Sequence[Any]:
        watch = node.watch
        assert watch is not None
        parts = g if node.outputs is not None else (g,)
        came = tuple(None if part is None else self._tensor(part) for part in parts)
        given = tuple(None if part is None else self._tensor(part) for part in sent)
        for hook in tuple(watch.after.values()):
            answer = hook(given, came)
            before = given
            if answer is not None:
                given = self._all_valid(hook, answer, given)
            self._tell(node, before, given, "node")
        return [None if part is None else self._plain(part) for part in given]

    def _each(self, node: Node, given: tuple[Any, ...]) -> tuple[Any, ...]:
        """Show gradients to the pre-hooks of a node, as tensors; what they return replaces them."""
        assert node.watch is not None
        shown = tuple(None if g is None else self._tensor(g) for g in given)
        for hook in tuple(node.watch.before.values()):
            answer = hook(shown)
            before = shown
            if answer is not None:
                shown = self._all_valid(hook, answer, shown)
            self._tell(node, before, shown, "pre")
        return tuple(None if part is None else self._plain(part) for part in shown)

    def _tell(self, node: Node, before: tuple[Any, ...], after: tuple[Any, ...], kind: str) -> None:
        """Tell the tape what a hook on a node saw, and what it left."""
        if self.tape is not None:
            self.tape.hook_ran(node, before, after, kind)

    def _hooked(self, node: Node, hook: Callable[[Any], Any], g: Any, port: int = 0) -> Any:
        """Show one gradient to one hook; what it returns replaces it."""
        answer = hook(None if g is None else self._tensor(g))
        if answer is not None and g is None:
            raise RuntimeError("can't replace a None gradient with a non-None value")
        after = g if answer is None else self._plain(self._valid(hook, answer, g))
        if self.tape is not None and g is not None:
            self.tape.hook_ran(node, g, after, port=port)
        return after

    def _all_valid(self, hook: Callable[..., Any], answer: Any, given: tuple[Any, ...]) -> tuple[Any, ...]:
        if not isinstance(answer, tuple):
            raise TypeError(f"expected tuple, but hook returned '{type(answer).__name__}'")
        if len(answer) != len(given):
            counts = f"(got {len(answer)}, but expected {len(given)})"
            raise RuntimeError(f"hook '{hook_name(hook)}' has returned an incorrect number of values {counts}")
        for part, g in zip(answer, given, strict=True):
            if part is not None:
                if g is None:
                    raise RuntimeError("can't replace a None gradient with a non-None value")
                self._valid(hook, part, g)
        return answer

    def _valid(self, hook: Callable[[Any], Any], answer: Any, g: Any) -> Any:
        if not hasattr(answer, "grad_fn"):
            raise TypeError(f"expected Variable, but hook returned '{type(answer).__name__}'")
        if tuple(answer.shape) != tuple(g.shape):
            raise RuntimeError(f"hook '{hook_name(hook)}' has changed the size of value")
        kind = (g if hasattr(g, "grad_fn") else self._tensor(g)).type()
        if answer.type() != kind:
            name = hook_name(hook)
            raise RuntimeError(f"hook '{name}' has changed the type of value (was {kind} got {answer.type()})")
        return answer

    def _tensor(self, g: Any) -> Any:
        return g if self.pull_wrap is not None else self.wrap(g, None, 0)

    def _plain(self, tensor: Any) -> Any:
        return tensor if self.pull_wrap is not None else tensor.numbers

    def _capture(self, node: Node, g: Any) -> None:
        """Note what arrived at a node, if it is wanted; an output that nothing came to has no gradient."""
        if self.targets is None:
            return
        for port, part in enumerate(g if node.outputs is not None else (g,)):
            if (node, port) in self.targets and part is not None:
                self.targets[node, port] = part
