"""What the recorded graph consists of, and what one can attach to it, under the names of `torch.autograd.graph`.

`saved_tensors_hooks` decides how tensors are kept for backward: on another device, in a file, or only as a note of how
to compute them again. A `GradientEdge` names the place where a gradient arrives without keeping the tensor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import Any, ClassVar, NamedTuple

from autovis import engine
from autovis.device import CPU
from autovis.graph import AccumulateGrad, Node
from autovis.hooks import RemovableHandle
from autovis.modes import Pair, recording, switched
from autovis.tensor import Tensor

__all__ = [
    "GradientEdge",
    "Node",
    "disable_saved_tensors_hooks",
    "get_gradient_edge",
    "increment_version",
    "register_multi_grad_hook",
    "save_on_cpu",
    "saved_tensors_hooks",
]

refusal: ContextVar[str | None] = ContextVar("refusal", default=None)


class saved_tensors_hooks:  # noqa: N801, PyTorch's name
    """Within the block, keep `pack(tensor)` for backward instead of the tensor, and get it back by `unpack`.

    The innermost block counts. What `pack` returns must not be the tensor itself where that is a result of the
    operation: the two would hold each other.

    Args:
        pack_hook: given every tensor that an operation saves.
        unpack_hook: given what the other returned, whenever the tensor is needed; returns a tensor.

    Raises:
        RuntimeError: if a `disable_saved_tensors_hooks` is around.
    """

    def __init__(self, pack_hook: Callable[[Any], Any], unpack_hook: Callable[[Any], Any]) -> None:
        self.pack_hook = pack_hook
        self.unpack_hook = unpack_hook
        self._before: list[Pair | None] = []

    def __enter__(self) -> None:
        refused = refusal.get()
        if refused is not None:
            raise RuntimeError(refused)
        self._before.append(recording.get().packing)
        recording.set(switched(packing=(self.pack_hook, self.unpack_hook)))

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        recording.set(switched(packing=self._before.pop()))


class save_on_cpu(saved_tensors_hooks):  # noqa: N801, PyTorch's name
    """Within the block, keep saved tensors in the memory of the processor, and bring them back for backward.

    Args:
        pin_memory: accepted.
        device_type: accepted.
    """

    def __init__(self, pin_memory: bool = False, device_type: str = "cuda") -> None:
        super().__init__(lambda x: (x.device, x.cpu()), lambda packed: packed[1].to(packed[0]))


@contextmanager
def disable_saved_tensors_hooks(error_message: str) -> Iterator[None]:
    """Within the block, refuse `saved_tensors_hooks`, in these words.

    Raises:
        RuntimeError: if there are some already.
    """
    before = refusal.set(error_message)
    try:
        if recording.get().packing is not None:
            raise RuntimeError(error_message)
        yield
    finally:
        refusal.reset(before)


def increment_version(tensor: Any) -> None:
    """Say that the memory of a tensor, or of several, was edited behind autograd's back."""
    tensors = (tensor,) if isinstance(tensor, Tensor) else tensor
    if not isinstance(tensors, Iterable):
        raise RuntimeError("increment_version expect a Iterable[Tensor] as input")
    for x in tensors:
        x._counter[0] += 1


# ----------------------------------------------------------------------------------------------------------- places


class _Edge(NamedTuple):
    node: Node
    output_nr: int
    ownership_token: Node | None = None


class GradientEdge(_Edge):
    """A place where a gradient arrives; `backward` and `grad` take it for a tensor.

    Attributes:
        node: where it arrives.
        output_nr: which output of the node it belongs to.
        ownership_token: None; the node itself keeps the graph.
        shape: shape of the gradient, where it is known.
        dtype: its kind.
        device: where it is.
    """

    shape: Any = None
    dtype: Any = None
    device: Any = CPU
    requires_grad: ClassVar[bool] = True
    retains_grad: ClassVar[bool] = False
    wrap = staticmethod(Tensor.wrap)
    like = staticmethod(Tensor.from_numbers)

    @property
    def grad_fn(self) -> Node | None:
        """The node, unless it is the accumulator of a leaf."""
        return None if isinstance(self.node, AccumulateGrad) else self.node

    def gradient_edge(self) -> Node:
        """Return the node.

        Raises:
            RuntimeError: if it is none.
        """
        if not isinstance(self.node, Node):
            kind = type(self.node).__name__
            raise RuntimeError(f"GradientEdge's first object must be an autograd.graph.Node but got {kind}")
        return self.node

    def accumulate(self, g: Any, *, owned: bool) -> None:
        """Add a gradient to the `.grad` of a leaf; there is no place for one elsewhere."""
        if isinstance(self.node, AccumulateGrad):
            self.node.variable.accumulate(g, owned=owned)

    def retain_grad(self) -> None:
        """Nothing is kept here."""


def get_gradient_edge(tensor: Any) -> GradientEdge:
    """Return the place where the gradient of a tensor arrives.

    Raises:
        RuntimeError: if none does.
    """
    if not tensor.requires_grad:
        raise RuntimeError("It is not possible to get the gradient edge for a Tensor that does not require gradients")
    edge = GradientEdge(tensor.gradient_edge(), tensor.output_nr)
    edge.shape, edge.dtype, edge.device = tensor.shape, tensor.dtype, tensor.device
    return edge


# ------------------------------------------------------------------------------------------------- several gradients


class Handles(RemovableHandle):
    """Several handles in one."""

    __slots__ = ("handles",)

    def __init__(self, handles: Sequence[RemovableHandle]) -> None:
        self.handles = tuple(handles)

    def remove(self) -> None:
        """Take all the hooks away."""
        for handle in self.handles:
            handle.remove()


def reaches(running: engine.Pass, node: Node) -> bool:
    """Whether a backward pass comes to a node."""
    return node.mark == running.mark and (running.targets is None or node.needed)


class Waiting:
    """Calls a function when the gradients of several tensors have arrived in one backward pass.

    Args:
        nodes: where they arrive.
        function: given a list with None for tensors that the pass does not reach.
    """

    def __init__(self, nodes: Sequence[Node], function: Callable[[list[Any]], Any]) -> None:
        self.nodes = nodes
        self.function = function
        self.came: dict[Any, dict[int, Any]] = {}

    def hook(self, place: int) -> Callable[[Any], None]:
        """Return the hook of one of the tensors."""

        def run(g: Any) -> None:
            running = engine.running[-1]
            found = self.came.setdefault(running, {})
            found[place] = g
            if len(found) == sum(reaches(running, node) for node in self.nodes):
                del self.came[running]
                self.function([found.get(at) for at in range(len(self.nodes))])

        return run


def register_multi_grad_hook(tensors: Sequence[Any], fn: Callable[..., Any], *, mode: str = "all") -> RemovableHandle:
    """Call a hook once in a backward pass, for several tensors together.

    Args:
        tensors: whose gradients are waited for.
        fn: for `all` given a list of the gradients, None for a tensor that the pass does not reach, when the last one
            has arrived; for `any` the first one that arrives.
        mode: `all` or `any`.

    Raises:
        ValueError: if the mode is neither.
    """
    if mode not in ("all", "any"):
        raise ValueError(f"Expects mode to be one of ('all', 'any') but got {mode}")
    if mode == "any":
        seen: list[Any] = [None]

        def first(g: Any) -> None:
            if seen[0] is not engine.running[-1]:
                seen[0] = engine.running[-1]
                fn(g)

        return Handles([x.register_hook(first) for x in tensors if x.requires_grad])
    if not all(x.requires_grad for x in tensors):
        raise AssertionError("Expected gradient function to be set")
    waiting = Waiting([x.gradient_edge() for x in tensors], fn)
    return Handles([x.register_hook(waiting.hook(place)) for place, x in enumerate(tensors)])
