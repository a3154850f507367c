"""Whether operations are being recorded, and how: `no_grad`, `enable_grad`, `set_grad_enabled`, `inference_mode`.

The mode belongs to the thread that runs, and it matters when an operation runs, not when its result is used. All that
can be switched is one value, so that the hot path asks one question: is the mode the usual one, `RECORDS`?
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Generator
from contextvars import ContextVar
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar

__all__ = [
    "RECORDS",
    "Mode",
    "enable_grad",
    "inference_mode",
    "is_anomaly_check_nan_enabled",
    "is_anomaly_enabled",
    "is_grad_enabled",
    "is_inference_mode_enabled",
    "no_grad",
    "recording",
    "set_anomaly_enabled",
    "set_grad_enabled",
    "switched",
]

Pair = tuple[Callable[[Any], Any], Callable[[Any], Any]]


class Mode(NamedTuple):
    """What happens when an operation runs; true if it is recorded.

    Attributes:
        records: whether operations are recorded.
        inference: whether results are inference tensors, which never take part in a graph.
        packing: what is done with each saved tensor, and how it is got back; the latter is called during backward.
        traces: whether nodes remember the program line that made them (anomaly mode).
        nans: whether a backward pass in anomaly mode stops at a gradient that is no number.
    """

    records: bool = True
    inference: bool = False
    packing: Pair | None = None
    traces: bool = False
    nans: bool = True

    def __bool__(self) -> bool:
        return self.records and not self.inference

    @property
    def off(self) -> str:
        """Which switch keeps operations from being recorded: `no_grad`, `inference_mode`, or none."""
        return "inference_mode" if self.inference else "" if self.records else "no_grad"


RECORDS, PAUSED = Mode(), Mode(records=False)
ROOM = 256  # a picture of more is no picture
room = [ROOM]  # how many more unrecorded operations are remembered for it; renewed by every block and every detach
recording: ContextVar[Mode] = ContextVar("recording", default=RECORDS)


def switched(**changes: Any) -> Mode:
    """Return the current mode with something changed; the two usual modes are always the same two objects."""
    mode = recording.get()._replace(**changes)
    return RECORDS if mode == RECORDS else PAUSED if mode == PAUSED else mode


def is_grad_enabled() -> bool:
    """Whether operations are being recorded."""
    return recording.get().records


def is_inference_mode_enabled() -> bool:
    """Whether what is made now is cut off from autograd for good."""
    return recording.get().inference


def is_anomaly_enabled() -> bool:
    """Whether backward says which line of the program an error comes from."""
    return recording.get().traces


def is_anomaly_check_nan_enabled() -> bool:
    """Whether backward stops at a gradient that is no number, in anomaly mode."""
    return recording.get().nans


def set_anomaly_enabled(mode: bool, check_nan: bool = True) -> None:
    """Switch anomaly mode."""
    recording.set(switched(traces=mode, nans=check_nan or not mode))


Decorated = TypeVar("Decorated", bound=Callable[..., Any])

CO_GENERATOR = 32  # as in `inspect`, which is dear to import


def is_generator(function: Any) -> bool:
    """Whether calling it makes a generator."""
    return bool(getattr(getattr(function, "__code__", None), "co_flags", 0) & CO_GENERATOR)


class GradMode:
    """A switch that works as a context manager and as a decorator, nests, and is undone by exceptions."""

    enabled: bool

    def __new__(cls, function: Any = None) -> Any:
        """Decorate at once when written without brackets, `@no_grad`."""
        mode = super().__new__(cls)
        return mode if function is None else mode(function)

    def __init__(self) -> None:
        self._before: list[Mode] = []

    def clone(self) -> Self:
        """Return a fresh switch of the same position."""
        return type(self)()

    def __enter__(self) -> None:
        self._before.append(recording.get())
        recording.set(switched(records=self.enabled))
        room[0] = ROOM

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        recording.set(self._before.pop())

    def __call__(self, function: Decorated) -> Decorated:
        """Run every call of `function` in this mode; the code between two yields of a generator, too."""
        if isinstance(function, type):
            warnings.warn(
                "Decorating classes is deprecated and will be disabled in future versions. You should only decorate"
                " functions or methods. To preserve the current behavior of class decoration, you can directly decorate"
                " the `__init__` method and nothing else.",
                FutureWarning,
                stacklevel=2,
            )
            decorated: Any = function
            decorated.__init__ = self(decorated.__init__)
            return function
        if is_generator(function):
            return functools.wraps(function)(self._steps(function))  # type: ignore[return-value]

        @functools.wraps(function)
        def run(*args: Any, **kwargs: Any) -> Any:
            with self.clone():
                return function(*args, **kwargs)

        return run  # type: ignore[return-value]

    def _steps(self, function: Callable[..., Generator[Any, Any, Any]]) -> Callable[..., Generator[Any, Any, Any]]:
        """Wrap a generator so that the mode holds inside it and never leaks to its caller."""

        def run(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
            steps = function(*args, **kwargs)
            resume: Callable[[], Any] = functools.partial(next, steps)
            while True:
                try:
                    with self.clone():
                        value = resume()
                except StopIteration as stop:
                    return stop.value
                try:
                    sent = yield value
                    resume = functools.partial(steps.send, sent)
                except GeneratorExit:
                    with self.clone():
                        steps.close()
                    raise
                except BaseException as error:  # noqa: BLE001, whatever is thrown in belongs to the inner generator
                    resume = functools.partial(steps.throw, error)

        return run


class no_grad(GradMode):  # noqa: N801, PyTorch's name
    """Record nothing inside: results of operations have no history and `requires_grad=False`."""

    enabled = False


class enable_grad(GradMode):  # noqa: N801, PyTorch's name
    """Record again inside a `no_grad`."""

    enabled = True


class inference_mode(GradMode):  # noqa: N801, PyTorch's name
    """Record nothing inside, and cut off what is made inside for good: it never takes part in a graph.

    Args:
        mode: False switches inference mode off again, and recording on.
    """

    def __new__(cls, mode: Any = True) -> Any:
        """Decorate at once when written without brackets, `@inference_mode`."""
        return object.__new__(cls) if isinstance(mode, bool) else cls()(mode)

    def __init__(self, mode: bool = True) -> None:
        super().__init__()
        self.mode = mode

    def clone(self) -> Self:
        """Return a fresh switch of the same position."""
        return type(self)(self.mode)

    def __enter__(self) -> None:
        self._before.append(recording.get())
        recording.set(switched(records=not self.mode, inference=self.mode))


class set_grad_enabled(GradMode):  # noqa: N801, PyTorch's name
    """Switch recording at once, by a value; as a context manager, until the end of the block."""

    def __new__(cls, mode: bool) -> Self:  # noqa: D102, the first mode belongs to __init__
        return object.__new__(cls)

    def __init__(self, mode: bool) -> None:
        super().__init__()
        if not isinstance(mode, bool):
            sort = type(mode).__name__
            raise TypeError(f"set_grad_enabled(): argument 'enabled' (position 1) must be bool, not {sort}")
        self.enabled = mode
        self._first: Mode | None = recording.get()
        recording.set(switched(records=self.enabled))

    def __repr__(self) -> str:
        return f"torch.autograd.grad_mode.set_grad_enabled(mode={self.enabled})"

    def clone(self) -> Self:
        """Return a fresh switch of the same position, without switching now."""
        fresh = object.__new__(type(self))
        GradMode.__init__(fresh)
        fresh.enabled, fresh._first = self.enabled, None
        return fresh

    def __enter__(self) -> None:
        before = recording.get() if self._first is None else self._first
        self._first = None
        self._before.append(before)
        recording.set(switched(records=self.enabled))

    def __call__(self, function: Decorated) -> Decorated:
        """Decorate: the switch made by writing the decorator is undone."""
        if self._first is not None:
            recording.set(self._first)
            self._first = None
        return super().__call__(function)
