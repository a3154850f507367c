"""Why something raised: errors by their sentence, the tensor and the operation that they are about, and the picture.

The sentences are PyTorch's, so the table serves both; what a sentence does not say (which variable, which line) is
read from the running statement, from the graph, and from the last recording.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import TracebackType
from typing import Any

from autovis.diagnosis.gradients import Case
from autovis.diagnosis.witness import Witness
from autovis.digest import Position
from autovis.tape import Tape
from autovis.viz import evidence
from autovis.viz.reasons import Reason, reason, say
from autovis.viz.source import running

__all__ = ["SIGNS", "key_of_error", "last_error", "why_raised"]

# A part of the sentence -> the reason; the first that fits.
SIGNS = {
    "does not require grad and does not have a grad_fn": "element_zero",
    "grad can be implicitly created only for scalar outputs": "scalar_only",
    "backward through the graph a second time": "freed",
    "has been modified by an inplace operation": "stale",
    "a leaf Variable that requires grad": "leaf_in_place",
    "modified inplace": "view_in_place",
    "to a single memory location": "shared_memory",
    "requires_grad flags of leaf variables": "flag_of_non_leaf",
    "dtype can require gradients": "flag_of_integers",
    "is not writable": "read_only",
    "can't retain_grad on Tensor": "retain_without_flag",
    "is not implemented": "not_differentiable",
    "Mismatch in shape: grad_output": "gradient_shape",
    "returned an invalid gradient at index": "returned_shape",
    "returned an incorrect number of gradients": "returned_count",
    "returned a gradient different than None": "returned_for_number",
    "attempting to assign a gradient": "assigned_grad",
    "assigned grad": "assigned_grad",
    "assign Variable as its own grad": "assigned_grad",
    "detach views in-place": "detach_view",
    "support the deepcopy protocol": "copy_of_non_leaf",
    "appears to not have been used in the graph": "not_used",
    "differentiated Tensors does not require grad": "input_without_flag",
    "`inputs` argument to": "no_inputs",
    "gradients can be either Tensors or None": "seed_kind",
    "Legacy autograd function": "old_function",
    "An input that has been returned as-is": "function_context",
    "marked as dirty": "function_context",
    "modifies inplace an input that is a view": "function_context",
    "marked with @once_differentiable": "twice_once",
    "nference tensor": "inference",
    "pack hook is modifying": "packing",
    "Can't call numpy() on Tensor": "numpy_of_tracked",
    "on the same device": "devices",
    "expected device": "devices",
    "but hook returned": "hook_result",
    "hook '": "hook_result",
    "hooks should return None": "hook_result",
    "can't replace a None gradient": "hook_result",
    "cannot register a hook": "hook_without_flag",
    "hooks cannot be registered on non-leaf": "hook_of_non_leaf",
    "can't optimize a non-leaf": "optimizer_non_leaf",
    "optimizer can only optimize": "optimizer_no_tensor",
    "optimizer got an empty parameter list": "optimizer_no_tensor",
    "params argument given to the optimizer": "optimizer_no_tensor",
    "arguments don't support automatic differentiation": "out_argument",
    "returned nan values": "not_a_number",
}

VERSIONS = re.compile(r"is at version (\d+); expected version (\d+)")
OURS = ("autovis", "torch")


def key_of_error(error: BaseException) -> str:
    """Return the key of the reason why something raised; `error` for what has nothing to do with autograd."""
    sentence = str(error)
    return next((key for sign, key in SIGNS.items() if sign in sentence), "error")


def last_error() -> BaseException:
    """Return the error that is being handled, else the last one that the interpreter or the notebook showed.

    Raises:
        ValueError: if there was none.
    """
    for found in (sys.exception(), getattr(sys, "last_exc", None), getattr(sys, "last_value", None)):
        if isinstance(found, BaseException):
            return found
    raise ValueError(
        "Nothing has raised yet, so why() has no error to explain. Ask about a tensor: why(w), or why(w, loss)."
    )


def why_raised(error: BaseException) -> Reason:
    """Return what was the matter, with the picture of the tensors in the running statement."""
    key = key_of_error(error)
    scene = Scene(error)
    if key == "error":
        return stranger(error)
    return SPECIAL.get(key, plain)(key, scene)


def stranger(error: BaseException) -> Reason:
    """Explain an error that has nothing to do with autograd as far as it explains itself."""
    notes = " ".join(getattr(error, "__notes__", ()))
    sentence = str(error).split("\n")[0]
    return Reason("error", say("raised_error", kind=type(error).__name__, error=sentence), notes)


class Scene:
    """Where an error was raised, and what stood there.

    Args:
        error: it.

    Attributes:
        frame: of the user's code; None if there is none.
        tensors: those that the running statement names, what is acted on first.
    """

    def __init__(self, error: BaseException) -> None:
        self.error = error
        trace = users(error.__traceback__)
        self.frame = None if trace is None else trace.tb_frame
        self.tensors: list[Any] = []
        if trace is not None:
            node = running(Position(trace.tb_frame.f_code, trace.tb_lasti, trace.tb_lineno))
            self.tensors = list(tensors_in(node, trace.tb_frame.f_globals | trace.tb_frame.f_locals))

    def case(self, *, of: Callable[[Any], bool] = lambda tensor: True) -> Case | None:
        """Return the tensor that it is about, of those that pass a test, to be looked at; None if none is known."""
        found = evidence.first(of, self.tensors)
        return None if found is None or self.frame is None else Case(found, found, self.frame)


def users(trace: TracebackType | None) -> TracebackType | None:
    """Return the innermost part of a traceback that is the user's code."""
    found = None
    while trace is not None:
        if trace.tb_frame.f_globals.get("__name__", "").partition(".")[0] not in OURS:
            found = trace
        trace = trace.tb_next
    return found


def tensors_in(node: Any, names: dict[str, Any]) -> Iterator[Any]:
    """Go through the tensors that an expression names, outermost and leftmost first: `loss` in `loss.backward(v)`."""
    pending = [] if node is None else [node]
    for each in pending:  # grows while it is read
        found = looked_up(each, names)
        if evidence.is_tensor(found):
            yield found
        else:
            pending.extend(ast.iter_child_nodes(each))


def looked_up(node: Any, names: dict[str, Any]) -> Any:
    """Return what `w`, `net.weight` or `ws[0]` is, without calling anything of the user's."""
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.Attribute) and node.attr not in ("grad", "data"):
        owner = looked_up(node.value, names)
        found = getattr(owner, "__dict__", {})
        return found.get("_parameters", {}).get(node.attr, found.get(node.attr))
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        owner = looked_up(node.value, names)
        return owner[node.slice.value] if type(owner) in (list, tuple, dict) else None
    return None


# ------------------------------------------------------------------------------------------------- kinds of mishaps


def told(key: str, case: Case | None, guilty: str | None = None, **words: str) -> Reason:
    """Answer with the sentences of a key about a tensor, as far as one is known."""
    if case is not None:
        return case.because(f"raised_{key}", guilty, **words)
    unknown = {"name": say("this_tensor"), "op": say("an_operation"), "where": "", "dtype": ""}
    return reason(f"raised_{key}", unknown | words)


def plain(key: str, scene: Scene) -> Reason:
    """The first tensor of the statement that fits is what it is about."""
    case = scene.case(of=ABOUT.get(key, lambda tensor: True))
    if case is None:
        return told(key, case)
    tensor = case.tensor
    maker = case.operation(tensor.grad_fn) if tensor.grad_fn is not None else say("an_operation")
    return told(key, case, op=maker, dtype=str(tensor.dtype).removeprefix("torch."), where="")


def without_history(key: str, scene: Scene) -> Reason:
    """A tensor that asks for nothing: say where its history ends, where that is known."""
    case = scene.case(of=lambda tensor: not tensor.requires_grad)
    if case is None or case.sketch is None or case.ways is None:
        return told(key, case)
    kind, maker = case.ways.made(case.sketch.find(case.tensor))
    source = evidence.twin(case.tensor, case.named.values())
    if kind in ("cut", "no_grad", "no_derivative"):
        return told(key, case, maker, where=case.ended(kind, maker))
    return told(key, case, where="" if source is None else say("at_cut", op=f"{case.name(source)}.detach()"))


def not_used(key: str, scene: Scene) -> Reason:
    """A tensor to which the result, which stands first, does not lead."""
    way = evidence.behind(scene.tensors[0]) if scene.tensors else []
    return told(key, scene.case(of=lambda tensor: not evidence.leads_to(way, tensor)))


def walked_twice(key: str, scene: Scene) -> Reason:
    """The first node on the way whose saved values are gone."""
    case = scene.case(of=lambda tensor: tensor.grad_fn is not None)
    node = None if case is None else failing(case, "freed")
    if case is None or node is None:
        return told(key, case, op=say("an_operation"))
    place = case.sketch.find(node) if case.sketch is not None else ""
    return told(key, case, place, op=case.operation(node))


def damaged(key: str, scene: Scene) -> Reason:
    """The node whose saved value was edited: which variable, and in which lines it was saved and edited."""
    case = scene.case(of=lambda tensor: tensor.grad_fn is not None)
    version, expected = VERSIONS.findall(str(scene.error))[0] if VERSIONS.search(str(scene.error)) else ("?", "?")
    node = None if case is None else failing(case, "stale")
    words = {"version": version, "expected": expected, "saved": "", "changed": "", "op": say("an_operation")}
    if case is None or node is None:
        return told(key, case, **words)
    name, edited = victim(case, node, int(version))
    witness = Witness(Tape.last, case.tensor if edited is None else edited, [case.tensor])
    words |= {"op": case.operation(node), "name": name or say("its_value")}
    words |= {"saved": witness.recorded(node), "changed": witness.edited(int(version))}
    answer = told(key, case, case.sketch.find(node) if case.sketch is not None else "", **words)
    return replace(answer, unknown="") if words["changed"] else answer


def failing(case: Case, state: str) -> Any:
    """Return the node at which a pass stops because of what it saved: the newest of that state."""
    found = [node for node, each in evidence.states(case.nodes).items() if each == state]
    return max(found, key=age, default=None)


def age(node: Any) -> int:
    """Return when a node was made, counted as the system counts."""
    counted = getattr(node, "number", None)
    if counted is None:
        counted = getattr(node, "_sequence_nr", int)()
    return int(counted)


def victim(case: Case, node: Any, version: int) -> tuple[str, Any]:
    """Return the variable at this version that an operation read or made, with its name; nothing if there is none."""
    here = [node, *(edge for edge, _ in node.next_functions)]

    def fits(tensor: Any) -> bool:
        behind = tensor.grad_fn
        near = {behind, *(edge for edge, _ in behind.next_functions)} if behind is not None else set()
        leaf = any(getattr(each, "variable", None) is tensor for each in here)
        return not tensor.is_inference() and tensor._version == version and (leaf or not near.isdisjoint(here))

    return next((pair for pair in case.named.items() if fits(pair[1])), ("", None))


# Which of the tensors in a statement an error is about, where it is not the first.
ABOUT: dict[str, Callable[[Any], bool]] = {
    "scalar_only": lambda tensor: tensor.numel() != 1,
    "leaf_in_place": lambda tensor: tensor.requires_grad,
    "flag_of_non_leaf": lambda tensor: not tensor.is_leaf,
    "flag_of_integers": lambda tensor: not tensor.is_floating_point(),
    "inference": lambda tensor: tensor.is_inference(),
    "numpy_of_tracked": lambda tensor: tensor.requires_grad,
    "hook_without_flag": lambda tensor: not tensor.requires_grad,
    "hook_of_non_leaf": lambda tensor: not tensor.is_leaf,
    "optimizer_non_leaf": lambda tensor: not tensor.is_leaf,
}

SPECIAL: dict[str, Callable[[str, Scene], Reason]] = {
    "element_zero": without_history,
    "retain_without_flag": without_history,
    "input_without_flag": without_history,
    "not_used": not_used,
    "freed": walked_twice,
    "stale": damaged,
}
