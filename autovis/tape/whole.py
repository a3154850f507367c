"""A tape as its user holds it: a block to record in, and the records."""

from __future__ import annotations

import dis
import sys
from collections.abc import Iterator, Mapping
from itertools import chain
from types import CodeType, FrameType, TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, TypeVar

from autovis import engine, events, graph, records
from autovis.bridge.crossing import Crossing, crossing
from autovis.digest import Digest, Position
from autovis.errors import explain
from autovis.names import modules, named, variables
from autovis.past import key_of, node_of, value_of
from autovis.primitive import Plan
from autovis.slots import Bare
from autovis.tape.backwards import Backwards
from autovis.tape.forwards import UNKNOWN, Forwards
from autovis.tape.pair import Pair
from autovis.tape.places import LIBRARIES

__all__ = ["BLOCK", "Tape", "record"]

BLOCK = (
    "It is a block: write `with av.record() as tape:`, and below it, indented, the lines or the call to be recorded."
)

INNER = frozenset({__name__, "contextlib"})  # between the block and `spaces`

EventKind = TypeVar("EventKind", bound=records.Event)


class Tape(Forwards, Backwards):
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
        super().__init__()
        self.names: dict[int, str] = {}
        self.makers: dict[tuple[int, int], str] = {}
        self.aliases: dict[tuple[int, int], set[str]] = {}
        self.modules: dict[int, str] = {}
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


def spaces() -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return the variables of the code that entered or left the block, local and global ones."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_back and frame.f_globals.get("__name__") in INNER:
        frame = frame.f_back
    assert frame is not None
    return variables(frame)


def loaded(step: dis.Instruction) -> tuple[str, ...]:
    """Return the names that an instruction loads; newer Pythons load two at once."""
    if not step.opname.startswith("LOAD_"):
        return ()
    return step.argval if isinstance(step.argval, tuple) else (step.argval,) if isinstance(step.argval, str) else ()


class Record:
    """What `record` is: called, it makes a tape; the block stands after the call."""

    def __call__(self, *program: Any) -> Tape:
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

    def __repr__(self) -> str:
        return "<record: with av.record() as tape: ...>"

    def __enter__(self) -> Self:
        """Refuse the block: the parentheses are missing.

        Raises:
            TypeError: always.
        """
        raise TypeError(f"record has to be called, with parentheses. {BLOCK}")

    def __exit__(self, *error: object) -> None:
        """Do nothing: no block was entered."""


record: Final = Record()
