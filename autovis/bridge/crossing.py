"""Where a tape meets PyTorch: what a program asks of PyTorch while it runs, and what is told of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from types import FrameType
from typing import Any, NamedTuple

from autovis.bridge.care import careful
from autovis.bridge.foreign import is_foreign, torch
from autovis.bridge.mirror import history, version
from autovis.bridge.passes import Passes
from autovis.bridge.replay import LONG, Overheard, Trusted, as_pytorch, counterpart, replay, tensors_in, translated
from autovis.bridge.twins import Twins
from autovis.bridge.words import unknown
from autovis.past import node_of

__all__ = ["Crossing", "crossing"]

Arguments = tuple[Any, ...]
Named = dict[str, Any]

TOLD_APART = ("data", "T", "mT", "H", "mH", "grad")  # attributes that give a tensor
RANDOM = ("bernoulli", "dropout", "multinomial", "normal", "rand", "rrelu", "uniform")
QUIET = frozenset({"__repr__", "__format__", "numpy"})


class Call(NamedTuple):
    """A call of PyTorch's.

    Attributes:
        function: what is called.
        ours: our function of that name, where it can be asked.
        arguments: what it is called with.
        given: the tensors among these.
        versions: theirs, before.
        words: the arguments in our terms, where that has to be known before.
        place: in the program.
        changes: whether it changes a tensor.
        dice: where PyTorch's stream of random numbers stood, if it draws.
    """

    function: Callable[..., Any]
    ours: Callable[..., Any] | None
    arguments: tuple[Arguments, Named]
    given: list[Any]
    versions: list[int]
    words: tuple[Any, Any] | None
    place: Any
    changes: bool
    dice: Any


class Crossing:
    """Follows a program that uses PyTorch, and tells a tape of it as our own core would.

    Args:
        tape: to be told.
    """

    def __init__(self, tape: Any) -> None:
        self.tape = tape
        self.twins = Twins(self._met, tape.writing, self._found)
        self.passes = Passes(self.twins, tape)
        self.busy = self.over = False
        library = torch()
        self.backward = (library.Tensor.backward, library.autograd.backward, library.autograd.grad)
        self.hooks = {
            library.Tensor.register_hook: self.passes.hooked,
            library.Tensor.register_post_accumulate_grad_hook: self.passes.grown,
        }
        self.mode = listening(self.follow)
        self.handles: list[Any] = []
        self.versions: dict[int, int] = {}

    def _met(self, function: Any, link: Any) -> None:
        self.passes.watch(function, link)

    def _found(self, node: Any, ours: Any) -> None:
        self.tape.found([node], self.tape.where()[0], ours)

    def begin(self) -> None:
        """Begin to follow."""
        optimizers, modules = sys.modules["torch.optim.optimizer"], sys.modules["torch.nn.modules.module"]
        self.handles = [
            modules.register_module_forward_pre_hook(self._entered),
            modules.register_module_forward_hook(self._left, always_call=True),
            optimizers.register_optimizer_step_pre_hook(self._stepping),
            optimizers.register_optimizer_step_post_hook(self._stepped),
        ]
        self.twins.running = True
        self.mode.__enter__()

    def end(self) -> None:
        """Stop following, and take away all hooks."""
        self.mode.__exit__(None, None, None)
        for handle in self.handles:
            handle.remove()
        self.passes.end()
        self.twins.end()
        self.over = True

    def ours(self, thing: Any) -> Any:
        """Return what stands for a tensor of PyTorch's, if that can be told; anything else as it is."""
        if not is_foreign(thing):
            return thing
        known = self.twins.known(thing)
        return self.twins.tensor(thing) if known is None and history(thing) is None else known

    def known(self, thing: Any) -> Any:
        """Return the twin of a tensor of PyTorch's; anything that has none as it is."""
        found = self.twins.known(thing) if is_foreign(thing) else None
        return thing if found is None else found

    def named(self, *spaces: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
        """Go through the twins of what the program names."""
        found: list[tuple[str, Any]] | None = self._called(*spaces)
        return found or ()

    def look_around(self, *spaces: Mapping[str, Any]) -> Iterable[Any]:
        """Return the twins of all that the program names."""
        found: list[Any] | None = self._seen(*spaces)
        return found or ()

    @careful
    def _called(self, *spaces: Mapping[str, Any]) -> list[tuple[str, Any]]:
        return list(self.twins.called(*spaces))

    @careful
    def _seen(self, *spaces: Mapping[str, Any]) -> list[Any]:
        return [ours for _, ours in self.twins.everything(*spaces)]

    # --------------------------------------------------------------------------------------------------------- calls

    def follow(self, function: Callable[..., Any], args: Arguments, kwargs: Named) -> Any:
        """Run a call of PyTorch's, and tell what it was."""
        if self.busy or self.twins.lost or not follows(function):
            return function(*args, **kwargs)
        self.busy = True
        try:
            if function in self.backward:
                return self.passes.run(function, args, kwargs)
            if function in self.hooks:
                return function(*(self.hooks[function](*args) or args), **kwargs)
            return self._followed(function, args, kwargs)
        finally:
            self.busy = False

    def _followed(self, function: Callable[..., Any], args: Arguments, kwargs: Named) -> Any:
        call = self._expect(function, args, kwargs)
        result = function(*args, **kwargs)
        if call is not None:
            self._tell(call, result)
        return result

    @careful
    def _expect(self, function: Callable[..., Any], args: Arguments, kwargs: Named) -> Call | None:
        """Note what has to be known of a call before it runs; None for one that is no step of the program."""
        given = list(tensors_in([args, kwargs]))
        changes = edits(function)
        place, silent = self.tape.where()
        if not given or (silent and not clears(function)) or within_function():
            return None
        ours = counterpart(function) if all(x.numel() <= LONG for x in given) else None
        words = self._translated(args, kwargs) if changes and ours is not None else None
        dice = torch().get_rng_state().numpy() if draws(function) else None
        return Call(function, ours, (args, kwargs), given, [version(x) for x in given], words, place, changes, dice)

    @careful
    def _tell(self, call: Call, result: Any) -> None:
        """Tell of a call that ran."""
        edited = [x for x, had in zip(call.given, call.versions, strict=True) if version(x) != had]
        made = list(tensors_in(result))
        if not (made or edited or call.changes):
            return
        if call.ours is not None and all(x.numel() <= LONG for x in made):
            words = call.words or self._translated(*call.arguments)
            listener = Trusted(self.tape) if call.changes else Overheard(self.tape)
            if words is not None and replay(call.ours, words, result, edited, self.twins, listener, call.dice):
                return
        self._read(call, made, edited)

    def _translated(self, args: Arguments, kwargs: Named) -> tuple[Any, Any] | None:
        try:
            return translated(args, self.twins), translated(kwargs, self.twins)
        except (TypeError, AttributeError):
            return None

    def _read(self, call: Call, made: list[Any], edited: list[Any]) -> None:
        """Tell of a call what the graph tells, and of one that was not recorded its name."""
        name = getattr(call.function, "__name__", "operation")
        for x in (*call.given, *made) if edited else made:
            ours = self.twins.tensor(x)
            node = node_of(ours)
            if node is not None:
                self.tape.found([node], call.place, ours, in_place=bool(edited))
            elif not edited and all(x is not other for other in call.given):
                with as_pytorch():
                    read = tuple(map(self.twins.tensor, call.given))
                    self.tape.not_recorded(unknown(name, len(read)), read, ours, {})
        if edited:
            self.tape.bumped(self.twins.tensor(edited[0]), unknown(name, 1), ())

    # ---------------------------------------------------------------------------------------- modules and optimizers

    @careful
    def _entered(self, module: Any, args: Any) -> None:
        """Tell that the forward of a module begins."""
        self.tape.entered(module)

    @careful
    def _left(self, module: Any, args: Any, result: Any) -> None:
        """Tell that it ended."""
        self.tape.left(module)

    @careful
    def _stepping(self, optimizer: Any, args: Any, kwargs: Any) -> None:
        """Note which versions the parameters have before a step."""
        self.versions = {id(p): version(p) for p in parameters(optimizer)}

    @careful
    def _stepped(self, optimizer: Any, args: Any, kwargs: Any) -> None:
        """Tell which parameters a step changed."""
        changed = [p for p in parameters(optimizer) if self.versions.get(id(p)) != version(p)]
        busy, self.busy = self.busy, True
        self.tape.stepping()
        self.tape.stepped(type(optimizer).__name__, *map(self.twins.tensor, changed))
        self.busy = busy


def parameters(optimizer: Any) -> list[Any]:
    """Return what an optimizer changes."""
    return [p for group in optimizer.param_groups for p in group["params"]]


def follows(function: Any) -> bool:
    """Whether a call may compute, edit or cut something."""
    name = getattr(function, "__name__", "")
    if name == "__get__":
        return getattr(getattr(function, "__self__", None), "__name__", "") in TOLD_APART
    return name not in QUIET and not name.startswith("_record_function")


def edits(function: Any) -> bool:
    """Whether a call changes a tensor that it is given, by PyTorch's way of naming such calls."""
    name = getattr(function, "__name__", "")
    return name in ("__set__", "__setitem__", "retain_grad") or (name.endswith("_") and not name.endswith("__"))


def draws(function: Any) -> bool:
    """Whether a call draws random numbers."""
    return any(word in getattr(function, "__name__", "") for word in RANDOM)


def clears(function: Any) -> bool:
    """Whether a call may empty a `.grad`: what an optimizer computes for itself is no step of the program, but this."""
    return getattr(function, "__name__", "") in ("__set__", "zero_", "_foreach_zero_")


def within_function() -> bool:
    """Whether a custom function computes: that is one operation, whatever it does inside."""
    if torch().is_grad_enabled():
        return False
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_name == "apply" and frame.f_globals.get("__name__") == "torch.autograd.function":
            return True
        frame = frame.f_back
    return False


def listening(follow: Callable[[Any, Arguments, Named], Any]) -> Any:
    """Return a mode of PyTorch's that hands every call to a function."""
    base: Any = sys.modules["torch.overrides"].TorchFunctionMode

    class Listening(base):  # type: ignore[misc]
        def __torch_function__(
            self, function: Any, types: Any, args: Arguments = (), kwargs: Named | None = None
        ) -> Any:
            return follow(function, args, kwargs or {})

    return Listening()


def crossing(tape: Any) -> Crossing | None:
    """Return what follows PyTorch for a tape; None where nobody has imported it."""
    return Crossing(tape) if torch() is not None else None
