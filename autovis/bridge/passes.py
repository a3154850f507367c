"""A backward pass of PyTorch's, told to a tape as hooks see it.

Before a node runs its pre-hook sees what arrives, complete and after all tensor hooks; after it ran its hook sees what
it sends. All else follows: a pass begins with the first of them, a hook changed what differs from the sum of what was
sent, and a node that began and did not end is the one that failed.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from autovis import engine
from autovis.bridge.care import careful
from autovis.bridge.foreign import is_foreign, numbers, stored, torch
from autovis.bridge.run import Asked, Goal, Run
from autovis.bridge.twins import Link, Twins
from autovis.bridge.words import slots
from autovis.graph import AccumulateGrad, Node
from autovis.tensor import Tensor

__all__ = ["Passes"]


class Passes:
    """Tells a tape of PyTorch's backward passes.

    Args:
        twins: who stands for whom.
        tape: to be told.
    """

    def __init__(self, twins: Twins, tape: Any) -> None:
        self.twins = twins
        self.tape = tape
        self.handles: list[Any] = []
        self.running: list[Run] = []

    def watch(self, function: Any, link: Link) -> None:
        """Put hooks on a node."""
        self.handles.append(function.register_prehook(lambda came: self._before(link, came)))
        self.handles.append(function.register_hook(lambda sent, came: self._after(link, sent, came)))

    def end(self) -> None:
        """Take all hooks away."""
        for handle in self.handles:
            handle.remove()
        self.handles.clear()

    # -------------------------------------------------------------------------------------------------------- a pass

    def run(self, function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """Run a pass of PyTorch's and tell of it."""
        run: Run | None = self._prepared(function, args, kwargs)
        if run is None:
            return function(*args, **kwargs)
        self.running.append(run)
        engine.running.append(run)  # type: ignore[arg-type]
        try:
            result = function(*args, **kwargs)
            self._completed(run, result)
        except Exception as error:
            self._failed(run, error)
            raise
        finally:
            self.running.pop()
            engine.running.remove(run)  # type: ignore[arg-type]
            if run.begun:
                self.tape.ended()
        self._hand_back(run, result)
        return result

    @careful
    def _prepared(self, function: Callable[..., Any], args: Any, kwargs: Any) -> Run | None:
        """Say what a call asks for; None where it cannot be followed, or is none that PyTorch accepts."""
        try:
            asked = Asked(function, args, kwargs)
        except TypeError:
            return None
        if not asked.plain:
            return None
        alive = [torch().autograd.graph.get_gradient_edge(x).node for x in asked.everything if x.requires_grad]
        seeds: list[tuple[Tensor, Goal, Any]] = []
        for root, g in zip(asked.roots, asked.gradients, strict=False):
            if root.requires_grad:
                ours = self.twins.tensor(root)
                start = np.ones(tuple(root.shape), ours._data.dtype)
                start = start if g is None else numbers(g).astype(start.dtype)
                seeds.append((ours, (self._edge(root), ours._port), start))
        targets = None
        if asked.targets is not None:
            targets = [(self._edge(x), self.twins.tensor(x)._port) for x in asked.targets if x.requires_grad]
        return Run(asked, seeds, targets, alive)

    @careful
    def _completed(self, run: Run, result: Any) -> None:
        """Tell what no hook of a node saw: a pass in which none ran, and hooks on what was handed back at once."""
        if not run.begun:
            self._begin(run)
        for goal, g in zip(run.targets or (), () if run.store else result, strict=False):
            if g is not None and goal[0] not in run.visited:
                self._compare(run, *goal, g)

    @careful
    def _failed(self, run: Run, error: Exception) -> None:
        """Tell at which node a pass failed; of one that came to its end, what it had found."""
        failing = run.at or run.next_node()
        if run.begun and failing is not None:
            self.tape.failed(failing, error)
        elif run.begun and not run.store:
            self._return(run, [run.sums.get(goal) for goal in run.targets or ()])

    @careful
    def _hand_back(self, run: Run, result: Any) -> None:
        """Tell what became of the gradients that were asked for."""
        if not run.store:
            self._return(run, [None if g is None else self.twins.tensor(g) for g in result])
            return
        for theirs in run.asked.targets or ():
            if theirs.grad_fn is not None:
                self.tape.returned(self.twins.tensor(theirs), None, True)

    def _return(self, run: Run, gradients: list[Any]) -> None:
        """Tell which gradients are handed back."""
        for theirs, g in zip(run.asked.targets or (), gradients, strict=True):
            self.tape.returned(self.twins.tensor(theirs), g, False)

    def _edge(self, theirs: Any) -> Node:
        """Return the twin of the node at which the gradient of a tensor arrives."""
        self.twins.tensor(theirs)
        return self.twins.node(torch().autograd.graph.get_gradient_edge(theirs).node)

    def _begin(self, run: Run) -> None:
        """Tell where a pass begins; from now on what it stores in intermediates is kept."""
        run.begun = True
        for x in run.asked.targets or () if run.store else ():
            self.twins.tensor(x).retain_grad()
        for root, (node, port), g in run.seeds:
            self.tape.seeded(run, root, node, g)
            run.add((node, port), g)

    # ------------------------------------------------------------------------------------------------------ the hooks

    @careful
    def _before(self, link: Link, came: Sequence[Any]) -> None:
        """See what arrives at a node."""
        node = link.node
        if node is None or not self.running:
            return
        run = self.running[-1]
        if not run.begun:
            self._begin(run)
        run.at = node
        run.visited.add(node)
        for port, part in enumerate(came):
            self._compare(run, node, port, part)
            self._retain(run, node, port, part)
        if isinstance(node, AccumulateGrad):
            theirs = self.twins.theirs(node.variable)
            gradient = None if theirs is None else stored(theirs)
            before = None if gradient is None else self.tape.noted(numbers(gradient))
            run.note = before, came[0]

    @careful
    def hooked(self, theirs: Any, hook: Callable[[Any], Any]) -> tuple[Any, Callable[[Any], Any]]:
        """Return a tensor and its hook, which tells what it does while the tape runs; it stays with what made it."""
        tensor, port = weakref.ref(theirs), theirs.output_nr
        link = None if theirs.grad_fn is None else self.twins.link(theirs.grad_fn)

        @wraps(hook, assigned=("__name__", "__qualname__", "__doc__", "__module__"))
        def run(g: Any) -> Any:
            answer = hook(g)
            leaf = tensor()
            if self.running and link is not None and link.node is not None:
                self._hook_ran(link.node, port, g, answer)
            elif self.running and link is None and leaf is not None:
                self._hook_ran(self._edge(leaf), port, g, answer)
            return answer

        return theirs, run

    @careful
    def grown(self, theirs: Any, hook: Callable[[Any], Any]) -> tuple[Any, Callable[[Any], Any]]:
        """The same for a hook that is told when the `.grad` of a leaf has grown."""

        @wraps(hook, assigned=("__name__", "__qualname__", "__doc__", "__module__"))
        def run(leaf: Any) -> Any:
            self._grow(leaf)
            answer = hook(leaf)
            self._saw_grown(leaf)
            return answer

        return theirs, run

    @careful
    def _grow(self, theirs: Any) -> None:
        """Tell that a `.grad` grew, before the hooks that hear of it."""
        leaf = self.twins.known(theirs)
        if self.running and leaf is not None and self.running[-1].note is not None:
            self._accumulated(self.running[-1], leaf)

    @careful
    def _saw_grown(self, theirs: Any) -> None:
        """Tell that a hook heard of it."""
        leaf = self.twins.known(theirs)
        if self.running and leaf is not None and leaf._grad is not None:
            self.twins.take_gradient(theirs, leaf)
            self.tape.hook_ran(self._edge(theirs), None, leaf._grad, "post")

    @careful
    def _hook_ran(self, node: Node, port: int, g: Any, answer: Any) -> None:
        """Tell what a hook on a tensor saw and left."""
        run = self.running[-1]
        if not run.begun:
            self._begin(run)
        before = numbers(g)
        after = numbers(answer) if is_foreign(answer) else before
        self._compare(run, node, port, g)
        self.tape.hook_ran(node, before, after, port=port)
        run.sums[node, port] = after

    def _compare(self, run: Run, node: Node, port: int, part: Any) -> None:
        """Tell that a hook changed a gradient, if it is another than what was sent."""
        sent = run.sums.get((node, port))
        if part is None or sent is None:
            return
        here = numbers(part)
        if not np.allclose(sent, here, 1e-6, 0, equal_nan=True):
            self.tape.hook_ran(node, sent, here, port=port)
            run.sums[node, port] = here

    def _retain(self, run: Run, node: Node, port: int, part: Any) -> None:
        """Tell that an intermediate keeps its gradient."""
        kept = node.watch.retains.get(port) if node.watch is not None else None
        ours = None if kept is None else kept()
        theirs = None if ours is None else self.twins.theirs(ours)
        if ours is None or theirs is None or part is None:
            return
        if (node, port) not in (run.targets or ()):
            self.tape.retained(node, numbers(part))
        self.twins.take_gradient(theirs, ours)

    @careful
    def _after(self, link: Link, sent: Sequence[Any], came: Sequence[Any]) -> None:
        """See what a node sends."""
        node = link.node
        if node is None or not self.running:
            return
        run = self.running[-1]
        run.at = None
        if isinstance(node, AccumulateGrad):
            self._accumulated(run, node.variable)
            return
        self._discover(run, sent)
        note = self._pulled(run, node, came)
        places: Iterable[int] = range(len(sent)) if node.op.many else slots(node.op)
        for slot, part in zip(places, sent, strict=True):
            edge, port = node.edges[slot], node.ports[slot] if node.ports else 0
            if edge is None or not run.passes(edge):
                continue
            run.waiting[edge] -= 1
            here = None if part is None else numbers(part)
            if here is not None:
                run.add((edge, port), here)
            if note is not None:
                note += slot, edge.number, port, run.waiting[edge], self.tape.noted(here)
        if not run.keep:
            node.free()

    def _pulled(self, run: Run, node: Node, came: Sequence[Any]) -> list[Any] | None:
        """Begin the note of what a node does; a node that nothing arrived at does nothing."""
        arrived = [None if part is None else numbers(part) for part in came]
        if all(part is None for part in arrived):
            return None
        several = node.outputs is not None
        like = next(part for part in arrived if part is not None)
        shapes = [shape for shape, _ in node.outputs or ()]
        filled = tuple(
            np.zeros(shapes[port] if port < len(shapes) else (), like.dtype) if part is None else part
            for port, part in enumerate(arrived)
        )
        frees = not run.keep and node.plan.frees
        note: list[Any] = self.tape.pulling(run, node, filled if several else filled[0], frees=frees)
        return note

    def _discover(self, run: Run, sent: Sequence[Any]) -> None:
        """Take down what the pass itself records (`create_graph`)."""
        functions = [part.grad_fn for part in sent if part is not None and part.grad_fn is not None]
        nodes = [self.twins.node(function) for function in functions]
        if nodes:
            self.tape.found(nodes, run.place)

    def _accumulated(self, run: Run, leaf: Any) -> None:
        """Tell that the `.grad` of a leaf grew, unless that was told already."""
        theirs = self.twins.theirs(leaf)
        (before, g), run.note = run.note or (None, None), None
        if g is None or theirs is None or not theirs.requires_grad:
            return
        self.tape.stepping()
        self.twins.take_gradient(theirs, leaf)
        self.tape.accumulated(leaf, before, numbers(g))
