"""The explorer: a program whose leaves, cuts and backward calls can be changed, beside what each change does.

The program's text is all there is to remember: a change makes another text, a run belongs to one text, undo goes back
to the text before. The browser asks, the kernel answers with the whole state.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from textwrap import dedent
from typing import Any, Final

import traitlets

from autovis import language
from autovis.language import say
from autovis.viz.pair import Pair
from autovis.viz.reel import Reel
from autovis.widgets.compare import together
from autovis.widgets.layers import start
from autovis.widgets.page import Shared
from autovis.widgets.player import View, payload
from autovis.widgets.program import Program, Refused, lines_that_differ
from autovis.widgets.replay import Run, Seen, Stage
from autovis.widgets.written import written

__all__ = ["Explorer", "explore"]

KEPT: Final = 20
"""Runs that are remembered, so that undo shows at once what was."""

NOTHING: Final = Seen(None, None, "", "")


class Explorer(View):
    """A program to play with; see `explore`.

    Every control of the page is a method here; what cannot be done raises `ValueError` with the sentence that the page
    shows.

    Attributes:
        program: its text, as it is now.
        result: what the variables held at the end of the last run: `result["p"]["grad"]`.
        history: the lines of code that the changes wrote, oldest first.
        stale: whether the program has changed since the last run.
        error: PyTorch's sentence if the last run ended with an error; else empty.
        auto_run: whether each change runs the program at once; off at first: predict.
        beside: whether the film of the run before is shown beside that of the last one, in step.
    """

    state = traitlets.Dict().tag(sync=True)
    auto_run = traitlets.Bool(default_value=False)
    beside = traitlets.Bool(default_value=True)

    def __init__(self, text: str, around: Mapping[str, Any], title: str = "") -> None:
        self._title = title or say("explorer", "title")
        self._stage = Stage(around)
        self._past: list[tuple[Program, str]] = [(Program(text), "")]
        self._future: list[tuple[Program, str]] = []
        self._runs: dict[str, Run] = {}
        self._dragged = ""
        self._now = self._before = self._run_of(self._program)
        self._told = ""
        self._answered = 0
        super().__init__(Reel.of(self._now.film, self._title))
        self._film = self.film
        self.player = Shared.get("explorer.js")
        self.state = self._state()
        self.on_msg(self._hear)
        self.observe(lambda _: self._show(), "auto_run")
        self.observe(lambda _: self._draw(), "beside")

    def __repr__(self) -> str:
        return f"<Explorer: {len(self.program.splitlines())} lines, {len(self.history)} changes>"

    # ------------------------------------------------------------------------------------------------------- answers

    @property
    def program(self) -> str:
        """Return the text of the program, as it is now."""
        return self._program.text

    @property
    def result(self) -> dict[str, dict[str, Any]]:
        """Return value and gradient of each variable after the last run, as Python numbers."""
        return {name: {"value": seen.value, "grad": seen.grad} for name, seen in self._now.seen.items()}

    @property
    def history(self) -> list[str]:
        """Return the lines of code that the changes wrote."""
        return [line for _, line in self._past[1:]]

    @property
    def stale(self) -> bool:
        """Whether the results belong to an earlier text of the program."""
        return self._now.program.text != self.program

    @property
    def error(self) -> str:
        """Return the sentence of the error that ended the last run."""
        return self._now.failure.sentence if self._now.failure else ""

    @property
    def _program(self) -> Program:
        return self._past[-1][0]

    # ------------------------------------------------------------------------------------------------------ changing

    def set(self, name: str, value: object) -> None:
        """Give a leaf another value, `set("p", 3.0)`."""
        program = self._program.with_value(name, str(value))
        if self._dragged == name and self.stale and len(self._past) > 1 and program.text != self.program:
            self._past.pop()  # one drag of a slider is one change
        self._change(program)
        self._dragged = name

    def flag(self, name: str, on: bool) -> None:
        """Let a leaf ask for a gradient, or not."""
        self._change(self._program.with_flag(name, on))

    def retain(self, on: bool, index: int = -1) -> None:
        """Let a backward call keep the graph, or not; the last call unless another is named."""
        self._change(self._program.with_retain(index % max(len(self._program.passes), 1), on))

    def seed(self, value: object, index: int = -1) -> None:
        """Start a backward call with another vector; with 1 for an empty text."""
        self._change(self._program.with_seed(index % max(len(self._program.passes), 1), str(value)))

    def cut(self, edge: str) -> None:
        """Cut an edge, or heal a cut: by its id in the picture, or by its name, `s → y = s·t`."""
        shown = self._now.edge(edge)
        run = self._run_of(self._program)  # positions are of the text as it is now; nothing of it is shown
        self._change(run.cut(run.edge(shown.text)))

    def backward(self) -> None:
        """Add a line that runs backward again."""
        self._change(self._program.with_lines(self._program.again() or f"{self._root()}.backward()"))

    def clear(self, zeros: bool = False) -> None:
        """Add the lines that clear every `.grad`: set to None, or filled with zeros."""
        filled = [name for name, seen in self._now.seen.items() if seen.grad is not None]
        if not filled:
            raise Refused(say("explorer", "no_grad_to_clear"))
        line = "{}.grad.zero_()" if zeros else "{}.grad = None"
        self._change(self._program.with_lines(*map(line.format, filled)))

    def _root(self) -> str:
        """Return the last variable that asks for a gradient."""
        alive = [name for name, seen in self._now.seen.items() if seen.asks]
        if not alive:
            raise Refused(say("explorer", "no_result"))
        return alive[-1]

    def _change(self, program: Program) -> None:
        if program.text == self.program:
            self._moved()
            return
        old, new = self.program.splitlines(), program.text.splitlines()
        self._dragged = ""
        self._past.append((program, "\n".join(new[line - 1].strip() for line in lines_that_differ(old, new))))
        self._future.clear()
        self._moved()

    def undo(self) -> None:
        """Take the last change back."""
        self._step(self._past, self._future, "nothing_to_undo", least=1)

    def redo(self) -> None:
        """Make a change again that was taken back."""
        self._step(self._future, self._past, "nothing_to_redo", least=0)

    def _step(self, source: list[tuple[Program, str]], goal: list[tuple[Program, str]], key: str, least: int) -> None:
        if len(source) <= least:
            raise Refused(say("explorer", key))
        goal.append(source.pop())
        self._moved()

    def reset(self) -> None:
        """Go back to the program as it was handed over; undo brings the changes back."""
        first = self._past[0][0]
        if first.text != self.program:
            self._past.append((first, say("explorer", "reset_line")))
            self._future.clear()
            self._moved()

    def _moved(self) -> None:
        """Show the program that is there now, with its run, if that is known or wanted."""
        self._told = ""
        if self.auto_run or self.program in self._runs:
            self._show_run(self._run_of(self._program))
        self._show()

    # ------------------------------------------------------------------------------------------------------- running

    def run(self) -> None:
        """Run the program; what was before stands beside it."""
        self._show_run(self._run_of(self._program))
        self._show()

    def _run_of(self, program: Program) -> Run:
        if program.text not in self._runs:
            self._runs[program.text] = self._stage.run(program, self._title)
            for text in list(self._runs)[:-KEPT]:
                del self._runs[text]
        return self._runs[program.text]

    def _show_run(self, run: Run) -> None:
        if run.program.text == self._now.program.text:
            return
        self._before, self._now = self._now, run
        self.reel = self.shown = Reel.of(run.film, self._title)
        self._draw()

    def _draw(self) -> None:
        """Show the film of the last run, or of both."""
        if self.beside and self._before is not self._now:
            names = say("explorer", "before"), say("explorer", "now")
            self._film = together(Pair.of((self._before.film, self._now.film), names), start())
        else:
            self._film = payload(self.reel)
        self._show()

    # ------------------------------------------------------------------------------------------------ what is shown

    def _show(self) -> None:
        """Send the state, together with the film if it is another one."""
        with self.hold_sync():
            self.film = self._film
            self.state = self._state()

    def _hear(self, _: object, asked: Mapping[str, Any], __: object) -> None:
        """Do what the page asks for; whatever comes of it, the page is answered, once."""
        self._told, deed = "", DEEDS.get(str(asked.get("do")))
        with self.hold_sync():
            try:
                if deed is not None:
                    deed(self, asked)
            except Refused as refused:
                self._told = str(refused)
            self._answered = int(asked.get("number", 0))
            self._show()

    def _state(self) -> dict[str, Any]:
        """Return all that the page shows besides the film."""
        program, now, before = self._program, self._now, self._before
        changed = lines_that_differ(before.program.text.splitlines(), program.text.splitlines())
        return {
            "words": language.table("explorer"),
            "lines": program.text.splitlines(),
            "changed": changed if program.text != before.program.text else [],
            "leaves": [leaf_row(program, index) for index in range(len(program.leaves))],
            "passes": [
                {"index": index, "line": each.line, "root": each.root, "retain": each.retain, "seed": each.seed}
                for index, each in enumerate(program.passes)
            ],
            "edges": [
                {"id": edge.id, "text": edge.text, "cut": edge.cut, "also": list(edge.also)}
                for edge in now.edges.values()
            ],
            "rows": rows(before, now),
            "printed": [before.printed, now.printed],
            "errors": [failure_row(before), failure_row(now)],
            "compared": before is not now,
            "stale": self.stale,
            "told": self._told,
            "auto": self.auto_run,
            "beside": self.beside,
            "undo": len(self._past) - 1,
            "redo": len(self._future),
            "history": self.history,
            "answered": self._answered,
        }

    def _repr_mimebundle_(self, **options: object) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the widget, a PNG of the last frame, and the text."""
        data, metadata = super()._repr_mimebundle_(**options)
        return data | {"text/plain": self.outline()}, metadata

    def outline(self) -> str:
        """Return the program, what came of it, and the film, as plain text."""
        now = self._now
        lines = [f"{number:>2}  {line}" for number, line in enumerate(self.program.splitlines(), 1)]
        held = [
            f"{name} = {seen.value_text}" + (f"   .grad {seen.grad_text}" if seen.grad_text else "")
            for name, seen in now.seen.items()
        ]
        failed = [f"{now.failure.kind}: {now.failure.sentence}"] if now.failure else []
        told = say("explorer", "stale_text") if self.stale else say("explorer", "outline_results")
        return "\n".join([say("explorer", "outline_program"), *lines, told, *held, *failed, super().outline()])


def leaf_row(program: Program, index: int) -> dict[str, Any]:
    """Describe the controls of one leaf."""
    leaf = program.leaves[index]
    twice = sum(each.name == leaf.name for each in program.leaves) > 1
    number = leaf.value.lstrip("-").replace(".", "", 1).replace("e-", "", 1).isdigit()
    return {
        "id": f"{leaf.name}:{leaf.line}" if twice else leaf.name,
        "name": leaf.name,
        "line": leaf.line,
        "value": leaf.value.removeprefix("[").removesuffix("]") if leaf.value.count("[") == 1 else leaf.value,
        "number": number,
        "flag": leaf.flag,
        "fixed": leaf.fixed,
    }


def rows(before: Run, now: Run) -> list[dict[str, str]]:
    """Set the results of two runs side by side."""
    names = dict.fromkeys([*now.seen, *before.seen])
    return [row(name, before.seen.get(name, NOTHING), now.seen.get(name, NOTHING)) for name in names]


def row(name: str, old: Seen, new: Seen) -> dict[str, str]:
    """Describe one variable before and now, and what became of it."""
    held, holds = (repr((seen.value, seen.grad)) for seen in (old, new))
    mark = "new" if old is NOTHING else "gone" if new is NOTHING else "same" if held == holds else "changed"
    return {
        "name": name,
        "value_before": old.value_text,
        "value_now": new.value_text,
        "grad_before": old.grad_text,
        "grad_now": new.grad_text,
        "mark": mark,
    }


def failure_row(run: Run) -> dict[str, Any]:
    """Describe the error of a run; empty if it had none."""
    failure = run.failure
    return {} if failure is None else {"kind": failure.kind, "sentence": failure.sentence, "line": failure.line}


DEEDS: Final[dict[str, Callable[[Explorer, Mapping[str, Any]], None]]] = {
    "value": lambda explorer, asked: explorer.set(str(asked["leaf"]), str(asked["text"])),
    "flag": lambda explorer, asked: explorer.flag(str(asked["leaf"]), bool(asked["on"])),
    "retain": lambda explorer, asked: explorer.retain(bool(asked["on"]), int(asked["pass"])),
    "seed": lambda explorer, asked: explorer.seed(str(asked["text"]), int(asked["pass"])),
    "cut": lambda explorer, asked: explorer.cut(str(asked["edge"])),
    "backward": lambda explorer, asked: explorer.backward(),
    "clear": lambda explorer, asked: explorer.clear(zeros=bool(asked.get("zeros"))),
    "undo": lambda explorer, asked: explorer.undo(),
    "redo": lambda explorer, asked: explorer.redo(),
    "reset": lambda explorer, asked: explorer.reset(),
    "run": lambda explorer, asked: explorer.run(),
    "auto": lambda explorer, asked: explorer.set_trait("auto_run", bool(asked["on"])),
    "beside": lambda explorer, asked: explorer.set_trait("beside", bool(asked["on"])),
}
"""What the page may ask for."""


def explore(program: Any, title: str = "") -> Explorer:
    r"""Play with a program: change its leaves, cut edges, run backward again, and see what becomes of the gradients.

    Args:
        program: a function whose arguments all have defaults, which become its leaves, or the text of a program.
        title: of the film.

    Returns:
        A widget; the last expression of a cell shows it. `explorer.program`, `.result` and `.history` tell what was
        done there, and its methods do the same without the page.

    Raises:
        TypeError: if it is neither.
        ValueError: if the function cannot be written out as lines.
        SyntaxError: if the text is no Python.

    >>> explorer = explore("p = av.tensor(2.0, requires_grad=True)\ny = p * p\ny.backward()")
    >>> explorer.set("p", 3)
    >>> explorer.run()
    >>> explorer.result["p"], explorer.history
    ({'value': 3.0, 'grad': 6.0}, ['p = av.tensor(3.0, requires_grad=True)'])
    """
    if isinstance(program, str):
        ours = sys.modules["autovis"]
        return Explorer(dedent(program).strip("\n") + "\n", {"av": ours, "torch": ours}, title)
    if not callable(program):
        raise TypeError(say("explorer", "no_program", kind=type(program).__name__))
    text, around = written(program)
    return Explorer(text, around, title or getattr(program, "__name__", ""))
