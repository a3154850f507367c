"""Why `.grad` is None, or 0: the checks, in order, each with what it looks at; the first that holds is the answer.

Backward not called, no flag, no leaf, rebound, cut, not reached, cleared, left out. *Backward not called* is an answer
only where calling it would fill `.grad`. Everything is found by looking: at live tensors, at the picture of them, and
at the last recording where there is one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from types import FrameType
from typing import Any

from autovis import records
from autovis.diagnosis.suspects import made_by, suspect
from autovis.diagnosis.witness import Witness, some
from autovis.names import variables
from autovis.tape import Tape
from autovis.viz import evidence, show
from autovis.viz.blame import ITSELF, Ways, marked
from autovis.viz.numerals import text_of
from autovis.viz.reasons import Reason, reason, say
from autovis.viz.snapshot import Sketch

__all__ = ["why_no_gradient"]

SEARCHED = 32  # live tensors of whose pictures one is looked for that the tensor is in
FLAT = frozenset({"Round", "Floor", "Ceil", "Sign", "Trunc", "Heaviside"})  # operations whose derivative is 0


class Case:
    """A tensor whose gradient is asked about, and what can be looked at.

    Args:
        tensor: what is asked about.
        result: of which result; None if not said.
        frame: of the caller.

    Attributes:
        named: the caller's tensors, by name.
        results: the results from which a backward pass would come to the tensor.
    """

    def __init__(self, tensor: Any, result: Any, frame: FrameType) -> None:
        self.tensor, self.frame, self.result = tensor, frame, result
        self.named = evidence.named_tensors(variables(frame))
        self.nodes = [] if result is None else evidence.behind(result)
        self.results = evidence.results_of(tensor, self.named.values()) if result is None else []
        if result is not None and (result is tensor or evidence.leads_to(self.nodes, tensor)):
            self.results = [result]
        elsewhere = self._elsewhere() if result is None and "freed" not in self.states.values() else None
        if elsewhere is not None:
            self.result, self.results = elsewhere, []

    @cached_property
    def witness(self) -> Witness:
        """What the last recording knows of the tensor."""
        return Witness(Tape.last, self.tensor, self.results)

    @cached_property
    def states(self) -> dict[Any, str]:
        """What became of the saved values behind the results."""
        return evidence.states(node for result in self.results for node in evidence.behind(result))

    def _elsewhere(self) -> Any:
        """Find a result whose backward pass has run, and which would lead to the tensor but for a cut."""
        copies = [each for each in self.named.values() if self.source_of(each) is not None]
        for other in self.named.values():
            if other.is_leaf or any(other is result for result in self.results):
                continue
            if "freed" in evidence.states(evidence.behind(other)).values():
                sketch = self.draw(other)
                if sketch is not None and any(map(sketch.find, (self.tensor, *copies))):
                    return other
        return None

    def source_of(self, constant: Any) -> Any:
        """Return what a tensor without history was cut from, if that leads back to the tensor; else None."""
        source = None if constant.requires_grad else evidence.twin(constant, self.named.values())
        return source if source is not None and evidence.leads_to(evidence.behind(source), self.tensor) else None

    @cached_property
    def end(self) -> Any:
        """The result that the answer speaks of: the one asked about, else one that leads to the tensor; may be None."""
        if self.result is not None or self.results:
            return self.result if self.result is not None else self.results[-1]
        return self._beyond()

    def _beyond(self) -> Any:
        """Find a live tensor in whose picture this one is, behind a cut or where nothing was recorded."""
        others = [each for each in self.named.values() if each is not self.tensor]
        for other in list(dict.fromkeys(reversed(others)))[:SEARCHED]:
            sketch = self.draw(other)
            if sketch is not None and sketch.find(self.tensor):
                return other
        return None

    @cached_property
    def sketch(self) -> Sketch | None:
        """The picture with the tensor in it, and the result where there is one; None if it cannot be drawn."""
        whole = None if self.end is None else self.draw(self.end)
        if whole is not None and whole.find(self.tensor):
            return whole
        return self.draw(*([] if self.end is None else [self.end]), self.tensor)

    @cached_property
    def ways(self) -> Ways | None:
        """The ways through the picture."""
        return None if self.sketch is None else Ways(self.sketch.graph)

    def draw(self, *tensors: Any) -> Sketch | None:
        """Draw tensors with the caller's names."""
        try:
            return show.sketched(*tensors, frame=self.frame)
        except TypeError:
            return None

    def name(self, tensor: Any) -> str:
        """Return what the caller calls a tensor; a short word if nothing."""
        return evidence.name_of(tensor, self.named)

    def because(self, key: str, guilty: str | None = None, **words: str) -> Reason:
        """Answer with the sentences of a key, and the picture with the guilty element marked.

        Args:
            key: of the reason.
            guilty: id of the element; the tensor's own unless given.
            **words: what the sentences are filled with, beside `name` and `loss`.
        """
        place = self.sketch.find(self.tensor) if self.sketch is not None and guilty is None else guilty or ""
        graph = None if self.sketch is None else marked(self.sketch.graph, place)
        name = self.name(self.tensor) or say("this_tensor")
        loss = "" if self.end is None else self.name(self.end)
        words = {"name": name, "loss": loss or say("loss"), "place": "", "mode": self.mode(guilty)} | words
        return reason(key, words, node=place, graph=graph)

    def operation(self, node: Any) -> str:
        """Name an operation as the picture does, else as PyTorch does."""
        place = "" if self.sketch is None else self.sketch.find(node)
        return self.label(place) if place else evidence.operation(node)

    def label(self, id: str) -> str:
        """Return what stands on an element."""
        return self.ways.elements[id].label if self.ways is not None and id else ""

    def mode(self, id: str | None) -> str:
        """Return the switch that kept an operation from being recorded; empty if none did."""
        return self.ways.switches.get(id, "") if self.ways is not None and id else ""

    def ended(self, kind: str, maker: str) -> str:
        """Say how history ends at an operation, `kind` as in `Ways.kind`."""
        return say(f"at_{kind}", op=self.label(maker), mode=self.mode(maker))


Check = Callable[[Case], Reason | None]


def why_no_gradient(tensor: Any, result: Any, frame: FrameType) -> Reason:
    """Return the first reason that holds.

    Args:
        tensor: whose `.grad` is asked about.
        result: of which result's backward pass; None if not said.
        frame: of the caller, for names.
    """
    case = Case(tensor, result, frame)
    return next(answer for answer in (check(case) for check in CHECKS) if answer is not None)


# ------------------------------------------------------------------------------------------------------ it is there


def there(case: Case) -> Reason | None:
    """`.grad` is not None: it has a number, or it is 0."""
    grad = evidence.gradient(case.tensor)
    if grad is None:
        return None
    if bool((grad != 0).any()):
        return case.because("has_grad", grad=text_of(grad.tolist() if hasattr(grad, "tolist") else grad))
    return zero(case)


def zero(case: Case) -> Reason:
    """`.grad` is 0: filled with zeros, or multiplied by 0 on the way."""
    last = case.witness.mine[-1] if case.witness.mine else None
    if isinstance(last, records.Accumulated) and some(last.after):
        return case.because("zeroed")
    if isinstance(last, records.Cleared) and last.how == "zero":
        return case.because("zeroed", place=case.witness.place(last.at))
    way = [node for result in case.results for node in evidence.behind(result)]
    guilty = case.witness.silenced()
    guilty += [node for node in way if evidence.operation(node) in FLAT]
    guilty += [each.grad_fn for each in case.named.values() if evidence.is_dead(each) and each.grad_fn in way]
    if guilty:
        place = case.sketch.find(guilty[0]) if case.sketch is not None else ""
        return case.because("zero_at", place, op=case.operation(guilty[0]))
    return case.because("zero")


# ------------------------------------------------------------------------------------------------ nobody asked yet


def not_called(case: Case) -> Reason | None:
    """The way is open, and no pass has come along it."""
    keeps = case.tensor.is_leaf or case.tensor.retains_grad
    if not keeps or not case.tensor.requires_grad or not case.results:
        return None
    if "freed" in case.states.values() or case.witness.passes:
        return None
    answer = case.because("no_backward")
    sure = case.witness.saw(case.results[-1].grad_fn) or "held" in case.states.values()
    return replace(answer, unknown="") if sure else answer


# ---------------------------------------------------------------------------------------------- it does not ask


def asks_nothing(case: Case) -> Reason | None:
    """The flag is off: because of how the tensor was made, or because nobody set it."""
    tensor = case.tensor
    if tensor.requires_grad:
        return None
    dtype = str(tensor.dtype).removeprefix("torch.")
    kind, maker = "", ""
    if case.ways is not None and case.sketch is not None:
        kind, maker = case.ways.made(case.sketch.find(tensor))
    if tensor.is_inference():
        return case.because("inference", maker or None)
    if kind in ITSELF:
        return case.because(ITSELF[kind], maker, op=case.label(maker))
    source = evidence.twin(tensor, case.named.values())
    if source is not None and not maker:
        return case.because("cut_itself", op=f"{case.name(source)}.detach()")
    if not (tensor.is_floating_point() or "complex" in dtype):
        return case.because("integer", dtype=dtype)
    if type(tensor).__name__ == "Parameter":
        return case.because("frozen")
    found = None if kind else made_by(case.frame, case.name(tensor))
    if found is not None:
        return case.because("cut_in_line_itself", line=str(found.line), code=found.code, op=found.op)
    answer = case.because("flag_off")
    return replace(answer, unknown="") if kind == "plain" or knows_its_past(tensor) else answer


def knows_its_past(tensor: Any) -> bool:
    """Whether a tensor without history would tell a cut: autovis's does, PyTorch's does not."""
    return hasattr(tensor, "_extras")


# ------------------------------------------------------------------------------------------------------- no leaf


def not_a_leaf(case: Case) -> Reason | None:
    """It was computed, and nobody asked to keep its gradient."""
    tensor = case.tensor
    if tensor.is_leaf or tensor.retains_grad:
        return None
    leaf, updated = evidence.leaf_of(tensor)
    maker = case.operation(tensor.grad_fn)
    if leaf is not None and not case.name(leaf):
        trained = updated and evidence.gradient(leaf) is not None
        return case.because("rebound" if trained else "accident", op=maker)
    leaves = [node.variable for node in evidence.behind(tensor) if hasattr(node, "variable")]
    names = [case.name(each) for each in leaves if case.name(each)]
    origin = say("from", leaves=names[0]) if len(names) == 1 else ""
    return case.because("not_a_leaf", op=maker, origin=origin, leaf=names[0] if names else say("its_leaf"))


def retained_too_late(case: Case) -> Reason | None:
    """It keeps its gradient, but the pass came before that was asked for."""
    late = not case.tensor.is_leaf and "freed" in case.states.values() and not case.witness.mine
    return case.because("retained_late") if late else None


# ------------------------------------------------------------------------------------------- no way back to it


def cut_off(case: Case) -> Reason | None:
    """The picture shows an operation between the tensor and the result at which history ends."""
    if case.results or case.end is None or case.sketch is None or case.ways is None:
        return None
    goal = case.sketch.find(case.end)
    stop = case.ways.stops(goal).get(case.sketch.find(case.tensor))
    if stop is None:
        return None
    return case.because(case.ways.kind(stop[0]), stop[0], op=case.label(stop[0]), after=case.label(stop[1]))


def cut_copy(case: Case) -> Reason | None:
    """A constant of the result lies over the memory of something computed from the tensor."""
    if case.results:
        return None
    for name, constant in case.named.items():
        source = case.source_of(constant)
        if source is not None:
            return case.because("cut", op=f"{case.name(source)}.detach()", after=name)
    return None


def handed_out(case: Case) -> Reason | None:
    """A line of the program makes plain numbers of it on the way."""
    if case.results or case.end is None:
        return None
    found = suspect(case.frame, case.name(case.tensor), case.name(case.end))
    if found is None:
        return None
    copy = next((name for name in case.named if name and found.code.startswith(f"{name} =")), case.name(case.end))
    place = case.sketch.find(case.named[copy]) if case.sketch is not None and copy in case.named else ""
    return case.because(
        "numbers" if found.numbers else "cut_in_line", place, line=str(found.line), code=found.code, op=found.op
    )


def not_reached(case: Case) -> Reason | None:
    """No recorded path leads from the result to the tensor."""
    if case.results:
        return None
    if case.result is None:
        return None if case.witness.mine else case.because("unused")
    if case.result.grad_fn is not None:
        return case.because("not_reached")
    return case.because("flag_on_result" if case.result.requires_grad else "no_history")


# --------------------------------------------------------------------------------------------- reached, but empty


def testified(case: Case) -> Reason | None:
    """The last recording knows: cleared since, left out, handed back, or the pass failed."""
    witness = case.witness
    last = witness.mine[-1] if witness.mine else None
    if isinstance(last, records.Cleared):
        return case.because("cleared", place=witness.place(last.at), before=text_of(last.before))
    if isinstance(last, records.Accumulated):
        return case.because("cleared", before=text_of(last.after))
    if not witness.passes:
        return None
    begun = witness.passes[-1]
    if witness.failure():
        return case.because("failed", error=witness.failure())
    handed = any(getattr(event, "stored", True) is False and event.call == begun.call for event in witness.events)
    return case.because("handed_back" if handed else "left_out", place=witness.place(begun.at))


def passed(case: Case) -> Reason:
    """A pass has been here; nothing tells more."""
    return case.because("passed")


CHECKS: tuple[Check, ...] = (
    there,
    not_called,
    asks_nothing,
    not_a_leaf,
    retained_too_late,
    cut_off,
    cut_copy,
    handed_out,
    not_reached,
    testified,
    passed,
)
