"""Running a program once: the film of it, what its variables hold at the end, and which lines made which edges."""

from __future__ import annotations

import ast
import contextlib
import io
import linecache
import warnings
from collections.abc import Iterator, Mapping
from contextvars import copy_context
from dataclasses import dataclass, field
from itertools import count
from types import ModuleType
from typing import Any, Final

from autovis import creation
from autovis.alias import as_torch
from autovis.language import say
from autovis.names import named
from autovis.tape import Tape, record
from autovis.viz.frames import Director
from autovis.viz.numerals import text_of
from autovis.viz.scene import Film, Link
from autovis.viz.source import running
from autovis.viz.story import Deed, Ref
from autovis.widgets.program import Program, Refused
from autovis.widgets.written import fresh

__all__ = ["Edge", "Failure", "Run", "Seen", "Stage"]

files: Final = count(1)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a variable held at the end.

    Attributes:
        value, grad: as Python numbers and lists; `grad` is None if there is none.
        value_text, grad_text: as the film writes them; `grad_text` is empty where no gradient can be kept.
        asks: whether a backward pass can start there or come there.
    """

    value: Any
    grad: Any
    value_text: str
    grad_text: str
    asks: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """The error that ended a run.

    Attributes:
        kind: of the error, `RuntimeError`.
        sentence: PyTorch's.
        line: of the program, from 1; 0 if it is not known.
    """

    kind: str
    sentence: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Edge:
    """A line of the picture that can be cut, or is a cut.

    Attributes:
        id: of the link or of the cut.
        text: what it is called in the list: `p → s = p + q`.
        cut: whether the history ends here already.
        deed: the operation.
        slot: which of its inputs; -1 for its result.
        also: ids of further links that mean the same.
    """

    id: str
    text: str
    cut: bool
    deed: Deed = field(repr=False)
    slot: int
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of a program came to.

    Attributes:
        program: the program.
        film: of the run; up to the failure if there was one.
        seen: what the variables held at the end, by name.
        failure: the error that ended it, or None.
        printed: what the program printed.
        edges: what can be cut.
        tape, director: the recording, and who made the film of it.
        space: what the names of the program meant at the end.
    """

    program: Program
    film: Film
    seen: Mapping[str, Seen]
    failure: Failure | None
    printed: str
    edges: Mapping[str, Edge]
    tape: Tape = field(repr=False)
    director: Director = field(repr=False)
    space: Mapping[str, Any] = field(repr=False)

    def edge(self, wanted: str) -> Edge:
        """Return the edge of that id, or of that name.

        Raises:
            Refused: if there is none.
        """
        for edge in self.edges.values():
            if wanted in (edge.id, edge.text, *edge.also):
                return edge
        raise Refused(say("explorer", "no_edge"))

    def cut(self, edge: Edge) -> Program:
        """Cut an edge of the picture, or heal a cut, in the program.

        Raises:
            Refused: if the program has no place for it.
        """
        node = self._expression(edge.deed)
        if edge.cut:
            if not isinstance(node, ast.Call) or getattr(node.func, "attr", "") != "detach":
                raise Refused(say("explorer", "not_a_cut_here"))
            return self.program.healed(node)
        part = node if edge.slot < 0 else self._operand(node, edge)
        if isinstance(node, ast.AugAssign) and part is not node.value:
            raise Refused(say("explorer", "in_place", line=node.lineno))
        return self.program.cut(part)

    def _expression(self, deed: Deed) -> Any:
        """Return the expression that makes the result of an operation."""
        if deed.at is None:
            raise Refused(say("explorer", "elsewhere"))
        place = self.tape.positions[deed.at]
        if place.code.co_filename != self.director.program.file:
            raise Refused(say("explorer", "elsewhere"))
        runs = {event.visit for event in self.tape.events if event.at == deed.at and not event.call}
        if len(runs) > 1:
            raise Refused(say("explorer", "runs_often", line=place.line, count=len(runs)))
        node = running(place)
        if not isinstance(node, (ast.expr, ast.AugAssign)):
            raise Refused(say("explorer", "elsewhere"))
        return node

    def _operand(self, node: ast.expr | ast.AugAssign, edge: Edge) -> Any:
        """Return the part of an expression that is an input of its operation."""
        story, ref = self.director.story, edge.deed.inputs[edge.slot]
        parts = [part for part in operands(node, self.space) if not isinstance(part, ast.Constant)]
        maker = story.made_by.get(ref)
        made = running(self.tape.positions[maker.at]) if maker is not None and maker.at is not None else None
        same = [part for part in parts if part is made] or [part for part in parts if self._is_called(part, ref)]
        slots = operands(node, self.space)
        if len(same) > 1 and edge.slot < len(slots) and slots[edge.slot] in same:
            return slots[edge.slot]
        if not same and len(parts) == 1:
            same = parts
        if not same and len(slots) == len(edge.deed.inputs) and slots[edge.slot] in parts:
            same = [slots[edge.slot]]
        if not same:
            raise Refused(say("explorer", "inside", line=node.lineno, made=ast.unparse(node)))
        return same[0]

    def _is_called(self, part: ast.expr, ref: Ref) -> bool:
        story, name = self.director.story, ast.unparse(part)
        kind, first, second = ref
        known = self.tape.aliases.get((first, second), set()) if kind == "made" else {story.names.get(first, "")}
        return name in known or (story.things[ref].name == name)


class Stage:
    """Where programs run: the same numbers each time, and nothing outside is touched.

    Args:
        around: what names mean that the program does not assign itself.
    """

    def __init__(self, around: Mapping[str, Any]) -> None:
        self.around = around
        self.state = creation.get_rng_state()
        self.space: dict[str, Any] = {}
        self.tape = record()
        self.failure: Failure | None = None

    def run(self, program: Program, title: str) -> Run:
        """Run a program; whatever error it raises becomes part of the answer."""
        after, told = creation.get_rng_state(), io.StringIO()
        file = f"<explorer {next(files)}>"
        linecache.cache[file] = (len(program.text), None, program.text.splitlines(keepends=True), file)
        read = {node.id for node in ast.walk(program.tree) if isinstance(node, ast.Name)}
        self.space = {name: fresh(self.around[name]) for name in read & self.around.keys()} | {"__name__": "explorer"}
        self.tape, self.failure = record(), None
        creation.set_rng_state(self.state)
        try:
            with contextlib.redirect_stdout(told), warnings.catch_warnings(record=True) as warned, as_torch():
                warnings.simplefilter("always")
                copy_context().run(self._run, compile(program.text, file, "exec"))
        finally:
            creation.set_rng_state(after)
        director = Director(self.tape, title)
        film = director.shoot()
        says = [told.getvalue(), *(f"{warning.category.__name__}: {warning.message}\n" for warning in warned)]
        edges = {edge.id: edge for edge in edges_of(director)}
        return Run(
            program, film, self._seen(program), self.failure, "".join(says), edges, self.tape, director, self.space
        )

    def _run(self, code: Any) -> None:
        """Run compiled code under the tape; no local variable here may hold its tensors, or it would name them."""
        self.tape.look_around(self.space)
        try:
            with self.tape:
                try:
                    exec(code, self.space)  # noqa: S102 - the program that the user handed over
                finally:
                    self.tape.note_names(self.space)
        except Exception as error:  # noqa: BLE001, whatever it raises is shown
            self.failure = failure_of(error, code.co_filename)

    def _seen(self, program: Program) -> dict[str, Seen]:
        """Read the variables of the program that hold tensors."""
        assigned = {name: self.space[name] for name in program.names if name in self.space}
        found = {name: tensor for name, tensor in named(assigned) if not name.endswith(".grad")}
        return {name: seen(tensor) for name, tensor in found.items()}


def seen(tensor: Any) -> Seen:
    """Note what a tensor holds."""
    grad = tensor._grad
    keeps = grad is not None or (tensor.requires_grad and (tensor.is_leaf or tensor.retains_grad))
    return Seen(
        tensor.detach().tolist(),
        None if grad is None else grad.detach().tolist(),
        text_of(tensor.detach().numbers),
        text_of(None if grad is None else grad.detach().numbers) if keeps else "",
        tensor.requires_grad,
    )


def failure_of(error: Exception, file: str) -> Failure:
    """Describe an error, with the innermost line of the program that was running."""
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            line = trace.tb_lineno
        trace = trace.tb_next
    return Failure(type(error).__name__, str(error), line)


def edges_of(director: Director) -> Iterator[Edge]:
    """List what can be cut in a picture, and the cuts."""
    story = director.story
    links: dict[str, list[Link]] = {}
    for link in director.graph.links:
        links.setdefault(link.source, []).append(link)
        links.setdefault(link.target, []).append(link)
    for deed in story.deeds:
        around = links.get(deed.id, []) if deed.id else []
        if deed.how == "cut" and around:
            name = story.name(deed.inputs[0])
            also = tuple(link.id for link in around)
            yield Edge(deed.id, say("explorer", "a_cut", name=name), True, deed, -1, also)
        elif deed.how == "graph":
            for link in sorted(around, key=lambda link: link.slot):
                if link.role == "data" and link.target == deed.id and not link.ghost:
                    text = f"{story.name(deed.inputs[link.slot])} → {director._operation(deed)}"
                    yield Edge(link.id, text, False, deed, link.slot)
            for link in around:
                if link.role == "data" and link.source == deed.id and not link.ghost and len(deed.outputs) == 1:
                    yield Edge(link.id, f"{director._operation(deed)} →", False, deed, -1)


def operands(node: ast.expr | ast.AugAssign, space: Mapping[str, Any]) -> list[ast.expr]:
    """Return the parts of an expression that are inputs of its operation, in order."""
    match node:
        case ast.BinOp():
            return [node.left, node.right]
        case ast.AugAssign():
            return [node.target, node.value]
        case ast.UnaryOp():
            return [node.operand]
        case ast.Compare():
            return [node.left, *node.comparators]
        case ast.Subscript() | ast.Attribute():
            return [node.value]
        case ast.Call():
            given = [*node.args, *(each.value for each in node.keywords)]
            func = node.func
            receiver = [func.value] if isinstance(func, ast.Attribute) and not is_module(func.value, space) else []
            return [*receiver, *(part for each in given for part in parts(each))]
    return []


def parts(node: ast.expr) -> list[ast.expr]:
    """Return the tensors of `cat([a, b])`, or the expression itself."""
    return list(node.elts) if isinstance(node, (ast.List, ast.Tuple)) else [node]


def is_module(node: ast.expr, space: Mapping[str, Any]) -> bool:
    """Whether an expression is the name of a module or of a class, such as `torch.nn.functional`."""
    if isinstance(node, ast.Name):
        return isinstance(space.get(node.id), (ModuleType, type))
    return isinstance(node, ast.Attribute) and is_module(node.value, space)
