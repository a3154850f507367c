"""What happens when a module is called: the hooks before, `forward`, the hooks after; and, in backward, those of it."""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from autovis import errors
from autovis.hooks import RemovableHandle, register
from autovis.primitive import Primitive
from autovis.tensor import Tensor

__all__ = ["Module"]


class Hook(NamedTuple):
    """A hook around `forward`.

    Attributes:
        run: what was registered.
        named: whether it is handed keyword arguments, too.
        always: whether it runs also where something failed before it.
    """

    run: Callable[..., Any]
    named: bool = False
    always: bool = False

    def __call__(self, module: Any, inputs: Any, named: Any, *output: Any) -> Any:
        return self.run(module, inputs, named, *output) if self.named else self.run(module, inputs, *output)


def enter(hooks: OrderedDict[int, Any], hook: Any, prepend: bool) -> RemovableHandle:
    """Register a hook after, or before, those that are there."""
    handle = register(hooks, hook)
    if prepend:
        hooks.move_to_end(handle.id, last=False)
    return handle


class Module:
    """The part that is called."""

    _forward_pre_hooks: OrderedDict[int, Any]
    _forward_hooks: OrderedDict[int, Any]
    _backward_pre_hooks: OrderedDict[int, Any]
    _backward_hooks: OrderedDict[int, Any]

    def forward(self, *inputs: Any) -> Any:
        """Compute the output; every subclass defines its own."""
        raise errors.explain(
            NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function'),
            "Define `def forward(self, x):` in the class, with exactly this name and not indented into __init__.",
        )

    def __call__(self, *inputs: Any, **named: Any) -> Any:
        """Run `forward`, with the hooks before and after it."""
        if self._backward_hooks or self._backward_pre_hooks or self._forward_hooks or self._forward_pre_hooks:
            return self._with_hooks(inputs, named)
        return self.forward(*inputs, **named)

    def _with_hooks(self, inputs: tuple[Any, ...], named: dict[str, Any]) -> Any:
        output, waiting, watch = None, self._forward_hooks.copy(), None
        try:
            inputs, named = self._prepared(inputs, named)
            if self._backward_hooks or self._backward_pre_hooks:
                watch = BackwardWatch(self, [*self._backward_pre_hooks.values()], [*self._backward_hooks.values()])
                inputs = watch.inputs(inputs)
            output = self.forward(*inputs, **named)
            while waiting:
                _, hook = waiting.popitem(last=False)
                answer = hook(self, inputs, named, output)
                output = output if answer is None else answer
            return output if watch is None else watch.output(output)
        except Exception:
            for hook in waiting.values():
                if hook.always:
                    self._run_anyway(hook, inputs, named, output)
            raise

    def _prepared(self, inputs: tuple[Any, ...], named: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Let the hooks before `forward` replace its arguments."""
        for hook in tuple(self._forward_pre_hooks.values()):
            answer = hook(self, inputs, named)
            if answer is None:
                continue
            if not hook.named:
                inputs = answer if isinstance(answer, tuple) else (answer,)
            elif isinstance(answer, tuple) and len(answer) == 2:
                inputs, named = answer
            else:
                raise RuntimeError(
                    f"forward pre-hook must return None or a tuple of (new_args, new_kwargs), but got {answer}."
                )
        return inputs, named

    def _run_anyway(self, hook: Hook, inputs: Any, named: Any, output: Any) -> None:
        try:
            hook(self, inputs, named, output)
        except Exception as error:  # noqa: BLE001, the first error is the one to be told
            warnings.warn(
                "module forward hook with ``always_call=True`` raised an exception that was silenced as another error"
                f" was raised in forward: {error}",
                UserWarning,
                stacklevel=3,
            )

    def register_forward_pre_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Call `hook(module, inputs)` before `forward`; what it returns replaces the inputs.

        Args:
            hook: with keywords, called as `hook(module, inputs, named)`, and returns both or None.
            prepend: whether it runs before the hooks that are there.
            with_kwargs: whether it is handed keyword arguments, too.
        """
        return enter(self._forward_pre_hooks, Hook(hook, with_kwargs), prepend)

    def register_forward_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False, always_call: bool = False
    ) -> RemovableHandle:
        """Call `hook(module, inputs, output)` after `forward`; what it returns replaces the output.

        Args:
            hook: with keywords, called as `hook(module, inputs, named, output)`.
            prepend: whether it runs before the hooks that are there.
            with_kwargs: whether it is handed keyword arguments, too.
            always_call: whether it runs also where `forward` failed.
        """
        return enter(self._forward_hooks, Hook(hook, with_kwargs, always_call), prepend)

    def register_full_backward_pre_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call `hook(module, grad_output)` before backward reaches the module; what it returns replaces them."""
        return enter(self._backward_pre_hooks, hook, prepend)

    def register_full_backward_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call `hook(module, grad_input, grad_output)` when the gradients of the inputs are known."""
        return enter(self._backward_hooks, hook, prepend)


# A gate that numbers and gradients pass unchanged, so that what comes through it belongs to this call alone.
gate = Primitive("gate", lambda x: x[...], node="BackwardHookFunctionBackward", symbol="hook", x=lambda g: g)


class BackwardWatch:
    """Collects the gradients of one call of a module, and calls the hooks when all are there.

    Args:
        module: handed to the hooks.
        before: called as `hook(module, grad_output)`.
        after: called as `hook(module, grad_input, grad_output)`.
    """

    def __init__(self, module: Any, before: Sequence[Callable[..., Any]], after: Sequence[Callable[..., Any]]) -> None:
        self.module, self.before, self.after = module, before, after
        self.came: dict[int, Any] = {}
        self.sent: dict[int, Any] = {}
        self.tracked_inputs = self.tracked_outputs = self.inputs_given = self.outputs_given = 0

    def inputs(self, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        """Watch the gradients that leave through the inputs."""
        self.inputs_given, self.tracked_inputs = len(inputs), sum(map(is_tracked, inputs))
        return tuple(self._watched(x, place, self._send) for place, x in enumerate(inputs))

    def output(self, output: Any) -> Any:
        """Watch the gradients that arrive at the outputs."""
        if not isinstance(output, (Tensor, tuple)):
            warnings.warn(
                "For backward hooks to be called, module output should be a Tensor or a tuple of Tensors but received"
                f" {type(output)}",
                UserWarning,
                stacklevel=4,
            )
        outputs = output if isinstance(output, tuple) else (output,)
        self.outputs_given, self.tracked_outputs = len(outputs), sum(map(is_tracked, outputs))
        watched = tuple(self._watched(y, place, self._arrive) for place, y in enumerate(outputs))
        return watched if isinstance(output, tuple) else watched[0]

    def _watched(self, x: Any, place: int, report: Callable[[int, Any], Any]) -> Any:
        if not is_tracked(x):
            return x
        through = gate(x)
        if through.requires_grad:
            through.register_hook(lambda g: report(place, g))
        return through

    def _arrive(self, place: int, g: Any) -> Any:
        self.came[place] = g
        if len(self.came) < self.tracked_outputs:
            return None
        came = self._asked(self.before, "grad_output", lambda hook, came: hook(self.module, came), self._all_came())
        self.came = dict(enumerate(came))
        if not self.tracked_inputs:
            warnings.warn(
                "Full backward hook is firing when gradients are computed with respect to module outputs since no"
                " inputs require gradients. See https://docs.pytorch.org/docs/main/generated/torch.nn.Module.html"
                "#torch.nn.Module.register_full_backward_hook for more details.",
                UserWarning,
                stacklevel=2,
            )
            self._tell()
        return came[place]

    def _send(self, place: int, g: Any) -> Any:
        self.sent[place] = g
        return self._tell()[place] if len(self.sent) == self.tracked_inputs else None

    def _all_came(self) -> tuple[Any, ...]:
        return tuple(self.came.get(place) for place in range(self.outputs_given))

    def _tell(self) -> Any:
        came, sent = self._all_came(), tuple(self.sent.get(place) for place in range(self.inputs_given))
        self.came, self.sent = {}, {}
        return self._asked(self.after, "grad_input", lambda hook, sent: hook(self.module, sent, came), sent)

    def _asked(self, hooks: Sequence[Any], noun: str, ask: Callable[..., Any], gradients: Any) -> Any:
        """Ask each hook for other gradients; None keeps them."""
        for hook in hooks:
            answer = ask(hook, gradients)
            if answer is not None and len(answer) != len(gradients):
                kind = "Backward hook" if noun == "grad_input" else "Backward pre hook"
                raise RuntimeError(
                    f"{kind} returned an invalid number of {noun}, got {len(answer)}, but expected {len(gradients)}"
                )
            gradients = gradients if answer is None else answer
        return gradients


def is_tracked(x: Any) -> bool:
    """Whether gradients reach it."""
    return isinstance(x, Tensor) and x.requires_grad
