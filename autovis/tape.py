"""The tape: everything that happened while it ran, in order.

`record()` makes a tape the listener of the core. While its block runs, a tape notes little more than what it is told,
with copies of small values; `digest` makes records of the notes when somebody looks, or when the block ends. So a tape
keeps no tensor and no graph alive, later changes do not alter it, and what is recorded runs nearly as fast.
"""

from __future__ import annotations

import dis
import sys
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from types import CodeType, FrameType, TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

import numpy as np

from autovis import engine, events, graph, records
from autovis.arrays import DeviceArray
from autovis.bridge.crossing import Crossing, crossing
from autovis.digest import MADE, Digest, Position, Sheet
from autovis.errors import explain
from autovis.graph import AccumulateGrad, Node
from autovis.modes import recording
from autovis.names import modules, named, variables
from autovis.past import SMALL, Teller, copied, described, key_of, node_of, noted, saved_event, value_of
from autovis.primitive import Plan
from autovis.slots import Bare

__all__ = ["Position", "Tape", "record"]

LIBRARIES = frozenset({"autovis", "torch"})
SILENT = (  # what they compute is no step of the user's program
    *("autovis.optim", "autovis.nn.init", "autovis.random"),
    *("torch.optim", "torch.nn.init", "torch.random"),
)
USER, OURS, QUIET = range(3)  # whose code it is
NUMBERS = frozenset({int, float, bool})
UNKNOWN: tuple[int, Callable[[], Any]] = (0, lambda: None)  # a module that was not met yet
BLOCK = (
    "It is a block: write `with av.record() as tape:`, and below it, indented, the lines or the call to be recorded."
)

EventKind = TypeVar("EventKind", bound=records.Event)
Place = tuple[CodeType | None, int, int]  # code, instruction, visit


class Tape:
    """What happened while recording, in order.

    Attributes:
        names: what the user calls tensors without history: key of the tensor -> name, at the end of the recording.
        makers: the same for computed tensors: (number of the node, port) -> name.
        aliases: every name that a computed tensor has then.
        leaves: for each accumulator that was met, by number, the key of its leaf.
        last: the tape that was started last; `why` asks it what happened.
        modules: what the user calls modules whose forward ran: number of the module -> path, `net.0`.
    """

    last: ClassVar[Tape | None] = None

    def __init__(self) -> None:
        self.names: dict[int, str] = {}
        self.makers: dict[tuple[int, int], str] = {}
        self.aliases: dict[tuple[int, int], set[str]] = {}
        self.leaves: dict[int, int] = {}
        self.modules: dict[int, str] = {}
        self._notes: list[Any] = []
        self._digest = Digest(self.leaves)
        self._codes: dict[int, int] = {}  # id of a code object -> whose it is
        self._users: dict[int, CodeType] = {}
        self._ours: list[CodeType] = []
        self._visits = 0
        self._entry: FrameType | None = None
        self._first = 0
        self._teller = Teller(self._meet)
        self._told = self._teller.told
        self._synced = self._safe = 0  # how many notes are known to the teller, and hold copies only
        self._fresh = 0
        self._known: dict[int, bytes] = {}
        self._code: CodeType | None = None
        self._aliased = False
        self._held: dict[int, Any] = {}
        self._gradients: dict[int, tuple[int, Callable[[], Any]]] = {}
        self._shared: dict[int, tuple[list[int], dict[int, Any]]] = {}
        self._called: dict[int, tuple[int, Callable[[], Any]]] = {}  # id of a module -> its number
        self._parts: dict[int, dict[int, str]] = {}  # number of a module -> what it calls those in it, by their id
        self._calling: list[
            tuple[Any, int]
        ] = []  # modules whose forward is running and their numbers, the innermost last
        self._outer: Tape | Pair | None = None
        self._crossing: Crossing | None = None

    def __repr__(self) -> str:
        return f"<tape of {len(self)} events, {self._digest.calls} backward calls>"

    def __len__(self) -> int:
        return len(self.events)

    def __call__(self, *program: Any) -> Any:
        """Refuse to be a decorator.

        Raises:
            TypeError: always.
        """
        raise TypeError(f"A tape is no decorator and records no function by itself. {BLOCK}")

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            error = AttributeError(f"'Tape' object has no attribute '{name}'")
            raise explain(error, "av.play(tape) shows it as a film, av.outline(tape) tells it; tape.events lists it.")

    @property
    def began(self) -> bool:
        """Whether its block was entered."""
        return self._first > 0

    @property
    def events(self) -> list[records.Event]:
        """The records."""
        self._look()
        return self._digest.events

    @property
    def positions(self) -> list[Position]:
        """Places in the user's program, as `Event.at` numbers them."""
        self._look()
        return self._digest.positions

    @property
    def plans(self) -> dict[int, Plan]:
        """For each node that was met, by number, how it pulls gradients back."""
        self._look()
        return self._digest.plans

    def of(self, kind: type[EventKind]) -> list[EventKind]:
        """Return the records of one kind, in order."""
        return [event for event in self.events if isinstance(event, kind)]

    def _look(self) -> None:
        """Make records of the notes; what a running pass is still doing comes later."""
        notes = self._notes
        end = len(notes)
        if engine.running:
            end = next((i for i in reversed(range(end)) if type(notes[i]) is list), end)
        if end:
            self._sync()
            self._digest.take(notes[:end])
            del notes[:end]
            self._synced, self._safe = len(notes), max(0, self._safe - end)

    def stands_for(self, tensor: Any) -> Any:
        """Return what stands on this tape for a tensor of PyTorch's; ours stand for themselves."""
        return tensor if self._crossing is None else self._crossing.known(tensor)

    # -------------------------------------------------------------------------------------------------- recording

    def __enter__(self) -> Self:
        """Begin to listen; an outer tape goes on listening.

        Raises:
            RuntimeError: if this tape is running already.
        """
        listening: Any = events.listener
        while listening is not None:
            if self in (listening, getattr(listening, "_tape", None)):
                raise RuntimeError("This tape is running already: it can be used again when its block has ended.")
            listening = listening._outer
        Tape.last = self
        self.look_around(*spaces())
        self._first = self._fresh = next(graph.numbers)
        self._outer = events.listener
        events.listener = self if self._outer is None else Pair(self, self._outer)
        if self._crossing is not None:
            self._crossing.begin()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop listening, note what the user calls things, and make records."""
        events.listener, self._outer, self._entry = self._outer, None, None
        if self._crossing is not None:
            self._crossing.end()
        self.note_names(*spaces())
        self.stale()
        self._calling.clear()
        self._look()
        self._digest.forget()
        if isinstance(error, Exception):
            self.note_error(error)

    def _where(self, frame: FrameType | None) -> tuple[Place, bool]:
        """Return where the user's program is, and whether a part of autovis computes for itself."""
        entry, silent = frame, False
        while frame is not None:
            code = frame.f_code
            whose = self._codes.get(id(code))
            if whose is None:
                whose = self._classify(frame)
            if whose == USER:
                self._visits += entry is not self._entry
                self._entry = entry
                return (code, frame.f_lasti, self._visits), silent
            silent = silent or whose == QUIET
            entry, frame = frame, frame.f_back
        return (None, 0, self._visits), silent

    def _classify(self, frame: FrameType) -> int:
        code, module = frame.f_code, frame.f_globals.get("__name__", "")
        if module.partition(".")[0] not in LIBRARIES:
            self._users[id(code)] = code
            whose = USER
        else:
            self._ours.append(code)
            whose = QUIET if module.startswith(SILENT) else OURS
        self._codes[id(code)] = whose
        return whose

    def mark(self) -> tuple[int, int]:
        """Return what `take_back` needs."""
        return len(self._notes), next(graph.numbers)

    def take_back(self, mark: tuple[int, int]) -> None:
        """Forget what was noted since, and of which nodes."""
        count, first = mark
        del self._notes[count:]
        self._synced, self._safe = min(self._synced, count), min(self._safe, count)
        for number in [number for number in self._told if number > first]:
            del self._told[number]
        self.stale()

    def where(self) -> tuple[Place, bool]:
        """Return where the user's program is, and whether a library computes for itself."""
        return self._where(sys._getframe(1))

    def _within(self) -> Place:
        """Return the place of the running pass, or of the user's program."""
        run = engine.running[-1] if engine.running else None
        return run.place if run is not None and run.place is not None else self._where(sys._getframe(2))[0]

    def _tell(self, place: Place, *told: records.Event) -> None:
        """Take down records."""
        if told:
            self._notes.append((Digest.told, *place, bool(engine.running), *told))

    noted = staticmethod(noted)

    def stale(self) -> None:
        """Forget what values are: the memory of any of them may have been written to."""
        self._fresh = next(graph.numbers)
        self._known.clear()

    def writing(self) -> None:
        """Copy what the notes refer to, before memory is written to."""
        notes = self._notes
        for place in range(self._safe, len(notes)):
            note = notes[place]
            if type(note) is list:
                if type(note[0]) is Sheet:
                    note[4::2] = map(noted, note[4::2])
            elif type(note[0]) is CodeType:
                notes[place] = (*note[:-1], noted(note[-1]))
        self._safe = len(notes)
        self.stale()

    def stepping(self) -> None:
        """The same, where only what tensors over shared memory show can change."""
        if self._aliased:
            self.writing()

    def exposed(self) -> None:
        """Note that memory can be written to without a word, by NumPy or through another tensor."""
        self.writing()
        self._aliased = True

    def _sync(self) -> None:
        """Let the teller know which operations there are notes of."""
        for note in self._notes[self._synced :]:
            if type(note[0]) is CodeType:
                self._told[note[2]] = 0
        self._synced = len(self._notes)

    def note_names(self, *spaces: Mapping[str, Any]) -> None:
        """Read from namespaces, nearest first, what the user calls the tensors that are alive."""
        there = () if self._crossing is None else self._crossing.named(*spaces)
        for name, tensor in chain(named(*spaces), there):
            node = node_of(tensor)
            if node is not None:
                maker = node.number, tensor._port
                self.makers.setdefault(maker, name)
                self.aliases.setdefault(maker, set()).add(name)
            else:
                self.names.setdefault(key_of(tensor), name)
        for path, module in modules(*spaces) if self._called else ():
            number, known = self._called.get(id(module), UNKNOWN)
            if known() is module and path.count(".") >= self.modules.get(number, "").count("."):
                self.modules[number] = path
        for key, (owner, _) in self._gradients.items():
            if owner in self.names:
                self.names.setdefault(key, f"{self.names[owner]}.grad")

    def look_around(self, *spaces: Mapping[str, Any]) -> None:
        """Remember whose `.grad` a tensor is, and which tensors share memory."""
        if self._crossing is None or self._crossing.over:
            self._crossing = crossing(self)
        there = () if self._crossing is None else self._crossing.look_around(*spaces)
        for tensor in chain((tensor for _, tensor in named(*spaces)), there):
            self._own(tensor)
            self._join(tensor, tensor)

    def _own(self, leaf: Any) -> None:
        if leaf._grad is not None:
            key, owner = key_of(leaf._grad), key_of(leaf)
            self._know(-owner, leaf)
            self._gradients[key], self._held[key] = (owner, weakref.ref(leaf)), noted(leaf._grad._data)

    def note_error(self, error: BaseException) -> None:
        """Add the error that ended the recorded block, unless a backward call has told it already."""
        last = self.events[-1] if self.events else None
        kind, sentence = type(error).__name__, str(error)
        if isinstance(last, records.Failed) and (last.kind, last.sentence) == (kind, sentence):
            return
        trace = error.__traceback__
        place: tuple[CodeType | None, int] = (None, 0)
        read: tuple[tuple[str, records.Value], ...] = ()
        while trace is not None:
            if trace.tb_frame.f_globals.get("__name__", "").partition(".")[0] not in LIBRARIES:
                place = trace.tb_frame.f_code, trace.tb_lasti
                read = tuple(self._read_on(trace.tb_frame, trace.tb_lineno))
            trace = trace.tb_next
        self._notes.append((Digest.told, *place, 0, False, records.Failed(None, kind, sentence, read)))

    def _read_on(self, frame: FrameType, line: int) -> Iterator[tuple[str, records.Value]]:
        """Describe the tensors that a line of the program reads by name, in order."""
        steps = [
            step for step in dis.get_instructions(frame.f_code) if step.positions and step.positions.lineno == line
        ]
        names = dict.fromkeys(name for step in steps for name in loaded(step))
        for name in names:
            found = frame.f_locals.get(name, frame.f_globals.get(name))
            if self._crossing is not None:
                found = self._crossing.ours(found)
            if isinstance(found, Bare):
                yield name, value_of(found)

    # ------------------------------------------------------------------------------------------- what ran forwards

    def entered(self, module: Any) -> None:
        """Note that the forward of a module begins; this is all that a recording pays for the names of modules."""
        number, known = self._called.get(id(module), UNKNOWN)
        if known() is not module:
            number = self._meet_module(module)
        calling = self._calling
        part = self._parts[calling[-1][1]].get(id(module), "") if calling else ""
        calling.append((module, number))
        self._notes.append((Digest.entered, None, 0, 0, bool(engine.running), number, type(module).__name__, part))

    def left(self, module: Any) -> None:
        """Note that the forward of a module ended, unless it had begun before the tape did."""
        if self._calling and self._calling[-1][0] is module:
            _, number = self._calling.pop()
            self._notes.append((Digest.left, None, 0, 0, bool(engine.running), number))

    def _meet_module(self, module: Any) -> int:
        """Give a module its number, and look through what is in it."""
        number = len(self._parts) + 1
        self._called[id(module)] = number, weakref.ref(module)
        self._parts[number] = {id(inner): path for path, inner in module.named_modules()}
        return number

    def computed(self, node: Node, x: Any, edge: Node | None, y: Any, other: Node | None, result: Any) -> None:
        """Note an operation of the usual kind as briefly as possible: of one or two inputs, and no settings.

        `edge` and `other` are where the gradients of `x` and `y` go; an operation of one input has no `y`.
        """
        frame = sys._getframe(2)
        code = frame.f_code
        if code is not self._code:
            if id(code) not in self._users:
                self.recorded(node, (x,) if len(node.op.inputs) == 1 else (x, y), result, {})
                return
            self._code = code
        out = result._data
        if out.size > SMALL:
            out = noted(out)
        if edge is not None:
            x = edge.number if x._extras is None and edge.number > self._fresh else self._number(edge, x)
        elif type(x) not in NUMBERS:
            x = self._seen(x)
        if other is not None:
            y = other.number if y._extras is None and other.number > self._fresh else self._number(other, y)
        elif y is None:
            self._notes.append((code, frame.f_lasti, node.number, type(node), x, out))
            return
        elif type(y) not in NUMBERS:
            y = self._seen(y)
        self._notes.append((code, frame.f_lasti, node.number, type(node), x, y, out))

    def _number(self, edge: Node, x: Any) -> int:
        """Return the number of the node that made an input, after there is a note of what that is."""
        number, extras, data = edge.number, x._extras, x._data
        if extras is not None and number in self.leaves and type(data) is np.ndarray and data.size <= SMALL:
            if self._known.get(-extras.key) != data.tobytes():
                self._know(-extras.key, x)
        else:
            self._know(number if self._met(edge) else -x._extras.key, x)
        return number

    def _fetched(self, edge: Node, x: Any) -> Any:
        """Return what to note of an input that is no fresh result."""
        if self._met(edge):
            return described(x)
        self._know(-x._extras.key, x)
        return MADE

    def _know(self, number: int, x: Any) -> None:
        """Note what a value is that has no note, or may have been edited since; of a leaf by its key, below 0."""
        data = x._data
        now = data.tobytes() if data.size <= SMALL and type(data) is not DeviceArray else b""
        if self._known.get(number) != now:  # NumPy may have written to its memory
            self._known[number] = now
            self._notes.append((Digest.known, None, 0, 0, False, number, described(x)))

    def recorded(self, node: Node, inputs: tuple[Any, ...], result: Any, settings: dict[str, Any]) -> None:
        """Note an operation that was recorded."""
        frame = sys._getframe(2)
        code: CodeType | None = frame.f_code
        if id(code) in self._users:
            instruction, visit = frame.f_lasti, 0
        else:
            (code, instruction, visit), silent = self._where(sys._getframe(1))
            if silent:
                self.stale()
                return
        edges: list[int | None] = []
        seen: list[Any] = []
        for x, edge in zip(inputs, node.edges, strict=True):
            if edge is None:
                edges.append(None)
                seen.append(x if type(x) in NUMBERS else self._seen(x))
            else:
                edges.append(edge.number)
                made = x._extras is None and edge.number > self._fresh
                seen.append(MADE if made else self._fetched(edge, x))
        ports, several, plan, made = None, False, node.plan, result
        if type(result) is tuple:
            made = [described(part) for part in result]
        elif result._extras is not None:
            made = [described(result)]
        else:
            made = result._data
            made = noted(made) if type(made) is not np.ndarray or made.size > SMALL else made.copy()
        if node.rare is not None:
            ports, several = node.ports, node.outputs is not None
        op, number = node.op, node.number
        self._told[number] = 0
        if op.view:
            self._join(inputs[0], result)
        versions = node.saved[plan.size + 1 :: 2] if plan.tensors and node.saved is not None else ()
        during = bool(engine.running)
        note = Digest.recorded, code, instruction, visit, during, number, op, plan, edges, ports, seen, made, settings
        self._notes.append((*note, versions, several))
        if not node.pulls_by_plan:
            self._tell((code, instruction, visit), *saved_event(node))

    def _seen(self, x: Any) -> Any:
        """Describe an input to which no gradient goes, after its past, if it was made before the tape ran."""
        if not isinstance(x, Bare):
            return value_of(x)
        self._remember(x)
        return described(x)

    def _met(self, edge: Node) -> bool:
        """Take down what was not told of an input; return whether it is the result of a node."""
        if type(edge) is AccumulateGrad:
            if edge.number not in self.leaves:
                self._told[edge.number] = 0
                self._meet(edge)
                self._remember(edge.variable)
            return False
        if edge.number not in self._told:
            self._discover([edge])
        return True

    def _meet(self, node: Node) -> None:
        """Take down what later notes refer to."""
        if isinstance(node, AccumulateGrad):
            self.leaves[node.number] = key_of(node.variable)
            self._own(node.variable)
        else:
            self._digest.meet(node)

    def not_recorded(self, rule: Any, inputs: tuple[Any, ...], result: Any, settings: Mapping[str, Any]) -> None:
        """Note an operation that left no trace."""
        place, silent = self._where(sys._getframe(1))
        if silent:
            return
        tensors = [x for x in inputs if isinstance(x, Bare)]
        makers = [node_of(x) for x in tensors]
        asks = any(node is not None or x._flag for x, node in zip(tensors, makers, strict=True))
        reason = "no_grad" if not recording.get() else "no derivative" if asks else "plain"
        if rule.view:
            self._join(inputs[0], result)
        self._discover((node for node in makers if node is not None and node.number not in self._told), place=place)
        seen = [self._seen(x) if isinstance(x, Bare) else value_of(x) for x in inputs]
        made = described(result)
        self._teller.results.add(made[0])
        self._notes.append((Digest.not_recorded, *place, bool(engine.running), rule, seen, made, reason, settings))

    def detached(self, source: Any, result: Any, in_place: bool) -> None:
        """Note that a tensor without history was made from another."""
        place, _ = self._where(sys._getframe(1))
        node = node_of(source)
        if node is not None:
            self._discover([node], place=place)
        self._remember(source)
        before, after = value_of(source), value_of(result)
        self._teller.results.add(after.key)
        if in_place:
            after = replace(after, made_by=None, port=0, requires_grad=False)
        self._join(source, result)
        self._tell(place, records.Detached(before, after, in_place))

    def bumped(self, tensor: Any, rule: Any, operands: tuple[Any, ...]) -> None:
        """Note an edit."""
        place, silent = self._where(sys._getframe(1))
        self.stale()
        if silent and rule.name != "zero_":
            return
        whole = tensor._root() if tensor._extras is not None and tensor._extras.steps else tensor
        node = node_of(whole)
        if node is not None:
            self._discover([node], whole, place=place)
        value = value_of(whole)
        owner, leaf = self._gradients.get(value.key, (0, None))
        before, alive = self._held.get(value.key), None if leaf is None else leaf()
        if alive is not None:
            self._held[value.key] = value.data
        if alive is not None and rule.name == "zero_":
            self._notes.append((Digest.cleared, *place, bool(engine.running), owner, before, "zero"))
        elif not silent:
            shared = self._sharing(whole)
            told = Digest.bumped, *place, bool(engine.running), value, rule.name.rstrip("_"), shared, owner, before
            self._notes.append(told)

    def _discover(self, found: Iterable[Node], result: Any = None, *, place: Place = (None, 0, 0)) -> None:
        """Take down nodes that were not reported: made before the tape ran, or by an edit (of which there is a result).

        Args:
            found: nodes; what lies behind them is taken down first.
            result: the edited tensor.
            place: where the user's program is.
        """
        self._sync()
        for node in self._teller.untold(found):
            edited = result is not None and node_of(result) is node
            told = list(self._teller.node(node, value_of(result) if edited else None))
            if node.number < self._first:
                self._notes.append((Digest.before, None, 0, 0, False, *told))
                continue
            if result is not None:
                told = [
                    replace(event, in_place=True) if isinstance(event, records.Recorded) else event for event in told
                ]
            self._tell(place, *told)

    def found(self, nodes: Iterable[Node], place: Place, result: Any = None, *, in_place: bool = False) -> None:
        """Note operations that nobody reported, as far as their nodes tell; `result` is what the last one made."""
        self._sync()
        for node in self._teller.untold(nodes):
            made = value_of(result) if result is not None and node_of(result) is node else None
            told = list(self._teller.node(node, made))
            if in_place and made is not None:
                told = [
                    replace(event, in_place=True) if isinstance(event, records.Recorded) else event for event in told
                ]
            self._tell(place, *told)

    def _remember(self, x: Any) -> None:
        """Take down what is remembered of a constant that was made before the tape ran."""
        if x._extras is not None and x._extras.origin is not None and node_of(x) is None:
            self._sync()
            self._notes.append((Digest.before, None, 0, 0, False, *self._teller.tensors([x])))

    # ----------------------------------------------------------------------------------------------- shared memory

    def _join(self, one: Any, other: Any) -> None:
        """Note that two tensors lie over the same memory; the version counter that they share identifies it."""
        self._aliased = self._aliased or one is not other
        _, members = self._shared.setdefault(id(one._counter), (one._counter, {}))
        for tensor in (one, other):
            members[key_of(tensor)] = weakref.ref(tensor)

    def _sharing(self, tensor: Any) -> tuple[records.Value, ...]:
        """Describe the other tensors over the same memory."""
        members = self._shared.get(id(tensor._counter), (None, {}))[1].values()
        alive = [other for other in (member() for member in members) if other is not None and other is not tensor]
        return tuple(value_of(other, lambda view: view._node) for other in alive)  # no history is made by looking

    # -------------------------------------------------------------------------------------------- what ran backwards

    def seeded(self, run: engine.Pass, root: Any, node: Node, g: Any) -> None:
        """Note where a pass begins."""
        place, _ = self._where(sys._getframe(1))
        run.place, run.sheet = place, Sheet(*place, run.mark, run.keep)
        self._discover([node] if node.number not in self._told else [], place=place)
        self._notes.append((Digest.seeded, *place, True, run.mark, described(root), node.number, noted(g)))

    def walking(self, run: engine.Pass, node: Node) -> list[Any]:
        """Note that a node of the usual kind pulls a gradient back, as briefly as possible.

        Returns:
            The note, to which is added for each part that is sent: for how many more the receiver waits, and the part.
        """
        saved: Any = None
        number = node.number
        if number <= self._fresh or node.fit is not None or not node.plan.plain:
            saved = tuple([noted(value) for value in (node.saved or ())[: node.plan.size]])
        note = [run.sheet, number, saved]
        self._notes.append(note)
        return note

    def ended(self) -> None:
        """Note that a pass is over, and let go of the frame that began it."""
        self._entry = None
        self._notes.append((Digest.ended, None, 0, 0, False))

    def pulling(self, run: engine.Pass, node: Node, g: Any, *, frees: bool) -> list[Any]:
        """Note that a node pulls a gradient back.

        Returns:
            The note, to which is added for each part that is sent: the slot, the number of the receiver, its port, for
            how many more that waits, and the part, noted.
        """
        saved = node.saved
        if saved:
            saved = tuple([noted(value) for value in saved[: node.plan.size]])
        g = [noted(part) for part in g] if type(g) is tuple else noted(g)
        note = [Digest.pulled, *run.place, True, run.mark, node.number, g, saved, frees]
        self._notes.append(note)
        return note

    def hook_ran(self, node: Node, before: Any, after: Any, kind: str = "tensor", port: int = 0) -> None:
        """Note that a hook saw a gradient, and what it left."""
        saw, left = (tuple(map(copied, x)) if type(x) is tuple else copied(x) for x in (before, after))
        self._tell(self._within(), records.HookRan(node.number, saw, left, kind, port))

    def retained(self, node: Node, gradient: Any) -> None:
        """Note that the gradient of an intermediate is kept."""
        kept = next(iter(node.watched().retains.values()))()
        arriving = getattr(gradient, "numbers", gradient)
        after = arriving if kept is None or kept._grad is None else kept._grad.numbers + arriving
        self._known.clear()
        self._tell(self._within(), records.Retained(node.number, copied(gradient), copied(after)))

    def accumulated(self, leaf: Any, before: Any, arriving: Any) -> None:
        """Note that the `.grad` of a leaf grew; `before` is noted already."""
        place, grad = self._within(), leaf._grad
        number, arriving = leaf.gradient_edge().number, noted(arriving)
        after = arriving if before is None else noted(grad._data)
        owner, key = key_of(leaf), key_of(grad)
        self.leaves[number] = owner
        self._know(-owner, leaf)
        self._gradients[key], self._held[key] = (owner, weakref.ref(leaf)), after
        self._notes.append((Digest.accumulated, *place, True, owner, number, before, arriving, after))

    def returned(self, tensor: Any, gradient: Any, stored: bool) -> None:
        """Note that a gradient was handed back."""
        place, _ = self._where(sys._getframe(1))
        told = records.Returned(value_of(tensor), copied(tensor._grad if stored else gradient), stored)
        self._notes.append((Digest.told, *place, True, told))

    def failed(self, node: Node | None, error: BaseException) -> None:
        """Note that an error ended a pass; what the node that failed had begun is no deed."""
        if node is not None:
            begun = next((note for note in reversed(self._notes) if type(note) is list), None)
            if begun is not None and begun[:2] == [engine.running[-1].sheet, node.number]:
                begun[:] = [Digest.before, None, 0, 0, False]
        number = None if node is None else node.number
        self._tell(self._within(), records.Failed(number, type(error).__name__, str(error)))

    # -------------------------------------------------------------------------------------------------- around it

    def cleared(self, leaf: Any, before: Any, how: str) -> None:
        """Note that a `.grad` was emptied."""
        place, _ = self._where(sys._getframe(1))
        self._know(-key_of(leaf), leaf)
        self._notes.append((Digest.cleared, *place, bool(engine.running), leaf._extras.key, noted(before), how))

    def stepped(self, optimizer: str, *parameters: Any) -> None:
        """Note that an optimizer changed its parameters."""
        place, _ = self._where(sys._getframe(1))
        self.stale()
        for parameter in parameters:
            self._know(-key_of(parameter), parameter)
        keys = [parameter._extras.key for parameter in parameters]
        self._notes.append((Digest.stepped, *place, bool(engine.running), optimizer, keys))


class Pair:
    """A tape and the listener around it, both of which are told everything."""

    def __init__(self, tape: Tape, outer: Tape | Pair) -> None:
        self._tape = tape
        self._outer = outer

    def pulling(self, *told: Any, **named: Any) -> list[Any]:
        """Let both have the same note."""
        return self._shared(self._tape.pulling(*told, **named))

    def walking(self, *told: Any) -> list[Any]:
        """Let both have the same note."""
        return self._shared(self._tape.walking(*told))

    def _shared(self, note: list[Any]) -> list[Any]:
        listening: Any = self._outer
        while listening is not None:
            getattr(listening, "_tape", listening)._notes.append(note)
            listening = listening._outer
        return note

    def __getattr__(self, name: str) -> Callable[..., None]:
        """Return a method of both."""

        def both(*told: Any, **named: Any) -> None:
            getattr(self._outer, name)(*told, **named)
            getattr(self._tape, name)(*told, **named)

        return both


def spaces() -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return the variables of the code that entered or left the block, local and global ones."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_back and frame.f_globals.get("__name__") in (__name__, "contextlib"):
        frame = frame.f_back
    assert frame is not None
    return variables(frame)


def loaded(step: dis.Instruction) -> tuple[str, ...]:
    """Return the names that an instruction loads; newer Pythons load two at once."""
    if not step.opname.startswith("LOAD_"):
        return ()
    return step.argval if isinstance(step.argval, tuple) else (step.argval,) if isinstance(step.argval, str) else ()


def record(*program: Any) -> Tape:
    """Record everything that happens in the block.

    Args:
        *program: nothing; what is to be recorded stands in the block.

    Returns:
        The tape; `play` shows it as a film, `tape.events` lists it.

    Raises:
        TypeError: if something is given.

    >>> import autovis as av
    >>> x = av.leaf(3.0)
    >>> with av.record() as tape:
    ...     (x * x).backward()
    >>> [type(event).__name__ for event in tape.events][:3]
    ['Recorded', 'Saved', 'Seeded']
    """
    if program:
        raise TypeError(f"record() takes nothing, also no {type(program[0]).__name__}. {BLOCK}")
    return Tape()
